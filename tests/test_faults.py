"""What real faults leave of an index: processes that are killed, full disks, damaged files.

A process of its own asks all the while, and each of its answers has to be whole and right.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, strategies
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tanya.build import rebuild
from tanya.encoders import Encoder
from tanya.errors import IndexDamagedError
from tanya.index import Manifest, open_build, open_published, published_name, verify_build
from tanya.live import LiveSearcher
from tanya.records import Answer
from tanya.search import Searcher
from tanya.settings import Settings
from tests.faults.texts import (
    CLERK,
    MIDWIFE,
    NEW,
    OLD,
    QUESTION,
    QUESTIONS,
    SECRET,
    TEACHER,
    put,
)

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
            "events": str(self._folder / "events"),
            **task,
        }
        self._process.stdin.write(f"{json.dumps(told)}\n")
        self._process.stdin.flush()

    def end(self) -> Ended:
        """Return how the build that was started ended."""
        told = json.loads(self._line())
        events = (self._folder / "events").read_text(encoding="utf-8").splitlines()
        return Ended(told["code"], told["output"], events)

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

    def __init__(self, index: Path, file: Path, before: Sequence[str]) -> None:
        self._file = file
        file.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", "tests.faults.asker", str(index), str(file)],
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
def asking(index: Path, folder: Path, before: Sequence[str] = ()) -> Iterator[Asker]:
    """Have an index asked all the while; in the end every answer must have been right."""
    asker = Asker(index, folder / "tally.json", before)
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
    points = [*changing[:: len(changing) // 24], *range(3, len(killing.events), 100)]
    killed = [_survives(killing, listener, f"event {at}", at=at, do=KILL) for at in points]
    # The number of events varies by a few, as a build tells how far it is now and then.
    assert sum(killed) >= len(points) - 1 >= 28


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
        r"write CURRENT(\.tmp)?",
        r"write builds/[^/]+/manifest\.json(\.tmp)?",
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


# Stopped, and short of space


@pytest.fixture
def old(place: Path, builder: Builder) -> Settings:
    """Settings of an index of the old corpus; the folder holds the new one by now."""
    settings = Settings(corpus=place / "corpus", index=place / "index", keep_builds=KEEP)
    put(settings.corpus, "old")
    ended = builder.run(settings)
    assert ended.code == 0, ended.output
    put(settings.corpus, "new")
    return settings


def _assert_mends(settings: Settings, builder: Builder, asker: Asker | None = None) -> None:
    """Build in peace, which has to publish the new corpus and leave nothing behind."""
    before = published_name(settings.index)
    ended = builder.run(settings)
    assert ended.code == 0, ended.output
    _assert_tidy(settings.index, before)
    name = published_name(settings.index)
    with contextlib.closing(open_build(settings.index, name)) as build:
        assert {sentence.text for sentence in build.store.all_sentences()} == set(NEW.values())
    if asker is not None:
        assert asker.hear(name)["builds"][name] == "new"


def test_a_signal_at_any_stage_stops_the_build_and_leaves_the_old_index(
    old: Settings, builder: Builder, place: Path
) -> None:
    name = published_name(old.index)
    stages = ["reading$", "embedding$", "writing$", "write builds/.*/weights", "scandir builds/.*/"]
    with asking(old.index, place) as asker:
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            for stage in stages:
                ended = builder.run(old, at=stage, do=[["signal", number]])
                assert ended.code == code, (stage, ended)
                assert "Traceback" not in ended.output
                assert published_name(old.index) == name
                _assert_tidy(old.index)
                assert asker.hear(name, stage)["builds"] == {name: "old"}
        _assert_mends(old, builder, asker)


def test_a_file_that_cannot_grow_is_told_as_a_full_disk_and_the_old_index_stays(
    old: Settings, builder: Builder, place: Path
) -> None:
    name = published_name(old.index)
    files = [path for path in (old.index / "builds" / name).rglob("*") if path.is_file()]
    sizes = sorted({path.stat().st_size for path in files if path.stat().st_size})
    limits = [0, *(size - 1 for size in sizes[:: max(1, len(sizes) // 8)]), sizes[-1] - 1]
    with asking(old.index, place) as asker:
        for limit in limits:
            ended = builder.run(old, limit=[limit, "failing"])
            assert ended.code == 1, (limit, ended.output)
            assert "disk is full" in ended.output, limit
            assert "Traceback" not in ended.output
            assert published_name(old.index) == name
            _assert_tidy(old.index)
            asker.hear(name, f"{limit} bytes")
        _assert_mends(old, builder, asker)


@pytest.fixture
def small_disk(place: Path) -> Iterator[Path]:
    """Mount a file system of 2 MB for the test."""
    folder = place / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
    if os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small file system")
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_the_old_index_answers_on_it(
    old: Settings, builder: Builder, place: Path, small_disk: Path
) -> None:
    index = small_disk / "index"
    shutil.copytree(old.index, index)
    settings = replace(old, index=index)
    name = published_name(index)
    ballast = small_disk / "ballast"
    with asking(index, place) as asker:
        for free in (0, 8, 48, 80, 120):
            ballast.unlink(missing_ok=True)
            room = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
            ballast.write_bytes(bytes(room - free * 1024))
            ended = builder.run(settings)
            assert ended.code == 1, (free, ended.output)
            assert "disk is full" in ended.output, free
            assert published_name(index) == name
            assert _names(index) == {name}
            verify_build(index, name)
            asker.hear(name, f"{free} KB")
        ballast.unlink()
        _assert_mends(settings, builder, asker)


def test_an_index_that_may_not_be_written_answers_and_stays_as_it_is(
    old: Settings, place: Path
) -> None:
    # The word "full" in its path must not make it a full disk.
    settings = replace(old, index=place / "full")
    old.index.rename(settings.index)
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may write anywhere, and there is no setpriv to give that up")
    name = published_name(settings.index)
    before = sorted(settings.index.rglob("*"))
    for path in [settings.index, *before]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    unprivileged = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
    try:
        with asking(settings.index, place, before=unprivileged) as asker:
            ended = _tanya("ingest.py", settings, before=unprivileged)
            asker.hear(name)
    finally:
        for path in [settings.index, *before]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert ended.returncode == 1
    assert "writing there is not allowed" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert sorted(settings.index.rglob("*")) == before
    verify_build(settings.index, name)


def _command(*arguments: str, settings: Settings) -> list[str]:
    """Return how ``ingest.py``, or a command of Tanya, is started."""
    script = [str(ROOT / "ingest.py")] if arguments[0] == "ingest.py" else ["-m", "tanya"]
    rest = arguments[1:] if arguments[0] == "ingest.py" else arguments
    folders = ["--corpus", str(settings.corpus), "--index", str(settings.index)]
    return [sys.executable, *script, *rest, *folders]


def _tanya(
    *arguments: str | Settings, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command of Tanya in a process of its own; the settings are the last argument."""
    *words, settings = arguments
    assert isinstance(settings, Settings)
    return subprocess.run(
        [*before, *_command(*map(str, words), settings=settings)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=ROOT,
        env=ENVIRONMENT,
    )


# Damaged


@pytest.fixture(scope="module")
def two_builds(room: Path, builder: Builder) -> Settings:
    """Settings of an index, to be copied, of two sound builds: the old corpus's and the new's."""
    folder = room / "two"
    folder.mkdir()
    settings = Settings(corpus=folder / "corpus", index=folder / "index", keep_builds=KEEP)
    for which in ("old", "new"):
        put(settings.corpus, which)
        assert builder.run(settings).code == 0
    return settings


def _damage(path: Path, how: str) -> None:
    """Damage a file."""
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "truncated":
        # The last byte of a manifest is the end of a line, which nobody misses.
        path.write_bytes(content[: -2 if path.suffix == ".json" else -1])
    else:
        half = len(content) // 2
        path.write_bytes(content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :])


def _comes_to_answer(searcher: LiveSearcher, build: str) -> Answer:
    """Ask until ``build`` answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = searcher.ask(QUESTION)
        if answer.build == build:
            return answer
        assert time.monotonic() < deadline, f"{answer.build} answers on"


@pytest.mark.parametrize("how", ["missing", "truncated", "flipped"])
def test_whichever_file_is_damaged_it_is_named_and_the_older_build_answers_until_it_is_mended(
    two_builds: Settings, builder: Builder, room: Path, how: str
) -> None:
    newest = published_name(two_builds.index)
    (older,) = _names(two_builds.index) - {newest}
    with contextlib.closing(open_build(two_builds.index, newest)) as build:
        files = ["manifest.json", *build.manifest.files]
    assert len(files) >= 40
    for number, file in enumerate(files):
        with tempfile.TemporaryDirectory(dir=room) as folder:
            settings = replace(two_builds, index=Path(folder, "index"))
            shutil.copytree(two_builds.index, settings.index)
            _damage(settings.index / "builds" / newest / file, how)
            with pytest.raises(IndexDamagedError) as caught:
                verify_build(settings.index, newest)
            assert newest in str(caught.value), file
            named = "manifest" if file == "manifest.json" else file
            assert named in str(caught.value)
            with contextlib.closing(open_published(settings.index, verified=True)) as build:
                assert build.manifest.name == older, file
                assert newest in (build.warning or ""), file
                assert older in (build.warning or ""), file
            searcher = LiveSearcher(settings)
            answer = _comes_to_answer(searcher, older)
            assert answer.results[0].sentence == OLD["perawat.txt"]
            assert "damaged" in {note.kind for note in answer.notes}, file
            # Mending is the same whatever the file: building takes longer than looking.
            if number % (2 if how == "flipped" else 8) == 0:
                ended = builder.run(settings)
                assert ended.code == 0, (file, ended.output)
                mended = published_name(settings.index)
                assert mended != newest, file
                verify_build(settings.index, mended)
                answer = _comes_to_answer(searcher, mended)
                assert answer.results[0].sentence == NEW["perawat.txt"]
                assert "damaged" not in {note.kind for note in answer.notes}, file
            searcher.current().build.close()


@pytest.mark.parametrize("act", ["lose", "truncate"])
def test_a_build_that_is_damaged_as_it_is_published_never_answers(
    old: Settings, builder: Builder, place: Path, act: str
) -> None:
    name = published_name(old.index)
    with asking(old.index, place) as asker:
        for file in ("manifest.json", "sentences.sqlite", "vectors.faiss", "lexical/*.idx"):
            put(old.corpus, "new")
            ended = builder.run(old, at=r"write CURRENT(\.tmp)?", do=[[act, file]])
            assert ended.code == 0, ended.output
            assert published_name(old.index) != name
            _wait_for("a note", lambda: "damaged" in asker.check()["notes"])
            assert asker.hear(name, file)["builds"][name] == "old"
            _assert_mends(old, builder, asker)
            put(old.corpus, "old")
            assert builder.run(old).code == 0
            name = published_name(old.index)
            asker.hear(name, file)


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\xfe\n", b"20200101T000000-dead00\n", b"../x"]
)
def test_a_lost_current_costs_nothing_but_a_warning_until_it_is_mended(
    two_builds: Settings, builder: Builder, place: Path, content: bytes | None
) -> None:
    settings = replace(two_builds, index=place / "index")
    shutil.copytree(two_builds.index, settings.index)
    newest = published_name(settings.index)
    if content is None:
        (settings.index / "CURRENT").unlink()
    else:
        (settings.index / "CURRENT").write_bytes(content)
    searcher = LiveSearcher(settings)
    answer = searcher.ask(QUESTION)
    assert answer.build == newest
    assert "damaged" in {note.kind for note in answer.notes}
    # Nobody must be reading: then only being the one that answers keeps it.
    searcher.current().build.close()
    ended = _tanya("clean", settings)
    assert ended.returncode == 0, ended.stderr
    with contextlib.closing(open_published(settings.index)) as build:
        assert build.manifest.name == newest
    ended = builder.run(settings)
    assert ended.code == 0, ended.output
    mended = published_name(settings.index)
    assert verify_build(settings.index, mended).documents == len(NEW)
    _assert_tidy(settings.index, newest)


# Two at once


def test_two_builders_at_once_wait_or_are_told_who_builds_since_when(
    old: Settings, builder: Builder, place: Path
) -> None:
    pause = place / "pause"
    with asking(old.index, place) as asker:
        builder.start(old, at="write builds/.*/pieces", do=[["pause", str(pause)]])
        _wait_for("the pause", pause.exists)
        command = _command("ingest.py", "--wait", "60", settings=old)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        ) as waiting:
            told = _tanya("ingest.py", old)
            assert told.returncode == 1
            assert re.match(
                r"error: Process \d+ on \S+ has been building the index in .* since 20\d\d-",
                told.stderr,
            )
            asker.hear(published_name(old.index))
            assert waiting.poll() is None
            pause.unlink()
            first = builder.end()
            output, errors = waiting.communicate(timeout=PATIENCE)
        assert first.code == 0, first.output
        assert (waiting.returncode, errors) == (0, "")
        assert "Nothing changed" in output
        name = published_name(old.index)
        assert asker.hear(name)["builds"][name] == "new"
    _assert_tidy(old.index)


# The corpus changes


CHANGED = "Perawat baru saja berganti dinas malam."


@pytest.mark.parametrize("at", ["^open corpus:perawat.txt", "BUILDING embedding$"])
@pytest.mark.parametrize("act", ["write", "write keeping times", "remove", "folder", "remove tree"])
def test_a_corpus_that_changes_while_it_is_read_ends_in_no_crash_and_the_next_build_settles_it(
    old: Settings, builder: Builder, place: Path, act: str, at: str
) -> None:
    file = old.corpus / "perawat.txt"
    # Of the same length, so that only the content tells the two apart.
    text = f"{CHANGED}\n".ljust(file.stat().st_size)[: file.stat().st_size]
    # The file's time lies within the two seconds around the listing, whatever the machine does.
    os.utime(file, ns=(0, time.time_ns() + 1_000_000_000))
    what = str(old.corpus if act == "remove tree" else file)
    rest = [text] if act.startswith("write") else []
    before = published_name(old.index)
    ended = builder.run(old, at=at, do=[[act, what, *rest]], options=["--full"])
    assert ended.code in (0, 1), ended.output
    assert "Traceback" not in ended.output
    assert "unexpected" not in ended.output
    if ended.code == 1 or (act in ("remove", "folder") and at.startswith("^")):
        assert "perawat.txt" in ended.output
    verify_build(old.index, published_name(old.index))
    if ended.code == 1:
        assert published_name(old.index) == before
    if act == "remove tree":
        put(old.corpus, "new")
    again = builder.run(old)
    assert again.code == 0, again.output
    wanted = {
        path.read_text(encoding="utf-8").strip()
        for path in old.corpus.glob("*.txt")
        if path.is_file()
    }
    with contextlib.closing(open_published(old.index)) as build:
        assert {sentence.text for sentence in build.store.all_sentences()} == wanted
    _assert_tidy(old.index)


# The clock


def _edit_keeping_times(path: Path, text: str) -> None:
    """Change a file's content to another of the same length, and leave its times as they were."""
    times = path.stat()
    assert times.st_size == len(text.encode())
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _texts(index: Path) -> set[str]:
    """Return the sentences of the published build."""
    with contextlib.closing(open_published(index)) as build:
        return {sentence.text for sentence in build.store.all_sentences()}


YEAR = 365 * 24 * 3600
CAT, DOG = "Kucing itu tidur di atas kursi.", "Anjing itu makan di bawah meja."


@pytest.mark.parametrize("age", [-80 * YEAR, -1, 0])
def test_an_edit_is_found_that_keeps_size_and_a_time_about_the_build_or_in_the_future(
    old: Settings, builder: Builder, age: int
) -> None:
    file = old.corpus / "hewan.txt"
    file.write_text(CAT, encoding="utf-8")
    # Again where the machine took so long to begin that the time was no longer about the build's.
    for _ in range(10):
        when = time.time_ns() - age * 10**9
        os.utime(file, ns=(when, when))
        assert builder.run(old, options=["--full"]).code == 0
        if file.stat().st_mtime_ns > _manifest(old.index).started - 2 * 10**9:
            break
    assert CAT in _texts(old.index)
    _edit_keeping_times(file, DOG)
    assert builder.run(old).code == 0
    assert _texts(old.index) == {*NEW.values(), DOG}


def test_an_edit_that_keeps_size_and_an_old_time_is_found_by_content_only(
    old: Settings, builder: Builder
) -> None:
    file = old.corpus / "hewan.txt"
    file.write_text(CAT, encoding="utf-8")
    os.utime(file, (YEAR, YEAR))
    assert builder.run(old).code == 0
    _edit_keeping_times(file, DOG)
    ended = builder.run(old)
    assert "Nothing changed" in ended.output
    assert CAT in _texts(old.index)
    ended = builder.run(old, options=["--verify"])
    assert ended.code == 0, ended.output
    assert _texts(old.index) == {*NEW.values(), DOG}


def _manifest(index: Path) -> Manifest:
    """Return the manifest of the published build."""
    with contextlib.closing(open_published(index)) as build:
        return build.manifest


def test_a_clock_that_goes_back_and_forth_changes_neither_order_nor_what_is_found(
    old: Settings, builder: Builder, place: Path
) -> None:
    # The builders believe in these times; the files' times are those of the system.
    names = [published_name(old.index)]
    with asking(old.index, place) as asker:
        for years, which in ((-10, "new"), (10, "old"), (-20, "new"), (0, "old")):
            put(old.corpus, which)
            ended = builder.run(old, clock=years * YEAR or 0.001)
            assert ended.code == 0, ended.output
            names.append(published_name(old.index))
            assert asker.hear(names[-1])["builds"][names[-1]] == which
            # The two newest are kept: newest in the order in which they were made.
            assert _names(old.index) >= set(names[-2:])
            assert _manifest(old.index).sequence == len(names)
        assert sorted(names) != names
        ended = _tanya("rollback", old)
        assert ended.returncode == 0, ended.stderr
        assert published_name(old.index) == names[-2]
        asker.hear(names[-2])
    put(old.corpus, "new")
    (old.corpus / "hewan.txt").write_text(CAT, encoding="utf-8")
    assert builder.run(old, clock=-10 * YEAR).code == 0
    _edit_keeping_times(old.corpus / "hewan.txt", DOG)
    assert builder.run(old).code == 0
    assert _texts(old.index) == {*NEW.values(), DOG}
    _assert_tidy(old.index)


# Removed


def test_a_build_that_a_process_reads_stays_until_the_process_ends(
    old: Settings, builder: Builder
) -> None:
    name = published_name(old.index)
    script = (
        "import sys; from pathlib import Path; from tanya.index import open_build\n"
        "build = open_build(Path(sys.argv[1]), sys.argv[2]); print('open', flush=True)\n"
        "sys.stdin.read(); print([s.text for s in build.store.all_sentences()])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(old.index), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        for which in ("new", "old", "new"):
            put(old.corpus, which)
            assert builder.run(old).code == 0
            assert name in _names(old.index)
            assert len(_names(old.index)) <= KEEP + 1
        assert _tanya("clean", old).returncode == 0
        assert _names(old.index) == {name, published_name(old.index)}
        output, _ = reader.communicate(timeout=PATIENCE)
    assert SECRET in output
    put(old.corpus, "old")
    assert builder.run(old).code == 0
    assert name not in _names(old.index)


def _holding(index: Path, word: str) -> list[str]:
    """Return the files below ``index`` whose bytes hold ``word``, however it is written."""
    forms = [word.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-32-le")]
    return [
        path.relative_to(index).as_posix()
        for path in sorted(index.rglob("*"))
        if path.is_file() and any(form in path.read_bytes().lower() for form in forms)
    ]


def test_a_deleted_text_is_in_no_file_of_the_index_after_cleaning(
    old: Settings, builder: Builder, place: Path
) -> None:
    found = {
        re.sub(r"builds/[^/]+/|[0-9a-f]{32}", "", path) for path in _holding(old.index, SECRET)
    }
    # The search is able to find it.
    assert {"sentences.sqlite", "vocabulary/words.npy"} <= found
    # What a killed build has left goes, too.
    put(old.corpus, "old")
    (old.corpus / "baru.txt").write_text(CAT, encoding="utf-8")
    ended = builder.run(old, at="write builds/.*/pieces", do=KILL)
    assert ended.code == -signal.SIGKILL
    put(old.corpus, "new")
    with asking(old.index, place) as asker:
        assert builder.run(old).code == 0
        asker.hear(published_name(old.index))
        assert _holding(old.index, SECRET)
        ended = _tanya("clean", old)
        assert ended.returncode == 0, ended.stderr
        assert _holding(old.index, SECRET) == []
        assert _names(old.index) == {published_name(old.index)}


# Many changes, one after another


class Changes(RuleBasedStateMachine):
    """Changes a corpus at random; each incremental build has to equal a full one."""

    # Filled in by the test.
    encoder: Encoder
    room: Path
    measured: list[tuple[int, int, int]]

    names = strategies.sampled_from(["a.txt", "b.md", "kota/c.txt", "kota/d.md", "kota/lama/e.txt"])
    bodies = strategies.lists(
        strategies.sampled_from([*OLD.values(), *NEW.values(), CAT, DOG, CHANGED]),
        min_size=1,
        max_size=4,
    )

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.room))
        self.settings = Settings(
            corpus=self.folder / "corpus", index=self.folder / "index", keep_builds=KEEP
        )
        self.full = replace(self.settings, index=self.folder / "full", keep_builds=1)
        self.settings.corpus.mkdir()
        # One document is always there, so that there is always something to index.
        (self.settings.corpus / "tetap.txt").write_text(f"{TEACHER}\n{CLERK}\n", encoding="utf-8")

    def path(self, name: str) -> Path:
        """Return a file of the corpus, whose folder is there."""
        found = self.settings.corpus / name
        found.parent.mkdir(parents=True, exist_ok=True)
        return found

    @rule(name=names, bodies=bodies)
    def write(self, name: str, bodies: list[str]) -> None:
        self.path(name).write_text("\n\n".join(bodies) + "\n", encoding="utf-8")

    @rule(name=names, body=bodies)
    def append(self, name: str, body: list[str]) -> None:
        with self.path(name).open("a", encoding="utf-8") as stream:
            stream.write("\n" + body[0] + "\n")

    @rule(name=names, title=strategies.sampled_from(["Perawat", "Kota besar", "Hewan"]))
    def retitle(self, name: str, title: str) -> None:
        path = self.path(name)
        body = path.read_text(encoding="utf-8") if path.exists() else f"{MIDWIFE}\n"
        body = re.sub(r"\A---\n.*?---\n", "", body, flags=re.DOTALL)
        path.write_text(f"---\ntitle: {title}\n---\n{body}", encoding="utf-8")

    @rule(name=names, other=names)
    def rename(self, name: str, other: str) -> None:
        if self.path(name).exists():
            self.path(name).rename(self.path(other))

    @rule(name=names)
    def delete(self, name: str) -> None:
        self.path(name).unlink(missing_ok=True)

    @rule(name=names, other=names)
    def duplicate(self, name: str, other: str) -> None:
        if self.path(name).exists() and name != other:
            shutil.copyfile(self.path(name), self.path(other))

    @rule(name=names, seconds=strategies.sampled_from([1, YEAR, 80 * YEAR]))
    def touch(self, name: str, seconds: int) -> None:
        self.path(name).touch()
        os.utime(self.path(name), (seconds, seconds))

    @rule(name=names)
    def empty(self, name: str) -> None:
        self.path(name).write_text("", encoding="utf-8")

    @invariant()
    def building_a_part_gives_what_building_all_gives(self) -> None:
        rebuild(self.settings, encoder=self.encoder)
        rebuild(self.full, encoder=self.encoder, full=True)
        assert len(_names(self.settings.index)) <= KEEP
        with (
            contextlib.closing(open_published(self.settings.index)) as part,
            contextlib.closing(open_published(self.full.index)) as whole,
        ):
            assert part.store.all_documents() == whole.store.all_documents()
            assert part.store.all_sentences() == whole.store.all_sentences()
            rows = np.arange(part.manifest.sentences, dtype=np.int64)
            for found, wanted in (
                (part.vectors.vectors(rows), whole.vectors.vectors(rows)),
                (part.evidence.vectors(rows), whole.evidence.vectors(rows)),
                (part.evidence.topics(rows), whole.evidence.topics(rows)),
            ):
                difference = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
                # Half precision may round the smallest of differences to its next number.
                step = np.spacing(np.abs(wanted)) if wanted.dtype == np.float16 else 0.0
                assert np.all(difference <= 1e-6 + step)
            searchers = [Searcher(build, self.encoder, self.settings) for build in (part, whole)]
            for question in QUESTIONS:
                one, other = (searcher.rank(question, 50) for searcher in searchers)
                assert [hit.row for hit in one] == [hit.row for hit in other]
                # Of a score three digits count; what half precision changes is smaller.
                assert [hit.score for hit in one] == pytest.approx(
                    [hit.score for hit in other], abs=5e-4
                )
        self.measured.append(_footprint(self.settings.index))

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


def _footprint(index: Path) -> tuple[int, int, int]:
    """Return the bytes of an index on disk, those of this process in memory, and its open files."""
    gc.collect()
    disk = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return disk, pages * os.sysconf("SC_PAGE_SIZE"), len([*Path("/proc/self/fd").iterdir()])


def test_after_any_changes_an_incremental_build_equals_a_full_one(
    encoder: Encoder, room: Path
) -> None:
    Changes.encoder, Changes.room, Changes.measured = encoder, room, []
    run_state_machine_as_test(
        Changes,
        settings=hypothesis_settings(
            max_examples=3,
            stateful_step_count=18,
            deadline=None,
            derandomize=True,
            database=None,
            # Of a failure the first example is enough: each step of another takes long.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(Changes.measured) >= 40
    disk, _, files = zip(*Changes.measured, strict=True)
    assert max(disk) < 3_000_000
    assert max(files[-5:]) <= max(files[:5])


def test_a_process_that_builds_and_asks_again_and_again_takes_no_more_memory_and_files(
    encoder: Encoder, place: Path
) -> None:
    settings = Settings(corpus=place / "corpus", index=place / "index", keep_builds=KEEP)
    measured = []
    for which in itertools.islice(itertools.cycle(("old", "new")), 50):
        put(settings.corpus, which)
        rebuild(settings, encoder=encoder)
        with contextlib.closing(open_published(settings.index)) as build:
            assert len(Searcher(build, encoder, settings).rank(QUESTION, 50)) == len(OLD)
        measured.append(_footprint(settings.index))
    disk, memory, files = zip(*measured, strict=True)
    assert max(disk[-5:]) <= max(disk[5:10]) * 1.1
    # Up to 50 MB come and go with what the lexical index takes for writing; 40 builds that each
    # left 2 MB would show.
    assert max(memory[-5:]) - max(memory[5:10]) < 80_000_000
    assert max(files[-5:]) <= max(files[5:10])
