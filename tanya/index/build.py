"""The folder of an index: its builds, the one that is published, and the lock for writing."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from tanya.encoders import PieceTable
from tanya.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexWriteError,
    TanyaError,
)
from tanya.evidence import Evidence, write_evidence
from tanya.index.manifest import FILE_NAME, Manifest, read_manifest
from tanya.index.store import FileState, Store, StoredDocument, StoredSentence, write_store
from tanya.lexical import Analyzer, LexicalEntry, LexicalIndex, write_lexical_index
from tanya.tokens import Tokens, write_tokens
from tanya.vectors import FaissStore, Vectors, VectorStore
from tanya.vocabulary import Vocabulary, write_vocabulary

_CURRENT = "CURRENT"
_BUILDS = "builds"
_LOCK = ".lock"
_VECTORS = "vectors.faiss"
_STORE = "sentences.sqlite"
_LEXICAL = "lexical"
_DOCUMENTS = "documents"
_TOKENS = "tokens"
_EVIDENCE = "evidence"
_VOCABULARY = "vocabulary"


@dataclass(frozen=True, slots=True)
class OpenBuild:
    """A build that is open for reading: its manifest and its indexes."""

    manifest: Manifest
    store: Store
    vectors: VectorStore
    lexical: LexicalIndex
    tokens: Tokens
    documents: LexicalIndex
    evidence: Evidence
    vocabulary: Vocabulary

    def close(self) -> None:
        """Let the build go."""
        self.store.close()


@dataclass(frozen=True, slots=True)
class NewBuild:
    """All that a new build holds. Rows count from 0 and are the same in all parts.

    ``contexts`` are the contexts of ``sentences``; ``table`` cuts both into word pieces.
    ``vectors`` are of the sentences in their contexts, ``alone`` of the sentences by themselves,
    ``plain`` the same by the bundled model as it came;
    ``entries`` and ``document_entries`` are the words of sentences and of whole documents;
    ``paragraphs`` are the numbers of the sentences' paragraphs in their documents.
    """

    manifest: Manifest
    files: Sequence[FileState]
    documents: Sequence[StoredDocument]
    sentences: Sequence[StoredSentence]
    paragraphs: Sequence[int]
    vectors: Vectors
    alone: NDArray[np.float16]
    plain: NDArray[np.float16]
    entries: Iterable[LexicalEntry]
    document_entries: Iterable[LexicalEntry]
    table: PieceTable
    contexts: Sequence[str]


class Workshop:
    """The right to write to an index folder, had from :func:`building`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def publish(
        self, new: NewBuild, keep: int, threads: int, on_step: Callable[[int, int], None]
    ) -> Manifest:
        """Write a build beside the others, verify it, publish it and remove the oldest.

        Args:
            new: the build; its manifest's name, sequence, files, and the kind and recall of its
                vectors are filled in here.
            keep: how many builds to keep, this one included.
            threads: how many processor cores to use.
            on_step: called with the steps done and their number, during long steps repeatedly.

        Raises:
            IndexWriteError: it cannot be written. The published build is as it was.
        """
        builds = self._folder / _BUILDS
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{token_hex(3)}"
        target = builds / name
        try:
            with _told_errors(self._folder):
                builds.mkdir(exist_ok=True)
                self._remove_leftovers()
                target.mkdir()
                on_step(0, 4)
                write_store(target / _STORE, new.files, new.documents, new.sentences)
                on_step(1, 4)
                vectors = FaissStore.build(
                    new.vectors,
                    new.manifest.vector_index,
                    threads=threads,
                    on_step=lambda: on_step(1, 4),
                )
                vectors.save(target / _VECTORS)
                on_step(2, 4)
                write_lexical_index(target / _LEXICAL, new.entries)
                write_lexical_index(target / _DOCUMENTS, new.document_entries)
                texts = [sentence.text for sentence in new.sentences]
                write_tokens(target / _TOKENS, new.table, texts, new.contexts)
                analyzer = Analyzer(new.manifest.language)
                write_vocabulary(target / _VOCABULARY, texts, new.contexts, analyzer)
                documents = np.array([s.document for s in new.sentences], dtype=np.int64)
                paragraphs = np.array(new.paragraphs, dtype=np.int64)
                write_evidence(
                    target / _EVIDENCE,
                    new.alone,
                    documents=documents,
                    paragraphs=paragraphs,
                    plain=new.plain,
                )
                on_step(3, 4)
                manifest = dataclasses.replace(
                    new.manifest,
                    name=name,
                    sequence=1 + max((m.sequence for m in self._manifests()), default=0),
                    files=_hashes(target),
                    vector_kind=vectors.kind,
                    vector_recall=vectors.recall,
                )
                manifest.write(target)
                _sync_tree(target)
                _opened(target).close()
                on_step(4, 4)
                self._set_current(name)
        except BaseException:
            # Interrupted or failed: nothing of it may stay, unless it is published already.
            if _read_current(self._folder) != name:
                shutil.rmtree(target, ignore_errors=True)
            raise
        self._remove_old(keep)
        return manifest

    def _set_current(self, name: str) -> None:
        """Make ``name`` the published build, in one step that a crash cannot halve."""
        temporary = self._folder / f"{_CURRENT}.tmp"
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(name + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self._folder / _CURRENT)
        _sync_folder(self._folder)

    def _remove_leftovers(self) -> None:
        """Remove what builds that failed or were killed have left."""
        for folder in (self._folder / _BUILDS).iterdir():
            if not (folder / FILE_NAME).is_file() and folder.name != _read_current(self._folder):
                shutil.rmtree(folder, ignore_errors=True)

    def _remove_old(self, keep: int) -> None:
        """Remove all but the published build and the newest of the others."""
        current = _read_current(self._folder)
        others = [m for m in self._manifests() if m.name != current]
        others.sort(key=lambda manifest: manifest.sequence, reverse=True)
        for manifest in others[keep - 1 :]:
            # Where a reader keeps a file from being removed (Windows), the next build tries again.
            shutil.rmtree(self._folder / _BUILDS / manifest.name, ignore_errors=True)

    def _manifests(self) -> list[Manifest]:
        """Return the manifests of the builds that can be read."""
        found = []
        for folder in (self._folder / _BUILDS).iterdir():
            with contextlib.suppress(TanyaError):
                found.append(read_manifest(folder))
        return found


@contextlib.contextmanager
def building(folder: Path) -> Iterator[Workshop]:
    """Lock the index in ``folder`` for writing, creating the folder if it is missing.

    Raises:
        IndexWriteError: it cannot be created or written to.
        IndexBusyError: another process is building it.
    """
    with _told_errors(folder):
        if folder.exists() and not folder.is_dir():
            raise IndexWriteError(
                f"{str(folder)!r} is not a folder. Name a folder for the index with --index."
            )
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexBusyError(
                f"Another process is building the index in {str(folder)!r}. "
                "Wait until it is done, or stop it, and try again."
            ) from error
    try:
        yield Workshop(folder)
    finally:
        lock.release()


def published_name(folder: Path) -> str:
    """Return the name of the published build of the index in ``folder``.

    Raises:
        IndexMissingError: nothing is published there.
    """
    name = _read_current(folder)
    if name is None:
        raise IndexMissingError(
            f"There is no index in {str(folder)!r} yet. Build it with: python ingest.py"
        )
    return name


def open_published(folder: Path, *, verified: bool = False) -> OpenBuild:
    """Open the published build of the index in ``folder``.

    Args:
        folder: the folder of the index.
        verified: whether to compare the hash of every file with the manifest's, too.

    Raises:
        IndexMissingError: nothing is published there.
        IndexDamagedError: the build is incomplete or does not fit together.
        IndexMismatchError: it has a format that this version does not read.
    """
    name = published_name(folder)
    try:
        return open_build(folder, name, verified=verified)
    except IndexDamagedError:
        # Between reading the name and opening, a newer build may have taken its place.
        if published_name(folder) == name:
            raise
        return open_build(folder, published_name(folder), verified=verified)


def open_build(folder: Path, name: str, *, verified: bool = False) -> OpenBuild:
    """Open the build called ``name`` of the index in ``folder``; errors as open_published's."""
    path = folder / _BUILDS / name
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a name is too long
        raise IndexDamagedError(
            f"The index in {str(folder)!r} names the build {name!r}, which is not there: it was "
            "copied only in part. Build it anew with: python ingest.py --full"
        )
    opened = _opened(path)
    if verified:
        for file, (_, expected) in opened.manifest.files.items():
            if _hash(path / file) != expected:
                opened.close()
                raise IndexDamagedError(
                    f"The build {name!r} is damaged: {file} is not as it was written. "
                    "Build the index anew with: python ingest.py --full"
                )
    return opened


def _opened(path: Path) -> OpenBuild:
    """Open the build in the folder ``path`` and check that its parts fit together."""
    manifest = read_manifest(path)
    remedy = "Build the index anew with: python ingest.py --full"
    for name, (size, _) in manifest.files.items():
        try:
            actual = (path / name).stat().st_size
        except OSError as error:
            raise IndexDamagedError(
                f"The build {path.name!r} is damaged: {name} is missing. {remedy}"
            ) from error
        if actual != size:
            raise IndexDamagedError(
                f"The build {path.name!r} is damaged: {name} has {actual} bytes instead of {size}. "
                f"{remedy}"
            )
    vectors = FaissStore.open(path / _VECTORS)
    try:
        store = Store(path / _STORE)
        sentences = store.count_sentences()
        lexical = LexicalIndex(path / _LEXICAL)
        tokens = Tokens(path / _TOKENS)
        documents = LexicalIndex(path / _DOCUMENTS)
        evidence = Evidence(path / _EVIDENCE)
        vocabulary = Vocabulary(path / _VOCABULARY)
    except (sqlite3.Error, ValueError, OSError) as error:
        raise IndexDamagedError(
            f"The build {path.name!r} is damaged: a part of it cannot be read ({error}). {remedy}"
        ) from error
    counts = (manifest.sentences, sentences, len(vectors), len(lexical), len(evidence))
    if len(set(counts)) > 1:
        raise IndexDamagedError(
            f"The build {path.name!r} is damaged: its manifest, sentences, vectors, lexical "
            f"index and evidence have {counts} entries. {remedy}"
        )
    if len(documents) != manifest.documents:
        raise IndexDamagedError(
            f"The build {path.name!r} is damaged: its manifest has {manifest.documents} documents, "
            f"their lexical index {len(documents)}. {remedy}"
        )
    if vectors.dimension != manifest.dimension:
        raise IndexMismatchError(
            f"The build {path.name!r} has vectors of dimension {vectors.dimension}, but its "
            f"manifest says {manifest.dimension}. {remedy}"
        )
    return OpenBuild(manifest, store, vectors, lexical, tokens, documents, evidence, vocabulary)


def _read_current(folder: Path) -> str | None:
    """Return what CURRENT says, or None if there is none that can be read."""
    try:
        name = (folder / _CURRENT).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise IndexMissingError(
            f"The index in {str(folder)!r} cannot be read: {error.strerror}. "
            "Change its permissions, or name another folder with --index."
        ) from error
    # A name, never a path: the file might have been edited.
    return name if name and Path(name).name == name else None


def _hashes(folder: Path) -> dict[str, tuple[int, str]]:
    """Return the size and the SHA-256 of each file below ``folder``."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".lock"):
            found[path.relative_to(folder).as_posix()] = (path.stat().st_size, _hash(path))
    return found


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync_tree(folder: Path) -> None:
    """Have the system write everything below ``folder`` to the disk now."""
    for path in folder.rglob("*"):
        if path.is_dir():
            _sync_folder(path)
        else:
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    _sync_folder(folder)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Have the system write a folder's list of files to the disk now, where it can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _told_errors(folder: Path) -> Iterator[None]:
    """Turn what the system and the libraries raise while writing into IndexWriteError."""
    try:
        yield
    except (OSError, sqlite3.Error, ValueError, RuntimeError) as error:
        text = str(error).lower()
        number = getattr(error, "errno", None)
        if (
            number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            or "no space" in text
            or "full" in text
        ):
            reason = "the disk is full. Free some space"
        elif (
            number in (errno.EACCES, errno.EPERM, errno.EROFS)
            or "denied" in text
            or "readonly" in text
        ):
            reason = "writing there is not allowed. Change its permissions, or name another folder"
        else:
            reason = f"{error}. Check the folder"
        raise IndexWriteError(
            f"Cannot write the index in {str(folder)!r}: {reason}, and try again. "
            "The index that was there is unchanged."
        ) from error
