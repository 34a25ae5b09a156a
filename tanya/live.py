"""A searcher that always answers from the published build, for as long as a process runs."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from tanya.confidence import FILE_NAME, calibration_of
from tanya.errors import CalibrationError, IndexDamagedError, TanyaError
from tanya.index import OpenBuild, read_current, verify_files
from tanya.records import Answer
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings

_log = logging.getLogger(__name__)


class LiveSearcher:
    """Answers from the published build and takes up a new one by itself. Threads may share it.

    So it does with a new calibration, as long as that can be understood.

    A question that is being answered keeps its build to the end. If a new build cannot be opened,
    the one before it goes on answering. What is opened is also compared with its checksums, beside
    the answering; where they differ, the newest sound build takes its place.
    """

    def __init__(self, settings: Settings, *, checking: bool = True) -> None:
        """Open the published build; errors as :func:`tanya.search.open_searcher`.

        Args:
            settings: which index, and how to search.
            checking: whether to compare each build that is opened with its checksums.
        """
        self._settings = settings
        self._checking = checking
        self._lock = threading.Lock()
        self._bad: frozenset[str] = frozenset()
        self._published: str | None = None
        self._calibrated: tuple[int, ...] | None = None
        self._searcher: Searcher | None = None
        self.current()

    def ask(self, question: str, *, results: int | None = None) -> Answer:
        """Return the answer to ``question``; errors as :meth:`tanya.search.Searcher.ask`."""
        searcher = self.current()
        try:
            return searcher.ask(question, results=results)
        except IndexDamagedError:
            # It opened, but a part of it cannot be read.
            self._give_up(searcher.build.manifest.name)
            other = self.current()
            if other is searcher:
                raise
            return other.ask(question, results=results)

    def current(self) -> Searcher:
        """Return the searcher of the published build; of the last sound one if it is damaged."""
        searcher = self._searcher
        if searcher is not None and self._is_current(read_current(self._settings.index)):
            return searcher
        with self._lock:
            name = read_current(self._settings.index)
            searcher = self._recalibrated(self._searcher)
            if searcher is not None and name == self._published:
                return searcher
            try:
                found = open_searcher(self._settings, avoid=self._bad)
            except TanyaError:
                if searcher is None or searcher.build.manifest.name in self._bad:
                    raise
                return searcher
            self._published, self._searcher = name, found
            if self._checking:
                threading.Thread(target=self._check, args=(found.build,), daemon=True).start()
            return found

    def _is_current(self, name: str | None) -> bool:
        """Say whether ``name`` is the build that answers, with the calibration that it goes by."""
        return name == self._published and self._calibrated == _stamp(self._settings.index)

    def _recalibrated(self, searcher: Searcher | None) -> Searcher | None:
        """Return the searcher with the calibration that is there now; nothing is opened for it.

        The calibration's file is looked at before it is read: what is written meanwhile is read
        with the next question.
        """
        stamp = _stamp(self._settings.index)
        if stamp == self._calibrated:
            return searcher
        self._calibrated = stamp
        if searcher is None:
            return None
        fingerprint = searcher.build.manifest.fingerprint
        try:
            found = calibration_of(self._settings.index, fingerprint)
        except CalibrationError as error:
            _log.warning("The confidence stays as it was: %s", error)
            return searcher
        self._searcher = searcher.with_calibration(found)
        return self._searcher

    def _check(self, build: OpenBuild) -> None:
        """Compare a build with its checksums."""
        try:
            verify_files(build)
        except IndexDamagedError:
            self._give_up(build.manifest.name)

    def _give_up(self, name: str) -> None:
        """Have the next question answered by another build."""
        with self._lock:
            self._bad |= {name}
            self._published = None


def _stamp(index: Path) -> tuple[int, ...] | None:
    """Return what tells the calibration of an index from any before it, None where it has none."""
    try:
        state = (index / FILE_NAME).stat()
    except OSError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns
