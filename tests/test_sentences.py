"""Sentences of a document: their place, what they are about, and the passage they are shown in."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanya.documents.front_matter import parse_front_matter
from tanya.documents.parsing import parse_document
from tanya.records import Document, Sentence
from tanya.sentences import display_title, sentences_of

UNTITLED = (
    "Pengelola proyek kerja sama internasional menjembatani dua lembaga.\n"
    "Tugas utamanya menyusun rencana. Ia juga menulis laporan.\n"
)


def parsed(text: str, path: str = "a.md") -> Document:
    """Return a decoded text, taken apart."""
    return parse_document(path, text, "utf-8", parse_front_matter(text))


def sentences(text: str, path: str = "a.md", language: str = "id") -> tuple[Sentence, ...]:
    """Return the sentences of a text."""
    return sentences_of(parsed(text, path), language)


def seen(text: str, path: str = "a.md", language: str = "id") -> list[str]:
    """Return what a reader sees of each sentence of a text."""
    return [sentence.text for sentence in sentences(text, path, language)]


def contexts(text: str, path: str = "a.md") -> list[str]:
    """Return the context of each sentence of a text."""
    return [sentence.context for sentence in sentences(text, path)]


def passages(text: str, path: str = "a.md") -> list[str]:
    """Return the passage of each sentence of a text."""
    return [text[s.passage_start : s.passage_end] for s in sentences(text, path)]


# Context


def test_sentences_of_a_titled_document_are_about_its_title() -> None:
    found = sentences("# Perawat\n\nIa merawat pasien. Ia bekerja dalam giliran.")
    assert [(s.ordinal, s.text, s.context) for s in found] == [
        (0, "Ia merawat pasien.", "Perawat"),
        (1, "Ia bekerja dalam giliran.", "Perawat"),
    ]
    assert found[0].contextual == "Perawat. Ia merawat pasien."


def test_sentences_of_an_untitled_document_are_about_its_first_sentence() -> None:
    first = "Pengelola proyek kerja sama internasional menjembatani dua lembaga."
    assert contexts(UNTITLED, "a.txt") == ["", first, first]
    found = sentences(UNTITLED, "a.txt")
    assert found[0].contextual == first
    assert found[1].contextual == f"{first}. Tugas utamanya menyusun rencana."


def test_the_title_of_the_front_matter_comes_before_the_headings() -> None:
    text = "---\ntitle: Bidan\n---\n# Profil\n\nIa menolong persalinan.\n"
    assert contexts(text) == ["Bidan – Profil"]


def test_headings_above_a_sentence_are_in_its_context_outermost_first() -> None:
    text = "# Perawat\n\n## Tugas\n\nA satu.\n\n### Malam\n\nB dua.\n\n## Gaji\n\nC tiga.\n"
    found = sentences(text)
    assert [(s.text, s.headings, s.context) for s in found] == [
        ("A satu.", ("Tugas",), "Perawat – Tugas"),
        ("B dua.", ("Tugas", "Malam"), "Perawat – Tugas – Malam"),
        ("C tiga.", ("Gaji",), "Perawat – Gaji"),
    ]


def test_headings_of_a_plain_text_are_in_the_context_too() -> None:
    assert contexts("# Perawat\nA satu.\n## Gaji\nB dua.", "a.txt") == [
        "Perawat",
        "Perawat – Gaji",
    ]


def test_a_short_line_of_a_plain_text_is_context_of_what_it_heads_and_bounds_its_passage() -> None:
    text = (
        "Tata tertib\n\nPasal 6\nBuku wajib dijaga baik-baik.\n"
        "Pasal 7\nTamu wajib melapor ke satpam.\n"
    )
    assert contexts(text, "a.txt") == ["Tata tertib – Pasal 6", "Tata tertib – Pasal 7"]
    assert passages(text, "a.txt") == [
        "Buku wajib dijaga baik-baik.",
        "Tamu wajib melapor ke satpam.",
    ]


def test_the_names_of_a_tables_columns_are_in_the_context_of_its_rows() -> None:
    text = "# Upah\n\n| Profesi | Gaji |\n|---|---|\n| Perawat | 5 juta |\n| Bidan | 6 juta |\n"
    assert [(s.text, s.context) for s in sentences(text)] == [
        ("Perawat | 5 juta", "Upah – Profesi | Gaji"),
        ("Bidan | 6 juta", "Upah – Profesi | Gaji"),
    ]


def test_a_tables_row_is_shown_without_the_markup_between_rows() -> None:
    text = "# Upah\n\n| Profesi | Gaji |\n|---|---|\n| Perawat | 5 juta |\n| Bidan | 6 juta |\n"
    assert passages(text) == ["Perawat | 5 juta", "Bidan | 6 juta"]


def test_the_context_holds_no_markup() -> None:
    text = (
        "# **Upah** [resmi](x)\n\n## *Kota*\n\n| **Profesi** | `Gaji` |\n|---|---|\n"
        "| Perawat | 5 juta |\n"
    )
    assert contexts(text) == ["Upah resmi – Kota – Profesi | Gaji"]


def test_a_very_long_title_leaves_room_for_the_sentence() -> None:
    (found,) = sentences(f"# {'panjang ' * 100}\n\nIsi.")
    assert len(found.context) <= 200
    assert found.context.startswith("panjang panjang")
    assert found.context.endswith("panjang…")


# Which sentences there are


def test_list_items_and_paragraphs_are_never_joined() -> None:
    text = "# T\n\nTugasnya\n\n- menyusun anggaran\n- menulis laporan. Juga surat.\n\nAkhir"
    assert seen(text) == [
        "Tugasnya",
        "menyusun anggaran",
        "menulis laporan.",
        "Juga surat.",
        "Akhir",
    ]


def test_lines_without_full_stops_are_sentences_of_their_own() -> None:
    assert seen("Tugas utama perawat\nGaji perawat\nSyarat perawat", "a.txt") == [
        "Tugas utama perawat",
        "Gaji perawat",
        "Syarat perawat",
    ]


def test_a_sentence_that_was_wrapped_is_one_line() -> None:
    text = "# T\n\nPerawat itu bekerja\nsetiap hari di\trumah  sakit.\nIa sabar.\n"
    assert seen(text) == ["Perawat itu bekerja setiap hari di rumah sakit.", "Ia sabar."]


def test_headings_are_no_sentences() -> None:
    assert seen("# Perawat\n\n## Tugas\n\nIsi.\n\n## Gaji\n") == ["Isi."]


@pytest.mark.parametrize("path", ["a.md", "a.txt"])
def test_a_document_of_headings_alone_gives_them_as_sentences(path: str) -> None:
    found = sentences("# Perawat\n## Tugas malam\n## **\n## Gaji", path)
    assert [s.text for s in found] == ["Perawat", "Tugas malam", "Gaji"]
    assert [s.context for s in found] == ["", "Perawat", "Perawat"]


@pytest.mark.parametrize("text", ["...\n\n— !!! —\n", "😀 😀", "***\n", "# ***\n"])
def test_a_document_without_a_letter_or_digit_has_no_sentence(text: str) -> None:
    assert seen(text, "a.txt") == []


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\n![](gambar.png)\n\nIsi.",
        "# A\n\n[](https://contoh.id/halaman)\n\nIsi.",
        "# A\n\n![](satu.png) ![](dua.png)\n\nIsi.",
        "# A\n\n- ![](satu.png)\n- Isi.",
    ],
)
def test_what_a_reader_does_not_see_is_no_sentence(text: str) -> None:
    assert seen(text) == ["Isi."]


def test_an_untitled_document_that_begins_with_a_picture_is_about_its_first_words() -> None:
    text = "![](gambar.png)\n\nPerawat merawat pasien.\n\nIa sabar."
    assert contexts(text) == ["", "Perawat merawat pasien."]
    assert display_title(parsed(text), sentences(text)) == "Perawat merawat pasien."


# Places


def test_offsets_mark_the_sentence_exactly() -> None:
    text = (
        "---\ntitle: 😀 Perawat\n---\r\n# Satu 👩‍⚕️\r\n\r\nIa é́ **sabar**. "
        "Dr. Budi [pergi](x.id).\r\n\r\n> Kutipan satu\r\n> lanjut.\r\n\r\n- butir 😀 a\r\n"
    )
    found = sentences(text)
    assert [text[s.start : s.end] for s in found] == [
        "Ia é́ **sabar**.",
        "Dr. Budi [pergi](x.id).",
        "Kutipan satu\r\n> lanjut.",
        "butir 😀 a",
    ]
    assert [s.text for s in found] == [
        "Ia é́ sabar.",
        "Dr. Budi pergi.",
        "Kutipan satu lanjut.",
        "butir 😀 a",
    ]


def test_a_sentence_that_occurs_twice_has_two_places() -> None:
    text = "Sama saja. Lain. Sama saja.\n\nSama saja.\n"
    assert [s.start for s in sentences(text)] == [0, 11, 17, 29]


def test_the_passage_of_a_sentence_is_its_paragraph() -> None:
    one = "Perawat merawat pasien di rumah sakit. " * 5 + "Ia sabar."
    two = "Ia bekerja dalam giliran, siang dan malam. " * 5 + "Ia kuat."
    assert passages(f"# T\n\n{one}\n\n{two}\n") == [one] * 6 + [two] * 6


def test_short_blocks_are_shown_with_their_neighbours() -> None:
    text = "# T\n\nTugasnya:\n\n- menyusun anggaran\n- menulis laporan\n"
    shown = "Tugasnya:\n\n- menyusun anggaran\n- menulis laporan"
    assert passages(text) == [shown] * 3


def test_a_passage_does_not_reach_into_another_section() -> None:
    text = "# T\n\n## Tugas\n\nSatu.\n\nDua.\n\n## Gaji\n\nTiga.\n"
    assert passages(text) == ["Satu.\n\nDua."] * 2 + ["Tiga."]


def test_a_passage_does_not_reach_over_a_heading_with_the_same_words() -> None:
    text = "# T\n\n## Gaji\n\nSatu.\n\n## Gaji\n\nDua.\n"
    assert passages(text) == ["Satu.", "Dua."]


def test_a_very_long_paragraph_is_shown_in_part_around_the_sentence() -> None:
    text = " ".join(f"Ini kalimat nomor {i} dari satu paragraf yang panjang." for i in range(100))
    found = sentences(text, "a.txt")
    assert len(found) == 100
    for sentence in found:
        shown = text[sentence.passage_start : sentence.passage_end]
        assert 160 <= len(shown) <= 700
        assert text[sentence.start : sentence.end] in shown
    middle = found[50]
    assert middle.passage_start < middle.start
    assert middle.end <= middle.passage_end
    assert found[0].passage_start == 0
    assert found[99].passage_end == len(text)


def test_a_single_sentence_longer_than_any_passage_is_shown_whole() -> None:
    text = "kata " * 180 + "akhir."
    (found,) = sentences(text, "a.txt")
    assert (found.passage_start, found.passage_end) == (0, len(text))


# Titles to show


def test_a_document_without_a_title_is_shown_by_its_first_sentence() -> None:
    text = "Perawat merawat pasien. Ia sabar."
    assert display_title(parsed(text), sentences(text)) == "Perawat merawat pasien."


def test_a_first_sentence_that_is_long_is_shortened_at_a_word_in_the_title() -> None:
    document = parsed(
        "Pengelola program kerja sama internasional di bidang budaya merancang dan "
        "menjalankan kegiatan bersama lembaga asing.",
        "a.txt",
    )
    title = display_title(document, sentences_of(document, "id"))
    assert title == "Pengelola program kerja sama internasional di bidang budaya merancang dan…"
    assert len(title) <= 80


def test_a_first_sentence_without_a_blank_is_shortened_too() -> None:
    document = parsed("漢" * 200, "a.txt")
    title = display_title(document, sentences_of(document, "ja"))
    assert title == "漢" * 79 + "…"


def test_a_stated_title_is_shown_whole() -> None:
    title = "Pengelola " * 20 + "akhir"
    document = parsed(f"---\ntitle: {title}\n---\nIsi.")
    assert display_title(document, sentences_of(document, "id")) == title


# Languages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ia lulusan S.Pd. dari UGM. Ia mengajar.", ["Ia lulusan S.Pd. dari UGM.", "Ia mengajar."]),
        ("She met Dr. Smith. He left.", ["She met Dr. Smith.", "He left."]),
        ("看護師は働きます。夜勤もあります。", ["看護師は働きます。", "夜勤もあります。"]),
        ("护士照顾病人。她值夜班！好吗？", ["护士照顾病人。", "她值夜班！", "好吗？"]),
        ("Медсестра работает. Она устала.", ["Медсестра работает.", "Она устала."]),
        ("هل هي ممرضة؟ نعم هي كذلك.", ["هل هي ممرضة؟", "نعم هي كذلك."]),
        ("नर्स काम करती है। वह थक गई है।", ["नर्स काम करती है।", "वह थक गई है।"]),
        ("Η νοσοκόμα εργάζεται. Είναι κουρασμένη.", ["Η νοσοκόμα εργάζεται.", "Είναι κουρασμένη."]),
        ("พยาบาลทำงานในโรงพยาบาล", ["พยาบาลทำงานในโรงพยาบาล"]),
        ("간호사는 일한다. 그녀는 피곤하다.", ["간호사는 일한다.", "그녀는 피곤하다."]),
    ],
)
def test_sentences_are_found_in_any_language_although_indonesian_is_assumed(
    text: str, expected: list[str]
) -> None:
    assert seen(f"# T\n\n{text}\n") == expected


def test_the_language_that_a_document_states_rules() -> None:
    body = "Er kommt z.B. Montag. Dann geht er.\n"
    assert seen(f"---\nlang: de\n---\n{body}") == ["Er kommt z.B. Montag.", "Dann geht er."]


@pytest.mark.parametrize("language", ["en-US", "xx", "../../etc", "Bahasa Indonesia", "😀", "7"])
def test_an_unknown_language_does_no_harm(language: str) -> None:
    assert seen(f"---\nlang: '{language}'\n---\nIa pergi. Lalu pulang.") == [
        "Ia pergi.",
        "Lalu pulang.",
    ]


# Any text at all

NASTY = "aB1é漢。😀 \t\n\r#-*+>|_`~[]()!\\.:'\"<&;={}\u2028\x0c\u3000\u200dا\u0301\ufeff%@/?"
FRAGMENTS = [
    *("---", "# ", "## ", "\n", "\r\n", "\r", "\n\n", "- ", "1. ", "> ", "| ", " |", "|---|---|"),
    *("```", "**", "__", "*", "_", "`", "[", "](", ")", "![", "<b>", "\\", "  ", "    ", "kata"),
    *(
        "Kata",
        "Kata.",
        "dr. ",
        "x: y",
        "===",
        "漢字。",
        "😀",
        "…",
        "H. ",
        "www.a.id",
        "\u2028",
        "é",
    ),
]
any_text = st.one_of(
    st.text(NASTY, max_size=60),
    st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join),
)


@settings(max_examples=500, deadline=None)
@given(any_text, st.sampled_from(["a.txt", "a.md"]), st.sampled_from(["id", "en", "ja"]))
def test_any_text_gives_sentences_in_order_inside_their_blocks(
    text: str, path: str, language: str
) -> None:
    document = parsed(text, path)
    found = sentences_of(document, language)
    assert [sentence.ordinal for sentence in found] == list(range(len(found)))
    end = 0
    for sentence in found:
        assert end <= sentence.start < sentence.end
        end = sentence.end
        assert any(b.start <= sentence.start and end <= b.end for b in document.blocks)
        assert 0 <= sentence.passage_start <= sentence.start
        assert sentence.end <= sentence.passage_end <= len(text)
        assert sentence.text == " ".join(sentence.text.split())
        assert any(character.isalnum() for character in sentence.text)
        assert len(sentence.context) <= 200
    assert display_title(document, found)


@settings(max_examples=300, deadline=None)
@given(any_text)
def test_every_letter_and_digit_of_a_block_of_plain_text_is_in_a_sentence(text: str) -> None:
    document = parsed(text, "a.txt")
    found = sentences_of(document, "id")
    covered = {i for sentence in found for i in range(sentence.start, sentence.end)}
    for block in document.blocks:
        if block.kind != "heading":
            letters = {i for i in range(block.start, block.end) if text[i].isalnum()}
            assert letters <= covered


@pytest.mark.parametrize(
    ("unit", "path"),
    [
        ("Ia pergi ke pasar pagi ini. ", "a.txt"),
        ("Ia **merawat** [pasien](x) setiap hari.\n\n", "a.md"),
        ("kata ", "a.txt"),
    ],
)
def test_a_long_document_takes_time_in_proportion_to_its_length(unit: str, path: str) -> None:
    def seconds(text: str) -> float:
        document = parsed(text, path)
        # The quickest of three in this thread alone: other threads and the collector are no part.
        taken = []
        for _ in range(3):
            start = time.thread_time()
            sentences_of(document, "id")
            taken.append(time.thread_time() - start)
        return min(taken)

    seconds(unit * 10)
    assert seconds(unit * 2000) < 8 * max(seconds(unit * 500), 0.01)
