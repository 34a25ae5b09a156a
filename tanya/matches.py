"""Why a sentence was found: which of its words met which words of the question.

Late interaction as in ColBERT (Khattab and Zaharia 2020, "ColBERT: Efficient and Effective Passage
Search via Contextualized Late Interaction over BERT"), but between whole words out of context, and
with each word of the sentence as the partner of at most one word of the question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tanya.encoders import WordVectors
from tanya.function_words import is_function_word
from tanya.lexical import Analyzer, Term, is_spaced
from tanya.records import Match

# Both were chosen on one half of tests/words.tsv (benchmarks/words.py): from this similarity on
# two words are shown as partners,
SIMILAR = 0.71
# and from this one if they look alike, because the model takes diploma for diplomat.
SIMILAR_AND_ALIKE = 0.81
# The share of their pairs of letters that words have in common which look alike.
_ALIKE = 0.4
# What is longer is no word but a link or a key; and a sentence of more words is a table's row.
_LONGEST_WORD = 40
_MOST_WORDS = 60
_SHORTEST_BARE = 4


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a text that says something of its subject."""

    start: int
    end: int
    stem: str
    text: str


@dataclass(frozen=True, slots=True)
class _Partner:
    """The stem in the sentence that a stem of the question met, and how alike their words are."""

    stem: str
    similarity: float


class Aligner:
    """Finds the words of sentences that the words of a question met. Threads may share it."""

    def __init__(self, analyzer: Analyzer, vectors: WordVectors) -> None:
        """Compare words by the stems of ``analyzer`` and by ``vectors``."""
        self._analyzer = analyzer
        self._vectors = vectors

    def find_matches(self, question: str, sentences: Sequence[str]) -> list[tuple[Match, ...]]:
        """Return for each sentence the words of ``question`` that met words of it.

        A word of the question meets all words of the same stem, with similarity 1, else the one
        most alike in meaning, if it is alike enough. Function words meet nothing. Whole words, with
        exact offsets into both texts, in the order of the question.

        Args:
            question: the question.
            sentences: sentences whose hidden markup is NULs (see :func:`tanya.text.hide`).
        """
        asked = _content_words(question, self._analyzer.terms(question))
        given = [_content_words(text, _visible_terms(text, self._analyzer)) for text in sentences]
        partners = self._partners(asked, given)
        return [_matches(asked, words, own) for words, own in zip(given, partners, strict=True)]

    def _partners(
        self, asked: Sequence[_Word], given: Sequence[Sequence[_Word]]
    ) -> list[dict[str, _Partner]]:
        """Return for each sentence the partners of the question's stems that do not occur in it."""
        sides = [(_alone(asked, words), _alone(words, asked)) for words in given]
        texts = [text for side in sides if all(side) for words in side for text in words.values()]
        if not texts:
            return [{} for _ in given]
        distinct = list(dict.fromkeys(texts))
        # All at once: encoding a word among many takes a fraction of the time of one by itself.
        vectors = self._vectors.of(distinct)
        place = {text: i for i, text in enumerate(distinct)}
        found: list[dict[str, _Partner]] = []
        for left, right in sides:
            if not left or not right:
                found.append({})
                continue
            rows = vectors[[place[text] for text in left.values()]]
            columns = vectors[[place[text] for text in right.values()]]
            found.append(_best_pairs(left, right, rows @ columns.T))
        return found


def content_words(text: str, analyzer: Analyzer) -> list[str]:
    """Return the words of ``text`` that say something of its subject, each stem's first one."""
    found: dict[str, str] = {}
    for word in _content_words(text, analyzer.terms(text)):
        found.setdefault(word.stem, word.text)
    return list(found.values())


def _content_words(text: str, terms: Sequence[Term]) -> list[_Word]:
    """Return the words of ``text`` that do more than hold it together."""
    words = (
        _Word(term.start, term.end, term.stem, text[term.start : term.end].replace("\0", ""))
        for term in terms
    )
    shouted = text.isupper()
    return [
        word
        for word in words
        # IT and WHO are no it and who, but where all is in capitals.
        if not is_function_word(word.text)
        or (len(word.text) > 1 and word.text.isupper() and not shouted)
    ]


def _visible_terms(text: str, analyzer: Analyzer) -> list[Term]:
    """Return the words of ``text`` as a reader sees it, without its NULs, where they stand."""
    if "\0" not in text:
        return analyzer.terms(text)
    places = [i for i, character in enumerate(text) if character != "\0"]
    return [
        Term(places[term.start], places[term.end - 1] + 1, term.stem)
        for term in analyzer.terms(text.replace("\0", ""))
    ]


def _alone(words: Sequence[_Word], others: Sequence[_Word]) -> dict[str, str]:
    """Return the stems of ``words`` that ``others`` has not, each with the word's first form."""
    met = {word.stem for word in others}
    alone: dict[str, str] = {}
    for word in words:
        if word.stem not in met and _has_meaning(word.text) and len(alone) < _MOST_WORDS:
            alone.setdefault(word.stem, _bare(word.text.casefold()))
    return alone


def _has_meaning(word: str) -> bool:
    """Say whether a word's vector means anything: not that of a number or of half a word."""
    return (
        1 < len(word) <= _LONGEST_WORD
        and is_spaced(word)
        # Most are of letters alone.
        and (
            word.isalpha() or not any(character.isdigit() or character == "_" for character in word)
        )
    )


def _bare(word: str) -> str:
    """Return a word without Indonesian's -nya, his or the: tugasnya means what tugas does.

    But not that of bertanya and menanya, which mean asking.
    """
    bare = word.removesuffix("nya")
    return word if len(bare) < _SHORTEST_BARE or bare.endswith("ta") else bare


def _best_pairs(
    left: dict[str, str], right: dict[str, str], cosines: NDArray[np.float32]
) -> dict[str, _Partner]:
    """Return the pairs of stems, best first, in which neither has a better partner."""
    partners: dict[str, _Partner] = {}
    taken: set[str] = set()
    stems, others = list(left), list(right)
    rows, columns = np.nonzero(cosines >= SIMILAR)
    for i in np.argsort(-cosines[rows, columns], kind="stable"):
        stem, other = stems[rows[i]], others[columns[i]]
        similarity = min(1.0, round(float(cosines[rows[i], columns[i]]), 4))
        if stem in partners or other in taken:
            continue
        alike = look_alike(left[stem], right[other])
        if similarity >= (SIMILAR_AND_ALIKE if alike else SIMILAR):
            partners[stem] = _Partner(other, similarity)
            taken.add(other)
    return partners


def look_alike(word: str, other: str) -> bool:
    """Say whether two words share many pairs of letters, by Dice's coefficient (Dice 1945)."""
    pairs, others = (
        Counter(text[i : i + 2] for i in range(len(text) - 1)) for text in (word, other)
    )
    return 2 * (pairs & others).total() >= _ALIKE * max(1, pairs.total() + others.total())


def _matches(
    asked: Sequence[_Word], given: Sequence[_Word], partners: dict[str, _Partner]
) -> tuple[Match, ...]:
    """Return the matches of the words of the question with those of a sentence."""
    places: dict[str, list[_Word]] = {}
    for word in given:
        places.setdefault(word.stem, []).append(word)
    found = []
    for word in asked:
        partner = partners.get(word.stem, _Partner(word.stem, 1.0))
        found += [
            Match(word.start, word.end, other.start, other.end, partner.similarity)
            for other in places.get(partner.stem, ())
        ]
    return tuple(_joined(found))


def _joined(matches: Sequence[Match]) -> list[Match]:
    """Return the matches, those that overlap in both texts made one.

    That are the pairs of characters by which scripts without blanks are compared.
    """
    found: list[Match] = []
    last: dict[int, int] = {}
    for match in matches:
        shift = match.start - match.question_start
        before = found[last[shift]] if shift in last else None
        if before and match.question_start < before.question_end and match.start < before.end:
            found[last[shift]] = Match(
                before.question_start, match.question_end, before.start, match.end, 1.0
            )
        else:
            last[shift] = len(found)
            found.append(match)
    return sorted(found, key=lambda match: (match.question_start, match.start))
