"""Builds an index with something going wrong at a chosen point: ``python -m tests.faults.builder``.

Each line that it reads is a task in JSON, each line that it writes how the task ended. A task runs
``ingest.py`` in a process of its own, forked from this one so that nothing has to be imported
again. What the process does with files of the index and of the corpus is counted by an audit hook;
just before a chosen event it is killed, gets a signal, or finds a file changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import runpy
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tanya.cli
import tanya.gate
import tanya.update  # noqa: F401 (what the command imports late, so that no task waits for it)
from tanya.encoders import load_encoder

ROOT = Path(__file__).resolve().parents[2]
_WATCHED = {
    "open": (0,),
    "os.mkdir": (0,),
    "os.rename": (0, 1),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.truncate": (0,),
    "os.listdir": (0,),
    "os.scandir": (0,),
    "shutil.rmtree": (0,),
    "sqlite3.connect": (0,),
}


class Trap:
    """Waits for the chosen event, and then does what is to go wrong."""

    def __init__(self, task: dict[str, Any]) -> None:
        """Set the trap.

        Args:
            task: ``index`` and ``corpus`` are the folders; ``at`` the number of an event, or a
                pattern of what it is called; ``do`` what to do then, each a list of a verb and its
                arguments; ``events`` a file to write all events to. Other keys are ``_child``'s.
        """
        self._roots = [("", task["index"]), ("corpus:", task["corpus"])]
        self._at = task.get("at")
        self._acts: list[list[Any]] = task.get("do", [])
        self._list: int | None = None
        if task.get("events"):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            self._list = os.open(task["events"], flags)
        self._count = 0
        self._busy = False

    def __call__(self, event: str, values: tuple[Any, ...]) -> None:
        """Hear of an event; it has not happened yet."""
        places = _WATCHED.get(event)
        if places is None or self._busy:
            return
        self._busy = True
        try:
            by_folder = values[-1] if event in ("os.remove", "os.rmdir") else None
            names = [self._name(values[place], by_folder) for place in places]
            if None in names:
                return
            writes = event == "open" and values[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            verb = "write" if writes else event
            told = f"{verb} {' '.join(map(str, names))}{self._stage(names)}"
            if self._list is not None:
                with contextlib.suppress(OSError):
                    os.write(self._list, f"{told}\n".encode())
            count, self._count = self._count, self._count + 1
            if self._at is None or not self._acts:
                return
            if count == self._at or (isinstance(self._at, str) and re.search(self._at, told)):
                acts, self._acts = self._acts, []
                for act in acts:
                    _do(act, Path(self._roots[0][1]))
        finally:
            self._busy = False

    def _name(self, value: object, folder: object) -> str | None:
        """Return the path that an event is about, below the index or the corpus, else None."""
        if not isinstance(value, str | bytes | os.PathLike):
            return None
        path = os.fsdecode(value)
        if not Path(path).is_absolute() and isinstance(folder, int) and folder > 2:
            # Removing a tree names its files by the open folder that holds them.
            try:
                path = str(Path(f"/proc/self/fd/{folder}").readlink() / path)
            except OSError:
                return None
        for prefix, root in self._roots:
            if path == root or path.startswith(f"{root}/"):
                return f"{prefix}{path[len(root) + 1 :]}"
        return None

    def _stage(self, names: Sequence[str | None]) -> str:
        """Return the stage that a build is telling of just now."""
        if names != ["BUILDING.tmp", "BUILDING"]:
            return ""
        with Path(self._roots[0][1], "BUILDING.tmp").open(encoding="utf-8") as stream:
            return f" {json.load(stream)['stage']}"


def _do(act: list[Any], index: Path) -> None:
    """Have one thing go wrong."""
    verb, *rest = act
    if verb == "signal":
        os.kill(os.getpid(), rest[0])
    elif verb in ("truncate", "lose"):
        # A file of the build that is being made.
        newest = max((index / "builds").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        (file,) = newest.glob(rest[0])
        if verb == "lose":
            file.unlink()
        else:
            os.truncate(file, file.stat().st_size - 2)
    elif verb == "limit":
        _limit(*rest)
    elif verb == "write":
        Path(rest[0]).write_text(rest[1], encoding="utf-8")
    elif verb == "write keeping times":
        times = Path(rest[0]).stat()
        Path(rest[0]).write_text(rest[1], encoding="utf-8")
        os.utime(rest[0], ns=(times.st_atime_ns, times.st_mtime_ns))
    elif verb == "remove":
        Path(rest[0]).unlink()
    elif verb == "folder":
        Path(rest[0]).unlink()
        Path(rest[0]).mkdir()
    elif verb == "remove tree":
        shutil.rmtree(rest[0])
    elif verb == "pause":
        # Until somebody takes the file away.
        Path(rest[0]).touch()
        deadline = time.monotonic() + 60
        while Path(rest[0]).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
    else:
        raise ValueError(verb)


def _limit(largest: int, how: str) -> None:
    """Let no file grow beyond ``largest`` bytes: a write that would fails, or ends the process."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if how == "fatal" else signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))


def _child(task: dict[str, Any], output: int) -> None:
    """Run ``ingest.py``, printing to ``output``, and end the process.

    Of the task, ``options`` are those of the command line, ``limit`` the arguments of ``_limit``,
    ``clock`` the seconds by which the clock is wrong, and the rest is for the trap.
    """
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if task.get("clock"):
        _set_clock(task["clock"])
    if task.get("limit"):
        _limit(*task["limit"])
    options = ["--corpus", task["corpus"], "--index", task["index"], *task.get("options", [])]
    sys.argv = [str(ROOT / "ingest.py"), *options]
    code: Any = 1
    sys.addaudithook(Trap(task))
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as the interpreter does at the end of a process
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


def _set_clock(seconds: float) -> None:
    """Have everything in this process that asks for the time believe it is ``seconds`` later."""
    import datetime

    real_time, real_ns = time.time, time.time_ns

    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Shifted:
            return cls.fromtimestamp(real_time() + seconds, tz)

    time.time = lambda: real_time() + seconds
    time.time_ns = lambda: real_ns() + int(seconds * 1e9)
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("tanya") and hasattr(module, "datetime"):
            module.datetime = Shifted  # type: ignore[attr-defined]


def _warm_up() -> None:
    """Load what every build loads: each takes it from here."""
    encoder = load_encoder(None)
    encoder.encode_passages(["Pemanasan."])


def main() -> None:
    """Run tasks until there are no more."""
    _warm_up()
    print("ready", flush=True)
    for line in sys.stdin:
        task = json.loads(line)
        # What a build prints goes into a pipe, where no limit of a file's size can cut it.
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _child(task, writing)
            finally:
                os._exit(99)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as stream:
            output = stream.read()
        _, status = os.waitpid(child, 0)
        told = {"code": os.waitstatus_to_exitcode(status), "output": output}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
