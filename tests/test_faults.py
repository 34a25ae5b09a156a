"""What real faults leave of an index: processes that are killed, full disks, damaged files.

A process of its own asks all the while, and each of its answers has to be whole and right.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tanya.build import rebuild
from tanya.index import published_name, verify_build
from tanya.settings import Settings
from tests.faults.texts import CORPORA, QUESTIONS, put

ROOT = Path(__file__).resolve().parents[1]
# A deadline for what takes a moment, on a machine that does much else.
PATIENCE = 60.0
KEEP = 2
# Processes that work side by side do best with one thread each.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("TANYA_")},
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONPATH": str(ROOT),
    "TANYA_KEEP_BUILDS": str(KEEP),
}

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="forks, signals and /proc are used to bring the faults about"
)


def _wait_for(what: str, happened: Callable[[], bool]) -> None:
    """Wait until something has happened, and fail if it does not."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.005)


@dataclass(frozen=True)
class Ended:
    """How a build ended: its exit code, what it printed, and its file operations in order."""

    code: int
    output: str
    events: list[str]


class Builder:
    """Builds with things going wrong; see tests/faults/builder.py."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.builder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=ENVIRONMENT,
        )
        assert self._line() == "ready"

    def start(self, settings: Settings, **task: Any) -> None:
        """Start a build; ``task`` as the builder has it."""
        assert self._process.stdin is not None
        told = {
            "corpus": str(settings.corpus),
            "index": str(settings.index),
            "output": str(self._folder / "output"),
            "events": str(self._folder / "events"),
            **task,
        }
        self._process.stdin.write(f"{json.dumps(told)}\n")
        self._process.stdin.flush()

    def end(self) -> Ended:
        """Return how the build that was started ended."""
        code = json.loads(self._line())["code"]
        output = (self._folder / "output").read_text(encoding="utf-8")
        events = (self._folder / "events").read_text(encoding="utf-8").splitlines()
        return Ended(code, output, events)

    def run(self, settings: Settings, **task: Any) -> Ended:
        """Build, and return how it ended."""
        self.start(settings, **task)
        return self.end()

    def _line(self) -> str:
        """Return the next line that the process writes."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=PATIENCE)


class Asker:
    """Asks an index all the while; see tests/faults/asker.py."""

    def __init__(self, index: Path, file: Path) -> None:
        self._file = file
        file.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.asker", str(index), str(file)],
            cwd=ROOT,
            env=ENVIRONMENT,
        )
        _wait_for("the first question", lambda: file.exists() or self._process.poll() is not None)
        self.check()

    def tally(self) -> dict[str, Any]:
        """Return what was asked so far and how it was answered."""
        found: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        return found

    def check(self, told: str = "") -> dict[str, Any]:
        """Return the tally, which must be without any fault."""
        assert self._process.poll() is None, f"{told}: it is no longer there"
        tally = self.tally()
        bad = {kind: tally[kind] for kind in ("wrong", "mixed", "failed") if tally[kind]}
        assert not bad, f"{told}: {bad}"
        return tally

    def hear(self, build: str | None = None, told: str = "") -> dict[str, Any]:
        """Have each question asked once more, answered by ``build``; all answers must be right."""
        if build is not None:
            _wait_for(f"{told}: {build} answers", lambda: self.check(told)["last"] == build)
        wanted = self.tally()["asked"] + len(QUESTIONS) + 1
        _wait_for(f"{told}: more questions", lambda: self.check(told)["asked"] >= wanted)
        tally = self.check(told)
        assert build in (None, tally["last"]), told
        return tally

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(PATIENCE)


@contextlib.contextmanager
def asking(index: Path, folder: Path) -> Iterator[Asker]:
    """Have an index asked all the while; in the end every answer must have been right."""
    asker = Asker(index, folder / "tally.json")
    try:
        yield asker
        asker.hear(told="in the end")
    finally:
        asker.close()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for all that these tests write, in memory where there is such a place.

    What was written is not lost when a process is killed, so that a disk would show nothing more,
    but every build waits for it a hundred times.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path_factory.mktemp("room")
        return
    with tempfile.TemporaryDirectory(prefix="tanya-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def place(room: Path) -> Iterator[Path]:
    """An empty folder for one test."""
    with tempfile.TemporaryDirectory(dir=room) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def builder(room: Path) -> Iterator[Builder]:
    """A process that builds with things going wrong."""
    folder = room / "builder"
    folder.mkdir()
    found = Builder(folder)
    yield found
    found.close()


def _names(index: Path) -> set[str]:
    """Return what is in the folder of the builds."""
    return {path.name for path in (index / "builds").iterdir()}


def _assert_tidy(index: Path, read: str = "") -> None:
    """Check that nothing but whole and sound builds is in the index, and no more than are kept.

    ``read`` is a build that somebody may still be reading, and which stays for as long.
    """
    assert {path.name for path in index.iterdir()} <= {".lock", "CURRENT", "builds"}
    names = _names(index)
    assert len(names - {read}) <= KEEP
    for name in names:
        verify_build(index, name)
        assert (index / "builds" / name / "published").exists()
    assert not [*index.rglob("*.tmp")]


# Killed


class Killing:
    """An index that is built again and again, each time killed and then built in peace."""

    def __init__(self, folder: Path, builder: Builder) -> None:
        folder.mkdir()
        self.settings = Settings(corpus=folder / "corpus", index=folder / "index")
        self._builder = builder
        self._corpora = itertools.cycle(("old", "new"))
        self.now = ""
        # Which corpus each build was made of.
        self.builds: dict[str, str] = {}
        for _ in range(KEEP + 1):
            self.events = self.build()

    def change(self) -> None:
        """Have the other corpus in the folder of the documents."""
        self.now = next(self._corpora)
        put(self.settings.corpus, self.now)

    def build(self) -> list[str]:
        """Change the corpus, build, and return the file operations of the build."""
        self.change()
        return self.mend()

    def mend(self) -> list[str]:
        """Build, and return the file operations of the build."""
        index = self.settings.index
        before = published_name(index) if index.exists() else ""
        ended = self._builder.run(self.settings)
        assert ended.code == 0, ended.output
        self.builds[published_name(index)] = self.now
        _assert_tidy(index, before)
        return ended.events

    def kill(self, **task: Any) -> Ended:
        """Change the corpus, and build until the process is killed."""
        self.change()
        before = published_name(self.settings.index)
        ended = self._builder.run(self.settings, **task)
        if published_name(self.settings.index) != before:
            self.builds[published_name(self.settings.index)] = self.now
        return ended


@pytest.fixture(scope="module")
def killing(room: Path, builder: Builder) -> Killing:
    """An index whose builds are killed."""
    return Killing(room / "killed", builder)


@pytest.fixture(scope="module")
def listener(room: Path, killing: Killing) -> Iterator[Asker]:
    """A process that asks that index from the first kill to the last."""
    with asking(killing.settings.index, room) as asker:
        yield asker


KILL = [["signal", signal.SIGKILL]]
# Events that leave everything as it is.
READING = ("open ", "os.scandir ", "os.listdir ")


def _survives(killing: Killing, listener: Asker, told: str, **task: Any) -> bool:
    """Kill a build and check what is left of the index; say whether the build was killed."""
    ended = killing.kill(**task)
    told = f"{told}: {ended.events[-1]}"
    assert ended.code in (0, -signal.SIGKILL, -signal.SIGXFSZ), f"{told}: {ended.output}"
    published = published_name(killing.settings.index)
    verify_build(killing.settings.index, published)
    # The one before goes on answering, or the new one does if it was published just before.
    tally = listener.hear(published, told)
    assert tally["builds"][published] == killing.builds[published], told
    killing.mend()
    mended = published_name(killing.settings.index)
    tally = listener.hear(mended, told)
    assert tally["builds"][mended] == killing.now, told
    return ended.code < 0


def test_a_build_killed_at_any_point_leaves_an_index_that_answers_and_mends(
    killing: Killing, listener: Asker
) -> None:
    changing = [i for i, told in enumerate(killing.events) if not told.startswith(READING)]
    points = [*changing[:: len(changing) // 20], *range(3, len(killing.events), 100)]
    killed = [_survives(killing, listener, f"event {at}", at=at, do=KILL) for at in points]
    # The number of events varies by a few, as a build tells how far it is now and then.
    assert sum(killed) >= len(points) - 1 >= 24


def test_a_build_killed_around_publishing_and_removing_leaves_an_index_that_answers_and_mends(
    killing: Killing, listener: Asker
) -> None:
    crucial = re.compile(r"published|CURRENT\.tmp|os\.rename|shutil\.rmtree|os\.rmdir [^/]+/[^/]+$")
    first = next(i for i, told in enumerate(killing.events) if "published.tmp" in told)
    chosen = {i for i in range(first, len(killing.events)) if crucial.search(killing.events[i])}
    points = sorted({j for i in chosen for j in (i, i + 1) if j < len(killing.events)})
    killed = [_survives(killing, listener, f"event {at}", at=at, do=KILL) for at in points]
    assert sum(killed) >= len(points) - 1 >= 10


@pytest.mark.parametrize(
    "event",
    [
        r"write CURRENT\.tmp",
        r"write builds/[^/]+/manifest\.json",
        r"write builds/[^/]+/tokens/pieces\.npy",
        r"sqlite3\.connect .*",
        r"os\.mkdir builds/[^/]+/lexical",
        r"write BUILDING\.tmp",
    ],
)
def test_a_build_killed_in_the_midst_of_writing_a_file_leaves_an_index_that_answers_and_mends(
    killing: Killing, listener: Asker, event: str
) -> None:
    # From the event on the system ends the process when it writes the first few bytes too many.
    few = 4100 if "sqlite" in event else 10
    assert _survives(killing, listener, event, at=f"^{event}$", do=[["limit", few, "fatal"]])
