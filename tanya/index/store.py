"""Sentences, documents and the state of the corpus in SQLite."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from tanya.errors import IndexDamagedError
from tanya.records import Span

# SQLite allows a few ten thousand parameters; fewer keep its parser quick.
_ROWS_AT_ONCE = 500

_SCHEMA = """
CREATE TABLE files (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    skipped TEXT,
    notes TEXT NOT NULL
);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    attributes TEXT NOT NULL,
    hidden TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE sentences (
    row INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (id),
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    passage_start INTEGER NOT NULL,
    passage_end INTEGER NOT NULL,
    text TEXT NOT NULL,
    headings TEXT NOT NULL,
    key BLOB NOT NULL,
    paragraph INTEGER NOT NULL,
    context TEXT NOT NULL
);
CREATE INDEX sentences_by_document ON sentences (document, ordinal);
"""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file of the corpus as it was when the build was made.

    ``skipped`` is the reason why it is not a document of the build, or None; ``notes`` say what a
    person should know of it although it was read.
    """

    path: str
    size: int
    modified: int
    sha256: str
    skipped: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document of the build. ``title`` is the one to show, and never empty."""

    id: int
    path: str
    title: str
    category: str
    attributes: dict[str, object]
    hidden: tuple[Span, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """What of a document is needed to quote it.

    A large one may have a hundred thousand hidden spans, and a quotation is near to a few: so
    ``spans`` are their starts and ends in two columns, no objects.
    """

    path: str
    title: str
    category: str
    spans: NDArray[np.int64]
    text: str

    def hidden(self, start: int, end: int) -> tuple[Span, ...]:
        """Return what a reader does not see between ``start`` and ``end``."""
        starts, ends = self.spans.T
        near = self.spans[(ends > start) & (starts < end)]
        return tuple(Span(*span) for span in near.clip(start, end).tolist())

    def line(self, position: int) -> int:
        """Return the number of the line that ``position`` is on, which no line end is across."""
        ends = [self.text.count(end, 0, position) for end in ("\n", "\r", "\r\n")]
        return 1 + ends[0] + ends[1] - ends[2]


@dataclass(frozen=True, slots=True)
class StoredSentence:
    """A sentence of the build; ``row`` is its number in all of the build's indexes.

    ``text`` is what a reader sees of it, on one line; ``key`` tells what was embedded for it;
    ``paragraph`` and ``context`` are as in :class:`tanya.records.Sentence`.
    """

    row: int
    document: int
    ordinal: int
    start: int
    end: int
    passage_start: int
    passage_end: int
    text: str
    headings: tuple[str, ...]
    key: bytes
    paragraph: int
    context: str


def write_store(
    path: Path,
    files: Iterable[FileState],
    documents: Iterable[StoredDocument],
    sentences: Iterable[StoredSentence],
) -> None:
    """Write a new database to ``path``."""
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.executescript(_SCHEMA)
            connection.executemany(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)",
                ((f.path, f.size, f.modified, f.sha256, f.skipped, _json(f.notes)) for f in files),
            )
            connection.executemany(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        d.id,
                        d.path,
                        d.title,
                        d.category,
                        _json(d.attributes),
                        _spans(d.hidden),
                        d.text,
                    )
                    for d in documents
                ),
            )
            connection.executemany(
                "INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        *(s.row, s.document, s.ordinal, s.start, s.end),
                        *(s.passage_start, s.passage_end, s.text, _json(s.headings), s.key),
                        *(s.paragraph, s.context),
                    )
                    for s in sentences
                ),
            )
    finally:
        connection.close()


class Store:
    """A build's database, opened for reading only. Threads may share it."""

    def __init__(self, path: Path) -> None:
        """Open the database; sqlite3.Error if it is none."""
        # Immutable: nobody writes to a published build, so SQLite needs no lock file beside it.
        uri = f"file:{quote(os.fsencode(path.resolve()))}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def files(self) -> list[FileState]:
        """Return the files of the corpus as they were."""
        return [
            FileState(path, size, modified, sha256, skipped, tuple(json.loads(notes)))
            for path, size, modified, sha256, skipped, notes in self._rows(
                "SELECT * FROM files ORDER BY path"
            )
        ]

    def documents(self, ids: Sequence[int]) -> dict[int, StoredDocument]:
        """Return documents by their ids."""
        found = self._chosen("SELECT * FROM documents WHERE id IN ({})", ids)
        return {row[0]: _document(row) for row in found}

    def sources(self, ids: Sequence[int]) -> dict[int, Source]:
        """Return what is needed to quote documents, by their ids."""
        found = self._chosen(
            "SELECT id, path, title, category, hidden, text FROM documents WHERE id IN ({})", ids
        )
        return {
            number: Source(path, title, category, _columns(hidden), text)
            for number, path, title, category, hidden, text in found
        }

    def document_paths(self) -> list[str]:
        """Return the paths of all documents, in order."""
        return [row[0] for row in self._rows("SELECT path FROM documents ORDER BY path")]

    def outlines(self) -> list[StoredDocument]:
        """Return all documents by their paths, without their texts and what is hidden in these."""
        found = self._rows(
            "SELECT id, path, title, category, attributes, '[]', '' FROM documents ORDER BY path"
        )
        return [_document(row) for row in found]

    def headings(self) -> list[tuple[int, tuple[str, ...]]]:
        """Return the headings above sentences with the documents' ids, in order, each once."""
        found = self._rows(
            "SELECT document, headings FROM sentences WHERE headings != '[]' "
            "GROUP BY document, headings ORDER BY document, min(ordinal)"
        )
        return [(document, tuple(json.loads(headings))) for document, headings in found]

    def sentences_of(self, document: int) -> list[StoredSentence]:
        """Return the sentences of a document in their order."""
        found = self._rows(
            "SELECT * FROM sentences WHERE document = ? ORDER BY ordinal", (int(document),)
        )
        return [_sentence(row) for row in found]

    def sentences(self, rows: Sequence[int]) -> dict[int, StoredSentence]:
        """Return sentences by their rows."""
        found = self._chosen("SELECT * FROM sentences WHERE row IN ({})", rows)
        return {row[0]: _sentence(row) for row in found}

    def all_documents(self) -> list[StoredDocument]:
        """Return all documents by their ids."""
        return [_document(row) for row in self._rows("SELECT * FROM documents ORDER BY id")]

    def all_sentences(self) -> list[StoredSentence]:
        """Return all sentences by their rows."""
        return [_sentence(row) for row in self._rows("SELECT * FROM sentences ORDER BY row")]

    def keys(self) -> dict[bytes, int]:
        """Return for each embedded text's key a row that has its vector."""
        return dict(self._rows("SELECT key, row FROM sentences"))

    def texts(self) -> Iterator[tuple[str, int]]:
        """Yield the text and the row of each sentence."""
        yield from self._rows("SELECT text, row FROM sentences")

    def count_sentences(self) -> int:
        """Return the number of sentences."""
        return int(next(self._rows("SELECT count(*) FROM sentences"))[0])

    def count_documents(self) -> int:
        """Return the number of documents."""
        return int(next(self._rows("SELECT count(*) FROM documents"))[0])

    def _rows(self, statement: str, values: Sequence[int] = ()) -> Iterator[tuple[Any, ...]]:
        """Return the rows that a statement selects."""
        try:
            with self._lock:
                return iter(self._connection.execute(statement, values).fetchall())
        except sqlite3.DatabaseError as error:
            raise IndexDamagedError(
                f"The index is damaged: its sentences cannot be read ({error}). "
                "Build it anew with: python ingest.py --full"
            ) from error

    def _chosen(self, statement: str, values: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a statement selects for ``values``, a few hundred at a time."""
        for start in range(0, len(values), _ROWS_AT_ONCE):
            part = [int(value) for value in values[start : start + _ROWS_AT_ONCE]]
            yield from self._rows(statement.format(",".join("?" * len(part))), part)


def _document(row: tuple[Any, ...]) -> StoredDocument:
    """Return the document in a row of the table."""
    number, path, title, category, attributes, hidden, text = row
    spans = tuple(Span(start, end) for start, end in json.loads(hidden))
    return StoredDocument(number, path, title, category, json.loads(attributes), spans, text)


def _sentence(row: tuple[Any, ...]) -> StoredSentence:
    """Return the sentence in a row of the table."""
    *plain, headings, key, paragraph, context = row
    return StoredSentence(*plain, tuple(json.loads(headings)), key, paragraph, context)  # type: ignore[call-arg]


def _json(value: object) -> str:
    """Return ``value`` as JSON."""
    return json.dumps(value, ensure_ascii=False)


def _spans(spans: tuple[Span, ...]) -> str:
    """Return spans as JSON."""
    return json.dumps([[span.start, span.end] for span in spans])


def _columns(spans: str) -> NDArray[np.int64]:
    """Return spans as :func:`_spans` writes them in two columns, without an object for each."""
    numbers = spans.replace("[", "").replace("]", "")
    if not numbers:
        return np.empty((0, 2), dtype=np.int64)
    return np.fromstring(numbers, dtype=np.int64, sep=",").reshape(-1, 2)
