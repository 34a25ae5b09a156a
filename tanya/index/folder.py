"""The folder of an index: where its builds are, which one is published, and writing to a disk."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tanya.errors import IndexMissingError, IndexWriteError, TanyaError
from tanya.index.manifest import FILE_NAME, Manifest, read_manifest
from tanya.index.readers import unread

BUILDS = "builds"
_CURRENT = "CURRENT"
# In the folder of a build that has been published: until then it is a candidate.
_PUBLISHED = "published"
# What is being removed gets such a name first, so that no half of it is ever taken for a build.
_REMOVING = ".removing-"
# How the system, and libraries that tell no number, say that there is no room.
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# How tantivy says that one of its threads could not write, whatever the reason was.
_UNSAID = "io::Error"
_PROBE_BYTES = 2**20
_NO_SPACE_WORDS = ("no space", "disk is full", "quota exceeded", "file too large")


def read_current(folder: Path) -> str | None:
    """Return what CURRENT says, or None if there is none that can be read.

    Raises:
        IndexMissingError: the system does not let it be read.
    """
    try:
        name = (folder / _CURRENT).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise IndexMissingError(
            f"The index in {str(folder)!r} cannot be read: {error.strerror}. "
            "Change its permissions, or name another folder with --index."
        ) from error
    # A name, never a path: the file might have been edited.
    return name if name and Path(name).name == name else None


def set_current(folder: Path, name: str) -> None:
    """Make ``name`` the published build, in one step that a crash cannot halve."""
    marker = folder / BUILDS / name / _PUBLISHED
    if not marker.exists():
        write_durably(marker, "")
    write_durably(folder / _CURRENT, f"{name}\n")


def write_durably(path: Path, text: str) -> None:
    """Write a small file so that after a crash it is as it was, or whole."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def was_published(folder: Path, name: str) -> bool:
    """Say whether the build ``name`` has ever been published."""
    return (folder / BUILDS / name / _PUBLISHED).exists()


def manifests(folder: Path) -> list[Manifest]:
    """Return the manifests of the builds in the index ``folder`` that can be read, oldest first."""
    found = []
    with contextlib.suppress(OSError):
        for path in (folder / BUILDS).iterdir():
            if not path.name.startswith("."):
                with contextlib.suppress(TanyaError):
                    found.append(read_manifest(path))
    return sorted(found, key=lambda manifest: (manifest.sequence, manifest.name))


def unreadable_builds(folder: Path) -> list[str]:
    """Return the builds in the index ``folder`` whose manifests are there and cannot be read.

    They are damaged, or of a format that only another version of Tanya reads.
    """
    found = []
    with contextlib.suppress(OSError):
        for path in (folder / BUILDS).iterdir():
            if not path.name.startswith(".") and (path / FILE_NAME).is_file():
                try:
                    read_manifest(path)
                except TanyaError:
                    found.append(path.name)
    return found


def remove_leftovers(folder: Path) -> None:
    """Remove what builds that failed or were killed, or killed removals, have left.

    One that is read although its manifest is gone was whole once, and is left to its reader.
    """
    current = read_current(folder)
    for path in (folder / BUILDS).iterdir():
        if path.name.startswith(_REMOVING):
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_dir() and not (path / FILE_NAME).is_file() and path.name != current:
            with unread(path) as free:
                if free:
                    remove(path)
    for temporary in folder.glob("*.tmp"):
        with contextlib.suppress(OSError):
            temporary.unlink()


def remove(path: Path) -> None:
    """Remove the folder of a build; what the system does not let go the next build removes."""
    condemned = path.with_name(f"{_REMOVING}{path.name}")
    try:
        path.rename(condemned)
    except OSError:
        # Windows does not rename what somebody reads: it stays whole until nobody does.
        return
    shutil.rmtree(condemned, ignore_errors=True)


def hashes(folder: Path) -> dict[str, tuple[int, str]]:
    """Return the size and the SHA-256 of each file below ``folder``."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".lock"):
            found[path.relative_to(folder).as_posix()] = (path.stat().st_size, hash_of(path))
    return found


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_tree(folder: Path) -> None:
    """Have the system write everything below ``folder`` to the disk now."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    sync_folder(folder)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the system write a folder's list of files to the disk now, where it can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unsaid(error: Exception, folder: Path) -> int | None:
    """Return the number that the system gives where a library only says that writing failed.

    tantivy's threads lose the reason ("io::Error most likely"); writing a little beside it finds
    it again, as long as what was written is still there.
    """
    if _UNSAID not in str(error):
        return None
    probe = folder / f"{_REMOVING}probe"
    try:
        with probe.open("wb") as file:
            file.write(bytes(_PROBE_BYTES))
            os.fsync(file.fileno())
    except OSError as found:
        return found.errno
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()
    return None


@contextlib.contextmanager
def told_errors(folder: Path) -> Iterator[None]:
    """Turn what the system and the libraries raise while writing into IndexWriteError."""
    try:
        yield
    except (OSError, sqlite3.Error, ValueError, RuntimeError) as error:
        number = getattr(error, "errno", None) or _unsaid(error, folder)
        # An error with a number may have "full" or "denied" in its text only because a path has.
        text = "" if number else str(error).lower()
        if number in _NO_SPACE or any(words in text for words in _NO_SPACE_WORDS):
            reason = "the disk is full. Free some space"
        elif getattr(error, "sqlite_errorname", None) == "SQLITE_IOERR_WRITE":
            # That is all that SQLite says of a quota or a limit of a file's size.
            reason = f"the disk is full or broken ({error}). Free some space"
        elif (
            number in (errno.EACCES, errno.EPERM, errno.EROFS)
            or "denied" in text
            or "readonly" in text
        ):
            reason = "writing there is not allowed. Change its permissions, or name another folder"
        else:
            reason = f"{error}. Check the folder"
        raise IndexWriteError(
            f"Cannot write the index in {str(folder)!r}: {reason}, and try again. "
            "The index that was there is unchanged."
        ) from error
