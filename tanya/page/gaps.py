"""What readers found no answer to, and what an editor does about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import streamlit as st

from tanya.documents import list_files
from tanya.encoders import Embeddings
from tanya.gaps import Gap, State, find_checked_gaps, settle
from tanya.gate import FILE_NAME
from tanya.labels import LabelledQuestion, add_label
from tanya.page.desk import open_document
from tanya.page.editor_texts import EditorTexts
from tanya.page.export import csv_bytes, json_bytes
from tanya.page.insight_texts import INSIGHT_LANGUAGES, GapTexts
from tanya.page.markup import Card, card_html, gap_html, note_html
from tanya.page.parts import category_name, number, show_download
from tanya.page.searching import live_searcher
from tanya.page.telling import tell, telling
from tanya.page.texts import Texts
from tanya.records import Filter, Passage
from tanya.search import Searcher
from tanya.settings import Settings

_STATES: tuple[State, ...] = ("open", "closed", "dismissed")
# So many are shown at first, and with each "more".
_SHOWN = 10
_NEAREST = 3
_MOST_WORDINGS = 8
# The names under which the session keeps which gap is being dealt with, and how many are shown.
_HANDLED = "handled-gap"
_COUNT = "gaps-shown"
# Embeddings of so many questions are kept for the next time the page is shown.
_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class _Desk:
    """What it takes to show gaps and to deal with them, but for the build.

    A session keeps this with its buttons until it is shown anew; a build would be kept with it.
    """

    settings: Settings
    texts: Texts
    words: EditorTexts

    @property
    def own(self) -> GapTexts:
        """The texts of the gaps."""
        return INSIGHT_LANGUAGES[self.texts.code].gaps


class _Embedder:
    """Embeds questions, each once. Sessions share it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], np.ndarray] = {}

    def embed(self, searcher: Searcher, questions: Sequence[str]) -> Embeddings:
        """Return the embeddings of questions, shape (number, dimension)."""
        model = searcher.build.manifest.model
        missing = [one for one in dict.fromkeys(questions) if (model, one) not in self._known]
        if len(self._known) > _REMEMBERED:
            self._known, missing = {}, list(dict.fromkeys(questions))
        known = self._known
        if missing:
            for question, vector in zip(missing, searcher.embed(missing), strict=True):
                known[model, question] = vector
        return np.stack([known[model, question] for question in questions])


@st.cache_resource(show_spinner=False)
def _embedder() -> _Embedder:
    """Return what all sessions share."""
    return _Embedder()


def show_gaps(settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Show the gaps of one state, the newest first."""
    own = INSIGHT_LANGUAGES[texts.code].gaps
    st.html(note_html(own.hint))
    if not settings.feedback:
        st.info(own.off)
        return
    searcher = live_searcher(settings).current()
    desk = _Desk(settings, texts, words)
    gaps = _find(searcher, desk)
    if not gaps:
        st.caption(own.none)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="tanya-gap-head"):
        state = _chosen_state(gaps, texts, own)
        _show_downloads(gaps, own)
    chosen = [gap for gap in gaps if gap.state == state]
    if not chosen:
        st.caption(own.none_of)
    shown = int(st.session_state.get(_COUNT, _SHOWN))
    for i, gap in enumerate(chosen[:shown]):
        with st.container(border=True, key=f"tanya-gap-{i}"):
            _show_gap(gap, i, searcher, desk)
    if len(chosen) > shown:
        st.button(own.more, key="more-gaps", on_click=_show_more, type="tertiary")


def _find(searcher: Searcher, desk: _Desk) -> list[Gap]:
    """Return the gaps; what the published build was not asked yet it is asked, which is shown."""
    line = st.empty()
    embedder = _embedder()

    def notify(done: int, total: int) -> None:
        texts = desk.texts
        said = desk.own.asking.format(done=number(done, texts), total=number(total, texts))
        line.progress(done / total, said)

    found = find_checked_gaps(
        searcher, desk.settings, lambda asked: embedder.embed(searcher, asked), notify
    )
    line.empty()
    return found


def _chosen_state(gaps: Sequence[Gap], texts: Texts, own: GapTexts) -> State:
    """Let the state be chosen whose gaps are shown."""
    counts = {state: sum(gap.state == state for gap in gaps) for state in _STATES}
    found: State | None = st.segmented_control(
        own.show,
        list(_STATES),
        format_func=lambda state: f"{own.states[state]} ({number(counts[state], texts)})",
        default="open",
        key="gap-state",
        required=True,
        on_change=_forget,
    )
    return found or "open"


def _forget() -> None:
    """Deal with no gap, and show the first of another state."""
    st.session_state.pop(_HANDLED, None)
    st.session_state.pop(_COUNT, None)


def _show_more() -> None:
    """Show more gaps of the same state."""
    st.session_state[_COUNT] = int(st.session_state.get(_COUNT, _SHOWN)) + _SHOWN


def _show_gap(gap: Gap, place: int, searcher: Searcher, desk: _Desk) -> None:
    """Show a gap, and where it is being dealt with, what can be done."""
    own, texts = desk.own, desk.texts
    time = f"{datetime.fromisoformat(gap.newest).astimezone():%Y-%m-%d %H:%M}"
    chips = [f"{own.reasons[reason]} {number(count, texts)}" for reason, count in gap.reasons]
    lines = [own.last.format(count=number(gap.count, texts), time=time)]
    if gap.document:
        lines.append(own.assigned.format(document=gap.document))
    others = gap.wordings[1 : 1 + _MOST_WORDINGS]
    st.html(gap_html(gap.question, chips, lines, own.other_wordings, others))
    handled = st.session_state.get(_HANDLED) == gap.question
    with st.container(horizontal=True, key=f"tanya-gap-acts-{place}", gap="small"):
        st.button(
            own.fold if handled else own.handle,
            key=f"handle-gap-{place}",
            on_click=_handle,
            args=(None if handled else gap.question,),
        )
        dismissed = gap.state == "dismissed"
        st.button(
            own.reopen if dismissed else own.dismiss,
            key=f"dismiss-gap-{place}",
            type="tertiary",
            on_click=_dismiss,
            args=(gap, desk),
        )
    if handled:
        _show_handling(gap, place, searcher, desk)


def _handle(question: str | None) -> None:
    """Deal with the gap of this question, or with none."""
    st.session_state[_HANDLED] = question


def _dismiss(gap: Gap, desk: _Desk) -> None:
    """Dismiss a gap, or open it again."""
    reopened = gap.state == "dismissed"
    with telling(desk.texts, desk.words, "Deciding on a gap"):
        settle(desk.settings, gap, dismissed=not reopened)
        tell("success", desk.own.reopened if reopened else desk.own.dismissed)


def _show_handling(gap: Gap, place: int, searcher: Searcher, desk: _Desk) -> None:
    """Show what can be done: naming a document, editing it, and keeping a test question."""
    own, texts = desk.own, desk.texts
    paths = [file.path for file in list_files(desk.settings.corpus)]
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"tanya-gap-doc-{place}"):
        st.selectbox(
            own.assign,
            ["", *paths],
            index=1 + paths.index(gap.document) if gap.document in paths else 0,
            format_func=lambda path: path or own.nobody,
            key=f"assign-gap-{place}",
            on_change=_assign,
            args=(gap, place, desk),
        )
        if gap.document in paths:
            st.button(
                own.edit,
                key=f"edit-gap-{place}",
                on_click=open_document,
                args=(gap.document, desk.settings, texts, desk.words),
            )
    st.subheader(own.nearest, anchor=False)
    named = searcher.catalogue.at(gap.document) is not None
    among = Filter(documents=(gap.document,)) if named else None
    found = searcher.ask(gap.question, results=_NEAREST, among=among).results
    if not found:
        st.caption(own.no_nearest)
    for i, passage in enumerate(found):
        place_text = texts.place.format(document=passage.document, line=passage.line)
        category = category_name(passage.category, texts) if passage.category else ""
        st.html(card_html(Card(passage), place_text, best=False, category=category))
        st.button(
            own.keep_answer,
            help=own.keep_answer_help,
            key=f"keep-gap-{place}-{i}",
            icon=":material/check:",
            on_click=_keep_answer,
            args=(gap, passage, desk),
        )
    st.button(
        own.keep_refusal,
        help=own.keep_refusal_help,
        key=f"refuse-gap-{place}",
        icon=":material/block:",
        on_click=_keep_refusal,
        args=(gap, desk),
    )


def _assign(gap: Gap, place: int, desk: _Desk) -> None:
    """Name the document that is to answer."""
    path = str(st.session_state.get(f"assign-gap-{place}") or "")
    with telling(desk.texts, desk.words, "Naming a document for a gap"):
        settle(desk.settings, gap, document=path)


def _keep_answer(gap: Gap, passage: Passage, desk: _Desk) -> None:
    """Make a labelled question for the gate of which sentence answers."""
    evidence = " ".join(passage.sentence.split())
    _keep(LabelledQuestion(gap.question, passage.document, (evidence,), answerable=True), desk)


def _keep_refusal(gap: Gap, desk: _Desk) -> None:
    """Make a labelled question for the gate that is to be refused; there is nothing else to do."""
    _keep(LabelledQuestion(gap.question, None, (), answerable=False), desk)
    with telling(desk.texts, desk.words, "Deciding on a gap"):
        settle(desk.settings, gap, dismissed=True)


def _keep(label: LabelledQuestion, desk: _Desk) -> None:
    """Add a question to those of the gate, and say so."""
    with telling(desk.texts, desk.words, "Keeping a test question"):
        file = desk.settings.corpus / FILE_NAME
        added = add_label(file, label, desk.settings.index)
        tell("success", desk.own.kept if added else desk.own.kept_before)


def _show_downloads(gaps: Sequence[Gap], own: GapTexts) -> None:
    """Offer all gaps as files."""
    with st.popover(own.download, icon=":material/download:", type="tertiary"):
        show_download("CSV", gaps_csv(gaps), "tanya-gaps", "gaps-csv")
        show_download("JSON", gaps_json(gaps), "tanya-gaps", "gaps-json")


def gaps_csv(gaps: Sequence[Gap]) -> bytes:
    """Return gaps as a table for spreadsheets."""
    return csv_bytes(
        ("state", "question", "count", "first", "newest", "reasons", "document", "wordings"),
        (
            (
                gap.state,
                gap.question,
                gap.count,
                gap.first,
                gap.newest,
                ", ".join(f"{reason} {count}" for reason, count in gap.reasons),
                gap.document,
                " | ".join(gap.wordings),
            )
            for gap in gaps
        ),
    )


def gaps_json(gaps: Sequence[Gap]) -> bytes:
    """Return gaps as JSON."""
    return json_bytes([dataclasses.asdict(gap) for gap in gaps])
