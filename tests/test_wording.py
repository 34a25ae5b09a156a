"""How a question is worded before it is searched: errors, compounds and slang."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tanya.build import rebuild
from tanya.cli import main
from tanya.encoders import Encoder, PieceTable, load_piece_table
from tanya.errors import IndexDamagedError, SettingsError
from tanya.index import open_published
from tanya.lexical import Analyzer
from tanya.records import Answer, Correction
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings, load
from tanya.slang import PARTICLES, STANDARD, standard_form, undoubled, written_verbs
from tanya.vocabulary import Vocabulary, write_vocabulary
from tanya.wording import Speller, worded
from tests.conftest import WriteCorpus

SENTENCES = [
    "Tugas utama pengelola proyek adalah menjaga kerja sama antarnegara.",
    "Tugas utama seorang diplomat ialah berunding.",
    "Dokter umum menerima pasien di rumah sakit.",
    "Ia menyusun laporan keuangan dan mencari penyebabnya.",
    "Laporan itu dijelaskan kepada petugas di Indonesia.",
    "Ia menulis naskah, dan naskah itu dibaca di Jakarta.",
    "Petugas bertanya kepada keluarga pasien.",
    "Kata bijak: jangan bijik, jangan bojak.",
    "Orang bilang bakso itu maknyus.",
]
CONTEXTS = ["Pengelola proyek kerja sama internasional", "Perawat", ""]


@pytest.fixture(scope="module")
def table(encoder: Encoder) -> PieceTable:
    return load_piece_table(encoder)


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder = tmp_path_factory.mktemp("words") / "vocabulary"
    write_vocabulary(folder, SENTENCES, CONTEXTS, Analyzer("id"))
    return Vocabulary(folder)


@pytest.fixture(scope="module")
def speller(vocabulary: Vocabulary, table: PieceTable) -> Speller:
    return Speller(vocabulary, table, Analyzer("id"))


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        (
            "tugas utma pengelola proyek kerjsama",
            "tugas utama pengelola proyek kerja sama",
        ),
        ("Siapa diplomt itu?", "Siapa diplomat itu?"),
        ("Diplomta bertugas apa", "Diplomat bertugas apa"),
        ("TUGAS UTMA DIPLOMAT", "TUGAS UTAMA DIPLOMAT"),
        ("bagaimna laporan keuagan", "bagaimana laporan keuangan"),
        ("siapa keluraga pasien", "siapa keluarga pasien"),
        ("kerjasama internasional", "kerja sama internasional"),
        ("apa itu dokterumum", "apa itu dokter umum"),
        ("hubungan antar negara", "hubungan antarnegara"),
        ("perawt pasien", "perawat pasien"),
        ("petugas di Indonseia", "petugas di Indonesia"),
        # The key beside, in short words too.
        ("rumah sakut", "rumah sakit"),
        ("siapa yamg bertugas", "siapa yang bertugas"),
        # A word that the documents have only in other forms.
        ("pelaporn keuangan", "pelaporan keuangan"),
        ("pembacaa naskah", "pembaca naskah"),
        # What a stemmer takes for a derived word.
        ("mejadi diplomat", "menjadi diplomat"),
        # Words that the documents do not have at all.
        ("apakah karyawna rajin", "apakah karyawan rajin"),
        # In one word in the dictionary, in two in the documents.
        ("bekerja sama antarnegara kerjsama", "bekerja sama antarnegara kerja sama"),
    ],
)
def test_errors_and_compounds_are_worded_as_in_the_documents(
    speller: Speller, question: str, searched: str
) -> None:
    assert speller.wording(question).text == searched


@pytest.mark.parametrize(
    "question",
    [
        # Words of the documents, or of the stem of one.
        *("kerja sama antarnegara", "apa tugasnya diplomat", "bakso maknyus", "Perawat"),
        # Indonesian that these documents do not have, though something near it.
        *("kenapa kelapa susah", "pesona rumah makan", "dokter menari", "bertukar naskah"),
        *("pustakawan di jawa", "membacakan dan memejamkan"),
        # Names, numbers, short words, words with digits.
        *("Di mana Ulaanbaatar?", "Siapa Diplomas dan Jakarto?", "tugs2 12345 dktr9 pkl 07.30"),
        *("utm dkt", "SLiMS dan INLISLite", "cuap-cuap"),
        # What people say, and foreign words that they use.
        *("curhat soal stunting lewat wifi", "bikinin loker buat barista", "manjat gunung toba"),
        *("truk tronton", "vaksin tifoid", "teman sekos saya"),
        # Other languages, although "utma" and "duties" are no words of the documents.
        *("What are the main duties of diplomats?", "Wie arbeitet ein Diplomt heute genau?"),
        *("What's the therapist's task?", "看護師の仕事は何ですか", "Кто ухаживает за больными?"),
        # Two words are equally near.
        "bajak",
    ],
)
def test_what_may_be_right_is_left_alone(speller: Speller, question: str) -> None:
    wording = speller.wording(question)
    assert wording.text == question
    assert wording.corrections == ()


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("who is not suitbale as a diplomat", "who is not suitable as a diplomat"),
        ("waht are teh duteis of a diplomat", "what are teh duties of a diplomat"),
        ("what skils does a pengelola proyek need", "what skills does a pengelola proyek need"),
        (
            "which patients does the dokter umum recieve",
            "which patients does the dokter umum receive",
        ),
        # Words that the dictionary does not have, or has in American spelling.
        ("what is the wifi password of the pengelola",) * 2,
        ("is counselling and colouring a favourite of the organiser",) * 2,
        # Names and other languages.
        ("What does Suharta do in the rumah sakit", "What does Suharta do in the rumah sakit"),
        ("Was macht in der Wohe ein Diplomat", "Was macht in der Wohe ein Diplomat"),
        ("De dokter zit in Europa en zijn stuk is te laat",) * 2,
        ("Wat is de taak van een verpleger",) * 2,
        # Rarer words that are beside far more frequent ones.
        ("what does the lathe operator yearn for in the shingle mulch",) * 2,
        ("does the coder of a preset scold the scheduler",) * 2,
    ],
)
def test_english_questions_are_corrected_by_a_dictionary(
    speller: Speller, question: str, searched: str
) -> None:
    assert speller.wording(question).text == searched


@pytest.mark.parametrize("language", ["en", "id"])
def test_english_documents_do_not_draw_english_words_to_theirs(
    tmp_path: Path, table: PieceTable, language: str
) -> None:
    sentences = ["In summer all members of the crew leave the harbour.", "Heavy weight is carried."]
    write_vocabulary(tmp_path / "words", sentences, [], Analyzer(language))
    speller = Speller(Vocabulary(tmp_path / "words"), table, Analyzer(language))
    wording = speller.wording("how long does it simmer on embers")
    assert wording.text == "how long does it simmer on embers"
    assert speller.wording("what is the wieght of it").text == "what is the weight of it"
    # What the documents have comes before what is as near in the dictionary.
    assert speller.wording("when is it sumemr on board").text == "when is it summer on board"


@pytest.mark.parametrize("sentence", [*SENTENCES, *CONTEXTS])
def test_an_exact_word_never_loses(speller: Speller, sentence: str) -> None:
    assert speller.wording(sentence).corrections == ()
    assert speller.wording(sentence.lower()).corrections == ()


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("gw gak tau gimana", "saya tidak tahu bagaimana"),
        ("Gimana kerjanya, ngapain aja?", "Bagaimana kerjanya, melakukan apa saja?"),
        ("kenapa blm yg itu", "kenapa belum yang itu"),
        ("orgnya kyk apa sih", "orangnya seperti apa"),
        ("tugas diplomat tuh apa dong?", "tugas diplomat apa?"),
        ("kok diplomat gitu", "diplomat begitu"),
        ("bagi2 tugas", "bagi-bagi tugas"),
        ("nyusun laporan", "menyusun laporan"),
        ("nyari penyebab", "mencari penyebab"),
        ("nulis naskah", "menulis naskah"),
        ("jelasin laporan", "jelaskan laporan"),
        ("kpn tgl laporan itu ada", "kapan tanggal laporan itu ada"),
        ("Dmn kantornya, dmna pasiennya?", "Di mana kantornya, di mana pasiennya?"),
        ("gmna stlh laporan dri keluarga", "bagaimana setelah laporan dari keluarga"),
        ("brp nmr tlp dokter umum", "berapa nomor telepon dokter umum"),
        ("nomernya bbrp dokter", "nomornya beberapa dokter"),
        # These may be something else.
        ("slm wa hp dokter umum", "slm wa hp dokter umum"),
        ("sih", "sih"),
        ("", ""),
    ],
)
def test_slang_is_written_out(speller: Speller, question: str, searched: str) -> None:
    assert speller.wording(question).text == searched


def test_a_chat_form_that_the_documents_have_stays(tmp_path: Path, table: PieceTable) -> None:
    write_vocabulary(tmp_path / "v", ["Kayak itu perahu kecil."], [], Analyzer("id"))
    speller = Speller(Vocabulary(tmp_path / "v"), table, Analyzer("id"))
    assert speller.wording("apa itu kayak").text == "apa itu kayak"


def test_slang_is_indonesian(tmp_path: Path, table: PieceTable) -> None:
    write_vocabulary(tmp_path / "v", ["The chart shows every team."], [], Analyzer("en"))
    speller = Speller(Vocabulary(tmp_path / "v"), table, Analyzer("en"))
    assert speller.wording("Who drew the org chart?").text == "Who drew the org chart?"
    assert speller.wording("Show the team chrat").text == "Show the team chart"


@pytest.mark.parametrize(
    "question",
    [
        "Wann ist das tgl Training der Firma in Berlin?",
        "What does the nmr machine of the hospital show?",
        "Where do I find the telp number of the doctor?",
    ],
)
def test_a_question_in_another_language_has_no_chat_forms(speller: Speller, question: str) -> None:
    assert speller.wording(question).text == question


def test_an_acronym_is_no_slang(speller: Speller) -> None:
    assert speller.wording("siapa GA di kantor itu").text == "siapa GA di kantor itu"


def test_every_change_says_where_it_was_typed(speller: Speller) -> None:
    question = "  Gmn sih tugas utma\tdiplomt,   antar  negara?"
    wording = speller.wording(question)
    assert [(c.original, c.replacement, c.kind) for c in wording.corrections] == [
        ("Gmn", "Bagaimana", "slang"),
        ("sih", "", "slang"),
        ("utma", "utama", "typo"),
        ("diplomt", "diplomat", "typo"),
        ("antar  negara", "antarnegara", "compound"),
    ]
    for change in wording.corrections:
        assert question[change.start : change.end] == change.original
    for word, typed in [
        ("Bagaimana", "Gmn"),
        ("gaim", "Gmn"),
        ("tugas", "tugas"),
        ("gas", "gas"),
        ("utama", "utma"),
        ("utama\tdiplomat", "utma\tdiplomt"),
        ("antarnegara", "antar  negara"),
        ("?", "?"),
    ]:
        start, end = wording.typed(wording.text.index(word), wording.text.index(word) + len(word))
        assert question[start:end] == typed


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("sih dong apa kok", "apa"),
        (" kok apa", " apa"),
        ("apa, sih?", "apa,?"),
        ("apa sih sih itu dong", "apa itu"),
    ],
)
def test_blanks_go_with_the_words_that_are_left_out(
    speller: Speller, question: str, searched: str
) -> None:
    wording = speller.wording(question)
    assert wording.text == searched
    start, end = wording.typed(searched.index("apa"), searched.index("apa") + 3)
    assert question[start:end] == "apa"


def test_nothing_changed_is_the_question_itself() -> None:
    wording = worded("apa itu?", [])
    assert wording.text == "apa itu?"
    assert wording.typed(4, 7) == (4, 7)


def test_a_word_left_out_at_the_beginning_takes_its_blank_along() -> None:
    wording = worded("kok apa", [Correction(0, 3, "kok", "", "slang")])
    assert wording.text == "apa"
    assert wording.typed(0, 3) == (4, 7)


@pytest.mark.parametrize(
    ("typos", "slang", "searched"),
    [
        (True, True, "bagaimana tugas utama kerja sama"),
        (True, False, "gimana tugas utama kerja sama"),
        (False, True, "bagaimana tugas utma kerjasama"),
        (False, False, "gimana tugas utma kerjasama"),
    ],
)
def test_each_switch_turns_off_its_part(
    vocabulary: Vocabulary, table: PieceTable, typos: bool, slang: bool, searched: str
) -> None:
    speller = Speller(vocabulary, table, Analyzer("id"), correct_typos=typos, normalise_slang=slang)
    assert speller.wording("gimana tugas utma kerjasama").text == searched


def test_the_table_has_what_it_should() -> None:
    assert 80 <= len(STANDARD) + len(PARTICLES) <= 160
    assert not PARTICLES & STANDARD.keys()
    # What a form stands for is itself no form.
    assert not {word for words in STANDARD.values() for word in words.split()} & STANDARD.keys()
    assert {"kenapa", "sama", "pas", "mau", "cuma"}.isdisjoint(STANDARD)
    assert standard_form("gimananya") == "bagaimananya"
    assert standard_form("ngapainnya") is None
    assert undoubled("dua2nya") == ("dua", "dua-duanya")
    assert undoubled("co2") is None
    assert "mencari" in written_verbs("nyari")
    assert "melindungi" in written_verbs("ngelindungin")
    assert not list(written_verbs("login"))


def test_an_empty_vocabulary_corrects_by_the_dictionary_alone(
    tmp_path: Path, table: PieceTable
) -> None:
    write_vocabulary(tmp_path / "v", [], [], Analyzer("id"))
    vocabulary = Vocabulary(tmp_path / "v")
    assert vocabulary.count("apa") == vocabulary.total == vocabulary.pair_count("a", "b") == 0
    speller = Speller(vocabulary, table, Analyzer("id"))
    assert speller.wording("utma").text == "utama"
    assert speller.wording("tugas karyawna bratislvaa").text == "tugas karyawan bratislvaa"


def test_words_are_counted_with_what_stands_beside_them(vocabulary: Vocabulary) -> None:
    assert vocabulary.count("naskah") == 2
    assert vocabulary.count("perawat") == 1
    assert vocabulary.count("Naskah") == vocabulary.count("nask") == 0
    assert vocabulary.pair_count("kerja", "sama") == 2
    assert vocabulary.pair_count("naskah", "dan") == 0
    assert sorted(vocabulary.followers("kerja")) == ["sama"]
    assert vocabulary.has_stem("tugas")
    assert not vocabulary.has_stem("utma")
    assert vocabulary.is_name("indonesia")
    assert not vocabulary.is_name("tugas")
    assert vocabulary.words == sorted(vocabulary.words, key=lambda word: (len(word), word))
    assert vocabulary.bucket(5, "u") == ["utama"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an index of SENTENCES, built once. Tests must not change it."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "a.txt").write_text("\n".join(SENTENCES), encoding="utf-8")
    settings = Settings(corpus=folder / "corpus", index=folder / "index")
    rebuild(settings)
    return settings


@pytest.fixture(scope="module")
def searcher(served: Settings) -> Searcher:
    return open_searcher(served)


@pytest.mark.parametrize("before", ["", " ", " " * 1200])
def test_matches_stand_in_the_question_as_it_was_typed(searcher: Searcher, before: str) -> None:
    question = f"{before}gmn sih tugas utma kerjsama"
    answer = searcher.ask(question)
    assert answer.question == question
    assert answer.searched.strip() == "bagaimana tugas utama kerja sama"
    for change in answer.corrections:
        assert question[change.start : change.end] == change.original
    [duties] = [found for found in answer.results if found.sentence == SENTENCES[0]]
    assert {
        (question[m.question_start : m.question_end], duties.sentence[m.start : m.end])
        for m in duties.matches
    } == {("tugas", "Tugas"), ("utma", "utama"), ("kerjsama", "kerja")}


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("pharmacist", True),
        ("breastfeeding", True),
        ("Lieferzeit", True),
        ("diplomat", True),
        ("xqzt", False),
        ("plokij", False),
        ("asdfghjkl", False),
    ],
)
def test_what_reads_as_a_word_of_some_language_is_not_unknown(
    sample_searcher: Searcher, word: str, known: bool
) -> None:
    # One whose words are all unknown is sure to be refused.
    assert (sample_searcher.ask(word).confidence > 0) is known


def test_an_unchanged_question_is_searched_as_it_is(searcher: Searcher) -> None:
    answer = searcher.ask("Apa tugas utama diplomat?")
    assert answer.searched == answer.question
    assert answer.corrections == ()
    assert not answer.corrected


def test_only_more_than_slang_is_told() -> None:
    slang = Correction(0, 2, "gw", "saya", "slang")
    typo = Correction(3, 7, "utma", "utama", "typo")
    answer = Answer("gw utma", True, 1.0, (), "", "", corrections=(slang,))
    assert not answer.corrected
    assert Answer("gw utma", True, 1.0, (), "", "", corrections=(slang, typo)).corrected


def test_a_build_without_its_words_is_damaged(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    write_corpus({"a.txt": SENTENCES[0]})
    report = rebuild(settings)
    words = settings.index / "builds" / report.build / "vocabulary" / "words.npy"
    build = open_published(settings.index)
    assert "vocabulary/words.npy" in build.manifest.files
    build.close()
    words.write_bytes(words.read_bytes().replace(b"tugas", b"tagus"))
    with pytest.raises(IndexDamagedError, match=r"vocabulary/words\.npy"):
        open_published(settings.index, verified=True)


@pytest.fixture
def asked(served: Settings, elsewhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line and the page find the index of SENTENCES."""
    monkeypatch.setenv("TANYA_CORPUS", str(served.corpus))
    monkeypatch.setenv("TANYA_INDEX", str(served.index))


@pytest.mark.usefixtures("asked")
def test_the_command_line_says_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "gmn tugas utma kerjsama"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "gmn tugas utma kerjsama"
    assert "showing results for: bagaimana tugas utama kerja sama" in lines


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("question", ["tugas utama diplomat", "gmn tugas utama diplomat"])
def test_the_command_line_says_nothing_of_slang_or_no_change(
    question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", question]) == 0
    assert "showing results" not in capsys.readouterr().out


@pytest.mark.usefixtures("asked")
def test_json_has_the_wording_and_its_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "tugas utma", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["question"] == "tugas utma"
    assert found["searched"] == "tugas utama"
    assert found["corrections"] == [
        {"start": 6, "end": 10, "original": "utma", "replacement": "utama", "kind": "typo"}
    ]


@pytest.mark.usefixtures("asked")
def test_the_switches_can_be_set_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TANYA_CORRECT_TYPOS", "false")
    assert main(["ask", "gmn tugas utma", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["searched"] == "bagaimana tugas utma"


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("language", "told"), [("id", "Dicari sebagai: "), ("en", "Searched as: ")]
)
def test_the_page_says_what_it_shows(language: str, told: str) -> None:
    page = AppTest.from_file("../app.py", default_timeout=60)
    page.query_params["lang"] = language
    page.query_params["q"] = "tugas utma kerjsama"
    page.run()
    assert f"{told}tugas utama kerja sama" in _shown(page)
    page.text_input(key="question").set_value("gmn tugas utama").run()
    assert told not in _shown(page)


def _shown(page: AppTest) -> str:
    """Return all custom HTML of the page."""
    return "".join(str(found.proto.body) for found in page.get("html"))


@pytest.mark.parametrize("value", ["true", "True", " TRUE "])
def test_a_switch_is_on(value: str) -> None:
    assert load(environment={"TANYA_NORMALISE_SLANG": value}).normalise_slang is True


def test_a_switch_in_the_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "tanya.toml"
    path.write_text("correct_typos = false\nnormalise_slang = true\n", encoding="utf-8")
    found = load(file=path, environment={})
    assert (found.correct_typos, found.normalise_slang) == (False, True)


@pytest.mark.parametrize("value", ["ya", "1", "on"])
def test_a_switch_that_is_neither_is_told(value: str) -> None:
    with pytest.raises(SettingsError, match=r"TANYA_CORRECT_TYPOS is .*must be true or false"):
        load(environment={"TANYA_CORRECT_TYPOS": value})


def test_a_number_is_no_switch(tmp_path: Path) -> None:
    path = tmp_path / "tanya.toml"
    path.write_text("correct_typos = 1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"correct_typos in .* is 1; .*true or false"):
        load(file=path, environment={})
