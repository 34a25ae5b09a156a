"""How the page is doing: every figure counted by hand."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from tanya.errors import JournalError
from tanya.health import Day, Frequent, read_health
from tanya.journal import FILE_NAME, Asked, Feedback, record_asked, record_feedback
from tanya.settings import Settings

# Recent, since what is old is not kept; at noon, so that hours do not change the day.
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)


def asked(
    question: str, confidence: float, ms: float, days: int = 0, origin: str = "reader"
) -> Asked:
    """Return a question that was asked some days ago; it was answered from 0.5 on."""
    time = (NOW - timedelta(days=days)).isoformat(timespec="seconds")
    answered = confidence >= 0.5
    return Asked(question, answered, confidence, "d", "s", "b", ms, origin, time)  # type: ignore[arg-type]


@pytest.fixture
def kept(settings: Settings) -> Settings:
    """Settings of an index of which five questions of the last week are kept, and one older."""
    settings.index.mkdir()
    record_asked(
        settings.index,
        [
            asked("Apa itu bidan?", 0.95, 10),
            asked("apa  itu BIDAN?", 0.2, 20),
            asked("Siapa?", 1.0, 30, days=1),
            asked("Siapa?", 0.0, 40, days=6, origin="filtered"),
            asked("Lama?", 0.9, 1000, days=7),
            asked("Lagi?", 0.9, 1000, origin="check"),
        ],
    )
    return settings


def test_the_figures_of_a_week(kept: Settings) -> None:
    found = read_health(kept, 7, NOW)
    assert (found.questions, found.refused) == (4, 2)
    assert (found.median, found.p95) == (25.0, pytest.approx(38.5))
    today = NOW.astimezone().date()
    assert found.days == (
        Day(today - timedelta(days=6), 0, 1),
        *(Day(today - timedelta(days=i), 0, 0) for i in (5, 4, 3, 2)),
        Day(today - timedelta(days=1), 1, 0),
        Day(today, 1, 1),
    )
    assert found.confidence == (1, 0, 1, 0, 0, 0, 0, 0, 0, 2)
    assert found.frequent == (Frequent("apa  itu BIDAN?", 2, 1), Frequent("Siapa?", 2, 1))
    assert read_health(kept, 30, NOW).questions == 5


def test_the_last_thumb_on_a_passage_counts(kept: Settings) -> None:
    time = NOW.isoformat(timespec="seconds")
    given = Feedback("Siapa?", "d", "s", "bad", "b", 0.9, time)
    for verdict in ("bad", "good"):
        record_feedback(kept.index, dataclasses.replace(given, verdict=verdict))
    for verdict in ("bad", "withdrawn"):
        record_feedback(kept.index, dataclasses.replace(given, sentence="t", verdict=verdict))
    record_feedback(kept.index, dataclasses.replace(given, verdict="unanswered"))
    found = read_health(kept, 7, NOW)
    assert (found.good, found.bad) == (1, 1)


def test_without_any_question_there_are_no_figures(settings: Settings) -> None:
    settings.index.mkdir()
    found = read_health(settings, 30, NOW)
    assert (found.questions, found.median, found.p95, found.frequent) == (0, None, None, ())
    assert len(found.days) == 30


def test_a_damaged_journal_is_named(settings: Settings) -> None:
    settings.index.mkdir()
    (settings.index / FILE_NAME).write_bytes(b"no database" * 100)
    with pytest.raises(JournalError, match=FILE_NAME):
        read_health(settings, 30, NOW)
