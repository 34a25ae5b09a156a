"""Twenty-five people who ask one server at the same time, each something else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.sessions import Question, spread, visit
from benchmarks.visitors import told_by, visiting
from tanya.labels import read_questions
from tanya.search import Searcher
from tanya.settings import Settings
from tests.conftest import QUESTIONS
from tests.serving import Served, running

SESSIONS = 25
QUESTIONS_EACH = 3
SECONDS = 9
# So many megabytes the server may grow in the second half of the time. It is a tenth of what it
# holds; each session that kept its answers' vectors or pages would soon take more.
MOST_GROWTH = 30


@pytest.fixture
def served(tmp_path: Path, sample_settings: Settings) -> Iterator[Served]:
    """Serve the sample corpus."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("only Linux tells what memory another process holds")
    with running(sample_settings, tmp_path / "server.log", {"OMP_NUM_THREADS": "1"}) as served:
        yield served


@pytest.fixture
def questions(sample_searcher: Searcher) -> list[Question]:
    """Questions, some of which the documents do not answer, with what the page has to tell."""
    chosen = spread(read_questions(QUESTIONS), SESSIONS * QUESTIONS_EACH)
    found = [(question, told_by(sample_searcher.ask(question))) for question in chosen]
    told = {answer for _, answer in found}
    assert len(told) > len(found) / 2, "answers that are alike would hide that one got another's"
    return found


def test_each_of_25_sessions_gets_the_answers_to_its_own_questions_in_bounded_memory(
    served: Served, questions: list[Question]
) -> None:
    outcome = asyncio.run(
        visit(
            served,
            questions,
            [lambda: visiting(served.address)] * SESSIONS,
            seconds=SECONDS,
            pause=(0.1, 0.5),
        )
    )
    assert outcome.problems == []
    asked = {reply.question for reply in outcome.replies}
    mine = [questions[i::SESSIONS] for i in range(SESSIONS)]
    assert all(any(question in asked for question, _ in own) for own in mine)
    assert outcome.growth < MOST_GROWTH, [round(held) for held in outcome.memory]
