"""Small operations on texts that several modules need."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from tanya.records import Span


def shortened(text: str, longest: int) -> str:
    """Return ``text`` cut at a word's end to at most ``longest`` characters, with an ellipsis."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    head, blank, _ = cut.rpartition(" ")
    return (head if blank and len(head) > longest // 2 else cut).rstrip(" ,;:.") + "…"


def has_words(text: str) -> bool:
    """Say whether ``text`` has a letter or a digit: without one there is nothing to find."""
    return any(character.isalnum() for character in text)


def without_closing_marks(heading: str) -> str:
    """Return a heading without the ``#`` that may close it, and without the blanks before these.

    A regular expression would try each of many blanks as the first before them, and so take a time
    that grows with the square of their number.
    """
    bare = heading.rstrip(" \t")
    words = bare.rstrip("#")
    closed = words != bare and (not words or words[-1] in " \t")
    return words.rstrip(" \t") if closed else heading


def beginning(text: str, longest: int) -> str:
    """Return ``text``, of a longer one so many characters from the first that is no blank."""
    return text if len(text) <= longest else text.strip()[:longest]


def visible(text: str, start: int, end: int, hidden: tuple[Span, ...]) -> str:
    """Return ``text[start:end]`` without the ``hidden`` spans, white space folded."""
    pieces = []
    position = start
    for i in range(bisect_right(hidden, start, key=lambda span: span.end), len(hidden)):
        span = hidden[i]
        if span.start >= end:
            break
        if span.end <= position:
            continue
        pieces.append(text[position : max(position, span.start)])
        position = min(span.end, end)
    pieces.append(text[position:end])
    return " ".join("".join(pieces).split())


def hide(text: str, offset: int, hidden: tuple[Span, ...]) -> str:
    """Return ``text``, which begins at ``offset``, with the ``hidden`` spans made of NULs.

    Nothing moves, so that offsets into the text stay right; whoever shows it drops the NULs, which
    no document holds.
    """
    pieces = []
    position = 0
    for span in sorted(hidden, key=lambda span: span.start):
        start, end = max(position, span.start - offset), min(len(text), span.end - offset)
        if start < end:
            pieces += [text[position:start], "\0" * (end - start)]
            position = end
    return "".join((*pieces, text[position:]))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the places that ``spans`` cover, in their order, those that overlap made one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if found and span.start < found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        elif span.start < span.end:
            found.append(span)
    return found
