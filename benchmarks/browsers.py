"""Sessions with a served page in tabs of a real browser, which tell when an answer can be seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright

from benchmarks.visitors import PATIENCE, Reply, Told
from tanya.page.texts import INDONESIAN
from tests.browsing import FLAGS

# Writes down when Enter was pressed, and what the websocket sent and got after that.
_CLOCK = """
window.tanya = {entered: 0, sent: 0, got: 0};
document.addEventListener('keydown', event => {
    if (event.key === 'Enter') window.tanya = {entered: performance.now(), sent: 0, got: 0};
}, true);
window.WebSocket = class extends WebSocket {
    constructor(...all) {
        super(...all);
        this.addEventListener('message', () => { window.tanya.got = performance.now(); });
    }
    send(data) {
        window.tanya.sent ||= performance.now();
        super.send(data);
    }
};
"""

# Resolves when the answer is on the screen: it is in the page, and the frame after has begun.
_WATCH = """([question, place, sentence, refused]) => {
    const folded = text => text.split(/\\s+/).filter(Boolean).join(' ');
    const there = () => {
        if (new URLSearchParams(location.search).get('q') !== question) return false;
        const best = document.querySelector('.tanya-best');
        if (!sentence) {
            return !best && [...document.querySelectorAll('h3')]
                .some(heading => heading.textContent === refused);
        }
        return best !== null && best.querySelector('.tanya-place').textContent === place
            && folded(best.querySelector('mark:not(.tanya-other)').textContent) === sentence;
    };
    window.tanyaShown = new Promise(resolve => {
        const observer = new MutationObserver(() => {
            if (!there()) return;
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
        });
        observer.observe(document.body, {childList: true, subtree: true, characterData: true,
            attributes: true});
    });
}"""

# Milliseconds from Enter to the answer on the screen, and from the question's departure to the
# last message of the server, once it has nothing more to say.
_TIMES = """async () => {
    const shown = await window.tanyaShown;
    const app = document.querySelector('.stApp');
    while (app.getAttribute('data-test-script-state') !== 'notRunning') {
        await new Promise(resolve => setTimeout(resolve, 10));
    }
    return [shown - window.tanya.entered, window.tanya.got - window.tanya.sent];
}"""


class Tab:
    """One session, in Indonesian, in a tab of its own."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._address = address
        self._problems: list[str] = []
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("websocket", lambda socket: socket.on("socketerror", self._note))

    def _note(self, problem: str) -> None:
        """Write down what went wrong."""
        self._problems.append(problem)

    async def open(self) -> Reply:
        """Open the page."""
        await self._page.goto(self._address, timeout=1000 * PATIENCE)
        await self._page.locator(".tanya-status").wait_for(timeout=1000 * PATIENCE)
        return Reply("", None, 0.0, 0.0, ())

    async def ask(self, question: str, expected: Told) -> Reply:
        """Type a question, press Enter, and wait until the answer is on the screen."""
        page = self._page
        box = page.get_by_role("textbox", name=INDONESIAN.question)
        await box.fill(question)
        wanted = [question, expected.place, expected.sentence, INDONESIAN.not_found]
        await page.evaluate(_WATCH, wanted)
        await box.press("Enter")
        shown, ended = await page.evaluate(_TIMES)
        alerts = await page.get_by_test_id("stException").count()
        problems = [*self._problems, *(["an exception was shown"] if alerts else [])]
        self._problems.clear()
        return Reply(question, expected, shown / 1000, ended / 1000, tuple(problems))


@asynccontextmanager
async def chromium(path: str) -> AsyncIterator[Browser]:
    """Start the Chromium at ``path``."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def tab(browser: Browser, address: str) -> AsyncIterator[Tab]:
    """Open a window of its own, with a session of its own."""
    context = await browser.new_context(locale="id-ID", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(1000 * PATIENCE)
    await context.add_init_script(_CLOCK)
    yield Tab(await context.new_page(), address)
    await context.close()
