"""Feedback: what is kept, and that nothing breaks where it cannot be kept."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from pathlib import Path

from tanya.journal import FILE_NAME, Asked, Feedback, read_asked, record_asked, record_feedback

GIVEN = Feedback(
    question="Apa itu bidan?",
    document="bidan.md",
    sentence="Bidan menolong ibu.",
    verdict="good",
    build="b1",
    confidence=0.5,
)


def kept(index: Path) -> list[tuple[object, ...]]:
    """Return what is kept, without the times."""
    with contextlib.closing(sqlite3.connect(index / FILE_NAME)) as connection:
        rows = connection.execute("SELECT * FROM feedback ORDER BY rowid").fetchall()
    return [row[1:] for row in rows]


def test_each_verdict_is_kept_with_what_was_asked_and_shown(tmp_path: Path) -> None:
    assert record_feedback(tmp_path, GIVEN)
    other = Feedback("Siapa?\ud800", "", "", "unanswered", "b2", 0.0)
    assert record_feedback(tmp_path, other)
    assert kept(tmp_path) == [
        ("Apa itu bidan?", "bidan.md", "Bidan menolong ibu.", "good", "b1", 0.5),
        ("Siapa??", "", "", "unanswered", "b2", 0.0),
    ]


def test_nothing_breaks_and_no_folder_is_made_where_it_cannot_be_kept(tmp_path: Path) -> None:
    assert not record_feedback(tmp_path / "missing", GIVEN)
    assert not (tmp_path / "missing").exists()
    (tmp_path / FILE_NAME).write_bytes(b"not a database" * 100)
    assert not record_feedback(tmp_path, GIVEN)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / FILE_NAME).mkdir()
    assert not record_feedback(tmp_path / "folder", GIVEN)


def test_a_check_that_cannot_be_kept_leaves_the_one_before(tmp_path: Path) -> None:
    before = Asked("Apa?", True, 0.9, "a.md", "s", "b1", 1.0, "check")
    assert record_asked(tmp_path, [before, replace(before, question="Siapa?")])
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        # What a full disk does.
        connection.executescript(
            "CREATE TRIGGER full BEFORE INSERT ON asked BEGIN SELECT RAISE(ABORT, 'full'); END;"
        )
    assert not record_asked(tmp_path, [replace(before, build="b2")])
    assert [(one.question, one.build) for one in read_asked(tmp_path)] == [
        ("Apa?", "b1"),
        ("Siapa?", "b1"),
    ]
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.executescript("DROP TRIGGER full")
    assert record_asked(tmp_path, [replace(before, build="b2")])
    assert {(one.question, one.build) for one in read_asked(tmp_path)} == {
        ("Apa?", "b2"),
        ("Siapa?", "b1"),
    }


def test_a_writer_waits_only_a_moment_for_another(tmp_path: Path) -> None:
    assert record_feedback(tmp_path, GIVEN)
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert not record_feedback(tmp_path, GIVEN)
    assert record_feedback(tmp_path, GIVEN)
