"""HTML for what the page shows: the only place where text becomes markup.

Everything that comes from a document or a question goes through :func:`escaped`.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tanya.index import StoredDocument
from tanya.page.style import LIT
from tanya.records import Match, Passage, Span
from tanya.text import hide, merged, shortened

# What is shown of a question at least, and how many of a word's partners its label names.
_LONGEST_QUESTION = 300
_MOST_PARTNERS = 4
_LONGEST_PARTNER = 40

# Says "duties, similarity 0.83" in the reader's language.
PartnerLabel = Callable[[str, float], str]
# Blank lines between blocks of a passage would only make gaps.
_GAPS = re.compile(r"\n\s*\n+")
# What Markdown, which Streamlit reads the labels of buttons as, could take for more than text.
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
_LONGEST_LABEL = 160
_WIDE_GAPS = re.compile(r"\n\s*\n\s*\n+")
# Of a longer document only so much before and behind the sentence is shown, and of what else was
# found in it.
_AROUND = 100_000
_AROUND_OTHERS = 20_000
_STEPS = 5


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
        f"body:has(.tanya-q{i}:is(:hover, :focus)) .tanya-word.tanya-q{i} {{ {LIT} }}"
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


def card_html(
    card: Card,
    place: str,
    *,
    best: bool,
    words: Sequence[Span] = (),
    category: str = "",
    titled: bool = True,
) -> str:
    """Return a card: where the passage is from, and its text with the sentences marked.

    ``words`` are those of the question (see :func:`question_words`); what met them lights up.
    Where cards stand under their document's name, they are not ``titled`` but by their headings.
    """
    passage = card.passage
    title = " › ".join((passage.title, *passage.headings) if titled else passage.headings)
    kind = "tanya-card tanya-best" if best else "tanya-card"
    return (
        f'<article class="{kind}"><div class="tanya-source">'
        f"{_named(title, category)}"
        f'<span class="tanya-place">{escaped(place)}</span></div>'
        f'<p class="tanya-text">{passage_html(card, words)}</p></article>'
    )


def group_html(title: str, category: str) -> str:
    """Return the name of the document that the cards below it are of."""
    return f'<div class="tanya-group">{_named(title, category)}</div>'


def document_html(
    document: StoredDocument, found: Sequence[Passage], at: Passage, label: str
) -> str:
    """Return a whole document to scroll in, its sentences that were ``found`` marked.

    Of a very long one it has what is around these. The box is opened ``at`` one of them. ``label``
    names the box for who does not see it.
    """
    length = len(document.text)
    pieces: list[str] = []
    position = 0
    for window in _windows(found, at, length):
        if window.start > position:
            pieces.append("\n…\n" if pieces else "…\n")
        pieces += _window(document, window, found, at)
        position = window.end
    pieces.append("\n…" if position < length else "")
    return (
        f'<div class="tanya-whole" tabindex="0" role="region" aria-label="{escaped(label)}">'
        f"{''.join(pieces)}</div>"
    )


def _windows(found: Sequence[Passage], at: Passage, length: int) -> list[Span]:
    """Return what is shown of a document of this ``length``, in its order."""
    windows = []
    for passage in found:
        around = _AROUND if passage == at else _AROUND_OTHERS
        windows.append(Span(max(0, passage.start - around), min(length, passage.end + around)))
    return merged(windows)


def _window(
    document: StoredDocument, window: Span, found: Sequence[Passage], at: Passage
) -> list[str]:
    """Return the HTML of a part of a document, in pieces."""
    start, end = window.start, window.end
    hidden = tuple(span for span in document.hidden if span.start < end and span.end > start)
    text = hide(document.text[start:end], start, hidden)
    pieces = []
    position = 0
    for passage in sorted(found, key=lambda passage: passage.start):
        begin, stop = passage.start - start, passage.end - start
        if position <= begin and stop <= len(text):
            pieces.append(_shown(text[position:begin], _WIDE_GAPS))
            opening = '<mark class="tanya-here">' if passage == at else "<mark>"
            pieces.append(f"{opening}{_shown(text[begin:stop])}</mark>")
            position = stop
    return [*pieces, _shown(text[position:], _WIDE_GAPS)]


def sureness_html(words: str, level: int, label: str) -> str:
    """Return how sure an answer is: in words, and as a bar with ``level`` of 5 steps lit."""
    steps = "".join('<i class="tanya-on"></i>' if i < level else "<i></i>" for i in range(_STEPS))
    return (
        f'<div class="tanya-sure" role="img" aria-label="{escaped(label)}">'
        f'<span class="tanya-bar">{steps}</span><span>{escaped(words)}</span></div>'
    )


def chips_html(label: str, names: Sequence[str]) -> str:
    """Return a few short names in a row, after a label."""
    chips = "".join(f'<span class="tanya-chip">{escaped(name)}</span>' for name in names)
    return f'<div class="tanya-chips"><span>{escaped(label)}</span>{chips}</div>'


def note_html(text: str) -> str:
    """Return a quiet line."""
    return f'<p class="tanya-note">{escaped(text)}</p>'


def status_html(text: str) -> str:
    """Return the line that says what was done."""
    return f'<p class="tanya-status">{escaped(text)}</p>'


def quote_html(text: str) -> str:
    """Return what stood somewhere once."""
    return f'<blockquote class="tanya-quote">{escaped(text)}</blockquote>'


def list_html(rows: Sequence[tuple[str, str, str]], rest: str = "") -> str:
    """Return rows of a short mark, what it is about, and what is to be said of it."""
    items = "".join(
        f'<li>{_chip(mark)}<span class="tanya-name">{escaped(name)}</span>{_said(text)}</li>'
        for mark, name, text in rows
    )
    more = f'<li class="tanya-said">{escaped(rest)}</li>' if rest else ""
    return f'<ul class="tanya-list">{items}{more}</ul>'


def table_html(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a small table whose first column names the rows."""
    top = "".join(f'<th scope="col">{escaped(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{escaped(row[0])}</th>'
        f"{''.join(f'<td>{escaped(cell)}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return f'<table class="tanya-table"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def sentences_html(sentences: Sequence[tuple[str, str]]) -> str:
    """Return numbered sentences, each below its context."""
    items = "".join(
        f"<li>{_said(context)}<span>{escaped(text)}</span></li>" for context, text in sentences
    )
    return f'<ol class="tanya-sentences">{items}</ol>'


def build_html(state: str, made: str, lines: Sequence[str], *, published: bool) -> str:
    """Return what there is to know of a build."""
    kind = "tanya-chip tanya-lit" if published else "tanya-chip"
    said = "".join(f'<div class="tanya-said">{escaped(line)}</div>' for line in lines)
    return (
        f'<div class="tanya-source"><span class="tanya-title">{escaped(made)}</span>'
        f'<span class="{kind}">{escaped(state)}</span></div>{said}'
    )


def gap_html(
    question: str, chips: Sequence[str], lines: Sequence[str], others: str, wordings: Sequence[str]
) -> str:
    """Return a question that was not answered well, why, and how else it was asked."""
    marks = "".join(map(_chip, chips))
    said = "".join(f'<div class="tanya-said">{escaped(line)}</div>' for line in lines)
    if wordings:
        items = "".join(f"<li>{escaped(wording)}</li>" for wording in wordings)
        said += f'<div class="tanya-said">{escaped(others)}:<ul>{items}</ul></div>'
    return (
        f'<div class="tanya-source"><span class="tanya-title">{escaped(question)}</span>'
        f"{marks}</div>{said}"
    )


def label_text(text: str) -> str:
    """Return ``text`` for a button's label, which Streamlit reads as Markdown, as just text."""
    folded = " ".join(text.replace("\0", "").split())
    return _MARKDOWN.sub(r"\\\1", shortened(folded, _LONGEST_LABEL))


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


def _chip(mark: str) -> str:
    """Return a short mark, "" for none."""
    return f'<span class="tanya-chip">{escaped(mark)}</span>' if mark else ""


def _said(text: str) -> str:
    """Return something quiet, "" for nothing."""
    return f'<span class="tanya-said">{escaped(text)}</span>' if text else ""


def _named(title: str, category: str) -> str:
    """Return a title, where there is one, and a category, where there is one."""
    shown = f'<span class="tanya-title">{escaped(title)}</span>' if title else ""
    return shown + (f'<span class="tanya-category">{escaped(category)}</span>' if category else "")


def _shown(text: str, gaps: re.Pattern[str] = _GAPS) -> str:
    """Return a piece of a text as HTML: hidden markup gone, gaps closed."""
    visible = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return escaped(gaps.sub("\n" if gaps is _GAPS else "\n\n", visible))
