"""The page in a real Chromium: a real server, its own small corpus, and every request watched."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlencode

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    ViewportSize,
    expect,
)

from tanya.build import rebuild
from tests.browsing import FAINT, WIDTHS, Visit, watched
from tests.serving import Served, serving

SCRIPT = "<script>window.hacked=1</script>"
IMAGE = '<img src=x onerror="window.hacked=1">'
PICTURE = "![gambar](http://example.invalid/x.png)"
LINK = "[klik](javascript:window.hacked=1)"
ANCHOR = '<a href="javascript:window.hacked=1">tekan</a>'
FRAME = '<iframe src="http://example.invalid/"></iframe>'
STYLES = "<style>body{display:none}</style>"
ESCAPE = "</mark></p></article><h1>lolos</h1>"

HOSTILE_TEXT = (
    f"Kapal induk {SCRIPT} berlayar {IMAGE} ke utara {PICTURE} bersama {LINK} serta {ANCHOR} "
    f"dengan {FRAME} tanpa {STYLES} menuju {ESCAPE} pelabuhan."
)
# Most of its words are markup, and so the question has some.
ASKS_HOSTILE = "Kapal induk window hacked menuju pelabuhan"
MEASURES = "Perawat mengukur tekanan darah dan suhu tubuh pasien setiap pagi."
LONG_WORD = "Donaudampfschifffahrt" * 20
FILES = {
    "kesehatan/perawat.md": (
        f"# Perawat\n\nIa bekerja di rumah sakit. {MEASURES} Sore hari ia menulis laporan.\n"
    ),
    "diplomat.txt": "Diplomat mewakili negaranya dalam perundingan dengan negara lain.\n",
    "jahat/<img src=x onerror=window.hacked=1>.txt": f"{HOSTILE_TEXT}\n",
    "jahat/judul.md": (
        f"# {SCRIPT} {IMAGE}\n\n## {FRAME}\n\n"
        f"Gajah sirkus {PICTURE} menari {LINK} di bawah **bulan** {SCRIPT} purnama.\n"
    ),
    "jahat/<script>window.hacked=1<!--.txt": "",
    f"{'panjang' * 20}.txt": f"Kata terpanjang ialah {LONG_WORD} di kamus itu.\n",
    "jembatan.txt": "Jembatan gantung itu panjangnya dua ratus meter.\n",
    "mercusuar.txt": "\n\n".join(
        [
            *(f"Pada hari ke-{i} kapal nelayan berangkat pagi-pagi dan pulang." for i in range(40)),
            "Mercusuar tua di ujung tanjung dipugar pada tahun 1987.",
            *(f"Pada malam ke-{i} ombak datang dari selatan dan reda." for i in range(40)),
        ]
    ),
    "menara.txt": "Menara suar itu dicat merah pada tahun 1890.\n",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Served]:
    """Serve FILES."""
    if os.name == "nt":
        pytest.skip("Windows allows no file name with < and >")
    with serving(tmp_path_factory.mktemp("browser"), FILES) as served:
        yield served


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """Open a window at a desk, whose tabs share the cache."""
    with browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="light", locale="id-ID"
    ) as context:
        yield context


@pytest.fixture(scope="module")
def pocket(browser: Browser) -> Iterator[BrowserContext]:
    """Open a window on a phone 360 pixels wide, whose tabs share the cache."""
    with browser.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, locale="id-ID"
    ) as context:
        yield context


@pytest.fixture(scope="module")
def tab(desk: BrowserContext, served: Served) -> Visit:
    """Open the page once in a tab that several tests ask in, since loading it takes seconds."""
    return watched(desk, served)


@pytest.fixture
def visit(tab: Visit) -> Visit:
    """Give the tab with an empty question box."""
    tab.ask("")
    tab.settle()
    tab.requests.clear()
    tab.errors.clear()
    return tab


@pytest.fixture
def first_visit(desk: BrowserContext, served: Served) -> Iterator[Visit]:
    """Visit the page in a new tab at a desk."""
    visit = watched(desk, served)
    yield visit
    visit.page.close()


@pytest.fixture
def phone(pocket: BrowserContext, served: Served) -> Iterator[Visit]:
    """Visit the page in a new tab on a phone."""
    visit = watched(pocket, served)
    yield visit
    visit.page.close()


# --- A first visit -------------------------------------------------------------------------------


def test_at_the_first_visit_the_cursor_is_in_the_box_and_enter_asks(first_visit: Visit) -> None:
    expect(first_visit.question).to_be_focused()
    expect(first_visit.page.locator("html")).to_have_attribute("lang", "id")
    expect(first_visit.examples.first).to_be_visible()
    expect(first_visit.question).to_be_focused()
    first_visit.page.keyboard.type(MEASURES)
    first_visit.page.keyboard.press("Enter")
    expect(first_visit.page.locator(".tanya-best mark", has_text=MEASURES)).to_be_visible()
    expect(first_visit.question).to_have_value(MEASURES)
    first_visit.settle()
    first_visit.assert_harmless()


def test_an_example_is_asked_with_one_click(visit: Visit) -> None:
    example = visit.examples.filter(has_text="Perawat").or_(visit.examples).first
    text = example.inner_text().split("\n")[-1]
    example.click()
    expect(visit.question).to_have_value(text)
    expect(visit.cards.first).to_be_attached()
    expect(visit.examples).to_have_count(0)
    visit.settle()
    visit.assert_harmless()


def test_a_reader_whose_browser_is_english_is_greeted_in_english(
    browser: Browser, served: Served
) -> None:
    with browser.new_context(locale="en-GB") as context:
        visit = watched(context, served)
        expect(visit.page.get_by_role("textbox", name="Question")).to_be_visible()
        visit.assert_harmless()


def test_everything_can_be_done_by_keyboard(visit: Visit) -> None:
    def tab_to(target: Locator) -> None:
        for _ in range(40):
            visit.page.keyboard.press("Tab")
            if target.evaluate("e => e === document.activeElement"):
                break
        expect(target).to_be_focused()
        assert target.evaluate("e => e.matches(':focus-visible')")
        shown = target.evaluate(
            "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).boxShadow]"
        )
        assert shown not in (["none", "none"], ["", ""])

    visit.question.focus()
    visit.page.keyboard.type(MEASURES)
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".tanya-best")).to_be_visible()
    visit.settle()
    tab_to(visit.page.get_by_role("button", name="Saring"))
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("combobox", name="Kategori")).to_be_visible()
    visit.page.keyboard.press("Escape")
    tab_to(visit.page.get_by_role("button", name="Salin").first)
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_text("Tautan ke kalimat ini")).to_be_visible()
    visit.page.keyboard.press("Escape")
    tab_to(visit.page.locator("summary", has_text="Baca seluruh dokumen").first)
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".tanya-whole mark").first).to_be_visible()
    visit.assert_harmless()


# --- Asking --------------------------------------------------------------------------------------


def test_a_question_is_answered_with_the_sentence_marked_in_its_passage(visit: Visit) -> None:
    visit.ask("Apa yang diukur perawat setiap pagi?")
    best = visit.page.locator(".tanya-best")
    expect(best).to_have_count(1)
    expect(best.locator(".tanya-title")).to_have_text("Perawat")
    expect(best.locator(".tanya-place")).to_have_text("kesehatan/perawat.md, baris 3")
    expect(best.locator(".tanya-text")).to_have_text(
        f"Ia bekerja di rumah sakit. {MEASURES} Sore hari ia menulis laporan."
    )
    mark = best.locator("mark", has_text=MEASURES)
    expect(mark).to_have_text(MEASURES)
    expect(mark.locator("b", has_text="pagi")).to_be_visible()
    background = mark.evaluate("e => getComputedStyle(e).backgroundColor")
    assert background not in ("", "transparent", "rgba(0, 0, 0, 0)")
    expect(visit.page.get_by_role("heading", name="Jawaban")).to_be_visible()
    visit.settle()
    visit.assert_harmless()


def test_the_language_is_switched_and_the_question_and_its_answer_stay(first_visit: Visit) -> None:
    first_visit.ask(MEASURES)
    expect(first_visit.page.get_by_role("heading", name="Jawaban")).to_be_visible()
    first_visit.page.get_by_role("radio", name="English").click()
    expect(first_visit.page.get_by_role("heading", name="Answer")).to_be_visible()
    expect(first_visit.page.get_by_role("textbox", name="Question")).to_have_value(MEASURES)
    expect(first_visit.page.locator(".tanya-best mark", has_text=MEASURES)).to_be_visible()
    expect(first_visit.page.locator("html")).to_have_attribute("lang", "en")
    assert "lang=en" in first_visit.page.url
    first_visit.open_sidebar()
    expect(first_visit.sidebar).to_contain_text("The index matches the documents.")
    first_visit.assert_harmless()


def test_a_refusal_keeps_the_question_and_folds_the_nearest_passages_away(visit: Visit) -> None:
    visit.ask("Bagaimana cara memperbaiki mesin sepeda motor yang mogok?")
    expect(visit.page.get_by_role("heading", name="Tidak ditemukan")).to_be_visible()
    expect(visit.cards.first).to_be_hidden()
    visit.page.get_by_text("Bagian yang paling mendekati").click()
    expect(visit.cards.first).to_be_visible()
    expect(visit.question).to_have_value(
        "Bagaimana cara memperbaiki mesin sepeda motor yang mogok?"
    )


def test_what_a_reader_says_of_a_passage_is_noted_and_the_answer_stays(visit: Visit) -> None:
    visit.ask(MEASURES)
    expect(visit.page.locator(".tanya-best")).to_be_visible()
    visit.page.get_by_role("radio", name="Thumbs up").first.click()
    expect(visit.page.get_by_text("Terima kasih, tercatat di komputer ini.")).to_be_visible()
    expect(visit.page.locator(".tanya-best")).to_contain_text(MEASURES)
    visit.settle()
    visit.assert_harmless()


def test_a_document_is_opened_at_the_sentence(visit: Visit) -> None:
    visit.ask("Kapan mercusuar dipugar dan kapal nelayan berangkat?")
    best = visit.page.locator(".tanya-best")
    expect(best).to_contain_text("dipugar pada tahun 1987")
    visit.page.locator("summary", has_text="Baca seluruh dokumen").first.click()
    whole = visit.page.locator(".tanya-whole")
    expect(whole).to_have_count(1)
    mark = whole.locator("mark", has_text="dipugar pada tahun 1987")
    expect(mark).to_be_visible()
    # Others of its sentences were found, too, far above.
    expect(whole.locator("mark").first).to_contain_text("kapal nelayan")
    visit.settle()
    inside = """e => {
        const box = e.closest('.tanya-whole').getBoundingClientRect();
        const mark = e.getBoundingClientRect();
        return mark.top >= box.top && mark.bottom <= box.bottom;
    }"""
    assert mark.evaluate(inside)
    # And the reader can scroll from there.
    whole.evaluate("e => { e.scrollTop = 0; }")
    visit.page.wait_for_timeout(300)
    assert whole.evaluate("e => e.scrollTop") == 0
    visit.assert_harmless()


# --- Choosing documents and links ----------------------------------------------------------------


def test_a_filter_chooses_documents_and_the_address_keeps_it(
    visit: Visit, desk: BrowserContext, served: Served
) -> None:
    visit.ask("Siapa yang bekerja di rumah sakit?")
    expect(visit.cards.first).to_be_attached()
    visit.page.get_by_role("button", name="Saring").click()
    visit.page.get_by_role("combobox", name="Kategori").click()
    visit.page.get_by_role("option", name="Kesehatan (1)").click()
    expect(visit.page.get_by_text("Dicari di 1 dari")).to_be_visible()
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator(".tanya-chip")).to_have_text("Kesehatan")
    visit.settle()
    assert "category=kesehatan" in visit.page.url
    again = watched(desk, served, visit.page.url)
    expect(again.page.locator(".tanya-chip")).to_have_text("Kesehatan")
    expect(again.question).to_have_value("Siapa yang bekerja di rumah sakit?")
    expect(again.page.get_by_text("Dicari di 1 dari")).to_be_visible()
    again.page.get_by_role("button", name="Saring · 1").click()
    expect(again.page.get_by_test_id("stPopoverBody")).to_contain_text("Kesehatan (1)")
    expect(again.page.get_by_role("radio", name="5", exact=True)).to_be_checked()
    again.assert_harmless()
    again.page.close()
    visit.page.get_by_role("button", name="Hapus saringan").click()
    expect(visit.page.locator(".tanya-chip")).to_have_count(0)
    visit.settle()
    assert "category" not in visit.page.url


def test_going_back_brings_the_question_before(first_visit: Visit) -> None:
    for question in (MEASURES, "Diplomat mewakili negaranya"):
        first_visit.ask(question)
        expect(first_visit.page.locator(".tanya-best")).to_contain_text(question)
        first_visit.settle()
    first_visit.page.go_back()
    expect(first_visit.question).to_have_value(MEASURES)
    expect(first_visit.page.locator(".tanya-best mark", has_text=MEASURES)).to_be_visible()
    first_visit.assert_harmless()


def _copied_link(visit: Visit) -> str:
    """Return the link to the best sentence, as the button copies it."""
    visit.page.get_by_role("button", name="Salin").first.click()
    link = visit.page.get_by_test_id("stCode").filter(has_text="http")
    expect(link).to_be_visible()
    link.get_by_role("button", name="Copy to clipboard").click()
    return str(visit.page.evaluate("navigator.clipboard.readText()"))


def test_a_link_to_a_sentence_opens_it_and_says_when_it_has_changed(
    visit: Visit, desk: BrowserContext, served: Served
) -> None:
    desk.grant_permissions(["clipboard-read", "clipboard-write"])
    said = "Jembatan gantung itu panjangnya dua ratus meter."
    visit.ask("Berapa panjang jembatan gantung itu?")
    expect(visit.page.locator(".tanya-best")).to_contain_text(said)
    link = _copied_link(visit)
    assert link.startswith(served.address)
    visit.page.keyboard.press("Escape")
    again = watched(desk, served, link)
    expect(again.page.get_by_role("heading", name="Kalimat yang ditautkan")).to_be_visible()
    expect(again.page.locator(".tanya-best mark").first).to_have_text(said)
    again.page.close()

    changed = said.replace("dua ratus", "tiga ratus")
    (served.corpus / "jembatan.txt").write_text(f"{changed}\n", encoding="utf-8")
    rebuild(served.settings)
    again = watched(desk, served, link)
    expect(again.page.get_by_text("Kalimat ini sudah berubah")).to_be_visible()
    expect(again.page.locator(".tanya-quote")).to_have_text(said)
    expect(again.page.locator(".tanya-best mark").first).to_have_text(changed)
    again.assert_harmless()
    again.page.close()


def test_a_hostile_link_stays_text(desk: BrowserContext, served: Served) -> None:
    query = urlencode(
        {"q": f"{SCRIPT} {IMAGE}", "s": f"0123456789:{SCRIPT}", "t": IMAGE, "category": ANCHOR}
    )
    visit = watched(desk, served, f"{served.address}/?{query}")
    expect(visit.page.locator(".tanya-quote")).to_have_text(IMAGE)
    visit.settle()
    main = visit.page.get_by_test_id("stMain")
    assert main.locator("img[src='x'], a[href^='javascript']").count() == 0
    visit.assert_harmless()
    visit.page.close()


# --- Matched words -------------------------------------------------------------------------------


def test_a_word_of_the_question_lights_its_partners_by_mouse_and_by_keyboard(visit: Visit) -> None:
    visit.ask("Apakah nurse mengukur tekanan darah di pagi hari?")
    word = visit.page.locator(".tanya-question .tanya-word", has_text="nurse")
    partner = visit.page.locator(".tanya-best b.tanya-word", has_text="Perawat")
    other = visit.page.locator(".tanya-best b.tanya-word", has_text="pagi")
    expect(partner.first).to_be_visible()
    visit.settle()
    expect(word).to_have_attribute("title", re.compile(r"nurse ↔ perawat, kemiripan 0,\d\d"))
    lit = "rgb(15, 118, 110)"
    expect(partner.first).not_to_have_css("background-color", lit)
    word.hover()
    expect(partner.first).to_have_css("background-color", lit)
    expect(partner.first).to_have_css("color", "rgb(255, 255, 255)")
    expect(word).to_have_css("background-color", lit)
    expect(other.first).not_to_have_css("background-color", lit)

    other.first.hover()
    expect(partner.first).not_to_have_css("background-color", lit)
    expect(visit.page.locator(".tanya-question .tanya-word", has_text="pagi")).to_have_css(
        "background-color", lit
    )

    visit.page.mouse.move(0, 0)
    for _ in range(20):
        visit.page.keyboard.press("Tab")
        if word.evaluate("e => e === document.activeElement"):
            break
    expect(word).to_be_focused()
    expect(partner.first).to_have_css("background-color", lit)
    visit.assert_harmless()


def test_on_a_phone_a_tap_lights_the_partner(phone: Visit) -> None:
    phone.ask("Apakah nurse mengukur tekanan darah di pagi hari?")
    partner = phone.page.locator(".tanya-best b.tanya-word", has_text="Perawat").first
    expect(partner).to_be_visible()
    phone.settle()
    phone.page.locator(".tanya-question .tanya-word", has_text="nurse").tap()
    expect(partner).to_have_css("background-color", "rgb(15, 118, 110)")
    assert phone.page.evaluate(WIDTHS)["scroll"] <= 0


# --- Hostile texts -------------------------------------------------------------------------------


def test_a_hostile_document_and_its_file_name_are_shown_letter_by_letter(visit: Visit) -> None:
    visit.ask(ASKS_HOSTILE)
    card = visit.cards.filter(has_text="Kapal induk")
    expect(card).to_be_attached()
    visit.settle()
    assert (card.locator(".tanya-text").text_content() or "").strip() == HOSTILE_TEXT
    expect(card.locator(".tanya-place")).to_have_text(
        "jahat/<img src=x onerror=window.hacked=1>.txt, baris 1"
    )
    assert card.locator("script, img, a, iframe, style, h1").count() == 0
    expect(visit.page.get_by_role("heading", name="lolos")).to_have_count(0)
    expect(visit.question).to_be_visible()
    visit.assert_harmless()


def test_a_hostile_title_and_heading_are_shown_and_markdown_loads_and_links_nothing(
    visit: Visit,
) -> None:
    visit.ask("Gajah sirkus menari di bawah bulan purnama")
    card = visit.cards.filter(has_text="Gajah sirkus")
    expect(card).to_be_attached()
    visit.settle()
    expect(card.locator(".tanya-title")).to_have_text(f"{SCRIPT} {IMAGE} › {FRAME}")
    text = card.locator(".tanya-text").text_content() or ""
    assert f"di bawah bulan {SCRIPT} purnama." in text
    assert "klik" in text
    assert card.locator("script, img, a, iframe").count() == 0
    visit.assert_harmless()


def test_a_hostile_title_stays_text_as_a_choice_an_example_and_a_topic(
    desk: BrowserContext, served: Served
) -> None:
    query = urlencode({"document": "jahat/judul.md", "q": "Bagaimana cara menambal ban bocor?"})
    visit = watched(desk, served, f"{served.address}/?{query}")
    title = f"{SCRIPT} {IMAGE}"
    expect(visit.page.locator(".tanya-chip")).to_have_text(title)
    expect(visit.page.locator(".st-key-tanya-topics button")).to_have_text(title)
    visit.page.get_by_role("button", name="Saring · 1").click()
    expect(visit.page.get_by_test_id("stPopoverBody")).to_contain_text(title)
    visit.page.get_by_role("combobox", name="Dokumen").click()
    visit.settle()
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("Escape")
    visit.page.locator(".st-key-tanya-topics button").click()
    expect(visit.question).to_have_value(f"Apa itu {title}?")
    visit.ask("")
    expect(visit.examples.first).to_be_visible()
    for _ in range(3):
        visit.page.get_by_role("button", name="Contoh lain").click()
        visit.settle()
    main = visit.page.get_by_test_id("stApp")
    assert main.locator("img[src='x'], iframe, a[href^='javascript']").count() == 0
    visit.assert_harmless()
    visit.page.close()


def test_a_skipped_file_with_a_hostile_name_is_named_in_the_sidebar(visit: Visit) -> None:
    visit.open_sidebar()
    visit.sidebar.get_by_text("1 berkas dilewati").click()
    expect(visit.sidebar.get_by_text("jahat/<script>window.hacked=1<!--.txt")).to_be_visible()
    visit.settle()
    visit.assert_harmless()


def test_a_hostile_question_stays_a_question(visit: Visit) -> None:
    for question in (
        f"{SCRIPT} {IMAGE} {FRAME} {STYLES}",
        f"{PICTURE} {LINK} {ANCHOR} $x^2$ :material/home: **tebal**",
        '"judul:perawat" AND (NOT * OR \'; DROP TABLE documents; --',
    ):
        visit.ask(question)
        visit.settle()
        expect(visit.cards.first).to_be_attached()
        expect(visit.question).to_have_value(question)
        expect(visit.page.get_by_test_id("stException")).to_have_count(0)
        expect(visit.page.get_by_test_id("stAlertContentError")).to_have_count(0)
        main = visit.page.get_by_test_id("stMain")
        assert main.locator("iframe, img[src='x'], a[href^='javascript']").count() == 0
        assert not any("hacked" in text for text in main.locator("script").all_text_contents())
        visit.assert_harmless()


# --- Rebuilding ----------------------------------------------------------------------------------


def test_an_edited_document_is_noticed_and_after_rebuild_answers_the_same_question(
    visit: Visit, served: Served
) -> None:
    question = "Menara suar itu dicat warna apa?"
    visit.ask(question)
    expect(visit.page.locator(".tanya-best")).to_contain_text("dicat merah pada tahun 1890")
    visit.open_sidebar()
    expect(visit.sidebar).to_contain_text("Indeks sesuai dengan dokumen.")

    changed = "Menara suar itu dicat hijau pada tahun 1912, lalu ditutup.\n"
    (served.corpus / "menara.txt").write_text(changed, encoding="utf-8")
    notice = "Dokumen sudah berubah sejak indeks dibuat: 0 baru, 1 berubah, 0 dihapus."
    # Any sign of life from the reader shows it; on a busy machine a look at the files may hold for
    # a few seconds, so that the next sign does.
    for attempt in range(10):
        visit.ask(question + " " * (attempt % 2 + 1))
        visit.settle()
        if notice in visit.sidebar.inner_text():
            break
        visit.page.wait_for_timeout(1000)
    expect(visit.sidebar).to_contain_text(notice)
    expect(visit.page.locator(".tanya-best")).to_contain_text("dicat merah pada tahun 1890")

    rebuild(served.settings)
    visit.ask(question)
    expect(visit.sidebar).not_to_contain_text(notice)
    expect(visit.page.locator(".tanya-best")).to_contain_text("dicat hijau pada tahun 1912")
    expect(visit.page.get_by_text("dicat merah")).to_have_count(0)
    assert visit.question.input_value().strip() == question
    visit.assert_harmless()


# --- Sizes and colours ---------------------------------------------------------------------------


def test_on_a_phone_nothing_has_to_be_scrolled_sideways(phone: Visit) -> None:
    assert phone.page.evaluate(WIDTHS)["scroll"] <= 0
    for question in (
        MEASURES,
        ASKS_HOSTILE,
        f"Kata terpanjang ialah {LONG_WORD} di kamus itu.",
        "Bagaimana cara memperbaiki mesin sepeda motor yang mogok?",
    ):
        phone.ask(question)
        phone.settle()
        expect(phone.cards.first).to_be_attached()
        folded = phone.page.get_by_text("Bagian yang paling mendekati")
        if folded.count():
            folded.click()
        expect(phone.cards.first).to_be_visible()
        widths = phone.page.evaluate(WIDTHS)
        assert widths["scroll"] <= 0, question
        assert widths["right"] <= 360, question


def test_on_a_phone_the_sidebar_is_folded_away_and_can_be_opened(phone: Visit) -> None:
    expect(phone.sidebar.get_by_text("python ingest.py")).not_to_be_in_viewport()
    phone.page.get_by_test_id("stExpandSidebarButton").click()
    expect(phone.sidebar.get_by_text("python ingest.py")).to_be_in_viewport()
    assert phone.page.evaluate(WIDTHS)["scroll"] <= 0


# The luminance, from 0 to 255, of what an element's colour looks like.
_BRIGHTNESS = """(element, property) => {
    const canvas = document.createElement('canvas').getContext('2d');
    canvas.fillStyle = getComputedStyle(element)[property];
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}"""


def test_the_page_follows_the_colour_scheme_of_the_readers_system(
    visit: Visit, browser: Browser, served: Served
) -> None:
    with browser.new_context(color_scheme="dark", locale="id-ID") as context:
        for reader, dark in ((visit, False), (watched(context, served), True)):
            reader.ask(MEASURES)
            expect(reader.page.locator(".tanya-best")).to_be_visible()
            app = reader.page.get_by_test_id("stApp")
            background = app.evaluate(_BRIGHTNESS, "backgroundColor")
            letters = reader.page.locator(".tanya-best mark").first.evaluate(_BRIGHTNESS, "color")
            assert (background < 60) == dark
            assert (letters > 190) == dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(
    scheme: Literal["light", "dark"], browser: Browser, served: Served
) -> None:
    size: ViewportSize = {"width": 1000, "height": 900}
    with browser.new_context(color_scheme=scheme, locale="id-ID", viewport=size) as context:
        visit = watched(context, served)
        expect(visit.examples.first).to_be_visible()
        visit.settle()
        assert visit.page.evaluate(FAINT) == []
        visit.page.get_by_role("button", name="Saring").click()
        expect(visit.page.get_by_role("combobox", name="Kategori")).to_be_visible()
        visit.settle()
        assert visit.page.evaluate(FAINT) == []
        visit.page.keyboard.press("Escape")
        visit.ask("Apakah nurse mengukur tekanan darah di pagi hari?")
        expect(visit.page.locator(".tanya-best")).to_be_visible()
        visit.page.locator("summary", has_text="Baca seluruh dokumen").first.click()
        expect(visit.page.locator(".tanya-whole")).to_be_visible()
        visit.page.get_by_role("button", name="Salin").first.click()
        expect(visit.page.get_by_text("Tautan ke kalimat ini")).to_be_visible()
        visit.settle()
        assert visit.page.evaluate(FAINT) == []
        visit.page.keyboard.press("Escape")
        visit.ask("Bagaimana cara memperbaiki mesin sepeda motor yang mogok?")
        expect(visit.page.get_by_role("heading", name="Tidak ditemukan")).to_be_visible()
        expect(visit.page.locator(".tanya-whole")).to_have_count(0)
        visit.settle()
        assert visit.page.evaluate(FAINT) == []


def test_at_twice_the_size_nothing_has_to_be_scrolled_sideways(
    browser: Browser, served: Served
) -> None:
    # A window of 1,280 pixels at 200 % has room for 640.
    size: ViewportSize = {"width": 640, "height": 450}
    with browser.new_context(locale="id-ID", viewport=size, device_scale_factor=2) as context:
        visit = watched(context, served)
        assert visit.page.evaluate(WIDTHS)["scroll"] <= 0
        visit.ask(MEASURES)
        expect(visit.page.locator(".tanya-best")).to_be_visible()
        visit.settle()
        assert visit.page.evaluate(WIDTHS)["scroll"] <= 0
