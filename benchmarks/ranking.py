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
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tanya.build import rebuild  # noqa: E402
from tanya.documents import ReadDocument, list_files, read_document  # noqa: E402
from tanya.encoders import load_encoder  # noqa: E402
from tanya.index import open_published  # noqa: E402
from tanya.labels import read_questions  # noqa: E402
from tanya.search import Searcher  # noqa: E402
from tanya.sentences import sentences_of  # noqa: E402
from tanya.settings import Settings  # noqa: E402

MOST_QUESTIONS = 300
# As much as a sentence of another document on the same subject differs, by its cosine of 0.95.
NOISE = 0.33
SENTENCES_OF_DOCUMENT = 12
EXCHANGED = 0.3
SEED = 0


class NoisyEncoder:
    """Gives passages vectors of real sentences with noise; questions are encoded beforehand."""

    name = "synthetic"
    fingerprint = "synthetic"

    def __init__(
        self, real: NDArray[np.float32], questions: dict[str, NDArray[np.float32]]
    ) -> None:
        self._real = real
        self._questions = questions
        self._random = np.random.default_rng(SEED)
        self.dimension = real.shape[1]

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension)."""
        chosen = self._real[self._random.integers(0, len(self._real), len(texts))]
        noise = self._random.standard_normal(chosen.shape, dtype=np.float32)
        found = chosen + noise * np.float32(NOISE / np.sqrt(self.dimension))
        unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors that were computed beforehand."""
        return np.stack([self._questions[text] for text in texts])


def sentences_in(corpus: Path) -> list[str]:
    """Return the sentences of a corpus."""
    found: list[str] = []
    for file in list_files(corpus):
        read = read_document(file, 20_000_000)
        if isinstance(read, ReadDocument):
            found += [sentence.text for sentence in sentences_of(read.document, "id")]
    return found


def write_corpus(folder: Path, sentences: Sequence[str], count: int) -> None:
    """Write documents with ``count`` sentences made of real ones by exchanging words."""
    random = np.random.default_rng(SEED)
    words = [word for sentence in sentences for word in sentence.split()]
    for number in range(0, count, SENTENCES_OF_DOCUMENT):
        lines = []
        for _ in range(min(SENTENCES_OF_DOCUMENT, count - number)):
            own = sentences[random.integers(len(sentences))].split()
            others = random.integers(0, len(words), len(own))
            swap = random.random(len(own)) < EXCHANGED
            mixed = [words[o] if s else w for w, o, s in zip(own, others, swap, strict=True)]
            lines.append(" ".join(mixed).replace("\n", " "))
        path = folder / f"{number // 12000:04}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


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
    real = load_encoder(None, threads=os.cpu_count() or 1)
    print(f"encoding {len(sentences)} sentences and {len(questions)} questions", flush=True)
    vectors = real.encode_passages(sentences)
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
            asked = dict(zip(questions, real.encode_questions(questions), strict=True))
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
