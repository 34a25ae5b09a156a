"""What the gate says of a build, and publishing one all the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import streamlit as st

from tanya.index import Manifest, list_builds, publish_build
from tanya.page.editor_texts import EditorTexts
from tanya.page.markup import list_html, note_html, table_html
from tanya.page.telling import tell, telling
from tanya.page.texts import Texts
from tanya.records import GateChange, GateFigures, GateReason, Lack, Report, Verdict
from tanya.settings import Settings

_MOST_CHANGES = 50


def share(value: float | None, texts: Texts) -> str:
    """Return a share as the reader's language writes it, "–" for none."""
    if value is None:
        return "–"
    return f"{value:.2f}".replace(".", "," if texts.thousands == "." else ".")


def show_verdict(verdict: Verdict, texts: Texts, words: EditorTexts) -> None:
    """Show the figures, the questions that got better and worse, and those to be corrected."""
    st.subheader(words.verdict, anchor=False)
    _show_figures(verdict.before, verdict.after, texts, words)
    for label, changes in ((words.worse, verdict.worse), (words.better, verdict.better)):
        if changes:
            _show_rows(
                [(label, change.question, _moved(change, words)) for change in changes], words
            )
    if verdict.lacking:
        _show_rows(
            [(words.lacks, lack.question, _lacks(lack, words)) for lack in verdict.lacking], words
        )


def _show_rows(rows: Sequence[tuple[str, str, str]], words: EditorTexts) -> None:
    """Show the first of many questions, each with what is to be said of it."""
    rest = len(rows) - _MOST_CHANGES
    st.html(list_html(rows[:_MOST_CHANGES], words.more.format(count=rest) if rest > 0 else ""))


def _lacks(lack: Lack, words: EditorTexts) -> str:
    """Return what the build lacks of what the label of a question names."""
    if lack.evidence is None:
        return words.lacks_document.format(document=lack.document)
    return words.lacks_evidence.format(document=lack.document, evidence=lack.evidence)


def show_candidate(
    candidate: Manifest,
    report: Report | None,
    settings: Settings,
    texts: Texts,
    words: EditorTexts,
) -> None:
    """Show a build that waits unpublished, and let it be published.

    ``report`` is that of the last build here, whose verdict is told if it is of this one.
    """
    with st.container(border=True, key="tanya-candidate"):
        if report is not None and report.candidate == candidate.name and report.verdict:
            st.warning(words.rejected)
            for reason in report.verdict.reasons:
                st.html(note_html(_reason(reason, words)))
            show_verdict(report.verdict, texts, words)
        else:
            st.warning(words.unpublished)
            gates = {build.state: build.gate for build in list_builds(settings.index)}
            after = gates.get("candidate")
            if after is not None:
                st.subheader(words.verdict, anchor=False)
                _show_figures(gates.get("published"), after, texts, words)
        with st.popover(words.publish_anyway):
            st.html(note_html(words.publish_anyway_ask))
            st.button(
                words.publish,
                type="primary",
                key="publish-candidate",
                on_click=publish,
                args=(settings, candidate.name, texts, words),
            )


def publish(settings: Settings, name: str, texts: Texts, words: EditorTexts) -> None:
    """Publish the build that whoever pressed the button has seen, and none other."""
    with telling(texts, words, "Publishing"):
        publish_build(settings.index, name)
        tell("success", words.published)


def _reason(reason: GateReason, words: EditorTexts) -> str:
    """Return why a build was turned away; the figures and the places stand below it."""
    if reason.kind == "must":
        return words.reason_must.format(question=reason.question)
    return words.reason_drop


def _show_figures(
    before: GateFigures | None, after: GateFigures, texts: Texts, words: EditorTexts
) -> None:
    """Show the figures of the published build beside those of the new one."""
    old = dataclasses.asdict(before) if before is not None else {}
    new = dataclasses.asdict(after)
    st.html(
        table_html(
            (words.measure, words.before, words.after),
            [
                (name, share(old.get(key), texts), share(new[key], texts))
                for key, name in words.measures.items()
            ],
        )
    )


def _moved(change: GateChange, words: EditorTexts) -> str:
    """Return how a question fared before and after."""
    places = []
    for rank, answered in (
        (change.before, change.answered_before),
        (change.after, change.answered_after),
    ):
        if not change.answerable:
            places.append(words.answered if answered else words.refused)
        else:
            places.append(words.unfound if rank is None else words.place.format(rank=rank))
    return " → ".join(places) + (f" · {words.must}" if change.must else "")
