"""A number that is printed beside a bound reads as it stands to that bound."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import playlistkit
from playlistkit import objective
from playlistkit.figures import beside, counted, number, passes
from playlistkit.model import Candidate, Features, Minutes, Phase, Range, Rules, Session, Template, Track

NUMBERS = st.floats(-1000, 1000).map(lambda value: round(value, 6))


def side(value: float, bound: float) -> int:
    return (value > bound) - (value < bound)


@given(NUMBERS, st.lists(NUMBERS, max_size=3), st.integers(0, 3))
def test_what_is_printed_lies_on_the_same_side_of_every_printed_bound(
    value: float, bounds: list[float], digits: int
) -> None:
    told = float(beside(value, *bounds, digits=digits))
    for bound in bounds:
        assert side(told, float(number(bound))) == side(value, bound)


@given(NUMBERS, st.floats(-1e-5, 1e-5).map(lambda value: round(value, 7)))
def test_however_little_a_bound_is_passed_it_is_seen(bound: float, by: float) -> None:
    assert side(float(beside(bound + by, bound)), bound) == side(by, 0)


def test_no_more_digits_are_printed_than_the_difference_needs() -> None:
    assert beside(0.2, 0.1, 0.6) == "0.20"
    assert beside(0.0984, 0.1, 0.6) == "0.098"
    assert beside(3.04, 3.0, digits=1) == "3.04"
    assert beside(0.1 + 0.2, 0.3) == "0.30"
    assert (number(0.1 + 0.2), number(40.0)) == ("0.3", "40")


def test_a_wish_is_passed_when_it_can_be_seen() -> None:
    assert not passes(3.04, 3.0, 1)
    assert passes(3.06, 3.0, 1)


PHASE = Phase("growing", Minutes(10.0, 10.0, 10.0), ((0.0, 0.3), (1.0, 0.4)), stands_for="peak", energy_tolerance=0.2)  # fmt: skip


@given(st.floats(0, 1), st.floats(60, 3600))
def test_no_sentence_about_a_barred_track_contradicts_itself(energy: float, seconds: float) -> None:
    template = Template("t", (PHASE,), rules=Rules(track_minutes=Range(2.5, 30.0)))
    track = Track("a", path="/a.flac", title="A", duration=seconds)
    known = Features(energy=energy, music_probability=1.0, vocals="none")
    broken = dict(objective.rules_broken.rules_broken(Session(template), PHASE, Candidate(track, known)))
    for rule in ("energy", "track_minutes"):
        if rule in broken:
            value, low, high = map(float, re.findall(r"\d+(?:\.\d+)?", str(broken[rule])))
            assert not low <= value <= high, broken[rule]


def test_one_is_singular_and_all_else_plural() -> None:
    assert [counted(n, "track") for n in (0, 1, 2)] == ["0 tracks", "1 track", "2 tracks"]
    assert [counted(n, "entry", "entries") for n in (1, 1.5)] == ["1 entry", "1.5 entries"]


def test_no_sentence_leaves_the_plural_open() -> None:
    package = Path(playlistkit.__file__).parent
    texts = {
        path: path.read_text(encoding="utf-8")
        for suffix in ("py", "html", "js")
        for path in package.rglob(f"*.{suffix}")
    }
    left = [str(path) for path, text in texts.items() if re.search(r"[ }][a-z]{3,}\(s\)[ ,.:;]", text)]
    assert left == [], "count with figures.counted"
