"""What the encoder is trained on: which sentences stand beside those that answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks.batches import Batches, Material, material
from benchmarks.losses import Batch
from benchmarks.network import Tokens
from benchmarks.training_sets import Collection, texts_of
from tanya.labels import LabelledQuestion


def collection(folder: Path, name: str, first: int) -> Material[Tokens]:
    """Return a collection of three documents, whose texts are numbered from ``first`` on."""
    corpus = folder / name
    corpus.mkdir()
    labels = []
    for i in range(3):
        sentences = [f"The {name} number {i} has {what}." for what in ("a roof", "a door")]
        (corpus / f"{i}.txt").write_text("\n".join(sentences), encoding="utf-8")
        labels.append(
            LabelledQuestion(
                question=f"Which door has {name} {i}?",
                document=f"{i}.txt",
                evidence=("has a door",),
                kind="facet",
                answerable=True,
                split="train",
                reason="",
            )
        )
    counter = iter(range(first, first + 100))

    def numbered(texts: Sequence[str]) -> Tokens:
        return Tokens(tuple(np.array([next(counter)]) for _ in texts))

    found = texts_of(Collection(name, corpus, tuple(labels), held_out=False))
    [made] = material([found], numbered, contexts=False)
    return made


def seen(batches: Batches[Tokens]) -> list[Batch[Tokens]]:
    """Return the batches of one epoch."""
    found = list(batches.epoch())
    assert len(found) == len(batches)
    return found


def test_every_question_comes_once_with_what_answers_it_marked(tmp_path: Path) -> None:
    own = collection(tmp_path, "house", 0)
    # Sentences are 0 to 5, two for each document; question i, which is 6 + i, is of document i.
    asked = []
    for batch in seen(Batches([own], 2)):
        assert [int(ids[0]) for ids in batch.own.ids] == list(range(6))
        for question, answers, right in zip(
            batch.asked.ids, batch.answers, batch.right, strict=True
        ):
            number = int(question[0]) - 6
            asked.append(number)
            assert answers.nonzero()[:, 0].tolist() == [2 * number + 1]
            assert (batch.documents == right).nonzero()[:, 0].tolist() == [
                2 * number,
                2 * number + 1,
            ]
    assert sorted(asked) == [0, 1, 2]


def test_sentences_of_other_collections_are_added_that_answer_nothing(tmp_path: Path) -> None:
    sets = [collection(tmp_path, name, 100 * i) for i, name in enumerate(("house", "ship", "car"))]
    batches = seen(Batches(sets, 3, strangers=1))
    assert len(batches) == 3
    for batch in batches:
        collections = [int(ids[0]) // 100 for ids in batch.own.ids]
        [mine] = {int(ids[0]) // 100 for ids in batch.asked.ids}
        assert collections[:6] == [mine] * 6
        assert len(collections) == 12
        assert len(set(collections[6:])) == 1
        assert mine not in collections[6:]
        assert batch.answers.shape == (3, 12)
        assert not batch.answers[:, 6:].any()
        assert batch.answers.any(dim=1).all()
        # Their documents are none of those before.
        assert torch.unique(batch.documents).tolist() == list(range(6))
        assert batch.documents[6:].min() == 3
        assert not batch.same[:, 6:].any()


def test_where_there_is_no_other_collection_none_is_added(tmp_path: Path) -> None:
    [batch] = seen(Batches([collection(tmp_path, "house", 0)], 3, strangers=2))
    assert len(batch.own.ids) == 6
