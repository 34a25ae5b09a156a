"""Vectors on disk and the search for the nearest: FAISS behind a small protocol."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from tanya.errors import IndexDamagedError

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Rows, nearest first, and their cosine similarities: two arrays of the same length."""

    rows: NDArray[np.int64]
    similarities: NDArray[np.float32]


class VectorStore(Protocol):
    """Unit vectors by row number."""

    @property
    def dimension(self) -> int:
        """The length of each vector."""

    def __len__(self) -> int:
        """Return the number of vectors."""

    def search(self, vector: Vectors, limit: int) -> Neighbours:
        """Return the ``limit`` rows nearest to ``vector``, shape (dimension,)."""

    def similarities(self, vector: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosine similarity of ``vector`` with each of ``rows``."""

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dimension)."""

    def save(self, path: Path) -> None:
        """Write the store to the file ``path``."""


class FaissStore:
    """Exact search in a flat FAISS index by inner product, which for unit vectors is the cosine."""

    def __init__(self, index: faiss.Index) -> None:
        """Wrap an index; use :meth:`build` or :meth:`open` to get one."""
        self._index = index
        # A single query is fastest on one thread, and several sessions share the machine.
        faiss.omp_set_num_threads(1)

    @classmethod
    def build(cls, vectors: Vectors) -> FaissStore:
        """Return a store of ``vectors``, shape (n, dimension), their order being their rows."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        return cls(index)

    @classmethod
    def open(cls, path: Path) -> FaissStore:
        """Return the store in the file ``path``.

        Raises:
            IndexDamagedError: the file is missing or is not a FAISS index.
        """
        try:
            # Mapped, not read: an exact search touches it all, but only when it is asked.
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except (OSError, RuntimeError) as error:
            raise IndexDamagedError(
                f"The vectors in {str(path)!r} cannot be read. "
                "Build the index anew with: python ingest.py --full"
            ) from error

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        """Return the number of vectors."""
        return int(self._index.ntotal)

    def search(self, vector: Vectors, limit: int) -> Neighbours:
        """Return the ``limit`` rows nearest to ``vector``, shape (dimension,)."""
        limit = min(limit, len(self))
        similarities, rows = self._index.search(vector[None, :], limit)
        return Neighbours(rows[0].astype(np.int64), similarities[0])

    def similarities(self, vector: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosine similarity of ``vector`` with each of ``rows``."""
        found: NDArray[np.float32] = self.vectors(rows) @ vector
        return found

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dimension)."""
        if not len(rows):
            return np.empty((0, self.dimension), dtype=np.float32)
        found: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
        return found

    def save(self, path: Path) -> None:
        """Write the store to the file ``path``; an error of the system is an OSError."""
        with path.open("wb") as stream:
            writer = faiss.PyCallbackIOWriter(stream.write)  # type: ignore[attr-defined]
            faiss.write_index(self._index, writer)
