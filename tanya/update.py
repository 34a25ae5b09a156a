"""Bringing an index up to date as people do it: through the gate, on request or as files change."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tanya.build import OnProgress, rebuild
from tanya.documents import SUFFIXES
from tanya.encoders import load_encoder
from tanya.errors import TanyaError
from tanya.gaps import counts, find_gaps, recheck
from tanya.gate import FILE_NAME, gate, gate_file
from tanya.index import open_published
from tanya.journal import FILE_NAME as JOURNAL
from tanya.reading import other_kinds
from tanya.records import Progress, Report
from tanya.search import Searcher
from tanya.settings import Settings

_log = logging.getLogger(__name__)

# Milliseconds without a change after which files count as settled, and between two looks whether to
# stop.
_SETTLED = 600
_LOOK = 500
# Seconds between two looks for a folder that is not there.
_MISSING = 1.0


@dataclass(frozen=True, slots=True)
class Update:
    """How to bring an index up to date; see :func:`tanya.build.rebuild` for the fields.

    ``gate`` names the labelled questions; None takes ``questions.jsonl`` in the corpus's folder if
    it is there.
    """

    full: bool = False
    verify: bool = False
    force: bool = False
    wait: float = 0.0
    gate: Path | None = None


def update(settings: Settings, how: Update, on_progress: OnProgress | None = None) -> Report:
    """Rebuild what has changed and publish it if it passes the gate; errors as rebuild's.

    Raises:
        LabelsError: the gate's questions cannot be used; nothing is built.
    """
    file = gate_file(settings, how.gate)
    report = rebuild(
        settings,
        full=how.full,
        verify=how.verify,
        force=how.force,
        wait=how.wait,
        judge=None if file is None else gate(settings, file),
        on_progress=on_progress,
    )
    report = dataclasses.replace(report, others=other_kinds(settings.corpus, {FILE_NAME}))
    return _with_gaps(report, settings, on_progress) if report.published else report


def _with_gaps(report: Report, settings: Settings, on_progress: OnProgress | None) -> Report:
    """Ask the published build what readers missed before; return the report with what it found.

    The build is published whatever comes of this: that is told in the log.
    """
    if not settings.feedback or not (settings.index / JOURNAL).exists():
        return report

    def notify(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(Progress("asking", done, total))

    try:
        with contextlib.closing(open_published(settings.index)) as build:
            searcher = Searcher(build, load_encoder(build.manifest.model), settings)
            before = find_gaps(settings, None, searcher.embed)
            if not before:
                return report
            recheck(searcher, settings, notify)
            after = find_gaps(settings, build.manifest.name, searcher.embed)
    except TanyaError as error:
        _log.warning("The content gaps were not asked again: %s", error)
        return report
    return dataclasses.replace(report, gaps=counts(after, before))


def watch(
    settings: Settings,
    how: Update,
    stop: threading.Event,
    on_progress: OnProgress | None = None,
) -> Iterator[Report | TanyaError]:
    """Update at once and then whenever files of the corpus have settled, until ``stop`` is set.

    What goes wrong, such as a corpus that is empty for a moment or a build that waits for another,
    is yielded like a report, and the next change tries again.
    """
    first = True
    for _ in _settled_changes(settings.corpus, stop):
        try:
            report = update(settings, how, on_progress)
        except TanyaError as error:
            yield error
        else:
            # That an editor saved a file as it was need not be told.
            if first or report.published or report.rejected:
                yield report
        first = False
        # Once is enough: what follows are small changes.
        how = dataclasses.replace(how, full=False)


def _settled_changes(corpus: Path, stop: threading.Event) -> Iterator[None]:
    """Yield once at first, and after each burst of changes that may concern the corpus."""
    from watchfiles import Change
    from watchfiles import watch as changes_of

    told_missing = False
    while not stop.is_set():
        if not corpus.is_dir():
            if not told_missing:
                told_missing = True
                # The update says in words that the folder is missing.
                yield
            stop.wait(_MISSING)
            continue
        told_missing = False
        begun = False
        try:
            for changes in changes_of(
                corpus,
                watch_filter=lambda change, path: concerns(
                    corpus, Path(path), gone=change is Change.deleted
                ),
                debounce=_SETTLED * 4,
                step=_SETTLED,
                rust_timeout=_LOOK,
                yield_on_timeout=True,
                stop_event=stop,
                raise_interrupt=True,
            ):
                if not corpus.is_dir():
                    break
                # What changes from here on is noticed, so that nothing falls between.
                if changes or not begun:
                    begun = True
                    yield
        except (OSError, RuntimeError):
            # The folder was removed or replaced while it was watched.
            stop.wait(_MISSING)


def concerns(corpus: Path, path: Path, *, gone: bool = False) -> bool:
    """Say whether a change of ``path`` may be one of the corpus, not of an editor's own files.

    ``gone`` says that it was moved away or removed.
    """
    try:
        parts = path.relative_to(corpus.resolve()).parts
    except ValueError:
        try:
            parts = path.relative_to(corpus).parts
        except ValueError:
            return False
    if any(part.startswith(".") for part in parts):
        return False
    name = parts[-1] if parts else ""
    if name.lower().endswith(SUFFIXES) or parts == (FILE_NAME,) or "." not in name:
        return True
    # A folder that was moved or removed comes without its files, and cannot be looked at any more;
    # that an editor's own file was one costs a build that finds nothing changed.
    return gone or os.path.isdir(path) or not os.path.lexists(path)  # noqa: PTH112 - Path's raises
