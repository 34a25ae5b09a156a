"""The bundled model's table of word pieces: what each piece means, out of context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanya.encoders.base import Embeddings, PieceIds

# The table is stored in 17 interleaved blocks, each with a scale and an offset of its own.
BLOCKS = 17
# Pieces that are compared at once: 1 MB of vectors.
_CACHED = 512
# OpenBLAS multiplies so many columns at once, and is slower by a few of them that are left over.
_COLUMNS = 4
# So many texts are cut one by one.
_FEW = 8


class BundledTable:
    """The input embeddings of Universal Sentence Encoder Multilingual, which cross languages."""

    def __init__(self, name: str, model: Any, tokenizer: Any) -> None:
        """Use the loaded model's table and its tokenizer."""
        self._name = name
        self._model = model
        self._tokenizer = tokenizer
        # The length of the vector of each piece, 0 where it is not known yet.
        self._norms = np.zeros(len(model.table), dtype=np.float32)

    @property
    def name(self) -> str:
        """The model and the version of the package that holds it."""
        return self._name

    def ids(self, texts: Sequence[str]) -> list[PieceIds]:
        """Return the ids of the pieces of each text, without marks of beginning and end.

        They are those of the text in lower case: the model has other pieces for a word that begins
        a sentence, as near to it (0.69 for "Diplomat") as many another word.
        """
        texts = [text.lower() for text in texts]
        if len(texts) <= _FEW:
            # Not as a list: sentencepiece would start threads for it.
            encode = self._tokenizer.encode
            found = [encode(text, add_bos=False, add_eos=False) for text in texts]
        else:
            found = self._tokenizer.encode_all(texts)
        return [np.array(ids, dtype=np.int32) for ids in found]

    def texts(self, ids: Sequence[PieceIds]) -> list[str]:
        """Return the texts, in lower case, that were cut into pieces; what no piece has is "⁇"."""
        found: list[str] = self._tokenizer.decode_all([own.tolist() for own in ids])
        return found

    def vectors(self, ids: PieceIds) -> Embeddings:
        """Return the unit vectors of pieces, shape (len(ids), 512)."""
        block = ids % BLOCKS
        found: Embeddings = self._model.table[ids].astype(np.float32)
        found *= self._model.scale[block][:, None]
        found += self._model.lo[block][:, None]
        norms = np.sqrt(np.einsum("ij,ij->i", found, found))
        found /= np.maximum(norms, 1e-9)[:, None]
        return found

    def cosines(self, asked: PieceIds, ids: PieceIds) -> Embeddings:
        """Return the cosine similarities of pieces, shape (len(asked), len(ids)).

        With t the stored bytes, s and o the scale and offset of a block, a piece is v = s t + o. So
        a v = s (a t) + o sum(a): the many vectors are never made, which takes half the time.
        """
        self._learn(ids)
        vectors = self.vectors(asked)
        sides = np.zeros((len(asked) + -len(asked) % _COLUMNS, vectors.shape[1]), dtype=np.float32)
        sides[: len(asked)] = vectors
        products = np.empty((len(ids), len(sides)), dtype=np.float32)
        # So few pieces at once that they stay in the processor's cache. They stand on the left: the
        # other way round OpenBLAS takes twice as long.
        for start in range(0, len(ids), _CACHED):
            part = slice(start, start + _CACHED)
            stored = self._model.table.take(ids[part], axis=0).astype(np.float32)
            np.matmul(stored, sides.T, out=products[part])
        block = ids % BLOCKS
        found: Embeddings = products[:, : len(asked)].T * self._model.scale[block]
        found += self._model.lo[block] * vectors.sum(axis=1, keepdims=True)
        found /= self._norms[ids]
        return found

    def _learn(self, ids: PieceIds) -> None:
        """Learn the lengths of the vectors of those pieces ``ids`` that were not compared before.

        With n dimensions v v = s^2 (t t) + 2 s o sum(t) + n o^2. To know it of all pieces would
        take the first question 35 ms.
        """
        new = ids[self._norms[ids] == 0]
        for start in range(0, len(new), _CACHED):
            part = new[start : start + _CACHED]
            scale, offset = self._model.scale[part % BLOCKS], self._model.lo[part % BLOCKS]
            stored = self._model.table[part].astype(np.float32)
            squares = np.einsum("ij,ij->i", stored, stored)
            sums = stored.sum(axis=1)
            norms = np.sqrt(
                scale**2 * squares + 2 * scale * offset * sums + stored.shape[1] * offset**2
            )
            self._norms[part] = np.maximum(norms, np.float32(1e-9))

    def rarity(self, ids: PieceIds) -> NDArray[np.float64]:
        """Return -log p of each piece in sentencepiece's unigram model; 0 for unknown ones."""
        return np.array([-self._tokenizer.score(int(piece)) for piece in ids], dtype=np.float64)

    def is_piece(self, word: str) -> bool:
        """Say whether ``word`` is one piece, which sentencepiece makes of frequent words."""
        # Not as a list: sentencepiece would start threads, which takes a hundred times as long.
        ids = self._tokenizer.encode(word, add_bos=False, add_eos=False)
        return len(ids) == 1 and ids[0] != self._tokenizer.unknown
