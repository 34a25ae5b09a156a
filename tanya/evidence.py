"""How well the whole document that a sentence stands in fits a question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tanya.arrays import open_array, save_arrays
from tanya.vectors import Vectors


def write_evidence(folder: Path, vectors: Vectors, documents: NDArray[np.int64]) -> None:
    """Write the mean of each document's sentence vectors into the new folder ``folder``.

    Args:
        folder: where to write.
        vectors: the vectors of all sentences, shape (n, dimension).
        documents: the id of each sentence's document, counting up from 0, shape (n,).
    """
    # A document's rows follow one another, so that each run of equal ids is one sum.
    begins = np.flatnonzero(np.r_[True, documents[1:] != documents[:-1]])
    sums = np.add.reduceat(vectors, begins, axis=0)
    counts = np.diff(np.r_[begins, len(documents)])
    means = (sums / counts[:, None]).astype(np.float32)
    save_arrays(folder, {"means": means, "documents": documents, "begins": begins})


class DocumentVectors:
    """The mean of each document's sentence vectors."""

    def __init__(self, folder: Path) -> None:
        """Open what :func:`write_evidence` wrote; ValueError or OSError if it cannot be read."""
        self._means = open_array(folder, "means")
        self._documents = open_array(folder, "documents")
        self._begins = open_array(folder, "begins")

    def documents(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the id of the document of each of ``rows``."""
        return np.asarray(self._documents[rows])

    def rows(self, document: int) -> NDArray[np.int64]:
        """Return the rows of the sentences of one document."""
        ends = np.r_[self._begins[1:], len(self._documents)]
        return np.arange(self._begins[document], ends[document], dtype=np.int64)

    def similarities(self, vector: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the similarity of ``vector`` with the document of each of ``rows``.

        It is the mean of the cosine similarities of ``vector`` with all the document's sentences.
        """
        distinct, place = np.unique(self._documents[rows], return_inverse=True)
        found: NDArray[np.float64] = (self._means[distinct] @ vector)[place].astype(np.float64)
        return found
