"""What was asked and what readers thought of it: kept beside the index, on this machine only.

Nothing of the person is kept: only what was asked, what was shown, and whether it helped. Of the
documents there are names and hashes, so that a text that was deleted does not live on here.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from tanya.catalogue import passage_mark
from tanya.errors import JournalError
from tanya.records import Answer
from tanya.text import beginning

FILE_NAME = "feedback.sqlite"
# Questions are kept for so many days, but for what an editor decided.
KEPT_DAYS = 180
# Seconds that a writer waits for another.
_PATIENCE = 2.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    time TEXT NOT NULL,
    question TEXT NOT NULL,
    document TEXT NOT NULL,
    sentence TEXT NOT NULL,
    verdict TEXT NOT NULL,
    build TEXT NOT NULL,
    confidence REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS asked (
    time TEXT NOT NULL,
    question TEXT NOT NULL,
    answered INTEGER NOT NULL,
    confidence REAL NOT NULL,
    document TEXT NOT NULL,
    sentence TEXT NOT NULL,
    build TEXT NOT NULL,
    milliseconds REAL NOT NULL,
    origin TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS asked_time ON asked (time);
CREATE INDEX IF NOT EXISTS asked_question ON asked (question, time, origin, answered, confidence);
CREATE TABLE IF NOT EXISTS decided (
    question TEXT PRIMARY KEY,
    time TEXT NOT NULL,
    dismissed INTEGER NOT NULL,
    document TEXT NOT NULL
);
"""
# A query names no more values than any SQLite takes.
_AT_ONCE = 500
_log = logging.getLogger(__name__)

# good and bad are about a passage, unanswered is about the whole answer; withdrawn takes back what
# was said of the passage before.
Verdict = Literal["good", "bad", "unanswered", "withdrawn"]
# A reader asked all documents, or those of a filter; or a question was asked again for an editor.
Origin = Literal["reader", "filtered", "check"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader said of an answer, or of a passage of it.

    ``document`` and ``sentence`` name the passage, or the first one of an answer that was said not
    to answer; "" where there is none. The sentence is named by its hash, as in links to it.
    ``time`` is when it was said, in UTC and ISO 8601; "" is now.
    """

    question: str
    document: str
    sentence: str
    verdict: Verdict
    build: str
    confidence: float
    time: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and how it fared.

    ``document`` and ``sentence``, a hash, name the first passage, also of a refusal; "" where there
    is none. ``milliseconds`` is how long answering took. ``time`` as in :class:`Feedback`.
    """

    question: str
    answered: bool
    confidence: float
    document: str
    sentence: str
    build: str
    milliseconds: float
    origin: Origin = "reader"
    time: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an editor decided of a question: to dismiss it, and which document is to answer it."""

    question: str
    dismissed: bool
    document: str = ""
    time: str = ""


def asked_of(answer: Answer, milliseconds: float, origin: Origin, longest: int) -> Asked:
    """Return what is to be kept of an answer, of its question what was searched.

    ``longest`` is where longer questions were cut.
    """
    first = answer.results[0] if answer.results else None
    return Asked(
        question=beginning(answer.question, longest),
        answered=answer.answered,
        confidence=answer.confidence,
        document="" if first is None else first.document,
        sentence="" if first is None else passage_mark(first),
        build=answer.build,
        milliseconds=milliseconds,
        origin=origin,
    )


def record_feedback(index: Path, given: Feedback) -> bool:
    """Keep ``given`` in the folder ``index``; False if it cannot be written there."""
    *values, time = astuple(given)
    row = (time or _now(), *values)
    return _written(index, ("INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?)", [row]))


def record_asked(index: Path, asked: Sequence[Asked]) -> bool:
    """Keep ``asked`` in the folder ``index``; False if it cannot be written there.

    Of the checks of a question only the last is kept.
    """
    checked = [(one.question,) for one in asked if one.origin == "check"]
    rows = []
    for one in asked:
        *values, time = astuple(one)
        rows.append((time or _now(), *values))
    return _written(
        index,
        ("DELETE FROM asked WHERE question = ? AND origin = 'check'", checked),
        ("INSERT INTO asked VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows),
    )


def decide(index: Path, decisions: Sequence[Decision]) -> bool:
    """Keep what was decided, in the place of what was before; False if it cannot be written."""
    rows = [(d.question, d.time or _now(), d.dismissed, d.document) for d in decisions]
    return _written(index, ("INSERT OR REPLACE INTO decided VALUES (?, ?, ?, ?)", rows))


def read_asked(index: Path, since: str = "") -> list[Asked]:
    """Return what was asked since a time (UTC, ISO 8601), the oldest first.

    Raises:
        JournalError: the file is there and cannot be read.
    """
    found = _read(index, "SELECT * FROM asked WHERE time >= ? ORDER BY time, rowid", (since,))
    return list(map(_asked, found))


def read_asked_of(index: Path, questions: Sequence[str]) -> list[Asked]:
    """Return how these questions fared, the oldest first; errors as :func:`read_asked`."""
    found = []
    for start in range(0, len(questions), _AT_ONCE):
        part = questions[start : start + _AT_ONCE]
        places = ", ".join("?" * len(part))
        found += _read(index, f"SELECT *, rowid FROM asked WHERE question IN ({places})", part)  # noqa: S608
    # By their times, then as they were written.
    found.sort(key=lambda row: (row[0], row[-1]))
    return [_asked(row[:-1]) for row in found]


def read_wordings(index: Path) -> list[str]:
    """Return each question that was asked, once; errors as :func:`read_asked`."""
    return [question for (question,) in _read(index, "SELECT DISTINCT question FROM asked", ())]


def read_unsatisfied(index: Path, confidence: float) -> dict[str, str]:
    """Return the questions of readers that were refused, or answered with less confidence.

    Each has the time when that was last; errors as :func:`read_asked`.
    """
    statement = (
        "SELECT question, MAX(time) FROM asked "
        "WHERE origin = 'reader' AND (NOT answered OR confidence < ?) GROUP BY question"
    )
    return dict(_read(index, statement, (confidence,)))


def read_feedback(index: Path, since: str = "") -> list[Feedback]:
    """Return what readers said since a time, the oldest first; errors as :func:`read_asked`."""
    found = _read(index, "SELECT * FROM feedback WHERE time >= ? ORDER BY time, rowid", (since,))
    return [
        Feedback(question, document, sentence, verdict, build, confidence, time)
        for time, question, document, sentence, verdict, build, confidence in found
    ]


def last_said(
    said: Sequence[Feedback], key: Callable[[str], str] = str
) -> dict[tuple[str, str, str, bool], Feedback]:
    """Return what was said last of each passage of an answer, and of each answer as a whole.

    The names are the question, as ``key`` makes one of it, the document and the sentence, and
    whether it is about the whole.
    """
    return {
        (key(one.question), one.document, one.sentence, one.verdict == "unanswered"): one
        for one in said
    }


def read_decisions(index: Path) -> dict[str, Decision]:
    """Return the decision on each question that has one; errors as :func:`read_asked`."""
    found = _read(index, "SELECT question, dismissed, document, time FROM decided", ())
    return {
        q: Decision(q, bool(dismissed), document, time) for q, dismissed, document, time in found
    }


def _written(index: Path, *changes: tuple[str, Sequence[Sequence[Any]]]) -> bool:
    """Execute each statement with each of its rows, all or none; False if that cannot be done."""
    try:
        with _opened(index, "rwc") as connection, connection:
            connection.executescript(_SCHEMA)
            for statement, rows in changes:
                connection.executemany(statement, [_kept(row) for row in rows])
            _prune(connection)
    except (sqlite3.Error, OSError) as error:
        _log.warning("%s in %s cannot be written: %s", FILE_NAME, index, error)
        return False
    return True


def _prune(connection: sqlite3.Connection) -> None:
    """Remove what is older than :data:`KEPT_DAYS`."""
    oldest = (datetime.now(UTC) - timedelta(days=KEPT_DAYS)).isoformat(timespec="seconds")
    connection.execute("DELETE FROM asked WHERE time < ?", (oldest,))
    connection.execute("DELETE FROM feedback WHERE time < ?", (oldest,))


def _read(index: Path, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query, none where nothing was kept yet."""
    if not (index / FILE_NAME).exists():
        return []
    try:
        with _opened(index, "ro") as connection:
            table = statement.split(" FROM ", 1)[1].split(maxsplit=1)[0]
            there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,))
            return connection.execute(statement, values).fetchall() if there.fetchone() else []
    except (sqlite3.Error, OSError) as error:
        raise JournalError(
            f"What was asked cannot be read from {str(index / FILE_NAME)!r}: {error}. "
            "If the file is damaged, move it away: a new one is begun."
        ) from error


@contextlib.contextmanager
def _opened(index: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """Open the file, which ``mode`` "rwc" makes in a folder that is there, and none other.

    Where there is no index, asking must not make a folder.
    """
    uri = f"{(index / FILE_NAME).resolve().as_uri()}?mode={mode}"
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=_PATIENCE)) as connection:
        # Of the waits for the disk this leaves out some. Not the log that leaves out more: it does
        # not work on a network's disk, and a copy of the file would lack what is in it.
        connection.execute("PRAGMA synchronous = NORMAL")
        yield connection


def _asked(row: Sequence[Any]) -> Asked:
    """Return a row of what was asked."""
    time, question, answered, confidence, document, sentence, build, milliseconds, origin = row
    return Asked(
        *(question, bool(answered), confidence, document, sentence, build, milliseconds, origin),
        time=time,
    )


def _kept(row: Sequence[Any]) -> list[Any]:
    """Return values as SQLite can keep them: an address may bring half a character."""
    return [
        value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
        for value in row
    ]


def _now() -> str:
    """Return the time as it is kept."""
    return datetime.now(UTC).isoformat(timespec="seconds")
