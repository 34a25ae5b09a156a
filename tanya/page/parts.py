"""What every part of the page uses: numbers and names for a reader, and errors in words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from tanya.errors import TanyaError
from tanya.page.texts import Texts

Kind = Literal["Markdown", "CSV", "JSON"]
_FILES: dict[Kind, tuple[str, str]] = {
    "Markdown": (".md", "text/markdown"),
    "CSV": (".csv", "text/csv"),
    "JSON": (".json", "application/json"),
}
log = logging.getLogger("tanya.page")


def number(value: int, texts: Texts) -> str:
    """Return a whole number as the reader's language writes it."""
    return f"{value:,}".replace(",", texts.thousands)


def category_name(category: str, texts: Texts) -> str:
    """Return a category, which is a folder, as a reader would write it."""
    if not category:
        return texts.no_category
    names = (name.replace("-", " ").replace("_", " ").strip() for name in category.split("/"))
    return " › ".join(name[:1].upper() + name[1:] for name in names)


def show_error(error: TanyaError, texts: Texts) -> None:
    """Say what is wrong in the reader's language; the exact words, with paths, are in the log."""
    log.warning("%s: %s", type(error).__name__, error)
    st.error(texts.errors.get(type(error), texts.unexpected))


def show_download(kind: Kind, data: bytes, name: str, key: str) -> None:
    """Offer ``data`` as a file of this kind; ``name`` is the file's without its ending."""
    ending, mime = _FILES[kind]
    st.download_button(
        kind, data, f"{name}{ending}", mime, key=key, on_click="ignore", width="stretch"
    )


@contextmanager
def told_errors(texts: Texts, what: str) -> Iterator[None]:
    """Show what goes wrong meanwhile; ``what`` could not be done then, says the log."""
    try:
        yield
    except TanyaError as error:
        show_error(error, texts)
    except Exception:
        log.exception("%s could not be done", what)
        st.error(texts.unexpected)
