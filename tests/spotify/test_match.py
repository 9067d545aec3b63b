"""What counts as the same performance, and what is left to the therapist."""

from __future__ import annotations

import dataclasses
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.model import Track
from playlistkit.spotify.match import Found, compare, find, found_track, queries


def local(title: str, artist: str, duration: float = 200.0, **more: str) -> Track:
    return Track("0", path="/a.flac", title=title, artist=artist, duration=duration, **more)


def found(title: str, artist: str, duration: float = 200.0, album: str = "", **more: str) -> Found:
    return Found(
        f"spotify:track:{zlib.crc32(repr((title, artist, album)).encode()):022d}",
        title,
        artist,
        album,
        duration,
        **more,
    )  # type: ignore[arg-type]


SAME = [
    (("Weightless", "Marconi Union"), ("Weightless", "Marconi Union")),
    (("Gymnopedie no 1", "Erik Satie; Anne Queffélec"), ("Gymnopédie No. 1", "Erik Satie, Anne Queffélec")),
    (("Shadow of the Day", "Linkin Park"), ("Shadow of the Day - 2017 Remaster", "Linkin Park")),
    (("Big Log (2006 Remastered)", "Robert Plant"), ("Big Log", "Robert Plant")),
    (("Cloudburst (feat. Ana Ruiz)", "Low Choir"), ("Cloudburst", "Low Choir, Ana Ruiz")),
    (("The Sound of Silence", "Simon & Garfunkel"), ("The Sound Of Silence", "Simon and Garfunkel")),
    (("Home (Live at Montreux)", "Ana Ruiz"), ("Home - Live", "Ana Ruiz")),
    (("Don’t Stop", "The Low Choir"), ("Dont Stop", "Low Choir")),
    (
        ("Cello Suite No. 1 in G major, BWV 1007: I. Prélude", "Yo-Yo Ma"),
        ("Unaccompanied Cello Suite No. 1 in G Major, BWV 1007: I. Prélude", "Johann Sebastian Bach, Yo-Yo Ma"),
    ),
    (
        ("Bach: Suite 1 BWV 1007 - 1. Prelude", "J.S. Bach/Pablo Casals"),
        ("Cello Suite No. 1 in G Major, BWV 1007: I. Prélude", "Johann Sebastian Bach, Pablo Casals"),
    ),
    (("Zycie Sloneczne", "Lukasz Soegaard"), ("Życie Słoneczne", "Łukasz Søgaard")),
    (("Spiegel im Spiegel, Op. 5", "Ana Ruiz"), ("Spiegel im Spiegel", "Arvo Pärt, Ana Ruiz")),
    (("Nocturne in E-flat major, Op. 9 No. 2", "Rubinstein"), ("Nocturne No. 2 in E Flat Major, Op. 9 No. 2", "Frédéric Chopin, Rubinstein")),
]  # fmt: skip

OTHER = [
    (("Home", "Ana Ruiz"), ("Home - Live at Montreux", "Ana Ruiz"), "live"),
    (("Home", "Ana Ruiz"), ("Home (Low Choir Remix)", "Ana Ruiz"), "remix"),
    (("Home", "Ana Ruiz"), ("Home (Karaoke Version)", "Ana Ruiz"), "karaoke"),
    (("Home", "Ana Ruiz"), ("Home", "Ana Ruiz Tribute Band"), "cover"),
    (("Home", "Ana Ruiz"), ("Home (Acoustic)", "Ana Ruiz"), "acoustic"),
    (("Home", "Ana Ruiz"), ("Home - Sped Up", "Ana Ruiz"), "speed"),
    (("Home", "Ana Ruiz"), ("Home", "Somebody Else"), "artists differ"),
    (("Home", "Ana Ruiz"), ("Home (feat. The Cast of the Musical)", "Ana Ruiz"), "guests"),
    (("Home", "Ana Ruiz"), ("Rome at Night", "Ana Ruiz"), "titles differ"),
    (("Weightless Part 1", "Marconi Union"), ("Weightless Part 2", "Marconi Union"), "numbers"),
    (("Stars II", "Ana Ruiz"), ("Stars III", "Ana Ruiz"), "numbers"),
    (
        ("Cello Suite No. 1 in G major, BWV 1007: I. Prélude", "Yo-Yo Ma"),
        ("Cello Suite No. 2 in D Minor, BWV 1008: I. Prélude", "Yo-Yo Ma"),
        "catalogue numbers differ",
    ),
    (
        ("Cello Suite No. 1 in G major, BWV 1007: I. Prélude", "Yo-Yo Ma"),
        ("Cello Suite No. 1 in G Major, BWV 1007: II. Allemande", "Yo-Yo Ma"),
        "movements differ",
    ),
    (
        ("Cello Suite No. 1 in G major, BWV 1007: I. Prélude", "Bach, Yo-Yo Ma"),
        ("Cello Suite No. 1 in G Major, BWV 1007: I. Prélude", "Johann Sebastian Bach, Pablo Casals"),
        "artists differ",
    ),
    (
        ("Gymnopédie No. 1", "Erik Satie"),
        ("Gymnopédie No. 1", "Erik Satie, Anne Queffélec"),
        "artists differ",
    ),
    (("Gymnopédie No. 1", "Anne Queffélec"), ("Gymnopédie No. 3", "Anne Queffélec"), "numbers differ"),
]


@pytest.mark.parametrize(("here", "there"), SAME)
def test_the_same_performance_is_recognised(here: tuple[str, str], there: tuple[str, str]) -> None:
    weighed = compare(local(*here), found(*there))
    assert weighed.sure, weighed


@pytest.mark.parametrize(("here", "there", "why"), OTHER)
def test_another_version_or_work_is_never_taken(
    here: tuple[str, str], there: tuple[str, str], why: str
) -> None:
    weighed = compare(local(*here), found(*there))
    assert not weighed.sure
    assert any(why in each for each in weighed.against), weighed.against


@pytest.mark.parametrize(("duration", "sure"), [(202.0, True), (202.6, False), (197.9, False), (0.0, False)])
def test_the_length_must_agree_within_2_s(duration: float, sure: bool) -> None:
    assert compare(local("Home", "Ana"), found("Home", "Ana", duration)).sure == sure


def test_an_isrc_helps_but_is_never_enough() -> None:
    here = local("Home", "Ana Ruiz", isrc="GBABC1234567")
    retitled = found("Home (Theme of the Film)", "Ana Ruiz & Friends", isrc="GBABC1234567")
    assert compare(here, retitled).sure
    assert not compare(here, dataclasses.replace(retitled, isrc=None)).sure
    assert not compare(here, found("Thunder", "Brass Five", isrc="GBABC1234567")).sure


def test_the_isrc_is_asked_for_first_then_names_then_words() -> None:
    assert queries(local('He said "home": live', "Ana Ruiz; Low Choir", isrc="GBABC1234567")) == [
        "isrc:GBABC1234567",
        'track:"he said home live" artist:"ana ruiz"',
        "ana ruiz low choir he said home live",
    ]
    assert queries(Track("0")) == []


def test_searching_stops_at_the_first_sure_find() -> None:
    asked: list[str] = []

    def search(query: str) -> list[Found]:
        asked.append(query)
        return [] if query.startswith("isrc") else [found("Home", "Ana")]

    match = find(local("Home", "Ana", isrc="GBABC1234567"), search)
    assert match.taken is not None
    assert len(asked) == 2


def test_what_is_not_sure_is_left_with_its_candidates() -> None:
    finds = [found("Home", "Ana", 300), found("Home - Live", "Ana"), found("Home", "Bo")]
    match = find(local("Home", "Ana"), lambda query: finds)
    assert match.taken is None
    assert {each.uri for each in match.candidates} == {each.uri for each in finds}
    assert all(each.against for each in match.candidates)


@given(st.permutations(range(6)))
def test_the_order_of_answers_does_not_matter(order: list[int]) -> None:
    finds = [
        Found(f"spotify:track:{number:022d}", "Home", "Ana", album, 200.0)
        for number, album in enumerate(("B", "Tides", "Tides (Deluxe)", "A", "Best of", "Tides"))
    ]
    match = find(local("Home", "Ana", album="Tides"), lambda query: [finds[place] for place in order])
    assert match.taken is not None
    assert match.taken.uri == finds[1].uri


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_text_gets_a_score_from_0_to_1(title: str, artist: str, other: str, singer: str) -> None:
    weighed = compare(local(title, artist), found(other, singer))
    assert 0 <= weighed.score <= 1
    queries(local(title, artist))


def test_answers_that_are_no_playable_track_are_passed_over() -> None:
    good = {"type": "track", "uri": f"spotify:track:{'1' * 22}", "name": "Home", "duration_ms": 200_000,
            "artists": [{"name": "Ana"}, None, {}], "album": None, "external_ids": {"isrc": "gb-abc-12-34567"}}  # fmt: skip
    read = found_track(good)
    assert read is not None
    assert (read.artist, read.isrc, read.duration) == ("Ana", "GBABC1234567", 200.0)
    for odd in (
        {"type": "episode"}, {"is_local": True}, {"is_playable": False}, {"uri": None}, {"name": None},
        {"uri": "spotify:local:a:b:c:1"},
    ):  # fmt: skip
        assert found_track(good | odd) is None
