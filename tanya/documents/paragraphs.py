"""Which lines belong together: the same text may be one line a paragraph, or wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tanya.records import Span

# Wider lines than this were not wrapped by a person or an editor, but are paragraphs.
_WIDEST_WRAP = 120
# Narrower texts than this are lists of short lines, not prose that was wrapped.
_NARROWEST_WRAP = 40
# So many of a chunk's lines must be as full as they can be for it to count as wrapped.
_FULL_SHARE = 0.7
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_ENDED = re.compile(r"[.!?…:;。！？।॥։؟۔።]['\"”’»)\]*_]*$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text: its offsets, without the line end and the blanks around it.

    ``indent`` is the number of columns that were blank before it.
    """

    start: int
    end: int
    text: str
    indent: int = 0

    @property
    def blank(self) -> bool:
        """Whether there is nothing on the line."""
        return not self.text


def split_lines(text: str, start: int = 0) -> list[Line]:
    """Return the lines of ``text`` from ``start`` on; line ends may be mixed."""
    lines = []
    for found in _LINE.finditer(text, start):
        raw = found.group()
        stripped = raw.strip()
        blanks = len(raw) - len(raw.lstrip()) if stripped else 0
        begin = found.start() + blanks
        indent = len(raw[:blanks].expandtabs())
        lines.append(Line(begin, begin + len(stripped), stripped, indent))
    return lines


def wrap_width(lines: Iterable[Line]) -> int:
    """Return the width that a text seems to be wrapped at, or 0 if it is not wrapped.

    Args:
        lines: those of its paragraphs and lists; headings, tables and code are never wrapped.
    """
    # Nor is a web address, which may make its line as long as it likes.
    width = max((len(line.text) for line in lines if "://" not in line.text), default=0)
    return width if _NARROWEST_WRAP <= width <= _WIDEST_WRAP else 0


def join_lines(lines: Sequence[Line], width: int) -> Iterator[Span]:
    """Yield the paragraphs of a chunk of lines that no blank line parts.

    ``width`` is what :func:`wrap_width` says of the whole text. In a wrapped chunk a line was
    ended because the next word did not fit; a line that had room for it ends a paragraph. In
    any other chunk each line is a paragraph, unless it plainly goes on in the next.
    """
    full = [
        len(line.text) + 1 + len(following.text.split(maxsplit=1)[0]) > width
        for line, following in pairwise(lines)
    ]
    wrapped = bool(width) and bool(full) and sum(full) >= _FULL_SHARE * len(full)
    start = 0
    for i, line in enumerate(lines):
        last = i == len(lines) - 1
        if not last and (full[i] if wrapped else _goes_on(line.text, lines[i + 1].text)):
            continue
        yield Span(lines[start].start, line.end)
        start = i + 1


def _goes_on(line: str, following: str) -> bool:
    """Say whether a sentence that ``line`` does not end plainly goes on in the next line."""
    return not _ENDED.search(line) and following[0].islower()
