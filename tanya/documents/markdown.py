"""Markdown: headings, paragraphs, lists, tables, and the markup that a reader does not see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tanya.documents.paragraphs import Line, join_lines, split_lines, wrap_width
from tanya.records import Block, BlockKind, Span
from tanya.text import visible, without_closing_marks

# What stands before the words of a line in a list, a quotation or a table.
_MARKERS = re.compile(r"(?:[ \t]*(?:[-*+]|\d{1,9}[.)]|>)(?:[ \t]+|$)|[ \t]*>)*[ \t]*")
_QUOTE = re.compile(r"(?:[ \t]*>)+[ \t]*")
_QUOTE_OR_INDENT = re.compile(r"(?:[ \t]*>)*[ \t]*")
# Link and image targets, code marks, emphasis around words, and escapes. A row of backticks is
# tried as a whole only: each of its parts with each of its ends would take for ever.
_INLINE = re.compile(
    r"(?P<code>(?<!(?<!\\)`)(?P<ticks>`++)(?P<inside>.{1,2000}?)(?<!`)(?P=ticks)(?!`))"
    r"|(?P<open>!?\[)(?P<text>(?:[^\[\]]|!\[[^\[\]]*\]\([^()\s]*\))*)"
    r"(?P<target>\]\[[^\[\]]*\]|\]\((?:[^()\s]|\([^()\s]*\))*(?:[ \t]+\"[^\"]*\")?\))"
    r"|(?P<escape>\\)(?=[!-/:-@\[-`{-~])"
    r"|(?P<strong>\*\*|(?<!\w)__|~~)(?=\S)(?P<bold>.{1,2000}?)(?<=\S)(?P=strong)(?!\*)"
    r"|(?<!\w)(?P<mark>[*_])(?=[^\s*_])(?P<italic>[^*_]*[^\s*_])(?P=mark)(?!\w)",
    re.DOTALL,
)
_COMMENTS = re.compile(r"(?:<!--.*?-->\s*)+", re.DOTALL)


def parse_markdown(text: str, body: int) -> tuple[Block, ...]:
    """Return the blocks of a Markdown text from offset ``body`` on."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text[body:])
    lines = _lines(text, body, tokens)
    width = wrap_width(
        line
        for token in tokens
        if token.type == "paragraph_open" and token.map is not None
        for line in lines[slice(*token.map)]
    )
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
        inside = lines[slice(*token.map)]
        above = tuple(entry for _, entry in headings)
        if token.type == "heading_open":
            level = int(token.tag[1])
            headings = [entry for entry in headings if entry[0] < level]
            above = tuple(entry for _, entry in headings)
            span = _heading_span(text, inside)
            if span is not None:
                blocks.append(Block(span.start, span.end, "heading", above))
                headings.append((level, _seen(text, span)))
        elif token.type == "paragraph_open":
            kind: BlockKind = "item" if items else "paragraph"
            spans = _paragraphs(text, inside, width)
            blocks.extend(Block(span.start, span.end, kind, above) for span in spans)
        elif token.type == "tr_open":
            span = _row_span(text, inside[0])
            if span is None:
                continue
            if _is_header(tokens, i):
                columns = _seen(text, span)
                blocks.append(Block(span.start, span.end, "columns", above))
            else:
                row_headings = above if columns is None else (*above, columns)
                blocks.append(Block(span.start, span.end, "row", row_headings))
        elif token.type == "html_block":
            spans = _paragraphs(text, _without_comments(text, inside), 0)
            blocks.extend(Block(span.start, span.end, "paragraph", above) for span in spans)
        elif token.type in ("fence", "code_block"):
            spans = _code(inside, fenced=token.type == "fence")
            blocks.extend(Block(span.start, span.end, "code", above) for span in spans)
    return tuple(blocks)


def hidden_spans(text: str, span: Span, kind: BlockKind) -> tuple[Span, ...]:
    """Return the markup within ``span``, a block of this kind, that a reader does not see."""
    # In code, stars and underscores are its own.
    found = [] if kind == "code" else _inline_marks(text, span)
    for line in split_lines(text[span.start : span.end])[1:]:
        quote = _QUOTE.match(text, span.start + line.start, span.end)
        if quote is not None:
            found.append(Span(quote.start(), quote.end()))
    return tuple(
        sorted((piece for piece in found if piece.end > piece.start), key=lambda s: s.start)
    )


def _inline_marks(text: str, span: Span) -> list[Span]:
    """Return the marks of emphasis, links, code and escapes within ``span``."""
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
            found += _inline_marks(text, Span(match.start("text"), match.end("text")))
            position = match.end()
        elif match["escape"] is not None:
            found.append(Span(match.start(), match.end()))
            position = match.end() + 1
        else:
            name = "bold" if match["strong"] is not None else "italic"
            found += [Span(match.start(), match.start(name)), Span(match.end(name), match.end())]
            found += _inline_marks(text, Span(match.start(name), match.end(name)))
            position = match.end()
    return found


def _seen(text: str, span: Span) -> str:
    """Return what a reader sees of a heading or of the names of columns."""
    return visible(text, span.start, span.end, hidden_spans(text, span, "heading"))


def _lines(text: str, body: int, tokens: list[Token]) -> list[Line]:
    """Return every line from ``body`` on, without the marks of the lists and quotations it is in.

    Only the line that begins an item has a list's mark: another may begin with "1945." as well.
    """
    items = {token.map[0] for token in tokens if token.type == "list_item_open" and token.map}
    lines = []
    for number, raw in enumerate(_raw_lines(text, body)):
        marks = _MARKERS if number in items else _QUOTE_OR_INDENT
        words = marks.sub("", text[raw.start : raw.end], count=1).lstrip()
        start = raw.end - len(words)
        words = words.rstrip()
        lines.append(Line(start, start + len(words), words))
    return lines


def _raw_lines(text: str, body: int) -> list[Span]:
    """Return the offsets of every line from ``body`` on, as markdown-it counts them."""
    lines = []
    position = body
    for found in re.finditer(r"\r\n?|\n", text[body:]):
        lines.append(Span(position, body + found.start()))
        position = body + found.end()
    lines.append(Span(position, len(text)))
    return lines


def _heading_span(text: str, lines: list[Line]) -> Span | None:
    """Return where the words of a heading stand, or None if it has none."""
    # The second of two lines underlines the first, with === or ---.
    start, end = lines[0].start, lines[-2].end if len(lines) > 1 else lines[-1].end
    opening = re.compile(r"#{1,6}(?:[ \t]+|$)").match(text, start, end)
    if opening is not None:
        start = opening.end()
        end = start + len(without_closing_marks(text[start:end]))
    return _trimmed(text, Span(start, end))


def _paragraphs(text: str, lines: list[Line], width: int) -> Iterator[Span]:
    """Yield the paragraphs among the lines of one Markdown block."""
    chunk: list[Line] = []
    for i, line in enumerate(lines):
        words = line.text
        # Two blanks or a backslash at a line's end are Markdown's way to break a line.
        slash = i < len(lines) - 1 and (len(words) - len(words.rstrip("\\"))) % 2 == 1
        broken = slash or text.startswith("  ", line.end)
        if slash:
            words = words[:-1].rstrip()
        if words:
            chunk.append(Line(line.start, line.start + len(words), words))
        if broken or not words:
            yield from join_lines(chunk, width)
            chunk = []
    yield from join_lines(chunk, width)


def _code(lines: list[Line], *, fenced: bool) -> Iterator[Span]:
    """Yield the pieces of a block of code that no empty line parts, without its fences."""
    if fenced:
        closed = len(lines) > 1 and re.fullmatch(r"`{3,}|~{3,}", lines[-1].text)
        lines = lines[1:-1] if closed else lines[1:]
    for blank, chunk in groupby(lines, key=lambda line: line.blank):
        if not blank:
            yield from join_lines(list(chunk), 0)


def _without_comments(text: str, lines: list[Line]) -> list[Line]:
    """Return the lines of a block of HTML; of one that begins with a comment what follows it."""
    if not lines[0].text.startswith("<!--"):
        return lines
    end = lines[-1].end
    comments = _COMMENTS.match(text, lines[0].start, end)
    # What is never closed is a comment to its end.
    start = comments.end() if comments is not None else end
    return [Line(start, end, text[start:end])]


def _row_span(text: str, line: Line) -> Span | None:
    """Return where the words of a table's row stand, without the pipes at its ends."""
    start, end = line.start, line.end
    while start < end and text[start] in " \t|":
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
