"""Whether a word is Indonesian, whatever the documents say.

The roots are PySastrawi's, 29,932 entries of the Kamus Besar; its stemmer takes the affixes off
until a root is left (Asian 2007, "Effective Techniques for Indonesian Text Retrieval", confix
stripping). It asks for no network. A corpus has too few words to tell a rare word from an error.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

# Indonesian, and Malay, which shares most of its words.
LANGUAGES = ("id", "ms")
# A shorter root must stand in the word as it is: "deman" is not "dan" with an infix.
_SHORTEST_ROOT = 4


@lru_cache(maxsize=10_000)
def is_dictionary_word(form: str, language: str) -> bool:
    """Say whether a word in small letters is a root or is derived from one.

    Of a language other than Indonesian and Malay no words are known.
    """
    if language not in LANGUAGES:
        return False
    roots, stemmer = _sastrawi()
    if form in roots:
        return True
    root = stemmer.stem(form)
    return root in roots and (len(root) >= _SHORTEST_ROOT or root in form)


@cache
def _sastrawi() -> tuple[frozenset[str], Any]:
    """Return the roots and the stemmer, loaded when the first word is asked for."""
    from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
    from Sastrawi.Stemmer.Stemmer import Stemmer
    from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

    roots = StemmerFactory().get_words()
    return frozenset(roots), Stemmer(ArrayDictionary(roots))
