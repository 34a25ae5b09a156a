"""Whether Tanya tells what the documents answer from what they do not, by the same questions.

    python benchmarks/absence.py corpus tests/questions/careers.jsonl --split test
    python benchmarks/absence.py PATH/TO/ANOTHER/CORPUS QUESTIONS.jsonl

Questions that people think up to have no answer differ from those with one in more than that: they
are worded more plainly, for instance, and whatever refuses plain questions looks good on them. Here
the questions are the same: every other document goes into one half of the corpus, the rest into the
other, and each answerable question is asked of the half that has its document and of the half that
has not. Some are answered there, too, by what another document says: the figures are bounds, and to
be compared with each other.

It prints the AUROC of the confidence, and the share refused of either kind. ``--untitled`` leaves
out the titles of Markdown documents.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.training_sets import measured  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.documents import list_files  # noqa: E402
from tanya.evaluate import auroc  # noqa: E402
from tanya.labels import LabelledQuestion  # noqa: E402
from tanya.records import Answer  # noqa: E402
from tanya.search import open_searcher  # noqa: E402
from tanya.settings import Settings  # noqa: E402


def halves(corpus: Path, folder: Path) -> tuple[Path, Path]:
    """Copy every other document of ``corpus`` to one folder below ``folder``, the rest to another.

    They are taken in the order of their paths, so that neighbours, which are often alike, part.
    """
    found = (folder / "0", folder / "1")
    for number, file in enumerate(list_files(corpus)):
        target = found[number % 2] / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(corpus / file.path, target)
    return found


def present_and_absent(
    corpus: Path, labels: Sequence[LabelledQuestion], folder: Path
) -> list[tuple[Answer, Answer]]:
    """Return for each question the answer of the half with its document, and of that without."""
    found = halves(corpus, folder)
    searchers = []
    for number, half in enumerate(found):
        settings = Settings(corpus=half, index=folder / f"index {number}")
        rebuild(settings)
        searchers.append(open_searcher(settings))
    answers = []
    for label in labels:
        own = int((found[1] / (label.document or "")).is_file())
        answers.append((searchers[own].ask(label.question), searchers[1 - own].ask(label.question)))
    return answers


def _print_line(name: str, answers: Sequence[tuple[Answer, Answer]]) -> None:
    """Print the figures of some questions."""
    present, absent = zip(*answers, strict=True)
    area = auroc([a.confidence for a in present], [a.confidence for a in absent])
    refused = [np.mean([not a.answered for a in kind]) for kind in (present, absent)]
    print(f"{name:13} {len(answers):9} {area or 0:7.3f} {refused[0]:9.3f} {refused[1]:9.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Ask the same questions with and without answers.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = measured(parser, folder / "untitled")
        answers = present_and_absent(chosen.corpus, chosen.labels, folder)
        print("              questions   AUROC   refused: present, absent")
        _print_line("all", answers)
        for kind in sorted({label.kind for label in chosen.labels if label.kind}):
            of_kind = [a for a, x in zip(answers, chosen.labels, strict=True) if x.kind == kind]
            _print_line(f"  {kind}", of_kind)


if __name__ == "__main__":
    main()
