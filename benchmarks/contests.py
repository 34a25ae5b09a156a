"""Questions with sentences that contend to answer them, to train the reranker on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.batches import REASONS, SEED
from benchmarks.comparing import Contest, Padded
from benchmarks.training_sets import Texts
from tanya.encoders.base import PieceIds
from tanya.encoders.bundled import BundledEncoder
from tanya.reranker import MOST_ASKED, MOST_OF_CONTEXT, MOST_OF_SENTENCE

# So many sentences contend: in the mean half of them are near to the question, the others any.
CONTENDERS = 16
# Those that are near by the similarity in context, and by that with the sentence alone added, which
# tells apart the sentences of a document; and how many of these contend with as many others.
NEAR = 40
_BY_CONTEXT = 5
_BY_BOTH = 10
_ALONE_WEIGHT = 0.8
# Batches that are made at once, of questions of the same collections, whose texts are of a length.
_TOGETHER = 60


@dataclass(frozen=True, slots=True)
class Contenders:
    """A collection in word pieces, and what is near to each question.

    ``asked`` are the answerable questions and then those without an answer; ``answers`` are the
    rows that answer each of the former, ``counts`` what each of the latter counts for. ``near`` has
    the rows near in context of each question, ``near_both`` those by both similarities.
    """

    sentences: list[PieceIds]
    contexts: list[PieceIds]
    context_of: NDArray[np.int64]
    documents: NDArray[np.int64]
    asked: list[PieceIds]
    answers: list[NDArray[np.int64]]
    counts: list[float]
    near: NDArray[np.int64]
    near_both: NDArray[np.int64]

    def contending(
        self, number: int, generator: np.random.Generator
    ) -> tuple[NDArray[np.int64], bool]:
        """Return rows that contend for question ``number``, and whether the first answers it."""
        found = np.unique(
            np.concatenate(
                [
                    _some(self.near_both[number], _BY_BOTH, generator),
                    _some(self.near[number], _BY_CONTEXT, generator),
                    generator.integers(0, len(self.sentences), CONTENDERS),
                ]
            )
        )
        generator.shuffle(found)
        if number >= len(self.answers):
            return found[:CONTENDERS], False
        answers = self.answers[number]
        wrong = found[~np.isin(found, answers)][: CONTENDERS - 1]
        return np.r_[generator.choice(answers), wrong], True


def contenders(texts: Texts, encoder: BundledEncoder) -> Contenders:
    """Return a collection with what the encoder finds near to its questions."""
    table = encoder.table
    distinct = dict.fromkeys(sentence.context for sentence in texts.sentences)
    contexts = {context: i for i, context in enumerate(distinct)}
    questions = [label.question for label in texts.questions]
    questions += [label.question for label in texts.unanswerable]
    asked = encoder.views(questions)
    in_context = encoder.encode_passages([s.contextual for s in texts.sentences])
    alone = encoder.views([s.text for s in texts.sentences]).alone
    similar = asked.contextual @ in_context.T
    return Contenders(
        table.ids([s.text for s in texts.sentences]),
        table.ids(list(contexts)),
        np.array([contexts[s.context] for s in texts.sentences]),
        np.array(texts.documents),
        table.ids(questions),
        [np.array(label.answers) for label in texts.questions],
        [REASONS[label.reason] for label in texts.unanswerable],
        _nearest(similar),
        _nearest(similar + _ALONE_WEIGHT * (asked.alone @ alone.T)),
    )


def _nearest(similarities: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the columns of the highest ``NEAR`` of each row, in any order."""
    count = min(NEAR, similarities.shape[1])
    return np.argpartition(-similarities, count - 1, axis=1)[:, :count]


def _some(rows: NDArray[np.int64], count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return ``count`` of the rows, or all."""
    return generator.choice(rows, min(count, len(rows)), replace=False)


class Contests:
    """Batches of questions in random order, each of collections that stand side by side."""

    def __init__(self, found: Sequence[Contenders], size: int) -> None:
        """Make batches of ``size`` questions."""
        self._found = found
        self._size = size
        self._generator = np.random.default_rng(SEED)
        self._numbers = [(i, n) for i, one in enumerate(found) for n in range(len(one.asked))]

    def __len__(self) -> int:
        """Return how many there are in an epoch."""
        return len(self._numbers) // self._size

    def epoch(self) -> Iterator[Contest]:
        """Yield the batches of one epoch; what does not fill a batch is left out."""
        order = self._generator.permutation(len(self._numbers))[: len(self) * self._size]
        together = self._size * _TOGETHER
        parts = [np.sort(order[i : i + together]) for i in range(0, len(order), together)]
        batches = np.concatenate(parts).reshape(-1, self._size)
        for i in self._generator.permutation(len(batches)):
            yield self._contest([self._numbers[number] for number in batches[i]])

    def _contest(self, numbers: Sequence[tuple[int, int]]) -> Contest:
        """Return the contest of questions, each given by its collection and its number there."""
        asked, sentences, contexts, answerable, counts = [], [], [], [], []
        context_of, there, same = np.zeros((3, len(numbers), CONTENDERS), dtype=np.int64)
        for i, (number, question) in enumerate(numbers):
            one = self._found[number]
            rows, known = one.contending(question, self._generator)
            distinct, place = np.unique(one.context_of[rows], return_inverse=True)
            asked.append(one.asked[question])
            sentences.append([one.sentences[row] for row in rows])
            contexts.append([one.contexts[context] for context in distinct])
            context_of[i, : len(rows)] = place
            there[i, : len(rows)] = 1
            same[i, : len(rows)] = one.documents[rows] == one.documents[rows[0]]
            answerable.append(known)
            counts.append(1.0 if known else one.counts[question - len(one.answers)])
        return Contest(
            _first(padded([asked], MOST_ASKED)),
            padded(sentences, MOST_OF_SENTENCE, CONTENDERS),
            padded(contexts, MOST_OF_CONTEXT),
            torch.from_numpy(context_of),
            torch.from_numpy(there == 1),
            torch.from_numpy(same == 1),
            torch.tensor(answerable),
            torch.tensor(counts),
        )


def padded(groups: Sequence[Sequence[PieceIds]], most: int, size: int = 0) -> Padded:
    """Return groups of at least ``size`` texts, of each no more than the first ``most`` pieces."""
    longest = max((len(ids) for group in groups for ids in group), default=0)
    shape = (len(groups), max(size, *map(len, groups)), max(1, min(longest, most)))
    found, there = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
    for i, group in enumerate(groups):
        for j, ids in enumerate(group):
            found[i, j, : len(ids)] = ids[:most]
            there[i, j, : len(ids)] = True
    return Padded(torch.from_numpy(found), torch.from_numpy(there))


def _first(texts: Padded) -> Padded:
    """Return the only group of texts."""
    return Padded(texts.ids[0], texts.there[0])


def all_contenders(found: Sequence[Texts], encoder: BundledEncoder) -> list[Contenders]:
    """Return all collections with what the encoder finds near to their questions."""
    return [contenders(texts, encoder) for texts in tqdm(found, desc="encoding", disable=None)]
