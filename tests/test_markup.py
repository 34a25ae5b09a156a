"""HTML of passages: only text comes out of text, and the marks stand where they belong."""

from __future__ import annotations

import html
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanya.page.markup import STYLE, Card, card_html, cards, escaped, passage_html
from tanya.records import Match, Passage, Span


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
    assert marked(overlapping) == marked(found)
    assert marked(found) == "<mark>Ia <b>dipertanggung</b>jawabkan.</mark>"


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
    card = card_html(Card(passage("Isi.", "Isi.")), "a.md", best=True)
    outline = Outline(card)
    classes = {
        name for _, attrs in outline.tags for _, names in attrs for name in (names or "").split()
    }
    assert classes == {
        "tanya-card",
        "tanya-best",
        "tanya-source",
        "tanya-title",
        "tanya-place",
        "tanya-text",
    }
    assert all(f".{name} " in STYLE for name in classes)


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
