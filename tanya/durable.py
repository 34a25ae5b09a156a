"""Writing a file whole or not at all, and one writer after the other."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

_LOCK = ".editing.lock"
# Seconds that a writer waits for another, who needs but a moment.
_PATIENCE = 10.0


def write_whole(place: Path, data: bytes) -> None:
    """Write a file so that whoever reads it sees the old content or the new one, never half.

    What was there keeps its permissions, and stays as it was where an OSError is raised.
    """
    # A hidden name, which neither a build nor a watcher looks at.
    temporary = place.with_name(f".{token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if place.exists():
            shutil.copymode(place, temporary)
        temporary.replace(place)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def only_editor(folder: Path) -> Iterator[None]:
    """Be the only one who edits, of all threads and processes that ask so, from reading to writing.

    The lock lies in ``folder``, which is made if it is missing.

    Raises:
        OSError: it cannot be made, or somebody holds it for too long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout as error:
        raise TimeoutError(errno.ETIMEDOUT, "somebody else is writing") from error
    try:
        yield
    finally:
        lock.release()
