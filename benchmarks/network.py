"""The layers of the bundled encoder in torch, to train them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from tanya.encoders.bundled import encode_and_keep
from tanya.encoders.table import BLOCKS
from tanya.encoders.trained import CONVOLUTIONS, HEAD_LAYERS, Layers, layer

# The lengths of the n-grams, and how many pieces of each are before the one it is about.
_ORDERS = ((2, 0), (3, 1), (5, 2))
_BEFORE, _AFTER = 2, 2
DROPOUT = 0.1


@dataclass(frozen=True, slots=True)
class Tokens:
    """Texts as the ids of their word pieces, those of beginning and end included."""

    ids: tuple[NDArray[np.int64], ...]

    def __getitem__(self, rows: NDArray[np.int64]) -> Tokens:
        """Return those of the texts ``rows``."""
        return Tokens(tuple(self.ids[row] for row in rows))

    def __add__(self, others: Tokens) -> Tokens:
        """Return these texts and then the others."""
        return Tokens(self.ids + others.ids)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the head gets of some texts, as :class:`tanya.encoders.bundled.Below` says."""

    sums: torch.Tensor
    lengths: torch.Tensor

    def __getitem__(self, rows: NDArray[np.int64]) -> Inputs:
        """Return those of the texts ``rows``."""
        return Inputs(self.sums[rows], self.lengths[rows])

    def __add__(self, others: Inputs) -> Inputs:
        """Return these texts and then the others."""
        return Inputs(
            torch.cat([self.sums, others.sums]), torch.cat([self.lengths, others.lengths])
        )


def tokens(model: Any, texts: Sequence[str]) -> Tokens:
    """Return the pieces of each text, as ``model`` cuts it."""
    return Tokens(tuple(np.array(model.sp.encode(text), np.int64) for text in texts))


def pooled(model: Any, texts: Sequence[str]) -> Inputs:
    """Return what the head of ``model`` gets for each text."""
    if not texts:
        return Inputs(torch.empty(0, len(model.cnn_W)), torch.empty(0))
    _, below = encode_and_keep(model, texts)
    return Inputs(torch.from_numpy(below.sums), torch.from_numpy(below.lengths))


class Trained(nn.Module):
    """Layers of the package's model, held to what they were."""

    def __init__(self, model: Any, names: Sequence[str]) -> None:
        """Begin with the layers that ``model`` has."""
        super().__init__()
        self.start = {name: torch.tensor(layer(model, name)) for name in names}
        self.layers = nn.ParameterDict(
            {_key(name): nn.Parameter(matrix.clone()) for name, matrix in self.start.items()}
        )

    def layer(self, name: str) -> torch.Tensor:
        """Return a layer by its name in the package."""
        found: torch.Tensor = self.layers[_key(name)]
        return found

    def drift(self) -> torch.Tensor:
        """Return how far the layers have gone from where they started, relative to their size."""
        return sum(  # type: ignore[return-value]
            ((self.layer(name) - matrix) ** 2).sum() / (matrix**2).sum()
            for name, matrix in self.start.items()
        )

    def now(self) -> Layers:
        """Return the layers as they are now, by their names in the package."""
        return {name: self.layer(name).detach().numpy().copy() for name in self.start}


class Head(Trained):
    """The dense layers of Universal Sentence Encoder Multilingual v3."""

    def __init__(self, model: Any) -> None:
        """Begin with the layers that ``model`` has."""
        super().__init__(model, HEAD_LAYERS)
        self.bias = torch.tensor(model.cnn_b)

    def forward(self, below: Inputs) -> torch.Tensor:
        """Return unit vectors, shape (n, 512)."""
        lengths = below.lengths[:, None]
        mean = (below.sums @ self.layer("cnn_W") + lengths * self.bias) / lengths.sqrt()
        if self.training:
            mean = functional.dropout(mean, DROPOUT)
        first = functional.relu(mean @ self.layer("d0"))
        second = functional.relu(mean @ self.layer("p1") + first @ self.layer("d1"))
        third = functional.relu(second @ self.layer("d2"))
        last = second @ self.layer("p3") + third @ self.layer("d3")
        return functional.normalize(torch.tanh(last), dim=1)


class Convolutions(Trained):
    """What is below the head: two convolutions over n-grams of 2, 3 and 5 word pieces.

    The same as the package's ``NumpyBackend`` computes; the table of word pieces stays as it is.
    While training the factors of products are rounded to half precision (bfloat16) where the
    processor can multiply them, which takes less than half of the time.
    """

    def __init__(self, model: Any) -> None:
        """Begin with the layers that ``model`` has."""
        super().__init__(model, CONVOLUTIONS)
        self._table = torch.from_numpy(model.table)
        self._scale, self._offset = torch.tensor(model.scale), torch.tensor(model.lo)
        self._epsilon = float(model.eps)
        self._rounds = multiplies_half_precision()

    def forward(self, texts: Tokens) -> Inputs:
        """Return what the head gets of ``texts``."""
        if not texts.ids:
            return Inputs(torch.empty(0, len(self.layer("ln_g"))), torch.empty(0))
        lengths = torch.tensor([len(ids) for ids in texts.ids])
        # A piece is the same wherever it is, until its neighbours are looked at.
        ids, places = torch.unique(torch.from_numpy(np.concatenate(texts.ids)), return_inverse=True)
        block = ids % BLOCKS
        pieces = self._table[ids].float() * self._scale[block, None] + self._offset[block, None]
        projection = self._product(pieces, self.layer("proj_W")) + self.layer("proj_b")
        projected = self._normalised(projection, "_all")[places]
        near = _near(lengths)
        features = [pieces[places]]
        for order, part in enumerate(projected.chunk(len(_ORDERS), dim=1)):
            size, before = _ORDERS[order]
            slots = near[:, _BEFORE - before : _BEFORE - before + size]
            once = self._convolved(part, slots, "1", order)
            features.append(self._convolved(once, slots, "2", order))
        whole = self._normalised(torch.cat(features, dim=1), "")
        text = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
        sums = torch.zeros(len(lengths), whole.shape[1]).index_add(0, text, whole)
        return Inputs(sums, lengths.float())

    def _convolved(
        self, features: torch.Tensor, slots: torch.Tensor, number: str, order: int
    ) -> torch.Tensor:
        """Return ``features`` with those of their n-grams added; ``slots`` are the pieces'."""
        padded = torch.cat([features, torch.zeros(1, features.shape[1])])
        # Rounded before it is repeated for every n-gram that it is in.
        grams = self._rounded(padded)[slots.reshape(-1)].reshape(len(slots), -1)
        weights, bias = self.layer(f"w{number}.{order}"), self.layer(f"b{number}.{order}")
        return functional.relu(self._product(grams, weights) + bias) + features

    def _product(self, features: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Return the matrix product, of factors that may be rounded."""
        return (self._rounded(features) @ self._rounded(weights)).float()

    def _rounded(self, matrix: torch.Tensor) -> torch.Tensor:
        """Return ``matrix``, in half precision while training where that is faster."""
        return matrix.bfloat16() if self.training and self._rounds else matrix

    def _normalised(self, features: torch.Tensor, name: str) -> torch.Tensor:
        """Return ``features`` after layer normalisation."""
        gain, bias = self.layer(f"ln_g{name}"), self.layer(f"ln_b{name}")
        return functional.layer_norm(features, gain.shape, gain, bias, self._epsilon)


def multiplies_half_precision() -> bool:
    """Say whether the processor multiplies bfloat16: else a step takes 17 times as long."""
    can = torch.cpu.get_capabilities()
    return any(can.get(name, False) for name in ("amx_bf16", "avx512_bf16"))


def _key(name: str) -> str:
    """Return the name of a parameter, which must not have a dot."""
    return name.replace(".", "_of_")


def _near(lengths: torch.Tensor) -> torch.Tensor:
    """Return for each piece the places of those around it, the number of pieces where none is."""
    ends = torch.cumsum(lengths, 0)
    first = torch.repeat_interleave(ends - lengths, lengths)[:, None]
    end = torch.repeat_interleave(ends, lengths)[:, None]
    places = torch.arange(len(first))[:, None] + torch.arange(-_BEFORE, _AFTER + 1)[None]
    return torch.where((places >= first) & (places < end), places, len(first))
