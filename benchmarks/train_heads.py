"""Train the head of the bundled encoder: its dense layers, from labelled questions.

    python benchmarks/train_head.py [--idk-mrc PATH/TO/idk_mrc]

The bundled model was not trained on Indonesian. Its convolutions and its table of word pieces stay
as they are; the seven matrices that make a sentence's vector of their sum (1.8 million numbers) are
trained on: a question and the sentences that answer it are drawn together, against the other
sentences of its document and of others (a softmax over in-batch candidates as in Karpukhin et al.
2020, "Dense Passage Retrieval for Open-Domain Question Answering"). A sentence comes with its
context against all sentences, and alone against those of its own document.

That teaches which sentence comes first, not whether it answers. So the same similarities are also
made to tell by themselves: a logistic model of one of them, learned along and then thrown away, has
to call the best answer of each question one, and none the nearest sentence of the other documents
or that of a question without an answer (as the sigmoid loss of Zhai et al. 2023, "Sigmoid Loss for
Language Image Pre-Training", but over the highest similarity, by which Tanya refuses).

The sample corpus is not trained on: a head knows the questions it was trained on by heart, and
then draws other questions to the sentences of their documents, too. So the sample corpus is to the
head what any reader's corpus is. (``fit_weights.py`` and ``fit_confidence.py`` ask every other
collection through a head that was trained without it.)

It writes ``tanya/encoders/head.npz`` (3.1 MB, half precision), in nine minutes on one core, half of
them for encoding.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.training_sets import SAMPLE_FOLD, Collection, Texts, collections, texts_of  # noqa: E402
from tanya.encoders.bundled import HEAD_FILE, HEAD_MATRICES, BundledEncoder, encode_and_keep  # noqa: E402

EPOCHS = 3
LEARNING_RATE = 2e-4
TEMPERATURE = 0.07
# How strongly the matrices are held to what they were, relative to their size.
HOLD = 1.0
DROPOUT = 0.1
BATCH = 48
# Sentences of other documents in every batch.
OTHERS = 128
# What telling answers from what does not answer counts for beside the order.
TELLING = 1.0
# Questions without an answer in every batch, and what they count for by their reason: what a
# document does not state is as near as what it states, and some of it was stated elsewhere.
UNANSWERABLE = 16
REASONS = {"off_topic": 1.0, "other_profession": 1.0, "not_stated": 0.3}
TELLING_RATE = 1e-2
# How often an epoch goes through a small collection, and through one of more questions than LARGE.
REPEATS = 3
REPEATS_LARGE = 2
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


class Telling(nn.Module):
    """Whether a sentence answers, by its similarity alone: sigmoid(scale * similarity + bias)."""

    def __init__(self) -> None:
        """Begin with an even chance at a similarity of 0.4."""
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(10.0))
        self.bias = nn.Parameter(torch.tensor(-4.0))

    def forward(self, similarity: torch.Tensor, answers: bool) -> torch.Tensor:
        """Return -log P(``answers``) for each of the similarities."""
        logit = self.scale * similarity + self.bias
        return -functional.logsigmoid(logit if answers else -logit)


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


def train(encoder: BundledEncoder, sets: Sequence[Pooled]) -> dict[str, NDArray[np.float32]]:
    """Return the head's matrices, trained on ``sets``."""
    generator = np.random.default_rng(SEED)
    torch.manual_seed(SEED)
    head = Head(encoder)
    telling = Telling()
    optimizer = torch.optim.Adam(
        [{"params": head.parameters()}, {"params": telling.parameters(), "lr": TELLING_RATE}],
        LEARNING_RATE,
    )
    steps = EPOCHS * sum(1 for _ in _batches(sets, generator))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [LEARNING_RATE, TELLING_RATE], total_steps=steps + 1, pct_start=0.1
    )
    generator = np.random.default_rng(SEED)
    with tqdm(desc="training", total=steps, disable=None) as bar:
        for _ in range(EPOCHS):
            for pool, numbers in _batches(sets, generator):
                loss = _loss(head, telling, pool, numbers, generator) + HOLD * head.drift()
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()
                bar.update()
    return {name: getattr(head, name).detach().numpy() for name in HEAD_MATRICES}


def _batches(
    sets: Sequence[Pooled], generator: np.random.Generator
) -> Iterator[tuple[Pooled, NDArray[np.int64]]]:
    """Return the batches of an epoch in random order, each of questions of one collection."""
    found = []
    for pool in sets:
        count = len(pool.texts.questions)
        for _ in range(REPEATS_LARGE if count > LARGE else REPEATS):
            order = generator.permutation(count)
            found += [(pool, order[i : i + BATCH]) for i in range(0, count, BATCH)]
    return (found[i] for i in generator.permutation(len(found)))


def _loss(
    head: Head,
    telling: Telling,
    pool: Pooled,
    numbers: NDArray[np.int64],
    generator: np.random.Generator,
) -> Any:
    """Return the loss of a batch.

    It is the mean of -log P(an answer | question), in context and alone, and what ``telling`` makes
    of the similarities in context.
    """
    documents = np.array(pool.texts.documents)
    questions = [pool.texts.questions[i] for i in numbers]
    own = documents[[label.answers[0] for label in questions]]
    rows = np.union1d(
        np.flatnonzero(np.isin(documents, own)), generator.integers(0, len(documents), OTHERS)
    )
    answers = torch.from_numpy(np.stack([np.isin(rows, label.answers) for label in questions]))
    same = torch.from_numpy(own[:, None] == documents[rows][None, :])
    asked = head(pool.asked[numbers])
    sentences = head(pool.contextual[rows])
    anywhere = asked @ sentences.T
    inside = (asked @ head(pool.own[rows]).T).masked_fill(~same, -1e3)
    order = sum(
        -torch.logsumexp(
            functional.log_softmax(scores / TEMPERATURE, dim=1).masked_fill(~answers, -1e4), dim=1
        ).mean()
        for scores in (anywhere, inside)
    )
    told = telling(_highest(anywhere, answers), answers=True).mean()
    told = told + telling(_highest(anywhere, ~same), answers=False).mean()
    count = len(pool.reasons)
    if count:
        chosen = generator.integers(0, count, min(UNANSWERABLE, count))
        nearest = (head(pool.unanswerable[chosen]) @ sentences.T).amax(dim=1)
        told = told + (pool.reasons[chosen] * telling(nearest, answers=False)).mean()
    return order + TELLING * told


def _highest(similarities: torch.Tensor, among: torch.Tensor) -> torch.Tensor:
    """Return the highest of each row's similarities that ``among`` says."""
    return similarities.masked_fill(~among, -1.0).amax(dim=1)


def save(matrices: dict[str, NDArray[np.float32]], path: Path) -> None:
    """Write the head's matrices in half precision."""
    np.savez_compressed(path, **{name: m.astype(np.float16) for name, m in matrices.items()})


def held_out_heads(folder: Path, found: Sequence[Collection]) -> dict[int, Path]:
    """Return for each fold the head trained on the other folds; train those not in ``folder``.

    No head is trained on the sample corpus, so that the one that ships is that of its fold.
    """
    paths = {fold: folder / f"head{fold}.npz" for fold in sorted({c.fold for c in found})}
    if not all(path.is_file() for path in paths.values()):
        encoder = BundledEncoder("use-multilingual-v3", head=None)
        learned = [collection for collection in found if collection.fold != SAMPLE_FOLD]
        sets = prepared(encoder, learned)
        for fold, path in paths.items():
            if not path.is_file():
                others = [s for s, c in zip(sets, learned, strict=True) if c.fold != fold]
                save(train(encoder, others), path)
    return paths


def main() -> None:
    """Train on all collections and write the head."""
    parser = argparse.ArgumentParser(description="Train the head of the bundled encoder.")
    parser.add_argument("--idk-mrc", type=Path, help="the folder of IDK-MRC, to train on too")
    parser.add_argument("--output", type=Path, default=HEAD_FILE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [c for c in collections(Path(folder), options.idk_mrc) if c.fold != SAMPLE_FOLD]
        encoder = BundledEncoder("use-multilingual-v3", head=None)
        save(train(encoder, prepared(encoder, found)), options.output)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
