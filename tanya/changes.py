"""How the files of a corpus differ from those that a build was made of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tanya.documents import CorpusFile
from tanya.index import FileState
from tanya.records import SkippedFile


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


def find_changes(files: Sequence[CorpusFile], states: Sequence[FileState]) -> Changes:
    """Compare the files that are there with those that the build saw.

    A file of the same size and time counts as unchanged; one of another time only if its content
    has the same hash.
    """
    before = {state.path: state for state in states}
    now = {file.path for file in files}
    return Changes(
        added=tuple(file.path for file in files if file.path not in before),
        changed=tuple(
            file.path for file in files if file.path in before and _differs(file, before[file.path])
        ),
        removed=tuple(state.path for state in states if state.path not in now),
    )


def _differs(file: CorpusFile, state: FileState) -> bool:
    """Say whether ``file`` is not as the build saw it."""
    if file.problem is not None:
        return file.problem != state.skipped
    if (file.size, file.modified) == (state.size, state.modified):
        return False
    if file.size != state.size or not state.sha256:
        return True
    try:
        with Path(file.location).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() != state.sha256
    except OSError:
        return True
