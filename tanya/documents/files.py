"""Which files a corpus has, and how one of them is read."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tanya.documents.decoding import Decoded, decode
from tanya.documents.front_matter import parse_front_matter
from tanya.documents.parsing import parse_document
from tanya.errors import CorpusError
from tanya.records import Document
from tanya.text import shortened

SUFFIXES = (".txt", ".md")


@dataclass(frozen=True, slots=True)
class CorpusFile:
    r"""A file that the corpus may be read from.

    ``path`` is its name in Tanya: relative, with forward slashes, bytes that are not UTF-8
    written as ``\xNN``. ``location`` is where the system finds it. ``size`` is in bytes,
    ``modified`` in nanoseconds; both are -1 where ``problem`` says why it cannot be read.
    """

    path: str
    location: str
    size: int
    modified: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read: the reason, and the hash of its bytes if they were read."""

    reason: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as it was read: the hash of its bytes, and what a person should know of it."""

    document: Document
    sha256: str
    notes: tuple[str, ...] = ()


def list_files(corpus: Path) -> list[CorpusFile]:
    """Return the files below ``corpus`` that may be documents, in the order of their paths.

    Hidden files and folders are passed over. A symbolic link is followed only to a file inside
    the corpus, and never to a folder, so that nothing is read twice for ever or from elsewhere.

    Raises:
        CorpusError: ``corpus`` is missing, is not a folder or cannot be listed.
    """
    check_corpus(corpus)
    root = os.path.realpath(corpus)
    files: list[CorpusFile] = []
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            _list_folder(folder, root, files, folders)
        except OSError as error:
            if folder == root:
                raise CorpusError(
                    f"Cannot list the folder {str(corpus)!r}: {error.strerror}."
                ) from error
            problem = f"cannot list it: {error.strerror}"
            files.append(CorpusFile(_shown(folder, root), folder, -1, -1, problem))
    return sorted(_told_apart(files), key=lambda file: file.path)


def check_corpus(corpus: Path) -> None:
    """Raise CorpusError if ``corpus`` is missing or is not a folder."""
    if not corpus.exists():
        raise CorpusError(
            f"There is no folder {str(corpus)!r}. Create it and put .txt or .md files in it, "
            "or name another one with --corpus."
        )
    if not corpus.is_dir():
        raise CorpusError(f"{str(corpus)!r} is not a folder. Name the folder of the documents.")


def _list_folder(folder: str, root: str, files: list[CorpusFile], folders: list[str]) -> None:
    """Add the files of one folder to ``files``, and the folders in it to ``folders``."""
    with os.scandir(folder) as entries:
        found = list(entries)
    for entry in found:
        if entry.name.startswith("."):
            continue
        path = _shown(entry.path, root)
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry.path)
        elif entry.is_symlink() and Path(entry.path).is_dir():
            problem = "it is a link to a folder; links to folders are not followed"
            files.append(CorpusFile(path, entry.path, -1, -1, problem))
        elif entry.name.lower().endswith(SUFFIXES):
            files.append(_file(path, entry.path, root))


def _file(path: str, location: str, root: str) -> CorpusFile:
    """Return what is known of one file before it is read."""
    found = Path(location)
    try:
        state = found.stat()
    except OSError as error:
        loop = error.errno == errno.ELOOP
        if found.is_symlink():
            why = "it is a link that leads to itself" if loop else "it is a link to nothing"
        else:
            why = f"cannot read it: {error.strerror}"
        return CorpusFile(path, location, -1, -1, why)
    if found.is_symlink():
        target = os.path.realpath(location)
        if os.path.commonpath((root, target)) != root:
            return CorpusFile(path, location, -1, -1, "it is a link to a file outside the corpus")
    if not stat.S_ISREG(state.st_mode):
        return CorpusFile(path, location, -1, -1, "it is not an ordinary file")
    return CorpusFile(path, location, state.st_size, state.st_mtime_ns)


def read_document(file: CorpusFile, max_bytes: int) -> ReadDocument | Unreadable:
    """Read one file of the corpus; a file that cannot be a document gives the reason instead."""
    if file.problem is not None:
        return Unreadable(file.problem)
    too_large = (
        f"it is larger than {max_bytes / 1e6:g} MB; "
        "split it, or raise max_file_mb (TANYA_MAX_FILE_MB)"
    )
    if file.size > max_bytes:
        return Unreadable(too_large)
    try:
        with Path(file.location).open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        return Unreadable(f"cannot read it: {error.strerror}")
    if len(data) > max_bytes:
        return Unreadable(too_large)
    return document_of(file.path, data)


def document_of(path: str, data: bytes) -> ReadDocument | Unreadable:
    """Return the document that the bytes of a file are, or the reason why they are none."""
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        decoded = decode(data)
    except ValueError as error:
        return Unreadable(str(error), sha256)
    if not decoded.text.strip():
        return Unreadable("it is empty", sha256)
    front_matter = parse_front_matter(decoded.text)
    document = parse_document(path, decoded.text, decoded.encoding, front_matter)
    if not document.blocks:
        return Unreadable("it has no text below its front matter", sha256)
    return ReadDocument(document, sha256, tuple(_notes(document, decoded, front_matter.problem)))


def _notes(document: Document, decoded: Decoded, problem: str | None) -> Iterator[str]:
    """Yield what a person should know of a document that was read all the same."""
    if not decoded.encoding.startswith("utf-8"):
        yield f"read as {decoded.encoding}, not UTF-8; check its letters, or save it as UTF-8"
    if decoded.damaged:
        yield "it is UTF-8, but some of its bytes are not and became �; save it as UTF-8"
    if problem is not None:
        yield f"its front matter is not valid YAML and was ignored ({problem})"
    if document.stated_language is not None and document.language is None:
        yield (
            f"its front matter names the language {shortened(document.stated_language, 40)!r}, "
            "which is no code such as id or en, and was ignored there; write the code"
        )


def _told_apart(files: list[CorpusFile]) -> list[CorpusFile]:
    r"""Return the files, of which no two have the same path.

    Only a name with a byte that UTF-8 does not know and a name with the letters ``\xNN`` can be
    written alike; the second gets its backslashes twice, which leaves its ending as it is.
    """
    found: dict[str, CorpusFile] = {}
    for file in sorted(files, key=lambda file: file.location):
        path = file.path
        while path in found:
            path = path.replace("\\", "\\\\")
        found[path] = file if path == file.path else replace(file, path=path)
    return list(found.values())


def _shown(location: str, root: str) -> str:
    """Return a path as Tanya names it: forward slashes, and only what UTF-8 can write."""
    below = location.removeprefix(os.path.join(root, ""))  # noqa: PTH118 - a string, not a Path
    raw = os.fsencode((below if below != root else ".").replace(os.sep, "/"))
    return raw.decode("utf-8", errors="backslashreplace")
