"""How long ranking takes after the question is encoded, and what memory it needs, by corpus size.

    python benchmarks/ranking.py PATH/TO/CORPUS QUESTIONS.jsonl [--sentences 17000 500000]

For each size it builds an index of that many sentences, drawn from those of the corpus with some of
their words exchanged, and asks the questions on one thread. The texts, words and word pieces are
real to the count; the vectors are those of the corpus's sentences with noise, since encoding half a
million sentences would take an hour. It prints the time of all that follows the encoding (half of
the questions are below p50, 95 % below p95), the ratio to the first size, the memory that the
process holds, and the size of the index on disk.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.synthetic import NoisyEncoder, sentences_in, write_corpus  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.encoders.bundled import BundledEncoder  # noqa: E402
from tanya.index import open_published  # noqa: E402
from tanya.labels import read_questions  # noqa: E402
from tanya.search import Searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402

MOST_QUESTIONS = 300


def resident() -> float:
    """Return the memory that this process holds now, in million bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure ranking by the size of the corpus.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--sentences", type=int, nargs="+", default=[17_000, 500_000])
    options = parser.parse_args()
    sentences = sentences_in(options.corpus)
    questions = read_questions(options.questions)[:MOST_QUESTIONS]
    real = BundledEncoder("real", threads=os.cpu_count() or 1)
    print(f"encoding {len(sentences)} sentences and {len(questions)} questions", flush=True)
    vectors = real.views(sentences)
    first = None
    for count in options.sentences:
        with tempfile.TemporaryDirectory() as name:
            corpus = Path(name, "corpus")
            write_corpus(corpus, sentences, count)
            settings = Settings(
                corpus=corpus,
                index=Path(name, "index"),
                # Its vector is known for the question as it is.
                correct_typos=False,
                normalise_slang=False,
            )
            asked = {q: real.views([q]) for q in questions}
            encoder = NoisyEncoder(vectors, asked)
            report = rebuild(settings, encoder=encoder)
            before = resident()
            build = open_published(settings.index)
            searcher = Searcher(build, encoder, settings)
            taken = []
            for question in tqdm(questions, disable=None, leave=False):
                started = time.perf_counter()
                searcher.rank(question, 10)
                taken.append(1000 * (time.perf_counter() - started))
            p50, p95 = np.percentile(taken, [50, 95])
            first = first or p50
            size = sum(entry[0] for entry in build.manifest.files.values()) / 1e6
            print(
                f"{report.sentences:>8} sentences, {build.manifest.vector_kind:<5}"
                f"p50 {p50:6.1f} ms, p95 {p95:6.1f} ms, {p50 / first:4.1f} times the first; "
                f"index {size:.0f} MB, {resident():.0f} MB held ({before:.0f} before), "
                f"built in {report.seconds:.0f} s",
                flush=True,
            )
            build.close()


if __name__ == "__main__":
    main()
