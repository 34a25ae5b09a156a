"""Fitting the confidence: its arithmetic, and the command from end to end."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tanya.build import rebuild
from tanya.calibrate import (
    LEAST_OF_EACH,
    Sample,
    calibrate,
    cross_validated,
    fitted,
    measured,
    moved,
    parts,
    threshold_of,
)
from tanya.cli import main
from tanya.confidence import (
    FEATURES,
    FILE_NAME,
    Calibration,
    Support,
    calibration_of,
    shipped_calibration,
)
from tanya.errors import CalibrationError
from tanya.evaluate import Outcome, calibration_error
from tanya.labels import LabelledQuestion, read_labels
from tanya.search import Searcher, open_searcher
from tanya.settings import Settings
from tests.conftest import QUESTIONS, SAMPLE

NOTHING = Support(**dict.fromkeys(FEATURES, math.nan))


def sample(answerable: bool, dense: float = 0.5, document: str = "a.txt") -> Sample:
    """Return what a question got whose best similarity was ``dense``."""
    label = LabelledQuestion(
        "Apa?", document if answerable else None, ("x",) if answerable else (), answerable
    )
    return Sample(Outcome(label, None, False, 0.5, True), dataclasses.replace(NOTHING, dense=dense))


def test_the_fit_is_the_penalised_maximum_of_the_likelihood() -> None:
    samples = [sample(True, 0.8), sample(True, 0.6), sample(False, 0.4), sample(False, 0.6)]
    found = fitted(samples, ("dense",), "f")
    assert found.means == pytest.approx((0.6,))
    assert found.scales == pytest.approx((math.sqrt((0.2**2 + 0.2**2) / 4),))
    # At the maximum of sum log p - b^2 / 2 both derivatives are 0.
    errors = [s.target - found.probability(s.support) for s in samples]
    standard = [(s.support.dense - 0.6) / found.scales[0] for s in samples]
    assert sum(errors) == pytest.approx(0, abs=1e-3)
    slope = sum(e * x for e, x in zip(errors, standard, strict=True))
    assert slope == pytest.approx(found.coefficients[0], abs=1e-3)


def test_a_weight_of_two_is_a_question_asked_twice() -> None:
    samples = [sample(True, 0.8), sample(True, 0.6), sample(False, 0.4), sample(False, 0.7)]
    twice = fitted([*samples, samples[3]], ("dense",), None)
    weighted = fitted(samples, ("dense",), None, [1, 1, 1, 2])
    assert weighted.means == pytest.approx(twice.means)
    assert weighted.coefficients == pytest.approx(twice.coefficients, abs=1e-3)


def test_what_is_not_known_of_a_question_takes_the_mean() -> None:
    samples = [sample(True, 0.8), sample(False, 0.4), sample(True, math.nan)]
    assert fitted(samples, ("dense",), None).means == pytest.approx((0.6,))


@pytest.mark.parametrize("held", [0.03, 1.0])
def test_with_a_prior_the_fit_is_on_its_log_odds_and_what_the_features_add_is_held_near_0(
    held: float,
) -> None:
    dense, comparison = [0.8, 0.6, 0.4, 0.6, 0.7], [3.0, 1.0, -2.0, -4.0, math.nan]
    samples = [
        Sample(s.outcome, dataclasses.replace(s.support, comparison=c))
        for s, c in zip(
            [sample(i in (0, 1, 4), d) for i, d in enumerate(dense)], comparison, strict=True
        )
    ]
    prior = Calibration("f", ("dense",), (0.5,), (0.1,), (1.5,), -0.3, 0.5, 100)
    found = fitted(samples, ("dense", "comparison"), "f", prior=prior, held=held)
    assert found.means == pytest.approx((0.5, -0.5))
    assert found.scales == pytest.approx((0.1, math.sqrt((3.5**2 + 1.5**2 + 1.5**2 + 3.5**2) / 5)))
    errors = np.array([s.target - found.probability(s.support) for s in samples])
    standard = (np.array(dense) - 0.5) / 0.1
    # At the maximum of sum log p - (s^2 + d^2 + b^2) / 2 all derivatives are 0, the log-odds being
    # s times those of the prior plus ``held`` d times the first feature plus b times the second.
    share = errors @ (-0.3 + 1.5 * standard)
    added = errors @ (held * standard)
    assert found.coefficients[0] == pytest.approx(1.5 * share + held * added, abs=1e-3)
    compared = (np.nan_to_num(np.array(comparison), nan=-0.5) + 0.5) / found.scales[1]
    assert found.coefficients[1] == pytest.approx(errors @ compared, abs=1e-3)
    assert errors.sum() == pytest.approx(0, abs=1e-3)


def test_of_what_no_question_tells_anything_the_prior_is_kept() -> None:
    prior = Calibration(
        "f", ("dense", "comparison"), (0.5, 1.0), (0.1, 3.0), (1.5, 2.0), -0.3, 0.5, 100
    )
    samples = [
        Sample(s.outcome, dataclasses.replace(s.support, comparison=math.nan))
        for s in (sample(True, 0.8), sample(False, 0.4), sample(True, 0.6), sample(False, 0.5))
    ]
    found = fitted(samples, ("dense", "comparison"), "f", prior=prior)
    assert (found.means[1], found.scales[1]) == (1.0, 3.0)
    assert found.coefficients[1] > 0
    bare = fitted(samples, ("dense", "comparison"), "f")
    assert bare.coefficients[1] == 0


@pytest.mark.parametrize(("before", "after"), [(0.5, 0.7), (0.9, 0.2), (0.4, 0.4)])
def test_a_calibration_is_moved_to_another_threshold(before: float, after: float) -> None:
    own = Calibration("f", ("dense",), (0.5,), (0.1,), (1.5,), -0.3, before, 100)
    found = moved(own, after)
    assert found.threshold == after
    for dense in (0.1, 0.5, 0.62, 0.9):
        speaks = dataclasses.replace(NOTHING, dense=dense)
        assert (found.probability(speaks) >= after) is (own.probability(speaks) >= before)


def test_what_refuses_nothing_is_not_moved() -> None:
    own = Calibration("f", ("dense",), (0.5,), (0.1,), (1.5,), -0.3, 0.0, 100)
    assert moved(own, 0.5) == own


def test_questions_of_one_sort_teach_nothing() -> None:
    with pytest.raises(CalibrationError, match="come out alike"):
        fitted([sample(True), sample(True, 0.7)], ("dense",), None)


def test_each_document_is_held_out_as_a_whole() -> None:
    samples = [sample(True, document=f"{i % 7}.txt") for i in range(21)]
    found = parts([*samples, *(sample(False) for _ in range(5))])
    assert found[:7] == found[7:14] == found[14:21] == [0, 1, 2, 3, 4, 0, 1]
    assert found[21:] == [0, 1, 2, 3, 4]


def test_a_question_is_judged_by_a_model_of_the_others() -> None:
    samples = [sample(True, 0.8), sample(False, 0.4), sample(True, 0.7), sample(False, 0.5)]
    found = cross_validated(samples, [0, 0, 1, 1], ("dense",))
    others = fitted(samples[2:], ("dense",), None)
    assert found[:2] == [others.probability(s.support) for s in samples[:2]]


@pytest.mark.parametrize(
    ("share", "threshold"), [(0.0, 0.2), (0.24, 0.2), (0.25, 0.4), (0.5, 0.6), (0.99, 0.8)]
)
def test_the_threshold_refuses_at_most_a_share_of_the_answerable(
    share: float, threshold: float
) -> None:
    samples = [sample(True), sample(True), sample(True), sample(True), sample(False)]
    confidences = [0.4, 0.2, 0.8, 0.6, 0.99]
    found = threshold_of(samples, confidences, share)
    assert found == pytest.approx(threshold)
    assert sum(c < found for c in confidences[:4]) <= share * 4


def test_without_answerable_questions_none_can_be_refused() -> None:
    assert threshold_of([sample(False)], [0.7], 0.05) == 0


def test_measured_figures() -> None:
    samples = [sample(True), sample(True), sample(False), sample(False)]
    found = measured(samples, [0.9, 0.4, 0.6, 0.1], 0.5)
    assert found.refusal.answered == 1 / 2
    assert found.refusal.refused == 1 / 2
    assert found.refusal.auroc == 3 / 4
    # Each is in a bin of its own: (0.1 + 0.6 + 0.6 + 0.1) / 4.
    assert found.error == pytest.approx(0.35)


def test_calibration_error() -> None:
    # One bin: said 0.85 and 0.89, right once: |1 - 1.74| / 2; the other: said 0.12, wrong.
    found = calibration_error([0.85, 0.89, 0.12], [True, False, False])
    assert found == pytest.approx((0.74 + 0.12) / 3)
    assert calibration_error([1.0, 0.0], [True, False]) == 0
    assert calibration_error([], []) is None


def labels(split: str) -> list[LabelledQuestion]:
    """Return the labelled questions of one split."""
    return [label for label in read_labels(QUESTIONS) if label.split == split]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (lambda found: [f for f in found if f.answerable], "and 0 are not"),
        (lambda found: [f for f in found if not f.answerable], "0 are answerable"),
        (lambda found: found[:10], f"at least {LEAST_OF_EACH} of each"),
    ],
)
def test_too_few_questions_of_a_sort_are_an_error(
    sample_searcher: Searcher, chosen: object, message: str
) -> None:
    assert callable(chosen)
    with pytest.raises(CalibrationError, match=message):
        calibrate(sample_searcher, chosen(labels("train")))


@pytest.mark.parametrize("share", [-0.1, 1.0, math.nan])
def test_the_share_to_refuse_is_checked(sample_searcher: Searcher, share: float) -> None:
    with pytest.raises(CalibrationError, match="it must be from 0 to below 1"):
        calibrate(sample_searcher, labels("train"), refuse_at_most=share)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, object]]:
    """An index that was calibrated by the command, and what that printed as JSON."""
    folder = tmp_path_factory.mktemp("calibrated")
    settings = Settings(corpus=SAMPLE, index=folder / "index")
    rebuild(settings)
    questions = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    kept = [q for q in questions if q["split"] == "train"][::3]
    (folder / "q.jsonl").write_text("\n".join(map(json.dumps, kept)), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        lines: list[str] = []
        patch.setattr("builtins.print", lambda *words, **_: lines.append(" ".join(words)))
        code = main([
            "calibrate", str(folder / "q.jsonl"), "--index", str(settings.index), "--json",
            "--split", "train", "--refuse-at-most", "0.1",
        ])  # fmt: skip
    assert code == 0
    return settings, json.loads("\n".join(lines))


def test_the_command_fits_writes_and_tells(
    calibrated: tuple[Settings, dict[str, object]],
) -> None:
    settings, printed = calibrated
    found = open_searcher(settings).calibration
    # What ships goes on where the reranker knows no word, and for literal words.
    shipped = shipped_calibration(str(found.fingerprint))
    assert found.literal == shipped.literal > 0
    assert shipped.otherwise is not None
    assert found.otherwise is not None
    assert found.otherwise.coefficients == shipped.otherwise.coefficients
    assert not found.shipped
    assert found.features == FEATURES
    assert printed["calibration"] == json.loads(json.dumps(dataclasses.asdict(found)))
    after = printed["after"]
    assert isinstance(after, dict)
    assert after["refusal"]["answered"] >= 0.9
    assert after["refusal"]["auroc"] > 0.7
    assert [path.name for path in settings.index.glob(f"{FILE_NAME}*")] == [FILE_NAME]


def test_a_rebuild_keeps_the_calibration(
    calibrated: tuple[Settings, dict[str, object]],
) -> None:
    settings = calibrated[0]
    before = open_searcher(settings)
    rebuild(settings, full=True)
    after = open_searcher(settings)
    assert after.build.manifest.name != before.build.manifest.name
    assert after.calibration == before.calibration


def test_the_status_says_what_the_confidence_goes_by(
    calibrated: tuple[Settings, dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = calibrated[0]
    assert main(["status", "--index", str(settings.index), "--corpus", str(SAMPLE)]) == 0
    found = calibration_of(settings.index, shipped_fingerprint(settings))
    assert f"of this index, fitted on {found.questions} questions" in capsys.readouterr().out


def shipped_fingerprint(settings: Settings) -> str:
    """Return the fingerprint of the encoder of an index."""
    searcher = open_searcher(settings)
    assert shipped_calibration(searcher.build.manifest.fingerprint).fingerprint is not None
    return searcher.build.manifest.fingerprint


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{broken", "line 2: this is not valid JSON"),
        ('{"question": "a", "document": "x", "evidence": ["b"]}', "and 0 are not"),
        ('{"question": "a", "answerable": false}', "1 are answerable and 1 are not"),
    ],
)
def test_bad_questions_are_named_and_nothing_is_written(
    tmp_path: Path,
    sample_settings: Settings,
    capsys: pytest.CaptureFixture[str],
    line: str,
    message: str,
) -> None:
    first = '{"question": "a", "document": "a.md", "evidence": ["b"]}'
    (tmp_path / "q.jsonl").write_text(f"{first}\n{line}\n", "utf-8")
    index = str(sample_settings.index)
    assert main(["calibrate", str(tmp_path / "q.jsonl"), "--index", index]) == 1
    assert message in capsys.readouterr().err
    assert not (sample_settings.index / FILE_NAME).exists()


def test_an_unknown_document_is_named(sample_searcher: Searcher) -> None:
    stranger = LabelledQuestion("Apa?", "nowhere.md", ("x",), True)
    found: Sequence[LabelledQuestion] = [stranger, *labels("train")]
    with pytest.raises(Exception, match=r"'nowhere\.md', which is not in the index"):
        calibrate(sample_searcher, found)
