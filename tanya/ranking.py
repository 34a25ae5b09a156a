"""The signals that rank candidate sentences, and their sum.

Every signal is a number for each candidate. They are standardised over the candidates and added
with the weights in the settings; a weight of 0 switches a signal off. Fusion by scores keeps the
margins that fusion by ranks throws away (Bruch et al. 2023, "An Analysis of Fusion Functions for
Hybrid Retrieval"). The weights were fitted on the train questions by a softmax over candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tanya.settings import Settings

Scores = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of each candidate for one question; arrays of one length.

    ``document`` is the id of the candidate's document. ``dense`` is the cosine similarity of
    question and contextual sentence; ``document_dense`` its mean over all sentences of the
    document; ``lexical`` the BM25 score; ``coverage``, ``context`` and ``rest`` the late
    interaction with the sentence, with its context, and with the sentence for what its context
    leaves uncovered.
    """

    document: Ids
    dense: Scores
    document_dense: Scores
    lexical: Scores
    coverage: Scores
    context: Scores
    rest: Scores


def fused(signals: Signals, settings: Settings) -> Scores:
    """Return the score by which each candidate ranks."""
    parts = (
        (settings.dense_weight, signals.dense),
        (settings.document_weight, signals.document_dense),
        (settings.context_weight, signals.context),
        (settings.rest_weight, signals.rest),
        (settings.document_lexical_weight, best_of_document(signals.lexical, signals.document)),
        (settings.document_coverage_weight, best_of_document(signals.coverage, signals.document)),
    )
    total = np.zeros(len(signals.document))
    for weight, values in parts:
        if weight:
            total += weight * standardised(values)
    return total


def best_of_document(scores: Scores, document: Ids) -> Scores:
    """Return for each candidate the best score among the candidates of its document.

    It lifts the sentences of the right document that do not name their subject.
    """
    if not len(scores):
        return scores
    distinct, place = np.unique(document, return_inverse=True)
    best = np.full(len(distinct), -np.inf)
    np.maximum.at(best, place, scores)
    found: Scores = best[place]
    return found


def standardised(scores: Scores) -> Scores:
    """Return ``scores`` less their mean, divided by their standard deviation.

    Zeros where all of them are equal, since then they say nothing.
    """
    if not len(scores):
        return scores
    spread = scores.std()
    if spread <= 1e-9 * max(1.0, float(np.abs(scores).max())):
        return np.zeros_like(scores)
    found: Scores = (scores - scores.mean()) / spread
    return found
