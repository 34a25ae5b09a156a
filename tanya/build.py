"""From a corpus to a published build, embedding only what was not embedded before."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tanya
from tanya.changes import find_changes, skipped_files
from tanya.documents import CorpusFile, ReadDocument, Unreadable, list_files, read_document
from tanya.encoders import (
    PLAIN_DIMENSION,
    Encoder,
    known_fingerprint,
    load_encoder,
    load_piece_table,
    model_name,
    passages_with_plain,
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
    building,
    open_published,
)
from tanya.lexical import Analyzer, LexicalEntry
from tanya.records import Document, Progress, Report, Sentence, SkippedFile
from tanya.sentences import display_title, sentences_of
from tanya.settings import Settings
from tanya.vectors import Vectors

# Sentences embedded between two reports of progress.
_SENTENCES_AT_ONCE = 512

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class _Read:
    """What reading the corpus gave: documents, their sentences, and the state of every file."""

    documents: tuple[Document, ...]
    sentences: tuple[tuple[Sentence, ...], ...]
    files: tuple[FileState, ...]

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """The files that are not documents, and why."""
        return skipped_files(self.files)


@dataclass(frozen=True, slots=True)
class _Embedded:
    """The vectors of all sentences, and how many of the sentences had to be embedded.

    ``vectors`` are of the sentences in their contexts, ``alone`` of the sentences by themselves,
    ``plain`` as ``alone`` but by the bundled model as it came.
    """

    vectors: Vectors
    alone: NDArray[np.float16]
    plain: NDArray[np.float16]
    computed: int


def rebuild(
    settings: Settings,
    *,
    full: bool = False,
    on_progress: OnProgress | None = None,
    encoder: Encoder | None = None,
) -> Report:
    """Bring the index up to date with the corpus, and publish it if anything has changed.

    Args:
        settings: which corpus, index and model, among others.
        full: build everything anew, reusing nothing.
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
    notify = on_progress or (lambda _: None)
    threads = settings.threads or os.cpu_count() or 1
    files = list_files(settings.corpus)
    with building(settings.index) as workshop, _previous(settings.index) as previous:
        named = settings.model or (previous.manifest.model if previous else None)
        model = encoder.name if encoder else model_name(named)
        reusable = None if full else previous
        states = previous.store.files() if previous else []
        changes = find_changes(files, states)
        fingerprint = encoder.fingerprint if encoder else known_fingerprint(model)
        if (
            reusable
            and not changes
            and _same_recipe(reusable.manifest, settings, model, fingerprint)
        ):
            return _nothing_changed(reusable, states, started)
        # The model's weights are unpacked while the documents are read.
        with ThreadPoolExecutor(1) as pool:
            loading = pool.submit(lambda: encoder or load_encoder(model, threads=threads))
            read = _read_corpus(files, settings, notify)
            if not read.documents:
                raise CorpusError(_nothing_to_index(settings.corpus, read.skipped))
            loaded = loading.result()
        keys = _keys(read)
        embedded = _embed(read, keys, loaded, reusable, notify)
        manifest = workshop.publish(
            _new_build(read, keys, embedded, loaded, settings),
            keep=settings.keep_builds,
            threads=threads,
            on_step=lambda done, total: notify(Progress("writing", done, total)),
        )
        indexed = {document.path for document in read.documents}
        before = {state.path for state in states if state.skipped is None}
        added = sum(path in indexed for path in changes.added)
        changed = sum(path in indexed for path in changes.changed)
        return Report(
            build=manifest.name,
            published=True,
            documents=manifest.documents,
            sentences=manifest.sentences,
            added=added,
            changed=changed,
            removed=len(before.intersection(changes.removed)),
            unchanged=manifest.documents - added - changed,
            embedded=embedded.computed,
            reused=manifest.sentences - embedded.computed,
            model=manifest.model,
            seconds=time.perf_counter() - started,
            skipped=read.skipped,
            notes=_notes(read.files),
        )


@contextlib.contextmanager
def _previous(index: Path) -> Iterator[OpenBuild | None]:
    """Give the published build, or None where there is none that can be read."""
    try:
        opened = open_published(index, verified=True)
    except TanyaError:
        # Missing, damaged or of another format: nothing to reuse, and a full build mends it.
        yield None
        return
    try:
        yield opened
    finally:
        opened.close()


def _same_recipe(
    manifest: Manifest, settings: Settings, model: str, fingerprint: str | None
) -> bool:
    """Say whether the same files would give the same build; None is an unknown fingerprint."""
    return (
        manifest.model == model
        and manifest.language == settings.language
        and manifest.max_file_mb == settings.max_file_mb
        and manifest.vector_index == settings.vector_index
        and manifest.version == tanya.__version__
        and fingerprint in (None, manifest.fingerprint)
    )


def _nothing_changed(build: OpenBuild, states: list[FileState], started: float) -> Report:
    """Return the report of a build that was not needed."""
    manifest = build.manifest
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
        notes=_notes(states),
    )


def _notes(states: Sequence[FileState]) -> tuple[SkippedFile, ...]:
    """Return what a person should know of files that were read all the same."""
    return tuple(SkippedFile(state.path, note) for state in states for note in state.notes)


def _read_corpus(files: list[CorpusFile], settings: Settings, notify: OnProgress) -> _Read:
    """Read and split every document; what cannot be read is named and left out."""
    documents: list[Document] = []
    sentences: list[tuple[Sentence, ...]] = []
    states: list[FileState] = []
    first_with: dict[str, str] = {}
    max_bytes = int(settings.max_file_mb * 1_000_000)
    for i, file in enumerate(files):
        notify(Progress("reading", i, len(files)))
        found = read_document(file, max_bytes)
        reason = found.reason if isinstance(found, Unreadable) else None
        if isinstance(found, ReadDocument):
            twin = first_with.setdefault(found.sha256, file.path)
            split = sentences_of(found.document, settings.language) if twin == file.path else ()
            if twin != file.path:
                reason = f"it has the same content as {twin}"
            elif not split:
                reason = "it has no sentence: there is no letter and no digit in it"
            else:
                documents.append(found.document)
                sentences.append(split)
        notes = found.notes if isinstance(found, ReadDocument) and reason is None else ()
        states.append(FileState(file.path, file.size, file.modified, found.sha256, reason, notes))
    notify(Progress("reading", len(files), len(files)))
    return _Read(tuple(documents), tuple(sentences), tuple(states))


def _nothing_to_index(corpus: Path, skipped: Sequence[SkippedFile]) -> str:
    """Return what to say of a corpus without documents."""
    message = f"There is nothing to index in {str(corpus)!r}: "
    if not skipped:
        return message + "it holds no .txt and no .md file. Put your documents there."
    reasons = "; ".join(f"{file.path}: {file.reason}" for file in skipped[:5])
    more = f"; and {len(skipped) - 5} more" if len(skipped) > 5 else ""
    return f"{message}none of its files can be used ({reasons}{more})."


def _keys(read: _Read) -> list[bytes]:
    """Return for each sentence what tells its embedded texts from every other's."""
    return [
        hashlib.blake2b(
            f"{sentence.context}\0{sentence.text}".encode("utf-8", "replace"), digest_size=16
        ).digest()
        for sentences in read.sentences
        for sentence in sentences
    ]


def _embed(
    read: _Read,
    keys: list[bytes],
    encoder: Encoder,
    reusable: OpenBuild | None,
    notify: OnProgress,
) -> _Embedded:
    """Return the vectors of all sentences, computing each different text's once."""
    vectors = np.empty((len(keys), encoder.dimension), dtype=np.float32)
    alone = np.empty((len(keys), encoder.dimension), dtype=np.float16)
    plain = np.empty((len(keys), PLAIN_DIMENSION), dtype=np.float16)
    known: dict[bytes, int] = {}
    if reusable is not None and reusable.manifest.fingerprint == encoder.fingerprint:
        known = reusable.store.keys()
    kept = [i for i, key in enumerate(keys) if key in known]
    if kept and reusable is not None:
        rows = np.array([known[keys[i]] for i in kept], dtype=np.int64)
        vectors[kept] = reusable.vectors.vectors(rows)
        alone[kept] = reusable.evidence.vectors(rows)
        plain[kept] = reusable.evidence.plain_vectors(rows)
    sentences = [sentence for part in read.sentences for sentence in part]
    places: dict[bytes, list[int]] = {}
    for i, key in enumerate(keys):
        if key not in known:
            places.setdefault(key, []).append(i)
    todo = list(places.values())
    for start in range(0, len(todo), _SENTENCES_AT_ONCE):
        notify(Progress("embedding", start, len(todo)))
        part = todo[start : start + _SENTENCES_AT_ONCE]
        chosen = [sentences[same[0]] for same in part]
        # Most sentences have a context, and some texts are the same with it and without.
        texts = [s.text for s in chosen] + [s.contextual for s in chosen]
        distinct = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        by_themselves = len({s.text for s in chosen})
        found, as_it_came = passages_with_plain(encoder, list(distinct)[:by_themselves])
        found = np.vstack([found, encoder.encode_passages(list(distinct)[by_themselves:])])
        for same, sentence in zip(part, chosen, strict=True):
            vectors[same] = found[distinct[sentence.contextual]]
            alone[same] = found[distinct[sentence.text]]
            plain[same] = as_it_came[distinct[sentence.text]]
    notify(Progress("embedding", len(todo), len(todo)))
    return _Embedded(vectors, alone, plain, sum(map(len, todo)))


def _new_build(
    read: _Read, keys: list[bytes], embedded: _Embedded, encoder: Encoder, settings: Settings
) -> NewBuild:
    """Put together what is to be written."""
    documents = [
        StoredDocument(
            id=i,
            path=document.path,
            title=display_title(document, sentences),
            category=document.category,
            attributes=dict(document.attributes),
            hidden=document.hidden,
            text=document.text,
        )
        for i, (document, sentences) in enumerate(zip(read.documents, read.sentences, strict=True))
    ]
    flat = [(i, sentence) for i, part in enumerate(read.sentences) for sentence in part]
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
            key=keys[row],
        )
        for row, (document, sentence) in enumerate(flat)
    ]
    analyzer = Analyzer(settings.language)
    entries = (
        LexicalEntry(row, analyzer.stems(sentence.text)) for row, (_, sentence) in enumerate(flat)
    )
    document_entries = (
        LexicalEntry(i, [stem for sentence in part for stem in analyzer.stems(sentence.text)])
        for i, part in enumerate(read.sentences)
    )
    table = load_piece_table(encoder)
    manifest = Manifest(
        name="",
        sequence=0,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        format=FORMAT,
        version=tanya.__version__,
        model=encoder.name,
        fingerprint=encoder.fingerprint,
        table=table.name,
        dimension=encoder.dimension,
        language=settings.language,
        max_file_mb=settings.max_file_mb,
        corpus=str(settings.corpus.resolve()),
        documents=len(documents),
        sentences=len(rows),
        vector_index=settings.vector_index,
        vector_kind="",
        vector_recall=0.0,
        files={},
    )
    return NewBuild(
        manifest=manifest,
        files=read.files,
        documents=documents,
        sentences=rows,
        paragraphs=[sentence.paragraph for _, sentence in flat],
        vectors=embedded.vectors,
        alone=embedded.alone,
        plain=embedded.plain,
        entries=entries,
        document_entries=document_entries,
        table=table,
        contexts=[sentence.context for _, sentence in flat],
    )
