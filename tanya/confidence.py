"""How sure Tanya is that the documents answer a question."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tanya.records import Hit

# Logistic regression of "is answerable" on the best dense similarity, fitted on the train split
# of tests/questions/careers.jsonl with the bundled encoder.
_INTERCEPT = -2.62
_SLOPE = 11.04


def confidence(hits: Sequence[Hit]) -> float:
    """Return the estimated probability that the documents answer; 0 without any hit.

    1 / (1 + exp(-(a + b s))) with s the highest dense similarity among ``hits``.
    """
    if not hits:
        return 0.0
    best = max(hit.dense for hit in hits)
    return 1 / (1 + math.exp(-(_INTERCEPT + _SLOPE * best)))
