"""What the page's address holds: the question, the filters, the language, and a linked sentence.

Whoever opens the address sees the same, and going back in the browser goes back to the question
before. The state of the page is the session's; this module carries it to the address and back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

import streamlit as st

from tanya.catalogue import passage_text, sentence_mark
from tanya.records import Filter, Passage
from tanya.text import shortened

Parameters = dict[str, list[str]]

# The names under which the session keeps what is in the address.
QUESTION = "question"
LANGUAGE = "language"
CATEGORY = "category"
DOCUMENT = "document"
ATTRIBUTE = "attribute-"
RESULTS = "results"
LINKED = "linked"
# Counts how often the choices were set by anything but their own widgets.
GENERATION = "choices-generation"
_KEPT = "kept-address"
# The parameter by which an address is the editor's, and what the asking page's was before.
_VIEW = "view"
_EDITOR = "editor"
_ASKING = "asking-address"
# So much of a sentence a link carries, to show what it said even after it has changed.
_LONGEST_EXCERPT = 280
_SEPARATOR = ":"


@dataclass(frozen=True, slots=True)
class Linked:
    """A sentence that a link is about: its document, its mark, and the beginning of its text."""

    document: str
    mark: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says."""

    question: str = ""
    language: str | None = None
    among: Filter = field(default_factory=Filter)
    results: int | None = None
    linked: Linked | None = None

    def parameters(self) -> Parameters:
        """Return it as the parameters of an address."""
        found: Parameters = {}
        if self.question:
            found["q"] = [self.question]
        if self.language is not None:
            found["lang"] = [self.language]
        if self.among.categories:
            found["category"] = list(self.among.categories)
        if self.among.documents:
            found["document"] = list(self.among.documents)
        if self.among.attributes:
            found["attribute"] = [
                f"{_without_separator(name)}{_SEPARATOR}{value}"
                for name, value in self.among.attributes
            ]
        if self.results is not None:
            found["n"] = [str(self.results)]
        if self.linked is not None:
            found["s"] = [f"{self.linked.mark}{_SEPARATOR}{self.linked.document}"]
            found["t"] = [self.linked.excerpt]
        return found

    def link(self, page: str) -> str:
        """Return the whole address, ``page`` being that of the page with whatever parameters."""
        parts = urlsplit(page)
        # What is half a character cannot stand in an address.
        parameters = {
            name: [value.encode("utf-8", "replace").decode("utf-8") for value in values]
            for name, values in self.parameters().items()
        }
        query = urlencode(parameters, doseq=True)
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def read_address(parameters: Mapping[str, Sequence[str]]) -> Address:
    """Return what the parameters of an address say; what cannot be understood is left out."""

    def last(name: str) -> str:
        values = parameters.get(name, ())
        return values[-1] if values else ""

    pairs = (value.partition(_SEPARATOR) for value in parameters.get("attribute", ()))
    number = last("n")
    mark, separator, document = last("s").partition(_SEPARATOR)
    # Whoever writes an address can write a text of any length into it.
    excerpt = shortened(last("t"), _LONGEST_EXCERPT)
    return Address(
        question=last("q"),
        language=last("lang") or None,
        among=Filter(
            tuple(parameters.get("category", ())),
            tuple(parameters.get("document", ())),
            tuple((unquote(name), value) for name, separator, value in pairs if separator),
        ),
        results=int(number) if number.isascii() and number.isdigit() and len(number) < 5 else None,
        linked=Linked(document, mark, excerpt) if separator and document else None,
    )


def _without_separator(name: str) -> str:
    """Return a name for what stands before a separator; :func:`unquote` brings it back."""
    return name.replace("%", "%25").replace(_SEPARATOR, quote(_SEPARATOR))


def linked_to(passage: Passage) -> Linked:
    """Return the link to the sentence of ``passage``."""
    text = passage_text(passage)
    return Linked(passage.document, sentence_mark(text), shortened(text, _LONGEST_EXCERPT))


def follow_address() -> None:
    """Bring the session to what the address says, when it was opened or gone back to."""
    parameters = {name: st.query_params.get_all(name) for name in st.query_params}
    kept = st.session_state.get(_KEPT)
    # An address may lag behind what the reader does on the page; then the page is right.
    if kept is not None and (kept[0] == parameters or kept[1] != current_address()):
        return
    address = read_address(parameters)
    state = st.session_state
    state[QUESTION] = address.question
    state[CATEGORY] = list(address.among.categories)
    state[DOCUMENT] = list(address.among.documents)
    for name in [name for name in state if str(name).startswith(ATTRIBUTE)]:
        state[name] = []
    for attribute, value in address.among.attributes:
        state[ATTRIBUTE + attribute] = [*state.get(ATTRIBUTE + attribute, []), value]
    state[LINKED] = address.linked
    if address.language is not None:
        state[LANGUAGE] = address.language
    state[RESULTS] = address.results
    _renew_choices()


def current_address() -> Address:
    """Return what the session is at."""
    state = st.session_state
    attributes = tuple(
        (str(name).removeprefix(ATTRIBUTE), value)
        for name in sorted(map(str, state))
        if name.startswith(ATTRIBUTE)
        for value in state[name]
    )
    return Address(
        question=state.get(QUESTION) or "",
        language=state.get(LANGUAGE),
        among=Filter(
            tuple(state.get(CATEGORY) or ()), tuple(state.get(DOCUMENT) or ()), attributes
        ),
        results=state.get(RESULTS),
        linked=state.get(LINKED),
    )


def keep_address(usual: int | None = None) -> Address:
    """Write where the session is into the address, and return it.

    ``usual`` is the number of results that need not be written.
    """
    found = current_address()
    address = replace(found, results=None if found.results == usual else found.results)
    parameters = address.parameters()
    if {name: st.query_params.get_all(name) for name in st.query_params} != parameters:
        st.query_params.from_dict(parameters)
    st.session_state[_KEPT] = (parameters, found)
    return address


def is_editor() -> bool:
    """Say whether the address is the editor's."""
    return bool(st.query_params.get(_VIEW) == _EDITOR)


def open_editor() -> None:
    """Go to the editor, remembering where the asking page was."""
    st.session_state[_ASKING] = current_address().parameters()
    st.query_params.from_dict(_editor_parameters())


def keep_editor_address() -> None:
    """Write the editor's address, and have the asking page follow its own when it is next shown."""
    st.session_state.pop(_KEPT, None)
    parameters = _editor_parameters()
    if {name: st.query_params.get_all(name) for name in st.query_params} != parameters:
        st.query_params.from_dict(parameters)


def close_editor() -> None:
    """Go back to the asking page as it was, in the language that was chosen last."""
    parameters: Parameters = dict(st.session_state.get(_ASKING) or {})
    language = st.session_state.get(LANGUAGE)
    if language is not None:
        parameters["lang"] = [language]
    st.query_params.from_dict(parameters)


def follow_language() -> None:
    """Take the language from the address, where the session has none yet."""
    language = st.query_params.get("lang")
    if language and LANGUAGE not in st.session_state:
        st.session_state[LANGUAGE] = language


def _editor_parameters() -> Parameters:
    """Return the parameters of the editor's address."""
    language = st.session_state.get(LANGUAGE)
    return {_VIEW: [_EDITOR]} | ({"lang": [language]} if language is not None else {})


def ask_instead(question: str) -> None:
    """Put a question into the box, as if the reader had typed it."""
    st.session_state[QUESTION] = question
    st.session_state[LINKED] = None


def clear_filter() -> None:
    """Choose all documents."""
    for name in map(str, list(st.session_state)):
        if name in (CATEGORY, DOCUMENT) or name.startswith(ATTRIBUTE):
            st.session_state[name] = []
    _renew_choices()


def _renew_choices() -> None:
    """Have the choices be shown by new widgets.

    One that is folded away in the browser never hears of a new value and brings the old one back.
    """
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1
