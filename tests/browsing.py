"""A real Chromium for whatever looks at the page: opening it, asking, and what it did meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    WebSocket,
    expect,
    sync_playwright,
)
from playwright.sync_api import (
    TimeoutError as PlaywrightTimeoutError,
)

from tests.serving import Served

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Milliseconds to wait for anything on the page.
PATIENCE = 20_000

# How far anything can be scrolled sideways, and how far any card reaches to the right.
WIDTHS = """() => ({
    scroll: Math.max(...[...document.querySelectorAll('*')]
        .filter(e => e === document.documentElement
            || (/auto|scroll/.test(getComputedStyle(e).overflowX) && e.clientWidth > 100))
        .map(e => e.scrollWidth - e.clientWidth)),
    right: Math.max(0, ...[...document.querySelectorAll(
        '.tanya-card, .tanya-card *, .tanya-question, .tanya-question *, .stMain button')]
        .map(e => e.getBoundingClientRect().right)),
})"""

# Every text whose contrast with what is behind it is too small: WCAG 2.2, 1.4.3 (AA).
FAINT = """() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const parsed = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below, share = 1) =>
        below.map((value, i) => i === 3 ? 1 : top[i] * top[3] * share
            + value * (1 - top[3] * share));
    const luminance = colour => {
        const [r, g, b] = colour.slice(0, 3).map(value => value / 255)
            .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.trim();
        if (!text || !element.checkVisibility({opacityProperty: true, visibilityProperty: true})
            || element.closest('script, style, [data-testid="stIconMaterial"]')) continue;
        const box = element.getBoundingClientRect();
        if (!box.width || box.right < 0) continue;
        const chain = [];
        for (let e = element; e; e = e.parentElement) chain.unshift(e);
        let behind = [255, 255, 255, 1], opacity = 1;
        for (const e of chain) {
            behind = over(parsed(getComputedStyle(e).backgroundColor), behind);
            opacity *= getComputedStyle(e).opacity;
        }
        const front = over(parsed(getComputedStyle(element).color), behind, opacity);
        const [high, low] = [luminance(front), luminance(behind)].sort((a, b) => b - a);
        const contrast = (high + 0.05) / (low + 0.05);
        if (contrast < 4.5) found.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
    }
    return found;
}"""


@dataclass(slots=True)
class Visit:
    """A page in the browser, and all that it did: requests and errors."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        """Type a question and press Enter."""
        box = self.question
        box.fill(question)
        box.press("Enter")

    @property
    def question(self) -> Locator:
        """The question box, in either language."""
        return self.page.get_by_role("textbox", name="Pertanyaan").or_(
            self.page.get_by_role("textbox", name="Question")
        )

    @property
    def cards(self) -> Locator:
        """The passages that are shown."""
        return self.page.locator("article.tanya-card")

    @property
    def sidebar(self) -> Locator:
        """The sidebar."""
        return self.page.get_by_test_id("stSidebar")

    @property
    def examples(self) -> Locator:
        """The example questions."""
        return self.page.locator(".st-key-tanya-examples button")

    def open_sidebar(self) -> None:
        """Open the sidebar, if it is folded away."""
        button = self.page.get_by_test_id("stExpandSidebarButton")
        if button.is_visible():
            button.click()

    def settle(self) -> None:
        """Wait until the server has nothing more to say."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning"
        )
        # Whatever wrong a text could do, it gets the time to do it.
        self.page.wait_for_timeout(300)

    def choose(self, chooser: Locator, option: str) -> None:
        """Choose ``option`` of a list, opening it again where what was still drawn closed it."""
        for _ in range(3):
            chooser.click()
            try:
                self.page.get_by_role("option", name=option).click(timeout=5000)
            except PlaywrightTimeoutError:
                continue
            return
        chooser.click()
        self.page.get_by_role("option", name=option).click()

    def assert_harmless(self) -> None:
        """Check that no script of a text ran, nothing was asked of elsewhere, nothing failed."""
        assert self.page.evaluate("window.hacked") is None
        own = urlsplit(self.address).netloc
        assert {urlsplit(url).netloc for url in self.requests} <= {own}
        assert not [url for url in self.requests if urlsplit(url).path in ("/x", "/x.png")]
        assert self.errors == []


def find_chromium() -> str | None:
    """Return where Chromium is, None if it is not on the PATH."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    return None


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Start the Chromium at ``path``, which waits PATIENCE for anything on the page."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def watched(context: BrowserContext, served: Served, link: str = "") -> Visit:
    """Open the page, or a link to it, in a new tab and write down all that it does."""
    context.set_default_timeout(PATIENCE)
    visit = Visit(context.new_page(), served.address)

    def on_request(request: Request) -> None:
        # What a page holds in itself asks nothing of anybody.
        if urlsplit(request.url).scheme not in ("data", "blob"):
            visit.requests.append(request.url)

    def on_socket(socket: WebSocket) -> None:
        visit.requests.append(socket.url)

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            visit.errors.append(f"{message.text} {message.location}")

    visit.page.on("request", on_request)
    visit.page.on("websocket", on_socket)
    visit.page.on("console", on_console)
    visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
    visit.page.goto(link or served.address)
    expect(visit.question).to_be_visible()
    return visit
