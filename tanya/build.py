"""From a corpus to a build that is published, embedding only what was not embedded before."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import tanya
from tanya.changes import Changes, find_changes, skipped_files
from tanya.documents import CorpusFile, check_corpus, list_files
from tanya.embedding import Embedded, embed
from tanya.encoders import (
    Encoder,
    known_fingerprint,
    load_encoder,
    load_piece_table,
    model_name,
)
from tanya.errors import CorpusError, TanyaError
from tanya.index import (
    FORMAT,
    FileState,
    Manifest,
    NewBuild,
    OpenBuild,
    StoredDocument,
    StoredSentence,
    Workshop,
    building,
    open_candidate,
    open_published,
)
from tanya.lexical import Analyzer, LexicalEntry
from tanya.reading import Corpus, notes_of, nothing_to_index, read_corpus
from tanya.records import Progress, Report, Verdict
from tanya.settings import Settings

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A build that may be published, what it would replace, and the encoder that made it.

    ``published`` is None where nothing is published that can be read.
    """

    build: OpenBuild
    published: OpenBuild | None
    encoder: Encoder


# What decides whether a candidate is published; it reports on the questions that it asks.
Judge = Callable[[Candidate, OnProgress], Verdict]


@dataclass(frozen=True, slots=True)
class _Target:
    """What a build has to be of: the files, as they were listed, and what is done with them."""

    settings: Settings
    files: Sequence[CorpusFile]
    listed: int
    model: str
    fingerprint: str | None
    trusting: bool

    def changes(self, states: Sequence[FileState], listed: int) -> Changes:
        """Return how the files differ from those that a build saw when it listed them."""
        return find_changes(self.files, states, listed=listed, trusting=self.trusting)

    def is_met_by(self, build: OpenBuild | None) -> bool:
        """Say whether ``build`` is what building anew would make."""
        if build is None or build.warning is not None:
            return False
        manifest = build.manifest
        return not other_settings(manifest, self.settings, self.model, self.fingerprint) and (
            not self.changes(build.store.files(), manifest.started)
        )

    def reads_as(self, build: OpenBuild) -> bool:
        """Say whether the same file would give the same sentences as in ``build``."""
        manifest, settings = build.manifest, self.settings
        return (manifest.language, manifest.max_file_mb, manifest.version) == (
            settings.language,
            settings.max_file_mb,
            tanya.__version__,
        )


@dataclass(frozen=True, slots=True)
class _Written:
    """A build that is on disk and not published: its name, its files, and how much is new of it."""

    manifest: Manifest
    files: Sequence[FileState]
    embedded: int


def rebuild(
    settings: Settings,
    *,
    full: bool = False,
    verify: bool = False,
    force: bool = False,
    wait: float = 0.0,
    judge: Judge | None = None,
    on_progress: OnProgress | None = None,
    encoder: Encoder | None = None,
) -> Report:
    """Bring the index up to date with the corpus, and publish it if anything has changed.

    Args:
        settings: which corpus, index and model, among others.
        full: build everything anew, reusing nothing.
        verify: compare the content of all files, whatever their sizes and times.
        force: publish the build whatever ``judge`` says of it, also one that it turned away before.
        wait: how many seconds to wait for another process that is building.
        judge: what decides whether the new build is published.
        on_progress: called now and then; an exception that it raises stops the build.
        encoder: an encoder to use in the place of the one that the settings name.

    Raises:
        CorpusError: the corpus is missing, or there is nothing in it to index.
        EncoderError: the model cannot be had.
        IndexWriteError: the index cannot be written.
        IndexBusyError: another process is building it.

    Whatever is raised, the index that was published stays published.
    """
    started = time.perf_counter()
    # A folder that is not there makes no index.
    check_corpus(settings.corpus)
    with building(settings.index, wait) as workshop:

        def notify(progress: Progress) -> None:
            workshop.notice.tell(progress)
            if on_progress is not None:
                on_progress(progress)

        try:
            with (
                _opened(lambda: open_published(settings.index, verified=True)) as published,
                _opened(lambda: open_candidate(settings.index)) as waiting,
            ):
                target = _target(settings, published, encoder, trusting=not verify)
                ready = None if full or not target.is_met_by(waiting) else waiting
                # Both may be of the same files: a full build that the gate turned away waits for
                # somebody to insist on it.
                insisted = force and ready is not None
                current = not full and not insisted and target.is_met_by(published)
                if published is not None and current:
                    return _nothing_changed(published, started)
                with _loading(target.model, settings, encoder) as loading:
                    if ready is not None:
                        written = _Written(ready.manifest, ready.store.files(), 0)
                    else:
                        written = _write(target, workshop, published, loading, notify, full=full)
                    verdict = None
                    if judge is not None:
                        name = written.manifest.name
                        with workshop.inspecting(name) as build:
                            found = Candidate(build, published, loading())
                            verdict = judge(found, notify)
                            workshop.note_verdict(name, verdict.after)
                passed = verdict is None or verdict.passed or force
                if passed:
                    workshop.publish(written.manifest.name)
                return _report(written, published, verdict, started, passed=passed)
        finally:
            # After the old build was let go, so that it can go if nobody else reads it.
            workshop.clean(settings.keep_builds)


def _target(
    settings: Settings, published: OpenBuild | None, encoder: Encoder | None, *, trusting: bool
) -> _Target:
    """Return what the build has to be of."""
    named = settings.model or (published.manifest.model if published else None)
    listed = time.time_ns()
    return _Target(
        settings=settings,
        files=list_files(settings.corpus),
        listed=listed,
        model=encoder.name if encoder else model_name(named),
        fingerprint=encoder.fingerprint if encoder else known_fingerprint(model_name(named)),
        trusting=trusting,
    )


@contextlib.contextmanager
def _opened(opening: Callable[[], OpenBuild | None]) -> Iterator[OpenBuild | None]:
    """Give the build that ``opening`` opens, or None where there is none that can be read."""
    try:
        opened = opening()
    except TanyaError:
        # Missing, damaged or of another format: nothing to reuse, and a full build mends it.
        opened = None
    try:
        yield opened
    finally:
        if opened is not None:
            opened.close()


@contextlib.contextmanager
def _loading(
    model: str, settings: Settings, encoder: Encoder | None
) -> Iterator[Callable[[], Encoder]]:
    """Give what waits for the encoder, whose weights are unpacked while documents are read."""
    threads = settings.threads or os.cpu_count() or 1
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(lambda: encoder or load_encoder(model, threads=threads))
        yield loading.result


def other_settings(
    manifest: Manifest, settings: Settings, model: str, fingerprint: str | None
) -> tuple[str, ...]:
    """Return which settings a build was made with that are others now.

    ``fingerprint`` is that of the encoder, None where it is not known without loading it.
    """
    pairs = (
        ("model", manifest.model == model and fingerprint in (None, manifest.fingerprint)),
        ("language", manifest.language == settings.language),
        ("max_file_mb", manifest.max_file_mb == settings.max_file_mb),
        ("vector_index", manifest.vector_index == settings.vector_index),
        ("version", manifest.version == tanya.__version__),
    )
    return tuple(name for name, same in pairs if not same)


def _write(
    target: _Target,
    workshop: Workshop,
    published: OpenBuild | None,
    loading: Callable[[], Encoder],
    notify: OnProgress,
    *,
    full: bool,
) -> _Written:
    """Read, embed and write a build, reusing what the published one has of it."""
    settings = target.settings
    before, differing = None, frozenset[str]()
    if published is not None and not full and target.reads_as(published):
        before = published.store
        changes = target.changes(before.files(), published.manifest.started)
        differing = frozenset((*changes.added, *changes.changed, *changes.removed))
    corpus = read_corpus(target.files, settings, notify, before=before, differing=differing)
    if not corpus.documents:
        raise CorpusError(nothing_to_index(settings.corpus, corpus.skipped))
    encoder = loading()
    reusable = None if full else published
    embedded = embed(corpus, encoder, reusable, notify)
    manifest = workshop.write(
        _new_build(target, corpus, embedded, encoder, reusable),
        threads=settings.threads or os.cpu_count() or 1,
        on_step=lambda done, total: notify(Progress("writing", done, total)),
    )
    return _Written(manifest, corpus.files, embedded.computed)


def _nothing_changed(build: OpenBuild, started: float) -> Report:
    """Return the report of a build that was not needed."""
    manifest = build.manifest
    states = build.store.files()
    return Report(
        build=manifest.name,
        published=False,
        documents=manifest.documents,
        sentences=manifest.sentences,
        added=0,
        changed=0,
        removed=0,
        unchanged=manifest.documents,
        embedded=0,
        reused=manifest.sentences,
        model=manifest.model,
        seconds=time.perf_counter() - started,
        skipped=skipped_files(states),
        notes=notes_of(states),
    )


def _report(
    written: _Written,
    published: OpenBuild | None,
    verdict: Verdict | None,
    started: float,
    *,
    passed: bool,
) -> Report:
    """Return the report of a build that was written."""
    manifest = written.manifest
    states = published.store.files() if published else []
    before = {state.path: state.sha256 for state in states if state.skipped is None}
    now = {state.path: state.sha256 for state in written.files if state.skipped is None}
    gone = [before[path] for path in before if path not in now]
    new = [now[path] for path in now if path not in before]
    renamed = len(set(gone).intersection(new))
    changed = sum(path in before and before[path] != now[path] for path in now)
    return Report(
        build=manifest.name if passed or published is None else published.manifest.name,
        published=passed,
        documents=manifest.documents,
        sentences=manifest.sentences,
        added=len(new) - renamed,
        changed=changed,
        removed=len(gone) - renamed,
        unchanged=manifest.documents - len(new) - changed,
        embedded=written.embedded,
        reused=manifest.sentences - written.embedded,
        model=manifest.model,
        seconds=time.perf_counter() - started,
        skipped=skipped_files(written.files),
        notes=notes_of(written.files),
        renamed=renamed,
        verdict=verdict,
        candidate=None if passed else manifest.name,
        forced=passed and verdict is not None and not verdict.passed,
    )


def _new_build(
    target: _Target,
    corpus: Corpus,
    embedded: Embedded,
    encoder: Encoder,
    reusable: OpenBuild | None,
) -> NewBuild:
    """Put together what is to be written."""
    documents = [
        StoredDocument(
            id=i,
            path=document.path,
            title=document.title,
            category=document.category,
            attributes=document.attributes,
            hidden=document.hidden,
            text=document.text,
        )
        for i, document in enumerate(corpus.documents)
    ]
    flat = [(i, s) for i, document in enumerate(corpus.documents) for s in document.sentences]
    rows = [
        StoredSentence(
            row=row,
            document=document,
            ordinal=sentence.ordinal,
            start=sentence.start,
            end=sentence.end,
            passage_start=sentence.passage_start,
            passage_end=sentence.passage_end,
            text=sentence.text,
            headings=sentence.headings,
            key=embedded.keys[row],
            paragraph=sentence.paragraph,
            context=sentence.context,
        )
        for row, (document, sentence) in enumerate(flat)
    ]
    analyzer = Analyzer(target.settings.language)
    stems = [analyzer.stems(sentence.text) for _, sentence in flat]
    together: list[list[str]] = [[] for _ in documents]
    for (document, _), own in zip(flat, stems, strict=True):
        together[document] += own
    table = load_piece_table(encoder)
    return NewBuild(
        manifest=_manifest(target, encoder, table.name, len(documents), len(rows)),
        files=corpus.files,
        documents=documents,
        sentences=rows,
        vectors=embedded.vectors,
        alone=embedded.alone,
        topics=embedded.topics,
        entries=(LexicalEntry(row, own) for row, own in enumerate(stems)),
        document_entries=(LexicalEntry(i, own) for i, own in enumerate(together)),
        table=table,
        analyzer=analyzer,
        like=reusable.vectors if reusable else None,
    )


def _manifest(
    target: _Target, encoder: Encoder, table: str, documents: int, sentences: int
) -> Manifest:
    """Return what is known of a build before it is written."""
    settings = target.settings
    return Manifest(
        name="",
        sequence=0,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        started=target.listed,
        format=FORMAT,
        version=tanya.__version__,
        model=encoder.name,
        fingerprint=encoder.fingerprint,
        table=table,
        dimension=encoder.dimension,
        language=settings.language,
        max_file_mb=settings.max_file_mb,
        corpus=str(settings.corpus.resolve()),
        documents=documents,
        sentences=sentences,
        vector_index=settings.vector_index,
        vector_kind="",
        vector_recall=0.0,
        files={},
    )
