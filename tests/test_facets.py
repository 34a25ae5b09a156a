"""Two profiles as Tanya was conceived for them: untitled, under meaningless names.

Most of their sentences name neither the profession nor the facet that is asked for.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tanya.build import rebuild
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings
from tests.conftest import SAMPLE

FOLDER = SAMPLE / "hubungan-internasional"
PROJECT = FOLDER / "pengelola-proyek-kerja-sama-internasional.md"
CULTURE = FOLDER / "pengelola-program-kerja-sama-internasional-di-bidang-budaya.md"


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """A searcher on the two profiles: no title, no blank lines, a paragraph a line."""
    folder = tmp_path_factory.mktemp("facets")
    (folder / "corpus").mkdir()
    for name, source in (("x17.txt", PROJECT), ("x42.txt", CULTURE)):
        _, *lines = source.read_text(encoding="utf-8").splitlines()
        text = "\n".join(line for line in lines if line)
        (folder / "corpus" / name).write_text(text + "\n", encoding="utf-8")
    settings = Settings(corpus=folder / "corpus", index=Path(folder, "index"))
    rebuild(settings)
    return open_searcher(settings)


@pytest.mark.parametrize(
    ("question", "document", "line"),
    [
        ("Apa tugas utama pengelola proyek kerja sama internasional?", "x17.txt", 2),
        ("tugas utama pengelola proyek kerjasama internasional", "x17.txt", 2),
        (
            "What are the main duties of an international cooperation project manager?",
            "x17.txt",
            2,
        ),
        ("Siapa yang tidak cocok menjadi pengelola program budaya?", "x42.txt", 5),
        ("Apa itu pengelola proyek kerja sama internasional?", "x17.txt", 1),
        ("Siapa yang cocok menjadi pengelola proyek kerja sama internasional?", "x17.txt", 4),
        ("Siapa yang kurang pas menjadi pengelola proyek?", "x17.txt", 5),
        (
            "Apa tugas utama pengelola program kerja sama internasional di bidang budaya?",
            "x42.txt",
            2,
        ),
        ("tugas pengelola program budaya", "x42.txt", 2),
        ("Siapa yang cocok menjadi pengelola program budaya?", "x42.txt", 4),
        ("Who fits a cultural cooperation programme manager?", "x42.txt", 4),
    ],
)
def test_the_paragraph_that_is_asked_for_comes_first(
    searcher: Searcher, question: str, document: str, line: int
) -> None:
    answer = searcher.ask(question)
    assert answer.answered
    assert answer.results[0].document == document
    assert answer.results[0].line == line


def test_the_difference_that_is_asked_for_is_among_the_first_behind_other_differences(
    searcher: Searcher,
) -> None:
    answer = searcher.ask("Apa beda pengelola proyek dengan diplomat?")
    assert answer.answered
    first, *others = answer.results
    assert (first.document, first.line) in {("x17.txt", 8), ("x17.txt", 9)}
    assert any("Diplomat" in result.sentence for result in (first, *others))
