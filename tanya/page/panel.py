"""The sidebar: what the index holds, whether it is stale, and rebuilding it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from tanya.errors import TanyaError
from tanya.page.parts import log, number, show_error
from tanya.page.texts import Texts
from tanya.records import Progress, Report, Status
from tanya.settings import Settings
from tanya.status import read_status
from tanya.update import Update, update


def index_panel(settings: Settings, texts: Texts) -> None:
    """Show what the index holds and whether it is stale, and let the reader rebuild it."""
    st.header(texts.index)
    wanted = st.button(texts.rebuild, help=texts.rebuild_help, type="primary", width="stretch")
    if wanted:
        _rebuild(settings, texts)
    try:
        status = read_status(settings)
    except TanyaError as error:
        show_error(error, texts)
        return
    left, right = st.columns(2)
    left.metric(texts.documents, number(status.documents, texts))
    right.metric(texts.sentences, number(status.sentences, texts))
    built = datetime.fromisoformat(status.created).astimezone()
    st.markdown(f"**{texts.model}:** `{status.model}`")
    st.markdown(f"**{texts.built}:** {built:%Y-%m-%d %H:%M}")
    _show_state(status, texts)
    if status.added or status.changed or status.removed:
        st.warning(
            texts.stale.format(
                added=len(status.added), changed=len(status.changed), removed=len(status.removed)
            )
        )
    elif not status.stale:
        st.success(texts.fresh)
    if status.skipped:
        with st.expander(texts.skipped.format(count=len(status.skipped))):
            for file in status.skipped:
                st.text(f"{file.path}: {file.reason}")


def _show_state(status: Status, texts: Texts) -> None:
    """Say what else there is to know: damage, other settings, a build that runs."""
    if status.warning is not None:
        st.error(texts.damaged)
    if status.other_settings:
        st.warning(texts.other_settings.format(names=", ".join(status.other_settings)))
    running = status.building
    if running is not None:
        st.info(
            texts.building.format(
                since=f"{datetime.fromisoformat(running.since).astimezone():%H:%M:%S}"
                if running.since
                else "…",
                stage=texts.stages.get(running.stage, "…"),
                done=number(running.done, texts),
                total=number(running.total, texts),
            )
        )


def _rebuild(settings: Settings, texts: Texts) -> None:
    """Rebuild the index, showing how far it is."""
    bar = st.progress(0.0, texts.stages["reading"])

    def advance(progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 1.0
        bar.progress(share, f"{texts.stages[progress.stage]}: {progress.done} / {progress.total}")

    try:
        report = update(settings, Update(), advance)
    except TanyaError as error:
        show_error(error, texts)
    except Exception:  # noqa: BLE001 - a reader never sees a traceback
        log.exception("The index could not be rebuilt")
        st.error(texts.unexpected)
    else:
        bar.empty()
        _show_report(report, texts)


def _show_report(report: Report, texts: Texts) -> None:
    """Say what a rebuild did."""
    if report.rejected:
        st.warning(texts.rejected)
        for reason in report.verdict.reasons if report.verdict else ():
            st.text(reason)
        return
    if not report.published:
        st.info(texts.unchanged)
        return
    st.success(
        texts.rebuilt.format(
            documents=number(report.documents, texts),
            sentences=number(report.sentences, texts),
            embedded=number(report.embedded, texts),
            reused=number(report.reused, texts),
        )
    )
    for note in report.notes:
        st.text(f"{note.path}: {note.reason}")
