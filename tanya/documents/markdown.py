"""Markdown: headings, paragraphs, lists, tables, and the markup that a reader does not see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tanya.documents.paragraphs import Line, join_lines, split_lines, wrap_width
from tanya.records import Block, BlockKind, Span
from tanya.text import visible

# What stands before the words of a line in a list, a quotation or a table.
_MARKERS = re.compile(r"(?:[ \t]*(?:[-*+]|\d{1,9}[.)]|>)(?:[ \t]+|$)|[ \t]*>)*[ \t]*")
_QUOTE = re.compile(r"(?:[ \t]*>)+[ \t]*")
# Link and image targets, code marks, emphasis around words, and escapes.
_INLINE = re.compile(
    r"(?P<code>(?P<ticks>`+)(?P<inside>.{1,2000}?)(?<!`)(?P=ticks)(?!`))"
    r"|(?P<open>!?\[)(?P<text>(?:[^\[\]]|!\[[^\[\]]*\]\([^()\s]*\))*)(?P<target>\]\[[^\[\]]*\]|\]\((?:[^()\s]|\([^()\s]*\))*(?:[ \t]+\"[^\"]*\")?\))"
    r"|(?P<escape>\\)(?=[!-/:-@\[-`{-~])"
    r"|(?P<strong>\*\*|(?<!\w)__|~~)(?=\S)(?P<bold>.{1,2000}?)(?<=\S)(?P=strong)(?!\*)"
    r"|(?<!\w)(?P<mark>[*_])(?=[^\s*_])(?P<italic>[^*_]*[^\s*_])(?P=mark)(?!\w)",
    re.DOTALL,
)
_TEXT_TOKENS = {"fence", "code_block", "html_block"}


def parse_markdown(text: str, body: int) -> tuple[Block, ...]:
    """Return the blocks of a Markdown text from offset ``body`` on."""
    lines = _raw_lines(text, body)
    width = wrap_width(split_lines(text, body))
    tokens = MarkdownIt("commonmark").enable("table").parse(text[body:])
    blocks: list[Block] = []
    headings: list[tuple[int, str]] = []
    columns: str | None = None
    items = 0
    for i, token in enumerate(tokens):
        if token.type == "list_item_open":
            items += 1
        elif token.type == "list_item_close":
            items -= 1
        elif token.type == "table_close":
            columns = None
        if token.map is None:
            continue
        first, last = token.map
        above = tuple(entry for _, entry in headings)
        if token.type == "heading_open":
            level = int(token.tag[1])
            headings = [entry for entry in headings if entry[0] < level]
            above = tuple(entry for _, entry in headings)
            span = _heading_span(text, lines[first:last])
            if span is not None:
                blocks.append(Block(span.start, span.end, "heading", above))
                headings.append(
                    (level, visible(text, span.start, span.end, hidden_spans(text, span)))
                )
        elif token.type == "paragraph_open":
            kind: BlockKind = "item" if items else "paragraph"
            spans = _paragraphs(text, lines[first:last], width)
            blocks.extend(Block(span.start, span.end, kind, above) for span in spans)
        elif token.type == "tr_open":
            span = _row_span(text, lines[first])
            if span is None:
                continue
            if _is_header(tokens, i):
                columns = visible(text, span.start, span.end, hidden_spans(text, span))
                blocks.append(Block(span.start, span.end, "columns", above))
            else:
                row_headings = above if columns is None else (*above, columns)
                blocks.append(Block(span.start, span.end, "row", row_headings))
        elif token.type in _TEXT_TOKENS:
            inside = lines[first:last]
            if token.type == "fence":
                closing = _MARKERS.sub("", text[inside[-1].start : inside[-1].end], count=1)
                closed = len(inside) > 1 and re.fullmatch(r"(`{3,}|~{3,})\s*", closing)
                inside = inside[1:-1] if closed else inside[1:]
            blocks.extend(
                Block(span.start, span.end, "paragraph", above)
                for span in _paragraphs(text, inside, 0)
            )
    return tuple(blocks)


def hidden_spans(text: str, span: Span) -> tuple[Span, ...]:
    """Return the markup within ``span`` that a reader does not see, in order."""
    found: list[Span] = []
    position = span.start
    while (match := _INLINE.search(text, position, span.end)) is not None:
        if match["code"] is not None:
            found += [
                Span(match.start(), match.start("inside")),
                Span(match.end("inside"), match.end()),
            ]
            position = match.end()
        elif match["open"] is not None:
            found += [
                Span(match.start(), match.start("text")),
                Span(match.end("text"), match.end()),
            ]
            found += hidden_spans(text, Span(match.start("text"), match.end("text")))
            position = match.end()
        elif match["escape"] is not None:
            found.append(Span(match.start(), match.end()))
            position = match.end() + 1
        else:
            name = "bold" if match["strong"] is not None else "italic"
            found += [Span(match.start(), match.start(name)), Span(match.end(name), match.end())]
            found += hidden_spans(text, Span(match.start(name), match.end(name)))
            position = match.end()
    for line in split_lines(text[span.start : span.end])[1:]:
        quote = _QUOTE.match(text, span.start + line.start, span.end)
        if quote is not None:
            found.append(Span(quote.start(), quote.end()))
    return tuple(
        sorted((piece for piece in found if piece.end > piece.start), key=lambda s: s.start)
    )


def _raw_lines(text: str, body: int) -> list[Span]:
    """Return the offsets of every line from ``body`` on, as markdown-it counts them."""
    lines = []
    position = body
    for found in re.finditer(r"\r\n?|\n", text[body:]):
        lines.append(Span(position, body + found.start()))
        position = body + found.end()
    lines.append(Span(position, len(text)))
    return lines


def _heading_span(text: str, lines: list[Span]) -> Span | None:
    """Return where the words of a heading stand, or None if it has none."""
    start, end = lines[0].start, lines[-1].end
    if len(lines) > 1:  # underlined with === or ---
        end = lines[-2].end
    first = _MARKERS.match(text, start, end)
    start = first.end() if first is not None else start
    opening = re.compile(r"#{1,6}(?:[ \t]+|$)").match(text, start, end)
    if opening is not None:
        start = opening.end()
        closing = re.compile(r"(?:^|[ \t]+)#+[ \t]*$").search(text[start:end])
        end = start + closing.start() if closing is not None else end
    return _trimmed(text, Span(start, end))


def _paragraphs(text: str, lines: list[Span], width: int) -> Iterator[Span]:
    """Yield the paragraphs among the lines of one Markdown block."""
    chunk: list[Line] = []
    for line in lines:
        marker = _MARKERS.match(text, line.start, line.end)
        span = _trimmed(text, Span(marker.end() if marker else line.start, line.end))
        if span is None:
            yield from _joined(chunk, width)
            chunk = []
            continue
        chunk.append(Line(span.start, span.end, text[span.start : span.end]))
        # Two blanks or a backslash at a line's end are Markdown's way to break a line.
        if text[span.end : line.end].startswith("  ") or chunk[-1].text.endswith("\\"):
            yield from _joined(chunk, width)
            chunk = []
    yield from _joined(chunk, width)


def _joined(chunk: list[Line], width: int) -> Iterator[Span]:
    """Yield the paragraphs of a chunk, which may be empty."""
    if chunk:
        yield from join_lines(chunk, width)


def _row_span(text: str, line: Span) -> Span | None:
    """Return where the words of a table's row stand, without the pipes at its ends."""
    start, end = line.start, line.end
    while start < end and text[start] in " \t|>":
        start += 1
    while end > start and text[end - 1] in " \t|":
        end -= 1
    return Span(start, end) if end > start else None


def _is_header(tokens: list[Token], row: int) -> bool:
    """Say whether the row that begins at ``row`` holds the names of the columns."""
    return row + 1 < len(tokens) and tokens[row + 1].type == "th_open"


def _trimmed(text: str, span: Span) -> Span | None:
    """Return ``span`` without the white space at its ends, or None if nothing is left."""
    start, end = span.start, span.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if end > start else None
