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
    JournalError,
    LabelsError,
    QuestionError,
    SettingsError,
)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of the page in one language; ``{…}`` are filled in where they are shown."""

    name: str
    code: str
    thousands: str
    title: str
    subtitle: str
    question: str
    placeholder: str
    hint: str
    examples: str
    more_examples: str
    example_about: str
    example_heading: str
    example_facet: str
    example_learn: str
    example_difference: str
    opening: str
    searching: str
    searched_in: str
    searched_among: str
    filter: str
    filters: str
    filtered: str
    clear_filter: str
    category: str
    no_category: str
    document: str
    all_of_them: str
    results: str
    history: str
    found: str
    sure: str
    likely: str
    unsure: str
    sureness: str
    others: str
    whole: str
    share: str
    quotation: str
    sentence_link: str
    share_question: str
    question_link: str
    download: str
    not_found: str
    not_found_hint: str
    ask_everywhere: str
    topics: str
    nearest: str
    notes: dict[str, str]
    searched: str
    place: str
    partner: str
    linked: str
    linked_changed: str
    linked_gone: str
    linked_before: str
    linked_now: str
    linked_close: str
    unanswered: str
    thanks: str
    not_kept: str
    language: str
    index: str
    documents: str
    sentences: str
    model: str
    built: str
    stale: str
    fresh: str
    skipped: str
    stale_files: str
    to_editor: str
    how_to_rebuild: str
    stages: dict[str, str]
    building: str
    damaged: str
    other_settings: str
    rebuilt: str
    unchanged: str
    errors: dict[type[Exception], str]
    crowded: str
    unexpected: str


INDONESIAN = Texts(
    name="Bahasa Indonesia",
    code="id",
    thousands=".",
    title="Tanya",
    subtitle="Jawaban dikutip langsung dari dokumen, lengkap dengan tempatnya.",
    question="Pertanyaan",
    placeholder="Tulis pertanyaan Anda",
    hint="{documents} dokumen, {sentences} kalimat. Tekan Enter untuk bertanya.",
    examples="Atau coba salah satu:",
    more_examples="Contoh lain",
    example_about="Apa itu {title}?",
    example_heading="{title}: {heading}?",
    example_facet="Apa {facet} {title}?",
    example_learn="Apa yang perlu diketahui tentang {title}?",
    example_difference="Apa bedanya {title} dengan {other}?",
    opening="Membuka dokumen…",
    searching="Mencari di {sentences} kalimat…",
    searched_in="Dicari di {sentences} kalimat dari {documents} dokumen",
    searched_among="Dicari di {chosen} dari {documents} dokumen",
    filter="Saring",
    filters="Saring · {count}",
    filtered="Hanya di:",
    clear_filter="Hapus saringan",
    category="Kategori",
    no_category="(tanpa kategori)",
    document="Dokumen",
    all_of_them="Semua",
    results="Jumlah kutipan",
    history="Riwayat",
    found="Jawaban",
    sure="Sangat yakin",
    likely="Cukup yakin",
    unsure="Mungkin",
    sureness="{words} ({level} dari 5)",
    others="Kutipan lain",
    whole="Baca seluruh dokumen",
    share="Salin",
    quotation="Kutipan dengan sumbernya",
    sentence_link="Tautan ke kalimat ini",
    share_question="Bagikan",
    question_link="Tautan ke pertanyaan ini",
    download="Unduh",
    not_found="Tidak ditemukan di dokumen ini",
    not_found_hint=(
        "Dokumen tampaknya tidak memuat jawabannya. "
        "Coba kata lain, atau pertanyaan yang lebih rinci."
    ),
    ask_everywhere="Cari di semua dokumen",
    topics="Mungkin yang Anda cari ada di sini:",
    nearest="Bagian yang paling mendekati",
    notes={
        "cut": "Pertanyaan terlalu panjang: hanya {count} karakter pertama yang dicari.",
        "uncalibrated": (
            "Tingkat keyakinan belum disesuaikan dengan model ini, jadi anggap sebagai perkiraan."
        ),
        "damaged": "Indeks terbaru rusak; jawaban ini berasal dari indeks sebelumnya.",
        "other_model": "Indeks dibuat dengan model lain dan menjawab sampai dibangun ulang.",
    },
    searched="Dicari sebagai: {wording}",
    place="{document}, baris {line}",
    partner="{word}, kemiripan {similarity}",
    linked="Kalimat yang ditautkan",
    linked_changed="Kalimat ini sudah berubah sejak tautannya dibuat.",
    linked_gone="Dokumen dari kalimat ini tidak ada lagi.",
    linked_before="Menurut tautan ini, dulu tertulis:",
    linked_now="Kini yang paling mendekati di dokumen itu:",
    linked_close="Tutup",
    unanswered="Ini tidak menjawab",
    thanks="Terima kasih, tercatat di komputer ini.",
    not_kept="Tanggapan tidak dapat disimpan: folder indeks tidak dapat ditulis.",
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
    stale_files="Berkas mana?",
    to_editor="Buka editor",
    how_to_rebuild="Setelah dokumen berubah, bangun ulang indeksnya dengan: python ingest.py",
    building="Indeks sedang dibangun sejak {since}: {stage} {done} / {total}.",
    damaged="Indeks terbaru rusak; yang menjawab adalah indeks sebelumnya. Bangun ulang indeksnya.",
    other_settings="Pengaturan berubah sejak indeks dibuat: {names}. Bangun ulang indeksnya.",
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
    errors={
        CorpusError: "Folder dokumen tidak ada atau tidak berisi dokumen yang dapat dibaca.",
        EncoderError: "Model tidak dapat dimuat.",
        IndexMissingError: "Belum ada indeks. Bangun dahulu indeksnya.",
        IndexDamagedError: "Indeks rusak. Bangun ulang indeksnya.",
        IndexMismatchError: "Indeks dibuat dengan model atau versi lain. Bangun ulang indeksnya.",
        IndexWriteError: "Indeks tidak dapat ditulis; indeks yang lama tetap dipakai.",
        IndexBusyError: "Indeks sedang dibangun oleh proses lain. Coba lagi nanti.",
        LabelsError: "Pertanyaan uji (questions.jsonl) tidak dapat dipakai.",
        JournalError: (
            "Catatan pertanyaan (feedback.sqlite) tidak dapat dibaca atau ditulis: periksa hak "
            "akses dan ruang disk folder indeks."
        ),
        QuestionError: "Tidak ada yang dapat dicari. Ketik apa yang ingin Anda ketahui.",
        SettingsError: "Ada pengaturan yang keliru; log menyebutkan yang mana.",
    },
    crowded=(
        "Saat ini terlalu banyak orang bertanya. Tunggu sebentar, lalu muat ulang halaman ini: "
        "pertanyaan Anda tetap ada di alamatnya."
    ),
    unexpected=(
        "Terjadi kesalahan yang tidak terduga. Pertanyaan Anda tetap tersimpan di kotak di atas."
    ),
)

ENGLISH = Texts(
    name="English",
    code="en",
    thousands=",",
    title="Tanya",
    subtitle="Answers are quoted from the documents, with the place where they stand.",
    question="Question",
    placeholder="Ask in your own words",
    hint="{documents} documents, {sentences} sentences. Press Enter to ask.",
    examples="Or try one of these:",
    more_examples="Other examples",
    example_about="What is {title}?",
    example_heading="{title} – {heading}?",
    example_facet="{title} – {facet}?",
    example_learn="What should one know about {title}?",
    example_difference="How does {title} differ from {other}?",
    opening="Opening the documents…",
    searching="Searching {sentences} sentences…",
    searched_in="Searched {sentences} sentences of {documents} documents",
    searched_among="Searched {chosen} of {documents} documents",
    filter="Filter",
    filters="Filter · {count}",
    filtered="Only in:",
    clear_filter="Clear the filter",
    category="Category",
    no_category="(no category)",
    document="Document",
    all_of_them="All",
    results="Number of passages",
    history="History",
    found="Answer",
    sure="Very sure",
    likely="Fairly sure",
    unsure="Maybe",
    sureness="{words} ({level} of 5)",
    others="More passages",
    whole="Read the whole document",
    share="Copy",
    quotation="The passage with its source",
    sentence_link="Link to this sentence",
    share_question="Share",
    question_link="Link to this question",
    download="Download",
    not_found="Not found in these documents",
    not_found_hint=(
        "The documents do not seem to hold an answer. Try other words, or a more detailed question."
    ),
    ask_everywhere="Search all documents",
    topics="What you are looking for may be here:",
    nearest="The nearest passages",
    notes={
        "cut": "The question is too long: only its first {count} characters were searched.",
        "uncalibrated": (
            "How sure Tanya is was not fitted to this model yet, so take it as an estimate."
        ),
        "damaged": "The newest index is damaged; this answer comes from the one before it.",
        "other_model": "The index was made with another model and answers until it is rebuilt.",
    },
    searched="Searched as: {wording}",
    place="{document}, line {line}",
    partner="{word}, similarity {similarity}",
    linked="The linked sentence",
    linked_changed="This sentence has changed since the link to it was made.",
    linked_gone="The document of this sentence is no longer there.",
    linked_before="According to this link, it said:",
    linked_now="What the document says most nearly now:",
    linked_close="Close",
    unanswered="This did not answer",
    thanks="Thank you, noted on this machine.",
    not_kept="Your feedback cannot be kept: the index's folder cannot be written to.",
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
    stale_files="Which files?",
    to_editor="Open the editor",
    how_to_rebuild="After documents have changed, rebuild the index with: python ingest.py",
    building="The index has been being built since {since}: {stage} {done} / {total}.",
    damaged="The newest index is damaged; the one before it answers. Rebuild the index.",
    other_settings="Settings have changed since the index was made: {names}. Rebuild the index.",
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
    errors={
        CorpusError: "The folder of documents is missing or holds no document that can be read.",
        EncoderError: "The model cannot be loaded.",
        IndexMissingError: "There is no index yet. It has to be built first.",
        IndexDamagedError: "The index is damaged. Rebuild it.",
        IndexMismatchError: "The index was made with another model or version. Rebuild it.",
        IndexWriteError: "The index cannot be written; the old one stays in use.",
        IndexBusyError: "Another process is building the index. Try again in a moment.",
        LabelsError: "The test questions (questions.jsonl) cannot be used.",
        JournalError: (
            "The record of questions (feedback.sqlite) cannot be read or written: check the "
            "permissions of the index's folder and the room on its disk."
        ),
        QuestionError: "There is nothing to search for. Type what you want to know.",
        SettingsError: "A setting is wrong; the log says which.",
    },
    crowded=(
        "Too many people are asking just now. Wait a moment, and reload this page: your question "
        "stays in its address."
    ),
    unexpected="Something unexpected went wrong. Your question is still in the box above.",
)

LANGUAGES = {"id": INDONESIAN, "en": ENGLISH}
