"""The gate before publishing: the figures written out, what it turns away, and what is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tanya.cli import ingest, main
from tanya.errors import LabelsError
from tanya.evaluate import Outcome
from tanya.gate import verdict
from tanya.index import candidate_of, list_builds, published_name
from tanya.labels import LabelledQuestion, read_labels
from tanya.records import GateReason
from tanya.search import open_searcher
from tanya.settings import Settings
from tanya.update import Update, update
from tests.conftest import WriteCorpus

NURSE = "Perawat merawat pasien di rumah sakit.\n\nIa memberi obat tiga kali sehari.\n"
CLERK = "Akuntan menyusun laporan keuangan perusahaan.\n\nIa memeriksa kuitansi setiap bulan.\n"
FILES = {"perawat.txt": NURSE, "akuntan.txt": CLERK}
ASKS_NURSE = {
    "question": "Siapa yang merawat pasien di rumah sakit?",
    "document": "perawat.txt",
    "evidence": ["merawat pasien"],
}
ASKS_CLERK = {
    "question": "Siapa yang menyusun laporan keuangan?",
    "document": "akuntan.txt",
    "evidence": ["laporan keuangan"],
}

pytestmark = pytest.mark.usefixtures("elsewhere")


def write_labels(path: Path, *labels: dict[str, Any]) -> Path:
    """Write labelled questions."""
    path.write_text("".join(json.dumps(label) + "\n" for label in labels), encoding="utf-8")
    return path


def found(
    rank: int | None, *, answered: bool = True, answerable: bool = True, must: bool = False
) -> Outcome:
    """Return what a question got."""
    label = LabelledQuestion("Apa?", "a.txt", ("a",), answerable, must=must)
    return Outcome(label, rank, rank == 1, 0.9 if answered else 0.1, answered)


# What the gate says, by ranks


def test_hit_at_5_may_fall_by_as_much_as_is_allowed_and_no_more() -> None:
    before = [found(1), found(5), found(2), found(3)]
    after = [found(1), found(6), found(2), found(3)]
    assert verdict("q", before, after, 0.25).passed
    told = verdict("q", before, after, 0.24)
    assert not told.passed
    assert told.reasons == (
        GateReason("drop", "hit@5 falls from 1.000 to 0.750, by more than 0.24 (gate_drop)"),
    )
    assert (told.before and told.before.hit_at_5, told.after.hit_at_5) == (1.0, 0.75)
    # The mean of 1, 1/6, 1/2 and 1/3.
    assert told.after.mrr_at_10 == pytest.approx(0.5)


def test_questions_that_got_better_or_worse_are_named_with_their_ranks() -> None:
    told = verdict("q", [found(3), found(None), found(2)], [found(None), found(4), found(2)], 1.0)
    assert [(change.before, change.after) for change in told.worse] == [(3, None)]
    assert [(change.before, change.after) for change in told.better] == [(None, 4)]


def test_an_unanswerable_question_is_worse_when_it_is_answered() -> None:
    refused = found(None, answered=False, answerable=False)
    answered = found(None, answerable=False)
    told = verdict("q", [refused, answered, refused], [answered, refused, refused], 0.0)
    assert told.passed
    assert (len(told.worse), len(told.better)) == (1, 1)
    assert told.worse[0].answered_after
    assert (told.after.hit_at_5, told.after.refused) == (None, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (found(5, must=True), None),
        (found(6, must=True), "rank 6"),
        (found(None, must=True), "not found"),
        (found(1, answered=False, must=True), "is refused"),
        (found(None, answered=False, answerable=False, must=True), None),
        (found(None, answerable=False, must=True), "is answered, although nothing answers it"),
        (found(6), None),
    ],
)
def test_a_question_that_must_be_answered_decides_alone(
    outcome: Outcome, reason: str | None
) -> None:
    told = verdict("q", None, [outcome, found(1)], 1.0)
    assert told.passed == (reason is None)
    assert all(reason in one.text for one in told.reasons if reason)
    assert {(one.kind, one.question) for one in told.reasons} <= {("must", "Apa?")}


def test_without_a_published_build_only_what_must_be_answered_counts() -> None:
    told = verdict("q", None, [found(None)], 0.0)
    assert (told.passed, told.before, told.worse) == (True, None, ())


# Building through the gate


def test_a_build_that_answers_worse_is_kept_and_not_published(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    write_labels(corpus / "questions.jsonl", ASKS_NURSE, ASKS_CLERK)
    first = update(settings, Update())
    assert first.published
    assert first.verdict is not None
    assert first.verdict.after.hit_at_5 == 1.0

    (corpus / "perawat.txt").write_text("Perawat bekerja bergiliran.\n", encoding="utf-8")
    report = update(settings, Update())
    assert (report.published, report.rejected, report.build) == (False, True, first.build)
    assert published_name(settings.index) == first.build
    candidate = candidate_of(settings.index)
    assert candidate is not None
    assert candidate.name == report.candidate
    assert [b.state for b in list_builds(settings.index)] == ["candidate", "published"]

    # It can be asked beside the published one, which has still got the sentence.
    asked = open_searcher(settings, candidate.name).ask(ASKS_NURSE["question"])
    assert asked.results
    assert all("merawat" not in passage.sentence for passage in asked.results)
    asked = open_searcher(settings).ask(ASKS_NURSE["question"])
    assert "merawat" in asked.results[0].sentence


def test_force_publishes_the_waiting_candidate_without_embedding_it_again(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    write_labels(corpus / "questions.jsonl", ASKS_NURSE)
    update(settings, Update())
    (corpus / "perawat.txt").write_text("Perawat bekerja bergiliran.\n", encoding="utf-8")
    turned_away = update(settings, Update()).candidate
    report = update(settings, Update(force=True))
    assert (report.published, report.forced, report.build) == (True, True, turned_away)
    assert report.embedded == 0
    assert published_name(settings.index) == turned_away


def test_force_publishes_a_full_build_that_waits_although_no_file_has_changed(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    first = update(settings, Update()).build
    gate = write_labels(corpus.parent / "q.jsonl", {**ASKS_NURSE, "evidence": ["x"], "must": True})
    turned_away = update(settings, Update(full=True, gate=gate)).candidate
    assert turned_away not in (None, first)
    # Without it the published build is up to date, and the other waits on.
    assert (update(settings, Update(gate=gate)).build, published_name(settings.index)) == (
        first,
        first,
    )
    report = update(settings, Update(force=True, gate=gate))
    assert (report.published, report.forced, report.build) == (True, True, turned_away)
    assert report.embedded == 0
    assert published_name(settings.index) == turned_away
    assert not update(settings, Update(force=True, gate=gate)).published


def test_mended_documents_replace_the_candidate(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    write_labels(corpus / "questions.jsonl", {**ASKS_NURSE, "must": True})
    update(settings, Update())
    (corpus / "perawat.txt").write_text("Perawat bekerja bergiliran.\n", encoding="utf-8")
    assert update(settings, Update()).rejected
    (corpus / "perawat.txt").write_text(NURSE + "\nIa sabar.\n", encoding="utf-8")
    report = update(settings, Update())
    assert report.published
    assert [b.state for b in list_builds(settings.index)] == ["published", "kept"]


def test_a_broken_gate_stops_the_build_before_it_begins(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    first = update(settings, Update()).build
    (corpus / "perawat.txt").write_text("Perawat bekerja bergiliran.\n", encoding="utf-8")
    (corpus / "questions.jsonl").write_text('{"question": "Apa?"\n', encoding="utf-8")
    with pytest.raises(LabelsError, match="line 1"):
        update(settings, Update())
    assert [b.name for b in list_builds(settings.index)] == [first]


def test_a_named_gate_takes_the_place_of_the_corpuss_own(
    write_corpus: WriteCorpus, settings: Settings, tmp_path: Path
) -> None:
    corpus = write_corpus(FILES)
    write_labels(corpus / "questions.jsonl", {**ASKS_NURSE, "evidence": ["x"], "must": True})
    assert update(settings, Update()).rejected
    own = write_labels(tmp_path / "own.jsonl", ASKS_NURSE)
    report = update(settings, Update(gate=own))
    assert report.published
    assert report.verdict is not None
    assert report.verdict.file == str(own)


def test_the_first_build_can_be_turned_away_and_nothing_is_published(
    write_corpus: WriteCorpus, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(FILES)
    write_labels(corpus / "questions.jsonl", {**ASKS_NURSE, "evidence": ["x"], "must": True})
    options = ["--corpus", str(corpus), "--index", str(settings.index)]
    assert ingest(options) == 3
    out = capsys.readouterr().out
    assert "NOT published" in out
    assert main(["ask", "Apa?", *options]) == 1
    assert "python ingest.py" in capsys.readouterr().err


def test_a_question_whose_evidence_was_edited_away_is_told_and_holds_up_no_build(
    write_corpus: WriteCorpus, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(FILES)
    gate = write_labels(corpus / "questions.jsonl", ASKS_CLERK, ASKS_NURSE)
    options = ["--corpus", str(corpus), "--index", str(settings.index)]
    assert ingest(options) == 0
    assert "note: " not in capsys.readouterr().out
    (corpus / "perawat.txt").write_text("Perawat menjaga pasien.\n", encoding="utf-8")
    assert update(replace(settings, gate_drop=1.0), Update()).published
    (corpus / "akuntan.txt").unlink()
    report = update(replace(settings, gate_drop=1.0), Update())
    assert report.published
    assert report.verdict is not None
    clerk, nurse = report.verdict.lacking
    assert (clerk.document, clerk.evidence, clerk.lost) == ("akuntan.txt", None, True)
    # It was not there before this build either, so that it says nothing of what was lost.
    assert (nurse.document, nurse.evidence, nurse.lost) == ("perawat.txt", "merawat pasien", False)
    (corpus / "perawat.txt").write_text("Perawat menjaga pasien sakit.\n", encoding="utf-8")
    assert ingest(options) == 0
    assert (
        f"note: {gate}, line 2: 'perawat.txt' does not contain the evidence 'merawat pasien'. "
        "Correct or remove the question."
    ) in capsys.readouterr().out


def test_a_must_question_whose_evidence_is_gone_is_turned_away_with_the_evidence(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    write_labels(corpus / "questions.jsonl", {**ASKS_NURSE, "must": True})
    update(settings, Update())
    (corpus / "perawat.txt").write_text("Perawat menjaga pasien.\n", encoding="utf-8")
    report = update(replace(settings, gate_drop=1.0), Update())
    assert report.rejected
    assert report.verdict is not None
    [reason] = report.verdict.reasons
    assert reason.text.endswith(
        "fails: 'perawat.txt' no longer contains the evidence 'merawat pasien'"
    )


def test_must_has_to_be_true_or_false(tmp_path: Path) -> None:
    path = write_labels(tmp_path / "q.jsonl", {**ASKS_NURSE, "must": "yes"})
    with pytest.raises(LabelsError, match=r'line 1.*must.*"yes"'):
        read_labels(path)


# On the command line


def test_the_command_line_tells_figures_and_ranks_and_exits_with_3(
    write_corpus: WriteCorpus, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(FILES)
    gate = write_labels(corpus.parent / "gate.jsonl", ASKS_NURSE, ASKS_CLERK)
    options = ["--corpus", str(corpus), "--index", str(settings.index)]
    assert ingest([*options, "--gate", str(gate)]) == 0
    (corpus / "perawat.txt").unlink()
    capsys.readouterr()
    assert ingest([*options, "--gate", str(gate)]) == 3
    out = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.strip()}
    assert rows["published"][:3] == ["1.000", "1.000", "1.000"]
    assert rows["new"][:3] == ["0.500", "0.500", "0.500"]
    assert f"worse   1 -> –  {ASKS_NURSE['question']}" in out
    assert "hit@5 falls from 1.000 to 0.500" in out
    candidate = candidate_of(settings.index)
    assert candidate is not None
    assert main(["ask", "Siapa?", "--build", candidate.name, "--json", *options]) == 0
    assert json.loads(capsys.readouterr().out)["build"] == candidate.name
    assert ingest([*options, "--gate", str(gate), "--force"]) == 0
    assert published_name(settings.index) == candidate.name


def test_the_allowed_fall_is_a_setting(write_corpus: WriteCorpus, settings: Settings) -> None:
    corpus = write_corpus(FILES)
    write_labels(corpus / "questions.jsonl", ASKS_NURSE, ASKS_CLERK)
    update(settings, Update())
    (corpus / "perawat.txt").unlink()
    assert update(settings, Update()).rejected
    assert update(replace(settings, gate_drop=0.5), Update()).published
