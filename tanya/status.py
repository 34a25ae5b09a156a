"""What is published, how the corpus differs from it, and whether it is being rebuilt."""

from __future__ import annotations

from tanya.build import other_settings
from tanya.changes import Changes, find_changes, skipped_files
from tanya.confidence import calibration_of
from tanya.documents import list_files
from tanya.encoders import known_fingerprint, model_name
from tanya.errors import CorpusError
from tanya.index import OpenBuild, candidate_of, open_published, read_activity
from tanya.reading import notes_of
from tanya.records import Status
from tanya.settings import Settings


def read_status(settings: Settings) -> Status:
    """Return the state of the index that the settings name. No model is loaded.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: there is no build that can be
            read.
    """
    build = open_published(settings.index)
    try:
        manifest = build.manifest
        states = build.store.files()
        found = calibration_of(settings.index, manifest.fingerprint)
        try:
            changes = find_changes(list_files(settings.corpus), states, listed=manifest.started)
        except CorpusError:
            # Without its folder every document is gone; the index still answers.
            changes = Changes(removed=tuple(state.path for state in states))
        model = model_name(settings.model or manifest.model)
        candidate = candidate_of(settings.index)
        return Status(
            build=manifest.name,
            created=manifest.created,
            model=manifest.model,
            dimension=manifest.dimension,
            documents=manifest.documents,
            sentences=manifest.sentences,
            vector_kind=manifest.vector_kind,
            vector_recall=manifest.vector_recall,
            bytes=sum(size for size, _ in manifest.files.values()),
            corpus=str(settings.corpus),
            added=changes.added,
            changed=changes.changed,
            removed=changes.removed,
            skipped=skipped_files(states),
            threshold=found.threshold if settings.threshold is None else settings.threshold,
            calibration=found.describe(),
            other_settings=other_settings(manifest, settings, model, known_fingerprint(model)),
            building=read_activity(settings.index),
            warning=build.warning,
            candidate=None if candidate is None else candidate.name,
            notes=notes_of(states),
            other_corpus=_other_corpus(build, len(changes.removed) == len(states), settings),
        )
    finally:
        build.close()


def _other_corpus(build: OpenBuild, all_gone: bool, settings: Settings) -> str | None:
    """Return the folder that a build is of, if the corpus is another and has none of its files.

    Only a hint comes of it: what is compared is always what building would read. The path may be
    that of another machine, or of a copy that somebody else edits.
    """
    made_of = build.manifest.corpus
    return made_of if all_gone and made_of != str(settings.corpus.resolve()) else None
