"""Choose and measure the thresholds of tanya/matches.py: ``python benchmarks/words.py``.

tests/words.tsv holds pairs of words of different stems, labelled by hand as related (of one
meaning or of one root) or not: pairs that were thought up, neighbours in meaning that are not the
same (dokter, pasien), and the closest pairs from answers to the questions of the split train. One
half of them chooses the thresholds, the other measures.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tanya.encoders import load_encoder, load_word_vectors
from tanya.matches import SIMILAR, SIMILAR_AND_ALIKE, look_alike

PAIRS = Path(__file__).resolve().parents[1] / "tests" / "words.tsv"
# What the half that chooses has to reach, so that 0.95 holds elsewhere.
WANTED_PRECISION = 0.97


@dataclass(frozen=True)
class Pair:
    """A labelled pair of words and what is compared of it."""

    split: str
    source: str
    related: bool
    similarity: float
    alike: bool


def read_pairs() -> list[Pair]:
    """Return the labelled pairs with their similarities."""
    vectors = load_word_vectors(load_encoder(None))
    with PAIRS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    left = vectors.of([row["word"] for row in rows])
    right = vectors.of([row["other"] for row in rows])
    similarities = np.einsum("ij,ij->i", left, right)
    return [
        Pair(
            row["split"],
            row["source"],
            row["label"] == "related",
            float(similarity),
            look_alike(row["word"], row["other"]),
        )
        for row, similarity in zip(rows, similarities, strict=True)
    ]


def figures(pairs: Sequence[Pair], similar: float, alike: float) -> tuple[float, float, int]:
    """Return precision and recall of the thresholds, and how many pairs reach them."""
    shown = [pair for pair in pairs if pair.similarity >= (alike if pair.alike else similar)]
    right = sum(pair.related for pair in shown)
    related = sum(pair.related for pair in pairs)
    return right / max(1, len(shown)), right / max(1, related), len(shown)


def choose(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Return the thresholds of the best recall that reach the wanted precision."""
    grid = [round(0.5 + 0.01 * i, 2) for i in range(46)]
    found = [
        (figures(pairs, similar, alike)[1], similar, alike)
        for similar in grid
        for alike in grid
        if similar <= alike and figures(pairs, similar, alike)[0] >= WANTED_PRECISION
    ]
    _, similar, alike = max(found)
    return similar, alike


def main() -> None:
    """Print what would be chosen, and how good what is in use is."""
    pairs = read_pairs()
    chosen = choose([pair for pair in pairs if pair.split == "fit"])
    print(f"chosen: {chosen}, in use: {(SIMILAR, SIMILAR_AND_ALIKE)}")
    print(
        f"{'half':<6}{'source':<13}{'related':>8}{'not':>6}{'shown':>7}{'precision':>11}{'recall':>8}"
    )
    for split in ("fit", "test"):
        half = [pair for pair in pairs if pair.split == split]
        for source in (None, *sorted({pair.source for pair in half})):
            part = [pair for pair in half if source in (None, pair.source)]
            precision, recall, shown = figures(part, SIMILAR, SIMILAR_AND_ALIKE)
            related = sum(pair.related for pair in part)
            print(
                f"{split:<6}{source or 'all':<13}{related:>8}{len(part) - related:>6}{shown:>7}"
                f"{precision:>11.3f}{recall:>8.3f}"
            )


if __name__ == "__main__":
    main()
