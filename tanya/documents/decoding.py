"""From bytes to text, whatever encoding an editor saved them in."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Enough to be sure of an encoding, and little enough to be quick on a file of 20 MB.
_SAMPLE_BYTES = 100_000
# Quotes, dashes and the like, which every Windows code page has in the same places.
_TYPOGRAPHIC = frozenset({0x80, 0x85, *range(0x91, 0x98), 0x99, 0xA0})
# With fewer letters than this outside ASCII there is too little to guess from.
_FEW = 0.03
# UTF-16 of a Latin text has a NUL in every other byte, that of another script in its blanks.
_NUL_SHARE = 0.02
_LATIN_NUL_SHARE = 0.3
_PRINTABLE = bytes([*b"\t\n\f\r", *range(0x20, 0x7F)])
# A text is damaged UTF-8, and not another encoding, if at most so many of its letters outside
# ASCII are not valid.
_DAMAGED_SHARE = 0.1
# Western letters look a little odder to charset-normalizer than those of its first choice.
_CHAOS_MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded text, without a byte order mark, and the encoding that it was in.

    It is ``damaged`` if single bytes were not valid and became replacement characters.
    """

    text: str
    encoding: str
    damaged: bool = False


def decode(data: bytes) -> Decoded:
    """Return the text that ``data`` encodes.

    A byte order mark decides; then UTF-16 if NUL bytes stand where UTF-16 has them; then UTF-8 if
    it is valid, or nearly; then what charset-normalizer thinks.

    Raises:
        ValueError: the bytes are not text, with the reason as its message.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding, f"it begins with the mark of {encoding}")
    if b"\0" in data:
        return _decoded(data, _utf_16_order(data), "it holds NUL bytes as UTF-16 does")
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        foreign = len(text) - len(text.encode("ascii", "ignore"))
        if text.count("\ufffd") <= _DAMAGED_SHARE * foreign:
            return Decoded(text, "utf-8", damaged=True)
        encoding = _detected(data)
        return _decoded(data, encoding, f"it looks like {encoding}")


def _decoded(data: bytes, encoding: str, why: str) -> Decoded:
    """Return ``data`` decoded, or raise a ValueError that says ``why`` this encoding was tried."""
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{why} but is not valid {encoding} (byte {error.start}); save it as UTF-8"
        ) from error
    if "\0" in text:
        raise ValueError("it holds NUL characters and is not text; save it as UTF-8 text")
    return Decoded(text, encoding)


def _utf_16_order(data: bytes) -> str:
    """Return which UTF-16 has its NULs where ``data`` has them."""
    odd, even = data[1::2].count(0), data[::2].count(0)
    # A stray NUL in a plain text is none of UTF-16, where a Latin text has many more of them.
    stray = odd + even < _LATIN_NUL_SHARE * len(data) and not data.translate(
        None, b"\0" + _PRINTABLE
    )
    enough = max(odd, even) > _NUL_SHARE * len(data) / 2
    if len(data) % 2 == 0 and enough and not min(odd, even) and not stray:
        return "utf-16-le" if odd else "utf-16-be"
    raise ValueError("it holds NUL bytes and is not text; save it as UTF-8 text")


def _detected(data: bytes) -> str:
    """Return the encoding that ``data`` is thought to be in.

    charset-normalizer guesses from letters; a text with hardly any outside ASCII, or with nothing
    but typographic signs there, is taken for what Western editors write, Windows-1252.
    """
    foreign = [byte for byte in data if byte >= 0x80]
    if len(foreign) < _FEW * len(data) or _TYPOGRAPHIC.issuperset(foreign):
        try:
            data.decode("cp1252")
            return "cp1252"
        except UnicodeDecodeError:
            pass
    # Only files that are not UTF-8 need it, and its import costs as much as reading 100 of them.
    from charset_normalizer import from_bytes

    found = from_bytes(data[:_SAMPLE_BYTES])
    best = found.best()
    if best is None:
        raise ValueError("no encoding fits its bytes; save it as UTF-8 text")
    # Several code pages often fit equally well; by far the most texts are Western ones.
    western = any(
        "cp1252" in match.could_be_from_charset
        and match.coherence == best.coherence
        and match.chaos - best.chaos <= _CHAOS_MARGIN
        for match in found
    )
    return "cp1252" if western else str(best.encoding)
