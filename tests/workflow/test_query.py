"""What a person types to narrow and sort tracks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.errors import InputError
from playlistkit.library import Condition, Library, Order
from playlistkit.model import Features, Track
from playlistkit.workflow.music.overruling import set_many
from playlistkit.workflow.music.query import parse_order, parse_query
from playlistkit.workflow.music.tracks import page, tracks


@pytest.fixture
def library(tmp_path: Path):
    with Library(tmp_path / "library.db") as opened:
        for number, (title, artist, energy, vocals, duration) in enumerate(
            (
                ("Aurora", "Ólafur", 0.10, "none", 200.0),
                ("Blue", "Zoë Keating", 0.35, "words", 299.0),
                ("Cloud", None, None, None, 620.0),
                ("Dawn", "Arvo", 0.30, "unknown", 61.0),
            )
        ):
            path = tmp_path / f"{number}.mp3"
            path.touch()
            opened.add_file(
                Track(f"{number:012}", path=str(path), title=title, artist=artist, duration=duration),
                Features(energy=energy, vocals=vocals),
                size=1,
                mtime_ns=1,
                versions={},
            )
        yield opened


def titles(library: Library, query: str, *sort: str) -> list[str | None]:
    return [each.track.title for each in tracks(library, query, sort=sort)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Dawn", "Aurora", "Blue", "Cloud"]),
        ("energy:..0.3", ["Dawn", "Aurora"]),
        ("energy:0.2..", ["Dawn", "Blue"]),
        ("energy:0.2..0.32", ["Dawn"]),
        ("energy:unknown", ["Cloud"]),
        ("vocals:unknown", ["Dawn", "Cloud"]),
        ("voice:none,words", ["Aurora", "Blue"]),
        ("length:..5:00", ["Dawn", "Aurora", "Blue"]),
        ("length:10:00..", ["Cloud"]),
        ("artist:olaf", ["Aurora"]),
        ('artist:"zoe keating"', ["Blue"]),
        ("artist:unknown", ["Cloud"]),
        ("keep:no energy:..0.2", ["Aurora"]),
        ("vocals:unknown dawn", ["Dawn"]),
        ("energy:..0.3 length:3:00..", ["Aurora"]),
    ],
)
def test_conditions_and_words_narrow_the_tracks(library, query, expected):
    assert titles(library, query) == expected


def test_what_is_not_known_comes_last_whichever_way_it_is_sorted(library):
    assert titles(library, "", "energy") == ["Aurora", "Dawn", "Blue", "Cloud"]
    assert titles(library, "", "energy-") == ["Blue", "Dawn", "Aurora", "Cloud"]
    assert titles(library, "", "vocals", "title-") == ["Aurora", "Dawn", "Blue", "Cloud"]


def test_the_therapists_word_is_what_is_filtered(library):
    set_many(library, ["000000000000", "000000000002"], ["energy=0.9", "keep=yes"])
    assert titles(library, "energy:0.9 keep:yes") == ["Aurora", "Cloud"]
    library.set_features("000000000000", {"energy": None})
    assert titles(library, "energy:0.9") == ["Cloud"]
    assert titles(library, "energy:0.1") == ["Aurora"]


def test_one_wrong_track_changes_none(library):
    with pytest.raises(InputError):
        set_many(library, ["000000000000", "no such id"], ["energy=0.9"])
    assert titles(library, "energy:0.9") == []


def test_a_page_holds_a_stretch_and_counts_all(library):
    shown = page(library, "energy:..1", sort=("energy",), first=1, most=1)
    assert (shown.count, [each.track.title for each in shown.tracks]) == (3, ["Dawn"])


@pytest.mark.parametrize(
    "typed",
    ["energy:low", "energie:0.2", "vocals:maybe", "energy:..", "energy:0.9..0.1", "length:a:b", "keep:perhaps"],
)  # fmt: skip
def test_a_wrong_condition_is_a_sentence_that_repeats_it(typed):
    with pytest.raises(InputError, match=typed.replace(".", r"\.")):
        parse_query(typed)


@pytest.mark.parametrize(
    "typed", ["Op:1", "spotify:track:4uLU6hMCjMI75M1A2tKUQC", r"C:\Music", '12" mix', "a"]
)
def test_a_colon_in_a_name_is_no_condition(typed):
    query = parse_query(typed)
    assert (query.conditions, query.text) == ((), typed)


def test_orders_are_read_with_their_direction():
    assert parse_order("length-") == Order("duration", descending=True)
    assert parse_order("energy+") == Order("energy")
    with pytest.raises(InputError, match="energy"):
        parse_order("energie")


@given(st.text(max_size=40))
def test_no_text_is_too_odd_to_be_read(text):
    try:
        query = parse_query(text)
    except InputError:
        return
    assert all(isinstance(each, Condition) for each in query.conditions)
