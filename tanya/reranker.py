"""The reranker: a small model that reads the word pieces of a question beside those of a sentence.

Late interaction asks only which pieces meet. This model learned what follows from what meets: each
piece of the question is compared with what it attends to in the sentence and in the sentence's
context, and each piece of the sentence with what it attends to in the question (Parikh et al. 2016,
"A Decomposable Attention Model for Natural Language Inference"; by products, and pooled by the
highest, as Wang and Jiang 2017, "A Compare-Aggregate Model for Matching Text Sequences"). It stands
on the table of word pieces of the bundled model, whatever the encoder is, and was trained by
``benchmarks/train_reranker.py``. The table never saw Indonesian, so of the pieces that occur often
it was learned, too, by how much they mean something else. Nothing is encoded: the pieces lie with
the sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanya.arrays import distinct, in_steps, undisturbed
from tanya.encoders import PieceTable
from tanya.tokens import Pieces, Tokens

RERANKER_FILE = Path(__file__).with_name("reranker.npz")
# What is read of each: more takes longer, and it learned from no more.
MOST_ASKED = 32
MOST_OF_CONTEXT = 24
MOST_OF_SENTENCE = 72
# The share of a question's pieces that has to be familiar. Of held-out questions in Indonesian and
# English 98 % have it, in other alphabets hardly any.
LEAST_FAMILIAR = 0.7
# The layer with a row for each corrected piece.
CORRECT = "correct"
# What else is in the file: bits, and what a step of each column of that layer is worth.
_FAMILIAR, _CORRECTED, _STEP = "familiar", "corrected", "correct.scale"
# A piece is read with the one before it and the one after it.
_REACH = 3
_NEW = -1

Matrix = NDArray[np.float32]
Layers = Mapping[str, Matrix]
Bits = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What was learned.

    Attributes:
        layers: the layers by their names. ``CORRECT`` has a row for each corrected piece, in their
            order: what is added to its projection.
        corrected: which pieces are, by their ids.
        familiar: which were often in the questions that it learned from, by their ids.
    """

    layers: Layers
    corrected: Bits
    familiar: Bits


@dataclass(frozen=True, slots=True)
class _Read:
    """Texts as they are compared: the features of all pieces, and where each text's begin.

    ``features`` has shape (pieces, dimension); ``lengths`` are the numbers of pieces of the texts.
    """

    features: Matrix
    begins: NDArray[np.int64]
    lengths: NDArray[np.int64]


class _PieceFeatures:
    """What each word piece adds to features, kept once it was computed. Threads may share it.

    A row has what a piece is by itself, and what it adds to the piece after it, to itself and to
    the piece before it: 1 KB, of the 128,000 pieces of the bundled model 130 MB if all occurred.
    """

    def __init__(self, table: PieceTable, model: Model) -> None:
        """Begin without any."""
        self._table = table
        self._project = model.layers["project"]
        self._convolve = np.concatenate(np.split(model.layers["convolve"], _REACH), axis=1)
        # Pieces that are not corrected share the row behind the last, of zeros.
        self._correct = np.pad(model.layers[CORRECT], ((0, 1), (0, 0)))
        self._correction = correction_rows(model.corrected)
        self._lock = Lock()
        self._rows: Matrix = np.empty((0, (1 + _REACH) * self._project.shape[1]), dtype=np.float32)
        # The row of each piece, or _NEW.
        self._place = np.empty(0, dtype=np.int32)
        self._count = 0

    def of(self, ids: NDArray[np.int32]) -> Matrix:
        """Return the rows of the pieces ``ids``, shape (len(ids), 4 times the dimension)."""
        with self._lock:
            new = self._new(ids)
            if len(new):
                self._learn(new)
            # What is there is never changed, only added to or copied.
            place, rows = self._place, self._rows
        return rows.take(place.take(ids), axis=0)

    def _new(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the distinct ones of ``ids`` that have no row yet."""
        longer = int(ids.max(initial=-1)) + 1 - len(self._place)
        if longer > 0:
            self._place = np.concatenate([self._place, np.full(longer, _NEW, dtype=np.int32)])
        return distinct(ids[self._place.take(ids) == _NEW])[0]

    def _learn(self, new: NDArray[np.int32]) -> None:
        """Compute the rows of pieces that have none."""
        found = self._computed(new)
        count = self._count + len(new)
        if count > len(self._rows):
            # In steps that double, so that seldom all are copied.
            spare = np.empty((count, found.shape[1]), dtype=np.float32)
            self._rows = np.concatenate([self._rows[: self._count], found, spare])
        else:
            self._rows[self._count : count] = found
        self._place[new] = np.arange(self._count, count, dtype=np.int32)
        self._count = count

    def _computed(self, ids: NDArray[np.int32]) -> Matrix:
        """Return the rows of pieces, each computed by itself.

        A product's last digits hang on its shape, on some processors on the place of the row, too,
        and a question's answer must not hang on what was asked before.
        """
        own = self._table.vectors(ids)[:, None] @ self._project
        own += self._correct[self._correction[ids]][:, None]
        return np.concatenate([own, own @ self._convolve], axis=2)[:, 0]


class Reranker:
    """Says of sentences of a build how surely each answers a question. Threads may share it."""

    def __init__(self, tokens: Tokens, table: PieceTable, model: Model | None = None) -> None:
        """Join the pieces of a build with the table that cut them.

        Args:
            tokens: the pieces.
            table: the table.
            model: what was learned, None for what ships.
        """
        self._tokens = tokens
        self._table = table
        learned = load_reranker(RERANKER_FILE) if model is None else model
        self._layers, self._familiar = learned.layers, learned.familiar
        self._pieces = _PieceFeatures(table, learned)

    def logits(self, question: str, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the log-odds that each of the sentences ``rows`` answers ``question``.

        They are 0 for a question without a letter.
        """
        asked = self._asked(question)
        if not len(asked) or not len(rows):
            return np.zeros(len(rows))
        used = self._tokens.contexts_of(rows)
        contexts = _cut(self._tokens.texts_of_contexts(used.numbers), MOST_OF_CONTEXT)
        sentences = _cut(self._tokens.sentences(rows), MOST_OF_SENTENCE)
        question_read, sentences_read, contexts_read = self._read(
            Pieces(asked[:MOST_ASKED], np.zeros(1, dtype=np.int64)), sentences, contexts
        )
        met = np.zeros((len(rows), len(question_read.features), self._size), dtype=np.float32)
        met[used.has] = self._met_by_contexts(question_read, contexts_read)[used.place]
        pooled = [
            *self._of_question(question_read, sentences_read, met),
            *self._of_sentences(question_read, sentences_read),
        ]
        return self._last(np.concatenate(pooled, axis=1)).astype(np.float64)

    def knows(self, question: str) -> bool:
        """Say whether it learned from questions of such words, as in Indonesian and English.

        In other languages it ranks well enough, but is not to be trusted on whether anything
        answers. It knows what has a letter, if of its pieces ``LEAST_FAMILIAR`` are familiar.
        """
        asked = self._asked(question)
        return len(asked) > 0 and bool(self._familiar[asked].mean() >= LEAST_FAMILIAR)

    def _asked(self, question: str) -> NDArray[np.int32]:
        """Return the pieces of a question, none without a letter: it learned from no number."""
        [asked] = self._table.ids([question])
        return asked if any(map(str.isalpha, question)) else asked[:0]

    @property
    def _size(self) -> int:
        """The length of what a piece is compared to."""
        return int(self._layers["question_bias"].shape[0])

    def _read(self, *texts: Pieces) -> list[_Read]:
        """Return the features of some groups of texts: of each piece with its two neighbours."""
        lengths = [np.diff(group.begins, append=len(group.ids)) for group in texts]
        features = self._features(
            np.concatenate([group.ids for group in texts]), np.concatenate(lengths)
        )
        bounds = np.cumsum([len(group.ids) for group in texts])[:-1]
        return [
            _Read(part, group.begins, counts)
            for part, group, counts in zip(np.split(features, bounds), texts, lengths, strict=True)
        ]

    def _features(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> Matrix:
        """Return the features of the pieces of texts of ``lengths``, shape (pieces, dimension)."""
        own, before, near, after = np.split(self._pieces.of(ids), 1 + _REACH, axis=1)
        follows = np.ones(len(ids), dtype=np.bool_)
        follows[np.cumsum(lengths) - lengths] = False
        later = np.flatnonzero(follows)
        near = near + self._layers["convolve_bias"]
        near[later] += before[later - 1]
        near[later - 1] += after[later]
        found: Matrix = own + np.maximum(near, 0, out=near)
        return found

    def _met_by_contexts(self, question: _Read, contexts: _Read) -> Matrix:
        """Return what each piece of the question meets in contexts, shape (n, pieces, size)."""
        layers = self._layers
        met = _attended(question.features @ layers["attend_context"], contexts)
        found: Matrix = met @ layers["question_context"]
        found += (met * question.features) @ layers["question_context_product"]
        return found

    def _of_question(self, question: _Read, sentences: _Read, met: Matrix) -> list[Matrix]:
        """Return the question's pieces compared with each sentence, pooled in two ways."""
        layers = self._layers
        features = question.features
        attended = _attended(features @ layers["attend"], sentences)
        compared = met + _linear(layers, "question", features)
        compared += attended @ layers["question_met"]
        compared += (attended * features) @ layers["question_product"]
        compared = _linear(layers, "question_second", np.maximum(compared, 0), rectified=True)
        gate = _linear(layers, "question_gate", features)[:, 0]
        chances = np.exp(gate - gate.max())
        return [np.tensordot(chances / chances.sum(), compared, (0, 1)), compared.max(axis=1)]

    def _of_sentences(self, question: _Read, sentences: _Read) -> list[Matrix]:
        """Return each sentence's pieces compared with the question, pooled in two ways."""
        layers = self._layers
        features = sentences.features
        alike = features @ (question.features @ layers["attend"]).T
        chances = np.exp(alike - alike.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        compared = _linear(layers, "sentence", features)
        # Of the question there are fewer pieces than of the sentences.
        compared += chances @ (question.features @ layers["sentence_met"])
        compared += (chances @ question.features * features) @ layers["sentence_product"]
        compared = _linear(layers, "sentence_second", np.maximum(compared, 0), rectified=True)
        gate = _softmax(_linear(layers, "sentence_gate", features).T, sentences)[0]
        return [
            np.add.reduceat(gate[:, None] * compared, sentences.begins, axis=0),
            np.maximum.reduceat(compared, sentences.begins, axis=0),
        ]

    def _last(self, pooled: Matrix) -> Matrix:
        """Return the logit of each row."""
        hidden = _linear(self._layers, "hidden", pooled, rectified=True)
        return _linear(self._layers, "logit", hidden)[:, 0]


def correction_rows(corrected: Bits) -> NDArray[np.int64]:
    """Return the row of each piece's correction, by its id: behind the last if it has none."""
    return np.where(corrected, np.cumsum(corrected) - 1, np.count_nonzero(corrected))


def save_reranker(path: Path, model: Model) -> None:
    """Write a model to a file, the corrections in steps, the other layers in half precision."""
    arrays: dict[str, NDArray[Any]] = {
        name: matrix.astype(np.float16) for name, matrix in model.layers.items()
    }
    arrays[CORRECT], arrays[_STEP] = in_steps(model.layers[CORRECT])
    arrays[_CORRECTED] = np.packbits(model.corrected)
    arrays[_FAMILIAR] = np.packbits(model.familiar)
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


@cache
def load_reranker(path: Path) -> Model:
    """Return the model in a file. Pieces beyond the last are neither corrected nor familiar."""
    arrays = undisturbed(lambda: _load(path))
    corrected, familiar = (
        np.unpackbits(arrays.pop(name)).astype(np.bool_) for name in (_CORRECTED, _FAMILIAR)
    )
    step = arrays.pop(_STEP)
    layers = {name: array.astype(np.float32) for name, array in arrays.items()}
    layers[CORRECT] *= step
    return Model(layers, corrected, familiar)


def _load(path: Path) -> dict[str, NDArray[Any]]:
    """Read what :func:`save_reranker` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _linear(layers: Layers, name: str, features: Matrix, *, rectified: bool = False) -> Matrix:
    """Return ``features`` through a layer with its bias, without what is negative if rectified."""
    found: Matrix = features @ layers[name]
    found += layers[f"{name}_bias"]
    return np.maximum(found, 0, out=found) if rectified else found


def _softmax(scores: Matrix, texts: _Read) -> Matrix:
    """Return the softmax of ``scores`` over the pieces of each text, shape (n, pieces)."""
    highest = np.maximum.reduceat(scores, texts.begins, axis=1)
    chances = np.exp(scores - np.repeat(highest, texts.lengths, axis=1))
    sums = np.add.reduceat(chances, texts.begins, axis=1)
    found: Matrix = chances / np.repeat(sums, texts.lengths, axis=1)
    return found


def _attended(asked: Matrix, texts: _Read) -> Matrix:
    """Return what each row of ``asked`` attends to in each text, shape (texts, rows, dimension)."""
    found = np.empty((len(texts.begins), *asked.shape), dtype=np.float32)
    if not len(found):
        return found
    chances = _softmax(asked @ texts.features.T, texts)
    ends = texts.begins + texts.lengths
    for i, (begin, end) in enumerate(zip(texts.begins.tolist(), ends.tolist(), strict=True)):
        np.matmul(chances[:, begin:end], texts.features[begin:end], out=found[i])
    return found


def _cut(texts: Pieces, most: int) -> Pieces:
    """Return texts without the pieces of each after the first ``most``."""
    lengths = np.diff(texts.begins, append=len(texts.ids))
    if not len(lengths) or lengths.max() <= most:
        return texts
    place = np.arange(len(texts.ids)) - np.repeat(texts.begins, lengths)
    kept = np.minimum(lengths, most)
    return Pieces(texts.ids[place < most], np.r_[0, np.cumsum(kept)][:-1])
