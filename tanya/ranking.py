"""The signals that rank candidate sentences, and their sum.

Every signal is a number for each candidate. They are standardised over the candidates and added
with the weights in the settings; a weight of 0 switches a signal off. Fusion by scores keeps the
margins that fusion by ranks throws away (Bruch et al. 2023, "An Analysis of Fusion Functions for
Hybrid Retrieval"). The weights were fitted on the train questions (``benchmarks/fit_weights.py``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tanya.settings import Settings

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of each candidate for one question; arrays of one length.

    Attributes:
        dense: cosine similarity of question and sentence in its context.
        alone: cosine similarity of question and sentence.
        document: how near to the question is what its document is about
            (:meth:`tanya.evidence.Evidence.of_document`).
        typical: cosine similarity of the sentence with the mean of its document
            (:meth:`tanya.evidence.Evidence.typical`). Its weight is negative: what merely tells the
            document's subject once more answers less often than what says something of its own.
        layout: how well its place in the document fits (``of_layout``).
        context: late interaction of the question with the sentence's context
            (:meth:`tanya.tokens.LateInteraction.coverage`).
        coverage: late interaction of the whole question with the sentence. Its weight is negative:
            beside ``rest`` it says how much the sentence merely repeats the subject.
        rest: late interaction with the sentence of what the context leaves open.
        document_lexical: BM25 of the whole document.
        literal: how far the question's numbers and codes, or the only word that is asked, stand in
            the sentence or its context as they are written
            (:meth:`tanya.literal.Standing.agreement`). Of other questions it is 0.
        comparison: the log-odds that it answers, by the reranker
            (:meth:`tanya.reranker.Reranker.logits`). It reads only the most promising candidates;
            the others have the lowest of these. Only what is from -6 to 6 counts where signals are
            added up: surer it cannot be of what is unlike all that it learned from, such as a list
            of numbers.
    """

    dense: Scores
    alone: Scores
    document: Scores
    typical: Scores
    layout: Scores
    context: Scores
    coverage: Scores
    rest: Scores
    document_lexical: Scores
    literal: Scores
    comparison: Scores


SIGNALS = tuple(field.name for field in dataclasses.fields(Signals))

# The digits of a score that count; what half precision and the order of a sum change is smaller.
_DECIMALS = 3
# A signal that differs less than this between candidates is not blown up to full size: it is more
# for 99 of 100 train questions, and what is less is noise, as where a few documents are much alike.
# The layout's is what parts profiles of one kind (0.07 to 0.11) from documents of many (0.02). BM25
# of a question in another language than the documents goes by a chance word or none: below its
# floor are 77 % of such train questions, and 0.4 % of the others.
# Log-odds mean the same in any corpus: hardly any question's are spread more.
_LEAST_SPREADS = {
    "dense": 0.045,
    "alone": 0.07,
    "document": 0.015,
    "typical": 0.1,
    "layout": 0.05,
    "context": 0.015,
    "coverage": 0.017,
    "rest": 0.016,
    "document_lexical": 0.75,
    "literal": 0.5,
    "comparison": 4.0,
}
# Beyond these log-odds, 99.8 %, the reranker's differences decide nothing.
_SUREST = 6.0
# So many candidates are read by the reranker: with twice as many no more answers came first.
_COMPARED = 32


def compared(
    rows: NDArray[np.int64], signals: Signals, logits: Callable[[NDArray[np.int64]], Scores]
) -> Signals:
    """Return ``signals`` with the comparison of the candidates that are the best without it.

    Which these are is decided with the weights that ship, whatever the settings say: so switching a
    signal off changes no other.

    Args:
        rows: the candidates.
        signals: what is known of them but for the comparison.
        logits: what the reranker says of some rows.
    """
    if not len(rows):
        return signals
    before = fused(signals, Settings(comparison_weight=0.0))
    places = best_first(rows, before)[:_COMPARED]
    found = logits(rows[places])
    comparison = np.full(len(rows), found.min())
    comparison[places] = found
    return dataclasses.replace(signals, comparison=comparison)


def fused(signals: Signals, settings: Settings) -> Scores:
    """Return the score by which each candidate ranks: the weighted sum of standardised signals."""
    weights = {name: getattr(settings, f"{name}_weight") for name in SIGNALS}
    names = [name for name in SIGNALS if weights[name]]
    if not names:
        return np.zeros(len(signals.dense))
    # All at once: numpy takes longer to be called than to add up some hundred numbers.
    values = np.stack([_counting(signals, name) for name in names])
    least = np.array([[_LEAST_SPREADS[name]] for name in names])
    weighted = np.array([[weights[name]] for name in names]) * standardised(values, least)
    total: Scores = weighted.sum(axis=0)
    return total


def best_first(rows: NDArray[np.int64], scores: Scores) -> NDArray[np.int64]:
    """Return the places of ``rows`` by their scores, best first.

    What rounding changes decides nothing: equal sentences rank in their order.
    """
    return np.lexsort((rows, -scores.round(_DECIMALS)))


def standardised_signal(signals: Signals, name: str) -> Scores:
    """Return the signal called ``name`` as it is added up."""
    return standardised(_counting(signals, name), _LEAST_SPREADS[name])


def _counting(signals: Signals, name: str) -> Scores:
    """Return what counts of the signal called ``name``."""
    found: Scores = getattr(signals, name)
    return np.clip(found, -_SUREST, _SUREST) if name == "comparison" else found


def standardised(scores: Scores, least: float | Scores) -> Scores:
    """Return ``scores`` less their mean, divided by their standard deviation, ``least`` at least.

    Of several signals, one in each row of ``scores``, each has a mean and a deviation of its own.
    Where all of them are equal they say nothing, and nearly nothing where they nearly are.
    """
    if not scores.size:
        return scores
    means = scores.mean(axis=-1, keepdims=True)
    spreads = scores.std(axis=-1, keepdims=True, mean=means)
    found: Scores = (scores - means) / np.maximum(spreads, least)
    return found
