"""Fit the confidence that ships with Tanya, on train questions.

    python benchmarks/fit_confidence.py --idk-mrc PATH/TO/idk_mrc

Similarities with train questions are higher than with any that a person will ask, and a threshold
chosen on them would refuse far too many. So it goes by what is held out (``training_sets.py``).

One set of coefficients has to hold for every size of corpus, so each collection is asked as it is
and as pairs of its documents, and some of them among the paragraphs of IDK-MRC, too. Unanswerable
are the questions labelled so, and those of other collections: of other professions, or off the
topic; they may have been learned, but from the documents that answer them. IDK-MRC's own questions
are left out: the encoder has learned those that are answerable, and of the others the right
paragraph is there and the words are the same, which no similarity tells.

It goes by a prior, ``prior_calibration.json``, and by the comparison, at which that does not look.
The prior was fitted by the same formulas before there was the reranker, on the sample corpus, on
one in three of the collections of then and on IDK-MRC's own questions, those asked through an
encoder that was trained without them: on more than is held out now, of which a fit without a prior
refuses less of what is off the topic. The encoder was then the first of the two that the one that
ships is the mean of, and the prior is taken for the mean's: without its similarity in context more
questions in other languages are refused. Questions in words that the reranker does not know are
left to the prior: there the log-odds tell little of whether anything answers.

It prints the figures of each part by a model of the others and writes ``tanya/calibration.json``,
in about 8 minutes. What literal words change is kept: ``fit_literal.py`` fits it.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.batches import REASONS  # noqa: E402
from benchmarks.fit_weights import COUNTS  # noqa: E402
from benchmarks.train_encoder import MODEL  # noqa: E402
from benchmarks.training_sets import Collection, collections, part_of  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.calibrate import (  # noqa: E402
    Sample,
    cross_validated,
    fitted,
    moved,
    sample_of,
    threshold_of,
)
from tanya.confidence import (  # noqa: E402
    DEFAULT_FILE,
    FEATURES,
    WORD_FEATURES,
    Calibration,
    shipped_calibration,
    write_calibrations,
)
from tanya.encoders import known_fingerprint  # noqa: E402
from tanya.encoders.bundled import BundledEncoder  # noqa: E402
from tanya.evaluate import auroc, calibration_error  # noqa: E402
from tanya.index import open_published  # noqa: E402
from tanya.labels import LabelledQuestion  # noqa: E402
from tanya.search import Searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402

# What was fitted before there was the reranker: of all encoders, and of the bundled one.
PRIOR = ROOT / "benchmarks" / "prior_calibration.json"
# What the features add to it is held near 0, as if some thousand questions spoke for it.
HELD = 0.03
PAIRS = 3
# Questions taken of a collection, and of others asked of it.
ASKED = 120
OTHERS = 40
LARGE = 300
# Of what each group of unanswerable questions is the third, within its set: as in the labels.
UNANSWERABLE = 0.25
REFUSE_AT_MOST = 0.05
SEED = 0
# The sample corpus is asked questions of these, too: of other professions, and off the topic.
OFF_TOPIC = ("alam", "english", "layanan")
PROFESSIONS = tuple(f"profesi-{letter}" for letter in "abcde")
# One in so many of the other collections is asked among thousands of paragraphs, too.
ONE_AMONG = 3
# As many questions of each sort as a person may label, how often they are chosen anew, and the
# least that are left to be judged.
FEW = (20, 40, 60)
TIMES = 4
JUDGED = 10
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

    @property
    def collection(self) -> str:
        """The collection that it was asked of, whole or as a pair of its documents."""
        return self.name.split(" pair ")[0]


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
    """Asks sets of questions, each of its own corpus."""

    def __init__(self, folder: Path) -> None:
        self._encoder = BundledEncoder(MODEL, threads=2)
        self._folder = folder
        self.found: list[Asked] = []

    def ask(self, name: str, size: str, corpus: Path, labels: Sequence[LabelledQuestion]) -> None:
        """Ask ``labels`` of ``corpus`` and keep what was found."""
        settings = Settings(corpus=corpus, index=self._folder / f"index of {size} {name}")
        rebuild(settings, encoder=self._encoder)
        searcher = Searcher(open_published(settings.index), self._encoder, settings, UNFITTED)
        for label in labels:
            sample = sample_of(searcher, label)
            if sample is not None:
                self.found.append(Asked(sample, name, size))
        shutil.rmtree(settings.index)
        print(f"{name} ({size} documents): {len(labels)} questions", flush=True)


def strangers(
    own: Collection, found: Sequence[Collection], count: int, generator: random.Random
) -> list[LabelledQuestion]:
    """Return questions of other collections for the sample corpus, none for another.

    A paraphrase may name no profession and be answered by another, so that of questions about
    professions those are taken that name one.
    """
    if not own.name.startswith("careers"):
        return []
    questions = {one.name: [q for q in one.questions if q.answerable] for one in found}
    off = [
        label
        for name in OFF_TOPIC
        for label in generator.sample(questions[name], min(200, len(questions[name])))
    ]
    other = [
        label
        for name in PROFESSIONS
        for label in questions[name]
        if label.kind in ("facet", "informal", "typo")
    ]
    return [
        *relabelled(off, "off_topic", count, generator),
        *relabelled(other, "other_profession", count, generator),
    ]


def ask_all(found: Sequence[Collection], asker: Asker, folder: Path, idk_mrc: Path) -> None:
    """Ask every collection that is held out, in all sizes."""
    generator = random.Random(SEED)
    held_out = [one for one in found if one.held_out and not one.name.startswith("idk_mrc")]
    for own in held_out:
        others = strangers(own, found, OTHERS, generator)
        answerable = [label for label in own.questions if label.answerable]
        unanswerable = [label for label in own.questions if not label.answerable]
        chosen = generator.sample(answerable, min(ASKED, len(answerable)))
        asker.ask(own.name, "40", own.corpus, chosen + unanswerable + others)
        named = [label for label in unanswerable if label.reason != "not_stated"]
        for number in range(PAIRS):
            pair = generator.sample(sorted({str(label.document) for label in answerable}), 2)
            corpus = folder / f"pair {own.name} {number}"
            for path in pair:
                (corpus / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(own.corpus / path, corpus / path)
            asked = [label for label in answerable if label.document in pair]
            others = strangers(own, found, OTHERS // 4, generator)
            asker.ask(f"{own.name} pair {number}", "2", corpus, asked + named + others)
    [sample, _, *others_held_out] = held_out
    for own in (sample, *others_held_out[::ONE_AMONG]):
        corpus = folder / f"{own.name} among idk_mrc"
        shutil.copytree(idk_mrc / "corpus", corpus)
        shutil.copytree(own.corpus, corpus / own.name)
        asker.ask(
            f"{own.name} among idk_mrc",
            "4000",
            corpus,
            list(_among_thousands(own, strangers(own, found, 3 * OTHERS, generator), generator)),
        )


def _among_thousands(
    own: Collection, others: Sequence[LabelledQuestion], generator: random.Random
) -> Iterator[LabelledQuestion]:
    """Yield the questions of a collection that stands in a folder of its own among others.

    What it does not state may be stated there.
    """
    answerable = [label for label in own.questions if label.answerable]
    for label in generator.sample(answerable, min(LARGE, len(answerable))):
        yield dataclasses.replace(label, document=f"{own.name}/{label.document}")
    for label in (*own.questions, *others):
        if not label.answerable and label.reason != "not_stated":
            yield label


def weighted(found: Sequence[Asked]) -> list[Asked]:
    """Return all with their weights: sizes alike, within each its sets, within these the reasons.

    Answerable questions are to unanswerable ones as 1 - UNANSWERABLE to UNANSWERABLE.
    """
    groups: dict[tuple[str, str, str], list[int]] = {}
    for i, asked in enumerate(found):
        label = asked.sample.label
        reason = "" if label.answerable else label.reason
        groups.setdefault((asked.size, asked.collection, reason), []).append(i)
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
    keys += sorted({(a.size, a.collection) for a in found})
    for size, name in keys:
        chosen = [
            (a, c)
            for a, c in zip(found, confidences, strict=True)
            if a.size.startswith(size)
            and (not name or a.collection == name)
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


def common_threshold(found: Sequence[Asked], confidences: Sequence[float]) -> float:
    """Return the median of the thresholds that refuse a share of each set's answerable questions.

    Of all sets together those would decide whose questions are the hardest to answer. Sets count as
    they do for the weights of the ranking. The large corpora are left out, of which one is refused
    too seldom and the others too often, whatever the threshold.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for i, asked in enumerate(found):
        if asked.size != "4000":
            groups.setdefault((asked.size, asked.collection), []).append(i)
    thresholds = []
    for (_, name), group in groups.items():
        own = [found[i].sample for i in group]
        threshold = threshold_of(own, [confidences[i] for i in group], REFUSE_AT_MOST)
        thresholds += [threshold] * int(COUNTS.get(name, 1))
    return math.floor(statistics.median(thresholds) * 1e4) / 1e4


def main() -> None:
    """Ask, fit, print and write."""
    parser = argparse.ArgumentParser(description="Fit the confidence that ships with Tanya.")
    parser.add_argument("--idk-mrc", type=Path, required=True, help="the folder of IDK-MRC")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "untitled").mkdir()
        found = collections(folder / "untitled", options.idk_mrc)
        asker = Asker(folder)
        ask_all(found, asker, folder, options.idk_mrc)
    report(weighted(asker.found))


def report(found: Sequence[Asked]) -> None:
    """Fit both calibrations, print their figures by parts held out, and write them.

    Questions in words that the reranker does not know are left to the prior.
    """
    found = [asked for asked in found if not math.isnan(asked.sample.support.comparison)]
    samples = [asked.sample for asked in found]
    weights = [asked.weight for asked in found]
    places = [part_of(asked.name) for asked in found]
    written = []
    for features, made_for in ((WORD_FEATURES, None), (FEATURES, known_fingerprint(MODEL))):
        prior = shipped_calibration(made_for or "", PRIOR)
        held_out = cross_validated(samples, places, features, weights, prior=prior, held=HELD)
        threshold = common_threshold(found, held_out)
        print(f"\n{', '.join(features)}: threshold {threshold:.3f}")
        show(found, held_out, threshold)
        calibration = fitted(samples, features, made_for, weights, prior=prior, held=HELD)
        written.append(
            dataclasses.replace(
                calibration,
                threshold=threshold,
                shipped=True,
                otherwise=moved(prior, threshold),
                literal=shipped_calibration(made_for or "").literal,
            )
        )
        for name, weight in zip(features, calibration.coefficients, strict=True):
            print(f"{name:12} {weight:+.2f}")
    write_calibrations(DEFAULT_FILE, written)
    show_few(found, prior)


def show_few(found: Sequence[Asked], prior: Calibration) -> None:
    """Print how well calibrations on a few questions of a collection do on the others of it.

    They are fitted without what ships and with it as their prior, which was fitted on the other
    parts for this. The figures are means over all whole collections; the log loss counts
    answerable and unanswerable questions alike.
    """
    figures: dict[tuple[int, bool], list[tuple[float, float]]] = {}
    for part in sorted({part_of(asked.name) for asked in found}):
        others = [asked for asked in found if part_of(asked.name) != part]
        weights = [asked.weight for asked in others]
        shipped = fitted(
            [a.sample for a in others], FEATURES, None, weights, prior=prior, held=HELD
        )
        own = [asked for asked in found if part_of(asked.name) == part and asked.size != "2"]
        for name in sorted({asked.name for asked in own}):
            samples = [asked.sample for asked in own if asked.name == name]
            for count, chosen, rest in _few(samples, random.Random(SEED)):
                for with_prior in (False, True):
                    start = shipped if with_prior else None
                    model = fitted(chosen, FEATURES, None, prior=start)
                    sure = [
                        [model.probability(s.support) for s in rest if s.target == target]
                        for target in (True, False)
                    ]
                    right = [sure[0], [1 - probability for probability in sure[1]]]
                    loss = -float(np.mean([np.log(np.maximum(r, 1e-6)).mean() for r in right]))
                    found_so = figures.setdefault((count, with_prior), [])
                    found_so.append((auroc(*sure) or 0.0, loss))
    print("\nquestions of each sort, with what ships   AUROC  log loss")
    for (count, with_prior), values in figures.items():
        area, loss = np.mean(values, axis=0)
        print(f"{count:22} {'yes' if with_prior else 'no':>18} {area:7.3f} {loss:9.3f}")


def _few(
    samples: Sequence[Sample], generator: random.Random
) -> Iterator[tuple[int, list[Sample], list[Sample]]]:
    """Yield ``FEW`` and ``TIMES`` times so many samples of each sort, and the others."""
    sorts = [[s for s in samples if s.target == target] for target in (True, False)]
    for count in FEW:
        if min(map(len, sorts)) < count + JUDGED:
            continue
        for _ in range(TIMES):
            for sort in sorts:
                generator.shuffle(sort)
            yield (
                count,
                [s for sort in sorts for s in sort[:count]],
                [s for sort in sorts for s in sort[count:]],
            )


if __name__ == "__main__":
    main()
