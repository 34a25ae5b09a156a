"""The builds that the index keeps, and going back to one of them."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from tanya.index import list_builds
from tanya.page.editor_texts import EditorTexts
from tanya.page.markup import build_html, note_html
from tanya.page.parts import number
from tanya.page.texts import Texts
from tanya.page.verdict import publish
from tanya.records import BuildInfo
from tanya.settings import Settings


def show_builds(settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Show all builds, the newest first."""
    builds = list_builds(settings.index)
    if not builds:
        st.caption(words.no_builds)
    for build in builds:
        with st.container(border=True, key=f"tanya-build-{build.name}"):
            _show(build, settings, texts, words)


def _show(build: BuildInfo, settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Show one build, and let it be published if it can be."""
    lines = [
        words.build_line.format(
            documents=number(build.documents, texts),
            sentences=number(build.sentences, texts),
            size=_megabytes(build.bytes, texts),
        ),
        build.model,
    ]
    if build.gate is not None:
        hit = "–" if build.gate.hit_at_5 is None else f"{build.gate.hit_at_5:.0%}"
        questions = number(build.gate.questions, texts)
        lines.append(words.build_gate.format(questions=questions, hit=hit))
    made = f"{datetime.fromisoformat(build.created).astimezone():%Y-%m-%d %H:%M:%S}"
    published = build.state == "published"
    st.html(build_html(words.states[build.state], made, lines, published=published))
    if build.state not in ("kept", "candidate"):
        return
    kept = build.state == "kept"
    with st.popover(words.roll_back if kept else words.publish_anyway):
        st.html(note_html(words.roll_back_ask if kept else words.publish_anyway_ask))
        st.button(
            words.publish,
            type="primary",
            key=f"publish-{build.name}",
            on_click=publish,
            args=(settings, build.name, texts, words),
        )


def _megabytes(size: int, texts: Texts) -> str:
    """Return a size in million bytes as the reader's language writes it."""
    return f"{size / 1e6:.1f}".replace(".", "," if texts.thousands == "." else ".")
