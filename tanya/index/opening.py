"""Opening a build for reading, and the newest sound one where the published one is damaged."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tanya.errors import IndexDamagedError, IndexMismatchError, IndexMissingError, TanyaError
from tanya.evidence import Evidence
from tanya.index.folder import BUILDS, hash_of, manifests, read_current, was_published
from tanya.index.manifest import Manifest, read_manifest
from tanya.index.readers import FILE_NAME as LOCK
from tanya.index.readers import Hold
from tanya.index.store import Store
from tanya.lexical import LexicalIndex
from tanya.settings import command
from tanya.tokens import Tokens
from tanya.vectors import FaissStore, VectorStore
from tanya.vocabulary import Vocabulary

VECTORS = "vectors.faiss"
STORE = "sentences.sqlite"
LEXICAL = "lexical"
DOCUMENTS = "documents"
TOKENS = "tokens"
EVIDENCE = "evidence"
VOCABULARY = "vocabulary"

_REMEDY = "Build the index anew with: python ingest.py --full"
# What a unit vector's length may be off by after half precision.
_LENGTH_TOLERANCE = 0.01
_ROWS_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True)
class OpenBuild:
    """A build that is open for reading: its manifest and its indexes.

    As long as it is open nobody removes it. ``warning`` says why it was opened in the place of the
    published one, or is None.
    """

    manifest: Manifest
    store: Store
    vectors: VectorStore
    lexical: LexicalIndex
    tokens: Tokens
    documents: LexicalIndex
    evidence: Evidence
    vocabulary: Vocabulary
    folder: Path
    hold: Hold
    warning: str | None = None

    def close(self) -> None:
        """Let the build go."""
        self.store.close()
        self.hold.release()


def published_name(folder: Path) -> str:
    """Return the name of the published build of the index in ``folder``.

    Raises:
        IndexMissingError: nothing is published there.
    """
    name = read_current(folder)
    if name is None:
        raise IndexMissingError(
            f"There is no index in {str(folder)!r} yet. "
            f"Build it with: {command('python ingest.py', index=folder)}"
        )
    return name


def open_published(
    folder: Path, *, verified: bool = False, avoid: frozenset[str] = frozenset()
) -> OpenBuild:
    """Open the published build of the index in ``folder``, or the newest sound one before it.

    Args:
        folder: the folder of the index.
        verified: whether to compare the hash of every file with the manifest's, too.
        avoid: builds that were found to be damaged although they open.

    Raises:
        IndexMissingError: nothing was ever published there.
        IndexDamagedError: the build is incomplete or does not fit together, and there is no other.
        IndexMismatchError: it has a format that this version does not read.
    """
    tried: str | None = None
    while True:
        name = read_current(folder)
        if name is None:
            damage = _missing(folder)
            break
        if name in avoid:
            damage = IndexDamagedError(f"The build {name!r} is damaged. {_REMEDY}")
            break
        try:
            return open_build(folder, name, verified=verified)
        except IndexDamagedError as error:
            # Between reading the name and opening, a newer build may have taken its place.
            if tried == name:
                damage = error
                break
            tried = name
    for other in _instead_of(folder, name):
        if other not in avoid:
            try:
                opened = open_build(folder, other, verified=True)
            except (IndexDamagedError, IndexMismatchError):
                continue
            warning = (
                f"{damage} Meanwhile the build {other!r} of {opened.manifest.created} answers, "
                "with the documents as they were then."
            )
            return dataclasses.replace(opened, warning=warning)
    raise damage


def _missing(folder: Path) -> IndexMissingError | IndexDamagedError:
    """Return what is wrong where CURRENT names no build."""
    build = command("python ingest.py", index=folder)
    if any(was_published(folder, manifest.name) for manifest in manifests(folder)):
        return IndexDamagedError(
            f"The index in {str(folder)!r} does not say which build is published: its file CURRENT "
            f"is missing or damaged. Build it anew with: {build}"
        )
    return IndexMissingError(f"There is no index in {str(folder)!r} yet. Build it with: {build}")


def _instead_of(folder: Path, name: str | None) -> list[str]:
    """Return the builds that may stand in for ``name``, best first: those before it, then others.

    One that was never published is none of them: the gate has turned it away.
    """
    known = [m for m in manifests(folder) if was_published(folder, m.name)]
    own = next((m.sequence for m in known if m.name == name), None)
    others = [m for m in known if m.name != name]
    others.sort(key=lambda m: (own is not None and m.sequence > own, -m.sequence))
    return [manifest.name for manifest in others]


def open_build(folder: Path, name: str, *, verified: bool = False) -> OpenBuild:
    """Open the build called ``name`` of the index in ``folder``; errors as open_published's."""
    path = folder / BUILDS / name
    # A name, never a path: it may have been typed.
    named = name and not name.startswith(".") and Path(name).name == name
    if not named or not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises on a long name
        raise _no_such_build(folder, name)
    try:
        hold = Hold(path)
    except FileNotFoundError as error:
        raise _no_such_build(folder, name) from error
    except OSError as error:
        raise IndexDamagedError(
            f"The build {name!r} cannot be read: its file {LOCK} cannot be opened or locked "
            f"({error.strerror}). Change its permissions, or put the index where files can be "
            "locked."
        ) from error
    try:
        opened = _opened(path, hold, verified=verified)
    except BaseException:
        hold.release()
        raise
    return opened


def _no_such_build(folder: Path, name: str) -> IndexDamagedError:
    """Return what is wrong where no build is called ``name``: with the index, or with the name."""
    if name == read_current(folder):
        return IndexDamagedError(
            f"The index in {str(folder)!r} names the build {name!r}, which is not there: it was "
            "removed or copied only in part. Build it anew with: python ingest.py --full"
        )
    return IndexDamagedError(
        f"There is no build {name!r} in {str(folder)!r}. "
        f"See which there are with: {command('python -m tanya builds', index=folder)}"
    )


def opens(folder: Path, name: str) -> bool:
    """Say whether the build called ``name`` can be opened."""
    try:
        open_build(folder, name).close()
    except TanyaError:
        return False
    return True


def _opened(path: Path, hold: Hold, *, verified: bool) -> OpenBuild:
    """Open the build in the folder ``path`` and check that its parts fit together."""
    manifest = read_manifest(path)
    for name, (size, _) in manifest.files.items():
        try:
            actual = (path / name).stat().st_size
        except OSError as error:
            raise IndexDamagedError(
                f"The build {path.name!r} is damaged: {name} is missing. {_REMEDY}"
            ) from error
        if actual != size:
            raise IndexDamagedError(
                f"The build {path.name!r} is damaged: {name} has {actual} bytes instead of {size}. "
                f"{_REMEDY}"
            )
    if verified:
        # Before opening the parts, which do not say which of their files cannot be read.
        _compare_hashes(path, manifest)
    vectors = FaissStore.open(path / VECTORS)
    try:
        store = Store(path / STORE)
        sentences = store.count_sentences()
        lexical = LexicalIndex(path / LEXICAL)
        tokens = Tokens(path / TOKENS)
        documents = LexicalIndex(path / DOCUMENTS)
        evidence = Evidence(path / EVIDENCE)
        vocabulary = Vocabulary(path / VOCABULARY)
    except (sqlite3.Error, ValueError, OSError) as error:
        raise IndexDamagedError(
            f"The build {path.name!r} is damaged: a part of it cannot be read ({error}). {_REMEDY}"
        ) from error
    counts = (manifest.sentences, sentences, len(vectors), len(lexical), len(evidence), len(tokens))
    if len(set(counts)) > 1:
        raise IndexDamagedError(
            f"The build {path.name!r} is damaged: its manifest, sentences, vectors, lexical "
            f"index, evidence and word pieces have {counts} entries. {_REMEDY}"
        )
    if len(documents) != manifest.documents:
        raise IndexDamagedError(
            f"The build {path.name!r} is damaged: its manifest has {manifest.documents} documents, "
            f"their lexical index {len(documents)}. {_REMEDY}"
        )
    if vectors.dimension != manifest.dimension:
        raise IndexMismatchError(
            f"The build {path.name!r} has vectors of dimension {vectors.dimension}, but its "
            f"manifest says {manifest.dimension}. {_REMEDY}"
        )
    return OpenBuild(
        manifest, store, vectors, lexical, tokens, documents, evidence, vocabulary, path, hold
    )


def verify_files(build: OpenBuild) -> None:
    """Compare the hash of each file of a build with the one in its manifest.

    Raises:
        IndexDamagedError: one is not as it was written; the message names it.
    """
    _compare_hashes(build.folder, build.manifest)


def _compare_hashes(path: Path, manifest: Manifest) -> None:
    """Compare the hash of each file of the build in the folder ``path`` with the manifest's."""
    for file, (_, expected) in manifest.files.items():
        try:
            actual = hash_of(path / file)
        except OSError as error:
            raise IndexDamagedError(
                f"The build {path.name!r} is damaged: {file} cannot be read "
                f"({error.strerror}). {_REMEDY}"
            ) from error
        if actual != expected:
            raise IndexDamagedError(
                f"The build {path.name!r} is damaged: {file} is not as it was written. {_REMEDY}"
            )


def verify_build(folder: Path, name: str) -> Manifest:
    """Check everything about a build: its files, and that its parts agree row by row.

    Raises:
        IndexDamagedError, IndexMismatchError: what is wrong with it.
    """
    build = open_build(folder, name, verified=True)
    try:
        problem = _disagreement(build)
    finally:
        build.close()
    if problem is not None:
        raise IndexDamagedError(f"The build {name!r} is damaged: {problem}. {_REMEDY}")
    return build.manifest


def _disagreement(build: OpenBuild) -> str | None:
    """Return how the parts of a build differ, None if they agree."""
    count = build.manifest.sentences
    if build.store.count_documents() != build.manifest.documents:
        return "its manifest and its documents have other numbers"
    for start in range(0, count, _ROWS_AT_ONCE):
        rows = np.arange(start, min(start + _ROWS_AT_ONCE, count), dtype=np.int64)
        stored = build.store.sentences(rows.tolist())
        if list(stored) != rows.tolist():
            return "its sentences are not numbered without gaps"
        if [s.document for s in stored.values()] != build.evidence.documents(rows).tolist():
            return "its sentences and its evidence are of other documents"
        lengths = np.linalg.norm(build.vectors.vectors(rows), axis=1)
        if not np.all(np.abs(lengths - 1) <= _LENGTH_TOLERANCE):
            return "a vector is not of length 1"
    for index, size in ((build.lexical, count), (build.documents, build.manifest.documents)):
        if not np.array_equal(index.rows(), np.arange(size)):
            return "its lexical index has other rows than its sentences"
    return None
