"""The state of the index as the page tells it: fresh where looking is cheap, else now and then."""

from __future__ import annotations

import pytest

from tanya.build import rebuild
from tanya.errors import IndexMissingError
from tanya.page import watching
from tanya.page.watching import Watch
from tanya.settings import Settings


def _write(settings: Settings, name: str) -> None:
    """Write a document."""
    settings.corpus.mkdir(exist_ok=True)
    (settings.corpus / name).write_text(f"Ini dokumen {name} tentang kapal.\n", encoding="utf-8")


class _Clock:
    """A clock by which each look at the index takes ``taking`` seconds."""

    def __init__(self, taking: float) -> None:
        self.now = 0.0
        self.taking = taking

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def built(settings: Settings) -> Settings:
    """Settings of a small corpus that is built."""
    _write(settings, "satu.txt")
    rebuild(settings)
    return settings


def _watched(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, taking: float
) -> tuple[Watch, _Clock]:
    """Return what looks at an index, and the clock by which each look takes ``taking`` seconds."""
    clock = _Clock(taking)
    real = watching.read_status

    def read(settings: Settings) -> object:
        clock.now += clock.taking
        return real(settings)

    monkeypatch.setattr(watching, "read_status", read)
    return Watch(settings, clock), clock


def test_where_looking_is_cheap_every_change_is_told_at_once(
    built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, _ = _watched(built, monkeypatch, taking=0.01)
    assert not watch.status().stale
    _write(built, "dua.txt")
    assert watch.status().added == ("dua.txt",)


def test_where_looking_takes_long_what_was_seen_holds_for_twenty_times_as_long(
    built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, clock = _watched(built, monkeypatch, taking=0.5)
    assert not watch.status().stale
    _write(built, "dua.txt")
    clock.now += 9.9
    assert not watch.status().stale
    clock.now += 0.2
    assert watch.status().added == ("dua.txt",)


def test_one_look_that_was_held_up_does_not_make_the_page_wait_for_the_next(
    built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, clock = _watched(built, monkeypatch, taking=0.01)
    watch.status()
    clock.taking = 0.5
    assert not watch.status().stale
    _write(built, "dua.txt")
    assert watch.status().added == ("dua.txt",)


def test_once_every_look_takes_long_what_was_seen_holds(
    built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, clock = _watched(built, monkeypatch, taking=0.01)
    watch.status()
    clock.taking = 0.5
    for _ in range(5):
        assert not watch.status().stale
    _write(built, "dua.txt")
    assert not watch.status().stale
    clock.now += 10.1
    assert watch.status().added == ("dua.txt",)


def test_a_new_build_is_told_at_once(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    watch, _ = _watched(built, monkeypatch, taking=0.5)
    before = watch.status()
    _write(built, "dua.txt")
    rebuild(built)
    after = watch.status()
    assert (before.documents, after.documents) == (1, 2)
    assert after.build != before.build


def test_an_index_that_is_missing_is_looked_for_every_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, _ = _watched(settings, monkeypatch, taking=0.5)
    with pytest.raises(IndexMissingError):
        watch.status()
    _write(settings, "satu.txt")
    rebuild(settings)
    assert watch.status().documents == 1
