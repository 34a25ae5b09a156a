"""The editor in a real Chromium: building while others ask, stopping it, sizes and colours."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tanya.index import published_name
from tests.browsing import FAINT, WIDTHS, watched
from tests.serving import Served, serving
from tests.test_browser import IMAGE, SCRIPT

FILES = {
    "menara.txt": "Menara suar itu dicat merah pada tahun 1890.\n",
    "kesehatan/perawat.md": "# Perawat\n\nPerawat mengukur tekanan darah setiap pagi.\n",
}
QUESTION = "Menara suar itu dicat warna apa?"
PRESSURE = "Perawat mengukur tekanan darah setiap pagi."


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Served]:
    """Serve the page with its editor on."""
    folder = tmp_path_factory.mktemp("editor")
    with serving(folder, FILES, {"TANYA_EDITOR": "true", "OMP_NUM_THREADS": "1"}) as served:
        yield served


def edit(context: BrowserContext, served: Served) -> Page:
    """Open the editor in a new tab."""
    page = context.new_page()
    page.goto(f"{served.address}/?view=editor")
    expect(page.get_by_role("button", name="Bangun ulang")).to_be_visible()
    return page


def write_many(served: Served, name: str, count: int) -> None:
    """Write documents that take seconds to embed."""
    folder = served.corpus / name
    folder.mkdir()
    for i in range(count):
        lines = (f"Di {name} bagian {i} butir {j} menyebut angka {i * j}." for j in range(25))
        (folder / f"{i}.txt").write_text("\n".join(lines), encoding="utf-8")


def test_while_one_tab_edits_and_rebuilds_another_asks_and_gets_the_new_text(
    desk: BrowserContext, served: Served
) -> None:
    reader = watched(desk, served)
    reader.ask(QUESTION)
    expect(reader.cards.first).to_contain_text("dicat merah")
    page = edit(desk, served)
    page.get_by_role("tab", name="Dokumen").click()
    page.get_by_role("combobox", name="Dokumen yang disunting").click()
    page.get_by_role("option", name="menara.txt").click()
    text = page.get_by_role("textbox", name="Isi")
    expect(text).to_have_value(FILES["menara.txt"])
    text.fill(f"Menara suar itu dicat hijau pada tahun 1912 {SCRIPT} {IMAGE}.\n")
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.get_by_text("menara.txt tersimpan.")).to_be_visible()
    write_many(served, "batu", 12)
    page.get_by_role("tab", name="Indeks", exact=True).click()
    page.get_by_role("button", name="Bangun ulang").click()
    expect(page.get_by_role("button", name="Batalkan")).to_be_visible()
    reader.ask(PRESSURE)
    expect(reader.cards.first).to_contain_text("tekanan darah")
    expect(page.get_by_text("Selesai: 14 dokumen")).to_be_visible(timeout=60_000)
    reader.ask(QUESTION)
    expect(reader.cards.first).to_contain_text("dicat hijau")
    reader.settle()
    reader.assert_harmless()
    assert page.evaluate("window.hacked") is None
    page.close()
    reader.page.close()


def test_a_build_is_cancelled_and_one_whose_tab_was_closed_goes_on(
    desk: BrowserContext, served: Served
) -> None:
    before = published_name(served.settings.index)
    # So many that the build is not through before it can be cancelled.
    write_many(served, "pasir", 80)
    page = edit(desk, served)
    page.get_by_role("button", name="Bangun ulang").click()
    expect(page.get_by_text("Menghitung vektor")).to_be_visible()
    page.get_by_role("button", name="Batalkan").click()
    expect(page.get_by_text("Pembangunan dibatalkan.")).to_be_visible()
    assert published_name(served.settings.index) == before
    page.get_by_role("button", name="Bangun ulang").click()
    expect(page.get_by_role("button", name="Batalkan")).to_be_visible()
    page.close()
    other = desk.new_page()
    other.goto(f"{served.address}/?view=editor")
    expect(other.get_by_text(re.compile(r"Selesai: \d+ dokumen"))).to_be_visible(timeout=60_000)
    assert published_name(served.settings.index) != before
    other.close()


def test_the_editor_is_left_by_its_button_or_by_going_back_for_the_question_of_before(
    desk: BrowserContext, served: Served
) -> None:
    reader = watched(desk, served)
    reader.ask(QUESTION)
    expect(reader.cards.first).to_be_attached()
    reader.settle()
    reader.open_sidebar()
    for going_back in (True, False):
        reader.sidebar.get_by_role("button", name="Buka editor").click()
        expect(reader.page.get_by_role("button", name="Bangun ulang")).to_be_visible()
        assert "view=editor" in reader.page.url
        reader.settle()
        if going_back:
            reader.page.go_back()
        else:
            reader.page.get_by_role("button", name="Kembali bertanya").click()
        expect(reader.question).to_have_value(QUESTION)
        expect(reader.cards.first).to_be_attached()
        reader.settle()
    reader.assert_harmless()
    reader.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_editor_fits_and_every_text_stands_out(
    browser: Browser,
    served: Served,
    scheme: str,
) -> None:
    with browser.new_context(
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="id-ID",
    ) as context:
        page = edit(context, served)
        for tab in ("Indeks", "Dokumen", "Versi"):
            page.get_by_role("tab", name=tab, exact=True).click()
            page.wait_for_timeout(400)
            assert page.evaluate(WIDTHS)["scroll"] <= 0, tab
            assert page.evaluate(FAINT) == [], tab
