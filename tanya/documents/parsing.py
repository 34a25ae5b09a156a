"""From a decoded text to a Document."""

from __future__ import annotations

from pathlib import PurePosixPath

from tanya.documents.front_matter import FrontMatter
from tanya.documents.labels import in_series
from tanya.documents.markdown import hidden_spans, parse_markdown
from tanya.documents.plain import parse_plain
from tanya.records import Block, Document, Span
from tanya.text import visible


def parse_document(path: str, text: str, encoding: str, front_matter: FrontMatter) -> Document:
    """Take a decoded text apart.

    Args:
        path: the document's path relative to the corpus; its ending decides the format.
        text: the whole decoded text.
        encoding: what the text was decoded from, kept for the report.
        front_matter: what stands at the top of ``text``.
    """
    place = PurePosixPath(path)
    is_markdown = place.suffix.lower() == ".md"
    blocks = (parse_markdown if is_markdown else parse_plain)(text, front_matter.body)
    hidden: tuple[Span, ...] = ()
    if is_markdown:
        hidden = tuple(
            span
            for block in blocks
            for span in hidden_spans(text, Span(block.start, block.end), block.kind)
        )
    title = _stated_title(front_matter)
    headings = [
        visible(text, block.start, block.end, hidden) for block in blocks if block.kind == "heading"
    ]
    # "Pasal 1" is no title for the whole text where "Pasal 2" follows.
    if headings and (is_markdown or not in_series(headings[0], headings)):
        heading = headings[0]
        if title is None or heading == title:
            title = heading
            blocks = tuple(_below_title(block, heading) for block in blocks)
    category = place.parent.as_posix()
    return Document(
        path=path,
        text=text,
        title=title,
        category="" if category == "." else category,
        blocks=blocks,
        hidden=hidden,
        attributes=front_matter.attributes,
        encoding=encoding,
    )


def _stated_title(front_matter: FrontMatter) -> str | None:
    """Return the front matter's title, or None."""
    for name, value in front_matter.attributes.items():
        if (
            name.lower() == "title"
            and isinstance(value, str | int | float)
            and not isinstance(value, bool)
        ):
            return " ".join(str(value).split()) or None
    return None


def _below_title(block: Block, title: str) -> Block:
    """Return ``block`` without the title among the headings above it."""
    if not block.headings or block.headings[0] != title:
        return block
    return Block(block.start, block.end, block.kind, block.headings[1:])
