"""What an encoder is, and how one is had by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tanya.encoders.bundled import BundledEncoder
    from tanya.encoders.words import WordVectors

Embeddings = NDArray[np.float32]
PieceIds = NDArray[np.int32]

BUNDLED = "bundled"
_BUNDLED_MODEL = "use-multilingual-v3"
# The length of its embeddings, with any head.
TOPIC_DIMENSION = 512


@dataclass(frozen=True, slots=True)
class Views:
    """Embeddings of the same texts, one for each question that is put to them.

    Those of a question are compared with those of the same name of the sentences.

    Attributes:
        contextual: whether it answers at all: of a sentence in its context. What an
            :class:`Encoder` makes of a text.
        alone: which sentence of a document answers: of a sentence by itself. The bundled model has
            a head of its own for this, for other models it is the same as ``contextual``.
        topic: what it is about: its mean over a document tells whether that is the one which is
            asked about. Always by the bundled model.
    """

    contextual: Embeddings
    alone: Embeddings
    topic: Embeddings


class PieceTable(Protocol):
    """Cuts texts into word pieces, and knows what each piece means out of context."""

    @property
    def name(self) -> str:
        """What tells this table and version from every other."""

    def ids(self, texts: Sequence[str]) -> list[PieceIds]:
        """Return the ids of the pieces of each text."""

    def texts(self, ids: Sequence[PieceIds]) -> list[str]:
        """Return the texts, in lower case, that were cut into pieces."""

    def vectors(self, ids: PieceIds) -> Embeddings:
        """Return the unit vectors of pieces, shape (len(ids), dimension)."""

    def cosines(self, asked: PieceIds, ids: PieceIds) -> Embeddings:
        """Return the cosine similarities of pieces, shape (len(asked), len(ids))."""

    def rarity(self, ids: PieceIds) -> NDArray[np.float64]:
        """Return how rare each piece is, -log of its probability in the languages it knows."""

    def is_piece(self, word: str) -> bool:
        """Say whether ``word`` is one piece: a frequent word of a language the model knows."""


class Encoder(Protocol):
    """Turns texts into unit vectors whose inner product says how alike the texts are.

    ``name`` is what ``--model`` takes; ``dimension`` the length of a vector; ``fingerprint``
    differs whenever the vectors of the same text may differ.
    """

    @property
    def name(self) -> str:
        """The name by which :func:`load_encoder` finds this encoder again."""

    @property
    def dimension(self) -> int:
        """The length of an embedding."""

    @property
    def fingerprint(self) -> str:
        """What tells this model and version from every other."""

    def encode_passages(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of texts that are searched, shape (len(texts), dimension)."""

    def encode_questions(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of texts that are asked, shape (len(texts), dimension)."""


def load_piece_table(encoder: Encoder) -> PieceTable:
    """Return the bundled model's table of word pieces, ``encoder``'s own if that is the model."""
    return _bundled(encoder).table


def views_of_passages(encoder: Encoder, texts: Sequence[str]) -> Views:
    """Return the embeddings of passages by each of the ways to look at them."""
    return _views(encoder, encoder.encode_passages, texts)


def views_of_questions(encoder: Encoder, texts: Sequence[str]) -> Views:
    """Return the embeddings of questions by each of the ways to look at them."""
    return _views(encoder, encoder.encode_questions, texts)


def _views(
    encoder: Encoder, encode: Callable[[Sequence[str]], Embeddings], texts: Sequence[str]
) -> Views:
    """Return all views of ``texts``, which ``encode`` turns into the embeddings of ``encoder``."""
    bundled = _bundled(encoder)
    if bundled is encoder:
        return bundled.views(texts)
    found = encode(texts)
    return Views(found, found, bundled.encode_topics(texts))


def embed_questions(encoder: Encoder, texts: Sequence[str]) -> Embeddings:
    """Return embeddings of questions to compare with one another, whatever the encoder is.

    Their inner product is the mean similarity of what two questions are about and of what would
    answer them: each by itself also joins those that differ in the other.

    Returns:
        unit vectors, shape (len(texts), 1024).
    """
    views = _bundled(encoder).views(texts)
    return np.hstack([views.contextual, views.topic]) / np.float32(np.sqrt(2))


def load_word_vectors(encoder: Encoder) -> WordVectors:
    """Return the bundled model's vectors of words, ``encoder``'s own if that is the model."""
    from tanya.encoders.words import WordVectors

    return WordVectors(_bundled(encoder).encode_plainly)


def _bundled(encoder: Encoder) -> BundledEncoder:
    """Return ``encoder`` if it is the bundled model, else that, which serves it with words."""
    from tanya.encoders.bundled import BundledEncoder

    return encoder if isinstance(encoder, BundledEncoder) else _shared_bundled()


@cache
def _shared_bundled() -> BundledEncoder:
    """Return the bundled model, whose weights are unpacked once for all builds and searches."""
    from tanya.encoders.bundled import BundledEncoder

    return BundledEncoder(_BUNDLED_MODEL)


def model_name(name: str | None) -> str:
    """Return the full name of the model that ``--model`` named; None is the bundled one."""
    return _BUNDLED_MODEL if name in (None, "", BUNDLED) else str(name)


def known_fingerprint(name: str) -> str | None:
    """Return the fingerprint of the model called ``name`` where it is known without loading it."""
    if model_name(name) != _BUNDLED_MODEL:
        return None
    from tanya.encoders.bundled import bundled_fingerprint

    return bundled_fingerprint(_BUNDLED_MODEL)


def load_encoder(name: str | None, *, threads: int = 1) -> Encoder:
    """Return the encoder called ``name``.

    Args:
        name: "bundled" or None for the one that comes with Tanya and needs no network; else the
            name or the folder of a sentence-transformers model.
        threads: how many processor cores encoding may use.

    Raises:
        EncoderError: the model is unknown, or cannot be reached or read.
    """
    # Each model library is imported only when its model is wanted: torch takes seconds.
    if model_name(name) == _BUNDLED_MODEL:
        return _shared_bundled().with_threads(threads)
    from tanya.encoders.transformer import SentenceTransformerEncoder

    return SentenceTransformerEncoder(str(name), threads=threads)
