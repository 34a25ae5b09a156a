"""Whether a word is one of a language, whatever the documents say.

A corpus has too few words to tell a rare word from an error. The Indonesian roots are PySastrawi's,
29,932 entries of the Kamus Besar; its stemmer takes the affixes off until a root is left (Asian
2007, "Effective Techniques for Indonesian Text Retrieval", confix stripping). The words of English
and eleven other languages are pyspellchecker's, with how often each was met. Neither asks for a
network.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

# Indonesian, and Malay, which shares most of its words.
LANGUAGES = ("id", "ms")
ENGLISH = "en"
# A shorter root must stand in the word as it is: "deman" is not "dan" with an infix.
_SHORTEST_ROOT = 4
# Suffixes of persons, which stemmers leave: prakirawan is of the stem of prakiraan.
PERSONS = ("wan", "wati")
# The prefix me- without its nasal, which only these letters can do without: "mejadi" is an error.
_BARE = re.compile("me[^lmnrwy]")
# What British spelling has where the dictionary, which is American, has something else.
_BRITISH = (("our", "or"), ("oul", "ol"), ("ll", "l"), ("is", "iz"), ("ys", "yz"), ("ae", "e"))


@lru_cache(maxsize=10_000)
def is_dictionary_word(form: str, language: str) -> bool:
    """Say whether a word in small letters is one of ``language``, in Indonesian also derived.

    Of a language that has no dictionary here no words are known.
    """
    if language not in LANGUAGES:
        return frequency(form, language) > 0 or (
            language == ENGLISH
            and any(frequency(form.replace(*one), language) for one in _BRITISH if one[0] in form)
        )
    roots, stemmer = _sastrawi()
    bases = {form, *(form.removesuffix(ending) for ending in PERSONS)}
    if not bases.isdisjoint(roots):
        return True
    root = stemmer.stem(form)
    if _BARE.match(form) and not root.startswith("me"):
        return False
    return root in roots and (len(root) >= _SHORTEST_ROOT or root in form)


def frequency(form: str, language: str) -> int:
    """Return how often a word was met in ``language``, 0 without a dictionary that counts."""
    words = _counted(language)
    return 0 if words is None else int(words.word_frequency[form])


@cache
def _counted(language: str) -> Any:
    """Return the words of a language, loaded when the first is asked for; None without any."""
    from spellchecker import SpellChecker

    if language not in SpellChecker.languages():
        return None
    return SpellChecker(language=language)


@cache
def _sastrawi() -> tuple[frozenset[str], Any]:
    """Return the roots and the stemmer, loaded when the first word is asked for."""
    from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
    from Sastrawi.Stemmer.Stemmer import Stemmer
    from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

    roots = StemmerFactory().get_words()
    return frozenset(roots), Stemmer(ArrayDictionary(roots))
