"""The index on disk: opening it whatever state it is in, and writing it where that is hard."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tanya.build import rebuild
from tanya.encoders import Encoder
from tanya.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexWriteError,
)
from tanya.index import open_build, open_published, published_name
from tanya.index.folder import told_errors
from tanya.index.manifest import sealed
from tanya.index.readers import unread
from tanya.records import Progress
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
NURSE = "Perawat merawat pasien di rumah sakit.\n"
CLERK = "Akuntan menyusun laporan keuangan perusahaan.\n"
QUESTION = "Siapa yang merawat pasien?"
Best = Callable[[Settings], str]
# What a build of one segment consists of; {segment} stands for the name that tantivy gave it.
PARTS = (
    "manifest.json",
    "sentences.sqlite",
    "vectors.faiss",
    "lexical/meta.json",
    "lexical/.managed.json",
    "lexical/*.store",
    "lexical/*.fast",
    "lexical/*.term",
    "lexical/*.fieldnorm",
    "lexical/*.idx",
    "lexical/*.pos",
    "documents/meta.json",
    "documents/.managed.json",
    "documents/*.store",
    "documents/*.fast",
    "documents/*.term",
    "documents/*.fieldnorm",
    "documents/*.idx",
    "documents/*.pos",
    "tokens/contexts.npy",
    "tokens/starts.npy",
    "tokens/pieces.npy",
    "tokens/context_starts.npy",
    "tokens/context_pieces.npy",
    "tokens/weighted_pieces.npy",
    "tokens/weights.npy",
    "vocabulary/words.npy",
    "vocabulary/counts.npy",
    "vocabulary/names.npy",
    "vocabulary/pairs.npy",
    "vocabulary/pair_counts.npy",
    "vocabulary/stems.npy",
    "evidence/vectors.npy",
    "evidence/places.npy",
    "evidence/layout.npy",
    "evidence/means.npy",
    "evidence/documents.npy",
    "evidence/begins.npy",
    "evidence/typical.npy",
    "evidence/topics.npy",
)
UNPRIVILEGED = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
needs_permissions = pytest.mark.skipif(
    os.name == "nt" or (os.getuid() == 0 and shutil.which("setpriv") is None),
    reason="root may write anywhere, and there is no setpriv to give that up",
)


pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an index to be copied, never changed; return the folder with it and its corpus."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "perawat.txt").write_text(NURSE, encoding="utf-8")
    (folder / "corpus" / "akuntan.txt").write_text(CLERK, encoding="utf-8")
    rebuild(Settings(corpus=folder / "corpus", index=folder / "index"))
    return folder


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Settings:
    """Return settings of a fresh copy of the built index and its corpus."""
    shutil.copytree(built / "corpus", tmp_path / "corpus")
    shutil.copytree(built / "index", tmp_path / "index")
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")


def _build_folder(settings: Settings) -> Path:
    """Return the folder of the published build."""
    return settings.index / "builds" / published_name(settings.index)


def _part(settings: Settings, pattern: str) -> Path:
    """Return the one file of the published build that the pattern names."""
    (path,) = _build_folder(settings).glob(pattern)
    return path


@pytest.fixture
def best(encoder: Encoder) -> Best:
    """Return a function that names the document with which an index answers QUESTION."""

    def ask(settings: Settings) -> str:
        searcher = Searcher(open_published(settings.index), encoder, settings)
        return searcher.ask(QUESTION).results[0].document

    return ask


def _edit_manifest(settings: Settings, **changes: object) -> None:
    """Change values in the published build's manifest."""
    path = _build_folder(settings) / "manifest.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    del found["checksum"]
    path.write_text(sealed({**found, **changes}), encoding="utf-8")


def _tanya(
    *arguments: str | Path, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command of Tanya in a process of its own."""
    script = {"ingest": [str(ROOT / "ingest.py")], "ask": ["-m", "tanya", "ask"]}
    name, *rest = map(str, arguments)
    return subprocess.run(
        [*before, sys.executable, *script[name], *rest],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


# Opening


def test_a_published_build_is_opened_with_all_its_parts(copy: Settings) -> None:
    build = open_published(copy.index)
    assert build.manifest.name == published_name(copy.index)
    assert (build.manifest.documents, build.manifest.sentences) == (2, 2)
    assert build.manifest.dimension == build.vectors.dimension == 512
    assert len(build.vectors) == len(build.lexical) == build.store.count_sentences() == 2
    assert build.store.document_paths() == ["akuntan.txt", "perawat.txt"]
    build.close()


def test_an_index_answers_after_it_was_copied_elsewhere(
    copy: Settings, tmp_path: Path, best: Best
) -> None:
    moved = tmp_path / "di tempat lain"
    copy.index.rename(moved)
    assert best(replace(copy, index=moved)) == "perawat.txt"


@pytest.mark.parametrize("name", ["a b", "a?b#c", "100%25", 'it\'s "quoted"', "kamus 📚 字"])
def test_an_index_in_a_folder_with_an_odd_name_answers(
    copy: Settings, tmp_path: Path, name: str
) -> None:
    odd = tmp_path / name / "index"
    shutil.copytree(copy.index, odd)
    build = open_published(odd)
    assert build.store.document_paths() == ["akuntan.txt", "perawat.txt"]
    assert len(build.lexical) == 2


def test_a_missing_index_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match=r"no index in '.*nowhere'.*python ingest\.py"):
        open_published(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_an_empty_index_folder_says_how_to_build_it(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / ".gitignore").write_text("*\n", encoding="utf-8")
    with pytest.raises(IndexMissingError, match="There is no index"):
        open_published(tmp_path / "index")
    assert [path.name for path in (tmp_path / "index").iterdir()] == [".gitignore"]


def test_an_index_path_that_is_a_file_is_no_index_and_stays_a_file(copy: Settings) -> None:
    file = copy.index.with_name("notes")
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(IndexMissingError, match="notes"):
        open_published(file)
    with pytest.raises(IndexWriteError, match=r"notes' is not a folder.*--index"):
        rebuild(replace(copy, index=file))
    assert file.read_text(encoding="utf-8") == "mine"


def test_an_index_below_a_file_cannot_be_written(copy: Settings) -> None:
    file = copy.index.with_name("notes")
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(IndexWriteError, match="Not a directory"):
        rebuild(replace(copy, index=file / "index"))


@pytest.mark.parametrize("how", ["removed", "truncated", "emptied"])
@pytest.mark.parametrize("pattern", PARTS)
def test_a_half_copied_build_is_named_as_damaged(copy: Settings, pattern: str, how: str) -> None:
    path = _part(copy, pattern)
    if how == "removed":
        path.unlink()
    else:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if how == "truncated" else b"")
    with pytest.raises(IndexDamagedError, match=r"python ingest\.py --full"):
        open_published(copy.index)


def test_every_file_of_a_build_was_tried_in_parts(copy: Settings) -> None:
    folder = _build_folder(copy)
    named = {path for pattern in PARTS for path in folder.glob(pattern)}
    there = {path for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path in there - named} <= {
        ".tantivy-meta.lock",
        ".tantivy-writer.lock",
        "readers.lock",
        "published",
    }


def test_locks_that_a_copy_left_out_are_not_missed(copy: Settings, best: Best) -> None:
    for path in [*copy.index.rglob("*.lock")]:
        path.unlink()
    assert best(copy) == "perawat.txt"


@pytest.mark.parametrize("pattern", [part for part in PARTS if part != "vectors.faiss"])
def test_a_file_of_zeros_in_full_length_is_named_as_damaged(copy: Settings, pattern: str) -> None:
    path = _part(copy, pattern)
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(IndexDamagedError, match=r"python ingest\.py --full"):
        open_published(copy.index)


@pytest.mark.parametrize("pattern", ["manifest.json", "vectors.faiss"])
def test_building_mends_a_damaged_index_without_being_told_to(
    copy: Settings, pattern: str, best: Best
) -> None:
    _part(copy, pattern).unlink()
    report = rebuild(copy)
    assert (report.published, report.documents, report.embedded) == (True, 2, 2)
    assert best(copy) == "perawat.txt"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"20260101T000000-abcdef\n",
        b"../../elsewhere\n",
        b"builds/x\n",
        b"/etc\n",
        b"..\n",
        b".\n",
        b"\xff\xfe\n",
        b"a\0b\n",
        b"x" * 5000,
    ],
)
def test_where_current_names_no_build_the_newest_answers_with_a_warning(
    copy: Settings, content: bytes
) -> None:
    name = published_name(copy.index)
    (copy.index / "CURRENT").write_bytes(content)
    build = open_published(copy.index)
    assert build.manifest.name == name
    assert build.warning is not None
    assert "python ingest.py" in build.warning
    assert name in build.warning


def test_a_current_that_is_a_path_is_never_followed(copy: Settings) -> None:
    outside = copy.index.with_name("outside")
    shutil.copytree(_build_folder(copy), outside)
    inside = _build_folder(copy)
    (copy.index / "CURRENT").write_text("../../outside\n", encoding="utf-8")
    assert open_published(copy.index).folder == inside
    shutil.rmtree(inside)
    with pytest.raises(IndexMissingError):
        open_published(copy.index)
    assert outside.is_dir()


def test_a_lost_current_is_mended_by_building(copy: Settings, best: Best) -> None:
    (copy.index / "CURRENT").unlink()
    assert rebuild(copy).published
    assert best(copy) == "perawat.txt"


def test_an_index_of_a_newer_version_is_refused_by_both_numbers(copy: Settings) -> None:
    _edit_manifest(copy, format=99, version="7.0.0", surprise=[1, 2])
    with pytest.raises(IndexMismatchError, match=r"format 99.*newer.*7\.0\.0.*reads format 8\b"):
        open_published(copy.index)


def test_an_index_of_an_older_version_is_refused_and_built_anew(copy: Settings, best: Best) -> None:
    _edit_manifest(copy, format=0)
    with pytest.raises(IndexMismatchError, match=r"format 0.*older"):
        open_searcher(copy)
    report = rebuild(copy)
    assert (report.published, report.embedded, report.reused) == (True, 2, 0)
    assert best(copy) == "perawat.txt"


@pytest.mark.parametrize(
    "text", ["[]", "null", "3", '{"format": "1"}', '{"format": 8}', '{"format": null}', "{", "[[["]
)
def test_a_manifest_of_another_shape_is_named_as_damaged(copy: Settings, text: str) -> None:
    (_build_folder(copy) / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="manifest"):
        open_published(copy.index)


def test_parts_of_two_builds_are_never_mixed(copy: Settings) -> None:
    first = _build_folder(copy)
    (copy.corpus / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    rebuild(copy)
    second = _build_folder(copy)
    shutil.copy(first / "vectors.faiss", second / "vectors.faiss")
    with pytest.raises(IndexDamagedError, match=r"vectors\.faiss"):
        open_build(copy.index, second.name)
    build = open_published(copy.index)
    assert build.folder == first
    assert build.warning is not None
    assert "vectors.faiss" in build.warning


def test_counts_that_do_not_fit_together_are_told(copy: Settings) -> None:
    _edit_manifest(copy, sentences=5)
    with pytest.raises(IndexDamagedError, match=r"\(5, 2, 2, 2, 2, 2\)"):
        open_published(copy.index)


def test_open_build_opens_an_older_build_by_its_name(copy: Settings) -> None:
    first = published_name(copy.index)
    (copy.corpus / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    rebuild(copy)
    assert open_build(copy.index, first).manifest.documents == 2
    assert open_published(copy.index).manifest.documents == 3
    with pytest.raises(IndexDamagedError, match="'no-such-build'"):
        open_build(copy.index, "no-such-build")


# Model and dimension


def test_with_another_model_the_old_one_answers_until_the_index_is_rebuilt(copy: Settings) -> None:
    answer = open_searcher(replace(copy, model="intfloat/multilingual-e5-small")).ask(QUESTION)
    assert answer.results[0].document == "perawat.txt"
    (note,) = (note for note in answer.notes if note.kind == "other_model")
    assert "'use-multilingual-v3'" in note.text
    assert "python ingest.py --model intfloat/multilingual-e5-small" in note.text


@pytest.mark.parametrize("name", ["bundled", "use-multilingual-v3"])
def test_the_bundled_model_may_be_named_either_way(copy: Settings, name: str) -> None:
    assert (
        open_searcher(replace(copy, model=name)).ask(QUESTION).results[0].document == "perawat.txt"
    )


def test_another_version_of_the_same_model_names_both(copy: Settings, encoder: Encoder) -> None:
    _edit_manifest(copy, fingerprint="use-multilingual-v3 0.0.1")
    with pytest.raises(IndexMismatchError) as caught:
        Searcher(open_published(copy.index), encoder, copy)
    assert "use-multilingual-v3 0.0.1 (512 dimensions)" in str(caught.value)
    assert f"{encoder.fingerprint} (512 dimensions)" in str(caught.value)


def test_another_dimension_names_both(copy: Settings) -> None:
    _edit_manifest(copy, dimension=384)
    with pytest.raises(IndexMismatchError, match=r"512.*384|384.*512"):
        open_published(copy.index)


def test_vectors_of_another_version_of_the_model_are_not_reused(copy: Settings, best: Best) -> None:
    _edit_manifest(copy, fingerprint="use-multilingual-v3 0.0.1")
    (copy.corpus / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    report = rebuild(copy)
    assert (report.embedded, report.reused) == (3, 0)
    assert best(copy) == "perawat.txt"


def test_a_new_version_of_the_model_is_mended_by_building_an_unchanged_corpus(
    copy: Settings,
) -> None:
    _edit_manifest(copy, fingerprint="use-multilingual-v3 0.0.1")
    rebuild(copy)
    assert open_searcher(copy).ask(QUESTION).results[0].document == "perawat.txt"


# Writing


def test_a_second_builder_is_told_that_the_first_is_at_work(copy: Settings, best: Best) -> None:
    told: list[str] = []

    def build_again(progress: Progress) -> None:
        if progress.stage == "writing" and not told:
            with pytest.raises(IndexBusyError) as caught:
                rebuild(copy)
            told.append(str(caught.value))
            run = _tanya("ingest", "--corpus", copy.corpus, "--index", copy.index)
            assert run.returncode == 1
            assert re.match(
                r"error: Process \d+ on \S+ has been building the index in .* since ", run.stderr
            )
            assert "Traceback" not in run.stderr
            assert best(copy) == "perawat.txt"

    before = published_name(copy.index)
    report = rebuild(copy, full=True, on_progress=build_again)
    assert len(told) == 1
    assert str(copy.index) in told[0]
    assert report.build == published_name(copy.index) != before


def test_many_builders_at_once_leave_one_whole_index(copy: Settings) -> None:
    (copy.corpus / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    start = threading.Barrier(4)
    ends: list[str] = []

    def build() -> None:
        start.wait()
        try:
            rebuild(copy)
            ends.append("built")
        except IndexBusyError:
            ends.append("busy")

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(ends) == 4
    assert "built" in ends
    assert open_published(copy.index).store.count_documents() == 3
    assert len([*(copy.index / "builds").iterdir()]) == 2


def test_a_lock_file_that_a_killed_builder_left_stops_nobody(copy: Settings) -> None:
    (copy.index / ".lock").write_text("", encoding="utf-8")
    assert not rebuild(copy).published


def test_so_many_builds_stay_as_the_settings_say(copy: Settings) -> None:
    names = [published_name(copy.index)]
    left = []
    for i, keep in enumerate((3, 3, 2, 1)):
        (copy.corpus / "baru.txt").write_text(f"Kalimat nomor {i}.\n", encoding="utf-8")
        names.append(rebuild(replace(copy, keep_builds=keep)).build)
        left.append({path.name for path in (copy.index / "builds").iterdir()})
        assert published_name(copy.index) == names[-1]
    assert left == [set(names[:2]), set(names[:3]), set(names[2:4]), set(names[4:])]


def test_a_build_is_removed_only_when_nobody_reads_it(copy: Settings) -> None:
    searcher = open_searcher(copy)
    old = searcher.build.manifest.name
    for i in range(2):
        (copy.corpus / "baru.txt").write_text(f"Kalimat nomor {i}.\n", encoding="utf-8")
        rebuild(replace(copy, keep_builds=1))
    assert len([*(copy.index / "builds").iterdir()]) == 2
    answer = searcher.ask(QUESTION)
    assert answer.build == old
    assert answer.results[0].document == "perawat.txt"
    assert {passage.document for passage in answer.results} == {"perawat.txt", "akuntan.txt"}
    searcher.build.close()
    rebuild(replace(copy, keep_builds=1))
    assert not (copy.index / "builds" / old).exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps what somebody has open by itself")
def test_a_build_without_its_manifest_is_removed_only_when_nobody_reads_it(copy: Settings) -> None:
    searcher = open_searcher(copy)
    old = searcher.build.folder
    (old / "manifest.json").unlink()
    (copy.corpus / "baru.txt").write_text("Kalimat baru.\n", encoding="utf-8")
    rebuild(copy)
    rebuild(copy, full=True)
    assert (old / "sentences.sqlite").is_file()
    assert searcher.ask(QUESTION).results[0].document == "perawat.txt"
    searcher.build.close()
    rebuild(copy, full=True)
    assert not old.exists()


def test_what_killed_builds_left_is_removed_and_the_published_build_is_not(
    copy: Settings, best: Best
) -> None:
    published = published_name(copy.index)
    leftover = copy.index / "builds" / "20200101T000000-dead00"
    (leftover / "lexical").mkdir(parents=True)
    (leftover / "sentences.sqlite").write_bytes(b"half")
    (copy.index / "CURRENT.tmp").write_text("20200101T000000-dead00\n", encoding="utf-8")
    assert published_name(copy.index) == published
    assert best(copy) == "perawat.txt"
    (copy.corpus / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    report = rebuild(copy)
    assert {path.name for path in (copy.index / "builds").iterdir()} == {published, report.build}
    assert not (copy.index / "CURRENT.tmp").exists()


def test_vectors_that_went_bad_on_the_disk_are_not_carried_into_the_next_build(
    copy: Settings, encoder: Encoder
) -> None:
    path = _part(copy, "vectors.faiss")
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + bytes(len(content) - half))
    (copy.corpus / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    rebuild(copy)
    build = open_published(copy.index)
    question = encoder.encode_questions([NURSE.strip()])[0]
    found = build.vectors.search(question, 3)
    best = build.store.sentences([int(found.rows[0])])[int(found.rows[0])]
    assert best.text == NURSE.strip()
    assert found.similarities[0] > 0.9


# Permissions and space


@needs_permissions
def test_a_read_only_index_answers_and_is_not_written_to(copy: Settings) -> None:
    before = sorted(copy.index.rglob("*"))
    for path in [copy.index, *copy.index.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    options = ("--index", copy.index, "--corpus", copy.corpus)
    try:
        asked = _tanya("ask", QUESTION, "--json", *options, before=tuple(UNPRIVILEGED))
        (copy.corpus / "bidan.txt").write_text("Bidan membantu.\n", encoding="utf-8")
        built = _tanya("ingest", *options, before=tuple(UNPRIVILEGED))
    finally:
        for path in [copy.index, *copy.index.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert json.loads(asked.stdout)["results"][0]["document"] == "perawat.txt"
    assert built.returncode == 1
    assert "writing there is not allowed" in built.stderr
    assert str(copy.index) in built.stderr
    assert "Traceback" not in built.stderr
    assert sorted(copy.index.rglob("*")) == before


@needs_permissions
def test_an_index_that_may_not_be_read_is_not_called_missing(copy: Settings) -> None:
    (copy.index / "CURRENT").chmod(0o000)
    asked = _tanya("ask", QUESTION, "--index", copy.index, before=tuple(UNPRIVILEGED))
    assert asked.returncode == 1
    assert "Traceback" not in asked.stderr
    assert "There is no index" not in asked.stderr
    assert "ermission" in asked.stderr or "not allowed" in asked.stderr


@needs_permissions
def test_where_the_lock_of_a_build_may_not_be_read_the_build_before_answers(copy: Settings) -> None:
    old = published_name(copy.index)
    (copy.corpus / "baru.txt").write_text("Kalimat baru.\n", encoding="utf-8")
    new = rebuild(copy).build
    (copy.index / "builds" / new / "readers.lock").chmod(0o000)
    asked = _tanya("ask", QUESTION, "--index", copy.index, "--json", before=tuple(UNPRIVILEGED))
    assert (asked.returncode, asked.stderr) == (0, "")
    answer = json.loads(asked.stdout)
    assert answer["build"] == old
    [note] = answer["notes"]
    assert new in note["text"]
    assert "readers.lock cannot be opened or locked (Permission denied)" in note["text"]


@pytest.mark.skipif(os.name == "nt", reason="Windows needs no locks for it")
def test_a_build_that_cannot_be_locked_is_not_called_removed(
    copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def flock(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(IndexDamagedError, match=r"readers\.lock cannot .* \(No locks available\)"):
        open_build(copy.index, published_name(copy.index))


@pytest.mark.skipif(os.name == "nt", reason="Windows needs no locks for it")
def test_a_build_whose_lock_cannot_be_opened_may_be_read_by_somebody(
    copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _build_folder(copy)
    with unread(path) as free:
        assert free

    def refuse(name: Path, flags: int) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with unread(path) as free:
            assert not free
    (path / "readers.lock").unlink()
    with unread(path) as free:
        assert free


@needs_permissions
def test_no_permission_to_create_the_index_is_told(copy: Settings) -> None:
    closed = copy.index.with_name("closed")
    closed.mkdir(mode=0o555)
    index = closed / "deep" / "index"
    built = _tanya("ingest", "--corpus", copy.corpus, "--index", index, before=tuple(UNPRIVILEGED))
    assert built.returncode == 1
    assert str(index) in built.stderr
    assert "writing there is not allowed" in built.stderr
    assert "Traceback" not in built.stderr
    assert [*closed.iterdir()] == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 1 MB for the test."""
    if os.name == "nt" or os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _failure(settings: Settings) -> Exception | None:
    """Build everything anew and return what was raised, None if nothing was."""
    try:
        rebuild(settings, full=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
        return error
    return None


def test_a_full_disk_is_told_wherever_it_fills_and_the_old_index_stays(
    copy: Settings, small_disk: Path, best: Best
) -> None:
    index = small_disk / "index"
    shutil.copytree(copy.index, index)
    settings = replace(copy, index=index)
    published = published_name(index)
    (copy.corpus / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    ballast = small_disk / "ballast"
    failures = 0
    # From no room at all to room for everything but the last part.
    for free in (0, 16, 40, 48, 56, 64, 80):
        ballast.unlink(missing_ok=True)
        room = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        ballast.write_bytes(bytes(room - free * 1024))
        told = _failure(settings)
        if told is None:
            break
        failures += 1
        assert type(told) is IndexWriteError, free
        assert "disk is full" in str(told), free
        assert published_name(index) == published, free
        assert [path.name for path in (index / "builds").iterdir()] == [published], free
        assert best(settings) == "perawat.txt", free
    assert failures >= 4
    ballast.unlink()
    assert rebuild(settings).documents == 3


def test_a_full_disk_is_told_where_a_library_only_says_that_writing_failed(
    small_disk: Path,
) -> None:
    # tantivy's words when the thread that writes found the disk full before the one that asked.
    lost = (
        "An index writer was killed.. A worker thread encountered an error (io::Error most likely)"
    )
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize))
    with pytest.raises(IndexWriteError, match="the disk is full"), told_errors(small_disk):
        raise ValueError(lost)
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_what_a_library_says_is_told_where_the_disk_has_room(tmp_path: Path) -> None:
    lost = "A worker thread encountered an error (io::Error most likely) or panicked."
    with pytest.raises(IndexWriteError, match="or panicked"), told_errors(tmp_path):
        raise ValueError(lost)
    assert [*tmp_path.iterdir()] == []
