"""A sentence that a link is about: where it stands, or what became of it."""

from __future__ import annotations

import streamlit as st

from tanya.page.address import LINKED, Linked
from tanya.page.markup import Card, card_html, quote_html
from tanya.page.parts import category_name
from tanya.page.texts import Texts
from tanya.page.whole import show_whole
from tanya.records import Passage
from tanya.search import Searcher


def show_linked(linked: Linked, searcher: Searcher, texts: Texts) -> None:
    """Show the linked sentence; if it has changed, what it said and what is nearest to it now."""
    stored = searcher.catalogue.marked(linked.document, linked.mark)
    found = None if stored is None else searcher.sentence(linked.document, stored.row)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.subheader(texts.linked, anchor=False, width="content")
        st.button(
            texts.linked_close,
            on_click=_close,
            icon=":material/close:",
            type="tertiary",
            key="linked-close",
        )
    if found is None:
        found = _show_change(linked, searcher, texts)
    if found is not None:
        _show_sentence(found, searcher, texts)


def _show_change(linked: Linked, searcher: Searcher, texts: Texts) -> Passage | None:
    """Say that the sentence is no longer there; return what is nearest to it in its document."""
    gone = searcher.catalogue.at(linked.document) is None
    st.warning(texts.linked_gone if gone else texts.linked_changed)
    if linked.excerpt:
        st.caption(texts.linked_before)
        st.html(quote_html(linked.excerpt))
    found = searcher.nearest(linked.document, linked.excerpt)
    if found is not None:
        st.caption(texts.linked_now)
    return found


def _show_sentence(found: Passage, searcher: Searcher, texts: Texts) -> None:
    """Show a sentence in its passage, and its document folded."""
    place = texts.place.format(document=found.document, line=found.line)
    category = category_name(found.category, texts) if found.category else ""
    st.html(card_html(Card(found), place, best=True, category=category))
    show_whole([found], found, f"linked-{found.start}", searcher.catalogue, texts)


def _close() -> None:
    """Let the linked sentence go."""
    st.session_state[LINKED] = None
