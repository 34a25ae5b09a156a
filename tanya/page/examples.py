"""Questions to begin with, made from the titles and headings of whatever documents there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from tanya.catalogue import Catalogue, Outline
from tanya.page.texts import Texts

# A title that is longer, or ends as a sentence does, stands in for a missing one.
_LONGEST_TITLE = 70
_ENDS = ("…", ".", "!", "?")
_TRIES = 12


def example_questions(catalogue: Catalogue, texts: Texts, seed: int, count: int) -> list[str]:
    """Return up to ``count`` questions, each of another kind and document where there are enough.

    The same ``seed`` gives the same questions.
    """
    random = Random(seed)  # noqa: S311 - nothing secret
    titled = [outline for outline in catalogue.documents if _is_title(outline.title)]
    if not titled:
        return []
    chosen = random.sample(titled, min(len(titled), count * _TRIES))
    kinds: list[Callable[[Outline], Iterator[str]]] = [
        lambda outline: _of_heading(outline, catalogue, texts, random),
        lambda outline: iter([texts.example_about.format(title=outline.title)]),
        lambda outline: _of_difference(outline, titled, texts, random),
        lambda outline: iter([texts.example_learn.format(title=outline.title)]),
    ]
    found: list[str] = []
    for i in range(count):
        kind = kinds[i % len(kinds)]
        for outline in list(chosen):
            question = next(kind(outline), None)
            if question is not None:
                found.append(question)
                chosen.remove(outline)
                break
    # Where no document has a heading, say, the other kinds stand in.
    spare = (texts.example_about.format(title=outline.title) for outline in chosen)
    found += [question for question in spare if question not in found][: count - len(found)]
    return found


def _is_title(title: str) -> bool:
    """Say whether ``title`` is one, not a sentence that stands in for it."""
    return len(title) <= _LONGEST_TITLE and not title.endswith(_ENDS)


def _of_heading(
    outline: Outline, catalogue: Catalogue, texts: Texts, random: Random
) -> Iterator[str]:
    """Yield a question for a heading of a document, if it has any."""
    headings = [h for h in catalogue.headings.get(outline.path, ()) if _is_title(h)]
    if headings:
        yield texts.example_heading.format(title=outline.title, heading=random.choice(headings))


def _of_difference(
    outline: Outline, titled: list[Outline], texts: Texts, random: Random
) -> Iterator[str]:
    """Yield a question for what a document and another of its category differ by."""
    alike = [
        other
        for other in titled
        if other.category == outline.category and other.title != outline.title
    ]
    if outline.category and alike:
        other = random.choice(alike)
        yield texts.example_difference.format(title=outline.title, other=other.title)
