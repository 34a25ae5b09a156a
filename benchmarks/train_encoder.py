"""Train the heads of the bundled encoder: its dense layers, from labelled questions.

    python benchmarks/train_heads.py [--idk-mrc PATH/TO/idk_mrc]

The bundled model was not trained on Indonesian. Its convolutions and its table of word pieces stay
as they are; the seven matrices that make a sentence's vector of their sum (1.8 million numbers) are
trained on, three times, since no vector serves all of it well:

- The head for sentences in their contexts finds what answers. A question and the sentences that
  answer it are drawn together, against the other sentences of its document and of others (a softmax
  over in-batch candidates as in Karpukhin et al. 2020, "Dense Passage Retrieval for Open-Domain
  Question Answering"). That teaches which sentence comes first, not whether it answers. So its
  similarities are also made to tell by themselves: a logistic model of one of them, learned along
  and then thrown away, has to call the best answer of each question one, and none the nearest
  sentence of the other documents or that of a question without an answer (as the sigmoid loss of
  Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training", but over the highest similarity,
  by which Tanya refuses).
- The head for sentences alone tells the sentences of one document apart, and learns nothing else.
- The head for topics finds the document: the mean over its sentences is what it is about. It, too,
  is made to tell whether there is one.

The sample corpus is not trained on: a head knows the questions it was trained on by heart, and
then draws other questions to the sentences of their documents, too. So the sample corpus is to the
heads what any reader's corpus is. (``fit_weights.py`` and ``fit_confidence.py`` ask every other
collection through heads that were trained without it.)

It writes ``tanya/encoders/heads.npz`` (4.4 MB, a byte a number).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.training_sets import SAMPLE_FOLD, Collection, Texts, collections, texts_of  # noqa: E402
from tanya.encoders.bundled import (  # noqa: E402
    HEAD_MATRICES,
    HEADS_FILE,
    BundledEncoder,
    Matrices,
    encode_and_keep,
    save_heads,
)

EPOCHS = 3
LEARNING_RATE = 2e-4
# How strongly the matrices are held to what they were, relative to their size.
HOLD = 1.0
DROPOUT = 0.1
BATCH = 48
# Documents in every batch that none of its questions is about, where there are so many.
OTHER_DOCUMENTS = 32
# What telling answers from what does not answer counts for beside the order.
TELLING = 3.0
# Questions without an answer in every batch, and what they count for by their reason: what a
# document does not state is as near as what it states, and some of it was stated elsewhere.
UNANSWERABLE = 16
REASONS = {"off_topic": 1.0, "other_profession": 1.0, "not_stated": 0.3}
TELLING_RATE = 1e-2
# An epoch goes once only through a collection of more questions.
LARGE = 1000
SEED = 0


@dataclass(frozen=True, slots=True)
class Pooled:
    """What the layers below the head make of a collection.

    ``own`` is of the sentences alone, ``contextual`` of the sentences in their contexts, ``asked``
    and ``unanswerable`` of the questions. ``reasons`` is what each of the latter counts for.
    """

    name: str
    texts: Texts
    own: Inputs
    contextual: Inputs
    asked: Inputs
    unanswerable: Inputs
    reasons: torch.Tensor


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the head gets of some texts, as :class:`tanya.encoders.bundled.Below` says."""

    sums: torch.Tensor
    lengths: torch.Tensor

    def __getitem__(self, rows: NDArray[np.int64]) -> Inputs:
        """Return those of the texts ``rows``."""
        return Inputs(self.sums[rows], self.lengths[rows])


def pooled(encoder: BundledEncoder, texts: Sequence[str]) -> Inputs:
    """Return what the head of ``encoder`` would get for each text."""
    if not texts:
        return Inputs(torch.empty(0, len(encoder.model.cnn_W)), torch.empty(0))
    _, below = encode_and_keep(encoder.model, texts)
    return Inputs(torch.from_numpy(below.sums), torch.from_numpy(below.lengths))


class Head(nn.Module):
    """The dense layers of Universal Sentence Encoder Multilingual v3."""

    def __init__(self, encoder: BundledEncoder) -> None:
        """Begin with the matrices that ``encoder`` has."""
        super().__init__()
        matrices = {name: getattr(encoder.model, name) for name in HEAD_MATRICES}
        self.bias = torch.tensor(encoder.model.cnn_b)
        self.start = {name: torch.tensor(matrix) for name, matrix in matrices.items()}
        for name, matrix in self.start.items():
            setattr(self, name, nn.Parameter(matrix.clone()))

    def forward(self, below: Inputs) -> torch.Tensor:
        """Return unit vectors, shape (n, 512)."""
        lengths = below.lengths[:, None]
        mean = (below.sums @ self.cnn_W + lengths * self.bias) / lengths.sqrt()
        if self.training:
            mean = functional.dropout(mean, DROPOUT)
        first = functional.relu(mean @ self.d0)
        second = functional.relu(mean @ self.p1 + first @ self.d1)
        third = functional.relu(second @ self.d2)
        return functional.normalize(torch.tanh(second @ self.p3 + third @ self.d3), dim=1)

    def drift(self) -> torch.Tensor:
        """Return how far the matrices have gone from where they started, relative to their size."""
        return sum(  # type: ignore[return-value]
            ((getattr(self, name) - matrix) ** 2).sum() / (matrix**2).sum()
            for name, matrix in self.start.items()
        )


@dataclass(frozen=True, slots=True)
class Batch:
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
    """

    asked: Inputs
    own: Inputs
    contextual: Inputs
    answers: torch.Tensor
    documents: torch.Tensor
    right: torch.Tensor
    unanswerable: Inputs
    reasons: torch.Tensor

    @property
    def same(self) -> torch.Tensor:
        """Which of the sentences are of the document that answers, shape (n, m)."""
        return self.right[:, None] == self.documents[None, :]


class AloneLoss(nn.Module):
    """What a head is worth that tells the sentences of a document apart."""

    temperature = 0.07
    repeats = 2

    def forward(self, head: Head, batch: Batch) -> torch.Tensor:
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
    repeats = 2

    def __init__(self) -> None:
        """Begin without knowing what similarity an answer has."""
        super().__init__()
        self.telling = Telling()

    def forward(self, head: Head, batch: Batch) -> torch.Tensor:
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
    repeats = 1

    def __init__(self) -> None:
        """Begin without knowing what similarity the right document has."""
        super().__init__()
        self.telling = Telling()

    def forward(self, head: Head, batch: Batch) -> torch.Tensor:
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
            batch.reasons * (batch.reasons == 1),
        )
        return _order(similarities, right, self.temperature) + told


def _order(similarities: torch.Tensor, answers: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the mean of -log P(one that answers | question), by a softmax of similarities."""
    chances = functional.log_softmax(similarities / temperature, dim=1)
    return -torch.logsumexp(chances.masked_fill(~answers, -1e4), dim=1).mean()


def _order_inside(
    head: Head, asked: torch.Tensor, batch: Batch, temperature: float
) -> torch.Tensor:
    """Return the same among the sentences of the right document, alone."""
    inside = (asked @ head(batch.own).T).masked_fill(~batch.same, -1e3)
    return _order(inside, batch.answers, temperature)


def _highest(similarities: torch.Tensor, among: torch.Tensor) -> torch.Tensor:
    """Return the highest of each row's similarities that ``among`` says."""
    return similarities.masked_fill(~among, -1.0).amax(dim=1)


def prepared(encoder: BundledEncoder, found: Sequence[Collection]) -> list[Pooled]:
    """Return what training needs of each collection."""
    ready = []
    for collection in tqdm(found, desc="encoding", disable=None):
        texts = texts_of(collection)
        ready.append(
            Pooled(
                collection.name,
                texts,
                pooled(encoder, [sentence.text for sentence in texts.sentences]),
                pooled(encoder, [sentence.contextual for sentence in texts.sentences]),
                pooled(encoder, [label.question for label in texts.questions]),
                pooled(encoder, [label.question for label in texts.unanswerable]),
                torch.tensor([REASONS[label.reason] for label in texts.unanswerable]),
            )
        )
    return ready


def train(encoder: BundledEncoder, sets: Sequence[Pooled]) -> dict[str, Matrices]:
    """Return the matrices of the heads, trained on ``sets``, by their names in ``HEADS``."""
    return {
        "contextual": _trained(encoder, sets, ContextualLoss()),
        "alone": _trained(encoder, sets, AloneLoss()),
        "topic": _trained(encoder, sets, TopicLoss()),
    }


def _trained(
    encoder: BundledEncoder, sets: Sequence[Pooled], loss: ContextualLoss | AloneLoss | TopicLoss
) -> Matrices:
    """Return the matrices of one head, and forget what ``loss`` has learned along."""
    generator = np.random.default_rng(SEED)
    torch.manual_seed(SEED)
    head = Head(encoder)
    optimizer = torch.optim.Adam(
        [{"params": [*head.parameters()]}, {"params": [*loss.parameters()], "lr": TELLING_RATE}],
        LEARNING_RATE,
    )
    steps = EPOCHS * sum(1 for _ in _batches(sets, loss.repeats, generator))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [LEARNING_RATE, TELLING_RATE], total_steps=steps + 1, pct_start=0.1
    )
    generator = np.random.default_rng(SEED)
    with tqdm(desc="training", total=steps, disable=None) as bar:
        for _ in range(EPOCHS):
            for pool, numbers in _batches(sets, loss.repeats, generator):
                total = loss(head, _batch(pool, numbers, generator)) + HOLD * head.drift()
                optimizer.zero_grad()
                total.backward()
                optimizer.step()
                schedule.step()
                bar.update()
    return {name: getattr(head, name).detach().numpy() for name in HEAD_MATRICES}


def _batches(
    sets: Sequence[Pooled], repeats: int, generator: np.random.Generator
) -> Iterator[tuple[Pooled, NDArray[np.int64]]]:
    """Return the batches of an epoch in random order, each of questions of one collection.

    It goes ``repeats`` times through a collection, once through one of more questions than LARGE.
    """
    found = []
    for pool in sets:
        count = len(pool.texts.questions)
        for _ in range(1 if count > LARGE else repeats):
            order = generator.permutation(count)
            found += [(pool, order[i : i + BATCH]) for i in range(0, count, BATCH)]
    return (found[i] for i in generator.permutation(len(found)))


def _batch(pool: Pooled, numbers: NDArray[np.int64], generator: np.random.Generator) -> Batch:
    """Return the questions ``numbers`` of a collection with documents to tell theirs from."""
    documents = np.array(pool.texts.documents)
    questions = [pool.texts.questions[i] for i in numbers]
    own = documents[[label.answers[0] for label in questions]]
    everything = np.unique(documents)
    others = generator.choice(everything, min(OTHER_DOCUMENTS, len(everything)), replace=False)
    chosen = np.union1d(own, others)
    rows = np.flatnonzero(np.isin(documents, chosen))
    count = len(pool.reasons)
    unanswerable = generator.integers(0, max(count, 1), min(UNANSWERABLE, count))
    return Batch(
        pool.asked[numbers],
        pool.own[rows],
        pool.contextual[rows],
        torch.from_numpy(np.stack([np.isin(rows, label.answers) for label in questions])),
        torch.from_numpy(np.searchsorted(chosen, documents[rows])),
        torch.from_numpy(np.searchsorted(chosen, own)),
        pool.unanswerable[unanswerable],
        pool.reasons[unanswerable],
    )


def held_out_heads(folder: Path, found: Sequence[Collection]) -> dict[int, Path]:
    """Return for each fold the heads trained on the other folds; train those not in ``folder``.

    None is trained on the sample corpus, so that those that ship are those of its fold.
    """
    paths = {fold: folder / f"heads{fold}.npz" for fold in sorted({c.fold for c in found})}
    if not all(path.is_file() for path in paths.values()):
        encoder = BundledEncoder("use-multilingual-v3", heads=None)
        learned = [collection for collection in found if collection.fold != SAMPLE_FOLD]
        sets = prepared(encoder, learned)
        for fold, path in paths.items():
            if not path.is_file():
                others = [s for s, c in zip(sets, learned, strict=True) if c.fold != fold]
                save_heads(train(encoder, others), path)
    return paths


def main() -> None:
    """Train on all collections and write the head."""
    parser = argparse.ArgumentParser(description="Train the heads of the bundled encoder.")
    parser.add_argument("--idk-mrc", type=Path, help="the folder of IDK-MRC, to train on too")
    parser.add_argument("--output", type=Path, default=HEADS_FILE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [c for c in collections(Path(folder), options.idk_mrc) if c.fold != SAMPLE_FOLD]
        encoder = BundledEncoder("use-multilingual-v3", heads=None)
        save_heads(train(encoder, prepared(encoder, found)), options.output)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
