"""The vector store gives what brute force gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tanya.errors import IndexDamagedError
from tanya.vectors import FaissStore, Vectors


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """A thousand random unit vectors."""
    random = np.random.default_rng(7)
    found = random.standard_normal((1000, 64)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_the_nearest_are_those_of_brute_force(vectors: Vectors) -> None:
    store = FaissStore.build(vectors)
    for query in vectors[:5]:
        expected = vectors @ query
        found = store.search(query, 20)
        assert found.rows.tolist() == np.argsort(-expected, kind="stable")[:20].tolist()
        assert found.similarities == pytest.approx(np.sort(expected)[::-1][:20], abs=1e-5)


def test_similarities_and_vectors_of_chosen_rows(vectors: Vectors) -> None:
    store = FaissStore.build(vectors)
    rows = np.array([3, 999, 0, 3])
    assert np.array_equal(store.vectors(rows), vectors[rows])
    assert store.similarities(vectors[1], rows) == pytest.approx(vectors[rows] @ vectors[1])
    assert store.vectors(np.array([], dtype=np.int64)).shape == (0, 64)


def test_asking_for_more_than_there_is_gives_all(vectors: Vectors) -> None:
    assert len(FaissStore.build(vectors[:3]).search(vectors[0], 10).rows) == 3


def test_a_saved_store_opens_the_same(vectors: Vectors, tmp_path: Path) -> None:
    FaissStore.build(vectors).save(tmp_path / "v.faiss")
    opened = FaissStore.open(tmp_path / "v.faiss")
    assert (len(opened), opened.dimension) == (1000, 64)
    assert np.array_equal(opened.vectors(np.arange(1000)), vectors)


@pytest.mark.parametrize("content", [b"", b"not an index", b"IxFI" + b"\0" * 10])
def test_a_file_that_is_no_index_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.faiss").write_bytes(content)
    with pytest.raises(IndexDamagedError, match=r"v\.faiss"):
        FaissStore.open(tmp_path / "v.faiss")
    with pytest.raises(IndexDamagedError, match=r"missing\.faiss"):
        FaissStore.open(tmp_path / "missing.faiss")
