"""Which lines belong together: the same text may be one line a paragraph, or wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tanya.function_words import is_function_word
from tanya.records import Span

# Wider lines than this were not wrapped by a person or an editor, but are paragraphs.
_WIDEST_WRAP = 120
# Narrower texts than this are lists of short lines, not prose that was wrapped.
_NARROWEST_WRAP = 40
# So many of a chunk's lines must be as full as they can be for it to count as wrapped.
_FULL_SHARE = 0.7
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_ENDED = re.compile(r"[.!?…:;。！？।॥։؟۔።]['\"”’»)\]*_]*$")
# From so many lines on, that each begins with a capital letter is no chance, even in German.
_MANY_CAPITALS = 8
# What parts the columns of a line: a tab, a bar, a wide gap, or a comma as no sentence has it.
_COLUMN = re.compile(
    r"""\t|\||(?<=[^\s.!?:])\ {3,}(?=\S)|(?<!\d)[,;](?=[^\W\u3040-\u9fff])|(?<="),(?=")"""
    r"|[,;](?=[^\W\d\u3040-\u9fff])",
)
_FIRST_WORD = re.compile(r"\w+")
_OPENING_SIGNS = "\"'“‘«(["
_LAST_WORD = re.compile(r"[^\W\d_]+$")


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
    any other chunk each line is a paragraph, unless it plainly goes on in the next. Entries of a
    list are never joined, though they may be about as long as each other, as wrapped lines are.
    """
    # A title may stand right above a table.
    top = 1 if _is_table(lines[1:]) else 0
    parts = [lines[:top], lines[top:]] if _is_list(lines[top:]) else _joined(lines, width)
    for part in parts:
        for entry in [[line] for line in part] if _is_list(part) else [part]:
            yield Span(entry[0].start, entry[-1].end)


def _joined(lines: Sequence[Line], width: int) -> Iterator[Sequence[Line]]:
    """Yield the lines of each paragraph, by how full they are."""
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
        yield lines[start : i + 1]
        start = i + 1


def _is_list(lines: Sequence[Line]) -> bool:
    """Say whether each of these lines is plainly an entry of its own.

    Either it is a table; or each begins as an entry does, none breaks off, and more than chance
    keeps sentences from running over their ends.
    """
    texts = [line.text for line in lines]
    if _is_table(lines):
        return True
    # In a text of capitals alone they tell nothing.
    if not all(map(_begins_entry, texts)) or any(map(breaks_off, texts[:-1])):
        return False
    ended = [bool(_ENDED.search(text)) for text in texts]
    counted = all(any(map(str.isdigit, text)) for text in texts)
    if not any(ended):
        return len(texts) > 2 or counted
    return all(ended) or len(texts) >= (_MANY_CAPITALS // 2 if counted else _MANY_CAPITALS)


def _is_table(lines: Sequence[Line]) -> bool:
    """Say whether all of at least three lines have columns, or begin with one and the same word."""
    if len(lines) <= 2:
        return False
    first = [_FIRST_WORD.match(line.text) for line in lines]
    words = {match.group().casefold() if match is not None else None for match in first}
    return all(_COLUMN.search(line.text) for line in lines) or (
        len(words) == 1 and None not in words
    )


def _begins_entry(text: str) -> bool:
    """Say whether a line begins with a capital letter, a digit or a code, as an entry does."""
    first = text.lstrip(_OPENING_SIGNS).partition(" ")[0]
    if any(map(str.isdigit, first)):
        return True
    return first[:1].isupper() and not text.isupper()


def breaks_off(text: str) -> bool:
    """Say whether a line ends where a sentence cannot: at a comma, or at a word like "and"."""
    if text.endswith((",", "-", "–", "—", "(", "/", "&")):
        return True
    last = _LAST_WORD.search(text)
    # "IT" and "US" end an entry, "it" and "us" do not.
    return last is not None and last.group().islower() and is_function_word(last.group())


def _goes_on(line: str, following: str) -> bool:
    """Say whether a sentence that ``line`` does not end plainly goes on in the next line."""
    return not _ENDED.search(line) and following[0].islower()
