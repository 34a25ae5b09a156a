"""Where documents are edited: choosing one, its text and how that is cut, and uploading files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from tanya.documents import list_files
from tanya.editing import (
    OpenedText,
    Preview,
    Version,
    list_removed,
    list_versions,
    open_text,
    open_version,
    place_of,
    preview,
    preview_bytes,
    read_version,
    remove_document,
    write_bytes,
    write_text,
)
from tanya.errors import CorpusError, EditError
from tanya.page.changes import reason_words
from tanya.page.editor_texts import EditorTexts
from tanya.page.markup import label_text, note_html, sentences_html
from tanya.page.parts import log, number
from tanya.page.telling import error_words, tell, telling
from tanya.page.texts import Texts
from tanya.settings import Settings

# The names under which the session keeps what is being edited; widgets are counted, since one that
# is shown anew with another text would bring the old one back.
TABS = "tanya-tabs"
_DRAFT = "draft"
_COUNT = "draft-count"
_UPLOADS = "upload-count"
# A browser edits no more characters than this with ease.
_LONGEST = 300_000
_MOST_SENTENCES = 200
_MOST_VERSIONS = 20
_NEW = ""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is being edited: a document as it was opened, None for a new one."""

    opened: OpenedText | None


def show_desk(settings: Settings, texts: Texts, words: EditorTexts, *, looked_at: bool) -> None:
    """Let documents be chosen, edited, added and removed.

    Where nobody looks at it, only what would be lost if it were not shown is: a text that is being
    written, and files that are not saved yet.
    """
    draft: _Draft | None = st.session_state.get(_DRAFT)
    count = st.session_state.setdefault(_COUNT, 0)
    if draft is not None:
        _show_draft(draft, count, settings, texts, words)
        return
    if looked_at and not _show_choice(count, settings, texts, words):
        return
    _show_upload(settings, texts, words)
    if looked_at:
        _show_removed(settings, texts, words)


def _show_choice(count: int, settings: Settings, texts: Texts, words: EditorTexts) -> bool:
    """Let a document be chosen; False if there is no corpus."""
    try:
        paths = [file.path for file in list_files(settings.corpus)]
    except CorpusError as error:
        log.warning("%s: %s", type(error).__name__, error)
        st.error(error_words(error, texts, words))
        return False
    st.selectbox(
        words.choose,
        [_NEW, *paths],
        index=None,
        format_func=lambda path: path or words.new,
        placeholder=words.choose_hint,
        key=f"choose-document-{count}",
        on_change=_open,
        args=(settings, texts, words, count),
    )
    return True


def _open(settings: Settings, texts: Texts, words: EditorTexts, count: int) -> None:
    """Open the document that was chosen, or a new one."""
    path = st.session_state.get(f"choose-document-{count}")
    if path is not None:
        _open_path(path, settings, texts, words)


def open_document(path: str, settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Open a document from elsewhere in the editor, and show it."""
    st.session_state[TABS] = words.documents
    _open_path(path, settings, texts, words)


def _open_path(path: str, settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Open a document, a new one for no path."""
    _close()
    with telling(texts, words, "Opening a document"):
        opened = open_text(settings, path) if path != _NEW else None
        if opened is not None and len(opened.text) > _LONGEST:
            tell("error", words.too_long)
            return
        _begin(opened, opened.text if opened else "")


def _begin(opened: OpenedText | None, text: str) -> None:
    """Have a text edited by new widgets."""
    count = st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1
    st.session_state[_DRAFT] = _Draft(opened)
    st.session_state[_text_key(count)] = text


def _close() -> None:
    """Have nothing edited."""
    st.session_state.pop(_DRAFT, None)
    st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1


def _text_key(count: int) -> str:
    """Return the name of the widget of the text."""
    return f"document-text-{count}"


def _show_draft(
    draft: _Draft, count: int, settings: Settings, texts: Texts, words: EditorTexts
) -> None:
    """Show what is being edited, and how it is cut."""
    opened = draft.opened
    if opened is None:
        name = st.text_input(words.name, key=f"document-name-{count}", help=words.name_help)
    else:
        name = opened.path
        st.subheader(label_text(name), anchor=False)
        if not opened.encoding.startswith("utf-8"):
            st.caption(words.read_as.format(encoding=opened.encoding))
    text = st.text_area(words.text, key=_text_key(count), height=320) or ""
    with st.container(horizontal=True, key="tanya-draft-acts"):
        st.button(
            words.save,
            type="primary",
            key="save-document",
            on_click=_save,
            args=(draft, count, settings, texts, words),
        )
        st.button(words.close, key="close-document", on_click=_close)
        if opened is not None:
            with st.popover(words.delete, type="tertiary"):
                st.html(note_html(words.delete_ask))
                st.button(
                    words.delete_yes,
                    key="delete-document",
                    type="primary",
                    on_click=_delete,
                    args=(opened, settings, texts, words),
                )
    if text.strip():
        _show_preview(preview(settings, name.strip() or ".txt", text), texts, words)
    if opened is not None:
        _show_versions(opened, count, settings, texts, words)


def _show_preview(found: Preview, texts: Texts, words: EditorTexts) -> None:
    """Show how a text is cut into sentences, and the context that each is found by."""
    if found.reason is not None:
        reason = reason_words(found.reason, words)
        st.html(note_html(words.no_document.format(reason=reason)))
        return
    for note in found.notes:
        st.html(note_html(reason_words(note, words)))
    count = len(found.sentences)
    st.subheader(words.preview.format(count=number(count, texts)), anchor=False)
    st.html(sentences_html([(one.context, one.text) for one in found.sentences[:_MOST_SENTENCES]]))
    if count > _MOST_SENTENCES:
        st.caption(words.preview_more.format(count=number(count - _MOST_SENTENCES, texts)))


def _save(draft: _Draft, count: int, settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Save what is being edited; if that cannot be, it stays open with its text."""
    opened = draft.opened
    name = opened.path if opened else str(st.session_state.get(f"document-name-{count}") or "")
    text = str(st.session_state.get(_text_key(count)) or "")
    with telling(texts, words, "Saving a document"):
        write_text(settings, name, text, seen=opened.sha256 if opened else None)
        _close()
        tell("success", words.saved.format(name=label_text(name)))


def _delete(opened: OpenedText, settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Remove the document that is being edited."""
    with telling(texts, words, "Removing a document"):
        remove_document(settings, opened.path, seen=opened.sha256)
        _close()
        tell("success", words.deleted.format(name=label_text(opened.path)))


def _show_versions(
    opened: OpenedText, count: int, settings: Settings, texts: Texts, words: EditorTexts
) -> None:
    """Let the text of an older version be taken into the editor."""
    versions = list_versions(settings, opened.path)[:_MOST_VERSIONS]
    if not versions:
        return
    with st.expander(words.versions):
        labels = {version.name: _dated(version, texts, words) for version in versions}
        st.selectbox(
            words.versions,
            list(labels),
            format_func=lambda name: labels[name],
            key=f"version-{count}",
            label_visibility="collapsed",
        )
        st.button(
            words.restore,
            key="restore-version",
            on_click=_restore,
            args=(opened, count, settings, texts, words),
        )


def _dated(version: Version, texts: Texts, words: EditorTexts) -> str:
    """Return when an older content was replaced, and its size."""
    time = f"{datetime.fromisoformat(version.replaced).astimezone():%Y-%m-%d %H:%M:%S}"
    return words.version.format(time=time, size=number(max(1, round(version.bytes / 1000)), texts))


def _show_removed(settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Let a document that was deleted be brought back."""
    removed = {version.path: version for version in list_removed(settings)}
    if not removed:
        return
    with st.expander(words.removed_documents.format(count=number(len(removed), texts))):
        st.selectbox(
            words.choose,
            list(removed),
            format_func=lambda path: f"{path} · {_dated(removed[path], texts, words)}",
            key="removed-document",
            label_visibility="collapsed",
        )
        st.button(
            words.bring_back,
            key="bring-back",
            on_click=_bring_back,
            args=(settings, texts, words),
        )


def _bring_back(settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Write the last content of a deleted document again, as it was."""
    path = str(st.session_state.get("removed-document") or "")
    with telling(texts, words, "Bringing a document back"):
        for version in list_removed(settings):
            if version.path == path:
                write_bytes(settings, path, read_version(settings, version), seen=None)
                tell("success", words.saved.format(name=label_text(path)))


def _restore(
    opened: OpenedText, count: int, settings: Settings, texts: Texts, words: EditorTexts
) -> None:
    """Put the text of the chosen version into the editor; it is not saved yet."""
    chosen = st.session_state.get(f"version-{count}")
    with telling(texts, words, "Opening an older version"):
        for version in list_versions(settings, opened.path):
            if version.name == chosen:
                _begin(opened, open_version(settings, version))


def _show_upload(settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Let files be uploaded."""
    count = st.session_state.setdefault(_UPLOADS, 0)
    st.subheader(words.upload, anchor=False)
    size = f"{settings.max_file_mb:g}"
    files = st.file_uploader(
        words.upload_files,
        type=["txt", "md"],
        accept_multiple_files=True,
        max_upload_size=max(1, math.ceil(settings.max_file_mb)),
        help=words.upload_help.format(size=size),
        key=f"upload-{count}",
    )
    if not files:
        return
    st.text_input(words.folder, key=f"upload-folder-{count}")
    st.checkbox(words.replace, key=f"upload-replace-{count}")
    st.button(
        words.upload_save,
        type="primary",
        key="upload-save",
        on_click=_upload,
        args=(files, count, settings, texts, words),
    )


def _upload(
    files: list[UploadedFile], count: int, settings: Settings, texts: Texts, words: EditorTexts
) -> None:
    """Save the files that were uploaded, each for itself."""
    folder = str(st.session_state.get(f"upload-folder-{count}") or "").strip().rstrip("/")
    replacing = bool(st.session_state.get(f"upload-replace-{count}"))
    saved = 0
    for file in files:
        name = f"{folder}/{file.name}" if folder else file.name
        data = file.getvalue()
        with telling(texts, words, "Saving an uploaded file"):
            try:
                place_of(settings.corpus, name)
                reason = _unreadable(settings, name, data, words)
                if reason is None:
                    write_bytes(settings, name, data, seen=None, replacing=replacing)
                    saved += 1
            except EditError as error:
                log.warning("An uploaded file was not saved: %s", error)
                reason = error_words(error, texts, words)
            if reason is not None:
                tell("error", words.not_uploaded.format(name=label_text(name), reason=reason))
    st.session_state[_UPLOADS] = count + 1
    if saved:
        tell("success", words.uploaded.format(count=number(saved, texts)))


def _unreadable(settings: Settings, name: str, data: bytes, words: EditorTexts) -> str | None:
    """Return why a build would skip a file of these bytes, None if it would not."""
    if len(data) > settings.max_file_mb * 1_000_000:
        return words.problems["too_large"]
    reason = preview_bytes(settings, name, data).reason
    return None if reason is None else reason_words(reason, words)
