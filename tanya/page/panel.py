"""The sidebar: what the index holds and whether it is stale; the editor is who changes it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from tanya.errors import TanyaError
from tanya.page.access import editor_is_offered
from tanya.page.address import open_editor
from tanya.page.changes import reason_words
from tanya.page.editor_texts import EDITOR_LANGUAGES
from tanya.page.parts import number, show_error
from tanya.page.texts import Texts
from tanya.page.watching import Watch
from tanya.records import Status
from tanya.settings import Settings

_MOST_NAMED = 50


def index_panel(settings: Settings, texts: Texts) -> None:
    """Show what the index holds and whether it is stale, and the way to the editor."""
    st.header(texts.index)
    if editor_is_offered(settings):
        st.button(
            texts.to_editor,
            icon=":material/edit:",
            on_click=open_editor,
            width="stretch",
            key="to-editor",
        )
    else:
        st.caption(texts.how_to_rebuild)
    try:
        status = _watch(settings).status()
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
        _name_files((*status.added, *status.changed, *status.removed), texts)
    elif not status.stale:
        st.success(texts.fresh)
    if status.skipped:
        with st.expander(texts.skipped.format(count=len(status.skipped))):
            for file in status.skipped:
                reason = reason_words(file.reason, EDITOR_LANGUAGES[texts.code])
                st.text(f"{file.path}: {reason}")


@st.cache_resource(max_entries=2, show_spinner=False)
def _watch(settings: Settings) -> Watch:
    """Return what looks at the index, for all who read the page."""
    return Watch(settings)


def _name_files(paths: tuple[str, ...], texts: Texts) -> None:
    """Name the first of the files that are not as the index has them."""
    with st.expander(texts.stale_files):
        for path in paths[:_MOST_NAMED]:
            st.text(path)
        if len(paths) > _MOST_NAMED:
            st.text("…")


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
