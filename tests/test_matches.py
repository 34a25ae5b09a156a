"""Matches: which words of a question met which words of a sentence, and exactly where."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanya.encoders import Encoder, WordVectors, load_word_vectors
from tanya.function_words import is_function_word
from tanya.lexical import Analyzer
from tanya.matches import SIMILAR, Aligner, content_words
from tanya.records import Answer, Match, Passage, Span
from tanya.search import Searcher
from tanya.terminal import Style, passage_lines, question_line
from tests.conftest import ROOT

Found = list[tuple[str, str]]


@pytest.fixture(scope="module")
def aligner(encoder: Encoder) -> Aligner:
    """Return an aligner with the bundled model's vectors."""
    return Aligner(Analyzer("id"), load_word_vectors(encoder))


@pytest.fixture(scope="module")
def met(aligner: Aligner) -> Callable[[str, str], Found]:
    """Return a function that names the words of a question and of a sentence that met."""

    def words(question: str, sentence: str) -> Found:
        [matches] = aligner.find_matches(question, [sentence])
        return [
            (question[m.question_start : m.question_end], sentence[m.start : m.end])
            for m in matches
        ]

    return words


# --- What is a match -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        (
            "What are the duties of a nurse?",
            "Tugas perawat banyak.",
            [("duties", "Tugas"), ("nurse", "perawat")],
        ),
        ("Apa tugas utamanya?", "The main duties are these.", [("tugas", "duties")]),
        ("What are its duties?", "Tugasnya banyak.", [("duties", "Tugasnya")]),
        ("Siapa yang mengajar?", "Pengajar itu sabar.", [("mengajar", "Pengajar")]),
        ("Who is the teacher?", "Guru itu sabar.", [("teacher", "Guru")]),
        ("DOKTER", "A doctor.", [("DOKTER", "doctor")]),
        ("What colour is the river?", "Sungai itu dalam.", [("river", "Sungai")]),
    ],
)
def test_words_of_one_meaning_or_one_root_match(
    met: Callable[[str, str], Found], question: str, sentence: str, expected: Found
) -> None:
    assert set(met(question, sentence)) >= set(expected)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Apa diploma itu?", "Diplomat itu sabar."),
        ("Gaji perawat?", "Gigi itu putih."),
        ("Apa tugas dokter?", "Sungai itu mengalir."),
        ("2023", "2024 dan 5 lagi."),
        ("Apakah yang ini?", "Yang ini dan yang itu."),
        ("", "Tugas perawat."),
        ("tugas", ""),
    ],
)
def test_words_that_only_look_alike_and_words_without_relation_do_not(
    met: Callable[[str, str], Found], question: str, sentence: str
) -> None:
    assert met(question, sentence) == []


def test_equal_stems_have_similarity_one_and_others_what_was_measured(aligner: Aligner) -> None:
    [matches] = aligner.find_matches("mengajar tugas", ["Pengajar has duties."])
    assert matches[0].similarity == 1
    assert SIMILAR <= matches[1].similarity < 1


@pytest.mark.parametrize(
    "question",
    ["apa sih yg dia itu gak bisa", "gimana kalo mereka udah ga ada", "what does it do and why"],
)
def test_function_words_match_nothing_even_themselves(
    met: Callable[[str, str], Found], question: str
) -> None:
    assert met(question, question) == []


@pytest.mark.parametrize(
    "word", ["apakah", "Siapakah", "yg", "gak", "sih", "hanyalah", "What's", "don’t", "semuanya"]
)
def test_function_words_are_known_in_every_guise(word: str) -> None:
    assert is_function_word(word)


@pytest.mark.parametrize("word", ["masalah", "salah", "sekolah", "tugas", "nikah", "olah", ""])
def test_words_that_end_like_a_particle_are_not_taken_for_function_words(word: str) -> None:
    assert not is_function_word(word)


# --- One to many ---------------------------------------------------------------------------------


def test_an_acronym_is_no_function_word_but_where_all_is_in_capitals() -> None:
    analyzer = Analyzer("id")
    assert content_words("Apa itu IT?", analyzer) == ["IT"]
    assert content_words("What is WHO about?", analyzer) == ["WHO"]
    assert content_words("APA ITU IT?", analyzer) == []
    assert content_words("Should I ask?", analyzer) == ["ask"]


def test_a_word_meets_all_words_of_its_stem(met: Callable[[str, str], Found]) -> None:
    assert met("sekolah", "Sekolah itu sekolah, the school.") == [
        ("sekolah", "Sekolah"),
        ("sekolah", "sekolah"),
    ]


def test_a_word_without_its_stem_meets_only_its_best_partner(
    met: Callable[[str, str], Found],
) -> None:
    assert met("duties", "Pekerjaan dan tugas itu berbeda.") == [("duties", "tugas")]


def test_a_word_of_the_sentence_is_the_partner_of_only_one(
    met: Callable[[str, str], Found],
) -> None:
    assert met("tasks or duties", "Tugas itu banyak.") in (
        [("tasks", "Tugas")],
        [("duties", "Tugas")],
    )


# --- Where they stand ----------------------------------------------------------------------------


def test_hidden_markup_within_and_between_words_moves_nothing(aligner: Aligner) -> None:
    raw = "Per**awat** itu [sabar](http://tugas)."
    hidden = raw.replace("**", "\0\0").replace("[", "\0").replace("](http://tugas)", "\0" * 15)
    [matches] = aligner.find_matches("tugas perawat sabar", [hidden])
    assert [raw[m.start : m.end] for m in matches] == ["Per**awat", "sabar"]


def test_scripts_without_blanks_match_in_whole_runs(met: Callable[[str, str], Found]) -> None:
    assert ("看護師", "看護師") in met("看護師とは", "私は看護師だ。")
    assert met("ครูสอน", "แมวดำ") == []


def test_offsets_count_in_the_question_as_it_was_typed(sample_searcher: Searcher) -> None:
    question = "  \n 𝒟 " + "tugas perawat " * 300 + "pasien"
    answer = sample_searcher.ask(question)
    words = {question[m.question_start : m.question_end] for p in answer.results for m in p.matches}
    # It is cut within a word.
    assert {"tugas"} <= words <= {"tugas", "perawat", "tuga"}


_WORDS = st.sampled_from(
    "tugas duties Tugasnya guru teacher mengajar yang the 看護師 仕事は ครูสอน Straße don't naïve "
    "5 😀 \ud800 _ a\u0301b दवाई rumah\u00adsakit L'État".split()
)
_GAPS = st.sampled_from([" ", ", ", "\n", "", "**", "-", "\0"])
_TEXTS = st.lists(st.one_of(_WORDS, _GAPS, st.text(max_size=3)), max_size=12).map("".join)


@settings(max_examples=200, deadline=None)
@given(question=_TEXTS, sentences=st.lists(_TEXTS, max_size=3))
def test_whatever_the_texts_matches_are_whole_words_within_them(
    aligner: Aligner, question: str, sentences: list[str]
) -> None:
    found = aligner.find_matches(question, sentences)
    assert len(found) == len(sentences)
    for sentence, matches in zip(sentences, found, strict=True):
        visible = sentence.replace("\0", "")
        weak = {}
        for match in matches:
            word = question[match.question_start : match.question_end]
            other = sentence[match.start : match.end].replace("\0", "")
            assert SIMILAR <= match.similarity <= 1
            assert not is_function_word(word) or word.isupper()
            assert not is_function_word(other) or other.isupper()
            before = len(sentence[: match.start].replace("\0", ""))
            _assert_whole(word, question, match.question_start)
            _assert_whole(other, visible, before)
            if match.similarity < 1:
                weak.setdefault((match.start, match.end), set()).add(word.casefold())
        assert list(matches) == sorted(matches, key=lambda m: (m.question_start, m.start))
        stems = [{Analyzer("id").stems(word)[0] for word in words} for words in weak.values()]
        assert all(len(words) == 1 for words in stems)


def _assert_whole(word: str, text: str, start: int) -> None:
    """Check that ``word`` stands at ``start``, and no letter before or after it belongs to it."""
    end = start + len(word)
    assert 0 <= start < end <= len(text)
    assert text[start:end] == word
    terms = Analyzer("id").terms(text)
    assert start in {term.start for term in terms}
    assert end in {term.end for term in terms}


# --- How good it is ------------------------------------------------------------------------------


def _benchmark() -> ModuleType:
    """Return benchmarks/words.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("words", ROOT / "benchmarks" / "words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up.
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "words", module)
        spec.loader.exec_module(module)
    return module


def test_the_thresholds_are_those_that_the_labelled_pairs_choose_and_hold_on_the_other_half() -> (
    None
):
    words = _benchmark()
    pairs = words.read_pairs()
    assert sum(pair.related for pair in pairs) >= 150
    assert sum(not pair.related for pair in pairs) >= 150
    use = (words.SIMILAR, words.SIMILAR_AND_ALIKE)
    assert words.choose([pair for pair in pairs if pair.split == "fit"]) == use
    precision, recall, _ = words.figures([pair for pair in pairs if pair.split == "test"], *use)
    assert precision >= 0.95
    assert recall >= 0.65


# --- On a terminal -------------------------------------------------------------------------------


def _answer(question: str, sentence: str, *matches: Match, hidden: tuple[Span, ...] = ()) -> Answer:
    """Return an answer of one passage that is one sentence."""
    place: dict[str, Any] = {"start": 0, "end": len(sentence), "passage_start": 0}
    passage = Passage(
        document="a.md",
        title="A",
        category="",
        headings=(),
        sentence=sentence,
        passage=sentence,
        passage_end=len(sentence),
        line=1,
        score=1.0,
        matches=matches,
        hidden=hidden,
        **place,
    )
    return Answer(question, True, 1.0, (passage,), "build", "model")


def test_a_terminal_underlines_the_matched_words_of_question_and_sentence() -> None:
    answer = _answer("Apa tugas itu?", "Du**ties**.", Match(4, 9, 0, 8, 0.8), hidden=(Span(2, 4),))
    style = Style(colours=True)
    assert question_line(answer, style) == "\x1b[1mApa \x1b[4mtugas\x1b[24m itu?\x1b[22m"
    _, line = passage_lines(1, answer.results[0], style)
    assert line == "   \x1b[1m\x1b[4mDuties\x1b[24m**.\x1b[22m"


def test_without_colours_the_question_is_plain_text() -> None:
    answer = _answer("Apa \x1b[4mtugas?", "Duties.", Match(8, 13, 0, 6, 0.8))
    assert question_line(answer, Style(colours=False)) == "Apa �[4mtugas?"


def test_escape_sequences_of_texts_are_shown_on_a_terminal_too() -> None:
    answer = _answer("a \x1b[4mtugas", "\x1b[4mduties", Match(6, 11, 4, 10, 0.8))
    style = Style(colours=True)
    assert "\x1b[4mtugas\x1b[24m" in question_line(answer, style)
    assert question_line(answer, style).count("\x1b[4m") == 1
    _, line = passage_lines(1, answer.results[0], style)
    assert line.count("\x1b[4m") == 1


def test_matches_that_overlap_are_underlined_as_one() -> None:
    answer = _answer("看護師", "看護師だ", Match(0, 2, 0, 2, 1.0), Match(1, 3, 1, 3, 1.0))
    assert question_line(answer, Style(colours=True)) == "\x1b[1m\x1b[4m看護師\x1b[24m\x1b[22m"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_terminal_shows_a_passage_alike_whatever_its_line_ends(end: str) -> None:
    text = end.join(["Ia perawat.", "Ia merawat", "pasien.", "Ia tidur."])
    found = _answer("Apa?", text).results[0]
    start, stop = text.index("Ia merawat"), text.index(f"{end}Ia tidur")
    passage = replace(found, sentence=text[start:stop], start=start, end=stop)
    _, *lines = passage_lines(1, passage, Style(colours=False))
    assert lines == ["   Ia perawat.", "   »Ia merawat", "   pasien.«", "   Ia tidur."]


# --- Vectors of words ----------------------------------------------------------------------------


def test_words_are_encoded_once_until_too_many_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tanya.encoders.words._KNOWN_WORDS", 3)
    encoded: list[str] = []

    def encode(words: Sequence[str]) -> np.ndarray:
        encoded.extend(words)
        return np.array([[len(word), ord(word[0]) % 7, 1] for word in words], dtype=np.float32)

    vectors = WordVectors(encode)
    first = vectors.of(["satu", "dua", "satu"])
    assert np.allclose(np.linalg.norm(first, axis=1), 1)
    assert (first[0] == first[2]).all()
    encoded.clear()
    assert (vectors.of(["dua"]) == first[1]).all()
    assert encoded == []
    vectors.of(["tiga", "empat"])
    assert encoded == ["tiga", "empat"]
    encoded.clear()
    assert (vectors.of(["satu"]) == first[0]).all()
    assert encoded == ["satu"]
