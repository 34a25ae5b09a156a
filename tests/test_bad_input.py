"""Questions that mean nothing, corpora that hardly are any, and files of questions that are wrong.

A question that means nothing must be refused on a corpus of some size. On a handful of sentences
only its confidence must be a number: it is fitted on larger corpora and is a guess there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from tanya.build import rebuild
from tanya.cli import main
from tanya.confidence import FILE_NAME
from tanya.encoders import Encoder
from tanya.index import open_published
from tanya.lexical import Analyzer
from tanya.matches import content_words
from tanya.ranking import SIGNALS, standardised_signal
from tanya.records import Answer
from tanya.search import Searcher
from tanya.settings import Settings

pytestmark = pytest.mark.usefixtures("elsewhere")

REFUSED = {
    "unknown words": "qwzx vbnmk plokij",
    "one unknown word": "xqzt",
    "an unknown word in a sentence": "apa itu xqzt?",
    "an Indonesian stop word": "yang",
    "an English stop word": "the",
    "digits": "123456",
    "punctuation": "...?!",
    "Arabic punctuation": "،؟",
    "emoji": "🙂🙂",
    "control characters": "\x00\x01\x02",
    "an escape sequence": "\x1b[31m",
    "half a character": "\ud800",
    "an accent alone": "\u0301",
    # How will the weather be tomorrow?
    "Arabic": "كيف سيكون الطقس غدا؟",
    "Chinese": "明天天气怎么样？",
    "Thai": "พรุ่งนี้อากาศจะเป็นอย่างไร",
    "Cyrillic": "Какая завтра будет погода?",
}
# Who cares for the sick?
FOREIGN = ["من يعتني بالمرضى؟", "谁照顾病人？", "ใครดูแลผู้ป่วย", "Кто ухаживает за больными?"]
CARES = "Perawat merawat pasien yang sakit di rumah sakit."
NURSE = (
    f"{CARES} Ia memberi obat sesuai resep dokter.\n\nIa mencatat suhu tubuh setiap pagi. "
    "Perawat yang baik sabar dan teliti."
)
ACCOUNTANT = (
    "Akuntan menyusun laporan keuangan perusahaan. Ia menghitung pajak setiap bulan.\n\n"
    "Ia memeriksa bukti pembayaran. Akuntan yang baik jujur dan teliti."
)
REPORTS = "Ia menulis laporan setiap pagi."
LONG = ", lalu ".join(f"ia duduk di kebun nomor {i}" for i in range(90))
CORPORA: dict[str, dict[str, str]] = {
    "one word": {"a.txt": "Perawat"},
    "one sentence": {"a.txt": "Perawat memantau tanda vital pasien."},
    "two sentences": {"a.txt": "Perawat memberi obat.", "b.txt": "Akuntan menghitung pajak."},
    "two profiles": {"x1.txt": NURSE, "x2.txt": ACCOUNTANT},
    # Files that are the same throughout would be one document.
    "identical sentences": {f"{i}.txt": f"{REPORTS}\nNomor {i}." for i in range(12)},
    "long sentences": {"a.txt": f"Tiap hari {LONG}.", "b.txt": f"Lusa {LONG}, lalu ia berenang."},
    "digits": {"a.txt": "12 34 56\n78 90", "b.txt": "2024 1999 007"},
}
Corpora = Mapping[str, Searcher]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A folder with an index of each of ``CORPORA``."""
    folder = tmp_path_factory.mktemp("corpora")
    for name, files in CORPORA.items():
        corpus = folder / name / "corpus"
        corpus.mkdir(parents=True)
        for path, text in files.items():
            (corpus / path).write_text(text, encoding="utf-8")
        rebuild(Settings(corpus=corpus, index=folder / name / "index"), encoder=encoder)
    return folder


@pytest.fixture(scope="module")
def corpora(folder: Path, encoder: Encoder) -> Corpora:
    """A searcher on each of ``CORPORA``."""
    return {
        name: Searcher(open_published(folder / name / "index"), encoder, Settings())
        for name in CORPORA
    }


@pytest.fixture
def index(folder: Path) -> str:
    """The index of the two profiles."""
    return str(folder / "two profiles" / "index")


def asked(searcher: Searcher, question: str) -> Answer:
    """Ask, and check what holds of every answer to any question on any corpus."""
    answer = searcher.ask(question, results=50)
    assert answer.question == question
    # NaN is not between 0 and 1.
    assert 0 <= answer.confidence <= 1
    assert answer.answered is (answer.confidence >= searcher.threshold)
    assert answer.results
    assert all(math.isfinite(passage.score) for passage in answer.results)
    return answer


def met(answer: Answer) -> set[str]:
    """Return the words of the question that a sentence has, having checked that it has them."""
    words = set()
    for passage in answer.results:
        for match in passage.matches:
            if match.similarity == 1:
                word = answer.question[match.question_start : match.question_end]
                given = passage.sentence[match.start : match.end]
                assert Analyzer("id").stems(word) == Analyzer("id").stems(given) != []
                words.add(word)
    return words


# Questions


@pytest.mark.parametrize("name", REFUSED)
def test_a_question_that_means_nothing_or_is_off_the_topic_is_not_answered(
    sample_searcher: Searcher, name: str
) -> None:
    assert not asked(sample_searcher, REFUSED[name]).answered


@pytest.mark.parametrize("question", FOREIGN)
def test_a_question_in_a_script_that_no_document_has_finds_the_document_that_answers(
    corpora: Corpora, question: str
) -> None:
    answer = asked(corpora["two profiles"], question)
    assert [passage.document for passage in answer.results[:4]] == ["x1.txt"] * 4


@pytest.mark.parametrize("before", ["", " \n\t  "])
def test_a_question_of_10000_characters_is_cut_and_matches_stand_where_they_were_typed(
    corpora: Corpora, before: str
) -> None:
    # 1000 characters to search, with chat forms, because writing them out moves all that follows.
    kept = "gimana caranya merawat pasien yg sakit? " * 25
    question = (before + kept + "Siapa menghitung pajak? " * 400)[:9_999] + "?"
    answer = asked(corpora["two profiles"], question)
    assert [note.text for note in answer.notes] == [
        f"Of the question's {10_000 - len(before)} characters only the first 1000 were searched.",
    ]
    assert answer.searched == "bagaimana caranya merawat pasien yang sakit? " * 25
    assert answer.results[0].sentence == CARES
    assert met(answer) == {"merawat", "pasien", "sakit"}
    assert [question[c.start : c.end] for c in answer.corrections] == ["gimana", "yg"] * 25


def test_blanks_around_a_question_make_it_no_longer(corpora: Corpora) -> None:
    question = " \n" * 5_000 + "Siapa menghitung pajak?" + " " * 5_000
    answer = asked(corpora["two profiles"], question)
    assert answer.notes == ()
    assert met(answer) == {"menghitung", "pajak"}


def test_the_same_question_gets_the_same_answer_whatever_was_asked_before(
    corpora: Corpora, encoder: Encoder
) -> None:
    questions = [*REFUSED.values(), *FOREIGN, "Siapa memberi obat?", "tax report"]
    build = corpora["two profiles"].build
    one, other = (Searcher(build, encoder, Settings()) for _ in range(2))
    answers = {question: one.ask(question) for question in questions}
    assert answers == {question: one.ask(question) for question in questions}
    assert answers == {question: other.ask(question) for question in reversed(questions)}


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_that_is_switched_off_leaves_all_others_and_the_candidates(
    corpora: Corpora, encoder: Encoder, name: str
) -> None:
    # A word by itself is looked for as it is written.
    question = "pajak" if name == "literal" else "Siapa yang menghitung pajak?"
    whole = corpora["two profiles"]
    off = Searcher(whole.build, encoder, Settings(**{f"{name}_weight": 0.0}))
    found, left = whole.candidates(question), off.candidates(question)
    assert left.rows.tolist() == found.rows.tolist()
    for other in SIGNALS:
        assert (getattr(left.signals, other) == getattr(found.signals, other)).all()
    share = getattr(Settings(), f"{name}_weight") * standardised_signal(found.signals, name)
    assert share.any()
    before = {hit.row: hit.score for hit in whole.rank(question, 50)}
    after = {hit.row: hit.score for hit in off.rank(question, 50)}
    assert [before[row] - after[row] for row in found.rows] == pytest.approx(share.tolist())


# Corpora


@pytest.mark.parametrize("name", CORPORA)
def test_any_question_gets_an_answer_in_numbers_from_a_corpus_that_hardly_is_one(
    corpora: Corpora, name: str
) -> None:
    for question in (*REFUSED.values(), "Siapa merawat pasien?"):
        for passage in asked(corpora[name], question).results:
            text = CORPORA[name][passage.document]
            assert text[passage.start : passage.end] == passage.sentence


@pytest.mark.parametrize(
    ("name", "question", "sentence"),
    [
        ("two sentences", "memberi obat", "Perawat memberi obat."),
        ("two sentences", "menghitung pajak", "Akuntan menghitung pajak."),
        ("two profiles", "Siapa yang memberi obat?", "Ia memberi obat sesuai resep dokter."),
        ("two profiles", "Siapa yang menghitung pajak?", "Ia menghitung pajak setiap bulan."),
        ("two profiles", "Kapan suhu tubuh dicatat?", "Ia mencatat suhu tubuh setiap pagi."),
        ("two profiles", "Siapa yang memeriksa bukti?", "Ia memeriksa bukti pembayaran."),
    ],
)
def test_words_that_half_of_the_documents_have_still_find_the_sentence_that_answers(
    corpora: Corpora, name: str, question: str, sentence: str
) -> None:
    # log((N - df + 0.5) / (df + 0.5)), the rarity of a word as BM25 first had it, is 0 for these.
    for word in content_words(question, Analyzer("id")):
        [stem] = Analyzer("id").stems(word)
        assert len(corpora[name].build.documents.search([stem], 10).rows) == 1
    assert asked(corpora[name], question).results[0].sentence == sentence


def test_a_word_is_found_in_a_document_that_is_only_that_word(corpora: Corpora) -> None:
    answer = asked(corpora["one word"], "Apa tugas perawat?")
    assert [passage.sentence for passage in answer.results] == ["Perawat"]
    assert met(answer) == {"perawat"}


def test_a_sentence_that_many_documents_have_is_found_in_each(corpora: Corpora) -> None:
    answer = asked(corpora["identical sentences"], "Siapa menulis laporan setiap pagi?")
    first = [(passage.document, passage.sentence) for passage in answer.results[:12]]
    assert sorted(first) == sorted((path, REPORTS) for path in CORPORA["identical sentences"])
    assert len(answer.results) == 24


def test_the_place_that_answers_is_found_within_an_endless_sentence(corpora: Corpora) -> None:
    answer = asked(corpora["long sentences"], "Siapa berenang?")
    assert answer.results[0].document == "b.txt"
    assert answer.results[0].sentence.endswith("lalu ia berenang.")
    assert max(len(passage.sentence) for passage in answer.results) < len(LONG)


@pytest.mark.parametrize(("number", "line"), [("1999", "2024 1999 007"), ("56", "12 34 56")])
def test_a_number_is_found_where_there_are_only_numbers(
    corpora: Corpora, number: str, line: str
) -> None:
    answer = asked(corpora["digits"], number)
    assert answer.results[0].sentence == line
    assert met(answer) == {number}


# Files of labelled questions

COMMANDS = ["evaluate", "calibrate"]
GOOD = {"question": "Siapa memberi obat?", "document": "x1.txt", "evidence": ["memberi obat"]}
OTHER = {"question": "Siapa menghitung pajak?", "document": "x2.txt", "evidence": ["pajak"]}
NOWHERE = {"question": "Berapa harga emas?", "answerable": False, "reason": "off_topic"}
Entry = Mapping[str, object]


def written(path: Path, *entries: Entry | str | bytes) -> str:
    """Write labelled questions, texts and bytes as they are, and return the file's name."""
    lines = [entry if isinstance(entry, str | bytes) else json.dumps(entry) for entry in entries]
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode("utf-8") for x in lines))
    return str(path)


def copies(entry: Entry, count: int) -> list[Entry]:
    """Return so many questions that differ in their wording only."""
    return [{**entry, "question": f"{entry['question']} Ke-{i}"} for i in range(count)]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"question": "a"', ("not valid JSON", '\'{"question": "a"\'. Write one JSON object')),
        ("[1, 2]", ("not a JSON object: '[1, 2]'. Write one JSON object a line",)),
        ("[" * 100_000, ("not valid JSON", "[[[…'. Write one JSON object a line")),
        (f'{{"question": {"9" * 5_000}}}', ("not valid JSON", "5000 digits", "999…'. Write one")),
        ({"question": 5}, ("question must be a text that is not empty, not 5.",)),
        ({}, ("question must be a text that is not empty, not null.",)),
        ({**GOOD, "evidence": "obat"}, ('evidence must be a list of texts, not "obat".',)),
        ({**GOOD, "document": 1.5}, ("document must be a path or null, not 1.5.",)),
        ({**GOOD, "answerable": "no"}, ('answerable must be true or false, not "no".',)),
        ({**GOOD, "kind": ["a"]}, ('kind must be a text or null, not ["a"].',)),
        ({**GOOD, "split": 1}, ("split must be a text or null, not 1.",)),
        ({**GOOD, "evidence": [], "answerable": True}, ("[]", 'set "answerable" to false.')),
        (b'{"question": "caf\xe9"}', ("not UTF-8 (line 3,", "0xe9", "Save them as UTF-8.")),
    ],
    ids=range(13),
)
def test_a_line_that_is_no_labelled_question_is_told_with_its_value_and_the_remedy(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    line: Entry | str | bytes,
    told: tuple[str, ...],
) -> None:
    name = written(tmp_path / "q.jsonl", GOOD, "", line)
    assert main([command, name]) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines()), len(err) < 500) == ("", 1, True)
    assert err.startswith("error: ")
    for piece in (name, "line 3", *told):
        assert piece in err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_without_questions_is_told_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    empty = written(tmp_path / "empty.jsonl", b"\xef\xbb\xbf", " ", "")
    for path, told in (
        (empty, "no question in {}. Write one JSON object a line."),
        (str(tmp_path), "{}: Is a directory. Name a file with one question a line."),
        ("nowhere.jsonl", "{}: No such file or directory. Name a file with one question a line."),
    ):
        assert main([command, path]) == 1
        out, err = capsys.readouterr()
        assert (out, len(err.splitlines())) == ("", 1)
        assert err.startswith("error: ")
        assert err.endswith(told.format(repr(path)) + "\n")


UNKNOWN = [*copies(NOWHERE, 20), {**GOOD, "document": "x3.txt"}, *copies(OTHER, 20)]
TOLD = "q.jsonl, line 21: the question 'Siapa memberi obat?' is about 'x3.txt', which is not in"


@pytest.mark.parametrize(
    ("command", "questions", "told"),
    [
        ("evaluate", UNKNOWN, TOLD),
        ("calibrate", UNKNOWN, TOLD),
        ("calibrate", copies(NOWHERE, 40), "0 are answerable and 40 are not; at least 20 of each"),
        ("calibrate", copies(GOOD, 40), "40 are answerable and 0 are not; at least 20 of each"),
        ("calibrate", copies(GOOD, 20) + copies(NOWHERE, 20), "'x1.txt'. Add some about another"),
    ],
    ids=["unknown document", "unknown document", "no positives", "no negatives", "one document"],
)
def test_questions_that_the_index_cannot_be_measured_by_are_told_and_nothing_is_written(
    index: str,
    capsys: pytest.CaptureFixture[str],
    command: str,
    questions: list[Entry],
    told: str,
) -> None:
    assert main([command, written(Path("q.jsonl"), *questions), "--index", index]) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("error: ")
    assert told in err
    assert not Path(index, FILE_NAME).exists()


@pytest.mark.parametrize(
    ("questions", "row", "missing"),
    [
        ([GOOD, OTHER], ["unanswerable", "0", "–", "–"], "refused"),
        ([NOWHERE], ["answerable", "0", "–", "–"], "answered"),
    ],
    ids=["no negatives", "no positives"],
)
def test_a_figure_that_cannot_be_had_is_a_dash(
    index: str,
    capsys: pytest.CaptureFixture[str],
    questions: list[Entry],
    row: list[str],
    missing: str,
) -> None:
    # A kind that is null is none: there is no group of that name.
    name = written(Path("q.jsonl"), *({**entry, "kind": None} for entry in questions))
    assert main(["evaluate", name, "--index", index]) == 0
    out = capsys.readouterr().out
    assert row in [line.split() for line in out.splitlines()]
    assert not {"nan", "None"}.intersection(out.split())
    assert main(["evaluate", name, "--index", index, "--json"]) == 0
    out = capsys.readouterr().out
    figures = json.loads(out)
    assert "NaN" not in out
    assert figures["refusal"]["auroc"] is figures["refusal"][missing] is None
    assert (figures["ranking"] is None) is (missing == "answered")
    assert figures["ranking_by_kind"] == {}
