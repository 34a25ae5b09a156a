"""How the vector store does at several sizes, beside a flat FAISS index in the same run.

    python benchmarks/vectors.py                                 # 17,000, 100,000 and 500,000
    python benchmarks/vectors.py 5000 --kind ivf                 # a short run
    python benchmarks/vectors.py --like text

It makes unit vectors of 512 dimensions in clusters. With ``--like clusters`` these hold 250 and lie
apart in all directions, which is what lists are best at. With ``--like text`` they hold 25 and
overlap, since they vary along a few directions much more than along others, as the vectors of the
bundled encoder do (after its spectrum over 16,500 Indonesian sentences); none of these lies along
an axis. A question has a cosine of 0.5 with a stored vector.

Printed are the kind that was built, how many of its lists a search reads (ivf) or how many vectors
a search for 100 rescores (pq), the time of the build, the size of the file and the time to open it,
recall@100 against exact search, the time of a search for 200 rows on one thread (half of them are
below p50, 95 % below p95), and how many times as fast as flat it is.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tanya.settings import VECTOR_INDEXES  # noqa: E402
from tanya.vectors import RECALL_AT, FaissStore, Vectors  # noqa: E402

DIMENSION = 512
CLUSTER = {"clusters": 250, "text": 25}
QUESTIONS = 200
LIMIT = 200
BLOCK = 50_000
# What summing in another order may change in a cosine.
ROUNDING = 1e-6


class Maker:
    """Makes random unit vectors; the same ones for the same size."""

    def __init__(self, like: str) -> None:
        direction = np.arange(DIMENSION)
        spectrum = (direction + 8.0) ** -0.7 * np.exp(-direction / 120)
        variance = spectrum / spectrum.sum() if like == "text" else np.full(DIMENSION, 1 / 512)
        self._cluster = CLUSTER[like]
        scale = np.sqrt(variance).astype(np.float32)
        self._random = np.random.default_rng(0)
        turned, _ = np.linalg.qr(self._random.standard_normal((DIMENSION, DIMENSION)))
        self._directions = scale[:, None] * turned.astype(np.float32)

    def _noise(self, count: int) -> Vectors:
        """Return vectors of length 1 in the mean."""
        return self._random.standard_normal((count, DIMENSION), dtype=np.float32) @ self._directions

    def stored(self, count: int) -> Vectors:
        """Return vectors in clusters, cluster by cluster, as documents come."""
        centres = self._noise(-(-count // self._cluster))
        found = np.empty((count, DIMENSION), dtype=np.float32)
        for start in range(0, count, BLOCK):
            cluster = np.arange(start, min(start + BLOCK, count)) // self._cluster
            mixed = 0.6**0.5 * centres[cluster] + 0.4**0.5 * self._noise(len(cluster))
            found[start : start + BLOCK] = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return found

    def questions(self, stored: Vectors) -> Vectors:
        """Return vectors that have a cosine of about 0.5 with one of ``stored`` each."""
        chosen = stored[self._random.choice(len(stored), QUESTIONS)]
        mixed = 0.5 * chosen + 0.75**0.5 * self._noise(QUESTIONS)
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


def milliseconds(store: FaissStore, questions: Vectors) -> NDArray[np.float64]:
    """Return p50 and p95 of the time of one search."""
    store.search(questions[0], LIMIT)
    taken = []
    for question in questions:
        started = time.perf_counter()
        store.search(question, LIMIT)
        taken.append(1000 * (time.perf_counter() - started))
    return np.percentile(taken, [50, 95])


def recall(store: FaissStore, stored: Vectors, questions: Vectors) -> float:
    """Return the share of the true nearest that ``store`` finds; equally near ones count."""
    similarities, _ = faiss.knn(questions, stored, RECALL_AT, metric=faiss.METRIC_INNER_PRODUCT)
    shares = []
    for question, least in zip(questions, similarities[:, -1], strict=True):
        found = stored[store.search(question, RECALL_AT).rows] @ question
        shares.append(np.mean(found >= least - ROUNDING))
    return float(np.mean(shares))


def measure(count: int, options: argparse.Namespace, folder: Path) -> None:
    """Measure one size and print a line."""
    maker = Maker(options.like)
    stored = maker.stored(count)
    questions = maker.questions(stored)
    FaissStore.build(stored, "flat").save(folder / "flat")
    flat, _ = milliseconds(FaissStore.open(folder / "flat"), questions)
    started = time.perf_counter()
    built = FaissStore.build(stored, options.kind, threads=options.threads)
    seconds = time.perf_counter() - started
    built.save(folder / "chosen")
    del built
    started = time.perf_counter()
    store = FaissStore.open(folder / "chosen")
    opening = 1000 * (time.perf_counter() - started)
    p50, p95 = milliseconds(store, questions)
    kind = store.kind
    if store.probes:
        kind += " {}/{}".format(*store.probes)
    if store.rescored:
        kind += f" {store.rescored}"
    size = (folder / "chosen").stat().st_size / 1e6
    found = recall(store, stored, questions)
    print(
        f"{count:>8} {kind:<13} {seconds:>8.1f} {size:>7.0f} {opening:>8.1f} {found:>10.4f}"
        f" {p50:>8.2f} {p95:>8.2f} {flat / p50:>7.1f}x",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the vector store.")
    parser.add_argument("sizes", type=int, nargs="*", default=[17_000, 100_000, 500_000])
    parser.add_argument("--kind", choices=VECTOR_INDEXES, default="auto")
    parser.add_argument("--like", choices=list(CLUSTER), default="clusters")
    parser.add_argument("--threads", type=int, default=2, help="for building")
    options = parser.parse_args()
    print(
        f"{'vectors':>8} {'kind':<13} {'build s':>8} {'MB':>7} {'open ms':>8} {'recall@100':>10}"
        f" {'p50 ms':>8} {'p95 ms':>8} {'to flat':>8}"
    )
    for count in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(count, options, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
