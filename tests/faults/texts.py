"""Two corpora, and what is known of every answer from each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

NURSE = "Perawat merawat pasien di rumah sakit umum."
MIDWIFE = "Bidan merawat pasien di puskesmas desa."
CLERK = "Akuntan menyusun laporan keuangan perusahaan."
TEACHER = "Guru mengajar matematika di sekolah menengah."
# A word that the old corpus has and the new one has not.
SECRET = "zamrudkuno"
KEY = f"Kata kunci lemari besi adalah {SECRET}."

OLD = {"akuntan.txt": CLERK, "perawat.txt": NURSE, "rahasia.txt": KEY}
NEW = {"akuntan.txt": CLERK, "guru.txt": TEACHER, "perawat.txt": MIDWIFE}
CORPORA: Mapping[str, Mapping[str, str]] = {"old": OLD, "new": NEW}

# The sentence that answers each question, in the old corpus and in the new; None where none does.
QUESTIONS: Mapping[str, Mapping[str, str | None]] = {
    "Siapa yang merawat pasien?": {"old": NURSE, "new": MIDWIFE},
    "Siapa yang menyusun laporan keuangan?": {"old": CLERK, "new": CLERK},
    "Apa kata kunci lemari besi?": {"old": KEY, "new": None},
    "Siapa yang mengajar matematika?": {"old": None, "new": TEACHER},
}
QUESTION = "Siapa yang merawat pasien?"


def put(corpus: Path, which: str) -> None:
    """Make the folder ``corpus`` hold the old or the new corpus and nothing else."""
    corpus.mkdir(exist_ok=True)
    wanted = CORPORA[which]
    for path in corpus.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, sentence in wanted.items():
        (corpus / name).write_text(f"{sentence}\n", encoding="utf-8")


def corpus_of(sentences: set[str]) -> str | None:
    """Return which corpus consists of just these sentences, None if they are of no one corpus."""
    for which, files in CORPORA.items():
        if sentences == set(files.values()):
            return which
    return None
