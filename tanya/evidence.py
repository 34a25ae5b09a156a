"""What is known of a sentence alone, of its document and its place in the layout."""

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
# Sentences looked at at once, so that memory does not grow with the corpus.
_AT_ONCE = 4096
# Paragraphs beyond these have no place in the layout.
_PLACES = 64


def write_evidence(
    folder: Path,
    vectors: NDArray[np.float16],
    *,
    topics: NDArray[np.float16],
    documents: NDArray[np.int64],
    paragraphs: NDArray[np.int64],
) -> None:
    """Write what surrounds each sentence into the new folder ``folder``.

    Args:
        folder: where to write.
        vectors: the vectors of all sentences alone, shape (n, dimension).
        topics: the vectors of what the sentences are about, shape (n, 512).
        documents: the id of each sentence's document, counting up from 0, shape (n,).
        paragraphs: the number of each sentence's paragraph in its document, shape (n,).
    """
    # A document's rows follow one another, so that each run of equal ids is one sum.
    begins = np.flatnonzero(np.r_[True, documents[1:] != documents[:-1]])
    means = _means(vectors, begins)
    save_arrays(
        folder,
        {
            "means": _means(topics, begins),
            "documents": documents,
            "begins": begins,
            "vectors": vectors,
            "places": np.minimum(paragraphs, _PLACES).astype(np.int32),
            "layout": _layout(vectors, means, documents, paragraphs),
            "typical": _typical(vectors, means, documents),
            "topics": topics,
        },
    )


def _means(vectors: NDArray[np.floating], begins: NDArray[np.int64]) -> Vectors:
    """Return the means of the runs of ``vectors`` that begin at ``begins``."""
    sums = np.add.reduceat(vectors, begins, axis=0, dtype=np.float32)
    counts = np.diff(np.r_[begins, len(vectors)])
    found: Vectors = (sums / counts[:, None]).astype(np.float32)
    return found


def _typical(
    vectors: NDArray[np.float16], means: Vectors, documents: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the cosine similarity of each sentence with the mean of its document, shape (n,)."""
    directions = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), _LEAST_LENGTH)
    found = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found[part] = np.einsum("ij,ij->i", in_single(vectors[part]), directions[documents[part]])
    return found


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
        self._typical = open_array(folder, "typical")
        self._topics = open_array(folder, "topics")

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self._documents)

    def vectors(self, rows: Rows) -> NDArray[np.float16]:
        """Return the vectors of the sentences ``rows`` alone, shape (len(rows), dimension)."""
        return np.asarray(self._vectors[rows])

    def topics(self, rows: Rows) -> NDArray[np.float16]:
        """Return the vectors of what the sentences ``rows`` are about, shape (len(rows), 512)."""
        return np.asarray(self._topics[rows])

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

    def topic(self, vector: Vectors, rows: Rows) -> Scores:
        """Return how near to what is asked each of the sentences is about.

        ``vector``, here and for documents, is that of the question's topic.
        """
        found: Scores = (in_single(self.topics(rows)) @ vector).astype(np.float64)
        return found

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
        return np.asarray(self._typical[rows], dtype=np.float64)

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
