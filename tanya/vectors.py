"""Vectors on disk and the search for the nearest: FAISS behind a small protocol."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from tanya.errors import IndexDamagedError

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
# flat: every vector in full, searched one by one. sq: the same in half precision, for half the
# size and time. pq: half precision beside codes of a quarter byte a dimension; a search reads all
# codes, and of the vectors only those whose codes are nearest. ivf: half precision in lists of near
# vectors, of which a search reads a part.
VectorKind = Literal["flat", "sq", "pq", "ivf"]

# The kinds that "auto" takes, by the number of vectors: up to the first a search of flat takes
# some 5 ms on one thread, up to the second one of sq some 15 ms (512 dimensions). Beyond it pq
# takes some 5 ms for 500,000. ivf is never taken: on vectors of sentences it does not reach
# LEAST_RECALL with fewer than half of its lists, and these take longer to read than all codes.
FLAT_UP_TO = 50_000
SQ_UP_TO = 200_000

# The share of the true RECALL_AT nearest that a search has to find: a kind that finds less on a
# sample at build gives way to the next more exact one.
LEAST_RECALL = 0.99
RECALL_AT = 100
_SAMPLED_QUERIES = 256
# A question is less like its answer than a stored vector is like itself: with the bundled encoder
# its nearest sentence has a cosine of 0.5 in the median. Half of the sample is moved that far.
_QUESTION_COSINE = 0.5
# What summing in another order may change in a cosine.
_ROUNDING = 1e-6

# Codes of product quantisation (Jégou et al. 2011): a vector is cut into parts, and each is stored
# as the number of the nearest of 16 centres, in 4 bits. So small a table stays in the registers of
# the processor, which looks up 32 vectors at once (André et al. 2015, "fast scan"). Parts of two
# dimensions find so much more than parts of four that they are faster, having less to rescore;
# beyond 256 parts the 16 bits that sums are kept in would make these coarse.
_CODE_BITS = 4
_MOST_PARTS = 256
_LEAST_PER_PART = 2
# As many as FAISS would draw itself: 256 for each of the 16 centres.
_TRAINED_CODES = 4096
# How many vectors are rescored for each that is asked for, at the least. 4 would reach LEAST_RECALL
# for 16,500 real sentences; 500,000 vectors like theirs need 8, which cost under a millisecond.
_LEAST_RESCORED = 8
# To rescore a vector takes some 8 times as long as sq takes to pass one: where more than this share
# had to be rescored, sq would be nearly as fast.
_MOST_RESCORED = 1 / 32

# K-means wants some 40 vectors a list at the least; more than these 64 make it no better.
_LEAST_PER_LIST = 40
_TRAINED_PER_LIST = 64
_TRAINING_ROUNDS = 10
# Vectors handled at once: 32 MB at 512 dimensions.
_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Rows, nearest first, and their cosine similarities: two arrays of the same length.

    Of rows with the same similarity the lower comes first.
    """

    rows: Rows
    similarities: NDArray[np.float32]


class VectorStore(Protocol):
    """Unit vectors by row number."""

    @property
    def dimension(self) -> int:
        """The length of each vector."""

    def __len__(self) -> int:
        """Return the number of vectors."""

    def search(self, vector: Vectors, limit: int, among: Rows | None = None) -> Neighbours:
        """Return the ``limit`` rows nearest to ``vector``, shape (dimension,).

        With ``among``, rows in any order, only these are searched, and every one of them.
        """

    def similarities(self, vector: Vectors, rows: Rows) -> NDArray[np.float32]:
        """Return the cosine similarity of ``vector`` with each of ``rows``."""

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dimension)."""

    def save(self, path: Path) -> None:
        """Write the store to the file ``path``."""


class FaissStore:
    """A FAISS index by inner product, which for unit vectors is the cosine."""

    def __init__(self, index: faiss.Index, recall: float = math.nan) -> None:
        """Wrap an index; use :meth:`build` or :meth:`open` to get one.

        ``recall`` is what was measured at the build; a file does not keep it.
        """
        # Each kind of index has attributes of its own.
        self._index: Any = index
        self.recall = recall

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        kind: str = "auto",
        *,
        threads: int = 1,
        on_step: Callable[[], None] = lambda: None,
        like: VectorStore | None = None,
    ) -> FaissStore:
        """Return a store of ``vectors``, shape (n, dimension), their order being their rows.

        The same vectors give the same store. Its ``recall`` is the share of the true nearest that
        it finds, measured on a sample; 1.0 where it is exact by nature.

        Args:
            vectors: unit vectors.
            kind: "flat", "sq", "pq" or "ivf", or "auto" to choose by their number. A kind that
                does not reach LEAST_RECALL gives way: ivf and pq to sq, sq to flat.
            threads: how many processor cores to use.
            on_step: called every few seconds or oftener; an exception that it raises ends it.
            like: a store of nearly the same vectors. What it learnt of them serves these, too, if
                it is of the same kind and finds enough of them.
        """
        if kind == "auto":
            kind = kind_for(len(vectors))
        with _threads(threads):
            found = np.ascontiguousarray(vectors)
            learnt = like._index if isinstance(like, FaissStore) and like.kind == kind else None
            if learnt is not None and learnt.d == vectors.shape[1]:
                index, recall = _built_like(learnt, found, on_step)
                if index is not None and recall >= LEAST_RECALL:
                    return cls(index, recall)
            return cls(*_built(found, kind, on_step))

    @classmethod
    def open(cls, path: Path) -> FaissStore:
        """Return the store in the file ``path``.

        Raises:
            IndexDamagedError: the file is missing or is not a FAISS index of a kind known here.
        """
        damaged = IndexDamagedError(
            f"The vectors in {str(path)!r} cannot be read. "
            "Build the index anew with: python ingest.py --full"
        )
        try:
            # Mapped, not read: a search touches much of it, but only when it is asked.
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except (OSError, RuntimeError) as error:
            raise damaged from error
        if not isinstance(index, tuple(_CLASSES)) or not _has_known_parts(index):
            raise damaged
        return cls(index)

    @property
    def kind(self) -> VectorKind:
        """How the vectors are stored and searched."""
        return next(kind for known, kind in _CLASSES.items() if isinstance(self._index, known))

    @property
    def probes(self) -> tuple[int, int] | None:
        """How many lists a search reads, and how many there are; None without lists."""
        if self.kind != "ivf":
            return None
        return self._index.nprobe, self._index.nlist

    @property
    def rescored(self) -> int | None:
        """How many vectors a search for RECALL_AT or fewer rescores; None where it does not.

        A search for more rescores more in proportion.
        """
        return self._rescored(RECALL_AT) if self.kind == "pq" else None

    def _rescored(self, limit: int) -> int:
        """Return how many vectors a search of pq for ``limit`` rescores."""
        return min(int(self._index.k_factor * max(limit, RECALL_AT)), len(self))

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        """Return the number of vectors."""
        return int(self._index.ntotal)

    def search(self, vector: Vectors, limit: int, among: Rows | None = None) -> Neighbours:
        """Return the ``limit`` rows nearest to ``vector``, shape (dimension,).

        With ``among``, rows in any order, only these are searched, and every one of them.
        """
        _use_one_thread()
        if among is not None:
            return self._search_among(vector, limit, np.unique(among))
        limit = min(limit, len(self))
        if self.kind == "pq":
            # Everything that is rescored comes back: of equal ones FAISS would give any.
            everything = faiss.IndexRefineSearchParameters(k_factor=1)  # type: ignore[call-arg]
            similarities, rows = self._index.search(
                vector[None, :], self._rescored(limit), params=everything
            )
        else:
            similarities, rows = self._index.search(vector[None, :], limit)
        found = rows[0] >= 0
        if found.sum() < limit:
            # The lists that were looked into hold fewer than that, or codes were left out: FAISS
            # does that with those that are the farthest from the question in every part.
            similarities, rows = self._search_everything(vector, limit)
            found = rows[0] >= 0
        return _nearest(rows[0][found].astype(np.int64), similarities[0][found], limit)

    def _search_everything(self, vector: Vectors, limit: int) -> Any:
        """Return the similarities and rows of FAISS for a search that leaves no vector out."""
        if self.kind == "pq":
            return faiss.downcast_index(self._index.refine_index).search(vector[None, :], limit)
        everywhere = faiss.SearchParametersIVF(nprobe=self._index.nlist)  # type: ignore[call-arg]
        return self._index.search(vector[None, :], limit, params=everywhere)

    def _search_among(self, vector: Vectors, limit: int, rows: Rows) -> Neighbours:
        """Return the nearest of ``rows``, having compared each of them."""
        similarities = np.empty(len(rows), dtype=np.float32)
        for start in range(0, len(rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            # Not by matrix product: it sums in an order that hangs on the row's place in the
            # block, and equal vectors would differ in the last bit.
            similarities[block] = np.einsum("nd,d->n", self.vectors(rows[block]), vector)
        return _nearest(rows, similarities, limit)

    def similarities(self, vector: Vectors, rows: Rows) -> NDArray[np.float32]:
        """Return the cosine similarity of ``vector`` with each of ``rows``."""
        found: NDArray[np.float32] = self.vectors(rows) @ vector
        return found

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dimension)."""
        if not len(rows):
            return np.empty((0, self.dimension), dtype=np.float32)
        _use_one_thread()
        found: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
        return found

    def save(self, path: Path) -> None:
        """Write the store to the file ``path``; an error of the system is an OSError."""
        with path.open("wb") as stream:
            writer = faiss.PyCallbackIOWriter(stream.write)  # type: ignore[attr-defined]
            faiss.write_index(self._index, writer)


_CLASSES: dict[type[faiss.Index], VectorKind] = {
    faiss.IndexFlat: "flat",
    faiss.IndexScalarQuantizer: "sq",
    faiss.IndexRefine: "pq",
    faiss.IndexIVFScalarQuantizer: "ivf",
}


def kind_for(count: int) -> VectorKind:
    """Return the kind that "auto" takes for so many vectors."""
    if count <= FLAT_UP_TO:
        return "flat"
    return "sq" if count <= SQ_UP_TO else "pq"


def _has_known_parts(index: faiss.Index) -> bool:
    """Say whether an index that is made of two others is made of those of pq."""
    if not isinstance(index, faiss.IndexRefine):
        return True
    codes = faiss.downcast_index(index.base_index)
    exact = faiss.downcast_index(index.refine_index)
    known = isinstance(codes, faiss.IndexPQFastScan) and isinstance(
        exact, faiss.IndexScalarQuantizer
    )
    return known and codes.ntotal == exact.ntotal


def _use_one_thread() -> None:
    """Keep FAISS to one thread: a single query is fastest so, and several sessions share a machine.

    The number is the calling thread's own, and each session of the page has a thread of its own.
    """
    faiss.omp_set_num_threads(1)


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """Let FAISS use so many threads meanwhile."""
    faiss.omp_set_num_threads(count)
    try:
        yield
    finally:
        _use_one_thread()


def _nearest(rows: Rows, similarities: NDArray[np.float32], limit: int) -> Neighbours:
    """Return the best of ``rows`` in order, of equally similar ones the lower first."""
    if 0 < limit < len(rows):
        enough = similarities >= np.partition(similarities, -limit)[-limit]
        rows, similarities = rows[enough], similarities[enough]
    order = np.lexsort((rows, -similarities))[:limit]
    return Neighbours(rows[order], similarities[order])


def _built(vectors: Vectors, kind: str, on_step: Callable[[], None]) -> tuple[faiss.Index, float]:
    """Return an index of this kind, or of the next more exact one, and its recall."""
    dimension = vectors.shape[1]
    if kind == "flat" or not len(vectors):
        return _filled(faiss.IndexFlatIP(dimension), vectors, on_step), 1.0
    sample = _Sample(vectors)
    if kind == "ivf":
        ivf = _trained_lists(vectors, on_step)
        _filled(ivf, vectors, on_step)
        # Where each row went: without this no vector could be had by its row.
        ivf.make_direct_map()
        recall = _set_probes(ivf, sample, on_step)
        if recall >= LEAST_RECALL:
            return ivf, recall
    if kind == "pq":
        pq = faiss.IndexRefine(_trained_codes(vectors, on_step), _half_precision(dimension))
        recall = _set_rescored(_filled(pq, vectors, on_step), sample, on_step)
        if recall >= LEAST_RECALL:
            return pq, recall
    sq = _half_precision(dimension)
    recall = sample.recall(_filled(sq, vectors, on_step))
    if recall >= LEAST_RECALL:
        return sq, recall
    return _built(vectors, "flat", on_step)


def _built_like(
    learnt: Any, vectors: Vectors, on_step: Callable[[], None]
) -> tuple[faiss.Index | None, float]:
    """Return an index of ``vectors`` with the lists or codes of another one, and its recall.

    None with a recall of 0 where the other has learnt nothing.
    """
    if isinstance(learnt, faiss.IndexIVF):
        # What is mapped cannot be emptied, so that only what was learnt is copied.
        ivf = faiss.IndexIVFScalarQuantizer(
            faiss.clone_index(learnt.quantizer),
            learnt.d,
            learnt.nlist,
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
            False,
        )
        ivf.train(_halved(vectors[:1]))
        _filled(ivf, vectors, on_step)
        ivf.make_direct_map()
        return ivf, _set_probes(ivf, _Sample(vectors), on_step)
    if isinstance(learnt, faiss.IndexRefine):
        known: Any = faiss.downcast_index(learnt.base_index)
        codes: Any = faiss.IndexPQFastScan(
            known.d, known.pq.M, known.pq.nbits, faiss.METRIC_INNER_PRODUCT
        )
        faiss.copy_array_to_vector(faiss.vector_to_array(known.pq.centroids), codes.pq.centroids)
        codes.is_trained = True
        pq = faiss.IndexRefine(codes, _half_precision(known.d))
        return pq, _set_rescored(_filled(pq, vectors, on_step), _Sample(vectors), on_step)
    return None, 0.0


def _half_precision(dimension: int) -> faiss.Index:
    """Return an empty index of vectors in half precision."""
    half = faiss.ScalarQuantizer.QT_fp16
    return faiss.IndexScalarQuantizer(dimension, half, faiss.METRIC_INNER_PRODUCT)


def _filled(index: faiss.Index, vectors: Vectors, on_step: Callable[[], None]) -> faiss.Index:
    """Add all vectors to ``index`` and return it."""
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        index.add(block if isinstance(index, faiss.IndexFlat) else _halved(block))
        on_step()
    return index


def _halved(vectors: Vectors) -> Vectors:
    """Return vectors as half precision keeps them.

    Lists and codes are made from these, so that vectors had from a store make the same store again.
    """
    return vectors.astype(np.float16).astype(np.float32)


def _trained_codes(vectors: Vectors, on_step: Callable[[], None]) -> faiss.Index:
    """Return an empty index of codes whose centres are those of a sample of ``vectors``."""
    count, dimension = vectors.shape
    size = min(count, _TRAINED_CODES)
    chosen = np.sort(np.random.default_rng(0).choice(count, size, replace=False))
    # Some as often as it takes where there are fewer vectors than centres.
    training = np.resize(_halved(vectors[chosen]), (max(size, 2**_CODE_BITS), dimension))
    codes = faiss.IndexPQFastScan(
        dimension, _number_of_parts(dimension), _CODE_BITS, faiss.METRIC_INNER_PRODUCT
    )
    codes.pq.cp.min_points_per_centroid = 1
    # On one thread it takes 1.5 s. Several wait for one another thousands of times, for more than a
    # minute in all where other programs use the cores.
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    codes.train(training)
    faiss.omp_set_num_threads(threads)
    on_step()
    return codes


def _number_of_parts(dimension: int) -> int:
    """Return into how many parts of one size a vector is cut: as many as there may be."""
    most = min(_MOST_PARTS, max(1, dimension // _LEAST_PER_PART))
    return next(parts for parts in range(most, 0, -1) if dimension % parts == 0)


def _set_rescored(index: Any, sample: _Sample, on_step: Callable[[], None]) -> float:
    """Have a search rescore as many vectors as LEAST_RECALL needs, and return the recall."""
    factor = _LEAST_RESCORED
    index.k_factor = factor
    recall = sample.recall(index)
    while recall < LEAST_RECALL and 2 * factor * RECALL_AT <= _MOST_RESCORED * index.ntotal:
        on_step()
        factor *= 2
        index.k_factor = factor
        recall = sample.recall(index)
    on_step()
    return recall


def _trained_lists(vectors: Vectors, on_step: Callable[[], None]) -> faiss.IndexIVF:
    """Return an empty ivf index whose lists are centred where the vectors are dense."""
    count, dimension = vectors.shape
    lists = _number_of_lists(count)
    size = min(count, lists * _TRAINED_PER_LIST)
    chosen = np.sort(np.random.default_rng(0).choice(count, size, replace=False))
    training = _halved(vectors[chosen])
    centres = faiss.IndexFlatIP(dimension)
    clustering = faiss.Clustering(dimension, lists)
    clustering.spherical = True
    clustering.min_points_per_centroid = 1
    # One round at a time goes on from the centres of the last, and can be stopped in between.
    clustering.niter = 1
    for _ in range(_TRAINING_ROUNDS):
        clustering.train(training, centres)
        on_step()
    # The vectors themselves are stored, not what sets them off from their list's centre: stored
    # again they stay what they are, bit for bit.
    index = faiss.IndexIVFScalarQuantizer(
        centres,
        dimension,
        lists,
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    index.train(training[:1])
    return index


def _number_of_lists(count: int) -> int:
    """Return the power of two nearest to 4 √count, or less where that left lists too short."""
    lists = 2 ** round(math.log2(4 * math.sqrt(count)))
    while lists > 1 and lists * _LEAST_PER_LIST > count:
        lists //= 2
    return int(lists)


def _set_probes(index: faiss.IndexIVF, sample: _Sample, on_step: Callable[[], None]) -> float:
    """Have a search look into as many lists as LEAST_RECALL needs, and return the recall.

    It is never more than half of them: the next step would be all, and that is what sq does.
    """
    recall, probes = 0.0, 1
    while recall < LEAST_RECALL and (probes == 1 or 2 * probes <= index.nlist):
        index.nprobe = probes
        recall = sample.recall(index)
        probes *= 2
        on_step()
    return recall


class _Sample:
    """Queries with known answers: stored vectors, every other one moved away from itself."""

    def __init__(self, vectors: Vectors) -> None:
        """Choose queries among ``vectors``, shape (n, dimension), and search them exactly."""
        random = np.random.default_rng(0)
        size = min(len(vectors), _SAMPLED_QUERIES)
        chosen = random.choice(len(vectors), size, replace=False)
        self._vectors = vectors
        self._queries = vectors[chosen]
        moved = self._queries[1::2]
        noise = random.standard_normal(moved.shape, dtype=np.float32)
        noise *= math.sqrt(1 - _QUESTION_COSINE**2) / np.linalg.norm(noise, axis=1, keepdims=True)
        moved *= _QUESTION_COSINE
        moved += noise
        self._limit = min(len(vectors), RECALL_AT)
        similarities, _ = faiss.knn(
            self._queries, vectors, self._limit, metric=faiss.METRIC_INNER_PRODUCT
        )
        self._least = similarities[:, -1:] - _ROUNDING

    def recall(self, index: faiss.Index) -> float:
        """Return the share of the nearest that ``index`` finds.

        It is the mean over the stored vectors or over the moved ones, whichever is lower. Any row
        as near as the last of the nearest counts, since equal vectors are equally right.
        """
        _, rows = index.search(self._queries, self._limit)
        found = np.einsum("qd,qkd->qk", self._queries, self._vectors[rows])
        right = ((rows >= 0) & (found >= self._least)).mean(axis=1)
        return min(float(part.mean()) for part in (right[::2], right[1::2]) if len(part))
