"""A whole document, folded until a reader opens it, at the sentence that was found in it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tanya.catalogue import Catalogue
from tanya.page.markup import document_html
from tanya.page.style import SCROLL
from tanya.page.texts import Texts
from tanya.records import Passage


def show_whole(
    found: Sequence[Passage], at: Passage, key: str, catalogue: Catalogue, texts: Texts
) -> None:
    """Show a document, folded, with what was ``found`` in it marked; it is read when opened.

    It is opened ``at`` one of what was found.
    ``key`` tells this place on the page from others.
    """
    box = st.expander(texts.whole, key=f"whole-{key}", on_change="rerun", type="compact")
    document = catalogue.whole(at.document) if box.open else None
    if document is None:
        return
    with box:
        st.html(document_html(document, found, at, f"{document.title} ({at.document})"))
        with st.container(key=f"tanya-scripts-{key}"):
            st.html(SCROLL, unsafe_allow_javascript=True)
