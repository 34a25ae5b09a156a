"""How the files of a corpus differ from those that a build was made of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tanya.documents import CorpusFile
from tanya.index import FileState
from tanya.records import SkippedFile

# Nanoseconds for which a file's time may stand still while it is written again: FAT counts in
# steps of two seconds.
_UNSURE = 2_000_000_000
_NEVER = -(2**63)


@dataclass(frozen=True, slots=True)
class Changes:
    """Paths that came, went or have other content than the build saw."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.added or self.changed or self.removed)


def skipped_files(states: Sequence[FileState]) -> tuple[SkippedFile, ...]:
    """Return the files that are not documents of the build, and why."""
    return tuple(
        SkippedFile(state.path, state.skipped) for state in states if state.skipped is not None
    )


def find_changes(
    files: Sequence[CorpusFile],
    states: Sequence[FileState],
    *,
    listed: int = 0,
    trusting: bool = True,
) -> Changes:
    """Compare the files that are there with those that the build saw.

    A file of the same size and time counts as unchanged, unless it was written so shortly before
    the build, or after, that a second writing may have left its time as it was; then, and if its
    time is another, only the same content does.

    Args:
        files: the files that are there.
        states: those that the build saw.
        listed: the nanosecond since 1970 when the build listed them.
        trusting: False to go by the content alone.
    """
    before = {state.path: state for state in states}
    now = {file.path for file in files}
    surely = listed - _UNSURE if trusting else _NEVER
    return Changes(
        added=tuple(file.path for file in files if file.path not in before),
        changed=tuple(
            file.path
            for file in files
            if file.path in before and _differs(file, before[file.path], surely)
        ),
        removed=tuple(state.path for state in states if state.path not in now),
    )


def _differs(file: CorpusFile, state: FileState, surely: int) -> bool:
    """Say whether ``file`` is not as the build saw it; before ``surely`` times can be trusted."""
    if file.problem is not None:
        return file.problem != state.skipped
    same_time = (file.size, file.modified) == (state.size, state.modified)
    if not state.sha256:
        # It was too large, or could not be read: there is no content to compare.
        return not same_time
    if same_time and file.modified < surely:
        return False
    if file.size != state.size:
        return True
    try:
        with Path(file.location).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() != state.sha256
    except OSError:
        return True
