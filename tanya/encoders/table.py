"""The bundled model's table of word pieces: what each piece means, out of context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanya.encoders.base import Embeddings, PieceIds

# The table is stored in 17 interleaved blocks, each with a scale and an offset of its own.
_BLOCKS = 17
# Pieces that are compared at once: 1 MB of vectors.
_CACHED = 512
# So many texts are cut one by one.
_FEW = 8


class BundledTable:
    """The input embeddings of Universal Sentence Encoder Multilingual, which cross languages."""

    def __init__(self, name: str, model: Any, tokenizer: Any) -> None:
        """Use the loaded model's table and its tokenizer."""
        self._name = name
        self._model = model
        self._tokenizer = tokenizer

    @property
    def name(self) -> str:
        """The model and the version of the package that holds it."""
        return self._name

    def ids(self, texts: Sequence[str]) -> list[PieceIds]:
        """Return the ids of the pieces of each text, without marks of beginning and end."""
        if len(texts) <= _FEW:
            # Not as a list: sentencepiece would start threads for it.
            encode = self._tokenizer.encode
            found = [encode(text, add_bos=False, add_eos=False) for text in texts]
        else:
            found = self._tokenizer.encode_all(texts)
        return [np.array(ids, dtype=np.int32) for ids in found]

    def vectors(self, ids: PieceIds) -> Embeddings:
        """Return the unit vectors of pieces, shape (len(ids), 512)."""
        block = ids % _BLOCKS
        found: Embeddings = self._model.table[ids].astype(np.float32)
        found *= self._model.scale[block][:, None]
        found += self._model.lo[block][:, None]
        norms = np.sqrt(np.einsum("ij,ij->i", found, found))
        found /= np.maximum(norms, 1e-9)[:, None]
        return found

    def cosines(self, asked: PieceIds, ids: PieceIds) -> Embeddings:
        """Return the cosine similarities of pieces, shape (len(asked), len(ids)).

        With t the stored bytes, s and o the scale and offset of a block, and n dimensions, a piece
        is v = s t + o. So a v = s (a t) + o sum(a) and v v = s^2 (t t) + 2 s o sum(t) + n o^2:
        the many vectors are never made, which takes half the time.
        """
        vectors = self.vectors(asked)
        sides = np.vstack([vectors, np.ones((1, vectors.shape[1]), dtype=np.float32)]).T
        found = np.empty((len(asked), len(ids)), dtype=np.float32)
        for start in range(0, len(ids), _CACHED):
            part = ids[start : start + _CACHED]
            found[:, start : start + len(part)] = self._cosines(vectors, sides, part)
        return found

    def _cosines(self, vectors: Embeddings, sides: Embeddings, ids: PieceIds) -> Embeddings:
        """Return the cosines of unit ``vectors`` with pieces; ``sides`` are they and ones, turned.

        So few pieces that all of it stays in the processor's cache.
        """
        block = ids % _BLOCKS
        scale = self._model.scale[block].astype(np.float32)
        offset = self._model.lo[block].astype(np.float32)
        stored = self._model.table[ids].astype(np.float32)
        # The many on the left: the other way round OpenBLAS takes twice as long.
        products = (stored @ sides).T
        squares = np.einsum("ij,ij->i", stored, stored)
        norms = np.sqrt(
            scale**2 * squares + 2 * scale * offset * products[-1] + stored.shape[1] * offset**2
        )
        found: Embeddings = products[:-1] * scale
        found += offset * vectors.sum(axis=1, keepdims=True)
        found /= np.maximum(norms, np.float32(1e-9))
        return found

    def rarity(self, ids: PieceIds) -> NDArray[np.float64]:
        """Return -log p of each piece in sentencepiece's unigram model; 0 for unknown ones."""
        return np.array([-self._tokenizer.score(int(piece)) for piece in ids], dtype=np.float64)

    def is_piece(self, word: str) -> bool:
        """Say whether ``word`` is one piece, which sentencepiece makes of frequent words."""
        # Not as a list: sentencepiece would start threads, which takes a hundred times as long.
        ids = self._tokenizer.encode(word, add_bos=False, add_eos=False)
        return len(ids) == 1 and ids[0] != self._tokenizer.unknown
