"""The labelled questions on the sample corpus are sound, and the check that says so can fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tanya.labels import read_labels
from tests.check_questions import problems
from tests.conftest import QUESTIONS, SAMPLE

BENCHMARKS = SAMPLE.parent / "benchmarks"
TEXT = "# Perawat\n\nIa memantau tanda vital pasien. Ia mencatat obat yang diberikan tadi malam.\n"
GOOD = {
    "question": "Apa tugas perawat?",
    "document": "perawat.md",
    "evidence": ["memantau tanda vital pasien"],
    "kind": "facet",
    "answerable": True,
    "split": "train",
}


def test_the_labelled_questions_on_the_sample_corpus_have_no_fault() -> None:
    assert problems(QUESTIONS, SAMPLE) == []


@pytest.mark.parametrize(
    "questions",
    sorted(BENCHMARKS.rglob("*.jsonl")),
    ids=lambda questions: f"{questions.parent.name}-{questions.stem}",
)
def test_the_labelled_questions_of_the_benchmarks_have_no_fault(questions: Path) -> None:
    assert problems(questions, questions.parent / "corpus", part=True) == []


def test_no_question_that_is_reported_on_was_learned_from() -> None:
    reported, learned = set(), set()
    for path in (QUESTIONS, *sorted(BENCHMARKS.rglob("*.jsonl"))):
        for label in read_labels(path):
            asked = label.question.lower().strip(" ?")
            (learned if label.split == "train" else reported).add(asked)
    assert reported
    assert not reported & learned


def found(tmp_path: Path, *changes: Mapping[str, object], part: bool = True) -> list[str]:
    """Return the problems of a set with one question for each of ``changes`` to a good one."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "perawat.md").write_text(TEXT, encoding="utf-8")
    (corpus / "bidan.md").write_text(
        "# Bidan\n\nIa menolong persalinan normal di desa. Ia mencatat obat yang diberikan.\n",
        encoding="utf-8",
    )
    lines = [json.dumps({**GOOD, **change}) for change in changes]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(lines), encoding="utf-8")
    return problems(questions, corpus, part=part)


def test_a_good_question_has_no_problem(tmp_path: Path) -> None:
    assert found(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"evidence": ["menolong persalinan normal"]}, "occurs 0 times in perawat.md"),
        ({"evidence": ["Ia mencatat obat yang diberikan"]}, "also occurs in bidan.md"),
        ({"evidence": ["tanda vital"]}, "shorter than three words"),
        ({"evidence": []}, "needs a document and evidence"),
        ({"document": None}, "needs a document and evidence"),
        ({"document": "dokter.md"}, "no document 'dokter.md'"),
        ({"kind": "riddle"}, "kind 'riddle' is none of"),
        ({"split": "dev"}, "split 'dev' is none of"),
        ({"answerable": False}, "answerable is False"),
        ({"question": " "}, "no question"),
        ({"extra": 1}, "unknown fields ['extra']"),
        ({"reason": "off_topic"}, "a reason is for unanswerable questions only"),
        (
            {"kind": "paraphrase", "question": "Siapa memantau tanda vital pasien di sini?"},
            "the paraphrase copies 'memantau tanda vital pasien'",
        ),
        ({"kind": "english", "question": "What?"}, "no Indonesian question"),
        ({"kind": "unanswerable", "answerable": False}, "reason None is none of"),
    ],
)
def test_each_fault_is_found(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    assert any(problem in line for line in found(tmp_path, change))


def test_faults_between_questions_are_found(tmp_path: Path) -> None:
    again = {"question": "apa tugas  PERAWAT", "split": "test"}
    problems_found = found(tmp_path, {}, again)
    assert "2 times the same question: 'apa tugas perawat'" in problems_found
    assert "perawat.md is in both splits" in problems_found


def test_a_set_that_is_not_finished_says_so(tmp_path: Path) -> None:
    problems_found = found(tmp_path, {}, part=False)
    assert "1 questions, fewer than 400" in problems_found
    assert "no question asks about bidan.md" in problems_found
    assert "0 questions of kind paraphrase, fewer than 80" in problems_found
