"""How well the whole document that a sentence stands in fits a question."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tanya.index import OpenBuild
from tanya.vectors import Vectors

_ROWS_AT_ONCE = 20_000


class DocumentVectors:
    """The mean of each document's sentence vectors."""

    def __init__(self, build: OpenBuild) -> None:
        """Compute the means from the vectors of ``build``."""
        self._document = np.array(build.store.documents_of_rows(), dtype=np.int64)
        count = build.manifest.documents
        self._means: Vectors = np.zeros((count, build.vectors.dimension), dtype=np.float32)
        for start in range(0, len(self._document), _ROWS_AT_ONCE):
            part = self._document[start : start + _ROWS_AT_ONCE]
            vectors = build.vectors.vectors(np.arange(start, start + len(part)))
            # A document's rows follow one another, so that each run of equal ids is one sum.
            begins = np.flatnonzero(np.r_[True, part[1:] != part[:-1]])
            self._means[part[begins]] += np.add.reduceat(vectors, begins, axis=0)
        self._means /= np.bincount(self._document, minlength=count)[:, None]

    def documents(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the id of the document of each of ``rows``."""
        found: NDArray[np.int64] = self._document[rows]
        return found

    def rows(self, document: int) -> NDArray[np.int64]:
        """Return the rows of the sentences of one document."""
        first, last = np.searchsorted(self._document, [document, document + 1])
        return np.arange(first, last, dtype=np.int64)

    def similarities(self, vector: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the similarity of ``vector`` with the document of each of ``rows``.

        It is the mean of the cosine similarities of ``vector`` with all the document's sentences.
        """
        found: NDArray[np.float64] = (self._means @ vector)[self._document[rows]].astype(np.float64)
        return found
