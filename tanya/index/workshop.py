"""Writing to an index: new builds, which one is published, and removing old ones."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from secrets import token_hex

import numpy as np
from numpy.typing import NDArray

from tanya.encoders import PieceTable
from tanya.errors import IndexDamagedError, IndexWriteError, TanyaError
from tanya.evidence import write_evidence
from tanya.index import opening
from tanya.index.activity import Notice, only_writer
from tanya.index.folder import (
    BUILDS,
    hashes,
    manifests,
    read_current,
    remove,
    remove_leftovers,
    set_current,
    sync_folder,
    sync_tree,
    told_errors,
    unreadable_builds,
    was_published,
    write_durably,
)
from tanya.index.listing import write_verdict
from tanya.index.manifest import FILE_NAME, Manifest
from tanya.index.opening import OpenBuild, open_build, opens, published_name
from tanya.index.readers import admit_readers, unread
from tanya.index.store import FileState, StoredDocument, StoredSentence, write_store
from tanya.lexical import Analyzer, LexicalEntry, write_lexical_index
from tanya.records import GateFigures
from tanya.settings import command
from tanya.tokens import write_tokens
from tanya.vectors import FaissStore, Vectors, VectorStore
from tanya.vocabulary import write_vocabulary

_STEPS = 4


@dataclass(frozen=True, slots=True)
class NewBuild:
    """All that a new build holds. Rows count from 0 and are the same in all parts.

    ``vectors`` are of the sentences in their contexts, ``alone`` of the sentences by themselves,
    ``topics`` of what these are about;
    ``entries`` and ``document_entries`` are the words of sentences and of whole documents;
    ``table`` cuts sentences and contexts into word pieces, ``analyzer`` stems words. ``like`` is a
    store of vectors whose training, if it needs any, will do for these, too.
    """

    manifest: Manifest
    files: Sequence[FileState]
    documents: Sequence[StoredDocument]
    sentences: Sequence[StoredSentence]
    vectors: Vectors
    alone: NDArray[np.float16]
    topics: NDArray[np.float16]
    entries: Iterable[LexicalEntry]
    document_entries: Iterable[LexicalEntry]
    table: PieceTable
    analyzer: Analyzer
    like: VectorStore | None = None


class Workshop:
    """The right to write to an index folder, had from :func:`building`."""

    def __init__(self, folder: Path, notice: Notice) -> None:
        self.folder = folder
        self.notice = notice

    def write(
        self, new: NewBuild, threads: int, on_step: Callable[[int, int], None] = lambda *_: None
    ) -> Manifest:
        """Write a build beside the others and verify it; nobody sees it until it is published.

        Args:
            new: the build; its manifest's name, sequence, files, and the kind and recall of its
                vectors are filled in here.
            threads: how many processor cores to use.
            on_step: called with the steps done and their number, during long steps repeatedly.

        Raises:
            IndexWriteError: it cannot be written. The published build is as it was.
        """
        builds = self.folder / BUILDS
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{token_hex(3)}"
        target = builds / name
        try:
            with told_errors(self.folder):
                builds.mkdir(exist_ok=True)
                remove_leftovers(self.folder)
                target.mkdir()
                vectors = _write_parts(target, new, threads, on_step)
                manifest = dataclasses.replace(
                    new.manifest,
                    name=name,
                    sequence=1 + max((m.sequence for m in manifests(self.folder)), default=0),
                    files=hashes(target),
                    vector_kind=vectors.kind,
                    vector_recall=vectors.recall,
                )
                admit_readers(target)
                sync_tree(target)
                # The last of all: without a manifest it is no build, and half of one would be taken
                # for a build that was damaged later.
                write_durably(target / FILE_NAME, manifest.as_json())
                sync_folder(builds)
                open_build(self.folder, name).close()
                on_step(_STEPS, _STEPS)
        except BaseException:
            # Interrupted or failed: nothing of it may stay.
            shutil.rmtree(target, ignore_errors=True)
            raise
        return manifest

    def publish(self, name: str) -> None:
        """Make the build called ``name`` the published one, at once and whole.

        Raises:
            IndexDamagedError: there is no such build.
            IndexWriteError: it cannot be written down. What was published still is.
        """
        if name not in {manifest.name for manifest in manifests(self.folder)}:
            raise IndexDamagedError(
                f"There is no sound build {name!r} in {str(self.folder)!r}. "
                f"See which there are with: {command('python -m tanya builds', index=self.folder)}"
            )
        with told_errors(self.folder):
            set_current(self.folder, name)

    def note_verdict(self, name: str, figures: GateFigures) -> None:
        """Keep with a build what the gate measured of it."""
        with told_errors(self.folder):
            write_verdict(self.folder / BUILDS / name, figures)

    @contextlib.contextmanager
    def inspecting(self, name: str) -> Iterator[OpenBuild]:
        """Give a candidate, opened; if what is done with it fails it is removed."""
        try:
            with contextlib.closing(open_build(self.folder, name)) as build:
                yield build
        except BaseException:
            self.discard(name)
            raise

    def discard(self, name: str) -> None:
        """Remove a build that was not published and will not be."""
        if name != read_current(self.folder):
            remove(self.folder / BUILDS / name)

    def clean(self, keep: int, *, verified: bool = False) -> tuple[str, ...]:
        """Remove the oldest builds and what killed builds have left; return the builds' names.

        What stays is the published build, the one that answers in its place if it is damaged, the
        newest sound ones of those that were published, ``keep`` with it, the candidate if it is
        newer than the published one, and what somebody reads.

        Args:
            keep: how many builds to keep.
            verified: whether the published build counts as damaged if a checksum says so.
        """
        current = read_current(self.folder)
        known = manifests(self.folder)
        published = [m for m in known if was_published(self.folder, m.name)]
        answering = _answering(self.folder, verified=verified)
        others = (
            m.name
            for m in reversed(published)
            if m.name not in (current, answering) and opens(self.folder, m.name)
        )
        kept = {current, answering, *islice(others, keep - 1)}
        candidate = candidate_of(self.folder)
        if candidate is not None:
            kept.add(candidate.name)
        removed = []
        for name in (*(m.name for m in known), *unreadable_builds(self.folder)):
            path = self.folder / BUILDS / name
            if name not in kept:
                with unread(path) as free:
                    if free:
                        remove(path)
                        removed.append(name)
        with contextlib.suppress(OSError):
            remove_leftovers(self.folder)
        return tuple(removed)


def _answering(folder: Path, *, verified: bool) -> str | None:
    """Return the build that answers, published or in the place of the published one, or None."""
    try:
        with contextlib.closing(opening.open_published(folder, verified=verified)) as build:
            return build.manifest.name
    except TanyaError:
        return None


def _write_parts(
    target: Path, new: NewBuild, threads: int, on_step: Callable[[int, int], None]
) -> FaissStore:
    """Write all but the manifest into the new folder ``target``."""
    on_step(0, _STEPS)
    write_store(target / opening.STORE, new.files, new.documents, new.sentences)
    on_step(1, _STEPS)
    vectors = FaissStore.build(
        new.vectors,
        new.manifest.vector_index,
        threads=threads,
        on_step=lambda: on_step(1, _STEPS),
        like=new.like,
    )
    vectors.save(target / opening.VECTORS)
    on_step(2, _STEPS)
    write_lexical_index(target / opening.LEXICAL, new.entries)
    write_lexical_index(target / opening.DOCUMENTS, new.document_entries)
    texts = [sentence.text for sentence in new.sentences]
    contexts = [sentence.context for sentence in new.sentences]
    write_tokens(target / opening.TOKENS, new.table, texts, contexts)
    write_vocabulary(target / opening.VOCABULARY, texts, contexts, new.analyzer)
    write_evidence(
        target / opening.EVIDENCE,
        new.alone,
        topics=new.topics,
        documents=np.array([s.document for s in new.sentences], dtype=np.int64),
        paragraphs=np.array([s.paragraph for s in new.sentences], dtype=np.int64),
    )
    on_step(3, _STEPS)
    return vectors


def candidate_of(folder: Path) -> Manifest | None:
    """Return the build that was made after the published one and was not published, or None."""
    known = manifests(folder)
    current = read_current(folder)
    sequence = next((m.sequence for m in known if m.name == current), 0)
    newer = [m for m in known if m.sequence > sequence and not was_published(folder, m.name)]
    return newer[-1] if newer else None


def open_candidate(folder: Path) -> OpenBuild | None:
    """Open the candidate, None where there is none that is sound."""
    found = candidate_of(folder)
    if found is None:
        return None
    try:
        return open_build(folder, found.name, verified=True)
    except IndexDamagedError:
        return None


@contextlib.contextmanager
def building(folder: Path, wait: float = 0.0) -> Iterator[Workshop]:
    """Lock the index in ``folder`` for writing, creating the folder if it is missing.

    Args:
        folder: the folder of the index.
        wait: how many seconds to wait while another process writes.

    Raises:
        IndexWriteError: it cannot be created or written to.
        IndexBusyError: another process is building it.
    """
    with contextlib.ExitStack() as stack:
        with told_errors(folder):
            if folder.exists() and not folder.is_dir():
                raise IndexWriteError(
                    f"{str(folder)!r} is not a folder. Name a folder for the index with --index."
                )
            folder.mkdir(parents=True, exist_ok=True)
            notice = stack.enter_context(only_writer(folder, wait))
        yield Workshop(folder, notice)


def roll_back(folder: Path, name: str | None = None, wait: float = 0.0) -> tuple[str, str]:
    """Publish an older build at once and return the names of the one before and of this one.

    Args:
        folder: the folder of the index.
        name: which; None for the newest that was published before the published one.
        wait: how many seconds to wait while another process writes.

    Raises:
        IndexMissingError: nothing is published.
        IndexDamagedError: there is no such build, or it is not sound.
        IndexBusyError, IndexWriteError: it cannot be published now.
    """
    before = published_name(folder)
    with building(folder, wait) as workshop:
        if name is None:
            name = _before(folder, before)
        open_build(folder, name, verified=True).close()
        workshop.publish(name)
    return before, name


def publish_build(folder: Path, name: str, wait: float = 0.0) -> None:
    """Publish a build that is there at once, whether it was published before or never.

    Raises:
        IndexDamagedError: there is no such build, or it is not sound.
        IndexBusyError, IndexWriteError: it cannot be published now.
    """
    with building(folder, wait) as workshop:
        open_build(folder, name, verified=True).close()
        workshop.publish(name)


def _before(folder: Path, current: str) -> str:
    """Return the newest build that was published before ``current``."""
    known = manifests(folder)
    sequence = next((m.sequence for m in known if m.name == current), None)
    for manifest in reversed(known):
        older = sequence is None or manifest.sequence < sequence
        if older and manifest.name != current and was_published(folder, manifest.name):
            return manifest.name
    raise IndexDamagedError(
        f"The index in {str(folder)!r} keeps no older build to roll back to. "
        f"See which there are with: {command('python -m tanya builds', index=folder)}"
    )
