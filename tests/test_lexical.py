"""Words and BM25."""

from __future__ import annotations

import math
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from tanya.lexical import Analyzer, LexicalEntry, LexicalIndex, write_lexical_index


def pieces(text: str, language: str = "id") -> list[str]:
    """Return the words of ``text`` as they stand in it."""
    return [text[term.start : term.end] for term in Analyzer(language).terms(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sehari-hari ia bekerja.", ["Sehari", "hari", "ia", "bekerja"]),
        ("Salat Jum'at, Qur’an", ["Salat", "Jum'at", "Qur’an"]),
        ("वह डॉक्टर है।", ["वह", "डॉक्टर", "है"]),
        ("他是外交官", ["他是", "是外", "外交", "交官"]),
        ("ABC株式会社", ["ABC", "株式", "式会", "会社"]),
        ("หมอ", ["หม", "มอ"]),
        ("官", ["官"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("…!?", []),
        ("", []),
    ],
)
def test_words_are_whole_and_their_offsets_exact(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("mengajar", "pengajar"), ("ajaran", "mengajar"), ("Jum'at", "jumat"), ("KERJA", "kerjanya")],
)
def test_indonesian_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    analyzer = Analyzer("id")
    assert analyzer.stems(one) == analyzer.stems(other)


def test_another_language_is_stemmed_by_its_own_rules() -> None:
    assert Analyzer("en").stems("duties duty") == ["duti", "duti"]
    assert Analyzer("xx").stems("Duties") == ["duties"]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    """An index of three sentences."""
    entries = [
        LexicalEntry(0, ["a", "b"]),
        LexicalEntry(1, ["a", "a", "d"]),
        LexicalEntry(2, ["e", "f", "g"]),
    ]
    write_lexical_index(tmp_path / "lexical", entries)
    return LexicalIndex(tmp_path / "lexical")


def bm25(tf: int, df: int, count: int, length: int, average: float) -> float:
    """BM25 with k1 = 1.2 and b = 0.75, as Robertson and Zaragoza write it."""
    idf = math.log(1 + (count - df + 0.5) / (df + 0.5))
    return idf * tf * 2.2 / (tf + 1.2 * (1 - 0.75 + 0.75 * length / average))


def test_the_score_is_bm25(index: LexicalIndex) -> None:
    hits = index.search(["a"], 10)
    # Lengths 2, 3, 3; "a" once in the first, twice in the second.
    expected = {0: bm25(1, 2, 3, 2, 8 / 3), 1: bm25(2, 2, 3, 3, 8 / 3)}
    assert dict(zip(hits.rows.tolist(), hits.scores, strict=True)) == pytest.approx(
        expected, rel=1e-4
    )


def test_scores_of_chosen_rows_are_those_of_the_search(index: LexicalIndex) -> None:
    hits = index.search(["a", "d", "e"], 10)
    found = index.scores(["a", "d", "e"], np.array([2, 0, 1]))
    by_row = dict(zip(hits.rows.tolist(), hits.scores, strict=True))
    assert found == pytest.approx([by_row[2], by_row[0], by_row[1]])
    assert index.scores(["unknown"], np.array([0, 1])).tolist() == [0, 0]
    assert index.scores([], np.array([0, 1])).tolist() == [0, 0]


def test_a_sign_that_stands_for_several_words_is_found_and_finds_them(tmp_path: Path) -> None:
    analyzer = Analyzer("ar")
    texts = ["النبي ﷺ", "صلى الله عليه وسلم", "رجل"]
    entries = [LexicalEntry(row, analyzer.stems(text)) for row, text in enumerate(texts)]
    write_lexical_index(tmp_path / "signs", entries)
    index = LexicalIndex(tmp_path / "signs")
    asked = analyzer.stems("ﷺ")
    assert sorted(index.search(asked, 9).rows.tolist()) == [0, 1]
    assert index.scores(asked, np.array([2, 0]))[0] == 0 < index.scores(asked, np.array([2, 0]))[1]
    assert index.search([" "], 9).rows.tolist() == []


def test_query_syntax_is_text(index: LexicalIndex) -> None:
    assert index.search(["a:b", "(", '"', "*", "AND"], 10).rows.tolist() == []


def test_the_number_of_sentences_is_its_length(index: LexicalIndex) -> None:
    assert len(index) == 3


def test_among_chosen_rows_every_one_is_searched_and_none_other(index: LexicalIndex) -> None:
    everywhere = index.search(["a", "e"], 10)
    scores = dict(zip(everywhere.rows.tolist(), everywhere.scores, strict=True))
    hits = index.search(["a", "e"], 10, np.array([2, 0]))
    assert set(hits.rows.tolist()) == {0, 2}
    assert hits.scores == pytest.approx([scores[row] for row in hits.rows.tolist()])
    assert index.search(["a", "e"], 1, np.array([0, 1])).rows.tolist() == [1]
    assert index.search(["a"], 10, np.array([], dtype=np.int64)).rows.tolist() == []
    assert index.search([], 10, np.array([0])).rows.tolist() == []


def test_more_rows_than_one_query_can_name_are_searched_in_parts(
    index: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = index.search(["a", "e"], 10, np.arange(3))
    monkeypatch.setattr("tanya.lexical._IDS_AT_ONCE", 1)
    parts = index.search(["a", "e"], 10, np.arange(3))
    assert parts.rows.tolist() == whole.rows.tolist()
    assert parts.scores == pytest.approx(whole.scores)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_whoever_may_read_the_folder_may_read_all_of_the_index(tmp_path: Path) -> None:
    write_lexical_index(tmp_path / "index", [LexicalEntry(0, ["rawat"])])
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "index").iterdir()}
    assert modes == {stat.S_IMODE((tmp_path / "index").stat().st_mode) & 0o666}
