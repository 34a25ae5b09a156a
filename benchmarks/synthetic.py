"""Large corpora made of a small one: real words and word pieces, and vectors that need no encoding.

Encoding half a million sentences would take an hour, so that a sentence of such a corpus has the
vectors of one of the small corpus, with noise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tanya.documents import ReadDocument, list_files, read_document
from tanya.encoders import Views
from tanya.encoders.bundled import BundledEncoder
from tanya.sentences import sentences_of

# As much as a sentence of another document on the same subject differs, by its cosine of 0.95.
NOISE = 0.33
SENTENCES_OF_DOCUMENT = 12
EXCHANGED = 0.3
SEED = 0
Vectors = NDArray[np.float32]


class NoisyEncoder(BundledEncoder):
    """Gives passages vectors of real sentences with noise; questions are encoded beforehand.

    It is the bundled encoder in all but its vectors, so that word pieces and words are the real
    ones. A text has the same vectors whenever it is encoded.
    """

    def __init__(self, real: Views, questions: Mapping[str, Views]) -> None:
        """Take the vectors of real sentences, and those of each question."""
        super().__init__("synthetic", threads=1)
        self._real = real
        self._questions = questions
        self.encoded = 0

    @property
    def fingerprint(self) -> str:
        """What tells it from every real encoder."""
        return "synthetic"

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (len(texts), dimension)."""
        self.encoded += len(texts)
        return self._noisy(self._real.contextual, texts)

    def views(self, texts: Sequence[str]) -> Views:
        """Return the vectors by each head."""
        if len(texts) == 1 and texts[0] in self._questions:
            return self._questions[texts[0]]
        self.encoded += len(texts)
        real = self._real
        return Views(*(self._noisy(v, texts) for v in (real.contextual, real.alone, real.topic)))

    def _noisy(self, real: Vectors, texts: Sequence[str]) -> Vectors:
        """Return vectors of real sentences with noise; which, and what noise, the texts say."""
        if not texts:
            return np.empty((0, real.shape[1]), dtype=np.float32)
        seeds = [int.from_bytes(blake2b(t.encode(), digest_size=8).digest()) for t in texts]
        chosen = real[[seed % len(real) for seed in seeds]]
        noise = np.stack([self._noise(seed) for seed in seeds])
        found = chosen + noise * np.float32(NOISE / np.sqrt(real.shape[1]))
        unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit

    def _noise(self, seed: int) -> Vectors:
        """Return the noise of a text."""
        return np.random.default_rng(seed).standard_normal(self.dimension, dtype=np.float32)


def sentences_in(corpus: Path) -> list[str]:
    """Return the sentences of a corpus."""
    found: list[str] = []
    for file in list_files(corpus):
        read = read_document(file, 20_000_000)
        if isinstance(read, ReadDocument):
            found += [sentence.text for sentence in sentences_of(read.document, "id")]
    return found


def write_corpus(folder: Path, sentences: Sequence[str], count: int) -> None:
    """Write documents with ``count`` sentences made of real ones by exchanging words."""
    random = np.random.default_rng(SEED)
    words = [word for sentence in sentences for word in sentence.split()]
    for number in range(0, count, SENTENCES_OF_DOCUMENT):
        lines = []
        for _ in range(min(SENTENCES_OF_DOCUMENT, count - number)):
            own = sentences[random.integers(len(sentences))].split()
            others = random.integers(0, len(words), len(own))
            swap = random.random(len(own)) < EXCHANGED
            mixed = [words[o] if s else w for w, o, s in zip(own, others, swap, strict=True)]
            lines.append(" ".join(mixed).replace("\n", " "))
        path = folder / f"{number // 12000:04}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
