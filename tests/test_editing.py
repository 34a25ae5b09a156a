"""Editing documents: names that lead nowhere else, writing whole, and what is kept."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tanya import editing
from tanya.documents import list_files
from tanya.editing import (
    VERSIONS,
    checked_name,
    list_removed,
    list_versions,
    open_text,
    open_version,
    place_of,
    preview,
    read_version,
    remove_document,
    write_bytes,
    write_text,
)
from tanya.errors import CorpusError, EditError
from tanya.settings import Settings
from tests.conftest import ROOT, WriteCorpus

NURSE = "Perawat merawat pasien.\n"


@pytest.fixture
def desk(write_corpus: WriteCorpus, settings: Settings) -> Settings:
    """Give a corpus of one document in a folder, and one beside it."""
    write_corpus({"kesehatan/perawat.txt": NURSE, "bidan.md": "# Bidan\n\nIa menolong ibu.\n"})
    return settings


def everything(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder, by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "no_name"),
        ("  ", "no_name"),
        ("../x.txt", "outside"),
        ("/etc/x.txt", "outside"),
        ("a/../../x.txt", "outside"),
        ("a/../x.txt", "outside"),
        ("./x.txt", "outside"),
        ("a//x.txt", "outside"),
        ("x.txt/", "outside"),
        ("..", "outside"),
        ("..\\x.txt", "characters"),
        ("a\0.txt", "characters"),
        ("a\nb.txt", "characters"),
        ("\ud800.txt", "characters"),
        (".x.txt", "hidden"),
        (".git/x.txt", "hidden"),
        (".txt", "hidden"),
        ("x" * 296 + ".txt", "long_name"),
        ("ä" * 120 + ".txt", "long_name"),
        ("x", "suffix"),
        ("x.html", "suffix"),
        ("x.txt.exe", "suffix"),
        ("kesehatan/perawat.txt/x.txt", "folder"),
    ],
)
def test_a_name_that_is_no_document_of_the_corpus_is_refused_and_nothing_is_touched(
    desk: Settings, tmp_path: Path, name: str, problem: str
) -> None:
    before = everything(tmp_path)
    with pytest.raises(EditError) as write:
        write_bytes(desk, name, b"x", seen=None, replacing=True)
    with pytest.raises(EditError) as read:
        open_text(desk, name)
    with pytest.raises(EditError) as remove:
        remove_document(desk, name, seen="")
    assert {write.value.problem, read.value.problem, remove.value.problem} == {problem}
    assert str(tmp_path) not in str(write.value)
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["CON.txt", "a/b/c.MD", "spasi di nama.txt", "é.txt", "<b>.txt", "x..y.txt", "~/x.txt"]
)
def test_a_name_that_is_only_odd_is_fine(desk: Settings, name: str) -> None:
    write_text(desk, name, "Isi.", seen=None)
    assert name in {file.path for file in list_files(desk.corpus)}
    assert open_text(desk, name).text == "Isi.\n"


def test_blanks_around_a_name_are_no_part_of_it() -> None:
    assert checked_name(" a.txt ") == "a.txt"


def test_links_are_not_followed_out_of_the_corpus_or_written_over(
    desk: Settings, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.txt").write_text("Rahasia.\n", encoding="utf-8")
    (desk.corpus / "pintu").symlink_to(outside)
    (desk.corpus / "x.txt").symlink_to(outside / "x.txt")
    (desk.corpus / "putus.txt").symlink_to(outside / "baru.txt")
    (desk.corpus / "dalam.txt").symlink_to(desk.corpus / "bidan.md")
    for name in ("pintu/x.txt", "pintu/baru/y.txt", "x.txt", "putus.txt", "dalam.txt"):
        with pytest.raises(EditError) as found:
            write_bytes(desk, name, b"x", seen=None, replacing=True)
        assert found.value.problem == "link"
        with pytest.raises(EditError):
            open_text(desk, name)
    assert everything(outside) == {"x.txt": b"Rahasia.\n"}


def test_a_corpus_that_is_itself_behind_a_link_is_edited(desk: Settings, tmp_path: Path) -> None:
    (tmp_path / "tautan").symlink_to(desk.corpus)
    assert place_of(tmp_path / "tautan", "bidan.md") == (desk.corpus / "bidan.md").resolve()


def test_a_folder_of_that_name_is_no_document(desk: Settings) -> None:
    (desk.corpus / "map.txt").mkdir()
    with pytest.raises(EditError) as found:
        write_text(desk, "map.txt", "Isi.", seen=None)
    assert found.value.problem == "folder"


def test_without_a_corpus_nothing_is_written(settings: Settings) -> None:
    with pytest.raises(CorpusError):
        write_text(settings, "a.txt", "Isi.", seen=None)
    assert not settings.corpus.exists()


def test_a_document_is_written_whole_and_what_it_was_is_kept(desk: Settings) -> None:
    name = "kesehatan/perawat.txt"
    opened = open_text(desk, name)
    second = write_text(desk, name, "Perawat mengukur suhu.", seen=opened.sha256)
    write_text(desk, name, "Perawat mencatat.", seen=second)
    assert (desk.corpus / name).read_text(encoding="utf-8") == "Perawat mencatat.\n"
    assert [file.path for file in list_files(desk.corpus)] == ["bidan.md", name]
    versions = list_versions(desk, name)
    assert [open_version(desk, version) for version in versions] == [
        "Perawat mengukur suhu.\n",
        NURSE,
    ]
    assert versions[0].replaced.endswith("+00:00")
    assert not list(desk.corpus.rglob(".*"))


def test_writing_what_is_there_already_keeps_no_version(desk: Settings) -> None:
    opened = open_text(desk, "bidan.md")
    assert write_text(desk, "bidan.md", opened.text, seen=opened.sha256) == opened.sha256
    assert list_versions(desk, "bidan.md") == []


def test_what_somebody_else_changed_or_removed_meanwhile_is_not_overwritten(desk: Settings) -> None:
    opened = open_text(desk, "bidan.md")
    (desk.corpus / "bidan.md").write_text("Lain.\n", encoding="utf-8")
    for act in (
        lambda: write_text(desk, "bidan.md", "Baru.", seen=opened.sha256),
        lambda: remove_document(desk, "bidan.md", seen=opened.sha256),
    ):
        with pytest.raises(EditError) as found:
            act()
        assert found.value.problem == "changed"
    assert (desk.corpus / "bidan.md").read_text(encoding="utf-8") == "Lain.\n"
    (desk.corpus / "bidan.md").unlink()
    with pytest.raises(EditError) as gone:
        write_text(desk, "bidan.md", "Baru.", seen=opened.sha256)
    assert gone.value.problem == "gone"


def test_of_those_who_save_at_the_same_time_one_is_told_that_another_was_first(
    desk: Settings,
) -> None:
    together = threading.Barrier(2)

    def save(text: str, name: str, seen: str | None) -> str | None:
        together.wait()
        try:
            write_text(desk, name, text, seen=seen)
        except EditError as error:
            return error.problem
        return None

    with ThreadPoolExecutor(2) as pool:
        for number in range(10):
            seen = open_text(desk, "bidan.md").sha256
            texts = [f"Editor {who}, putaran {number}.\n" for who in (1, 2)]
            told = list(pool.map(save, texts, ["bidan.md"] * 2, [seen] * 2))
            assert sorted(told, key=str) == [None, "changed"]
            assert open_text(desk, "bidan.md").text == texts[told.index(None)]
            told = list(pool.map(save, texts, [f"baru-{number}.txt"] * 2, [None] * 2))
            assert sorted(told, key=str) == [None, "exists"]


_HOLDING = """
import sys, time
from pathlib import Path
from tanya.durable import only_editor

with only_editor(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_save_waits_for_another_process_and_not_for_ever(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = open_text(desk, "bidan.md").sha256
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDING, str(desk.index)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with monkeypatch.context() as patch:
            patch.setattr("tanya.durable._PATIENCE", 0.1)
            with pytest.raises(EditError) as found:
                write_text(desk, "bidan.md", "Baru.", seen=seen)
            assert found.value.problem == "unwritable"
            assert str(desk.index) not in str(found.value)
            with pytest.raises(EditError):
                remove_document(desk, "bidan.md", seen=seen)
        with ThreadPoolExecutor(1) as pool:
            saving = pool.submit(write_text, desk, "bidan.md", "Baru.", seen=seen)
            with pytest.raises(TimeoutError):
                saving.result(0.3)
            other.stdin.write("\n")
            other.stdin.flush()
            saving.result(30)
    assert open_text(desk, "bidan.md").text == "Baru.\n"
    assert all(not path.name.startswith(".") for path in desk.corpus.rglob("*"))


def test_a_new_document_takes_no_name_that_is_taken(desk: Settings) -> None:
    with pytest.raises(EditError) as found:
        write_text(desk, "bidan.md", "Baru.", seen=None)
    assert found.value.problem == "exists"


def test_a_removed_document_is_kept_as_a_version(desk: Settings) -> None:
    opened = open_text(desk, "bidan.md")
    remove_document(desk, "bidan.md", seen=opened.sha256)
    assert [file.path for file in list_files(desk.corpus)] == ["kesehatan/perawat.txt"]
    [version] = list_versions(desk, "bidan.md")
    assert open_version(desk, version) == opened.text
    with pytest.raises(EditError) as found:
        remove_document(desk, "bidan.md", seen=opened.sha256)
    assert found.value.problem == "gone"


def test_if_the_old_version_cannot_be_kept_nothing_is_overwritten(desk: Settings) -> None:
    desk.index.mkdir()
    (desk.index / VERSIONS).write_text("in the way", encoding="utf-8")
    opened = open_text(desk, "bidan.md")
    with pytest.raises(EditError) as found:
        write_text(desk, "bidan.md", "Baru.", seen=opened.sha256)
    assert found.value.problem == "unwritable"
    assert str(desk.index) not in str(found.value)
    assert open_text(desk, "bidan.md") == opened


def test_a_write_that_fails_midway_leaves_the_document_and_no_rest(
    desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(editing.os, "fsync", full)
    before = everything(desk.corpus)
    with pytest.raises(EditError) as found:
        write_text(desk, "baru.txt", "Isi.", seen=None)
    assert found.value.problem == "unwritable"
    assert everything(desk.corpus) == before


def test_too_large_empty_and_binary_contents_are_refused(desk: Settings) -> None:
    small = Settings(corpus=desk.corpus, index=desk.index, max_file_mb=0.001)
    for text, problem in (("x" * 1001, "too_large"), (" \n", "empty"), ("a\0b", "no_text")):
        with pytest.raises(EditError) as found:
            write_text(small, "baru.txt", text, seen=None)
        assert found.value.problem == problem
    assert not (desk.corpus / "baru.txt").exists()


def test_a_document_in_another_encoding_is_opened_and_written_as_utf_8(desk: Settings) -> None:
    old = "Café itu buka pukul tujuh pagi dan tutup pukul sembilan malam.\n"
    (desk.corpus / "lama.txt").write_bytes(old.encode("cp1252"))
    opened = open_text(desk, "lama.txt")
    assert (opened.text, opened.encoding) == (old, "cp1252")
    write_text(desk, "lama.txt", opened.text, seen=opened.sha256)
    assert (desk.corpus / "lama.txt").read_bytes() == old.encode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_document_keeps_its_permissions(desk: Settings) -> None:
    (desk.corpus / "bidan.md").chmod(0o640)
    opened = open_text(desk, "bidan.md")
    write_text(desk, "bidan.md", "Baru.", seen=opened.sha256)
    assert (desk.corpus / "bidan.md").stat().st_mode & 0o777 == 0o640


def test_a_preview_has_the_sentences_with_their_contexts_or_the_reason(desk: Settings) -> None:
    found = preview(desk, "bidan.md", "# Bidan\n\n## Tugas\n\nIa menolong ibu. Ia sabar.\n")
    assert found.title == "Bidan"
    assert [(s.context, s.text) for s in found.sentences] == [
        ("Bidan – Tugas", "Ia menolong ibu."),
        ("Bidan – Tugas", "Ia sabar."),
    ]
    assert preview(desk, "a.md", "---\ntitle: x\n---\n").reason is not None
    assert preview(desk, "a.txt", " ").reason == "it is empty"
    assert preview(desk, "a.md", "---\n[\n---\nIa sabar.\n").notes


def test_deleted_documents_are_listed_with_their_last_content(desk: Settings) -> None:
    opened = open_text(desk, "kesehatan/perawat.txt")
    seen = write_text(desk, opened.path, "Isi kedua.", seen=opened.sha256)
    assert list_removed(desk) == []
    remove_document(desk, opened.path, seen=seen)
    [removed] = list_removed(desk)
    assert removed.path == opened.path
    assert read_version(desk, removed) == b"Isi kedua.\n"
    write_bytes(desk, removed.path, read_version(desk, removed), seen=None)
    assert list_removed(desk) == []


def test_only_the_newest_contents_of_a_document_are_kept(desk: Settings) -> None:
    seen: str | None = None
    for i in range(33):
        seen = write_text(desk, "baru.txt", f"Isi ke-{i}.", seen=seen)
    versions = list_versions(desk, "baru.txt")
    assert len(versions) == 30
    assert open_version(desk, versions[0]) == "Isi ke-31.\n"
    assert open_version(desk, versions[-1]) == "Isi ke-2.\n"
