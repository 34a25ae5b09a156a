"""Questions to begin with, made from the titles, headings and sentences of whatever there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tanya.catalogue import Catalogue, Outline
from tanya.function_words import is_function_word
from tanya.page.texts import Texts

# A title that is longer, or ends as a sentence does, stands in for a missing one.
_LONGEST_TITLE = 70
_ENDS = ("…", ".", "!", "?")
_TRIES = 12
_LONGEST_FACET = 45
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
    kinds: list[Callable[[_Subject], Iterator[str]]] = [
        lambda subject: _of_facet(subject, catalogue, texts, random),
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
            *_of_facets(subject, catalogue, texts, random),
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


def _of_facet(
    subject: _Subject, catalogue: Catalogue, texts: Texts, random: Random
) -> Iterator[str]:
    """Yield a question for a heading of a document, or for what one of its sentences is about."""
    found = _of_facets(subject, catalogue, texts, random)
    if found:
        yield random.choice(found)


def _of_facets(
    subject: _Subject, catalogue: Catalogue, texts: Texts, random: Random
) -> Sequence[str]:
    """Return the questions that :func:`_of_facet` chooses from."""
    path = subject.outline.path
    headings = [
        heading
        for heading in catalogue.headings.get(path, ())
        if len(heading) <= _LONGEST_TITLE and not heading.endswith(_ENDS)
    ]
    if headings:
        heading = random.choice(headings)
        return [texts.example_heading.format(title=subject.name, heading=heading)]
    facets = []
    for sentence in catalogue.sentences(path)[1:]:
        match = _LISTS.match(sentence)
        if match is None or len(match["facet"]) > _LONGEST_FACET:
            continue
        words = match["facet"].casefold().split()
        if len(words) > 1 and not is_function_word(words[0]):
            facets.append(_in_a_sentence(match["facet"]))
    return [texts.example_facet.format(title=subject.name, facet=facet) for facet in facets]


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
