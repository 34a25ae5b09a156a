"""From a question to ranked sentences, and to the answer that is shown."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tanya.arrays import multiply_on_one_thread, runs
from tanya.catalogue import Catalogue
from tanya.confidence import (
    UNCALIBRATED,
    Calibration,
    Support,
    calibration_of,
    support,
    word_coverage,
)
from tanya.encoders import (
    Embeddings,
    Encoder,
    PieceTable,
    embed_questions,
    load_encoder,
    load_piece_table,
    load_word_vectors,
    model_name,
    views_of_passages,
    views_of_questions,
)
from tanya.errors import IndexMismatchError, QuestionError
from tanya.index import OpenBuild, Source, StoredSentence, open_build, open_published
from tanya.lexical import Analyzer
from tanya.literal import Literal, Standing, literal_words
from tanya.matches import Aligner, content_words
from tanya.ranking import Signals, best_first, compared, fused
from tanya.records import Answer, Correction, Filter, Hit, Match, Note, Passage
from tanya.reranker import Reranker
from tanya.settings import Settings
from tanya.text import beginning, hide
from tanya.tokens import LateInteraction
from tanya.wording import Speller, Wording

# Of a longer document only the candidates among its sentences are asked whether they have a word.
_MOST_SENTENCES = 256


@dataclass(frozen=True, slots=True)
class _Question:
    """A question as it is searched, and what a person should know about it.

    ``offset`` is where the part that is searched begins in the question as it was typed.
    """

    wording: Wording
    offset: int
    notes: tuple[Note, ...]

    @property
    def text(self) -> str:
        """The wording that is searched."""
        return self.wording.text

    def typed(self, match: Match) -> Match:
        """Return a match of the wording with offsets into the question as it was typed."""
        start, end = self.wording.typed(match.question_start, match.question_end)
        shift = self.offset
        return Match(start + shift, end + shift, match.start, match.end, match.similarity)

    def corrections(self) -> tuple[Correction, ...]:
        """Return the changes with offsets into the question as it was typed."""
        return tuple(
            dataclasses.replace(
                change, start=change.start + self.offset, end=change.end + self.offset
            )
            for change in self.wording.corrections
        )


@dataclass(frozen=True, slots=True)
class Candidates:
    """The sentences that are ranked for a question: their rows, documents and signals.

    ``standing`` is how far the question's literal words stand in them, ``topic`` how near to the
    question is what each is about, ``sentences`` how many there are in all; the confidence goes by
    these, too.
    """

    rows: NDArray[np.int64]
    documents: NDArray[np.int64]
    signals: Signals
    standing: Standing
    topic: NDArray[np.float64]
    sentences: int


@dataclass(frozen=True, slots=True)
class _Stored:
    """A hit with its sentence and its document."""

    hit: Hit
    sentence: StoredSentence
    document: Source


class Searcher:
    """Answers questions from one open build. Threads may share it."""

    def __init__(
        self,
        build: OpenBuild,
        encoder: Encoder,
        settings: Settings,
        calibration: Calibration | None = None,
    ) -> None:
        """Join a build with the encoder that made it.

        From then on numpy multiplies on one thread in this process.

        Args:
            build: the build; it has to be of the same encoder.
            encoder: what encodes questions.
            settings: how to search.
            calibration: what the confidence goes by, None for the one of the index.

        Raises:
            IndexMismatchError: another encoder made it, or another version of this one.
        """
        manifest = build.manifest
        made = (manifest.fingerprint, manifest.dimension)
        if made != (encoder.fingerprint, encoder.dimension):
            raise IndexMismatchError(
                f"The index was made by {manifest.fingerprint} ({manifest.dimension} dimensions), "
                f"but the model in use is {encoder.fingerprint} ({encoder.dimension} dimensions). "
                f"Rebuild it with: python ingest.py --model {encoder.name}"
            )
        multiply_on_one_thread()
        self.build = build
        self._encoder = encoder
        self._settings = settings
        self._analyzer = Analyzer(manifest.language)
        table = _piece_table(build, encoder)
        self._table = table
        self._tokens = LateInteraction(build.tokens, table)
        self._reranker = Reranker(build.tokens, table)
        self._literal = Literal(build.tokens, table, self._analyzer)
        self._speller = Speller(
            build.vocabulary,
            table,
            self._analyzer,
            correct_typos=settings.correct_typos,
            normalise_slang=settings.normalise_slang,
        )
        self._aligner = Aligner(self._analyzer, load_word_vectors(encoder))
        self.calibration = calibration or calibration_of(settings.index, manifest.fingerprint)

    def with_calibration(self, calibration: Calibration) -> Searcher:
        """Return a searcher on the same open build whose confidence goes by ``calibration``.

        Another one, so that no question that is being answered gets its confidence by one
        calibration and its threshold by the other.
        """
        other = copy.copy(self)
        other.calibration = calibration
        return other

    @property
    def threshold(self) -> float:
        """The confidence from which a question counts as answered."""
        wanted = self._settings.threshold
        return self.calibration.threshold if wanted is None else wanted

    @property
    def _notes(self) -> tuple[Note, ...]:
        """What a person should know of every answer."""
        made, wanted = self.build.manifest.model, self._settings.model
        notes = []
        if self.build.warning is not None:
            notes.append(Note("damaged", self.build.warning))
        if wanted is not None and model_name(wanted) != made:
            notes.append(
                Note(
                    "other_model",
                    f"The index was made with the model {made!r}, which answers until it is "
                    f"rebuilt; the settings ask for {model_name(wanted)!r}. "
                    f"Rebuild it with: python ingest.py --model {wanted}",
                )
            )
        if self.calibration.fingerprint is None:
            notes.append(Note("uncalibrated", UNCALIBRATED))
        return tuple(notes)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The documents that are searched."""
        return Catalogue(self.build.store)

    def ask(
        self, question: str, *, results: int | None = None, among: Filter | None = None
    ) -> Answer:
        """Return the answer to ``question``.

        Args:
            question: free text, in any language that the encoder knows.
            results: how many passages to return; by default as the settings say.
            among: the documents to search, as if there were no others; None or empty for all.

        Raises:
            QuestionError: the question is empty.
        """
        return self.ask_with_support(question, results=results, among=among)[0]

    def ask_with_support(
        self, question: str, *, results: int | None = None, among: Filter | None = None
    ) -> tuple[Answer, Support | None]:
        """Return the answer and what speaks for it, None where nothing was found; errors as ask."""
        asked = self._prepared(question)
        found = self._candidates(asked.text, self._chosen(among))
        wanted = self._settings.results if results is None else results
        hits = self._best(found, max(wanted, 1))
        words = content_words(asked.text, self._analyzer)
        speaks = self._support(asked.text, words, found, hits[0]) if hits else None
        # Without a word that says something nothing was asked that could be answered.
        sure = 0.0
        if speaks is not None and not self._speller.knows_none(words):
            sure = self.calibration.probability(speaks)
        answer = Answer(
            question=question,
            answered=bool(hits) and sure >= self.threshold,
            confidence=sure,
            results=self._passages(asked, self._stored(hits[:wanted])),
            build=self.build.manifest.name,
            model=self.build.manifest.model,
            notes=(*asked.notes, *self._notes),
            searched=asked.text,
            corrections=asked.corrections(),
        )
        return answer, speaks

    def sentence(self, document: str, row: int) -> Passage | None:
        """Return a sentence of the document at the path ``document``, None if it has none such."""
        stored = self.build.store.sentences([row]).get(row)
        outline = self.catalogue.at(document)
        if stored is None or outline is None or stored.document != outline.id:
            return None
        return _passage(self._stored([Hit(row, 0.0, 0.0)])[0])

    def nearest(self, document: str, text: str) -> Passage | None:
        """Return the sentence of a document that says most nearly what ``text`` says, if any."""
        outline = self.catalogue.at(document)
        if outline is None or not text.strip():
            return None
        rows = self.build.evidence.rows(outline.id)
        # An encoder takes room by the square of the length, and a link may bring any text.
        cut = beginning(_readable(text), self._settings.max_question_characters)
        [vector] = views_of_passages(self._encoder, [cut]).alone
        best = int(np.argmax(self.build.evidence.alone(vector, rows)))
        return self.sentence(document, int(rows[best]))

    def embed(self, questions: Sequence[str]) -> Embeddings:
        """Return embeddings of questions to compare with one another, shape (number, dimension).

        Those that are too long are cut, as when they are asked.
        """
        longest = self._settings.max_question_characters
        cut = [beginning(_readable(question), longest) for question in questions]
        return embed_questions(self._encoder, cut)

    def rank(self, question: str, limit: int) -> list[Hit]:
        """Return the ``limit`` best sentences for ``question``, best first; errors as in ask."""
        return self._best(self.candidates(question), limit)

    def _prepared(self, question: str) -> _Question:
        """Return the question as it is searched, cut where it is too long."""
        whole = _readable(question)
        if not whole.strip():
            raise QuestionError("The question is empty. Type what you want to know.")
        longest = self._settings.max_question_characters
        # Blanks around it do not count: with them left out nothing need be cut.
        asked = whole.strip()
        if len(asked) <= longest:
            return _Question(self._speller.wording(whole), 0, ())
        note = Note(
            "cut",
            f"Of the question's {len(asked)} characters only the first {longest} were searched.",
        )
        offset = len(whole) - len(whole.lstrip())
        return _Question(self._speller.wording(asked[:longest]), offset, (note,))

    def candidates(self, question: str) -> Candidates:
        """Return the sentences that may answer ``question``, with their signals; errors as ask."""
        return self._candidates(self._prepared(question).text)

    def _chosen(self, among: Filter | None) -> NDArray[np.int64] | None:
        """Return the rows of all sentences that a filter leaves, None where it names nothing."""
        if not among:
            return None
        documents = self.catalogue.chosen(among)
        rows = [self.build.evidence.rows(document) for document in documents]
        return np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)

    def _candidates(self, question: str, among: NDArray[np.int64] | None = None) -> Candidates:
        """Return what FAISS and BM25 propose for a question, with the signals of each."""
        asked = views_of_questions(self._encoder, [question])
        [vector], [alone], [topic] = asked.contextual, asked.alone, asked.topic
        stems = self._analyzer.stems(question)
        limit = self._settings.candidates
        rows = np.union1d(
            self.build.vectors.search(vector, limit, among).rows,
            self.build.lexical.search(stems, limit, among).rows,
        )
        evidence = self.build.evidence
        documents = evidence.documents(rows)
        # A document's rows follow one another, and so do its candidates.
        distinct, place = runs(documents)
        coverage = self._tokens.coverage(question, rows)
        standing = self._literal.standing(literal_words(question, self._analyzer), rows)
        signals = Signals(
            dense=self.build.vectors.similarities(vector, rows).astype(np.float64),
            alone=evidence.alone(alone, rows),
            document=evidence.of_document(topic, rows),
            typical=evidence.typical(rows),
            layout=evidence.of_layout(alone, rows),
            context=coverage.context,
            coverage=coverage.sentence,
            rest=coverage.rest,
            document_lexical=self.build.documents.scores(stems, distinct)[place],
            literal=standing.agreement,
            comparison=np.zeros(len(rows)),
        )
        signals = compared(rows, signals, lambda some: self._reranker.logits(question, some))
        return Candidates(
            rows,
            documents,
            signals,
            standing,
            evidence.topic(topic, rows),
            len(evidence) if among is None else len(among),
        )

    def _support(
        self, question: str, words: Sequence[str], found: Candidates, first: Hit
    ) -> Support:
        """Return what speaks for the first of the candidates; ``words`` are the question's."""
        place = int(np.searchsorted(found.rows, first.row))
        rows = self.build.evidence.rows(int(found.documents[place]))
        if len(rows) > _MOST_SENTENCES:
            rows = found.rows[found.documents == found.documents[place]]
        covered = word_coverage(words, rows, self.build.tokens, self._table)
        return support(
            found.signals,
            topic=found.topic,
            sentences=found.sentences,
            words=covered,
            known=self._reranker.knows(question),
            literal=found.standing.speaks(place),
        )

    def _best(self, found: Candidates, limit: int) -> list[Hit]:
        """Return the ``limit`` best candidates, best first."""
        scores = fused(found.signals, self._settings)
        order = best_first(found.rows, scores)[:limit]
        columns = (found.rows, scores, found.signals.dense)
        return [Hit(*values) for values in zip(*(c[order].tolist() for c in columns), strict=True)]

    def _stored(self, hits: Sequence[Hit]) -> list[_Stored]:
        """Return hits with their sentences and documents."""
        sentences = self.build.store.sentences([hit.row for hit in hits])
        ids = {sentence.document for sentence in sentences.values()}
        documents = self.build.store.sources(sorted(ids))
        return [
            _Stored(hit, sentences[hit.row], documents[sentences[hit.row].document]) for hit in hits
        ]

    def _passages(self, question: _Question, best: Sequence[_Stored]) -> tuple[Passage, ...]:
        """Return what is shown of ``best``, with the words that met those of ``question``."""
        passages = [_passage(found) for found in best]
        shown = [hide(passage.sentence, passage.start, passage.hidden) for passage in passages]
        met = self._aligner.find_matches(question.text, shown)
        return tuple(
            dataclasses.replace(passage, matches=tuple(map(question.typed, matches)))
            for passage, matches in zip(passages, met, strict=True)
        )


def _readable(text: str) -> str:
    """Return ``text`` without half a character, which a command line may bring.

    No encoder can read it.
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def _passage(found: _Stored) -> Passage:
    """Return the passage around one hit."""
    document, sentence = found.document, found.sentence
    return Passage(
        document=document.path,
        title=document.title,
        category=document.category,
        headings=sentence.headings,
        sentence=document.text[sentence.start : sentence.end],
        start=sentence.start,
        end=sentence.end,
        passage=document.text[sentence.passage_start : sentence.passage_end],
        passage_start=sentence.passage_start,
        passage_end=sentence.passage_end,
        line=document.line(sentence.start),
        score=found.hit.score,
        hidden=document.hidden(sentence.passage_start, sentence.passage_end),
    )


def open_searcher(
    settings: Settings, name: str | None = None, *, avoid: frozenset[str] = frozenset()
) -> Searcher:
    """Open the published build, or the one called ``name``, and the encoder that made it.

    That is so whatever model the settings name: until a build by another one is published, the old
    one answers with the old model.

    Args:
        settings: which index, and how to search.
        name: a build that is not the published one.
        avoid: builds that were found to be damaged although they open.

    Raises:
        IndexMissingError, IndexDamagedError: there is no build, or none that can be read.
        IndexMismatchError: it has another format, or was made by another version of the model.
        EncoderError: the model cannot be had.
    """
    if name is None:
        build = open_published(settings.index, avoid=avoid)
    else:
        build = open_build(settings.index, name)
    return Searcher(build, load_encoder(build.manifest.model), settings)


def _piece_table(build: OpenBuild, encoder: Encoder) -> PieceTable:
    """Return the table of word pieces, which must be the one that cut a build's sentences."""
    table = load_piece_table(encoder)
    if table.name != build.manifest.table:
        raise IndexMismatchError(
            f"The index was made with the table of word pieces of {build.manifest.table}, "
            f"but the one in use is of {table.name}. Rebuild it with: python ingest.py"
        )
    return table
