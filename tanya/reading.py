"""Reading a corpus: documents with their sentences, unchanged ones as the last build has them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tanya.changes import skipped_files
from tanya.documents import SUFFIXES, CorpusFile, Unreadable, read_document
from tanya.index import FileState, StoredDocument, StoredSentence
from tanya.index.store import Store
from tanya.records import Document, OtherKind, Progress, Sentence, SkippedFile, Span
from tanya.sentences import display_title, sentences_of
from tanya.settings import Settings


@dataclass(frozen=True, slots=True)
class ReadyDocument:
    """A document that is ready to be embedded: what is stored of it, and its sentences."""

    path: str
    title: str
    category: str
    attributes: dict[str, object]
    hidden: tuple[Span, ...]
    text: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What reading the corpus gave: documents with their sentences, and the state of every file."""

    documents: tuple[ReadyDocument, ...]
    files: tuple[FileState, ...]

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """The files that are not documents, and why."""
        return skipped_files(self.files)

    @property
    def notes(self) -> tuple[SkippedFile, ...]:
        """What a person should know of files that were read all the same."""
        return notes_of(self.files)


def notes_of(states: Sequence[FileState]) -> tuple[SkippedFile, ...]:
    """Return what a person should know of files that were read all the same."""
    return tuple(SkippedFile(state.path, note) for state in states for note in state.notes)


def read_corpus(
    files: Sequence[CorpusFile],
    settings: Settings,
    notify: Callable[[Progress], None],
    *,
    before: Store | None = None,
    differing: Container[str] = (),
) -> Corpus:
    """Read and split every document; what cannot be read is named and left out.

    Args:
        files: the files of the corpus.
        settings: how to read and split them.
        notify: called now and then.
        before: what a build by the same settings has, None to read every file.
        differing: the paths that are not as ``before`` has them.
    """
    known = _kept(before, differing)
    documents: list[ReadyDocument] = []
    states: list[FileState] = []
    first_with: dict[str, str] = {}
    max_bytes = int(settings.max_file_mb * 1_000_000)
    for i, file in enumerate(files):
        notify(Progress("reading", i, len(files)))
        ready, sha256, reason, notes = known.get(file.path) or _read(file, max_bytes, settings)
        if ready is not None:
            twin = first_with.setdefault(sha256, file.path)
            if twin != file.path:
                reason = f"it has the same content as {twin}"
            else:
                documents.append(ready)
        if reason is not None:
            notes = ()
        states.append(FileState(file.path, file.size, file.modified, sha256, reason, notes))
    notify(Progress("reading", len(files), len(files)))
    return Corpus(tuple(documents), tuple(states))


# A document if the file is one, the hash of its bytes, why it is none, and what to know of it.
_Found = tuple[ReadyDocument | None, str, str | None, tuple[str, ...]]


def _read(file: CorpusFile, max_bytes: int, settings: Settings) -> _Found:
    """Read one file."""
    found = read_document(file, max_bytes)
    if isinstance(found, Unreadable):
        return None, found.sha256, found.reason, ()
    sentences = sentences_of(found.document, settings.language)
    if not sentences:
        return None, found.sha256, "it has no sentence: there is no letter and no digit in it", ()
    return _ready(found.document, sentences), found.sha256, None, found.notes


def _ready(document: Document, sentences: tuple[Sentence, ...]) -> ReadyDocument:
    """Return a document that was read."""
    return ReadyDocument(
        path=document.path,
        title=display_title(document, sentences),
        category=document.category,
        attributes=dict(document.attributes),
        hidden=document.hidden,
        text=document.text,
        sentences=sentences,
    )


def _kept(before: Store | None, differing: Container[str]) -> dict[str, _Found]:
    """Return the documents that are still as a build has them, by their paths.

    What was no document is read again: another file may have been the reason, such as a twin.
    """
    if before is None:
        return {}
    states = {state.path: state for state in before.files()}
    parts = {
        number: tuple(map(_sentence, group))
        for number, group in groupby(before.all_sentences(), key=lambda s: s.document)
    }
    return {
        document.path: (
            _ready_again(document, parts[document.id]),
            states[document.path].sha256,
            None,
            states[document.path].notes,
        )
        for document in before.all_documents()
        if document.path not in differing
    }


def _ready_again(document: StoredDocument, sentences: tuple[Sentence, ...]) -> ReadyDocument:
    """Return a document as a build has it."""
    return ReadyDocument(
        path=document.path,
        title=document.title,
        category=document.category,
        attributes=document.attributes,
        hidden=document.hidden,
        text=document.text,
        sentences=sentences,
    )


def _sentence(stored: StoredSentence) -> Sentence:
    """Return a sentence as a build has it."""
    return Sentence(
        ordinal=stored.ordinal,
        paragraph=stored.paragraph,
        start=stored.start,
        end=stored.end,
        passage_start=stored.passage_start,
        passage_end=stored.passage_end,
        text=stored.text,
        headings=stored.headings,
        context=stored.context,
    )


def other_kinds(corpus: Path, but: Container[str] = ()) -> tuple[OtherKind, ...]:
    """Return the kinds of files below ``corpus`` that are never read, the most frequent first.

    Nothing is said of hidden files, nor of those whose names are in ``but``.
    """
    found: Counter[str] = Counter()
    for _, folders, names in os.walk(corpus):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        found.update(
            Path(name).suffix.lower()
            for name in names
            if not name.startswith(".") and not name.lower().endswith(SUFFIXES) and name not in but
        )
    return tuple(
        OtherKind(os.fsencode(ending).decode("utf-8", errors="backslashreplace"), count)
        for ending, count in sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))
    )


def nothing_to_index(corpus: Path, skipped: Sequence[SkippedFile]) -> str:
    """Return what to say of a corpus without documents."""
    message = f"There is nothing to index in {str(corpus)!r}: "
    if not skipped:
        return message + "it holds no .txt and no .md file. Put your documents there."
    reasons = "; ".join(f"{file.path}: {file.reason}" for file in skipped[:5])
    more = f"; and {len(skipped) - 5} more" if len(skipped) > 5 else ""
    return f"{message}none of its files can be used ({reasons}{more})."
