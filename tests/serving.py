"""The page served by a real server of its own process, as ``make run`` serves it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tanya.build import rebuild
from tanya.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
# Seconds in which a server has to answer.
_STARTING = 60


@dataclass(frozen=True, slots=True)
class Served:
    """A running page: where it is, what it answers from, its log and its process."""

    address: str
    settings: Settings
    log: Path
    process: int

    @property
    def corpus(self) -> Path:
        """The folder of the documents."""
        return self.settings.corpus


@contextmanager
def running(
    settings: Settings, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Serve what the settings name on a free port; its index has to be built already.

    Args:
        settings: the corpus and the index.
        log: the file for what the server says.
        environment: further variables for the server; those of Tanya itself are not inherited.

    Raises:
        RuntimeError: the server ended, or did not answer in time.
    """
    variables = {name: v for name, v in os.environ.items() if not name.startswith("TANYA_")}
    # The server runs in the project's folder, whatever the paths here are relative to.
    variables |= {
        "TANYA_CORPUS": str(settings.corpus.resolve()),
        "TANYA_INDEX": str(settings.index.resolve()),
    }
    variables |= environment or {}
    port = _free_port()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env=variables,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_served(address, process, log)
        yield Served(address, settings, log, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serving(
    folder: Path, files: Mapping[str, str], environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Write ``files`` into a corpus in ``folder``, build its index, and serve it."""
    settings = Settings(corpus=folder / "corpus", index=folder / "index")
    for name, text in files.items():
        path = settings.corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    rebuild(settings)
    with running(settings, folder / "server.log", environment) as served:
        yield served


def _free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_served(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + _STARTING
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended: {log.read_text(errors='replace')}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"The server did not answer: {log.read_text(errors='replace')}")
