"""Questions to begin with, made from the titles, headings and sentences of whatever there is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tanya.catalogue import Catalogue, Outline
from tanya.function_words import is_function_word
from tanya.page.texts import Texts

# A title that is longer, or ends as a sentence does, stands in for a missing one.
_LONGEST_TITLE = 70
_ENDS = ("…", ".", "!", "?")
_TRIES = 12
# A heading with this is a table's row of column names.
_COLUMNS = " | "
# What a facet may have of words, and in how many of the documents it must be: what begins a
# sentence of one alone may be anything ("Pekan sebelum rilis adalah …").
_MOST_WORDS = 3
_LEAST_DOCUMENTS = 2
# "Its", which Indonesian writes onto a word: "pekerjaannya".
_ITS = re.compile(r"(?<=\w{4})nya$")
# "X adalah …", "X is …": the beginning of a sentence that says what X is.
_DEFINES = re.compile(r"^(?P<subject>[^,;:.!?]+?) (?:adalah|ialah|merupakan|yaitu|is|are)\b")
# "Tugas utama meliputi …": the beginning of a sentence that lists or says what belongs to X.
_LISTS = re.compile(
    r"^(?P<facet>[^,;:.!?]+?) (?:meliputi|mencakup|adalah|ialah|yaitu|antara lain|terdiri"
    r"|includes?|consists?|is|are)\b"
)


@dataclass(frozen=True, slots=True)
class _Subject:
    """A document, and what to call it in a question."""

    outline: Outline
    name: str
    titled: bool


def example_questions(catalogue: Catalogue, texts: Texts, seed: int, count: int) -> list[str]:
    """Return up to ``count`` questions, each of another kind and document where there are enough.

    The same ``seed`` gives the same questions.
    """
    random = Random(seed)  # noqa: S311 - nothing secret
    subjects = [found for found in map(_subject, catalogue.documents) if found is not None]
    if not subjects:
        return []
    chosen = random.sample(subjects, min(len(subjects), count * _TRIES))
    facets = _common_facets(chosen, catalogue)
    kinds: list[Callable[[_Subject], Iterator[str]]] = [
        lambda subject: _of_facet(subject, catalogue, facets, texts, random),
        lambda subject: iter([texts.example_about.format(title=subject.name)]),
        lambda subject: _of_difference(subject, subjects, texts, random),
        lambda subject: iter([texts.example_learn.format(title=subject.name)]),
    ]
    found: list[str] = []
    for i in range(count):
        kind = kinds[i % len(kinds)]
        for subject in list(chosen):
            question = next(kind(subject), None)
            if question is not None:
                found.append(question)
                chosen.remove(subject)
                break
    # Where no document has a heading, say, the other kinds stand in; and where there are too few
    # documents, further questions on the same ones.
    spare = [texts.example_about.format(title=subject.name) for subject in chosen]
    for subject in subjects[: count * _TRIES] if len(subjects) < count else ():
        spare += [
            *_of_difference(subject, subjects, texts, random),
            *_of_facets(subject, catalogue, facets, texts, random),
            texts.example_learn.format(title=subject.name),
            texts.example_about.format(title=subject.name),
        ]
    found += [question for question in dict.fromkeys(spare) if question not in found]
    return found[:count]


def _subject(outline: Outline) -> _Subject | None:
    """Return what to call a document: its title, or what its first sentence says it is about."""
    title = outline.title
    if len(title) <= _LONGEST_TITLE and not title.endswith(_ENDS):
        return _Subject(outline, title, titled=True)
    found = _DEFINES.match(title)
    if found is None or len(found["subject"]) > _LONGEST_TITLE or _refers(found["subject"]):
        return None
    return _Subject(outline, _in_a_sentence(found["subject"]), titled=False)


def _refers(words: str) -> bool:
    """Say whether words name nothing, but refer to what was named before ("ia", "hal ini")."""
    return all(is_function_word(word.casefold()) for word in words.split())


def _in_a_sentence(words: str) -> str:
    """Return the beginning of a sentence as it is written within one, but for acronyms."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _common_facets(
    subjects: Sequence[_Subject], catalogue: Catalogue
) -> Mapping[str, Sequence[str]]:
    """Return by their paths what sentences of documents are about, if it is so in several."""
    own = {
        subject.outline.path: dict.fromkeys(
            filter(None, map(_facet, catalogue.sentences(subject.outline.path)[1:]))
        )
        for subject in subjects
    }
    counts = Counter(facet for facets in own.values() for facet in facets)
    return {
        path: [facet for facet in facets if counts[facet] >= _LEAST_DOCUMENTS]
        for path, facets in own.items()
    }


def _facet(sentence: str) -> str | None:
    """Return what a sentence says to list ("Tugas utama meliputi …"), if it says so briefly."""
    match = _LISTS.match(sentence)
    if match is None:
        return None
    words = _ITS.sub("", match["facet"]).split()
    if not 1 < len(words) <= _MOST_WORDS or any(map(is_function_word, words)):
        return None
    return _in_a_sentence(" ".join(words))


def _of_facet(
    subject: _Subject,
    catalogue: Catalogue,
    facets: Mapping[str, Sequence[str]],
    texts: Texts,
    random: Random,
) -> Iterator[str]:
    """Yield a question for a heading of a document, or for what one of its sentences is about."""
    found = _of_facets(subject, catalogue, facets, texts, random)
    if found:
        yield random.choice(found)


def _of_facets(
    subject: _Subject,
    catalogue: Catalogue,
    facets: Mapping[str, Sequence[str]],
    texts: Texts,
    random: Random,
) -> Sequence[str]:
    """Return the questions that :func:`_of_facet` chooses from."""
    path = subject.outline.path
    headings = [
        heading
        for heading in catalogue.headings.get(path, ())
        if len(heading) <= _LONGEST_TITLE
        and not heading.endswith(_ENDS)
        and _COLUMNS not in heading
    ]
    if headings:
        heading = random.choice(headings)
        return [texts.example_heading.format(title=subject.name, heading=heading)]
    return [
        texts.example_facet.format(title=subject.name, facet=facet)
        for facet in facets.get(path, ())
    ]


def _of_difference(
    subject: _Subject, subjects: list[_Subject], texts: Texts, random: Random
) -> Iterator[str]:
    """Yield a question for what a document and another of its category differ by."""
    category = subject.outline.category
    alike = [
        other
        for other in subjects
        if other.outline.category == category and other.name != subject.name
    ]
    # Files that lie about in no folder need not be of one kind, but for a handful without titles.
    if alike and (category or not subject.titled):
        other = random.choice(alike)
        yield texts.example_difference.format(title=subject.name, other=other.name)
