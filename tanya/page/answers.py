"""The answer: the sentence first, then the other passages by document; or a refusal that helps."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from tanya.catalogue import Catalogue, passage_mark
from tanya.journal import Feedback, Verdict, record_feedback
from tanya.page.address import Address, ask_instead, clear_filter, linked_to
from tanya.page.export import as_csv, as_json, as_markdown, quotation
from tanya.page.markup import (
    Card,
    card_html,
    cards,
    group_html,
    label_text,
    light_rules,
    note_html,
    question_html,
    question_words,
    sureness_html,
)
from tanya.page.parts import category_name, show_download
from tanya.page.texts import Texts
from tanya.page.whole import show_whole
from tanya.records import Answer, Note, Passage, Span
from tanya.settings import Settings
from tanya.text import beginning

# Confidence from which the bar has so many steps lit, and from which an answer is called sure, and
# likely; below it is a maybe.
_STEPS = (0.25, 0.5, 0.75, 0.9)
_SURE = 5
_LIKELY = 4
_MOST_TOPICS = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer with what it takes to show it, but for the documents.

    A session keeps this with its buttons until it is shown anew, perhaps for days. So nothing in it
    may hold a build, which then could not be removed.
    """

    answer: Answer
    address: Address
    settings: Settings
    texts: Texts

    @property
    def words(self) -> list[Span]:
        """The words of the question that light up."""
        return question_words(self.answer.results)


def show_answer(shown: Shown, catalogue: Catalogue) -> None:
    """Show the answer, or that there is none; ``catalogue`` has the documents to read whole."""
    _show_notes(shown)
    if shown.answer.answered:
        _show_passages(shown, catalogue)
    else:
        _show_refusal(shown, catalogue)
    _show_last_row(shown)


def _show_notes(shown: Shown) -> None:
    """Say what a person should know of the answer, and how the question was understood."""
    answer, texts = shown.answer, shown.texts
    for note in answer.notes:
        _show_note(note, shown)
    if answer.corrected or (answer.corrections and not answer.answered):
        st.html(note_html(texts.searched.format(wording=answer.searched)))


def _show_note(note: Note, shown: Shown) -> None:
    """Say one thing that a person should know."""
    text = shown.texts.notes[note.kind].format(count=shown.settings.max_question_characters)
    if note.kind == "uncalibrated":
        st.caption(text)
    else:
        st.warning(text)


def _show_passages(shown: Shown, catalogue: Catalogue) -> None:
    """Show the sentence that answers in its passage, then the other passages by document."""
    answer, texts = shown.answer, shown.texts
    best, *others = cards(answer.results)
    st.subheader(texts.found, anchor=False)
    st.html(_sureness(answer.confidence, texts))
    _show_question(shown)
    _show_card(best, shown, catalogue, best=True, opened=best.passage)
    if not others:
        return
    st.subheader(texts.others, anchor=False)
    for group in _by_document(others):
        first = group[0].passage
        if len(group) > 1:
            st.html(group_html(first.title, _category(first, texts)))
        for card in group:
            opened = first if card is group[-1] else None
            _show_card(card, shown, catalogue, titled=len(group) == 1, opened=opened)


def _show_question(shown: Shown) -> None:
    """Show the question with the words that met others, which light up together."""
    line = question_html(
        shown.answer.question, shown.answer.results, partial(_partner, shown.texts)
    )
    if line:
        st.html(light_rules(len(shown.words)))
        st.html(line)


def _show_card(
    card: Card,
    shown: Shown,
    catalogue: Catalogue,
    *,
    opened: Passage | None,
    best: bool = False,
    titled: bool = True,
) -> None:
    """Show a card, what can be done with it, and its document to be ``opened`` at a passage."""
    st.html(_card(card, shown, best=best, titled=titled))
    key = _key(shown.answer.question, card.passage)
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"tanya-acts-{key}", gap="small"
    ):
        _show_share(card.passage, shown)
        if shown.settings.feedback:
            st.feedback(
                "thumbs", key=f"thumb-{key}", on_change=_keep_thumb, args=(key, card, shown)
            )
    if opened is not None:
        show_whole(_all_of(opened.document, shown), opened, key, catalogue, shown.texts)


def _card(card: Card, shown: Shown, *, best: bool = False, titled: bool = True) -> str:
    """Return the HTML of a card."""
    passage, texts = card.passage, shown.texts
    return card_html(
        card,
        texts.place.format(document=passage.document, line=passage.line),
        best=best,
        words=shown.words,
        category=_category(passage, texts) if titled else "",
        titled=titled,
    )


def _all_of(path: str, shown: Shown) -> list[Passage]:
    """Return all results of one document."""
    return [passage for passage in shown.answer.results if passage.document == path]


def _show_share(passage: Passage, shown: Shown) -> None:
    """Offer a passage with its source and the link to its sentence, each to be copied."""
    texts = shown.texts
    here = Address(
        question=shown.address.question,
        language=shown.address.language,
        among=shown.address.among,
        linked=linked_to(passage),
    )
    with st.popover(texts.share, icon=":material/content_copy:", type="tertiary"):
        st.caption(texts.quotation)
        st.code(quotation(passage, texts), language=None, wrap_lines=True)
        st.caption(texts.sentence_link)
        st.code(here.link(st.context.url or ""), language=None, wrap_lines=True)


def _show_refusal(shown: Shown, catalogue: Catalogue) -> None:
    """Say that nothing was found, and what is nearest: topics to ask about, passages folded."""
    answer, texts = shown.answer, shown.texts
    st.subheader(texts.not_found, anchor=False)
    st.html(note_html(texts.not_found_hint))
    if shown.address.among:
        st.button(
            texts.ask_everywhere,
            on_click=clear_filter,
            icon=":material/travel_explore:",
            key="ask-everywhere",
        )
    if not answer.results:
        return
    topics = {passage.title: None for passage in answer.results}
    st.caption(texts.topics)
    with st.container(key="tanya-topics", horizontal=True, gap="small"):
        for i, title in enumerate(list(topics)[:_MOST_TOPICS]):
            st.button(
                label_text(title),
                key=f"topic-{i}",
                on_click=ask_instead,
                args=(texts.example_about.format(title=title),),
            )
    with st.expander(texts.nearest):
        _show_question(shown)
        # One that answers all the same can be said to, and be taken along.
        for card in cards(answer.results):
            _show_card(card, shown, catalogue, opened=card.passage)


def _show_last_row(shown: Shown) -> None:
    """Offer to say that this did not answer, a link to the question, and the results as files."""
    answer, texts = shown.answer, shown.texts
    with st.container(horizontal=True, key="tanya-acts-last", gap="small"):
        if shown.settings.feedback and answer.answered:
            st.button(
                texts.unanswered,
                icon=":material/sentiment_dissatisfied:",
                type="tertiary",
                key="unanswered",
                on_click=_keep,
                args=("unanswered", answer.results[0] if answer.results else None, shown),
            )
        with st.popover(texts.share_question, icon=":material/link:", type="tertiary"):
            st.caption(texts.question_link)
            link = Address(
                question=shown.address.question,
                language=shown.address.language,
                among=shown.address.among,
                results=shown.address.results,
            ).link(st.context.url or "")
            st.code(link, language=None, wrap_lines=True)
        if answer.results:
            with st.popover(texts.download, icon=":material/download:", type="tertiary"):
                show_download(
                    "Markdown",
                    as_markdown(answer, texts).encode("utf-8", "replace"),
                    "tanya",
                    "download-Markdown",
                )
                show_download("CSV", as_csv(answer), "tanya", "download-CSV")
                show_download("JSON", as_json(answer), "tanya", "download-JSON")


def _keep_thumb(key: str, card: Card, shown: Shown) -> None:
    """Keep what the reader said of a passage."""
    given = st.session_state.get(f"thumb-{key}")
    verdict: Verdict = "withdrawn" if given is None else "good" if given else "bad"
    _keep(verdict, card.passage, shown)


def _keep(verdict: Verdict, passage: Passage | None, shown: Shown) -> None:
    """Keep what the reader said, and say so."""
    kept = record_feedback(
        shown.settings.index,
        Feedback(
            question=beginning(shown.answer.question, shown.settings.max_question_characters),
            document="" if passage is None else passage.document,
            sentence="" if passage is None else passage_mark(passage),
            verdict=verdict,
            build=shown.answer.build,
            confidence=shown.answer.confidence,
        ),
    )
    st.toast(shown.texts.thanks if kept else shown.texts.not_kept)


def _by_document(found: Sequence[Card]) -> list[list[Card]]:
    """Return cards by their documents, in the order of the best of each."""
    groups: dict[str, list[Card]] = {}
    for card in found:
        groups.setdefault(card.passage.document, []).append(card)
    return list(groups.values())


def _category(passage: Passage, texts: Texts) -> str:
    """Return the category of a passage for a reader, "" where it has none."""
    return category_name(passage.category, texts) if passage.category else ""


def _sureness(confidence: float, texts: Texts) -> str:
    """Return how sure an answer is, in words and as a bar."""
    level = 1 + sum(confidence >= step for step in _STEPS)
    words = texts.sure if level >= _SURE else texts.likely if level >= _LIKELY else texts.unsure
    return sureness_html(words, level, texts.sureness.format(words=words, level=level))


def _partner(texts: Texts, word: str, similarity: float) -> str:
    """Return a partner of a word of the question with its similarity, as the reader writes it."""
    decimal = "," if texts.thousands == "." else "."
    return texts.partner.format(word=word, similarity=f"{similarity:.2f}".replace(".", decimal))


def _key(question: str, passage: Passage) -> str:
    """Return a name for the parts of the page that belong to a passage of an answer."""
    named = f"{question}\0{passage.document}\0{passage.start}\0{passage.sentence}"
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:16]
