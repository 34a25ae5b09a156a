"""From a question as it was typed to the wording that is searched.

Chat forms are written out (:mod:`tanya.slang`), compounds are joined or parted as the documents
have them, and words that neither the documents nor the model nor a dictionary know are corrected to
the nearest word of the documents, by optimal string alignment: insertions, deletions, substitutions
and swaps of neighbours count 1 each (Damerau 1964, "A technique for computer detection and
correction of spelling errors"). Where the documents have none, it may be another word of the
question's language (:mod:`tanya.dictionary`) that one slip of the fingers makes of it. Every change
is of whole words, so that each stretch of the wording belongs to a stretch of the question.

rapidfuzz compares the few hundred words of a similar length and beginning in less than a
millisecond. symspellpy would look them up faster, but only in an index of deletions that takes
seconds to fill for 100,000 words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from tanya import function_words
from tanya.dictionary import ENGLISH, LANGUAGES, PERSONS, frequency, is_dictionary_word, is_used
from tanya.encoders import PieceTable
from tanya.function_words import FUNCTION_WORDS
from tanya.lexical import Analyzer, Word, written_words
from tanya.records import Correction
from tanya.slang import PARTICLES, STANDARD, standard_form, undoubled, written_verbs
from tanya.slips import LEFT_OUT, is_slip, one_slip_off
from tanya.text import has_words
from tanya.vocabulary import Vocabulary

Kind = Literal["typo", "compound", "slang"]

# Shorter words have too many neighbours.
_SHORTEST = 4
# Words up to this length may have one error, longer ones two.
_SHORT = 7
_VERY_SHORT = 5
_SHORTEST_PART = 3
# What is longer is no word.
_LONGEST = 40
# Prepositions that are often written joined to their noun.
_JOINED_PREPOSITIONS = ("di", "ke")
# How many words that hold a question together, and what share of it, make it an English one: other
# languages have "is", "in" and "me", too.
_LEAST_HOLDING, _HOLDING = 2, 0.25
# The share of an English question's words that are English at least: errors and names are not.
_MOSTLY = 0.4
# By how much one word must be more frequent than another that is as near.
_CLEARLY = 3
# The most that a letter of what reads as a word costs: -log p of its pieces by letter. Of words of
# other languages that are several pieces 72 % cost no more, of random letters 0.3 %, of random
# syllables 7 %.
_RAREST_LETTER = 3.5
# What standing beside the question's neighbouring word is worth, as a multiple of the frequency.
_BESIDE = 20
# The share of all words that a word must have at least to be meant where the documents lack it and
# its stem, if a letter of it was left out; less if the slip is likelier, more if it is less so.
_LEAST_MEANT = 5e-6
# The share of all English words from which on one is known in questions of any language.
_LEAST_ENGLISH = 1e-6
# The share of all words that each function word is taken to have at least: a question's own words
# (bagaimana, kapan) are rare in documents.
_FUNCTION_SHARE = 1 / 500


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a wording, and the stretch of the question that it stands for."""

    start: int
    end: int
    typed_start: int
    typed_end: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """The wording of a question that is searched, and how it differs from what was typed."""

    text: str
    corrections: tuple[Correction, ...]
    pieces: tuple[Piece, ...]

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the question stands what the wording has from ``start`` to ``end``.

        A part of a replacement stands for all that it replaces.
        """
        first = next(piece for piece in self.pieces if start < piece.end)
        last = next(piece for piece in self.pieces if end <= piece.end)
        return (
            first.typed_start + (start - first.start if first.kept else 0),
            last.typed_end - (last.end - end if last.kept else 0),
        )


def worded(question: str, corrections: Sequence[Correction]) -> Wording:
    """Return the wording that ``corrections``, in the order of the question, make of it."""
    text = ""
    pieces: list[Piece] = []
    typed = 0
    for change in corrections:
        before = question[typed : change.start]
        after = change.end
        # With a word that is left out goes the blank before it, or after it at the beginning.
        if not change.replacement and (text + before).strip():
            before = before.rstrip()
        elif not change.replacement:
            after = len(question) - len(question[after:].lstrip())
        middle = len(text) + len(before)
        pieces.append(Piece(len(text), middle, typed, typed + len(before), kept=True))
        end = middle + len(change.replacement)
        pieces.append(Piece(middle, end, change.start, change.end, kept=False))
        text += before + change.replacement
        typed = after
    rest = question[typed:]
    pieces.append(Piece(len(text), len(text) + len(rest), typed, len(question), kept=True))
    return Wording(text + rest, tuple(corrections), tuple(pieces))


class Speller:
    """Words questions as the documents of one build would. Threads may share it.

    A word is left as it is if it, or a word of its stem, occurs in the documents; if it only holds
    a sentence together; if it has a digit, less than four letters or a script without capitals; if
    it is in the dictionary; or if the model knows it as one piece, for then it is a word of some
    language. A word with a capital that is not the question's first is taken for a name, and only
    another name can be meant by it. A question with as many words of other languages as of the
    documents' is searched as it is, unless it is English, and so are words with an apostrophe and
    doubled ones (cuap-cuap).

    A chat form that the documents have is searched as it is: they may mean something else by it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        table: PieceTable,
        analyzer: Analyzer,
        *,
        correct_typos: bool = True,
        normalise_slang: bool = True,
    ) -> None:
        """Join the words of a build with the table that knows words of many languages."""
        self._vocabulary = vocabulary
        self._table = table
        self._analyzer = analyzer
        self._correct_typos = correct_typos
        self._normalise_slang = normalise_slang and analyzer.language in LANGUAGES
        # What a question has and a document seldom: correct, and what errors may be meant for.
        standard = {word for words in STANDARD.values() for word in words.split()}
        self._common = FUNCTION_WORDS.difference(STANDARD, PARTICLES) | standard
        self._common_stems = {stem for word in self._common for stem in analyzer.stems(word)}

    def wording(self, question: str) -> Wording:
        """Return how ``question`` is searched."""
        words = written_words(question)
        asked = _Asked(
            question,
            words,
            has_names=any(question[word.start].islower() for word in words),
            is_native=self._is_native(words),
        )
        changes: list[Correction] = []
        place = 0
        while place < len(words):
            change, used = self._change(asked, place)
            if change is not None:
                changes.append(change)
            place += used
        if not has_words(worded(question, changes).text):
            # Somebody may ask for nothing but a particle.
            changes = []
        return worded(question, changes)

    def knows_none(self, words: Sequence[str]) -> bool:
        """Say whether neither the documents nor the model nor a dictionary has any of ``words``.

        Short words, numbers and scripts without letters of two cases count as known, and so does
        what is written as words of the model's languages are.
        """
        forms = [word.lower() for word in words]
        return all(self._is_unknown(form) and not self._reads_as_word(form) for form in forms)

    def _reads_as_word(self, form: str) -> bool:
        """Say whether a word is cut into pieces that are likely for its length."""
        [pieces] = self._table.ids([form])
        return float(self._table.rarity(pieces).sum()) <= _RAREST_LETTER * len(form)

    def _change(self, asked: _Asked, place: int) -> tuple[Correction | None, int]:
        """Return what to change at a word, or None, and how many words that settles."""
        word = asked.words[place]
        if self._correct_typos and self._joins(asked, place):
            following = asked.words[place + 1]
            return asked.correction(word, following, word.form + following.form, "compound"), 2
        if self._normalise_slang and asked.is_native and not self._vocabulary.count(word.form):
            standard = self._without_slang(word.form)
            if standard is not None and not asked.is_acronym(word):
                return asked.correction(word, word, standard, "slang"), 1
        if self._correct_typos and asked.may_err(place) and self._is_unknown(word.form):
            return self._corrected(asked, place), 1
        return None, 1

    def _corrected(self, asked: _Asked, place: int) -> Correction | None:
        """Return what to change at a word that the documents do not know, or None."""
        word = asked.words[place]
        language = self._language(asked)
        if language is None or is_dictionary_word(word.form, language):
            return None
        parted = self._parted(word.form)
        if parted is not None:
            return asked.correction(word, word, parted, "compound")
        if is_used(word.form, language) or frequency(word.form, ENGLISH) >= _LEAST_ENGLISH:
            return None
        meant = self._meant(asked, place, language)
        return None if meant is None else asked.correction(word, word, meant, "typo")

    def _language(self, asked: _Asked) -> str | None:
        """Return the language whose words a question may have errors in, None if there is none.

        It is English if that is what it is in, and else the documents', if it is in theirs.
        """
        forms = [word.form for word in asked.words]
        english = sum(form in function_words.ENGLISH for form in forms)
        enough = max(_LEAST_HOLDING, _HOLDING * len(forms))
        if enough <= english > sum(form in function_words.INDONESIAN for form in forms):
            known = sum(is_dictionary_word(form, ENGLISH) for form in forms)
            if known >= _MOSTLY * len(forms):
                return ENGLISH
        return self._analyzer.language if asked.is_native else None

    def _without_slang(self, form: str) -> str | None:
        """Return how a document would write a chat form, None for any other word."""
        if form in PARTICLES:
            return ""
        if (standard := standard_form(form)) is not None:
            return standard
        if (doubled := undoubled(form)) is not None:
            return doubled[1] if self._is_known(doubled[0]) else None
        if not self._is_unknown(form):
            return None
        verbs = list(written_verbs(form))
        for known in (self._vocabulary.count, self._has_known_stem):
            if (verb := next(filter(known, verbs), None)) is not None:
                return verb
        return None

    def _is_native(self, words: Sequence[Word]) -> bool:
        """Say whether fewer words are of other languages than of the documents', if any are."""
        forms = [word.form for word in words if word.form.isalpha()]
        others = [form for form in forms if not self._is_own(form)]
        foreign = sum(form in self._common or self._table.is_piece(form) for form in others)
        return not foreign or foreign < len(forms) - len(others)

    def _is_own(self, form: str) -> bool:
        """Say whether a word is one of the documents' language."""
        return (
            self._vocabulary.count(form) > 0
            or form in STANDARD
            or form in PARTICLES
            or is_dictionary_word(form, self._analyzer.language)
        )

    def _joins(self, asked: _Asked, place: int) -> bool:
        """Say whether two words are one in the documents, and never stand there as two."""
        if place + 1 >= len(asked.words):
            return False
        left, right = asked.words[place], asked.words[place + 1]
        joined = left.form + right.form
        return (
            asked.question[left.end : right.start].isspace()
            and min(len(left.form), len(right.form)) > 1
            and not {left.form, right.form} & FUNCTION_WORDS
            and len(joined) > _SHORTEST
            and self._vocabulary.count(joined) > 0
            and not self._vocabulary.pair_count(left.form, right.form)
        )

    def _parted(self, form: str) -> str | None:
        """Return the two words that ``form`` joins, if they stand side by side in the documents."""
        best, most = None, 0
        for cut in range(2, len(form) - _SHORTEST_PART + 1):
            left, right = form[:cut], form[cut:]
            if len(left) >= _SHORTEST_PART or left in _JOINED_PREPOSITIONS:
                count = self._vocabulary.pair_count(left, right)
                if count > most:
                    best, most = f"{left} {right}", count
        return best

    def _meant(self, asked: _Asked, place: int, language: str) -> str | None:
        """Return the word that an unknown one is meant for, None if there is none, or several.

        Of those that are as near, the words of the documents come before others of the language, in
        a question in another language after them.
        """
        word = asked.words[place]
        errors = 1 if len(word.form.removesuffix("nya")) <= _SHORT else 2
        near = self._near(word.form, errors)
        is_name = asked.is_name(place)
        if is_name:
            near = {other: far for other, far in near.items() if self._vocabulary.is_name(other)}
        for far in range(1, errors + 1):
            own = {o: self._weight(o, asked, place) for o in near if near[o] == far}
            others = self._listed(word.form, language) if far == 1 and not is_name else {}
            tiers = (own, others) if asked.is_native else (others, own)
            if own or others:
                meant = self._clearest(tiers[0]) or self._clearest(tiers[1])
                # The documents may write in two words what the dictionary has in one: kerja sama.
                return meant and (self._parted(meant) or meant)
        return self._parted_with_error(word.form) if errors > 1 else None

    def _listed(self, form: str, language: str) -> dict[str, float]:
        """Return words of the language's dictionary that one slip may have made of, and weights.

        Rare ones are meant only where the documents have a word of the same stem.
        """
        # A short word with a letter that is too many is as soon another word that nothing knows.
        least = LEFT_OUT if len(form) <= _VERY_SHORT else 0
        weights = {
            other: frequency(other, language) * likely / LEFT_OUT
            for other, likely in one_slip_off(form).items()
            if len(other) >= _SHORTEST and likely >= least
        }
        return {
            other: weight
            for other, weight in weights.items()
            if weight >= _LEAST_MEANT or (weight > 0 and self._has_known_stem(other))
        }

    def _near(self, form: str, errors: int) -> dict[str, int]:
        """Return the words within so many errors of ``form``, and how many errors they are off.

        The first letter may be wrong only by having been swapped or left out.
        """
        choices = [other for other in self._common if abs(len(other) - len(form)) <= errors]
        for length in range(max(_SHORTEST, len(form) - errors), len(form) + errors + 1):
            choices += self._vocabulary.bucket(length, form[0])
            if form[1] != form[0]:
                choices += self._vocabulary.bucket(length, form[1])
        found = extract(form, choices, scorer=OSA.distance, score_cutoff=errors, limit=None)
        return {
            other: int(far)
            for other, far, _ in found
            if len(other) >= _SHORTEST and is_slip(form, other, int(far))
        }

    def _clearest(self, alike: Mapping[str, float]) -> str | None:
        """Return the word whose weight is clearly above that of all others, or None.

        Words of one stem do not compete: whichever it is, the same sentences are found.
        """
        if not alike:
            return None
        ranked = sorted(alike, key=lambda other: -alike[other])
        best = ranked[0]
        stems = self._analyzer.stems(best)
        rivals = [other for other in ranked[1:] if self._analyzer.stems(other) != stems]
        if rivals and alike[best] < _CLEARLY * alike[rivals[0]]:
            return None
        return best

    def _weight(self, other: str, asked: _Asked, place: int) -> float:
        """Return how likely a word is meant at a place: its frequency, more in known company."""
        weight = float(self._vocabulary.count(other))
        if other in self._common:
            weight = max(weight, 1.0, self._vocabulary.total * _FUNCTION_SHARE)
        before, after = asked.beside(place)
        if (before and self._vocabulary.pair_count(before, other)) or (
            after and self._vocabulary.pair_count(other, after)
        ):
            weight *= _BESIDE
        return weight

    def _parted_with_error(self, form: str) -> str | None:
        """Return the two neighbours in the documents that ``form`` joins with one error."""
        best, most = None, 0
        for cut in range(_SHORTEST, len(form) - _SHORTEST + 1):
            left, right = form[:cut], form[cut:]
            for first, second in self._pairs_near(left, right):
                count = self._vocabulary.pair_count(first, second)
                if count > most:
                    best, most = f"{first} {second}", count
        return best

    def _pairs_near(self, left: str, right: str) -> Iterator[tuple[str, str]]:
        """Yield pairs of words of which one is as given and the other has one error."""
        if self._vocabulary.count(left):
            for other in self._vocabulary.followers(left):
                if len(other) >= _SHORTEST and OSA.distance(right, other, score_cutoff=1) <= 1:
                    yield left, other
        if self._vocabulary.count(right):
            for other in self._near(left, 1):
                yield other, right

    def _is_known(self, form: str) -> bool:
        """Say whether a word needs no correction, whatever its length."""
        return (
            form in self._common
            or self._vocabulary.count(form) > 0
            or self._is_derived(form)
            or self._table.is_piece(form)
            # A name that is typed in small letters: jawa.
            or self._table.is_piece(form.capitalize())
            or is_dictionary_word(form, self._analyzer.language)
        )

    def _is_unknown(self, form: str) -> bool:
        """Say whether a word may be an error."""
        return (
            len(form) >= _SHORTEST
            and form.isalpha()
            and form.upper() != form
            and form not in STANDARD
            and form not in PARTICLES
            and not self._is_known(form)
        )

    def _is_derived(self, form: str) -> bool:
        """Say whether a word is of a known stem, as far as no dictionary says otherwise.

        Stemmers also take affixes from what only looks like a derived word: "mejadi".
        """
        language = self._analyzer.language
        return self._has_known_stem(form) and not any(
            is_dictionary_word(stem, language) for stem in self._analyzer.stems(form)
        )

    def _has_known_stem(self, form: str) -> bool:
        """Say whether a word of the documents or a common one has the stem of ``form``."""
        bases = [form, *(form.removesuffix(ending) for ending in PERSONS if form.endswith(ending))]
        return any(
            all(
                stem in self._common_stems or self._vocabulary.has_stem(stem)
                for stem in self._analyzer.stems(base)
            )
            for base in bases
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question and its words.

    ``has_names`` says whether capitals tell names in it, ``is_native`` whether it is in a language
    of the documents.
    """

    question: str
    words: Sequence[Word]
    has_names: bool
    is_native: bool

    def correction(self, first: Word, last: Word, replacement: str, kind: Kind) -> Correction:
        """Return the change of all from one word to another, with capitals where there were."""
        original = self.question[first.start : last.end]
        if len(original) > 1 and original.isupper():
            replacement = replacement.upper()
        elif original[0].isupper():
            replacement = replacement[:1].upper() + replacement[1:]
        return Correction(first.start, last.end, original, replacement, kind)

    def may_err(self, place: int) -> bool:
        """Say whether a word may be an error.

        Not if it is written twice, with an apostrophe, or with capitals among small letters.
        """
        word = self.words[place]
        typed = self.question[word.start : word.end]
        twice = word.form in self.beside(place)
        mixed = not typed[1:].islower() and not typed.isupper()
        return not twice and not mixed and len(typed) == len(word.form) <= _LONGEST

    def is_acronym(self, word: Word) -> bool:
        """Say whether a word is all capitals in a question that is not."""
        return self.has_names and self.question[word.start : word.end].isupper()

    def is_name(self, place: int) -> bool:
        """Say whether a word is written as a name."""
        return self.has_names and place > 0 and self.question[self.words[place].start].isupper()

    def beside(self, place: int) -> tuple[str | None, str | None]:
        """Return the words before and after, None where there is none."""
        before = self.words[place - 1].form if place > 0 else None
        after = self.words[place + 1].form if place + 1 < len(self.words) else None
        return before, after
