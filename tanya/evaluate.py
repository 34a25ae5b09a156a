"""From labelled questions to figures: how often the right sentence comes first, and a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tanya.errors import LabelsError
from tanya.index import OpenBuild
from tanya.labels import LabelledQuestion
from tanya.records import Answer, Lack, Passage, Span
from tanya.search import Searcher
from tanya.text import hide

# MRR@10 looks at so many sentences.
DEPTH = 10
# Bins of the expected calibration error.
BINS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one labelled question got.

    ``rank`` is the rank of the first sentence that answers, from 1, or None beyond ``DEPTH``;
    ``document_first`` says whether the first sentence is of the right document.
    """

    label: LabelledQuestion
    rank: int | None
    document_first: bool
    confidence: float
    answered: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well the answerable questions of a group were ranked; shares between 0 and 1."""

    questions: int
    hit_at_1: float
    hit_at_5: float
    mrr_at_10: float
    document_at_1: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """How well answerable and unanswerable questions were told apart.

    ``auroc`` is the probability that an answerable question gets a higher confidence than an
    unanswerable one, None where either is missing. ``answered`` is the share of the answerable
    questions that were answered, ``refused`` that of the unanswerable ones that were refused.
    """

    answerable: int
    unanswerable: int
    auroc: float | None
    answered: float | None
    refused: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a set: over all questions, by kind, and refusal by reason, too.

    ``calibration_error`` is that of the confidence as the probability that the documents answer.
    """

    ranking: Ranking | None
    ranking_by_kind: dict[str, Ranking]
    refusal: Refusal
    refusal_by_kind: dict[str, Refusal]
    refusal_by_reason: dict[str, Refusal]
    calibration_error: float | None


def evaluate(
    searcher: Searcher,
    labels: Sequence[LabelledQuestion],
    *,
    on_asked: Callable[[], object] = lambda: None,
) -> Figures:
    """Ask every labelled question and return the figures; ``on_asked`` is called after each.

    Raises:
        LabelsError: the index does not have a document, or the evidence in it, of a question.
    """
    check_labels(searcher, labels)
    outcomes = []
    for label in labels:
        outcomes.append(outcome(label, searcher.ask(label.question, results=DEPTH)))
        on_asked()
    return figures(outcomes)


def check_labels(searcher: Searcher, labels: Sequence[LabelledQuestion]) -> None:
    """Raise LabelsError if the index does not have what a label names: it could never be found."""
    for label, lack in zip(labels, lacking(searcher.build, labels), strict=True):
        if lack is None:
            continue
        beginning = f"{label.source}: the" if label.source else "The"
        if lack.evidence is None:
            raise LabelsError(
                f"{beginning} question {label.question!r} is about {label.document!r}, "
                "which is not in the index. Check the path, or rebuild the index."
            )
        raise LabelsError(
            f"{beginning} evidence {lack.evidence!r} is not in {label.document!r}. "
            "Copy it from the document letter by letter, or rebuild the index."
        )


def lacking(build: OpenBuild, labels: Sequence[LabelledQuestion]) -> list[Lack | None]:
    """Return for each label what the build lacks of what it names, None where it has all of it."""
    named = {label.document for label in labels if label.answerable}
    paths = {found.id: found.path for found in build.store.outlines() if found.path in named}
    texts = {
        document.path: _as_copied(document.text, 0, document.hidden)
        for document in build.store.documents(list(paths)).values()
    }
    return [_lack(label, texts) if label.answerable else None for label in labels]


def _lack(label: LabelledQuestion, texts: Mapping[str, Sequence[str]]) -> Lack | None:
    """Return what the documents lack of a label; ``texts`` are theirs as they may be copied."""
    path = label.document or ""
    if path not in texts:
        return Lack(label.question, path, None, label.source)
    gone = next((p for p in label.evidence if not any(p in text for text in texts[path])), None)
    return None if gone is None else Lack(label.question, path, gone, label.source)


def outcome(label: LabelledQuestion, answer: Answer) -> Outcome:
    """Return what ``answer`` is worth to the question of ``label``."""
    rank = None
    for i, passage in enumerate(answer.results[:DEPTH], start=1):
        right = passage.document == label.document
        if label.answerable and right and _holds(passage, label.evidence):
            rank = i
            break
    first = bool(answer.results) and answer.results[0].document == label.document
    return Outcome(label, rank, first, answer.confidence, answer.answered)


def _holds(passage: Passage, evidence: Sequence[str]) -> bool:
    """Say whether the sentence of ``passage`` holds a piece of evidence."""
    copied = _as_copied(passage.sentence, passage.start, passage.hidden)
    return any(piece in text for text in copied for piece in evidence)


def _as_copied(text: str, start: int, hidden: Sequence[Span]) -> tuple[str, ...]:
    """Return a text, which begins at ``start`` of its document, with its white space folded.

    Whoever labels a question may have copied what is in the file, or what a reader sees of it.
    """
    seen = hide(text, start, tuple(hidden)).replace("\0", "")
    return tuple(" ".join(one.split()) for one in (text, seen))


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of a set of outcomes."""
    answerable = [outcome for outcome in outcomes if outcome.label.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.label.answerable]
    return Figures(
        ranking=_ranking(answerable) if answerable else None,
        ranking_by_kind={
            kind: _ranking(group)
            for kind, group in _grouped(answerable, lambda outcome: outcome.label.kind)
        },
        refusal=_refusal(answerable, unanswerable),
        refusal_by_kind={
            kind: _refusal(group, unanswerable)
            for kind, group in _grouped(answerable, lambda outcome: outcome.label.kind)
        },
        refusal_by_reason={
            reason: _refusal(answerable, group)
            for reason, group in _grouped(unanswerable, lambda outcome: outcome.label.reason)
        },
        calibration_error=calibration_error(
            [outcome.confidence for outcome in outcomes],
            [outcome.label.answerable for outcome in outcomes],
        ),
    )


def reciprocal_rank(rank: int | None) -> float:
    """Return 1 / rank, and 0 where nothing was found."""
    return 0.0 if rank is None else 1 / rank


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Return the area under the ROC curve: P(positive > negative) + P(equal) / 2.

    Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve".
    """
    if not positives or not negatives:
        return None
    wins = sum(
        (positive > negative) + 0.5 * (positive == negative)
        for positive in positives
        for negative in negatives
    )
    return wins / (len(positives) * len(negatives))


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Return the expected calibration error, None without any.

    The sum over ten bins of equal width of |B| / n * |share right in B - mean confidence in B|
    (Guo et al. 2017, "On Calibration of Modern Neural Networks"): 0 where of the answers that are
    said to be right with 80 % just 80 % are.
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, is_right in zip(confidences, right, strict=True):
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, is_right))
    if not bins:
        return None
    gaps = (abs(sum(entry[1] - entry[0] for entry in group)) for group in bins.values())
    return sum(gaps) / len(confidences)


def _ranking(outcomes: Sequence[Outcome]) -> Ranking:
    """Return the ranking figures of answerable questions, of which there is at least one."""
    count = len(outcomes)
    ranks = [outcome.rank for outcome in outcomes]
    return Ranking(
        questions=count,
        hit_at_1=sum(rank == 1 for rank in ranks) / count,
        hit_at_5=sum(rank is not None and rank <= 5 for rank in ranks) / count,
        mrr_at_10=sum(map(reciprocal_rank, ranks)) / count,
        document_at_1=sum(outcome.document_first for outcome in outcomes) / count,
    )


def _refusal(answerable: Sequence[Outcome], unanswerable: Sequence[Outcome]) -> Refusal:
    """Return how well two groups were told apart."""
    return Refusal(
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        auroc=auroc([o.confidence for o in answerable], [o.confidence for o in unanswerable]),
        answered=_share(o.answered for o in answerable),
        refused=_share(not o.answered for o in unanswerable),
    )


def _share(values: Iterable[bool]) -> float | None:
    """Return the share of true values, None without any."""
    found = list(values)
    return sum(found) / len(found) if found else None


def _grouped(
    outcomes: Sequence[Outcome], name: Callable[[Outcome], str]
) -> list[tuple[str, list[Outcome]]]:
    """Return the outcomes by a name, in the order of its first occurrence, "" left out."""
    groups: dict[str, list[Outcome]] = {}
    for entry in outcomes:
        if name(entry):
            groups.setdefault(name(entry), []).append(entry)
    return list(groups.items())
