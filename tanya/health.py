"""How a page is doing: what was asked of it, how much was refused, and how long answering took."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from tanya.journal import Asked, last_said, read_asked, read_feedback
from tanya.settings import Settings

# The confidence is counted in so many steps of the same width.
STEPS = 10
_MOST_ASKED = 10


@dataclass(frozen=True, slots=True)
class Day:
    """How many questions of one day were answered, and how many refused."""

    day: date
    answered: int
    refused: int


@dataclass(frozen=True, slots=True)
class Frequent:
    """A question, how often it was asked, and how often it was refused."""

    question: str
    count: int
    refused: int


@dataclass(frozen=True, slots=True)
class Health:
    """The figures of a number of days.

    Attributes:
        questions: how many were asked.
        refused: how many of them were refused.
        median: the time that half of the answers took at most, in milliseconds; None without any.
        p95: the time that 95 of 100 answers took at most.
        days: each day of the period, also those without a question, the oldest first.
        confidence: how many questions had a confidence of 0 to 0.1, 0.1 to 0.2, and so on.
        frequent: what was asked most often, the most frequent first.
        good: how many passages readers said to be helpful.
        bad: how many they said not to be, answers as a whole included.
    """

    questions: int
    refused: int
    median: float | None
    p95: float | None
    days: tuple[Day, ...]
    confidence: tuple[int, ...]
    frequent: tuple[Frequent, ...]
    good: int
    bad: int


def read_health(settings: Settings, days: int, now: datetime | None = None) -> Health:
    """Return the figures of the last ``days`` days, today included, as the local clock has them.

    Raises:
        JournalError: what was asked cannot be read.
    """
    end = (now or datetime.now(UTC)).astimezone()
    today = end.date()
    first = today - timedelta(days=days - 1)
    begin = datetime(first.year, first.month, first.day, tzinfo=end.tzinfo)
    since = begin.astimezone(UTC).isoformat(timespec="seconds")
    asked = [one for one in read_asked(settings.index, since) if one.origin != "check"]
    times = [one.milliseconds for one in asked]
    said = last_said(read_feedback(settings.index, since))
    verdicts = Counter(given.verdict for given in said.values())
    steps = [min(STEPS - 1, int(one.confidence * STEPS)) for one in asked]
    return Health(
        questions=len(asked),
        refused=sum(not one.answered for one in asked),
        median=float(np.percentile(times, 50)) if times else None,
        p95=float(np.percentile(times, 95)) if times else None,
        days=_days(asked, first, days),
        confidence=tuple(steps.count(step) for step in range(STEPS)),
        frequent=_frequent(asked),
        good=verdicts["good"],
        bad=verdicts["bad"] + verdicts["unanswered"],
    )


def _days(asked: Sequence[Asked], first: date, days: int) -> tuple[Day, ...]:
    """Return the figures of each day from ``first`` on."""
    counts: dict[tuple[date, bool], int] = defaultdict(int)
    for one in asked:
        counts[datetime.fromisoformat(one.time).astimezone().date(), one.answered] += 1
    dates = [first + timedelta(days=i) for i in range(days)]
    return tuple(Day(day, counts[day, True], counts[day, False]) for day in dates)


def _frequent(asked: Sequence[Asked]) -> tuple[Frequent, ...]:
    """Return what was asked most often, whatever its capitals and spaces."""
    groups: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        groups[" ".join(one.question.split()).casefold()].append(one)
    ordered = sorted(groups.values(), key=lambda g: (len(g), g[-1].time), reverse=True)
    return tuple(
        Frequent(group[-1].question, len(group), sum(not one.answered for one in group))
        for group in ordered[:_MOST_ASKED]
    )
