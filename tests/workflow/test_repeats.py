"""A series: what was heard before comes again only where the rest doesn't do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import playlistkit as pk
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import Features, Track
from playlistkit.workflow.planning.repeats import longest_ago

TEMPLATE = "name: t\nphases:\n  - {name: peak, minutes: 20, energy: 0.3}\nrules: {tail_minutes: 0, artist: {max: 9}}\n"


@pytest.fixture
def library(tmp_path: Path):
    """Ten tracks of five minutes, four of which fill a session."""
    with Library(tmp_path / "library.db") as opened:
        for number in range(10):
            path = tmp_path / f"{number}.mp3"
            path.touch()
            opened.add_file(
                Track(
                    f"{number:012}", path=str(path), title=f"T{number}", artist=f"A{number}", duration=300.0
                ),
                Features(energy=0.3, loudness=-20.0, tempo=60.0, vocals="none"),
                size=1,
                mtime_ns=1,
                versions={},
            )
        yield opened


def test_a_third_session_takes_what_was_not_heard_and_as_few_repeats_as_it_takes(library: Library) -> None:
    template = pk.parse_template(TEMPLATE, "t.yaml")
    sessions = [
        {slot.track.id for slot in pk.build(template, library, client="Heron", allow_repeats=True).slots}
        for _ in range(3)
    ]
    assert not sessions[0] & sessions[1]
    assert len(sessions[2] - sessions[0] - sessions[1]) == 2
    assert len(sessions[2] & sessions[0]) == 2  # heard longest ago
    assert not sessions[2] & sessions[1]


def test_what_a_client_heard_stands_in_no_plan(library: Library, tmp_path: Path) -> None:
    template = pk.parse_template(TEMPLATE, "t.yaml")
    for _ in range(3):
        plan = pk.build(template, library, client="Heron", allow_repeats=True)
    pk.export(plan, tmp_path / "plan.json")
    text = (tmp_path / "plan.json").read_text(encoding="utf-8").lower()
    assert "heron" not in text
    assert "used_tracks" not in text
    assert not pk.load_plan(tmp_path / "plan.json").session.used_tracks


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=5))
def test_tracks_are_ordered_by_when_they_were_heard_last(sessions: list[list[str]]) -> None:
    def last(track: str) -> int:
        return max(number for number, tracks in enumerate(sessions) if track in tracks)

    ordered = longest_ago(sessions)
    assert sorted(ordered) == sorted({track for tracks in sessions for track in tracks})
    assert [last(track) for track in ordered] == sorted(last(track) for track in ordered)


def test_an_alias_that_differs_by_case_alone_begins_no_client(library: Library) -> None:
    template = pk.parse_template(TEMPLATE, "t.yaml")
    pk.build(template, library, client="Heron")
    with pytest.raises(InputError, match="there is a client 'Heron'"):
        pk.build(template, library, client="heron")
