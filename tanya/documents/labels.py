"""Which short lines of a plain text are headings although nothing marks them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from tanya.documents.paragraphs import breaks_off

# A heading is no longer than this, in characters and in words.
_LONGEST = 60
_MOST_WORDS = 8
# What is shorter than this, in words, is no sentence that a heading could stand above.
_SHORTEST_SENTENCE = 4
# A list without sentences below a title has at least so many lines.
_SHORTEST_LIST = 3
# Numbered headings are nested so deep at most, as book, chapter, part and section above an article.
_MOST_ABOVE = 4
_ENDED = re.compile(r"[.!?…。！？](?:['\"”’»)\]]|\[\d+\])*$")
# Figures and signs that a fact has, not a heading: times, prices, numbers to call, addresses.
_FACT = re.compile(r"[,;:=@|\t/]|\d[.\-]\d|\d{5}|[.!?…。]$|\s{3}")
# What says something of its subject is a sentence, though its full stop was forgotten.
_SAYS = re.compile(r"\b(?:adalah|ialah|merupakan|yaitu|is|are|was|were|has|have|can|must|will)\b")
# "Pasal 7", "BAB II", "Section 3a".
_NUMBERED = re.compile(r"(?P<word>[^\W\d_]+) (?:\d{1,3}[A-Za-z]?|[IVXLC]+)")

# What kind of heading one is, "title", "numbered" or "plain", and the word that it numbers; of a
# plain one the word that is numbered right above it.
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph or an item of a plain text, in a chunk of lines that no blank line parts."""

    text: str
    chunk: int
    item: bool = False


def heading_levels(pieces: Sequence[Piece]) -> dict[int, int]:
    """Return which of the pieces are headings, and how deep each is, from 1.

    A heading is a short line that closes with no sign. It begins a chunk, or is one of several
    that number the same word. Below it stands what it heads: a sentence, items, or a list with
    figures. Where there are only short lines, at most the first is one, as a title.
    """
    found: dict[int, int] = {}
    series = _series(pieces)
    outer: dict[str, frozenset[str]] = {}
    keys: list[_Key] = []
    for run in _runs(pieces, series):
        above = ""
        for i in run:
            word = _serial(pieces[i], series)
            if word and word not in outer:
                # What is numbered on later stands above, as "BAB" above "Pasal".
                above_it = [key[1] for key in keys if series.get(key[1], 0) > i]
                outer[word] = frozenset(above_it[-_MOST_ABOVE:])
            plain = ("plain", above) if i else ("title", "")
            key = ("numbered", word) if word else plain
            keys = [*_staying(keys, key, outer), key]
            found[i] = len(keys)
            above = word
    return found


def in_series(text: str, others: Iterable[str]) -> bool:
    """Say whether a heading numbers a word, as "Pasal 1" does, that another one numbers, too."""
    word = _numbered(text)
    return bool(word) and sum(_numbered(other) == word for other in others) > 1


def _numbered(text: str) -> str:
    """Return the word that a heading like "Pasal 7" numbers, or nothing."""
    found = _NUMBERED.fullmatch(text)
    return found["word"].casefold() if found is not None else ""


def _series(pieces: Sequence[Piece]) -> dict[str, int]:
    """Return the words that several pieces number, each with the last of these."""
    words = {i: _numbered(piece.text) for i, piece in enumerate(pieces) if not piece.item}
    counts = Counter(words.values())
    return {word: i for i, word in words.items() if word and counts[word] > 1}


def _serial(piece: Piece, series: Container[str]) -> str:
    """Return the word that a piece numbers as others do, or nothing."""
    word = _numbered(piece.text)
    return word if word in series else ""


def _staying(keys: list[_Key], key: _Key, outer: Mapping[str, frozenset[str]]) -> list[_Key]:
    """Return the headings that stay in force above a new one."""
    if key in keys:
        return keys[: keys.index(key)]
    kind, word = key
    if kind == "plain":
        # Right below the number, or below the title.
        return keys if word else [entry for entry in keys if entry[0] == "title"]
    return [entry for entry in keys if not entry[1] or entry[1] in outer[word]]


def _runs(pieces: Sequence[Piece], series: Container[str]) -> Iterator[list[int]]:
    """Yield the headings that stand right above something, outermost first."""
    run: list[int] = []
    for i, piece in enumerate(pieces):
        if _short(piece) and (_begins(pieces, i) or _serial(piece, series) or run[-1:] == [i - 1]):
            run.append(i)
            continue
        heads = _together(pieces, run, series)
        if heads and _is_content(pieces, heads, i):
            yield heads
        run = []


def _together(pieces: Sequence[Piece], run: list[int], series: Container[str]) -> list[int]:
    """Return those of the short lines above each other that are headings, outermost first."""
    words = [_serial(pieces[i], series) for i in run]
    plain = [k for k, word in enumerate(words) if not word and (k == 0 or not words[k - 1])]
    twice = max(Counter(filter(None, words)).values(), default=0) > 1
    # A line right below another that has no number is an address or a list of names with it.
    listed = any(k > 0 and not _begins(pieces, run[k]) for k in plain)
    if twice or listed or len(plain) > 2:
        return []
    if len(plain) > 1 and run[plain[0]] != 0:
        return run[plain[1] :]
    return run


def _begins(pieces: Sequence[Piece], i: int) -> bool:
    """Say whether a piece is the first after a blank line, or of all."""
    return i == 0 or pieces[i - 1].chunk != pieces[i].chunk


def _short(piece: Piece) -> bool:
    """Say whether a piece could be a heading by itself."""
    text = piece.text
    return (
        not piece.item
        and len(text) <= _LONGEST
        and len(text.split()) <= _MOST_WORDS
        and (text[0].isupper() or text[0].isdigit())
        and any(map(str.isalpha, text))
        and _FACT.search(text) is None
        and _SAYS.search(text) is None
        and not breaks_off(text)
    )


def _is_content(pieces: Sequence[Piece], run: list[int], first: int) -> bool:
    """Say whether what begins at ``first`` is more than another short line."""
    piece = pieces[first]
    sentence = _ENDED.search(piece.text) and len(piece.text.split()) >= _SHORTEST_SENTENCE
    if piece.item or sentence or len(piece.text) > _LONGEST:
        return True
    # A name may stand right above its numbers to call, and is found with a line of its own.
    if run[0] != 0 and not _begins(pieces, first):
        return False
    together = takewhile(lambda other: other.chunk == piece.chunk, islice(pieces, first, None))
    texts = [other.text for other in together]
    return len(texts) >= _SHORTEST_LIST and all(any(map(str.isdigit, text)) for text in texts)
