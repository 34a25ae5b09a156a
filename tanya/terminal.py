"""How a passage looks on a terminal."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

from tanya.records import Answer, Passage, Span
from tanya.text import hide, merged

_WIDTH = 96
_INDENT = "   "
# Documents are text: what would move the cursor or change colours is shown, not obeyed.
_LINE_END = re.compile(r"\r\n?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# What some terminals begin a new line at.
_LINES = re.compile(r"[\n\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Style:
    """Escape sequences for a terminal that shows them, plain marks for everything else."""

    colours: bool

    @classmethod
    def for_stream(cls, stream: TextIO) -> Style:
        """Return the style for a stream: colours only on a terminal, and not if NO_COLOR is set."""
        return cls(stream.isatty() and "NO_COLOR" not in os.environ)

    def bold(self, text: str) -> str:
        """Return ``text`` in bold."""
        return f"\x1b[1m{text}\x1b[22m" if self.colours else text

    def sentence(self, text: str) -> str:
        """Return the sentence that answers, made to stand out."""
        return f"\x1b[1m{text}\x1b[22m" if self.colours else f"»{text}«"

    def match(self, text: str) -> str:
        """Return a word that met a word of the question, underlined where that can be shown."""
        return f"\x1b[4m{text}\x1b[24m" if self.colours else text


def question_line(answer: Answer, style: Style) -> str:
    """Return the question with the words marked that met a word of what is shown."""
    words = (
        Span(match.question_start, match.question_end)
        for passage in answer.results
        for match in passage.matches
    )
    return style.bold(_underlined(answer.question, words, style))


def passage_lines(number: int, passage: Passage, style: Style) -> Iterator[str]:
    """Yield the lines that show a passage: its source, then its text with the sentence marked."""
    place = " › ".join((passage.title, *passage.headings))
    source = f"{passage.document}, line {passage.line}"
    yield f"{number}. {style.bold(one_line(place))}  ({one_line(source)})"
    begin = passage.start - passage.passage_start
    finish = passage.end - passage.passage_start
    text = hide(passage.passage, passage.passage_start, passage.hidden)
    before, sentence, after = text[:begin], text[begin:finish], text[finish:]
    words = (Span(match.start, match.end) for match in passage.matches)
    marked = _underlined(sentence, words, style)
    shown = f"{_tidy(before)}{style.sentence(marked)}{_tidy(after)}"
    for line in shown.splitlines():
        yield from textwrap.wrap(
            line, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT
        ) or [""]


def _underlined(text: str, words: Iterable[Span], style: Style) -> str:
    """Return a text, safe for a terminal, with the words that found a partner marked."""
    pieces = []
    position = 0
    for word in merged(words):
        pieces.append(_tidy(text[position : word.start]))
        pieces.append(style.match(_tidy(text[word.start : word.end])))
        position = word.end
    pieces.append(_tidy(text[position:]))
    return "".join(pieces)


def _tidy(text: str) -> str:
    """Return ``text`` without the signs that stand for hidden markup, and safe for a terminal.

    All of its line ends are the terminal's own.
    """
    return printable(_LINE_END.sub("\n", text.replace("\0", "")))


def printable(text: str) -> str:
    """Return ``text`` with control characters made visible."""
    return _CONTROL.sub("�", text)


def one_line(text: str) -> str:
    """Return ``text``, such as a file's name, with control and line characters made visible."""
    return _LINES.sub("�", printable(text))
