"""How a passage looks on a terminal."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from tanya.records import Passage
from tanya.text import hide

_WIDTH = 96
_INDENT = "   "
# Documents are text: what would move the cursor or change colours is shown, not obeyed.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


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


def passage_lines(number: int, passage: Passage, style: Style) -> Iterator[str]:
    """Yield the lines that show a passage: its source, then its text with the sentence marked."""
    place = " › ".join((passage.title, *passage.headings))
    source = f"{passage.document}, line {passage.line}"
    yield f"{number}. {style.bold(printable(place))}  ({printable(source)})"
    begin = passage.start - passage.passage_start
    finish = passage.end - passage.passage_start
    text = hide(passage.passage, passage.passage_start, passage.hidden)
    before, sentence, after = text[:begin], text[begin:finish], text[finish:]
    marked = _underlined(sentence, passage, style)
    shown = f"{_tidy(before)}{style.sentence(_tidy(marked))}{_tidy(after)}"
    for line in shown.splitlines():
        yield from textwrap.wrap(
            line, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT
        ) or [""]


def _underlined(sentence: str, passage: Passage, style: Style) -> str:
    """Return the sentence with the words that met the question marked."""
    for start, end in sorted({(match.start, match.end) for match in passage.matches}, reverse=True):
        sentence = sentence[:start] + style.match(sentence[start:end]) + sentence[end:]
    return sentence


def _tidy(text: str) -> str:
    """Return ``text`` without the signs that stand for hidden markup, and safe for a terminal."""
    kept = text.replace("\0", "")
    escapes = re.split(r"(\x1b\[(?:4|24)m)", kept)
    return "".join(part if i % 2 else printable(part) for i, part in enumerate(escapes))


def printable(text: str) -> str:
    """Return ``text`` with control characters made visible."""
    return _CONTROL.sub("�", text)
