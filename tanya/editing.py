"""Writing, removing and looking into single documents of a corpus, as an editor does on the page.

A name comes from whoever edits and is checked before anything is touched: it can lead nowhere but
to a document inside the corpus. What is overwritten or removed is kept first, in
``versions/<path>/<time>`` in the index's folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tanya.documents import SUFFIXES, Unreadable, check_corpus, document_of
from tanya.documents.decoding import decode
from tanya.durable import only_editor, write_whole
from tanya.errors import EditError
from tanya.records import Sentence
from tanya.sentences import display_title, sentences_of
from tanya.settings import Settings

VERSIONS = "versions"
# Systems allow 255 bytes; some are left for what a version or a system adds.
_LONGEST_PART = 240
_LONGEST_NAME = 250
# Of each document so many older contents are kept.
_KEPT_VERSIONS = 30
_TIME = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class OpenedText:
    """A document to be edited: its text, and the hash of its bytes as they were read."""

    path: str
    text: str
    sha256: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Version:
    """An older content of a document: when it was replaced (UTC, ISO 8601), and its size."""

    path: str
    name: str
    replaced: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text would be taken apart: its title and sentences, or why it is no document."""

    title: str
    sentences: tuple[Sentence, ...]
    reason: str | None = None
    notes: tuple[str, ...] = ()


def checked_name(name: str) -> str:
    """Return a document's name, blanks around it taken away.

    Raises:
        EditError: it is not the relative path of a text that Tanya would read.
    """
    name = name.strip()
    if not name:
        raise EditError("no_name", "The name is empty. Give one such as folder/name.txt.")
    if any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise EditError("characters", f"The name {name!r} has control characters. Leave them out.")
    # A backslash parts folders on Windows; a colon names a drive or a stream there.
    if "\\" in name or (os.name == "nt" and ":" in name):
        raise EditError("characters", f"The name {name!r} has a backslash or colon. Use /.")
    parts = name.split("/")
    if name.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise EditError(
            "outside", f"The name {name!r} is not a path below the corpus. Leave out ., .. and //."
        )
    if any(part.startswith(".") for part in parts):
        raise EditError("hidden", f"The name {name!r} is hidden: a part begins with a dot.")
    try:
        longest = max(len(part.encode("utf-8")) for part in parts)
    except UnicodeEncodeError as error:
        raise EditError("characters", f"The name {name!r} has half a character.") from error
    if len(name) > _LONGEST_NAME or longest > _LONGEST_PART:
        raise EditError(
            "long_name",
            f"The name has {len(name)} characters; {_LONGEST_NAME} and {_LONGEST_PART} bytes "
            "between two / are allowed.",
        )
    if not name.lower().endswith(SUFFIXES):
        raise EditError("suffix", f"The name {name!r} does not end in .txt or .md.")
    return name


def place_of(corpus: Path, name: str) -> Path:
    """Return where the document ``name`` is or would be.

    Raises:
        CorpusError: there is no corpus.
        EditError: the name leads elsewhere, over a link, or to what is no file.
    """
    name = checked_name(name)
    check_corpus(corpus)
    root = Path(os.path.realpath(corpus))
    place = root
    with _told(name):
        for part in name.split("/"):
            if place != root and place.exists() and not place.is_dir():
                raise EditError("folder", f"In {name!r} {place.name!r} is a file, not a folder.")
            place = place / part
            # Building follows no link to a folder; and to write over a link would remove it.
            if place.is_symlink():
                raise EditError("link", f"In {name!r} {part!r} is a link. Edit what it leads to.")
        if Path(os.path.realpath(place)) != place:
            raise EditError("outside", f"The name {name!r} leads out of the corpus.")
        if place.exists() and not stat.S_ISREG(place.stat().st_mode):
            raise EditError("folder", f"{name!r} is a folder, or no ordinary file.")
    return place


def open_text(settings: Settings, name: str) -> OpenedText:
    """Return the text of a document, whatever its encoding.

    Raises:
        CorpusError: there is no corpus.
        EditError: it is gone, is too large, or is no text.
    """
    data = _read(place_of(settings.corpus, name), name, settings)
    return OpenedText(checked_name(name), *_decoded(data, name))


def write_text(settings: Settings, name: str, text: str, *, seen: str | None) -> str:
    """Write a document as UTF-8 and return the hash of its bytes; see :func:`write_bytes`."""
    if not text.strip():
        raise EditError("empty", f"{name!r} would be empty. Remove it instead.")
    if "\0" in text:
        raise EditError("no_text", f"The text of {name!r} has NUL characters. Leave them out.")
    if not text.endswith("\n"):
        text += "\n"
    return write_bytes(settings, name, text.encode("utf-8", "replace"), seen=seen)


def write_bytes(
    settings: Settings, name: str, data: bytes, *, seen: str | None, replacing: bool = False
) -> str:
    """Write a document, whole or not at all, and return the hash of its bytes.

    Args:
        settings: which corpus, where older versions are kept, and how large a file may be.
        name: the document.
        data: what to write.
        seen: the hash of the content that is to be replaced, None for a new document.
        replacing: whether to replace what is there whatever it is.

    Raises:
        CorpusError: there is no corpus.
        EditError: it is not to be written: see its ``problem``.
    """
    place = place_of(settings.corpus, name)
    name = checked_name(name)
    if len(data) > _most_bytes(settings):
        raise EditError("too_large", f"{name!r} is larger than {settings.max_file_mb:g} MB.")
    with _told(name), only_editor(settings.index):
        before = place.read_bytes() if place.exists() else None
        if not replacing:
            _check_seen(name, before, seen)
        if before == data:
            return _hash(data)
        place.parent.mkdir(parents=True, exist_ok=True)
        # Somebody may have put a link there meanwhile.
        place_of(settings.corpus, name)
        if before is not None:
            _keep(settings.index, name, before)
        write_whole(place, data)
    return _hash(data)


def remove_document(settings: Settings, name: str, *, seen: str) -> None:
    """Remove a document; what it was is kept as its last version.

    Raises:
        CorpusError: there is no corpus.
        EditError: it is gone already, is not as it was ``seen``, or cannot be removed.
    """
    place = place_of(settings.corpus, name)
    name = checked_name(name)
    with _told(name), only_editor(settings.index):
        before = place.read_bytes() if place.exists() else None
        _check_seen(name, before, seen)
        if before is not None:
            _keep(settings.index, name, before)
            place.unlink()


def list_versions(settings: Settings, name: str) -> list[Version]:
    """Return the older contents of a document, the newest first."""
    folder = _versions(settings.index, checked_name(name))
    found = []
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            with contextlib.suppress(ValueError):
                time = datetime.strptime(file.name, _TIME).replace(tzinfo=UTC)
                size = file.stat().st_size
                found.append(Version(name, file.name, time.isoformat(timespec="seconds"), size))
    return sorted(found, key=lambda version: version.name, reverse=True)


def list_removed(settings: Settings) -> list[Version]:
    """Return the last content of each document that is not there any more, newest first."""
    root = settings.index / VERSIONS
    found = []
    for folder in sorted({file.parent for file in root.rglob("*Z") if file.is_file()}):
        name = folder.relative_to(root).as_posix()
        with contextlib.suppress(EditError):
            if not place_of(settings.corpus, name).exists():
                found += list_versions(settings, name)[:1]
    return sorted(found, key=lambda version: version.name, reverse=True)


def open_version(settings: Settings, version: Version) -> str:
    """Return the text of an older content of a document.

    Raises:
        EditError: it is gone, or is no text.
    """
    return _decoded(read_version(settings, version), version.path)[0]


def read_version(settings: Settings, version: Version) -> bytes:
    """Return the bytes of an older content of a document.

    Raises:
        EditError: it is gone.
    """
    if version not in list_versions(settings, version.path):
        raise EditError("gone", f"That version of {version.path!r} is not there any more.")
    place = _versions(settings.index, version.path) / version.name
    return _read(place, version.path, settings)


def preview(settings: Settings, name: str, text: str) -> Preview:
    """Return how ``text`` is taken apart when the index is built."""
    return preview_bytes(settings, name, text.encode("utf-8", "replace"))


def preview_bytes(settings: Settings, name: str, data: bytes) -> Preview:
    """Return how the bytes of a document are taken apart when the index is built."""
    found = document_of(name, data)
    if isinstance(found, Unreadable):
        return Preview("", (), found.reason)
    sentences = sentences_of(found.document, settings.language)
    if not sentences:
        return Preview("", (), "it has no sentence: there is no letter and no digit in it")
    return Preview(display_title(found.document, sentences), sentences, None, found.notes)


def _most_bytes(settings: Settings) -> int:
    """Return how large a document may be."""
    return int(settings.max_file_mb * 1_000_000)


def _hash(data: bytes) -> str:
    """Return what tells a content from others."""
    return hashlib.sha256(data).hexdigest()


def _check_seen(name: str, before: bytes | None, seen: str | None) -> None:
    """Raise EditError if what is there is not what the editor has seen."""
    if before is None and seen is not None:
        raise EditError("gone", f"{name!r} is not there any more.")
    if before is not None and seen is None:
        raise EditError("exists", f"There is a document {name!r} already. Give another name.")
    if before is not None and _hash(before) != seen:
        raise EditError("changed", f"{name!r} was changed by somebody else meanwhile.")


def _read(place: Path, name: str, settings: Settings) -> bytes:
    """Return the bytes of a file that is not too large."""
    try:
        with _told(name), place.open("rb") as stream:
            data = stream.read(_most_bytes(settings) + 1)
    except FileNotFoundError as error:
        raise EditError("gone", f"{name!r} is not there any more.") from error
    if len(data) > _most_bytes(settings):
        raise EditError("too_large", f"{name!r} is larger than {settings.max_file_mb:g} MB.")
    return data


def _decoded(data: bytes, name: str) -> tuple[str, str, str]:
    """Return the text, the hash and the encoding of a content."""
    try:
        found = decode(data)
    except ValueError as error:
        raise EditError("no_text", f"{name!r}: {error}") from error
    return found.text, _hash(data), found.encoding


def _versions(index: Path, name: str) -> Path:
    """Return the folder of the older contents of a document."""
    return index / VERSIONS / name


def _keep(index: Path, name: str, data: bytes) -> None:
    """Keep a content that is about to be replaced."""
    folder = _versions(index, name)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / datetime.now(UTC).strftime(_TIME), data)
    # What was edited a hundred times need not be kept a hundred times.
    for old in sorted(folder.glob("*Z"), reverse=True)[_KEPT_VERSIONS:]:
        with contextlib.suppress(OSError):
            old.unlink()


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn what the system says, but for a missing file, into an EditError without its paths."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise EditError("unwritable", f"{name!r}: {error.strerror or error}.") from error
