"""Train the bundled encoder on from labelled questions: its convolutions, and three heads.

    python benchmarks/train_encoder.py [--idk-mrc PATH/TO/idk_mrc] [--mean-with FILE]

The bundled model was not trained on Indonesian. Its table of word pieces stays as it is. First the
convolutions above the table (1.7 million numbers) are trained on, together with the dense layers
that make a sentence's vector of their sum (1.7 million), of which there are three, since no vector
serves all of it well. Then the convolutions stay, and these heads are trained on, each by itself:

- The head for sentences in their contexts finds what answers. A question and the sentences that
  answer it are drawn together, against the other sentences of its document and of others (a softmax
  over in-batch candidates as in Karpukhin et al. 2020, "Dense Passage Retrieval for Open-Domain
  Question Answering"). That teaches which sentence comes first, not whether it answers. So its
  similarities are also made to tell by themselves: a logistic model of one of them, learned along
  and then thrown away, has to call the best answer of each question one, and none the nearest
  sentence of the other documents or that of a question without an answer (as the sigmoid loss of
  Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training", but over the highest similarity,
  by which Tanya refuses). By itself it sees sentences of other collections, too. Together with the
  convolutions it sees the sentences without their contexts, which would nearly double the work.
- The head for sentences alone tells the sentences of one document apart, and learns nothing else.
- The head for topics finds the document: the mean over its sentences is what it is about. It, too,
  is made to tell whether there is one.

The sample corpus is not trained on, nor what else is held out: an encoder knows the questions it
was trained on by heart, and then draws other questions to the sentences of their documents, too. So
the sample corpus is to it what any reader's corpus is, and weights and confidence are fitted on
what is held out.

What ships is the mean of two encoders that were trained so, from the same beginning, the first when
there were fewer collections (``training_sets.py``). Such a mean is often better than either
(Wortsman et al. 2022, "Model soups"): on what is held out it is by 0.005 of MRR@10, and it tells
better whether anything answers. ``--mean-with FILE`` makes it.

It writes ``tanya/encoders/trained.npz``, in less than an hour on one core. With the GNU C library
it takes a third less time when what was allocated is kept for the next batch:
``MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=8589934592``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.batches import SEED, Batches, Material, material  # noqa: E402
from benchmarks.losses import (  # noqa: E402
    AloneLoss,
    Batch,
    ContextualLoss,
    HeadLoss,
    TextsOf,
    TopicLoss,
)
from benchmarks.network import Convolutions, Head, Inputs, Tokens, pooled, tokens  # noqa: E402
from benchmarks.training_sets import Texts, collections, learned  # noqa: E402
from tanya.encoders.bundled import BundledEncoder  # noqa: E402
from tanya.encoders.trained import (  # noqa: E402
    HEADS,
    SHARED,
    TRAINED_FILE,
    Layers,
    load_trained,
    save_trained,
    with_layers,
)

MODEL = "use-multilingual-v3"
# The rate of the heads together with the convolutions.
FIRST_HEAD_RATE = 4e-4
HEAD_BATCH = 48
# How strongly the layers of a head are held to what they were, relative to their size.
HEAD_HOLD = 1.0
# The same for the convolutions, which take large batches: most of the time goes into the sentences.
CONVOLUTION_EPOCHS = 3
CONVOLUTION_RATE = 1e-3
CONVOLUTION_BATCH = 192
CONVOLUTION_HOLD = 0.1
TELLING_RATE = 1e-2
# The part of the steps in which the rate rises.
RISE = 0.1


@dataclass(frozen=True, slots=True)
class Course:
    """How a head is trained by itself.

    Attributes:
        epochs: how often it sees each question.
        rate: the highest rate.
        strangers: of how many other collections documents are in every batch.
    """

    epochs: int
    rate: float
    strangers: int = 0


# What finds sentences gains by seeing more that does not answer; what finds documents forgets at a
# higher rate what it has learned together with the convolutions.
COURSES = {
    "contextual": Course(epochs=3, rate=1e-4, strangers=2),
    "alone": Course(epochs=2, rate=2e-4),
    "topic": Course(epochs=2, rate=5e-5),
}


def train(found: Sequence[Texts]) -> dict[str, Layers]:
    """Return the layers of each part of the package's model, trained on ``found``."""
    model = package_model()
    torch.manual_seed(SEED)
    losses: tuple[HeadLoss, ...] = (ContextualLoss(), AloneLoss(), TopicLoss())
    heads = [(Head(model), loss) for loss in losses]
    convolutions = Convolutions(model)
    train_convolutions(
        convolutions, heads, material(found, lambda texts: tokens(model, texts), contexts=False)
    )
    convolved = with_layers(model, convolutions.now())
    sets = material(found, lambda texts: pooled(convolved, texts), contexts=True)
    for name, (head, loss) in zip(HEADS, heads, strict=True):
        train_head(head, loss, sets, COURSES[name])
    parts = zip(HEADS, heads, strict=True)
    return {SHARED: convolutions.now()} | {name: head.now() for name, (head, _) in parts}


def package_model() -> Any:
    """Return the model as the package has it."""
    return BundledEncoder(MODEL, trained=None).model


def train_convolutions(
    convolutions: Convolutions,
    heads: Sequence[tuple[Head, HeadLoss]],
    sets: Sequence[Material[Tokens]],
) -> None:
    """Train the convolutions with all heads above them."""

    def objective(batch: Batch[Tokens]) -> torch.Tensor:
        through = _through(convolutions, batch)
        total = CONVOLUTION_HOLD * convolutions.drift()
        for head, loss in heads:
            total = total + loss(head, through) + HEAD_HOLD * head.drift()
        return total

    rates: list[tuple[nn.Module, float]] = [(convolutions, CONVOLUTION_RATE)]
    for head, loss in heads:
        rates += [(head, FIRST_HEAD_RATE), (loss, TELLING_RATE)]
    _descend(objective, rates, Batches(sets, CONVOLUTION_BATCH), CONVOLUTION_EPOCHS)


def train_head(
    head: Head, loss: HeadLoss, sets: Sequence[Material[Inputs]], course: Course
) -> None:
    """Train one head further, by itself, with what ``loss`` has learned along."""

    def objective(batch: Batch[Inputs]) -> torch.Tensor:
        total: torch.Tensor = loss(head, batch) + HEAD_HOLD * head.drift()
        return total

    batches = Batches(sets, HEAD_BATCH, course.strangers)
    _descend(objective, [(head, course.rate), (loss, TELLING_RATE)], batches, course.epochs)


def _through(convolutions: Convolutions, batch: Batch[Tokens]) -> Batch[Inputs]:
    """Return what the heads get of a batch without contexts."""
    own = convolutions(batch.own)
    return Batch(
        convolutions(batch.asked),
        own,
        own,
        batch.answers,
        batch.documents,
        batch.right,
        convolutions(batch.unanswerable),
        batch.reasons,
        batch.foreign,
    )


def _descend(
    objective: Callable[[Batch[TextsOf]], torch.Tensor],
    rates: Sequence[tuple[nn.Module, float]],
    batches: Batches[TextsOf],
    epochs: int,
) -> None:
    """Lower the ``objective`` of batches, at most at the rate of each module."""
    # A loss may have nothing to learn along.
    groups = [(list(module.parameters()), rate) for module, rate in rates]
    groups = [(parameters, rate) for parameters, rate in groups if parameters]
    optimizer = torch.optim.Adam([{"params": p, "lr": rate} for p, rate in groups])
    steps = epochs * len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [rate for _, rate in groups], total_steps=steps + 1, pct_start=RISE
    )
    with tqdm(desc="training", total=steps, disable=None) as bar:
        for _ in range(epochs):
            for batch in batches.epoch():
                total = objective(batch)
                optimizer.zero_grad()
                total.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()
                bar.update()


def mean(one: dict[str, Layers], other: dict[str, Layers]) -> dict[str, Layers]:
    """Return layers half-way between two, which have the same names."""
    return {
        part: {name: (matrix + other[part][name]) / 2 for name, matrix in layers.items()}
        for part, layers in one.items()
    }


def write(found: Sequence[Texts], path: Path, before: Path | None) -> None:
    """Train on ``found`` and write the file ``path``, whole or not at all.

    What is written is the mean of this and of what the file ``before`` has, if there is one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    earlier = None if before is None else load_trained(before, package_model())
    parts = train(found)
    if earlier is not None:
        parts = mean(parts, earlier)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder) / path.name
        save_trained(parts, package_model(), whole)
        whole.replace(path)


def main() -> None:
    """Train on all collections and write what changed."""
    parser = argparse.ArgumentParser(description="Train the bundled encoder on.")
    parser.add_argument("--idk-mrc", type=Path, help="the folder of IDK-MRC, to train on too")
    parser.add_argument("--mean-with", type=Path, help="what was trained before")
    parser.add_argument("--output", type=Path, default=TRAINED_FILE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = learned(collections(Path(folder), options.idk_mrc))
    write(found, options.output, options.mean_with)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
