"""Plain text: paragraphs, lists, and headings, whether marked with ``#`` or short lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from tanya.documents.labels import Piece, heading_levels
from tanya.documents.paragraphs import Line, join_lines, split_lines, wrap_width
from tanya.records import Block, BlockKind
from tanya.text import without_closing_marks

_ITEM = re.compile(r"(?:[-*+•‣▪–—]|\(?(?:\d{1,3}|[a-z]|[A-Z](?=\)))[.)])[ \t]+(?=\S)")
_HEADING = re.compile(r"(?P<marks>#{1,6})[ \t]+(?P<text>\S.*)")


def parse_plain(text: str, body: int) -> tuple[Block, ...]:
    """Return the blocks of a plain text from offset ``body`` on.

    Only where no heading is marked, short lines are taken for headings.
    """
    lines = split_lines(text, body)
    width = wrap_width(line for line in lines if not _HEADING.fullmatch(line.text))
    found = list(_marked(lines, width))
    if all(level == 0 for _, level, _ in found):
        pieces = [
            Piece(text[block.start : block.end], chunk, item=block.kind == "item")
            for block, _, chunk in found
        ]
        levels = heading_levels(pieces)
        found = [(block, levels.get(i, 0), chunk) for i, (block, _, chunk) in enumerate(found)]
    blocks: list[Block] = []
    headings: list[tuple[int, str]] = []
    for block, level, _ in found:
        headings = [entry for entry in headings if not level or entry[0] < level]
        kind: BlockKind = "heading" if level else block.kind
        blocks.append(Block(block.start, block.end, kind, tuple(words for _, words in headings)))
        if level:
            headings.append((level, " ".join(text[block.start : block.end].split())))
    return tuple(blocks)


def _marked(lines: list[Line], width: int) -> Iterator[tuple[Block, int, int]]:
    """Yield each block, how deep a heading it is by its marks or 0, and the number of its chunk.

    Blank lines part the chunks.
    """
    for number, (blank, group) in enumerate(groupby(lines, key=lambda line: line.blank)):
        if blank:
            continue
        for chunk in _chunks(list(group)):
            first = chunk[0]
            heading = _HEADING.fullmatch(first.text)
            item = _ITEM.match(first.text)
            if heading is not None:
                begin = first.start + heading.start("text")
                # All of it may be marks: then it has no others that close it.
                words = without_closing_marks(heading["text"]) or heading["text"]
                end = begin + len(words)
                yield Block(begin, end, "heading"), len(heading["marks"]), number
            elif item is not None:
                yield Block(first.start + item.end(), chunk[-1].end, "item"), 0, number
            else:
                for span in join_lines(chunk, width):
                    yield Block(span.start, span.end, "paragraph"), 0, number


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
