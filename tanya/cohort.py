"""A cohort of everyday questions, which tells how high a similarity is that means nothing.

The highest of many similarities grows with the number of sentences and with how varied they are: a
question off the topic reaches in an encyclopedia what in a leaflet only its answer does. So each
build notes what questions about anything reach in it, and the confidence goes by how far a question
is above that. It is how the verification of speakers judges a score: by those of a cohort of
impostors (Z-norm; Reynolds 1997, "Comparison of Background Normalization Methods for
Text-Independent Speaker Verification").
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tanya.encoders import Encoder, questions_with_plain
from tanya.vectors import Vectors

_FILE = Path(__file__).with_name("cohort.txt")
# Sentences compared at once, so that they need not be in memory as 32 bits all together.
_AT_ONCE = 8192


def cohort_questions() -> tuple[str, ...]:
    """Return the questions: everyday ones of many topics, in Indonesian, slang and English."""
    return tuple(_FILE.read_text(encoding="utf-8").splitlines())


def cohort_similarities(
    encoder: Encoder, vectors: Vectors, plain: NDArray[np.float16]
) -> NDArray[np.float32]:
    """Return the highest similarity of each question of the cohort with any sentence.

    Args:
        encoder: what encoded the sentences.
        vectors: the sentences in their contexts, shape (n, dimension).
        plain: the sentences alone by the bundled model as it came, shape (n, 512).

    Returns:
        Shape (2, questions): by ``vectors``, and by ``plain``.
    """
    asked = questions_with_plain(encoder, cohort_questions())
    return np.stack([_highest(asked[0], vectors), _highest(asked[1], plain)])


def _highest(asked: Vectors, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the highest similarity of each of ``asked`` with any of ``vectors``."""
    best = np.full(len(asked), -1, dtype=np.float32)
    for start in range(0, len(vectors), _AT_ONCE):
        part = vectors[start : start + _AT_ONCE].astype(np.float32, copy=False)
        np.maximum(best, (part @ asked.T).max(axis=0), out=best)
    return best
