"""What can go wrong in ways that a person can mend.

Every message names what was wrong, its value and the remedy. Only the command line and the page
turn these into text for a person.
"""

from __future__ import annotations

from typing import Literal


class TanyaError(Exception):
    """Any error that Tanya raises on purpose."""


class SettingsError(TanyaError):
    """A setting has an unknown name or an impossible value."""


class CorpusError(TanyaError):
    """The folder of documents is missing, is not a folder or holds nothing to index."""


class EncoderError(TanyaError):
    """The embedding model cannot be had."""


class IndexMissingError(TanyaError):
    """There is no published index."""


class IndexDamagedError(TanyaError):
    """The published index cannot be read: something is missing or does not fit together."""


class IndexMismatchError(TanyaError):
    """The index was made by another encoder, dimension or format than the one in use."""


class IndexWriteError(TanyaError):
    """The index cannot be written: no permission, no space, or not a folder."""


class IndexBusyError(TanyaError):
    """Another process is building the index."""


class QuestionError(TanyaError):
    """The question is empty, or has no letter and no digit."""


class LabelsError(TanyaError):
    """A file of questions cannot be used."""


class CalibrationError(TanyaError):
    """A calibration cannot be fitted, read or written."""


class JournalError(TanyaError):
    """What was asked cannot be read, or an editor's decision cannot be kept."""


class BuildCancelledError(TanyaError):
    """A build was stopped by the person who started it."""


EditProblem = Literal[
    "no_name",
    "long_name",
    "suffix",
    "hidden",
    "outside",
    "characters",
    "folder",
    "link",
    "exists",
    "gone",
    "changed",
    "too_large",
    "empty",
    "no_text",
    "unwritable",
]


class EditError(TanyaError):
    """A document cannot be read, written or removed by an editor; ``problem`` says why."""

    def __init__(self, problem: EditProblem, message: str) -> None:
        super().__init__(message)
        self.problem: EditProblem = problem
