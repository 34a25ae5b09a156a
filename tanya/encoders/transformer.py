"""Any sentence-transformers model, by its name or its folder."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tanya.encoders.base import Embeddings
from tanya.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# E5 models need them (Wang et al. 2022, "Text Embeddings by Weakly-Supervised Contrastive
# Pre-training"), and most of them do not carry them in their configuration.
_E5_PROMPTS = {"query": "query: ", "document": "passage: "}
_PASSAGE_PROMPTS = ("document", "passage", "corpus")
_TIMEOUT_SECONDS = 10
_BATCH = 32
_OFFLINE = (
    "To work offline, download the model on a machine that has a network, copy its folder here "
    "and pass the folder as --model; or leave --model out to use the bundled one."
)


class SentenceTransformerEncoder:
    """A sentence-transformers model with the prompts that it was trained with."""

    def __init__(self, name: str, *, threads: int = 1) -> None:
        """Load the model called ``name``, or the one in the folder ``name``.

        Raises:
            EncoderError: it is unknown, cannot be reached or cannot be read.
        """
        self._name = name
        self._model = _load(name)
        if threads > 1:
            import torch

            torch.set_num_threads(threads)
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            dimension = len(self._model.encode_query("dimension"))
        self._dimension = int(dimension)
        self._query_prompt, self._passage_prompt = prompts(name, self._model.prompts)

    @property
    def name(self) -> str:
        """The name or folder that the model was loaded from."""
        return self._name

    @property
    def dimension(self) -> int:
        """The length of an embedding."""
        return self._dimension

    @property
    def fingerprint(self) -> str:
        """The model's name and revision, or its folder's content."""
        folder = Path(self._name).expanduser()
        if folder.is_dir():
            return f"folder {_folder_hash(folder)}"
        config = getattr(self._model[0], "auto_model", None)
        commit = getattr(getattr(config, "config", None), "_commit_hash", None)
        return f"{self._name} {commit or 'unknown revision'}"

    def encode_passages(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of ``texts``, shape (len(texts), dimension), each of length 1."""
        return self._encode(texts, self._passage_prompt)

    def encode_questions(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of ``texts`` as questions, shape (len(texts), dimension)."""
        return self._encode(texts, self._query_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Embeddings:
        """Return the embeddings of ``texts``, each with ``prompt`` before it."""
        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        found = self._model.encode(
            list(texts),
            prompt=prompt,
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(found, dtype=np.float32)


def prompts(name: str, own: Mapping[str, str | None]) -> tuple[str, str]:
    """Return what goes before a question and before a passage for the model called ``name``.

    ``own`` are the prompts in the model's configuration; where it has none and is an E5 model,
    the E5 prefixes are taken.
    """
    question = own.get("query") or ""
    passage = next((found for key in _PASSAGE_PROMPTS if (found := own.get(key))), "")
    if question or passage:
        return question, passage
    last = Path(name).name.lower()
    if "e5" in last.split("-") and "instruct" not in last:
        return _E5_PROMPTS["query"], _E5_PROMPTS["document"]
    return "", ""


def _load(name: str) -> SentenceTransformer:
    """Return the model, from its folder, else from the local cache, else from its hub."""
    folder = Path(name).expanduser()
    looks_like_path = name.startswith((".", "~", os.sep)) or "\\" in name or name.count("/") > 1
    if looks_like_path and not folder.is_dir():
        raise EncoderError(
            f"There is no model folder {name!r}. Name a folder that holds a sentence-transformers "
            "model, a model's name such as intfloat/multilingual-e5-small, or leave --model out "
            "to use the bundled one."
        )
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise EncoderError(
            f"The model {name!r} needs sentence-transformers, which cannot be imported ({error}). "
            "Install it with: pip install -r requirements.txt"
        ) from error
    for library in ("sentence_transformers", "transformers", "huggingface_hub", "httpx"):
        logging.getLogger(library).setLevel(logging.ERROR)
    _without_bars()
    source = str(folder) if folder.is_dir() else name
    try:
        return SentenceTransformer(source, device="cpu", local_files_only=True)
    except Exception as error:
        if folder.is_dir():
            raise EncoderError(
                f"The folder {name!r} holds no sentence-transformers model that can be read: "
                f"{_first_line(error)}"
            ) from error
    _check_reachable(name)
    try:
        return SentenceTransformer(name, device="cpu")
    except Exception as error:
        raise EncoderError(
            f"The model {name!r} cannot be loaded: {_first_line(error)} {_OFFLINE}"
        ) from error


def _check_reachable(name: str) -> None:
    """Raise an EncoderError if the hub does not answer or does not know the model.

    Asked once and briefly: the libraries themselves would try for more than a minute.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    full = name if "/" in name else f"sentence-transformers/{name}"
    try:
        HfApi().model_info(full, timeout=_TIMEOUT_SECONDS)
    except RepositoryNotFoundError as error:
        raise EncoderError(
            f"There is no model {name!r}: it is neither a folder, nor in the local model cache, "
            "nor on the model hub. Check the name, or leave --model out to use the bundled one."
        ) from error
    except Exception as error:
        raise EncoderError(
            f"The model {name!r} cannot be had: it is neither a folder nor in the local model "
            f"cache, and the model hub cannot be reached ({_first_line(error)}). {_OFFLINE}"
        ) from error


def _without_bars() -> None:
    """Keep the libraries' own progress bars out of Tanya's output."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _first_line(error: BaseException) -> str:
    """Return what an error says, on one short line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]


def _folder_hash(folder: Path) -> str:
    """Return a hash of what a model's folder holds: every name, size, beginning and end."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
        with path.open("rb") as stream:
            digest.update(stream.read(1_000_000))
            stream.seek(max(0, size - 1_000_000))
            digest.update(stream.read())
    return digest.hexdigest()[:16]
