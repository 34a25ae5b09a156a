"""What is known of a sentence alone, of its document, its place in the layout, and the corpus.

All of it is computed from the vectors of the sentences alone, without their contexts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tanya.arrays import in_single, open_array, runs, save_arrays
from tanya.vectors import Vectors

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]

# Of a mean of opposite vectors, which has no direction.
_LEAST_LENGTH = 1e-9
# Paragraphs beyond these have no place in the layout.
_PLACES = 64


def write_evidence(
    folder: Path,
    vectors: NDArray[np.float16],
    *,
    documents: NDArray[np.int64],
    paragraphs: NDArray[np.int64],
    plain: NDArray[np.float16],
) -> None:
    """Write what surrounds each sentence into the new folder ``folder``.

    Args:
        folder: where to write.
        vectors: the vectors of all sentences alone, shape (n, dimension).
        documents: the id of each sentence's document, counting up from 0, shape (n,).
        paragraphs: the number of each sentence's paragraph in its document, shape (n,).
        plain: the vectors of all sentences alone by the bundled model as it came.
    """
    # A document's rows follow one another, so that each run of equal ids is one sum.
    begins = np.flatnonzero(np.r_[True, documents[1:] != documents[:-1]])
    sums = np.add.reduceat(vectors, begins, axis=0, dtype=np.float32)
    counts = np.diff(np.r_[begins, len(documents)])
    means = (sums / counts[:, None]).astype(np.float32)
    save_arrays(
        folder,
        {
            "means": means,
            "documents": documents,
            "begins": begins,
            "vectors": vectors,
            "places": np.minimum(paragraphs, _PLACES).astype(np.int32),
            "layout": _layout(vectors, means, documents, paragraphs),
            "plain": plain,
            "centre": vectors.mean(axis=0, keepdims=True, dtype=np.float32),
        },
    )


def _layout(
    vectors: NDArray[np.float16],
    means: Vectors,
    documents: NDArray[np.int64],
    paragraphs: NDArray[np.int64],
) -> Vectors:
    """Return what the paragraphs at each place have in common, shape (_PLACES + 1, dimension).

    It is the mean over documents of the sum of what the sentences of the paragraph differ by from
    the mean of their document. The last row, for all further places, is 0.
    """
    layout = np.zeros((_PLACES + 1, vectors.shape[1]), dtype=np.float32)
    for place in range(min(_PLACES, int(paragraphs.max(initial=-1)) + 1)):
        rows = np.flatnonzero(paragraphs == place)
        if len(rows):
            differences = vectors[rows].astype(np.float32) - means[documents[rows]]
            layout[place] = differences.sum(axis=0) / len(np.unique(documents[rows]))
    return layout


class Evidence:
    """What surrounds the sentences of a build."""

    def __init__(self, folder: Path) -> None:
        """Open what :func:`write_evidence` wrote; ValueError or OSError if it cannot be read."""
        self._means = open_array(folder, "means")
        self._documents = open_array(folder, "documents")
        self._begins = open_array(folder, "begins")
        self._vectors = open_array(folder, "vectors")
        self._places = open_array(folder, "places")
        self._layout = open_array(folder, "layout")
        self._plain = open_array(folder, "plain")
        self._centre = open_array(folder, "centre")

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self._documents)

    def vectors(self, rows: Rows) -> NDArray[np.float16]:
        """Return the vectors of the sentences ``rows`` alone, shape (len(rows), dimension)."""
        return np.asarray(self._vectors[rows])

    def plain_vectors(self, rows: Rows) -> NDArray[np.float16]:
        """Return their vectors by the bundled model as it came, shape (len(rows), 512)."""
        return np.asarray(self._plain[rows])

    def documents(self, rows: Rows) -> NDArray[np.int64]:
        """Return the id of the document of each of ``rows``."""
        return np.asarray(self._documents[rows])

    def rows(self, document: int) -> Rows:
        """Return the rows of the sentences of one document."""
        last = document + 1 == len(self._begins)
        end = len(self._documents) if last else self._begins[document + 1]
        return np.arange(self._begins[document], end, dtype=np.int64)

    def alone(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the cosine similarity of ``vector`` with each of the sentences alone."""
        found: Scores = (in_single(self.vectors(rows)) @ vector).astype(np.float64)
        return found

    def plain(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the similarity with each of the sentences alone, by the bundled model as it came.

        ``vector`` is that of the question by the same model.
        """
        found: Scores = (in_single(self.plain_vectors(rows)) @ vector).astype(np.float64)
        return found

    def of_corpus(self, vector: Vectors, documents: NDArray[np.int64] | None = None) -> float:
        """Return the mean similarity of ``vector`` with all sentences of ``documents``, or of all.

        ``documents`` are ids, each once.
        """
        if documents is None:
            return float(self._centre[0] @ vector)
        ends = np.r_[self._begins[1:], len(self._documents)]
        counts = (ends - self._begins)[documents]
        return float((self._means[documents] @ vector) @ counts / max(counts.sum(), 1))

    def of_document(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the mean similarity of ``vector`` with all sentences of each row's document."""
        documents, place = runs(self._documents[rows])
        found: Scores = (self._means[documents] @ vector)[place].astype(np.float64)
        return found

    def typical(self, rows: Rows) -> Scores:
        """Return the cosine similarity of each of the sentences with the mean of its document.

        This is centrality as in extractive summaries (Radev et al. 2004, "Centroid-based
        Summarization of Multiple Documents"), of a document of one sentence 1.
        """
        documents, place = runs(self._documents[rows])
        means = self._means[documents]
        means = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), _LEAST_LENGTH)
        sentences = in_single(self.vectors(rows))
        found: Scores = np.einsum("ij,ij->i", sentences, means[place]).astype(np.float64)
        return found

    def of_layout(self, vector: Vectors, rows: Rows) -> Scores:
        """Return how well the place of each row in its document fits the question.

        Documents of one kind are often laid out alike, although each words it in its own way: what
        the paragraphs at one place have in common tells what is asked for there. Where documents
        have no common layout they have little in common at any place, and this is near 0. It is
        smoothing by a cluster (Liu and Croft 2004, "Cluster-Based Retrieval Using Language
        Models"), the cluster being the place.
        """
        similarities = self._layout @ vector
        found: Scores = similarities[self._places[rows]].astype(np.float64)
        return found
