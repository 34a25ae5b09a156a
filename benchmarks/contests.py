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
from tanya.encoders.base import Embeddings, PieceIds
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
# One in so many questions is asked of another collection, too, which does not answer it.
_ELSEWHERE = 4
# Batches that are made at once, of questions of the same collections, whose texts are of a length.
_TOGETHER = 60


@dataclass(frozen=True, slots=True)
class Contenders:
    """A collection in word pieces, and what is near to each question.

    ``asked`` are the answerable questions and then those without an answer; ``answers`` are the
    rows that answer each of the former, ``counts`` what each of the latter counts for. ``near`` has
    the rows near in context of each question, ``near_both`` those by both similarities.
    ``questions`` are the embeddings of the questions, ``in_context`` of the sentences in context.
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
    questions: Embeddings
    in_context: Embeddings

    def counts_for(self, number: int) -> float:
        """Return what question ``number`` counts for."""
        place = number - len(self.answers)
        return 1.0 if place < 0 else self.counts[place]

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
        asked.contextual,
        in_context,
    )


def _nearest(similarities: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the columns of the highest ``NEAR`` of each row, in any order."""
    count = min(NEAR, similarities.shape[1])
    return np.argpartition(-similarities, count - 1, axis=1)[:, :count]


def _some(rows: NDArray[np.int64], count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return ``count`` of the rows, or all."""
    return generator.choice(rows, min(count, len(rows)), replace=False)


@dataclass(frozen=True, slots=True)
class _Asking:
    """A question, by its collection and its number there, and the collection it is asked of."""

    of: int
    asked_of: int
    number: int


class Contests:
    """Batches of questions in random order, each of collections that stand side by side."""

    def __init__(
        self, found: Sequence[Contenders], size: int, elsewhere: bool = False, seed: int = SEED
    ) -> None:
        """Make batches.

        Args:
            found: the collections.
            size: how many questions a batch has.
            elsewhere: whether some questions are asked of another collection, too.
            seed: what the batches hang on; with that of others they would be the same ones again.
        """
        self._found = found
        self._size = size
        self._elsewhere = elsewhere
        self._generator = np.random.default_rng(seed)
        self._own = [_Asking(i, i, n) for i, one in enumerate(found) for n in range(len(one.asked))]

    def __len__(self) -> int:
        """Return how many there are in an epoch."""
        # Of those elsewhere some are left out.
        return len(self._own) // self._size

    def epoch(self) -> Iterator[Contest]:
        """Yield the batches of one epoch; what does not fill a batch is left out."""
        askings = [*self._own, *self._asked_elsewhere()]
        asked_of = np.array([asking.asked_of for asking in askings])
        order = self._generator.permutation(len(askings))[: len(self) * self._size]
        together = self._size * _TOGETHER
        parts = [order[i : i + together] for i in range(0, len(order), together)]
        parts = [part[np.argsort(asked_of[part], kind="stable")] for part in parts]
        batches = np.concatenate(parts).reshape(-1, self._size)
        for i in self._generator.permutation(len(batches)):
            yield self._contest([askings[number] for number in batches[i]])

    def _asked_elsewhere(self) -> list[_Asking]:
        """Return questions that are asked of another collection, the likelier the larger it is.

        That it answers them all the same is rare: it would have to be about the same.
        """
        if not self._elsewhere:
            return []
        count = len(self._own) // _ELSEWHERE
        chosen = self._generator.choice(len(self._own), count, replace=False)
        sizes = np.array([len(one.sentences) for one in self._found])
        others = self._generator.choice(len(self._found), count, p=sizes / sizes.sum())
        askings = [
            _Asking(self._own[number].of, int(other), self._own[number].number)
            for number, other in zip(chosen, others, strict=True)
        ]
        return [asking for asking in askings if asking.of != asking.asked_of]

    def _contending(self, asking: _Asking) -> tuple[NDArray[np.int64], bool]:
        """Return the rows that contend, and whether the first of them answers."""
        own, other = self._found[asking.of], self._found[asking.asked_of]
        if own is other:
            return own.contending(asking.number, self._generator)
        # As many near ones as a question has that nothing answers.
        similar = other.in_context @ own.questions[asking.number]
        near = np.argsort(-similar, kind="stable")[:CONTENDERS]
        return near, False

    def _contest(self, askings: Sequence[_Asking]) -> Contest:
        """Return the contest of questions."""
        asked, sentences, contexts, answerable, counts = [], [], [], [], []
        context_of, there, same = np.zeros((3, len(askings), CONTENDERS), dtype=np.int64)
        for i, asking in enumerate(askings):
            own, one = self._found[asking.of], self._found[asking.asked_of]
            rows, known = self._contending(asking)
            distinct, place = np.unique(one.context_of[rows], return_inverse=True)
            asked.append(own.asked[asking.number])
            sentences.append([one.sentences[row] for row in rows])
            contexts.append([one.contexts[context] for context in distinct])
            context_of[i, : len(rows)] = place
            there[i, : len(rows)] = 1
            same[i, : len(rows)] = one.documents[rows] == one.documents[rows[0]]
            answerable.append(known)
            counts.append(own.counts_for(asking.number) if own is one else 1.0)
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
