"""A build that runs beside everything else: how far it is, stopping it, and how it ended."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from dataclasses import dataclass

from tanya.errors import BuildCancelledError, TanyaError
from tanya.records import Progress, Report
from tanya.settings import Settings
from tanya.update import Update, update

log = logging.getLogger("tanya.running")

# From so many seconds of a stage on its rate says when it will end.
_ENOUGH = 1.0


@dataclass(frozen=True, slots=True)
class Run:
    """A build as it was at one moment.

    ``number`` counts the builds of this process, 0 before the first. ``stage_began`` is when its
    stage began, on the clock of :func:`time.monotonic`. How it ended is a ``report``, or an
    ``error`` that is a TanyaError where a person can mend it.
    """

    number: int = 0
    running: bool = False
    stopping: bool = False
    progress: Progress | None = None
    stage_began: float = 0.0
    report: Report | None = None
    error: Exception | None = None

    @property
    def cancelled(self) -> bool:
        """Whether it was stopped."""
        return isinstance(self.error, BuildCancelledError)

    def seconds_left(self, now: float) -> float | None:
        """Return how long the stage will still take at the rate it has, None before one shows."""
        progress, passed = self.progress, now - self.stage_began
        if progress is None or not progress.done or passed < _ENOUGH:
            return None
        return (progress.total - progress.done) * passed / progress.done


class Runner:
    """Builds one index in a thread of its own, one build at a time. Threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._run = Run()

    def current(self) -> Run:
        """Return the build that runs, or the last one."""
        return self._run

    def start(self, how: Update) -> bool:
        """Start a build; False if one runs already."""
        with self._lock:
            if self._run.running:
                return False
            self._stop = threading.Event()
            self._run = Run(number=self._run.number + 1, running=True)
            # It ends with the process; what it leaves then the next build removes.
            threading.Thread(
                target=self._build, args=(how, self._stop), name="tanya-build", daemon=True
            ).start()
            return True

    def cancel(self, number: int) -> None:
        """Have the build of this number stop at its next step, if it still runs."""
        with self._lock:
            if self._run.running and self._run.number == number:
                self._stop.set()
                self._run = dataclasses.replace(self._run, stopping=True)

    def _build(self, how: Update, stop: threading.Event) -> None:
        """Build, and say how it went."""

        def advance(progress: Progress) -> None:
            if stop.is_set():
                raise BuildCancelledError("The build was stopped. The index is as it was.")
            with self._lock:
                before = self._run.progress
                same = before is not None and before.stage == progress.stage
                began = self._run.stage_began if same else time.monotonic()
                self._run = dataclasses.replace(self._run, progress=progress, stage_began=began)

        report: Report | None = None
        problem: Exception | None = None
        try:
            report = update(self._settings, how, advance)
        except TanyaError as error:
            log.warning("The build ended: %s: %s", type(error).__name__, error)
            problem = error
        except Exception as error:
            log.exception("The index could not be rebuilt")
            problem = error
        finally:
            with self._lock:
                self._run = dataclasses.replace(
                    self._run, running=False, stopping=False, report=report, error=problem
                )
