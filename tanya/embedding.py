"""The vectors of a corpus: those that a build has already, and new ones for what is new."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tanya.encoders import TOPIC_DIMENSION, Encoder, views_of_passages
from tanya.index import OpenBuild
from tanya.reading import Corpus
from tanya.records import Progress
from tanya.vectors import Vectors

# Sentences embedded between two reports of progress.
_SENTENCES_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of all sentences, and how many of the sentences had to be embedded.

    ``keys`` tell what was embedded for each; ``vectors`` are of the sentences in their contexts,
    ``alone`` of the sentences by themselves, ``topics`` of what they are about.
    """

    keys: list[bytes]
    vectors: Vectors
    alone: NDArray[np.float16]
    topics: NDArray[np.float16]
    computed: int


def _keys(corpus: Corpus) -> list[bytes]:
    """Return for each sentence what tells its embedded texts from every other's."""
    return [
        hashlib.blake2b(
            f"{sentence.context}\0{sentence.text}".encode("utf-8", "replace"), digest_size=16
        ).digest()
        for document in corpus.documents
        for sentence in document.sentences
    ]


def embed(
    corpus: Corpus,
    encoder: Encoder,
    reusable: OpenBuild | None,
    notify: Callable[[Progress], None],
) -> Embedded:
    """Return the vectors of all sentences, computing each different text's once."""
    keys = _keys(corpus)
    vectors = np.empty((len(keys), encoder.dimension), dtype=np.float32)
    alone = np.empty((len(keys), encoder.dimension), dtype=np.float16)
    topics = np.empty((len(keys), TOPIC_DIMENSION), dtype=np.float16)
    known: dict[bytes, int] = {}
    if reusable is not None and reusable.manifest.fingerprint == encoder.fingerprint:
        known = reusable.store.keys()
    kept = [i for i, key in enumerate(keys) if key in known]
    if kept and reusable is not None:
        rows = np.array([known[keys[i]] for i in kept], dtype=np.int64)
        vectors[kept] = reusable.vectors.vectors(rows)
        alone[kept] = reusable.evidence.vectors(rows)
        topics[kept] = reusable.evidence.topics(rows)
    sentences = [sentence for document in corpus.documents for sentence in document.sentences]
    places: dict[bytes, list[int]] = {}
    for i, key in enumerate(keys):
        if key not in known:
            places.setdefault(key, []).append(i)
    todo = list(places.values())
    # What only got another context, such as a new title, has its own vectors already.
    new_texts = {sentences[same[0]].text for same in todo}
    same_text = _rows_of_texts(new_texts, reusable if known else None)
    for start in range(0, len(todo), _SENTENCES_AT_ONCE):
        notify(Progress("embedding", start, len(todo)))
        part = todo[start : start + _SENTENCES_AT_ONCE]
        chosen = [sentences[same[0]] for same in part]
        own = list(dict.fromkeys(s.text for s in chosen if s.text not in same_text))
        # Most sentences have a context, and some texts are the same with it and without.
        texts = dict.fromkeys([*own, *(s.contextual for s in chosen)])
        number = {text: i for i, text in enumerate(texts)}
        views = views_of_passages(encoder, own)
        rest = encoder.encode_passages(list(number)[len(own) :])
        contextual = np.vstack([views.contextual, rest])
        for same, sentence in zip(part, chosen, strict=True):
            vectors[same] = contextual[number[sentence.contextual]]
            row = same_text.get(sentence.text)
            if row is None or reusable is None:
                alone[same] = views.alone[number[sentence.text]]
                topics[same] = views.topic[number[sentence.text]]
            else:
                alone[same] = reusable.evidence.vectors(np.array([row]))
                topics[same] = reusable.evidence.topics(np.array([row]))
    notify(Progress("embedding", len(todo), len(todo)))
    return Embedded(keys, vectors, alone, topics, sum(map(len, todo)))


def _rows_of_texts(texts: set[str], build: OpenBuild | None) -> dict[str, int]:
    """Return for each of ``texts`` that a build has, whatever its context there, a row of it."""
    if build is None or not texts:
        return {}
    return {text: row for text, row in build.store.texts() if text in texts}
