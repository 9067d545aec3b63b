"""What comes from outside: tables of many tracks, and what services and Spotify answered."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.library.imported import PROGRESS_EVERY, add_imported
from playlistkit.library.services import Answer, ServiceMemory
from playlistkit.library.spotify import Decision, SpotifyMemory
from playlistkit.model import Features, Track


@pytest.fixture
def library(tmp_path: Path):
    with Library(tmp_path / "data" / "library.db") as opened:
        yield opened


def test_a_table_is_stored_but_for_what_is_known_and_told_as_it_goes(
    library: Library, tmp_path: Path
) -> None:
    was = library.add_uri(Track("", uri="spotify:track:5", title="Known"))
    own = library.add_file(Track("a" * 12, str(tmp_path / "a")), Features(), size=1, mtime_ns=1, versions={})
    library.link(own, "spotify:track:6")
    library.link(own, "spotify:track:7")  # so that 6 is free and 7 is the file's
    rows = [
        (Track("", uri=f"spotify:track:{n}", title=f"T{n}", artist="A", album="", people=("P", "Q"), duration=n + 0.5), {"energy": n / 4_000} if n % 2 else {})
        for n in range(2_500)
    ]  # fmt: skip
    told: list[tuple[int, int]] = []
    add_imported(library, rows, lambda done, of: told.append((done, of)))
    new = 2_498
    assert told == [(done // 2, new) for done in range(0, 2 * new, PROGRESS_EVERY)]
    assert len(library) == 2_500
    assert library.get(was).track.title == "Known"
    assert library.resolve("spotify:track:7").track.id == own
    found = library.resolve("spotify:track:9")
    assert (found.track.title, found.track.album, found.track.people, found.track.duration) == (
        "T9",
        None,
        ("P", "Q"),
        9.5,
    )
    assert (found.features.energy, dict(found.sources)) == (0.00225, {"energy": "imported"})
    assert library.resolve("spotify:track:8").sources == {}
    add_imported(library, rows, lambda done, of: told.append((done, of)))
    assert len(library) == 2_500
    with pytest.raises(InputError, match="energy: 2 should be a number from 0 to 1"):
        add_imported(library, [(Track("", uri="x"), {}), (Track("", uri="y"), {"energy": 2})])
    assert len(library) == 2_500


def test_what_a_service_answered_is_remembered_by_service(library: Library) -> None:
    key = library.add_uri(Track("", uri="spotify:track:1"))
    one, two = ServiceMemory(library, "one"), ServiceMemory(library, "two")
    day = datetime.date(2026, 11, 28)
    one.keep(key, day, ["energy", "tempo"])
    two.keep(key, day, [])
    assert one.answers() == {key: Answer(day, ("energy", "tempo"))}
    assert two.answers() == {key: Answer(day, ())}
    one.keep(key, day.replace(day=29), ())
    assert one.answers() == {key: Answer(day.replace(day=29), ())}


def test_a_playlist_goes_on_where_it_was_left_unless_it_changed(library: Library) -> None:
    memory = SpotifyMemory(library)
    assert memory.place("p", "s1") == 0
    memory.keep_place("p", "s1", 40)
    assert (memory.place("p", "s1"), memory.place("p", "s2"), memory.place("q", "s1")) == (40, 0, 0)
    memory.keep_place("p", "s2", None)
    assert (memory.place("p", "s1"), memory.place("p", "s2")) == (0, None)


def test_decisions_come_back_as_they_were(library: Library) -> None:
    key = library.add_uri(Track("", uri="spotify:track:1"))
    memory = SpotifyMemory(library)
    for decision in (
        Decision("ä", "open", None, ({"name": "ö", "ms": 3},)),
        Decision("b", "chosen", "spotify:track:2"),
    ):
        memory.keep_decision(key, decision)
        assert memory.decisions() == {key: decision}
