"""The reranker in torch, to train it: the same as :class:`tanya.reranker.Reranker` computes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from tanya.reranker import CORRECT, Bits, correction_rows

DIMENSION = 64
SIZE = 64
DROPOUT = 0.1
# While training so many pieces stay uncorrected, as most are that will be asked.
UNCORRECTED = 0.15
# How large the projections of pieces, which are unit vectors, are at the beginning.
_SCALE = 3.0
# So many pieces show in which directions they differ most.
_SAMPLE = 20_000
_NEVER = -1e4
# What the order within the right document counts for beside that among all.
INSIDE = 0.5


@dataclass(frozen=True, slots=True)
class Padded:
    """Ids of pieces, and which of them are there; both of one shape, pieces last."""

    ids: torch.Tensor
    there: torch.Tensor


@dataclass(frozen=True, slots=True)
class Contest:
    """Questions and the sentences that contend to answer each of them.

    Attributes:
        asked: the questions, shape (n, pieces).
        sentences: those of each, shape (n, k, pieces); the first answers, if any does.
        contexts: the distinct contexts of these, shape (n, c, pieces).
        context_of: which of them each sentence has, shape (n, k).
        there: which sentences there are, shape (n, k).
        same: which are of the document of the first, shape (n, k).
        answerable: which questions have an answer, shape (n,).
        counts: what each question counts for, shape (n,).
    """

    asked: Padded
    sentences: Padded
    contexts: Padded
    context_of: torch.Tensor
    there: torch.Tensor
    same: torch.Tensor
    answerable: torch.Tensor
    counts: torch.Tensor


class Comparing(nn.Module):
    """The reranker's layers, called as in its file."""

    def __init__(self, table: torch.Tensor, corrected: Bits) -> None:
        """Begin without corrections.

        Args:
            table: the unit vectors of all word pieces, which stay as they are, shape (n, 512).
            corrected: for which pieces corrections can be learned, shape (n,).
        """
        super().__init__()
        self.table: torch.Tensor
        self.register_buffer("table", table, persistent=False)
        self._correction: torch.Tensor
        rows = torch.from_numpy(correction_rows(corrected))
        self.register_buffer("_correction", rows, persistent=False)
        count = int(corrected.sum())
        # Pieces that are not corrected share the row behind the last, which stays 0.
        self.correct = nn.Embedding(count + 1, DIMENSION, padding_idx=count)
        nn.init.zeros_(self.correct.weight)
        some = table[torch.randperm(len(table))[:_SAMPLE]]
        _, _, directions = torch.linalg.svd(some, full_matrices=False)
        self.project = nn.Parameter(_SCALE * directions[:DIMENSION].T.contiguous())
        self.attend = nn.Parameter(torch.eye(DIMENSION))
        self.attend_context = nn.Parameter(torch.eye(DIMENSION))
        self.linear = nn.ModuleDict(
            {
                "convolve": nn.Linear(3 * DIMENSION, DIMENSION),
                "question": nn.Linear(DIMENSION, SIZE),
                "question_second": nn.Linear(SIZE, SIZE),
                "question_gate": nn.Linear(DIMENSION, 1),
                "sentence": nn.Linear(DIMENSION, SIZE),
                "sentence_second": nn.Linear(SIZE, SIZE),
                "sentence_gate": nn.Linear(DIMENSION, 1),
                "hidden": nn.Linear(4 * SIZE, SIZE),
                "logit": nn.Linear(SIZE, 1),
                **{
                    name: nn.Linear(DIMENSION, SIZE, bias=False)
                    for name in (
                        *("question_met", "question_product", "question_context"),
                        *("question_context_product", "sentence_met", "sentence_product"),
                    )
                },
            }
        )
        self._dropout = nn.Dropout(DROPOUT)

    def layers(self) -> dict[str, NDArray[np.float32]]:
        """Return the layers as they are now, as the reranker multiplies with them."""
        found = {
            "project": self.project,
            "attend": self.attend,
            "attend_context": self.attend_context,
            CORRECT: self.correct.weight[:-1],
        }
        for name, layer in self.linear.items():
            found[name] = layer.weight.T
            if layer.bias is not None:
                found[f"{name}_bias"] = layer.bias
        return {name: matrix.detach().numpy().copy() for name, matrix in found.items()}

    def forward(self, contest: Contest) -> torch.Tensor:
        """Return the logit of each sentence, shape (n, k)."""
        asked = self._features(contest.asked)[:, None]
        sentences = self._features(contest.sentences)
        of_contexts = self._met_by_contexts(asked, contest.contexts)
        place = contest.context_of[:, :, None, None]
        met = of_contexts.gather(1, place.expand(-1, -1, *of_contexts.shape[2:]))
        alike = (asked @ self.attend) @ sentences.transpose(2, 3)
        attended = _chances(alike, contest.sentences.there[:, :, None]) @ sentences
        by_question = (
            self.linear["question"](asked)
            + self.linear["question_met"](attended)
            + self.linear["question_product"](attended * asked)
            + met
        )
        there = contest.asked.there[:, None, :, None]
        back = _chances(alike, there, dim=2).transpose(2, 3) @ asked
        by_sentence = (
            self.linear["sentence"](sentences)
            + self.linear["sentence_met"](back)
            + self.linear["sentence_product"](back * sentences)
        )
        pooled = [
            *self._pooled("question", by_question, asked, there),
            *self._pooled("sentence", by_sentence, sentences, contest.sentences.there[..., None]),
        ]
        hidden = functional.relu(self.linear["hidden"](torch.cat(pooled, dim=-1)))
        logits: torch.Tensor = self.linear["logit"](self._dropout(hidden))[..., 0]
        return logits

    def _features(self, texts: Padded) -> torch.Tensor:
        """Return the features of all pieces, 0 where there is none."""
        distinct, place = torch.unique(texts.ids, return_inverse=True)
        there = texts.there[..., None]
        projected = self.table[distinct] @ self.project + self._corrections(distinct)
        own = functional.embedding(place, projected) * there
        wide = functional.pad(own, (0, 0, 1, 1))
        near = torch.cat([wide[..., :-2, :], own, wide[..., 2:, :]], dim=-1)
        found: torch.Tensor = (own + functional.relu(self.linear["convolve"](near))) * there
        return found

    def _corrections(self, ids: torch.Tensor) -> torch.Tensor:
        """Return what is added to the projections of pieces, while training not to all of them."""
        found: torch.Tensor = self.correct(self._correction[ids])
        return found * (torch.rand(len(ids), 1) >= UNCORRECTED) if self.training else found

    def _met_by_contexts(self, asked: torch.Tensor, contexts: Padded) -> torch.Tensor:
        """Return what each piece of the questions meets in contexts."""
        features = self._features(contexts)
        alike = (asked @ self.attend_context) @ features.transpose(2, 3)
        met = _chances(alike, contexts.there[:, :, None]) @ features
        found: torch.Tensor = self.linear["question_context"](met)
        return found + self.linear["question_context_product"](met * asked)

    def _pooled(
        self, name: str, compared: torch.Tensor, features: torch.Tensor, there: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what pieces were compared to, pooled by a mean with weights and by the highest."""
        compared = functional.relu(self.linear[f"{name}_second"](functional.relu(compared)))
        weights = _chances(self.linear[f"{name}_gate"](features), there, dim=2)
        return (weights * compared).sum(dim=2), (compared * there).amax(dim=2)


def _chances(scores: torch.Tensor, there: torch.Tensor, dim: int = -1) -> torch.Tensor:
    """Return the softmax of ``scores`` over what is there."""
    return torch.softmax(scores.masked_fill(~there, _NEVER), dim=dim)


def reranker_loss(logits: torch.Tensor, contest: Contest, telling: float) -> torch.Tensor:
    """Return what the reranker is to lower: that another comes first, and that it tells wrongly.

    The first is -log P(the answer) by a softmax over all sentences, and by one over those of the
    document that answers; the second -log P of what is the case, P by the logistic function, for
    the answer, for the best sentence of the other documents, and for the best one where none
    answers.

    Args:
        logits: of the sentences, shape (n, k).
        contest: what they are of.
        telling: what a question without an answer counts for beside one with an answer.
    """
    logits = logits.masked_fill(~contest.there, _NEVER)
    known, none = contest.answerable, ~contest.answerable
    right, inside = logits[known], logits[known].masked_fill(~contest.same[known], _NEVER)
    others = right.masked_fill(contest.same[known], _NEVER).amax(dim=1)
    order = -torch.log_softmax(right, dim=1)[:, 0]
    order = order - INSIDE * torch.log_softmax(inside, dim=1)[:, 0]
    told = functional.softplus(-right[:, 0]) + functional.softplus(others)
    loss = (order + told).sum() / known.sum().clamp(min=1)
    wrong = functional.softplus(logits[none].amax(dim=1)) * contest.counts[none]
    return loss + telling * wrong.sum() / len(logits)
