"""An answer as a file to take along, and a passage with its source to paste."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from tanya.page.texts import Texts
from tanya.records import Answer, Passage
from tanya.text import hide

# Signs by which Markdown would take a text for more than text.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
_BULLET = re.compile(r"^([-+=])")
_NUMBER = re.compile(r"^(\d+)([.)])")
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Where another sign than the comma parts cells, as semicolons do in Indonesian Excel, one may begin
# within a text, behind blanks and quotation marks; the second group is what it begins with.
_BEFORE_CELL = re.compile(r"([\s;\"]+)([=+\-@]?)")
_PARTS_CELLS = frozenset(";\t\r\n")
_COLUMNS = ("rank", "title", "category", "headings", "sentence", "passage", "document", "line")


def quotation(passage: Passage, texts: Texts) -> str:
    """Return the sentence in quotation marks with its source, to be pasted elsewhere."""
    sentence = _visible(passage.sentence, passage.start, passage)
    place = texts.place.format(document=passage.document, line=passage.line)
    return f"“{sentence}”\n— {_source(passage)} ({place})"


def as_markdown(answer: Answer, texts: Texts) -> str:
    """Return the question and its passages as Markdown, in which a document's signs stay signs."""
    lines = [f"# {_marked_down(answer.question)}", ""]
    if not answer.answered:
        lines += [f"**{texts.not_found}.** {texts.nearest}:", ""]
    for number, passage in enumerate(answer.results, start=1):
        place = texts.place.format(document=passage.document, line=passage.line)
        sentence = _visible(passage.sentence, passage.start, passage)
        text = _visible(passage.passage, passage.passage_start, passage)
        lines += [f"## {number}. {_marked_down(_source(passage))}", ""]
        lines += [f"> {_marked_down(sentence)}", ""]
        if text != sentence:
            lines += [_marked_down(text), ""]
        lines += [_marked_down(place), ""]
    return "\n".join(lines)


def as_csv(answer: Answer) -> bytes:
    """Return the passages as a table for spreadsheets."""
    return csv_bytes(
        _COLUMNS,
        (
            (
                number,
                passage.title,
                passage.category,
                " › ".join(passage.headings),
                _visible(passage.sentence, passage.start, passage),
                _visible(passage.passage, passage.passage_start, passage),
                passage.document,
                passage.line,
            )
            for number, passage in enumerate(answer.results, start=1)
        ),
    )


def as_json(answer: Answer) -> bytes:
    """Return the whole answer as JSON, as the command line's ``--json`` does."""
    return json_bytes(dataclasses.asdict(answer))


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return a table for spreadsheets, which take nothing in it for a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) if isinstance(value, str) else value for value in row])
    # With its mark at the beginning Excel reads UTF-8 as such.
    return stream.getvalue().encode("utf-8-sig", "replace")


def json_bytes(value: Any) -> bytes:
    """Return a value as JSON for a file."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _source(passage: Passage) -> str:
    """Return what a passage is from, for a reader."""
    return " › ".join((passage.title, *passage.headings))


def _visible(text: str, offset: int, passage: Passage) -> str:
    """Return what a reader sees of a text of ``passage`` that begins at ``offset``, on one line."""
    return " ".join(hide(text, offset, passage.hidden).replace("\0", "").split())


def _marked_down(text: str) -> str:
    """Return ``text`` as Markdown that shows just that text, on one line."""
    escaped = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    return _NUMBER.sub(r"\1\\\2", _BULLET.sub(r"\\\1", escaped))


def _cell(text: str) -> str:
    """Return ``text`` as a cell that no spreadsheet takes for a formula, nor a part of it."""
    text = _BEFORE_CELL.sub(_defused, text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _defused(found: re.Match[str]) -> str:
    """Return what may be the beginning of a cell as one that is no formula."""
    before, sign = found.groups()
    return f"{before}'{sign}" if sign and not _PARTS_CELLS.isdisjoint(before) else found[0]
