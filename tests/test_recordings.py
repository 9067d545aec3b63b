"""Which tracks are versions of one recording."""

from __future__ import annotations

import pytest

from playlistkit.model import Track
from playlistkit.recordings import versions, works


def are_one(one: dict[str, object], two: dict[str, object]) -> bool:
    same = {"artist": "Norfolk Quartet", "duration": 300.0}
    tracks = [Track("1", **{**same, **one}), Track("2", **{**same, **two})]  # type: ignore[arg-type]
    return versions(tracks)[1] == 0


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"title": "Dawn"}, {"title": "Dawn - 2009 Remaster", "duration": 304.0}),
        ({"title": "Dawn"}, {"title": "Dawn (Radio Edit)", "duration": 190.0}),
        ({"title": "Don't Look"}, {"title": "Don’t Look", "duration": 301.0}),
        ({"title": "Dawn"}, {"title": "Dawn", "artist": "Norfolk Quartet feat. Ann Lee"}),
        ({"title": "Dawn", "isrc": "GBAAA0000001"}, {"title": "Tagesanbruch", "isrc": "GBAAA0000001"}),
        ({"title": "II. Adagio", "album": "Op. 3"}, {"title": "II. Adagio", "album": "Op. 3 (Remastered)"}),
    ],
)
def test_versions_count_as_one(one: dict[str, object], two: dict[str, object]) -> None:
    assert are_one(one, two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            {"title": "II. Adagio", "album": "Op. 3"},
            {"title": "II. Adagio", "album": "Op. 8", "duration": 312.0},
        ),
        (
            {"title": "II. Adagio", "album": "Op. 3"},
            {"title": "II. Adagio", "album": "Op. 3", "duration": 312.0},
        ),
        (
            {"title": "Dawn", "isrc": "GBAAA0000001"},
            {"title": "Tide", "artist": "Duo", "isrc": "GBAAA0000001"},
        ),
        ({"title": "Dawn"}, {"title": "Dawn", "artist": "Duo"}),
        ({"title": "Dawn"}, {"title": "Dawn", "duration": 900.0}),
        ({"title": "Suite", "work": "Suite in D"}, {"title": "Suite", "work": "Suite in F"}),
        ({"title": "Suite", "movement": 1}, {"title": "Suite", "movement": 2}),
        ({"artist": "Pärt; Ann Lee", "title": "Mirror"}, {"artist": "Pärt; Bo Ek", "title": "Mirror"}),
    ],
)
def test_what_only_looks_alike_counts_apart(one: dict[str, object], two: dict[str, object]) -> None:
    assert not are_one(one, two)


@pytest.mark.parametrize(
    ("titles", "numbers"),
    [
        (("Suite in D: I. Prelude", "Suite in D: II. Air"), [1, 2]),
        (("Suite in D, No. 3", "Suite in D, No. 4"), [3, 4]),
        (("Sonata - IX", "Sonata - IV"), [9, 4]),
        (("Suite \u2013 2. Air", "Suite \u2013 3. Gigue"), [2, 3]),
        (("Sonata: 1st movement", "Sonata: 2nd movement"), [1, 2]),
        (("Long Night, Pt. 1", "Long Night (Part II)"), [1, 2]),
        (("Long Night Part 3", "LONG NIGHT PART 4"), [3, 4]),
        (("Part of me", "Part of 2"), [0, 0]),
        (("Night: In May", "Night: Out"), [0, 0]),
        (("Dawn: I", "Tide: II"), [0, 0]),
    ],
)
def test_movements_are_known_by_numbers_in_titles(titles: tuple[str, str], numbers: list[int]) -> None:
    tracks = [Track(title, title=title, artist="A", album="B") for title in titles]
    assert [movement for _, movement in works(tracks)] == numbers


def test_movements_are_known_by_their_tags() -> None:
    tracks = [Track(str(k), title="x", artist="A", work="Suite", movement=k) for k in (1, 2)]
    assert works(tracks) == [(1, 1), (1, 2)]
    assert works(tracks[:1]) == [(0, 0)]
