"""From labelled questions to a calibration: fitting the logistic model and choosing its threshold.

scikit-learn is imported only here and only while fitting: it would double the time in which the
first question is answered.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tanya.confidence import FEATURES, Calibration, Support, shipped_calibration
from tanya.errors import CalibrationError
from tanya.evaluate import DEPTH, Outcome, Refusal, check_labels, figures, outcome
from tanya.labels import LabelledQuestion
from tanya.search import Searcher

# Fewer answerable or unanswerable questions say too little about the features.
LEAST_OF_EACH = 20
_PARTS = 5
# The inverse strength of the penalty on standardised coefficients, scikit-learn's default.
_C = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What a labelled question got, and what speaks for its first answer.

    ``target`` is what the confidence is the probability of.
    """

    outcome: Outcome
    support: Support

    @property
    def label(self) -> LabelledQuestion:
        """The labelled question."""
        return self.outcome.label

    @property
    def target(self) -> bool:
        """Whether the documents answer."""
        return self.label.answerable


@dataclass(frozen=True, slots=True)
class Measured:
    """How well a confidence and its threshold do on labelled questions.

    ``error`` is the expected calibration error; the rest is as in an evaluation.
    """

    threshold: float
    error: float | None
    refusal: Refusal
    refusal_by_kind: dict[str, Refusal]
    refusal_by_reason: dict[str, Refusal]


@dataclass(frozen=True, slots=True)
class Fitting:
    """A new calibration, and the figures before and after.

    ``after`` is cross-validated: each question is judged by a model fitted without its document.
    """

    calibration: Calibration
    answerable: int
    unanswerable: int
    before: Measured
    after: Measured


def calibrate(
    searcher: Searcher,
    labels: Sequence[LabelledQuestion],
    *,
    refuse_at_most: float = 0.05,
    on_asked: Callable[[], object] = lambda: None,
) -> Fitting:
    """Fit the confidence of an index on labelled questions; nothing is written.

    Args:
        searcher: of the index.
        labels: answerable and unanswerable questions.
        refuse_at_most: the share of the answerable questions that may be refused.
        on_asked: called after each question.

    Raises:
        CalibrationError: there are too few questions of either sort, or too few documents.
        LabelsError: the index does not have a document, or the evidence in it, of a question.
    """
    if not 0 <= refuse_at_most < 1:
        raise CalibrationError(
            f"The share to refuse at most is {refuse_at_most}; it must be from 0 to below 1."
        )
    answerable = sum(label.answerable for label in labels)
    unanswerable = len(labels) - answerable
    if min(answerable, unanswerable) < LEAST_OF_EACH:
        raise CalibrationError(
            f"Of these questions {answerable} are answerable and {unanswerable} are not; at least "
            f"{LEAST_OF_EACH} of each are needed. Add more of the sort that is short: unanswerable "
            'ones are marked with "answerable": false.'
        )
    check_labels(searcher, labels)
    about = {label.document for label in labels if label.answerable}
    if len(about) == 1:
        raise CalibrationError(
            f"All answerable questions are about {about.pop()!r}. Add some about another document: "
            "each is judged by a model that was fitted without its document."
        )
    samples = []
    for label in labels:
        sample = sample_of(searcher, label)
        on_asked()
        if sample is not None:
            samples.append(sample)
    fingerprint = searcher.build.manifest.fingerprint
    # A few labelled questions say less than what ships was fitted on. With it 40 of them do nearly
    # as well as 80 without, on collections that were held out of it.
    prior = shipped_calibration(fingerprint)
    held_out = cross_validated(samples, parts(samples), FEATURES, prior=prior)
    threshold = threshold_of(samples, held_out, refuse_at_most)
    fitting = fitted(samples, FEATURES, fingerprint, prior=prior)
    now = [sample.outcome.confidence for sample in samples]
    return Fitting(
        # A few questions say nothing of those in words that the reranker does not know, and of
        # literal words: there what ships goes on.
        calibration=dataclasses.replace(
            fitting,
            threshold=threshold,
            otherwise=prior.otherwise and moved(prior.otherwise, threshold),
            literal=prior.literal,
        ),
        answerable=answerable,
        unanswerable=unanswerable,
        before=measured(samples, now, searcher.threshold),
        after=measured(samples, held_out, threshold),
    )


def sample_of(searcher: Searcher, label: LabelledQuestion) -> Sample | None:
    """Ask a labelled question and return what it got, None where nothing was found."""
    found, support = searcher.ask_with_support(label.question, results=DEPTH)
    return None if support is None else Sample(outcome(label, found), support)


def parts(samples: Sequence[Sample]) -> list[int]:
    """Return for each sample the part with which it is held out.

    Questions about one document are in one part, because they are much alike; unanswerable ones
    take turns.
    """
    numbers: dict[str, int] = {}
    turn = 0
    found = []
    for sample in samples:
        if sample.label.answerable:
            place = numbers.setdefault(str(sample.label.document), len(numbers))
        else:
            place, turn = turn, turn + 1
        found.append(place % _PARTS)
    return found


def fitted(
    samples: Sequence[Sample],
    features: Sequence[str],
    fingerprint: str | None,
    weights: Sequence[float] | None = None,
    *,
    prior: Calibration | None = None,
    held: float = 1.0,
) -> Calibration:
    """Return the logistic regression of the samples' targets on standardised features.

    Its threshold is 0, to be chosen by :func:`threshold_of`. A feature that is NaN takes the mean
    of the others. With a ``prior``, whose features must be among ``features``, it is the regression
    on the log-odds of that and on the features. ``held`` is by what a feature that the prior has is
    multiplied: what it adds to the prior's coefficient is penalised 1 / held² times as strongly as
    the coefficients of others are.

    Raises:
        CalibrationError: the samples have all one target.
    """
    from sklearn.linear_model import LogisticRegression

    targets = np.array([sample.target for sample in samples])
    if len(np.unique(targets)) < 2:
        raise CalibrationError("All these questions come out alike; nothing can be learnt of them.")
    share = np.ones(len(samples)) if weights is None else np.array(weights)
    rows = [[getattr(sample.support, name) for name in features] for sample in samples]
    table = np.array(rows, dtype=np.float64)
    known = ~np.isnan(table)
    counts = np.maximum((share[:, None] * known).sum(axis=0), 1e-9)
    means = (share[:, None] * np.where(known, table, 0)).sum(axis=0) / counts
    spread = np.where(known, table - means, 0)
    scales = np.sqrt((share[:, None] * spread**2).sum(axis=0) / share.sum())
    scales[scales < 1e-9] = 1.0
    factors, before, offset = np.ones(len(features)), np.zeros(len(features)), 0.0
    if prior is not None:
        places = [list(features).index(name) for name in prior.features]
        means[places], scales[places] = prior.means, prior.scales
        factors[places], before[places], offset = held, prior.coefficients, prior.intercept
    columns = np.where(known, (table - means) / scales, 0)
    model = LogisticRegression(C=_C, max_iter=1000)
    # The last column is the log-odds of the prior, 0 without one.
    columns_and_prior = np.c_[columns * factors, offset + columns @ before]
    model.fit(columns_and_prior, targets, sample_weight=share)
    *added, of_prior = model.coef_[0]
    coefficients = np.array(added) * factors + of_prior * before
    return Calibration(
        fingerprint=fingerprint,
        features=tuple(features),
        means=tuple(means.tolist()),
        scales=tuple(scales.tolist()),
        coefficients=tuple(coefficients.tolist()),
        intercept=float(model.intercept_[0] + of_prior * offset),
        threshold=0.0,
        questions=len(samples),
    )


def cross_validated(
    samples: Sequence[Sample],
    held_out: Sequence[int],
    features: Sequence[str],
    weights: Sequence[float] | None = None,
    *,
    prior: Calibration | None = None,
    held: float = 1.0,
) -> list[float]:
    """Return each sample's confidence by a model fitted on the samples of the other parts.

    For ``prior`` and ``held`` see :func:`fitted`.
    """
    share = [1.0] * len(samples) if weights is None else list(weights)
    confidences = [0.0] * len(samples)
    for part in sorted(set(held_out)):
        others = [i for i, other in enumerate(held_out) if other != part]
        model = fitted(
            [samples[i] for i in others],
            features,
            None,
            [share[i] for i in others],
            prior=prior,
            held=held,
        )
        for i, own in enumerate(held_out):
            if own == part:
                confidences[i] = model.probability(samples[i].support)
    return confidences


def moved(calibration: Calibration, threshold: float) -> Calibration:
    """Return a calibration with its log-odds moved so that its threshold becomes ``threshold``."""
    if not 0 < min(calibration.threshold, threshold) <= max(calibration.threshold, threshold) < 1:
        return calibration
    shift = _log_odds(threshold) - _log_odds(calibration.threshold)
    return dataclasses.replace(
        calibration, intercept=calibration.intercept + shift, threshold=threshold
    )


def _log_odds(probability: float) -> float:
    """Return the log-odds of a probability between 0 and 1."""
    return math.log(probability / (1 - probability))


def threshold_of(
    samples: Sequence[Sample], confidences: Sequence[float], refuse_at_most: float
) -> float:
    """Return the highest threshold that refuses at most a share of the answerable questions.

    Refused are those whose confidence is below it. It is rounded down to four digits.
    """
    answerable = sorted(
        confidence
        for sample, confidence in zip(samples, confidences, strict=True)
        if sample.label.answerable
    )
    allowed = int(refuse_at_most * len(answerable) + 1e-9)
    if allowed >= len(answerable):
        return 0.0
    return math.floor(answerable[allowed] * 1e4) / 1e4


def measured(samples: Sequence[Sample], confidences: Sequence[float], threshold: float) -> Measured:
    """Return the figures of confidences and a threshold."""
    outcomes = [
        dataclasses.replace(sample.outcome, confidence=sure, answered=sure >= threshold)
        for sample, sure in zip(samples, confidences, strict=True)
    ]
    found = figures(outcomes)
    return Measured(
        threshold=threshold,
        error=found.calibration_error,
        refusal=found.refusal,
        refusal_by_kind=found.refusal_by_kind,
        refusal_by_reason=found.refusal_by_reason,
    )
