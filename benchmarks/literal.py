"""How well words are found that only their letters tell from others, and numbers that are nowhere.

    python benchmarks/literal.py PATH/TO/CORPUS [--questions 200] [--seed 0]

It makes questions of the corpus's own sentences: single words that stand in three sentences at
most, and two words of a sentence with its numbers, which stand together in three at most. What is
right is every sentence that has them. The same with words that the corpus does not have, and with
numbers changed into such, must not be answered. It prints hit@1, hit@5 and MRR@10 by kind, with the
signal ``literal`` and without, and how many are answered.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.training_sets import first_right, rank_figures  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.function_words import is_function_word  # noqa: E402
from tanya.index import OpenBuild  # noqa: E402
from tanya.lexical import Analyzer, is_spaced, written_words  # noqa: E402
from tanya.literal import literal_words  # noqa: E402
from tanya.search import Searcher, open_searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402

# A word or a number that more sentences have does not point at one.
MOST_SENTENCES = 3
_SHORTEST = 4
_DEPTH = 10
_MOST_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question, the rows of the sentences that answer it, none if nothing does, and its kind."""

    question: str
    rows: frozenset[int]
    kind: str


@dataclass(frozen=True, slots=True)
class _Known:
    """The sentences of a build: their texts and stems, and the rows that have each stem."""

    texts: Sequence[str]
    stems: Sequence[set[str]]
    rows: Mapping[str, Sequence[int]]
    analyzer: Analyzer


def literal_questions(
    build: OpenBuild, count: int, seed: int = 0, strange: Sequence[str] = ()
) -> list[Wanted]:
    """Return up to ``count`` questions of each kind.

    Args:
        build: what is asked.
        count: how many of each.
        seed: chooses them.
        strange: texts with words that the build does not have.
    """
    generator = random.Random(seed)
    analyzer = Analyzer(build.manifest.language)
    texts = [text for text, _ in sorted(build.store.texts(), key=itemgetter(1))]
    stems = [set(analyzer.stems(text)) for text in texts]
    rows: dict[str, list[int]] = defaultdict(list)
    for row, own in enumerate(stems):
        for stem in own:
            rows[stem].append(row)
    known = _Known(texts, stems, rows, analyzer)
    return [
        *_words(known, count, generator),
        *_strange_words(known, strange, count, generator),
        *_numbers(known, count, generator),
    ]


def _content(text: str) -> list[str]:
    """Return the longer words of a text without digits that do more than hold it together."""
    return [
        word.form
        for word in written_words(text)
        if len(word.form) >= _SHORTEST
        and word.form.isalpha()
        and is_spaced(word.form)
        and text[word.start : word.end].islower()
        and not is_function_word(word.form)
    ]


def _words(known: _Known, count: int, generator: random.Random) -> list[Wanted]:
    """Return questions of one word."""
    rare: dict[str, Wanted] = {}
    for word in {word for text in known.texts for word in _content(text)}:
        [stem] = known.analyzer.stems(word)
        if len(known.rows[stem]) <= MOST_SENTENCES:
            rare[word] = Wanted(word, frozenset(known.rows[stem]), "word")
    return generator.sample([rare[word] for word in sorted(rare)], min(count, len(rare)))


def _strange_words(
    known: _Known, strange: Sequence[str], count: int, generator: random.Random
) -> list[Wanted]:
    """Return questions of one word that no sentence has."""
    words = sorted({word for text in strange for word in _content(text)})
    unknown = [word for word in words if known.analyzer.stems(word)[0] not in known.rows]
    chosen = generator.sample(unknown, min(count, len(unknown)))
    return [Wanted(word, frozenset(), "strange word") for word in chosen]


def _numbers(known: _Known, count: int, generator: random.Random) -> Iterator[Wanted]:
    """Yield questions with numbers, each followed by the same with numbers that nothing has."""
    places = list(range(len(known.texts)))
    generator.shuffle(places)
    stems = known.analyzer.stems
    for row in places:
        numbers = literal_words(known.texts[row], known.analyzer).numbers
        words = _content(known.texts[row])
        if not 1 <= len(numbers) <= _MOST_NUMBERS or len(words) < 2 or not count:
            continue
        kept = " ".join(words[place] for place in sorted(generator.sample(range(len(words)), 2)))
        asked = " ".join([kept, *numbers])
        wanted = set(stems(asked))
        with_first = known.rows[stems(kept)[0]]
        right = frozenset(i for i in with_first if wanted <= known.stems[i])
        if 1 <= len(right) <= MOST_SENTENCES:
            count -= 1
            yield Wanted(asked, right, "number")
            changed = [_changed(number, known.rows, generator) for number in numbers]
            yield Wanted(" ".join([kept, *changed]), frozenset(), "strange number")


def _changed(number: str, rows: Mapping[str, Sequence[int]], generator: random.Random) -> str:
    """Return a number of other digits that no sentence has, with one more if need be."""
    while True:
        other = "".join(
            str(generator.randint(1, 9)) if letter.isdigit() else letter for letter in number
        )
        if other not in rows:
            return other
        number = f"{number}0"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how words are found as written.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strange", type=Path, default=ROOT / "benchmarks" / "training" / "alam")
    options = parser.parse_args()
    strange = [path.read_text("utf-8") for path in sorted(options.strange.glob("corpus/**/*.txt"))]
    strange += [path.read_text("utf-8") for path in sorted(options.strange.glob("corpus/**/*.md"))]
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(corpus=options.corpus, index=Path(name, "index"))
        rebuild(settings)
        searcher = open_searcher(settings)
        off = Settings(corpus=options.corpus, index=settings.index, literal_weight=0.0)
        without = Searcher(searcher.build, searcher._encoder, off)
        questions = literal_questions(searcher.build, options.questions, options.seed, strange)
        found: dict[str, list[tuple[int | None, int | None, bool]]] = defaultdict(list)
        for wanted in tqdm(questions, disable=None, leave=False):
            ranks = [
                first_right(
                    [hit.row for hit in one.rank(wanted.question, _DEPTH)], set(wanted.rows)
                )
                for one in (searcher, without)
            ]
            answered = searcher.ask(wanted.question).answered
            found[wanted.kind].append((ranks[0], ranks[1], answered))
        print(
            "                      n  answered   hit@1  hit@5    MRR   without: hit@1  hit@5    MRR"
        )
        for kind, rows in found.items():
            ours, others, answered = zip(*rows, strict=True)
            line = f"{kind:16}{len(rows):7}{np.mean(answered):10.2f}"
            if not kind.startswith("strange"):
                line += "{:8.3f}{:7.3f}{:7.3f}{:17.3f}{:7.3f}{:7.3f}".format(
                    *rank_figures(ours), *rank_figures(others)
                )
            print(line)
        searcher.build.close()


if __name__ == "__main__":
    main()
