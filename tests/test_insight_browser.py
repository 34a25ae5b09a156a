"""What readers ask, as the editor sees it in a real Chromium: gaps, a damaged index, the health."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tanya.index import published_name
from tanya.labels import read_labels
from tests.browsing import FAINT, WIDTHS, Visit, watched
from tests.serving import Served, serving
from tests.test_browser import IMAGE, SCRIPT

FILES = {
    "menara.txt": "Menara suar itu dicat merah pada tahun 1890.\n",
    "kesehatan/perawat.md": "# Perawat\n\nPerawat mengukur tekanan darah setiap pagi.\n",
}
COOKING = "Bagaimana cara memasak nasi goreng?"
COOKING_TOO = "cara masak nasi goreng gimana"
HOSTILE = f"Berapa jarak ke bulan {SCRIPT} {IMAGE}?"
RECIPE = (
    "Nasi goreng dimasak begini: tumis bawang, kecap manis dan telur di wajan panas, lalu masukkan "
    "nasi.\n"
)
PRESSURE = "Perawat mengukur apa setiap pagi?"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Served]:
    """Serve the page with its editor on."""
    folder = tmp_path_factory.mktemp("insight")
    with serving(folder, FILES, {"TANYA_EDITOR": "true", "OMP_NUM_THREADS": "1"}) as served:
        yield served


def edit(context: BrowserContext, served: Served, tab: str) -> Visit:
    """Open a tab of the editor in a new tab of the browser."""
    page = context.new_page()
    visit = Visit(page, served.address)
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.goto(f"{served.address}/?view=editor")
    open_tab(page, tab)
    return visit


def open_tab(page: Page, name: str) -> None:
    """Open a tab of the editor."""
    page.get_by_role("tab", name=name, exact=True).click()


def gap(page: Page, question: str) -> Page:
    """Return the box of a gap."""
    return page.locator('[class*="st-key-tanya-gap-"]').filter(has_text=question).first  # type: ignore[return-value]


def refuse(visit: Visit, question: str) -> None:
    """Ask what the documents do not answer."""
    visit.ask(question)
    expect(visit.page.get_by_role("heading", name="Tidak ditemukan di dokumen ini")).to_be_visible()
    visit.settle()


def test_a_refused_question_becomes_a_gap_that_an_edit_closes_and_a_test_question(
    desk: BrowserContext, served: Served
) -> None:
    reader = watched(desk, served)
    for question in (COOKING, HOSTILE, COOKING_TOO):
        refuse(reader, question)
    visit = edit(desk, served, "Belum terjawab")
    page = visit.page
    expect(page.get_by_role("radio", name="terbuka (2)")).to_be_visible()
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    expect(gap(page, COOKING)).to_contain_text("ditolak 2")
    expect(gap(page, COOKING)).to_contain_text(COOKING_TOO)

    # It is to be answered by a document, which is opened from here.
    gap(page, COOKING).get_by_role("button", name="Tangani").click()
    documents = page.get_by_role("combobox", name="Dokumen yang akan menjawab")
    expect(documents).to_be_visible()
    visit.settle()
    visit.choose(documents, "menara.txt")
    expect(gap(page, COOKING)).to_contain_text("untuk menara.txt")
    page.get_by_role("button", name="Sunting dokumen").click()
    text = page.get_by_role("textbox", name="Isi")
    expect(text).to_have_value(FILES["menara.txt"])
    text.fill(FILES["menara.txt"] + "\n" + RECIPE)
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.get_by_text("menara.txt tersimpan.")).to_be_visible()
    open_tab(page, "Indeks")
    page.get_by_role("button", name="Bangun ulang").click()
    expect(page.get_by_text("Selesai: 2 dokumen")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("1 pertanyaan yang belum terjawab kini terjawab")).to_be_visible()
    reader.ask(COOKING)
    expect(reader.cards.first).to_contain_text("bawang, kecap manis")

    # What it answers now is kept as a question for the gate with one click.
    open_tab(page, "Belum terjawab")
    page.get_by_text("terjawab (1)").click()
    gap(page, COOKING).get_by_role("button", name="Tangani").click()
    page.get_by_role("button", name="Ini jawabannya").first.click()
    expect(page.get_by_text("Ditambahkan ke pertanyaan uji")).to_be_visible()
    [label] = read_labels(served.corpus / "questions.jsonl")
    assert (label.document, label.evidence) == ("menara.txt", (RECIPE.strip(),))
    assert label.question in (COOKING, COOKING_TOO)

    # What nothing should answer is to be refused by every build.
    page.get_by_text("terbuka (1)").click()
    page.get_by_role("button", name="Tangani").click()
    page.get_by_role("button", name="Memang tak boleh dijawab").click()
    expect(page.get_by_role("radio", name="diabaikan (1)")).to_be_visible()
    assert [one.answerable for one in read_labels(served.corpus / "questions.jsonl")] == [
        True,
        False,
    ]
    for each in (visit, reader):
        each.settle()
        each.assert_harmless()
    page.close()
    reader.page.close()


def test_a_gap_is_dismissed_opened_again_and_all_are_downloaded(
    desk: BrowserContext, served: Served
) -> None:
    reader = watched(desk, served)
    refuse(reader, "Apakah kucing boleh minum susu?")
    reader.page.close()
    page = edit(desk, served, "Belum terjawab").page
    box = gap(page, "minum susu")
    box.get_by_role("button", name="Abaikan").click()
    expect(page.get_by_text("Diabaikan.")).to_be_visible()
    page.get_by_text("diabaikan (").click()
    gap(page, "minum susu").get_by_role("button", name="Buka lagi").click()
    expect(page.get_by_text("Dibuka lagi.")).to_be_visible()
    page.get_by_role("button", name="Unduh").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="JSON").click()
    found = json.loads(waiting.value.path().read_bytes())
    assert {one["question"]: one["state"] for one in found}[
        "Apakah kucing boleh minum susu?"
    ] == "open"
    page.close()


def test_the_health_counts_what_was_asked_and_draws_it_without_a_network(
    desk: BrowserContext, served: Served
) -> None:
    visit = edit(desk, served, "Kinerja")
    page = visit.page
    asked = page.get_by_test_id("stMetric").filter(has_text="Pertanyaan")
    expect(asked.first).to_be_visible()
    count = int(asked.first.get_by_test_id("stMetricValue").inner_text())
    reader = watched(desk, served)
    reader.ask("Menara suar itu dicat tahun berapa?")
    expect(reader.cards.first).to_contain_text("dicat merah")
    reader.settle()
    reader.page.close()
    page.get_by_text("7 hari").click()
    expect(asked.first.get_by_test_id("stMetricValue")).to_have_text(str(count + 1))
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    for name in ("Pertanyaan", "Berapa kali", "Ditolak"):
        expect(page.get_by_role("columnheader", name=name, exact=True)).to_have_count(1)
    # The folder's name is the administrator's business; another one than "index" may be set.
    expect(page.get_by_text("Disimpan")).not_to_contain_text("index/")
    expect(
        page.get_by_role("rowheader", name="Menara suar itu dicat tahun berapa?")
    ).to_be_visible()
    visit.settle()
    visit.assert_harmless()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_both_fit_and_every_text_stands_out(
    browser: Browser,
    served: Served,
    scheme: str,
) -> None:
    with browser.new_context(
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="id-ID",
    ) as context:
        page = edit(context, served, "Belum terjawab").page
        page.get_by_role("button", name="Tangani").first.click()
        expect(page.get_by_text("Kutipan terdekat")).to_be_visible()
        for tab in ("Belum terjawab", "Kinerja"):
            open_tab(page, tab)
            page.wait_for_timeout(800)
            assert page.evaluate(WIDTHS)["scroll"] <= 0, tab
            assert page.evaluate(FAINT) == [], tab


def test_a_damaged_index_answers_on_from_the_build_before_with_a_warning_and_without_a_path(
    desk: BrowserContext, served: Served
) -> None:
    """The last test of this server: its index is damaged from here on."""
    reader = watched(desk, served)
    reader.ask(PRESSURE)
    expect(reader.cards.first).to_contain_text("tekanan darah")
    index = served.settings.index
    build = index / "builds" / str(published_name(index))
    lexical = next(
        path for path in sorted((build / "lexical").iterdir()) if path.stat().st_size > 99
    )
    spoiled = bytearray(lexical.read_bytes())
    spoiled[len(spoiled) // 2] ^= 0xFF
    (build / "vectors.faiss").unlink()
    lexical.write_bytes(spoiled)
    other = watched(desk, served)
    other.open_sidebar()
    expect(other.sidebar.get_by_text("Indeks terbaru rusak")).to_be_visible()
    other.ask(PRESSURE)
    expect(other.cards.first).to_contain_text("tekanan darah")
    assert str(index.parent) not in other.page.content()
    for name in sorted((index / "builds").iterdir()):
        for path in name.glob("vectors.faiss"):
            path.unlink()
    page = edit(desk, served, "Indeks").page
    page.get_by_role("button", name="Bangun ulang").click()
    expect(page.get_by_text("Selesai: 2 dokumen")).to_be_visible(timeout=60_000)
    other.ask("Menara suar itu dicat warna apa?")
    expect(other.cards.first).to_contain_text("dicat merah")
    for visit in (reader, other):
        visit.page.close()
    page.close()
