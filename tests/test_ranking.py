"""The signals and their sum, with the arithmetic written out."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tanya.encoders import Encoder, load_piece_table
from tanya.ranking import SIGNALS as NAMES
from tanya.ranking import Signals, compared, fused, standardised, standardised_signal
from tanya.settings import Settings
from tanya.tokens import LateInteraction, Tokens, piece_weights, write_tokens

WEIGHTS = [field.name for field in dataclasses.fields(Settings) if field.name.endswith("_weight")]


def test_scores_are_standardised_by_mean_and_deviation() -> None:
    # Mean 2, variance ((1-2)^2 + (2-2)^2 + (3-2)^2) / 3 = 2/3, deviation 0.8165.
    assert standardised(np.array([1.0, 2.0, 3.0]), 0.1) == pytest.approx([-1.224745, 0, 1.224745])
    assert standardised(np.array([0.3, 0.3]), 0.1) == pytest.approx([0, 0])
    assert standardised(np.array([]), 0.1).tolist() == []


def test_a_difference_that_is_noise_stays_small() -> None:
    # The deviation is 0.01; it is divided by 0.1.
    assert standardised(np.array([0.5, 0.52]), 0.1) == pytest.approx([-0.1, 0.1])


def test_a_layout_that_hardly_differs_counts_little() -> None:
    flat = dataclasses.replace(SIGNALS, layout=np.array([0.01, 0.0, -0.01]))
    # Deviation 0.00816, divided by 0.05.
    assert standardised_signal(flat, "layout") == pytest.approx([0.2, 0, -0.2])


def test_words_that_a_question_in_another_language_meets_by_chance_count_little() -> None:
    chance = dataclasses.replace(SIGNALS, document_lexical=np.array([0.3, 0.0, 0.0]))
    # Mean 0.1, deviation 0.141, divided by 0.75.
    expected = [0.2 / 0.75, -0.1 / 0.75, -0.1 / 0.75]
    assert standardised_signal(chance, "document_lexical") == pytest.approx(expected)


SIGNALS = Signals(
    dense=np.array([0.0, 1.0, 2.0]),
    alone=np.array([0.4, 0.1, 0.2]),
    document=np.array([3.0, 3.0, 0.0]),
    typical=np.array([0.9, 0.8, 0.5]),
    layout=np.array([1.0, -1.0, 0.0]),
    context=np.array([0.0, 1.0, 0.5]),
    coverage=np.array([0.5, 0.1, 0.2]),
    rest=np.array([1.0, 0.0, 0.0]),
    document_lexical=np.array([4.0, 4.0, 1.0]),
    literal=np.array([1.0, 0.25, 0.0]),
    comparison=np.array([-1.0, 9.0, 7.0]),
)


def only(**weights: float) -> Settings:
    """Return settings in which only the named weights are not 0."""
    return Settings(**{**dict.fromkeys(WEIGHTS, 0.0), **weights})


@pytest.mark.parametrize("name", NAMES)
def test_each_weight_stands_for_one_signal(name: str) -> None:
    expected = 2 * standardised_signal(SIGNALS, name)
    assert fused(SIGNALS, only(**{f"{name}_weight": 2.0})) == pytest.approx(expected)


def test_every_signal_has_a_weight_and_every_weight_a_signal() -> None:
    assert {f"{name}_weight" for name in NAMES} == set(WEIGHTS)


@pytest.mark.parametrize("name", NAMES)
def test_switching_a_signal_off_takes_away_only_that(name: str) -> None:
    whole = fused(SIGNALS, Settings())
    without = fused(SIGNALS, Settings(**{f"{name}_weight": 0.0}))
    expected = getattr(Settings(), f"{name}_weight") * standardised_signal(SIGNALS, name)
    assert whole - without == pytest.approx(expected)


def test_the_weight_of_a_piece_is_its_inverse_document_frequency() -> None:
    # Three sentences: pieces 1 2 | 1 1 | 3.
    weights = piece_weights(np.array([1, 2, 1, 1, 3], dtype=np.int32), np.array([0, 2, 4, 5]))
    twice = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    once = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    never = math.log(1 + (3 + 0.5) / 0.5)
    asked = np.array([0, 1, 2, 3, 4], dtype=np.int32)
    assert weights.of(asked) == pytest.approx([never, twice, once, once, never])


TEXTS = ["Perawat memantau pasien.", "Ia menulis laporan.", "Harga beras naik."]
CONTEXTS = ["", "Perawat", "Pasar"]


@pytest.fixture(scope="module")
def interaction(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> LateInteraction:
    """Three sentences, the first without a context."""
    folder = tmp_path_factory.mktemp("tokens") / "tokens"
    write_tokens(folder, load_piece_table(encoder), TEXTS, CONTEXTS)
    return LateInteraction(Tokens(folder), load_piece_table(encoder))


def best_cosines(encoder: Encoder, question: str, text: str) -> np.ndarray:
    """Return for each piece of the question the best cosine among those of the text."""
    table = load_piece_table(encoder)
    asked, found = table.ids([question, text])
    best: np.ndarray = (table.vectors(asked) @ table.vectors(found).T).max(axis=1)
    return best


def test_coverage_is_the_weighted_mean_of_the_best_cosines(
    encoder: Encoder, interaction: LateInteraction
) -> None:
    question = "Apa laporan perawat?"
    table = load_piece_table(encoder)
    pieces = table.ids(TEXTS)
    starts = np.cumsum([0, *map(len, pieces)])
    weights = piece_weights(np.concatenate(pieces), starts).of(table.ids([question])[0])
    sentence = best_cosines(encoder, question, TEXTS[1])
    context = best_cosines(encoder, question, CONTEXTS[1])
    left = weights * (1 - np.clip(context, 0, 1))
    found = interaction.coverage(question, np.array([1]))
    assert found.sentence == pytest.approx([(weights * sentence).sum() / weights.sum()], abs=1e-5)
    assert found.context == pytest.approx([(weights * context).sum() / weights.sum()], abs=1e-5)
    assert found.rest == pytest.approx([(left * sentence).sum() / left.sum()], abs=1e-5)


def test_a_sentence_without_context_is_its_own(interaction: LateInteraction) -> None:
    found = interaction.coverage("Siapa memantau pasien?", np.array([0]))
    assert found.context == pytest.approx(found.sentence)
    assert found.rest == pytest.approx(found.sentence)


def test_late_interaction_crosses_languages(interaction: LateInteraction) -> None:
    found = interaction.coverage("the price of rice", np.array([0, 1, 2]))
    assert found.sentence.argmax() == 2


def test_a_question_without_pieces_covers_nothing(interaction: LateInteraction) -> None:
    found = interaction.coverage("", np.array([0, 1]))
    assert found.sentence.tolist() == found.context.tolist() == found.rest.tolist() == [0, 0]


def many(count: int) -> tuple[np.ndarray, Signals]:
    """Return candidates, the better the higher their rows, and their signals."""
    rising = np.linspace(0, 1, count)
    nothing = dict.fromkeys(NAMES, np.zeros(count))
    return np.arange(count) + 100, Signals(**{**nothing, "dense": rising})


def test_the_most_promising_candidates_are_compared_and_the_others_get_the_lowest() -> None:
    rows, signals = many(40)
    asked: list[int] = []

    def logits(some: np.ndarray) -> np.ndarray:
        asked.extend(some.tolist())
        return (some - 110) / 10.0

    found = compared(rows, signals, logits)
    assert sorted(asked) == list(range(108, 140))
    assert found.comparison[8:] == pytest.approx((rows[8:] - 110) / 10)
    assert found.comparison[:8] == pytest.approx([-0.2] * 8)
    assert found.dense is signals.dense


def test_the_reranker_is_never_surer_than_it_can_be() -> None:
    rows, signals = many(4)
    found = compared(rows, signals, lambda some: (some - 101.5) * 20)
    assert found.comparison.tolist() == [-30, -10, 10, 30]
    # What counts is -6, -6, 6 and 6.
    assert standardised_signal(found, "comparison") == pytest.approx([-1, -1, 1, 1])
    assert fused(found, only(comparison_weight=2.0)) == pytest.approx([-2, -2, 2, 2])


def test_without_candidates_nothing_is_compared() -> None:
    rows, signals = many(0)
    assert compared(rows, signals, lambda some: some / 0).comparison.tolist() == []
