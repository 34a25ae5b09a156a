"""The reranker: what it computes, that it is what was trained, and what it is for."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.comparing import DIMENSION, UNCORRECTED, Comparing, Contest, reranker_loss
from benchmarks.contests import CONTENDERS, Contests, contenders, padded
from benchmarks.train_reranker import (
    BATCH,
    CORRECTING_RATE,
    RATE,
    descend,
    familiar,
    frequent,
    table_of,
    train,
)
from benchmarks.training_sets import Collection, Labelled, Texts, texts_of
from tanya.encoders import Encoder, load_piece_table
from tanya.encoders.bundled import BundledEncoder
from tanya.labels import LabelledQuestion
from tanya.reranker import (
    CORRECT,
    LEAST_FAMILIAR,
    MOST_OF_CONTEXT,
    MOST_OF_SENTENCE,
    RERANKER_FILE,
    Bits,
    Model,
    Reranker,
    load_reranker,
    save_reranker,
)
from tanya.tokens import Tokens, write_tokens

# The first has no context, the second and the last have the same.
TEXTS = [
    "Perawat memantau pasien dan mencatat suhu tubuhnya setiap jam.",
    "Ia menulis laporan.",
    "Harga beras naik.",
    "Gajinya dibayar tiap bulan oleh rumah sakit.",
]
CONTEXTS = ["", "Perawat", "Pasar", "Perawat"]
QUESTION = "Siapa yang memantau pasien?"
ALL = np.arange(len(TEXTS))


@pytest.fixture(scope="module")
def tokens(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    """The pieces of four sentences."""
    folder = tmp_path_factory.mktemp("tokens") / "tokens"
    write_tokens(folder, load_piece_table(encoder), TEXTS, CONTEXTS)
    return Tokens(folder)


@pytest.fixture(scope="module")
def corrected(encoder: BundledEncoder) -> Bits:
    """The pieces of the question and of half of the texts."""
    pieces = np.concatenate(encoder.table.ids([QUESTION, *TEXTS[::2]]))
    return np.isin(np.arange(len(encoder.model.table)), pieces)


@pytest.fixture(scope="module")
def network(encoder: BundledEncoder, corrected: Bits) -> Comparing:
    """A network that was not trained, with corrections of any size."""
    torch.manual_seed(0)
    network = Comparing(table_of(encoder), corrected).eval()
    with torch.no_grad():
        network.correct.weight[:-1] = torch.randn(int(corrected.sum()), DIMENSION) / 4
    return network


@pytest.fixture(scope="module")
def model(network: Comparing, corrected: Bits) -> Model:
    """The same as it ships, but not rounded."""
    return Model(network.layers(), corrected, corrected)


def contest(encoder: BundledEncoder, texts: list[str], contexts: list[str]) -> Contest:
    """Return sentences that contend for the question, the first of which answers."""
    table = encoder.table
    asked = padded([table.ids([QUESTION])], 99)
    count = len(texts)
    return Contest(
        asked=type(asked)(asked.ids[0], asked.there[0]),
        sentences=padded([table.ids(texts)], MOST_OF_SENTENCE),
        contexts=padded([table.ids(contexts)], MOST_OF_CONTEXT),
        context_of=torch.arange(count)[None],
        there=torch.ones(1, count, dtype=torch.bool),
        same=torch.arange(count)[None] == 0,
        answerable=torch.tensor([True]),
        counts=torch.tensor([1.0]),
    )


def test_what_ships_computes_what_was_trained(
    encoder: BundledEncoder, network: Comparing, model: Model, tokens: Tokens
) -> None:
    with torch.no_grad():
        [expected] = network(contest(encoder, TEXTS, CONTEXTS)).tolist()
    found = Reranker(tokens, encoder.table, model).logits(QUESTION, ALL)
    assert found == pytest.approx(expected, abs=1e-4)
    assert found.std() > 1e-3


def test_a_correction_changes_what_has_the_piece_and_nothing_else(
    encoder: BundledEncoder, model: Model, tokens: Tokens
) -> None:
    [rice] = encoder.table.ids(["beras"])
    assert not np.isin(rice, np.concatenate(encoder.table.ids([QUESTION, TEXTS[0]]))).any()
    places = np.cumsum(model.corrected) - 1
    correct = model.layers[CORRECT].copy()
    correct[places[rice]] += 1
    before = Reranker(tokens, encoder.table, model).logits(QUESTION, ALL)
    other = dataclasses.replace(model, layers={**model.layers, CORRECT: correct})
    after = Reranker(tokens, encoder.table, other).logits(QUESTION, ALL)
    assert (np.abs(after - before) > 1e-3).tolist() == [False, False, True, False]


def test_while_training_some_pieces_stay_uncorrected(network: Comparing, corrected: Bits) -> None:
    ids = torch.from_numpy(np.flatnonzero(corrected)).repeat(100)
    torch.manual_seed(0)
    network.train()
    left_out = float((network._corrections(ids) == 0).all(dim=1).float().mean())
    network.eval()
    assert left_out == pytest.approx(UNCORRECTED, abs=0.03)
    assert not (network._corrections(ids) == 0).all(dim=1).any()


def test_pieces_are_corrected_that_occur_twenty_times_wherever(
    encoder: BundledEncoder, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("kuda\n" + "sapi. " * 9 + "\n" + "ayam. " * 8, "utf-8")
    labels = [LabelledQuestion(f"sapi kambing {n}?", "a.txt", ("kuda",), True) for n in range(11)]
    texts = texts_of(Collection("small", tmp_path, tuple(labels), held_out=False))
    found = frequent([contenders(texts, encoder)], len(encoder.model.table))
    pieces = {word: encoder.table.ids([word])[0] for word in ("sapi", "kambing", "ayam")}
    assert found[pieces["sapi"]].all()
    assert not found[pieces["kambing"]].all()
    assert not found[pieces["ayam"]].all()


def test_what_is_kept_of_word_pieces_changes_nothing_whoever_asked_before(
    encoder: BundledEncoder, tokens: Tokens
) -> None:
    words = "gaji laporan beras pasar dokter geologi laut kapal bendera sungai kota jalan".split()
    questions = [f"Siapa yang tahu {one} dan {other}?" for one in words for other in words]
    shared = Reranker(tokens, encoder.table)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda question: shared.logits(question, ALL), questions))
    for question, logits in zip(questions[::7], found[::7], strict=True):
        alone = Reranker(tokens, encoder.table).logits(question, ALL)
        assert logits.tolist() == alone.tolist()


def test_a_sentence_has_its_logit_whatever_it_is_compared_beside(
    encoder: BundledEncoder, tokens: Tokens
) -> None:
    reranker = Reranker(tokens, encoder.table)
    together = reranker.logits(QUESTION, ALL)
    one_by_one = [reranker.logits(QUESTION, np.array([row]))[0] for row in ALL]
    assert together == pytest.approx(one_by_one, abs=1e-4)
    assert reranker.logits(QUESTION, ALL[::-1]) == pytest.approx(together[::-1], abs=1e-4)


def test_no_more_is_read_than_was_learned_from(encoder: BundledEncoder, tmp_path: Path) -> None:
    long = "perawat " * 200
    write_tokens(tmp_path / "cut", encoder.table, ["pasien " * 200] * 2, [long, long + long])
    first, second = Reranker(Tokens(tmp_path / "cut"), encoder.table).logits(long, np.arange(2))
    assert first == pytest.approx(second, abs=1e-4)


def test_nothing_is_compared_with_nothing(encoder: BundledEncoder, tokens: Tokens) -> None:
    reranker = Reranker(tokens, encoder.table)
    assert reranker.logits("", ALL).tolist() == [0, 0, 0, 0]
    assert reranker.logits("56?", ALL).tolist() == [0, 0, 0, 0]
    assert reranker.logits(QUESTION, ALL[:0]).tolist() == []


def test_the_sentence_that_answers_is_the_likeliest(
    encoder: BundledEncoder, tokens: Tokens
) -> None:
    reranker = Reranker(tokens, encoder.table)
    assert reranker.logits(QUESTION, ALL).argmax() == 0
    assert reranker.logits("Who pays the nurse's salary?", ALL).argmax() == 3


@pytest.mark.parametrize(
    ("question", "known"),
    [
        ("Apa tugas utama seorang diplomat?", True),
        ("gmn sih cara jadi perawat yg baik", True),
        ("What does a nurse do all day?", True),
        ("Какая завтра будет погода?", False),
        ("من يعتني بالمرضى؟", False),
        ("谁照顾病人？", False),
        ("123456", False),
        ("?", False),
        ("", False),
    ],
)
def test_it_knows_the_words_of_the_languages_that_it_learned_from(
    encoder: BundledEncoder, tokens: Tokens, question: str, known: bool
) -> None:
    assert Reranker(tokens, encoder.table).knows(question) is known


def test_a_question_is_known_from_its_share_of_familiar_pieces(
    encoder: BundledEncoder, tokens: Tokens
) -> None:
    [asked] = encoder.table.ids([QUESTION])
    distinct = np.unique(asked)
    assert len(distinct) == len(asked) >= 4
    least = int(np.ceil(LEAST_FAMILIAR * len(asked)))
    for count in (least - 1, least):
        pieces = np.isin(np.arange(len(encoder.model.table)), asked[:count])
        some = dataclasses.replace(load_reranker(RERANKER_FILE), familiar=pieces)
        assert Reranker(tokens, encoder.table, some).knows(QUESTION) is (count == least)


def test_a_piece_is_familiar_from_ten_questions_whether_they_have_an_answer_or_not(
    encoder: BundledEncoder,
) -> None:
    found = [
        Texts((), (), tuple(Labelled(f"gaji {word} gaji", ()) for word in "abcde"), ()),
        Texts((), (), (), tuple(LabelledQuestion(f"gaji {w}", None, (), False) for w in "fghij")),
    ]
    pieces = familiar(found, encoder.table, len(encoder.model.table))
    assert set(encoder.table.ids(["gaji"])[0]) <= set(np.flatnonzero(pieces))
    for word in "abj":
        assert not pieces[encoder.table.ids([f"gaji {word}"])[0][-1]]


def test_what_is_written_comes_back_from_the_file(model: Model, tmp_path: Path) -> None:
    written = dataclasses.replace(model, familiar=np.arange(1000) % 3 == 0)
    save_reranker(tmp_path / "reranker.npz", written)
    read = load_reranker(tmp_path / "reranker.npz")
    assert read.familiar.tolist() == written.familiar.tolist()
    assert np.flatnonzero(read.corrected).tolist() == np.flatnonzero(written.corrected).tolist()
    assert read.layers.keys() == written.layers.keys()
    # Of the corrections' columns the largest number is written as 31.
    steps = np.abs(written.layers[CORRECT]).max(axis=0) / 31
    for name, matrix in read.layers.items():
        if name == CORRECT:
            assert (np.abs(matrix - written.layers[name]) <= 0.501 * steps).all()
        else:
            assert matrix == pytest.approx(written.layers[name], rel=1e-3, abs=1e-6)


def test_what_ships_has_all_layers_and_is_small(encoder: BundledEncoder, model: Model) -> None:
    shipped = load_reranker(RERANKER_FILE)
    shapes = {name: matrix.shape for name, matrix in model.layers.items()}
    shapes[CORRECT] = (int(shipped.corrected.sum()), DIMENSION)
    assert {name: matrix.shape for name, matrix in shipped.layers.items()} == shapes
    assert len(shipped.corrected) >= len(encoder.model.table)
    assert 5_000 < shipped.corrected.sum() < 15_000
    assert RERANKER_FILE.stat().st_size < 700_000


def test_what_ships_says_of_every_piece_whether_it_is_familiar(encoder: BundledEncoder) -> None:
    pieces = load_reranker(RERANKER_FILE).familiar
    assert len(pieces) >= len(encoder.model.table)
    assert 5_000 < pieces.sum() < 10_000


def test_the_loss_written_out(encoder: BundledEncoder) -> None:
    known = contest(encoder, TEXTS[:3], CONTEXTS[1:])
    logits = torch.tensor([[2.0, 1.0, 0.0]])
    order = -np.log(np.exp(2) / (np.exp(2) + np.exp(1) + 1))
    # Alone in its document nothing comes before it; then it is told, and the best of the others.
    told = np.log(1 + np.exp(-2)) + np.log(1 + np.exp(1))
    assert float(reranker_loss(logits, known, 4.0)) == pytest.approx(order + told, abs=1e-5)


def a_collection(folder: Path) -> Texts:
    """Return a collection of two documents with questions of all sorts."""
    (folder / "a.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    (folder / "b.txt").write_text("Koki memasak nasi.\nIa mencicipi kuah.", encoding="utf-8")
    labels = [
        LabelledQuestion(QUESTION, "a.txt", ("memantau pasien",), True, split="train"),
        LabelledQuestion("Siapa memasak?", "b.txt", ("memasak nasi",), True, split="train"),
        LabelledQuestion(
            "Berapa jarak ke bulan?", None, (), False, reason="not_stated", split="train"
        ),
    ]
    return texts_of(Collection("small", folder, tuple(labels), held_out=False))


def test_the_first_contender_answers_and_no_other(encoder: BundledEncoder, tmp_path: Path) -> None:
    texts = a_collection(tmp_path)
    one = contenders(texts, encoder)
    generator = np.random.default_rng(0)
    for number, label in enumerate(texts.questions):
        rows, known = one.contending(number, generator)
        assert known
        assert rows[0] in label.answers
        assert not set(rows[1:]) & set(label.answers)
        assert len(set(rows)) == len(rows) <= CONTENDERS
    rows, known = one.contending(2, generator)
    assert not known
    assert len(rows)
    assert one.counts == [pytest.approx(0.3)]


def test_batches_hold_every_question_with_what_contends(
    encoder: BundledEncoder, tmp_path: Path
) -> None:
    contests = Contests([contenders(a_collection(tmp_path), encoder)], 3)
    [batch] = contests.epoch()
    assert len(contests) == 1
    assert batch.answerable.tolist().count(True) == 2
    # Of the answerable ones the first is of the right document.
    assert batch.same[:, 0].all()
    assert batch.there[:, 0].all()
    assert batch.sentences.ids.shape[:2] == batch.there.shape == (3, CONTENDERS)
    # Where a contender is there, it has pieces.
    assert torch.equal(batch.sentences.there.any(dim=2), batch.there)


def test_some_questions_are_asked_of_a_collection_that_does_not_answer_them(
    encoder: BundledEncoder, tmp_path: Path
) -> None:
    (tmp_path / "rice").mkdir()
    (tmp_path / "sea").mkdir()
    (tmp_path / "sea" / "c.txt").write_text("Nelayan melaut.\nIa menjala ikan.", encoding="utf-8")
    label = LabelledQuestion("Siapa melaut?", "c.txt", ("melaut",), True, split="train")
    sea = texts_of(Collection("sea", tmp_path / "sea", (label,), held_out=False))
    found = [contenders(a_collection(tmp_path / "rice"), encoder), contenders(sea, encoder)]

    def is_of_sea(pieces: list[int]) -> bool:
        return any(pieces == ids.tolist() for ids in (*found[1].sentences, *found[1].asked))

    contests = Contests(found, 4, elsewhere=True)
    elsewhere = 0
    for _ in range(20):
        for batch in contests.epoch():
            for i, asked in enumerate(batch.asked.ids):
                question = asked[batch.asked.there[i]].tolist()
                [first, *_] = batch.sentences.ids[i]
                sentence = first[batch.sentences.there[i, 0]].tolist()
                if is_of_sea(question) != is_of_sea(sentence):
                    elsewhere += 1
                    assert not batch.answerable[i]
                    assert batch.counts[i] == 1
    assert elsewhere


def test_training_learns_which_sentence_answers(encoder: BundledEncoder, tmp_path: Path) -> None:
    texts = a_collection(tmp_path)
    ready = [contenders(texts, encoder)] * 40
    corrected = frequent(ready, len(encoder.model.table))
    torch.manual_seed(0)
    network = Comparing(table_of(encoder), corrected)
    before = network.layers()
    descend(network, Contests(ready, BATCH), 10, RATE)
    assert not network.layers()[CORRECT].any()
    descend(network, Contests(ready, BATCH), 10, RATE, CORRECTING_RATE)
    model = Model(network.layers(), corrected, corrected)
    assert all((model.layers[name] != before[name]).any() for name in before)
    write_tokens(
        tmp_path / "tokens",
        encoder.table,
        [s.text for s in texts.sentences],
        [s.context for s in texts.sentences],
    )
    reranker = Reranker(Tokens(tmp_path / "tokens"), encoder.table, model)
    for label in texts.questions:
        logits = reranker.logits(label.question, np.arange(len(texts.sentences)))
        assert logits.argmax() in label.answers
        assert logits.max() > 0


def test_what_is_trained_can_be_written_and_used(
    encoder: BundledEncoder, tokens: Tokens, tmp_path: Path
) -> None:
    save_reranker(tmp_path / "r.npz", train([a_collection(tmp_path)] * 11, encoder, epochs=1))
    model = load_reranker(tmp_path / "r.npz")
    assert np.abs(model.layers[CORRECT]).max() > 0
    assert model.corrected.any()
    assert model.familiar.any()
    assert np.isfinite(Reranker(tokens, encoder.table, model).logits(QUESTION, ALL)).all()


def test_a_batch_of_questions_without_answers_has_a_loss(encoder: BundledEncoder) -> None:
    none = dataclasses.replace(
        contest(encoder, TEXTS[:3], CONTEXTS[1:]), answerable=torch.tensor([False])
    )
    # The best has 2; it counts four times as much as an answer would.
    logits = torch.tensor([[2.0, 1.0, 0.0]])
    assert float(reranker_loss(logits, none, 4.0)) == pytest.approx(4 * np.log(1 + np.exp(2)))
