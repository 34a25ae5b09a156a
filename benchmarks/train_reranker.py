"""Train the reranker from labelled questions.

    python benchmarks/train_reranker.py [--idk-mrc PATH/TO/idk_mrc]

It learns to tell the sentence that answers a question from others of the same collection, half of
them the nearest by the encoder's similarities, and whether the best answers at all. Questions that
people think up to have no answer are worded more plainly than others, and a model would go by that:
in the last epochs questions of all sorts are asked of other collections, too, which do not answer
them. Of the pieces that occur often it learns at the very last by how much they mean something else
than the table says, since by then the rest tells it. What is written is the mean of before and
after this (Wortsman et al. 2022, "Robust Fine-Tuning of Zero-Shot Models"): on what is held out it
was better than either, in telling whether anything answers above all. What is held out
(``training_sets.py``) it does not see: the weights and the confidence are fitted on that.

It writes ``tanya/reranker.npz``, in about an hour on two cores.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.batches import SEED  # noqa: E402
from benchmarks.comparing import Comparing, reranker_loss  # noqa: E402
from benchmarks.contests import Contenders, Contests, all_contenders  # noqa: E402
from benchmarks.train_encoder import MODEL  # noqa: E402
from benchmarks.training_sets import Labelled, Texts, collections, learned  # noqa: E402
from tanya.encoders.base import PieceTable  # noqa: E402
from tanya.encoders.bundled import BundledEncoder  # noqa: E402
from tanya.labels import LabelledQuestion  # noqa: E402
from tanya.reranker import RERANKER_FILE, Bits, Model, save_reranker  # noqa: E402

BATCH = 32
EPOCHS = 4
RATE = 3e-3
# The last epochs, in which some questions are asked of other collections, too: one, and those in
# which pieces are corrected, too.
LAST_RATE = 1e-3
CORRECTING_EPOCHS = 2
CORRECTING_RATE = 5e-3
DECAY = 0.01
RISE = 0.1
# Longer steps are cut to this length.
LONGEST_STEP = 1.0
# What a question without an answer counts for beside one with an answer.
TELLING = 4.0
_PIECES_AT_ONCE = 8192
# A piece is familiar from so many questions on.
_OFTEN = 10
# It is corrected if it occurs so often in questions, sentences and contexts.
_CORRECTED_FROM = 20


def table_of(encoder: BundledEncoder) -> torch.Tensor:
    """Return the unit vectors of all word pieces, shape (n, 512)."""
    table: PieceTable = encoder.table
    count = len(encoder.model.table)
    parts = [
        table.vectors(np.arange(start, min(count, start + _PIECES_AT_ONCE), dtype=np.int32))
        for start in range(0, count, _PIECES_AT_ONCE)
    ]
    return torch.from_numpy(np.concatenate(parts))


def familiar(found: Sequence[Texts], table: PieceTable, count: int) -> Bits:
    """Return which of the ``count`` pieces of a table are in many questions of ``found``."""
    times = np.zeros(count, dtype=np.int64)
    for texts in found:
        asked: list[Labelled | LabelledQuestion] = [*texts.questions, *texts.unanswerable]
        for pieces in table.ids([label.question for label in asked]):
            times[np.unique(pieces)] += 1
    return times >= _OFTEN


def frequent(ready: Sequence[Contenders], count: int) -> Bits:
    """Return which of the ``count`` pieces of a table occur often in collections."""
    groups = (group for one in ready for group in (one.asked, one.sentences, one.contexts))
    pieces = np.concatenate([ids for group in groups for ids in group])
    return np.bincount(pieces, minlength=count) >= _CORRECTED_FROM


def train(found: Sequence[Texts], encoder: BundledEncoder, epochs: int = EPOCHS) -> Model:
    """Return a reranker trained on ``found``, for so many epochs and the last ones."""
    ready = all_contenders(found, encoder)
    count = len(encoder.model.table)
    corrected = frequent(ready, count)
    torch.manual_seed(SEED)
    network = Comparing(table_of(encoder), corrected)
    descend(network, Contests(ready, BATCH), epochs, RATE)
    descend(network, Contests(ready, BATCH, elsewhere=True), 1, LAST_RATE)
    # Other batches than before, which it knows by now.
    others = Contests(ready, BATCH, elsewhere=True, seed=SEED + 1)
    before = network.layers()
    descend(network, others, CORRECTING_EPOCHS, LAST_RATE, CORRECTING_RATE)
    layers = {name: (matrix + before[name]) / 2 for name, matrix in network.layers().items()}
    return Model(layers, corrected, familiar(found, encoder.table, count))


def descend(
    network: Comparing, contests: Contests, epochs: int, rate: float, correcting: float = 0.0
) -> None:
    """Lower the loss of ``network`` for some epochs.

    Args:
        network: what is trained.
        contests: what it is trained on.
        epochs: how often on each.
        rate: the highest rate of the layers.
        correcting: that of the corrections of pieces.
    """
    corrections = list(network.correct.parameters())
    layers = [one for name, one in network.named_parameters() if not name.startswith("correct.")]
    optimizer = torch.optim.AdamW(
        [
            {"params": layers, "lr": rate, "weight_decay": DECAY},
            {"params": corrections, "lr": correcting, "weight_decay": 0.0},
        ]
    )
    steps = epochs * len(contests)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [rate, correcting], total_steps=steps + 1, pct_start=RISE
    )
    with tqdm(desc="training", total=steps, disable=None) as bar:
        for _ in range(epochs):
            for contest in contests.epoch():
                loss = reranker_loss(network(contest), contest, TELLING)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(network.parameters(), LONGEST_STEP)
                optimizer.step()
                schedule.step()
                bar.update()
                bar.set_postfix(loss=f"{float(loss.detach()):.2f}", refresh=False)


def main() -> None:
    """Train on what is not held out and write the layers."""
    parser = argparse.ArgumentParser(description="Train the reranker.")
    parser.add_argument("--idk-mrc", type=Path, help="the folder of IDK-MRC, to train on too")
    parser.add_argument("--output", type=Path, default=RERANKER_FILE)
    options = parser.parse_args()
    encoder = BundledEncoder(MODEL, threads=os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as folder:
        found = learned(collections(Path(folder), options.idk_mrc))
    save_reranker(options.output, train(found, encoder))
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
