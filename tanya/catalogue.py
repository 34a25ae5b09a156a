"""What there is to ask: the documents of a build, their kinds and headings, and their numbers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tanya.index import StoredDocument, StoredSentence
from tanya.index.store import Store
from tanya.records import Filter, Passage, Span
from tanya.text import visible

# An attribute with one value tells nothing, one with very many is a text of its own.
_LEAST_VALUES = 2
_MOST_VALUES = 50
# These are shown elsewhere.
_OWN_PLACE = frozenset(("title", "judul"))
# 40 bits: two sentences of one document never share them by chance.
_MARK_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Outline:
    """A document without its text. ``values`` are its attributes as they can be filtered by."""

    id: int
    path: str
    title: str
    category: str
    values: frozenset[tuple[str, str]]


class Catalogue:
    """The documents of a build. Threads may share it."""

    def __init__(self, store: Store) -> None:
        """Read the outlines of all documents, which takes a moment for very many of them."""
        self._store = store
        self.documents = tuple(
            Outline(
                stored.id,
                stored.path,
                stored.title,
                stored.category,
                frozenset(_values(stored.attributes)),
            )
            for stored in store.outlines()
        )
        self._by_path = {outline.path: outline for outline in self.documents}

    def at(self, path: str) -> Outline | None:
        """Return the document at ``path``, None if there is none."""
        return self._by_path.get(path)

    def chosen(self, among: Filter) -> list[int]:
        """Return the ids of the documents that a filter chooses, in order."""
        wanted: dict[str, set[tuple[str, str]]] = {}
        for name, value in among.attributes:
            wanted.setdefault(name, set()).add((name, value))
        return sorted(
            outline.id
            for outline in self.documents
            if (not among.categories or outline.category in among.categories)
            and (not among.documents or outline.path in among.documents)
            and all(values & outline.values for values in wanted.values())
        )

    @cached_property
    def categories(self) -> Mapping[str, int]:
        """The categories by name, with how many documents each has."""
        return dict(sorted(Counter(outline.category for outline in self.documents).items()))

    @cached_property
    def attributes(self) -> Mapping[str, Mapping[str, int]]:
        """The attributes that tell documents apart: their values by name, with the documents."""
        found: dict[str, Counter[str]] = {}
        for outline in self.documents:
            for name, value in outline.values:
                found.setdefault(name, Counter())[value] += 1
        return {
            name: dict(sorted(counts.items()))
            for name, counts in sorted(found.items())
            if _LEAST_VALUES <= len(counts) <= _MOST_VALUES
        }

    @cached_property
    def headings(self) -> Mapping[str, tuple[str, ...]]:
        """The innermost headings of each document that has any, by its path, in their order."""
        found: dict[int, dict[str, None]] = {}
        for document, headings in self._store.headings():
            found.setdefault(document, {})[headings[-1]] = None
        return {o.path: tuple(found[o.id]) for o in self.documents if o.id in found}

    def whole(self, path: str) -> StoredDocument | None:
        """Return the document at ``path`` with its text, None if there is none."""
        outline = self.at(path)
        return None if outline is None else self._store.documents([outline.id])[outline.id]

    def sentences(self, path: str) -> list[str]:
        """Return the sentences of the document at ``path`` as they are read, in their order."""
        outline = self.at(path)
        return [] if outline is None else [s.text for s in self._store.sentences_of(outline.id)]

    def marked(self, path: str, mark: str) -> StoredSentence | None:
        """Return the first sentence of a document that has this :func:`mark`, if any."""
        outline = self.at(path)
        sentences = [] if outline is None else self._store.sentences_of(outline.id)
        return next((found for found in sentences if sentence_mark(found.text) == mark), None)


def sentence_mark(text: str) -> str:
    """Return a short mark that tells a sentence, as it is read, from all others."""
    folded = " ".join(text.split())
    digest = hashlib.sha256(folded.encode("utf-8", "replace"))
    return digest.hexdigest()[:_MARK_DIGITS]


def passage_text(passage: Passage) -> str:
    """Return the sentence of a passage as it is read, without the markup in it."""
    begin = passage.start
    hidden = tuple(Span(span.start - begin, span.end - begin) for span in passage.hidden)
    return visible(passage.sentence, 0, len(passage.sentence), hidden)


def passage_mark(passage: Passage) -> str:
    """Return the mark of the sentence of a passage."""
    return sentence_mark(passage_text(passage))


def _values(attributes: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the attributes that are words or numbers, or lists of these."""
    for name, value in attributes.items():
        if name.lower() in _OWN_PLACE:
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, bool):
                yield name, "true" if one else "false"
            elif isinstance(one, str | int | float) and str(one).strip():
                yield name, " ".join(str(one).split())
