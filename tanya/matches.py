"""Why a sentence was found: which of its words met which words of the question."""

from __future__ import annotations

from tanya.lexical import Analyzer, Term
from tanya.records import Match

# Words that hold a sentence together and say nothing of its subject, in Indonesian and English.
_FUNCTION_WORDS = frozenset(
    """
    ada adalah agar akan antara apa apakah atau bagaimana bagi bahwa banyak berapa bila bisa boleh
    dalam dan dapat dari daripada dengan di dia ialah ia ini itu jadi jika juga kah kalau kalo kami
    kamu kapan karena ke kepada kita lah lagi lain lebih lo maka mana mengapa menjadi mereka nya
    oleh pada para paling pun punya saat saja sama sampai saya se sebagai secara sedang seperti
    serta siapa sih sudah supaya tapi tak telah tentang tetapi tidak untuk yang yg
    a about am an and any are as at be been but by can could did do does for from had has have he
    her his how i if in into is it its me my no not of on one or our she should so some than that
    the their them then there they this to was we were what when where which who whom whose why
    will with would you your
    """.split()
)


def function_words() -> frozenset[str]:
    """Return the words that hold a sentence together and say nothing of its subject."""
    return _FUNCTION_WORDS


def content_stems(text: str, analyzer: Analyzer) -> set[str]:
    """Return the stems of the words of ``text`` that say something of its subject."""
    return {term.stem for term in _content_terms(text, analyzer)}


def find_matches(question: str, sentence: str, analyzer: Analyzer) -> tuple[Match, ...]:
    """Return the words of ``question`` that occur in ``sentence`` in the same or a related form.

    Whole words, with exact offsets into both texts; words that only hold a sentence together are
    left out. Similarity is 1: the stems are equal.
    """
    places: dict[str, list[tuple[int, int]]] = {}
    for term in analyzer.terms(sentence):
        places.setdefault(term.stem, []).append((term.start, term.end))
    return tuple(
        Match(term.start, term.end, start, end, 1.0)
        for term in _content_terms(question, analyzer)
        for start, end in places.get(term.stem, ())
    )


def _content_terms(text: str, analyzer: Analyzer) -> list[Term]:
    """Return the words of ``text`` that do more than hold it together."""
    return [
        term
        for term in analyzer.terms(text)
        if text[term.start : term.end].casefold() not in _FUNCTION_WORDS
    ]
