"""Late interaction: how much of a question a sentence covers, word piece by word piece.

ColBERT's MaxSim (Khattab and Zaharia 2020, "ColBERT: Efficient and Effective Passage Search via
Contextualized Late Interaction over BERT") over the vectors that an encoder's table has for word
pieces out of context: they cost a look-up instead of an encoding, and they cross languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanya.arrays import distinct, open_array, save_arrays
from tanya.encoders import PieceTable

Scores = NDArray[np.float64]
Rows = NDArray[np.int64]

# Texts cut into pieces at once.
_TEXTS_AT_ONCE = 4096
# Stands in the place of a context where a sentence has none.
NO_CONTEXT = -1
_UNKNOWN_PIECE = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well the sentences ``rows`` cover a question; arrays of one length, about 0 to 1.

    ``sentence`` counts the whole question; ``context`` what the sentence's context covers of it,
    or the sentence where it has none; ``rest`` only what the context leaves uncovered.
    """

    sentence: Scores
    context: Scores
    rest: Scores


def write_tokens(
    folder: Path, table: PieceTable, texts: Sequence[str], contexts: Sequence[str]
) -> None:
    """Write the pieces of sentences and of their contexts into the new folder ``folder``.

    Args:
        folder: where to write.
        table: what cuts texts into pieces.
        texts: the sentences, in the order of their rows.
        contexts: the context of each sentence, "" where it has none.
    """
    distinct = {context: i for i, context in enumerate(dict.fromkeys(filter(None, contexts)))}
    pieces, starts = _flat(table, texts)
    context_pieces, context_starts = _flat(table, list(distinct))
    own = np.array([distinct.get(context, NO_CONTEXT) for context in contexts], dtype=np.int32)
    weights = piece_weights(pieces, starts)
    save_arrays(
        folder,
        {
            "pieces": pieces,
            "starts": starts,
            "context_pieces": context_pieces,
            "context_starts": context_starts,
            "contexts": own,
            "weighted_pieces": weights.pieces,
            "weights": weights.weights,
        },
    )


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of some texts: all in one array, and where each text's begin."""

    ids: NDArray[np.int32]
    begins: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Contexts:
    """The contexts of some sentences, each once.

    Attributes:
        numbers: what they are called in :meth:`Tokens.texts_of_contexts`.
        has: which of the sentences have one.
        place: for each of these the place of its context among ``numbers``.
    """

    numbers: NDArray[np.int32]
    has: NDArray[np.bool_]
    place: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PieceWeights:
    """The weights of the pieces that occur in ``sentences`` sentences, in the order of ids."""

    pieces: NDArray[np.int32]
    weights: NDArray[np.float64]
    sentences: int

    def of(self, asked: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the weight of each of the pieces ``asked``, the highest if it does not occur."""
        unseen = _weight(self.sentences, 0)
        if not len(self.pieces):
            return np.full(len(asked), unseen)
        place = np.minimum(np.searchsorted(self.pieces, asked), len(self.pieces) - 1)
        return np.where(self.pieces[place] == asked, self.weights[place], unseen)


def piece_weights(pieces: NDArray[np.int32], starts: NDArray[np.int64]) -> PieceWeights:
    """Return the weights log(1 + (N - df + 0.5) / (df + 0.5)) of pieces.

    That is BM25's inverse document frequency, N the number of sentences and df of those with the
    piece (Robertson and Zaragoza 2009). The pieces of sentence i are
    ``pieces[starts[i] : starts[i + 1]]``.
    """
    count = len(starts) - 1
    rows = np.repeat(np.arange(count, dtype=np.int64), np.diff(starts))
    size = int(pieces.max(initial=0)) + 1
    # By sorting: np.unique, which hashes, takes ten times as long.
    keys = np.sort(rows * size + pieces)
    once = keys[np.r_[True, keys[1:] != keys[:-1]][: len(keys)]] % size
    known, frequency = np.unique(once, return_counts=True)
    return PieceWeights(known.astype(np.int32), _weight(count, frequency), count)


def _weight(sentences: int, frequency: Any) -> Any:
    """Return the weight of pieces that occur in so many of the sentences."""
    return np.log1p((sentences - frequency + 0.5) / (frequency + 0.5))


class Tokens:
    """The word pieces of a build's sentences and of their contexts, as they lie on disk."""

    def __init__(self, folder: Path) -> None:
        """Open what :func:`write_tokens` wrote; ValueError or OSError if it cannot be read."""
        self._pieces = open_array(folder, "pieces")
        self._starts = open_array(folder, "starts")
        self._context_pieces = open_array(folder, "context_pieces")
        self._context_starts = open_array(folder, "context_starts")
        self.contexts = open_array(folder, "contexts")
        self.weights = PieceWeights(
            open_array(folder, "weighted_pieces"), open_array(folder, "weights"), len(self)
        )

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self._starts) - 1

    def sentences(self, rows: Rows) -> Pieces:
        """Return the pieces of sentences."""
        return _gathered(self._pieces, self._starts, rows)

    def all_pieces(self, rows: Rows) -> NDArray[np.int32]:
        """Return the pieces of sentences and of their contexts, in one array."""
        contexts = self.texts_of_contexts(self.contexts_of(rows).numbers)
        return np.concatenate([self.sentences(rows).ids, contexts.ids])

    def contexts_of(self, rows: Rows) -> Contexts:
        """Return the contexts of sentences."""
        used = np.asarray(self.contexts[rows])
        has = used != NO_CONTEXT
        numbers, place = distinct(used[has])
        return Contexts(numbers, has, place)

    def texts_of_contexts(self, numbers: NDArray[np.int32]) -> Pieces:
        """Return the pieces of contexts."""
        return _gathered(self._context_pieces, self._context_starts, numbers)


def _gathered(
    pieces: NDArray[np.int32], starts: NDArray[np.int64], numbers: NDArray[Any]
) -> Pieces:
    """Return the pieces of the texts ``numbers`` of all texts."""
    begins = np.asarray(starts[numbers])
    lengths = np.asarray(starts[numbers + 1]) - begins
    bounds = np.r_[0, np.cumsum(lengths)]
    # Each text's pieces follow one another: shift its stretch of a plain count to where it begins.
    places = np.arange(bounds[-1]) + np.repeat(begins - bounds[:-1], lengths)
    return Pieces(np.asarray(pieces[places]), bounds[:-1])


class LateInteraction:
    """Scores sentences of a build by their pieces. Nothing is encoded."""

    def __init__(self, tokens: Tokens, table: PieceTable) -> None:
        """Join the pieces of a build with the table that cut them."""
        self._tokens = tokens
        self._table = table

    def coverage(self, question: str, rows: Rows) -> Coverage:
        """Return how well the sentences ``rows`` cover ``question``.

        For every piece of the question the best cosine similarity among a text's pieces, averaged
        with the pieces' weights. For ``rest`` each weight is multiplied by 1 less the best
        similarity among the context's pieces, so that what names the subject counts no more.
        """
        [asked] = self._table.ids([question])
        if not len(asked) or not len(rows):
            nothing = np.zeros(len(rows))
            return Coverage(nothing, nothing, nothing)
        contexts = self._tokens.contexts_of(rows)
        best = self._best_cosines(
            asked, self._tokens.sentences(rows), self._tokens.texts_of_contexts(contexts.numbers)
        )
        sentences = best[:, : len(rows)]
        own = np.zeros_like(sentences)
        own[:, contexts.has] = best[:, len(rows) :][:, contexts.place]
        weights = self._tokens.weights.of(asked).astype(np.float32)
        left = weights[:, None] * (1 - np.clip(own, 0, 1))
        sentence = weights @ sentences / weights.sum()
        return Coverage(
            sentence=sentence.astype(np.float64),
            context=np.where(contexts.has, weights @ own / weights.sum(), sentence).astype(
                np.float64
            ),
            rest=((left * sentences).sum(axis=0) / np.maximum(left.sum(axis=0), 1e-9)).astype(
                np.float64
            ),
        )

    def _best_cosines(
        self, asked: NDArray[np.int32], texts: Pieces, others: Pieces
    ) -> NDArray[np.float32]:
        """Return for each asked piece and text the best cosine, shape (len(asked), n texts)."""
        ids = np.concatenate([texts.ids, others.ids])
        begins = np.concatenate([texts.begins, others.begins + len(texts.ids)])
        met, place = distinct(ids)
        cosines = self._table.cosines(asked, met)
        # Taken row by row: a stretch of memory at a time.
        taken = np.take(cosines, place, axis=1)
        found: NDArray[np.float32] = np.maximum.reduceat(taken, begins, axis=1)
        return found


def _flat(table: PieceTable, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the pieces of all texts in one array, and where each text's begin and end."""
    pieces: list[NDArray[np.int32]] = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        # Every text has a piece, so that each has a best similarity.
        pieces.extend(
            found if len(found) else np.array([_UNKNOWN_PIECE], dtype=np.int32)
            for found in table.ids(texts[start : start + _TEXTS_AT_ONCE])
        )
    starts = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(found) for found in pieces], out=starts[1:])
    flat = np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int32)
    return flat, starts
