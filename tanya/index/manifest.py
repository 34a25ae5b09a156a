"""What a build says of itself, in JSON."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanya.errors import IndexDamagedError, IndexMismatchError

FILE_NAME = "manifest.json"
_CHECKSUM = "checksum"
# Raised whenever an older Tanya could not read a new build, or a new one would split, embed or
# store a text differently than the build it would reuse.
FORMAT = 8


@dataclass(frozen=True, slots=True)
class Manifest:
    """What made a build, what is in it, and the size and hash of each of its files.

    ``sequence`` counts the builds of one index, so that their order does not hang on a clock.
    ``created`` is a UTC time in ISO 8601, ``started`` the nanosecond since 1970 before which the
    corpus was listed; ``files`` maps a file's path within the build to its
    size in bytes and its SHA-256. ``table`` names the table of word pieces. ``vector_index`` is the
    setting, ``vector_kind`` the kind that was built, ``vector_recall`` its share of the true
    nearest 100, measured on a sample.
    """

    name: str
    sequence: int
    created: str
    started: int
    format: int
    version: str
    model: str
    fingerprint: str
    table: str
    dimension: int
    language: str
    max_file_mb: float
    corpus: str
    documents: int
    sentences: int
    vector_index: str
    vector_kind: str
    vector_recall: float
    files: dict[str, tuple[int, str]]

    def as_json(self) -> str:
        """Return the text of the manifest's file."""
        return sealed(dataclasses.asdict(self))


def sealed(content: dict[str, Any]) -> str:
    """Return the text of a manifest's file with ``content``, and with its own checksum."""
    return json.dumps({**content, _CHECKSUM: _checksum(content)}, indent=1) + "\n"


def _checksum(content: dict[str, Any]) -> str:
    """Return the SHA-256 of what a manifest says."""
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the build in ``folder``.

    Raises:
        IndexDamagedError: it is missing or cannot be understood.
        IndexMismatchError: the build has another format than this version reads.
    """
    path = folder / FILE_NAME
    damaged = IndexDamagedError(
        f"The build {folder.name!r} has no manifest that can be read: it was copied only in part, "
        "or damaged. Build the index anew with: python ingest.py --full"
    )
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged from error
    if not isinstance(found, dict) or not isinstance(found.get("format"), int):
        raise damaged
    if found["format"] != FORMAT:
        age = "a newer" if found["format"] > FORMAT else "an older"
        raise IndexMismatchError(
            f"The build {folder.name!r} has format {found['format']}, made by {age} version of "
            f"Tanya ({found.get('version', 'unknown')}); this version reads format {FORMAT}. "
            "Build the index anew with: python ingest.py --full"
        )
    if found.pop(_CHECKSUM, None) != _checksum(found):
        raise damaged
    try:
        files = {str(name): (int(size), str(sha)) for name, (size, sha) in found["files"].items()}
        return Manifest(**{**found, "files": files})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise damaged from error
