"""The command line: what it prints, how it exits, and what it says of what it cannot do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tanya.build import rebuild
from tanya.cli import ingest, main
from tanya.settings import Settings
from tests.conftest import WriteCorpus

ROOT = Path(__file__).resolve().parents[1]
FILES = {
    "kesehatan/perawat.md": (
        "# Perawat\n\n## Tugas\n\nPerawat merawat pasien di rumah sakit. Ia memberi obat.\n"
    ),
    "akuntan.txt": "Akuntan menyusun laporan keuangan perusahaan.\n",
}
QUESTION = "Siapa yang merawat pasien di rumah sakit?"
ANSWER_KEYS = {"question", "answered", "confidence", "results", "build", "model"}
RESULT_KEYS = {
    *("document", "title", "sentence", "start", "end", "passage", "score", "matches"),
}
LEGACY = "Kafe itu ramai setiap hari Sabtu dan Minggu, kata Ren\xe9.".encode("cp1252")
AWKWARD = [
    *(
        "a",
        "?",
        "1",
        "x" * 10_000,
        "perawat " * 1_250,
        "🙂",
        "👩🏽‍⚕️🏥🇮🇩",
        "…",
        "-",
        "\\",
        "%s %d {0}",
    ),
    *("'; DROP TABLE sentences; --", "1 OR 1=1", '" OR ""="', "<script>alert(1)</script>"),
    *("<img src=x onerror=alert(1)>", "&lt;b&gt;", '"', '"perawat', ":", "text:perawat", "(", ")"),
    *("((perawat", "AND", "OR NOT", "perawat AND", "*", "pera*", "?*", "[a TO z]", "^2", "~", "+-"),
    *("perawat~9", "a\0b", "\x1b[31mmerah\x1b[0m", "a\nb\tc", "\u202eperawat", "\u200b", "\u0301"),
    *(
        "من يعتني بالمرضى؟",
        "谁照顾病人？",
        "ใครดูแลผู้ป่วย",
        "Кто ухаживает за больными?",
        "रोगी की देखभाल",
    ),
    *("患者の世話をするのは誰ですか", "\ud800", "siapa \udcff merawat", "İSTANBUL ß ﬁ"),
]


pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a small index that no test changes; return the folder with it and its corpus."""
    folder = tmp_path_factory.mktemp("cli")
    for name, text in FILES.items():
        path = folder / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    rebuild(Settings(corpus=folder / "corpus", index=folder / "index"))
    return folder


@pytest.fixture
def here(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in the folder with the small index, as a person would."""
    monkeypatch.chdir(built)
    return built


def _process(
    *arguments: str | bytes | Path, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run Python with ``arguments`` in a process of its own."""
    return subprocess.run(
        [*before, sys.executable, *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def _lines(path: Path, *entries: object) -> str:
    """Write questions, texts as plain lines and all else as JSON; return the file's name."""
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


# ask


def test_ask_shows_the_passage_its_source_and_the_marked_sentence(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", QUESTION]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(QUESTION + "\n")
    assert "1. Perawat › Tugas  (kesehatan/perawat.md, line 5)" in out
    assert "»Perawat merawat pasien di rumah sakit.« Ia memberi obat." in out
    assert "\x1b" not in out


def test_ask_json_has_the_documented_shape(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    answer = json.loads(out)
    assert answer.keys() >= ANSWER_KEYS
    assert answer["question"] == QUESTION
    assert type(answer["answered"]) is bool
    assert 0 <= answer["confidence"] <= 1
    assert answer["model"] == "use-multilingual-v3"
    assert answer["build"] == (here / "index" / "CURRENT").read_text(encoding="utf-8").strip()
    assert len(answer["results"]) == 3
    scores = [result["score"] for result in answer["results"]]
    assert scores == sorted(scores, reverse=True)
    for result in answer["results"]:
        assert result.keys() >= RESULT_KEYS
        text = FILES[result["document"]]
        assert text[result["start"] : result["end"]] == result["sentence"]
        assert result["sentence"] in result["passage"]
    first = answer["results"][0]
    assert (first["document"], first["title"]) == ("kesehatan/perawat.md", "Perawat")
    assert first["sentence"] == "Perawat merawat pasien di rumah sakit."


def _exact_words(answer: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the pairs of words of question and first sentence that are thought the same."""
    first = answer["results"][0]
    return {
        (
            answer["question"][match["question_start"] : match["question_end"]],
            first["sentence"][match["start"] : match["end"]],
        )
        for match in first["matches"]
        if match["similarity"] > 0.99
    }


@pytest.mark.parametrize("question", ["merawat pasien", "   merawat pasien\n"])
def test_matches_name_the_words_of_the_question_as_it_stands_in_the_answer(
    here: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    assert main(["ask", question, "--json"]) == 0
    pairs = _exact_words(json.loads(capsys.readouterr().out))
    assert pairs >= {("merawat", "merawat"), ("pasien", "pasien")}


@pytest.mark.parametrize(("k", "count"), [("1", 1), ("2", 2), ("50", 3)])
def test_k_says_how_many_passages(
    here: Path, capsys: pytest.CaptureFixture[str], k: str, count: int
) -> None:
    assert main(["ask", QUESTION, "-k", k, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["results"]) == count


@pytest.mark.parametrize("k", ["0", "-1"])
def test_k_below_one_is_refused(here: Path, capsys: pytest.CaptureFixture[str], k: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["ask", QUESTION, "-k", k])
    out, err = capsys.readouterr()
    assert (caught.value.code, out) == (2, "")
    assert f"argument -k: it is {k}; it must be at least 1" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["clean", "--keep", "0"], "argument --keep: it is 0; it must be at least 1"),
        (["ask", "a", "-k", "1.5"], "argument -k: it is '1.5'; it must be a whole number"),
        (["ingest", "--wait", "-1"], "argument --wait: it is -1; it must be at least 0"),
        (["ingest", "--wait", "nan"], "argument --wait: it is nan; it must be at least 0"),
        (["ingest", "--wait", "lama"], "argument --wait: it is 'lama'; it must be a number"),
    ],
)
def test_a_number_that_cannot_be_is_told_with_the_option_that_was_typed(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("question", ["?", "-", "…", "🙂", "\u0301"])
def test_a_question_without_letter_and_digit_finds_nothing_to_search_for(
    here: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    assert main(["ask", question]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: There is nothing to search for: ")


def test_a_refusal_does_not_sound_sure_of_what_it_is_not(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANYA_THRESHOLD", "1")
    assert main(["ask", QUESTION]) == 0
    told = capsys.readouterr().out.splitlines()[1]
    assert re.fullmatch(
        r"Not found in these documents; the chance that they answer is \d+%. The nearest:", told
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_output_that_cannot_be_written_is_told(here: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        run = subprocess.run(
            [sys.executable, "-m", "tanya", "ask", QUESTION],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert run.returncode == 1
    assert run.stderr == "error: Cannot write the output: No space left on device.\n"


@pytest.mark.parametrize(
    "start", ["run_module('tanya', ", f"run_path({str(ROOT / 'ingest.py')!r}, "]
)
def test_an_interrupt_while_loading_is_quiet(start: str) -> None:
    code = (
        "import runpy, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'tanya.cli':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        f"runpy.{start}run_name='__main__')"
    )
    run = _process("-c", code)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


@pytest.mark.skipif(os.name == "nt", reason="no name has a line break on Windows")
def test_a_name_with_a_line_break_stays_on_its_line(
    write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str]
) -> None:
    write_corpus({"a\nb.txt": FILES["akuntan.txt"], "c\nd.txt": ""})
    assert ingest([]) == 0
    out = capsys.readouterr().out
    assert "skipped: c�d.txt: it is empty\n" in out
    assert "1 document (1 added, 0 changed, 0 removed, 0 unchanged), 1 sentence (" in out
    assert "1 file skipped\n" in out
    assert main(["ask", "Siapa menyusun laporan?"]) == 0
    assert "(a�b.txt, line 1)\n" in capsys.readouterr().out


@pytest.mark.parametrize("question", ["", "   ", "\n\t ", "\u3000\u00a0"])
def test_an_empty_question_is_an_error_of_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    assert main(["ask", question]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "error: The question is empty. Type what you want to know.\n"


def test_labelled_and_plain_questions_are_answered_in_their_order(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = _lines(
        tmp_path / "q.txt",
        "Siapa merawat pasien?",
        "",
        {"question": "Siapa menyusun laporan keuangan?", "document": None, "evidence": []},
        '  "Apa [itu] obat?"  ',
        {"question": "Siapa merawat pasien?", "kind": "x", "unknown": 3},
    )
    assert main(["ask", "--questions", name, "-k", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["question"] for answer in answers] == [
        "Siapa merawat pasien?",
        "Siapa menyusun laporan keuangan?",
        '"Apa [itu] obat?"',
        "Siapa merawat pasien?",
    ]
    assert [answer["results"][0]["document"] for answer in answers[:2]] == [
        "kesehatan/perawat.md",
        "akuntan.txt",
    ]
    assert answers[0] == answers[3]


def test_a_question_file_of_windows_is_read(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "q.txt").write_bytes(b"\xef\xbb\xbfSatu?\r\n\r\nDua?\r\n")
    assert main(["ask", "--questions", str(tmp_path / "q.txt"), "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["question"] for line in lines] == ["Satu?", "Dua?"]


def test_awkward_questions_are_answered_like_any_other(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = _lines(tmp_path / "q.jsonl", *({"question": question} for question in AWKWARD))
    assert main(["ask", "--questions", name, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    # Not splitlines: it also splits at characters that may stand inside JSON.
    answers = [json.loads(line) for line in out.removesuffix("\n").split("\n")]
    assert [answer["question"] for answer in answers] == AWKWARD
    for answer in answers:
        assert answer["results"], answer["question"]
        assert 0 <= answer["confidence"] <= 1
        assert all(-1e6 < result["score"] < 1e6 for result in answer["results"])
    noted = {answer["question"][:3]: answer["notes"] for answer in answers if answer["notes"]}
    assert noted.keys() == {"xxx", "per"}
    assert "10000" in noted["xxx"][0]["text"]
    assert "first 1000" in noted["xxx"][0]["text"]


@pytest.mark.parametrize("question", ["apa \ud800", "siapa \udcff merawat pasien"])
def test_a_question_with_half_a_character_is_answered(
    here: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    assert main(["ask", question, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["results"]) == 3


def test_escape_sequences_in_questions_and_documents_are_shown_not_obeyed(
    tmp_path: Path, write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str]
) -> None:
    write_corpus({"a.txt": "Harga \x1b[31mmerah\x1b[0m naik.\n", "b\x1b[2J.txt": ""})
    assert ingest([]) == 0
    assert main(["status"]) == 0
    assert main(["ask", "Harga \x1b[32mmerah?"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "\x1b" not in out


@pytest.mark.skipif(os.name == "nt", reason="arguments are not bytes on Windows")
def test_asking_needs_no_network_no_heavy_library_and_takes_any_bytes(here: Path) -> None:
    before: tuple[str, ...] = ()
    if shutil.which("unshare") and os.getuid() == 0:
        tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
        before = ("unshare", "-n") if tried.returncode == 0 else ()
    code = (
        "import json, sys\n"
        "from tanya.cli import main\n"
        "code = main(sys.argv[1:])\n"
        "roots = sorted({name.partition('.')[0] for name in sys.modules})\n"
        "print(json.dumps(roots), file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    run = _process("-c", code, "ask", b"siapa merawat \xff pasien", "--json", before=before)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["results"][0]["document"] == "kesehatan/perawat.md"
    loaded = set(json.loads(run.stderr))
    assert "tanya" in loaded
    heavy = {"torch", "streamlit", "sentence_transformers", "sklearn", "transformers", "pandas"}
    assert loaded & heavy == set()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_output_piped_to_head_ends_quietly(here: Path, tmp_path: Path) -> None:
    name = _lines(tmp_path / "q.txt", *(f"Pertanyaan nomor {i}?" for i in range(300)))
    script = '"$0" -m tanya ask --questions "$1" --json | head -n 1; echo "${PIPESTATUS[0]}"'
    run = subprocess.run(
        ["bash", "-c", script, sys.executable, name],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    line, code = run.stdout.splitlines()
    assert json.loads(line)["question"] == "Pertanyaan nomor 0?"
    assert (code, run.stderr) == ("0", "")


# Wrong usage and errors


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["ask"],
        ["ask", "a", "--questions", "file"],
        ["ask", "a", "b"],
        ["ask", "a", "-k", "many"],
        ["ask", "a", "--colour"],
        ["answer", "a"],
        ["evaluate"],
        ["status", "a"],
        ["ingest", "a"],
    ],
)
def test_wrong_usage_exits_with_2_and_says_how_it_is_used(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    out, err = capsys.readouterr()
    assert caught.value.code == 2
    assert out == ""
    assert err.startswith("usage: ")


def test_wrong_usage_of_ingest_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        ingest(["corpus"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: ingest.py")


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["--version"]])
def test_help_and_version_exit_with_0(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("command", [["ask", "a"], ["status"]])
def test_without_an_index_an_error_names_the_remedy(
    capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main(command) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "error: There is no index in 'index' yet. Build it with: python ingest.py\n"


def test_debug_adds_the_traceback_to_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "a", "--debug"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Traceback (most recent call last):")
    assert "IndexMissingError" in err
    assert err.splitlines()[-1].startswith("error: There is no index")


def test_a_bad_setting_is_an_error_of_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANYA_THRESHOLD", "tinggi")
    assert main(["status"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: threshold in the variable TANYA_THRESHOLD is 'tinggi'")
    assert len(err.splitlines()) == 1


def test_the_settings_file_and_the_environment_reach_the_commands(
    built: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "tanya.toml").write_text('index = "nowhere"\nresults = 1\n', encoding="utf-8")
    monkeypatch.setenv("TANYA_INDEX", str(built / "index"))
    assert main(["ask", QUESTION, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["results"]) == 1


def test_asking_with_another_model_is_answered_by_the_old_one_and_names_both(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "a", "--model", "intfloat/multilingual-e5-small"]) == 0
    (note,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("note: "))
    assert "'use-multilingual-v3'" in note
    assert "'intfloat/multilingual-e5-small'" in note


# Question files

BAD_LABELS = [
    ('{"question": "a"', "line 3: this is not valid JSON"),
    ("Apa itu?", "line 3: this is not valid JSON"),
    ("[1, 2]", "line 3: this is not a JSON object"),
    ("null", "line 3: this is not a JSON object"),
    ("{}", "line 3: question must be a text"),
    ('{"question": ""}', "line 3: question must be a text"),
    ('{"question": "  "}', "line 3: question must be a text"),
    ('{"question": 5}', "line 3: question must be a text"),
    ('{"question": "a", "evidence": "b"}', "line 3: evidence must be a list"),
    ('{"question": "a", "evidence": [1]}', "line 3: evidence must be a list"),
    ('{"question": "a", "document": 1, "evidence": ["b"]}', "line 3: document must be"),
    ('{"question": "a", "answerable": "yes"}', "line 3: answerable must be true or false"),
    ('{"question": "a", "answerable": true}', "line 3: an answerable question needs"),
    ('{"question": "a", "document": "b", "evidence": [" "], "answerable": true}', "line 3: an an"),
]


@pytest.mark.parametrize(("line", "told"), BAD_LABELS)
def test_a_bad_label_is_named_with_its_file_and_line(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    name = _lines(tmp_path / "q.jsonl", {"question": "Baik?", "answerable": False}, "", line)
    assert main(["evaluate", name]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {name}, {told}")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"question": "a"', "line 2: this is not valid JSON"),
        ("{curly} question", "line 2: this is not valid JSON"),
        ('{"text": "a"}', "line 2: question must be a text"),
        ('{"question": ""}', "line 2: question must be a text"),
    ],
)
def test_a_bad_question_is_named_before_any_is_answered(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    name = _lines(tmp_path / "q.jsonl", "Baik?", line)
    assert main(["ask", "--questions", name, "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {name}, {told}")


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file"), (b"", "no question"), (b"\n \n", "no question"), (b"\xff", "UTF-8")],
)
def test_a_label_file_that_cannot_be_used_is_named(
    here: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    told: str,
) -> None:
    path = tmp_path / "q.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert main(["evaluate", str(path)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert told in err
    assert str(path) in err


# evaluate

LABELS = [
    {
        "question": "Perawat merawat pasien di rumah sakit.",
        "document": "kesehatan/perawat.md",
        "evidence": ["merawat  pasien"],
        "kind": "facet",
        "answerable": True,
        "split": "test",
    },
    {
        "question": "Perawat merawat pasien di rumah sakit!",
        "document": "kesehatan/perawat.md",
        "evidence": ["memberi obat"],
        "kind": "typo",
        "answerable": True,
        "split": "test",
    },
    {
        "question": "Berapa harga emas?",
        "document": None,
        "evidence": [],
        "kind": "unanswerable",
        "reason": "off-topic",
        "answerable": False,
        "split": "train",
    },
]


def test_evaluate_json_counts_a_hit_only_where_the_evidence_stands(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", _lines(tmp_path / "q.jsonl", *LABELS), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    figures = json.loads(out)
    assert figures["ranking"] == {
        "questions": 2,
        "hit_at_1": 0.5,
        "hit_at_5": 1.0,
        "mrr_at_10": 0.75,
        "document_at_1": 1.0,
    }
    assert figures["ranking_by_kind"]["facet"]["hit_at_1"] == 1.0
    assert figures["ranking_by_kind"]["typo"]["hit_at_1"] == 0.0
    assert (figures["refusal"]["answerable"], figures["refusal"]["unanswerable"]) == (2, 1)
    assert 0 <= figures["refusal"]["auroc"] <= 1


def test_evaluate_prints_tables_and_takes_a_split(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = _lines(tmp_path / "q.jsonl", *LABELS)
    assert main(["evaluate", name, "--split", "test"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["all", "2", "0.500", "1.000", "0.750", "1.000"] in rows
    assert ["facet", "1", "1.000", "1.000", "1.000", "1.000"] in rows
    assert main(["evaluate", name, "--split", "train", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ranking"] is None


def test_an_unknown_split_or_document_is_told(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = _lines(tmp_path / "q.jsonl", *LABELS)
    assert main(["evaluate", name, "--split", "tset"]) == 1
    assert "the split 'tset'; there are: 'test', 'train'" in capsys.readouterr().err
    other = _lines(tmp_path / "r.jsonl", {**LABELS[0], "document": "perawat.md"})
    assert main(["evaluate", other]) == 1
    assert "'perawat.md', which is not in the index" in capsys.readouterr().err
    other = _lines(tmp_path / "r.jsonl", {**LABELS[0], "evidence": ["merawat pasin"]})
    assert main(["evaluate", other]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"error: {other}, line 1: the evidence 'merawat pasin' is not in ")


# status


def test_status_says_what_the_index_holds_and_what_changed_since(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    rows = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert rows["documents"] == "2"
    assert rows["sentences"] == "3"
    assert rows["model"] == "use-multilingual-v3 (512 dimensions)"
    assert rows["vectors"] == "flat, recall@100 1.0000"
    assert out.splitlines()[-1] == "The index is up to date."

    other = tmp_path / "lain"
    shutil.copytree(here / "corpus", other)
    (other / "akuntan.txt").write_text("Akuntan teliti.\n", encoding="utf-8")
    (other / "kesehatan" / "perawat.md").rename(other / "perawat.md")
    assert main(["status", "--json", "--corpus", str(other)]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["stale"] is True
    assert status["changed"] == ["akuntan.txt"]
    assert status["added"] == ["perawat.md"]
    assert status["removed"] == ["kesehatan/perawat.md"]
    assert (status["documents"], status["sentences"], status["dimension"]) == (2, 3, 512)
    assert status["bytes"] > 1000
    assert (status["vector_kind"], status["vector_recall"]) == ("flat", 1.0)

    assert main(["status", "--corpus", str(other)]) == 0
    out = capsys.readouterr().out
    assert "removed    kesehatan/perawat.md" in out
    hint = f"The corpus has changed since. Rebuild with: python ingest.py --corpus {other}"
    assert out.splitlines()[-1] == hint


@pytest.mark.parametrize("files", [None, {}, {"lain.txt": "Lain.\n"}])
def test_status_of_another_folders_index_names_that_folder_instead_of_every_file(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str] | None
) -> None:
    if files is not None:
        (tmp_path / "corpus").mkdir()
        for name, text in files.items():
            (tmp_path / "corpus" / name).write_text(text, encoding="utf-8")
    index = built / "index"
    assert main(["status", "--index", str(index)]) == 0
    out = capsys.readouterr().out
    assert "added " not in out
    assert "removed " not in out
    assert "python ingest.py" not in out
    told = out.splitlines()[-1]
    assert told.startswith("None of its files is in 'corpus': ")
    assert told.endswith(f"python -m tanya status --corpus {built / 'corpus'} --index {index}")
    assert main([*told.split("python -m tanya ")[1].split()]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "The index is up to date."


def test_status_of_a_folder_that_was_emptied_names_every_file(
    write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus({"akuntan.txt": FILES["akuntan.txt"]})
    assert ingest([]) == 0
    (corpus / "akuntan.txt").unlink()
    capsys.readouterr()
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "removed    akuntan.txt" in out
    assert out.splitlines()[-1] == "The corpus has changed since. Rebuild with: python ingest.py"


# ingest


def test_ingest_sums_up_what_it_did_and_names_skipped_files(
    write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus({**FILES, "kosong.txt": "", "lama.txt": LEGACY})
    assert ingest([]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "skipped: kosong.txt: it is empty" in out
    assert "not read" not in out
    assert "note: lama.txt: read as cp1252, not UTF-8" in out
    assert (
        "3 documents (3 added, 0 changed, 0 removed, 0 unchanged), "
        "4 sentences (4 embedded, 0 reused)" in out
    )
    assert out.splitlines()[-1].startswith("model use-multilingual-v3, build ")
    assert out.splitlines()[-1].endswith(" s")

    assert ingest(["--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["published"], report["documents"], report["sentences"]) == (False, 3, 4)
    assert report["skipped"] == [{"path": "kosong.txt", "reason": "it is empty"}]
    assert report["seconds"] >= 0

    assert ingest(["--strict"]) == 1
    (corpus / "kosong.txt").unlink()
    # A file in doubt counts as well, whether or not anything had to be built.
    assert ingest(["--strict"]) == 1
    assert ingest(["--strict"]) == 1
    (corpus / "lama.txt").unlink()
    assert ingest(["--strict"]) == 0
    capsys.readouterr()
    assert main(["ingest", "--full", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["published"], report["embedded"], report["reused"]) == (True, 3, 0)


def test_ingest_tells_in_one_line_of_files_that_are_never_read(
    write_corpus: WriteCorpus, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("a.PDF", "b/c.pdf", "b/surat.docx", "CATATAN", "d.markdown")
    quiet = (".git/x.pdf", ".lain.docx", "questions.jsonl")
    label = json.dumps({"question": "Berapa harga emas?", "answerable": False})
    write_corpus({**FILES, **dict.fromkeys((*names, *quiet), label)})
    line = "not read, being neither .txt nor .md: 2 .pdf, 1 without an ending, 1 .docx, 1 .markdown"
    for _ in ("built", "nothing changed"):
        # Nor is it an error.
        assert ingest(["--strict"]) == 0
        assert capsys.readouterr().out.splitlines().count(line) == 1
    assert ingest(["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["others"] == [
        {"ending": ".pdf", "count": 2},
        {"ending": "", "count": 1},
        {"ending": ".docx", "count": 1},
        {"ending": ".markdown", "count": 1},
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--corpus", "nowhere"], "error: There is no folder 'nowhere'. "),
        (["--corpus", "file"], "error: 'file' is not a folder. "),
        (["--corpus", "empty"], "error: There is nothing to index in 'empty': "),
        (["--corpus", "full", "--index", "file"], "error: 'file' is not a folder. "),
        (["--corpus", "full", "--model", "./no/model"], "error: There is no model folder './no/"),
    ],
)
def test_ingest_says_in_one_line_what_is_in_its_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("Halo dunia.\n", encoding="utf-8")
    assert ingest(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(told)
    assert len(err.splitlines()) == 1


def test_ingest_and_ask_work_as_processes_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text(FILES["akuntan.txt"], encoding="utf-8")
    built = _process(ROOT / "ingest.py")
    assert (built.returncode, built.stderr) == (0, "")
    asked = _process("-m", "tanya", "ask", "Siapa menyusun laporan?")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "»Akuntan menyusun laporan keuangan perusahaan.«" in asked.stdout
    wrong = _process("-m", "tanya", "ask", "a", "--index", "nowhere")
    assert wrong.returncode == 1
    assert wrong.stdout == ""
    assert wrong.stderr.startswith("error: There is no index in 'nowhere'")
