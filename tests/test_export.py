"""An answer as a file: all of it is there, and nothing in it is more than text."""

from __future__ import annotations

import csv
import io
import json

import pytest
from markdown_it import MarkdownIt

from tanya.page.export import as_csv, as_json, as_markdown, csv_bytes, quotation
from tanya.page.texts import ENGLISH, INDONESIAN
from tanya.records import Answer, Passage, Span

HOSTILE = "=1+1 <script>x</script> [klik](javascript:x) ![g](http://example.invalid/x) *a* | # b"
PASSAGE = Passage(
    document="a/b.md",
    title="- Judul",
    category="a",
    headings=("1. Bagian",),
    sentence=HOSTILE,
    start=10,
    end=10 + len(HOSTILE),
    passage=HOSTILE + " Lalu **tebal**.",
    passage_start=10,
    passage_end=26 + len(HOSTILE),
    line=7,
    score=1.5,
    hidden=(Span(16 + len(HOSTILE), 18 + len(HOSTILE)), Span(23 + len(HOSTILE), 25 + len(HOSTILE))),
)
ANSWER = Answer("Apa <b>itu</b>?", True, 0.9, (PASSAGE,), "b1", "m1")


def test_markdown_shows_the_texts_and_has_no_markup_of_theirs() -> None:
    html = MarkdownIt("commonmark").render(as_markdown(ANSWER, INDONESIAN))
    assert "<h1>Apa &lt;b&gt;itu&lt;/b&gt;?</h1>" in html
    assert "<h2>1. - Judul › 1. Bagian</h2>" in html
    assert "a/b.md, baris 7" in html
    assert "Lalu tebal." in html
    assert not any(tag in html for tag in ("<script", "<a ", "<img", "<em"))


def test_a_refusal_says_so_in_markdown() -> None:
    refused = Answer("Apa?", False, 0.1, (PASSAGE,), "b1", "m1")
    assert "**Not found in these documents.**" in as_markdown(refused, ENGLISH)


def test_a_table_has_a_row_for_each_passage_and_no_formulas() -> None:
    text = as_csv(ANSWER).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert row["sentence"] == f"'{HOSTILE}"
    assert row["title"] == "'- Judul"
    assert (row["rank"], row["document"], row["line"]) == ("1", "a/b.md", "7")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "text",
    [
        *("gaji;=1+1", "gaji\t=1+1", "a;+1;-1;@x", "a; =1+1", 'a;"=1+1"', "a, b;=1+1"),
        *("a\n=1+1", "a\r\n=1+1", 'a, "b"\n"=1+1"', '";=1+1', "=1+1;=1+1", "\t=1+1"),
    ],
)
def test_whatever_separator_a_spreadsheet_takes_no_cell_is_a_formula(
    text: str, separator: str
) -> None:
    table = csv_bytes(["question", "count"], [(text, 1)]).decode("utf-8-sig")
    rows = csv.reader(io.StringIO(table), delimiter=separator)
    cells = [cell.strip() for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_sign_within_a_text_is_left_as_it_is() -> None:
    text = "a-b = c; d -e 'f' + g\nh"
    assert list(csv.reader(io.StringIO(csv_bytes(["a"], [(text,)]).decode("utf-8-sig"))))[1] == [
        text
    ]


def test_json_has_everything() -> None:
    found = json.loads(as_json(ANSWER))
    assert found["question"] == ANSWER.question
    assert found["results"][0]["sentence"] == HOSTILE


def test_half_a_character_in_a_question_is_no_obstacle() -> None:
    odd = Answer("\ud800", True, 0.9, (PASSAGE,), "b1", "m1")
    assert as_json(odd)
    assert as_csv(odd)


def test_a_quotation_names_its_source() -> None:
    assert quotation(PASSAGE, INDONESIAN) == (
        f"“{HOSTILE}”\n— - Judul › 1. Bagian (a/b.md, baris 7)"
    )
