"""From texts to embeddings: the Encoder protocol and what fulfils it."""

from tanya.encoders.base import (
    BUNDLED,
    Encoder,
    PieceTable,
    known_fingerprint,
    load_encoder,
    load_piece_table,
    model_name,
)

__all__ = [
    "BUNDLED",
    "Encoder",
    "PieceTable",
    "known_fingerprint",
    "load_encoder",
    "load_piece_table",
    "model_name",
]
