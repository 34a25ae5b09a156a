"""What the form of a question must not give away: whether anything answers it."""

from __future__ import annotations

import pytest

from benchmarks import forms
from benchmarks.forms import Forms

PROFESSIONS = [f"profession{chr(ord('a') + i)}" for i in range(20)]


def duties(profession: str) -> str:
    return f"What are the duties of a {profession}?"


def day(profession: str) -> str:
    return f"How does a {profession} spend the day?"


def test_a_form_is_the_words_that_many_questions_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forms, "FREQUENT", 6)
    made = Forms([duties(profession) for profession in PROFESSIONS], ["Who repairs dentures?"])
    assert made.of("What are the duties of a midwife?") == "what are the duties of a ·"
    assert made.of("WHAT are the duties of a midwife") == "what are the duties of a ·"
    # Neighbours are one, so that names of two words make no other form.
    assert made.of("What are the duties of a speech therapist?") == "what are the duties of a ·"
    assert made.of("Who repairs dentures?") == "·"
    assert made.of("?") == ""


def test_what_a_question_counts_for_is_the_ratio_of_its_form_to_that_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forms, "FREQUENT", 10)
    answerable = [day(p) for p in PROFESSIONS] + [duties(p) for p in PROFESSIONS[:4]]
    unanswerable = [duties(p) for p in PROFESSIONS[4:12]]
    made = Forms(answerable, unanswerable)
    # 24 to 8 among all; 4 to 8 of this form. That of all eight, the mean is 1.
    assert made.counts_for(duties("midwife")) == pytest.approx(1.0)
    # 20 to none: no more than those of usual forms.
    assert made.counts_for(day("midwife")) == pytest.approx(33 / 13)
    # Of a form that no question has nothing is known.
    assert made.counts_for("midwife?") == made.counts_for(day("midwife"))


def test_all_together_count_for_as_much_as_without_forms() -> None:
    unanswerable = [duties(p) for p in PROFESSIONS[4:12]] + [day(p) for p in PROFESSIONS[8:10]]
    made = Forms([day(p) for p in PROFESSIONS], unanswerable)
    counts = [made.counts_for(question) for question in unanswerable]
    assert sum(counts) == pytest.approx(len(counts))
    assert counts[0] < 1.0 < counts[-1]


def test_where_all_forms_have_answers_alike_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forms, "FREQUENT", 10)
    made = Forms(
        [form(p) for p in PROFESSIONS[:10] for form in (duties, day)],
        [form(p) for p in PROFESSIONS[10:] for form in (duties, day)],
    )
    assert made.counts_for(duties("midwife")) == made.counts_for(day("midwife")) == 1.0


def test_without_questions_of_one_kind_nothing_changes() -> None:
    assert Forms([], [duties("midwife")]).counts_for(duties("midwife")) == 1.0
    assert Forms([duties("midwife")], []).counts_for(duties("midwife")) == 1.0
