"""Who reads a build: a shared lock that ends with the process, so that none in use is removed."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

# Windows does not let go of files that somebody has open.
if sys.platform != "win32":
    import fcntl

# Never written to and never in a manifest, and there even where the index is read-only.
FILE_NAME = "readers.lock"


class Hold:
    """Keeps a build from being removed until it is let go, collected, or the process ends."""

    def __init__(self, build: Path) -> None:
        """Take hold of the build in the folder ``build``.

        Raises:
            FileNotFoundError: the build is gone, or going just now.
            OSError: the file by which it is held cannot be opened or locked.
        """
        self._descriptor = -1
        if sys.platform == "win32":
            return
        try:
            descriptor = os.open(build / FILE_NAME, os.O_RDONLY)
        except FileNotFoundError:
            if not build.is_dir():
                raise
            # A copy without it: nobody removes what only this process knows.
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            # Between opening and locking it may have been renamed and removed.
            if not build.is_dir():
                raise FileNotFoundError(f"{build} is gone")
        except BlockingIOError as error:
            os.close(descriptor)
            raise FileNotFoundError(f"{build} is being removed") from error
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the build go."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.release()


def admit_readers(build: Path) -> None:
    """Make the file by which readers hold the new build in the folder ``build``."""
    (build / FILE_NAME).touch()


@contextlib.contextmanager
def unread(build: Path) -> Iterator[bool]:
    """Say whether nobody reads ``build``; as long as it lasts nobody new can begin to.

    Where the file that would tell is there and cannot be opened, somebody might.
    """
    descriptor, free = -1, True
    try:
        descriptor = os.open(build / FILE_NAME, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError:
        free = False
    try:
        if descriptor >= 0 and sys.platform != "win32":
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                free = False
        yield free
    finally:
        if descriptor >= 0:
            os.close(descriptor)
