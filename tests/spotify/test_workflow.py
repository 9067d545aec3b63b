"""The library and the account together: pull, import, match, push, and the way of a therapist with both or one."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playlistkit.errors import InputError, SpotifyError
from playlistkit.library import Library
from playlistkit.model import Candidate, Features, Reserve, Track
from playlistkit.spotify.client import Client, ComeBack
from playlistkit.workflow import spotify as workflow
from playlistkit.workflow.music.tables import import_tables
from playlistkit.workflow.spotify import Choice, Found

from .fake import Fault, Spotify
from .test_push import plan_of, uris_of

Connect = Callable[[], Client]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "music.db") as opened:
        yield opened


def scanned(
    library: Library, folder: Path, title: str, artist: str, duration: float = 200.0, **more: str
) -> str:
    path = folder / f"{title}.flac".replace("/", "-")
    path.write_bytes(title.encode())
    track = Track(f"{len(library):012x}", str(path), title=title, artist=artist, duration=duration, **more)
    features = Features(energy=0.3, loudness=-20.0, tempo=60.0)
    return library.add_file(track, features, size=1, mtime_ns=1, versions={})


# --- pull ---------------------------------------------------------------------------------------------------


def test_a_pull_brings_playlists_and_passes_over_what_is_no_track(
    spotify: Spotify, library: Library, connect: Connect
) -> None:
    tracks: list[str | None] = [
        spotify.add_track(f"Piece {n}", "Ana, Bo", isrc=f"GB-ABC-12-{n:05d}") for n in range(120)
    ]
    odd = [None, "spotify:local:a:b:c:1", f"spotify:episode:{'e' * 22}", tracks[0]]
    spotify.add_playlist("Quiet", tracks + odd)
    spotify.add_playlist("Followed", [], owner="else")
    report = workflow.pull(library, client=connect())
    assert (report.new, report.known, report.joined, report.playlists) == (120, 1, 0, ("Quiet",))
    assert [each.split(": ", 1)[1] for each in report.passed_over] == [
        "Spotify no longer returns it",
        "'Home tape' is a local file, which no app can add to a playlist",
        "'Talk' is an episode, not music",
    ]
    assert report.lacking == 120
    pulled = library.resolve(str(tracks[5])).track
    assert (pulled.title, pulled.artist, pulled.isrc, pulled.duration) == (
        "Piece 5",
        "Ana, Bo",
        "GBABC1200005",
        200.0,
    )


def test_only_what_has_changed_is_read_again(spotify: Spotify, library: Library, connect: Connect) -> None:
    first, second = spotify.add_track("A", "Ana"), spotify.add_track("B", "Ana")
    quiet = spotify.add_playlist("Quiet", [first])
    spotify.saved = [second]
    workflow.pull(library, ["quiet"], liked=True, client=connect())
    spotify.log.clear()
    report = workflow.pull(library, ["quiet"], liked=True, client=connect())
    assert report.unchanged == ("Quiet", "saved tracks")
    assert not [path for _, path in spotify.log if path.endswith("/items")]
    quiet.items.append(second)
    quiet.version += 1
    assert workflow.pull(library, ["quiet"], client=connect()).playlists == ("Quiet",)


def test_a_pull_that_had_to_stop_goes_on_where_it_was(
    spotify: Spotify, library: Library, connect: Connect
) -> None:
    quiet = spotify.add_playlist("Quiet", [spotify.add_track(f"Piece {n}", "Ana") for n in range(230)])
    spotify.faults = {6: Fault(429, headers={"Retry-After": "80000"})}
    with pytest.raises(ComeBack):
        workflow.pull(library, client=connect())
    assert 0 < len(library) < 230
    done = len(library)
    spotify.log.clear()
    report = workflow.pull(library, client=connect())
    assert len(library) == 230
    assert report.new == 230 - done
    assert len([path for _, path in spotify.log if path == f"/v1/playlists/{quiet.id}/items"]) == -(
        -(230 - done) // 50
    )


def test_a_pulled_track_takes_the_features_of_the_same_local_file(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path
) -> None:
    local = scanned(library, tmp_path, "Gymnopédie no. 1", "Anne Queffélec")
    uri = spotify.add_track("Gymnopédie No. 1 - Remastered", "Erik Satie, Anne Queffélec", 201)
    live = spotify.add_track("Gymnopédie No. 1 - Live", "Anne Queffélec", 200)
    spotify.add_playlist("Quiet", [uri, live])
    report = workflow.pull(library, client=connect())
    assert (report.joined, report.new) == (1, 1)
    assert library.resolve(uri).track.id == local
    assert library.resolve(uri).features.energy == 0.3
    assert library.resolve(live).features.energy is None


def test_explicit_words_are_words(spotify: Spotify, library: Library, connect: Connect) -> None:
    uri = spotify.add_track("Rant", "Ana", explicit=True)
    spotify.add_playlist("Loud", [uri])
    workflow.pull(library, client=connect())
    assert library.resolve(uri).features.vocals == "words"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("Quite", "did you mean 'Quiet'"),
        ("Followed", "belongs to somebody else"),
        ("Twice", "2 of your playlists"),
    ],
)
def test_a_playlist_that_is_not_meant_clearly_is_told(
    spotify: Spotify, library: Library, connect: Connect, wanted: str, words: str
) -> None:
    for name, owner in (("Quiet", None), ("Followed", "else"), ("Twice", None), ("Twice", None)):
        spotify.add_playlist(name, [], owner=owner)
    with pytest.raises(InputError, match=words):
        workflow.pull(library, [wanted], client=connect())


def test_a_track_without_a_length_or_name_is_told_as_one_that_cannot_be_played(
    spotify: Spotify, library: Library, connect: Connect
) -> None:
    uri = spotify.add_track("Ghost", "Ana")
    del spotify.tracks[uri]["uri"]
    spotify.add_playlist("Quiet", [uri])
    report = workflow.pull(library, client=connect())
    assert report.passed_over == ("Quiet, entry 1: 'Ghost' can't be played",)
    assert not len(library)


# --- import -------------------------------------------------------------------------------------------------


def test_a_table_gives_features_to_pulled_tracks_and_to_local_files(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path
) -> None:
    uri = spotify.add_track("Piece", "Ana")
    spotify.add_playlist("Quiet", [uri])
    workflow.pull(library, client=connect())
    local = scanned(library, tmp_path, "Home", "Bo")
    text = (
        "Track URI,Track Name,Artist Name(s),Duration (ms),Energy,Valence,Tempo\n"
        f"{uri},Piece,Ana,200000,0.1,0.1,60\n"
        f"spotify:track:{'9' * 22},New,Ana,100000,0.21,0.1,70\n"
        ",Home,Bo,200500,0.05,0.1,50\n"
        ",Unknown,Bo,200500,0.05,0.1,50\n"
    )
    (tmp_path / "names.csv").write_text('TITLE, ARTIST\n"Home", "Bo"\n')
    (named,) = import_tables(library, tmp_path / "names.csv")
    assert (named.known, named.unmatched) == (1, 0)
    (tmp_path / "a.csv").write_text(text)
    for _ in range(2):
        (report,) = import_tables(library, tmp_path / "a.csv")
        assert report.unmatched == 1
        assert any("a.csv:5: no file in the library is 'Bo - Unknown'" in fault for fault in report.faults)
    assert library.resolve(uri).features.energy == 0.5
    assert library.resolve("New").features.energy == 0.75
    assert (library.get(local).features.energy, library.get(local).sources["energy"]) == (0.25, "imported")
    assert len(library) == 3


def test_a_table_joins_a_uri_with_the_same_local_file(library: Library, tmp_path: Path) -> None:
    local = scanned(library, tmp_path, "Home", "Bo", isrc="GBABC1234567")
    (tmp_path / "a.csv").write_text(
        f"Track URI,Track Name,Artist Name(s),Duration (ms),ISRC\nspotify:track:{'9' * 22},Home,Bo,200500,GBABC1234567\n"
    )
    (report,) = import_tables(library, tmp_path / "a.csv")
    assert report.joined == 1
    assert library.get(local).track.uri == f"spotify:track:{'9' * 22}"


def test_the_rows_of_a_table_are_counted_while_they_are_read_compared_and_stored(
    library: Library, tmp_path: Path
) -> None:
    rows = [f"spotify:track:{number:022d}" for number in range(2400)]
    (tmp_path / "a.csv").write_text("\n".join(["Track URI", *rows]))
    steps: dict[str, list[int]] = {}
    import_tables(
        library,
        tmp_path / "a.csv",
        progress=lambda done, total, what: (
            steps.setdefault(what.rpartition("/")[2], []).append(done)
            if total == 2400
            else pytest.fail(f"{total} {what}")
        ),
    )
    assert steps == {
        "a.csv: reading": [0, 500, 1000, 1500, 2000],
        "a.csv: comparing": [0, 500, 1000, 1500, 2000],
        "a.csv: storing": [0, 500, 1000, 1500, 2000],
        "a.csv": [2400],
    }


def test_a_table_that_is_stopped_while_it_is_stored_leaves_nothing(library: Library, tmp_path: Path) -> None:
    def stop(_done: int, _total: int, what: str) -> None:
        if what.endswith("storing"):
            raise KeyboardInterrupt

    (tmp_path / "a.csv").write_text(f"Track URI\nspotify:track:{'9' * 22}\n")
    with pytest.raises(KeyboardInterrupt):
        import_tables(library, tmp_path / "a.csv", progress=stop)
    assert len(library) == 0


def test_a_faulty_file_among_good_ones_changes_nothing(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"Track URI\nspotify:track:{'9' * 22}\n")
    with pytest.raises(InputError):
        import_tables(library, tmp_path / "a.csv", tmp_path / "missing.csv")
    assert len(library) == 0


# --- match --------------------------------------------------------------------------------------------------


def test_sure_finds_are_taken_and_the_rest_is_left_open(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path
) -> None:
    sure = scanned(library, tmp_path, "Home", "Ana Ruiz", isrc="GBABC1234567")
    unsure = scanned(library, tmp_path, "Evening", "Ana Ruiz")
    scanned(library, tmp_path, "Nowhere to be found", "Zed")
    uri = spotify.add_track("Home - 2015 Remaster", "Ana Ruiz", 201, isrc="GB-ABC-12-34567")
    spotify.add_track("Evening - Live", "Ana Ruiz")
    report = workflow.match(library, client=connect())
    assert (report.taken, report.nothing, len(report.open)) == (1, 1, 1)
    assert library.get(sure).track.uri == uri
    assert library.get(unsure).track.uri is None
    assert report.open[0].id == unsure
    assert report.open[0].candidates[0].against == ("only one of them is a live version",)


def test_a_file_without_tags_is_looked_for_by_its_name(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "03 Ana Ruiz - Home.flac").write_bytes(b"x")
    bare = Track("ab" * 6, str(tmp_path / "03 Ana Ruiz - Home.flac"), duration=200)
    library.add_file(bare, Features(), size=1, mtime_ns=1, versions={})
    uri = spotify.add_track("Home", "Ana Ruiz")
    assert workflow.match(library, client=connect()).taken == 1
    assert library.get("ab" * 6).track.uri == uri


def test_hits_and_misses_are_remembered(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path
) -> None:
    for title in ("Home", "Evening", "Nowhere"):
        scanned(library, tmp_path, title, "Ana Ruiz")
    spotify.add_track("Home", "Ana Ruiz")
    spotify.add_track("Evening - Live", "Ana Ruiz")
    first = workflow.match(library, client=connect())
    spotify.log.clear()
    assert workflow.match(library, client=connect()) == first
    assert spotify.log == []
    workflow.match(library, again=True, client=connect())
    assert spotify.log != []


def test_the_therapist_chooses_skips_or_leaves(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path
) -> None:
    ids = {title: scanned(library, tmp_path, title, "Ana Ruiz") for title in ("Home", "Evening", "Morning")}
    for title in ids:
        spotify.add_track(f"{title} - Live", "Ana Ruiz")

    def choose(candidate: Candidate, finds: tuple[Found, ...]) -> Choice:
        return {"Home": finds[0], "Evening": "skip", "Morning": "later"}[str(candidate.track.title)]  # type: ignore[return-value]

    report = workflow.match(library, choose=choose, client=connect())
    assert (report.chosen, report.skipped, len(report.open)) == (1, 1, 1)
    assert library.get(ids["Home"]).track.uri is not None
    report = workflow.match(library, client=connect())
    assert (report.chosen, report.skipped, len(report.open)) == (1, 1, 1)


def test_a_match_that_had_to_stop_keeps_what_it_found(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path
) -> None:
    for number in range(5):
        scanned(library, tmp_path, f"Home {number}", "Ana")
        spotify.add_track(f"Home {number}", "Ana")
    spotify.faults = {3: Fault(429)}
    with pytest.raises(SpotifyError):
        workflow.match(library, client=connect())
    assert sum(each.track.uri is not None for each in library.candidates()) == 2
    assert workflow.match(library, client=connect()).taken == 5


def test_a_find_that_was_pulled_before_becomes_one_track(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path
) -> None:
    uri = spotify.add_track("Home", "Ana")
    spotify.add_playlist("Quiet", [uri])
    workflow.pull(library, client=connect())
    local = scanned(library, tmp_path, "Home", "Ana")
    workflow.match(library, client=connect())
    assert len(library) == 1
    assert library.resolve(uri).track.id == local


@pytest.mark.parametrize("ask", [False, True])
def test_the_same_recording_in_two_files_stops_no_match(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path, ask: bool
) -> None:
    uri = spotify.add_track("Home - Live" if ask else "Home", "Ana")
    spotify.add_track("Night", "Bo")
    for folder in ("flac", "mp3"):
        (tmp_path / folder).mkdir()
        scanned(library, tmp_path / folder, "Home", "Ana")
    scanned(library, tmp_path, "Night", "Bo")
    report = workflow.match(library, choose=(lambda _, finds: finds[0]) if ask else None, client=connect())
    assert (report.taken, report.chosen, report.copies) == ((1, 2, 1) if ask else (3, 0, 1))
    assert "1 of them is the same Spotify track as another of your files" in report.summary()
    assert [each.track.title for each in library.candidates() if each.track.uri == uri] == ["Home"]
    spotify.log.clear()
    workflow.match(library, client=connect())
    assert not spotify.log


def test_the_therapists_word_links_any_track(library: Library, tmp_path: Path) -> None:
    local = scanned(library, tmp_path, "Home tape", "Bo")
    workflow.link(library, "Home tape", f"https://open.spotify.com/track/{'7' * 22}?si=x")
    assert library.get(local).track.uri == f"spotify:track:{'7' * 22}"
    with pytest.raises(InputError, match="not a Spotify track"):
        workflow.link(library, "Home tape", "my song")


# --- push ---------------------------------------------------------------------------------------------------


def test_missing_tracks_stop_are_replaced_or_left_out_as_asked(
    spotify: Spotify, library: Library, connect: Connect
) -> None:
    plan = plan_of(spotify, 3)
    slots = list(plan.slots)
    slots[1] = dataclasses.replace(
        slots[1], track=Track("m", path="/m.flac", title="Tape", artist="Bo", duration=200)
    )
    spare = [
        Reserve(
            Track(f"r{n}", uri=spotify.add_track(f"Spare {n}", "Cy"), title=f"Spare {n}", duration=length)
        )
        for n, length in enumerate((100.0, 212.0, 300.0))
    ]
    plan = dataclasses.replace(plan, slots=tuple(slots), reserves={"peak": tuple(spare)})
    with pytest.raises(InputError, match="track 2, Bo - Tape in 'peak', is not on Spotify"):
        workflow.push(plan, library, client=connect())
    assert spotify.playlists == {}
    report = workflow.push(plan, library, missing="reserve", client=connect())
    assert report.replaced == (
        "track 2, Bo - Tape in 'peak', is not on Spotify: Spare 1 stands in, 0:12 longer",
    )
    (made,) = spotify.playlists.values()
    assert made.items == [slots[0].track.uri, spare[1].track.uri, slots[2].track.uri]
    report = workflow.push(plan, library, missing="skip", client=connect())
    assert made.items == [slots[0].track.uri, slots[2].track.uri]
    assert "left out" in report.replaced[0]
    assert any("crossfade" in line.lower() for line in report.settings)


def test_a_track_matched_after_the_plan_was_made_is_pushed(
    spotify: Spotify, library: Library, connect: Connect, tmp_path: Path
) -> None:
    local = scanned(library, tmp_path, "Tape", "Bo")
    plan = plan_of(spotify, 1)
    slot = dataclasses.replace(plan.slots[0], track=library.get(local).track)
    uri = spotify.add_track("Tape", "Bo")
    workflow.link(library, local, uri)
    workflow.push(dataclasses.replace(plan, slots=(slot,)), library, client=connect())
    (made,) = spotify.playlists.values()
    assert made.items == [uri]


def test_a_clients_alias_never_leaves_this_machine(
    spotify: Spotify, library: Library, connect: Connect
) -> None:
    library.clients.remember("Heron", [])
    plan = plan_of(spotify, 1)
    with pytest.raises(InputError, match="'Heron', which belongs to a client"):
        workflow.push(plan, library, name="heron, second evening", client=connect())
    assert spotify.log == []
    workflow.push(plan, library, client=connect())
    assert (
        "heron" not in json.dumps([dataclasses.asdict(each) for each in spotify.playlists.values()]).lower()
    )


def test_a_pushed_plan_reads_back_equal(spotify: Spotify, library: Library, connect: Connect) -> None:
    plan = plan_of(spotify, 140)
    workflow.push(plan, library, client=connect())
    workflow.pull(library, [plan.name], client=connect())
    assert {each.track.uri for each in library.candidates()} == set(uris_of(plan))
