"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from secrets import token_hex


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
