"""Batches of questions, of the sentences that answer them and of others, to train on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from tqdm import tqdm

from benchmarks.forms import Forms
from benchmarks.losses import Batch, TextsOf
from benchmarks.training_sets import Texts
from tanya.labels import LabelledQuestion

# So many documents are in every batch beside those of its questions, where there are so many.
OTHER_DOCUMENTS = 32
# Questions without an answer in every batch, and what they count for by their reason: what a
# document does not state is as near as what it states, and some of it was stated elsewhere.
UNANSWERABLE = 16
REASONS = {"off_topic": 1.0, "other_profession": 1.0, "not_stated": 0.3}
SEED = 0


@dataclass(frozen=True, slots=True)
class Material(Generic[TextsOf]):
    """What there is to learn from a collection.

    ``own`` is of the sentences alone, ``contextual`` of the sentences in their contexts, ``asked``
    and ``unanswerable`` of the questions. ``reasons`` is what each of the latter counts for,
    ``foreign`` which of them are about something that no document is about.
    """

    texts: Texts
    own: TextsOf
    contextual: TextsOf
    asked: TextsOf
    unanswerable: TextsOf
    reasons: torch.Tensor
    foreign: torch.Tensor


def material(
    found: Sequence[Texts], of: Callable[[Sequence[str]], TextsOf], contexts: bool
) -> list[Material[TextsOf]]:
    """Return what training needs of each collection, its texts as ``of`` makes them.

    Without ``contexts`` the sentences alone stand in for those in their contexts.
    """
    forms = Forms(
        [label.question for texts in found for label in texts.questions],
        [label.question for texts in found for label in texts.unanswerable if _is_foreign(label)],
    )
    ready = []
    for texts in tqdm(found, desc="encoding", disable=None):
        own = of([sentence.text for sentence in texts.sentences])
        ready.append(
            Material(
                texts,
                own,
                of([sentence.contextual for sentence in texts.sentences]) if contexts else own,
                of([label.question for label in texts.questions]),
                of([label.question for label in texts.unanswerable]),
                torch.tensor([_counts_for(label, forms) for label in texts.unanswerable]),
                torch.tensor([_is_foreign(label) for label in texts.unanswerable]),
            )
        )
    return ready


def _is_foreign(label: LabelledQuestion) -> bool:
    """Say whether a question without an answer is about something that no document is about."""
    return label.reason != "not_stated"


def _counts_for(label: LabelledQuestion, forms: Forms) -> float:
    """Return what a question without an answer counts for.

    The form of one about something that no document is about must not give it away. What documents
    do not state is asked for in the words of what they state.
    """
    return REASONS[label.reason] * (forms.counts_for(label.question) if _is_foreign(label) else 1.0)


class Batches(Generic[TextsOf]):
    """Batches of questions of one collection each, in random order."""

    def __init__(self, sets: Sequence[Material[TextsOf]], size: int, strangers: int = 0) -> None:
        """Make batches of ``size`` questions, with documents of ``strangers`` other collections."""
        self._sets: Sequence[Material[TextsOf]] = sets
        self._size = size
        self._strangers = strangers
        self._generator = np.random.default_rng(SEED)

    def __len__(self) -> int:
        """Return how many there are in an epoch."""
        return sum(-(-len(one.texts.questions) // self._size) for one in self._sets)

    def epoch(self) -> Iterator[Batch[TextsOf]]:
        """Yield the batches of one epoch."""
        found = []
        for one in self._sets:
            order = self._generator.permutation(len(one.texts.questions))
            found += [(one, order[i : i + self._size]) for i in range(0, len(order), self._size)]
        for i in self._generator.permutation(len(found)):
            one, numbers = found[i]
            batch = _batch(one, numbers, self._generator)
            others = [other for other in self._sets if other is not one]
            chosen = self._generator.choice(
                len(others), min(self._strangers, len(others)), replace=False
            )
            for other in chosen:
                batch = _among(batch, others[other], self._generator)
            yield batch


def _batch(
    one: Material[TextsOf], numbers: NDArray[np.int64], generator: np.random.Generator
) -> Batch[TextsOf]:
    """Return the questions ``numbers`` of a collection with documents to tell theirs from."""
    documents = np.array(one.texts.documents)
    questions = [one.texts.questions[i] for i in numbers]
    own = documents[[label.answers[0] for label in questions]]
    chosen = np.union1d(own, _some_documents(documents, generator))
    rows = np.flatnonzero(np.isin(documents, chosen))
    count = len(one.reasons)
    unanswerable = generator.integers(0, max(count, 1), min(UNANSWERABLE, count))
    return Batch(
        one.asked[numbers],
        one.own[rows],
        one.contextual[rows],
        torch.from_numpy(np.stack([np.isin(rows, label.answers) for label in questions])),
        torch.from_numpy(np.searchsorted(chosen, documents[rows])),
        torch.from_numpy(np.searchsorted(chosen, own)),
        one.unanswerable[unanswerable],
        one.reasons[unanswerable],
        one.foreign[unanswerable],
    )


def _among(
    batch: Batch[TextsOf], other: Material[TextsOf], generator: np.random.Generator
) -> Batch[TextsOf]:
    """Return a batch with documents of another collection added, which answer none of it."""
    documents = np.array(other.texts.documents)
    chosen = np.sort(_some_documents(documents, generator))
    rows = np.flatnonzero(np.isin(documents, chosen))
    numbers = torch.from_numpy(np.searchsorted(chosen, documents[rows]))
    return dataclasses.replace(
        batch,
        own=batch.own + other.own[rows],
        contextual=batch.contextual + other.contextual[rows],
        answers=functional.pad(batch.answers, (0, len(rows))),
        documents=torch.cat([batch.documents, numbers + batch.documents.max() + 1]),
    )


def _some_documents(
    documents: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return ``OTHER_DOCUMENTS`` of the documents, or all."""
    everything = np.unique(documents)
    return generator.choice(everything, min(OTHER_DOCUMENTS, len(everything)), replace=False)
