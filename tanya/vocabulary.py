"""The words of a corpus as they are written: how often each occurs, and beside which."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tanya.arrays import open_array, save_arrays
from tanya.lexical import Analyzer, words_between


def write_vocabulary(
    folder: Path, texts: Iterable[str], contexts: Iterable[str], analyzer: Analyzer
) -> None:
    """Write the words of sentences and of their contexts into the new folder ``folder``.

    Args:
        folder: where to write.
        texts: the sentences.
        contexts: the contexts of the sentences; one that many sentences share counts once.
        analyzer: what stems the words.
    """
    counts: Counter[str] = Counter()
    inner: Counter[str] = Counter()
    capitals: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    # Counters are quickest when they are given lists.
    for text in texts:
        found, forms, gaps = words_between(text)
        counts.update(forms)
        pairs.update(_adjacent(forms, gaps))
        # The first word of a sentence has its capital from its place.
        inner.update(forms[1:])
        capitals.update(
            [form for word, form in zip(found[1:], forms[1:], strict=True) if word[0].isupper()]
        )
    for context in dict.fromkeys(contexts):
        _, forms, gaps = words_between(context)
        counts.update(forms)
        pairs.update(_adjacent(forms, gaps))
    words = _in_order(counts)
    number = {word: i for i, word in enumerate(words)}
    keys = np.array([number[a] * len(words) + number[b] for a, b in pairs], dtype=np.int64)
    order = np.argsort(keys)
    save_arrays(
        folder,
        {
            "words": np.frombuffer("\n".join(words).encode("utf-8", "replace"), dtype=np.uint8),
            "counts": np.array([counts[word] for word in words], dtype=np.int64),
            "names": np.array([capitals[word] * 2 > inner[word] for word in words], dtype=np.bool_),
            "pairs": keys[order],
            "pair_counts": np.array(list(pairs.values()), dtype=np.int64)[order],
            "stems": np.array(
                sorted({_hash(stem) for word in words for stem in analyzer.stems(word)}),
                dtype=np.uint64,
            ),
        },
    )


def _adjacent(forms: Sequence[str], gaps: Sequence[str]) -> list[tuple[str, str]]:
    """Return the words that only blanks part, two by two."""
    pairs = zip(forms, gaps, forms[1:], strict=False)
    return [(left, right) for left, gap, right in pairs if gap.isspace()]


class Vocabulary:
    """The words of a build, mapped; they are cut apart when the first one is asked for.

    The words lie in the order of their lengths, then of the alphabet, so that the words of one
    length and first letter, which spelling needs, are one slice, and one word is found by halving:
    reading 100,000 words costs only cutting a text into lines. Of the stems only hashes are kept.
    """

    def __init__(self, folder: Path) -> None:
        """Open what :func:`write_vocabulary` wrote; ValueError or OSError if it cannot be read."""
        self._text = open_array(folder, "words")
        self._counts = open_array(folder, "counts")
        self._names = open_array(folder, "names")
        self._pairs = open_array(folder, "pairs")
        self._pair_counts = open_array(folder, "pair_counts")
        self._stems = open_array(folder, "stems")

    @cached_property
    def words(self) -> list[str]:
        """All words, in their order."""
        text = self._text.tobytes().decode("utf-8")
        return text.split("\n") if text else []

    @cached_property
    def total(self) -> int:
        """How many words the corpus has, each counted as often as it occurs."""
        return int(self._counts.sum())

    def count(self, word: str) -> int:
        """Return how often ``word`` occurs."""
        place = _place(self.words, word)
        return 0 if place is None else int(self._counts[place])

    def is_name(self, word: str) -> bool:
        """Say whether ``word`` is mostly written with a capital within sentences."""
        place = _place(self.words, word)
        return place is not None and bool(self._names[place])

    def has_stem(self, stem: str) -> bool:
        """Say whether a word with this stem occurs."""
        key = np.uint64(_hash(stem))
        place = int(np.searchsorted(self._stems, key))
        return place < len(self._stems) and bool(self._stems[place] == key)

    def pair_count(self, left: str, right: str) -> int:
        """Return how often ``right`` follows ``left`` with nothing but blanks between."""
        first, second = _place(self.words, left), _place(self.words, right)
        if first is None or second is None:
            return 0
        key = first * len(self.words) + second
        place = int(np.searchsorted(self._pairs, key))
        found = place < len(self._pairs) and self._pairs[place] == key
        return int(self._pair_counts[place]) if found else 0

    def followers(self, word: str) -> list[str]:
        """Return the words that follow ``word``."""
        place = _place(self.words, word)
        if place is None:
            return []
        size = len(self.words)
        begin, end = np.searchsorted(self._pairs, [place * size, (place + 1) * size])
        numbers: NDArray[np.int64] = self._pairs[begin:end] % size
        return [self.words[number] for number in numbers]

    def bucket(self, length: int, letter: str) -> list[str]:
        """Return the words of ``length`` letters that begin with ``letter``."""
        begin = bisect_left(self.words, (length, letter), key=_order)
        end = bisect_left(self.words, (length, chr(ord(letter) + 1)), key=_order)
        return self.words[begin:end]


def _order(word: str) -> tuple[int, str]:
    """Return what words are ordered by."""
    return len(word), word


def _in_order(words: Iterable[str]) -> list[str]:
    """Return words in the order in which they are written."""
    return sorted(words, key=_order)


def _place(words: list[str], word: str) -> int | None:
    """Return where ``word`` stands in the ordered ``words``, or None."""
    place = bisect_left(words, _order(word), key=_order)
    return place if place < len(words) and words[place] == word else None


def _hash(stem: str) -> int:
    """Return the number that stands for a stem; two stems of a corpus share one almost never."""
    return int.from_bytes(blake2b(stem.encode("utf-8", "replace"), digest_size=8).digest())
