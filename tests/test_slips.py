"""Slips of the fingers, and the dictionaries that say what may have been meant."""

from __future__ import annotations

import pytest

from tanya.dictionary import frequency, is_dictionary_word, is_used
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
        *(("embers", "en"), ("aufgaben", "de"), ("trabajo", "es")),
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


def test_the_share_of_a_word_among_all() -> None:
    assert frequency("what", "en") > frequency("want", "en") > frequency("simmer", "en") > 0
    assert 1e-4 < frequency("tugas", "id") < 1e-3
    assert frequency("duteis", "en") == frequency("tugas", "sw") == 0


@pytest.mark.parametrize("form", "menelan pemeran perangko loker barista bikinin manjat".split())
def test_words_that_the_roots_lack_are_used(form: str) -> None:
    assert not is_dictionary_word(form, "id")
    assert is_used(form, "id")


def test_what_is_met_is_an_error_beside_a_far_more_frequent_word() -> None:
    # Both are met about once in a million words. Of "tersebut" a letter is missing; nothing that
    # one slip makes of "barista" is a word.
    assert 0 < frequency("tesebut", "id") < frequency("barista", "id") < 2e-6
    assert frequency("tersebut", "id") > 1000 * frequency("tesebut", "id")
    assert not is_used("tesebut", "id")
    # A root of the Kamus Besar is a word beside any other: "telah" is met far more often.
    assert frequency("telah", "id") > 1000 * frequency("telaah", "id")
    assert is_used("telaah", "id")
