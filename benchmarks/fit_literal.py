"""Fit what numbers and words asked by themselves change of the confidence that ships.

    python benchmarks/fit_literal.py --idk-mrc PATH/TO/idk_mrc

Run it after ``fit_confidence.py``. It asks what ``literal.py`` makes of the sentences of what is
held out (``training_sets.py``), with numbers that stand there and with others, and the labelled
questions with numbers of the same, and fits by how much it changes the log-odds whether these stand
in the first sentence. It prints how many are answered without it and with it,
each collection by a model of the others, and writes it to ``tanya/calibration.json``.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.literal import literal_questions  # noqa: E402
from benchmarks.train_encoder import MODEL  # noqa: E402
from benchmarks.training_sets import Collection, collections  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.confidence import (  # noqa: E402
    DEFAULT_FILE,
    Calibration,
    Support,
    shipped_calibration,
    write_calibrations,
)
from tanya.encoders import known_fingerprint, load_encoder  # noqa: E402
from tanya.index import open_published  # noqa: E402
from tanya.lexical import Analyzer  # noqa: E402
from tanya.literal import literal_words  # noqa: E402
from tanya.search import Searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402

# Questions made of each kind and collection.
MADE = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question got: of which collection, of which kind, and whether it can be answered."""

    support: Support
    collection: str
    kind: str
    answerable: bool


def asked(collection: Collection, folder: Path) -> Iterator[Asked]:
    """Yield what the questions about numbers and of one word got of a collection."""
    settings = Settings(corpus=collection.corpus, index=folder / f"index {collection.name}")
    rebuild(settings)
    encoder = load_encoder(None, threads=2)
    searcher = Searcher(open_published(settings.index), encoder, settings)
    analyzer = Analyzer(settings.language)
    questions = [
        (wanted.question, wanted.kind, bool(wanted.rows))
        for wanted in literal_questions(searcher.build, MADE)
    ]
    questions += [(label.question, "labelled", label.answerable) for label in collection.questions]
    for question, kind, answerable in questions:
        if kind != "labelled" or literal_words(question, analyzer).numbers:
            _, support = searcher.ask_with_support(question, results=1)
            if support is not None:
                yield Asked(support, collection.name, kind, answerable)
    searcher.build.close()


def fitted(found: Sequence[Asked], calibration: Calibration) -> float:
    """Return by how much literal words change the log-odds: the weight that is the likeliest.

    Each kind counts alike, and so do those of it that can be answered and those that cannot.
    """
    log_odds = np.array([calibration.log_odds(one.support) for one in found])
    literal = np.array([one.support.literal for one in found])
    signs = np.array([1 if one.answerable else -1 for one in found])
    groups = [(one.kind.removeprefix("strange "), one.answerable) for one in found]
    shares = np.array([1 / groups.count(group) for group in groups])

    def unlikeliness(weight: float) -> float:
        """Return the mean of -log p by this weight."""
        odds = log_odds + weight * literal
        return float((shares * np.logaddexp(0, -signs * odds)).sum())

    return float(minimize_scalar(unlikeliness, bounds=(0, 20), method="bounded").x)


def show(found: Sequence[Asked], calibration: Calibration) -> None:
    """Print how many of each kind are answered, without and with a model of other collections."""
    before = [calibration.probability(one.support) for one in found]
    models = {
        name: dataclasses.replace(
            calibration, literal=fitted([o for o in found if o.collection != name], calibration)
        )
        for name in {one.collection for one in found}
    }
    after = [models[one.collection].probability(one.support) for one in found]
    for kind in sorted({(one.kind, one.answerable) for one in found}):
        places = [i for i, one in enumerate(found) if (one.kind, one.answerable) == kind]
        shares = [
            np.mean([sure[i] >= calibration.threshold for i in places]) for sure in (before, after)
        ]
        print(
            "{:16}{:12}{:6} answered {:.2f} -> {:.2f}".format(
                kind[0], "answerable" if kind[1] else "not", len(places), *shares
            )
        )


def main() -> None:
    """Ask, fit, print and write."""
    parser = argparse.ArgumentParser(description="Fit what literal words change.")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="the folder of IDK-MRC")
    options = parser.parse_args()
    found: list[Asked] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        held_out = [c for c in collections(folder / "untitled", options.idk_mrc) if c.held_out]
        for collection in tqdm(held_out, desc="collections", disable=None):
            found += asked(collection, folder)
    written = []
    for fingerprint in ("", str(known_fingerprint(MODEL))):
        calibration = dataclasses.replace(shipped_calibration(fingerprint), literal=0.0)
        show(found, calibration)
        literal = fitted(found, calibration)
        print(f"weight {literal:.2f}")
        written.append(dataclasses.replace(calibration, literal=literal))
    write_calibrations(DEFAULT_FILE, written)


if __name__ == "__main__":
    main()
