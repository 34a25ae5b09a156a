"""Slips of the fingers: which words somebody may have meant who typed another."""

from __future__ import annotations

import string
from collections import Counter

# The letters beside each on a QWERTY keyboard, and those that are written for the same sound.
_BESIDES = {
    "a": "qsz", "b": "vghn", "c": "xdfvk", "d": "sefxc", "e": "wrsdi", "f": "drgcvp",
    "g": "fthvb", "h": "gyjbn", "i": "uojke", "j": "huknmyz", "k": "jilmcq", "l": "kop",
    "m": "njk", "n": "bhjm", "o": "ipklu", "p": "olf", "q": "wak", "r": "etdf", "s": "awdxz",
    "t": "rygf", "u": "yijo", "v": "cfgbf", "w": "qeas", "x": "zsdc", "y": "tuhj", "z": "xasj",
}  # fmt: skip
# A short word with another letter is another word: wife, wifi.
_VERY_SHORT = 5
# In a longer word one letter may be any other and it is still recognised.
_SHORT = 7
# How likely each slip is beside the others, each clearly likelier than the next: two letters
# swapped; one left out, or struck twice; the one beside hit; one put in.
_SWAPPED, LEFT_OUT, _HIT_BESIDE, _PUT_IN = 27, 9, 3, 1


def is_slip(form: str, other: str, errors: int) -> bool:
    """Say whether letters of ``other`` were only swapped, left out, put in or hit beside.

    A letter for another that is neither its neighbour on the keyboard nor sounds alike makes
    another word more often than an error, unless it is the one error of a long word.
    """
    lost = Counter(other) - Counter(form)
    gained = Counter(form) - Counter(other)
    if not lost or not gained:
        return True
    if len(form) > _SHORT and errors == 1:
        return True
    return all(any(letter in _BESIDES.get(meant, "") for letter in gained) for meant in lost)


def one_slip_off(form: str, letters: str = string.ascii_lowercase) -> dict[str, int]:
    """Return what may have been meant by ``form`` if one slip was made, and how likely it is.

    The first letter is taken to be right, and in a very short word no letter to be another. Most of
    what is returned are no words.

    Args:
        form: what was typed, in small letters.
        letters: those of which one may have been left out.
    """
    found: dict[str, int] = {}

    def add(other: str, likely: int) -> None:
        if other != form:
            found[other] = max(likely, found.get(other, 0))

    for i in range(1, len(form) + 1):
        left, right = form[:i], form[i:]
        for letter in letters:
            add(left + letter + right, LEFT_OUT)
        if right:
            twice = right[0] == left[-1]
            add(left + right[1:], LEFT_OUT if twice else _PUT_IN)
        if right and len(form) > _VERY_SHORT:
            for letter in letters:
                if right[0] in _BESIDES.get(letter, ""):
                    add(left + letter + right[1:], _HIT_BESIDE)
        if len(right) > 1:
            add(left + right[1] + right[0] + right[2:], _SWAPPED)
    return found
