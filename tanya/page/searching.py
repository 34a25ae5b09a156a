"""What answers on every page, shared by all sessions."""

from __future__ import annotations

import streamlit as st

from tanya.live import LiveSearcher
from tanya.settings import Settings


@st.cache_resource(max_entries=2, show_spinner=False)
def live_searcher(settings: Settings) -> LiveSearcher:
    """Return what always answers from the published build, for all who read the page."""
    return LiveSearcher(settings)
