"""A searcher that always answers from the published build, for as long as a process runs."""

from __future__ import annotations

import threading

from tanya.errors import IndexDamagedError, TanyaError
from tanya.index import OpenBuild, read_current, verify_files
from tanya.records import Answer
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings


class LiveSearcher:
    """Answers from the published build and takes up a new one by itself. Threads may share it.

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
        name = read_current(self._settings.index)
        searcher = self._searcher
        if searcher is not None and name == self._published:
            return searcher
        with self._lock:
            name = read_current(self._settings.index)
            searcher = self._searcher
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
