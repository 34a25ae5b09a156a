"""Check a set of labelled questions against the documents that it asks about.

Run it as a script while writing questions:

    python tests/check_questions.py tests/questions/careers.jsonl corpus

It prints one line a problem, and exits with 1 when there is one. ``--part`` leaves out the rules
that only a finished set can keep (counts by kind, a question for every document).

Only the standard library is used, so that it can run before anything is installed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ANSWERABLE_KINDS = ("facet", "paraphrase", "english", "informal", "typo")
KINDS = (*ANSWERABLE_KINDS, "unanswerable")
REASONS = ("off_topic", "other_profession", "not_stated")
SPLITS = ("train", "test")
FIELDS = {"question", "document", "evidence", "kind", "answerable", "split", "reason"}

MINIMUM_QUESTIONS = 400
MINIMUM_BY_KIND = {
    "facet": 80,
    "paraphrase": 80,
    "english": 60,
    "informal": 40,
    "typo": 40,
    "unanswerable": 100,
}
MINIMUM_BY_REASON = 30
COPIED_WORDS = 4


def fold(text: str) -> str:
    """Return ``text`` with white space folded to single blanks, as evaluation compares it."""
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """Return the lower-case words of ``text``."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Return every run of ``length`` words that stands in ``text``."""
    found = words(text)
    return {tuple(found[i : i + length]) for i in range(len(found) - length + 1)}


def read_documents(corpus: Path) -> dict[str, str]:
    """Return the folded text of every document, by its path relative to ``corpus``."""
    return {
        path.relative_to(corpus).as_posix(): fold(path.read_text(encoding="utf-8"))
        for path in sorted(corpus.rglob("*"))
        if path.suffix in {".md", ".txt"}
    }


def check_question(entry: object, documents: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with one labelled question."""
    if not isinstance(entry, dict):
        yield "not a JSON object"
        return
    unknown = set(entry) - FIELDS
    if unknown:
        yield f"unknown fields {sorted(unknown)}"
    question, kind = entry.get("question"), entry.get("kind")
    if not isinstance(question, str) or not question.strip():
        yield "no question"
        return
    if kind not in KINDS:
        yield f"kind {kind!r} is none of {KINDS}"
    if entry.get("split") not in SPLITS:
        yield f"split {entry.get('split')!r} is none of {SPLITS}"
    if entry.get("answerable") is not (kind != "unanswerable"):
        yield f"answerable is {entry.get('answerable')!r}, but kind is {kind!r}"
    name, evidence = entry.get("document"), entry.get("evidence")
    if not isinstance(evidence, list) or not all(isinstance(piece, str) for piece in evidence):
        yield "evidence is not a list of strings"
        return
    if name is not None and name not in documents:
        yield f"no document {name!r}"
        return
    if kind == "unanswerable":
        yield from check_unanswerable(entry, name, evidence)
    elif name is None or not evidence:
        yield "an answerable question needs a document and evidence"
    else:
        if "reason" in entry:
            yield "a reason is for unanswerable questions only"
        for piece in evidence:
            yield from check_evidence(piece, name, documents)
        if kind == "paraphrase":
            copied = runs(question, COPIED_WORDS) & runs(documents[name], COPIED_WORDS)
            for run in sorted(copied):
                yield f"the paraphrase copies {' '.join(run)!r} from its document"


def check_unanswerable(
    entry: dict[str, object], name: str | None, evidence: list[str]
) -> Iterator[str]:
    """Yield what is wrong with a question that nothing answers."""
    reason = entry.get("reason")
    if reason not in REASONS:
        yield f"reason {reason!r} is none of {REASONS}"
    if evidence:
        yield "an unanswerable question has no evidence"
    if reason == "not_stated" and name is None:
        yield "a fact that is not stated needs the document that does not state it"
    if reason in ("off_topic", "other_profession") and name is not None:
        yield f"a question for reason {reason!r} has no document"


def check_evidence(piece: str, name: str, documents: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with one piece of evidence: it must stand once, and in one document."""
    folded = fold(piece)
    if len(words(folded)) < 3:
        yield f"evidence {piece!r} is shorter than three words"
    count = documents[name].count(folded)
    if count != 1:
        yield f"evidence {piece!r} occurs {count} times in {name}, not once"
    for other, text in documents.items():
        if other != name and folded in text:
            yield f"evidence {piece!r} also occurs in {other}"


def check_set(entries: list[dict[str, object]], documents: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with the finished set as a whole."""
    if len(entries) < MINIMUM_QUESTIONS:
        yield f"{len(entries)} questions, fewer than {MINIMUM_QUESTIONS}"
    kinds = Counter(str(entry.get("kind")) for entry in entries)
    for kind, least in MINIMUM_BY_KIND.items():
        if kinds[kind] < least:
            yield f"{kinds[kind]} questions of kind {kind}, fewer than {least}"
    reasons = Counter(str(entry.get("reason")) for entry in entries if "reason" in entry)
    for reason in REASONS:
        if reasons[reason] < MINIMUM_BY_REASON:
            yield f"{reasons[reason]} questions of reason {reason}, fewer than {MINIMUM_BY_REASON}"
    splits = Counter(str(entry.get("split")) for entry in entries)
    for split in SPLITS:
        if splits[split] < len(entries) * 0.35:
            yield f"split {split} has {splits[split]} of {len(entries)} questions, fewer than 35 %"
    asked = {entry.get("document") for entry in entries if entry.get("answerable")}
    for name in documents:
        if name not in asked:
            yield f"no question asks about {name}"


def check_part(entries: list[dict[str, object]]) -> Iterator[str]:
    """Yield what is wrong between the questions: duplicates, a document in both splits, no twin."""
    seen: Counter[tuple[str, ...]] = Counter()
    splits: dict[object, set[object]] = {}
    facts: set[tuple[object, ...]] = set()
    for entry in entries:
        seen[tuple(words(str(entry.get("question"))))] += 1
        if entry.get("document") is not None:
            splits.setdefault(entry["document"], set()).add(entry.get("split"))
        if entry.get("kind") in ("facet", "paraphrase"):
            facts.add(fact(entry))
    for question, count in seen.items():
        if count > 1:
            yield f"{count} times the same question: {' '.join(question)!r}"
    for name, found in splits.items():
        if len(found) > 1:
            yield f"{name} is in both splits"
    for entry in entries:
        if entry.get("kind") == "english" and fact(entry) not in facts:
            yield (
                f"{entry.get('question')!r}: no Indonesian question (facet or paraphrase) "
                "asks for the same evidence"
            )


def fact(entry: dict[str, object]) -> tuple[object, ...]:
    """Return what a question asks for: its document and its evidence."""
    evidence = entry.get("evidence")
    pieces = sorted(fold(str(piece)) for piece in evidence) if isinstance(evidence, list) else []
    return (entry.get("document"), *pieces)


def problems(questions: Path, corpus: Path, *, part: bool = False) -> list[str]:
    """Return every problem of the set in ``questions`` on the documents in ``corpus``."""
    documents = read_documents(corpus)
    entries: list[dict[str, object]] = []
    found: list[str] = []
    for number, line in enumerate(questions.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            found.append(f"line {number}: {error}")
            continue
        found.extend(f"line {number}: {problem}" for problem in check_question(entry, documents))
        if isinstance(entry, dict):
            entries.append(entry)
    found.extend(check_part(entries))
    if not part:
        found.extend(check_set(entries, documents))
    return found


def main() -> int:
    """Check the set that the command line names."""
    parser = argparse.ArgumentParser(description="Check labelled questions.")
    parser.add_argument("questions", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--part", action="store_true", help="the set is not finished yet")
    options = parser.parse_args()
    found = problems(options.questions, options.corpus, part=options.part)
    for problem in found:
        print(problem)
    print(f"{len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
