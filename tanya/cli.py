"""The command line: ``python -m tanya`` and ``python ingest.py``.

Each command imports what it needs when it runs, so that asking a question does not wait for what
only building needs.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from tanya import __version__
from tanya.errors import TanyaError
from tanya.settings import Settings, load

if TYPE_CHECKING:
    from tanya.calibrate import Fitting, Measured
    from tanya.evaluate import Figures, Ranking, Refusal
    from tanya.labels import LabelledQuestion
    from tanya.records import Answer, Progress, Report, Status

_INTERRUPTED = 130
_TERMINATED = 143


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
        # Whoever read the output has stopped reading, as head does. Nothing is wrong, but Python
        # would complain when it flushes the stream at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if options.debug:
            raise
        print(
            f"error: unexpected {type(error).__name__}: {error} (--debug shows where)",
            file=sys.stderr,
        )
        return 1
    return code


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
    ask.add_argument("-k", type=int, dest="results", metavar="N", help="how many passages to show")
    ask.add_argument("--json", action="store_true", help="print one JSON object a question")
    _add_common_options(ask)
    ask.set_defaults(run=_ask, usage=ask)

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
    """Build the index."""
    from tanya.build import rebuild

    settings = _settings(options)
    bar = _ProgressBar()
    try:
        report = rebuild(settings, full=options.full, on_progress=bar)
    finally:
        bar.close()
    if options.json:
        _print_json(report)
    else:
        _print_report(report)
    return 1 if options.strict and (report.skipped or report.notes) else 0


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
    from tanya.search import open_searcher

    settings = _settings(options)
    questions = (
        [options.question] if options.questions is None else read_questions(options.questions)
    )
    searcher = open_searcher(settings)
    for question in questions:
        answer = searcher.ask(question)
        if options.json:
            _print_json(answer, indent=None if options.questions is not None else 1)
        else:
            _print_answer(answer)
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
        _print_json(figures)
    else:
        _print_figures(figures)
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
        _print_json(fitting)
    else:
        _print_fitting(fitting, settings.index / FILE_NAME)
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

    status = read_status(_settings(options))
    if options.json:
        print(json.dumps({**dataclasses.asdict(status), "stale": status.stale}, ensure_ascii=False))
    else:
        _print_status(status)
    return 0


def _print_json(record: Any, indent: int | None = 1) -> None:
    """Print a record as JSON."""
    print(json.dumps(dataclasses.asdict(record), ensure_ascii=False, indent=indent), flush=True)


def _print_report(report: Report) -> None:
    """Print what a build did."""
    from tanya.terminal import printable

    for note in report.notes:
        print(printable(f"note: {note.path}: {note.reason}"))
    for file in report.skipped:
        print(printable(f"skipped: {file.path}: {file.reason}"))
    if report.published:
        print(
            f"{report.documents} documents ({report.added} added, {report.changed} changed, "
            f"{report.removed} removed, {report.unchanged} unchanged), "
            f"{report.sentences} sentences ({report.embedded} embedded, {report.reused} reused)"
        )
    else:
        print(
            f"Nothing changed: {report.documents} documents, {report.sentences} sentences. "
            "The index is up to date."
        )
    if report.skipped:
        print(f"{len(report.skipped)} files skipped")
    print(f"model {report.model}, build {report.build}, {report.seconds:.1f} s")


def _print_answer(answer: Answer) -> None:
    """Print the passages of an answer, with marks for a person."""
    from tanya.terminal import Style, passage_lines, printable, question_line

    style = Style.for_stream(sys.stdout)
    print(question_line(answer, style))
    for note in answer.notes:
        print(f"note: {note.text}")
    if answer.corrected:
        print(printable(f"showing results for: {answer.searched}"))
    if not answer.answered:
        print(f"Not found in these documents (confidence {answer.confidence:.0%}). The nearest:")
    else:
        print(f"confidence {answer.confidence:.0%}")
    for number, passage in enumerate(answer.results, start=1):
        print()
        for line in passage_lines(number, passage, style):
            print(line)
    print()


def _print_status(status: Status) -> None:
    """Print the state of the index."""
    from tanya.terminal import printable

    print(f"build      {status.build}, made {status.created}")
    print(f"model      {status.model} ({status.dimension} dimensions)")
    print(f"documents  {status.documents}")
    print(f"sentences  {status.sentences}")
    print(f"vectors    {status.vector_kind}, recall@100 {status.vector_recall:.4f}")
    print(f"size       {status.bytes / 1e6:.1f} MB")
    print(f"threshold  {status.threshold:.2f} (confidence {status.calibration})")
    for name, paths in (
        ("added", status.added),
        ("changed", status.changed),
        ("removed", status.removed),
    ):
        for path in paths:
            print(printable(f"{name:10} {path}"))
    for file in status.skipped:
        print(printable(f"skipped    {file.path}: {file.reason}"))
    if status.stale:
        print("The corpus has changed since. Rebuild with: python ingest.py")
    else:
        print("The index is up to date.")


def _print_figures(figures: Figures) -> None:
    """Print the figures of an evaluation as two tables."""
    print(f"{'ranking':<18}{'questions':>10}{'hit@1':>8}{'hit@5':>8}{'MRR@10':>8}{'doc@1':>8}")
    if figures.ranking is not None:
        _print_ranking("all", figures.ranking)
    for kind, ranking in figures.ranking_by_kind.items():
        _print_ranking(kind, ranking)
    print()
    _print_refusals(figures.refusal, figures.refusal_by_kind, figures.refusal_by_reason)
    print(f"expected calibration error {_figure(figures.calibration_error)}")


def _print_fitting(fitting: Fitting, path: Path) -> None:
    """Print the figures of a new calibration beside those of the one before."""
    print(f"{fitting.answerable} answerable and {fitting.unanswerable} unanswerable questions")
    _print_measured("before", fitting.before)
    _print_measured("after (cross-validated by document)", fitting.after)
    print()
    print(f"{path} is in use from now on; delete it to go back to the one that ships.")


def _print_measured(name: str, found: Measured) -> None:
    """Print how well one calibration does."""
    print()
    print(
        f"{name}: threshold {found.threshold:.3f}, "
        f"expected calibration error {_figure(found.error)}"
    )
    _print_refusals(found.refusal, found.refusal_by_kind, found.refusal_by_reason)


def _print_refusals(
    overall: Refusal, by_kind: dict[str, Refusal], by_reason: dict[str, Refusal]
) -> None:
    """Print the shares of answerable questions refused and of unanswerable ones answered."""
    print(f"{'':<18}{'questions':>10}{'AUROC':>8}{'refused':>9}")
    for name, refusal in {"answerable": overall, **by_kind}.items():
        refused = None if refusal.answered is None else 1 - refusal.answered
        print(f"{name:<18}{refusal.answerable:>10}{_figure(refusal.auroc):>8}{_figure(refused):>9}")
    print(f"{'':<18}{'questions':>10}{'AUROC':>8}{'answered':>9}")
    for name, refusal in {"unanswerable": overall, **by_reason}.items():
        answered = None if refusal.refused is None else 1 - refusal.refused
        print(
            f"{name:<18}{refusal.unanswerable:>10}{_figure(refusal.auroc):>8}{_figure(answered):>9}"
        )


def _print_ranking(name: str, ranking: Ranking) -> None:
    """Print one line of the ranking figures."""
    print(
        f"{name:<18}{ranking.questions:>10}{ranking.hit_at_1:>8.3f}{ranking.hit_at_5:>8.3f}"
        f"{ranking.mrr_at_10:>8.3f}{ranking.document_at_1:>8.3f}"
    )


def _figure(value: float | None) -> str:
    """Return a figure as text, a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"
