"""Tracks rated by ear."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import playlistkit as pk
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import Candidate, Features, Track
from playlistkit.workflow.demo import Demo
from playlistkit.workflow.music.overruling import set_values
from playlistkit.workflow.music.rating import (
    DOUBT,
    STEPS,
    Rating,
    parse_rating,
    rate,
    to_rate,
    write_examples,
)


@pytest.fixture
def library(tmp_path: Path):
    with Library(tmp_path / "library.db") as opened:
        for number in range(3):
            uri = f"spotify:track:{number:022d}"
            key = opened.add_uri(Track("", uri=uri, title=f"Piece {number}", duration=300.0))
            if number:
                opened.set_features(key, {"tempo": 60.0, "loudness": -20.0}, "imported")
        yield opened


def test_each_step_is_as_energetic_as_its_example(demo_made: Demo) -> None:
    with Library(demo_made.files[0].parent / "library.db") as library:
        energies = {Path(each.track.path or "").name: each.features.energy for each in library.candidates()}
    for step in STEPS:
        assert step.energy == pytest.approx(energies[step.example], abs=0.1), step
    assert [step.energy for step in STEPS] == sorted(step.energy for step in STEPS)


def test_a_rating_is_kept_as_the_therapists_word_with_its_doubt(library: Library) -> None:
    rated = rate(library, "Piece 1", parse_rating("3nf"))
    assert (rated.features.energy, rated.features.energy_doubt) == (STEPS[2].energy, DOUBT)
    assert (rated.features.vocals, rated.features.pulse_clarity) == ("none", 0.0)
    assert rated.sources["energy"] == "set"
    assert "Piece 1" not in [each.track.title for each in to_rate(library)]


def test_what_lacks_least_is_asked_first(library: Library) -> None:
    assert [each.track.title for each in to_rate(library)] == ["Piece 1", "Piece 2", "Piece 0"]


def test_a_number_by_hand_takes_the_doubt_away(library: Library) -> None:
    rate(library, "Piece 1", Rating(step=3))
    assert set_values(library, "Piece 1", ["energy=0.3"]).features.energy_doubt is None


@pytest.mark.parametrize("typed", ["", "8", "0", "3x", "3nw", "3bf", "33", "n3", "ä"])
def test_a_rating_that_can_not_be_read_is_a_sentence(typed: str) -> None:
    with pytest.raises(InputError, match="such as 3n"):
        parse_rating(typed)


@given(st.text(max_size=6))
def test_no_answer_is_too_odd(text: str) -> None:
    with contextlib.suppress(InputError):
        assert isinstance(parse_rating(text), Rating)


def test_of_two_tracks_alike_the_planner_prefers_the_measured_one() -> None:
    template = pk.parse_template(
        "name: t\nphases:\n  - {name: peak, minutes: 10, energy: 0.3}\nrules: {tail_minutes: 0}\n", "t.yaml"
    )
    features = Features(
        energy=0.3, energy_start=0.3, energy_end=0.3, loudness=-20.0, tempo=60.0, vocals="none"
    )
    candidates = [
        Candidate(Track(f"{number}", path=f"/{number}.mp3", artist=f"A{number}", duration=300.0), doubtful)
        for number, doubtful in enumerate((replace(features, energy_doubt=DOUBT),) * 2 + (features,) * 2)
    ]
    plan = pk.plan(pk.Session(template), candidates)
    assert {slot.track.id for slot in plan.slots} == {"2", "3"}


def test_an_example_of_each_step_is_written(tmp_path: Path) -> None:
    files = write_examples(tmp_path / "steps")
    assert len(files) == len(STEPS)
    assert all(file.read_bytes()[:4] == b"OggS" for file in files)
