"""What flows through Tanya: plain, frozen records that every module may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "row", "columns", "code"]
NoteKind = Literal["cut", "uncalibrated", "damaged", "other_model"]
# A code of ISO 639, perhaps with a region, as in en-US.
_LANGUAGE = re.compile(r"(?P<code>[A-Za-z]{2,3})(?:[-_].*)?$")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text: the characters from ``start`` up to but not including ``end``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document that no sentence crosses: a paragraph, list item, table row or heading.

    A block of kind "columns" is the row that names a table's columns.
    ``start`` and ``end`` are character offsets into the document's text; ``headings`` are the
    texts of the headings above it, outermost first, the document's title left out.
    """

    start: int
    end: int
    kind: BlockKind
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the corpus, decoded and taken apart.

    ``path`` is relative to the corpus, with forward slashes, and names the document everywhere.
    ``text`` is the whole decoded text, front matter included, so that every offset counts from
    the beginning of what an editor shows. ``category`` is the folder, "" at the top. ``hidden``
    are the markup characters that a reader does not see (Markdown's ``**`` and link targets).
    """

    path: str
    text: str
    title: str | None
    category: str
    blocks: tuple[Block, ...]
    hidden: tuple[Span, ...] = ()
    attributes: Mapping[str, object] = field(default_factory=dict)
    encoding: str = "utf-8"

    @property
    def language(self) -> str | None:
        """The code of the language that the front matter names, in small letters, or None."""
        found = _LANGUAGE.match(self.stated_language or "")
        return None if found is None else found["code"].lower()

    @property
    def stated_language(self) -> str | None:
        """What the front matter says of the language (``lang`` or ``language``), or None."""
        for name in ("lang", "language", "bahasa"):
            value = self.attributes.get(name)
            if isinstance(value, str) and value.strip():
                return value.strip()
        return None


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that is not in the index, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class OtherKind:
    """How many files of a folder have an ending that is not read; ``ending`` is "" for none."""

    ending: str
    count: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit of answer: where it stands in its document, and what it is about.

    ``start`` and ``end`` are its offsets in the document's text; ``passage_start`` and
    ``passage_end`` those of the passage that it is shown in. ``text`` is what a reader sees of
    it, on one line; ``headings`` stand above it, outermost first; ``context`` says what it is
    about: the title, or the document's first sentence where there is no title, and the headings.
    ``paragraph`` counts the paragraphs of the document that have sentences, from 0.
    """

    ordinal: int
    paragraph: int
    start: int
    end: int
    passage_start: int
    passage_end: int
    text: str
    headings: tuple[str, ...]
    context: str

    @property
    def contextual(self) -> str:
        """The text that is embedded: the context and the sentence."""
        return f"{self.context}. {self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate sentence: its row in the index, and the score by which it ranks.

    ``dense`` is the cosine similarity of question and contextual sentence.
    """

    row: int
    score: float
    dense: float


@dataclass(frozen=True, slots=True)
class Correction:
    """A stretch of the question that was searched in another wording.

    ``start`` and ``end`` are offsets into the question as it was typed, and ``original`` is what
    stands there; ``replacement`` is what was searched instead, "" where a word was left out.
    ``kind`` says why: a typing error, a compound that the documents write joined or parted, or
    slang.
    """

    start: int
    end: int
    original: str
    replacement: str
    kind: Literal["typo", "compound", "slang"]


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the question that met a word of the sentence.

    ``question_start`` and ``question_end`` are offsets into the question as it was typed, also
    where it was searched in another wording; ``start`` and ``end`` into the sentence;
    ``similarity`` is 1 for words of the same stem, else the cosine similarity of the words'
    vectors.
    """

    question_start: int
    question_end: int
    start: int
    end: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence that answers, in its passage, ready to be shown.

    ``start`` and ``end`` are the sentence's offsets in the document's text, and
    ``passage_start`` and ``passage_end`` the passage's, so that
    ``passage[start - passage_start : end - passage_start] == sentence``. ``line`` is the line of
    the file, from 1, on which the sentence begins. ``hidden`` are spans of
    the document's text within the passage that hold markup, not words.
    """

    document: str
    title: str
    category: str
    headings: tuple[str, ...]
    sentence: str
    start: int
    end: int
    passage: str
    passage_start: int
    passage_end: int
    line: int
    score: float
    matches: tuple[Match, ...] = ()
    hidden: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What a person should know of an answer: of which kind it is, and the whole of it in English.

    "cut": only the beginning of the question was searched. "uncalibrated": the confidence was not
    fitted for this model. "damaged": the published build is damaged and an older one answers.
    "other_model": the settings name another model than the build was made with.
    """

    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents a question is asked of; all of them where nothing is named.

    ``categories`` are folders, ``documents`` paths, ``attributes`` names and values as the front
    matter has them. A document has to meet each of the three that names anything, and of the
    attributes each name; among several values of one, any will do.
    """

    categories: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Say whether it names anything."""
        return bool(self.categories or self.documents or self.attributes)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gets: passages, best first, and whether the first is thought to answer it.

    ``confidence`` is the estimated probability that the documents answer;
    ``answered`` says whether it reaches the threshold; ``notes`` what a person should know;
    ``build`` and ``model`` say what answered.
    ``searched`` is the wording that was searched, and ``corrections`` say where and why it differs
    from the question.
    """

    question: str
    answered: bool
    confidence: float
    results: tuple[Passage, ...]
    build: str
    model: str
    notes: tuple[Note, ...] = ()
    searched: str = ""
    corrections: tuple[Correction, ...] = ()

    @property
    def corrected(self) -> bool:
        """Whether more than chat forms was changed, which a person should be told."""
        return any(change.kind != "slang" for change in self.corrections)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: ``done`` of ``total`` things in this ``stage``."""

    stage: Literal["reading", "embedding", "writing", "asking"]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class GateFigures:
    """How a build did on the labelled questions of a gate; shares between 0 and 1.

    ``hit_at_1``, ``hit_at_5``, ``mrr_at_10`` and ``answered`` are of the answerable questions,
    ``refused`` of the others; None where there are none.
    """

    questions: int
    hit_at_1: float | None
    hit_at_5: float | None
    mrr_at_10: float | None
    answered: float | None
    refused: float | None


@dataclass(frozen=True, slots=True)
class GateChange:
    """A question that the candidate does better or worse than the published build.

    ``before`` and ``after`` are the ranks of the first sentence that answers, None beyond the
    tenth; ``answered_before`` and ``answered_after`` say whether it was answered at all, which is
    all that counts for a question that is not ``answerable``.
    """

    question: str
    answerable: bool
    must: bool
    before: int | None
    after: int | None
    answered_before: bool
    answered_after: bool


@dataclass(frozen=True, slots=True)
class Lack:
    """What a build lacks of what a labelled question names.

    ``evidence`` is a piece that the document does not contain, None where there is no such
    document. ``source`` is the file and line of the question, "" if it is from none; ``lost`` says
    whether the build before had it.
    """

    question: str
    document: str
    evidence: str | None
    source: str = ""
    lost: bool = False

    def __str__(self) -> str:
        """Say what is lacking."""
        if self.evidence is None:
            return f"{self.document!r} is {'no longer' if self.lost else 'not'} in the index"
        verb = "no longer contains" if self.lost else "does not contain"
        return f"{self.document!r} {verb} the evidence {self.evidence!r}"


@dataclass(frozen=True, slots=True)
class GateReason:
    """Why a gate turns a build away.

    Its ``kind`` is "must" where a ``question`` fails that must not, "drop" where hit@5 falls too
    far; ``text`` says it in English.
    """

    kind: Literal["must", "drop"]
    text: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate says of a candidate: whether it may be published, and why not.

    ``file`` holds the labelled questions; ``before`` are the figures of the published build, None
    if it could not be asked. ``lacking`` are questions whose documents, or the evidence in these,
    the candidate does not have.
    """

    file: str
    passed: bool
    reasons: tuple[GateReason, ...]
    before: GateFigures | None
    after: GateFigures
    better: tuple[GateChange, ...] = ()
    worse: tuple[GateChange, ...] = ()
    lacking: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """A process that is building, as far as is known: since when (UTC, ISO 8601), and how far."""

    pid: int = 0
    host: str = ""
    since: str = ""
    stage: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """One build of an index, for a list of them.

    ``state`` is "published", "kept" for one that was, "candidate" for one that never was, or
    "damaged"; ``gate`` are the figures with which it passed the gate or did not.
    """

    name: str
    state: Literal["published", "kept", "candidate", "damaged"]
    created: str
    documents: int
    sentences: int
    model: str
    bytes: int
    gate: GateFigures | None = None


@dataclass(frozen=True, slots=True)
class DocumentDiff:
    """A document whose sentences differ: those that went, and those that came."""

    path: str
    went: tuple[str, ...]
    came: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuildDiff:
    """How the documents of two builds differ; ``renamed`` are pairs of an old and a new path."""

    before: str
    after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    changed: tuple[DocumentDiff, ...]


@dataclass(frozen=True, slots=True)
class GapCounts:
    """How many content gaps are open, and how many a build has closed."""

    open: int
    closed: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild did.

    ``build`` is the name of the published build: a new one if ``published``, else the one that
    was there because nothing had changed, or the gate turned the new one away: then ``candidate``
    is its name. ``verdict`` is what the gate found, None without one. ``renamed`` files count
    neither as added nor as removed. ``notes`` are things about single files that a person
    should know although the file was read, such as an encoding other than UTF-8. ``gaps`` are the
    content gaps that the new build leaves and closes, None where it was not asked. ``others`` are
    the files that are no documents by their endings.
    """

    build: str
    published: bool
    documents: int
    sentences: int
    added: int
    changed: int
    removed: int
    unchanged: int
    embedded: int
    reused: int
    model: str
    seconds: float
    skipped: tuple[SkippedFile, ...] = ()
    notes: tuple[SkippedFile, ...] = ()
    renamed: int = 0
    verdict: Verdict | None = None
    candidate: str | None = None
    forced: bool = False
    gaps: GapCounts | None = None
    others: tuple[OtherKind, ...] = ()

    @property
    def rejected(self) -> bool:
        """Whether the gate kept the new build from being published."""
        return self.candidate is not None


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the index: what is published, and how the corpus differs from it.

    ``vector_kind`` is how the vectors are stored; ``vector_recall`` is the share of the true
    nearest 100 that their search finds, as measured on a sample at the build. ``threshold`` is the
    confidence from which a question counts as answered, ``calibration`` what it goes by.
    ``other_settings`` say which settings the build was not made with; ``building`` is the process
    that builds just now; ``warning`` says why an older build answers; ``candidate`` is a build that
    the gate turned away; ``notes`` are things to know of files that were read all the same.
    ``other_corpus`` is the folder that it was built of, if that is another one than ``corpus`` and
    not one of its files is there, else None.
    """

    build: str
    created: str
    model: str
    dimension: int
    documents: int
    sentences: int
    vector_kind: str
    vector_recall: float
    bytes: int
    corpus: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    skipped: tuple[SkippedFile, ...]
    threshold: float = 0.0
    calibration: str = ""
    other_settings: tuple[str, ...] = ()
    building: Activity | None = None
    warning: str | None = None
    candidate: str | None = None
    notes: tuple[SkippedFile, ...] = ()
    other_corpus: str | None = None

    @property
    def stale(self) -> bool:
        """Whether a rebuild would make another build."""
        return bool(self.added or self.changed or self.removed or self.other_settings)
