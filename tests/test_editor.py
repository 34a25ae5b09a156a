"""The editor through Streamlit's AppTest: who may edit, building, the gate, builds, documents."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import re
import shutil
import string
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tanya import running
from tanya.build import rebuild
from tanya.editing import list_versions
from tanya.errors import EditProblem
from tanya.evaluate import Outcome
from tanya.gaps import Reason, State
from tanya.gate import verdict
from tanya.index import building, candidate_of, list_builds, published_name
from tanya.journal import Asked, record_asked
from tanya.labels import LabelledQuestion
from tanya.page import building as building_page
from tanya.page import builds as builds_page
from tanya.page import changes as changes_page
from tanya.page import desk as desk_page
from tanya.page.access import Attempts
from tanya.page.changes import reason_words
from tanya.page.desk import TABS
from tanya.page.editor_texts import ENGLISH, INDONESIAN, EditorTexts
from tanya.page.insight_texts import INSIGHT_LANGUAGES, GapTexts, HealthTexts
from tanya.page.texts import Texts
from tanya.records import BuildInfo, Progress
from tanya.running import Runner
from tanya.settings import Settings, load
from tanya.update import Update, update

NURSE = "# Perawat\n\nPerawat mengukur tekanan darah dan suhu tubuh pasien setiap pagi.\n"
FILES = {
    "kesehatan/perawat.md": NURSE,
    "diplomat.txt": "Diplomat mewakili negaranya dalam perundingan.\n",
}
PASSWORD = "rahasia sekali"
LABEL = {
    "question": "Siapa yang mewakili negaranya dalam perundingan?",
    "document": "diplomat.txt",
    "evidence": ["mewakili negaranya"],
    "must": True,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of FILES and their index, built once. Tests get copies."""
    folder = tmp_path_factory.mktemp("made")
    settings = Settings(corpus=folder / "corpus", index=folder / "index")
    for name, text in FILES.items():
        (settings.corpus / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.corpus / name).write_text(text, encoding="utf-8")
    rebuild(settings)
    return settings


@pytest.fixture(autouse=True)
def desk(
    made: Settings, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Give the test its own copy of FILES and their index, and an editor that is off."""
    for name in [name for name in os.environ if name.startswith("TANYA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TANYA_CORPUS", str(settings.corpus))
    monkeypatch.setenv("TANYA_INDEX", str(settings.index))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made.corpus, settings.corpus, copy_function=shutil.copy2)
    shutil.copytree(made.index, settings.index)
    st.cache_resource.clear()
    return settings


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch the editor on for everybody."""
    monkeypatch.setenv("TANYA_EDITOR", "true")


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the editor behind the password."""
    monkeypatch.setenv("TANYA_ADMIN_PASSWORD", PASSWORD)


def visit(*, editor: bool = True) -> AppTest:
    """Open the editor, or the asking page."""
    page = AppTest.from_file("../app.py", default_timeout=60)
    if editor:
        page.query_params["view"] = "editor"
    return page.run()


def turn(page: AppTest, tab: str) -> AppTest:
    """Open a tab of the editor."""
    page.session_state[TABS] = tab
    return page.run()


def press(page: AppTest, key: str) -> AppTest:
    """Press a button."""
    return page.button(key=key).click().run()


def keys(page: AppTest) -> set[str]:
    """Return the keys of all buttons."""
    return {str(button.key) for button in page.button if button.key}


def said(elements: Any) -> list[str]:
    """Return the texts of some elements."""
    return [element.value for element in elements]


def shown(page: AppTest) -> str:
    """Return all that the page shows as HTML, without its styles."""
    return "\n".join(html for html in said(page.main.get("html")) if "<style" not in html)


def words(page: AppTest) -> str:
    """Return the words of that."""
    return re.sub(r"<[^>]*>", " ", shown(page))


def until_built(page: AppTest) -> AppTest:
    """Look again and again until no build runs."""
    deadline = time.monotonic() + 60
    while "rebuild" not in keys(page):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        page.run()
    return page


def choose(page: AppTest, path: str) -> AppTest:
    """Choose a document to edit, "" for a new one."""
    turn(page, INDONESIAN.documents)
    [box] = [box for box in page.selectbox if str(box.key).startswith("choose-document-")]
    return box.set_value(path).run()


def text_of(page: AppTest) -> Any:
    """Return the widget of the text that is edited."""
    [area] = page.text_area
    return area


def log_in(page: AppTest, password: str) -> AppTest:
    """Give a password."""
    [box] = [box for box in page.text_input if box.label == INDONESIAN.password]
    box.set_value(password)
    [enter] = [button for button in page.button if button.label == INDONESIAN.enter]
    return enter.click().run()


# --- Who may edit --------------------------------------------------------------------------------


def test_without_being_switched_on_there_is_no_editor_and_the_panel_says_how_to_rebuild() -> None:
    page = visit()
    assert said(page.info) == [INDONESIAN.off]
    assert keys(page) == {"back"}
    asking = visit(editor=False)
    assert "to-editor" not in keys(asking)
    assert any("python ingest.py" in text for text in said(asking.sidebar.caption))


def test_an_editor_that_is_on_is_reached_from_the_panel_and_left_for_the_same_question(
    on: None,
) -> None:
    page = visit(editor=False)
    page.text_input(key="question").set_value("Siapa yang mengukur tekanan darah?").run()
    press(page, "to-editor")
    assert said(page.title) == ["Editor"]
    assert page.query_params["view"] == "editor"
    assert "rebuild" in keys(page)
    press(page, "back")
    assert said(page.title) == ["Tanya"]
    assert page.text_input(key="question").value == "Siapa yang mengukur tekanan darah?"
    assert "view" not in page.query_params


def test_a_password_opens_the_editor_and_is_kept_nowhere(
    locked: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = log_in(visit(), "salah")
    assert said(page.error) == [INDONESIAN.wrong]
    assert "rebuild" not in keys(page)
    log_in(page, PASSWORD)
    assert said(page.error) == []
    assert "rebuild" in keys(page)
    assert PASSWORD not in repr(page.session_state)
    assert PASSWORD not in caplog.text
    press(page, "log-out")
    assert "rebuild" not in keys(page)
    assert "rebuild" not in keys(visit())


def test_the_password_is_asked_for_even_where_the_editor_is_on(on: None, locked: None) -> None:
    assert "rebuild" not in keys(visit())


def test_after_five_wrong_passwords_every_session_has_to_wait(locked: None) -> None:
    for _ in range(5):
        page = log_in(visit(), "salah")
    [told] = said(page.error)
    assert told.startswith("Terlalu banyak kata sandi")
    other = log_in(visit(), PASSWORD)
    assert "rebuild" not in keys(other)
    assert said(other.error)[0].startswith("Terlalu banyak kata sandi")


def test_the_wait_ends_a_minute_after_the_first_of_the_wrong_passwords() -> None:
    now = 100.0
    attempts = Attempts(lambda: now)
    for _ in range(5):
        assert not attempts.is_right("salah", PASSWORD)
        now += 1
    assert attempts.wait() == 55
    assert not attempts.is_right(PASSWORD, PASSWORD)
    now += 55
    assert attempts.wait() == 0
    assert attempts.is_right(PASSWORD, PASSWORD)
    assert not attempts.is_right("salah", PASSWORD)
    assert attempts.wait() == 1


# --- What there is to do, and building -----------------------------------------------------------


def test_what_changed_is_shown_file_by_file_and_rebuilding_takes_it_up(
    on: None, desk: Settings
) -> None:
    (desk.corpus / "<b>apoteker.txt").write_text("Apoteker meracik obat.\n", encoding="utf-8")
    (desk.corpus / "kosong.txt").write_text("", encoding="utf-8")
    (desk.corpus / "diplomat.txt").unlink()
    (desk.corpus / "surat.docx").write_bytes(b"PK")
    (desk.corpus / "a.<i>b").write_bytes(b"x")
    old = "Café itu buka pukul tujuh pagi dan tutup pukul sembilan malam.\n"
    (desk.corpus / "lama.txt").write_bytes(old.encode("cp1252"))
    page = visit()
    assert re.findall(r">(\w+)</span><span class=\"tanya-name\">(.*?)<", shown(page)) == [
        ("baru", "&lt;b&gt;apoteker.txt"),
        ("baru", "kosong.txt"),
        ("baru", "lama.txt"),
        ("dihapus", "diplomat.txt"),
    ]
    told = "Berkas lain yang tidak dibaca, karena bukan .txt atau .md: 1 .&lt;i&gt;b, 1 .docx"
    assert told in shown(page)
    until_built(press(page, "rebuild"))
    assert said(page.error) == []
    assert said(page.success) == ["Selesai: 3 dokumen, 3 kalimat (2 dihitung, 1 dipakai ulang)."]
    assert "kosong.txt Berkasnya kosong." in re.sub(r"\s+", " ", words(page))
    assert "Dibaca sebagai cp1252" in words(page)
    assert "Indeks sesuai dengan dokumen." in said(page.caption)
    until_built(press(page, "rebuild"))
    assert said(page.info) == ["Tidak ada yang berubah; indeks sudah mutakhir."]


def slow_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have builds report again and again for a minute, until they are stopped."""

    def slowly(settings: Settings, how: Update, on_progress: Any) -> Any:
        with building(settings.index):
            for i in range(6000):
                on_progress(Progress("embedding", i, 6000))
                time.sleep(0.01)

    monkeypatch.setattr(running, "update", slowly)


def test_a_running_build_is_seen_by_every_session_and_stopped_by_any(
    on: None, desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_down(monkeypatch)
    before = published_name(desk.index)
    page = press(visit(), "rebuild")
    other = visit()
    assert "cancel-build" in keys(other)
    assert "rebuild" not in keys(other)
    time.sleep(1.2)
    [bar] = other.run().get("progress")
    assert re.fullmatch(
        r"Menghitung vektor: \d+ dari 6\.000 kalimat · kira-kira \d+ (detik|menit) lagi",
        bar.proto.text,
    )
    until_built(press(other, "cancel-build"))
    assert said(other.info) == [INDONESIAN.cancelled]
    assert said(until_built(page).info) == [INDONESIAN.cancelled]
    assert published_name(desk.index) == before


def test_a_real_build_that_is_cancelled_leaves_the_index_as_it_was(desk: Settings) -> None:
    for i in range(200):
        (desk.corpus / f"{i}.txt").write_text(f"Kalimat nomor {i}.\n", encoding="utf-8")
    runner = Runner(desk)
    assert runner.start(Update())
    assert not runner.start(Update())
    runner.cancel(1)
    deadline = time.monotonic() + 60
    while runner.current().running:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert runner.current().cancelled
    assert len(list_builds(desk.index)) == 1


def test_a_build_of_another_process_is_shown_and_none_can_be_started(
    on: None, desk: Settings
) -> None:
    with building(desk.index) as workshop:
        workshop.notice.tell(Progress("reading", 3, 8))
        page = visit()
        assert "rebuild" not in keys(page)
        [bar] = page.get("progress")
        assert "Membaca dokumen: 3 dari 8 berkas" in bar.proto.text
    assert "rebuild" in keys(page.run())


def test_what_goes_wrong_is_said_without_a_path(on: None, desk: Settings) -> None:
    shutil.rmtree(desk.corpus)
    page = until_built(press(visit(), "rebuild"))
    told = [*said(page.error), *said(page.warning), words(page)]
    assert any("Folder dokumen tidak ada" in text for text in told)
    assert not any(str(desk.corpus.parent) in text for text in told)
    assert not page.exception


def test_without_an_index_the_editor_makes_one(on: None, desk: Settings) -> None:
    shutil.rmtree(desk.index)
    page = visit()
    assert said(page.warning) == ["Belum ada indeks. Bangun dahulu indeksnya."]
    until_built(press(page, "rebuild"))
    assert said(page.warning) == []
    assert published_name(desk.index)


# --- The gate, and going back --------------------------------------------------------------------


def test_what_the_gate_turns_away_is_shown_with_its_figures_and_can_be_published(
    on: None, desk: Settings
) -> None:
    (desk.corpus / "questions.jsonl").write_text(f"{json.dumps(LABEL)}\n", encoding="utf-8")
    (desk.corpus / "diplomat.txt").write_text("Seorang diplomat suka teh.\n", encoding="utf-8")
    before = published_name(desk.index)
    page = until_built(press(visit(), "rebuild"))
    assert published_name(desk.index) == before
    assert said(page.warning)[0] == INDONESIAN.rejected
    assert "Pertanyaan yang wajib berhasil ternyata gagal: Siapa yang mewakili" in words(page)
    assert "Benar di 5 teratas  1,00  0,00" in re.sub(r"\s\s\s+", "  ", words(page))
    assert "peringkat 1 → tidak ditemukan · wajib" in words(page)
    assert "diplomat.txt tidak memuat bukti “" in words(page)
    assert "Pertanyaan uji: 1, benar di 5 teratas: 0%" in words(turn(page, INDONESIAN.builds))
    turn(page, INDONESIAN.index)
    candidate = candidate_of(desk.index)
    assert candidate is not None
    # Another session, which did not see the build, has the figures, too.
    assert said(visit().warning)[0] == INDONESIAN.rejected
    press(page, "publish-candidate")
    assert said(page.success) == [INDONESIAN.published]
    assert published_name(desk.index) == candidate.name
    assert "publish-candidate" not in keys(page)


def test_the_page_gives_the_gates_own_reasons_in_the_readers_language(
    on: None, desk: Settings
) -> None:
    def got(number: int, rank: int | None) -> Outcome:
        label = LabelledQuestion(f"Apa {number}?", "a", ("e",), True, must=number == 49)
        return Outcome(label, rank, True, 0.9, True)

    # It falls by just as much as it may, and the question that must succeed failed before, too.
    before = [got(i, 1 if i < 25 else None) for i in range(50)]
    after = [got(i, 1 if i < 24 else None) for i in range(50)]
    (desk.corpus / "questions.jsonl").write_text(f"{json.dumps(LABEL)}\n", encoding="utf-8")
    (desk.corpus / "diplomat.txt").write_text("Seorang diplomat suka teh.\n", encoding="utf-8")
    report = update(desk, Update())
    told = dataclasses.replace(report, verdict=verdict("q", before, after, desk.gate_drop))
    building_page.runner_of(load())._run = running.Run(number=1, report=told)
    page = visit()
    assert INDONESIAN.reason_must.format(question="Apa 49?") in words(page)
    assert INDONESIAN.reason_drop not in words(page)
    assert "must be answered" not in words(page)


def test_a_candidate_of_another_process_is_shown_with_its_figures(on: None, desk: Settings) -> None:
    (desk.corpus / "questions.jsonl").write_text(f"{json.dumps(LABEL)}\n", encoding="utf-8")
    (desk.corpus / "diplomat.txt").write_text("Seorang diplomat suka teh.\n", encoding="utf-8")
    assert update(desk, Update()).rejected
    page = visit()
    assert said(page.warning)[0] == INDONESIAN.unpublished
    assert "Benar di 5 teratas" in words(page)


def test_any_kept_build_is_published_again_after_a_confirmation(on: None, desk: Settings) -> None:
    first = published_name(desk.index)
    (desk.corpus / "bidan.txt").write_text("Bidan menolong ibu.\n", encoding="utf-8")
    rebuild(desk)
    page = turn(visit(), INDONESIAN.builds)
    assert INDONESIAN.roll_back_ask in words(page)
    assert [build.state for build in list_builds(desk.index)] == ["published", "kept"]
    press(page, f"publish-{first}")
    assert said(page.success) == [INDONESIAN.published]
    assert published_name(desk.index) == first
    assert "baru" in words(turn(page, INDONESIAN.index))


# --- Documents -----------------------------------------------------------------------------------


def test_an_editor_that_is_left_open_at_a_gap_keeps_no_build_from_being_removed(
    on: None, desk: Settings
) -> None:
    settings = dataclasses.replace(desk, keep_builds=1)
    record_asked(settings.index, [Asked("Apa itu pilot?", False, 0.1, "", "", "", 20.0)])
    left = visit()
    left.session_state["handled-gap"] = "Apa itu pilot?"
    turn(left, INSIGHT_LANGUAGES["id"].gaps.tab)
    assert "refuse-gap-0" in keys(left)
    before = published_name(settings.index)
    for number in range(2):
        (settings.corpus / "baru.txt").write_text(f"Pilot punya {number} sayap.\n")
        rebuild(settings)
        visit(editor=False).text_input(key="question").set_value("Apa itu pilot?").run()
    assert before not in {path.name for path in (settings.index / "builds").iterdir()}


def test_a_document_is_edited_its_sentences_are_seen_and_its_old_text_is_kept(
    on: None, desk: Settings
) -> None:
    page = choose(visit(), "kesehatan/perawat.md")
    assert text_of(page).value == NURSE
    text_of(page).set_value("# Perawat\n\nIa <b>sabar</b>. Ia teliti.\n").run()
    assert "Beginilah teksnya dipotong: 2 kalimat" in said(page.subheader)
    assert '<span class="tanya-said">Perawat</span><span>Ia teliti.</span>' in shown(page)
    assert "&lt;b&gt;sabar" in shown(page)
    press(page, "save-document")
    assert said(page.success)[0].endswith("tersimpan. Bangun ulang indeks agar ikut menjawab.")
    saved = (desk.corpus / "kesehatan/perawat.md").read_text(encoding="utf-8")
    assert saved == "# Perawat\n\nIa <b>sabar</b>. Ia teliti.\n"
    choose(page, "kesehatan/perawat.md")
    press(page, "restore-version")
    assert text_of(page).value == NURSE
    assert (desk.corpus / "kesehatan/perawat.md").read_text(encoding="utf-8") == saved
    press(page, "save-document")
    assert (desk.corpus / "kesehatan/perawat.md").read_text(encoding="utf-8") == NURSE


def test_a_new_document_needs_a_good_name_and_keeps_its_text_until_it_has_one(
    on: None, desk: Settings
) -> None:
    page = choose(visit(), "")
    text_of(page).set_value("Bidan menolong ibu.")
    for name, problem in (
        ("", "no_name"),
        ("../x.txt", "outside"),
        ("x.html", "suffix"),
        ("diplomat.txt", "exists"),
    ):
        [box] = [box for box in page.text_input if box.label == INDONESIAN.name]
        box.set_value(name)
        press(page, "save-document")
        assert said(page.error) == [INDONESIAN.problems[problem]]
        assert text_of(page).value == "Bidan menolong ibu."
    [box] = [box for box in page.text_input if box.label == INDONESIAN.name]
    box.set_value("baru/bidan.txt")
    press(page, "save-document")
    assert said(page.error) == []
    assert (desk.corpus / "baru/bidan.txt").read_text(encoding="utf-8") == "Bidan menolong ibu.\n"


def test_a_document_that_somebody_else_changed_is_not_overwritten(on: None, desk: Settings) -> None:
    page = choose(visit(), "diplomat.txt")
    (desk.corpus / "diplomat.txt").write_text("Lain.\n", encoding="utf-8")
    text_of(page).set_value("Milikku.")
    press(page, "save-document")
    assert said(page.error) == [INDONESIAN.problems["changed"]]
    assert text_of(page).value == "Milikku."
    assert (desk.corpus / "diplomat.txt").read_text(encoding="utf-8") == "Lain.\n"


def test_a_document_is_deleted_and_its_last_version_kept(on: None, desk: Settings) -> None:
    page = choose(visit(), "diplomat.txt")
    press(page, "delete-document")
    assert not (desk.corpus / "diplomat.txt").exists()
    assert len(list_versions(desk, "diplomat.txt")) == 1
    assert "dihapus" in words(turn(page, INDONESIAN.index))


def test_a_deleted_document_is_brought_back_as_it_was(on: None, desk: Settings) -> None:
    path = desk.corpus / "diplomat.txt"
    before = path.read_bytes()
    page = choose(visit(), "diplomat.txt")
    assert "bring-back" not in keys(page)
    press(page, "delete-document")
    assert not path.exists()
    press(page, "bring-back")
    assert path.read_bytes() == before
    assert "bring-back" not in keys(page)


def test_what_is_written_or_uploaded_is_still_there_after_a_look_at_another_tab(
    on: None, desk: Settings
) -> None:
    page = choose(visit(), "diplomat.txt")
    text_of(page).set_value("Belum tersimpan.").run()
    for tab in (INDONESIAN.index, INDONESIAN.builds, INDONESIAN.documents):
        turn(page, tab)
    assert text_of(page).value == "Belum tersimpan."
    press(page, "close-document")
    [upload] = page.get("file_uploader")
    upload.upload("bidan.txt", b"Bidan menolong ibu.", "text/plain").run()
    turn(page, INDONESIAN.builds)
    press(turn(page, INDONESIAN.documents), "upload-save")
    assert (desk.corpus / "bidan.txt").exists()


def test_the_files_are_looked_at_only_for_who_sees_them(
    on: None, desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    def counted(name: str, look: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def look_and_count(argument: Any) -> Any:
            looks.append(name)
            return look(argument)

        return look_and_count

    for module, name in (
        (desk_page, "list_files"),
        (desk_page, "list_removed"),
        (changes_page, "read_status"),
        (builds_page, "list_builds"),
    ):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    page = visit()
    for tab, expected in (
        (INSIGHT_LANGUAGES["id"].health.tab, []),
        (INSIGHT_LANGUAGES["id"].gaps.tab, []),
        (INDONESIAN.index, ["read_status"]),
        (INDONESIAN.documents, ["list_files", "list_removed"]),
        (INDONESIAN.builds, ["list_builds"]),
    ):
        looks.clear()
        turn(page, tab)
        assert looks == expected, tab


def test_files_are_uploaded_into_a_folder_and_what_is_no_document_is_named(
    on: None, desk: Settings
) -> None:
    page = visit()
    [upload] = page.get("file_uploader")
    upload.upload("bidan.txt", b"Bidan menolong ibu.", "text/plain")
    upload.upload("rusak.txt", b"\x00\x01\x02\x00", "text/plain").run()
    page.text_input(key="upload-folder-0").set_value("kesehatan/").run()
    press(page, "upload-save")
    assert (desk.corpus / "kesehatan/bidan.txt").read_bytes() == b"Bidan menolong ibu."
    assert not (desk.corpus / "kesehatan/rusak.txt").exists()
    assert said(page.success)[0].startswith("1 berkas tersimpan.")
    assert said(page.error) == [
        f"kesehatan/rusak\\.txt tidak disimpan. {INDONESIAN.reasons['no_text']}".replace("/", "\\/")
    ]


# --- The texts -----------------------------------------------------------------------------------


def every_text(texts: EditorTexts | GapTexts | HealthTexts) -> dict[str, str]:
    """Return all texts of a language by name; those in dictionaries as ``name.key``."""
    found = {}
    for name, value in ((f.name, getattr(texts, f.name)) for f in dataclasses.fields(texts)):
        if isinstance(value, str):
            found[name] = value
        else:
            found |= {f"{name}.{key}": text for key, text in value.items()}
    return found


def fields(text: str) -> set[str]:
    """Return what is filled into a text."""
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def test_both_languages_have_the_same_texts_with_the_same_gaps_in_their_own_words() -> None:
    indonesian, english = every_text(INDONESIAN), every_text(ENGLISH)
    assert indonesian.keys() == english.keys()
    for name, text in indonesian.items():
        assert text.strip() == text != ""
        assert fields(text) == fields(english[name]), name
    same = {name for name, text in indonesian.items() if text == english[name]}
    assert same == {"title"}


def test_gaps_and_health_have_the_same_texts_with_the_same_gaps_in_their_own_words() -> None:
    indonesian, english = INSIGHT_LANGUAGES["id"], INSIGHT_LANGUAGES["en"]
    for own, other in ((indonesian.gaps, english.gaps), (indonesian.health, english.health)):
        texts, others = every_text(own), every_text(other)
        assert texts.keys() == others.keys()
        for name, text in texts.items():
            assert text.strip() == text != ""
            assert fields(text) == fields(others[name]), name
        assert {name for name, text in texts.items() if text == others[name]} <= {"milliseconds"}
    for language in (indonesian, english):
        assert set(language.gaps.states) == set(get_args(State))
        assert set(language.gaps.reasons) == set(get_args(Reason))


@pytest.mark.parametrize("kind", [Texts, EditorTexts, GapTexts, HealthTexts])
def test_every_text_is_shown_somewhere(kind: type) -> None:
    folder = Path(desk_page.__file__).parent
    code = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    names = [field.name for field in dataclasses.fields(kind)]
    assert [name for name in names if not re.search(rf"\.{name}\b", code)] == []


def test_every_problem_state_and_stage_has_words() -> None:
    for texts in (INDONESIAN, ENGLISH):
        assert set(texts.problems) == set(get_args(EditProblem))
        assert set(texts.states) == set(get_args(get_type_hints(BuildInfo)["state"]))
        assert set(texts.progress) == set(get_args(get_type_hints(Progress)["stage"]))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("it is empty", "empty"),
        ("it has the same content as a.txt", "twin"),
        (
            "it is larger than 20 MB; split it, or raise max_file_mb (TANYA_MAX_FILE_MB)",
            "too_large",
        ),
        ("it holds NUL bytes and is not text; save it as UTF-8 text", "no_text"),
        ("read as cp1252, not UTF-8; check its letters, or save it as UTF-8", "encoding"),
        ("it is UTF-8, but some of its bytes are not and became �; save it as UTF-8", "damaged"),
        ("it is a link to a file outside the corpus", "link"),
    ],
)
def test_why_a_file_was_skipped_is_said_in_the_readers_language(reason: str, kind: str) -> None:
    start = INDONESIAN.reasons[kind].split("{")[0]
    assert reason_words(reason, INDONESIAN).startswith(start)
    assert "{" not in reason_words(reason, INDONESIAN)
