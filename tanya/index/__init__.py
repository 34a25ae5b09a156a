"""A build on disk: writing, verifying, publishing and opening it."""

from tanya.index.build import (
    NewBuild,
    OpenBuild,
    building,
    open_build,
    open_published,
    published_name,
)
from tanya.index.manifest import FORMAT, Manifest
from tanya.index.store import FileState, StoredDocument, StoredSentence

__all__ = [
    "FORMAT",
    "FileState",
    "Manifest",
    "NewBuild",
    "OpenBuild",
    "StoredDocument",
    "StoredSentence",
    "building",
    "open_build",
    "open_published",
    "published_name",
]
