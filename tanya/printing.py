"""What the command line prints: answers, reports, figures and states, as text or as JSON."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tanya.settings import Settings, command
from tanya.terminal import Style, one_line, passage_lines, printable, question_line

if TYPE_CHECKING:
    from tanya.calibrate import Fitting, Measured
    from tanya.evaluate import Figures, Ranking, Refusal
    from tanya.gaps import Gap
    from tanya.records import (
        Activity,
        Answer,
        BuildDiff,
        BuildInfo,
        GateChange,
        Report,
        Status,
        Verdict,
    )


def counted(count: int, name: str) -> str:
    """Return how many there are of what ``name`` names."""
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def ingest_command(settings: Settings) -> str:
    """Return what builds the index that the settings name of the documents that they name."""
    folders = {"corpus": settings.corpus, "index": settings.index}
    return command("python ingest.py", **folders, model=settings.model)


def print_builds(found: Sequence[BuildInfo], settings: Settings) -> None:
    """Print the builds of an index as a table."""
    print(
        f"{'build':<24}{'made':<27}{'documents':>10}{'sentences':>10}{'MB':>8}  state, model, gate"
    )
    for build in found:
        gate = "" if build.gate is None else f", hit@5 {_figure(build.gate.hit_at_5)}"
        gate += "" if build.gate is None else f" of {counted(build.gate.questions, 'question')}"
        print(
            f"{build.name:<24}{build.created:<27}{build.documents:>10}{build.sentences:>10}"
            f"{build.bytes / 1e6:>8.1f}  {build.state}, {build.model}{gate}"
        )
    if not found:
        print(f"There is no build yet. Make one with: {ingest_command(settings)}")


def print_gaps(found: Sequence[Gap]) -> None:
    """Print content gaps, the newest first."""
    for gap in found:
        reasons = ", ".join(f"{count} {reason}" for reason, count in gap.reasons)
        place = f", for {gap.document}" if gap.document else ""
        print(one_line(f"{gap.state:<10}{gap.newest[:10]}  {gap.question} ({reasons}{place})"))
        for wording in gap.wordings[1:]:
            print(printable(f"{'':<22}{wording}"))
    if not found:
        print("No question was left without a good answer.")


def print_diff(found: BuildDiff) -> None:
    """Print how two builds differ."""
    for path in found.added:
        print(one_line(f"added    {path}"))
    for path in found.removed:
        print(one_line(f"removed  {path}"))
    for before, after in found.renamed:
        print(one_line(f"renamed  {before} -> {after}"))
    for document in found.changed:
        print(one_line(f"changed  {document.path}"))
        for text in document.went:
            print(printable(f"  - {text}"))
        for text in document.came:
            print(printable(f"  + {text}"))
    if not (found.added or found.removed or found.renamed or found.changed):
        print("The documents of both are the same.")


def _print_verdict(verdict: Verdict) -> None:
    """Print what the gate found."""
    print(printable(f"gate {verdict.file}: {counted(verdict.after.questions, 'question')}"))
    print(f"{'':<12}{'hit@1':>8}{'hit@5':>8}{'MRR@10':>8}{'answered':>10}{'refused':>9}")
    for name, row in (("published", verdict.before), ("new", verdict.after)):
        if row is not None:
            print(
                f"{name:<12}{_figure(row.hit_at_1):>8}{_figure(row.hit_at_5):>8}"
                f"{_figure(row.mrr_at_10):>8}{_figure(row.answered):>10}"
                f"{_figure(row.refused):>9}"
            )
    for name, changes in (("better", verdict.better), ("worse", verdict.worse)):
        for change in changes:
            print(printable(f"{name:<8}{_ranks(change)}  {change.question}"))
    for lack in verdict.lacking:
        print(one_line(f"note: {lack.source}: {lack}. Correct or remove the question."))


def _ranks(change: GateChange) -> str:
    """Return how a question fared before and after."""
    if not change.answerable:
        words = {True: "answered", False: "refused"}
        return f"{words[change.answered_before]} -> {words[change.answered_after]}"
    return f"{change.before or '–'} -> {change.after or '–'}"


def print_json(record: Any, indent: int | None = 1) -> None:
    """Print a record as JSON."""
    print(json.dumps(dataclasses.asdict(record), ensure_ascii=False, indent=indent), flush=True)


def print_report(report: Report, settings: Settings) -> None:
    """Print what a build did."""
    for note in report.notes:
        print(one_line(f"note: {note.path}: {note.reason}"))
    for file in report.skipped:
        print(one_line(f"skipped: {file.path}: {file.reason}"))
    if report.verdict is not None:
        _print_verdict(report.verdict)
    documents = counted(report.documents, "document")
    sentences = counted(report.sentences, "sentence")
    if report.published or report.rejected:
        renamed = f"{report.renamed} renamed, " if report.renamed else ""
        print(
            f"{documents} ({report.added} added, {report.changed} changed, "
            f"{report.removed} removed, {renamed}{report.unchanged} unchanged), "
            f"{sentences} ({report.embedded} embedded, {report.reused} reused)"
        )
    else:
        print(f"Nothing changed: {documents}, {sentences}. The index is up to date.")
    if report.skipped:
        print(f"{counted(len(report.skipped), 'file')} skipped")
    if report.others:
        kinds = (f"{kind.count} {kind.ending or 'without an ending'}" for kind in report.others)
        print(one_line(f"not read, being neither .txt nor .md: {', '.join(kinds)}"))
    if report.verdict is not None and not report.verdict.passed:
        for reason in report.verdict.reasons:
            print(printable(f"gate: {reason.text}"))
    if report.rejected:
        ask = command(f"python -m tanya ask --build {report.candidate}", index=settings.index)
        print(
            f"NOT published: the gate turned {report.candidate} away, and {report.build} answers "
            f"on. Look at it with: {ask} QUESTION"
        )
        print("Mend the documents and rebuild, or publish it all the same with --force.")
    if report.gaps is not None and (report.gaps.open or report.gaps.closed):
        print(
            f"content gaps: {report.gaps.closed} closed by this build, {report.gaps.open} open. "
            f"See them with: {command('python -m tanya gaps', index=settings.index)}"
        )
    print(f"model {report.model}, build {report.build}, {report.seconds:.1f} s")


def print_answer(answer: Answer) -> None:
    """Print the passages of an answer, with marks for a person."""
    style = Style.for_stream(sys.stdout)
    print(question_line(answer, style))
    for note in answer.notes:
        print(printable(f"note: {note.text}"))
    if answer.corrected:
        print(printable(f"showing results for: {answer.searched}"))
    if not answer.answered:
        # Not "confidence", which here would read as that of the refusal.
        chance = f"the chance that they answer is {answer.confidence:.0%}"
        print(f"Not found in these documents; {chance}. The nearest:")
    else:
        print(f"confidence {answer.confidence:.0%}")
    for number, passage in enumerate(answer.results, start=1):
        print()
        for line in passage_lines(number, passage, style):
            print(line)
    print()


def print_status(status: Status, settings: Settings) -> None:
    """Print the state of the index."""
    print(f"build      {status.build}, made {status.created}")
    print(f"model      {status.model} ({status.dimension} dimensions)")
    print(f"documents  {status.documents}")
    print(f"sentences  {status.sentences}")
    print(f"vectors    {status.vector_kind}, recall@100 {status.vector_recall:.4f}")
    print(f"size       {status.bytes / 1e6:.1f} MB")
    print(f"threshold  {status.threshold:.2f} (confidence {status.calibration})")
    if status.warning is not None:
        print(printable(f"warning    {status.warning}"))
    if status.candidate is not None:
        print(f"candidate  {status.candidate}, turned away by the gate or left by a stopped build")
    for name in status.other_settings:
        print(f"setting    {name} is not what the index was made with")
    if status.building is not None:
        print(f"building   {_activity(status.building)}")
    if status.other_corpus is None:
        for name, paths in (
            ("added", status.added),
            ("changed", status.changed),
            ("removed", status.removed),
        ):
            for path in paths:
                print(one_line(f"{name:10} {path}"))
    for file in status.skipped:
        print(one_line(f"skipped    {file.path}: {file.reason}"))
    if status.other_corpus is not None:
        other = command("python -m tanya status", corpus=status.other_corpus, index=settings.index)
        print(
            f"None of its files is in {status.corpus!r}: it seems to be the index of another "
            f"folder. It was built of {status.other_corpus!r}; compare it with that: {other}"
        )
    elif status.stale:
        what = "corpus has" if status.added or status.changed or status.removed else "settings have"
        print(f"The {what} changed since. Rebuild with: {ingest_command(settings)}")
    else:
        print("The index is up to date.")


def _activity(building: Activity) -> str:
    """Return who is building, since when, and how far it is."""
    who = f"by process {building.pid} on {building.host}" if building.pid else "by another process"
    since = f" since {building.since}" if building.since else ""
    far = f", {building.stage} {building.done} of {building.total}" if building.stage else ""
    return f"{who}{since}{far}"


def print_figures(figures: Figures) -> None:
    """Print the figures of an evaluation as two tables."""
    print(f"{'ranking':<18}{'questions':>10}{'hit@1':>8}{'hit@5':>8}{'MRR@10':>8}{'doc@1':>8}")
    if figures.ranking is not None:
        _print_ranking("all", figures.ranking)
    for kind, ranking in figures.ranking_by_kind.items():
        _print_ranking(kind, ranking)
    print()
    _print_refusals(figures.refusal, figures.refusal_by_kind, figures.refusal_by_reason)
    print(f"expected calibration error {_figure(figures.calibration_error)}")


def print_fitting(fitting: Fitting, path: Path) -> None:
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
