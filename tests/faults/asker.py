"""Asks an index questions without end, judges the answers, and tells in a file how they were.

``python -m tests.faults.asker INDEX FILE``. An answer is right if its sentences are all those of
one corpus, the one of every other answer of the same build, the one that answers first.
"""

from __future__ import annotations

import json
import os
import sys
import time
from itertools import cycle
from pathlib import Path

from tanya.live import LiveSearcher
from tanya.settings import Settings
from tests.faults.texts import QUESTIONS, corpus_of

_MOST_TOLD = 20


class Tally:
    """What was asked and how it was answered."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.asked = 0
        self.wrong: list[str] = []
        self.mixed: list[str] = []
        self.failed: list[str] = []
        # Which corpus each build was of, and the last build that answered.
        self.builds: dict[str, str] = {}
        self.last = ""
        self.notes: list[str] = []

    def ask(self, searcher: LiveSearcher, question: str) -> None:
        """Ask one question and judge its answer."""
        self.asked += 1
        try:
            answer = searcher.ask(question)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
            self.failed.append(f"{question}: {type(error).__name__}: {error}")
            return
        sentences = [passage.sentence for passage in answer.results]
        which = corpus_of(set(sentences))
        told = f"{question}: {answer.build}: {sentences}"
        if which is None or self.builds.setdefault(answer.build, which) != which:
            self.mixed.append(told)
            return
        if sentences[0] != (QUESTIONS[question][which] or sentences[0]):
            self.wrong.append(told)
        self.last = answer.build
        self.notes = [note.kind for note in answer.notes]

    def write(self) -> None:
        """Write it all down, whole at any moment."""
        told = {
            "asked": self.asked,
            "wrong": self.wrong[:_MOST_TOLD],
            "mixed": self.mixed[:_MOST_TOLD],
            "failed": self.failed[:_MOST_TOLD],
            "builds": self.builds,
            "last": self.last,
            "notes": self.notes,
        }
        temporary = self._file.with_suffix(".new")
        temporary.write_text(json.dumps(told), encoding="utf-8")
        temporary.replace(self._file)


def main() -> None:
    """Ask until the process that wants to know is gone or stops this one."""
    index, file = map(Path, sys.argv[1:3])
    tally = Tally(file)
    searcher = LiveSearcher(Settings(index=index))
    parent = os.getppid()
    for question in cycle(QUESTIONS):
        tally.ask(searcher, question)
        tally.write()
        if os.getppid() != parent:
            break
        # Leaves the processor to whoever builds; what is tested is what stands between questions.
        time.sleep(0.01)


if __name__ == "__main__":
    main()
