"""Slips of the fingers, and the dictionaries that say what may have been meant."""

from __future__ import annotations

import pytest

from tanya.dictionary import frequency, is_dictionary_word
from tanya.slips import is_slip, one_slip_off


@pytest.mark.parametrize(
    ("form", "other", "errors"),
    [
        ("tuags", "tugas", 1),
        ("tgas", "tugas", 1),
        ("tuugas", "tugas", 1),
        # The key beside, a letter of the same sound.
        ("yamg", "yang", 1),
        ("aktip", "aktif", 1),
        # Any letter in a long word.
        ("pengelota", "pengelola", 1),
        ("kerjsa", "kerja", 1),
        ("kejrsama", "kerjasama", 2),
    ],
)
def test_a_slip(form: str, other: str, errors: int) -> None:
    assert is_slip(form, other, errors)


@pytest.mark.parametrize(
    ("form", "other", "errors"),
    [("bajak", "bijak", 1), ("kota", "kosa", 1), ("pengexoxa", "pengelola", 2)],
)
def test_another_word_is_no_slip(form: str, other: str, errors: int) -> None:
    assert not is_slip(form, other, errors)


def test_what_one_slip_may_have_made() -> None:
    found = one_slip_off("tgasu", "abu")
    # Swapped, then left out, then put in; the first letter stays.
    assert found["tgaus"] > found["tugasu"] == found["tgaasu"] > found["tgas"]
    assert "tgasu" not in found
    assert all(other[0] == "t" for other in found)
    # Another letter: none in a very short word.
    assert "tgabu" not in found
    assert one_slip_off("petigas", "u")["petugas"] < one_slip_off("petigas", "u")["peutigas"]
    # Struck twice is as likely as left out.
    assert one_slip_off("tugass", "")["tugas"] > one_slip_off("tugasi", "")["tugas"]


@pytest.mark.parametrize(
    ("form", "language"),
    [
        *(("tugas", "id"), ("bertugas", "id"), ("pustakawan", "id"), ("mejanya", "ms")),
        *(("melihat", "id"), ("menjadi", "id")),
        *(("duties", "en"), ("colour", "en"), ("organised", "en"), ("counselling", "en")),
        *(("aufgaben", "de"), ("trabajo", "es")),
    ],
)
def test_words_of_a_language(form: str, language: str) -> None:
    assert is_dictionary_word(form, language)


@pytest.mark.parametrize(
    ("form", "language"),
    [
        *(("tuags", "id"), ("mejadi", "id"), ("duties", "id"), ("belaswn", "id")),
        *(("duteis", "en"), ("tugas", "en"), ("clouur", "en")),
        # Without a dictionary nothing is known.
        *(("kazi", "sw"), ("", "sw")),
    ],
)
def test_no_words_of_a_language(form: str, language: str) -> None:
    assert not is_dictionary_word(form, language)


def test_words_are_counted_but_for_indonesian() -> None:
    assert frequency("what", "en") > frequency("want", "en") > frequency("simmer", "en") > 0
    assert frequency("duteis", "en") == frequency("tugas", "id") == 0
