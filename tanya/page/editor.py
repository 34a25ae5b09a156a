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
from tanya.page.desk import show_desk
from tanya.page.editor_texts import EDITOR_LANGUAGES
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
    show_told()
    index, documents, builds = st.tabs([words.index, words.documents, words.builds])
    with index, shown_errors(texts, words, "Showing the index"):
        show_build(settings, texts, words)
        show_changes(settings, texts, words)
    with documents, shown_errors(texts, words, "Showing the documents"):
        show_desk(settings, texts, words)
    with builds, shown_errors(texts, words, "Showing the builds"):
        show_builds(settings, texts, words)
