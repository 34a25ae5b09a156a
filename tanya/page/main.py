"""The page from top to bottom: what is shown, and in which order."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

import streamlit as st

from tanya.build import rebuild
from tanya.errors import TanyaError
from tanya.index import published_name
from tanya.page.markup import (
    STYLE,
    card_html,
    cards,
    light_rules,
    question_html,
    question_words,
)
from tanya.page.texts import ENGLISH, INDONESIAN, LANGUAGES, Texts
from tanya.records import Answer, Progress, Report
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings, load
from tanya.status import read_status

_log = logging.getLogger("tanya.page")
# Confidence from which an answer is called sure, and likely; below it is a maybe.
_SURE = 0.9
_LIKELY = 0.75


def show() -> None:
    """Show the page."""
    st.set_page_config(page_title="Tanya", page_icon="💬", layout="centered")
    st.html(STYLE)
    with st.sidebar:
        texts = _language()
    try:
        settings = load()
    except TanyaError as error:
        _show_error(error, texts)
        return
    with st.sidebar:
        _index_panel(settings, texts)
    st.title(texts.title)
    st.caption(texts.subtitle)
    question = st.text_input(texts.question, key="question", placeholder=texts.placeholder)
    if not question.strip():
        st.info(texts.hint)
        return
    _answer(question, settings, texts)


def _language() -> Texts:
    """Let the reader choose the page's language, Indonesian at first."""
    code = st.selectbox(
        f"{INDONESIAN.language} / {ENGLISH.language}",
        list(LANGUAGES),
        format_func=lambda code: LANGUAGES[code].name,
        key="language",
    )
    return LANGUAGES[code]


def _answer(question: str, settings: Settings, texts: Texts) -> None:
    """Answer the question, or say what is in the way."""
    try:
        searcher = _searcher(settings, published_name(settings.index))
        sentences = searcher.build.manifest.sentences
        with st.spinner(texts.searching.format(sentences=_number(sentences, texts))):
            answer = searcher.ask(question)
    except TanyaError as error:
        _show_error(error, texts)
    except Exception:  # noqa: BLE001 - a reader never sees a traceback
        _log.exception("The question could not be answered")
        st.error(texts.unexpected)
    else:
        _show_answer(answer, settings, texts)


@st.cache_resource(max_entries=2, show_spinner=False)
def _searcher(settings: Settings, name: str) -> Searcher:  # noqa: ARG001 - a part of the key
    """Return the searcher of the published build; a new build's name makes a new one."""
    return open_searcher(settings)


def _show_answer(answer: Answer, settings: Settings, texts: Texts) -> None:
    """Show the passages, the best first, or that there is no answer."""
    for note in answer.notes:
        if note.kind == "cut":
            st.warning(texts.cut.format(count=settings.max_question_characters))
        else:
            st.warning(texts.notes[note.kind])
    if answer.corrected:
        # As text: a question is no markup.
        st.text(texts.searched.format(wording=answer.searched))
    words = question_words(answer.results)
    found = [
        card_html(
            card,
            texts.place.format(document=card.passage.document, line=card.passage.line),
            best=answer.answered and number == 0,
            words=words,
        )
        for number, card in enumerate(cards(answer.results))
    ]
    if words:
        st.html(light_rules(len(words)))
        found[0] = (
            question_html(answer.question, answer.results, partial(_partner, texts)) + found[0]
        )
    if answer.answered:
        st.subheader(f"{texts.found} · {_sureness(answer.confidence, texts)}")
        for card in found:
            st.html(card)
    else:
        st.warning(texts.not_found)
        with st.expander(texts.nearest):
            for card in found:
                st.html(card)


def _partner(texts: Texts, word: str, similarity: float) -> str:
    """Return a partner of a word of the question with its similarity, as the reader writes it."""
    decimal = "," if texts.thousands == "." else "."
    return texts.partner.format(word=word, similarity=f"{similarity:.2f}".replace(".", decimal))


def _sureness(confidence: float, texts: Texts) -> str:
    """Return how sure an answer is, in words."""
    if confidence >= _SURE:
        return texts.sure
    return texts.likely if confidence >= _LIKELY else texts.unsure


def _index_panel(settings: Settings, texts: Texts) -> None:
    """Show what the index holds and whether it is stale, and let the reader rebuild it."""
    st.header(texts.index)
    wanted = st.button(texts.rebuild, help=texts.rebuild_help, type="primary", width="stretch")
    if wanted:
        _rebuild(settings, texts)
    try:
        status = read_status(settings)
    except TanyaError as error:
        _show_error(error, texts)
        return
    left, right = st.columns(2)
    left.metric(texts.documents, _number(status.documents, texts))
    right.metric(texts.sentences, _number(status.sentences, texts))
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
        _show_error(error, texts)
    except Exception:  # noqa: BLE001 - a reader never sees a traceback
        _log.exception("The index could not be rebuilt")
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
            documents=_number(report.documents, texts),
            sentences=_number(report.sentences, texts),
            embedded=_number(report.embedded, texts),
            reused=_number(report.reused, texts),
        )
    )
    for note in report.notes:
        st.text(f"{note.path}: {note.reason}")


def _number(value: int, texts: Texts) -> str:
    """Return a whole number as the reader's language writes it."""
    return f"{value:,}".replace(",", texts.thousands)


def _show_error(error: TanyaError, texts: Texts) -> None:
    """Say what is wrong in the reader's language, with the exact words folded underneath."""
    _log.warning("%s: %s", type(error).__name__, error)
    st.error(texts.errors.get(type(error), texts.unexpected))
    with st.expander(texts.details):
        st.text(str(error))
