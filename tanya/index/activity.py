"""Which process is building, since when, and how far it is: for those who wait and who look on."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tanya.errors import IndexBusyError
from tanya.records import Activity, Progress

if sys.platform != "win32":
    import fcntl

_LOCK = ".lock"
_FILE = "BUILDING"
# Somebody who looks whether a build is running holds the lock for a moment.
_PATIENCE = 0.5
_POLL = 0.05
# Seconds between two notes of how far a build is.
_INTERVAL = 0.3


@contextlib.contextmanager
def only_writer(folder: Path, wait: float) -> Iterator[Notice]:
    """Be the one process that writes to the index ``folder``, which exists.

    The system lets a lock go when its process ends, however it ends.

    Args:
        folder: the folder of the index.
        wait: how many seconds to wait for another process.

    Raises:
        IndexBusyError: another process is building; the message says which, and since when.
    """
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=max(wait, _PATIENCE), poll_interval=_POLL)
    except Timeout as error:
        raise IndexBusyError(_busy(folder)) from error
    notice = Notice(folder)
    try:
        yield notice
    finally:
        notice.remove()
        lock.release()


class Notice:
    """What the writing process tells the others of itself."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._activity = Activity(
            pid=os.getpid(),
            host=socket.gethostname(),
            since=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self._last = 0.0
        self._write()

    def tell(self, progress: Progress) -> None:
        """Tell how far it is, now and then."""
        new_stage = progress.stage != self._activity.stage
        self._activity = dataclasses.replace(
            self._activity, stage=progress.stage, done=progress.done, total=progress.total
        )
        if new_stage or time.monotonic() - self._last >= _INTERVAL:
            self._write()

    def _write(self) -> None:
        """Write it down; it is no reason to stop if that fails."""
        self._last = time.monotonic()
        temporary = self._path.with_name(f"{_FILE}.tmp")
        with contextlib.suppress(OSError):
            temporary.write_text(json.dumps(dataclasses.asdict(self._activity)), encoding="utf-8")
            temporary.replace(self._path)

    def remove(self) -> None:
        """Take it away."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def read_activity(folder: Path) -> Activity | None:
    """Return what the process that is building the index ``folder`` tells, None if none is."""
    if not _is_locked(folder):
        return None
    try:
        return Activity(**json.loads((folder / _FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        # It has the lock, but has not told anything yet.
        return Activity()


def _is_locked(folder: Path) -> bool:
    """Say whether a process is building, without ever waiting for it."""
    if sys.platform == "win32":
        return (folder / _FILE).exists()
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _busy(folder: Path) -> str:
    """Return what to say to a process that has to wait."""
    found = read_activity(folder) or Activity()
    who = f"Process {found.pid} on {found.host}" if found.pid else "Another process"
    since = f" since {found.since}" if found.since else ""
    return (
        f"{who} has been building the index in {str(folder)!r}{since}. "
        "Wait until it is done (--wait SECONDS does), or stop it, and try again."
    )
