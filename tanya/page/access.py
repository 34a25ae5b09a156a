"""Who may edit: nobody, everybody who can open the page, or whoever knows the password."""

from __future__ import annotations

import hashlib
import hmac
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable

import streamlit as st

from tanya.page.editor_texts import EditorTexts
from tanya.page.parts import log
from tanya.settings import PASSWORD, Settings

_LET_IN = "let-in"
_MOST_WRONG = 5
_WINDOW = 60.0


class Attempts:
    """Compares passwords, and makes everybody wait after a few wrong ones. Threads may share it.

    It counts over all sessions: whoever guesses could open as many as they like.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: deque[float] = deque()

    def wait(self) -> int:
        """Return for how many seconds no password is taken, 0 if one is."""
        with self._lock:
            return self._wait()

    def is_right(self, given: str, password: str) -> bool:
        """Say whether a password is right; none is while there is a wait."""
        with self._lock:
            if self._wait():
                return False
            if hmac.compare_digest(_digest(given), _digest(password)):
                return True
            self._wrong.append(self._clock())
            return False

    def _wait(self) -> int:
        now = self._clock()
        while self._wrong and now - self._wrong[0] >= _WINDOW:
            self._wrong.popleft()
        if len(self._wrong) < _MOST_WRONG:
            return 0
        return max(1, math.ceil(self._wrong[0] + _WINDOW - now))


def editor_is_offered(settings: Settings) -> bool:
    """Say whether there is an editor, if perhaps behind a password."""
    return settings.editor or bool(_password())


def may_edit(settings: Settings, words: EditorTexts) -> bool:
    """Say whether whoever has the page open may edit; where a password opens it, ask for it."""
    password = _password()
    if not password:
        if not settings.editor:
            st.info(words.off)
        return settings.editor
    if st.session_state.get(_LET_IN):
        return True
    _ask_password(password, words)
    return False


def show_log_out(words: EditorTexts) -> None:
    """Let whoever gave the password leave."""
    if st.session_state.get(_LET_IN):
        st.button(words.log_out, type="tertiary", key="log-out", on_click=_log_out)


def _ask_password(password: str, words: EditorTexts) -> None:
    """Ask for the password, and show the editor if it is right."""
    attempts = _attempts()
    # The form forgets what was typed when it is sent, so that no session holds it.
    with st.form("log-in", clear_on_submit=True):
        st.caption(words.log_in)
        given = st.text_input(words.password, type="password", autocomplete="current-password")
        sent = st.form_submit_button(words.enter, type="primary")
    if not sent:
        return
    if attempts.is_right(given, password):
        st.session_state[_LET_IN] = True
        st.rerun()
    seconds = attempts.wait()
    log.warning("A wrong password was given for the editor")
    st.error(words.wait.format(seconds=seconds) if seconds else words.wrong)


def _password() -> str:
    """Return the password that opens the editor, "" for none."""
    return os.environ.get(PASSWORD, "")


def _digest(text: str) -> bytes:
    """Return what is compared, of one length whatever the password's."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _log_out() -> None:
    """Forget that the password was given."""
    st.session_state.pop(_LET_IN, None)


@st.cache_resource(show_spinner=False)
def _attempts() -> Attempts:
    """Return the one count of wrong passwords."""
    return Attempts()
