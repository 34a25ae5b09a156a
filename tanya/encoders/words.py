"""Vectors of single words: what each means by itself, in any language of the bundled model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tanya.encoders.base import Embeddings

# All vectors of single words have a large part in common, whatever the word. What words that mean
# little have in common is taken off, as in Mu and Viswanath 2018, "All-but-the-Top".
_MEANING_LITTLE = (
    "dan yang di ini itu dengan untuk tidak ada akan juga karena "
    "the and of is for with not this that because also there"
).split()
# Words whose vectors are remembered: 32 MB.
_KNOWN_WORDS = 16_000


class WordVectors:
    """The vectors of words, each encoded once. Threads may share it."""

    def __init__(self, encode: Callable[[Sequence[str]], Embeddings]) -> None:
        """Take an encoder's function from texts to vectors."""
        self._encode = encode
        self._centre: NDArray[np.float32] | None = None
        self._known: dict[str, NDArray[np.float32]] = {}

    def of(self, words: Sequence[str]) -> Embeddings:
        """Return the unit vectors of ``words``, shape (len(words), dimension)."""
        known = self._known
        new = [word for word in dict.fromkeys(words) if word not in known]
        if len(known) + len(new) > _KNOWN_WORDS:
            # Another thread may still read the old ones, so they are left as they are.
            known = self._known = {}
            new = list(dict.fromkeys(words))
        if new:
            known.update(zip(new, self._encoded(new), strict=True))
        return np.stack([known[word] for word in words])

    def _encoded(self, words: Sequence[str]) -> Embeddings:
        """Return the unit vectors of words that were not met before."""
        if self._centre is None:
            self._centre = self._encode(_MEANING_LITTLE).mean(axis=0)
        found = self._encode(words) - self._centre
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        unit: Embeddings = found / np.maximum(norms, np.float32(1e-9))
        return unit
