"""The vector store gives what brute force gives, exactly or for a promised share."""

from __future__ import annotations

import threading
from pathlib import Path

import faiss
import numpy as np
import pytest

from tanya import vectors as module
from tanya.errors import IndexDamagedError
from tanya.settings import VECTOR_INDEXES
from tanya.vectors import (
    FLAT_UP_TO,
    LEAST_RECALL,
    RECALL_AT,
    SQ_UP_TO,
    FaissStore,
    Vectors,
    kind_for,
)

KINDS = ("flat", "sq", "pq", "ivf")
COUNT = 4000


def _unit(vectors: Vectors) -> Vectors:
    """Return the vectors at length 1."""
    found: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found


def _noise(count: int, seed: int) -> Vectors:
    """Return random vectors in all directions."""
    return np.random.default_rng(seed).standard_normal((count, 64)).astype(np.float32)


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """Unit vectors in 25 clusters, as the sentences of 25 subjects make them."""
    return _unit(_noise(25, 1)[np.arange(COUNT) * 25 // COUNT] + 0.7 * _noise(COUNT, 2))


@pytest.fixture(scope="module")
def queries(vectors: Vectors) -> Vectors:
    """Vectors that are near some of the stored ones but not among them."""
    return _unit(vectors[::40] + 0.15 * _noise(COUNT // 40, 3))


@pytest.fixture(scope="module", params=KINDS)
def store(vectors: Vectors, request: pytest.FixtureRequest) -> FaissStore:
    """A store of each kind."""
    return FaissStore.build(vectors, request.param)


def _all(store: FaissStore) -> Vectors:
    """Return all vectors as they are stored."""
    return store.vectors(np.arange(len(store)))


# Searching


def test_each_kind_that_is_asked_for_is_built(
    vectors: Vectors, request: pytest.FixtureRequest, store: FaissStore
) -> None:
    assert store.kind == request.node.callspec.params["store"]
    assert (len(store), store.dimension) == vectors.shape
    assert (store.probes is None) == (store.kind != "ivf")
    if store.probes:
        read, lists = store.probes
        assert 1 <= read < lists == 64
    assert store.rescored == (800 if store.kind == "pq" else None)


def test_the_nearest_are_those_of_brute_force(store: FaissStore, queries: Vectors) -> None:
    shares = []
    for query in queries:
        expected = _all(store) @ query
        found = store.search(query, RECALL_AT)
        assert len(set(found.rows.tolist())) == RECALL_AT
        assert found.similarities == pytest.approx(expected[found.rows], abs=1e-5)
        assert (np.diff(found.similarities) <= 0).all()
        shares.append((expected[found.rows] >= np.sort(expected)[-RECALL_AT] - 1e-6).mean())
    assert np.mean(shares) >= (LEAST_RECALL if store.kind in ("pq", "ivf") else 1.0)


def test_the_recall_that_is_reported_is_that_against_the_vectors_themselves(
    store: FaissStore, vectors: Vectors, queries: Vectors
) -> None:
    assert LEAST_RECALL <= store.recall <= 1
    shares = []
    for query in queries:
        expected = vectors @ query
        rows = store.search(query, RECALL_AT).rows
        shares.append((expected[rows] >= np.sort(expected)[-RECALL_AT] - 1e-6).mean())
    assert np.mean(shares) >= LEAST_RECALL


def test_similarities_and_vectors_of_chosen_rows(store: FaissStore, vectors: Vectors) -> None:
    rows = np.array([3, COUNT - 1, 0, 3])
    found = store.vectors(rows)
    assert found == pytest.approx(vectors[rows], abs=0 if store.kind == "flat" else 5e-4)
    assert np.array_equal(found, _all(store)[rows])
    assert store.similarities(vectors[1], rows) == pytest.approx(found @ vectors[1])
    assert store.vectors(np.array([], dtype=np.int64)).shape == (0, 64)


def test_asking_for_more_than_there_is_gives_all(store: FaissStore, vectors: Vectors) -> None:
    found = store.search(vectors[0], COUNT + 10)
    assert sorted(found.rows.tolist()) == [*range(COUNT)]
    assert found.similarities == pytest.approx(np.sort(_all(store) @ vectors[0])[::-1], abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 2, 3, 39, 41, 100])
def test_few_vectors_are_all_found(vectors: Vectors, kind: str, count: int) -> None:
    few = vectors[:: COUNT // count][:count]
    store = FaissStore.build(few, kind)
    assert store.recall == 1.0
    found = store.search(few[0], 10)
    assert len(found.rows) == min(10, count)
    assert found.rows[0] == 0
    assert found.similarities[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_of_equal_vectors_the_first_come_first(vectors: Vectors, kind: str) -> None:
    store = FaissStore.build(np.repeat(vectors[:10], 200, axis=0), kind)
    for limit in (1, 7, 200):
        assert store.search(vectors[3], limit).rows.tolist() == [*range(600, 600 + limit)]
        among = np.arange(1999, -1, -1)
        assert store.search(vectors[3], limit, among).rows.tolist() == [*range(600, 600 + limit)]


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_that_are_all_the_same_can_be_stored(vectors: Vectors, kind: str) -> None:
    store = FaissStore.build(np.repeat(vectors[:1], 1000, axis=0), kind)
    found = store.search(vectors[0], 500)
    assert found.rows.tolist() == [*range(500)]
    assert found.similarities == pytest.approx(np.ones(500), abs=1e-3)


def test_equal_vectors_are_equally_near_wherever_they_stand_among_the_chosen() -> None:
    random = np.random.default_rng(7)
    vector = random.standard_normal((1, 512)).astype(np.float32)
    store = FaissStore.build(np.repeat(vector, 1003, axis=0))
    found = store.search(random.standard_normal(512).astype(np.float32), 1002, np.arange(1, 1003))
    assert found.rows.tolist() == [*range(1, 1003)]
    assert len(set(found.similarities.tolist())) == 1


# Searching chosen rows only


@pytest.mark.parametrize("block", [1, 100, 16_384])
def test_a_search_among_chosen_rows_is_exact(
    store: FaissStore,
    queries: Vectors,
    block: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    among = np.random.default_rng(5).choice(COUNT, 501, replace=False)
    stored = store.vectors(among)
    for query in queries[:5]:
        found = store.search(query, 50, among)
        expected = stored @ query
        assert found.similarities == pytest.approx(np.sort(expected)[::-1][:50], abs=1e-6)
        assert set(found.rows.tolist()) == set(among[np.argsort(-expected)[:50]].tolist())
        assert found.similarities == pytest.approx(store.similarities(query, found.rows), abs=1e-6)


def test_chosen_rows_far_from_the_query_are_all_found(store: FaissStore, vectors: Vectors) -> None:
    far = np.argsort(_all(store) @ vectors[0])[:30]
    assert set(store.search(vectors[0], 30, far).rows.tolist()) == set(far.tolist())
    assert set(store.search(vectors[0], 99, far).rows.tolist()) == set(far.tolist())


def test_no_chosen_row_gives_none_and_a_repeated_one_is_given_once(
    store: FaissStore, vectors: Vectors
) -> None:
    nothing = store.search(vectors[0], 5, np.array([], dtype=np.int64))
    assert (len(nothing.rows), len(nothing.similarities)) == (0, 0)
    assert store.search(vectors[0], 5, np.array([7, 7, 7])).rows.tolist() == [7]


def test_a_search_keeps_to_one_thread_in_whatever_thread_it_is_asked(
    store: FaissStore, vectors: Vectors
) -> None:
    found: list[int] = []

    def ask() -> None:
        faiss.omp_set_num_threads(2)
        store.search(vectors[0], 5)
        found.append(faiss.omp_get_max_threads())

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(60)
    assert found == [1]


# Choosing and building


def test_the_kind_goes_by_the_number_of_vectors() -> None:
    assert kind_for(0) == kind_for(FLAT_UP_TO) == "flat"
    assert kind_for(FLAT_UP_TO + 1) == kind_for(SQ_UP_TO) == "sq"
    assert kind_for(SQ_UP_TO + 1) == "pq"
    assert ("auto", *KINDS) == VECTOR_INDEXES


def test_auto_builds_the_kind_for_the_number(
    vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FLAT_UP_TO", 100)
    monkeypatch.setattr(module, "SQ_UP_TO", 1000)
    kinds = [FaissStore.build(vectors[:count]).kind for count in (100, 1000, COUNT)]
    assert kinds == ["flat", "sq", "pq"]


def test_as_many_are_rescored_as_the_recall_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    # The nearer vectors are to each other, the less their codes tell them apart.
    close = _unit(_noise(1, 1) + 0.3 * _noise(COUNT, 2))
    store = FaissStore.build(close, "pq")
    assert (store.kind, store.rescored) == ("sq", None)
    assert store.recall >= LEAST_RECALL
    monkeypatch.setattr(module, "_MOST_RESCORED", 1)
    store = FaissStore.build(close, "pq")
    assert (store.kind, store.rescored) in [("pq", 1600), ("pq", 3200)]
    assert store.recall >= LEAST_RECALL


@pytest.mark.parametrize(
    ("dimension", "parts"), [(1, 1), (3, 1), (7, 1), (34, 17), (384, 192), (512, 256), (1024, 256)]
)
def test_a_vector_of_any_length_is_cut_into_equal_parts(dimension: int, parts: int) -> None:
    assert module._number_of_parts(dimension) == parts


@pytest.mark.parametrize("dimension", [1, 3, 34])
def test_codes_can_be_had_of_vectors_of_any_length(dimension: int) -> None:
    vectors = _unit(np.random.default_rng(8).standard_normal((900, dimension)).astype(np.float32))
    store = FaissStore.build(vectors, "pq")
    assert (store.kind, store.dimension) == ("pq", dimension)
    found = store.search(vectors[5], 900)
    assert sorted(found.rows.tolist()) == [*range(900)]
    assert found.similarities[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [1, 50, 200, 1000, 1990])
def test_a_search_for_any_number_is_exact_about_what_it_finds(
    vectors: Vectors, queries: Vectors, kind: str, limit: int
) -> None:
    store = FaissStore.build(vectors[::2], kind)
    expected = _all(store) @ queries[0]
    found = store.search(queries[0], limit)
    assert len(found.rows) == limit
    assert found.similarities == pytest.approx(expected[found.rows], abs=1e-5)
    right = expected[found.rows] >= np.sort(expected)[-limit] - 1e-6
    assert right.mean() >= 0.9


def test_vectors_that_no_lists_suit_are_searched_one_by_one() -> None:
    # In all directions alike, what is near is spread over all lists.
    store = FaissStore.build(_unit(_noise(2000, 4)), "ivf")
    assert store.kind == "sq"
    assert store.recall >= LEAST_RECALL


@pytest.mark.parametrize("kind", ["sq", "pq", "ivf"])
def test_vectors_that_half_precision_confuses_are_kept_in_full(kind: str) -> None:
    # All so near to each other that rounding decides which are nearest.
    store = FaissStore.build(_unit(_noise(1, 5) + 1e-3 * _noise(2000, 6)), kind)
    assert (store.kind, store.recall) == ("flat", 1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_vectors_make_the_same_file(vectors: Vectors, kind: str, tmp_path: Path) -> None:
    for name, threads in (("a", 1), ("b", 1), ("c", 2)):
        FaissStore.build(vectors, kind, threads=threads).save(tmp_path / name)
    content = (tmp_path / "a").read_bytes()
    assert (tmp_path / "b").read_bytes() == content
    assert (tmp_path / "c").read_bytes() == content


def test_stored_vectors_stored_again_stay_as_they_are(store: FaissStore, tmp_path: Path) -> None:
    again = FaissStore.build(_all(store), store.kind)
    assert np.array_equal(_all(again), _all(store))
    store.save(tmp_path / "a")
    again.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_build_can_be_stopped_between_its_steps(vectors: Vectors, kind: str) -> None:
    steps: list[None] = []
    FaissStore.build(vectors, kind, on_step=lambda: steps.append(None))
    assert len(steps) >= (15 if kind == "ivf" else 1)
    for last in {0, len(steps) // 2, len(steps) - 1}:
        left = iter(range(last))
        with pytest.raises(StopIteration):
            FaissStore.build(vectors, kind, threads=2, on_step=lambda left=left: next(left))
        assert faiss.omp_get_max_threads() == 1


# On disk


def test_a_saved_store_opens_the_same(
    store: FaissStore, vectors: Vectors, queries: Vectors, tmp_path: Path
) -> None:
    path = tmp_path / "v.faiss"
    store.save(path)
    content = path.read_bytes()
    path.chmod(0o444)
    opened = FaissStore.open(path)
    assert (len(opened), opened.dimension) == vectors.shape
    assert (opened.kind, opened.probes) == (store.kind, store.probes)
    assert np.array_equal(_all(opened), _all(store))
    for query in queries[:5]:
        for among in (None, np.arange(0, COUNT, 3)):
            first, second = store.search(query, 200, among), opened.search(query, 200, among)
            assert np.array_equal(first.rows, second.rows)
            assert np.array_equal(first.similarities, second.similarities)
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"not an index", b"IxFI" + b"\0" * 10])
def test_a_file_that_is_no_index_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.faiss").write_bytes(content)
    with pytest.raises(IndexDamagedError, match=r"v\.faiss"):
        FaissStore.open(tmp_path / "v.faiss")
    with pytest.raises(IndexDamagedError, match=r"missing\.faiss"):
        FaissStore.open(tmp_path / "missing.faiss")


@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.999])
def test_a_file_that_was_cut_short_is_named(
    store: FaissStore, tmp_path: Path, share: float
) -> None:
    path = tmp_path / "v.faiss"
    store.save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(IndexDamagedError, match=r"v\.faiss.*ingest\.py --full"):
        FaissStore.open(path)


def test_an_index_that_is_made_of_others_than_ours_is_named(
    vectors: Vectors, tmp_path: Path
) -> None:
    codes = faiss.IndexScalarQuantizer(64, faiss.ScalarQuantizer.QT_4bit)
    codes.train(vectors)
    other = faiss.IndexRefine(codes, faiss.IndexFlatL2(64))
    other.add(vectors)
    faiss.write_index(other, str(tmp_path / "v.faiss"))
    with pytest.raises(IndexDamagedError, match=r"v\.faiss"):
        FaissStore.open(tmp_path / "v.faiss")


def test_an_index_of_a_kind_that_is_not_ours_is_named(vectors: Vectors, tmp_path: Path) -> None:
    other = faiss.IndexLSH(64, 64)
    other.add(vectors)
    faiss.write_index(other, str(tmp_path / "v.faiss"))
    with pytest.raises(IndexDamagedError, match=r"v\.faiss"):
        FaissStore.open(tmp_path / "v.faiss")
