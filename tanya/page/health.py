"""How the page is doing, in figures and charts that the page itself draws."""

from __future__ import annotations

import streamlit as st

from tanya.health import STEPS, Health, read_health
from tanya.journal import KEPT_DAYS
from tanya.page.insight_texts import INSIGHT_LANGUAGES, HealthTexts
from tanya.page.markup import note_html, table_html
from tanya.page.parts import number
from tanya.page.texts import Texts
from tanya.settings import Settings

_PERIODS = (7, 30, 90)
# Two colours that are told apart on light and on dark, and by whoever sees no red or green.
_COLOURS = ("#0f8a7e", "#d98a14")


def show_health(settings: Settings, texts: Texts) -> None:
    """Show the figures of a period that can be chosen."""
    own = INSIGHT_LANGUAGES[texts.code].health
    if not settings.feedback:
        st.info(own.off)
        return
    days = st.segmented_control(
        own.period,
        _PERIODS,
        format_func=lambda count: own.days.format(count=count),
        default=_PERIODS[1],
        key="health-period",
        required=True,
    )
    found = read_health(settings, days or _PERIODS[1])
    _show_figures(found, texts, own)
    if found.questions:
        _show_charts(found, own)
        st.subheader(own.frequent, anchor=False)
        rows = [
            (one.question, number(one.count, texts), number(one.refused, texts))
            for one in found.frequent
        ]
        st.html(table_html((own.question, own.times, own.refused), rows))
    else:
        st.caption(own.none)
    st.html(note_html(own.kept.format(days=KEPT_DAYS)))


def _show_figures(found: Health, texts: Texts, own: HealthTexts) -> None:
    """Show the figures in a row."""
    with st.container(horizontal=True, key="tanya-health"):
        st.metric(own.questions, number(found.questions, texts))
        share = f"{found.refused / found.questions:.0%}" if found.questions else "–"
        st.metric(own.refused, share)
        st.metric(own.median, _milliseconds(found.median, texts, own))
        st.metric(own.p95, _milliseconds(found.p95, texts, own))
        st.metric(own.thumbs, f"{number(found.good, texts)} / {number(found.bad, texts)}")


def _milliseconds(value: float | None, texts: Texts, own: HealthTexts) -> str:
    """Return a time for a reader."""
    return "–" if value is None else own.milliseconds.format(count=number(round(value), texts))


def _show_charts(found: Health, own: HealthTexts) -> None:
    """Show the questions a day, and how sure they were answered."""
    st.subheader(own.per_day, anchor=False)
    st.bar_chart(
        {
            own.day: [f"{day.day:%m-%d}" for day in found.days],
            own.answered: [day.answered for day in found.days],
            own.refused: [day.refused for day in found.days],
        },
        x=own.day,
        y=[own.answered, own.refused],
        x_label="",
        y_label="",
        color=list(_COLOURS),
        height=240,
        alt=own.per_day_alt,
    )
    st.subheader(own.confidence, anchor=False)
    steps = [f"{i / STEPS:.1f}–{(i + 1) / STEPS:.1f}" for i in range(STEPS)]
    st.bar_chart(
        {own.confidence_axis: steps, own.questions: list(found.confidence)},
        x=own.confidence_axis,
        y=own.questions,
        y_label="",
        color=_COLOURS[0],
        height=220,
        alt=own.confidence_alt,
    )
