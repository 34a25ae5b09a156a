"""What is stored of documents: quoted exactly, and without reading all that is known of them."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tanya.build import rebuild
from tanya.encoders import Encoder
from tanya.index import open_published
from tanya.index.store import Source, Store, StoredDocument, write_store
from tanya.records import Span
from tanya.search import Searcher
from tanya.settings import Settings
from tests.conftest import WriteCorpus

TEXTS = st.text(alphabet="ab \r\n", max_size=30)
SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=8)


@given(SPANS, st.integers(0, 30), st.integers(0, 10))
def test_what_is_hidden_in_a_part_of_a_source_is_cut_to_it(
    places: list[tuple[int, int]], start: int, length: int
) -> None:
    spans = [Span(begin, begin + long) for begin, long in sorted(places)]
    columns = np.array([[span.start, span.end] for span in spans], dtype=np.int64).reshape(-1, 2)
    end = start + length
    assert Source("a.md", "A", "", columns, "").hidden(start, end) == tuple(
        Span(max(span.start, start), min(span.end, end))
        for span in spans
        if span.end > start and span.start < end
    )


@given(TEXTS, st.integers(0, 30))
def test_lines_are_counted_whatever_ends_them(text: str, position: int) -> None:
    # No sentence begins within a line end.
    assume(not text[:position].endswith("\r"))
    source = Source("a.md", "A", "", np.empty((0, 2), dtype=np.int64), text)
    assert source.line(position) == 1 + len(re.findall(r"\r\n?|\n", text[:position]))


@pytest.mark.parametrize("hidden", [(), (Span(0, 2),), (Span(3, 5), Span(11, 1234))])
def test_a_source_is_what_was_stored(tmp_path: Path, hidden: tuple[Span, ...]) -> None:
    document = StoredDocument(7, "b/a.md", "A", "b", {"x": [[1]]}, hidden, "Teks.\nLagi.\n")
    write_store(tmp_path / "a.sqlite", [], [document], [])
    store = Store(tmp_path / "a.sqlite")
    source = store.sources([7])[7]
    store.close()
    assert (source.path, source.title, source.category) == ("b/a.md", "A", "b")
    assert source.text == document.text
    assert source.hidden(0, 9999) == hidden


def test_a_question_is_not_held_up_by_the_markup_elsewhere_in_a_large_document(
    write_corpus: WriteCorpus, settings: Settings, encoder: Encoder, tmp_path: Path
) -> None:
    text = "Perawat **merawat** pasien di rumah sakit.\n"
    write_corpus({"perawat.md": text})
    rebuild(settings)
    build = open_published(settings.index)
    path = tmp_path / "large.sqlite"
    shutil.copy(build.folder / "sentences.sqlite", path)
    hidden = [[8, 10], [17, 19], *([place, place + 2] for place in range(1000, 600_000, 3))]
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE documents SET hidden = ?", (json.dumps(hidden),))
    connection.close()
    store = Store(path)
    large = Searcher(replace(build, store=store), encoder, settings)

    def quickest(run: Callable[[], object]) -> float:
        taken = []
        for _ in range(3):
            start = time.thread_time()
            run()
            taken.append(time.thread_time() - start)
        return min(taken)

    asked = "Siapa merawat pasien di rumah sakit?"
    [passage] = large.ask(asked).results
    assert passage.hidden == (Span(8, 10), Span(17, 19))
    assert quickest(lambda: large.ask(asked)) < quickest(lambda: store.documents([0]))
