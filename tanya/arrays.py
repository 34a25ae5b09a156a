"""Arrays on disk, one file each, opened by mapping them into memory."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def save_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays into the new folder ``folder``, each to the file that its name says."""
    folder.mkdir()
    for name, array in arrays.items():
        # Not straight into the file: numpy would not say why the system refused to write.
        content = io.BytesIO()
        np.save(content, array)
        (folder / f"{name}.npy").write_bytes(content.getbuffer())


def open_array(folder: Path, name: str) -> NDArray[Any]:
    """Return an array of ``folder``, mapped; ValueError or OSError if it cannot be read."""
    found: NDArray[Any] = np.load(folder / f"{name}.npy", mmap_mode="r")
    return found
