"""The editor from top to bottom: the index, its documents, and its builds."""

from __future__ import annotations

import streamlit as st

from tanya.errors import TanyaError
from tanya.page.access import may_edit, show_log_out
from tanya.page.address import close_editor, follow_language, keep_editor_address
from tanya.page.asking import show_head
from tanya.page.building import show_build
from tanya.page.builds import show_builds
from tanya.page.changes import show_changes
from tanya.page.desk import TABS, show_desk
from tanya.page.editor_texts import EDITOR_LANGUAGES
from tanya.page.gaps import show_gaps
from tanya.page.health import show_health
from tanya.page.insight_texts import INSIGHT_LANGUAGES
from tanya.page.style import language_script
from tanya.page.telling import error_words, show_told, shown_errors
from tanya.settings import load


def show_editor() -> None:
    """Show the editor to whoever may edit."""
    follow_language()
    texts = show_head(editor=True)
    words = EDITOR_LANGUAGES[texts.code]
    keep_editor_address()
    with st.container(key="tanya-scripts"):
        st.html(language_script(texts.code), unsafe_allow_javascript=True)
    with st.container(horizontal=True, horizontal_alignment="distribute", key="tanya-ways"):
        st.button(
            words.back,
            icon=":material/arrow_back:",
            type="tertiary",
            key="back",
            on_click=close_editor,
        )
        show_log_out(words)
    try:
        settings = load()
    except TanyaError as error:
        st.error(error_words(error, texts, words))
        return
    if not may_edit(settings, words):
        return
    # In a place that is always there: else the tabs would move, and the first be chosen anew.
    with st.container():
        show_told()
    insight = INSIGHT_LANGUAGES[texts.code]
    index, documents, gaps, health, builds = st.tabs(
        [words.index, words.documents, insight.gaps.tab, insight.health.tab, words.builds],
        key=TABS,
        on_change="rerun",
    )
    # What costs something, as a look at every file does, is only shown to who looks at it. What is
    # being written or uploaded, and the build that runs, go on behind the other tabs.
    with index, shown_errors(texts, words, "Showing the index"):
        show_build(settings, texts, words)
        if index.open:
            show_changes(settings, texts, words)
    with documents, shown_errors(texts, words, "Showing the documents"):
        show_desk(settings, texts, words, looked_at=bool(documents.open))
    if gaps.open:
        with gaps, shown_errors(texts, words, "Showing the content gaps"):
            show_gaps(settings, texts, words)
    if health.open:
        with health, shown_errors(texts, words, "Showing the page's health"):
            show_health(settings, texts)
    if builds.open:
        with builds, shown_errors(texts, words, "Showing the builds"):
            show_builds(settings, texts, words)
