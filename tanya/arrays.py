"""Arrays on disk, one file each, opened by mapping them into memory, and their products."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

# A float32 whose exponent field is 5 bits too narrow, as one made of half precision's bits is, is
# too small by the difference of the exponents' offsets, 127 - 15.
_EXPONENT_OFFSETS = np.float32(2.0 ** (127 - 15))
# The sign and the 28 bits that the bits of half precision are shifted to: without the copies of the
# sign that widening an integer makes.
_HALF_BITS = np.int32(-0x7000_0001)
# The largest number of a matrix in steps, so that one takes about five bits when compressed.
_MOST_STEPS = 31
# How often reading is tried: once more has always been enough.
_ATTEMPTS = 5
_Read = TypeVar("_Read")


def save_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays into the new folder ``folder``, each to the file that its name says."""
    folder.mkdir()
    for name, array in arrays.items():
        # Not straight into the file: numpy would not say why the system refused to write.
        content = io.BytesIO()
        np.save(content, array)
        (folder / f"{name}.npy").write_bytes(content.getbuffer())


def open_array(folder: Path, name: str) -> NDArray[Any]:
    """Return an array of ``folder``, mapped; ValueError or OSError if it cannot be read."""
    # A plain array of the mapped memory: every look-up in numpy's own class for it runs Python.
    return np.asarray(undisturbed(lambda: np.load(folder / f"{name}.npy", mmap_mode="r")))


def undisturbed(read: Callable[[], _Read]) -> _Read:
    """Return what ``read`` does, which has numpy read its files, whatever other threads do.

    numpy has Python parse the head of a file, and in Python 3.11 that may fail with a SystemError
    if another thread, as streamlit's for a page, has something parsed meanwhile, which garbage that
    is being collected lets it do. See https://github.com/python/cpython/issues/106905.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return read()
        except SystemError:
            continue
    return read()


def in_single(half: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return finite numbers of half precision in single precision, exactly.

    As ``astype`` does, in a quarter of the time: numpy converts one number after another, these are
    a few operations on the bits of all. Infinities and NaN would come out as large numbers.
    """
    bits = half.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= _HALF_BITS
    single: NDArray[np.float32] = bits.view(np.float32)
    single *= _EXPONENT_OFFSETS
    return single


def multiply_on_one_thread() -> None:
    """Keep numpy's matrix products to one thread, for as long as this process runs.

    A question's products are small: several threads gain nothing, and where other sessions or
    programs use the cores they wait for one another several times as long as they compute.
    """
    # Imported late: it takes a moment, and only who asks needs it.
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


def in_steps(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return a matrix in whole steps, and what a step of each column is worth.

    The largest number of a column, positive or negative, is ``_MOST_STEPS`` of them.
    """
    step = np.maximum(np.abs(matrix).max(axis=0, initial=0), 1e-12) / _MOST_STEPS
    return np.rint(matrix / step).astype(np.int8), step.astype(np.float32)


def runs(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the value of each run of equal ``values``, and the number of each value's run.

    Where equal values stand together it is ``np.unique`` with its inverse, without sorting.
    """
    begins = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=begins[1:])
    return values[begins], np.cumsum(begins) - 1


def distinct(ids: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the distinct ones of ``ids``, which count up from 0, in order, and each one's place.

    As ``np.unique`` does with its inverse, but by a table of all ids instead of by sorting.
    """
    # What numpy counts in: it would make it of the ids each time they are looked up.
    own = ids.astype(np.intp)
    there = np.zeros(int(own.max(initial=-1)) + 1, dtype=np.bool_)
    there[own] = True
    found = np.flatnonzero(there).astype(np.int32)
    places = np.empty(len(there), dtype=np.int32)
    places[found] = np.arange(len(found), dtype=np.int32)
    return found, places.take(own)
