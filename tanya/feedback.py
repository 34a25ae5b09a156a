"""What readers thought of answers: kept beside the index, on this machine only.

Nothing of the person is kept: only what was asked, what was shown, and whether it helped.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

FILE_NAME = "feedback.sqlite"
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
)
"""
_log = logging.getLogger(__name__)

# good and bad are about a passage, unanswered is about the whole answer; withdrawn takes back what
# was said of the passage before.
Verdict = Literal["good", "bad", "unanswered", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader said of an answer, or of a passage of it.

    ``document`` and ``sentence`` are "" where it is about the whole answer. The sentence is named
    by its hash, as in links to it, so that a text that was deleted does not live on here.
    """

    question: str
    document: str
    sentence: str
    verdict: Verdict
    build: str
    confidence: float


def record(index: Path, given: Feedback) -> bool:
    """Keep ``given`` in the folder ``index``; False if it cannot be written there."""
    time = datetime.now(UTC).isoformat(timespec="seconds")
    # Half a character, which an address may bring, is nothing that SQLite can keep.
    values = [
        value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
        for value in astuple(given)
    ]
    try:
        # Not where there is no index: asking must not make a folder.
        uri = f"{(index / FILE_NAME).resolve().as_uri()}?mode=rwc"
        opened = sqlite3.connect(uri, uri=True, timeout=_PATIENCE)
        with contextlib.closing(opened) as connection, connection:
            connection.execute(_SCHEMA)
            connection.execute("INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?)", (time, *values))
    except (sqlite3.Error, OSError) as error:
        _log.warning("Feedback cannot be kept in %s: %s", index, error)
        return False
    return True
