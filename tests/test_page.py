"""The page through Streamlit's AppTest: what a reader sees and presses, without a browser."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
import re
import shutil
import sqlite3
import string
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tanya.build import rebuild
from tanya.catalogue import sentence_mark
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
from tanya.index import building
from tanya.journal import FILE_NAME as FEEDBACK
from tanya.journal import Asked
from tanya.page import main
from tanya.page.searching import live_searcher
from tanya.page.texts import ENGLISH, INDONESIAN, Texts
from tanya.records import Note, NoteKind, Progress
from tanya.search import Searcher
from tanya.settings import Settings, load
from tests.conftest import WriteCorpus

NURSE = """# Perawat

Perawat mengukur tekanan darah dan suhu tubuh pasien setiap pagi.
"""
DIPLOMAT = "Diplomat mewakili negaranya dalam perundingan dengan negara lain.\n"
FILES = {"kesehatan/perawat.md": NURSE, "diplomat.txt": DIPLOMAT}
MEASURES = "Perawat mengukur tekanan darah dan suhu tubuh pasien setiap pagi."
OFF_TOPIC = "Bagaimana cara memperbaiki mesin sepeda motor yang mogok?"

MISSING = "Belum ada indeks. Bangun dahulu indeksnya."
DAMAGED = "Indeks rusak. Bangun ulang indeksnya."
FRESH = "Indeks sesuai dengan dokumen."
NOT_FOUND = "Tidak ditemukan di dokumen ini"

BuildPage = Callable[[Mapping[str, str | bytes]], Settings]


@pytest.fixture(autouse=True)
def _own_settings(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the page find the test's own folders, and nothing of the settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("TANYA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TANYA_CORPUS", str(settings.corpus))
    monkeypatch.setenv("TANYA_INDEX", str(settings.index))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of FILES and their index, built once. Tests must not change them."""
    folder = tmp_path_factory.mktemp("served")
    settings = Settings(corpus=folder / "corpus", index=folder / "index")
    for name, text in FILES.items():
        (settings.corpus / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.corpus / name).write_text(text, encoding="utf-8")
    rebuild(settings)
    return settings


@pytest.fixture
def reader(served: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the page serve FILES; the test only looks and asks."""
    monkeypatch.setenv("TANYA_CORPUS", str(served.corpus))
    monkeypatch.setenv("TANYA_INDEX", str(served.index))


@pytest.fixture
def keeper(served: Settings, settings: Settings) -> Settings:
    """Give the test its own copy of FILES and their index, to change and to rebuild."""
    shutil.copytree(served.corpus, settings.corpus)
    shutil.copytree(served.index, settings.index)
    return settings


@pytest.fixture
def build_page(write_corpus: WriteCorpus, settings: Settings) -> BuildPage:
    """Return a function that writes a corpus and builds the index that the page is to serve."""

    def build(files: Mapping[str, str | bytes]) -> Settings:
        write_corpus(files)
        rebuild(settings)
        return settings

    return build


@pytest.fixture
def in_jakarta(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the clock's zone to seven hours before UTC."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system's time zone cannot be set for one process")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "WIB-7")
        time.tzset()
        yield
    time.tzset()


def visit() -> AppTest:
    """Open the page."""
    return AppTest.from_file("../app.py", default_timeout=60).run()


def ask(page: AppTest, question: str) -> AppTest:
    """Type a question and press Enter."""
    return page.text_input(key="question").set_value(question).run()


def choose(page: AppTest, language: str) -> AppTest:
    """Choose the page's language by its name."""
    code = {"Bahasa Indonesia": "id", "English": "en"}[language]
    return page.segmented_control(key="language").set_value(code).run()


def choice(page: AppTest, name: str) -> Any:
    """Return the widget by which a reader chooses documents, or the number of passages."""
    [found] = [
        widget
        for widget in (*page.multiselect, *page.segmented_control)
        if str(widget.key).startswith(f"choose-{name}-")
    ]
    return found


def built(page: AppTest, settings: Settings) -> AppTest:
    """Build the index as another process does, and show the page again."""
    rebuild(settings)
    return page.run()


def cards(page: AppTest) -> list[str]:
    """Return the HTML of the passages that are shown, from the top."""
    return [html for html in said(page.main.get("html")) if html.startswith("<article")]


def line(page: AppTest) -> str:
    """Return the HTML of the question with its matched words, "" where it is not shown."""
    found = [html for html in said(page.main.get("html")) if "tanya-question" in html]
    assert len(found) <= 1
    return "".join(found)


def words(page: AppTest, name: str) -> list[str]:
    """Return the words of what has this class, from the top."""
    found = [html for html in said(page.main.get("html")) if f'class="{name}"' in html]
    return [seen(html) for html in found if not html.startswith(("<article", "<style"))]


def seen(html: str) -> str:
    """Return the words of a card without its markup."""
    return re.sub(r"<[^>]*>", "", html)


def said(elements: object) -> list[str]:
    """Return the texts of some elements, such as all warnings of the sidebar."""
    return [element.value for element in elements]  # type: ignore[attr-defined]


# --- A first visit -------------------------------------------------------------------------------


def test_a_first_visit_is_in_indonesian_and_says_what_to_do(reader: None) -> None:
    page = visit()
    assert said(page.title) == ["Tanya"]
    assert page.text_input(key="question").label == "Pertanyaan"
    assert page.text_input(key="question").value == ""
    assert words(page, "tanya-status") == ["2 dokumen, 2 kalimat. Tekan Enter untuk bertanya."]
    assert page.segmented_control(key="language").options == ["Bahasa Indonesia", "English"]
    assert said(page.sidebar.caption) == [INDONESIAN.how_to_rebuild]
    assert len(page.sidebar.button) == 0
    assert cards(page) == []
    assert not page.exception


def test_the_sidebar_shows_documents_sentences_model_and_that_the_index_is_fresh(
    build_page: BuildPage,
) -> None:
    build_page({**FILES, "bidan.txt": "Bidan menolong ibu. Bidan merawat bayi. Bidan sabar.\n"})
    page = visit()
    metrics = {metric.label: metric.value for metric in page.sidebar.metric}
    assert metrics == {"Dokumen": "3", "Kalimat": "5"}
    assert "**Model:** `use-multilingual-v3`" in said(page.sidebar.markdown)
    assert said(page.sidebar.success) == [FRESH]
    assert said(page.sidebar.warning) == []


def test_the_build_time_is_shown_by_the_readers_own_clock(reader: None, in_jakarta: None) -> None:
    page = visit()
    [line] = [text for text in said(page.sidebar.markdown) if text.startswith("**Dibuat:** ")]
    built = datetime.strptime(line, "**Dibuat:** %Y-%m-%d %H:%M")
    assert abs((datetime.now() - built).total_seconds()) < 180


def test_large_numbers_are_written_as_the_chosen_language_writes_them(
    build_page: BuildPage,
) -> None:
    build_page({"daftar.txt": "Daftar.\n\n" + "- Butir yang sama.\n" * 1233})
    page = visit()
    assert [metric.value for metric in page.sidebar.metric] == ["1", "1.234"]
    choose(page, "English")
    assert [metric.value for metric in page.sidebar.metric] == ["1", "1,234"]


def test_skipped_files_are_counted_and_named_with_the_reason(build_page: BuildPage) -> None:
    build_page({**FILES, "kosong.txt": "", "gambar.txt": b"\x00\x01\x02\x00\x00"})
    page = visit()
    assert [expander.label for expander in page.sidebar.expander] == ["2 berkas dilewati"]
    gambar, kosong = said(page.sidebar.text)
    assert gambar.startswith("gambar.txt: ")
    assert kosong == "kosong.txt: Berkasnya kosong. Isi, atau hapus berkasnya."
    assert page.sidebar.metric[0].value == "2"


# --- Asking --------------------------------------------------------------------------------------


def test_an_answer_shows_the_passage_with_its_sentence_marked_its_title_and_its_place(
    reader: None,
) -> None:
    page = ask(visit(), MEASURES)
    assert said(page.main.subheader)[0] == "Jawaban"
    assert words(page, "tanya-sure") == ["Sangat yakin"]
    best = cards(page)[0]
    marked = re.search(r"<mark>(.*?)</mark>", best)
    assert marked is not None
    assert seen(marked[1]) == MEASURES
    assert re.search(r"<b[^>]*>tekanan</b>", marked[1])
    assert '<span class="tanya-title">Perawat</span>' in best
    assert '<span class="tanya-category">Kesehatan</span>' in best
    assert "kesehatan/perawat.md, baris 3" in best
    assert words(page, "tanya-status") == ["Dicari di 2 kalimat dari 2 dokumen"]
    assert not page.exception


def test_only_the_first_passage_of_an_answer_is_framed_as_the_best(reader: None) -> None:
    page = ask(visit(), MEASURES)
    assert ["tanya-best" in card for card in cards(page)] == [True, False]


def test_a_question_in_english_finds_the_indonesian_sentence(reader: None) -> None:
    page = ask(visit(), "Who represents a country in negotiations with other countries?")
    assert "Diplomat mewakili negaranya" in seen(cards(page)[0])


def test_english_is_chosen_with_one_click_and_the_question_stays(reader: None) -> None:
    page = choose(ask(visit(), MEASURES), "English")
    assert page.text_input(key="question").value == MEASURES
    assert page.text_input(key="question").label == "Question"
    assert said(page.main.subheader) == ["Answer", "More passages"]
    assert words(page, "tanya-sure") == ["Very sure"]
    assert "kesehatan/perawat.md, line 3" in cards(page)[0]
    assert said(page.sidebar.caption) == [ENGLISH.how_to_rebuild]
    assert said(page.sidebar.success) == ["The index matches the documents."]
    choose(page, "Bahasa Indonesia")
    assert page.text_input(key="question").value == MEASURES
    assert said(page.main.subheader) == ["Jawaban", "Kutipan lain"]


@pytest.mark.parametrize("question", ["", "   ", "\t \n"])
def test_an_empty_question_gets_the_hint_and_no_error(reader: None, question: str) -> None:
    page = ask(ask(visit(), MEASURES), question)
    assert words(page, "tanya-status") == ["2 dokumen, 2 kalimat. Tekan Enter untuk bertanya."]
    assert cards(page) == []
    assert said(page.error) == []


@pytest.mark.parametrize("question", ["?", "🦆🦆🦆", '"'])
def test_a_question_without_letter_and_digit_is_told_that_nothing_can_be_searched(
    reader: None, question: str
) -> None:
    page = ask(visit(), question)
    assert said(page.error) == ["Tidak ada yang dapat dicari. Ketik apa yang ingin Anda ketahui."]
    assert cards(page) == []
    assert page.text_input(key="question").value == question
    assert said(ask(page, MEASURES).error) == []
    assert len(cards(page)) > 0


def test_a_question_off_the_documents_is_refused_with_the_nearest_passages_folded_away(
    reader: None,
) -> None:
    page = ask(visit(), OFF_TOPIC)
    assert said(page.main.subheader) == [NOT_FOUND]
    assert said(page.main.warning) == []
    folded = page.main.expander[0]
    assert folded.label == "Bagian yang paling mendekati"
    assert not folded.proto.expanded
    assert len([html for html in said(folded.get("html")) if "<article" in html]) == 2
    assert len(page.feedback) == 2
    assert len(cards(page)) == 2
    assert not any("tanya-best" in card for card in cards(page))


@pytest.mark.parametrize(
    "question",
    [
        "a",
        "🦆🦆🦆 apa",
        '"a',
        "judul:perawat AND (NOT * OR",
        "'; DROP TABLE documents; --",
        "<script>alert(1)</script>",
        "{question} {0} %s",
        "\u202edelapan\u0000sembilan",
    ],
)
def test_any_odd_question_gets_an_answer_or_a_refusal_but_no_error(
    reader: None, question: str
) -> None:
    page = ask(visit(), question)
    assert said(page.error) == []
    assert not page.exception
    assert said(page.main.subheader)[0] in ("Jawaban", NOT_FOUND)
    assert page.text_input(key="question").value == question


def test_a_question_that_is_too_long_is_cut_and_the_reader_is_told(reader: None) -> None:
    page = ask(visit(), MEASURES + " x" * 5000)
    assert said(page.main.warning)[0] == (
        "Pertanyaan terlalu panjang: hanya 1000 karakter pertama yang dicari."
    )
    assert said(page.error) == []
    assert len(cards(page)) == 2


def test_two_sentences_of_one_passage_are_shown_in_one_card(build_page: BuildPage) -> None:
    build_page({"bidan.txt": "Bidan menolong ibu melahirkan. Bidan merawat bayi baru lahir.\n"})
    page = ask(visit(), "Bidan menolong ibu melahirkan.")
    [card] = cards(page)
    assert seen(card).endswith("Bidan menolong ibu melahirkan. Bidan merawat bayi baru lahir.")
    assert card.count("<mark") == 2
    assert card.count('<mark class="tanya-other">') == 1


def test_hostile_documents_reach_the_page_as_text(build_page: BuildPage) -> None:
    build_page(
        {"<b>tebal.md": "# <script>judul</script>\n\nIa <img src=x onerror=alert(1)> melukis.\n"}
    )
    page = ask(visit(), "Siapa yang melukis?")
    [card] = cards(page)
    assert "&lt;script&gt;judul&lt;/script&gt;" in card
    assert "&lt;img src=x onerror=alert(1)&gt;" in card
    assert "&lt;b&gt;tebal.md" in card
    assert "<script" not in card
    assert "<img" not in card


# --- Matched words -------------------------------------------------------------------------------


def test_the_question_is_shown_once_with_its_matched_words_and_their_partners(
    reader: None,
) -> None:
    page = ask(visit(), "Who represents the country in negotiations?")
    asked = line(page)
    assert asked.count('<p class="tanya-question">') == 1
    assert seen(asked) == "Who represents the country in negotiations?"
    assert 'aria-label="country ↔ negara' in asked
    assert re.search(r'title="country ↔ [^"]*, kemiripan 0,\d\d', asked)
    assert not re.search(r">(Who|the|in)<", asked)
    choose(page, "English")
    assert re.search(r'title="country ↔ [^"]*, similarity 0\.\d\d', line(page))


def test_a_word_of_the_question_and_its_partners_have_one_class(reader: None) -> None:
    page = ask(visit(), "What does a nurse do with patients?")
    number = re.search(r'class="tanya-word (tanya-q\d+)"[^>]*>patients<', line(page))
    assert number is not None
    assert re.search(
        rf'<b class="tanya-word {number[1]}" tabindex="-1">pasien</b>', "".join(cards(page))
    )


def test_a_question_of_which_nothing_matched_is_not_shown_again(reader: None) -> None:
    page = ask(visit(), "Apa itu?")
    assert cards(page)
    assert line(page) == ""
    assert not any("tanya-q0" in card for card in cards(page))


# --- Builds that come and go ---------------------------------------------------------------------


def test_changed_documents_are_noticed_and_counted(build_page: BuildPage) -> None:
    settings = build_page({**FILES, "bidan.txt": "Bidan menolong ibu.\n"})
    (settings.corpus / "apoteker.txt").write_text("Apoteker meracik obat.\n", encoding="utf-8")
    (settings.corpus / "aktuaris.txt").write_text("Aktuaris menghitung.\n", encoding="utf-8")
    (settings.corpus / "diplomat.txt").write_text("Diplomat bertugas.\n", encoding="utf-8")
    (settings.corpus / "bidan.txt").unlink()
    page = visit()
    assert said(page.sidebar.warning) == [
        "Dokumen sudah berubah sejak indeks dibuat: 2 baru, 1 berubah, 1 dihapus."
    ]
    assert said(page.sidebar.success) == []
    assert said(page.sidebar.text) == ["aktuaris.txt", "apoteker.txt", "diplomat.txt", "bidan.txt"]
    choose(page, "English")
    assert said(page.sidebar.warning) == [
        "The documents have changed since the build: 2 new, 1 changed, 1 removed."
    ]


def test_after_a_rebuild_the_question_in_the_box_is_answered_from_the_new_text(
    keeper: Settings,
) -> None:
    page = ask(visit(), "Apa yang diukur perawat setiap pagi?")
    assert "tekanan darah dan suhu tubuh" in seen(cards(page)[0])
    changed = NURSE.replace("tekanan darah dan suhu tubuh", "berat dan tinggi badan")
    (keeper.corpus / "kesehatan/perawat.md").write_text(changed, encoding="utf-8")
    built(page, keeper)
    assert said(page.sidebar.success) == [FRESH]
    assert said(page.sidebar.warning) == []
    assert page.text_input(key="question").value == "Apa yang diukur perawat setiap pagi?"
    assert "berat dan tinggi badan" in seen(cards(page)[0])
    assert not any("tekanan darah" in seen(card) for card in cards(page))


def test_an_index_rebuilt_elsewhere_answers_the_next_question(keeper: Settings) -> None:
    page = ask(visit(), MEASURES)
    (keeper.corpus / "pandai.txt").write_text("Pandai besi menempa keris.\n", encoding="utf-8")
    rebuild(keeper)
    ask(page, "Pandai besi menempa keris.")
    assert seen(cards(page)[0]).endswith("Pandai besi menempa keris.")
    assert page.sidebar.metric[0].value == "3"


def test_a_build_that_runs_is_told_with_how_far_it_is(keeper: Settings) -> None:
    with building(keeper.index) as workshop:
        workshop.notice.tell(Progress("reading", 1, 2))
        page = ask(visit(), MEASURES)
    [told] = said(page.sidebar.info)
    assert told.startswith("Indeks sedang dibangun sejak ")
    assert told.endswith(": Membaca dokumen 1 / 2.")
    assert seen(cards(page)[0]).endswith(MEASURES)


# --- What can be wrong ---------------------------------------------------------------------------


def test_a_missing_index_is_said_until_one_is_built(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    write_corpus(FILES)
    page = visit()
    assert said(page.sidebar.error) == [MISSING]
    ask(page, MEASURES)
    assert said(page.main.error) == [MISSING]
    assert cards(page) == []
    built(page, settings)
    assert said(page.error) == []
    assert said(page.sidebar.success) == [FRESH]
    assert seen(cards(page)[0]).endswith(MEASURES)


def test_an_error_shows_no_path_and_the_log_has_it(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    page = ask(visit(), MEASURES)
    assert said(page.main.error) == said(page.sidebar.error) == [MISSING]
    shown = [str(getattr(node, "proto", "")) for node in (*page.main, *page.sidebar)]
    assert any(MISSING in text for text in shown)
    assert not any(str(settings.index.parent) in text for text in shown)
    assert any(str(settings.index) in message for message in caplog.messages)


def spoil_by_removing_a_file(build: Path) -> None:
    (build / "vectors.faiss").unlink()


def spoil_by_cutting_a_file(build: Path) -> None:
    os.truncate(build / "vectors.faiss", 100)


def spoil_by_overwriting_the_sentences(build: Path) -> None:
    # The size stays as it is, as after a bad copy or a bad sector.
    with (build / "sentences.sqlite").open("r+b") as stream:
        stream.seek(1024)
        stream.write(b"\xa5" * ((build / "sentences.sqlite").stat().st_size - 1024))


def spoil_by_overwriting_the_manifest(build: Path) -> None:
    (build / "manifest.json").write_text('{"name": ', encoding="utf-8")


def spoil_by_removing_the_build(build: Path) -> None:
    shutil.rmtree(build)


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_by_removing_a_file,
        spoil_by_cutting_a_file,
        spoil_by_overwriting_the_sentences,
        spoil_by_overwriting_the_manifest,
        spoil_by_removing_the_build,
    ],
)
def test_a_damaged_index_is_said_and_rebuild_mends_it(
    keeper: Settings, spoil: Callable[[Path], None]
) -> None:
    [build] = (keeper.index / "builds").iterdir()
    spoil(build)
    page = visit()
    assert not page.exception
    assert said(page.sidebar.error) == [DAMAGED]
    ask(page, MEASURES)
    assert said(page.main.error) == [DAMAGED]
    built(page, keeper)
    assert not page.exception
    assert said(page.error) == []
    assert said(page.sidebar.success) == [FRESH]
    assert seen(cards(page)[0]).endswith(MEASURES)


def overwrite_the_middle(path: Path) -> None:
    """Spoil a file without changing its size, as a bad copy or a bad sector does."""
    size = path.stat().st_size
    with path.open("r+b") as stream:
        stream.seek(size // 4)
        stream.write(b"\xa5" * (size // 2))


def test_documents_spoiled_in_the_middle_are_called_damaged_and_rebuild_mends_them(
    build_page: BuildPage,
) -> None:
    long = "---\ncatatan: " + "panjang sekali " * 20_000 + "\n---\nBidan menolong ibu.\n"
    settings = build_page({**FILES, "bidan.md": long})
    [build] = (settings.index / "builds").iterdir()
    overwrite_the_middle(build / "sentences.sqlite")
    page = ask(visit(), MEASURES)
    assert said(page.main.error) == [DAMAGED]
    built(page, settings)
    assert said(page.error) == []
    assert seen(cards(page)[0]).endswith(MEASURES)


def test_rebuild_mends_vectors_that_were_spoiled_although_no_document_changed(
    keeper: Settings,
) -> None:
    [build] = (keeper.index / "builds").iterdir()
    overwrite_the_middle(build / "vectors.faiss")
    assert rebuild(keeper).published
    page = ask(visit(), MEASURES)
    assert seen(cards(page)[0]).endswith(MEASURES)


def test_an_index_whose_corpus_is_gone_still_answers(keeper: Settings) -> None:
    shutil.rmtree(keeper.corpus)
    page = ask(visit(), MEASURES)
    assert seen(cards(page)[0]).endswith(MEASURES)
    assert said(page.sidebar.warning) == [
        "Dokumen sudah berubah sejak indeks dibuat: 0 baru, 0 berubah, 2 dihapus."
    ]


def test_an_index_of_another_model_answers_and_says_so(
    reader: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANYA_MODEL", "intfloat/multilingual-e5-small")
    page = ask(visit(), MEASURES)
    assert said(page.main.warning) == [
        "Indeks dibuat dengan model lain dan menjawab sampai dibangun ulang."
    ]
    assert said(page.error) == []


def test_a_wrong_setting_is_said_in_the_chosen_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANYA_RESULTS", "banyak")
    page = visit()
    assert said(page.error) == ["Ada pengaturan yang keliru; log menyebutkan yang mana."]
    choose(page, "English")
    assert said(page.error) == ["A setting is wrong; the log says which."]
    assert not page.exception


# --- Examples, and what was asked before ---------------------------------------------------------


def examples(page: AppTest) -> list[str]:
    """Return the example questions that are shown, as a reader reads them."""
    return [unescaped(b.label) for b in page.main.button if (b.key or "").startswith("example-")]


def unescaped(label: str) -> str:
    """Return what a label shows, Markdown's backslashes taken away."""
    return re.sub(r"\\(.)", r"\1", label)


def test_examples_are_drawn_from_the_documents_and_asked_with_one_click(
    build_page: BuildPage,
) -> None:
    build_page(
        {
            "kesehatan/perawat.md": NURSE + "\n## Alat\n\nIa memakai tensimeter.\n",
            "kesehatan/bidan.md": "# Bidan\n\nBidan menolong ibu melahirkan.\n",
            "seni/pelukis.md": "# Pelukis\n\nIa melukis potret dengan cat minyak.\n",
            "catatan.txt": "Tanpa judul, hanya satu kalimat yang panjang di sini.\n",
        }
    )
    page = visit()
    shown = examples(page)
    assert len(shown) == len(set(shown)) == 4
    assert "Perawat: Alat?" in shown
    assert all(re.search("Perawat|Bidan|Pelukis", question) for question in shown)
    page.button(key=f"example-{shown.index('Perawat: Alat?')}").click().run()
    assert page.text_input(key="question").value == "Perawat: Alat?"
    assert any("tensimeter" in seen(card) for card in cards(page))
    assert examples(page) == []


def test_there_are_other_examples_at_a_click_and_at_another_visit(
    build_page: BuildPage,
) -> None:
    build_page({f"{i}.md": f"# Judul {i}\n\nIsi nomor {i}.\n" for i in range(40)})
    page = visit()
    shown = examples(page)
    assert len(shown) == 4
    assert examples(page.run()) == shown
    assert examples(page.button(key="more-examples").click().run()) != shown
    assert examples(visit()) != shown


def test_documents_without_titles_give_examples_by_what_their_sentences_say(
    build_page: BuildPage,
) -> None:
    build_page(
        {
            "x1.txt": (
                "Perawat adalah orang yang merawat pasien di rumah sakit.\n"
                "Tugas utama meliputi mengukur tekanan darah. Ia adalah orang sabar.\n"
                "Pekan sebelum libur adalah yang paling sibuk.\n"
            ),
            "x2.txt": (
                "Pelukis mural adalah seniman yang melukis di dinding.\n"
                "Tugas utamanya adalah mengecat. Pekan depan rilis adalah istirahat.\n"
            ),
        }
    )
    shown = examples(visit())
    assert len(shown) == len(set(shown)) == 4
    assert {"Apa tugas utama perawat?", "Apa tugas utama pelukis mural?"}.intersection(shown)
    assert not any("pekan" in question for question in shown)
    assert any(question.startswith("Apa bedanya p") for question in shown)
    assert not any("ia?" in question.split() for question in shown)


def test_documents_that_name_nothing_give_no_examples(build_page: BuildPage) -> None:
    build_page({"1.txt": "Kalimat pertama di sini.\n\nKalimat kedua juga."})
    assert examples(visit()) == []


def test_what_was_asked_in_this_visit_can_be_asked_again(reader: None) -> None:
    page = ask(ask(visit(), MEASURES), "Apa itu diplomat?")
    history = [b for b in page.main.button if (b.key or "").startswith("history-")]
    assert [unescaped(b.label) for b in history] == ["Apa itu diplomat?", MEASURES]
    history[1].click().run()
    assert page.text_input(key="question").value == MEASURES
    assert seen(cards(page)[0]).endswith(MEASURES)
    assert not [b for b in visit().main.button if (b.key or "").startswith("history-")]


# --- Choosing documents --------------------------------------------------------------------------


def test_a_filter_restricts_the_answer_and_is_cleared_with_one_click(reader: None) -> None:
    page = ask(visit(), "Siapa yang bekerja setiap hari?")
    assert len(cards(page)) == 2
    box = choice(page, "category")
    assert box.options == ["(tanpa kategori) (1)", "Kesehatan (1)"]
    box.set_value(["kesehatan"]).run()
    assert len(cards(page)) == 1
    assert "kesehatan/perawat.md" in cards(page)[0]
    assert words(page, "tanya-status") == ["Dicari di 1 dari 2 dokumen"]
    assert words(page, "tanya-chips") == ["Hanya di:Kesehatan"]
    page.button(key="clear-filter").click().run()
    assert len(cards(page)) == 2
    assert words(page, "tanya-chips") == []


def test_front_matter_becomes_filters_with_counts(build_page: BuildPage) -> None:
    build_page(
        {
            "a.md": "---\nlevel: dasar\n---\n# A\n\nBidan menolong ibu.\n",
            "b.md": "---\nlevel: lanjut\n---\n# B\n\nBidan merawat bayi.\n",
        }
    )
    page = ask(visit(), "Bidan")
    box = choice(page, "attribute-level")
    assert (box.label, box.options) == ("level", ["dasar (1)", "lanjut (1)"])
    box.set_value(["lanjut"]).run()
    assert [seen(card)[:1] for card in cards(page)] == ["B"]
    assert page.query_params["attribute"] == "level:lanjut"


def test_the_number_of_passages_can_be_chosen(build_page: BuildPage) -> None:
    build_page({f"{i}.md": f"# Judul {i}\n\nPerawat nomor {i} menulis.\n" for i in range(12)})
    page = ask(visit(), "Perawat menulis apa?")
    assert len(cards(page)) == 5
    choice(page, "results").set_value(10).run()
    assert len(cards(page)) == 10
    assert page.query_params["n"] == "10"


# --- Links ---------------------------------------------------------------------------------------


def opened(link: str) -> AppTest:
    """Open the page by a link."""
    page = AppTest.from_file("../app.py", default_timeout=60)
    for name, values in parse_qs(urlsplit(link).query).items():
        page.query_params[name] = values if len(values) > 1 else values[0]
    return page.run()


def links(page: AppTest) -> list[str]:
    """Return the links that are offered to be copied: those to sentences, then to the question."""
    return [text for text in said(page.main.get("code")) if "lang=" in text]


def test_a_link_to_a_question_shows_the_same(reader: None) -> None:
    page = choose(ask(visit(), MEASURES), "English")
    choice(page, "document").set_value(["kesehatan/perawat.md"]).run()
    again = opened(links(page)[-1])
    assert again.text_input(key="question").value == MEASURES
    assert choice(again, "document").value == ["kesehatan/perawat.md"]
    assert said(again.main.subheader) == ["Answer"]
    assert cards(again) == cards(page)
    assert again.query_params == page.query_params


def test_a_link_to_a_sentence_shows_it_in_its_passage(reader: None) -> None:
    page = ask(visit(), MEASURES)
    again = opened(links(page)[0])
    assert said(again.main.subheader)[0] == "Kalimat yang ditautkan"
    assert seen(cards(again)[0]).endswith(MEASURES)
    assert said(again.main.warning) == []
    again.button(key="linked-close").click().run()
    assert said(again.main.subheader)[0] == "Jawaban"
    assert "s" not in again.query_params


def test_a_link_to_a_sentence_that_has_changed_shows_both(keeper: Settings) -> None:
    link = links(ask(visit(), MEASURES))[0]
    changed = NURSE.replace("tekanan darah", "denyut nadi")
    (keeper.corpus / "kesehatan/perawat.md").write_text(changed, encoding="utf-8")
    rebuild(keeper)
    page = opened(link)
    assert said(page.main.warning) == ["Kalimat ini sudah berubah sejak tautannya dibuat."]
    assert words(page, "tanya-quote") == [MEASURES]
    assert "denyut nadi dan suhu tubuh" in seen(cards(page)[0])
    (keeper.corpus / "kesehatan/perawat.md").unlink()
    rebuild(keeper)
    page = opened(link)
    assert said(page.main.warning) == ["Dokumen dari kalimat ini tidak ada lagi."]
    assert words(page, "tanya-quote") == [MEASURES]


@pytest.mark.parametrize(
    "link",
    [
        "?lang=xx&n=9999&category=tidak+ada&document=x&attribute=y&attribute=a:b&q=Bidan",
        "?s=%00:../../etc/passwd&t=<script>alert(1)</script>",
        "?s=abc&n=-1&q=apa%ED%A0%80",
        "?n=%C2%B2&lang=&q=",
    ],
)
def test_an_address_that_makes_no_sense_does_no_harm(reader: None, link: str) -> None:
    page = opened(link)
    assert not page.exception
    assert said(page.main.error) == []
    assert page.segmented_control(key="language").value == "id"


# --- Copies and files -----------------------------------------------------------------------------


def test_the_results_can_be_downloaded(reader: None) -> None:
    page = ask(visit(), MEASURES)
    assert [b.label for b in page.main.download_button] == ["Markdown", "CSV", "JSON"]


def test_a_passage_can_be_copied_with_its_source(reader: None) -> None:
    page = ask(visit(), MEASURES)
    assert said(page.main.get("code"))[0] == (
        f"“{MEASURES}”\n— Perawat (kesehatan/perawat.md, baris 3)"
    )


# --- What a reader thought of it -----------------------------------------------------------------


def feedback(settings: Settings) -> list[tuple[str, ...]]:
    """Return what was kept: question, document, sentence and verdict."""
    with contextlib.closing(sqlite3.connect(settings.index / FEEDBACK)) as connection:
        return connection.execute(
            "SELECT question, document, sentence, verdict FROM feedback ORDER BY rowid"
        ).fetchall()


def test_what_a_reader_thought_of_a_passage_is_kept(keeper: Settings) -> None:
    page = ask(visit(), MEASURES)
    page.feedback[0].set_value(1).run()
    page.feedback[0].set_value(0).run()
    page.button(key="unanswered").click().run()
    assert said(page.toast) == ["Terima kasih, tercatat di komputer ini."]
    about = (MEASURES, "kesehatan/perawat.md", sentence_mark(MEASURES))
    assert feedback(keeper) == [(*about, said) for said in ("good", "bad", "unanswered")]
    assert seen(cards(page)[0]).endswith(MEASURES)


def test_feedback_that_cannot_be_kept_breaks_nothing(keeper: Settings) -> None:
    page = ask(visit(), MEASURES)
    (keeper.index / FEEDBACK).unlink()
    (keeper.index / FEEDBACK).mkdir()
    page.feedback[0].set_value(1).run()
    assert said(page.toast) == [INDONESIAN.not_kept]
    assert said(page.error) == []
    assert seen(cards(page)[0]).endswith(MEASURES)


def test_feedback_can_be_switched_off(reader: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANYA_FEEDBACK", "false")
    page = ask(visit(), MEASURES)
    assert len(page.feedback) == 0
    assert "unanswered" not in [button.key for button in page.main.button]


# --- How many may come ---------------------------------------------------------------------------


def test_beyond_the_most_sessions_one_is_asked_to_wait_and_keeps_the_question(
    reader: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANYA_MAX_SESSIONS", "1")
    # The sessions of other tests have left, which is noticed once they are collected.
    gc.unfreeze()
    gc.collect()
    st.cache_resource.clear()
    first = ask(visit(), MEASURES)
    second = AppTest.from_file("../app.py", default_timeout=60)
    second.query_params["q"] = "Apa itu diplomat?"
    second.run()
    assert said(second.warning) == [INDONESIAN.crowded]
    assert cards(second) == []
    assert second.query_params["q"] == "Apa itu diplomat?"
    assert seen(cards(ask(first, "Apa itu diplomat?"))[0])
    # Who leaves makes room.
    del first
    gc.unfreeze()
    gc.collect()
    assert seen(cards(second.run())[0])


def test_what_a_session_held_is_collected_though_it_was_set_apart(
    reader: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "_APART", 0.001)
    page = ask(visit(), MEASURES)

    class Held:
        """What a session holds, in a circle as its parts are."""

        def __init__(self) -> None:
            self.self = self

    held = Held()
    gone = weakref.ref(held)
    ask(page, "Apa itu diplomat?")
    assert gc.get_freeze_count() > 0
    del held
    ask(page, MEASURES)
    assert gone() is None


def builds(settings: Settings) -> set[str]:
    """Return the names of the builds on the disk."""
    return {path.name for path in (settings.index / "builds").iterdir()}


def test_a_tab_that_is_left_open_keeps_no_build_from_being_removed(keeper: Settings) -> None:
    settings = dataclasses.replace(keeper, keep_builds=1)
    # With an answer, a refusal, a linked sentence and the first page.
    answered, refused = ask(visit(), MEASURES), ask(visit(), OFF_TOPIC)
    linked = AppTest.from_file("../app.py", default_timeout=60)
    linked.query_params["s"] = f"{sentence_mark(MEASURES)}:kesehatan/perawat.md"
    left = [answered, refused, linked.run(), visit()]
    catalogue = weakref.ref(live_searcher(load()).current().catalogue)
    [before] = builds(settings)
    (settings.corpus / "pilot.txt").write_text("Pilot menerbangkan pesawat.\n", encoding="utf-8")
    rebuild(settings)
    assert seen(cards(ask(visit(), "Siapa yang menerbangkan pesawat?"))[0])
    (settings.corpus / "guru.txt").write_text("Guru mengajar murid.\n", encoding="utf-8")
    rebuild(settings)
    assert before not in builds(settings)
    assert catalogue() is None
    # Who comes back to such a tab goes on in it.
    assert seen(cards(ask(left[0], "Siapa yang mengajar murid?"))[0])


def test_a_question_is_kept_after_its_answer_is_shown_and_also_where_that_is_broken_off(
    keeper: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []

    def keep(index: Path, asked: Sequence[Asked]) -> bool:
        kept.extend(one.question for one in asked)
        st.html("<p>kept</p>")
        return True

    monkeypatch.setattr(main, "record_asked", keep)
    page = ask(visit(), MEASURES)
    shown = said(page.main.get("html"))
    [at] = [i for i, html in enumerate(shown) if html == "<p>kept</p>"]
    assert (
        max(i for i, html in enumerate(shown) if "tanya-card" in html and "<style" not in html) < at
    )
    # Something else on the page is touched.
    page.run()
    assert kept == [MEASURES]

    def broken_off(*_: object) -> None:
        st.stop()

    monkeypatch.setattr(main, "show_answer", broken_off)
    ask(page, OFF_TOPIC)
    assert kept == [MEASURES, OFF_TOPIC]


# --- Refusals and notes --------------------------------------------------------------------------


def test_a_refusal_offers_the_nearest_topics_as_questions(reader: None) -> None:
    page = ask(visit(), OFF_TOPIC)
    topics = [b for b in page.main.button if (b.key or "").startswith("topic-")]
    assert "Perawat" in [unescaped(b.label) for b in topics]
    next(b for b in topics if unescaped(b.label) == "Perawat").click().run()
    assert page.text_input(key="question").value == "Apa itu Perawat?"


def test_a_refusal_says_what_was_understood_and_offers_to_search_everything(
    reader: None,
) -> None:
    page = visit()
    choice(page, "category").set_value([""])
    ask(page, "gmn cara memperbaiki mesin sepeda motor yg mogok?")
    assert words(page, "tanya-note")[0] == (
        "Dicari sebagai: bagaimana cara memperbaiki mesin sepeda motor yang mogok?"
    )
    assert len(cards(page)) == 1
    page.button(key="ask-everywhere").click().run()
    assert len(cards(page)) == 2


def test_a_question_that_is_answered_without_a_calibration_says_so_and_not_that_it_was_cut(
    reader: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Note("uncalibrated", "not calibrated")
    monkeypatch.setattr(Searcher, "_notes", property(lambda self: (note,)))
    page = ask(visit(), "Apa yang diukur perawat tiap pagi?")
    assert INDONESIAN.notes["uncalibrated"] in said(page.main.caption)
    assert said(page.main.warning) == []


# --- The texts -----------------------------------------------------------------------------------

# What the page fills in, by the name of the text; all other texts have no placeholder.
PLACEHOLDERS = {
    "hint": {"documents", "sentences"},
    "example_about": {"title"},
    "example_heading": {"title", "heading"},
    "example_facet": {"title", "facet"},
    "example_learn": {"title"},
    "example_difference": {"title", "other"},
    "searching": {"sentences"},
    "searched_in": {"documents", "sentences"},
    "searched_among": {"documents", "chosen"},
    "filters": {"count"},
    "sureness": {"words", "level"},
    "notes.cut": {"count"},
    "searched": {"wording"},
    "place": {"document", "line"},
    "partner": {"word", "similarity"},
    "stale": {"added", "changed", "removed"},
    "skipped": {"count"},
    "rebuilt": {"documents", "sentences", "embedded", "reused"},
    "building": {"since", "stage", "done", "total"},
    "other_settings": {"names"},
}
# These are the same word in both languages.
SAME = {"title", "model"}


def every_text(texts: Texts) -> dict[str, str]:
    """Return all texts of a language by name; those in dictionaries as ``name.key``."""
    found = {}
    for name, value in ((f.name, getattr(texts, f.name)) for f in dataclasses.fields(texts)):
        if isinstance(value, str):
            found[name] = value
        else:
            for key, text in value.items():
                found[f"{name}.{key if isinstance(key, str) else key.__name__}"] = text
    return found


@pytest.mark.parametrize("texts", [INDONESIAN, ENGLISH], ids=["id", "en"])
def test_every_text_is_filled_in_and_has_the_placeholders_that_the_page_fills(
    texts: Texts,
) -> None:
    for name, text in every_text(texts).items():
        assert text.strip() == text != "", name
        fields = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
        assert fields == PLACEHOLDERS.get(name, set()), name


def test_both_languages_have_the_same_texts_in_their_own_words() -> None:
    indonesian, english = every_text(INDONESIAN), every_text(ENGLISH)
    assert indonesian.keys() == english.keys()
    assert {name for name, text in indonesian.items() if text == english[name]} == SAME


@pytest.mark.parametrize("texts", [INDONESIAN, ENGLISH], ids=["id", "en"])
def test_every_stage_of_a_build_and_every_error_has_words(texts: Texts) -> None:
    assert set(texts.stages) == set(get_args(get_type_hints(Progress)["stage"]))
    assert set(texts.notes) == set(get_args(NoteKind))
    assert set(texts.errors) >= {
        CorpusError,
        EncoderError,
        IndexBusyError,
        IndexDamagedError,
        IndexMismatchError,
        IndexMissingError,
        IndexWriteError,
        QuestionError,
        SettingsError,
    }
