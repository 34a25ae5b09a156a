"""Every text of the page, in each of its languages."""

from __future__ import annotations

from dataclasses import dataclass

from tanya.errors import (
    CorpusError,
    EncoderError,
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexWriteError,
    QuestionError,
    SettingsError,
)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of the page in one language; ``{…}`` are filled in where they are shown."""

    name: str
    thousands: str
    title: str
    subtitle: str
    question: str
    placeholder: str
    hint: str
    searching: str
    found: str
    sure: str
    likely: str
    unsure: str
    not_found: str
    nearest: str
    cut: str
    searched: str
    place: str
    partner: str
    language: str
    index: str
    documents: str
    sentences: str
    model: str
    built: str
    stale: str
    fresh: str
    skipped: str
    rebuild: str
    rebuild_help: str
    stages: dict[str, str]
    notes: dict[str, str]
    rebuilt: str
    unchanged: str
    details: str
    errors: dict[type[Exception], str]
    unexpected: str


INDONESIAN = Texts(
    name="Bahasa Indonesia",
    thousands=".",
    title="Tanya",
    subtitle="Tanyakan apa saja; jawabannya dikutip langsung dari dokumen.",
    question="Pertanyaan",
    placeholder="Misalnya: Apa tugas utama seorang diplomat?",
    hint="Ketik pertanyaan dengan kata-kata Anda sendiri, lalu tekan Enter.",
    searching="Mencari di {sentences} kalimat…",
    found="Jawaban",
    sure="Sangat yakin",
    likely="Cukup yakin",
    unsure="Mungkin",
    not_found=(
        "Tidak ditemukan di dokumen ini. Coba gunakan kata lain atau pertanyaan yang lebih rinci."
    ),
    nearest="Bagian yang paling mendekati",
    cut="Pertanyaan terlalu panjang: hanya {count} karakter pertama yang dicari.",
    searched="Menampilkan hasil untuk: {wording}",
    place="{document}, baris {line}",
    partner="{word}, kemiripan {similarity}",
    language="Bahasa",
    index="Indeks",
    documents="Dokumen",
    sentences="Kalimat",
    model="Model",
    built="Dibuat",
    stale=(
        "Dokumen sudah berubah sejak indeks dibuat: "
        "{added} baru, {changed} berubah, {removed} dihapus."
    ),
    fresh="Indeks sesuai dengan dokumen.",
    skipped="{count} berkas dilewati",
    rebuild="Bangun ulang",
    rebuild_help="Membaca ulang dokumen; hanya yang berubah yang diproses.",
    notes={
        "uncalibrated": "Tingkat keyakinan belum dikalibrasi untuk model ini.",
        "damaged": "Indeks terbaru rusak; yang menjawab adalah versi sebelumnya.",
        "other_model": "Indeks dibuat dengan model lain dan menjawab sampai dibangun ulang.",
    },
    stages={
        "reading": "Membaca dokumen",
        "embedding": "Menghitung vektor kalimat",
        "asking": "Memeriksa pertanyaan",
        "writing": "Menulis indeks",
    },
    rebuilt=(
        "Selesai: {documents} dokumen, {sentences} kalimat "
        "({embedded} dihitung, {reused} dipakai ulang)."
    ),
    unchanged="Tidak ada yang berubah; indeks sudah mutakhir.",
    details="Rincian",
    errors={
        CorpusError: "Folder dokumen tidak ada atau tidak berisi dokumen yang dapat dibaca.",
        EncoderError: "Model tidak dapat dimuat.",
        IndexMissingError: "Belum ada indeks. Tekan “Bangun ulang” untuk membuatnya.",
        IndexDamagedError: "Indeks rusak. Tekan “Bangun ulang” untuk membuatnya kembali.",
        IndexMismatchError: "Indeks dibuat dengan model atau versi lain. Bangun ulang indeksnya.",
        IndexWriteError: "Indeks tidak dapat ditulis; indeks yang lama tetap dipakai.",
        IndexBusyError: "Indeks sedang dibangun oleh proses lain. Coba lagi sebentar lagi.",
        QuestionError: "Pertanyaannya kosong. Ketik apa yang ingin Anda ketahui.",
        SettingsError: "Ada pengaturan yang keliru.",
    },
    unexpected=(
        "Terjadi kesalahan yang tidak terduga. Pertanyaan Anda tetap tersimpan di kotak di atas."
    ),
)

ENGLISH = Texts(
    name="English",
    thousands=",",
    title="Tanya",
    subtitle="Ask anything; the answers are quoted from the documents.",
    question="Question",
    placeholder="For example: What are a diplomat's main duties?",
    hint="Type a question in your own words, then press Enter.",
    searching="Searching {sentences} sentences…",
    found="Answer",
    sure="Very sure",
    likely="Fairly sure",
    unsure="Maybe",
    not_found="Not found in these documents. Try other words, or a more detailed question.",
    nearest="The nearest passages",
    cut="The question is too long: only its first {count} characters were searched.",
    searched="Showing results for: {wording}",
    place="{document}, line {line}",
    partner="{word}, similarity {similarity}",
    language="Language",
    index="Index",
    documents="Documents",
    sentences="Sentences",
    model="Model",
    built="Built",
    stale=(
        "The documents have changed since the build: "
        "{added} new, {changed} changed, {removed} removed."
    ),
    fresh="The index matches the documents.",
    skipped="{count} files skipped",
    rebuild="Rebuild",
    rebuild_help="Reads the documents again; only what has changed is processed.",
    notes={
        "uncalibrated": "How sure an answer is was not calibrated for this model.",
        "damaged": "The newest index is damaged; the one before it answers.",
        "other_model": "The index was made with another model and answers until it is rebuilt.",
    },
    stages={
        "reading": "Reading documents",
        "embedding": "Embedding sentences",
        "asking": "Checking questions",
        "writing": "Writing the index",
    },
    rebuilt=(
        "Done: {documents} documents, {sentences} sentences ({embedded} embedded, {reused} reused)."
    ),
    unchanged="Nothing has changed; the index is up to date.",
    details="Details",
    errors={
        CorpusError: "The folder of documents is missing or holds no document that can be read.",
        EncoderError: "The model cannot be loaded.",
        IndexMissingError: "There is no index yet. Press “Rebuild” to make one.",
        IndexDamagedError: "The index is damaged. Press “Rebuild” to make it anew.",
        IndexMismatchError: "The index was made with another model or version. Rebuild it.",
        IndexWriteError: "The index cannot be written; the old one stays in use.",
        IndexBusyError: "Another process is building the index. Try again in a moment.",
        QuestionError: "The question is empty. Type what you want to know.",
        SettingsError: "A setting is wrong.",
    },
    unexpected="Something unexpected went wrong. Your question is still in the box above.",
)

LANGUAGES = {"id": INDONESIAN, "en": ENGLISH}
