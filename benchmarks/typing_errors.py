"""How much one typing error a question costs, and what is left of it where it is corrected.

    python benchmarks/typing_errors.py PATH/TO/CORPUS PATH/TO/QUESTIONS [--split train]

In each answerable question one word of four letters or more is mistyped: two letters swapped, one
left out, one struck twice, or the key beside one hit. It prints hit@1, hit@5 and MRR@10 of the
questions as they are, with the errors, and with the errors when nothing is corrected; and of how
many the word became what it was, became another, or stayed. Questions without such a word are left
out. Of the collections that ``--strange`` names it prints in how many questions a word is changed
that their own documents have.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.training_sets import (  # noqa: E402
    answering_rows,
    first_right,
    measured,
    rank_figures,
)
from tanya.build import rebuild  # noqa: E402
from tanya.evaluate import DEPTH  # noqa: E402
from tanya.labels import LabelledQuestion, read_labels  # noqa: E402
from tanya.lexical import Analyzer, written_words  # noqa: E402
from tanya.search import Searcher, open_searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402
from tanya.vocabulary import Vocabulary, write_vocabulary  # noqa: E402

_SHORTEST = 4
# The rows of the keyboard. What is measured is not to hang on what the correction takes for beside.
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def keys_beside(letter: str) -> str:
    """Return the keys around the one of a letter."""
    row = next(i for i, keys in enumerate(_KEYS) if letter in keys)
    place = _KEYS[row].index(letter)
    near = [(row, place - 1), (row, place + 1), (row - 1, place), (row - 1, place + 1)]
    near += [(row + 1, place - 1), (row + 1, place)]
    return "".join(_KEYS[i][j] for i, j in near if 0 <= i < len(_KEYS) and 0 <= j < len(_KEYS[i]))


def mistyped(word: str, generator: random.Random) -> str:
    """Return a word in small letters with one error, not in its first letter."""
    place = generator.randrange(1, len(word))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    kinds = [
        before + after,
        before + letter + letter + after,
        before + generator.choice(keys_beside(letter)) + after,
    ]
    if after and after[0] != letter:
        kinds.append(before + after[0] + letter + after[1:])
    return generator.choice(kinds)


def with_error(question: str, generator: random.Random) -> str:
    """Return a question with one word mistyped, as it is if it has none that is long enough."""
    places = [
        (word.start, word.end)
        for word in written_words(question)
        if word.end - word.start >= _SHORTEST
        and (typed := question[word.start : word.end]).islower()
        and typed.isalpha()
        and typed.isascii()
    ]
    if not places:
        return question
    start, end = generator.choice(places)
    return question[:start] + mistyped(question[start:end], generator) + question[end:]


def changed(searcher: Searcher, strange: Path) -> tuple[int, int]:
    """Return how many questions there are in ``strange``, and how many have a right word changed.

    ``strange`` has a corpus and questions of its own, whose words are right.
    """
    texts = [path.read_text("utf-8") for path in sorted(strange.glob("corpus/**/*.*"))]
    with tempfile.TemporaryDirectory() as name:
        write_vocabulary(Path(name, "words"), texts, [], Analyzer(searcher.build.manifest.language))
        known = Vocabulary(Path(name, "words"))
        asked = [label.question for label in read_labels(strange / "questions.jsonl")]
        wrong = sum(
            any(
                change.kind == "typo" and known.count(change.original.lower())
                for change in searcher.ask(question, results=1).corrections
            )
            for question in asked
        )
    return len(asked), wrong


def compare(
    searcher: Searcher, plain: Searcher, labels: Sequence[LabelledQuestion], seed: int
) -> None:
    """Print the ranks with errors and without, and what became of the words.

    ``plain`` searches the same documents and corrects nothing.
    """
    generator = random.Random(seed)
    ranks: dict[str, list[int | None]] = {"typed well": [], "mistyped": [], "left so": []}
    outcomes = {"restored": 0, "another": 0, "left": 0}
    answers = answering_rows(searcher.build, labels)
    for label, rows in tqdm(list(zip(labels, answers, strict=True)), disable=None, leave=False):
        well = label.question
        typed = with_error(well, generator)
        if typed == well:
            continue
        searched = searcher.ask(typed, results=1).searched
        if searched == searcher.ask(well, results=1).searched:
            outcomes["restored"] += 1
        elif searched == plain.ask(typed, results=1).searched:
            outcomes["left"] += 1
        else:
            outcomes["another"] += 1
        asked = ((searcher, well), (searcher, typed), (plain, typed))
        for own, (one, question) in zip(ranks.values(), asked, strict=True):
            own.append(first_right([hit.row for hit in one.rank(question, DEPTH)], rows))
    for kind, own in ranks.items():
        print("{:11}{:6}{:8.3f}{:7.3f}{:7.3f}".format(kind, len(own), *rank_figures(own)))
    total = max(1, sum(outcomes.values()))
    print("  ".join(f"{outcome} {count / total:.2f}" for outcome, count in outcomes.items()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what typing errors cost.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strange", type=Path, nargs="*", default=[])
    with tempfile.TemporaryDirectory() as name:
        chosen = measured(parser, Path(name, "untitled"))
        options = parser.parse_args()
        settings = Settings(corpus=chosen.corpus, index=Path(name, "index"))
        rebuild(settings)
        searcher = open_searcher(settings)
        plain = open_searcher(dataclasses.replace(settings, correct_typos=False))
        compare(searcher, plain, chosen.labels, options.seed)
        for strange in options.strange:
            print(
                "{}: of {} questions {} changed".format(strange.name, *changed(searcher, strange))
            )
        for one in (searcher, plain):
            one.build.close()


if __name__ == "__main__":
    main()
