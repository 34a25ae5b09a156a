"""What builds an index has, and how two of them differ."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import json
from itertools import groupby
from pathlib import Path
from typing import Literal

from tanya.index.folder import BUILDS, manifests, read_current, was_published, write_durably
from tanya.index.manifest import Manifest
from tanya.index.opening import OpenBuild, opens
from tanya.records import BuildDiff, BuildInfo, DocumentDiff, GateFigures

_GATE = "gate.json"


def list_builds(folder: Path) -> list[BuildInfo]:
    """Return the builds of the index in ``folder``, newest first."""
    current = read_current(folder)
    return [_info(folder, manifest, current) for manifest in reversed(manifests(folder))]


def _info(folder: Path, manifest: Manifest, current: str | None) -> BuildInfo:
    """Return what a list says of one build."""
    path = folder / BUILDS / manifest.name
    state: Literal["published", "kept", "candidate", "damaged"] = "candidate"
    if manifest.name == current:
        state = "published"
    elif was_published(folder, manifest.name):
        state = "kept"
    if not opens(folder, manifest.name):
        state = "damaged"
    return BuildInfo(
        name=manifest.name,
        state=state,
        created=manifest.created,
        documents=manifest.documents,
        sentences=manifest.sentences,
        model=manifest.model,
        bytes=sum(size for size, _ in manifest.files.values()),
        gate=_read_verdict(path),
    )


def write_verdict(build: Path, figures: GateFigures) -> None:
    """Keep with the build in the folder ``build`` what the gate measured of it."""
    write_durably(build / _GATE, json.dumps(dataclasses.asdict(figures)))


def _read_verdict(build: Path) -> GateFigures | None:
    """Return what the gate measured of a build, None if it never did."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return GateFigures(**json.loads((build / _GATE).read_text(encoding="utf-8")))
    return None


def compare_builds(before: OpenBuild, after: OpenBuild) -> BuildDiff:
    """Return which documents and sentences came, went and changed from one build to another."""
    old, new = _texts(before), _texts(after)
    removed = [path for path in old if path not in new]
    added = [path for path in new if path not in old]
    by_text = {tuple(old[path]): path for path in removed}
    renamed = []
    for path in list(added):
        origin = by_text.pop(tuple(new[path]), None)
        if origin is not None:
            renamed.append((origin, path))
            removed.remove(origin)
            added.remove(path)
    return BuildDiff(
        before=before.manifest.name,
        after=after.manifest.name,
        added=tuple(added),
        removed=tuple(removed),
        renamed=tuple(renamed),
        changed=tuple(
            _document_diff(path, old[path], new[path])
            for path in old
            if path in new and old[path] != new[path]
        ),
    )


def _texts(build: OpenBuild) -> dict[str, list[str]]:
    """Return the sentences of each document, by its path in order."""
    paths = {document.id: document.path for document in build.store.all_documents()}
    return {
        paths[number]: [sentence.text for sentence in group]
        for number, group in groupby(build.store.all_sentences(), key=lambda s: s.document)
    }


def _document_diff(path: str, old: list[str], new: list[str]) -> DocumentDiff:
    """Return which sentences of a document went and came; what only moved is both."""
    went: list[str] = []
    came: list[str] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind != "equal":
            went += old[first:last]
            came += new[start:end]
    return DocumentDiff(path, tuple(went), tuple(came))
