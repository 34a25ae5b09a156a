"""Where sentences end. In the tables "¦" stands where a sentence must begin, and nowhere else."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanya.splitting import LONGEST, split

INDONESIAN = [
    "Ia bertemu dr. Budi. ¦Lalu pulang.",
    "Prof. Dr. Ir. H. Budi Santoso hadir. ¦Acara dimulai.",
    "Menurut Hj. Siti dan KH. Ahmad, hal itu benar. ¦Semua setuju.",
    "Ia lulusan S.Pd. dan M.Si. dari UGM. ¦Sekarang ia mengajar.",
    "Budi Santoso, S.T., M.T., Ph.D. hadir. ¦Rapat dimulai.",
    "Gurunya Ahmad, S.Pd. ¦Ia mengajar matematika.",
    "Kantornya di Jl. Sudirman No. 5 Jakarta. ¦Datanglah pagi.",
    "Rumahnya di Gg. Melati, Kel. Sukasari, Kec. Ciawi, Kab. Bogor. ¦Jauh dari kota.",
    "PT. Maju Jaya dan CV. Sinar Abadi bekerja sama. ¦Keduanya untung.",
    "Surat a.n. Direktur u.p. Kepala Bagian. ¦Mohon dijawab.",
    "Lihat hal. 12 dan hlm. 30. ¦Bacalah dengan teliti.",
    "Ia unggul dalam banyak hal. ¦Semua orang tahu.",
    "Undangan tgl. 3 Mei 2024. ¦Tempatnya di aula.",
    "Harganya Rp. 1.500.000,- per bulan. ¦Murah sekali.",
    "Harganya Rp 1.500.000,- saja. ¦Silakan pesan.",
    "Biayanya Rp2.750.000,50 termasuk pajak. ¦Belum ongkos kirim.",
    "Ia membeli beras, gula, dll. untuk dapur. ¦Lalu ia memasak.",
    "Ia membeli beras, gula, dll. ¦Kemudian ia memasak.",
    "Buku, pensil, dsb. dibawa sendiri. ¦Tas disediakan.",
    "Para ahli (Santoso dkk. 2019) menolak. ¦Mereka punya alasan.",
    "Ia diam… ¦Lalu ia pergi.",
    "Ia diam… lalu pergi.",
    "Ia menunggu... ¦Akhirnya bus datang.",
    "Ia menunggu... dan menunggu. ¦Bus tidak datang.",
    'Ia berkata, "Saya pergi." ¦Lalu ia tidur.',
    '"Halo. Apa kabar?" katanya. ¦Saya diam.',
    '"Mau ke mana?" tanyanya sambil lalu. ¦Tidak ada jawaban.',
    "Kata pepatah, “Sedikit demi sedikit. Lama-lama menjadi bukit.” ¦Itu benar.",
    "Buka https://www.contoh.co.id/profil.html?id=3. ¦Isi formulirnya.",
    "Kirim ke nama.orang@contoh.ac.id sekarang. ¦Jangan lupa lampiran.",
    "Unduh di contoh.go.id atau tanya petugas. ¦Gratis.",
    "Nilainya 3,75 dari 4.00 dan jumlahnya 1.250.000 orang. ¦Itu banyak.",
    "Rapat pukul 10.30 WIB. ¦Jangan terlambat.",
    "Apa tugasnya? ¦Banyak! ¦Ia menulis laporan.",
    "Apa?! ¦Tidak mungkin.",
    "Ini (lihat hal. 3. Juga bab 5.) selesai. ¦Bagian baru dimulai.",
    "B.J. Habibie lahir di Parepare. ¦Ia insinyur.",
    "W.R. Supratman menggubah lagu. ¦Lagunya terkenal.",
    "Kalimat satu.¦Kalimat dua tanpa spasi.",
    "Ia memakai ASP.NET dan Node.js setiap hari. ¦Keduanya gratis.",
    "1. Menyusun anggaran tahunan. ¦Laporan juga ditulis.",
    "Langkahnya: 1. daftar 2. bayar 3. tunggu. ¦Selesai.",
    "Pasal 5 ayat (1) UU No. 14 Tahun 2005 mengaturnya. ¦Semua patuh.",
    "Lihat Gb. 3 dan Tab. 2 di atas. ¦Keduanya jelas.",
    "Al-Qur'an dibaca bersama. ¦Salat Jum'at wajib bagi laki-laki.",
    "Vitamin C. ¦Itu yang ia perlukan.",
    "Letjen. Sudirman memimpin. ¦Pasukan bergerak.",
    "Yth. Bpk. Kepala Sekolah di tempat. ¦Dengan hormat.",
    "Ia bekerja s.d. Jumat sore. ¦Sabtu libur.",
    "Usianya 12. ¦Mereka sebaya.",
    "Tahun 1998. ¦Krisis melanda.",
    "Ir. Soekarno dan Ny. Fatmawati tiba a.n. panitia. ¦Rakyat menyambut.",
    "Surat ini an. Budi Santoso, mis. Surat jalan. ¦Simpanlah.",
    "Ia tinggal di RT. 05 RW. 03 Prov. Banten. ¦Rumahnya kecil.",
    "Kirimkan CV. ¦Kami akan membalas.",
    "Lihat bag. 3 dan lamp. I di sini. ¦Keduanya wajib.",
    "Aplikasi ini dibuat oleh Contoh Inc. ¦Sistemnya gratis.",
]

ENGLISH = [
    "Dr. Smith met Mr. Jones. ¦They talked.",
    "The price is 3.50 dollars. ¦Cheap, isn't it?",
    "See e.g. chapter 3. ¦Then go on.",
    "He works for Acme Inc. in Boston. ¦She does not.",
    '"Really?" she asked. ¦He nodded.',
    "Visit www.example.com. ¦It is free.",
    "The U.S. economy grew. ¦Nobody noticed.",
    "Wait… ¦What was that?",
    "I work for Acme Inc. ¦Sales were good.",
    "Acme Ltd. ¦Customers are served by Beta Corp. ¦Prices are its own.",
    "It was made by Acme Co. Ltd. in 1990, by Beta Ltd. Co. later. ¦Both are gone.",
    "He (once of Acme Inc. Boston) left. ¦Nobody knows why.",
    # After "U.S." a capital letter is far more often a name's than a sentence's.
    "The U.S. Senate met the U.S. Secretary of State. ¦Nobody knew.",
    "We ship to the U.S. ¦We do not ship to Canada.",
    "Send your CV. ¦Applications close in May.",
    "See Vol. 3 and no. IV of it. ¦Both help.",
    "It fits in the bag. ¦12 more do not.",
    "Students like Prof. Jones and Ms. Hill. ¦Really.",
    "Smith et al. Found that it works. ¦Really.",
]

OTHERS = [
    ("de", "Er kam z.B. am 3. Mai. ¦Dr. Müller war da. ¦Das ist gut."),
    ("de", "Das kostet 1.200,50 Euro. ¦Ist das teuer?"),
    ("de", "Rufen Sie uns bitte an. ¦Wir helfen gern."),
    ("de", "Prof. Dr. Weber kommt aus St. Gallen. ¦Mr. Smith auch."),
    ("de-AT", "Rufen Sie uns bitte an. ¦Wir helfen gern."),
    ("fr", "On se voit deux fois par an. ¦Les membres sont élus."),
    ("fr", "Il est prof. ¦Elle est médecin."),
    ("es", "No queremos ir. ¦Mañana llueve."),
    ("sv", "Bilen är ny. ¦Garantin gäller i tre år."),
    ("nl", "Dat heb ik mis. ¦Morgen kom ik."),
    ("nl", "Vraag het aan prof. Visser en ir. Bakker. ¦Zij weten het."),
    ("pl", "Przyszedł prof. Nowak i dr. Kowalski. ¦Dobrze."),
    ("ms", "Surat an. Ahmad bin Ali. ¦Simpanlah."),
    ("bahasa indonesia", "Surat an. Ahmad Fauzi. ¦Simpanlah."),
    ("fr", "Il a dit : « Bonjour. Ça va ? » ¦Puis il partit."),
    ("fr", "Le prix est de 3,50 euros. ¦C'est cher !"),
    ("es", "¿Cómo estás? ¦¡Muy bien! ¦El Sr. López vive aquí."),
    ("it", "Il prof. Rossi è arrivato. ¦Buongiorno!"),
    ("pl", "No, no. ¦I poszedł."),
    ("pt", "O Sr. Silva chegou. ¦Tudo bem?"),
    ("nl", "Hij komt om 10.30 uur. ¦Dat is laat."),
    ("pl", "To jest dom. ¦Mieszka tam pani Anna."),
    ("tr", "Bugün hava güzel. ¦Dışarı çıkalım mı?"),
    ("vi", "Tôi là bác sĩ. ¦Bạn khỏe không?"),
    ("ru", "Он живёт в г. Москве. ¦Это правда? ¦Конец."),
    ("uk", "Він лікар. ¦Вона вчителька."),
    ("el", "Είναι γιατρός. ¦Τι κάνεις; ¦Καλά."),
    ("hy", "Նա բժիշկ է։ ¦Նա աշխատում է։"),
    ("ar", "هل أنت طبيب؟ ¦نعم، أنا طبيب. ¦أعمل في المستشفى."),
    ("fa", "او پزشک است. ¦آیا شما خوب هستید؟"),
    ("ur", "وہ ڈاکٹر ہے۔ ¦وہ ہسپتال میں کام کرتا ہے۔"),
    ("hi", "वह डॉक्टर है। ¦वह अस्पताल में काम करता है। ¦क्या आप ठीक हैं?"),
    ("bn", "তিনি ডাক্তার। ¦তিনি কাজ করেন।"),
    ("ja", "彼は外交官です。¦毎日、会議に出席します。¦終わり！"),
    ("ja", "「こんにちは。元気ですか？」と言った。¦彼は帰った。"),
    ("zh", "他是外交官。¦他每天开会。¦你好吗？"),
    ("ko", "그는 의사입니다. ¦병원에서 일합니다. ¦괜찮아요?"),
    ("my", "သူသည်ဆရာဝန်ဖြစ်သည်။ ¦ဆေးရုံတွင်အလုပ်လုပ်သည်။"),
    ("km", "គាត់ជាគ្រូពេទ្យ។ ¦គាត់ធ្វើការ។"),
    ("bo", "འདི་ནི་དཔེ་ཆ་རེད། ¦དེ་ནི་སྨྱུ་གུ་རེད།"),
    ("am", "እሱ ዶክተር ነው። ¦በሆስፒታል ይሰራል።"),
    # The language that is set is Indonesian; the script says otherwise.
    ("id", "Он живёт в г. Москве. ¦Конец."),
    ("id", "Είναι γιατρός. ¦Τι κάνεις; ¦Καλά."),
    ("id", "彼は外交官です。¦終わり！"),
]

CASES = [
    *(("id", case) for case in INDONESIAN),
    *(("en", case) for case in ENGLISH),
    *OTHERS,
]


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_sentences_begin_where_the_table_says(language: str, marked: str) -> None:
    text = marked.replace("¦", "")
    found = [text[span.start : span.end] for span in split(text, language)]
    assert found == [sentence.strip() for sentence in marked.split("¦")]


def test_the_table_has_the_cases_that_were_asked_for() -> None:
    assert len(CASES) >= 60
    assert sum(language not in ("id", "en") for language, _ in CASES) >= 20
    assert len(set(CASES)) == len(CASES)


@pytest.mark.parametrize(
    ("text", "cut_after"),
    [
        ("kata " * 150 + "berhenti; " + "kata " * 150, "berhenti;"),
        ("kata " * 150 + "jeda, " + "kata " * 150, "jeda,"),
        ("“" + "Ini kalimat di dalam kutipan. " * 60 + "”", "kutipan."),
    ],
    ids=["semicolon", "comma", "quotation"],
)
def test_a_long_text_is_cut_at_the_best_place(text: str, cut_after: str) -> None:
    spans = split(text, "id")
    assert len(spans) > 1
    assert all(span.end - span.start <= LONGEST for span in spans)
    assert text[: spans[0].end].endswith(cut_after)


def test_a_long_text_without_blanks_is_cut_all_the_same() -> None:
    spans = split("x" * 2500, "id")
    assert [span.end - span.start for span in spans] == [1000, 1000, 500]


@pytest.mark.parametrize("text", ["ที่นี่กินดีมีสุข", "กิ", "কি", "e\u0301"])
def test_a_long_text_is_never_cut_before_a_mark_of_the_letter_before_it(text: str) -> None:
    long = text * 1200
    for begin in range(len(text)):
        # A vowel at the very beginning has no letter that it could be cut from.
        starts = [begin + span.start for span in split(long[begin:], "th")[1:]]
        assert len(starts) > 0
        assert not [long[start] for start in starts if category(long[start]).startswith("M")]


def test_what_says_nothing_is_no_sentence() -> None:
    assert split("***", "id") == []
    assert split(" \n ", "id") == []
    text = "Satu kalimat. * * *"
    assert [text[span.start : span.end] for span in split(text, "id")] == [text]


@given(st.text(alphabet=st.sampled_from("aB1 .…?!\"'()“”\nÉ中。ه।-"), max_size=80))
def test_no_letter_is_lost_and_no_sentence_overlaps(text: str) -> None:
    spans = split(text, "id")
    covered = [position for span in spans for position in range(span.start, span.end)]
    assert covered == sorted(set(covered))
    lost = set(range(len(text))) - set(covered)
    assert not any(text[position].isalnum() for position in lost)
    for span in spans:
        piece = text[span.start : span.end]
        assert piece == piece.strip()
        assert piece
