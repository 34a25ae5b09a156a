"""Every text of the editor, in each of the page's languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EditorTexts:
    """The texts of the editor in one language; ``{…}`` are filled in where they are shown."""

    title: str
    subtitle: str
    back: str
    off: str
    log_in: str
    password: str
    enter: str
    wrong: str
    wait: str
    log_out: str
    index: str
    documents: str
    builds: str
    rebuild: str
    rebuild_help: str
    cancel: str
    stopping: str
    starting: str
    progress: dict[str, str]
    seconds_left: str
    minutes_left: str
    other_build: str
    cancelled: str
    gaps_closed: str
    changes: str
    added: str
    changed: str
    removed: str
    more: str
    skipped: str
    notes: str
    others: str
    no_ending: str
    reasons: dict[str, str]
    verdict: str
    rejected: str
    unpublished: str
    measure: str
    before: str
    after: str
    measures: dict[str, str]
    better: str
    worse: str
    place: str
    unfound: str
    answered: str
    refused: str
    must: str
    reason_must: str
    reason_drop: str
    lacks: str
    lacks_document: str
    lacks_evidence: str
    publish_anyway: str
    publish_anyway_ask: str
    publish: str
    published: str
    states: dict[str, str]
    build_line: str
    build_gate: str
    roll_back: str
    roll_back_ask: str
    no_builds: str
    choose: str
    choose_hint: str
    new: str
    name: str
    name_help: str
    text: str
    save: str
    close: str
    delete: str
    delete_ask: str
    delete_yes: str
    saved: str
    deleted: str
    versions: str
    version: str
    restore: str
    removed_documents: str
    bring_back: str
    read_as: str
    too_long: str
    preview: str
    preview_more: str
    no_document: str
    upload: str
    upload_files: str
    upload_help: str
    folder: str
    replace: str
    upload_save: str
    uploaded: str
    not_uploaded: str
    problems: dict[str, str]
    unexpected: str


INDONESIAN = EditorTexts(
    title="Editor",
    subtitle="Menyunting dokumen, membangun indeks, dan memeriksa hasilnya.",
    back="Kembali bertanya",
    off=(
        "Editor tidak aktif. Yang menjalankan Tanya dapat mengaktifkannya dengan TANYA_EDITOR=true "
        "atau dengan kata sandi di TANYA_ADMIN_PASSWORD."
    ),
    log_in="Editor ini dilindungi kata sandi.",
    password="Kata sandi",  # noqa: S106 - a label
    enter="Masuk",
    wrong="Kata sandinya keliru.",
    wait="Terlalu banyak kata sandi yang keliru. Coba lagi dalam {seconds} detik.",
    log_out="Keluar",
    index="Indeks",
    documents="Dokumen",
    builds="Versi",
    rebuild="Bangun ulang",
    rebuild_help="Membaca ulang dokumen; hanya yang berubah yang diproses.",
    cancel="Batalkan",
    stopping="Sedang dihentikan…",
    starting="Memulai…",
    progress={
        "reading": "Membaca dokumen: {done} dari {total} berkas",
        "embedding": "Menghitung vektor: {done} dari {total} kalimat",
        "asking": "Memeriksa jawaban: {done} dari {total} pertanyaan",
        "writing": "Menulis indeks: langkah {done} dari {total}",
    },
    seconds_left="kira-kira {count} detik lagi",
    minutes_left="kira-kira {count} menit lagi",
    other_build="Dibangun oleh proses lain sejak {since}.",
    cancelled="Pembangunan dibatalkan. Indeks tetap seperti semula.",
    gaps_closed="{closed} pertanyaan yang belum terjawab kini terjawab; {open} masih terbuka.",
    changes="Perubahan sejak indeks dibuat",
    added="baru",
    changed="berubah",
    removed="dihapus",
    more="… dan {count} lagi",
    skipped="Berkas yang dilewati",
    notes="Perlu diperiksa",
    others="Berkas lain yang tidak dibaca, karena bukan .txt atau .md: {kinds}",
    no_ending="tanpa akhiran",
    reasons={
        "empty": "Berkasnya kosong. Isi, atau hapus berkasnya.",
        "front_matter": "Tidak ada teks di bawah kepala berkas. Tambahkan isinya.",
        "no_sentence": "Tidak ada huruf atau angka di dalamnya. Tambahkan kalimat.",
        "too_large": "Lebih besar dari {detail} MB. Pecah berkasnya, atau naikkan max_file_mb.",
        "twin": "Isinya sama dengan {detail}. Hapus salah satunya.",
        "link": "Ini tautan yang tidak diikuti. Taruh berkas aslinya di folder dokumen.",
        "unreadable": "Tidak dapat dibaca. Periksa hak akses berkasnya.",
        "no_text": "Ini bukan teks yang dapat dibaca. Simpan sebagai teks UTF-8.",
        "encoding": (
            "Dibaca sebagai {detail}, bukan UTF-8. Periksa hurufnya; menyimpannya di sini "
            "menjadikannya UTF-8."
        ),
        "damaged": "Beberapa karakternya rusak dan menjadi �. Perbaiki, lalu simpan.",
        "yaml": "Kepala berkasnya bukan YAML yang benar dan diabaikan. Perbaiki, lalu simpan.",
        "language": (
            "Bahasa di kepala berkasnya, {detail}, bukan kode seperti id atau en dan diabaikan. "
            "Tulis kodenya, lalu simpan."
        ),
    },
    verdict="Pertanyaan uji",
    rejected=(
        "Indeks baru belum diterbitkan: jawabannya atas pertanyaan uji lebih buruk. "
        "Indeks lama tetap menjawab."
    ),
    unpublished="Ada indeks yang lebih baru dan belum diterbitkan.",
    measure="Ukuran",
    before="Terbit",
    after="Baru",
    measures={
        "hit_at_1": "Benar di peringkat 1",
        "hit_at_5": "Benar di 5 teratas",
        "mrr_at_10": "MRR@10",
        "answered": "Dijawab",
        "refused": "Ditolak dengan benar",
    },
    better="Lebih baik",
    worse="Lebih buruk",
    place="peringkat {rank}",
    unfound="tidak ditemukan",
    answered="dijawab",
    refused="ditolak",
    must="wajib",
    reason_must="Pertanyaan yang wajib berhasil ternyata gagal: {question}",
    reason_drop="Jawaban yang benar di 5 teratas turun lebih dari yang diizinkan (gate_drop).",
    lacks="Perbaiki",
    lacks_document="{document} tidak ada di indeks ini",
    lacks_evidence="{document} tidak memuat bukti “{evidence}”",
    publish_anyway="Tetap terbitkan",
    publish_anyway_ask=(
        "Indeks ini akan menjawab semua pembaca, walaupun tidak lolos pertanyaan uji."
    ),
    publish="Ya, terbitkan",
    published="Diterbitkan. Pertanyaan berikutnya dijawab dari indeks ini.",
    states={
        "published": "terbit",
        "kept": "tersimpan",
        "candidate": "belum terbit",
        "damaged": "rusak",
    },
    build_line="{documents} dokumen · {sentences} kalimat · {size} MB",
    build_gate="Pertanyaan uji: {questions}, benar di 5 teratas: {hit}",
    roll_back="Kembali ke indeks ini",
    roll_back_ask=(
        "Indeks ini langsung menjawab semua pembaca. Dokumen tidak berubah: "
        "bangun ulang untuk kembali ke keadaan terbaru."
    ),
    no_builds="Belum ada indeks.",
    choose="Dokumen yang disunting",
    choose_hint="Pilih dokumen",
    new="+ Dokumen baru",
    name="Nama berkas",
    name_help="Misalnya kesehatan/perawat.md. Folder menjadi kategori; akhirannya .md atau .txt.",
    text="Isi",
    save="Simpan",
    close="Tutup tanpa menyimpan",
    delete="Hapus",
    delete_ask="Dokumen ini dihapus dari folder. Versi terakhirnya tetap disimpan.",
    delete_yes="Ya, hapus",
    saved="{name} tersimpan. Bangun ulang indeks agar ikut menjawab.",
    deleted="{name} dihapus. Bangun ulang indeks agar tidak menjawab lagi.",
    versions="Versi lama",
    version="Diganti {time}, {size} KB",
    restore="Ambil isi versi ini",
    removed_documents="Dokumen yang dihapus ({count})",
    bring_back="Kembalikan",
    read_as="Dibaca sebagai {encoding}; menyimpan menjadikannya UTF-8.",
    too_long="Terlalu panjang untuk disunting di sini. Unggah penggantinya.",
    preview="Beginilah teksnya dipotong: {count} kalimat",
    preview_more="… dan {count} kalimat lagi",
    no_document="Belum dapat menjadi dokumen: {reason}",
    upload="Unggah berkas",
    upload_files="Berkas .txt atau .md",
    upload_help="Masing-masing paling besar {size} MB.",
    folder="Ke folder (boleh kosong)",
    replace="Ganti berkas yang sudah ada; versi lamanya disimpan",
    upload_save="Simpan berkas",
    uploaded="{count} berkas tersimpan. Bangun ulang indeks agar ikut menjawab.",
    not_uploaded="{name} tidak disimpan. {reason}",
    problems={
        "no_name": "Tulis nama berkasnya.",
        "long_name": "Namanya terlalu panjang.",
        "suffix": "Nama berkas harus berakhir dengan .txt atau .md.",
        "hidden": "Nama berkas dan folder tidak boleh diawali titik.",
        "outside": "Berkas harus di dalam folder dokumen, tanpa “..” dan tanpa “/” di depan.",
        "characters": "Namanya memuat karakter yang tidak boleh dipakai.",
        "folder": "Di tempat itu sudah ada folder atau berkas lain.",
        "link": "Itu sebuah tautan. Sunting berkas aslinya.",
        "exists": "Sudah ada dokumen dengan nama itu.",
        "gone": "Dokumen itu tidak ada lagi.",
        "changed": (
            "Sementara itu dokumen ini diubah orang lain. Salin teks Anda, lalu buka lagi."
        ),
        "too_large": "Terlalu besar.",
        "empty": "Teksnya kosong. Untuk membuangnya, hapus dokumennya.",
        "no_text": "Ini bukan teks yang dapat dibaca.",
        "unwritable": "Tidak dapat ditulis: periksa hak akses dan ruang disk.",
    },
    unexpected="Terjadi kesalahan yang tidak terduga. Rinciannya ada di log.",
)

ENGLISH = EditorTexts(
    title="Editor",
    subtitle="Edit documents, build the index, and check what came of it.",
    back="Back to asking",
    off=(
        "The editor is off. Whoever runs Tanya can switch it on with TANYA_EDITOR=true, or with a "
        "password in TANYA_ADMIN_PASSWORD."
    ),
    log_in="This editor is behind a password.",
    password="Password",  # noqa: S106 - a label
    enter="Enter",
    wrong="The password is wrong.",
    wait="Too many wrong passwords. Try again in {seconds} seconds.",
    log_out="Log out",
    index="Index",
    documents="Documents",
    builds="Builds",
    rebuild="Rebuild",
    rebuild_help="Reads the documents again; only what has changed is processed.",
    cancel="Cancel",
    stopping="Stopping…",
    starting="Starting…",
    progress={
        "reading": "Reading documents: {done} of {total} files",
        "embedding": "Embedding: {done} of {total} sentences",
        "asking": "Checking answers: {done} of {total} questions",
        "writing": "Writing the index: step {done} of {total}",
    },
    seconds_left="about {count} s left",
    minutes_left="about {count} min left",
    other_build="Another process has been building since {since}.",
    cancelled="The build was cancelled. The index is as it was.",
    gaps_closed="{closed} content gaps are answered now; {open} are open still.",
    changes="Changes since the build",
    added="new",
    changed="changed",
    removed="removed",
    more="… and {count} more",
    skipped="Skipped files",
    notes="To be checked",
    others="Other files that are not read, being neither .txt nor .md: {kinds}",
    no_ending="without an ending",
    reasons={
        "empty": "It is empty. Fill it, or remove it.",
        "front_matter": "There is no text below its front matter. Add some.",
        "no_sentence": "There is no letter and no digit in it. Add sentences.",
        "too_large": "It is larger than {detail} MB. Split it, or raise max_file_mb.",
        "twin": "It has the same content as {detail}. Remove one of them.",
        "link": "It is a link that is not followed. Put the file itself among the documents.",
        "unreadable": "It cannot be read. Check its permissions.",
        "no_text": "It is no text that can be read. Save it as UTF-8 text.",
        "encoding": (
            "Read as {detail}, not UTF-8. Check its letters; saving it here makes it UTF-8."
        ),
        "damaged": "Some of its characters are damaged and became �. Mend them, and save it.",
        "yaml": "Its front matter is not valid YAML and was ignored. Mend it, and save it.",
        "language": (
            "The language in its front matter, {detail}, is no code such as id or en and was "
            "ignored. Write the code, and save it."
        ),
    },
    verdict="Test questions",
    rejected=(
        "The new index is not published yet: it answers the test questions worse. "
        "The old one answers on."
    ),
    unpublished="There is a newer index that is not published.",
    measure="Measure",
    before="Published",
    after="New",
    measures={
        "hit_at_1": "Right at rank 1",
        "hit_at_5": "Right in the first 5",
        "mrr_at_10": "Mean reciprocal rank",
        "answered": "Answered",
        "refused": "Rightly refused",
    },
    better="Better",
    worse="Worse",
    place="rank {rank}",
    unfound="not found",
    answered="answered",
    refused="refused",
    must="must",
    reason_must="A question that must succeed fails: {question}",
    reason_drop="Right answers in the first 5 fall by more than is allowed (gate_drop).",
    lacks="Correct",
    lacks_document="{document} is not in this index",
    lacks_evidence="{document} does not contain the evidence “{evidence}”",
    publish_anyway="Publish anyway",
    publish_anyway_ask=(
        "This index will answer everybody, although the test questions turned it away."
    ),
    publish="Yes, publish",
    published="Published. The next question is answered from this index.",
    states={
        "published": "published",
        "kept": "kept",
        "candidate": "not published",
        "damaged": "damaged",
    },
    build_line="{documents} documents · {sentences} sentences · {size} MB",
    build_gate="Test questions: {questions}, right in the first 5: {hit}",
    roll_back="Go back to this index",
    roll_back_ask=(
        "This index answers everybody at once. The documents do not change: rebuild to return to "
        "the newest state."
    ),
    no_builds="There is no index yet.",
    choose="Document to edit",
    choose_hint="Choose a document",
    new="+ New document",
    name="File name",
    name_help="Such as health/nurse.md. The folder is the category; it ends in .md or .txt.",
    text="Text",
    save="Save",
    close="Close without saving",
    delete="Delete",
    delete_ask="This document is removed from the folder. Its last version is kept.",
    delete_yes="Yes, delete",
    saved="{name} is saved. Rebuild the index to have it answer.",
    deleted="{name} is deleted. Rebuild the index to have it answer no more.",
    versions="Older versions",
    version="Replaced {time}, {size} kB",
    restore="Take this version's text",
    removed_documents="Deleted documents ({count})",
    bring_back="Bring back",
    read_as="Read as {encoding}; saving makes it UTF-8.",
    too_long="Too long to be edited here. Upload what is to replace it.",
    preview="This is how the text is cut: {count} sentences",
    preview_more="… and {count} more sentences",
    no_document="It cannot be a document yet: {reason}",
    upload="Upload files",
    upload_files=".txt or .md files",
    upload_help="Each of at most {size} MB.",
    folder="Into the folder (may be empty)",
    replace="Replace files that are there; their old versions are kept",
    upload_save="Save the files",
    uploaded="{count} files are saved. Rebuild the index to have them answer.",
    not_uploaded="{name} was not saved. {reason}",
    problems={
        "no_name": "Give the file's name.",
        "long_name": "The name is too long.",
        "suffix": "The file's name must end in .txt or .md.",
        "hidden": "Names of files and folders must not begin with a dot.",
        "outside": "The file must be inside the documents' folder, without “..” or a leading “/”.",
        "characters": "The name has characters that cannot be used.",
        "folder": "There is a folder or another file at that place.",
        "link": "That is a link. Edit the file itself.",
        "exists": "There is a document of that name already.",
        "gone": "That document is not there any more.",
        "changed": (
            "Somebody else changed this document meanwhile. Copy your text, and open it again."
        ),
        "too_large": "It is too large.",
        "empty": "The text is empty. To be rid of the document, delete it.",
        "no_text": "It is no text that can be read.",
        "unwritable": "It cannot be written: check the permissions and the room on the disk.",
    },
    unexpected="Something unexpected went wrong. The log has the details.",
)

EDITOR_LANGUAGES = {"id": INDONESIAN, "en": ENGLISH}
