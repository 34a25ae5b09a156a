"""Files, encodings, front matter, plain text and Markdown: what is read, and where it stands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tanya.documents import ReadDocument, Unreadable, list_files, read_document
from tanya.documents.front_matter import parse_front_matter
from tanya.documents.parsing import parse_document
from tanya.errors import CorpusError
from tanya.records import Document
from tanya.text import visible, without_closing_marks

WriteCorpus = Callable[[Mapping[str, str | bytes]], Path]

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 20_000_000
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
INDONESIAN = "Perawat merawat pasien di rumah sakit. Ia bekerja dalam giliran.\n"
RUSSIAN = (
    "Медсестра ухаживает за пациентами в больнице. Она работает посменно и ведёт записи "
    "о состоянии больных.\n"
)
JAPANESE = (
    "看護師は病院で患者の世話をします。毎日、医師と相談しながら薬を配り、記録をつけます。"
    "夜勤もあります。\n"
)
FRENCH = (
    "L’infirmière s’occupe des malades à l’hôpital. Elle travaille déjà très tôt, même l’été. "
    "Le diplomate représente son pays à l’étranger ; il négocie des accords et rédige des "
    "rapports. Son métier exige une grande discrétion et la maîtrise de plusieurs langues.\n"
)
LONG = (
    "Pegawai ini bekerja setiap hari di Kementerian Luar Negeri Republik Indonesia bersama "
    "Direktorat Jenderal Kerja Sama Multilateral dan Bank Dunia di Jakarta."
)
WRAPPED = "\n".join(textwrap.wrap(LONG, 60))


def parsed(text: str, path: str = "a.md") -> Document:
    """Return a decoded text, taken apart."""
    return parse_document(path, text, "utf-8", parse_front_matter(text))


def pieces(document: Document) -> list[tuple[str, str]]:
    """Return the kind and the text of every block."""
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def texts(document: Document) -> list[str]:
    """Return the text of every block, white space folded and hidden markup left out."""
    return [
        visible(document.text, block.start, block.end, document.hidden) for block in document.blocks
    ]


def read_bytes(folder: Path, data: bytes, limit: int = LIMIT) -> ReadDocument | Unreadable:
    """Return what becomes of a file ``a.txt`` that holds ``data``."""
    folder.mkdir(exist_ok=True)
    (folder / "a.txt").write_bytes(data)
    (file,) = list_files(folder)
    return read_document(file, limit)


def read_good(folder: Path, data: bytes) -> ReadDocument:
    """Return the document that a file ``a.txt`` with ``data`` is."""
    found = read_bytes(folder, data)
    assert isinstance(found, ReadDocument), found
    return found


def refused(folder: Path, data: bytes, limit: int = LIMIT) -> str:
    """Return why a file ``a.txt`` with ``data`` is not a document."""
    found = read_bytes(folder, data, limit)
    assert isinstance(found, Unreadable), found
    return found.reason


def problems(corpus: Path) -> dict[str, str | None]:
    """Return what is wrong with each file that the corpus lists."""
    return {file.path: file.problem for file in list_files(corpus)}


# Files


def test_texts_and_markdown_in_any_folder_are_listed_in_the_order_of_their_paths(
    write_corpus: WriteCorpus,
) -> None:
    corpus = write_corpus(
        {"b.txt": "x", "a/z.md": "x", "a/b/c.TXT": "x", "Z.Md": "x", "foto.png": PNG, "x": "x"}
    )
    assert [file.path for file in list_files(corpus)] == ["Z.Md", "a/b/c.TXT", "a/z.md", "b.txt"]
    assert [file.size for file in list_files(corpus)] == [1, 1, 1, 1]


def test_an_ending_in_capitals_is_read_like_one_in_small_letters(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({"A.MD": "# **Judul**\n\nIsi."})
    found = read_document(list_files(corpus)[0], LIMIT)
    assert isinstance(found, ReadDocument)
    assert found.document.title == "Judul"


def test_hidden_files_and_folders_are_passed_over(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({".rahasia.txt": "x", ".git/a.md": "x", "a/.b/c.txt": "x", "d.txt": "x"})
    assert problems(corpus) == {"d.txt": None}


def test_a_missing_corpus_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no folder .*tiada.* --corpus"):
        list_files(tmp_path / "tiada")


def test_a_file_in_the_place_of_the_corpus_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(CorpusError, match=r"a\.txt' is not a folder"):
        list_files(tmp_path / "a.txt")


def test_a_corpus_may_itself_be_a_link(write_corpus: WriteCorpus, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(write_corpus({"a.txt": "x", "b/c.md": "y"}))
    assert problems(link) == {"a.txt": None, "b/c.md": None}


def test_a_broken_link_is_skipped_and_named(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({"a.txt": "x"})
    (corpus / "putus.txt").symlink_to("tiada.txt")
    assert problems(corpus) == {"a.txt": None, "putus.txt": "it is a link to nothing"}
    found = read_document(list_files(corpus)[1], LIMIT)
    assert isinstance(found, Unreadable)
    assert found.reason == "it is a link to nothing"


def test_a_link_that_leads_to_itself_is_skipped_and_named(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({"a.txt": "x"})
    (corpus / "satu.md").symlink_to("dua.md")
    (corpus / "dua.md").symlink_to("satu.md")
    why = "it is a link that leads to itself"
    assert problems(corpus) == {"a.txt": None, "satu.md": why, "dua.md": why}


def test_a_link_out_of_the_corpus_is_not_read(write_corpus: WriteCorpus, tmp_path: Path) -> None:
    corpus = write_corpus({"a.txt": "x"})
    (tmp_path / "rahasia.txt").write_text("rahasia")
    (tmp_path / "corpus2").mkdir()
    (tmp_path / "corpus2" / "b.txt").write_text("rahasia juga")
    (corpus / "keluar.txt").symlink_to(tmp_path / "rahasia.txt")
    (corpus / "mirip.txt").symlink_to("../corpus2/b.txt")
    (corpus / "rantai.txt").symlink_to("keluar.txt")
    why = "it is a link to a file outside the corpus"
    assert problems(corpus) == {
        "a.txt": None,
        "keluar.txt": why,
        "mirip.txt": why,
        "rantai.txt": why,
    }


def test_a_link_to_a_file_inside_the_corpus_is_read(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({"a/asli.txt": "Isi asli."})
    (corpus / "salinan.txt").symlink_to("a/asli.txt")
    found = read_document(list_files(corpus)[1], LIMIT)
    assert isinstance(found, ReadDocument)
    assert found.document.path == "salinan.txt"
    assert found.document.text == "Isi asli."


def test_links_to_folders_are_named_and_not_followed(
    write_corpus: WriteCorpus, tmp_path: Path
) -> None:
    corpus = write_corpus({"a/b.txt": "x"})
    (corpus / "a" / "atas").symlink_to("..")
    (corpus / "luar").symlink_to(tmp_path)
    why = "it is a link to a folder; links to folders are not followed"
    assert problems(corpus) == {"a/b.txt": None, "a/atas": why, "luar": why}


def test_a_pipe_is_named_and_does_not_hang(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({"a.txt": "x"})
    os.mkfifo(corpus / "pipa.txt")
    assert problems(corpus) == {"a.txt": None, "pipa.txt": "it is not an ordinary file"}


def test_a_folder_with_the_ending_of_a_document_is_a_folder(write_corpus: WriteCorpus) -> None:
    assert problems(write_corpus({"a.md/b.txt": "x"})) == {"a.md/b.txt": None}


def test_names_with_blanks_quotes_and_emoji_are_kept(write_corpus: WriteCorpus) -> None:
    names = [
        "a b  c.txt",
        'it\'s "x".md',
        "😀 👩‍⚕️.txt",
        "caf\u00e9.txt",
        "cafe\u0301.txt",
        "a;b&c$(d).txt",
        "%41.md",
    ]
    corpus = write_corpus({f"folder 😀/{name}": f"Isi {i}." for i, name in enumerate(names)})
    files = list_files(corpus)
    assert {file.path for file in files} == {f"folder 😀/{name}" for name in names}
    for file in files:
        found = read_document(file, LIMIT)
        assert isinstance(found, ReadDocument)
        assert found.document.text == f"Isi {names.index(file.path.removeprefix('folder 😀/'))}."
        assert found.document.category == "folder 😀"


def test_a_name_that_is_not_utf_8_is_written_out_and_read(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({})
    (corpus / os.fsdecode(b"kaf\xe9\xff.txt")).write_text("Isi kafe.")
    (file,) = list_files(corpus)
    assert file.path == "kaf\\xe9\\xff.txt"
    found = read_document(file, LIMIT)
    assert isinstance(found, ReadDocument)
    assert found.document.text == "Isi kafe."


def test_two_files_never_have_the_same_name(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({"a\\xff.txt": "Satu."})
    (corpus / os.fsdecode(b"a\xff.txt")).write_text("Dua.")
    assert len({file.path for file in list_files(corpus)}) == 2


def test_folders_a_thousand_deep_do_not_stop_the_listing(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({"a.txt": "x"})
    before = Path.cwd()
    try:
        os.chdir(corpus)
        for _ in range(1200):
            os.mkdir("d")  # noqa: PTH102
            os.chdir("d")
        os.chdir(before)
        assert "a.txt" in problems(corpus)
    finally:
        os.chdir(before)
        subprocess.run(["rm", "-rf", str(corpus / "d")], check=True)


def test_a_file_and_a_folder_without_permission_are_named(write_corpus: WriteCorpus) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may read everything, and there is no setpriv")
    corpus = write_corpus({"a.txt": "Isi.", "tertutup.txt": "x", "gelap/b.txt": "x"})
    (corpus / "tertutup.txt").chmod(0)
    (corpus / "gelap").chmod(0)
    code = (
        "import json, sys; from pathlib import Path;"
        "from tanya.documents import list_files, read_document;"
        "print(json.dumps({f.path: getattr(read_document(f, 1000), 'reason', None)"
        " for f in list_files(Path(sys.argv[1]))}))"
    )
    guard = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
    try:
        done = subprocess.run(
            [*guard, sys.executable, "-c", code, str(corpus)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        (corpus / "gelap").chmod(0o700)
    assert json.loads(done.stdout) == {
        "a.txt": None,
        "gelap": "cannot list it: Permission denied",
        "tertutup.txt": "cannot read it: Permission denied",
    }


def test_a_file_that_went_away_after_the_listing_is_refused(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({"a.txt": "Isi."})
    (file,) = list_files(corpus)
    (corpus / "a.txt").unlink()
    found = read_document(file, LIMIT)
    assert isinstance(found, Unreadable)
    assert found.reason == "cannot read it: No such file or directory"


def test_a_file_over_the_limit_is_refused_with_the_limit(tmp_path: Path) -> None:
    reason = refused(tmp_path / "c", b"x" * 1001, limit=1000)
    assert "larger than 0.001 MB" in reason
    assert "max_file_mb" in reason
    assert isinstance(read_bytes(tmp_path / "c", b"x" * 1000, limit=1000), ReadDocument)


def test_a_file_that_grew_after_the_listing_is_refused(write_corpus: WriteCorpus) -> None:
    corpus = write_corpus({"a.txt": "Isi."})
    (file,) = list_files(corpus)
    (corpus / "a.txt").write_bytes(b"x" * 2000)
    found = read_document(file, 1000)
    assert isinstance(found, Unreadable)
    assert "larger than 0.001 MB" in found.reason


@pytest.mark.parametrize(
    "data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", "\u3000\u2028\n".encode()]
)
def test_a_file_without_a_character_is_empty(tmp_path: Path, data: bytes) -> None:
    assert refused(tmp_path / "c", data) == "it is empty"


def test_a_file_of_front_matter_alone_has_no_text(tmp_path: Path) -> None:
    reason = refused(tmp_path / "c", b"---\ntitle: Kosong\n---\n\n")
    assert reason == "it has no text below its front matter"


# Encodings


@pytest.mark.parametrize(
    ("data", "text", "noted"),
    [
        (INDONESIAN.encode(), INDONESIAN, None),
        (JAPANESE.encode(), JAPANESE, None),
        (b"\xef\xbb\xbf" + INDONESIAN.encode(), INDONESIAN, None),
        (b"\xff\xfe" + INDONESIAN.encode("utf-16-le"), INDONESIAN, "utf-16"),
        (b"\xfe\xff" + INDONESIAN.encode("utf-16-be"), INDONESIAN, "utf-16"),
        (b"\xff\xfe" + JAPANESE.encode("utf-16-le"), JAPANESE, "utf-16"),
        (b"\xfe\xff" + JAPANESE.encode("utf-16-be"), JAPANESE, "utf-16"),
        (INDONESIAN.encode("utf-16-le"), INDONESIAN, "utf-16-le"),
        (INDONESIAN.encode("utf-16-be"), INDONESIAN, "utf-16-be"),
        (RUSSIAN.encode("utf-16-le"), RUSSIAN, "utf-16-le"),
        (RUSSIAN.encode("utf-16-be"), RUSSIAN, "utf-16-be"),
        (b"\xff\xfe\0\0" + RUSSIAN.encode("utf-32-le"), RUSSIAN, "utf-32"),
        (JAPANESE.encode("shift_jis"), JAPANESE, "cp932"),
        (RUSSIAN.encode("cp1251"), RUSSIAN, "cp1251"),
        (
            "Ia berkata, “Ya” – lalu pergi…\n".encode("cp1252"),
            "Ia berkata, “Ya” – lalu pergi…\n",
            "cp1252",
        ),
        ((INDONESIAN + "Café.").encode("cp1252"), INDONESIAN + "Café.", "cp1252"),
        (FRENCH.encode("cp1252"), FRENCH, "cp1252"),
    ],
)
def test_every_usual_encoding_is_read_to_the_letter_and_noted(
    tmp_path: Path, data: bytes, text: str, noted: str | None
) -> None:
    found = read_good(tmp_path / "c", data)
    assert found.document.text == text
    if noted is None:
        assert found.notes == ()
    else:
        assert len(found.notes) == 1
        assert f"read as {noted}, not UTF-8" in found.notes[0]


@pytest.mark.parametrize(
    "data",
    [
        PNG,
        b"Teks dengan \0 di tengah",
        b"Teks dengan\0 di tengah",
        b"\xef\xbb\xbfTeks dengan \0 di tengah",
        INDONESIAN.encode("utf-16")[:-1],
        bytes(range(128, 256)) * 8,
    ],
)
def test_what_is_not_text_is_refused_with_a_remedy(tmp_path: Path, data: bytes) -> None:
    assert "UTF-8" in refused(tmp_path / "c", data)


def test_a_stray_byte_in_a_text_of_western_letters_is_read_and_noted(tmp_path: Path) -> None:
    found = read_good(tmp_path / "c", b"Ini teks biasa saja \xff, panjang sekali sampai akhir.")
    assert found.document.text.startswith("Ini teks biasa saja ")
    assert found.document.text.endswith(", panjang sekali sampai akhir.")
    assert len(found.notes) == 1


@pytest.mark.parametrize("bad", [b"\xff", b"\x93kutip\x94", b"\xc3"])
def test_a_bad_byte_does_not_spoil_the_other_letters_of_a_utf_8_text(
    tmp_path: Path, bad: bytes
) -> None:
    data = ("Perawat “baik” – kata Émile – bekerja di kafé. " * 20).encode() + bad
    found = read_good(tmp_path / "c", data)
    assert found.document.text.count("Perawat “baik” – kata Émile – bekerja di kafé. ") == 20
    assert len(found.notes) == 1


# Front matter


def test_front_matter_gives_attributes_and_a_title_and_is_no_block() -> None:
    text = "---\ntitle: Perawat\nlang: ID\nlabel: [a, b]\nn: 3\n---\n# Judul lain\n\nIsi.\n"
    document = parsed(text)
    assert document.title == "Perawat"
    assert document.attributes == {"title": "Perawat", "lang": "ID", "label": ["a", "b"], "n": 3}
    assert document.language == "id"
    assert pieces(document) == [("heading", "Judul lain"), ("paragraph", "Isi.")]
    assert document.blocks[1].headings == ("Judul lain",)


@pytest.mark.parametrize(
    ("stated", "language"),
    [("de", "de"), ("EN-us", "en"), ("pt_BR", "pt"), ("ind", "ind"), (" ar ", "ar")],
)
def test_a_language_is_its_code_without_the_region(
    tmp_path: Path, stated: str, language: str
) -> None:
    found = read_good(tmp_path, f"---\nlang: '{stated}'\n---\nIsi.\n".encode())
    assert (found.document.language, found.notes) == (language, ())


@pytest.mark.parametrize("stated", ["Indonesia", "bahasa Inggris", "x", "i18n"])
def test_a_language_that_is_no_code_is_noted_and_ignored(tmp_path: Path, stated: str) -> None:
    found = read_good(tmp_path, f"---\nlang: {stated}\n---\nIsi.\n".encode())
    assert found.document.language is None
    [note] = found.notes
    assert f"names the language '{stated}', which is no code such as id or en" in note


@pytest.mark.parametrize("path", ["a.md", "a.txt"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_front_matter_is_found_with_any_line_ends_in_any_format(path: str, end: str) -> None:
    text = f"---{end}title: Bidan{end}---{end}Isi satu.{end}"
    document = parsed(text, path)
    assert document.title == "Bidan"
    assert pieces(document) == [("paragraph", "Isi satu.")]


def test_dates_and_odd_values_in_front_matter_become_plain_ones() -> None:
    text = "---\nsejak: 2024-05-01\njam: 2024-05-01 10:00:00\nx: .nan\n2024: ya\n---\nIsi."
    attributes = parsed(text).attributes
    assert attributes == {
        "sejak": "2024-05-01",
        "jam": "2024-05-01 10:00:00",
        "x": "nan",
        "2024": "ya",
    }
    assert json.dumps(attributes)


@pytest.mark.parametrize(
    ("yaml", "title"),
    [
        ("title: 2024", "2024"),
        ("title: 2024-05-01", "2024-05-01"),
        ("TITLE: Besar", "Besar"),
        ("title: |\n  Dua\n  baris", "Dua baris"),
        ("title: ''", "Isi"),
        ("title:", "Isi"),
        ("title: [a, b]", "Isi"),
        ('title: "\\U0001F600 Perawat"', "😀 Perawat"),
        ('title: "\\ud83d\\ude00 Perawat"', "😀 Perawat"),
    ],
)
def test_a_title_may_be_any_short_value_and_else_is_the_heading(yaml: str, title: str) -> None:
    assert parsed(f"---\n{yaml}\n---\n# Isi\n\nTeks.").title == title


@pytest.mark.parametrize("word", ["No", "yes", "On"])
def test_a_title_that_yaml_takes_for_a_truth_value_is_not_shown_as_true_or_false(word: str) -> None:
    assert parsed(f"---\ntitle: {word}\n---\n# Isi\n\nTeks.").title in {word, "Isi"}


@pytest.mark.parametrize(
    "yaml",
    [
        "title: [a",
        "title: Perawat: tugasnya",
        "- satu\n- dua",
        "42",
        "\ttitle: x",
        "a: \x07",
        "a: 2024-13-45",
        "a: 2001-12-14t21:59:43.10-99:30",
        "a: !!python/object/apply:os.system ['echo']",
        'a: "\\U00110000"',
        "? [a, b]\n: c",
        "a: !!int ''",
        "a: !!bool x",
        "a: !!timestamp x",
        "[" * 300,
        "{a: " * 300,
    ],
)
def test_broken_front_matter_is_noted_and_the_text_below_it_is_read(
    tmp_path: Path, yaml: str
) -> None:
    found = read_good(tmp_path / "c", f"---\n{yaml}\n---\nIsi yang baik.\n".encode())
    assert pieces(found.document) == [("paragraph", "Isi yang baik.")]
    assert found.document.attributes == {}
    assert len(found.notes) == 1
    assert "front matter is not valid YAML and was ignored" in found.notes[0]


def test_the_note_on_broken_front_matter_names_the_line(tmp_path: Path) -> None:
    found = read_good(tmp_path / "c", b"---\nlang: id\ntitle: A: b\n---\nIsi.\n")
    assert "(line 3: " in found.notes[0]


def test_aliases_that_stand_for_gigabytes_are_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    yaml = "\n".join(lines)
    start = time.process_time()
    found = read_good(tmp_path / "c", f"---\n{yaml}\n---\nIsi.".encode())
    assert time.process_time() - start < 2
    assert found.document.attributes == {}
    assert "aliases" in found.notes[0]


def test_brackets_in_brackets_a_thousand_deep_are_refused_at_once(tmp_path: Path) -> None:
    start = time.process_time()
    found = read_good(tmp_path / "c", b"---\na: " + b"[" * 4000 + b"\n---\nIsi.")
    assert time.process_time() - start < 1
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    "yaml",
    [
        'title: "\\ud800x"',
        'a: "\\udfff"',
        '"\\ud800": x',
        "title: 0x" + "F" * 6000,
        "a: [0x" + "F" * 6000 + "]",
        "0x" + "F" * 6000 + ": x",
    ],
)
def test_no_front_matter_makes_a_document_that_cannot_be_stored(yaml: str) -> None:
    document = parsed(f"---\n{yaml}\n---\nIsi.")
    assert json.dumps(document.attributes, ensure_ascii=False).encode("utf-8")
    assert (document.title or "").encode("utf-8") is not None
    assert pieces(document)[-1] == ("paragraph", "Isi.")


def test_front_matter_without_an_end_is_text() -> None:
    document = parsed("---\ntitle: Perawat\n\nIsi.", "a.txt")
    assert document.attributes == {}
    assert "title: Perawat" in " ".join(texts(document))


def test_a_rule_further_down_is_no_front_matter() -> None:
    document = parsed("Awal.\n\n---\ntitle: x\n---\n\nAkhir.")
    assert document.attributes == {}
    assert texts(document) == ["Awal.", "title: x", "Akhir."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\n\nSebuah pembukaan.\n\n---\n\nIsi.", ["Sebuah pembukaan.", "Isi."]),
        ("---\n\nCatatan: ini isi.\n\n---\n\nIsi.", ["Catatan: ini isi.", "Isi."]),
        ("---\n\n# Judul\n\nCatatan: a: b\n\n---\n\nIsi.", ["Judul", "Catatan: a: b", "Isi."]),
    ],
)
def test_text_between_two_rules_is_not_taken_for_front_matter(text: str, words: list[str]) -> None:
    assert texts(parsed(text)) == words


# Titles and categories


@pytest.mark.parametrize(
    ("path", "text", "title"),
    [
        ("a.md", "# Perawat\n\nIsi.", "Perawat"),
        ("a.md", "# Perawat ##\n\nIsi.", "Perawat"),
        ("a.md", "## Perawat\n\nIsi.\n\n# Lain\n\nIsi.", "Perawat"),
        ("a.md", "Perawat\n=======\n\nIsi.", "Perawat"),
        ("a.md", "# **Perawat** [gigi](x.html) `A`\n\nIsi.", "Perawat gigi A"),
        ("a.md", "#\n\n# Perawat\n\nIsi.", "Perawat"),
        ("a.md", "Isi.", None),
        ("a.md", "#Perawat\n\nIsi.", None),
        ("a.txt", "# Perawat\nIsi.", "Perawat"),
        ("a.txt", "Perawat\n=======\nIsi.", None),
        ("a.txt", "#Perawat\nIsi.", None),
    ],
)
def test_the_title_is_the_first_heading(path: str, text: str, title: str | None) -> None:
    assert parsed(text, path).title == title


@pytest.mark.parametrize(
    ("path", "category"),
    [("a.md", ""), ("kesehatan/a.md", "kesehatan"), ("a b/c 😀/d.txt", "a b/c 😀")],
)
def test_the_category_is_the_folder(path: str, category: str) -> None:
    assert parsed("Isi.", path).category == category


def test_headings_above_a_block_are_outermost_first_without_the_title() -> None:
    document = parsed(
        "# Judul\n\nA.\n\n## Satu\n\nB.\n\n### Dua\n\nC.\n\n## Tiga\n\nD.\n\n# Empat\n\nE."
    )
    above = {
        document.text[block.start : block.end]: block.headings
        for block in document.blocks
        if block.kind == "paragraph"
    }
    assert above == {
        "A.": (),
        "B.": ("Satu",),
        "C.": ("Satu", "Dua"),
        "D.": ("Tiga",),
        "E.": ("Empat",),
    }


def test_a_title_with_two_blanks_is_not_repeated_among_the_headings() -> None:
    document = parsed("# Ahli  gizi\n\nIsi.", "a.txt")
    assert document.title == "Ahli gizi"
    assert document.blocks[1].headings == ()


# Paragraphs


@pytest.mark.parametrize("path", ["a.md", "a.txt"])
def test_one_line_a_paragraph_gives_a_block_a_line(path: str) -> None:
    lines = [
        "Perawat merawat pasien. Ia bekerja di rumah sakit bersama dokter dan bidan setiap hari, "
        "siang dan malam, dengan sabar.",
        "Tugas utamanya banyak",
        "Ia mencatat keadaan pasien.",
    ]
    assert pieces(parsed("\n".join(lines), path)) == [("paragraph", line) for line in lines]


@pytest.mark.parametrize("path", ["a.md", "a.txt"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_wrapped_lines_are_one_paragraph(path: str, end: str) -> None:
    wrapped = WRAPPED.replace("\n", end)
    document = parsed(f"{wrapped}{end}{end}{wrapped}{end}", path)
    assert pieces(document) == [("paragraph", wrapped), ("paragraph", wrapped)]
    assert texts(document) == [LONG, LONG]


@pytest.mark.parametrize(
    ("path", "long_line"),
    [
        ("a.txt", "https://contoh.go.id/" + "panjang/" * 15),
        ("a.md", "<https://contoh.go.id/" + "panjang/" * 15 + ">"),
        ("a.md", "| Nama | Uraian |\n|---|---|\n| Perawat | " + "kata " * 30 + "|"),
        ("a.md", "```\n" + "x = 1; " * 25 + "\n```"),
        ("a.md", "# Judul " + "yang amat panjang " * 8),
    ],
)
def test_one_long_line_elsewhere_does_not_tear_wrapped_paragraphs(
    path: str, long_line: str
) -> None:
    found = texts(parsed(f"{WRAPPED}\n\n{long_line}\n\n{WRAPPED}\n", path))
    assert found[0] == LONG
    assert found[-1] == LONG


def test_a_line_that_plainly_goes_on_is_joined_to_the_next() -> None:
    document = parsed("Perawat itu bekerja\ndi rumah sakit.\nIa sabar.", "a.txt")
    assert texts(document) == ["Perawat itu bekerja di rumah sakit.", "Ia sabar."]


TIMETABLE = """\
Senin 07.00 Upacara bendera di lapangan
Senin 08.00 Matematika dengan Bu Rina
Selasa 07.00 Bahasa Inggris dengan Pak Joko
Selasa 09.00 Olahraga bersama kelas 7B
Rabu 07.00 Ilmu Pengetahuan Alam di lab
Kamis 08.00 Seni budaya dengan Bu Wati
Jumat 07.00 Senam pagi di lapangan"""
ADDRESSES = """\
Ahmad Fauzi, Jl. Melati No. 5, Bandung, 0812-1111-2222
Siti Aminah, Jl. Kenanga No. 12, Cimahi, 0812-3333-4444
Budi Santoso, Gg. Mawar No. 3, Bandung, 0812-5555-6666"""
BUSES = """\
07:15 Line 4 to Station Road, stops at the market
07:45 Line 12 to Harlow Mill, stops at the school
08:15 Line 4 to Station Road, stops at the market"""
PRODUCTS = """\
kode,nama,harga,stok,pemasok
b-01,beras ramos lima kilo,72000,14,toko subur
b-02,gula pasir satu kilo,17000,30,toko manis
b-03,minyak goreng dua liter,36000,21,toko subur
b-04,telur ayam satu kilo,28000,9,peternak desa"""
PLAYERS = """\
Kapten regu putra: Bagus Prasetyo dari Malang
Penjaga gawang: Yohanes Wanggai dari Jayapura
Penyerang tengah: Rahmat Hidayat dari Medan"""
NOTICES = """\
Perpustakaan tutup pada hari besar nasional.
Buku dipinjam paling lama selama dua minggu.
Denda dibayar kepada petugas di meja depan."""
CODES = """\
lt1 ruang tunggu pasien dan loket pendaftaran
lt2 poliklinik anak dan poliklinik kandungan
lt3 kamar operasi dan ruang rawat intensif"""
ALIKE = """\
pukul tujuh pagi upacara bendera di lapangan
pukul delapan pagi pelajaran matematika lagi
pukul sembilan pagi istirahat di kantin sekolah"""


@pytest.mark.parametrize("path", ["a.md", "a.txt"])
@pytest.mark.parametrize(
    "entries", [TIMETABLE, ADDRESSES, BUSES, PRODUCTS, PLAYERS, NOTICES, CODES, ALIKE]
)
def test_the_lines_of_a_list_are_not_joined_though_all_are_about_as_long(
    path: str, entries: str
) -> None:
    lines = entries.splitlines()
    assert texts(parsed(f"Sekolah Kita\n\n{entries}\n", path)) == ["Sekolah Kita", *lines]
    # Nor below wrapped text, nor right below a title.
    below = parsed(f"{WRAPPED}\n\nSekolah Kita\n{entries}\n", path)
    assert texts(below) == [LONG, "Sekolah Kita", *lines]


@pytest.mark.parametrize(
    "wrapped",
    [
        # German: every line begins with a capital letter, by chance.
        "Der Ausschuss des Landtags prüft jedes Jahr den\n"
        "Haushalt der Gemeinden im Norden und legt dem\n"
        "Minister einen Bericht über seine Prüfung vor.",
        # Names and years begin and fill the lines.
        "Pada tanggal 17 Agustus 1945 di Jakarta, Bung\n"
        "Karno membacakan naskah pada pukul 10 bersama\n"
        "Hatta, dan 68 tahun kemudian rumah itu dibuka.",
        # A sentence without an end, as before a list.
        "Yang wajib dibawa oleh para siswa ke sekolah dan\n"
        "Kantor Dinas Pendidikan pada hari pertama adalah\n"
        "Kartu Keluarga",
        # A title of two lines.
        "Laporan Tahunan Kantor Dinas Pendidikan Kabupaten\nBandung Barat",
        # An address on lines of its own.
        "Kantor Dinas Pendidikan Kota, Jalan Melati No. 5,\n"
        "Bandung 40123, Provinsi Jawa Barat, Indonesia 7,\n"
        "Kotak Pos 12",
        "PERATURAN MENTERI PENDIDIKAN TENTANG SEKOLAH YANG\n"
        "MENERIMA SISWA BARU DARI LUAR KOTA DAN KABUPATEN\n"
        "DENGAN KARTU KELUARGA",
        # A poem whose verses go on over their lines.
        "Aku berjalan sendiri di tepi laut yang biru dan\n"
        "Angin membawa namamu ke pulau di seberang sana,\n"
        "Tempat kita dahulu menunggu kapal yang pulang.",
        # What people say, within the text.
        "“Besok,” kata Ibu kepada kami, “kita berangkat ke\n"
        "rumah nenek,” lalu Ayah menyahut, “jangan lupa,”\n"
        "dan kami bertanya, “naik apa?”",
        "She paid 1,200 dollars for it, and sold it again\n"
        "for 3,500 dollars a year later, which was 2,300\n"
        "dollars more.",
    ],
)
def test_wrapped_text_is_joined_though_its_lines_begin_like_a_list(wrapped: str) -> None:
    assert texts(parsed(f"{wrapped}\n", "a.txt")) == [wrapped.replace("\n", " ")]


def test_mixed_line_ends_part_lines_and_offsets_stay_exact() -> None:
    text = "Satu.\r\nDua.\nTiga.\rEmpat.\r\n\r\nLima.\n\r\nEnam."
    words = ["Satu.", "Dua.", "Tiga.", "Empat.", "Lima.", "Enam."]
    for path in ("a.txt", "a.md"):
        document = parsed(text, path)
        assert pieces(document) == [("paragraph", word) for word in words]
        assert [block.start for block in document.blocks] == [text.index(word) for word in words]


def test_offsets_count_characters_from_the_top_of_the_file_front_matter_included() -> None:
    text = "---\ntitle: 😀\n---\n\n# 👩‍⚕️ Judul\n\nIsi é́ satu.\n\n- butir 😀\n"
    document = parsed(text)
    assert [(b.start, b.end) for b in document.blocks] == [
        (text.index("👩"), text.index("👩") + len("👩‍⚕️ Judul")),
        (text.index("Isi"), text.index("Isi") + len("Isi é́ satu.")),
        (text.index("butir"), len(text) - 1),
    ]


# Plain text


def test_plain_lists_give_items_without_their_marks() -> None:
    text = "Tugas:\n- satu\n• dua\n1. tiga\n2) empat\n(3) lima\na. enam\nb) tujuh"
    assert pieces(parsed(text, "a.txt")) == [
        ("paragraph", "Tugas:"),
        ("item", "satu"),
        ("item", "dua"),
        ("item", "tiga"),
        ("item", "empat"),
        ("item", "lima"),
        ("item", "enam"),
        ("item", "tujuh"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "H. Agus Salim adalah diplomat ulung.",
        "B. J. Habibie lahir di Parepare.",
        "R. Soepomo menyusun undang-undang.",
    ],
)
def test_an_initial_before_a_name_is_no_list_mark(text: str) -> None:
    assert pieces(parsed(text, "a.txt")) == [("paragraph", text)]


def test_an_item_goes_on_in_a_line_that_begins_with_a_small_letter() -> None:
    document = parsed("- menyusun laporan\n  dan anggaran\n- dua", "a.txt")
    assert texts(document) == ["menyusun laporan dan anggaran", "dua"]


def test_an_item_goes_on_in_an_indented_line_even_with_a_capital() -> None:
    document = parsed("- Bekerja sama dengan Kementerian\n  Luar Negeri.\n- Dua\nAkhir.", "a.txt")
    assert texts(document) == ["Bekerja sama dengan Kementerian Luar Negeri.", "Dua", "Akhir."]


def test_plain_headings_stand_above_what_follows() -> None:
    document = parsed("# Judul #\nSatu.\n## Sub ##\nDua.\n# Lain\nTiga.", "a.txt")
    assert [(b.kind, document.text[b.start : b.end], b.headings) for b in document.blocks] == [
        ("heading", "Judul", ()),
        ("paragraph", "Satu.", ()),
        ("heading", "Sub", ()),
        ("paragraph", "Dua.", ("Sub",)),
        ("heading", "Lain", ()),
        ("paragraph", "Tiga.", ("Lain",)),
    ]


RULES = """\
Peraturan Sekolah

BAB I
Kewajiban
Pasal 1
Siswa wajib datang tepat waktu setiap hari.
Pasal 2

Siswa wajib memakai seragam lengkap.

BAB II
Hak
Pasal 3
Siswa berhak meminjam tiga buku.

Ketentuan penutup

Peraturan ini berlaku mulai bulan depan.
"""


def headed(document: Document) -> list[tuple[str, tuple[str, ...]]]:
    """Return what each block but the headings says, and the headings above it."""
    said = zip(texts(document), document.blocks, strict=True)
    return [(words, block.headings) for words, block in said if block.kind != "heading"]


def test_short_lines_above_sentences_are_headings_of_a_plain_text() -> None:
    document = parsed(RULES, "a.txt")
    assert document.title == "Peraturan Sekolah"
    assert headed(document) == [
        ("Siswa wajib datang tepat waktu setiap hari.", ("BAB I", "Kewajiban", "Pasal 1")),
        ("Siswa wajib memakai seragam lengkap.", ("BAB I", "Kewajiban", "Pasal 2")),
        ("Siswa berhak meminjam tiga buku.", ("BAB II", "Hak", "Pasal 3")),
        ("Peraturan ini berlaku mulai bulan depan.", ("Ketentuan penutup",)),
    ]


@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize(
    ("title", "below"),
    [
        ("Dukungan TI", "Hubungi meja bantuan di lantai dua."),
        ("Jadwal Pelajaran Kelas 7A", TIMETABLE),
        ("Bus departures from Harlow Road", BUSES),
        ("Daftar Anggota", ADDRESSES),
        ("Bahan kue", "- tepung\n- telur"),
        ("Nasi goreng", "Nasi digoreng bersama telur dan bawang.\nRasanya gurih sekali di lidah."),
    ],
)
def test_a_short_line_at_the_top_is_the_title_of_what_follows(
    title: str, below: str, gap: str
) -> None:
    document = parsed(f"{title}\n{gap}{below}\n", "a.txt")
    assert document.title == title
    assert texts(document) == [title, *below.replace("- ", "").splitlines()]
    assert all(above == () for _, above in headed(document))


def test_the_first_of_a_series_of_headings_is_not_the_title() -> None:
    text = "Pasal 1\nWarga membayar iuran tiap bulan.\nPasal 2\nIuran dipakai untuk kebersihan."
    document = parsed(text, "a.txt")
    assert document.title is None
    assert headed(document) == [
        ("Warga membayar iuran tiap bulan.", ("Pasal 1",)),
        ("Iuran dipakai untuk kebersihan.", ("Pasal 2",)),
    ]


def test_a_series_of_headings_after_another_is_not_below_it() -> None:
    steps = [f"Langkah {i}\nAduk adonan sampai rata sekali." for i in (1, 2)]
    stages = [f"Tahap {i}\nPanggang kue sampai matang benar." for i in (1, 2)]
    document = parsed("\n\n".join(["Membuat kue", *steps, *stages]), "a.txt")
    assert [above for _, above in headed(document)] == [
        ("Langkah 1",),
        ("Langkah 2",),
        ("Tahap 1",),
        ("Tahap 2",),
    ]


def test_a_short_line_below_the_title_of_the_front_matter_is_a_heading() -> None:
    document = parsed("---\ntitle: Kantor\n---\nJam buka\nKantor buka pagi sampai sore.\n", "a.txt")
    assert document.title == "Kantor"
    assert headed(document) == [("Kantor buka pagi sampai sore.", ("Jam buka",))]


@pytest.mark.parametrize(
    "text",
    [
        # Words, names and numbers.
        "Apel\nJeruk\nMangga",
        "Apel\n\nJeruk\n\nMangga",
        "Apel\n\nJeruk\n\nMangga\n\nSemua buah ini dijual di pasar.",
        "Apel\nJeruk\nSemua buah ini dijual di pasar.",
        "Polisi 110\nAmbulans 118\nPemadam 113",
        "Siti Aminah\n0812-1111-2222\nBudi Santoso\n0813-1111-2222",
        "Siti Aminah\n\n0812-1111-2222\n\nBudi Santoso\n\n0813-1111-2222",
        "Kelas 7\nKelas 8\nSiswa dibagi menjadi dua kelas.",
        # A poem.
        "Aku ingin begini\n\nAku ingin begitu\nIngin ini ingin itu\n\nSemua dapat dikabulkan",
        # One paragraph a line, where a full stop was forgotten.
        "Perawat merawat pasien setiap hari.\nTugasnya banyak\nIa mencatat keadaan pasien.",
        "Perawat adalah tenaga kesehatan\nIa mencatat keadaan pasien.",
        # Facts in few words.
        "Buka pukul 08.00\nKami melayani semua pasien.",
        "Telepon: 0812\n\nKami melayani semua pasien.",
        "Bandung, 5 Mei\n\nKami mengundang semua warga.",
        # With nothing below it.
        "Ia mencatat keadaan pasien.\n\nGaji perawat",
        "Kami mengundang semua warga.\n\nHormat kami\n\nSiti Aminah",
        # A question, and words of a list's beginning.
        "Apa tugasnya?\nIa mencatat keadaan pasien.",
        "Tugasnya:\n- mencatat\n- merawat",
    ],
)
def test_a_short_line_that_says_something_itself_stays_a_sentence(text: str) -> None:
    document = parsed(text, "a.txt")
    assert document.title is None
    lines = [line.removeprefix("- ") for line in text.splitlines() if line]
    assert headed(document) == [(line, ()) for line in lines]


def test_short_lines_are_no_headings_where_others_are_marked() -> None:
    document = parsed("# Kantor\n\nJam buka\n\nKantor buka pagi sampai sore.", "a.txt")
    assert [above for _, above in headed(document)] == [(), ()]


OLD_HEADING = re.compile(r"(?P<marks>#{1,6})[ \t]+(?P<text>\S.*?)(?:[ \t]+#+)?$")
OLD_CLOSING = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")
HEADINGS = st.text(alphabet="##  \ta\xa0.", max_size=12)


@settings(max_examples=500, deadline=None)
@given(HEADINGS)
@example("# a # #")
@example("# # #")
@example("# #")
@example("# a\xa0 #")
def test_a_plain_heading_is_what_a_regular_expression_would_find(line: str) -> None:
    document = parsed(f"{line}\nKata.\n", "a.txt")
    found = [document.text[b.start : b.end] for b in document.blocks if b.kind == "heading"]
    expected = OLD_HEADING.fullmatch(line.strip())
    assert found == ([] if expected is None else [expected["text"]])


@settings(max_examples=500, deadline=None)
@given(HEADINGS)
@example("#")
@example("  ##")
@example("a # # ")
def test_the_marks_that_close_a_heading_are_those_a_regular_expression_would_find(
    heading: str,
) -> None:
    closing = OLD_CLOSING.search(heading)
    expected = heading if closing is None else heading[: closing.start()]
    assert without_closing_marks(heading) == expected


def test_markdown_signs_in_a_plain_text_are_its_own() -> None:
    document = parsed("Ia **tidak** [pergi](x) `ya`.\n| a | b |\n<b>x</b>", "a.txt")
    assert document.hidden == ()
    assert texts(document) == ["Ia **tidak** [pergi](x) `ya`.", "| a | b |", "<b>x</b>"]


# Markdown


def test_markdown_lists_nest_and_keep_their_lines() -> None:
    text = (
        "- satu\n- dua\n  - tiga\n    lanjut\n\n1. empat\n10. lima\n\n* enam\n\n  tujuh\n\nAkhir."
    )
    document = parsed(text)
    assert [block.kind for block in document.blocks] == ["item"] * 7 + ["paragraph"]
    assert texts(document) == [
        "satu",
        "dua",
        "tiga lanjut",
        "empat",
        "lima",
        "enam",
        "tujuh",
        "Akhir.",
    ]


def test_a_quotation_is_a_paragraph_without_its_marks() -> None:
    document = parsed("> Kutipan pertama yang\n> panjang.\n> > Dalam.\n\nAkhir.")
    assert texts(document) == ["Kutipan pertama yang panjang.", "Dalam.", "Akhir."]


def test_a_table_gives_its_columns_and_its_rows() -> None:
    document = parsed("# T\n\n| Nama | Gaji |\n|:--|--:|\n| Perawat | 5 |\n|Bidan|6|\n\nAkhir.")
    found = [(b.kind, document.text[b.start : b.end], b.headings) for b in document.blocks]
    assert found == [
        ("heading", "T", ()),
        ("columns", "Nama | Gaji", ()),
        ("row", "Perawat | 5", ("Nama | Gaji",)),
        ("row", "Bidan|6", ("Nama | Gaji",)),
        ("paragraph", "Akhir.", ()),
    ]


def test_the_names_of_columns_above_a_row_are_without_markup() -> None:
    document = parsed("| **Nama** | [Gaji](x) |\n|---|---|\n| Perawat | 5 |")
    assert document.blocks[1].headings == ("Nama | Gaji",)


def test_a_table_without_outer_bars_is_a_table() -> None:
    document = parsed("Nama | Gaji\n---|---\nPerawat | 5")
    assert pieces(document) == [("columns", "Nama | Gaji"), ("row", "Perawat | 5")]


def test_code_is_read_line_by_line_without_its_fences() -> None:
    document = parsed("```python\nSatu = 1\nDua = 2\n```\n\n    Tiga = 3\n\n~~~\nEmpat\n~~~\n")
    assert texts(document) == ["Satu = 1", "Dua = 2", "Tiga = 3", "Empat"]


def test_a_fence_that_is_never_closed_loses_no_line() -> None:
    assert texts(parsed("Awal.\n\n```\nSatu\nDua")) == ["Awal.", "Satu", "Dua"]
    assert texts(parsed("Awal.\n\n```\nSatu\nDua\n")) == ["Awal.", "Satu", "Dua"]


def test_stars_and_underscores_in_code_are_not_markup() -> None:
    document = parsed("```\ndef __init__(self): return a**b + c**d\n```")
    assert texts(document) == ["def __init__(self): return a**b + c**d"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Ini **tebal** dan *miring* dan _ini_ juga.", "Ini tebal dan miring dan ini juga."),
        ("Ini __tebal__ dan ~~coret~~.", "Ini tebal dan coret."),
        ("Ini ***tebal miring*** saja.", "Ini tebal miring saja."),
        ("Ini **tebal dengan *miring* di dalam**.", "Ini tebal dengan miring di dalam."),
        ("Sandi `a_b*c*` dan ``x`y``.", "Sandi a_b*c* dan x`y."),
        ("Buka [laman **ini**](http://x.id/a_b_c).", "Buka laman ini."),
        ('Buka [laman](http://x.id "Judul").', "Buka laman."),
        ("Ada ![foto perawat](a.png) di sini.", "Ada foto perawat di sini."),
        ("Bukan \\*miring\\* dan 1\\. butir.", "Bukan *miring* dan 1. butir."),
        ("Hitung 2 * 3 * 4 dan a_b_c.", "Hitung 2 * 3 * 4 dan a_b_c."),
        ("Nama nama__lengkap__anda.", "Nama nama__lengkap__anda."),
        ("Lihat [Kopi](https://x.org/Kopi_(minuman)) ini.", "Lihat Kopi ini."),
        ("Lihat [panduan][1] ini.\n\n[1]: https://x.id", "Lihat panduan ini."),
        ("[![lencana](a.svg)](https://x.id) Isi.", "lencana Isi."),
        ("Baris satu\\\nBaris dua", "Baris satu Baris dua"),
    ],
)
def test_markup_is_hidden_and_words_are_not(text: str, seen: str) -> None:
    document = parsed(text)
    assert " ".join(texts(document)) == seen
    assert document.text == text


def test_hidden_markup_is_at_its_exact_place() -> None:
    text = "# A\n\nIni **tebal** [laman](x.id)."
    document = parsed(text)
    assert [text[span.start : span.end] for span in document.hidden] == ["**", "**", "[", "](x.id)"]
    assert [span.start for span in document.hidden] == [9, 16, 19, 25]


def test_a_hard_break_ends_a_paragraph() -> None:
    assert texts(parsed("Jalan Melati 3  \nbandung")) == ["Jalan Melati 3", "bandung"]


def test_a_year_that_begins_a_line_stays() -> None:
    found = texts(parsed("Perang berakhir.\n1945. Itu tahunnya."))
    assert found[-1].startswith("1945")


def test_a_comment_is_not_read() -> None:
    document = parsed("# A\n\n<!-- rahasia: periksa lagi -->\n\nIsi.\n\n<!--\ndua\nbaris\n-->\n")
    assert texts(document) == ["A", "Isi."]


def test_headings_in_code_are_not_headings() -> None:
    document = parsed("```\n# bukan judul\n```\n\n# Judul\n\nIsi.")
    assert document.title == "Judul"


def test_rules_are_no_blocks() -> None:
    assert texts(parsed("Satu.\n\n***\n\nDua.\n\n- - -\n")) == ["Satu.", "Dua."]


# Any text at all

NASTY = "aB1é漢。😀 \t\n\r#-*+>|_`~[]()!\\.:'\"<&;={}\u2028\x0c\u3000\u200dا\u0301\ufeff%@/"
FRAGMENTS = [
    "---", "# ", "## ", "\n", "\r\n", "\r", "\n\n", "- ", "1. ", "a) ", "> ", "| ", " |", "\t",
    "|---|---|", "```", "~~~", "**", "__", "*", "_", "`", "[", "](", ")", "![", "<!--", "-->",
    "<b>", "\\", "  ", "    ", "kata", "Kata", "Kata.", "dr. ", "x: y", "===", "漢字。", "😀",
    "title: a", "…", "H. ", "[1]: x", "www.a.id", "\u2028", "é",
]  # fmt: skip
any_text = st.one_of(
    st.text(NASTY, max_size=60),
    st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join),
)
LETTER_MARK = re.compile(r"\s*\(?[A-Za-z][.)]")


@settings(max_examples=400, deadline=None)
@given(any_text, st.sampled_from(["a.txt", "a.md"]))
def test_any_text_gives_ordered_blocks_that_do_not_overlap(text: str, path: str) -> None:
    document = parsed(text, path)
    end = 0
    for block in document.blocks:
        assert end <= block.start < block.end <= len(text)
        words = text[block.start : block.end]
        assert words == words.strip()
        end = block.end
    for span in document.hidden:
        assert any(b.start <= span.start < span.end <= b.end for b in document.blocks)


@settings(max_examples=400, deadline=None)
@given(any_text)
@example("# A\n\n- b\n(c) d\n\ne\rf\r\ng")
def test_every_letter_of_a_plain_text_is_in_a_block(text: str) -> None:
    document = parsed(text, "a.txt")
    body = parse_front_matter(text).body
    covered = {i for block in document.blocks for i in range(block.start, block.end)}
    marks: set[int] = set()
    for line in re.finditer(r"[^\r\n]+", text):
        mark = LETTER_MARK.match(line.group())
        if mark is not None:
            marks.update(range(line.start(), line.start() + mark.end()))
    missing = [
        i
        for i, character in enumerate(text)
        if character.isalpha() and i >= body and i not in covered and i not in marks
    ]
    assert missing == []


LINES = [
    "{}", "{}.", "# {}", "### {} #", "- {}", "  - {}", "1. {}", "3) {}", "> {}", "> - {}",
    "    {}", "| {} | {} |", "|---|---|", "{}\n===", "```\n{}\n```", "", "", "***",
    "**{}** {}", "{}  ", "\t{}",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=14), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_word_of_a_markdown_text_is_in_one_block(lines: list[str], end: str) -> None:
    text = "\n".join(lines)
    count = text.count("{}")
    words = [f"kata{i}x" for i in range(count)]
    text = text.format(*words).replace("\n", end)
    document = parsed(text)
    together = [document.text[block.start : block.end] for block in document.blocks]
    for word in words:
        assert sum(word in piece for piece in together) == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_reason(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    found = read_bytes(tmp_path_factory.getbasetemp() / "bytes", data)
    if isinstance(found, Unreadable):
        assert found.reason
    else:
        assert found.document.text.encode("utf-8")
        assert "\0" not in found.document.text


def seconds(text: str, path: str = "a.md") -> float:
    """Return how long it takes to take a text apart."""
    # The quickest of three in this thread alone: other threads and the collector are no part.
    taken = []
    for _ in range(3):
        start = time.thread_time()
        parsed(text, path)
        taken.append(time.thread_time() - start)
    return min(taken)


def test_a_long_markdown_text_takes_time_in_proportion_to_its_length() -> None:
    for unit in ("Ia **merawat** [pasien](x) setiap hari.\n\n", "**a "):
        seconds(unit * 10)
        # Both lengths beyond the 2,000 characters that an unclosed mark is looked for in.
        assert seconds(unit * 4000) < 8 * max(seconds(unit * 1000), 0.01)


@pytest.mark.parametrize("path", ["a.txt", "a.md"])
def test_a_heading_with_many_blanks_takes_time_in_proportion_to_their_number(path: str) -> None:
    def heading(blanks: int) -> str:
        return f"# a{' ' * blanks}b\n\nTeks biasa.\n"

    assert seconds(heading(8000), path) < 8 * max(seconds(heading(2000), path), 0.005)


def test_a_row_of_backticks_takes_time_in_proportion_to_its_length() -> None:
    assert seconds(f"Kata {'`' * 400}") < 8 * max(seconds(f"Kata {'`' * 100}"), 0.005)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Kata ``satu` dua", "Kata ``satu` dua"),
        ("Kata ``sa`tu`` dua", "Kata sa`tu dua"),
        ("Kata \\``satu` dua", "Kata `satu dua"),
        ("Kata ```satu`` dua", "Kata ```satu`` dua"),
    ],
)
def test_backticks_are_closed_by_as_many_as_open_them(text: str, seen: str) -> None:
    assert texts(parsed(text)) == [seen]
