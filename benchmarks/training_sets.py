"""The collections of documents and labelled questions to train on and to choose constants on.

Each has its own folder under ``benchmarks/training``; the sample corpus comes twice, with its
titles and without. Only questions of the split "train" are taken. Some collections are held out:
nothing is trained on them, so that weights and confidence can be fitted on them.

The encoder that ships is the mean of two. The first was trained before there were those from
``vak-ca`` on, and before the last questions of the others: those in other languages than Indonesian
and English, and plain ones; but on all of IDK-MRC, of which the second and the reranker have not
seen some.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tanya.documents import ReadDocument, list_files, read_document
from tanya.evaluate import DEPTH, reciprocal_rank
from tanya.index import OpenBuild
from tanya.labels import LabelledQuestion, read_labels
from tanya.records import Document, Sentence
from tanya.sentences import sentences_of
from tanya.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
TRAINING = ROOT / "benchmarks" / "training"
_LANGUAGE = "id"
# From this one on, by their names, they are new to the first of the two encoders that what ships is
# the mean of; one in three of them is held out, and the questions about one in eight documents of
# IDK-MRC.
_NEWEST = "vak-ca"
_ONE_IN = 3
_ONE_DOCUMENT_IN = 8
# The sample corpus is a part by itself, the other collections are dealt out to the others.
_PARTS = 5


@dataclass(frozen=True, slots=True)
class Collection:
    """A corpus and labelled questions, to learn from unless they are held out."""

    name: str
    corpus: Path
    questions: tuple[LabelledQuestion, ...]
    held_out: bool

    @property
    def part(self) -> int:
        """The part that it belongs to where figures are cross-validated."""
        return part_of(self.name)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and the rows of the sentences that answer it, among all of its collection."""

    question: str
    answers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of a collection: the document of each, and its questions.

    ``questions`` are those that can be answered; ``unanswerable`` those of which it is said why
    they cannot.
    """

    sentences: tuple[Sentence, ...]
    documents: tuple[int, ...]
    questions: tuple[Labelled, ...]
    unanswerable: tuple[LabelledQuestion, ...]


def untitled(corpus: Path, folder: Path) -> Path:
    """Copy the Markdown documents of ``corpus`` to ``folder`` without the heading on line 1."""
    for path in sorted(corpus.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        target = folder / path.relative_to(corpus)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.partition("\n")[2] if text.startswith("# ") else text, "utf-8")
    return folder


@dataclass(frozen=True, slots=True)
class Measured:
    """A corpus and the answerable questions that figures are reported on."""

    corpus: Path
    labels: list[LabelledQuestion]


def measured(parser: argparse.ArgumentParser, folder: Path) -> Measured:
    """Return what the command line says is to be measured; ``folder`` is for untitled documents."""
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--split")
    parser.add_argument("--untitled", action="store_true")
    options = parser.parse_args()
    labels = [
        label
        for label in read_labels(options.questions)
        if label.answerable and options.split in (None, label.split)
    ]
    return Measured(
        untitled(options.corpus, folder) if options.untitled else options.corpus, labels
    )


def part_of(name: str) -> int:
    """Return the part of the collection called ``name``, the same for all forms of one corpus."""
    first = name.split(maxsplit=1)[0]
    return 0 if first == "careers" else 1 + zlib.crc32(first.encode()) % (_PARTS - 1)


def collections(folder: Path, idk_mrc: Path | None) -> list[Collection]:
    """Return all collections.

    Args:
        folder: an empty folder for the sample corpus without its titles.
        idk_mrc: the folder of IDK-MRC, which makes two collections, or None to leave it out.
    """
    careers = _train(ROOT / "tests" / "questions" / "careers.jsonl")
    found = [
        Collection("careers", ROOT / "corpus", careers, held_out=True),
        Collection("careers untitled", untitled(ROOT / "corpus", folder), careers, held_out=True),
    ]
    names = sorted(path.parent.name for path in TRAINING.glob("*/questions.jsonl"))
    held_out = [name for name in names if name >= _NEWEST][::_ONE_IN]
    found += [
        Collection(
            name,
            TRAINING / name / "corpus",
            _train(TRAINING / name / "questions.jsonl"),
            name in held_out,
        )
        for name in names
    ]
    if idk_mrc is not None:
        questions = _train(idk_mrc / "questions.train.jsonl", split="")
        order = {name: i for i, name in enumerate(dict.fromkeys(q.document for q in questions))}
        for out in (True, False):
            part = tuple(q for q in questions if (order[q.document] % _ONE_DOCUMENT_IN == 0) == out)
            name = "idk_mrc held out" if out else "idk_mrc"
            found.append(Collection(name, idk_mrc / "corpus", part, out))
    return found


def learned(found: Sequence[Collection]) -> list[Texts]:
    """Return what is to be learned from: the collections that are not held out."""
    return [texts_of(one) for one in found if not one.held_out]


def texts_of(collection: Collection) -> Texts:
    """Return the sentences and questions of a collection."""
    sentences: list[Sentence] = []
    documents: list[int] = []
    place: dict[str, range] = {}
    raw: list[str] = []
    for document in _documents(collection.corpus):
        split = sentences_of(document, _LANGUAGE)
        place[document.path] = range(len(sentences), len(sentences) + len(split))
        documents += [len(place)] * len(split)
        sentences += split
        raw += [" ".join(document.text[s.start : s.end].split()) for s in split]
    questions = []
    for label in collection.questions:
        rows = place.get(label.document or "", range(0))
        answers = tuple(row for row in rows if any(piece in raw[row] for piece in label.evidence))
        if label.answerable and answers:
            questions.append(Labelled(label.question, answers))
    unanswerable = tuple(label for label in collection.questions if label.reason)
    return Texts(tuple(sentences), tuple(documents), tuple(questions), unanswerable)


def _documents(corpus: Path) -> Iterator[Document]:
    """Yield the documents of a corpus, each content once."""
    seen = set()
    for file in list_files(corpus):
        found = read_document(file, int(Settings().max_file_mb * 1e6))
        if isinstance(found, ReadDocument) and found.sha256 not in seen:
            seen.add(found.sha256)
            yield found.document


def _train(path: Path, split: str = "train") -> tuple[LabelledQuestion, ...]:
    """Return the questions of one split."""
    return tuple(label for label in read_labels(path) if label.split == split)


def answering_rows(build: OpenBuild, labels: Sequence[LabelledQuestion]) -> list[set[int]]:
    """Return for each labelled question the rows of the sentences of ``build`` that answer it."""
    documents = build.store.documents(range(build.manifest.documents))
    by_path = {document.path: document for document in documents.values()}
    found: list[set[int]] = []
    for label in labels:
        found.append(set())
        document = by_path.get(label.document or "")
        if document is None:
            continue
        rows = build.evidence.rows(document.id).tolist()
        for row, sentence in build.store.sentences(rows).items():
            text = " ".join(document.text[sentence.start : sentence.end].split())
            if any(piece in text for piece in label.evidence):
                found[-1].add(row)
    return found


def first_right(ranked: Sequence[int], answers: set[int]) -> int | None:
    """Return the rank, from 1, of the first row that answers; None beyond the depth of MRR@10."""
    return next((i for i, row in enumerate(ranked[:DEPTH], start=1) if row in answers), None)


def rank_figures(ranks: Sequence[int | None]) -> tuple[float, float, float]:
    """Return hit@1, hit@5 and MRR@10 of the ranks of the first rows that answer."""
    five = sum(rank is not None and rank <= 5 for rank in ranks)
    return (
        sum(rank == 1 for rank in ranks) / len(ranks),
        five / len(ranks),
        sum(map(reciprocal_rank, ranks)) / len(ranks),
    )
