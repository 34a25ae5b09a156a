"""What axe-core says of the page and the editor, in every state that a reader can bring them to.

Nothing of an impact that it calls serious or critical may be found, be it in Streamlit's own parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal
from urllib.parse import urlencode

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tanya.catalogue import sentence_mark
from tanya.page.editor_texts import EDITOR_LANGUAGES, EditorTexts
from tanya.page.insight_texts import INSIGHT_LANGUAGES
from tanya.page.texts import LANGUAGES, Texts
from tests.browsing import Visit, watched
from tests.serving import Served, serving

PASSWORD = "rahasia"
MEASURES = "Perawat mengukur tekanan darah dan suhu tubuh pasien setiap pagi."
FILES = {
    "kesehatan/perawat.md": (
        "---\ntingkat: dasar\n---\n# Perawat\n\n## Tugas\n\n"
        f"Ia bekerja di rumah sakit. {MEASURES} Sore hari ia menulis laporan.\n"
    ),
    "kesehatan/bidan.md": (
        "---\ntingkat: lanjut\n---\n# Bidan\n\n## Tugas\n\n"
        "Bidan memeriksa ibu hamil setiap pagi. Ia juga mengukur tekanan darah ibu.\n"
    ),
    "diplomat.txt": "Diplomat mewakili negaranya dalam perundingan dengan negara lain.\n",
    "kosong.txt": "",
    "questions.jsonl": (
        '{"question": "Apa yang diukur perawat?", "document": "kesehatan/perawat.md", '
        '"evidence": ["mengukur tekanan darah dan suhu"], "answerable": true}\n'
    ),
}
QUESTION = "Apa yang diukur nurse setiap pagi?"
UNANSWERABLE = "Bagaimana cara memperbaiki mesin sepeda motor yang mogok?"


@dataclass(frozen=True, slots=True)
class Window:
    """A reader's window: how large, and in which language. It is looked at in both colours."""

    size: ViewportSize
    language: str

    @property
    def texts(self) -> Texts:
        """The texts of the page."""
        return LANGUAGES[self.language]

    @property
    def words(self) -> EditorTexts:
        """The texts of the editor."""
        return EDITOR_LANGUAGES[self.language]


DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
WINDOWS = (Window(DESK, "id"), Window(PHONE, "en"))
# Of axe's rules only these see another page when its colours are others.
_OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# With which options axe is run on each.
SCHEMES: dict[Literal["light", "dark"], dict[str, object]] = {
    "light": {},
    "dark": {"runOnly": _OF_COLOURS},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """An element that breaks a rule in a state of the page."""

    state: str
    rule: str
    impact: str
    target: str
    html: str
    why: str


# What fades in or out has a colour of its own at every moment.
_STILL = "*, ::before, ::after { transition: none !important; animation: none !important; }"
# Nothing of the page is from before.
_FRESH = """() => document.querySelector('[data-test-script-state=notRunning]')
    && !document.querySelector('[data-stale=true]')"""
_SCHEME = """scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"""
# Runs axe, and tells each element that breaks a rule with what is wrong with it.
_RUN = """async options => {
    const found = await axe.run(document, {resultTypes: ['violations'], ...options});
    return found.violations
        .filter(rule => ['serious', 'critical'].includes(rule.impact))
        .flatMap(rule => rule.nodes.map(node => ({
            rule: rule.id,
            impact: rule.impact,
            target: node.target.join(' '),
            html: node.html.slice(0, 300),
            why: [...node.any, ...node.all, ...node.none].map(check => check.message).join('; '),
        })));
}"""


def audit(page: Page, state: str) -> Iterator[Finding]:
    """Yield what axe finds on the page as it is now, on light and on dark."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
        page.add_style_tag(content=_STILL)
    page.wait_for_function(_FRESH)
    for scheme, options in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_SCHEME, arg=scheme)
        found: list[dict[str, str]] = page.evaluate(_RUN, options)
        for one in found:
            yield Finding(f"{state}, {scheme}", **one)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Served]:
    """Serve the page with an editor behind a password."""
    environment = {"TANYA_EDITOR": "true", "TANYA_ADMIN_PASSWORD": PASSWORD, "OMP_NUM_THREADS": "1"}
    with serving(tmp_path_factory.mktemp("accessibility"), FILES, environment) as served:
        yield served


def _asking(visit: Visit, window: Window) -> Iterator[str]:
    """Bring the page from state to state, yielding the name of each when it is reached."""
    page, texts = visit.page, window.texts
    expect(visit.examples.first).to_be_visible()
    yield "first visit"
    visit.open_sidebar()
    expect(visit.sidebar.get_by_text(texts.skipped.format(count=1))).to_be_visible()
    visit.sidebar.get_by_text(texts.skipped.format(count=1)).click()
    expect(visit.sidebar.get_by_text("kosong.txt")).to_be_visible()
    yield "sidebar"
    visit.sidebar.hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    visit.settle()
    page.get_by_role("button", name=texts.filter).click()
    expect(page.get_by_role("combobox", name=texts.category)).to_be_visible()
    yield "filter"
    page.get_by_role("combobox", name=texts.category).click()
    expect(page.get_by_role("option").first).to_be_visible()
    yield "choosing a category"
    page.get_by_role("option", name="Kesehatan (2)").click()
    visit.settle()
    yield "a category is chosen"


def _answered(visit: Visit, window: Window, served: Served) -> Iterator[str]:
    """Go on from where _asking ends, with what questions lead to."""
    page, texts = visit.page, window.texts
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    visit.ask(UNANSWERABLE)
    expect(page.get_by_role("heading", name=texts.not_found)).to_be_visible()
    page.get_by_text(texts.nearest).click()
    expect(visit.cards.first).to_be_visible()
    yield "refusal within a filter"
    page.get_by_role("button", name=texts.ask_everywhere).click()
    visit.settle()
    yield "refusal"
    visit.ask(QUESTION)
    expect(page.locator(".tanya-best")).to_be_visible()
    page.locator("summary", has_text=texts.whole).first.click()
    expect(page.locator(".tanya-whole")).to_be_visible()
    yield "answer with a document opened"
    page.get_by_role("button", name=texts.share, exact=True).first.click()
    expect(page.get_by_text(texts.sentence_link)).to_be_visible()
    yield "copying a passage"
    page.keyboard.press("Escape")
    for name, label in (
        ("sharing", texts.share_question),
        ("downloading", texts.download),
        ("history", texts.history),
    ):
        page.get_by_role("button", name=label, exact=True).click()
        expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
        yield name
        page.keyboard.press("Escape")
    for name, sentence in (("linked sentence", MEASURES), ("changed sentence", "Perawat tidur.")):
        link = {"s": f"{sentence_mark(sentence)}:kesehatan/perawat.md", "t": sentence}
        page.goto(f"{served.address}/?{urlencode(link)}")
        expect(page.get_by_role("heading", name=texts.linked)).to_be_visible()
        expect(page.locator(".tanya-best")).to_be_visible()
        yield name


def _editing(visit: Visit, window: Window, served: Served) -> Iterator[str]:
    """Bring the editor from state to state, as _asking does the page."""
    page, words = visit.page, window.words
    name = f"baru-{window.size['width']}.txt"
    (served.corpus / name).write_text(f"Perawat dari {name}.\n", encoding="utf-8")
    page.goto(f"{served.address}/?view=editor")
    password = page.get_by_label(words.password, exact=True)
    expect(password).to_be_visible()
    yield "password"
    password.fill("salah")
    password.press("Enter")
    expect(page.get_by_text(words.wrong)).to_be_visible()
    yield "wrong password"
    password.fill(PASSWORD)
    password.press("Enter")
    expect(page.get_by_role("button", name=words.rebuild)).to_be_visible()
    page.get_by_role("tab", name=words.documents).click()
    visit.settle()
    yield "documents"
    chooser = page.get_by_role("combobox", name=words.choose)
    chooser.click()
    expect(page.get_by_role("option", name=name)).to_be_visible()
    yield "choosing a document"
    page.get_by_role("option", name=name).click()
    text = page.get_by_role("textbox", name=words.text)
    expect(text).to_be_visible()
    yield "a draft"
    text.fill(f"Bidan dari {name}.\n")
    page.get_by_role("button", name=words.save, exact=True).click()
    expect(page.get_by_text(words.saved.format(name=name))).to_be_visible()
    visit.settle()
    # Who saves goes on with the documents.
    expect(page.get_by_role("tab", name=words.documents)).to_have_attribute("aria-selected", "true")
    yield "saved"


def _built(visit: Visit, window: Window) -> Iterator[str]:
    """Go on from where _editing ends, with what building leads to."""
    page, texts, words = visit.page, window.texts, window.words
    page.get_by_role("tab", name=words.index, exact=True).click()
    expect(page.get_by_text(words.changes, exact=True)).to_be_visible()
    visit.settle()
    yield "index"
    page.get_by_role("button", name=words.rebuild).click()
    # Each window adds a document to the three of FILES.
    documents = 4 + WINDOWS.index(window)
    done = texts.rebuilt.partition("{sentences}")[0].format(documents=documents)
    expect(page.get_by_text(done)).to_be_visible()
    expect(page.get_by_role("table")).to_be_visible()
    visit.settle()
    yield "built"
    builds = page.get_by_role("tab", name=words.builds, exact=True)
    # The page is shown anew after a build; for a moment there may be the old tabs, too.
    expect(builds).to_have_count(1)
    builds.click()
    visit.settle()
    yield "builds"
    page.get_by_role("button", name=words.roll_back).first.click()
    expect(page.get_by_text(words.roll_back_ask)).to_be_visible()
    yield "going back to a build"
    page.keyboard.press("Escape")
    insight = INSIGHT_LANGUAGES[window.language]
    page.get_by_role("tab", name=insight.gaps.tab, exact=True).click()
    page.get_by_role("button", name=insight.gaps.handle, exact=True).first.click()
    expect(page.get_by_role("heading", name=insight.gaps.nearest)).to_be_visible()
    visit.settle()
    yield "dealing with a gap"
    page.get_by_role("tab", name=insight.health.tab, exact=True).click()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    visit.settle()
    yield "health"


def test_no_state_of_the_page_has_a_serious_fault(browser: Browser, served: Served) -> None:
    faults: list[Finding] = []
    for window in WINDOWS:
        small = window.size is PHONE
        with browser.new_context(
            viewport=window.size,
            color_scheme="light",
            locale=f"{window.language}-ID",
            is_mobile=small,
            has_touch=small,
        ) as context:
            visit = watched(context, served)
            for state in chain(
                _asking(visit, window),
                _answered(visit, window, served),
                _editing(visit, window, served),
                _built(visit, window),
            ):
                faults += audit(visit.page, f"{state}, {window.size['width']} pixels")
    assert not faults, "\n".join(
        f"{fault.state}: {fault.rule} ({fault.impact}) at {fault.target}: {fault.html} {fault.why}"
        for fault in faults
    )
