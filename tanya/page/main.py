"""The page from top to bottom: what is shown, and in which order."""

from __future__ import annotations

import gc
import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tanya import journal
from tanya.errors import QuestionError, TanyaError
from tanya.journal import Origin, asked_of, record_asked
from tanya.page.address import follow_address, is_editor, keep_address
from tanya.page.answers import Shown, show_answer
from tanya.page.asking import Asked, remember, show_box, show_choices, show_examples, show_head
from tanya.page.editor import show_editor
from tanya.page.linked import show_linked
from tanya.page.markup import status_html
from tanya.page.panel import index_panel
from tanya.page.parts import number, show_error, told_errors
from tanya.page.searching import live_searcher
from tanya.page.sessions import is_admitted
from tanya.page.style import STYLE
from tanya.page.texts import Texts
from tanya.records import Answer
from tanya.search import Searcher
from tanya.settings import Settings, load
from tanya.text import has_words

_ANSWER = "answer"
_KEPT = "kept-questions"
# So many seconds what is set apart from the collection of garbage stays so, used or not.
_APART = 300.0


def show() -> None:
    """Show the page."""
    st.set_page_config(
        page_title="Tanya", page_icon="💬", layout="centered", initial_sidebar_state="collapsed"
    )
    st.html(STYLE)
    if is_editor():
        show_editor()
    else:
        _show_asking()


def _show_asking() -> None:
    """Show what everybody sees: asking, and the answers."""
    follow_address()
    texts = show_head()
    try:
        settings = load()
    except TanyaError as error:
        keep_address()
        show_error(error, texts)
        return
    if not is_admitted(settings.max_sessions):
        keep_address()
        st.warning(texts.crowded)
        return
    question = show_box(texts)
    # Whatever goes wrong below, the question stays.
    keep_address(settings.results)
    choices, status = st.container(), st.container(key="tanya-status")
    with told_errors(texts, "Answering"):
        _show_below(question, settings, texts, choices, status)
    # Last, so that nobody who asks waits for it.
    with st.sidebar:
        index_panel(settings, texts)


def _show_below(
    question: str,
    settings: Settings,
    texts: Texts,
    choices: DeltaGenerator,
    status: DeltaGenerator,
) -> None:
    """Show what is below the question box: the choices, and what was found."""
    with status:
        line = st.empty()
    with line, st.spinner(texts.opening):
        searcher = live_searcher(settings).current()
        catalogue = searcher.catalogue
        _set_apart(searcher.build.manifest.name, int(time.monotonic() // _APART))
    if has_words(question):
        remember(question)
    with choices:
        among, results = show_choices(catalogue, settings.results, texts)
    address = keep_address(settings.results)
    if address.linked is not None:
        show_linked(address.linked, searcher, texts)
    if not question.strip():
        line.html(status_html(_counted(texts.hint, searcher, texts)))
        if address.linked is None:
            show_examples(catalogue, texts)
        return
    if not has_words(question):
        raise QuestionError("The question has no letter and no digit.")
    asked = Asked(question, among, results)
    with line, st.spinner(_counted(texts.searching, searcher, texts)):
        answer, kept = _answer(asked, searcher, settings)
    try:
        line.html(status_html(_searched(asked, searcher, texts)))
        show_answer(Shown(answer, address, settings, texts), catalogue)
    finally:
        # Also where the reader asks on meanwhile; and only now, so that nobody waits for the disk.
        if kept is not None:
            record_asked(settings.index, [kept])


@st.cache_resource(max_entries=1, show_spinner=False)
def _set_apart(build: str, period: int) -> None:  # noqa: ARG001 - once for each
    """Have the collector of garbage pass over all there is now, above all an opened build.

    Streamlit collects after each run, which stops everybody: 60 ms where there are 4,000 documents.
    """
    # What was set apart and has become garbage, such as sessions that ended, goes first.
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _answer(
    asked: Asked, searcher: Searcher, settings: Settings
) -> tuple[Answer, journal.Asked | None]:
    """Return the answer and what is to be kept of it.

    It is the one of before where only something else on the page was touched.
    """
    key = (asked, searcher.build.manifest.name, searcher.calibration, settings)
    last = st.session_state.get(_ANSWER)
    if last is not None and last[0] == key:
        return last[1], None
    began = time.perf_counter()
    found = searcher.ask(asked.question, results=asked.results, among=asked.among)
    kept = _to_keep(asked, found, 1000 * (time.perf_counter() - began), settings)
    st.session_state[_ANSWER] = (key, found)
    return found, kept


def _to_keep(
    asked: Asked, found: Answer, milliseconds: float, settings: Settings
) -> journal.Asked | None:
    """Return what is to be kept for the editor, once a visit for each build that answered."""
    if not settings.feedback:
        return None
    kept: set[tuple[str, bool, str]] = st.session_state.setdefault(_KEPT, set())
    key = (asked.question, bool(asked.among), found.build)
    if key in kept:
        return None
    kept.add(key)
    origin: Origin = "filtered" if asked.among else "reader"
    return asked_of(found, milliseconds, origin, settings.max_question_characters)


def _searched(asked: Asked, searcher: Searcher, texts: Texts) -> str:
    """Return what was done."""
    manifest = searcher.build.manifest
    if asked.among:
        return texts.searched_among.format(
            chosen=number(len(searcher.catalogue.chosen(asked.among)), texts),
            documents=number(manifest.documents, texts),
        )
    return _counted(texts.searched_in, searcher, texts)


def _counted(text: str, searcher: Searcher, texts: Texts) -> str:
    """Return ``text`` with how many documents and sentences there are."""
    manifest = searcher.build.manifest
    return text.format(
        sentences=number(manifest.sentences, texts), documents=number(manifest.documents, texts)
    )
