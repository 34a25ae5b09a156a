"""The state of the index for all who read the page, looked at no more often than is cheap."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tanya.index import read_activity, read_current
from tanya.records import Status
from tanya.settings import Settings
from tanya.status import read_status

# A look that takes no longer, in seconds, is taken every time.
_CHEAP = 0.05
# What a look told holds so many times as long as the look took: so it takes a twentieth at most.
_REST = 20
# So many looks tell what one takes: the shortest of them, since others may have held one up.
_LOOKS = 5


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look told, and until when it holds while the same build is published."""

    status: Status
    published: str | None
    until: float


class Watch:
    """Tells the state of an index. Threads may share it.

    For thousands of documents a look at all of their files takes longer than an answer. So where it
    is not cheap, what it told holds for a while, but for another build and for a build that runs.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._last: _Look | None = None
        self._taken: deque[float] = deque(maxlen=_LOOKS)

    def status(self) -> Status:
        """Return the state of the index; errors as :func:`tanya.status.read_status`."""
        published = read_current(self._settings.index)
        last = self._held(published)
        if last is None:
            with self._lock:
                # Whoever waited here has what the one before has seen.
                last = self._held(published) or self._look(published)
        return dataclasses.replace(last.status, building=read_activity(self._settings.index))

    def _held(self, published: str | None) -> _Look | None:
        """Return the last look, if it still holds."""
        last = self._last
        if last is None or last.published != published or self._clock() >= last.until:
            return None
        return last

    def _look(self, published: str | None) -> _Look:
        """Look at the index and the files."""
        began = self._clock()
        status = read_status(self._settings)
        ended = self._clock()
        self._taken.append(ended - began)
        taken = min(self._taken)
        self._last = _Look(status, published, ended + (_REST * taken if taken > _CHEAP else 0.0))
        return self._last
