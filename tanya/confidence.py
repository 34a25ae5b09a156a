"""How sure Tanya is of an answer: what speaks for it, and a small logistic model of that.

The model is fitted on labelled questions (:mod:`tanya.calibrate`) and kept as a small JSON file:
one that ships with Tanya, for the bundled encoder, and one beside an index that was calibrated.
Here nothing is fitted, so that asking a question does not wait for scikit-learn.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanya.arrays import distinct
from tanya.encoders import PieceTable
from tanya.errors import CalibrationError
from tanya.ranking import Signals
from tanya.tokens import Tokens

DEFAULT_FILE = Path(__file__).with_name("calibration.json")
FILE_NAME = "calibration.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Support:
    """What speaks for the first sentence as an answer, in numbers that mean the same in any corpus.

    Similarity with the first sentence, and with the first document, added nothing to these on
    collections held out, nor did the margin of the first document over the others. The mean
    similarity with all sentences did in collections about one thing, but misled where thousands of
    documents are about everything.

    None of them is relative to the other candidates or counts documents, so that they are of one
    size whether there are two documents or thousands. Only the highest of many similarities is
    higher by chance, which ``chance`` is there to take off.

    Attributes:
        dense: the highest cosine similarity of question and sentence in context.
        topic: the highest similarity of what the question and a sentence are about.
        words: how well the first document covers the question's content words
            (:func:`word_coverage`), a mean weighted by their rarity; NaN without any such word.
        weakest: the least coverage of a content word, such as the name of a profession that the
            documents do not have; NaN without any.
        comparison: the log of the sum of the odds that each of the ``MOST_LIKELY`` sentences that
            the reranker takes for the likeliest answers; NaN for a question in words that it does
            not know. It learned from questions asked of documents that do not answer them, too.
        chance: sqrt(2 log n), n being the number of sentences, at least 16: the order by which the
            highest of n similarities exceeds their mean, in standard deviations, if they were
            normal (Cramér 1946, "Mathematical Methods of Statistics").
        literal: what the question's numbers, or the only word that is asked, say of the first
            sentence (:meth:`tanya.literal.Standing.speaks`), from -1 to 1; 0 of other questions.
    """

    dense: float
    topic: float
    words: float
    weakest: float
    comparison: float
    chance: float
    literal: float = 0.0


# What the logistic model looks at; the literal words count beside it.
FEATURES = tuple(f.name for f in dataclasses.fields(Support) if f.name != "literal")
# What is told where only WORD_FEATURES are looked at.
UNCALIBRATED = (
    "The confidence is not calibrated for this model; it goes by words and the bundled one alone. "
    "To calibrate it: python -m tanya calibrate QUESTIONS.jsonl"
)
# The smallest corpora that the shipped confidence was fitted on have so many sentences: what it
# takes off for chance is not carried on to fewer.
_FEWEST = 16
# More than one sentence may answer. Of all that are compared the unlikely ones would add up to an
# answer where a question is off the topic.
MOST_LIKELY = 8
# What is the same whatever the encoder, since the bundled model is always there, too.
WORD_FEATURES = ("topic", "words", "weakest", "comparison", "chance")


def support(
    signals: Signals,
    *,
    topic: NDArray[np.float64],
    sentences: int,
    words: tuple[float, float],
    known: bool,
    literal: float = 0.0,
) -> Support:
    """Return what speaks for an answer.

    Args:
        signals: the signals of all candidates, of which there is at least one.
        topic: how near to the question is what they are about.
        sentences: how many there are.
        words: the mean and the least coverage of the question's words.
        known: whether the reranker knows the question's words.
        literal: what its literal words say of the first sentence.
    """
    likeliest = np.sort(signals.comparison)[-MOST_LIKELY:]
    return Support(
        dense=float(signals.dense.max()),
        topic=float(topic.max()),
        words=words[0],
        weakest=words[1],
        comparison=float(np.logaddexp.reduce(likeliest)) if known else math.nan,
        chance=math.sqrt(2 * math.log(max(sentences, _FEWEST))),
        literal=literal,
    )


def word_coverage(
    words: Sequence[str], rows: NDArray[np.int64], tokens: Tokens, table: PieceTable
) -> tuple[float, float]:
    """Return how well sentences and their contexts cover words: the weighted mean, and the least.

    A piece's coverage is its best cosine similarity among all pieces of the texts (ColBERT's
    MaxSim, Khattab and Zaharia 2020), a word's the mean over its pieces, weighted with their
    rarity; the mean over words is weighted with the sum of their pieces' rarities. Rarity is
    -log p of the piece in the tokenizer's unigram model (Kudo 2018, "Subword Regularization"), so
    that it does not hang on how many documents there are. NaN, NaN without words.
    """
    cut = [pieces for pieces in table.ids(words) if len(pieces)] if words else []
    if not cut or not len(rows):
        return math.nan, math.nan
    given, _ = distinct(tokens.all_pieces(rows))
    asked = np.concatenate(cut)
    begins = np.r_[0, np.cumsum([len(pieces) for pieces in cut])][:-1]
    best = table.cosines(asked, given).max(axis=1).astype(np.float64)
    rarity = table.rarity(asked)
    weights = np.add.reduceat(rarity, begins)
    sums = np.add.reduceat(best * rarity, begins)
    covered = sums / np.maximum(weights, 1e-9)
    return float(sums.sum() / max(weights.sum(), 1e-9)), float(covered.min())


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model of a :class:`Support`, and the threshold that was chosen with it.

    ``fingerprint`` is that of the encoder it was fitted for, None if it holds for any. ``features``
    are those that it looks at; ``means``, ``scales`` and ``coefficients`` have one number for each.
    ``questions`` is how many labelled questions it was fitted on; ``shipped`` says that it came
    with Tanya. ``otherwise`` stands in for it, with the same threshold, where the comparison is not
    known; without it that counts as its mean. ``literal`` is by how much literal words change the
    log-odds.
    """

    fingerprint: str | None
    features: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    threshold: float
    questions: int
    shipped: bool = False
    otherwise: Calibration | None = None
    literal: float = 0.0

    def describe(self) -> str:
        """Return in a few words what the confidence goes by."""
        if self.fingerprint is None:
            return "not calibrated for this model, goes by words and the bundled one alone"
        origin = "shipped with Tanya" if self.shipped else "of this index"
        return f"{origin}, fitted on {self.questions} questions"

    def probability(self, found: Support) -> float:
        """Return 1 / (1 + exp(-o)), o being the log-odds and what literal words add to them."""
        log_odds = self.log_odds(found) + self.literal * found.literal
        # Beyond this exp overflows, and the probability is 0 or 1 to all digits.
        return 1 / (1 + math.exp(-max(-500.0, min(500.0, log_odds))))

    def log_odds(self, found: Support) -> float:
        """Return a + sum of b_i (x_i - m_i) / s_i, x_i being the features.

        A feature that is NaN counts as its mean, so that it neither speaks for nor against.
        """
        if self.otherwise is not None and math.isnan(found.comparison):
            return self.otherwise.log_odds(found)
        log_odds = self.intercept
        for name, mean, scale, weight in zip(
            self.features, self.means, self.scales, self.coefficients, strict=True
        ):
            value = getattr(found, name)
            if not math.isnan(value):
                log_odds += weight * (value - mean) / scale
        return log_odds


def shipped_calibration(fingerprint: str, path: Path = DEFAULT_FILE) -> Calibration:
    """Return the calibration that ships with Tanya for an encoder, or that of another such file.

    For any but the bundled one it looks at what is the same for all encoders, and its
    ``fingerprint`` is None.
    """
    [general, *others] = _read(path)
    return next((found for found in others if found.fingerprint == fingerprint), general)


def calibration_of(index: Path, fingerprint: str) -> Calibration:
    """Return the calibration for the encoder of the index in the folder ``index``.

    That is the one fitted on questions about this index, if it was for the same encoder, else the
    one that ships.

    Raises:
        CalibrationError: there is a file that cannot be understood.
    """
    path = index / FILE_NAME
    if path.is_file():
        # One for another encoder may be of an older version, and look at what is no longer there.
        for found in _read(path, only=fingerprint):
            return found
    return shipped_calibration(fingerprint)


def write_calibrations(path: Path, calibrations: Sequence[Calibration]) -> None:
    """Write calibrations to the file ``path``, in one step that a crash cannot halve.

    Raises:
        CalibrationError: it cannot be written; what was there is as it was.
    """
    entries = [dataclasses.asdict(calibration) for calibration in calibrations]
    text = json.dumps({"format": _FORMAT, "calibrations": entries}, indent=1)
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise CalibrationError(
            f"Cannot write the calibration {str(path)!r}: {error.strerror}. "
            "Change the folder's permissions, or name another index with --index."
        ) from error


def _read(path: Path, only: str | None = None) -> list[Calibration]:
    """Return the calibrations in a file, or only those for the encoder with that fingerprint."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            raise ValueError(f"format {found['format']} instead of {_FORMAT}")
        entries = found["calibrations"]
        if not entries:
            raise ValueError("it holds none")
        wanted = [e for e in entries if only is None or e["fingerprint"] == only]
        calibrations = [_checked(entry) for entry in wanted]
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise CalibrationError(
            f"The calibration {str(path)!r} cannot be understood ({error}). "
            "Delete it, or make it anew with: python -m tanya calibrate QUESTIONS.jsonl"
        ) from error
    return calibrations


def _checked(entry: dict[str, Any]) -> Calibration:
    """Return the calibration in a JSON object; ValueError, KeyError or TypeError if it is none."""
    numbers = ("means", "scales", "coefficients")
    otherwise = entry.get("otherwise")
    calibration = Calibration(
        fingerprint=None if entry["fingerprint"] is None else str(entry["fingerprint"]),
        features=tuple(entry["features"]),
        means=tuple(map(float, entry["means"])),
        scales=tuple(map(float, entry["scales"])),
        coefficients=tuple(map(float, entry["coefficients"])),
        intercept=float(entry["intercept"]),
        threshold=float(entry["threshold"]),
        questions=int(entry["questions"]),
        shipped=bool(entry["shipped"]),
        otherwise=None if otherwise is None else _checked(otherwise),
        literal=float(entry.get("literal", 0.0)),
    )
    unknown = set(calibration.features).difference(FEATURES)
    if unknown:
        raise ValueError(f"unknown features: {', '.join(sorted(map(str, unknown)))}")
    columns = [getattr(calibration, name) for name in numbers]
    if any(len(column) != len(calibration.features) for column in columns):
        raise ValueError("not one number for each feature")
    values = [calibration.intercept, calibration.literal]
    values += [value for column in columns for value in column]
    if not all(map(math.isfinite, values)) or min(calibration.scales, default=1.0) <= 0:
        raise ValueError("a number that is not finite, or a scale that is not positive")
    if not 0 <= calibration.threshold <= 1:
        raise ValueError(f"the threshold {calibration.threshold} is not between 0 and 1")
    return calibration
