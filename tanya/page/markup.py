"""HTML for passages: the only place of the page where text becomes markup.

Everything that comes from a document or a question goes through :func:`escaped`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tanya.records import Passage, Span
from tanya.text import hide

STYLE = """
<style>
.tanya-card { border: 1px solid color-mix(in srgb, currentColor 18%, transparent);
  border-radius: .75rem; padding: 1rem 1.15rem; margin: 0 0 .25rem; }
.tanya-best { border-color: #0f766e; border-width: 2px; }
.tanya-source { display: flex; flex-wrap: wrap; gap: .15rem .75rem; align-items: baseline;
  margin-bottom: .5rem; }
.tanya-title { font-weight: 650; overflow-wrap: anywhere; }
.tanya-place { font-size: .82rem; opacity: .75; overflow-wrap: anywhere; }
.tanya-text { white-space: pre-line; line-height: 1.6; overflow-wrap: anywhere; margin: 0; }
.tanya-text mark { color: inherit; border-radius: .2rem; padding: .08em .1em;
  background: color-mix(in srgb, #facc15 38%, transparent);
  -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.tanya-text mark.tanya-other { background: color-mix(in srgb, #facc15 14%, transparent); }
.tanya-best .tanya-text mark:not(.tanya-other) { font-size: 1.08em; }
.tanya-text b { font-weight: 700; text-decoration: underline;
  text-decoration-thickness: .12em; text-underline-offset: .18em; }
</style>
"""
# Blank lines between blocks of a passage would only make gaps.
_GAPS = re.compile(r"\n\s*\n+")


@dataclass(frozen=True, slots=True)
class Card:
    """A passage with all the sentences of it that were found, the best first."""

    passage: Passage
    others: tuple[Passage, ...] = ()


def cards(results: Sequence[Passage]) -> list[Card]:
    """Return the results with those that share a passage put together, in their order."""
    found: dict[tuple[str, int, int], list[Passage]] = {}
    for result in results:
        place = (result.document, result.passage_start, result.passage_end)
        found.setdefault(place, []).append(result)
    return [Card(same[0], tuple(same[1:])) for same in found.values()]


def card_html(card: Card, place: str, *, best: bool) -> str:
    """Return a card: where the passage is from, and its text with the sentences marked."""
    passage = card.passage
    title = " › ".join((passage.title, *passage.headings))
    kind = "tanya-card tanya-best" if best else "tanya-card"
    return (
        f'<article class="{kind}"><div class="tanya-source">'
        f'<span class="tanya-title">{escaped(title)}</span>'
        f'<span class="tanya-place">{escaped(place)}</span></div>'
        f'<p class="tanya-text">{passage_html(card)}</p></article>'
    )


def passage_html(card: Card) -> str:
    """Return the passage's text with each found sentence and its matching words marked."""
    first = card.passage
    offset = first.passage_start
    text = hide(first.passage, offset, first.hidden)
    pieces = []
    position = 0
    for found in sorted((first, *card.others), key=lambda passage: passage.start):
        start, end = found.start - offset, found.end - offset
        if start < position:
            continue
        words = {Span(start + match.start, start + match.end) for match in found.matches}
        pieces.append(_shown(text[position:start]))
        opening = "<mark>" if found is first else '<mark class="tanya-other">'
        pieces.append(f"{opening}{_with_words(text, start, end, words)}</mark>")
        position = end
    pieces.append(_shown(text[position:]))
    return "".join(pieces)


def escaped(text: str) -> str:
    """Return ``text`` as HTML that shows just that text, whatever is in it."""
    return html.escape(text, quote=True)


def _with_words(text: str, start: int, end: int, words: set[Span]) -> str:
    """Return a sentence with its matching words in bold."""
    pieces = []
    position = start
    for word in sorted(words, key=lambda span: span.start):
        if word.start < position:
            continue
        pieces.append(_shown(text[position : word.start]))
        pieces.append(f"<b>{_shown(text[word.start : word.end])}</b>")
        position = word.end
    pieces.append(_shown(text[position:end]))
    return "".join(pieces)


def _shown(text: str) -> str:
    """Return a piece of a passage as HTML: hidden markup gone, gaps closed."""
    visible = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return escaped(_GAPS.sub("\n", visible))
