"""Questions in a file: labelled ones, one JSON object a line, or plain ones, one a line."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tanya.durable import only_editor, write_whole
from tanya.errors import LabelsError

# Of a wrong value so many characters are told.
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question and what answers it, or that nothing does.

    ``document`` is the path of the document that answers, or None; ``evidence`` are pieces of
    the sentences that answer, white space folded. ``kind``, ``reason`` and ``split`` group
    questions; they are "" where the file says nothing. ``must`` says that no build may
    be published that fails it. ``source`` is the file and line it is from,
    "" if it is from none.
    """

    question: str
    document: str | None
    evidence: tuple[str, ...]
    answerable: bool
    kind: str = ""
    reason: str = ""
    split: str = ""
    must: bool = False
    source: str = field(default="", compare=False)


def read_labels(path: Path) -> list[LabelledQuestion]:
    """Return the labelled questions in the file ``path``.

    Raises:
        LabelsError: the file cannot be read, holds no question, or a line is not a labelled
            question; the message names the line and what is wrong in it.
    """
    found = [_labelled(_object(line, source), source) for source, line in _sourced_lines(path)]
    if not found:
        raise LabelsError(f"There is no question in {str(path)!r}. Write one JSON object a line.")
    return found


def add_label(path: Path, label: LabelledQuestion, index: Path) -> bool:
    """Add a labelled question to the file ``path``, whole or not at all; False if it has it.

    The file is made if there is none. Other lines stay as they are. In the folder ``index`` is the
    lock by which those who add at the same time do so one after the other.

    Raises:
        LabelsError: the file cannot be read or written, or a line of it is no labelled question.
    """
    try:
        with only_editor(index):
            return _add(path, label)
    except OSError as error:
        raise LabelsError(
            f"Cannot add to the questions {str(path)!r}: {error.strerror or error}. "
            "Change the folder's permissions, or free some space."
        ) from error


def _add(path: Path, label: LabelledQuestion) -> bool:
    """Add a labelled question to a file that nobody else adds to; False if it has it."""
    # A link stays one: what it leads to is written.
    path = Path(os.path.realpath(path))
    there = path.read_bytes() if path.is_file() else b""
    if there.strip():
        folded = " ".join(label.question.split())
        if any(" ".join(one.question.split()) == folded for one in read_labels(path)):
            return False
    entry: dict[str, Any] = {"question": label.question, "answerable": label.answerable}
    if label.answerable:
        entry |= {"document": label.document, "evidence": list(label.evidence)}
    if label.must:
        entry["must"] = True
    line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")
    if there and not there.endswith(b"\n"):
        there += b"\n"
    write_whole(path, there + line + b"\n")
    return True


def read_questions(path: Path) -> list[str]:
    """Return the questions in the file ``path``: of JSON objects their ``question``, else the line.

    Raises:
        LabelsError: the file cannot be read, or a line begins like JSON and is none.
    """
    found = []
    for source, line in _sourced_lines(path):
        if line.lstrip().startswith("{"):
            found.append(_question(_object(line, source), source))
        else:
            found.append(line.strip())
    return found


def _sourced_lines(path: Path) -> list[tuple[str, str]]:
    """Return the lines of a file that are not blank, each after the file and its number."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LabelsError(
            f"Cannot read the questions {str(path)!r}: {error.strerror}. "
            "Name a file with one question a line."
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise LabelsError(
            f"The questions {str(path)!r} are not UTF-8 (line {line}, byte {error.start}: "
            f"0x{error.object[error.start]:02x}). Save them as UTF-8."
        ) from error
    # Not splitlines: it also splits at characters that may stand inside a question.
    lines = text.replace("\r\n", "\n").split("\n")
    return [(f"{path}, line {i}", line) for i, line in enumerate(lines, start=1) if line.strip()]


def _object(line: str, source: str) -> dict[str, Any]:
    """Return the JSON object that a line holds."""
    try:
        found = json.loads(line)
    # Numbers of thousands of digits and lists thousands deep fail in ways of their own.
    except (ValueError, RecursionError) as error:
        problem = error.msg if isinstance(error, json.JSONDecodeError) else error
        raise LabelsError(
            f"{source}: this is not valid JSON ({problem}): {_shown(line)}. "
            "Write one JSON object a line."
        ) from error
    if not isinstance(found, dict):
        raise LabelsError(
            f"{source}: this is not a JSON object: {_shown(line)}. Write one JSON object a line."
        )
    return found


def _labelled(entry: dict[str, Any], source: str) -> LabelledQuestion:
    """Return the labelled question in a JSON object."""
    evidence = entry.get("evidence", [])
    if not isinstance(evidence, list) or not all(isinstance(piece, str) for piece in evidence):
        raise _wrong("evidence", "a list of texts", evidence, source)
    document = entry.get("document")
    if document is not None and not isinstance(document, str):
        raise _wrong("document", "a path or null", document, source)
    answerable = entry.get("answerable", bool(evidence))
    if not isinstance(answerable, bool):
        raise _wrong("answerable", "true or false", answerable, source)
    if answerable and (document is None or not any(piece.strip() for piece in evidence)):
        raise LabelsError(
            f"{source}: an answerable question needs a document and evidence, not "
            f'{_json(document)} and {_json(evidence)}. Add them, or set "answerable" to false.'
        )
    must = entry.get("must", False)
    if not isinstance(must, bool):
        raise _wrong("must", "true or false", must, source)
    return LabelledQuestion(
        question=_question(entry, source),
        document=document,
        evidence=tuple(" ".join(piece.split()) for piece in evidence if piece.strip()),
        answerable=answerable,
        kind=_name(entry, "kind", source),
        reason=_name(entry, "reason", source),
        split=_name(entry, "split", source),
        must=must,
        source=source,
    )


def _question(entry: dict[str, Any], source: str) -> str:
    """Return the question that an object must have."""
    value = entry.get("question")
    if not isinstance(value, str) or not value.strip():
        raise _wrong("question", "a text that is not empty", value, source)
    return value


def _name(entry: dict[str, Any], name: str, source: str) -> str:
    """Return the name of a group, "" where the object says nothing of it."""
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(name, "a text or null", value, source)
    return value or ""


def _wrong(name: str, wanted: str, value: Any, source: str) -> LabelsError:
    """Return what to say of a value that is not what is wanted."""
    return LabelsError(f"{source}: {name} must be {wanted}, not {_json(value)}.")


def _json(value: Any) -> str:
    """Return the beginning of a value as the file has it."""
    return _begin(json.dumps(value))


def _shown(line: str) -> str:
    """Return the beginning of a line, in quotes and safe for a terminal."""
    return repr(_begin(line.strip()))


def _begin(text: str) -> str:
    """Return as much of ``text`` as a message has room for."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
