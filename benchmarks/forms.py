"""What the form of a question gives away about whether anything answers it, and its undoing.

Those who write questions without an answer write plain ones ("What are the duties of …?"), and
those who write questions with an answer paraphrase them. From such questions an encoder learns to
refuse plain ones, whatever they are about. So questions without an answer count for less where
theirs is the form of few that have one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from tanya.lexical import written_words

# The words that make a form are so many, the most frequent ones.
FREQUENT = 200
# So many questions of the usual kind are added to those of every form: of few, little is known.
USUAL = 3.0
# Stands for the other words, together where they are neighbours.
_OTHER = "·"


class Forms:
    """The forms of questions, and what one without an answer counts for because of its form."""

    def __init__(self, answerable: Sequence[str], unanswerable: Sequence[str]) -> None:
        """Count the questions of each form, those with an answer and those without."""
        words = Counter(w for text in (*answerable, *unanswerable) for w in _words(text))
        self._frequent = {word for word, _ in words.most_common(FREQUENT)}
        self._with = Counter(self.of(text) for text in answerable)
        self._without = Counter(self.of(text) for text in unanswerable)
        # How many have an answer for one that has none.
        self._usual = len(answerable) / max(len(unanswerable), 1)
        self._mean = 1.0
        if unanswerable:
            self._mean = sum(map(self.counts_for, unanswerable)) / len(unanswerable)

    def of(self, question: str) -> str:
        """Return the form of a question: its words, without those that few questions have."""
        words = [word if word in self._frequent else _OTHER for word in _words(question)]
        return " ".join(
            word for before, word in pairwise([None, *words]) if not before == word == _OTHER
        )

    def counts_for(self, question: str) -> float:
        """Return what a question without an answer counts for; the mean of all is 1.

        It is how many questions of its form have an answer for one that has none, relative to how
        many have one among all, where that is less: with ``a`` that have one, ``b`` that have none
        and ``r`` as their ratio among all, (a + 3 r) / (r (b + 3)) or 1, and that relative to the
        mean over all that have none.
        """
        if not self._usual:
            return 1.0
        form = self.of(question)
        having = self._with[form] + USUAL * self._usual
        return min(1.0, having / (self._usual * (self._without[form] + USUAL))) / self._mean


def _words(question: str) -> list[str]:
    """Return the words of a question, without capitals."""
    return [word.form for word in written_words(question)]
