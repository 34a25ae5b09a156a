"""The builds of an index: listed, compared, rolled back, verified, cleaned up, taken up live."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tanya.build import rebuild
from tanya.cli import main
from tanya.confidence import FILE_NAME as CALIBRATION
from tanya.confidence import write_calibrations
from tanya.errors import IndexDamagedError, IndexMismatchError, IndexMissingError, TanyaError
from tanya.index import (
    building,
    compare_builds,
    list_builds,
    open_build,
    open_published,
    published_name,
    read_activity,
    read_current,
    roll_back,
    verify_build,
)
from tanya.index.manifest import sealed
from tanya.live import LiveSearcher
from tanya.records import Progress, Report
from tanya.settings import Settings
from tanya.status import read_status
from tanya.update import Update, concerns, watch
from tests.conftest import WriteCorpus

ROOT = Path(__file__).resolve().parents[1]
NURSE = "Perawat merawat pasien di rumah sakit.\n\nIa memberi obat tiga kali sehari.\n"
CLERK = "Akuntan menyusun laporan keuangan perusahaan.\n"
FILES = {"perawat.txt": NURSE, "akuntan.txt": CLERK}
QUESTION = "Siapa yang merawat pasien di rumah sakit?"
NEW = "Bidan merawat pasien di rumah sakit bersalin.\n"

pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture
def two(write_corpus: WriteCorpus, settings: Settings) -> tuple[str, str]:
    """Two builds: before and after the nurse's document was edited; return their names."""
    corpus = write_corpus(FILES)
    first = rebuild(settings).build
    (corpus / "perawat.txt").write_text(NURSE.replace("obat", "suntikan"), encoding="utf-8")
    return first, rebuild(settings).build


def until(reached: Callable[[], bool]) -> None:
    """Wait until something is so; fail if it never is."""
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def flip(build: Path, name: str) -> None:
    """Change a byte in the middle of a file of a build."""
    content = bytearray((build / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (build / name).write_bytes(content)


# Listing and comparing


def test_builds_are_listed_newest_first_with_their_state(
    settings: Settings, two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = two
    found = list_builds(settings.index)
    assert [(b.name, b.state) for b in found] == [(second, "published"), (first, "kept")]
    assert (found[0].documents, found[0].sentences, found[0].model) == (2, 3, "use-multilingual-v3")
    assert found[0].bytes > 1000
    flip(settings.index / "builds" / first, "manifest.json")
    (settings.index / "builds" / second / "vectors.faiss").unlink()
    assert main(["builds", "--index", str(settings.index), "--json"]) == 0
    [only] = json.loads(capsys.readouterr().out)
    assert (only["name"], only["state"]) == (second, "damaged")


def test_two_builds_are_compared_by_documents_and_sentences(
    settings: Settings, two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (settings.corpus / "akuntan.txt").rename(settings.corpus / "auditor.txt")
    (settings.corpus / "bidan.txt").write_text(NEW, encoding="utf-8")
    third = rebuild(settings).build
    found = compare_builds(open_build(settings.index, two[0]), open_build(settings.index, third))
    assert found.added == ("bidan.txt",)
    assert found.removed == ()
    assert found.renamed == (("akuntan.txt", "auditor.txt"),)
    [changed] = found.changed
    assert changed.path == "perawat.txt"
    assert changed.went == ("Ia memberi obat tiga kali sehari.",)
    assert changed.came == ("Ia memberi suntikan tiga kali sehari.",)
    assert main(["diff", third, two[0], "--index", str(settings.index)]) == 0
    assert "  - Ia memberi suntikan tiga kali sehari." in capsys.readouterr().out
    assert main(["diff", third, third, "--index", str(settings.index)]) == 0
    assert "The documents of both are the same." in capsys.readouterr().out


# Names that are typed


def test_a_mistyped_name_is_no_damage_and_the_list_of_builds_is_named(
    settings: Settings, two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    commands = (["ask", "Apa?", "--build"], ["diff", two[0]], ["verify"], ["rollback"])
    for typed in ("nope", "", "..", "x" * 300, f"{two[0]}/"):
        for command in commands:
            assert main([*command, typed, "--index", str(settings.index)]) == 1
            out, err = capsys.readouterr()
            assert out == ""
            assert err.startswith(f"error: There is no build {typed!r} in ")
            assert "python -m tanya builds" in err
            assert "--full" not in err


def test_a_published_build_that_is_gone_is_damage(
    settings: Settings, two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(settings.index / "builds" / two[1])
    assert main(["verify", "--index", str(settings.index)]) == 1
    err = capsys.readouterr().err
    assert f"names the build {two[1]!r}, which is not there" in err
    assert "python ingest.py --full" in err


# Rolling back


def test_the_build_before_is_published_at_once_and_the_other_way_round(
    settings: Settings, two: tuple[str, str]
) -> None:
    first, second = two
    assert roll_back(settings.index) == (second, first)
    assert published_name(settings.index) == first
    with pytest.raises(IndexDamagedError, match="no older build"):
        roll_back(settings.index)
    assert roll_back(settings.index, second) == (first, second)
    # The corpus is as the second build saw it.
    assert not rebuild(settings).published


@pytest.mark.parametrize("name", ["no-such-build", "../outside"])
def test_only_a_sound_build_is_rolled_back_to(
    settings: Settings, two: tuple[str, str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rollback", name, "--index", str(settings.index)]) == 1
    assert name in capsys.readouterr().err
    flip(settings.index / "builds" / two[0], "sentences.sqlite")
    with pytest.raises(IndexDamagedError, match=r"sentences\.sqlite"):
        roll_back(settings.index)
    assert published_name(settings.index) == two[1]


def test_there_is_nothing_to_roll_back_where_nothing_is_published(settings: Settings) -> None:
    with pytest.raises(IndexMissingError, match=r"python ingest\.py"):
        roll_back(settings.index)
    assert not settings.index.exists()


# Verifying and cleaning up


def test_verify_names_the_build_and_the_file(
    settings: Settings, two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--all", "--index", str(settings.index)]) == 0
    assert capsys.readouterr().out.count("sound") == 2
    flip(settings.index / "builds" / two[0], "evidence/topics.npy")
    assert main(["verify", "--all", "--index", str(settings.index)]) == 1
    out, err = capsys.readouterr()
    assert out.count("sound") == 1
    assert f"{two[0]!r} is damaged: evidence/topics.npy" in err


def test_verify_finds_parts_that_disagree_although_each_is_as_it_was_written(
    settings: Settings, two: tuple[str, str]
) -> None:
    # Documents of another build of the same size, with their checksums in the manifest.
    first, second = (settings.index / "builds" / name for name in two)
    other = first / "sentences.sqlite"
    found = json.loads((second / "manifest.json").read_text(encoding="utf-8"))
    size, sha = json.loads((first / "manifest.json").read_text(encoding="utf-8"))["files"][
        "sentences.sqlite"
    ]
    (second / "sentences.sqlite").write_bytes(other.read_bytes())
    found["files"]["sentences.sqlite"] = [size, sha]
    found["documents"] = 1
    del found["checksum"]
    (second / "manifest.json").write_text(sealed(found), encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="documents"):
        verify_build(settings.index, second.name)


def test_deleted_text_is_gone_from_the_disk_after_cleaning_up(
    write_corpus: WriteCorpus, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus({**FILES, "rahasia.txt": "Kata rahasianya xylofonikus sekali.\n"})

    def holding() -> set[Path]:
        files = (path for path in settings.index.rglob("*") if path.is_file())
        return {path for path in files if b"xylofonik" in path.read_bytes().lower()}

    rebuild(settings)
    assert {path.name for path in holding()} >= {"sentences.sqlite", "words.npy"}
    (corpus / "rahasia.txt").unlink()
    rebuild(settings)
    # The old build is kept to roll back to.
    assert holding()
    assert main(["clean", "--index", str(settings.index)]) == 0
    assert "1 build removed" in capsys.readouterr().out
    assert holding() == set()
    found = LiveSearcher(settings).ask("rahasia").results
    assert {passage.document for passage in found} == {"akuntan.txt", "perawat.txt"}


# Living with new builds


def test_a_reader_takes_up_a_new_build_and_rolls_back_by_itself(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    first = rebuild(settings).build
    searcher = LiveSearcher(settings)
    assert searcher.ask(QUESTION).build == first
    (corpus / "perawat.txt").write_text(NEW, encoding="utf-8")
    second = rebuild(settings).build
    answer = searcher.ask(QUESTION)
    assert (answer.build, answer.results[0].sentence) == (second, NEW.strip())
    roll_back(settings.index)
    assert searcher.ask(QUESTION).build == first


def test_a_build_that_went_bad_is_given_up_for_the_one_before_with_a_warning(
    settings: Settings, two: tuple[str, str]
) -> None:
    # Of its full length, so that it opens: only its checksum tells.
    flip(settings.index / "builds" / two[1], "evidence/topics.npy")
    searcher = LiveSearcher(settings)
    until(lambda: searcher.ask(QUESTION).build == two[0])
    [note] = searcher.ask(QUESTION).notes
    assert note.kind == "damaged"
    assert two[1] in note.text
    # Building mends it, and the reader takes that up.
    third = rebuild(settings).build
    assert searcher.ask(QUESTION).build == third
    assert searcher.ask(QUESTION).notes == ()


def test_a_reader_keeps_the_old_build_if_the_new_one_cannot_be_opened(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    first = rebuild(settings).build
    searcher = LiveSearcher(settings)
    (corpus / "perawat.txt").write_text(NEW, encoding="utf-8")
    second = rebuild(settings).build
    # Of a newer version of Tanya: nothing stands in for a build that is sound.
    (settings.index / "builds" / second / "manifest.json").write_text(
        '{"format": 999, "version": "9.9.9"}', encoding="utf-8"
    )
    with pytest.raises(IndexMismatchError):
        LiveSearcher(settings)
    answer = searcher.ask(QUESTION)
    assert (answer.build, answer.results[0].sentence) == (first, NURSE.partition("\n")[0])


def test_a_reader_takes_up_the_build_before_if_the_name_of_the_new_one_leads_nowhere(
    settings: Settings, two: tuple[str, str]
) -> None:
    searcher = LiveSearcher(settings)
    (settings.index / "CURRENT").write_text("gone\n", encoding="utf-8")
    answer = searcher.ask(QUESTION)
    assert (answer.build, answer.results[0].document) == (two[1], "perawat.txt")
    [note] = answer.notes
    assert (note.kind, "'gone'" in note.text) == ("damaged", True)


def test_a_reader_takes_up_a_new_calibration_without_opening_the_build_again(
    settings: Settings, two: tuple[str, str]
) -> None:
    searcher = LiveSearcher(settings)
    before = searcher.current()
    answer = searcher.ask(QUESTION)
    assert (answer.answered, searcher.current()) == (True, before)
    stricter = replace(before.calibration, intercept=-20.0, threshold=0.9, shipped=False)
    path = settings.index / CALIBRATION
    write_calibrations(path, [stricter])
    answer = searcher.ask(QUESTION)
    assert (answer.answered, answer.confidence < 0.01) == (False, True)
    assert searcher.current().threshold == read_status(settings).threshold == 0.9
    assert searcher.current().build is before.build
    # What cannot be understood changes nothing, and without any the one that ships is back.
    path.write_text("{", encoding="utf-8")
    assert not searcher.ask(QUESTION).answered
    path.unlink()
    assert searcher.ask(QUESTION).answered
    assert searcher.current().calibration == before.calibration


def test_a_question_keeps_to_the_end_the_calibration_that_it_began_with(
    settings: Settings, two: tuple[str, str]
) -> None:
    searcher = LiveSearcher(settings)
    asking = searcher.current()
    before = (asking.calibration, asking.threshold)
    write_calibrations(
        settings.index / CALIBRATION, [replace(asking.calibration, threshold=1.0, shipped=False)]
    )
    assert searcher.current().threshold == 1.0
    assert (asking.calibration, asking.threshold) == before


def test_status_says_that_a_build_is_running_and_how_far_it_is(
    settings: Settings, two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert read_status(settings).building is None
    with building(settings.index) as workshop:
        workshop.notice.tell(Progress("embedding", 3, 9))
        found = read_status(settings).building
        assert found is not None
        assert (found.pid, found.stage, found.done, found.total) == (os.getpid(), "embedding", 3, 9)
        assert main(["status", "--index", str(settings.index), "--corpus", "corpus"]) == 0
        assert f"by process {os.getpid()}" in capsys.readouterr().out
    assert read_activity(settings.index) is None
    assert not (settings.index / "BUILDING").exists()


def test_a_notice_that_a_killed_build_left_is_not_believed(
    settings: Settings, two: tuple[str, str]
) -> None:
    (settings.index / "BUILDING").write_text('{"pid": 1, "host": "x"}', encoding="utf-8")
    assert read_status(settings).building is None


def test_status_names_the_settings_that_differ(settings: Settings, two: tuple[str, str]) -> None:
    assert not read_status(settings).stale
    other = replace(settings, language="en", model="intfloat/multilingual-e5-small")
    found = read_status(other)
    assert found.other_settings == ("model", "language")
    assert found.stale


def test_an_edit_that_keeps_size_and_time_is_found_unless_it_is_old(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    path = corpus / "perawat.txt"
    rebuild(settings)
    state = path.stat()
    path.write_text(NURSE.replace("obat", "susu"), encoding="utf-8")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert path.stat().st_mtime_ns == state.st_mtime_ns
    # It was written so shortly before the build that its time proves nothing.
    assert read_status(settings).changed == ("perawat.txt",)
    rebuild(settings)

    old = state.st_mtime_ns - 10**12
    os.utime(path, ns=(old, old))
    rebuild(settings, full=True)
    path.write_text(NURSE.replace("obat", "teh_"), encoding="utf-8")
    os.utime(path, ns=(old, old))
    assert not rebuild(settings).published
    assert rebuild(settings, verify=True).changed == 1


def test_a_new_title_embeds_its_own_sentences_and_no_text_twice(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    text = "# Perawat\n\nIa merawat pasien.\n\nIa memberi obat.\n"
    corpus = write_corpus({**FILES, "judul.md": text})
    rebuild(settings)
    before = open_published(settings.index)
    (corpus / "judul.md").write_text(text.replace("Perawat", "Suster"), encoding="utf-8")
    report = rebuild(settings)
    assert (report.changed, report.embedded, report.reused) == (1, 2, 3)
    after = open_published(settings.index)
    # The vectors of the sentences alone are those that were there, to the bit.
    rows = {s.text: s.row for s in before.store.all_sentences()}
    for sentence in after.store.all_sentences():
        old = before.evidence.vectors([rows[sentence.text]])  # type: ignore[arg-type]
        assert (after.evidence.vectors([sentence.row]) == old).all()  # type: ignore[arg-type]


# Watching


def test_what_changes_is_built_when_it_has_settled_and_nothing_stops_it(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    stop = threading.Event()
    seen: list[object] = []

    def run() -> None:
        for found in watch(settings, Update(), stop):
            seen.append(found)  # noqa: PERF402 - looked at while it grows

    thread = threading.Thread(target=run)
    thread.start()
    try:
        until(lambda: len(seen) == 1)
        first = published_name(settings.index)
        # An editor's own files, and a file as it was, are no change.
        (corpus / ".perawat.txt.swp").write_text("x", encoding="utf-8")
        (corpus / "perawat.txt~").write_text("x", encoding="utf-8")
        (corpus / "perawat.txt").write_text(NEW, encoding="utf-8")
        until(lambda: len(seen) == 2)
        second = published_name(settings.index)
        assert second != first
        # A bad edit is told, and the next good one is built.
        (corpus / "questions.jsonl").write_text("{", encoding="utf-8")
        (corpus / "perawat.txt").write_text(NURSE, encoding="utf-8")
        until(lambda: len(seen) == 3)
        assert "line 1" in str(seen[2])
        assert published_name(settings.index) == second
        (corpus / "questions.jsonl").unlink()
        until(lambda: len(seen) == 4)
        assert published_name(settings.index) not in (first, second)
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.txt", True),
        ("b/c/a.MD", True),
        ("folder", True),
        ("questions.jsonl", True),
        ("b/questions.jsonl", False),
        (".a.txt.swp", False),
        (".git/a.txt", False),
        ("a.txt~", False),
        ("4913.tmp", False),
    ],
)
def test_only_what_may_be_of_the_corpus_is_a_change(
    tmp_path: Path, path: str, *, expected: bool
) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).touch()
    assert concerns(tmp_path, tmp_path / path) == expected


def test_a_folder_with_a_dot_in_its_name_is_a_change_and_so_is_what_may_have_been_one(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "laporan.2024"
    folder.mkdir()
    assert concerns(tmp_path, folder)
    folder.rmdir()
    assert concerns(tmp_path, folder)
    # Something else has taken its name since.
    folder.touch()
    assert concerns(tmp_path, folder, gone=True)
    assert not concerns(tmp_path, tmp_path / ".laporan.2024", gone=True)


def test_a_folder_with_a_dot_in_its_name_that_was_moved_away_is_not_answered_any_more(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus({**FILES, "laporan.2024/gaji.txt": "Gaji guru tiga juta rupiah.\n"})
    stop = threading.Event()
    seen: list[Report | TanyaError] = []
    thread = threading.Thread(
        target=lambda: seen.extend(found for found in watch(settings, Update(), stop))
    )
    thread.start()
    try:
        until(lambda: read_current(settings.index) is not None)
        first = published_name(settings.index)
        (corpus / "laporan.2024").rename(settings.corpus.parent / "elsewhere")
        until(lambda: published_name(settings.index) != first)
    finally:
        stop.set()
        thread.join(30)
    assert open_published(settings.index).store.document_paths() == ["akuntan.txt", "perawat.txt"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_watching_stops_cleanly_at_ctrl_c(write_corpus: WriteCorpus, settings: Settings) -> None:
    write_corpus(FILES)
    process = subprocess.Popen(
        [sys.executable, ROOT / "ingest.py", "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert "2 documents" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Stopped watching" in err
    assert "Traceback" not in err
    assert published_name(settings.index)


def test_cleaning_up_keeps_what_can_stand_in_for_a_damaged_build(
    settings: Settings, two: tuple[str, str]
) -> None:
    flip(settings.index / "builds" / two[1], "evidence/topics.npy")
    assert main(["clean", "--index", str(settings.index)]) == 0
    assert {build.name for build in list_builds(settings.index)} == set(two)
    assert main(["clean", "--index", str(settings.index.parent / "none")]) == 1
    assert not (settings.index.parent / "none").exists()


def test_builds_of_another_format_are_removed_with_their_texts(
    settings: Settings, two: tuple[str, str]
) -> None:
    path = settings.index / "builds" / two[0] / "manifest.json"
    path.write_text('{"format": 1, "version": "0.0.1"}', encoding="utf-8")
    assert main(["clean", "--index", str(settings.index)]) == 0
    assert not path.parent.exists()
