"""Plain text: paragraphs, lists, and headings marked with ``#``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from tanya.documents.paragraphs import Line, join_lines, split_lines, wrap_width
from tanya.records import Block

_ITEM = re.compile(r"(?:[-*+•‣▪–—]|\(?(?:\d{1,3}|[a-z]|[A-Z](?=\)))[.)])[ \t]+(?=\S)")
_HEADING = re.compile(r"(?P<marks>#{1,6})[ \t]+(?P<text>\S.*?)(?:[ \t]+#+)?$")


def parse_plain(text: str, body: int) -> tuple[Block, ...]:
    """Return the blocks of a plain text from offset ``body`` on."""
    lines = split_lines(text, body)
    width = wrap_width(line for line in lines if not _HEADING.fullmatch(line.text))
    blocks: list[Block] = []
    headings: list[tuple[int, str]] = []
    for blank, group in groupby(lines, key=lambda line: line.blank):
        if blank:
            continue
        for chunk in _chunks(list(group)):
            first = chunk[0]
            heading = _HEADING.fullmatch(first.text)
            if heading is not None:
                level = len(heading["marks"])
                headings = [entry for entry in headings if entry[0] < level]
                begin = first.start + heading.start("text")
                end = begin + len(heading["text"])
                blocks.append(Block(begin, end, "heading", _texts(headings)))
                headings.append((level, " ".join(heading["text"].split())))
                continue
            item = _ITEM.match(first.text)
            if item is None:
                spans = join_lines(chunk, width)
                blocks.extend(
                    Block(span.start, span.end, "paragraph", _texts(headings)) for span in spans
                )
            else:
                begin = first.start + item.end()
                blocks.append(Block(begin, chunk[-1].end, "item", _texts(headings)))
    return tuple(blocks)


def _chunks(lines: list[Line]) -> Iterator[list[Line]]:
    """Yield headings alone, list items with their continuation lines, and what is between."""
    chunk: list[Line] = []
    for line in lines:
        heading = _HEADING.fullmatch(line.text)
        starts_item = _ITEM.match(line.text)
        in_item = bool(chunk) and _ITEM.match(chunk[0].text) is not None
        goes_on = line.text[0].islower() or (in_item and line.indent > chunk[0].indent)
        ends = heading or starts_item or (in_item and not goes_on)
        if chunk and ends:
            yield chunk
            chunk = []
        chunk.append(line)
        if heading:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _texts(headings: list[tuple[int, str]]) -> tuple[str, ...]:
    """Return the texts of the headings in force."""
    return tuple(text for _, text in headings)
