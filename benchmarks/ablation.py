"""What each signal of the ranking is worth: the figures with it and without it, in one run.

    python benchmarks/ablation.py corpus tests/questions/careers.jsonl --split test [--untitled]
    python benchmarks/ablation.py PATH/TO/ANOTHER/CORPUS QUESTIONS.jsonl

It builds an index in a temporary folder, asks the answerable questions, and prints MRR@10 and hit@5
with all signals, with each of them switched off while the others keep their weights, with each of
them alone, and without the correction of typing errors and of chat forms.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.training_sets import answering_rows, first_right, untitled  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.evaluate import reciprocal_rank  # noqa: E402
from tanya.labels import read_labels  # noqa: E402
from tanya.ranking import SIGNALS, fused  # noqa: E402
from tanya.search import Candidates, open_searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402


def ranked(candidates: Candidates, settings: Settings) -> list[int]:
    """Return the rows of the candidates, best first."""
    order = np.lexsort((candidates.rows, -fused(candidates.signals, settings)))
    return [int(row) for row in candidates.rows[order]]


def print_line(
    name: str,
    found: Sequence[Candidates],
    answers: Sequence[set[int]],
    settings: Settings,
    whole: float | None = None,
) -> float:
    """Print the figures under ``settings``, beside those of the whole, and return MRR@10."""
    ranks = [first_right(ranked(c, settings), a) for c, a in zip(found, answers, strict=True)]
    mean = float(np.mean([reciprocal_rank(rank) for rank in ranks]))
    five = np.mean([rank is not None and rank <= 5 for rank in ranks])
    change = "" if whole is None else f" {mean - whole:+8.3f}"
    print(f"{name:28} {mean:7.3f} {five:6.3f}{change}", flush=True)
    return mean


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Say what each signal of the ranking is worth.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--split")
    parser.add_argument("--untitled", action="store_true")
    options = parser.parse_args()
    labels = [
        label
        for label in read_labels(options.questions)
        if label.answerable and options.split in (None, label.split)
    ]
    with tempfile.TemporaryDirectory() as folder:
        corpus = untitled(options.corpus, Path(folder, "c")) if options.untitled else options.corpus
        settings = Settings(corpus=corpus, index=Path(folder, "index"))
        rebuild(settings)
        searcher = open_searcher(settings)
        answers = answering_rows(searcher.build, labels)
        found = [searcher.candidates(label.question) for label in labels]
        print(f"{len(labels)} questions                 MRR@10  hit@5   change")
        whole = print_line("all", found, answers, settings)
        weights = {f"{name}_weight": getattr(settings, f"{name}_weight") for name in SIGNALS}
        for name, weight in weights.items():
            off = dataclasses.replace(settings, **{name: 0.0})
            signal = name.removesuffix("_weight")
            print_line(f"without {signal} ({weight:+.2f})", found, answers, off, whole)
        for name in weights:
            alone = dataclasses.replace(settings, **{**dict.fromkeys(weights, 0.0), name: 1.0})
            print_line(f"{name.removesuffix('_weight')} alone", found, answers, alone, whole)
        for switch in ("correct_typos", "normalise_slang"):
            other = open_searcher(dataclasses.replace(settings, **{switch: False}))
            asked = [other.candidates(label.question) for label in labels]
            print_line(f"{switch} off", asked, answers, settings, whole)


if __name__ == "__main__":
    main()
