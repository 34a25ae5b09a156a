"""Whether a word is one of a language, whatever the documents say.

A corpus has too few words to tell a rare word from an error. How often a word is met in each of
forty languages is wordfreq's (Speer 2022, "rspeer/wordfreq: v3.0"): in Wikipedia, subtitles, news,
books and on the web, errors among them. Indonesian derives more words than are met often enough:
PySastrawi has the 29,932 roots of the Kamus Besar, and its stemmer takes the affixes off until a
root is left (Asian 2007, "Effective Techniques for Indonesian Text Retrieval", confix stripping).
Neither asks for a network.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from tanya.slips import LEFT_OUT, one_slip_off

# Indonesian, and Malay, which shares most of its words.
LANGUAGES = ("id", "ms")
ENGLISH = "en"
# The least frequent words that are kept, in hundredths of a power of ten: one in ten million.
_RAREST = 700
# A word that is so many times rarer than one of which a letter was left out is that slip, which
# others made, too: "tesebut", once in a million words where "tersebut" is met 1,500 times. Of
# likelier slips it is fewer times, of others more.
_ERRORS = 300
# A shorter root must stand in the word as it is: "deman" is not "dan" with an infix.
_SHORTEST_ROOT = 4
# Suffixes of persons, which stemmers leave: prakirawan is of the stem of prakiraan.
PERSONS = ("wan", "wati")
# The prefix me- without its nasal, which only these letters can do without: "mejadi" is an error.
_BARE = re.compile("me[^lmnrwy]")
# Spoken Indonesian has an ending for -kan and -i, and of the prefix me- only the nasal behind it.
_SPOKEN_ENDING = "in"
_UNSPOKEN, _NASALS = "me", ("m", "n")
# Threads that ask at once wait for the first, instead of loading as much as often.
_LOADING = Lock()


@lru_cache(maxsize=10_000)
def is_dictionary_word(form: str, language: str) -> bool:
    """Say whether a word in small letters is one of ``language``, as its dictionaries have it.

    In Indonesian that is a root or what is derived from one. Of a language that has no dictionary
    here no words are known.
    """
    return _is_of_root(form) if language in LANGUAGES else _is_met(form, language)


@lru_cache(maxsize=10_000)
def is_used(form: str, language: str) -> bool:
    """Say whether a word in small letters is one of ``language`` as people speak and write it.

    Beside the dictionary's words these are names, loanwords and what is derived as people speak:
    bikinin (of bikin), manjat (of memanjat).
    """
    return (
        is_dictionary_word(form, language)
        or _is_met(form, language)
        or (language in LANGUAGES and _is_spoken(form, language))
    )


def frequency(form: str, language: str) -> float:
    """Return the share of a word among all words of ``language``.

    It is 0 if the word is rarer than one in ten million, or the language has no dictionary here.
    """
    found = _frequencies(language).get(form)
    return 0.0 if found is None else 10 ** (-found / 100)


def _is_met(form: str, language: str) -> bool:
    """Say whether a word is met, and is not the error that many make of a far more frequent one."""
    own = frequency(form, language)
    most = _ERRORS * own * LEFT_OUT
    return own > 0 and all(
        frequency(other, language) * likely < most for other, likely in one_slip_off(form).items()
    )


def _is_of_root(form: str) -> bool:
    """Say whether an Indonesian word is a root or is derived from one."""
    roots, stemmer = _sastrawi()
    bases = {form, *(form.removesuffix(ending) for ending in PERSONS)}
    if not bases.isdisjoint(roots):
        return True
    root = stemmer.stem(form)
    if _BARE.match(form) and not root.startswith("me"):
        return False
    return root in roots and (len(root) >= _SHORTEST_ROOT or root in form)


def _is_spoken(form: str, language: str) -> bool:
    """Say whether a word has a spoken ending, or lacks what is left out in speech."""
    stem = form.removesuffix(_SPOKEN_ENDING)
    return (stem != form and frequency(stem, language) > 0) or (
        form.startswith(_NASALS) and frequency(_UNSPOKEN + form, language) > 0
    )


def _frequencies(language: str) -> dict[str, int]:
    """Return how rare each word of a language is, in hundredths of a power of ten, loaded once."""
    with _LOADING:
        return _loaded(language)


@cache
def _loaded(language: str) -> dict[str, int]:
    """Load how rare each word of a language is."""
    import wordfreq

    if language not in wordfreq.available_languages("best"):
        return {}
    by_rarity = wordfreq.get_frequency_list(language, wordlist="best")
    # It would keep what is not needed here: most of a language's words are rarer.
    wordfreq.get_frequency_list.cache_clear()
    return {form: rare for rare, forms in enumerate(by_rarity[: _RAREST + 1]) for form in forms}


@cache
def _sastrawi() -> tuple[frozenset[str], Any]:
    """Return the roots and the stemmer, loaded when the first word is asked for."""
    from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
    from Sastrawi.Stemmer.Stemmer import Stemmer
    from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

    roots = StemmerFactory().get_words()
    return frozenset(roots), Stemmer(ArrayDictionary(roots))
