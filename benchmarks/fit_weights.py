"""Choose the weights of the ranking's signals, on train questions.

    python benchmarks/fit_weights.py [--idk-mrc PATH/TO/idk_mrc]

What was trained on questions has signals that look better on them than they are. Therefore it goes
by what is held out (``training_sets.py``). The weights are fitted by a softmax over each question's
candidates (the log-likelihood of those that answer; Cao et al. 2007, "Learning to Rank: From
Pairwise Approach to Listwise Approach"), and figures of every collection, by the weights of the
others, are printed. Each question about a facet is also asked in its keywords, as people type into
a search box. It changes no file: the weights are the defaults in ``tanya/settings.py``.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.train_encoder import MODEL  # noqa: E402
from benchmarks.training_sets import (  # noqa: E402
    Collection,
    answering_rows,
    collections,
)
from tanya.build import rebuild  # noqa: E402
from tanya.encoders.bundled import BundledEncoder  # noqa: E402
from tanya.evaluate import DEPTH  # noqa: E402
from tanya.function_words import is_function_word  # noqa: E402
from tanya.index import open_published  # noqa: E402
from tanya.ranking import SIGNALS, standardised_signal  # noqa: E402
from tanya.search import Searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402

# How strongly the weights are held to 0.
RIDGE = 1e-3
# Of a large collection so many questions are asked.
MOST_QUESTIONS = 800
# What a collection counts for: the two texts of the careers, and IDK-MRC, the only ones that
# figures are reported on, more than the others.
COUNTS = {"careers": 4.0, "careers untitled": 4.0, "idk_mrc held out": 4.0}


@dataclass(frozen=True, slots=True)
class Asked:
    """The candidates of one question: standardised signals, and which of them answer.

    ``signals`` has shape (candidates, signals), ``answers`` (candidates,).
    """

    collection: Collection
    signals: NDArray[np.float64]
    answers: NDArray[np.bool_]


def asked(collection: Collection, encoder: BundledEncoder, folder: Path) -> list[Asked]:
    """Ask the answerable questions of a collection."""
    settings = Settings(corpus=collection.corpus, index=folder / f"index {collection.name}")
    rebuild(settings, encoder=encoder)
    build = open_published(settings.index)
    searcher = Searcher(build, encoder, settings)
    labels = [label for label in collection.questions if label.answerable]
    labels = labels[:: max(1, len(labels) // MOST_QUESTIONS)]
    labels += [
        dataclasses.replace(label, question=keywords(label.question))
        for label in labels
        if label.kind == "facet"
    ]
    found = []
    for label, answers in zip(labels, answering_rows(build, labels), strict=True):
        candidates = searcher.candidates(label.question)
        signals = [standardised_signal(candidates.signals, name) for name in SIGNALS]
        right = np.isin(candidates.rows, list(answers))
        if answers:
            found.append(Asked(collection, np.stack(signals, axis=1), right))
    return found


def keywords(question: str) -> str:
    """Return the words of a question that do more than hold it together."""
    words = question.strip(" ?!.").split()
    return " ".join(w for w in words if not is_function_word(w.strip(",.?!"))) or question


def fitted(questions: Sequence[Asked]) -> NDArray[np.float64]:
    """Return the weights, one a signal, that make the answers of ``questions`` most likely."""
    usable = [question for question in questions if question.answers.any()]
    counts: dict[str, int] = {}
    for question in usable:
        counts[question.collection.name] = counts.get(question.collection.name, 0) + 1
    importance = torch.tensor(
        [COUNTS.get(q.collection.name, 1.0) / counts[q.collection.name] for q in usable]
    )
    importance /= importance.sum()
    longest = max(len(question.answers) for question in usable)
    signals = torch.zeros(len(usable), longest, len(SIGNALS))
    missing = torch.ones(len(usable), longest, dtype=torch.bool)
    wrong = missing.clone()
    for i, question in enumerate(usable):
        size = len(question.answers)
        signals[i, :size] = torch.from_numpy(question.signals)
        missing[i, :size] = False
        wrong[i, :size] = torch.from_numpy(~question.answers)
    weights = torch.zeros(len(SIGNALS), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        scores = (signals @ weights).masked_fill(missing, -1e9)
        likelihood = torch.log_softmax(scores, dim=1).masked_fill(wrong, -1e9).logsumexp(dim=1)
        loss = RIDGE * (weights**2).sum() - (importance * likelihood).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[arg-type]
    return weights.detach().numpy().astype(np.float64)


def figures(questions: Sequence[Asked], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Return MRR@10 and hit@5 of ``questions`` when ranked with ``weights``."""
    reciprocal, hits = [], []
    for question in questions:
        order = np.argsort(-(question.signals @ weights), kind="stable")
        places = np.flatnonzero(question.answers[order])
        rank = places[0] + 1 if len(places) else DEPTH + 1
        reciprocal.append(1 / rank if rank <= DEPTH else 0)
        hits.append(rank <= 5)
    return float(np.mean(reciprocal)), float(np.mean(hits))


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description="Choose the weights of the ranking's signals.")
    parser.add_argument("--idk-mrc", type=Path, help="the folder of IDK-MRC, to fit on too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = collections(folder / "untitled", options.idk_mrc)
        found = [collection for collection in found if collection.held_out]
        encoder = BundledEncoder(MODEL, threads=2)
        questions: list[Asked] = []
        for collection in tqdm(found, desc="collections", disable=None):
            questions += asked(collection, encoder, folder)
        print("held out               MRR@10  hit@5")
        for collection in found:
            own = [q for q in questions if q.collection is collection]
            weights = fitted([q for q in questions if q.collection.part != collection.part])
            print("{:20} {:8.3f} {:6.3f}".format(collection.name, *figures(own, weights)))
        print("weights")
        for signal, weight in zip(SIGNALS, fitted(questions), strict=True):
            print(f"{signal:20} {weight:8.2f}")


if __name__ == "__main__":
    main()
