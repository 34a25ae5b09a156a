"""Content gaps: what becomes one, how they are grouped, and when they are closed."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import pytest

from tanya.build import rebuild
from tanya.encoders import Embeddings, Encoder, embed_questions
from tanya.errors import JournalError, LabelsError
from tanya.gaps import UNSURE, Gap, counts, find_checked_gaps, find_gaps, recheck, settle
from tanya.index import open_published
from tanya.journal import (
    FILE_NAME,
    Asked,
    Feedback,
    asked_of,
    read_asked,
    read_unsatisfied,
    record_asked,
    record_feedback,
)
from tanya.labels import LabelledQuestion, add_label, read_labels
from tanya.search import Searcher
from tanya.settings import Settings
from tanya.update import Update, update
from tests.conftest import ROOT, WriteCorpus

NURSE = "# Perawat\n\nPerawat mengukur tekanan darah dan suhu tubuh pasien setiap pagi.\n"
DIPLOMAT = "Diplomat mewakili negaranya dalam perundingan dengan negara lain.\n"
RICE = "Nasi goreng dimasak dengan bawang, kecap manis dan telur di wajan panas.\n"
COOKING = "Bagaimana cara memasak nasi goreng?"
COOKING_SLANG = "cara masak nasi goreng gimana"
MOON = "Berapa jarak bumi ke bulan?"
MEASURES = "Apa yang diukur perawat setiap pagi?"


@pytest.fixture
def built(settings: Settings, write_corpus: WriteCorpus, encoder: Encoder) -> Settings:
    """Settings of two documents and their index."""
    write_corpus({"perawat.md": NURSE, "diplomat.txt": DIPLOMAT})
    rebuild(settings, encoder=encoder)
    return settings


@pytest.fixture
def searcher(built: Settings, encoder: Encoder) -> Iterator[Searcher]:
    """A searcher on them."""
    with closing(open_published(built.index)) as build:
        yield Searcher(build, encoder, built)


def ask(searcher: Searcher, settings: Settings, *questions: str) -> None:
    """Ask as a reader does."""
    for question in questions:
        record_asked(settings.index, [asked_of(searcher.ask(question), 20.0, "reader", 1000)])


def gaps(searcher: Searcher, settings: Settings) -> list[Gap]:
    """Return the gaps as they are shown."""
    recheck(searcher, settings)
    return find_gaps(settings, searcher.build.manifest.name, searcher.embed)


def test_refused_questions_are_gaps_and_those_of_one_meaning_are_one(
    searcher: Searcher, built: Settings
) -> None:
    ask(searcher, built, COOKING, MEASURES, COOKING_SLANG, MOON, COOKING.upper() + " ")
    found = {gap.question: gap for gap in gaps(searcher, built)}
    assert set(found) == {COOKING.upper() + " ", MOON} or set(found) == {COOKING, MOON}
    [cooking] = [gap for gap in found.values() if gap.question != MOON]
    assert set(cooking.wordings) == {COOKING, COOKING_SLANG, COOKING.upper() + " "}
    assert (cooking.count, cooking.state, dict(cooking.reasons)) == (3, "open", {"refused": 3})
    assert not any(MEASURES in gap.wordings for gap in found.values())


def test_of_a_question_that_is_too_long_only_what_was_searched_is_kept_and_embedded(
    searcher: Searcher, built: Settings, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = dataclasses.replace(built, max_question_characters=40)
    searcher = Searcher(searcher.build, encoder, short)
    answer = searcher.ask(f"  {COOKING} {'xqzv ' * 5000}")
    record_asked(built.index, [asked_of(answer, 1.0, "reader", 40)])
    # A journal of before has whole ones.
    record_asked(built.index, [Asked(MOON + " xqzv" * 5000, False, 0.1, "", "", "", 1.0)])
    lengths: list[int] = []

    def embed(encoder: Encoder, texts: Sequence[str]) -> Embeddings:
        lengths.extend(map(len, texts))
        return embed_questions(encoder, texts)

    monkeypatch.setattr("tanya.search.embed_questions", embed)
    found = gaps(searcher, short)
    assert lengths == [40, 40]
    assert recheck(searcher, short) == 0
    assert (COOKING + " xqzv xqzv")[:40] in {gap.question for gap in found}


def test_the_newest_comes_first(searcher: Searcher, built: Settings) -> None:
    days = [
        (datetime.now(UTC) - timedelta(days=i)).isoformat(timespec="seconds") for i in (3, 2, 1)
    ]
    for time, question in ((days[0], COOKING), (days[2], MOON), (days[1], COOKING)):
        asked = asked_of(searcher.ask(question), 1.0, "reader", 1000)
        record_asked(built.index, [dataclasses.replace(asked, time=time)])
    found = gaps(searcher, built)
    assert [gap.question for gap in found] == [MOON, COOKING]
    assert [gap.newest for gap in found] == [days[2], days[1]]
    assert found[1].first == days[0]


def test_an_answer_of_little_confidence_is_a_gap_and_one_under_a_filter_is_none(
    searcher: Searcher, built: Settings
) -> None:
    sure = asked_of(searcher.ask(MEASURES), 1.0, "reader", 1000)
    assert sure.answered
    assert sure.confidence >= UNSURE
    record_asked(built.index, [dataclasses.replace(sure, confidence=UNSURE - 0.01)])
    assert find_gaps(built, None, searcher.embed)[0].reasons == (("unsure", 1),)
    # Asked again the build is sure, as it was all along.
    record_asked(built.index, [sure])
    assert [gap.state for gap in gaps(searcher, built)] == ["closed"]
    refused = asked_of(searcher.ask(MOON), 1.0, "filtered", 1000)
    assert not refused.answered
    record_asked(built.index, [refused])
    assert len(gaps(searcher, built)) == 1


def dislike(searcher: Searcher, settings: Settings, verdict: str, *, first: bool = True) -> None:
    """Say of an answer to MEASURES that it does not answer."""
    asked = asked_of(searcher.ask(MEASURES), 1.0, "reader", 1000)
    document = asked.document if first else "diplomat.txt"
    sentence = asked.sentence if first else "0123456789"
    given = Feedback(MEASURES, document, sentence, verdict, asked.build, asked.confidence)  # type: ignore[arg-type]
    record_feedback(settings.index, given)


@pytest.mark.parametrize("verdict", ["bad", "unanswered"])
def test_a_disliked_first_answer_is_a_gap_until_another_sentence_answers(
    searcher: Searcher, built: Settings, encoder: Encoder, verdict: str
) -> None:
    ask(searcher, built, MEASURES)
    dislike(searcher, built, verdict)
    [gap] = gaps(searcher, built)
    assert (gap.state, gap.reasons) == ("open", (("disliked", 1),))
    text = NURSE.replace("mengukur", "setiap pagi mengukur berat badan,")
    (built.corpus / "perawat.md").write_text(text, encoding="utf-8")
    rebuild(built, encoder=encoder)
    with closing(open_published(built.index)) as build:
        newer = Searcher(build, encoder, built)
        [gap] = gaps(newer, built)
    assert gap.state == "closed"


def test_what_is_taken_back_or_about_a_later_passage_is_no_gap(
    searcher: Searcher, built: Settings
) -> None:
    ask(searcher, built, MEASURES)
    dislike(searcher, built, "bad", first=False)
    assert gaps(searcher, built) == []
    dislike(searcher, built, "bad")
    dislike(searcher, built, "withdrawn")
    assert gaps(searcher, built) == []
    dislike(searcher, built, "bad")
    dislike(searcher, built, "good")
    assert gaps(searcher, built) == []


def test_a_build_that_answers_closes_the_gap_and_one_that_does_not_any_more_opens_it(
    searcher: Searcher, built: Settings
) -> None:
    ask(searcher, built, COOKING, MOON)
    (built.corpus / "nasi-goreng.txt").write_text(RICE, encoding="utf-8")
    report = update(built, Update())
    assert report.gaps is not None
    assert (report.gaps.open, report.gaps.closed) == (1, 1)
    assert {g.question: g.state for g in find_gaps(built, report.build, searcher.embed)} == {
        COOKING: "closed",
        MOON: "open",
    }
    # The questions that were asked again are not counted as readers' questions.
    assert [one.origin for one in read_asked(built.index)].count("reader") == 2
    (built.corpus / "nasi-goreng.txt").unlink()
    report = update(built, Update())
    assert report.gaps is not None
    assert (report.gaps.open, report.gaps.closed) == (2, 0)


def test_asking_again_is_done_once_a_build_and_says_how_far_it_is(
    searcher: Searcher, built: Settings
) -> None:
    answer = asked_of(searcher.ask(COOKING), 1.0, "reader", 1000)
    record_asked(built.index, [dataclasses.replace(answer, build="older")])
    assert find_gaps(built, searcher.build.manifest.name, searcher.embed)[0].state == "open"
    steps: list[tuple[int, int]] = []
    assert recheck(searcher, built, lambda done, total: steps.append((done, total))) == 1
    assert steps == [(1, 1)]
    assert recheck(searcher, built) == 0


def test_a_dismissed_gap_stays_so_in_other_words_until_it_is_opened_again(
    searcher: Searcher, built: Settings
) -> None:
    ask(searcher, built, COOKING)
    settle(built, gaps(searcher, built)[0], dismissed=True)
    ask(searcher, built, COOKING_SLANG)
    [gap] = gaps(searcher, built)
    assert (gap.state, len(gap.wordings)) == ("dismissed", 2)
    settle(built, gap, dismissed=False)
    assert [gap.state for gap in gaps(searcher, built)] == ["open"]


def test_a_document_that_is_to_answer_is_kept_and_survives_a_dismissal(
    searcher: Searcher, built: Settings
) -> None:
    ask(searcher, built, COOKING)
    settle(built, gaps(searcher, built)[0], document="perawat.md")
    settle(built, gaps(searcher, built)[0], dismissed=True)
    [gap] = gaps(searcher, built)
    assert (gap.document, gap.state) == ("perawat.md", "dismissed")
    settle(built, gap, document="")
    assert gaps(searcher, built)[0].document == ""


def test_a_gap_is_closed_by_an_answer_to_the_same_question_in_other_letters(
    built: Settings, searcher: Searcher
) -> None:
    build = searcher.build.manifest.name
    record_asked(built.index, [Asked(MOON, False, 0.1, "", "", "b0", 1.0)])
    sure = Asked(f" {MOON.upper()}", True, 0.9, "a.md", "s", build, 1.0)
    record_asked(built.index, [sure])
    [gap] = find_gaps(built, build, searcher.embed)
    assert (gap.question, gap.state) == (MOON, "closed")


def test_what_was_answered_well_costs_hardly_anything_to_show_the_gaps(
    built: Settings, searcher: Searcher
) -> None:
    sure = Asked("", True, 0.9, "a.md", "s", "b0", 1.0)
    record_asked(
        built.index, [dataclasses.replace(sure, question=f"Apa {i % 500}?") for i in range(40_000)]
    )
    record_asked(built.index, [dataclasses.replace(sure, question=MOON, answered=False)])

    def seconds(what: Callable[[], object]) -> float:
        began = process_time()
        what()
        return process_time() - began

    [gap] = find_gaps(built, None, searcher.embed)
    assert gap.question == MOON
    shown = min(seconds(lambda: find_gaps(built, None, searcher.embed)) for _ in range(3))
    assert shown < seconds(lambda: read_asked(built.index)) / 2


def test_to_show_the_gaps_what_was_asked_is_read_once(
    built: Settings, searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(searcher, built, MOON)
    record_asked(built.index, [Asked(MEASURES, False, 0.1, "", "", "b0", 1.0)])
    expected = gaps(searcher, built)
    assert {gap.question for gap in expected} == {MOON, MEASURES}
    with closing(sqlite3.connect(built.index / FILE_NAME)) as connection, connection:
        connection.execute("DELETE FROM asked WHERE origin = 'check'")
    reads: list[str] = []

    def read(index: Path, confidence: float) -> dict[str, str]:
        reads.append("read")
        return read_unsatisfied(index, confidence)

    monkeypatch.setattr("tanya.gaps.read_unsatisfied", read)
    steps: list[int] = []

    def notify(done: int, total: int) -> None:
        steps.append(done)

    # What was not asked yet is asked, then there is nothing more to ask.
    for passes, asked in ((2, [1]), (1, [])):
        reads.clear()
        steps.clear()
        assert find_checked_gaps(searcher, built, searcher.embed, notify) == expected
        assert (len(reads), steps) == (passes, asked)


def test_counts_are_of_gaps_that_were_open() -> None:
    def gap(question: str, state: str) -> Gap:
        return Gap(question, (question,), 1, "", "", (), state, "")  # type: ignore[arg-type]

    before = [gap("a", "open"), gap("b", "closed"), gap("c", "open")]
    after = [gap("A ", "closed"), gap("b", "closed"), gap("c", "open"), gap("d", "open")]
    assert dataclasses.astuple(counts(after, before)) == (2, 1)


def test_a_damaged_journal_is_named_and_stops_no_build(built: Settings, searcher: Searcher) -> None:
    (built.index / FILE_NAME).write_bytes(b"no database" * 100)
    with pytest.raises(JournalError, match=FILE_NAME):
        find_gaps(built, None, searcher.embed)
    (built.corpus / "neu.txt").write_text(RICE, encoding="utf-8")
    report = update(built, Update())
    assert report.published
    assert report.gaps is None


def test_a_decision_that_cannot_be_kept_is_told(searcher: Searcher, built: Settings) -> None:
    ask(searcher, built, COOKING)
    [gap] = gaps(searcher, built)
    with closing(sqlite3.connect(built.index / FILE_NAME)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalError, match="cannot be written"):
            settle(built, gap, dismissed=True)


def test_a_journal_of_an_older_version_is_read(built: Settings, searcher: Searcher) -> None:
    with closing(sqlite3.connect(built.index / FILE_NAME)) as older, older:
        older.execute(
            "CREATE TABLE feedback (time TEXT, question TEXT, document TEXT, sentence TEXT, "
            "verdict TEXT, build TEXT, confidence REAL)"
        )
        older.execute(
            "INSERT INTO feedback VALUES (?, ?, '', '', 'unanswered', 'b', 0.9)",
            (datetime.now(UTC).isoformat(), MOON),
        )
    assert [gap.question for gap in gaps(searcher, built)] == [MOON]


def test_half_a_character_in_a_question_breaks_nothing(searcher: Searcher, built: Settings) -> None:
    ask(searcher, built, "Siapa\ud800 raja bulan?", "🦆🦆🦆", "?")
    assert len(gaps(searcher, built)) == 3


def test_the_command_line_lists_open_gaps_as_text_and_as_json(
    searcher: Searcher, built: Settings
) -> None:
    ask(searcher, built, COOKING, MOON)
    settle(built, next(g for g in gaps(searcher, built) if g.question == MOON), dismissed=True)

    def listed(*options: str) -> str:
        command = [sys.executable, "-m", "tanya", "gaps", *options]
        places = ["--corpus", str(built.corpus), "--index", str(built.index)]
        done = subprocess.run(command + places, cwd=ROOT, capture_output=True, check=True)
        return done.stdout.decode("utf-8")

    assert COOKING in listed()
    assert MOON not in listed()
    found = json.loads(listed("--json", "--all"))
    assert {one["question"]: one["state"] for one in found} == {COOKING: "open", MOON: "dismissed"}


# --- Labelled questions that are made of them ----------------------------------------------------

LABEL = LabelledQuestion(COOKING, "nasi.txt", ("Nasi goreng dimasak",), answerable=True)


def test_a_labelled_question_is_added_once_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    assert add_label(path, LABEL, tmp_path / "index")
    path.write_bytes(path.read_bytes().rstrip(b"\n") + b"\n\n")
    before = path.read_bytes()
    refused = LabelledQuestion(MOON, None, (), answerable=False)
    same = dataclasses.replace(LABEL, question=f" {COOKING}")
    assert add_label(path, refused, tmp_path / "index")
    assert path.read_bytes().startswith(before)
    assert not add_label(path, same, tmp_path / "index")
    assert read_labels(path) == [LABEL, refused]
    assert {file.name for file in tmp_path.iterdir()} == {"questions.jsonl", "index"}


def test_questions_that_are_added_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    path, count = tmp_path / "questions.jsonl", 8
    labels = [LabelledQuestion(f"Pertanyaan {i}?", None, (), False) for i in range(count)]
    together = threading.Barrier(count)

    def add(label: LabelledQuestion) -> bool:
        together.wait()
        return add_label(path, label, tmp_path / "index")

    with ThreadPoolExecutor(count) as pool:
        assert all(pool.map(add, labels))
    assert sorted(one.question for one in read_labels(path)) == [one.question for one in labels]


def test_a_question_is_added_to_what_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, path = tmp_path / "elsewhere" / "real.jsonl", tmp_path / "questions.jsonl"
    real.touch()
    path.symlink_to(real.relative_to(tmp_path))
    assert add_label(path, LABEL, tmp_path / "index")
    assert path.is_symlink()
    assert read_labels(real) == [LABEL]


def test_a_file_of_questions_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "questions.jsonl"
    path.touch()

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(LabelsError, match="Permission denied"):
        add_label(path, LABEL, tmp_path / "index")


def test_a_broken_file_of_questions_is_named_and_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text("{broken", encoding="utf-8")
    with pytest.raises(LabelsError, match="line 1"):
        add_label(path, LABEL, tmp_path / "index")
    assert path.read_text(encoding="utf-8") == "{broken"


# --- What is kept, and for how long --------------------------------------------------------------


def test_old_questions_are_removed_and_decisions_stay(tmp_path: Path) -> None:
    old = Asked(COOKING, False, 0.1, "", "", "b", 1.0, "reader", "2001-01-01T00:00:00+00:00")
    record_asked(tmp_path, [old] * 5)
    new = dataclasses.replace(old, question=MOON, time="")
    for _ in range(40):
        record_asked(tmp_path, [new] * 5)
    assert {one.question for one in read_asked(tmp_path)} == {MOON}
