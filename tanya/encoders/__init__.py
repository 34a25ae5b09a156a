"""From texts to embeddings: the Encoder protocol and what fulfils it."""

from tanya.encoders.base import BUNDLED, Encoder, load_encoder, model_name

__all__ = ["BUNDLED", "Encoder", "load_encoder", "model_name"]
