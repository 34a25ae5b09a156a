"""Take the pictures of the page that the README shows: ``python docs/screenshots.py``.

It needs what the tests need (requirements-dev.txt) and Chromium. It builds an index of the sample
corpus in a temporary folder and serves the page from there.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tanya.build import rebuild  # noqa: E402
from tanya.settings import Settings  # noqa: E402
from tests.browsing import find_chromium, launched  # noqa: E402
from tests.serving import Served, running  # noqa: E402

DOCS = ROOT / "docs"
QUESTION = "Apa tugas utama pengelola proyek kerja sama internasional?"
UNANSWERABLE = "Bagaimana cara merawat motor matic supaya awet?"
# What readers asked before, so that the editor has something to show.
ASKED = (
    QUESTION,
    UNANSWERABLE,
    "motor matic biar awet gimana ngerawatnya",
    "Berapa jarak bumi ke bulan?",
    "Apa bedanya bidan dengan perawat?",
)
DESK: ViewportSize = {"width": 1180, "height": 860}
PHONE: ViewportSize = {"width": 360, "height": 740}
# Colours in a picture: enough for letters and their edges, at a third of the size.
_COLOURS = 128


@dataclass(frozen=True, slots=True)
class Picture:
    """A state of the page: its name, the window, its colours, and how it is reached."""

    name: str
    size: ViewportSize
    scheme: Literal["light", "dark"]
    reach: Callable[[Page, Served], None]


def _ask(question: str, selector: str) -> Callable[[Page, Served], None]:
    """Return what asks a question and waits for what it is to show."""

    def reach(page: Page, served: Served) -> None:
        page.goto(f"{served.address}/?{urlencode({'q': question})}")
        expect(page.locator(selector).first).to_be_visible()

    return reach


def _edit(page: Page, served: Served) -> None:
    """Show what readers found no answer to."""
    page.goto(f"{served.address}/?view=editor")
    page.get_by_role("tab", name="Belum terjawab").click()
    page.get_by_role("button", name="Tangani").first.click()
    expect(page.get_by_role("heading", name="Kutipan terdekat")).to_be_visible()


def _health(page: Page, served: Served) -> None:
    """Show how the page is doing."""
    page.goto(f"{served.address}/?view=editor")
    page.get_by_role("tab", name="Kinerja").click()
    page.get_by_text("7 hari").click()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)


PICTURES = (
    Picture("page", DESK, "light", _ask(QUESTION, ".tanya-best")),
    Picture("dark", DESK, "dark", _ask(QUESTION, ".tanya-best")),
    Picture("phone", PHONE, "light", _ask(QUESTION, ".tanya-best")),
    Picture("refusal", DESK, "light", _ask(UNANSWERABLE, ".st-key-tanya-topics button")),
    Picture("editor", DESK, "light", _edit),
    Picture("health", DESK, "light", _health),
)


def take(browser: Browser, served: Served, picture: Picture) -> Path:
    """Bring the page to the state of a picture and save it; return the file."""
    path = DOCS / f"{picture.name}.png"
    with browser.new_context(
        viewport=picture.size, color_scheme=picture.scheme, locale="id-ID"
    ) as context:
        page = context.new_page()
        picture.reach(page, served)
        expect(page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning"
        )
        # Until what fades in is there, and nothing has the cursor.
        page.mouse.move(1, 1)
        page.wait_for_timeout(1500)
        page.screenshot(path=path)
    with Image.open(path) as taken:
        taken.convert("RGB").quantize(_COLOURS).save(path, optimize=True)
    return path


def main() -> None:
    """Serve the sample corpus and take all pictures."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("Chromium is not on the PATH. Install it, and try again.")
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(corpus=ROOT / "corpus", index=Path(name) / "index")
        rebuild(settings)
        environment = {"TANYA_EDITOR": "true"}
        with (
            running(settings, Path(name) / "log", environment) as served,
            launched(chromium) as browser,
        ):
            page = browser.new_page(locale="id-ID")
            for question in ASKED:
                # Answered or refused, there is a heading above what was found.
                _ask(question, ".stMain h3")(page, served)
            page.close()
            for picture in PICTURES:
                path = take(browser, served, picture)
                print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB", flush=True)


if __name__ == "__main__":
    main()
