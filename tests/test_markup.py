"""HTML of passages: only text comes out of text, and the marks stand where they belong."""

from __future__ import annotations

import html
import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tanya.index import StoredDocument
from tanya.page.markup import (
    Card,
    card_html,
    cards,
    chips_html,
    document_html,
    escaped,
    group_html,
    label_text,
    light_rules,
    note_html,
    passage_html,
    question_html,
    question_words,
    quote_html,
    sureness_html,
)
from tanya.page.style import STYLE
from tanya.records import Match, Passage, Span
from tanya.text import hide, shortened


def passage(
    text: str,
    sentence: str,
    *words: str,
    offset: int = 0,
    hidden: tuple[str, ...] = (),
    title: str = "Perawat",
    document: str = "perawat.md",
    headings: tuple[str, ...] = (),
) -> Passage:
    """Return a passage whose ``sentence``, ``words`` of it and ``hidden`` markup occur in ``text``.

    ``offset`` is where the passage begins in its document. Hidden pieces are found in their order.
    """
    start = text.index(sentence)
    spans = []
    position = 0
    for piece in hidden:
        position = text.index(piece, position)
        spans.append(Span(offset + position, offset + position + len(piece)))
        position += len(piece)
    return Passage(
        document=document,
        title=title,
        category="",
        headings=headings,
        sentence=sentence,
        start=offset + start,
        end=offset + start + len(sentence),
        passage=text,
        passage_start=offset,
        passage_end=offset + len(text),
        line=1,
        score=1.0,
        matches=tuple(
            Match(0, 1, sentence.index(word), sentence.index(word) + len(word), 1.0)
            for word in words
        ),
        hidden=tuple(spans),
    )


def marked(found: Passage, *others: Passage) -> str:
    """Return the HTML of the passage with the sentences marked."""
    return passage_html(Card(found, others))


class Outline(HTMLParser):
    """What a browser would make of some HTML: its tags with their attributes, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self.inside_mark = ""
        self.well_nested = True
        self.feed(markup)
        self.close()
        self.well_nested = self.well_nested and not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.well_nested = self.well_nested and bool(self.open) and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "mark" in self.open:
            self.inside_mark += data

    def handle_comment(self, data: str) -> None:
        self.well_nested = False

    def handle_decl(self, decl: str) -> None:
        self.well_nested = False


# --- Escaping ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ia merawat pasien.", "Ia merawat pasien."),
        ("<b>tebal</b>", "&lt;b&gt;tebal&lt;/b&gt;"),
        ("A & B", "A &amp; B"),
        ("&lt;", "&amp;lt;"),
        ("&#60;script&#62;", "&amp;#60;script&amp;#62;"),
        ("\"kutip\" dan 'kutip'", "&quot;kutip&quot; dan &#x27;kutip&#x27;"),
        ("<!-- ", "&lt;!-- "),
        ("", ""),
        ("é 🦆 \u202e", "é 🦆 \u202e"),
    ],
)
def test_escaped_text_shows_itself(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_markup_in_a_document_is_escaped_before_in_and_after_the_marked_sentence() -> None:
    text = "<p>Satu. <i>Dua & tiga.</mark> Empat <script>"
    assert marked(passage(text, "<i>Dua & tiga.</mark>", "tiga")) == (
        "&lt;p&gt;Satu. <mark>&lt;i&gt;Dua &amp; <b>tiga</b>.&lt;/mark&gt;</mark>"
        " Empat &lt;script&gt;"
    )


def test_markup_in_a_matching_word_is_escaped() -> None:
    assert marked(passage("Ia <u>sabar</u>.", "Ia <u>sabar</u>.", "<u>")) == (
        "<mark>Ia <b>&lt;u&gt;</b>sabar&lt;/u&gt;.</mark>"
    )


def test_title_headings_and_place_of_a_card_are_escaped() -> None:
    found = passage("Isi.", "Isi.", title="<i>Judul", headings=('<h1 id="x">', "B&C"))
    card = card_html(Card(found), '<img src=x onerror="y">.md, baris 1', best=False)
    assert (
        '<span class="tanya-title">'
        "&lt;i&gt;Judul › &lt;h1 id=&quot;x&quot;&gt; › B&amp;C</span>" in card
    )
    assert (
        '<span class="tanya-place">'
        "&lt;img src=x onerror=&quot;y&quot;&gt;.md, baris 1</span>" in card
    )


# --- Marks ---------------------------------------------------------------------------------------


def test_the_sentence_is_marked_within_its_passage() -> None:
    assert marked(passage("Satu. Dua. Tiga.", "Dua.")) == "Satu. <mark>Dua.</mark> Tiga."


def test_a_passage_that_is_one_sentence_is_all_marked() -> None:
    assert marked(passage("Satu.", "Satu.")) == "<mark>Satu.</mark>"


def test_matching_words_are_bold_within_the_mark_and_nowhere_else() -> None:
    text = "Pasien datang. Ia merawat pasien dan keluarga pasien. Pasien pulang."
    found = passage(text, "Ia merawat pasien dan keluarga pasien.", "pasien", "merawat")
    assert marked(found) == (
        "Pasien datang. <mark>Ia <b>merawat</b> <b>pasien</b> dan keluarga pasien.</mark>"
        " Pasien pulang."
    )


def test_a_word_that_met_two_words_of_the_question_is_bold_once() -> None:
    assert marked(passage("Ia sabar.", "Ia sabar.", "sabar", "sabar")) == (
        "<mark>Ia <b>sabar</b>.</mark>"
    )


def test_matches_that_overlap_neither_nest_nor_double_the_text() -> None:
    found = passage("Ia dipertanggungjawabkan.", "Ia dipertanggungjawabkan.", "dipertanggung")
    overlapping = passage(
        "Ia dipertanggungjawabkan.",
        "Ia dipertanggungjawabkan.",
        "dipertanggung",
        "tanggungjawabkan",
    )
    assert marked(found) == "<mark>Ia <b>dipertanggung</b>jawabkan.</mark>"
    assert marked(overlapping) == "<mark>Ia <b>dipertanggungjawabkan</b>.</mark>"


def test_offsets_count_from_the_beginning_of_the_document() -> None:
    found = passage("Satu. Ia **amat** sabar. Tiga.", "Ia **amat** sabar.", "amat", offset=1234)
    assert marked(found) == "Satu. <mark>Ia **<b>amat</b>** sabar.</mark> Tiga."


def test_letters_beyond_the_basic_plane_do_not_shift_the_mark() -> None:
    found = passage("👩🏽‍⚕️🦆 Satu. 𝒟ua tiga. Empat.", "𝒟ua tiga.", "tiga", offset=7)
    assert marked(found) == "👩🏽‍⚕️🦆 Satu. <mark>𝒟ua <b>tiga</b>.</mark> Empat."


def test_a_list_item_of_a_row_keeps_its_text_around_the_mark() -> None:
    assert marked(passage("Gaji | Rp 5 juta | tetap", "Rp 5 juta")) == (
        "Gaji | <mark>Rp 5 juta</mark> | tetap"
    )


# --- Several sentences of one passage ------------------------------------------------------------


def test_all_found_sentences_of_a_passage_are_marked_in_the_order_of_the_text() -> None:
    text = "Satu. Dua. Tiga. Empat."
    assert marked(passage(text, "Tiga.", "Tiga"), passage(text, "Satu.")) == (
        '<mark class="tanya-other">Satu.</mark> Dua. <mark><b>Tiga</b>.</mark> Empat.'
    )


def test_neighbouring_sentences_have_a_mark_each() -> None:
    text = "Satu. Dua."
    assert marked(passage(text, "Dua."), passage(text, "Satu.")) == (
        '<mark class="tanya-other">Satu.</mark> <mark>Dua.</mark>'
    )


def test_each_sentence_has_its_own_words_bold() -> None:
    text = "Ia sabar. Ia teliti."
    assert marked(passage(text, "Ia sabar.", "sabar"), passage(text, "Ia teliti.", "Ia")) == (
        '<mark>Ia <b>sabar</b>.</mark> <mark class="tanya-other"><b>Ia</b> teliti.</mark>'
    )


def test_results_of_one_passage_become_one_card_and_the_best_comes_first() -> None:
    text = "Satu. Dua. Tiga."
    first = passage(text, "Dua.")
    elsewhere = passage("Lain.", "Lain.", document="bidan.md")
    again = passage(text, "Satu.")
    assert cards([first, elsewhere, again]) == [Card(first, (again,)), Card(elsewhere)]


def test_passages_at_the_same_place_of_different_documents_stay_apart() -> None:
    one, other = passage("Sama.", "Sama."), passage("Sama.", "Sama.", document="bidan.md")
    assert cards([one, other]) == [Card(one), Card(other)]


def test_different_passages_of_one_document_stay_apart() -> None:
    one, other = passage("Satu.", "Satu."), passage("Dua.", "Dua.", offset=10)
    assert cards([other, one]) == [Card(other), Card(one)]


def test_no_result_gives_no_card() -> None:
    assert cards([]) == []


# --- Hidden markup -------------------------------------------------------------------------------


def test_markdown_signs_are_not_shown() -> None:
    found = passage(
        "Ia **sangat** sabar. Lihat [daftar](http://example.invalid/x).",
        "Ia **sangat** sabar.",
        hidden=("**", "**", "[", "](http://example.invalid/x)"),
    )
    assert marked(found) == "<mark>Ia sangat sabar.</mark> Lihat daftar."


def test_hidden_signs_within_and_around_a_matching_word_are_not_shown() -> None:
    found = passage(
        "Ia **sa*bar***.", "Ia **sa*bar***.", "sa*bar", hidden=("**", "*", "***"), offset=50
    )
    assert marked(found) == "<mark>Ia <b>sabar</b>.</mark>"


def test_a_hidden_span_that_crosses_the_end_of_the_sentence_is_hidden_on_both_sides() -> None:
    text = "Satu**. Dua**"
    found = passage(text, "Satu*", hidden=("**", "**"), offset=3)
    assert marked(found) == "<mark>Satu</mark>. Dua"


def test_a_hidden_span_that_begins_before_the_passage_hides_only_what_is_in_it() -> None:
    found = passage("b) Isi.", "Isi.", offset=100)
    found = Passage(
        **{
            **{name: getattr(found, name) for name in Passage.__slots__},
            "hidden": (Span(90, 102), Span(106, 120)),
        }
    )
    assert marked(found) == " <mark>Isi</mark>"


def test_hidden_html_is_not_shown_either() -> None:
    found = passage("Ia <b>sabar.", "Ia <b>sabar.", hidden=("<b>",))
    assert marked(found) == "<mark>Ia sabar.</mark>"


# --- Control characters and line ends ------------------------------------------------------------


def test_nul_is_not_shown() -> None:
    assert marked(passage("Sa\0tu. D\0ua.", "D\0ua.")) == "Satu. <mark>Dua.</mark>"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one_line_end(line_end: str) -> None:
    assert marked(passage(f"Satu.{line_end}Dua.", "Dua.")) == "Satu.\n<mark>Dua.</mark>"


@pytest.mark.parametrize("gap", ["\n\n", "\n\n\n\n", "\n \t \n", "\r\n\r\n", "\n\r\n \n"])
def test_blank_lines_are_closed_up(gap: str) -> None:
    assert marked(passage(f"Satu.{gap}Dua.", "Satu.")) == "<mark>Satu.</mark>\nDua."


def test_a_gap_within_a_marked_sentence_is_closed_up_too() -> None:
    assert marked(passage("Satu\n\ndua.", "Satu\n\ndua.", "dua")) == (
        "<mark>Satu\n<b>dua</b>.</mark>"
    )


def test_a_line_of_nothing_but_hidden_signs_leaves_no_gap() -> None:
    text = "Satu.\n>\n> Dua."
    assert marked(passage(text, "Satu.", hidden=(">\n", "> "))) == "<mark>Satu.</mark>\nDua."


# --- The card ------------------------------------------------------------------------------------


def test_only_the_best_card_has_the_class_of_the_best() -> None:
    card = Card(passage("Isi.", "Isi."))
    assert card_html(card, "a.md, baris 1", best=True).startswith(
        '<article class="tanya-card tanya-best">'
    )
    assert card_html(card, "a.md, baris 1", best=False).startswith('<article class="tanya-card">')


def test_a_card_names_its_title_and_the_headings_above_the_sentence() -> None:
    found = passage("Isi.", "Isi.", title="Perawat", headings=("Tugas", "Tugas lain"))
    assert "Perawat › Tugas › Tugas lain" in card_html(Card(found), "a.md", best=True)


def test_every_class_that_a_card_uses_has_a_style() -> None:
    card = card_html(Card(passage("Isi.", "Isi.")), "a.md", best=True, category="Kesehatan")
    outline = Outline(card)
    classes = {
        name for _, attrs in outline.tags for _, names in attrs for name in (names or "").split()
    }
    assert classes == {
        "tanya-card",
        "tanya-best",
        "tanya-source",
        "tanya-title",
        "tanya-category",
        "tanya-place",
        "tanya-text",
    }
    assert all(f".{name} " in STYLE for name in classes)


# --- Words that light up together ----------------------------------------------------------------


def label(word: str, similarity: float) -> str:
    """Return a partner with its similarity."""
    return f"{word}, {similarity:.2f}"


def met(sentence: str, *matches: tuple[int, int, int, int, float]) -> Passage:
    """Return a passage of one sentence with these matches."""
    return replace(passage(sentence, sentence), matches=tuple(Match(*match) for match in matches))


def test_a_word_of_the_question_and_its_partners_in_all_cards_have_the_same_number() -> None:
    question = "Apa tugas guru?"
    one = met("The teacher has duties.", (4, 9, 16, 22, 0.75), (10, 14, 4, 11, 0.86))
    two = met("Tugasnya berat.", (4, 9, 0, 8, 1.0))
    words = question_words([one, two])
    assert words == [Span(4, 9), Span(10, 14)]
    assert question_html(question, [one, two], label) == (
        '<p class="tanya-question">Apa '
        '<span class="tanya-word tanya-q0" tabindex="0" role="note" '
        'title="tugas ↔ duties, 0.75; tugasnya, 1.00" '
        'aria-label="tugas ↔ duties, 0.75; tugasnya, 1.00">tugas</span> '
        '<span class="tanya-word tanya-q1" tabindex="0" role="note" '
        'title="guru ↔ teacher, 0.86" aria-label="guru ↔ teacher, 0.86">guru</span>?</p>'
    )
    assert passage_html(Card(one), words) == (
        '<mark>The <b class="tanya-word tanya-q1" tabindex="-1">teacher</b> has '
        '<b class="tanya-word tanya-q0" tabindex="-1">duties</b>.</mark>'
    )
    assert passage_html(Card(two), words) == (
        '<mark><b class="tanya-word tanya-q0" tabindex="-1">Tugasnya</b> berat.</mark>'
    )


def test_a_word_that_met_two_words_of_the_question_has_both_numbers() -> None:
    found = met("Sabar.", (0, 5, 0, 5, 1.0), (6, 11, 0, 5, 1.0))
    words = question_words([found])
    assert '<b class="tanya-word tanya-q0 tanya-q1" tabindex="-1">Sabar</b>' in passage_html(
        Card(found), words
    )


def test_pairs_of_characters_that_overlap_are_one_word() -> None:
    one, two = met("看護", (0, 2, 0, 2, 1.0)), met("護師", (1, 3, 0, 2, 1.0))
    assert question_words([one, two]) == [Span(0, 3)]
    assert 'tanya-q0" tabindex="0"' in question_html("看護師", [one, two], label)
    assert "tanya-q0" in passage_html(Card(two), [Span(0, 3)])


def test_there_is_one_rule_for_each_word_of_the_question() -> None:
    rules = light_rules(2)
    assert rules.count("{") == 2
    for number in (0, 1):
        assert (
            f"body:has(.tanya-q{number}:is(:hover, :focus)) .tanya-word.tanya-q{number} {{" in rules
        )


def test_a_question_without_matches_is_not_repeated() -> None:
    assert question_html("Apa itu?", [passage("Isi.", "Isi.")], label) == ""
    assert question_html("Apa itu?", [], label) == ""


def test_a_long_question_is_shown_up_to_its_last_matched_word() -> None:
    found = met("Isi.", (400, 403, 0, 3, 1.0))
    shown = question_html("x" * 399 + " isi" + "y" * 500, [found], label)
    assert shown.endswith(">isi</span>…</p>")


def test_a_label_names_only_the_first_partners_and_hidden_markup_is_no_part_of_them() -> None:
    found = met("Sa**bar** b c d e f", *((0, 1, i, i + 1, 0.8) for i in range(10, 19, 2)))
    hidden = replace(
        found,
        matches=(Match(0, 1, 0, 7, 0.9), *found.matches),
        hidden=(Span(2, 4), Span(7, 9)),
    )
    assert 'title="a ↔ sabar, 0.90; b, 0.80; c, 0.80; d, 0.80"' in question_html(
        "a", [hidden], label
    )


def test_a_hostile_question_and_partner_stay_text() -> None:
    question = '"><script>x</script><b onfocus="y'
    found = met('<img src=x onerror="z">', (0, len(question), 0, 23, 0.9))
    outline = Outline(question_html(question, [found], label))
    assert outline.well_nested
    assert [tag for tag, _ in outline.tags] == ["p", "span"]
    assert [name for name, _ in outline.tags[1][1]] == [
        *("class", "tabindex", "role", "title", "aria-label")
    ]
    assert outline.text == question


# --- The other pieces ----------------------------------------------------------------------------


def stored(text: str, hidden: tuple[Span, ...] = ()) -> StoredDocument:
    """Return a document with this text."""
    return StoredDocument(0, "a.md", "A", "", {}, hidden, text)


def test_a_whole_document_is_shown_with_its_sentences_marked_and_its_paragraphs_apart() -> None:
    text = "# Judul\n\n\n\nSatu **dua**. Tiga <b>.\n\nEmpat."
    found = replace(passage("Satu **dua**.", "Satu **dua**."), start=11, end=24)
    hidden = (Span(16, 18), Span(21, 23))
    assert document_html(stored(text, hidden), [found], found, 'A "b"') == (
        '<div class="tanya-whole" tabindex="0" role="region" aria-label="A &quot;b&quot;">'
        '# Judul\n\n<mark class="tanya-here">Satu dua.</mark> Tiga &lt;b&gt;.\n\nEmpat.</div>'
    )


def test_a_whole_document_is_opened_at_one_of_its_marked_sentences() -> None:
    first = replace(passage("Satu.", "Satu."), start=0, end=5)
    second = replace(passage("Dua.", "Dua."), start=6, end=10)
    shown = document_html(stored("Satu. Dua."), [second, first], second, "A")
    assert '<mark>Satu.</mark> <mark class="tanya-here">Dua.</mark>' in shown


def test_of_a_very_long_document_only_what_is_around_the_sentence_is_shown() -> None:
    text = "x" * 500_000 + "Kalimat." + "y" * 500_000
    found = replace(passage("Kalimat.", "Kalimat."), start=500_000, end=500_008)
    shown = document_html(stored(text), [found], found, "A")
    assert 'x<mark class="tanya-here">Kalimat.</mark>y' in shown
    assert shown.count("…") == 2
    assert len(shown) < 210_000


def test_of_what_lies_far_between_the_sentences_of_a_document_nothing_is_shown() -> None:
    text = f"{'x' * 300_000}Satu.{'y' * 900_000}Dua. Tiga."
    first = replace(passage("Satu.", "Satu."), start=300_000, end=300_005)
    second = replace(passage("Dua.", "Dua."), start=1_200_005, end=1_200_009)
    third = replace(passage("Tiga.", "Tiga."), start=1_200_010, end=1_200_015)
    shown = document_html(stored(text), [second, first, third], second, "A")
    assert 'y<mark class="tanya-here">Dua.</mark> <mark>Tiga.</mark></div>' in shown
    assert "x<mark>Satu.</mark>y" in shown
    assert "y\n…\ny" in shown
    assert shown.count("…") == 2
    assert len(shown) < 150_000


def test_windows_that_meet_leave_nothing_out() -> None:
    text = f"Satu.{'x' * 120_000}Dua."
    first = replace(passage("Satu.", "Satu."), start=0, end=5)
    second = replace(passage("Dua.", "Dua."), start=120_005, end=120_009)
    shown = document_html(stored(text), [first, second], first, "A")
    assert f"{'x' * 120_000}<mark>Dua.</mark></div>" in shown
    assert "…" not in shown


def test_a_document_full_of_markup_is_shown_as_fast_as_it_is_long() -> None:
    def seconds(count: int) -> float:
        text = "**x** " * count
        hidden = tuple(
            s for i in range(0, len(text), 6) for s in (Span(i, i + 2), Span(i + 3, i + 5))
        )
        began = time.process_time()
        assert hide(text, 0, hidden).count("\0") == 4 * count
        return time.process_time() - began

    # Eight times the text takes 8 times as long, not 64 times.
    assert seconds(80_000) < 30 * min(seconds(10_000) for _ in range(3))


@given(st.text("ab", max_size=20), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8))))
def test_what_is_hidden_is_hidden_whatever_overlaps_or_lies_outside(
    text: str, places: list[tuple[int, int]]
) -> None:
    offset = 5
    spans = tuple(Span(start, start + length) for start, length in places)
    covered = {i for span in spans for i in range(span.start, span.end)}
    expected = "".join("\0" if i in covered else c for i, c in enumerate(text, start=offset))
    assert hide(text, offset, spans) == expected


def test_the_bar_has_as_many_steps_lit_as_tanya_is_sure() -> None:
    shown = sureness_html("Cukup yakin", 4, "Cukup yakin (4 dari 5)")
    assert shown.count("<i") == 5
    assert shown.count('<i class="tanya-on">') == 4
    assert 'role="img" aria-label="Cukup yakin (4 dari 5)"' in shown


_HOSTILE = '"><script>x</script><img src=x onerror=y>'
_MARKED = replace(passage("a", "a"), start=0, end=9)


@pytest.mark.parametrize(
    "shown",
    [
        document_html(stored(_HOSTILE), [_MARKED], _MARKED, _HOSTILE),
        sureness_html(_HOSTILE, 3, _HOSTILE),
        chips_html(_HOSTILE, [_HOSTILE]),
        note_html(_HOSTILE),
        quote_html(_HOSTILE),
        group_html(_HOSTILE, _HOSTILE),
        card_html(Card(passage("a", "a")), _HOSTILE, best=True, category=_HOSTILE),
    ],
)
def test_no_piece_lets_markup_through(shown: str) -> None:
    outline = Outline(shown)
    assert outline.well_nested
    assert not {tag for tag, _ in outline.tags} & {"script", "img"}
    assert _HOSTILE in outline.text


_MARKDOWN_PIECES = st.sampled_from(
    [
        "*",
        "**",
        "_",
        "`",
        "[a](b)",
        "![a](b)",
        "<b>",
        ":material/home:",
        "$x$",
        "#",
        "\\",
        "~",
        "&amp;",
    ]
)


@given(st.text() | st.lists(_MARKDOWN_PIECES).map("".join))
@example("kata *penting* " * 20)
def test_whatever_the_text_a_label_is_read_as_just_that_text(text: str) -> None:
    [block] = MarkdownIt("commonmark").parse(label_text(f"a {text}"))[1:2]
    shown = "".join(child.content for child in block.children or [])
    assert {child.type for child in block.children or []} <= {"text", "text_special"}
    assert shown == shortened(" ".join(f"a {text}".replace("\0", "").split()), 160)


# --- Whatever the text ---------------------------------------------------------------------------

_PIECES = st.sampled_from(
    ["<", ">", "</mark>", "<b>", "&", "&amp;", '"', "'", "<!--", "-->", "]]>", "a", " ", "🦆", "."]
)
_TEXT = st.lists(_PIECES, min_size=1, max_size=30).map("".join)


@st.composite
def _any_cards(draw: st.DrawFn) -> Card:
    """Return a card of hostile text with sentences, matches and hidden spans at random places."""
    text = draw(_TEXT)
    offset = draw(st.integers(0, 5))

    def span(longest: int) -> tuple[int, int]:
        ends = st.integers(0, longest)
        return tuple(sorted((draw(ends), draw(ends))))  # type: ignore[return-value]

    hidden = tuple(
        Span(offset + start, offset + end)
        for start, end in (span(len(text)) for _ in range(draw(st.integers(0, 3))))
    )

    def found() -> Passage:
        start, end = span(len(text))
        return Passage(
            document="a.md",
            title=draw(_TEXT),
            category="",
            headings=(draw(_TEXT),),
            sentence=text[start:end],
            start=offset + start,
            end=offset + end,
            passage=text,
            passage_start=offset,
            passage_end=offset + len(text),
            line=1,
            score=1.0,
            matches=tuple(
                Match(0, 1, *span(end - start), 1.0) for _ in range(draw(st.integers(0, 3)))
            ),
            hidden=hidden,
        )

    return Card(found(), tuple(found() for _ in range(draw(st.integers(0, 2)))))


@given(_any_cards())
def test_whatever_stands_in_a_passage_its_html_is_well_nested_and_shows_just_its_text(
    card: Card,
) -> None:
    outline = Outline(passage_html(card))
    assert outline.well_nested
    assert {tag for tag, _ in outline.tags} <= {"mark", "b"}
    assert {attrs for _, attrs in outline.tags} <= {(), (("class", "tanya-other"),)}
    first = card.passage
    expected = "".join(
        character
        for i, character in enumerate(first.passage, start=first.passage_start)
        if not any(span.start <= i < span.end for span in first.hidden)
    )
    assert outline.text == expected


@given(_any_cards(), _TEXT, st.booleans())
def test_whatever_stands_in_a_card_it_has_only_tanyas_own_tags(
    card: Card, place: str, best: bool
) -> None:
    outline = Outline(card_html(card, place, best=best))
    assert outline.well_nested
    assert {tag for tag, _ in outline.tags} <= {"article", "div", "span", "p", "mark", "b"}
    assert {name for _, attrs in outline.tags for name, _ in attrs} == {"class"}
    assert [tag for tag, _ in outline.tags if tag not in ("mark", "b")] == [
        "article",
        "div",
        "span",
        "span",
        "p",
    ]


@given(st.text())
def test_whatever_is_escaped_comes_back_when_a_browser_reads_it(text: str) -> None:
    assert html.unescape(escaped(text)) == text
    assert "<" not in escaped(text)


@given(_TEXT, _any_cards())
def test_whatever_the_question_it_has_only_tanyas_own_tags_and_shows_just_its_text(
    question: str, card: Card
) -> None:
    length = len(question)
    results = [
        replace(
            found,
            matches=tuple(
                replace(match, question_start=i % length, question_end=i % length + 1)
                for i, match in enumerate(found.matches)
            ),
        )
        for found in (card.passage, *card.others)
    ]
    line = Outline(question_html(question, results, label))
    assert line.well_nested
    assert {tag for tag, _ in line.tags} <= {"p", "span"}
    assert line.text in (question, "")
    words = question_words(results)
    shown = Outline(passage_html(Card(results[0], tuple(results[1:])), words))
    assert shown.well_nested
    assert {name for _, attrs in shown.tags for name, _ in attrs} <= {"class", "tabindex"}
    used = set(re.findall(r"tanya-q\d+", str(shown.tags)))
    assert used <= {f"tanya-q{number}" for number in range(len(words))}
