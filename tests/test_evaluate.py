"""The figures, with their arithmetic written out, and the files of questions."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tanya.errors import LabelsError
from tanya.evaluate import Outcome, auroc, evaluate, figures, outcome
from tanya.labels import LabelledQuestion, read_labels, read_questions
from tanya.records import Answer, Passage, Span
from tanya.search import Searcher

LABEL = LabelledQuestion("Apa?", "a.txt", ("tanda vital",), True, kind="facet")
NOTHING = LabelledQuestion("Apa?", None, (), False, reason="off_topic")


def passage(document: str, sentence: str) -> Passage:
    """Return a passage that is all one sentence."""
    end = len(sentence)
    return Passage(document, "T", "", (), sentence, 0, end, sentence, 0, end, 1, 1.0)


def answer(*results: Passage, confidence: float = 0.8, answered: bool = True) -> Answer:
    """Return an answer with these results."""
    return Answer("Apa?", answered, confidence, results, "build", "model")


def test_a_sentence_counts_if_its_document_is_right_and_it_holds_the_evidence() -> None:
    found = outcome(
        LABEL,
        answer(
            passage("b.txt", "Ia memantau tanda vital."),
            passage("a.txt", "Ia tidur."),
            passage("a.txt", "Ia memantau tanda\n  vital."),
        ),
    )
    assert (found.rank, found.document_first) == (3, False)


@pytest.mark.parametrize(
    ("evidence", "rank"),
    [("tanda vital pasien", 1), ("tanda **vital** > pasien", 1), ("tanda vital > pasien", None)],
)
def test_evidence_may_be_what_a_reader_sees_or_what_the_file_holds(
    evidence: str, rank: int | None
) -> None:
    sentence = "Ia memantau tanda **vital**\n> pasien."
    # A sentence further down in its document: hidden places are those in all of it.
    start = 100
    places = [start + match.start() for match in re.finditer(r"\*\*|> ", sentence)]
    found = replace(
        passage("a.txt", sentence),
        start=start,
        end=start + len(sentence),
        hidden=tuple(Span(place, place + 2) for place in places),
    )
    assert outcome(replace(LABEL, evidence=(evidence,)), answer(found)).rank == rank


def test_beyond_the_tenth_sentence_nothing_counts() -> None:
    results = [passage("a.txt", "Ia tidur.")] * 10 + [passage("a.txt", "tanda vital")]
    assert outcome(LABEL, answer(*results)).rank is None


def test_an_unanswerable_question_has_no_rank() -> None:
    assert outcome(NOTHING, answer(passage("a.txt", "tanda vital"))).rank is None


def made(rank: int | None, confidence: float = 0.9, *, first: bool = False) -> Outcome:
    """Return the outcome of an answerable question, answered from 0.5 on."""
    return Outcome(LABEL, rank, first, confidence, confidence >= 0.5)


def refused(confidence: float, reason: str = "off_topic") -> Outcome:
    """Return the outcome of an unanswerable question, answered from 0.5 on."""
    label = LabelledQuestion("Apa?", None, (), False, reason=reason)
    return Outcome(label, None, False, confidence, confidence >= 0.5)


def test_ranking_figures() -> None:
    found = figures([made(1, first=True), made(2), made(6, first=True), made(None)]).ranking
    assert found is not None
    assert found.questions == 4
    assert found.hit_at_1 == 1 / 4
    assert found.hit_at_5 == 2 / 4
    assert found.mrr_at_10 == pytest.approx((1 + 1 / 2 + 1 / 6 + 0) / 4)
    assert found.document_at_1 == 2 / 4


def test_figures_by_kind_and_reason() -> None:
    other = LabelledQuestion("Apa?", "a.txt", ("x",), True, kind="typo")
    found = figures([
        made(1),
        Outcome(other, None, False, 0.2, False),
        refused(0.1),
        refused(0.7, "not_stated"),
    ])  # fmt: skip
    assert {kind: entry.hit_at_1 for kind, entry in found.ranking_by_kind.items()} == {
        "facet": 1,
        "typo": 0,
    }
    assert found.refusal.answered == 1 / 2
    assert found.refusal.refused == 1 / 2
    # Pairs: 0.9 > 0.1, 0.9 > 0.7, 0.2 > 0.1, 0.2 < 0.7: three of four.
    assert found.refusal.auroc == 3 / 4
    assert found.refusal_by_reason["not_stated"].auroc == 1 / 2
    assert found.refusal_by_reason["off_topic"].refused == 1


def test_auroc() -> None:
    assert auroc([0.9, 0.8], [0.1]) == 1
    assert auroc([0.1], [0.9]) == 0
    assert auroc([0.5, 0.7], [0.5, 0.6]) == (0.5 + 0 + 1 + 1) / 4
    assert auroc([], [0.1]) is None
    assert auroc([0.1], []) is None


def test_questions_about_documents_that_are_not_there_are_an_error(
    sample_searcher: Searcher,
) -> None:
    with pytest.raises(LabelsError, match=r"'a\.txt', which is not in the index"):
        evaluate(sample_searcher, [LABEL])


@pytest.mark.parametrize("pieces", [("tidak tertulis",), ("{there}", "tidak tertulis")])
def test_evidence_that_its_document_does_not_have_is_an_error(
    sample_searcher: Searcher, pieces: tuple[str, ...]
) -> None:
    stored = sample_searcher.build.store.documents([0])[0]
    there = " ".join(stored.text.split()[:4])
    evidence = tuple(piece.format(there=there) for piece in pieces)
    label = LabelledQuestion("Apa?", stored.path, evidence, True, source="q.jsonl, line 7")
    told = f"^q.jsonl, line 7: the evidence 'tidak tertulis' is not in '{stored.path}'"
    with pytest.raises(LabelsError, match=told):
        evaluate(sample_searcher, [label])
    assert evaluate(sample_searcher, [replace(label, evidence=(there,))]).ranking is not None


def test_labels_without_positives_have_no_ranking(sample_searcher: Searcher) -> None:
    found = evaluate(sample_searcher, [NOTHING])
    assert found.ranking is None
    assert found.refusal.auroc is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{broken", "line 2: this is not valid JSON"),
        ("[1]", "line 2: this is not a JSON object"),
        ('{"question": ""}', "line 2: question must be a text"),
        ('{"question": 3, "answerable": false}', "line 2: question must be a text"),
        ('{"question": "a", "evidence": "b"}', "line 2: evidence must be a list of texts"),
        ('{"question": "a", "answerable": true}', "line 2: an answerable question needs"),
        ('{"question": "a", "answerable": 1}', "line 2: answerable must be true or false"),
        ('{"question": "a", "document": 1}', "line 2: document must be a path or null"),
    ],
)
def test_a_bad_label_is_named_by_its_line(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(f'{{"question": "ok", "answerable": false}}\n{line}\n', encoding="utf-8")
    with pytest.raises(LabelsError, match=problem):
        read_labels(path)


def test_a_file_of_questions_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match=r"nowhere\.jsonl"):
        read_labels(tmp_path / "nowhere.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"caf\xe9")
    with pytest.raises(LabelsError, match="not UTF-8"):
        read_questions(tmp_path / "latin.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n \n", encoding="utf-8")
    with pytest.raises(LabelsError, match="no question"):
        read_labels(tmp_path / "empty.jsonl")


def test_plain_and_labelled_questions_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_text('Apa itu?\r\n\r\n{"question": "Siapa?"}\n  Mengapa?  \n', encoding="utf-8-sig")
    assert read_questions(path) == ["Apa itu?", "Siapa?", "Mengapa?"]
