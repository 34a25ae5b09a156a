"""What the tests share: small corpora and an index of the sample corpus, built once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tanya.build import rebuild
from tanya.encoders import Encoder, load_encoder
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "corpus"
QUESTIONS = ROOT / "tests" / "questions" / "careers.jsonl"

WriteCorpus = Callable[[Mapping[str, str | bytes]], Path]


def pytest_configure() -> None:
    """Let Ctrl-C reach what the tests start, even where a shell started these in the background.

    Such a shell has them ignore it, and that would be handed down.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled encoder, loaded once."""
    return load_encoder(None)


@pytest.fixture
def write_corpus(tmp_path: Path) -> WriteCorpus:
    """A function that writes files (path: text or bytes) into a new corpus and returns it."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        corpus = tmp_path / "corpus"
        corpus.mkdir(exist_ok=True)
        for name, content in files.items():
            path = corpus / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return corpus

    return write


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a corpus and an index in the test's own folder; neither is there yet."""
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder and without variables that could name another index."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TANYA_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def sample_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a built index of the sample corpus. Tests must not change it."""
    settings = Settings(corpus=SAMPLE, index=tmp_path_factory.mktemp("sample") / "index")
    rebuild(settings)
    return settings


@pytest.fixture(scope="session")
def sample_searcher(sample_settings: Settings) -> Searcher:
    """A searcher on the sample corpus."""
    return open_searcher(sample_settings)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; without it the test is skipped, but where CI is set it has to be there."""
    from tests.browsing import find_chromium

    path = find_chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI is set, but there is no Chromium on the PATH")
        pytest.skip("Chromium is not installed: nothing called chromium or google-chrome")
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium that runs for the tests of one module."""
    from tests.browsing import launched

    with launched(chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """Open a window at a desk."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, locale="id-ID") as context:
        yield context
