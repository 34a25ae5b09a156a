"""What a reader asks with: the language, the question box, the filter, and the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from random import randrange
from typing import Any

import streamlit as st

from tanya.catalogue import Catalogue
from tanya.page import address
from tanya.page.editor_texts import EDITOR_LANGUAGES
from tanya.page.examples import example_questions
from tanya.page.markup import chips_html, label_text
from tanya.page.parts import category_name, number
from tanya.page.style import FOCUS, language_script
from tanya.page.texts import ENGLISH, INDONESIAN, LANGUAGES, Texts
from tanya.records import Filter

_RESULTS = (3, 5, 10, 20)
_EXAMPLES = 4
_MOST_REMEMBERED = 20
_HISTORY = "history"
_SEED = "examples"
_VISITED = "visited"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader wants to know, of which documents, and how many passages of it."""

    question: str
    among: Filter
    results: int


def show_head(*, editor: bool = False) -> Texts:
    """Show the name, and let the reader choose the language; return its texts."""
    state = st.session_state
    if state.get(address.LANGUAGE) not in LANGUAGES:
        # The browser's language, if the page is in it.
        english = (st.context.locale or "").lower().startswith(ENGLISH.code)
        state[address.LANGUAGE] = ENGLISH.code if english else INDONESIAN.code
    texts = LANGUAGES[state[address.LANGUAGE]]
    words = EDITOR_LANGUAGES[texts.code]
    title, subtitle = (words.title, words.subtitle) if editor else (texts.title, texts.subtitle)
    with st.container(key="tanya-head"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.title(title, anchor=False, width="content")
            st.segmented_control(
                f"{INDONESIAN.language} / {ENGLISH.language}",
                list(LANGUAGES),
                format_func=lambda code: LANGUAGES[code].name,
                key=address.LANGUAGE,
                required=True,
                label_visibility="collapsed",
            )
        st.caption(subtitle)
    return texts


def show_box(texts: Texts) -> str:
    """Show the question box, at the first visit with the cursor in it; return the question."""
    question: str = st.text_input(
        texts.question,
        key=address.QUESTION,
        placeholder=texts.placeholder,
        on_change=_forget_link,
    )
    with st.container(key="tanya-scripts"):
        st.html(language_script(texts.code), unsafe_allow_javascript=True)
        if not st.session_state.get(_VISITED) and not question:
            st.html(FOCUS, unsafe_allow_javascript=True)
    st.session_state[_VISITED] = True
    return question


def _forget_link() -> None:
    """Let the linked sentence go: the reader has another question."""
    st.session_state[address.LINKED] = None


def show_choices(catalogue: Catalogue, usual: int, texts: Texts) -> tuple[Filter, int]:
    """Let the reader choose documents and the number of passages; return both.

    ``usual`` is that number as the settings have it.
    """
    with st.container(horizontal=True, key="tanya-choices"):
        results = _show_filter(catalogue, usual, texts)
        _show_history(texts)
    among = address.current_address().among
    if among:
        with st.container(horizontal=True, vertical_alignment="center", key="tanya-filtered"):
            st.html(chips_html(texts.filtered, _names(among, catalogue, texts)), width="content")
            st.button(
                texts.clear_filter,
                on_click=address.clear_filter,
                type="tertiary",
                icon=":material/close:",
                key="clear-filter",
            )
    return among, results


def _show_filter(catalogue: Catalogue, usual: int, texts: Texts) -> int:
    """Show the filter, folded; return the number of passages.

    The session keeps what writes the options, so that this must not hold the catalogue.
    """
    among = _known(catalogue)
    count = len(among.categories) + len(among.documents) + len(among.attributes)
    label = texts.filters.format(count=count) if count else texts.filter
    with st.popover(label, icon=":material/tune:"):
        st.multiselect(
            texts.category,
            list(catalogue.categories),
            format_func=partial(_counted_category, catalogue.categories, texts),
            placeholder=texts.all_of_them,
            **_chooser(address.CATEGORY),
        )
        titles = {outline.path: outline.title for outline in catalogue.documents}
        st.multiselect(
            texts.document,
            list(titles),
            format_func=lambda path: f"{titles[path]} · {path}",
            placeholder=texts.all_of_them,
            **_chooser(address.DOCUMENT),
        )
        for name, counts in catalogue.attributes.items():
            st.multiselect(
                label_text(name),
                list(counts),
                format_func=partial(_counted, counts, texts),
                placeholder=texts.all_of_them,
                **_chooser(address.ATTRIBUTE + name),
            )
        options = sorted({*_RESULTS, usual})
        if st.session_state.get(address.RESULTS) not in options:
            st.session_state[address.RESULTS] = usual
        chosen = st.segmented_control(
            texts.results,
            options,
            required=True,
            **_chooser(address.RESULTS),
        )
    return usual if chosen is None else int(chosen)


def _chooser(name: str) -> dict[str, Any]:
    """Return what ties a widget to the choice that the session keeps as ``name``.

    As its default, since a widget that is folded away when it is given a value never shows it.
    """
    state = st.session_state
    key = f"choose-{name}-{state.get(address.GENERATION, 0)}"
    return {"key": key, "default": state[name], "on_change": _choose, "args": (name, key)}


def _choose(name: str, key: str) -> None:
    """Keep what the reader chose."""
    st.session_state[name] = st.session_state[key]


def _counted(counts: Mapping[str, int], texts: Texts, value: str) -> str:
    """Return a value with how many documents have it."""
    return f"{value} ({number(counts[value], texts)})"


def _counted_category(counts: Mapping[str, int], texts: Texts, name: str) -> str:
    """Return a category for a reader, with how many documents it has."""
    return f"{category_name(name, texts)} ({number(counts[name], texts)})"


def _known(catalogue: Catalogue) -> Filter:
    """Take from the filter what the documents do not have any more; return what stays."""
    state = st.session_state
    options: dict[str, set[str]] = {
        address.CATEGORY: set(catalogue.categories),
        address.DOCUMENT: {outline.path for outline in catalogue.documents},
    }
    for name, counts in catalogue.attributes.items():
        options[address.ATTRIBUTE + name] = set(counts)
    for name in map(str, list(state)):
        if name.startswith(address.ATTRIBUTE) and name not in options:
            del state[name]
    for name, known in options.items():
        given = state.get(name) or []
        kept = [value for value in dict.fromkeys(given) if value in known]
        if name not in state or kept != given:
            state[name] = kept
    return address.current_address().among


def _names(among: Filter, catalogue: Catalogue, texts: Texts) -> list[str]:
    """Return what a filter names, for a reader."""
    outlines = (catalogue.at(path) for path in among.documents)
    return [
        *(category_name(category, texts) for category in among.categories),
        *(outline.title for outline in outlines if outline is not None),
        *(f"{name}: {value}" for name, value in among.attributes),
    ]


def remember(question: str) -> None:
    """Put a question on top of this visit's history."""
    history: list[str] = st.session_state.setdefault(_HISTORY, [])
    if history[:1] != [question]:
        others = [one for one in history if one != question]
        st.session_state[_HISTORY] = [question, *others][:_MOST_REMEMBERED]


def _show_history(texts: Texts) -> None:
    """Show what was asked in this visit, folded, to be asked again."""
    history = st.session_state.get(_HISTORY, [])
    if not history:
        return
    with (
        st.popover(texts.history, icon=":material/history:"),
        st.container(key="tanya-history", gap=None),
    ):
        for i, question in enumerate(history):
            st.button(
                label_text(question),
                key=f"history-{i}",
                on_click=address.ask_instead,
                args=(question,),
                type="tertiary",
                width="stretch",
            )


def show_examples(catalogue: Catalogue, texts: Texts) -> None:
    """Show questions to begin with, each asked with one click, others at every visit."""
    seed: int = st.session_state.setdefault(_SEED, randrange(1_000_000))  # noqa: S311
    # After a question there are others, too.
    seed += len(st.session_state.get(_HISTORY, []))
    questions = example_questions(catalogue, texts, seed, _EXAMPLES)
    if not questions:
        return
    st.caption(texts.examples)
    with st.container(key="tanya-examples", gap="small"):
        for i, question in enumerate(questions):
            st.button(
                label_text(question),
                key=f"example-{i}",
                on_click=address.ask_instead,
                args=(question,),
                width="stretch",
                icon=":material/arrow_outward:",
            )
    st.button(
        texts.more_examples,
        key="more-examples",
        on_click=_other_examples,
        type="tertiary",
        icon=":material/refresh:",
    )


def _other_examples() -> None:
    """Have the next examples be others."""
    st.session_state[_SEED] = randrange(1_000_000)  # noqa: S311 - nothing secret
