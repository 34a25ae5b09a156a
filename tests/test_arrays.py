"""Arrays on disk, read while others are at work, and what is done with their numbers."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tanya.arrays import distinct, in_single, open_array, runs, save_arrays, undisturbed

NUMBERS = np.arange(12, dtype=np.float16).reshape(4, 3)


class Disturbing:
    """Garbage which, when it is collected, has Python parse something, as a thread might."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        parse_deeper(20)


def parse_deeper(calls: int) -> None:
    """Parse something that many calls further down."""
    if calls:
        parse_deeper(calls - 1)
    else:
        ast.parse("a = {'b': (1, 2)}")


@pytest.fixture
def disturbed() -> Iterator[Iterator[int]]:
    """Numbers of objects that are made, after each of which something else is parsed.

    Some of these fall into the time in which the head of a file is being parsed.
    """

    def later() -> Iterator[int]:
        for made in range(1, 60):
            gc.set_threshold(0)
            gc.collect()
            Disturbing()
            gc.set_threshold(made)
            yield made

    thresholds = gc.get_threshold()
    # What other tests left need not be searched for garbage again and again.
    gc.freeze()
    yield later()
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_an_array_is_read_although_something_else_is_parsed_meanwhile(
    tmp_path: Path, disturbed: Iterator[int]
) -> None:
    save_arrays(tmp_path / "some", {"numbers": NUMBERS})
    for _ in disturbed:
        np.testing.assert_array_equal(open_array(tmp_path / "some", "numbers"), NUMBERS)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="garbage is collected elsewhere")
def test_reading_as_numpy_does_would_fail(tmp_path: Path, disturbed: Iterator[int]) -> None:
    save_arrays(tmp_path / "some", {"numbers": NUMBERS})
    failed = 0
    for _ in disturbed:
        try:
            np.load(tmp_path / "some" / "numbers.npy", mmap_mode="r")
        except SystemError:
            failed += 1
    assert failed


def test_what_fails_each_time_is_told() -> None:
    tried = []

    def read() -> None:
        tried.append(1)
        raise SystemError("broken")

    with pytest.raises(SystemError, match="broken"):
        undisturbed(read)
    assert len(tried) > 1


def test_half_precision_widens_exactly() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    expected = finite.astype(np.float32).view(np.uint32)
    assert np.array_equal(in_single(finite).view(np.uint32), expected)
    assert in_single(np.empty((0, 4), dtype=np.float16)).shape == (0, 4)


@pytest.mark.parametrize("values", [[], [3], [0, 0, 2, 5, 5, 5], [5, 5, 1, 1, 5]])
def test_runs_give_the_values_back(values: list[int]) -> None:
    own = np.array(values, dtype=np.int64)
    found, place = runs(own)
    assert found[place].tolist() == values
    assert all(found[1:] != found[:-1])


def test_distinct_ids_and_their_places_are_those_of_unique() -> None:
    ids = np.array([7, 0, 3, 7, 7, 2], dtype=np.int32)
    found, places = distinct(ids)
    expected, inverse = np.unique(ids, return_inverse=True)
    assert found.tolist() == expected.tolist()
    assert places.tolist() == inverse.tolist()
    assert [part.tolist() for part in distinct(ids[:0])] == [[], []]
