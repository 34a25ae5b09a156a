"""Words: taking them from a text, and finding sentences by them with BM25."""

from __future__ import annotations

import contextlib
import re
import stat
import tempfile
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import Stemmer
import tantivy
from numpy.typing import NDArray

# Snowball's algorithms by ISO 639-1 code. Words of any other language are compared as written.
_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ms": "indonesian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "yi": "yiddish",
}  # fmt: skip
# Letters, digits and the marks that Python's \w leaves out although words consist of them.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u0f71-\u0f84"
    "\u102b-\u103e\u17b4-\u17d3"
)
_WORD = re.compile(rf"[\w{_MARKS}]+(?:['’ʼ][\w{_MARKS}]+)*")
_SPLIT = re.compile(f"({_WORD.pattern})")
# Scripts that put no blanks between words; their texts are compared by pairs of characters.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_APOSTROPHES = str.maketrans("", "", "'’ʼ")
# Words whose stems are remembered.
_KNOWN_WORDS = 200_000
_WRITER_MEMORY = 50_000_000
_IDS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text: where it stands, and the form by which words are compared."""

    start: int
    end: int
    stem: str


class Word(NamedTuple):
    """A word of a text: where it stands, and its letters without capitals and apostrophes.

    A tuple, because a corpus has millions, and they are made in half the time of a dataclass.
    """

    start: int
    end: int
    form: str


def written_words(text: str) -> list[Word]:
    """Return the words of ``text`` as they are written, unstemmed, in their order."""
    return [
        Word(match.start(), match.end(), _plain(match.group())) for match in _WORD.finditer(text)
    ]


def words_between(text: str) -> tuple[list[str], list[str], list[str]]:
    """Return the words of ``text`` as they stand, their forms, and what stands between each two.

    As :func:`written_words`, for millions of words in a third of the time.
    """
    parts = _SPLIT.split(text)
    words = parts[1::2]
    return words, [_plain(word) for word in words], parts[2:-1:2]


class Analyzer:
    """Takes the words from texts and stems them for one language."""

    def __init__(self, language: str) -> None:
        """Prepare for ``language`` (ISO 639-1); without an algorithm for it nothing is stemmed."""
        self.language = language
        # A Snowball stemmer has a cache that two threads must not use at once.
        self._stemmers = threading.local()
        # Most words of a corpus are ones that were stemmed before.
        self._known: dict[str, list[str]] = {}

    def terms(self, text: str) -> list[Term]:
        """Return the words of ``text`` in their order."""
        found: list[Term] = []
        for match in _WORD.finditer(text):
            word, start = match.group(), match.start()
            stems = self._known.get(word) or self._learnt(word)
            if len(stems) == 1:
                found.append(Term(start, match.end(), stems[0]))
            else:
                places = _parts(word, start)
                found += [Term(*place, stem) for place, stem in zip(places, stems, strict=True)]
        return found

    def stems(self, text: str) -> list[str]:
        """Return the stems of the words of ``text`` in their order."""
        found: list[str] = []
        for word in _WORD.findall(text):
            found += self._known.get(word) or self._learnt(word)
        return found

    def _learnt(self, word: str) -> list[str]:
        """Return and keep the stems of a word's parts, of which there is at least one."""
        stems = [self._form(word[start:end]) for start, end in _parts(word, 0)]
        if len(self._known) >= _KNOWN_WORDS:
            self._known.clear()
        self._known[word] = stems
        return stems

    def _form(self, word: str) -> str:
        """Return the form by which a word is compared: no capitals, no apostrophes, its stem."""
        return self._stem(_plain(word))

    def _stem(self, word: str) -> str:
        """Return the stem of a word in small letters."""
        algorithm = _ALGORITHMS.get(self.language)
        if algorithm is None:
            return word
        stemmer = getattr(self._stemmers, "stemmer", None)
        if stemmer is None:
            stemmer = self._stemmers.stemmer = Stemmer.Stemmer(algorithm)
        stem: str = stemmer.stemWord(word)
        return stem or word


@lru_cache(_KNOWN_WORDS)
def _plain(word: str) -> str:
    """Return a word without capitals and apostrophes."""
    return unicodedata.normalize("NFKC", word).casefold().translate(_APOSTROPHES)


def is_spaced(word: str) -> bool:
    """Say whether ``word`` is in a script that puts blanks between words."""
    return _UNSPACED.search(word) is None


def _parts(word: str, offset: int) -> list[tuple[int, int]]:
    """Return where the parts of a word stand that count as words, from ``offset`` on.

    That is the word itself, or pairs of characters where its script puts no blanks between words.
    """
    parts = []
    position = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > position:
            parts.append((offset + position, offset + run.start()))
        last = max(run.start() + 1, run.end() - 1)
        pairs = ((i, min(i + 2, run.end())) for i in range(run.start(), last))
        parts += [(offset + start, offset + end) for start, end in pairs]
        position = run.end()
    if position < len(word):
        parts.append((offset + position, offset + len(word)))
    return parts


@dataclass(frozen=True, slots=True)
class LexicalEntry:
    """What the lexical index holds of a sentence: its row and the stems of its words."""

    row: int
    stems: Sequence[str]


@dataclass(frozen=True, slots=True)
class LexicalHits:
    """Rows, best first, and their BM25 scores: two arrays of the same length."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]


def write_lexical_index(folder: Path, entries: Iterable[LexicalEntry]) -> None:
    """Write the lexical index of ``entries`` into the new folder ``folder``."""
    folder.mkdir()
    index = tantivy.Index(_schema(), path=str(folder))
    # One thread gives one order and so the same index for the same sentences.
    writer = index.writer(heap_size=_WRITER_MEMORY, num_threads=1)
    for entry in entries:
        document = tantivy.Document()
        document.add_unsigned("row", entry.row)
        document.add_text("text", " ".join(entry.stems))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    # tantivy replaces some of its files by temporary ones, which only their owner may read; but who
    # asks may be somebody else.
    usual = stat.S_IMODE(folder.stat().st_mode) & 0o666
    for path in folder.iterdir():
        path.chmod(usual)


class LexicalIndex:
    """BM25 over the stems of sentences.

    Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", with
    k1 = 1.2 and b = 0.75, tantivy's values.
    """

    def __init__(self, folder: Path) -> None:
        """Open the index in ``folder``, which may be read-only."""
        self._links: tempfile.TemporaryDirectory[str] | None = None
        self._schema = _schema()
        self._index = self._open(folder)
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        """Return the number of sentences."""
        return int(self._searcher.num_docs)

    def rows(self) -> NDArray[np.int64]:
        """Return the rows of all sentences, in order."""
        if not len(self):
            return np.empty(0, dtype=np.int64)
        return np.sort(self._run(tantivy.Query.all_query(), len(self)).rows)

    def search(
        self, stems: Sequence[str], limit: int, among: NDArray[np.int64] | None = None
    ) -> LexicalHits:
        """Return the ``limit`` best sentences for the stems of a question.

        With ``among``, rows in any order, only these are searched, and every one of them.
        """
        if not stems or limit < 1:
            return _no_hits()
        if among is None:
            return self._run(self._query(stems), limit)
        parts = [
            self._run(self._query_among(stems, rows), limit) for rows in _parted(np.unique(among))
        ]
        return _best(parts, limit) if parts else _no_hits()

    def scores(self, stems: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the scores of the sentences ``rows``, 0 where none of the stems occurs."""
        found = np.zeros(len(rows))
        if not stems or not len(rows):
            return found
        order = np.argsort(rows)
        for places in _parted(order):
            wanted = rows[places]
            hits = self._found(self._query_among(stems, wanted), len(wanted))
            found[places[np.searchsorted(wanted, hits.rows)]] = hits.scores
        return found

    def _query(self, stems: Sequence[str]) -> tantivy.Query:
        """Return the query for any of ``stems``, made of terms, so that nothing is parsed.

        The index parts them at blanks, and a few have some: ﷺ stands for four words (NFKC).
        """
        written = Counter(term for stem in stems for term in stem.split())
        terms = (
            (tantivy.Query.term_query(self._schema, "text", term, index_option="freq"), count)
            for term, count in written.items()
        )
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, tantivy.Query.boost_query(term, n)) for term, n in terms]
        )

    def _query_among(self, stems: Sequence[str], rows: NDArray[np.int64]) -> tantivy.Query:
        """Return the query for any of ``stems`` in ``rows``, whose scores are those of all rows."""
        among = tantivy.Query.const_score_query(
            tantivy.Query.term_set_query(self._schema, "row", rows.tolist()), 0.0
        )
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, among), (tantivy.Occur.Must, self._query(stems))]
        )

    def _run(self, query: tantivy.Query, limit: int) -> LexicalHits:
        """Return what the query finds, best first, sentences of equal score by their rows."""
        hits = self._found(query, limit)
        order = np.lexsort((hits.rows, -hits.scores))
        return LexicalHits(hits.rows[order], hits.scores[order])

    def _found(self, query: tantivy.Query, limit: int) -> LexicalHits:
        """Return what the query finds, best first, sentences of equal score in any order."""
        hits = self._searcher.search(query, limit, count=False).hits
        if not hits:
            return _no_hits()
        scores, addresses = zip(*hits, strict=True)
        rows = self._searcher.fast_field_values("row", list(addresses))
        return LexicalHits(np.array(rows, dtype=np.int64), np.array(scores, dtype=np.float64))

    def _open(self, folder: Path) -> tantivy.Index:
        """Return the opened index.

        tantivy wants to create a lock file beside the index even to read it. Where that is not
        allowed it is opened through a temporary folder of links.
        """
        try:
            return tantivy.Index.open(str(folder))
        except ValueError as error:
            if "lock" not in str(error).lower():
                raise
        self._links = tempfile.TemporaryDirectory(prefix="tanya-")
        for path in folder.iterdir():
            if not path.name.endswith(".lock"):
                with contextlib.suppress(FileExistsError):
                    Path(self._links.name, path.name).symlink_to(path.resolve())
        return tantivy.Index.open(self._links.name)


def _schema() -> tantivy.Schema:
    """Return the fields: stems are parted by blanks, and only their frequencies are kept."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=False, indexed=True, fast=True)
    builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _parted(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield ``rows`` in parts that one query can name."""
    for start in range(0, len(rows), _IDS_AT_ONCE):
        yield rows[start : start + _IDS_AT_ONCE]


def _best(parts: Sequence[LexicalHits], limit: int) -> LexicalHits:
    """Return the best of what several queries found, sentences of equal score by their rows."""
    rows = np.concatenate([part.rows for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    order = np.lexsort((rows, -scores))[:limit]
    return LexicalHits(rows[order], scores[order])


def _no_hits() -> LexicalHits:
    """Return the result of a search that found nothing."""
    return LexicalHits(np.empty(0, dtype=np.int64), np.empty(0))
