"""The measure of refusals by the same questions, with and without the document that answers."""

from __future__ import annotations

from pathlib import Path

from benchmarks.absence import halves, present_and_absent
from tanya.labels import LabelledQuestion

TEXTS = {
    "a.txt": "A beekeeper looks after bees. Duties include harvesting honey in late summer.",
    "b/c.txt": "A locksmith opens doors. Duties include cutting keys for cars and houses.",
    "b/d.txt": "A midwife attends births. Duties include weighing the newborn child.",
}


def written(folder: Path) -> Path:
    """Write the documents and return their folder."""
    for path, text in TEXTS.items():
        target = folder / "corpus" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder / "corpus"


def label(question: str, document: str) -> LabelledQuestion:
    """Return an answerable question."""
    return LabelledQuestion(
        question=question,
        document=document,
        evidence=("Duties",),
        kind="facet",
        answerable=True,
        split="test",
        reason="",
    )


def test_neighbours_part_and_every_document_is_in_one_half(tmp_path: Path) -> None:
    found = halves(written(tmp_path), tmp_path)
    names = [{p.relative_to(half).as_posix() for p in half.rglob("*.txt")} for half in found]
    assert names == [{"a.txt", "b/d.txt"}, {"b/c.txt"}]


def test_each_question_is_asked_where_its_document_is_and_then_where_it_is_not(
    tmp_path: Path,
) -> None:
    labels = [
        label("What are the duties of a beekeeper?", "a.txt"),
        label("What are the duties of a locksmith?", "b/c.txt"),
    ]
    [bees, keys] = present_and_absent(written(tmp_path), labels, tmp_path)
    assert [answer.results[0].document for answer in bees] == ["a.txt", "b/c.txt"]
    assert keys[0].results[0].document == "b/c.txt"
    assert keys[1].results[0].document in ("a.txt", "b/d.txt")
    for present, absent in (bees, keys):
        assert present.confidence > absent.confidence
