"""What an act of the editor came to: told once, when the page is shown after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from tanya.errors import EditError, TanyaError
from tanya.page.editor_texts import EditorTexts
from tanya.page.parts import log
from tanya.page.texts import Texts

_TOLD = "told"


def tell(level: Literal["success", "error"], text: str) -> None:
    """Have ``text`` shown the next time; names in it are to have no markup."""
    st.session_state[_TOLD] = [*st.session_state.get(_TOLD, ()), (level, text)]


def show_told() -> None:
    """Show what is to be told, once."""
    for level, text in st.session_state.pop(_TOLD, ()):
        (st.success if level == "success" else st.error)(text)


def error_words(error: Exception, texts: Texts, words: EditorTexts) -> str:
    """Return what is wrong in the reader's language, without any path."""
    if isinstance(error, EditError):
        return words.problems[error.problem]
    return texts.errors.get(type(error), words.unexpected)


@contextmanager
def telling(texts: Texts, words: EditorTexts, what: str) -> Iterator[None]:
    """Tell what goes wrong meanwhile; the log, which says ``what``, has the whole of it."""
    try:
        yield
    except TanyaError as error:
        log.warning("%s: %s: %s", what, type(error).__name__, error)
        tell("error", error_words(error, texts, words))
    except Exception:  # noqa: BLE001 - an editor never sees a traceback
        log.exception("%s could not be done", what)
        tell("error", words.unexpected)


@contextmanager
def shown_errors(texts: Texts, words: EditorTexts, what: str) -> Iterator[None]:
    """Show what goes wrong meanwhile; the log, which says ``what``, has the whole of it."""
    try:
        yield
    except TanyaError as error:
        log.warning("%s: %s: %s", what, type(error).__name__, error)
        st.error(error_words(error, texts, words))
    except Exception:  # noqa: BLE001 - an editor never sees a traceback
        log.exception("%s could not be done", what)
        st.error(words.unexpected)
