"""From texts to embeddings: the Encoder protocol and what fulfils it."""

from tanya.encoders.base import BUNDLED, Encoder, known_fingerprint, load_encoder, model_name

__all__ = ["BUNDLED", "Encoder", "known_fingerprint", "load_encoder", "model_name"]
