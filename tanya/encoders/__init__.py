"""From texts to embeddings: the Encoder protocol and what fulfils it."""

from tanya.encoders.base import (
    BUNDLED,
    PLAIN_DIMENSION,
    Embeddings,
    Encoder,
    PieceTable,
    embed_questions,
    known_fingerprint,
    load_encoder,
    load_piece_table,
    load_word_vectors,
    model_name,
    passages_with_plain,
    questions_with_plain,
)
from tanya.encoders.words import WordVectors

__all__ = [
    "BUNDLED",
    "PLAIN_DIMENSION",
    "Embeddings",
    "Encoder",
    "PieceTable",
    "WordVectors",
    "embed_questions",
    "known_fingerprint",
    "load_encoder",
    "load_piece_table",
    "load_word_vectors",
    "model_name",
    "passages_with_plain",
    "questions_with_plain",
]
