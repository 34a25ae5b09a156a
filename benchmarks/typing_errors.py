"""How much one typing error a question costs, and what is left of it where it is corrected.

    python benchmarks/typing_errors.py PATH/TO/CORPUS PATH/TO/QUESTIONS [--split train] [--seed 0]

In each answerable question one word of four letters or more is mistyped: two letters swapped, one
left out, one struck twice, or the key beside one hit. It prints hit@1, hit@5 and MRR@10 of the
questions as they are, with the errors, and with the errors when nothing is corrected; and of how
many the word became what it was, became another, or stayed. With ``--strange``, questions of which
documents elsewhere have every word that is counted, it prints how many of these would be changed.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.training_sets import answering_rows, first_right, rank_figures  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.labels import read_labels  # noqa: E402
from tanya.lexical import Analyzer, written_words  # noqa: E402
from tanya.search import Searcher, open_searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402
from tanya.vocabulary import Vocabulary, write_vocabulary  # noqa: E402

_SHORTEST = 4
_DEPTH = 10
# The keys beside each, on the left and on the right, above and below.
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what typing errors cost.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--split")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strange", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    generator = random.Random(options.seed)
    labels = [
        label
        for label in read_labels(options.questions)
        if label.answerable and options.split in (None, label.split)
    ]
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(corpus=options.corpus, index=Path(name, "index"))
        rebuild(settings)
        searcher = open_searcher(settings)
        plain = Searcher(
            searcher.build, searcher._encoder, dataclasses.replace(settings, correct_typos=False)
        )
        ranks: dict[str, list[int | None]] = {"typed well": [], "mistyped": [], "left so": []}
        words = {"restored": 0, "another": 0, "left": 0}
        answers = answering_rows(searcher.build, labels)
        for label, rows in tqdm(list(zip(labels, answers, strict=True)), disable=None, leave=False):
            typed = with_error(label.question, generator)
            if typed == label.question:
                continue
            well = searcher.ask(label.question, results=1).searched
            searched = searcher.ask(typed, results=1).searched
            if searched == well:
                words["restored"] += 1
            else:
                words[
                    "left" if searched == plain.ask(typed, results=1).searched else "another"
                ] += 1
            for kind, asked, one in (
                ("typed well", label.question, searcher),
                ("mistyped", typed, searcher),
                ("left so", typed, plain),
            ):
                found = [hit.row for hit in one.rank(asked, _DEPTH)]
                ranks[kind].append(first_right(found, rows))
        for kind, own in ranks.items():
            print("{:11}{:6}{:8.3f}{:7.3f}{:7.3f}".format(kind, len(own), *rank_figures(own)))
        print("  ".join(f"{what} {n / sum(words.values()):.2f}" for what, n in words.items()))
        for strange in options.strange:
            print(
                "{}: of {} questions {} changed".format(strange.name, *changed(searcher, strange))
            )
        searcher.build.close()


if __name__ == "__main__":
    main()
