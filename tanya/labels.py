"""Questions in a file: labelled ones, one JSON object a line, or plain ones, one a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanya.errors import LabelsError


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question and what answers it.

    ``document`` is the path of the document that answers, or None; ``evidence`` are pieces of
    the sentences that answer, white space folded. ``kind``, ``reason`` and ``split`` group
    questions; they are "" where the file says nothing.
    """

    question: str
    document: str | None
    evidence: tuple[str, ...]
    answerable: bool
    kind: str = ""
    reason: str = ""
    split: str = ""


def read_labels(path: Path) -> list[LabelledQuestion]:
    """Return the labelled questions in the file ``path``.

    Raises:
        LabelsError: the file cannot be read, holds no question, or a line is not a labelled
            question; the message names the line.
    """
    found = [
        _labelled(_object(line, path, number), path, number)
        for number, line in _numbered_lines(path)
    ]
    if not found:
        raise LabelsError(f"There is no question in {str(path)!r}.")
    return found


def read_questions(path: Path) -> list[str]:
    """Return the questions in the file ``path``: of JSON objects their ``question``, else the line.

    Raises:
        LabelsError: the file cannot be read, or a line begins like JSON and is none.
    """
    found = []
    for number, line in _numbered_lines(path):
        if line.lstrip().startswith("{"):
            found.append(_text(_object(line, path, number), "question", path, number))
        else:
            found.append(line.strip())
    return found


def _numbered_lines(path: Path) -> list[tuple[int, str]]:
    """Return the lines of a file that are not blank, with their numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LabelsError(f"Cannot read the questions {str(path)!r}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise LabelsError(
            f"The questions {str(path)!r} are not UTF-8 (byte {error.start}). Save them as UTF-8."
        ) from error
    # Not splitlines: it also splits at characters that may stand inside a question.
    lines = text.replace("\r\n", "\n").split("\n")
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    """Return the JSON object that a line holds."""
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise LabelsError(
            f"{path}, line {number}: this is not valid JSON ({error.msg})."
        ) from error
    if not isinstance(found, dict):
        raise LabelsError(f"{path}, line {number}: this is not a JSON object.")
    return found


def _labelled(entry: dict[str, Any], path: Path, number: int) -> LabelledQuestion:
    """Return the labelled question in a JSON object."""
    evidence = entry.get("evidence", [])
    if not isinstance(evidence, list) or not all(isinstance(piece, str) for piece in evidence):
        raise LabelsError(f"{path}, line {number}: evidence must be a list of texts.")
    document = entry.get("document")
    if document is not None and not isinstance(document, str):
        raise LabelsError(f"{path}, line {number}: document must be a path or null.")
    answerable = entry.get("answerable", bool(evidence))
    if not isinstance(answerable, bool):
        raise LabelsError(f"{path}, line {number}: answerable must be true or false.")
    if answerable and (document is None or not any(piece.strip() for piece in evidence)):
        raise LabelsError(
            f"{path}, line {number}: an answerable question needs a document and evidence."
        )
    return LabelledQuestion(
        question=_text(entry, "question", path, number),
        document=document,
        evidence=tuple(" ".join(piece.split()) for piece in evidence if piece.strip()),
        answerable=answerable,
        kind=str(entry.get("kind", "")),
        reason=str(entry.get("reason", "")),
        split=str(entry.get("split", "")),
    )


def _text(entry: dict[str, Any], name: str, path: Path, number: int) -> str:
    """Return a text that an object must have."""
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise LabelsError(f"{path}, line {number}: {name} must be a text that is not empty.")
    return value
