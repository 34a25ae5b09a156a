"""The gate before publishing: the labelled questions that a new build has to answer as well."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from tanya.build import Candidate, OnProgress
from tanya.encoders import load_encoder
from tanya.errors import TanyaError
from tanya.evaluate import DEPTH, Outcome, figures, lacking, outcome, reciprocal_rank
from tanya.labels import LabelledQuestion, read_labels
from tanya.records import GateChange, GateFigures, GateReason, Lack, Progress, Verdict
from tanya.search import Searcher
from tanya.settings import Settings

FILE_NAME = "questions.jsonl"
# Shares are sums of many; what adding them in another order changes is no fall.
_ROUNDING = 1e-9
# A question that must be answered has to have its sentence among so many.
_MUST_RANK = 5


def gate_file(settings: Settings, named: Path | None) -> Path | None:
    """Return the file of labelled questions: the one named, else the corpus's own, or None."""
    if named is not None:
        return named
    own = settings.corpus / FILE_NAME
    return own if own.is_file() else None


def gate(settings: Settings, file: Path) -> Callable[[Candidate, OnProgress], Verdict]:
    """Return what judges a candidate by the labelled questions in ``file``, which is read now.

    A candidate is turned away if its hit@5 is lower than the published build's by more than the
    setting ``gate_drop``, or if a question marked "must" fails: an answerable one whose sentence is
    not among the first five, or that is refused, and an unanswerable one that is answered.

    Raises:
        LabelsError: the file cannot be used; the message names the line.
    """
    labels = read_labels(file)

    def judge(candidate: Candidate, notify: OnProgress) -> Verdict:
        total = len(labels) * (1 if candidate.published is None else 2)
        asked = 0

        def count() -> None:
            nonlocal asked
            asked += 1
            notify(Progress("asking", asked, total))

        before = _published_outcomes(candidate, settings, labels, count)
        searcher = Searcher(candidate.build, candidate.encoder, settings)
        after = _outcomes(searcher, labels, count)
        lacks = _lacks(candidate, labels, comparing=before is not None)
        return verdict(str(file), before, after, settings.gate_drop, lacks)

    return judge


def _lacks(
    candidate: Candidate, labels: Sequence[LabelledQuestion], *, comparing: bool
) -> list[Lack | None]:
    """Return what the candidate lacks of what each label names, and whether it was lost with it.

    That is no error, as it is where a set is evaluated: documents are edited, and the questions
    about what they said would hold up every build. ``comparing`` says whether the published build
    can be read.
    """
    now = lacking(candidate.build, labels)
    if candidate.published is None or not comparing or not any(now):
        return now
    before = lacking(candidate.published, labels)
    return [
        lack and dataclasses.replace(lack, lost=old is None)
        for lack, old in zip(now, before, strict=True)
    ]


def _published_outcomes(
    candidate: Candidate,
    settings: Settings,
    labels: Sequence[LabelledQuestion],
    count: Callable[[], None],
) -> list[Outcome] | None:
    """Return what the published build makes of the questions, None if it cannot be asked."""
    published = candidate.published
    if published is None:
        return None
    manifest = published.manifest
    try:
        same = manifest.fingerprint == candidate.encoder.fingerprint
        encoder = candidate.encoder if same else load_encoder(manifest.model)
        return _outcomes(Searcher(published, encoder, settings), labels, count)
    except TanyaError:
        # Its model is gone, or damage shows only now: there is nothing to compare with.
        return None


def _outcomes(
    searcher: Searcher, labels: Sequence[LabelledQuestion], count: Callable[[], None]
) -> list[Outcome]:
    """Return what a build makes of the questions.

    A document that it does not have is no error here: a question about it just is not answered.
    """
    found = []
    for label in labels:
        found.append(outcome(label, searcher.ask(label.question, results=DEPTH)))
        count()
    return found


def verdict(
    file: str,
    before: Sequence[Outcome] | None,
    after: Sequence[Outcome],
    drop: float,
    lacks: Sequence[Lack | None] = (),
) -> Verdict:
    """Return what is to be said of a candidate.

    Args:
        file: where the questions came from.
        before: what the published build made of them, None if it could not be asked.
        after: what the candidate makes of them, in the same order.
        drop: by how much hit@5 may be lower.
        lacks: what the candidate lacks of what each label names; empty where it has everything.
    """
    now = _figures(after)
    old = None if before is None else _figures(before)
    reasons = [
        GateReason(
            "must",
            f"the question {one.label.question!r}, which must be answered, {_failure(one, lack)}",
            one.label.question,
        )
        for one, lack in zip(after, lacks or [None] * len(after), strict=True)
        if one.label.must and _failure(one, lack)
    ]
    if (
        old is not None
        and old.hit_at_5 is not None
        and now.hit_at_5 is not None
        and old.hit_at_5 - now.hit_at_5 > drop + _ROUNDING
    ):
        text = (
            f"hit@5 falls from {old.hit_at_5:.3f} to {now.hit_at_5:.3f}, by more than "
            f"{drop:g} (gate_drop)"
        )
        reasons.append(GateReason("drop", text))
    changes = [] if before is None else [_change(b, a) for b, a in zip(before, after, strict=True)]
    return Verdict(
        file=file,
        passed=not reasons,
        reasons=tuple(reasons),
        before=old,
        after=now,
        better=tuple(change for change, gain in changes if gain > 0),
        worse=tuple(change for change, gain in changes if gain < 0),
        lacking=tuple(lack for lack in lacks if lack is not None),
    )


def _failure(found: Outcome, lack: Lack | None) -> str:
    """Return how a question fails that must not, "" if it does not."""
    if not found.label.answerable:
        return "is answered, although nothing answers it" if found.answered else ""
    if found.rank is None and lack is not None:
        return f"fails: {lack}"
    if found.rank is None or found.rank > _MUST_RANK:
        place = "is not found" if found.rank is None else f"comes only at rank {found.rank}"
        return f"fails: the sentence that answers {place}"
    return "" if found.answered else "is refused"


def _change(before: Outcome, after: Outcome) -> tuple[GateChange, float]:
    """Return how a question fared, and by how much better it did."""
    label = after.label
    gain = reciprocal_rank(after.rank) - reciprocal_rank(before.rank)
    if not label.answerable:
        gain = float(before.answered) - float(after.answered)
    change = GateChange(
        question=label.question,
        answerable=label.answerable,
        must=label.must,
        before=before.rank,
        after=after.rank,
        answered_before=before.answered,
        answered_after=after.answered,
    )
    return change, gain


def _figures(outcomes: Sequence[Outcome]) -> GateFigures:
    """Return the figures of a build."""
    found = figures(outcomes)
    ranking = found.ranking
    shares = GateFigures(len(outcomes), None, None, None, None, None)
    if ranking is not None:
        shares = dataclasses.replace(
            shares,
            hit_at_1=ranking.hit_at_1,
            hit_at_5=ranking.hit_at_5,
            mrr_at_10=ranking.mrr_at_10,
        )
    return dataclasses.replace(
        shares, answered=found.refusal.answered, refused=found.refusal.refused
    )
