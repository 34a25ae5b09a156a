"""How many sessions a page serves at once, so that a crowd slows nobody to a standstill."""

from __future__ import annotations

import threading
import weakref

import streamlit as st

_ADMISSION = "admission"


class Admission:
    """What a session holds for as long as it lives."""


class Door:
    """Admits sessions up to a number. Threads may share it.

    It counts what sessions hold: a session that ends, or is forgotten by the server, frees its
    place without having to say so, once what it held is collected as garbage.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: weakref.WeakSet[Admission] = weakref.WeakSet()

    def admit(self, most: int) -> Admission | None:
        """Return what the session is to hold, None if there are ``most`` already."""
        with self._lock:
            if len(self._inside) >= most:
                return None
            admission = Admission()
            self._inside.add(admission)
            return admission


@st.cache_resource(show_spinner=False)
def _door() -> Door:
    """Return the door of this server."""
    return Door()


def is_admitted(most: int) -> bool:
    """Say whether this session is one of at most ``most``; who is in stays in."""
    if st.session_state.get(_ADMISSION) is None:
        st.session_state[_ADMISSION] = _door().admit(most)
    return st.session_state[_ADMISSION] is not None
