"""HTML for passages: the only place of the page where text becomes markup.

Everything that comes from a document or a question goes through :func:`escaped`.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tanya.records import Match, Passage, Span
from tanya.text import hide, merged, shortened

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
.tanya-question { white-space: pre-line; overflow-wrap: anywhere; line-height: 1.9;
  font-size: 1.08em; margin: 0 0 .75rem; }
.tanya-question .tanya-word { font-weight: 650; text-decoration: underline dotted;
  text-underline-offset: .22em; }
.tanya-word { border-radius: .2rem; cursor: help; }
.tanya-word:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
</style>
"""
# White letters on this green are readable on a light page and on a dark one.
_LIT = "color: #fff; background: #0f766e; box-shadow: 0 0 0 .06em #0f766e;"
# What is shown of a question at least, and how many of a word's partners its label names.
_LONGEST_QUESTION = 300
_MOST_PARTNERS = 4
_LONGEST_PARTNER = 40

# Says "duties, similarity 0.83" in the reader's language.
PartnerLabel = Callable[[str, float], str]
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


def question_words(results: Sequence[Passage]) -> list[Span]:
    """Return where the words of the question stand that met a word of a result.

    A word's place in this list is its number, by which it and its partners light up together.
    """
    return merged(
        Span(match.question_start, match.question_end)
        for result in results
        for match in result.matches
    )


def light_rules(count: int) -> str:
    """Return the style by which each of the words 0 to ``count`` - 1 lights up with its partners.

    Streamlit puts each block into an element of its own, so that only the body holds them all.
    """
    rules = (
        f"body:has(.tanya-q{i}:is(:hover, :focus)) .tanya-word.tanya-q{i} {{ {_LIT} }}"
        for i in range(count)
    )
    return "<style>\n" + "\n".join(rules) + "\n</style>"


def question_html(question: str, results: Sequence[Passage], label: PartnerLabel) -> str:
    """Return the question with its matched words to hover over, tap or tab to; "" without any."""
    words = question_words(results)
    if not words:
        return ""
    pieces = []
    position = 0
    for number, word in enumerate(words):
        text = question[word.start : word.end]
        partners = "; ".join(_partners(word, results, label))
        hint = escaped(f"{shortened(text, _LONGEST_PARTNER)} ↔ {partners}")
        pieces.append(_shown(question[position : word.start]))
        pieces.append(
            f'<span class="tanya-word tanya-q{number}" tabindex="0" role="note" '
            f'title="{hint}" aria-label="{hint}">{_shown(text)}</span>'
        )
        position = word.end
    end = max(position, _LONGEST_QUESTION)
    rest = question[position:end] + ("…" if len(question) > end else "")
    return f'<p class="tanya-question">{"".join(pieces)}{_shown(rest)}</p>'


def card_html(card: Card, place: str, *, best: bool, words: Sequence[Span] = ()) -> str:
    """Return a card: where the passage is from, and its text with the sentences marked.

    ``words`` are those of the question (see :func:`question_words`); what met them lights up.
    """
    passage = card.passage
    title = " › ".join((passage.title, *passage.headings))
    kind = "tanya-card tanya-best" if best else "tanya-card"
    return (
        f'<article class="{kind}"><div class="tanya-source">'
        f'<span class="tanya-title">{escaped(title)}</span>'
        f'<span class="tanya-place">{escaped(place)}</span></div>'
        f'<p class="tanya-text">{passage_html(card, words)}</p></article>'
    )


def passage_html(card: Card, words: Sequence[Span] = ()) -> str:
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
        pieces.append(_shown(text[position:start]))
        opening = "<mark>" if found is first else '<mark class="tanya-other">'
        pieces.append(f"{opening}{_with_words(text[start:end], found.matches, words)}</mark>")
        position = end
    pieces.append(_shown(text[position:]))
    return "".join(pieces)


def escaped(text: str) -> str:
    """Return ``text`` as HTML that shows just that text, whatever is in it."""
    return html.escape(text, quote=True)


def _with_words(sentence: str, matches: Sequence[Match], words: Sequence[Span]) -> str:
    """Return a sentence with its matching words in bold, numbered as their partners are."""
    pieces = []
    position = 0
    for place in merged(Span(match.start, match.end) for match in matches):
        numbers = {
            _number(match, words)
            for match in matches
            if place.start <= match.start < place.end and words
        }
        classes = " ".join(f"tanya-q{number}" for number in sorted(numbers))
        # A tap focuses the word, but whoever goes by keyboard goes through the question's words.
        opening = f'<b class="tanya-word {classes}" tabindex="-1">' if numbers else "<b>"
        pieces.append(_shown(sentence[position : place.start]))
        pieces.append(f"{opening}{_shown(sentence[place.start : place.end])}</b>")
        position = place.end
    pieces.append(_shown(sentence[position:]))
    return "".join(pieces)


def _number(match: Match, words: Sequence[Span]) -> int:
    """Return the number of the word of the question that ``match`` is of."""
    return max(0, bisect_right(words, match.question_start, key=lambda span: span.start) - 1)


def _partners(word: Span, results: Sequence[Passage], label: PartnerLabel) -> Iterator[str]:
    """Yield a label for each partner of a word of the question, the first few, each once."""
    found: dict[str, float] = {}
    for result in results:
        sentence = hide(result.sentence, result.start, result.hidden)
        for match in result.matches:
            if word.start <= match.question_start < word.end:
                partner = sentence[match.start : match.end].replace("\0", "").casefold()
                found[partner] = max(match.similarity, found.get(partner, 0.0))
    for partner, similarity in list(found.items())[:_MOST_PARTNERS]:
        yield label(shortened(partner, _LONGEST_PARTNER), similarity)


def _shown(text: str) -> str:
    """Return a piece of a passage as HTML: hidden markup gone, gaps closed."""
    visible = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return escaped(_GAPS.sub("\n", visible))
