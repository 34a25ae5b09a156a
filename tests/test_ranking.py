"""The signals and their sum, with the arithmetic written out."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tanya.encoders import Encoder, load_piece_table
from tanya.ranking import Signals, best_of_document, fused, standardised
from tanya.settings import Settings
from tanya.tokens import LateInteraction, Tokens, piece_weights, write_tokens

WEIGHTS = [field.name for field in dataclasses.fields(Settings) if field.name.endswith("_weight")]


def test_scores_are_standardised_by_mean_and_deviation() -> None:
    # Mean 2, variance ((1-2)^2 + (2-2)^2 + (3-2)^2) / 3 = 2/3, deviation 0.8165.
    assert standardised(np.array([1.0, 2.0, 3.0])) == pytest.approx([-1.224745, 0, 1.224745])
    assert standardised(np.array([0.3, 0.3])).tolist() == [0, 0]
    assert standardised(np.array([])).tolist() == []


def test_the_best_score_of_a_document_counts_for_all_its_sentences() -> None:
    found = best_of_document(np.array([1.0, 5.0, 2.0, -3.0]), np.array([7, 4, 7, 9]))
    assert found.tolist() == [2, 5, 2, -3]


SIGNALS = Signals(
    document=np.array([0, 0, 1]),
    dense=np.array([0.0, 1.0, 2.0]),
    document_dense=np.array([3.0, 3.0, 0.0]),
    lexical=np.array([0.0, 4.0, 1.0]),
    coverage=np.array([0.5, 0.1, 0.2]),
    context=np.array([0.0, 1.0, 0.5]),
    rest=np.array([1.0, 0.0, 0.0]),
)


def only(**weights: float) -> Settings:
    """Return settings in which only the named weights are not 0."""
    return Settings(**{**dict.fromkeys(WEIGHTS, 0.0), **weights})


@pytest.mark.parametrize(
    ("weight", "values"),
    [
        ("dense_weight", [0, 1, 2]),
        ("document_weight", [3, 3, 0]),
        ("context_weight", [0, 1, 0.5]),
        ("rest_weight", [1, 0, 0]),
        ("document_lexical_weight", [4, 4, 1]),
        ("document_coverage_weight", [0.5, 0.5, 0.2]),
    ],
)
def test_each_weight_stands_for_one_signal(weight: str, values: list[float]) -> None:
    expected = 2 * standardised(np.array(values, dtype=float))
    assert fused(SIGNALS, only(**{weight: 2.0})) == pytest.approx(expected)


def test_every_weight_has_a_test() -> None:
    assert len(WEIGHTS) == 6


def test_signals_add_up_and_switching_one_off_takes_away_only_that() -> None:
    whole = fused(SIGNALS, Settings())
    without = fused(SIGNALS, Settings(rest_weight=0))
    expected = Settings().rest_weight * standardised(SIGNALS.rest)
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
