"""Where a setting comes from, and what is said of one that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanya.errors import SettingsError
from tanya.settings import Settings, command, load


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, so that no settings file of the project is found."""
    monkeypatch.chdir(tmp_path)


def _toml(tmp_path: Path, text: str) -> Path:
    """Write a settings file and return it."""
    path = tmp_path / "tanya.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_any_setting_the_documented_defaults_hold() -> None:
    found = load(environment={})
    assert found == Settings()
    assert (found.corpus, found.index, found.model) == (Path("corpus"), Path("index"), None)
    assert (found.language, found.results, found.max_file_mb) == ("id", 5, 20.0)


def test_the_settings_file_goes_over_the_defaults(tmp_path: Path) -> None:
    _toml(tmp_path, 'corpus = "dokumen"\nresults = 7\nthreshold = 0.25\nmax_file_mb = 3\n')
    found = load(environment={})
    assert (found.corpus, found.results) == (Path("dokumen"), 7)
    assert (found.threshold, found.max_file_mb) == (0.25, 3.0)
    assert isinstance(found.max_file_mb, float)
    assert found.index == Path("index")


def test_each_layer_goes_over_the_one_below_it(tmp_path: Path) -> None:
    _toml(tmp_path, 'corpus = "file"\nindex = "file"\nlanguage = "en"\nresults = 1\n')
    environment = {"TANYA_INDEX": "environment", "TANYA_LANGUAGE": "ms", "TANYA_RESULTS": "2"}
    found = load({"language": "de", "results": 3}, environment=environment)
    assert found.corpus == Path("file")
    assert found.index == Path("environment")
    assert (found.language, found.results) == ("de", 3)


def test_what_the_command_line_leaves_out_hides_nothing() -> None:
    found = load({"results": None, "model": None}, environment={"TANYA_RESULTS": "9"})
    assert (found.results, found.model) == (9, None)


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANYA_MAX_QUESTION_CHARACTERS", "50")
    assert load().max_question_characters == 50


def test_an_empty_variable_counts_as_not_set() -> None:
    found = load(environment={"TANYA_RESULTS": "", "TANYA_CORPUS": "", "TANYA_MODEL": ""})
    assert found == Settings()


def test_a_misspelt_variable_is_named_as_in_the_file() -> None:
    with pytest.raises(SettingsError, match=r"variable TANYA_RESULT\..*TANYA_RESULTS"):
        load(environment={"TANYA_RESULT": "1"})
    kept = {"TANYA_RESULT": "", "TANYA_ADMIN_PASSWORD": "x", "TANYA_RESULTS": "7"}
    assert load(environment=kept) == Settings(results=7)


def test_variables_of_other_programs_are_passed_over() -> None:
    assert load(environment={"RESULTS": "9", "PATH": "/bin", "results": "8"}) == Settings()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("result = 3\n", "'result'"),
        ("Results = 3\n", "'Results'"),
        ("[tanya]\nresults = 3\n", "'tanya'"),
    ],
)
def test_an_unknown_name_in_the_file_is_named_with_the_known_ones(
    tmp_path: Path, text: str, name: str
) -> None:
    path = _toml(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(file=path, environment={})
    assert name in str(caught.value)
    assert str(path) in str(caught.value)
    assert "max_file_mb" in str(caught.value)


def test_an_unknown_name_from_the_command_line_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"'colour'.*command line"):
        load({"colour": "red"}, environment={})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('results = "many"', "results.*'many'.*whole number"),
        ("results = 2.5", "results.*2.5.*whole number"),
        ("results = true", "results.*True.*whole number"),
        ("results = 0", "results is 0.*at least 1"),
        ("results = -3", "results is -3.*at least 1"),
        ("candidates = 0", "candidates is 0"),
        ("max_question_characters = 0", "max_question_characters is 0"),
        ("keep_builds = 0", "keep_builds is 0"),
        ("threads = -1", "threads is -1.*at least 0"),
        ('vector_index = "hnsw"', "vector_index is 'hnsw'.*one of: auto, flat, sq, pq, ivf"),
        ('vector_index = ""', "vector_index is ''.*one of: auto"),
        ("vector_index = 3", "vector_index.*3.*text"),
        ('threshold = "high"', "threshold.*'high'.*a number"),
        ("threshold = 1.1", "threshold is 1.1.*between 0 and 1"),
        ("threshold = -0.1", "threshold is -0.1.*between 0 and 1"),
        ("threshold = nan", "threshold is nan"),
        ("threshold = false", "threshold.*False"),
        ("max_file_mb = 0", "max_file_mb is 0"),
        ("max_file_mb = -1.5", "max_file_mb is -1.5"),
        ("max_file_mb = nan", "max_file_mb is nan"),
        ("max_file_mb = inf", "max_file_mb is inf"),
        ("corpus = 5", "corpus.*5.*a path"),
        ('corpus = ["a", "b"]', "corpus.*a path"),
        ("corpus = true", "corpus.*True.*a path"),
        ("results = [1]", "results.*whole number"),
        ("language = 5", "language.*5.*text"),
        (
            'language = "indonesia"',
            "language is 'indonesia'.*code of two or three letters.*ISO 639",
        ),
        ('language = "id-ID"', "language is 'id-ID'.*two or three letters"),
        ('language = ""', "language is ''.*two or three letters"),
        ('language = "i1"', "language is 'i1'.*two or three letters"),
        ('model = ["a", "b"]', "model.*text"),
        ('model = {name = "a"}', "model.*text"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_what_is_needed(
    tmp_path: Path, line: str, told: str
) -> None:
    path = _toml(tmp_path, line + "\n")
    with pytest.raises(SettingsError, match=told):
        load(file=path, environment={})


def test_a_language_in_capitals_is_the_same_language() -> None:
    assert load(environment={"TANYA_LANGUAGE": "ID"}) == load(environment={})
    assert load({"language": "Eng"}, environment={}).language == "eng"


def test_a_bad_variable_is_named_as_it_is_written() -> None:
    with pytest.raises(SettingsError, match=r"TANYA_RESULTS.*'lima'.*whole number"):
        load(environment={"TANYA_RESULTS": "lima"})


def test_a_bad_value_that_a_higher_layer_replaces_is_still_told(tmp_path: Path) -> None:
    path = _toml(tmp_path, 'results = "many"\n')
    with pytest.raises(SettingsError, match="'many'"):
        load({"results": 3}, file=path, environment={})


@pytest.mark.parametrize(
    "content",
    [b"results = \n", b"results 3\n", b"results = 3\nresults = 4\n", b'corpus = "\xff"\n'],
)
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tanya.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"tanya\.toml.*not valid TOML"):
        load(environment={})


def test_toml_errors_name_the_line(tmp_path: Path) -> None:
    path = _toml(tmp_path, "results = 3\n\nthreshold = ,\n")
    with pytest.raises(SettingsError, match="line 3"):
        load(file=path, environment={})


def test_a_file_that_a_windows_editor_saved_with_a_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "tanya.toml").write_bytes(b"\xef\xbb\xbfresults = 4\r\n")
    assert load(environment={}).results == 4


def test_a_missing_file_that_was_named_is_an_error_and_the_usual_one_is_not(tmp_path: Path) -> None:
    assert load(environment={}) == Settings()
    with pytest.raises(SettingsError, match=r"missing\.toml.*No such file"):
        load(file=tmp_path / "missing.toml", environment={})


def test_a_folder_in_place_of_a_named_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Cannot read the settings file"):
        load(file=tmp_path, environment={})


def test_an_empty_settings_file_changes_nothing(tmp_path: Path) -> None:
    assert load(file=_toml(tmp_path, "# nothing\n"), environment={}) == Settings()


def test_a_command_carries_what_is_not_the_default_ready_to_be_typed() -> None:
    assert command("python x", corpus=Path("corpus"), index=Path("index"), model=None) == "python x"
    told = command("python x", corpus=Path("a b"), index=Path("index"), model="m")
    assert told == "python x --corpus 'a b' --model m"


def test_settings_cannot_be_changed_by_accident() -> None:
    with pytest.raises(AttributeError):
        Settings().results = 9  # type: ignore[misc]
