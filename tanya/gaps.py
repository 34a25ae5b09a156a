"""Content gaps: what readers asked and the documents do not answer, grouped by meaning.

A question becomes a gap when it is refused, when it is answered with little confidence, or when a
reader says that its first answer does not answer. It is asked again of every build that is
published, and is closed for as long as the published build answers it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from typing import Literal

import numpy as np

from tanya.encoders import Embeddings
from tanya.errors import JournalError
from tanya.journal import (
    Asked,
    Decision,
    Feedback,
    asked_of,
    decide,
    last_said,
    read_asked_of,
    read_decisions,
    read_feedback,
    read_unsatisfied,
    read_wordings,
    record_asked,
)
from tanya.records import GapCounts
from tanya.search import Searcher
from tanya.settings import Settings

Reason = Literal["refused", "disliked", "unsure"]
State = Literal["open", "closed", "dismissed"]
OnStep = Callable[[int, int], None]

# An answer with less confidence is one that the documents may well not have.
UNSURE = 0.6
# From this mean similarity on, by the bundled model, questions are about the same. Of pairs in
# training collections (through an encoder that had not seen them) that are above it, 95 of 100 are
# answered by the same document, which is what an editor would write to.
ALIKE = 0.7
# So many questions are grouped and asked again, the newest; each takes about 20 ms.
_MOST = 500
# Checks are kept in portions, so that stopping loses little.
_PORTION = 50


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that mean the same and were not answered well.

    Attributes:
        question: the wording that was used most often, of these the newest.
        wordings: all of them, each once, the most frequent first.
        count: how often they were refused, unsure or disliked.
        first: when that was for the first time, UTC and ISO 8601.
        newest: when it was for the last time.
        reasons: how often it was for which reason, the most frequent first.
        state: "closed" where the published build answers all of them, "dismissed" by an editor.
        document: the path of the document that is to answer them, "" where none was named.
    """

    question: str
    wordings: tuple[str, ...]
    count: int
    first: str
    newest: str
    reasons: tuple[tuple[Reason, int], ...]
    state: State
    document: str


@dataclass(slots=True)
class _Case:
    """One question, in whatever letters and spaces: what was unsatisfying about it, and when."""

    wordings: Counter[str] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)
    times: list[str] = field(default_factory=list)
    disliked: set[tuple[str, str]] = field(default_factory=set)

    def note(self, question: str, reason: Reason, time: str) -> None:
        """Count one more time that it was not answered well."""
        self.wordings[question] += 1
        self.reasons[reason] += 1
        self.times.append(time)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the journal has of all questions that were not answered well, by their keys."""

    cases: dict[str, _Case]
    decisions: dict[str, Decision]
    last: dict[str, Asked]

    def state(self, key: str, build: str | None) -> State:
        """Return the state of one question; what it had when it was last asked without a build."""
        decision = self.decisions.get(key)
        if decision is not None and decision.dismissed:
            return "dismissed"
        last = self.last.get(key)
        if last is None or build not in (None, last.build):
            return "open"
        satisfying = last.answered and last.confidence >= UNSURE
        first = (last.document, last.sentence)
        return "closed" if satisfying and first not in self.cases[key].disliked else "open"


def find_gaps(
    settings: Settings, build: str | None, embed: Callable[[Sequence[str]], Embeddings]
) -> list[Gap]:
    """Return the gaps of the index, the newest first.

    Args:
        settings: which index.
        build: the name of the build that has to answer, None for whichever was asked last. What it
            was not asked yet is open: see :func:`recheck`.
        embed: returns unit embeddings of questions, shape (number, dimension).

    Raises:
        JournalError: what was asked cannot be read.
    """
    return _found(_kept(settings), build, embed)


def find_checked_gaps(
    searcher: Searcher,
    settings: Settings,
    embed: Callable[[Sequence[str]], Embeddings],
    on_step: OnStep | None = None,
) -> list[Gap]:
    """Return the gaps after asking again what the searcher's build was not asked yet.

    It is :func:`recheck` and :func:`find_gaps`, but reads what was asked only once where there was
    nothing to ask again; errors as theirs.
    """
    kept = _kept(settings)
    if _recheck(kept, searcher, settings, on_step):
        kept = _kept(settings)
    return _found(kept, searcher.build.manifest.name, embed)


def _found(
    kept: _Kept, build: str | None, embed: Callable[[Sequence[str]], Embeddings]
) -> list[Gap]:
    """Return the gaps of what is kept, the newest first."""
    keys = list(kept.cases)
    if not keys:
        return []
    groups: dict[int, list[str]] = defaultdict(list)
    texts = [_most_frequent(kept.cases[key]) for key in keys]
    for key, group in zip(keys, _grouped(embed(texts)), strict=True):
        groups[group].append(key)
    found = [_gap(group, kept, build) for group in groups.values()]
    return sorted(found, key=lambda gap: (gap.newest, gap.question), reverse=True)


def recheck(searcher: Searcher, settings: Settings, on_step: OnStep | None = None) -> int:
    """Ask again what the searcher's build was not asked yet; return how many questions that were.

    Raises:
        JournalError: what was asked cannot be read, or the answers cannot be kept.
    """
    return _recheck(_kept(settings), searcher, settings, on_step)


def _recheck(kept: _Kept, searcher: Searcher, settings: Settings, on_step: OnStep | None) -> int:
    """Ask again what is kept and the searcher's build was not asked yet; return how many."""
    build = searcher.build.manifest.name
    wanted = [
        _most_frequent(case)
        for key, case in kept.cases.items()
        if kept.state(key, build) != "dismissed"
        and (key not in kept.last or kept.last[key].build != build)
    ]
    for start in range(0, len(wanted), _PORTION):
        found = []
        for i, question in enumerate(wanted[start : start + _PORTION], start=start + 1):
            answer = searcher.ask(question, results=1)
            asked = asked_of(answer, 0.0, "check", settings.max_question_characters)
            # By the name it is kept under, however long, or it would be asked again and again.
            found.append(replace(asked, question=question))
            if on_step is not None:
                on_step(i, len(wanted))
        _must(record_asked(settings.index, found), settings)
    return len(wanted)


def settle(
    settings: Settings, gap: Gap, *, dismissed: bool | None = None, document: str | None = None
) -> None:
    """Keep an editor's decision on all questions of a gap; None leaves what was decided.

    Raises:
        JournalError: it cannot be kept.
    """
    dismissed = gap.state == "dismissed" if dismissed is None else dismissed
    document = gap.document if document is None else document
    keys = dict.fromkeys(map(_key, gap.wordings))
    decisions = [Decision(key, dismissed, document) for key in keys]
    _must(decide(settings.index, decisions), settings)


def counts(gaps: Sequence[Gap], before: Sequence[Gap]) -> GapCounts:
    """Return how many gaps are open, and how many of those that were open ``before`` are not."""
    were_open = {_key(q) for gap in before if gap.state == "open" for q in gap.wordings}
    closed = sum(
        gap.state == "closed" and any(_key(q) in were_open for q in gap.wordings) for gap in gaps
    )
    return GapCounts(sum(gap.state == "open" for gap in gaps), closed)


def _kept(settings: Settings) -> _Kept:
    """Return what is kept of the newest :data:`_MOST` questions that were not answered well."""
    cases: dict[str, _Case] = defaultdict(_Case)
    last: dict[str, Asked] = {}
    firsts: dict[tuple[str, str], tuple[str, str]] = {}
    disliked = _disliked(settings)
    for asked in _asked_of_cases(settings, disliked):
        if asked.origin == "filtered":
            continue
        key = _key(asked.question)
        last[key] = asked
        firsts[key, asked.build] = (asked.document, asked.sentence)
        if asked.origin == "check":
            continue
        if not asked.answered:
            cases[key].note(asked.question, "refused", asked.time)
        elif asked.confidence < UNSURE:
            cases[key].note(asked.question, "unsure", asked.time)
    _note_dislikes(disliked, cases, firsts)
    newest = sorted(cases, key=lambda key: max(cases[key].times), reverse=True)[:_MOST]
    return _Kept({key: cases[key] for key in newest}, read_decisions(settings.index), last)


def _disliked(settings: Settings) -> dict[str, list[Feedback]]:
    """Return what readers said last, by the keys of the questions, where it was nothing good."""
    found: dict[str, list[Feedback]] = defaultdict(list)
    for (key, *_), given in last_said(read_feedback(settings.index), _key).items():
        if given.verdict in ("bad", "unanswered"):
            found[key].append(given)
    return found


def _asked_of_cases(settings: Settings, disliked: Iterable[str]) -> list[Asked]:
    """Return how all questions fared that may be among the newest cases, the oldest first.

    There may be hundreds of thousands of questions, of which only those are read whole.
    """
    newest: dict[str, str] = {}
    for question, time in read_unsatisfied(settings.index, UNSURE).items():
        key = _key(question)
        newest[key] = max(time, newest.get(key, ""))
    wanted = {*nlargest(_MOST, newest, key=newest.__getitem__), *disliked}
    wordings = read_wordings(settings.index) if wanted else []
    return read_asked_of(settings.index, [q for q in wordings if _key(q) in wanted])


def _note_dislikes(
    disliked: Mapping[str, Sequence[Feedback]],
    cases: dict[str, _Case],
    firsts: dict[tuple[str, str], tuple[str, str]],
) -> None:
    """Note what readers said of first answers, unless they took it back.

    A thumb down on a later passage says nothing of whether the question was answered.
    """
    for key, said in disliked.items():
        for given in said:
            first = firsts.get((key, given.build))
            about = (given.document, given.sentence) if given.document else first
            if given.verdict == "bad" and about != first:
                continue
            cases[key].note(given.question, "disliked", given.time)
            if about is not None:
                cases[key].disliked.add(about)


def _grouped(embeddings: Embeddings) -> Iterable[int]:
    """Return the group of each question.

    Average linkage (Sokal and Michener 1958): two groups are one for as long as their questions
    are :data:`ALIKE` on average, so that no chain of neighbours joins what is not alike.
    """
    if len(embeddings) < 2:
        return [0] * len(embeddings)
    # Only who looks at gaps waits for it.
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distances = np.clip(1.0 - (embeddings @ embeddings.T).astype(np.float64), 0.0, 2.0)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), method="average")
    found: list[int] = fcluster(tree, t=1.0 - ALIKE, criterion="distance").tolist()
    return found


def _gap(keys: Sequence[str], kept: _Kept, build: str | None) -> Gap:
    """Return the gap that questions of one meaning make."""
    cases = [kept.cases[key] for key in keys]
    times = [time for case in cases for time in case.times]
    reasons = sum((case.reasons for case in cases), Counter())
    newest = {q: max(case.times) for case in cases for q in case.wordings}
    wordings = sum((case.wordings for case in cases), Counter())
    ordered = sorted(wordings, key=lambda q: (wordings[q], newest[q]), reverse=True)
    decisions = [kept.decisions[key] for key in keys if key in kept.decisions]
    states = {kept.state(key, build) for key in keys}
    # The last decision is on the meaning: another wording of what was dismissed stays dismissed.
    decided = max(decisions, key=lambda d: d.time, default=None)
    named = max((d for d in decisions if d.document), key=lambda d: d.time, default=None)
    state: State = "open" if states != {"closed"} else "closed"
    if decided is not None and decided.dismissed:
        state = "dismissed"
    return Gap(
        question=ordered[0],
        wordings=tuple(ordered),
        count=len(times),
        first=min(times),
        newest=max(times),
        reasons=tuple(reasons.most_common()),
        state=state,
        document="" if named is None else named.document,
    )


def _most_frequent(case: _Case) -> str:
    """Return the wording that was used most often."""
    return case.wordings.most_common(1)[0][0]


def _key(question: str) -> str:
    """Return what tells a question from others, whatever its capitals, spaces and last marks."""
    return " ".join(question.split()).casefold().rstrip("?!. ")


def _must(written: bool, settings: Settings) -> None:
    """Raise JournalError if something could not be written; the log says why."""
    if not written:
        raise JournalError(
            f"The index's folder {str(settings.index)!r} cannot be written to, so that nothing was "
            "kept. Change its permissions, or free some space, and try again."
        )
