"""The sidebar: what the index holds, whether it is stale, and rebuilding it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from tanya.build import rebuild
from tanya.errors import TanyaError
from tanya.page.parts import log, number, show_error
from tanya.page.texts import Texts
from tanya.records import Progress, Report
from tanya.settings import Settings
from tanya.status import read_status


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
    if status.stale:
        st.warning(
            texts.stale.format(
                added=len(status.added), changed=len(status.changed), removed=len(status.removed)
            )
        )
    else:
        st.success(texts.fresh)
    if status.skipped:
        with st.expander(texts.skipped.format(count=len(status.skipped))):
            for file in status.skipped:
                st.text(f"{file.path}: {file.reason}")


def _rebuild(settings: Settings, texts: Texts) -> None:
    """Rebuild the index, showing how far it is."""
    bar = st.progress(0.0, texts.stages["reading"])

    def advance(progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 1.0
        bar.progress(share, f"{texts.stages[progress.stage]}: {progress.done} / {progress.total}")

    try:
        report = rebuild(settings, on_progress=advance)
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
