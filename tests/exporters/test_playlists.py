"""Playlists in every format: what is in them, and that no name can break them."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from playlistkit import exporters
from playlistkit.errors import ExportError
from playlistkit.exporters.naming import Naming
from playlistkit.model import Plan, Session, Slot, Template, Track
from playlistkit.sources import playlist as sources
from playlistkit.sources.playlist import read_playlist

from . import odd

GOLDEN = Path(__file__).parent / "golden"
PLAYLISTS = tuple(suffix for suffix in exporters.SUFFIXES if suffix in sources.SUFFIXES)

# what a name of a file may be made of on POSIX: anything but the slash and NUL, odd bytes as surrogate escapes
ODD = st.one_of(
    st.characters(codec="utf-8", exclude_characters="/\0"),
    st.sampled_from("# %\\:;,=+-@'\"<>&\n\r\t\x0b\x85\u2028\ufeff"),
    st.integers(0xDC80, 0xDCFF).map(chr),
)
NAMES = (
    st.text(ODD, min_size=1, max_size=40)
    # decoded once by the system, as every real name was
    .map(lambda name: os.fsdecode(os.fsencode(name)))
    .filter(lambda name: name not in (".", "..") and not name.endswith("\udc00"))
)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids such names")


def plan_of(*tracks: Track, player: str = "files", tail: tuple[Track, ...] = ()) -> Plan:
    def slots(phase: str, these: tuple[Track, ...], start: float) -> tuple[Slot, ...]:
        return tuple(Slot(phase, start + 60.0 * n, 60.0, track) for n, track in enumerate(these))

    session = Session(Template("t", ()), player=player)  # type: ignore[arg-type]
    return Plan("p", session, (), slots("peak", tracks, 0.0), tail=slots("tail", tail, 60.0 * len(tracks)))


def paths(path: Path) -> list[str | None]:
    return [entry.path for entry in read_playlist(path).entries]


@pytest.mark.parametrize("suffix", sorted(set(exporters.SUFFIXES) - {".m3u", ".json"}))
def test_the_file_is_what_it_was_agreed_to_be(suffix: str, three_hours: Plan) -> None:
    rendered = exporters.SUFFIXES[suffix](three_hours, Naming("/music"))
    golden = GOLDEN / f"three_hours{suffix}"
    assert golden.exists(), f"look at what the new format gives, and write it to {golden.name}"
    assert rendered == golden.read_bytes(), f"if the change is meant, write it to {golden.name}"


@posix
def test_what_is_seldom_is_written_as_it_was_agreed() -> None:
    agreed = json.loads(odd.WRITTEN.read_text(encoding="utf-8"))
    now = odd.rendered()
    assert now.keys() == agreed.keys()
    for name, lines in now.items():
        assert lines == agreed[name], f"{name}: if the change is meant, run `python -m tests.exporters.odd`"


@pytest.mark.parametrize("suffix", PLAYLISTS)
def test_every_format_reads_back_the_same_tracks_in_order(
    suffix: str, three_hours: Plan, tmp_path: Path
) -> None:
    exporters.write(three_hours, tmp_path / f"session{suffix}")
    read = read_playlist(tmp_path / f"session{suffix}").entries
    slots = (*three_hours.slots, *three_hours.tail)
    assert [each.path for each in read] == [slot.track.path for slot in slots]
    assert [each.title for each in read] == [slot.track.title for slot in slots]
    assert [each.artist for each in read] == [slot.track.artist for slot in slots]
    assert [each.duration for each in read] == [slot.track.duration for slot in slots]


@posix
@pytest.mark.parametrize("suffix", PLAYLISTS)
@pytest.mark.parametrize("relative", [None, True, False])
@settings(max_examples=20)
@given(names=st.lists(NAMES, min_size=1, max_size=3))
@example(names=[" begins with a blank.flac", "=begins as a formula.flac"])
def test_any_name_of_a_file_reads_back_as_itself(
    suffix: str, relative: bool | None, names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    tracks = [Track(f"id{n}", path=f"{folder}/{name}") for n, name in enumerate(names)]
    target = folder / f"session{suffix}"
    exporters.write(plan_of(*tracks), target, relative=relative)
    assert paths(target) == [track.path for track in tracks]


@pytest.mark.parametrize("suffix", PLAYLISTS)
@given(title=TEXTS, artist=TEXTS, album=TEXTS)
def test_no_title_breaks_a_playlist(
    suffix: str, title: str, artist: str, album: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    tracks = [
        Track(f"id{n}", path=str(folder / f"{n}.flac"), title=title, artist=artist, album=album)
        for n in range(2)
    ]
    target = folder / f"titles{suffix}"
    exporters.write(plan_of(*tracks), target)
    assert paths(target) == [track.path for track in tracks]


@given(text=TEXTS)
def test_xspf_is_well_formed_whatever_the_words(text: str) -> None:
    track = Track("a", path="/music/a.flac", title=text, artist=text, album=text)
    plan = plan_of(track)
    plan = dataclasses.replace(plan, name=text)
    ElementTree.fromstring(exporters.SUFFIXES[".xspf"](plan, Naming("/")))


@given(text=st.text(st.sampled_from("=+-@'\t\r\n a"), min_size=1, max_size=5))
def test_no_cell_of_a_table_is_a_formula(text: str) -> None:
    plan = plan_of(Track("=id", path="/music/a.flac", title=text, artist=text, album=text))
    rows = list(csv.reader(io.StringIO(exporters.SUFFIXES[".csv"](plan, Naming("/")).decode("utf-8-sig"))))
    assert len(rows) == 2
    for name, cell in zip(*rows, strict=True):
        assert not cell.lstrip().startswith(("=", "+", "-", "@")), name


def test_negative_numbers_stay_numbers_of_four_decimals_in_a_table() -> None:
    plan = plan_of(Track("a", path="/music/a.flac"))
    plan = dataclasses.replace(plan, slots=(dataclasses.replace(plan.slots[0], gain=-2.5, overlap=1.23456),))
    row = next(csv.DictReader(io.StringIO(exporters.SUFFIXES[".csv"](plan, Naming("/")).decode("utf-8-sig"))))
    assert row["gain"] == "-2.5"
    assert row["overlap"] == "1.2346"


def test_a_spotify_session_lists_uris(tmp_path: Path) -> None:
    track = Track("a", path="/music/a.flac", uri="spotify:track:0123456789012345678901", title="A")
    exporters.write(plan_of(track, player="spotify"), tmp_path / "a.m3u8")
    assert "\nspotify:track:0123456789012345678901\n" in (tmp_path / "a.m3u8").read_text()


def test_the_tail_comes_after_a_marked_end(tmp_path: Path) -> None:
    plan = plan_of(Track("a", path="/music/a.flac"), tail=(Track("b", path="/music/b.flac"),))
    exporters.write(plan, tmp_path / "a.m3u8")
    lines = (tmp_path / "a.m3u8").read_text().splitlines()
    end = next(n for n, each in enumerate(lines) if each.startswith("# end of the session at 0:01:00"))
    assert lines.index("/music/a.flac") < end < lines.index("/music/b.flac")


def test_a_tail_track_says_so_in_xspf_and_jspf() -> None:
    plan = plan_of(Track("a", path="/music/a.flac"), tail=(Track("b", path="/music/b.flac"),))
    root = ElementTree.fromstring(exporters.SUFFIXES[".xspf"](plan, Naming("/")))
    assert [each.text for each in root.iter("{http://xspf.org/ns/0/}meta")] == ["peak", "tail"]
    tracks = json.loads(exporters.SUFFIXES[".jspf"](plan, Naming("/")))["playlist"]["track"]
    assert [each["meta"][0]["urn:playlistkit:phase"] for each in tracks] == ["peak", "tail"]


def test_files_under_the_folder_are_named_relative_and_others_absolutely(tmp_path: Path) -> None:
    inside, outside = tmp_path / "lists" / "a.flac", tmp_path / "b.flac"
    naming = Naming(tmp_path / "lists")
    assert naming.path(str(inside)) == "a.flac"
    assert naming.path(str(outside)) == str(outside)
    assert Naming(tmp_path / "lists", True).path(str(outside)) == "../b.flac"
    assert Naming(tmp_path / "lists", False).path(str(inside)) == str(inside)


@posix
def test_a_relative_name_climbs_from_the_real_folder_of_a_link(tmp_path: Path) -> None:
    (tmp_path / "deep" / "lists").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "lists")
    music = tmp_path / "a.flac"
    music.touch()
    exporters.write(plan_of(Track("a", path=str(music))), tmp_path / "link" / "s.m3u8", relative=True)
    entry = (tmp_path / "link" / "s.m3u8").read_text().splitlines()[-1]
    assert (tmp_path / "link" / entry).is_file()


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    there = tmp_path / "a.flac"
    there.touch()
    plan = plan_of(Track("a", path=str(there)), Track("b", path=str(tmp_path / "b.flac"), title="B"))
    warnings = exporters.write(plan, tmp_path / "s.m3u8")
    assert len(warnings) == 1
    assert "b.flac is not there" in warnings[0]


def test_levels_that_a_playlist_cannot_hold_are_told(tmp_path: Path) -> None:
    there = tmp_path / "a.flac"
    there.touch()
    flat = plan_of(Track("a", path=str(there)), player="render")
    (slot,) = flat.slots
    levelled = dataclasses.replace(flat, slots=(dataclasses.replace(slot, gain=-3.0),))
    assert exporters.write(flat, tmp_path / "s.m3u8") == ()
    (warning,) = exporters.write(levelled, tmp_path / "s.m3u8")
    assert warning.startswith("levels and crossfades are planned for playlistkit itself")
    assert exporters.write(levelled, tmp_path / "s.json") == ()


def test_a_track_that_nothing_can_play_is_told(tmp_path: Path) -> None:
    (warning,) = exporters.write(plan_of(Track("a", title="Nowhere")), tmp_path / "s.m3u8")
    assert "Nowhere" in warning
    assert "neither a file nor a URI" in warning


@posix
def test_a_name_that_is_no_text_is_told_and_can_be_printed(tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.flac")
    Path(odd).touch()
    (warning,) = exporters.write(plan_of(Track("a", path=odd)), tmp_path / "s.m3u8")
    assert "caf\N{REPLACEMENT CHARACTER}.flac" in warning
    assert b"caf\xe9.flac" in (tmp_path / "s.m3u8").read_bytes()


def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"'\.mp3' is not a playlist format; known are \.m3u8"):
        exporters.write(plan_of(), tmp_path / "a.mp3")


@pytest.mark.parametrize("suffix", [".m3u8", ".xspf", ".jspf"])
def test_a_track_is_as_long_as_its_file_even_where_its_slot_plays_less(suffix: str, tmp_path: Path) -> None:
    known, unknown = (
        Track(name, str(tmp_path / name), duration=seconds) for name, seconds in (("a", 200.0), ("b", 0.0))
    )
    exporters.write(plan_of(known, unknown), tmp_path / f"p{suffix}")
    assert [entry.duration for entry in read_playlist(tmp_path / f"p{suffix}").entries] == [200.0, 60.0]
