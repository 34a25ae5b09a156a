"""One frozen set of settings: defaults, then ``tanya.toml``, the environment, the command line."""

from __future__ import annotations

import dataclasses
import math
import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanya.errors import SettingsError

FILE_NAME = "tanya.toml"
ENVIRONMENT_PREFIX = "TANYA_"
# Begins like a setting and is none: the page reads it by itself.
PASSWORD = "TANYA_ADMIN_PASSWORD"  # noqa: S105 - the variable's name
_LANGUAGE = re.compile("[A-Za-z]{2,3}")
VECTOR_INDEXES = ("auto", "flat", "sq", "pq", "ivf")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Build one with :func:`load`, which checks and layers them.

    Attributes:
        corpus: the folder of documents.
        index: the folder of the built index.
        model: the encoder: "bundled", or a sentence-transformers name or folder. None keeps the
            model of the published index, or takes the bundled one where there is none.
        language: the language that documents are in where they do not say (ISO 639-1): it picks
            the rules for splitting sentences and for stemming words.
        results: how many passages an answer has.
        candidates: how many sentences each of the two searches proposes for ranking.
        dense_weight: the weight of the similarity of question and sentence in its context; this and
            the other weights are those of :class:`tanya.ranking.Signals`, 0 switches one off.
        alone_weight: that of the similarity of question and sentence.
        document_weight: that of the mean of it over the whole document.
        typical_weight: that of the similarity of the sentence with the mean of its document.
        layout_weight: that of how well the sentence's place in its document fits.
        context_weight: that of the question's late interaction with the sentence's context.
        coverage_weight: that of the late interaction with the sentence.
        rest_weight: that of the late interaction with the sentence, for what the context leaves.
        document_lexical_weight: that of the BM25 score of the whole document.
        literal_weight: that of the question's numbers, or its only word, standing as written.
        comparison_weight: that of what the reranker says.
        correct_typos: whether words that nothing knows are searched as the nearest word of the
            documents or of a dictionary, and compounds are joined or parted as the documents have
            them.
        normalise_slang: whether chat forms (gak, gimana, yg) are searched as documents write them.
        threshold: the confidence from which a question counts as answered; None takes the one that
            was chosen with the confidence (:mod:`tanya.confidence`).
        max_file_mb: files larger than this many million bytes are skipped.
        max_question_characters: longer questions are cut here.
        keep_builds: how many builds to keep on disk, the published one included.
        gate_drop: a build whose hit@5 on the gate's questions is lower than the published one's by
            more than this is not published.
        threads: how many processor cores to use for building; 0 means all.
        vector_index: how the vectors are stored and searched: "flat" exactly, "sq" in half
            precision, "pq" in half precision with the nearest found by short codes, "ivf" in half
            precision and by looking into the nearest lists only, "auto" flat, sq or pq by their
            number. Vectors that are reused keep the precision they had until ``--full``.
        feedback: whether the page asks if a passage helped, and keeps that and the questions in the
            index's folder (:mod:`tanya.journal`).
        max_sessions: so many people can have the page open at once; others are asked to wait.
        editor: whether everybody who can open the page may rebuild the index and edit documents
            there. The variable TANYA_ADMIN_PASSWORD shows the editor behind that password instead;
            it is no setting, so that it is never printed with them.
    """

    corpus: Path = Path("corpus")
    index: Path = Path("index")
    model: str | None = None
    language: str = "id"
    results: int = 5
    candidates: int = 200
    dense_weight: float = 0.48
    alone_weight: float = 0.91
    document_weight: float = 0.63
    typical_weight: float = -0.13
    layout_weight: float = 0.40
    context_weight: float = 0.17
    coverage_weight: float = -0.21
    rest_weight: float = 0.19
    document_lexical_weight: float = 0.41
    literal_weight: float = 4.0
    comparison_weight: float = 2.34
    correct_typos: bool = True
    normalise_slang: bool = True
    threshold: float | None = None
    max_file_mb: float = 20.0
    max_question_characters: int = 1000
    keep_builds: int = 3
    gate_drop: float = 0.02
    threads: int = 0
    vector_index: str = "auto"
    feedback: bool = True
    max_sessions: int = 200
    editor: bool = False

    def __post_init__(self) -> None:
        """Check the values that only make sense within bounds."""
        for name, least in (
            ("results", 1),
            ("candidates", 1),
            ("max_question_characters", 1),
            ("keep_builds", 1),
            ("max_sessions", 1),
            ("threads", 0),
        ):
            value = getattr(self, name)
            if value < least:
                raise SettingsError(f"{name} is {value}; it must be at least {least}.")
        if _LANGUAGE.fullmatch(self.language) is None:
            raise SettingsError(
                f"language is {self.language!r}; it must be a code of two or three letters, such "
                'as "id" or "en" (ISO 639).'
            )
        # By its code in small letters the stemmer is found. Nobody else has the settings yet.
        object.__setattr__(self, "language", self.language.lower())
        if not 0 < self.max_file_mb < float("inf"):
            raise SettingsError(f"max_file_mb is {self.max_file_mb}; it must be more than 0.")
        if not 0 <= self.gate_drop <= 1:
            raise SettingsError(f"gate_drop is {self.gate_drop}; it must lie between 0 and 1.")
        for name in (field for field in _FIELDS if field.endswith("_weight")):
            if not math.isfinite(getattr(self, name)):
                raise SettingsError(f"{name} is {getattr(self, name)}; it must be a finite number.")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise SettingsError(f"threshold is {self.threshold}; it must lie between 0 and 1.")
        if self.vector_index not in VECTOR_INDEXES:
            raise SettingsError(
                f"vector_index is {self.vector_index!r}; it must be one of: "
                f"{', '.join(VECTOR_INDEXES)}."
            )


def load(
    overrides: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings: defaults < ``tanya.toml`` < environment < ``overrides``.

    Args:
        overrides: values from the command line; those that are None are left out.
        file: the settings file; by default ``tanya.toml`` in the current folder, if it is there.
        environment: the environment's variables; by default the process's own.

    Raises:
        SettingsError: a name is unknown, a value cannot be what the setting needs, or the file
            that was named is missing or is not TOML.
    """
    values: dict[str, Any] = {}
    values.update(_from_file(file))
    values.update(_from_environment(os.environ if environment is None else environment))
    for name, value in (overrides or {}).items():
        if value is not None:
            values[name] = _converted(name, value, "the command line")
    return Settings(**values)


def command(words: str, **options: Path | str | None) -> str:
    """Return a command as a hint names it: with those of ``options`` that are not the defaults."""
    return words + "".join(
        f" --{name} {shlex.quote(str(value))}"
        for name, value in options.items()
        if value is not None and value != _FIELDS[name].default
    )


def _from_file(file: Path | None) -> dict[str, Any]:
    """Return the checked values of the settings file."""
    path = Path(FILE_NAME) if file is None else file
    if file is None and not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"Cannot read the settings file {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is not valid TOML: {error}.") from error
    return {name: _converted(name, value, str(path)) for name, value in found.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the checked values of the variables that begin with ``TANYA_``."""
    known = {f"{ENVIRONMENT_PREFIX}{name.upper()}": name for name in _FIELDS}
    found = {}
    for variable, value in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == PASSWORD or value == "":
            continue
        if variable not in known:
            raise SettingsError(
                f"Unknown setting in the variable {variable}. Known are: "
                f"{', '.join(sorted((*known, PASSWORD)))}."
            )
        name = known[variable]
        found[name] = _converted(name, value, f"the variable {variable}")
    return found


def _converted(name: str, value: Any, source: str) -> Any:
    """Return ``value`` as the type of the setting ``name``, which came from ``source``."""
    if name not in _FIELDS:
        raise SettingsError(
            f"Unknown setting {name!r} in {source}. Known are: {', '.join(sorted(_FIELDS))}."
        )
    kind = _KINDS[_FIELDS[name].type]
    if kind is bool:
        return _switch(name, value, source)
    of_other_kind = (kind is str and not isinstance(value, str)) or (
        kind is int and isinstance(value, float)
    )
    if isinstance(value, bool) or of_other_kind:
        raise SettingsError(f"{name} in {source} is {value!r}; it must be {_WORDS[kind]}.")
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"{name} in {source} is {value!r}; it must be {_WORDS[kind]}."
        ) from error


def _switch(name: str, value: Any, source: str) -> bool:
    """Return a switch: TOML's true or false, or the same word as text, as the environment has."""
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.strip().lower(), value)
    if not isinstance(value, bool):
        raise SettingsError(f"{name} in {source} is {value!r}; it must be true or false.")
    return value


_FIELDS = {field.name: field for field in dataclasses.fields(Settings)}
_KINDS: dict[Any, type] = {
    "Path": Path,
    "str": str,
    "str | None": str,
    "int": int,
    "float": float,
    "float | None": float,
    "bool": bool,
}
_WORDS: dict[type, str] = {Path: "a path", str: "text", int: "a whole number", float: "a number"}
