"""Fit the confidence that ships with Tanya, on train questions.

    python benchmarks/fit_confidence.py --idk-mrc PATH/TO/idk_mrc [--encoders FOLDER]

The encoder has seen the train questions: through it their similarities are higher than those of any
question that a person will ask, and a threshold chosen on them would refuse far too many. So it
goes by the sample corpus and by collections that are asked through an encoder trained without them,
as ``fit_weights.py`` does (kept in ``--encoders`` for the next time: training takes longest).

One set of coefficients has to hold for every size of corpus, so each collection is asked as it is
and as pairs of its documents, and the careers among the paragraphs of IDK-MRC, too. Unanswerable
are the questions labelled so, and those of other collections: of other professions, or off the
topic; the encoder may have learned them, but from the documents that answer them. What IDK-MRC
calls unanswerable is left out: the right paragraph is there and the words are the same, which no
similarity tells.

It prints the figures of each part by a model of the others and writes ``tanya/calibration.json``.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.batches import REASONS  # noqa: E402
from benchmarks.train_encoder import MODEL, held_out_encoders  # noqa: E402
from benchmarks.training_sets import SAMPLE_FOLD, Collection, collections, part_of  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.calibrate import Sample, cross_validated, fitted, sample_of, threshold_of  # noqa: E402
from tanya.confidence import DEFAULT_FILE, FEATURES, WORD_FEATURES, Calibration, write_calibrations  # noqa: E402
from tanya.encoders import known_fingerprint  # noqa: E402
from tanya.encoders.bundled import BundledEncoder  # noqa: E402
from tanya.evaluate import auroc, calibration_error  # noqa: E402
from tanya.index import open_published  # noqa: E402
from tanya.labels import LabelledQuestion  # noqa: E402
from tanya.search import Searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402

PAIRS = 3
# Questions taken of a collection, and of others asked of it.
ASKED = 120
OTHERS = 40
LARGE = 300
# Of what each group of unanswerable questions is the third, within its set: as in the labels.
UNANSWERABLE = 0.25
REFUSE_AT_MOST = 0.05
SEED = 0
# No two of these are about the same professions, so that the questions of one can be asked of
# another as unanswerable. The others are asked their own questions only.
APART = (
    *("careers", "careers untitled", "alam", "english", "layanan", "panduan"),
    *(f"profesi-{letter}" for letter in "abcde"),
    *("idk_mrc 0", "idk_mrc 1"),
)
# While asking, nothing goes by the confidence.
UNFITTED = Calibration(None, (), (), (), (), 0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A labelled question as it was asked: of which set, and of how many documents.

    ``weight`` makes sets count alike, and unanswerable questions as :data:`UNANSWERABLE` says.
    """

    sample: Sample
    name: str
    size: str
    weight: float = 1.0


def relabelled(
    labels: Sequence[LabelledQuestion], reason: str, count: int, generator: random.Random
) -> list[LabelledQuestion]:
    """Return questions of another collection, which nothing answers here."""
    chosen = generator.sample(list(labels), min(count, len(labels)))
    return [
        dataclasses.replace(label, document=None, evidence=(), answerable=False, reason=reason)
        for label in chosen
    ]


class Asker:
    """Asks sets of questions, each of its own corpus, through the encoder of its fold."""

    def __init__(self, encoders: Mapping[int, BundledEncoder], folder: Path) -> None:
        self._encoders = encoders
        self._folder = folder
        self.found: list[Asked] = []

    def ask(
        self, name: str, size: str, fold: int, corpus: Path, labels: Sequence[LabelledQuestion]
    ) -> None:
        """Ask ``labels`` of ``corpus`` and keep what was found."""
        encoder = self._encoders[fold]
        settings = Settings(corpus=corpus, index=self._folder / f"{corpus.name} {fold} {name}")
        rebuild(settings, encoder=encoder)
        searcher = Searcher(open_published(settings.index), encoder, settings, UNFITTED)
        for label in labels:
            sample = sample_of(searcher, label)
            if sample is not None:
                self.found.append(Asked(sample, name, size))
        shutil.rmtree(settings.index)
        print(f"{name} ({size} documents): {len(labels)} questions", flush=True)


def is_careers(name: str) -> bool:
    """Say whether a collection is of professions."""
    return name.startswith(("careers", "karier", "profesi"))


def strangers(
    own: Collection, found: Sequence[Collection], count: int, generator: random.Random
) -> Iterator[LabelledQuestion]:
    """Yield questions of other collections: of other professions, and off the topic.

    A paraphrase may name no profession and be answered by another, so that of questions about
    professions those are taken that name one. The guides for students are about professions, too.
    There are none for a collection that is not one of :data:`APART`.
    """
    if own.name not in APART:
        return
    off: list[LabelledQuestion] = []
    other: list[LabelledQuestion] = []
    for collection in found:
        if collection.name not in APART:
            continue
        if collection.name.split()[0] == own.name.split()[0]:
            continue
        if collection.name.startswith("careers u") or collection.name == "panduan":
            continue
        answerable = [label for label in collection.questions if label.answerable]
        if is_careers(own.name) and is_careers(collection.name):
            other += [q for q in answerable if q.kind in ("facet", "informal", "typo")]
        elif not (own.name == "panduan" and is_careers(collection.name)):
            off += generator.sample(answerable, min(len(answerable), 200))
    yield from relabelled(off, "off_topic", count, generator)
    yield from relabelled(other, "other_profession", count, generator)


def ask_all(found: Sequence[Collection], asker: Asker, folder: Path, idk_mrc: Path) -> None:
    """Ask every collection that has a fold, in all sizes."""
    generator = random.Random(SEED)
    for own in found:
        fold = own.fold
        if fold is None:
            continue
        labels = list(own.questions)
        if own.name.startswith("idk_mrc"):
            answerable = generator.sample([q for q in labels if q.answerable], LARGE)
            others = list(strangers(own, found, LARGE // 2, generator))
            asker.ask(own.name, "4000", fold, own.corpus, answerable + others)
            continue
        others = list(strangers(own, found, OTHERS, generator))
        answerable = [label for label in labels if label.answerable]
        unanswerable = [label for label in labels if not label.answerable]
        chosen = generator.sample(answerable, min(ASKED, len(answerable)))
        asker.ask(own.name, "40", fold, own.corpus, chosen + unanswerable + others)
        named = [label for label in unanswerable if label.reason != "not_stated"]
        for number in range(PAIRS):
            pair = generator.sample(sorted({str(label.document) for label in answerable}), 2)
            corpus = folder / f"pair {own.name} {number}"
            for path in pair:
                (corpus / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(own.corpus / path, corpus / path)
            asked = [label for label in answerable if label.document in pair]
            asker.ask(
                f"{own.name} pair {number}",
                "2",
                fold,
                corpus,
                asked + named + list(strangers(own, found, OTHERS // 4, generator)),
            )
    # Careers among thousands of paragraphs about everything.
    own = found[0]
    corpus = folder / "merged"
    shutil.copytree(idk_mrc / "corpus", corpus)
    shutil.copytree(own.corpus, corpus / "careers")
    # Wikipedia may answer what the careers do not.
    within = [
        dataclasses.replace(label, document=f"careers/{label.document}")
        for label in own.questions
        if label.answerable
    ]
    others = [
        label
        for label in strangers(own, found, 3 * OTHERS, generator)
        if label.reason == "other_profession"
    ]
    asker.ask("careers among idk_mrc", "4000", SAMPLE_FOLD, corpus, within + others)


def weighted(found: Sequence[Asked]) -> list[Asked]:
    """Return all with their weights: sizes alike, within each its sets, within these the reasons.

    Answerable questions are to unanswerable ones as 1 - UNANSWERABLE to UNANSWERABLE.
    """
    groups: dict[tuple[str, str, str], list[int]] = {}
    for i, asked in enumerate(found):
        label = asked.sample.label
        name = asked.name.split(" pair ")[0]
        groups.setdefault((asked.size, name, "" if label.answerable else label.reason), []).append(
            i
        )
    names = {(size, name) for size, name, _ in groups}
    sizes = {size: sum(s == size for s, _ in names) for size, _ in names}
    weights = np.zeros(len(found))
    for (size, name, reason), members in groups.items():
        reasons = sum(key[:2] == (size, name) and key[2] != "" for key in groups)
        share = UNANSWERABLE / reasons if reason else 1 - UNANSWERABLE
        weights[members] = share / len(members) / sizes[size]
    weights *= len(found) / weights.sum()
    return [dataclasses.replace(a, weight=float(w)) for a, w in zip(found, weights, strict=True)]


def show(found: Sequence[Asked], confidences: Sequence[float], threshold: float) -> None:
    """Print the figures of each set by size, with one threshold for all."""
    print(f"{'':28}{'n':>6}{'refused':>9}{'ECE':>7}" + "".join(f"{r[:12]:>20}" for r in REASONS))
    keys = [("", ""), *((size, "") for size in sorted({a.size for a in found}))]
    keys += sorted({(a.size, a.name.split(" pair ")[0]) for a in found})
    for size, name in keys:
        chosen = [
            (a, c)
            for a, c in zip(found, confidences, strict=True)
            if a.size.startswith(size)
            and (not name or a.name.split(" pair ")[0] == name)
            and (not size or a.size == size)
        ]
        yes = [c for a, c in chosen if a.sample.label.answerable]
        line = f"{(size + ' ' + name).strip() or 'all':28}{len(yes):>6}"
        line += f"{np.mean(np.array(yes) < threshold):>9.3f}"
        error = calibration_error([c for _, c in chosen], [a.sample.target for a, _ in chosen])
        line += f"{error:>7.3f}"
        for reason in REASONS:
            no = [c for a, c in chosen if a.sample.label.reason == reason]
            area = auroc(yes, no)
            line += (
                f"{area:>10.3f}{np.mean(np.array(no) < threshold):>6.2f}{len(no):>4}"
                if area is not None
                else f"{'–':>20}"
            )
        print(line)


def main() -> None:
    """Ask, fit, print and write."""
    parser = argparse.ArgumentParser(description="Fit the confidence that ships with Tanya.")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="the folder of IDK-MRC")
    parser.add_argument("--encoders", type=Path, help="where what was trained is kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "untitled").mkdir()
        found = collections(folder / "untitled", options.idk_mrc)
        asker = Asker(held_out_encoders(found, options.encoders), folder)
        ask_all(found, asker, folder, options.idk_mrc)
    report(weighted(asker.found))


def report(found: Sequence[Asked]) -> None:
    """Fit both calibrations, print their figures by parts held out, and write them.

    The thresholds are chosen on all but the two large corpora, of which one is refused too seldom
    and the other too often, whatever the threshold.
    """
    samples = [asked.sample for asked in found]
    weights = [asked.weight for asked in found]
    chosen = [i for i, a in enumerate(found) if a.size != "4000"]
    written = []
    for features, made_for in ((WORD_FEATURES, None), (FEATURES, known_fingerprint(MODEL))):
        held_out = cross_validated(samples, [part_of(a.name) for a in found], features, weights)
        threshold = threshold_of(
            [samples[i] for i in chosen],
            [held_out[i] for i in chosen],
            REFUSE_AT_MOST,
            [weights[i] for i in chosen],
        )
        print(f"\n{', '.join(features)}: threshold {threshold:.3f}")
        show(found, held_out, threshold)
        calibration = fitted(samples, features, made_for, weights)
        written.append(dataclasses.replace(calibration, threshold=threshold, shipped=True))
        for name, weight in zip(features, calibration.coefficients, strict=True):
            print(f"{name:12} {weight:+.2f}")
    write_calibrations(DEFAULT_FILE, written)


if __name__ == "__main__":
    main()
