"""How sure Tanya is that the documents answer a question."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tanya.records import Hit

# Logistic regression of "is answerable" on the best dense similarity, fitted on the train split
# of tests/questions/careers.jsonl with the bundled encoder.
_INTERCEPT = -2.62
_SLOPE = 11.04
# Of the train questions all of whose words stand in the first sentence's document, 33 of 34 are
# answerable, however little an encoder makes of them ("apa tugas bidan").
_WHEN_COVERED = 33 / 34


def confidence(hits: Sequence[Hit], *, covered: bool) -> float:
    """Return the estimated probability that the documents answer; 0 without any hit.

    1 / (1 + exp(-(a + b s))) with s the highest dense similarity among ``hits``, and not less
    than a constant where ``covered`` says that every word of the question that says anything
    stands in the document of the first hit.
    """
    if not hits:
        return 0.0
    best = max(hit.dense for hit in hits)
    estimate = 1 / (1 + math.exp(-(_INTERCEPT + _SLOPE * best)))
    return max(estimate, _WHEN_COVERED) if covered else estimate
