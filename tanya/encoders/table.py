"""The bundled model's table of word pieces: what each piece means, out of context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tanya.encoders.base import Embeddings

PieceIds = NDArray[np.int32]

# The table is stored in 17 interleaved blocks, each with a scale and an offset of its own.
_BLOCKS = 17


class PieceTable(Protocol):
    """Cuts texts into word pieces and knows a vector for each of them."""

    @property
    def size(self) -> int:
        """The number of pieces; ids are below it."""

    def ids(self, texts: Sequence[str]) -> list[PieceIds]:
        """Return the ids of the pieces of each text."""

    def vectors(self, ids: PieceIds) -> Embeddings:
        """Return the unit vectors of pieces, shape (len(ids), dimension)."""


class BundledTable:
    """The input embeddings of Universal Sentence Encoder Multilingual, which cross languages."""

    def __init__(self, model: Any, pieces: Any) -> None:
        """Use the loaded model's table and its tokenizer."""
        self._model = model
        self._pieces = pieces

    @property
    def size(self) -> int:
        """The number of pieces; ids are below it."""
        return len(self._model.table)

    def ids(self, texts: Sequence[str]) -> list[PieceIds]:
        """Return the ids of the pieces of each text, without marks of beginning and end."""
        return [np.array(self._pieces.ids(text), dtype=np.int32) for text in texts]

    def vectors(self, ids: PieceIds) -> Embeddings:
        """Return the unit vectors of pieces, shape (len(ids), 512)."""
        block = ids % _BLOCKS
        found: Embeddings = self._model.table[ids].astype(np.float32)
        found *= self._model.scale[block][:, None]
        found += self._model.lo[block][:, None]
        norms = np.sqrt(np.einsum("ij,ij->i", found, found))
        found /= np.maximum(norms, 1e-9)[:, None]
        return found
