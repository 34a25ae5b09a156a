"""The command line: ``python -m tanya`` and ``python ingest.py``.

Each command imports what it needs when it runs, so that asking a question does not wait for what
only building needs.
"""

from __future__ import annotations

import argparse
import dataclasses
import errno
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from tanya import __version__
from tanya.errors import QuestionError, TanyaError
from tanya.printing import (
    counted,
    ingest_command,
    print_answer,
    print_builds,
    print_diff,
    print_figures,
    print_fitting,
    print_gaps,
    print_json,
    print_report,
    print_status,
)
from tanya.settings import Settings, load
from tanya.text import has_words

if TYPE_CHECKING:
    from tanya.labels import LabelledQuestion
    from tanya.records import Progress, Report
    from tanya.update import Update

_INTERRUPTED = 130
_TERMINATED = 143
# The gate turned the new build away.
_REJECTED = 3
# How the system says that what was printed could not be written.
_UNWRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main(arguments: Sequence[str]) -> int:
    """Run ``python -m tanya`` with ``arguments`` and return its exit code."""
    return _run(_parser(), arguments)


def ingest(arguments: Sequence[str]) -> int:
    """Run ``python ingest.py`` with ``arguments`` and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="ingest.py", description="Build the index of a folder of documents, or update it."
    )
    _add_ingest_options(parser)
    return _run(parser, arguments)


def _run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Parse ``arguments``, run the command, and turn what goes wrong into a line of text."""
    _prepare_output()
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        command: Callable[[argparse.Namespace], int] = options.run
        code = command(options)
        sys.stdout.flush()
    except TanyaError as error:
        if options.debug:
            traceback.print_exc()
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. The index that was there is unchanged.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has stopped reading, as head does. Nothing is wrong.
        _discard_output()
        return 0
    except OSError as error:
        if options.debug:
            raise
        # What is wrong with a file names the file.
        if error.filename is not None or error.errno not in _UNWRITTEN:
            return _unexpected(error)
        print(f"error: Cannot write the output: {error.strerror}.", file=sys.stderr)
        _discard_output()
        return 1
    except Exception as error:
        if options.debug:
            raise
        return _unexpected(error)
    return code


def _unexpected(error: Exception) -> int:
    """Say what went wrong that nobody had thought of, and return the exit code."""
    print(
        f"error: unexpected {type(error).__name__}: {error} (--debug shows where)", file=sys.stderr
    )
    return 1


def _discard_output() -> None:
    """Let what is not written go, about which Python would complain at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _prepare_output() -> None:
    """Have both streams write UTF-8 whatever the machine's habit, and be there even if closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _terminate(_signal: int, _frame: object) -> NoReturn:
    """Leave as at an interrupt, so that a half-written build is removed."""
    raise SystemExit(_TERMINATED)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m tanya``."""
    parser = argparse.ArgumentParser(
        prog="tanya", description="Ask a folder of documents a question."
    )
    parser.add_argument("--version", action="version", version=f"Tanya {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    ask = commands.add_parser("ask", help="answer a question, or each of a file of questions")
    ask.add_argument("question", nargs="?", help="the question, in your own words")
    ask.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="answer each question of FILE: labelled ones (JSON lines) or one a line",
    )
    ask.add_argument(
        "-k", type=_count, dest="results", metavar="N", help="how many passages to show"
    )
    ask.add_argument("--json", action="store_true", help="print one JSON object a question")
    _add_common_options(ask)
    ask.set_defaults(run=_ask, usage=ask)

    ask.add_argument(
        "--build", metavar="NAME", help="ask this build, such as a candidate, not the published one"
    )
    _add_build_commands(commands)
    _add_gap_commands(commands)
    ingest_parser = commands.add_parser("ingest", help="build the index, as ingest.py does")
    _add_ingest_options(ingest_parser)

    evaluate = commands.add_parser("evaluate", help="measure the answers on labelled questions")
    evaluate.add_argument("questions", type=Path, help="labelled questions, one JSON object a line")
    evaluate.add_argument("--split", help="only the questions whose split is this, such as test")
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON")
    _add_common_options(evaluate)
    evaluate.set_defaults(run=_evaluate)

    calibrate = commands.add_parser(
        "calibrate", help="fit the confidence of this index on labelled questions"
    )
    calibrate.add_argument(
        "questions",
        type=Path,
        help="labelled questions, answerable and not, that the model was not trained on",
    )
    calibrate.add_argument("--split", help="only the questions whose split is this, such as train")
    calibrate.add_argument(
        "--refuse-at-most",
        type=float,
        default=0.05,
        metavar="SHARE",
        help="the share of the answerable questions that may be refused (0.05)",
    )
    calibrate.add_argument("--json", action="store_true", help="print the figures as JSON")
    _add_common_options(calibrate)
    calibrate.set_defaults(run=_calibrate)

    status = commands.add_parser("status", help="say what the index holds and whether it is stale")
    status.add_argument("--json", action="store_true", help="print the state as JSON")
    _add_common_options(status)
    status.set_defaults(run=_status)
    return parser


def _count(text: str) -> int:
    """Return the number, at least 1, that an option has; argparse says which option it is."""
    try:
        found = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"it is {text!r}; it must be a whole number") from error
    if found < 1:
        raise argparse.ArgumentTypeError(f"it is {found}; it must be at least 1")
    return found


def _seconds(text: str) -> float:
    """Return the time, at least 0, that an option has; argparse says which option it is."""
    try:
        found = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"it is {text!r}; it must be a number") from error
    # Not a number compares as neither.
    if not found >= 0:
        raise argparse.ArgumentTypeError(f"it is {found:g}; it must be at least 0")
    return found


def _add_gap_commands(commands: Any) -> None:
    """Add the commands that look at what readers asked."""
    gaps = commands.add_parser("gaps", help="list the questions that readers found no answer to")
    gaps.add_argument("--all", action="store_true", help="also those closed or dismissed")
    gaps.add_argument("--json", action="store_true", help="print them as JSON")
    _add_common_options(gaps)
    gaps.set_defaults(run=_gaps)


def _add_build_commands(commands: Any) -> None:
    """Add the commands about the builds of an index."""
    builds = commands.add_parser("builds", help="list the builds: which there are, and their gates")
    builds.add_argument("--json", action="store_true", help="print the list as JSON")
    _add_common_options(builds)
    builds.set_defaults(run=_builds)

    rollback = commands.add_parser("rollback", help="publish an older build at once")
    rollback.add_argument("name", nargs="?", help="which; the one before the published if left out")
    _add_common_options(rollback)
    rollback.set_defaults(run=_rollback)

    diff = commands.add_parser("diff", help="say how the documents of two builds differ")
    diff.add_argument("before", help="a build")
    diff.add_argument("after", help="another one")
    diff.add_argument("--json", action="store_true", help="print the differences as JSON")
    _add_common_options(diff)
    diff.set_defaults(run=_diff)

    verify = commands.add_parser("verify", help="check every file of a build, and that all agree")
    verify.add_argument("names", nargs="*", help="which builds; the published one if left out")
    verify.add_argument("--all", action="store_true", help="check all builds")
    _add_common_options(verify)
    verify.set_defaults(run=_verify)

    clean = commands.add_parser("clean", help="remove older builds, and with them deleted texts")
    clean.add_argument(
        "--keep",
        type=_count,
        default=1,
        metavar="N",
        help="how many to keep, the published one too",
    )
    _add_common_options(clean)
    clean.set_defaults(run=_clean)


def _add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command has."""
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="the documents (corpus)")
    parser.add_argument("--index", type=Path, metavar="DIR", help="the index (index)")
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="bundled, or the name or folder of a sentence-transformers model",
    )
    parser.add_argument("--debug", action="store_true", help="show where an error came from")


def _add_ingest_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of building."""
    parser.add_argument("--full", action="store_true", help="build anew, reusing nothing")
    parser.add_argument(
        "--verify", action="store_true", help="compare the content of all files, not their times"
    )
    parser.add_argument(
        "--gate",
        type=Path,
        metavar="FILE",
        help="labelled questions that the new build has to answer as well before it is published "
        "(questions.jsonl in the corpus's folder)",
    )
    parser.add_argument(
        "--force", action="store_true", help="publish whatever the gate says of the build"
    )
    parser.add_argument(
        "--wait",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="how long to wait for another process that is building",
    )
    parser.add_argument(
        "--watch", action="store_true", help="go on rebuilding whenever files have settled"
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 if a file was skipped or in doubt"
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    _add_common_options(parser)
    parser.set_defaults(run=_ingest)


def _settings(options: argparse.Namespace) -> Settings:
    """Return the settings, those of the command line over all others."""
    names = {field.name for field in dataclasses.fields(Settings)}
    return load({name: value for name, value in vars(options).items() if name in names})


def _ingest(options: argparse.Namespace) -> int:
    """Build the index, once or whenever the corpus changes."""
    from tanya.update import Update, update

    settings = _settings(options)
    how = Update(
        full=options.full,
        verify=options.verify,
        force=options.force,
        wait=options.wait,
        gate=options.gate,
    )
    if options.watch:
        return _watch(settings, how, as_json=options.json)
    bar = _ProgressBar()
    try:
        report = update(settings, how, bar)
    finally:
        bar.close()
    _tell(report, settings, as_json=options.json)
    if report.rejected:
        return _REJECTED
    return 1 if options.strict and (report.skipped or report.notes) else 0


def _watch(settings: Settings, how: Update, *, as_json: bool) -> int:
    """Rebuild whenever files have settled, until somebody stops it."""
    import threading

    from tanya.records import Report
    from tanya.update import watch

    bar = _ProgressBar()
    print(f"Watching {settings.corpus}. Ctrl-C stops.", file=sys.stderr, flush=True)
    try:
        for found in watch(settings, how, threading.Event(), bar):
            bar.close()
            if isinstance(found, Report):
                _tell(found, settings, as_json=as_json)
                sys.stdout.flush()
            else:
                print(f"error: {found}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("Stopped watching. The published index answers on.", file=sys.stderr)
    finally:
        bar.close()
    return 0


def _tell(report: Report, settings: Settings, *, as_json: bool) -> None:
    """Print what a build did."""
    if as_json:
        print_json(report)
    else:
        print_report(report, settings)


class _ProgressBar:
    """Shows a build's progress on standard error, if a person is looking."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._stage = ""

    def __call__(self, progress: Progress) -> None:
        """Show ``progress``."""
        from tqdm import tqdm

        if progress.stage != self._stage:
            self.close()
            self._stage = progress.stage
            # None: only on a terminal.
            self._bar = tqdm(desc=progress.stage, total=progress.total, disable=None, leave=False)
        self._bar.update(progress.done - self._bar.n)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _ask(options: argparse.Namespace) -> int:
    """Answer one question or a file of them."""
    if (options.question is None) == (options.questions is None):
        options.usage.error("give either a question or --questions FILE")
    from tanya.labels import read_questions
    from tanya.live import LiveSearcher
    from tanya.search import open_searcher

    settings = _settings(options)
    typed = options.question or ""
    # Of nothing at all the searcher says that it is empty.
    if typed.strip() and not has_words(typed):
        raise QuestionError(
            "There is nothing to search for: the question has no letter and no digit. "
            "Type what you want to know."
        )
    questions = (
        [options.question] if options.questions is None else read_questions(options.questions)
    )
    # A long file of questions is answered by what is published when each is asked.
    named = options.build is not None
    searcher = open_searcher(settings, options.build) if named else LiveSearcher(settings)
    for question in questions:
        answer = searcher.ask(question)
        if options.json:
            print_json(answer, indent=None if options.questions is not None else 1)
        else:
            print_answer(answer)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    """Measure the answers on labelled questions."""
    from tqdm import tqdm

    from tanya.evaluate import evaluate
    from tanya.search import open_searcher

    labels = _labels(options)
    searcher = open_searcher(_settings(options))
    with tqdm(desc="asking", total=len(labels), disable=None, leave=False) as bar:
        figures = evaluate(searcher, labels, on_asked=bar.update)
    if options.json:
        print_json(figures)
    else:
        print_figures(figures)
    return 0


def _calibrate(options: argparse.Namespace) -> int:
    """Fit the confidence on labelled questions and keep it with the index."""
    from tqdm import tqdm

    from tanya.calibrate import calibrate
    from tanya.confidence import FILE_NAME, write_calibrations
    from tanya.search import open_searcher

    settings = _settings(options)
    labels = _labels(options)
    searcher = open_searcher(settings)
    with tqdm(desc="asking", total=len(labels), disable=None, leave=False) as bar:
        fitting = calibrate(
            searcher, labels, refuse_at_most=options.refuse_at_most, on_asked=bar.update
        )
    write_calibrations(settings.index / FILE_NAME, [fitting.calibration])
    if options.json:
        print_json(fitting)
    else:
        print_fitting(fitting, settings.index / FILE_NAME)
    return 0


def _labels(options: argparse.Namespace) -> list[LabelledQuestion]:
    """Return the labelled questions that the options name, those of the split that they name."""
    from tanya.errors import LabelsError
    from tanya.labels import read_labels

    labels = read_labels(options.questions)
    if options.split is None:
        return labels
    chosen = [label for label in labels if label.split == options.split]
    if not chosen:
        splits = sorted({label.split for label in labels})
        raise LabelsError(
            f"No question in {str(options.questions)!r} has the split {options.split!r}; "
            f"there are: {', '.join(map(repr, splits))}."
        )
    return chosen


def _status(options: argparse.Namespace) -> int:
    """Say what the index holds."""
    from tanya.status import read_status

    settings = _settings(options)
    status = read_status(settings)
    if options.json:
        print(json.dumps({**dataclasses.asdict(status), "stale": status.stale}, ensure_ascii=False))
    else:
        print_status(status, settings)
    return 0


def _gaps(options: argparse.Namespace) -> int:
    """List the content gaps, after asking again what the published build was not asked yet."""
    from tanya.gaps import find_gaps, recheck
    from tanya.search import open_searcher

    settings = _settings(options)
    searcher = open_searcher(settings)
    recheck(searcher, settings)
    found = find_gaps(settings, searcher.build.manifest.name, searcher.embed)
    if not options.all:
        found = [gap for gap in found if gap.state == "open"]
    if options.json:
        print(json.dumps([dataclasses.asdict(gap) for gap in found], ensure_ascii=False))
    else:
        print_gaps(found)
    return 0


def _builds(options: argparse.Namespace) -> int:
    """List the builds of the index."""
    from tanya.index import list_builds

    settings = _settings(options)
    found = list_builds(settings.index)
    if options.json:
        print(json.dumps([dataclasses.asdict(build) for build in found], ensure_ascii=False))
        return 0
    print_builds(found, settings)
    return 0


def _rollback(options: argparse.Namespace) -> int:
    """Publish an older build."""
    from tanya.index import roll_back

    settings = _settings(options)
    before, after = roll_back(settings.index, options.name)
    print(f"Published {after}, in the place of {before}. The documents are as they were: the next")
    print(f"{ingest_command(settings)} makes a new build of them if they differ.")
    return 0


def _diff(options: argparse.Namespace) -> int:
    """Say how two builds differ."""
    from contextlib import closing

    from tanya.index import compare_builds, open_build

    index = _settings(options).index
    with (
        closing(open_build(index, options.before)) as before,
        closing(open_build(index, options.after)) as after,
    ):
        found = compare_builds(before, after)
    if options.json:
        print_json(found)
    else:
        print_diff(found)
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Check builds through and through."""
    from tanya.index import list_builds, published_name, verify_build

    index = _settings(options).index
    names = list(options.names)
    if options.all:
        names = [build.name for build in list_builds(index)]
    failed = False
    for name in names or [published_name(index)]:
        try:
            manifest = verify_build(index, name)
        except TanyaError as error:
            failed = True
            print(f"error: {error}", file=sys.stderr)
        else:
            print(
                f"{name}: sound ({counted(len(manifest.files), 'file')}, "
                f"{counted(manifest.documents, 'document')}, "
                f"{counted(manifest.sentences, 'sentence')})"
            )
    return 1 if failed else 0


def _clean(options: argparse.Namespace) -> int:
    """Remove older builds."""
    from tanya.index import building, list_builds, published_name

    settings = dataclasses.replace(_settings(options), keep_builds=options.keep)
    if not list_builds(settings.index):
        # Says that there is no index, and makes none.
        published_name(settings.index)
    with building(settings.index) as workshop:
        removed = workshop.clean(settings.keep_builds, verified=True)
    for name in removed:
        print(f"removed {name}")
    print(f"{counted(len(removed), 'build')} removed.")
    return 0
