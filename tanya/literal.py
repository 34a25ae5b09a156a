"""Words that only their letters tell from others: numbers and codes, and a word asked by itself.

To a model that goes by meaning one number is as good as another, and who types a single word into a
search box wants the places where it stands. So these words are looked for as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tanya.encoders import PieceTable
from tanya.function_words import is_function_word
from tanya.lexical import Analyzer, written_words
from tanya.tokens import Pieces, Tokens

# What a code counts for where only its digits stand: Rp100 where the text has 100.
_DIGITS_ONLY = 0.5
# What stands in the context counts a little less than what stands in the sentence: of lines that
# are nothing but numbers the first is the context of the others.
_AROUND = 0.98
_DIGITS = re.compile(r"\d+")
# Indonesian doubles words with a digit: bagi2, teman2nya, lambai2in.
_DOUBLED = re.compile(r"[^\W\d]{2,}2[^\W\d]*")
# How far a missing number may be there in words: of one digit (tahap 2, 3D) it is likely, of
# two or three (jam 12, 150jt) possible. Years, and codes that begin with a letter, are not written
# out.
_IN_WORDS = {1: 1.0, 2: 0.5, 3: 0.5}


@dataclass(frozen=True, slots=True)
class LiteralWords:
    """What of a question is looked for as it is written.

    Attributes:
        numbers: its words with digits, as :func:`_number` has them.
        stems: the stems of the others.
    """

    numbers: tuple[str, ...]
    stems: tuple[str, ...]

    def __len__(self) -> int:
        """Return how many words there are."""
        return len(self.numbers) + len(self.stems)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far words stand in some sentences.

    Attributes:
        words: the words.
        found: from 0 to 1, shape (sentences, words), the numbers before the stems.
    """

    words: LiteralWords
    found: NDArray[np.float64]

    @property
    def agreement(self) -> NDArray[np.float64]:
        """The square of the share of the words that stand in each sentence, 0 without words.

        A square, since a sentence with one of two numbers is hardly better than one without any.
        """
        shares: NDArray[np.float64] = self.found.sum(axis=1) / max(1, len(self.words))
        return shares**2

    def speaks(self, place: int) -> float:
        """Return what the words say of the sentence at ``place`` as an answer, from -1 to 1.

        A number that is missing there speaks against it, by as much as it cannot be there in words;
        of several the one that does most. A word that is asked by itself speaks for it where it
        stands, and elsewhere not against it: what means the same in other words may answer.
        """
        own = self.found[place].tolist()
        if self.words.numbers:
            numbers = zip(own, self.words.numbers, strict=False)
            least: float = min(max(stands, _in_words(number)) for stands, number in numbers)
            return least - 1.0
        return float(bool(own) and all(own))


def literal_words(question: str, analyzer: Analyzer) -> LiteralWords:
    """Return the words of ``question`` that are looked for as they are written.

    Those are the numbers and codes and what stands between two of them, such as a month; or the
    only word of the question that says something of its subject.
    """
    words = [word.form for word in written_words(question)]
    numbers = [_number(word) for word in words]
    if not any(numbers):
        content = [word for word in words if not is_function_word(word)]
        return LiteralWords((), tuple(analyzer.stems(content[0])) if len(content) == 1 else ())
    between = [
        word
        for word, before, after in zip(words[1:], numbers, numbers[2:], strict=False)
        if before and after and not _number(word) and not is_function_word(word)
    ]
    return LiteralWords(
        tuple(dict.fromkeys(filter(None, numbers))),
        tuple(dict.fromkeys(analyzer.stems(" ".join(between)))),
    )


class Literal:
    """Finds words in sentences of a build and in their contexts. Threads may share it."""

    def __init__(self, tokens: Tokens, table: PieceTable, analyzer: Analyzer) -> None:
        """Join the pieces of a build with the table that cut them, and with what stems words."""
        self._tokens = tokens
        self._table = table
        self._analyzer = analyzer

    def standing(self, words: LiteralWords, rows: NDArray[np.int64]) -> Standing:
        """Return how far ``words`` stand in the sentences ``rows``, or else in their contexts."""
        if not len(words) or not len(rows):
            return Standing(words, np.empty((len(rows), 0)))
        contexts = self._tokens.contexts_of(rows)
        found = self._found(words, self._tokens.sentences(rows))
        if len(contexts.numbers):
            own = self._found(words, self._tokens.texts_of_contexts(contexts.numbers))
            found[contexts.has] = np.maximum(found[contexts.has], _AROUND * own[contexts.place])
        return Standing(words, found)

    def _found(self, words: LiteralWords, texts: Pieces) -> NDArray[np.float64]:
        """Return how far each word stands in each text, shape (texts, words)."""
        written = self._table.texts(np.split(texts.ids, texts.begins[1:]))
        return np.array([self._found_in(words, text) for text in written])

    def _found_in(self, words: LiteralWords, text: str) -> list[float]:
        """Return how far each word stands in a text, from 0 to 1."""
        found: list[float] = []
        if words.numbers:
            # No word has a blank, and few have digits: the others need not be looked at.
            parts = " ".join(part for part in text.split() if _DIGITS.search(part))
            given = [_number(word.form) for word in written_words(parts)]
            whole = set(filter(None, given))
            digits = {_stripped(run) for number in whole for run in _DIGITS.findall(number)}
            found += [_standing(number, whole, digits) for number in words.numbers]
        if words.stems:
            stems = set(self._analyzer.stems(text))
            found += [float(stem in stems) for stem in words.stems]
        return found


def _number(word: str) -> str:
    """Return a word with digits as it is compared, "" for any other."""
    # K3, S1 and F1 are names, which documents write out, too.
    if _digits(word) < 1 + word[:1].isalpha() or _DOUBLED.fullmatch(word):
        return ""
    return _stripped(word)


def _digits(word: str) -> int:
    """Return how many digits a word has."""
    return sum(map(str.isdecimal, word))


def _stripped(word: str) -> str:
    """Return a number without the zeros that it begins with: 08 is 8."""
    return word.lstrip("0") or "0" if word.isdigit() else word


def _in_words(number: str) -> float:
    """Return how far a number that does not stand in a text may be there in words."""
    digits = _digits(number)
    return 0.0 if digits > 1 and number[0].isalpha() else _IN_WORDS.get(digits, 0.0)


def _standing(number: str, whole: set[str], digits: set[str]) -> float:
    """Return how far a number stands in a text that has these, and these runs of digits."""
    if number in whole or number in digits:
        return 1.0
    own: Sequence[str] = _DIGITS.findall(number)
    return _DIGITS_ONLY if all(_stripped(run) in digits for run in own) else 0.0
