"""Many people who ask at the same time: whether each is answered rightly, how soon, in what memory.

    python benchmarks/sessions.py [--corpus DIR] [--questions FILE] [--sessions 25] [--seconds 60]
                                  [--pause 0.5 2] [--browser]

It builds an index of the corpus in a temporary folder, starts a server as ``make run`` does, and
opens sessions that each ask other questions, over and over, thinking for a while between two. They
speak Streamlit's protocol; with ``--browser`` each is a tab of one Chromium. Every answer is
compared with the one that the search gives outside the page. It prints the questions asked, what
went wrong, the time that the server ran the page and that the session waited (half are below p50,
95 % below p95), and the memory of the server. The exit code is 1 if anything went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.visitors import PATIENCE, Asking, Reply, Told, told_by, visiting  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.labels import read_questions  # noqa: E402
from tanya.search import open_searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402
from tests.serving import Served, running  # noqa: E402

SEED = 0
# So many questions each session has.
QUESTIONS_EACH = 8
# Seconds between two looks at the server's memory.
_SAMPLING = 0.25

Question = tuple[str, Told]
Open = Callable[[], AbstractAsyncContextManager[Asking]]


@dataclass(slots=True)
class Outcome:
    """What came of all sessions: replies, what went wrong, and the server's memory in megabytes."""

    replies: list[Reply] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def growth(self) -> float:
        """By how many megabytes the server grew in the second half of the time."""
        half = self.memory[len(self.memory) // 2 :]
        return half[-1] - half[0]


def resident(process: int) -> float:
    """Return the memory that a process holds now, in million bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def expected(settings: Settings, questions: Sequence[str]) -> list[Question]:
    """Return questions with what the page has to tell, as the search outside of it answers them."""
    searcher = open_searcher(settings)
    try:
        return [(question, told_by(searcher.ask(question))) for question in questions]
    finally:
        searcher.build.close()


def spread(questions: Sequence[str], count: int) -> list[str]:
    """Return ``count`` different questions from all over the list."""
    distinct = list(dict.fromkeys(questions))
    return Random(SEED).sample(distinct, min(count, len(distinct)))


async def visit(
    served: Served,
    questions: Sequence[Question],
    opened: Sequence[Open],
    *,
    seconds: float,
    pause: tuple[float, float],
) -> Outcome:
    """Have sessions ask for some seconds, each its own questions; tell what came of it.

    Args:
        served: the server.
        questions: what there is to ask; a session gets every so many-th of them.
        opened: what opens the sessions, one for each.
        seconds: for how long they ask, once all are open.
        pause: how long they think between two questions, at least and at most.
    """
    outcome = Outcome()
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(open_one()) for open_one in opened]
        for session in sessions:
            outcome.problems += (await session.open()).problems
        began = time.monotonic()
        until = began + seconds
        watching = asyncio.create_task(_watch(served, outcome))
        await asyncio.gather(
            *(
                _ask(
                    session,
                    questions[i :: len(sessions)],
                    outcome,
                    Random(SEED + i),
                    pause=pause,
                    until=until,
                )
                for i, session in enumerate(sessions)
            )
        )
        outcome.seconds = time.monotonic() - began
        watching.cancel()
    log = served.log.read_text(encoding="utf-8", errors="replace")
    if "Traceback" in log:
        outcome.problems.append(f"the server's log has a traceback: {log[-2000:]}")
    return outcome


async def _watch(served: Served, outcome: Outcome) -> None:
    """Write down the server's memory, over and over."""
    while True:
        outcome.memory.append(resident(served.process))
        await asyncio.sleep(_SAMPLING)


async def _ask(
    session: Asking,
    questions: Sequence[Question],
    outcome: Outcome,
    random: Random,
    *,
    pause: tuple[float, float],
    until: float,
) -> None:
    """Have one session ask until the time is over, or something fails that it cannot go on from."""
    for question, told in cycle(random.sample(questions, len(questions))):
        await asyncio.sleep(random.uniform(*pause))
        if time.monotonic() >= until:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                reply = await session.ask(question, told)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            outcome.problems.append(f"{question!r}: {type(error).__name__}: {error}")
            return
        outcome.replies.append(reply)
        outcome.problems += reply.problems


def percentiles(seconds: Sequence[float]) -> str:
    """Return p50 and p95 in milliseconds."""
    p50, p95 = 1000 * np.percentile(seconds, [50, 95])
    return f"p50 {p50:5.0f} ms, p95 {p95:5.0f} ms"


async def _measure(
    served: Served, questions: Sequence[Question], options: argparse.Namespace
) -> Outcome:
    """Have the sessions ask, each by the protocol or in a tab of a browser."""
    async with AsyncExitStack() as stack:
        opened: list[Open]
        if options.browser:
            from benchmarks.browsers import chromium, tab
            from tests.browsing import find_chromium

            path = find_chromium()
            if path is None:
                sys.exit("Chromium is not installed: nothing called chromium on the PATH")
            browser = await stack.enter_async_context(chromium(path))
            opened = [lambda: tab(browser, served.address)] * options.sessions
        else:
            opened = [lambda: visiting(served.address)] * options.sessions
        return await visit(
            served, questions, opened, seconds=options.seconds, pause=tuple(options.pause)
        )


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Have many sessions ask at the same time.")
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpus")
    parser.add_argument(
        "--questions", type=Path, default=ROOT / "tests" / "questions" / "careers.jsonl"
    )
    parser.add_argument("--sessions", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, nargs=2, default=[0.5, 2.0])
    parser.add_argument("--browser", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(corpus=options.corpus, index=Path(name, "index"))
        report = rebuild(settings)
        chosen = spread(read_questions(options.questions), QUESTIONS_EACH * options.sessions)
        questions = expected(settings, chosen)
        with running(settings, Path(name, "server.log")) as served:
            before = resident(served.process)
            outcome = asyncio.run(_measure(served, questions, options))
            after = resident(served.process)
    refused = sum(reply.told == Told() for reply in outcome.replies)
    print(
        f"{report.documents} documents, {report.sentences} sentences, {options.sessions} sessions "
        f"{'in a browser' if options.browser else 'by the protocol'}, {outcome.seconds:.0f} s\n"
        f"{len(outcome.replies)} questions ({len(outcome.replies) / outcome.seconds:.1f} a second; "
        f"{refused} refused), {len(outcome.problems)} errors"
    )
    if outcome.replies:
        print(
            f"until the answer:   {percentiles([r.answered for r in outcome.replies])}\n"
            f"until all was there: {percentiles([r.ended for r in outcome.replies])}\n"
            f"memory of the server: {before:.0f} MB before the first session, "
            f"{outcome.memory[0]:.0f} MB when all were open, {after:.0f} MB after, "
            f"{max(outcome.memory):.0f} MB at most; {outcome.growth:+.1f} MB in the second half"
        )
    for problem in outcome.problems[:20]:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if outcome.problems or not outcome.replies else 0


if __name__ == "__main__":
    sys.exit(main())
