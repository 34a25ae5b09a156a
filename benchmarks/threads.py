"""What it costs a question that numpy multiplies on several threads, where others use the cores.

    python benchmarks/threads.py PATH/TO/CORPUS QUESTIONS.jsonl [--threads 2] [--busy 2]

It asks the same questions with one thread, as every search does, and with several, in turns and
after all were asked once, on a machine with so many other programs that compute all the time. It
prints what half of them and 95 % take at most and the seconds of processor time, and the ratios.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Process
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tanya.build import rebuild  # noqa: E402
from tanya.labels import read_questions  # noqa: E402
from tanya.search import open_searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402

MOST_QUESTIONS = 120
ROUNDS = 3


def compute() -> None:
    """Use a core for ever."""
    while True:
        pass


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Have so many programs compute meanwhile."""
    others = [Process(target=compute, daemon=True) for _ in range(count)]
    for other in others:
        other.start()
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.join()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what several threads cost a question.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--busy", type=int, default=2)
    options = parser.parse_args()
    questions = read_questions(options.questions)[:MOST_QUESTIONS]
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(corpus=options.corpus, index=Path(name, "index"))
        rebuild(settings)
        searcher = open_searcher(settings)
        for question in questions:
            searcher.ask(question)
        taken: dict[int, list[float]] = {1: [], options.threads: []}
        used = dict.fromkeys(taken, 0.0)
        with busy(options.busy):
            for threads in [*taken] * ROUNDS:
                with threadpool_limits(threads, user_api="blas"):
                    before = time.process_time()
                    for question in questions:
                        started = time.perf_counter()
                        searcher.ask(question)
                        taken[threads].append(1000 * (time.perf_counter() - started))
                    used[threads] += time.process_time() - before
        searcher.build.close()
    figures = {n: (*np.percentile(taken[n], [50, 95]), used[n]) for n in taken}
    for threads, (half, most, seconds) in figures.items():
        print(
            f"{threads} threads: p50 {half:6.1f} ms, p95 {most:6.1f} ms, {seconds:6.1f} s computed"
        )
    ratios = np.divide(figures[options.threads], figures[1])
    print("several / one: p50 {:.1f}, p95 {:.1f}, computed {:.1f}".format(*ratios))


if __name__ == "__main__":
    main()
