"""Numbers, codes and words asked by themselves: they are found as they are written."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tanya.build import rebuild
from tanya.encoders import Encoder, load_piece_table
from tanya.lexical import Analyzer
from tanya.literal import Literal, LiteralWords, Standing, literal_words
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings
from tanya.tokens import Tokens, write_tokens

STATES = ("sudah dikirim", "masih diproses", "dibatalkan", "menunggu pembayaran")
ITEMS = ("kursi lipat", "meja belajar", "rak buku", "lampu baca", "papan tulis")
ORDERS = [
    f"Pesanan PO-2024-{1000 + i}: {ITEMS[i % 5]} untuk pelanggan {i % 7}, {STATES[i % 4]}."
    for i in range(120)
]
TEXTS = [
    "Pasal 7 mengatur jam 08.00 dan kode E202.",
    "Denda Rp100.000 per hari.",
    "Tidak ada apa-apa.",
]
CONTEXTS = ["Bab 3", "", "Bab 3"]


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """A searcher on a list of orders that differ by hardly more than their numbers."""
    folder = tmp_path_factory.mktemp("orders")
    (folder / "corpus").mkdir()
    lines = "".join(f"- {order}\n" for order in ORDERS)
    (folder / "corpus" / "pesanan.md").write_text(f"# Daftar pesanan\n\n{lines}", encoding="utf-8")
    settings = Settings(corpus=folder / "corpus", index=folder / "index")
    rebuild(settings)
    return open_searcher(settings)


@pytest.fixture(scope="module")
def literal(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Literal:
    """What finds words in TEXTS and their CONTEXTS."""
    folder = tmp_path_factory.mktemp("literal") / "tokens"
    folder.mkdir()
    table = load_piece_table(encoder)
    write_tokens(folder / "some", table, TEXTS, CONTEXTS)
    return Literal(Tokens(folder / "some"), table, Analyzer("id"))


@pytest.mark.parametrize(
    ("question", "numbers", "stems"),
    [
        ("Apa isi pasal 7?", ("7",), ()),
        ("status PO-2024-1042", ("2024", "1042"), ()),
        # What stands between two numbers is a month more often than not.
        ("apa yang terjadi pada 17 Agustus 2024", ("17", "2024"), ("agustus",)),
        ("buka jam 08.00 sampai 20.00", ("8", "0", "20"), ()),
        ("arti kode E202", ("e202",), ()),
        # Names with one digit and words doubled with one are no numbers.
        ("lulusan s1, ahli K3 atau pembalap F1", (), ()),
        ("kenapa sih bagi2 beras di tempat2nya", (), ()),
        # One word by itself, whatever holds the question together.
        ("apa itu nutrisi?", (), ("nutrisi",)),
        ("pengajaran", (), ("ajar",)),
        ("gaji perawat", (), ()),
        ("apa itu?", (), ()),
        ("", (), ()),
    ],
)
def test_numbers_and_words_by_themselves_are_literal(
    question: str, numbers: tuple[str, ...], stems: tuple[str, ...]
) -> None:
    assert literal_words(question, Analyzer("id")) == LiteralWords(numbers, stems)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (("7",), [1, 0, 0]),
        (("8",), [1, 0, 0]),
        (("e202",), [1, 0, 0]),
        (("e203",), [0, 0, 0]),
        # Of a code with other letters the digits are something.
        (("b202",), [0.25, 0, 0]),
        (("100",), [0, 1, 0]),
        (("rp100",), [0, 1, 0]),
        # In the context of the first and the last, which counts 0.98 of what it does in a sentence.
        (("3",), [0.98**2, 0, 0.98**2]),
        (("7", "3"), [0.99**2, 0, 0.49**2]),
    ],
)
def test_a_word_stands_in_a_sentence_or_its_context(
    literal: Literal, numbers: tuple[str, ...], expected: list[float]
) -> None:
    standing = literal.standing(LiteralWords(numbers, ()), np.arange(3))
    assert standing.agreement.tolist() == pytest.approx(expected)


def test_words_stand_by_their_stems(literal: Literal) -> None:
    standing = literal.standing(literal_words("diatur", Analyzer("id")), np.array([0, 1]))
    assert standing.agreement.tolist() == [1, 0]


def test_without_words_nothing_stands_anywhere(literal: Literal) -> None:
    assert literal.standing(LiteralWords((), ()), np.arange(3)).agreement.tolist() == [0, 0, 0]
    assert literal.standing(LiteralWords(("7",), ()), np.arange(0)).agreement.tolist() == []


@pytest.mark.parametrize(
    ("numbers", "found", "expected"),
    [
        # Years and codes have to stand there, a number of two digits may be written out.
        (("17", "2024"), [1.0, 1.0], 0.0),
        (("17", "2024"), [1.0, 0.0], -1.0),
        (("17", "2024"), [0.0, 1.0], -0.5),
        (("e202",), [0.5], -0.5),
        (("e202",), [0.0], -1.0),
        (("150jt",), [0.0], -0.5),
        (("7a",), [0.0], 0.0),
        (("2",), [0.0], 0.0),
    ],
)
def test_a_missing_number_speaks_against_an_answer(
    numbers: tuple[str, ...], found: list[float], expected: float
) -> None:
    standing = Standing(LiteralWords(numbers, ("agustus",)), np.array([[*found, 0.0]]))
    assert standing.speaks(0) == expected


def test_a_word_by_itself_speaks_for_where_it_stands_and_not_against_other_places() -> None:
    word = Standing(LiteralWords((), ("nutrisi",)), np.array([[0.0], [1.0]]))
    assert [word.speaks(0), word.speaks(1)] == [0.0, 1.0]
    assert Standing(LiteralWords((), ()), np.empty((1, 0))).speaks(0) == 0.0


@pytest.mark.parametrize("number", [1003, 1042, 1077, 1119])
def test_of_many_that_differ_by_their_numbers_the_one_that_is_asked_comes_first(
    orders: Searcher, number: int
) -> None:
    for question in (f"PO-2024-{number}", f"status pesanan PO-2024-{number} gimana?"):
        answer = orders.ask(question)
        assert answer.results[0].sentence == ORDERS[number - 1000]
        assert answer.answered


@pytest.mark.parametrize("number", ["PO-2024-1999", "PO-2025-1942", "PO-2019-0007"])
def test_a_number_that_is_nowhere_is_not_answered(orders: Searcher, number: str) -> None:
    for question in (number, f"status pesanan {number} gimana?"):
        assert not orders.ask(question).answered


def test_without_the_signal_another_order_comes_first(orders: Searcher, encoder: Encoder) -> None:
    off = Searcher(orders.build, encoder, Settings(literal_weight=0.0))
    wrong = [
        n
        for n in range(1000, 1120, 10)
        if off.ask(f"PO-2024-{n}").results[0].sentence != ORDERS[n - 1000]
    ]
    assert wrong


@pytest.mark.parametrize("word", ["nutrisi", "komersial", "penari", "gerbang", "Penerjemahan?"])
def test_a_word_by_itself_finds_where_it_stands(sample_searcher: Searcher, word: str) -> None:
    answer = sample_searcher.ask(word)
    analyzer = Analyzer("id")
    [stem] = analyzer.stems(word)
    assert stem in analyzer.stems(answer.results[0].sentence)
    assert answer.answered


def test_a_word_in_another_language_is_answered_by_its_meaning(sample_searcher: Searcher) -> None:
    answer = sample_searcher.ask("pharmacist")
    assert Path(answer.results[0].document).stem == "apoteker"
    assert answer.answered


def test_a_question_without_literal_words_has_the_confidence_of_the_others(
    sample_searcher: Searcher,
) -> None:
    answer, support = sample_searcher.ask_with_support("Apa tugas utama seorang diplomat?")
    assert support is not None
    assert support.literal == 0
    plain = dataclasses.replace(sample_searcher.calibration, literal=0.0)
    assert answer.confidence == plain.probability(support)
