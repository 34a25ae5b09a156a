"""The YAML block at the top of a document."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_BLOCK = re.compile(
    r"---[ \t]*(?:\r\n?|\n)(?![ \t]*[\r\n])(?P<yaml>.*?)"
    r"(?:(?<=\r)|^)(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_LIMIT = 64_000
# What PyYAML raises on values that are not what they say they are, besides its own errors.
_LOADING_ERRORS = (ValueError, LookupError, AttributeError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The attributes at the top of a text, and where its body begins.

    ``problem`` says why the attributes could not be read; the body is good all the same.
    """

    attributes: Mapping[str, object] = field(default_factory=dict)
    body: int = 0
    problem: str | None = None


def parse_front_matter(text: str) -> FrontMatter:
    """Return the front matter of ``text``; nothing where the text does not begin with one."""
    found = _BLOCK.match(text, 0, min(len(text), _LIMIT)) if text.startswith("---") else None
    if found is None:
        return FrontMatter()
    # A text without front matter needs no YAML, and its import is slow.
    import yaml

    try:
        value = _load(found["yaml"])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 2}: " if mark is not None else ""
        return FrontMatter(body=found.end(), problem=f"{where}{error.problem}")
    except (yaml.YAMLError, *_LOADING_ERRORS) as error:
        return FrontMatter(body=found.end(), problem=str(error) or type(error).__name__)
    if value is None:
        return FrontMatter(body=found.end())
    if not isinstance(value, dict):
        # Two rules around some text are Markdown, not a broken front matter.
        if isinstance(value, str):
            return FrontMatter()
        return FrontMatter(body=found.end(), problem="it is not a list of names and values")
    attributes = {str(_plain(name)): _plain(entry) for name, entry in value.items()}
    return FrontMatter(attributes=attributes, body=found.end())


def _load(source: str) -> Any:
    """Return what YAML says, refusing aliases: a few of them can stand for gigabytes."""
    import yaml

    depth = 0
    for event in yaml.parse(source, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > 50:
            raise yaml.MarkedYAMLError(problem="it is nested too deep")
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem=f"aliases (*{event.anchor}) are not supported")
    return yaml.safe_load(source)


def _plain(value: object) -> object:
    """Return ``value`` in the types that JSON has."""
    if isinstance(value, dict):
        return {str(_plain(name)): _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(entry) for entry in value]
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 64:
        return hex(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return str(value)


def _encodable(text: str) -> str:
    """Return ``text`` with pairs of surrogates joined and lone ones replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
