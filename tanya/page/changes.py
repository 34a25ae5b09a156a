"""What the editor is shown of the files: those that changed, were skipped, or want a look."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from tanya.errors import TanyaError
from tanya.gate import FILE_NAME
from tanya.page.editor_texts import EditorTexts
from tanya.page.markup import list_html, note_html
from tanya.page.parts import log, number
from tanya.page.telling import error_words
from tanya.page.texts import Texts
from tanya.reading import other_kinds
from tanya.records import SkippedFile
from tanya.settings import Settings
from tanya.status import read_status

_MOST_FILES = 100
# What reading says of a file (in English, as the log and the command line have it), by its kind.
_REASONS = (
    (re.compile(r"it is empty"), "empty"),
    (re.compile(r"it has no text below its front matter"), "front_matter"),
    (re.compile(r"it has no sentence"), "no_sentence"),
    (re.compile(r"it is larger than (.*?) MB"), "too_large"),
    (re.compile(r"it has the same content as (.*)"), "twin"),
    (re.compile(r"it is a link"), "link"),
    (re.compile(r"cannot (?:read|list) it|it is not an ordinary file"), "unreadable"),
    (re.compile(r"read as (\S+), not UTF-8"), "encoding"),
    (re.compile(r"it is UTF-8, but some"), "damaged"),
    (re.compile(r"its front matter is not valid"), "yaml"),
    (re.compile(r"its front matter names the language '(.*?)', which is no code"), "language"),
    (re.compile(r".*save it as UTF-8"), "no_text"),
)


def reason_words(reason: str, words: EditorTexts) -> str:
    """Return why a file was skipped or wants a look, and how to mend it, in the reader's words."""
    for pattern, kind in _REASONS:
        found = pattern.match(reason)
        if found:
            return words.reasons[kind].format(detail=found[1] if found.groups() else "")
    return reason


def show_changes(settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Show what changed since the build, file by file, and what is to be mended."""
    try:
        status = read_status(settings)
    except TanyaError as error:
        log.warning("%s: %s", type(error).__name__, error)
        st.warning(error_words(error, texts, words))
        return
    if status.warning is not None:
        st.error(texts.damaged)
    if status.other_settings:
        st.warning(texts.other_settings.format(names=", ".join(status.other_settings)))
    rows = [
        (mark, path, "")
        for mark, paths in (
            (words.added, status.added),
            (words.changed, status.changed),
            (words.removed, status.removed),
        )
        for path in paths
    ]
    st.subheader(words.changes, anchor=False)
    if rows:
        st.html(list_html(rows[:_MOST_FILES], _rest(len(rows), texts, words)))
    else:
        st.caption(texts.fresh)
    _show_files(words.skipped, status.skipped, texts, words)
    _show_files(words.notes, status.notes, texts, words)
    others = other_kinds(settings.corpus, {FILE_NAME})
    if others:
        kinds = (f"{number(kind.count, texts)} {kind.ending or words.no_ending}" for kind in others)
        st.html(note_html(words.others.format(kinds=", ".join(kinds))))


def _show_files(title: str, files: Sequence[SkippedFile], texts: Texts, words: EditorTexts) -> None:
    """Show files with what is to be said of each."""
    if files:
        st.subheader(title, anchor=False)
        rows = [("", file.path, reason_words(file.reason, words)) for file in files[:_MOST_FILES]]
        st.html(list_html(rows, _rest(len(files), texts, words)))


def _rest(count: int, texts: Texts, words: EditorTexts) -> str:
    """Return how many files are not named."""
    rest = count - _MOST_FILES
    return words.more.format(count=number(rest, texts)) if rest > 0 else ""
