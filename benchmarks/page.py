"""How soon the page answers: on the server, and on the screen of a reader.

    python benchmarks/page.py PATH/TO/CORPUS QUESTIONS.jsonl [--questions 100] [--bound 150]

It builds an index of the corpus in a temporary folder (or takes the one that --index names), starts
a server as ``make run`` does, and asks the questions one after another, first by Streamlit's own
protocol and then in a real browser. It prints half of what they take at most, 95 % and all:

- on the server, from the question sent by another process on this machine to the answer received,
  and to all of the page received;
- in the browser, from Enter to the answer on the screen.

The first questions, which load what is loaded but once, are asked before. The exit code is 1 if one
answer in twenty took the server longer than the bound, in milliseconds, or if any is not the one
that the search gives outside the page.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.browsers import chromium, tab  # noqa: E402
from benchmarks.sessions import Question, expected, spread  # noqa: E402
from benchmarks.visitors import Asking, Reply, visiting  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.index import open_published  # noqa: E402
from tanya.labels import read_questions  # noqa: E402
from tanya.settings import Settings  # noqa: E402
from tests.browsing import find_chromium  # noqa: E402
from tests.serving import running  # noqa: E402

# So many questions are asked before the time is taken.
_FIRST = 5


async def _ask(session: Asking, questions: Sequence[Question]) -> list[Reply]:
    """Ask all questions; return the replies but for the first."""
    await session.open()
    replies = [await session.ask(question, told) for question, told in questions]
    return replies[_FIRST:]


async def _measure(
    address: str, path: str, questions: Sequence[Question]
) -> tuple[list[Reply], list[Reply]]:
    """Return the replies by the protocol, and those in a browser."""
    async with visiting(address) as session:
        spoken = await _ask(session, questions)
    async with chromium(path) as browser, tab(browser, address) as page:
        seen = await _ask(page, questions)
    return spoken, seen


def _line(name: str, seconds: Sequence[float]) -> str:
    """Return a line of the figures, in milliseconds."""
    p50, p95, most = 1000 * np.percentile(seconds, [50, 95, 100])
    return f"{name:<44} p50 {p50:4.0f} ms, p95 {p95:4.0f} ms, at most {most:4.0f} ms"


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure how soon the page answers.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path, metavar="QUESTIONS")
    parser.add_argument(
        "--index", type=Path, help="an index of this corpus, to be brought up to date"
    )
    parser.add_argument("--questions", type=int, default=100, dest="count")
    parser.add_argument("--bound", type=float, default=150)
    options = parser.parse_args()
    path = find_chromium()
    if path is None:
        sys.exit("Chromium is not installed: nothing called chromium on the PATH")
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(corpus=options.corpus, index=options.index or Path(name, "index"))
        rebuild(settings)
        build = open_published(settings.index)
        documents, sentences = build.manifest.documents, build.manifest.sentences
        build.close()
        chosen = spread(read_questions(options.questions), options.count + _FIRST)
        questions = expected(settings, chosen)
        with running(settings, Path(name, "server.log")) as served:
            spoken, seen = asyncio.run(_measure(served.address, path, questions))
    print(f"{documents} documents, {sentences} sentences, {len(spoken)} questions")
    print(_line("server: question sent to answer received", [r.answered for r in spoken]))
    print(_line("server: question sent to all received", [r.ended for r in spoken]))
    print(_line("browser: Enter to answer on the screen", [r.answered for r in seen]))
    print(_line("browser: question sent to all received", [r.ended for r in seen]))
    problems = [problem for reply in (*spoken, *seen) for problem in reply.problems]
    for problem in problems[:20]:
        print(f"error: {problem}", file=sys.stderr)
    slow = 1000 * np.percentile([r.answered for r in spoken], 95) > options.bound
    return 1 if slow or problems else 0


if __name__ == "__main__":
    sys.exit(main())
