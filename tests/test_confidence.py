"""The confidence: its arithmetic, what it looks at, where it is kept, and whether it is honest."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tanya.build import rebuild
from tanya.confidence import (
    DEFAULT_FILE,
    FEATURES,
    FILE_NAME,
    UNCALIBRATED,
    WORD_FEATURES,
    Calibration,
    Support,
    calibration_of,
    shipped_calibration,
    support,
    word_coverage,
    write_calibrations,
)
from tanya.encoders import Encoder, known_fingerprint, load_piece_table
from tanya.errors import CalibrationError
from tanya.index import open_published
from tanya.ranking import SIGNALS, Signals
from tanya.records import Note
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings
from tests.conftest import ROOT, WriteCorpus

BUNDLED = known_fingerprint("bundled") or ""
MODEL = Calibration(
    fingerprint="f",
    features=("dense", "words"),
    means=(0.4, 0.8),
    scales=(0.1, 0.2),
    coefficients=(2.0, 1.0),
    intercept=0.5,
    threshold=0.3,
    questions=100,
)
NOTHING = Support(**dict.fromkeys(FEATURES, math.nan))


def test_the_confidence_is_the_logistic_function_of_standardised_features() -> None:
    found = dataclasses.replace(NOTHING, dense=0.5, words=0.6)
    # 0.5 + 2 (0.5 - 0.4) / 0.1 + 1 (0.6 - 0.8) / 0.2 = 0.5 + 2 - 1
    assert MODEL.probability(found) == pytest.approx(1 / (1 + math.exp(-1.5)))


def test_a_feature_that_is_not_known_speaks_neither_for_nor_against() -> None:
    assert MODEL.probability(NOTHING) == pytest.approx(1 / (1 + math.exp(-0.5)))


def test_where_the_comparison_is_not_known_another_model_stands_in() -> None:
    whole = dataclasses.replace(
        MODEL, features=("dense", "comparison"), otherwise=dataclasses.replace(MODEL, intercept=9.0)
    )
    known = dataclasses.replace(NOTHING, dense=0.4, comparison=0.8)
    assert whole.probability(known) == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert whole.probability(NOTHING) == pytest.approx(1 / (1 + math.exp(-9)))


def test_the_confidence_stays_between_0_and_1_however_far_the_features_are() -> None:
    assert MODEL.probability(dataclasses.replace(NOTHING, dense=1e9)) == pytest.approx(1)
    assert MODEL.probability(dataclasses.replace(NOTHING, dense=-1e9)) == pytest.approx(0)


def signals(**given: list[float]) -> Signals:
    """Return signals of three candidates, 0 where nothing is given."""
    return Signals(**{name: np.array(given.get(name, [0.0] * 3)) for name in SIGNALS})


def test_every_feature_written_out() -> None:
    found = signals(dense=[0.3, 0.7, 0.6], comparison=[1.0, -9.0, 2.0])
    topic = np.array([0.5, 0.2, 0.3])
    assert support(found, topic=topic, sentences=100, words=(0.9, 0.4), known=True) == Support(
        dense=0.7,
        topic=0.5,
        words=0.9,
        weakest=0.4,
        comparison=pytest.approx(math.log(math.exp(1) + math.exp(-9) + math.exp(2))),
        chance=pytest.approx(math.sqrt(2 * math.log(100))),
    )


def test_only_the_likeliest_candidates_count_in_the_comparison() -> None:
    odds = np.r_[np.full(40, -1.0), np.full(7, 0.5), 2.0, np.full(20, -0.9)]
    found = Signals(**dict.fromkeys(SIGNALS, odds))
    speaks = support(found, topic=np.zeros(68), sentences=68, words=(1.0, 1.0), known=True)
    assert speaks.comparison == pytest.approx(math.log(7 * math.exp(0.5) + math.exp(2)))


def test_the_comparison_is_not_known_where_the_reranker_does_not_know_the_words() -> None:
    found = signals(comparison=[1.0, 2.0, 3.0])
    speaks = support(found, topic=np.zeros(3), sentences=3, words=(1.0, 1.0), known=False)
    assert math.isnan(speaks.comparison)


@pytest.mark.parametrize(
    ("question", "known"), [("Apa tugas perawat?", True), ("谁照顾病人？", False)]
)
def test_an_answer_goes_by_the_comparison_where_it_is_known(
    sample_searcher: Searcher, question: str, known: bool
) -> None:
    answer, speaks = sample_searcher.ask_with_support(question)
    assert speaks is not None
    assert math.isnan(speaks.comparison) is not known
    assert sample_searcher.calibration.otherwise is not None
    otherwise = sample_searcher.calibration.otherwise.probability(speaks)
    assert (answer.confidence == otherwise) is not known


def test_less_is_not_taken_off_for_chance_than_of_the_fewest_sentences_fitted_on() -> None:
    found = support(
        signals(dense=[0.3, 0.7, 0.6]),
        topic=np.zeros(3),
        sentences=1,
        words=(1.0, 1.0),
        known=True,
    )
    assert found.chance == pytest.approx(math.sqrt(2 * math.log(16)))


def test_coverage_of_words_is_a_mean_weighted_by_rarity(
    write_corpus: WriteCorpus, settings: Settings, encoder: Encoder
) -> None:
    write_corpus({"a.txt": "Perawat memantau pasien.\nIa menulis laporan."})
    rebuild(settings)
    build = open_published(settings.index)
    table = load_piece_table(encoder)
    words = ["perawat", "geologi"]
    rows = np.arange(2)
    given = table.vectors(np.unique(build.tokens.all_pieces(rows)))
    means, weights, total = [], [], 0.0
    for pieces in table.ids(words):
        best = (table.vectors(pieces) @ given.T).max(axis=1)
        rarity = table.rarity(pieces)
        means.append((best * rarity).sum() / rarity.sum())
        weights.append(rarity.sum())
        total += (best * rarity).sum()
    covered, weakest = word_coverage(words, rows, build.tokens, table)
    assert covered == pytest.approx(total / sum(weights), abs=1e-4)
    assert weakest == pytest.approx(min(means), abs=1e-4)
    assert weakest == pytest.approx(means[1], abs=1e-4)
    build.close()


def test_without_content_words_nothing_is_covered(sample_searcher: Searcher) -> None:
    found = sample_searcher.ask_with_support("apa itu?")[1]
    assert found is not None
    assert math.isnan(found.words)
    assert math.isnan(found.weakest)


def test_a_rarer_piece_is_rarer(encoder: Encoder) -> None:
    table = load_piece_table(encoder)
    [common], [rare] = table.ids(["dan"]), table.ids(["geologi"])
    assert table.rarity(rare).max() > table.rarity(common).max() > 0


def test_the_shipped_calibration_is_for_the_bundled_encoder_as_it_is() -> None:
    """Fails when the encoder changes: run benchmarks/fit_confidence.py again then."""
    found = shipped_calibration(BUNDLED)
    assert found.fingerprint == BUNDLED
    assert found.features == FEATURES
    assert found.shipped
    assert 0 < found.threshold < 1
    assert found.otherwise is not None
    assert found.otherwise.threshold == found.threshold
    assert "comparison" not in found.otherwise.features


def test_another_encoder_gets_a_model_of_the_words_alone() -> None:
    found = shipped_calibration("another 1.0")
    assert found.fingerprint is None
    assert found.features == WORD_FEATURES


def test_a_written_calibration_is_read_again(tmp_path: Path) -> None:
    for written in (MODEL, dataclasses.replace(MODEL, otherwise=MODEL)):
        write_calibrations(tmp_path / FILE_NAME, [written])
        assert calibration_of(tmp_path, "f") == written
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_calibration_for_another_encoder_does_not_apply(tmp_path: Path) -> None:
    write_calibrations(tmp_path / FILE_NAME, [MODEL])
    assert calibration_of(tmp_path, BUNDLED) == shipped_calibration(BUNDLED)


def test_a_calibration_of_an_older_version_for_another_encoder_is_passed_over(
    tmp_path: Path,
) -> None:
    old = {**dataclasses.asdict(MODEL), "features": ["dense", "gone"]}
    text = json.dumps({"format": 1, "calibrations": [old]})
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    assert calibration_of(tmp_path, BUNDLED) == shipped_calibration(BUNDLED)


@pytest.mark.parametrize(
    "change",
    [
        {"features": ["dense", "nonsense"]},
        {"means": [0.1]},
        {"scales": [0.1, 0.0]},
        {"threshold": 1.5},
        {"intercept": float("nan")},
        {"coefficients": "ab"},
        {"otherwise": {"threshold": 0.5}},
        {"otherwise": {**dataclasses.asdict(MODEL), "scales": [0.1, 0.0]}},
    ],
)
def test_a_calibration_that_makes_no_sense_is_named(
    tmp_path: Path, change: dict[str, object]
) -> None:
    entry = {**dataclasses.asdict(MODEL), **change}
    text = json.dumps({"format": 1, "calibrations": [entry]})
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError, match=r"calibration\.json.*cannot be understood"):
        calibration_of(tmp_path, "f")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1}'])
def test_a_broken_calibration_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError, match=r"calibration\.json.*cannot be understood"):
        calibration_of(tmp_path, "f")


def test_a_calibration_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    write_calibrations(tmp_path / FILE_NAME, [MODEL])
    # In the place of the temporary file, so that opening it fails.
    (tmp_path / f"{FILE_NAME}.tmp").mkdir()
    with pytest.raises(CalibrationError, match="Cannot write the calibration"):
        write_calibrations(tmp_path / FILE_NAME, [dataclasses.replace(MODEL, threshold=0.9)])
    assert calibration_of(tmp_path, "f") == MODEL


def test_asking_does_not_import_scikit_learn(sample_settings: Settings) -> None:
    code = (
        "import sys; from pathlib import Path; from tanya.settings import Settings; "
        "from tanya.search import open_searcher; "
        f"s = open_searcher(Settings(index=Path({str(sample_settings.index)!r}))); "
        "s.ask('Apa tugas diplomat?'); "
        "print([m for m in ('sklearn', 'scipy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_threshold_in_the_settings_comes_before_the_calibrated_one(
    sample_settings: Settings,
) -> None:
    question = "Apa tugas utama seorang diplomat?"
    for threshold, answered in ((1.0, False), (0.0, True)):
        searcher = open_searcher(dataclasses.replace(sample_settings, threshold=threshold))
        assert searcher.threshold == threshold
        assert searcher.ask(question).answered is answered
    found = open_searcher(sample_settings)
    assert found.threshold == shipped_calibration(BUNDLED).threshold


def test_an_answer_says_that_the_confidence_is_not_calibrated(
    sample_searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sample_searcher.ask("Apa tugas diplomat?").notes == ()
    monkeypatch.setattr(sample_searcher, "calibration", shipped_calibration("another 1.0"))
    answer = sample_searcher.ask("Apa tugas diplomat?")
    assert answer.notes == (Note("uncalibrated", UNCALIBRATED),)
    assert 0 < answer.confidence < 1


def test_the_shipped_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    [general, bundled] = [shipped_calibration("x"), shipped_calibration(BUNDLED)]
    write_calibrations(tmp_path / "c.json", [general, bundled])
    assert (tmp_path / "c.json").read_text("utf-8") == DEFAULT_FILE.read_text("utf-8")
