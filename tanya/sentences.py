"""From a document to its sentences, each with what it is about and the passage it is shown in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise

from tanya.records import Block, Document, Sentence, Span
from tanya.splitting import split
from tanya.text import has_words, shortened, visible

# A title that stands in for a missing one is cut here, in characters.
_LONGEST_TITLE = 80
# The context that goes into every embedding is cut here: beyond it, it would drown the sentence.
_LONGEST_CONTEXT = 200
# Passages shorter than this are shown with their neighbours, up to the longer length.
_SHORT_PASSAGE = 160
_LONG_PASSAGE = 700


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence before it has a context: where it stands, in which block and which section.

    ``section`` is the number of headings above it, since two of them may have the same words.
    """

    span: Span
    block: Block
    section: int = 0


def sentences_of(document: Document, language: str) -> tuple[Sentence, ...]:
    """Return the sentences of ``document`` in their order; none if it has no words.

    Headings are not sentences: they say what the sentences below them are about. Only a document
    that has nothing but headings gives them as its sentences.

    Args:
        document: the document.
        language: the language to assume where the document does not say (ISO 639-1).
    """
    language = document.language or language
    sections = accumulate(block.kind == "heading" for block in document.blocks)
    units = [
        _Unit(Span(block.start + span.start, block.start + span.end), block, section)
        for block, section in zip(document.blocks, sections, strict=True)
        if block.kind not in ("heading", "columns")
        for span in split(document.text[block.start : block.end], language)
    ]
    units = [unit for unit in units if has_words(visible_text(document, unit.span))]
    if not units:
        units = [
            _Unit(Span(block.start, block.end), block)
            for block in document.blocks
            if has_words(visible_text(document, Span(block.start, block.end)))
        ]
    texts = [visible_text(document, unit.span) for unit in units]
    subject = document.title or (texts[0] if texts else "")
    passages = _passages(units)
    paragraphs = list(
        accumulate((one.block is not two.block for one, two in pairwise(units)), initial=0)
    )
    return tuple(
        Sentence(
            ordinal=i,
            paragraph=paragraphs[i],
            start=unit.span.start,
            end=unit.span.end,
            passage_start=passages[i].start,
            passage_end=passages[i].end,
            text=text,
            headings=unit.block.headings,
            context=_context(subject, unit.block.headings, text),
        )
        for i, (unit, text) in enumerate(zip(units, texts, strict=True))
    )


def display_title(document: Document, sentences: tuple[Sentence, ...]) -> str:
    """Return the title to show: the document's own, else its first sentence, shortened."""
    if document.title:
        return document.title
    return shortened(sentences[0].text, _LONGEST_TITLE) if sentences else document.path


def visible_text(document: Document, span: Span) -> str:
    """Return what a reader sees of ``span``, white space folded to single blanks."""
    return visible(document.text, span.start, span.end, document.hidden)


def _context(subject: str, headings: tuple[str, ...], text: str) -> str:
    """Return what a sentence is about, leaving out what it says itself."""
    parts = [part for part in (subject, *headings) if part and part != text]
    return shortened(" – ".join(parts), _LONGEST_CONTEXT)


def _passages(units: list[_Unit]) -> list[Span]:
    """Return for each unit the passage that it is shown in.

    That is its block; a part of it where it is very long; its neighbours with it where it is
    very short, as a list item is. A table's row stands alone, below the names of its columns:
    between rows there is nothing but their markup.
    """
    found: list[Span] = []
    for i, unit in enumerate(units):
        first = last = i
        while unit.block.kind != "row":
            start, end = units[first].span.start, units[last].span.end
            same_block = (
                units[last + 1 : last + 2] and units[last + 1].block is unit.block,
                first > 0 and units[first - 1].block is unit.block,
            )
            same_section = (
                last + 1 < len(units) and _same_section(units[last + 1], unit),
                first > 0 and _same_section(units[first - 1], unit),
            )
            wanted = same_block if any(same_block) else same_section
            if not any(same_block) and end - start >= _SHORT_PASSAGE:
                break
            grown = _grown(units, first, last, after=bool(wanted[0]), before=bool(wanted[1]))
            if grown is None:
                break
            first, last = grown
        found.append(Span(units[first].span.start, units[last].span.end))
    return found


def _same_section(one: _Unit, other: _Unit) -> bool:
    """Say whether two sentences stand under the same heading, and in the same table if in one."""
    return one.section == other.section and one.block.headings == other.block.headings


def _grown(
    units: list[_Unit], first: int, last: int, *, after: bool, before: bool
) -> tuple[int, int] | None:
    """Return the stretch of units with one more, or None where it would become too long."""
    if before and units[last].span.end - units[first - 1].span.start <= _LONG_PASSAGE:
        return first - 1, last
    if after and units[last + 1].span.end - units[first].span.start <= _LONG_PASSAGE:
        return first, last + 1
    return None
