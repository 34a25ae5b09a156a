"""How good the ranking is, beside what most tools do, measured in one run.

    python benchmarks/quality.py corpus tests/questions/careers.jsonl --split test
    python benchmarks/quality.py PATH/TO/ANOTHER/CORPUS QUESTIONS.jsonl

It builds an index in a temporary folder and prints the figures of the answerable questions for
Tanya, and for the fusion by reciprocal rank (k = 60; Cormack et al. 2009, "Reciprocal Rank Fusion
Outperforms Condorcet and Individual Rank Learning Methods") of the dense similarity of sentences
alone and BM25, over the same sentences, with the bundled model as it comes in its package.
``--untitled`` leaves out the titles of Markdown documents, so that their first sentences stand in.

How hard questions are is told by how often the fusion finds their answers. So that sets of unlike
hardness can be compared, Tanya's hit@5 is printed, too, apart for the questions that the fusion
answers among its first five and for those that it does not.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.training_sets import (  # noqa: E402
    answering_rows,
    first_right,
    measured,
    rank_figures,
)
from tanya.build import rebuild  # noqa: E402
from tanya.encoders.bundled import BundledEncoder  # noqa: E402
from tanya.evaluate import DEPTH  # noqa: E402
from tanya.index import OpenBuild  # noqa: E402
from tanya.labels import LabelledQuestion  # noqa: E402
from tanya.lexical import Analyzer  # noqa: E402
from tanya.search import open_searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402

K = 60
CANDIDATES = 1000

Rank = Callable[[str], list[int]]


def reciprocal_rank_fusion(build: OpenBuild) -> Rank:
    """Return a function that ranks all sentences of ``build`` for a question."""
    rows = range(build.manifest.sentences)
    sentences = build.store.sentences(rows)
    # The model as it comes in its package, as most tools would use it.
    encoder = BundledEncoder(build.manifest.model, threads=os.cpu_count() or 1, trained=None)
    vectors = encoder.encode_passages([sentences[row].text for row in rows])
    analyzer = Analyzer(build.manifest.language)

    def rank(question: str) -> list[int]:
        dense = np.argsort(-(vectors @ encoder.encode_questions([question])[0]), kind="stable")
        lexical = build.lexical.search(analyzer.stems(question), CANDIDATES).rows
        scores: dict[int, float] = {}
        for ranking in (dense[:CANDIDATES], lexical):
            for place, row in enumerate(ranking.tolist(), start=1):
                scores[row] = scores.get(row, 0.0) + 1 / (K + place)
        return sorted(scores, key=lambda row: (-scores[row], row))

    return rank


def _hits(ranks: list[int | None]) -> NDArray[np.bool_]:
    """Return which questions have a hit among the first five, shape (len(ranks),)."""
    return np.array([rank is not None and rank <= 5 for rank in ranks])


def _print_line(name: str, ranks: list[int | None]) -> None:
    """Print the figures of some questions."""
    print("{:13} {:7.3f} {:6.3f} {:7.3f}".format(name, *rank_figures(ranks)))


def _print_twins(labels: list[LabelledQuestion], ranks: list[int | None]) -> None:
    """Print hit@5 of the English questions beside that of Indonesian ones on the same facts."""
    facts = {(x.document, frozenset(x.evidence)) for x in labels if x.kind == "english"}
    five: dict[bool, list[bool]] = {True: [], False: []}
    for label, hit in zip(labels, _hits(ranks), strict=True):
        if (label.document, frozenset(label.evidence)) in facts:
            five[label.kind == "english"].append(hit)
    if five[True] and five[False]:
        english, twins = np.mean(five[True]), np.mean(five[False])
        print(f"  English {english:.3f}, the same facts in Indonesian {twins:.3f} hit@5")


def _print_by_hardness(ranks: list[int | None], fused: list[int | None]) -> None:
    """Print hit@5 of what the fusion finds and of what it does not."""
    found, easy = _hits(ranks), _hits(fused)
    for name, chosen in (("has", easy), ("lacks", ~easy)):
        if chosen.any():
            print(f"Tanya's hit@5 where RRF {name} a hit: {found[chosen].mean():.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare the ranking with rank fusion.")
    with tempfile.TemporaryDirectory() as folder:
        chosen = measured(parser, Path(folder, "c"))
        labels = chosen.labels
        settings = Settings(corpus=chosen.corpus, index=Path(folder, "index"))
        rebuild(settings)
        searcher = open_searcher(settings)
        build = searcher.build
        print(f"{len(labels)} questions   hit@1  hit@5  MRR@10")
        answers = answering_rows(build, labels)
        kinds = sorted({label.kind for label in labels if label.kind})
        every: list[list[int | None]] = []
        for name, rank in (
            ("Tanya", lambda question: [hit.row for hit in searcher.rank(question, DEPTH)]),
            ("RRF", reciprocal_rank_fusion(build)),
        ):
            ranks = [
                first_right(rank(label.question), rows)
                for label, rows in zip(labels, answers, strict=True)
            ]
            every.append(ranks)
            _print_line(name, ranks)
            for kind in kinds:
                of_kind = [r for r, label in zip(ranks, labels, strict=True) if label.kind == kind]
                _print_line(f"  {kind}", of_kind)
            _print_twins(labels, ranks)
        ours, fused = every
        ratio = rank_figures(ours)[2] / rank_figures(fused)[2]
        print(f"Tanya / RRF, MRR@10: {ratio:.2f}")
        _print_by_hardness(ours, fused)


if __name__ == "__main__":
    main()
