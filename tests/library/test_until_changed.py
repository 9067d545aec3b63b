"""What was worked out from a library is kept until the library changes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from playlistkit.library import Library
from playlistkit.model import Features, Track


def test_a_value_is_made_once_until_something_changes_here_or_elsewhere(tmp_path: Path) -> None:
    made: list[str] = []

    def asked(key: str) -> None:
        library.until_changed.of(key, lambda: made.append(key))

    with Library(tmp_path / "library.db") as library, Library(tmp_path / "library.db") as other:
        asked("one")
        asked("one")
        assert made == ["one"]
        add(library, "a")
        asked("one")
        add(other, "b")
        asked("one")
        assert made == ["one"] * 3
        asked("two")
        library.until_changed.forget()
        asked("two")
        assert made == [*["one"] * 3, "two", "two"]


def test_nothing_is_kept_of_what_a_transaction_may_take_back(tmp_path: Path) -> None:
    with Library(tmp_path / "library.db") as library:
        before = library.until_changed.of("count", lambda: len(library))
        with library.transaction():
            add(library, "a")
            within = library.until_changed.of("count", lambda: len(library))
        assert (before, within, library.until_changed.of("count", lambda: len(library))) == (0, 1, 1)


def add(library: Library, key: str) -> None:
    """Add a made track."""
    track = Track(key, path=f"/music/{key}.flac", title=key, duration=200.0)
    library.add_file(track, Features(energy=0.2), size=1, mtime_ns=1, versions={})


def test_a_value_is_kept_for_ten_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library(tmp_path / "library.db") as library:
        now, made = [1_000.0], []
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        for later in (0.0, 599.5, 600.5, 1_200.0, 1_201.5):
            now[0] = 1_000.0 + later
            library.until_changed.of("a", lambda: made.append(now[0]))
        assert made == [1_000.0, 1_600.5, 2_201.5]
