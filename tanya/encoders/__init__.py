"""From texts to embeddings: the Encoder protocol and what fulfils it."""

from tanya.encoders.base import (
    BUNDLED,
    TOPIC_DIMENSION,
    Embeddings,
    Encoder,
    PieceTable,
    Views,
    embed_questions,
    known_fingerprint,
    load_encoder,
    load_piece_table,
    load_word_vectors,
    model_name,
    views_of_passages,
    views_of_questions,
)
from tanya.encoders.words import WordVectors

__all__ = [
    "BUNDLED",
    "TOPIC_DIMENSION",
    "Embeddings",
    "Encoder",
    "PieceTable",
    "Views",
    "WordVectors",
    "embed_questions",
    "known_fingerprint",
    "load_encoder",
    "load_piece_table",
    "load_word_vectors",
    "model_name",
    "views_of_passages",
    "views_of_questions",
]
