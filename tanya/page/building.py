"""The editor's build: starting it, how far it is, stopping it, and what came of it."""

from __future__ import annotations

import time
from datetime import datetime

import streamlit as st

from tanya.index import candidate_of, read_activity
from tanya.page.editor_texts import EditorTexts
from tanya.page.parts import number
from tanya.page.telling import error_words
from tanya.page.texts import Texts
from tanya.page.verdict import show_candidate, show_verdict
from tanya.records import Activity, Progress
from tanya.running import Run, Runner
from tanya.settings import Settings
from tanya.update import Update

# Seconds between two looks at a build that runs, and for one that somebody else starts.
_BUSY = 1.0
_IDLE = 5.0

# What the page was shown with; where it is another, the whole of it has to be shown anew.
_Seen = tuple[int, bool, bool]


@st.cache_resource(show_spinner=False)
def runner_of(settings: Settings) -> Runner:
    """Return what builds this index, for all who have the editor open."""
    return Runner(settings)


def show_build(settings: Settings, texts: Texts, words: EditorTexts) -> None:
    """Show the build that runs, or let one be started, by itself looking how it goes on."""
    runner = runner_of(settings)
    seen = _seen(runner.current(), read_activity(settings.index))
    every = _BUSY if any(seen[1:]) else _IDLE
    st.fragment(_show, run_every=every)(runner, settings, texts, words, seen)


def _seen(run: Run, other: Activity | None) -> _Seen:
    """Return what the page has to be shown anew for."""
    return run.number, run.running, other is not None


def _show(
    runner: Runner, settings: Settings, texts: Texts, words: EditorTexts, seen: _Seen
) -> None:
    """Show the state of things now."""
    run, other = runner.current(), read_activity(settings.index)
    if _seen(run, other) != seen and not (run.running and seen[:2] == (run.number, True)):
        st.rerun()
    if run.running:
        _show_running(runner, run, texts, words)
        return
    if other is not None:
        _show_other(other, texts, words)
        return
    st.button(
        words.rebuild,
        help=words.rebuild_help,
        type="primary",
        key="rebuild",
        icon=":material/refresh:",
        on_click=_start,
        args=(runner,),
    )
    candidate = candidate_of(settings.index)
    _show_outcome(run, candidate.name if candidate else None, texts, words)
    if candidate is not None:
        show_candidate(candidate, run.report, settings, texts, words)


def _start(runner: Runner) -> None:
    """Start a build, if none was started by somebody else just before."""
    runner.start(Update())


def _show_running(runner: Runner, run: Run, texts: Texts, words: EditorTexts) -> None:
    """Show how far a build is, and let it be stopped."""
    text = words.starting if run.progress is None else _said(run.progress, texts, words)
    left = run.seconds_left(time.monotonic())
    if run.stopping:
        text = words.stopping
    elif left is not None:
        long = left >= 90
        said = words.minutes_left if long else words.seconds_left
        text += f" · {said.format(count=number(max(1, round(left / 60 if long else left)), texts))}"
    st.progress(_share(run.progress), text)
    st.button(
        words.cancel,
        key="cancel-build",
        disabled=run.stopping,
        on_click=runner.cancel,
        args=(run.number,),
    )


def _show_other(other: Activity, texts: Texts, words: EditorTexts) -> None:
    """Show how far the build of another process is."""
    since = "…"
    if other.since:
        since = f"{datetime.fromisoformat(other.since).astimezone():%H:%M:%S}"
    text = words.other_build.format(since=since)
    if other.stage in words.progress:
        progress = words.progress[other.stage]
        done, total = number(other.done, texts), number(other.total, texts)
        text += f" {progress.format(done=done, total=total)}"
    st.progress(other.done / other.total if 0 < other.done <= other.total else 0.0, text)


def _said(progress: Progress, texts: Texts, words: EditorTexts) -> str:
    """Return how far a stage is, in words."""
    done, total = number(progress.done, texts), number(progress.total, texts)
    return words.progress[progress.stage].format(done=done, total=total)


def _share(progress: Progress | None) -> float:
    """Return how much of a stage is done."""
    if progress is None or not progress.total:
        return 0.0
    return min(1.0, progress.done / progress.total)


def _show_outcome(run: Run, candidate: str | None, texts: Texts, words: EditorTexts) -> None:
    """Say what came of the last build."""
    if run.cancelled:
        st.info(words.cancelled)
    elif run.error is not None:
        st.error(error_words(run.error, texts, words))
    report = run.report
    if report is None or (report.rejected and report.candidate == candidate):
        return
    if not report.published and not report.rejected:
        st.info(texts.unchanged)
    elif report.published:
        st.success(
            texts.rebuilt.format(
                documents=number(report.documents, texts),
                sentences=number(report.sentences, texts),
                embedded=number(report.embedded, texts),
                reused=number(report.reused, texts),
            )
        )
        if report.gaps is not None and report.gaps.closed:
            st.success(
                words.gaps_closed.format(
                    closed=number(report.gaps.closed, texts), open=number(report.gaps.open, texts)
                )
            )
        if report.verdict is not None:
            show_verdict(report.verdict, texts, words)
