"""What each head of the bundled encoder is trained for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import nn
from torch.nn import functional

from benchmarks.network import Head, Inputs, Tokens

# What telling answers from what does not answer counts for beside the order.
TELLING = 3.0
TextsOf = TypeVar("TextsOf", Tokens, Inputs)


@dataclass(frozen=True, slots=True)
class Batch(Generic[TextsOf]):
    """Questions of one collection, and the sentences of some of its documents.

    Attributes:
        asked: the questions, n of them.
        own: the sentences alone, m of them.
        contextual: the same in their contexts.
        answers: which of the sentences answer each question, shape (n, m).
        documents: the number of each sentence's document, of k, shape (m,).
        right: the number of the document that answers each question, shape (n,).
        unanswerable: questions without an answer.
        reasons: what each of them counts for.
        foreign: which of them are about something that no document is about.
    """

    asked: TextsOf
    own: TextsOf
    contextual: TextsOf
    answers: torch.Tensor
    documents: torch.Tensor
    right: torch.Tensor
    unanswerable: TextsOf
    reasons: torch.Tensor
    foreign: torch.Tensor

    @property
    def same(self) -> torch.Tensor:
        """Which of the sentences are of the document that answers, shape (n, m)."""
        return self.right[:, None] == self.documents[None, :]


class AloneLoss(nn.Module):
    """What a head is worth that tells the sentences of a document apart."""

    temperature = 0.07

    def forward(self, head: Head, batch: Batch[Inputs]) -> torch.Tensor:
        """Return the loss of a batch."""
        return _order_inside(head, head(batch.asked), batch, self.temperature)


class Telling(nn.Module):
    """Whether something answers, by a similarity s alone: with sigmoid(scale * s + bias)."""

    def __init__(self) -> None:
        """Begin with an even chance at a similarity of 0.4."""
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(10.0))
        self.bias = nn.Parameter(torch.tensor(-4.0))

    def forward(
        self,
        similarities: torch.Tensor,
        answers: torch.Tensor,
        others: torch.Tensor,
        unanswerable: torch.Tensor,
        reasons: torch.Tensor,
    ) -> torch.Tensor:
        """Return the loss of a batch: of the highest similarities, each with its mean -log P.

        Args:
            similarities: of questions with sentences or documents.
            answers: which of these answer, of the same shape.
            others: which surely do not, of the same shape.
            unanswerable: the similarities of questions without an answer.
            reasons: what each of those questions counts for.
        """
        told = self._of(_highest(similarities, answers), answers=True).mean()
        told = told + self._of(_highest(similarities, others), answers=False).mean()
        if len(reasons):
            told = told + (reasons * self._of(unanswerable.amax(dim=1), answers=False)).mean()
        return TELLING * told

    def _of(self, similarity: torch.Tensor, answers: bool) -> torch.Tensor:
        """Return -log P(``answers``) for each of the similarities."""
        logit = self.scale * similarity + self.bias
        return -functional.logsigmoid(logit if answers else -logit)


class ContextualLoss(nn.Module):
    """What a head is worth that finds sentences in their contexts, and tells whether they answer.

    The order within the document counts, too: without it the head loses some of its sense of the
    order among all.
    """

    temperature = 0.04

    def __init__(self) -> None:
        """Begin without knowing what similarity an answer has."""
        super().__init__()
        self.telling = Telling()

    def forward(self, head: Head, batch: Batch[Inputs]) -> torch.Tensor:
        """Return the loss of a batch."""
        asked = head(batch.asked)
        sentences = head(batch.contextual)
        similarities = asked @ sentences.T
        told: torch.Tensor = self.telling(
            similarities,
            batch.answers,
            ~batch.same,
            head(batch.unanswerable) @ sentences.T,
            batch.reasons,
        )
        order = _order(similarities, batch.answers, self.temperature)
        return order + _order_inside(head, asked, batch, self.temperature) + told


class TopicLoss(nn.Module):
    """What a head is worth that finds documents, and tells whether one is about what is asked.

    What a document is about is the mean of what its sentences, alone, are about. That it does not
    state what is asked is nothing to this head.
    """

    temperature = 0.012

    def __init__(self) -> None:
        """Begin without knowing what similarity the right document has."""
        super().__init__()
        self.telling = Telling()

    def forward(self, head: Head, batch: Batch[Inputs]) -> torch.Tensor:
        """Return the loss of a batch."""
        counts = torch.bincount(batch.documents)
        topics = head(batch.own)
        sums = torch.zeros(len(counts), topics.shape[1]).index_add(0, batch.documents, topics)
        means = sums / counts[:, None]
        similarities = head(batch.asked) @ means.T
        right = functional.one_hot(batch.right, len(counts)).bool()
        told: torch.Tensor = self.telling(
            similarities,
            right,
            ~right,
            head(batch.unanswerable) @ means.T,
            batch.reasons * batch.foreign,
        )
        return _order(similarities, right, self.temperature) + told


HeadLoss = ContextualLoss | AloneLoss | TopicLoss


def _order(similarities: torch.Tensor, answers: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the mean of -log P(one that answers | question), by a softmax of similarities."""
    chances = functional.log_softmax(similarities / temperature, dim=1)
    return -torch.logsumexp(chances.masked_fill(~answers, -1e4), dim=1).mean()


def _order_inside(
    head: Head, asked: torch.Tensor, batch: Batch[Inputs], temperature: float
) -> torch.Tensor:
    """Return the same among the sentences of the right document, alone."""
    inside = (asked @ head(batch.own).T).masked_fill(~batch.same, -1e3)
    return _order(inside, batch.answers, temperature)


def _highest(similarities: torch.Tensor, among: torch.Tensor) -> torch.Tensor:
    """Return the highest of each row's similarities that ``among`` says."""
    return similarities.masked_fill(~among, -1.0).amax(dim=1)
