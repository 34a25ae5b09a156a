"""A build on disk: writing, verifying, publishing, opening, rolling back and removing it."""

from tanya.index.activity import read_activity
from tanya.index.folder import manifests, read_current, was_published
from tanya.index.listing import compare_builds, list_builds
from tanya.index.manifest import FORMAT, Manifest
from tanya.index.opening import (
    OpenBuild,
    open_build,
    open_published,
    published_name,
    verify_build,
    verify_files,
)
from tanya.index.store import FileState, Source, StoredDocument, StoredSentence
from tanya.index.workshop import (
    NewBuild,
    Workshop,
    building,
    candidate_of,
    open_candidate,
    publish_build,
    roll_back,
)

__all__ = [
    "FORMAT",
    "FileState",
    "Manifest",
    "NewBuild",
    "OpenBuild",
    "Source",
    "StoredDocument",
    "StoredSentence",
    "Workshop",
    "building",
    "candidate_of",
    "compare_builds",
    "list_builds",
    "manifests",
    "open_build",
    "open_candidate",
    "open_published",
    "publish_build",
    "published_name",
    "read_activity",
    "read_current",
    "roll_back",
    "verify_build",
    "verify_files",
    "was_published",
]
