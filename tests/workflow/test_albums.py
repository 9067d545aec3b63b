"""Albums in one file: each track of the CUE sheet is scanned, planned, played, rendered and exported on its own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from mutagen.flac import FLAC

from playlistkit import render as sound
from playlistkit import template
from playlistkit.audio import open_audio
from playlistkit.errors import InputError
from playlistkit.exporters import plan_json, write
from playlistkit.library import Library
from playlistkit.model import Plan, PlannedPhase, Session, Slot
from playlistkit.sources.playlist import read_playlist
from playlistkit.workflow.output.excerpts import join_wav, track_sound
from playlistkit.workflow.output.render import render, write_replaygain
from playlistkit.workflow.planning.build import build
from playlistkit.workflow.playlists.entries import read_entries
from playlistkit.workflow.scanning.scan import ScanReport, scan
from playlistkit.workflow.session.play import setlist

RATE = 44_100
SHEET = """\
PERFORMER "Trio"
TITLE "One File"
FILE "album.flac" WAVE
  TRACK 01 AUDIO
    TITLE "First"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Second"
    PERFORMER "Ann Lee"
    INDEX 01 00:20:30
  TRACK 03 AUDIO
    TITLE "Third"
    INDEX 01 00:41:00
"""
TEMPLATE = template.parse(
    "name: t\nphases:\n  - {name: peak, minutes: {default: 1, min: 0.5, max: 60}, energy: 0.3}\n", "t"
)
WIDE = template.parse(
    """
name: Three parts of one file
phases:
  - {name: peak, minutes: {default: 1, min: 0.5, max: 2}, energy: 0.3, energy_tolerance: 1, album_runs: true}
rules:
  join: {loudness_up: 9, loudness_up_limit: 20, loudness_down: 9, loudness_down_limit: 20, energy_step: 1, energy_step_limit: 1}
  track_minutes: {min: 0.25, max: 2}
  tail_minutes: 0
  boundary_tolerance: 5
""",
    "wide",
)
STARTS, ENDS = (0.0, 20.4, 41.0), (20.4, 41.0, None)


def made_album(path: Path, hertz: tuple[float, ...] = (220, 330, 440)) -> Path:
    """Three soft tones of some twenty seconds in one file, which swell: a steady one is no music."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ends = [end or 60.0 for end in ENDS]
    tones = [
        0.2 * np.sin(2 * np.pi * pitch * np.arange(round((end - start) * RATE)) / RATE)
        for pitch, start, end in zip(hertz, STARTS, ends, strict=True)
    ]
    swells = 1 + 0.3 * np.sin(2 * np.pi * 0.1 * np.arange(sum(map(len, tones))) / RATE)
    whole = np.repeat((swells * np.concatenate(tones)).astype(np.float32)[:, None], 2, axis=1)
    sound.encode(path, [whole], RATE, tags={"title": "The whole"}, chapters=[])
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return made_album(tmp_path_factory.mktemp("made") / "album.flac").read_bytes()


@pytest.fixture
def album(tmp_path: Path, made: bytes) -> Path:
    path = tmp_path / "music" / "album.flac"
    path.parent.mkdir()
    path.write_bytes(made)
    path.with_suffix(".cue").write_text(SHEET)
    return path


@pytest.fixture
def library(tmp_path: Path):
    with Library(tmp_path / "library.db") as opened:
        yield opened


def quick(library: Library, *paths: Path, **options: object) -> ScanReport:
    return scan(library, *paths, jobs=1, voice=False, **options)


def tracks(library: Library):
    return sorted((each.track for each in library.candidates()), key=lambda each: each.start)


def plan_of(library: Library, player: str = "render") -> Plan:
    """The album's tracks in turn, the last one first."""
    known = sorted(library.candidates(), key=lambda each: -each.track.start)
    slots, at = [], 0.0
    for each in known:
        slots.append(Slot("peak", at, each.track.duration, each.track, each.features))
        at += each.track.duration
    phases = (PlannedPhase("peak", 0.0, at, 0.0, at, 0.0),)
    return Plan("album", Session(TEMPLATE, player=player), phases, tuple(slots))


def test_each_track_of_the_sheet_is_listened_to_on_its_own(library, album):
    report = quick(library, album.parent)
    assert report == ScanReport(found=1, analysed=3, albums=1)
    first, second, third = tracks(library)
    assert [(each.start, each.end) for each in (first, second, third)] == [*zip(STARTS, ENDS, strict=True)]
    assert [each.title for each in (first, second, third)] == ["First", "Second", "Third"]
    assert [each.artist for each in (first, second, third)] == ["Trio", "Ann Lee", "Trio"]
    assert [round(each.duration, 3) for each in (first, second, third)] == [20.4, 20.6, 19.0]
    assert {each.path for each in (first, second, third)} == {str(album)}
    assert len({each.features.key for each in library.candidates()}) > 1
    assert quick(library, album.parent) == ScanReport(found=1, unchanged=3, albums=1)
    assert quick(library, album) == ScanReport(found=1, unchanged=3, albums=1)
    assert quick(library, album.with_suffix(".cue")) == ScanReport(found=1, unchanged=3, albums=1)


def test_a_sheet_in_the_tags_cuts_as_one_beside_the_file_does(library, album):
    album.with_suffix(".cue").unlink()
    tags = FLAC(album)
    tags["cuesheet"] = SHEET
    tags.save()
    steps: list[tuple[int, int]] = []
    report = quick(library, album.parent, progress=lambda done, total, _: steps.append((done, total)))
    assert report == ScanReport(found=1, analysed=3, albums=1)
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert [each.title for each in tracks(library)] == ["First", "Second", "Third"]
    assert quick(library, album.parent) == ScanReport(found=1, unchanged=3, albums=1)
    (album.parent / "elsewhere").mkdir()
    album.rename(album.parent / "elsewhere" / "moved.flac")
    assert quick(library, album.parent) == ScanReport(found=1, moved=3, albums=1)


def test_a_changed_sheet_is_followed_and_only_what_is_cut_anew_is_listened_to(library, album):
    quick(library, album.parent)
    before = {each.title: each.id for each in tracks(library)}
    sheet = album.with_suffix(".cue")
    sheet.write_text(SHEET.replace('"Second"', '"Seconde"'))
    assert quick(library, album.parent) == ScanReport(found=1, unchanged=3, albums=1)
    assert [each.title for each in tracks(library)] == ["First", "Seconde", "Third"]
    sheet.write_text(SHEET.replace("00:41:00", "00:45:00"))
    assert quick(library, album.parent) == ScanReport(found=1, analysed=2, unchanged=1, albums=1)
    first, second, third = tracks(library)
    assert (first.id, second.end, third.start) == (before["First"], 45.0, 45.0)
    assert len(library) == 3
    sheet.unlink()
    assert quick(library, album.parent) == ScanReport(found=1, analysed=1)
    (whole,) = tracks(library)
    assert (whole.title, whole.start, whole.end, round(whole.duration)) == ("The whole", 0.0, None, 60)


def test_a_track_that_was_known_whole_gives_way_to_its_parts(library, album):
    sheet = album.with_suffix(".cue")
    sheet.unlink()
    quick(library, album.parent)
    assert len(library) == 1
    sheet.write_text(SHEET)
    assert quick(library, album.parent) == ScanReport(found=1, analysed=3, albums=1)
    assert [each.title for each in tracks(library)] == ["First", "Second", "Third"]
    assert len(library) == 3


def test_what_was_said_of_a_track_is_there_again_with_its_sheet(library, album):
    quick(library, album.parent)
    second = tracks(library)[1].id
    library.mark(second, note="soft")
    sheet = album.with_suffix(".cue")
    sheet.unlink()
    quick(library, album.parent)
    sheet.write_text(SHEET)
    quick(library, album.parent)
    assert library.get(second).note == "soft"


def test_a_broken_sheet_and_one_of_a_longer_file_are_told(library, album):
    sheet = album.with_suffix(".cue")
    sheet.write_text(SHEET.replace("00:41:00", "00:99:00"))
    report = quick(library, album.parent)
    assert (report.analysed, report.albums) == (1, 0)
    assert report.not_followed == (
        (
            str(sheet),
            "line 13: '00:99:00' is not a time (minutes:seconds:frames); album.flac is taken as one track, unless its own tags hold a sheet",
        ),
    )
    sheet.write_text(SHEET.replace("00:41:00", "09:00:00"))
    report = quick(library, album.parent)
    assert (report.analysed, len(report.failed)) == (2, 1)
    assert "ends at 1:00, and a track of its CUE sheet begins at 9:00" in report.failed[0][1]
    sheet.write_text(SHEET.replace("00:41:00", "soon"))
    with pytest.raises(InputError, match="not a time"):
        quick(library, sheet)


def test_the_session_is_played_and_rendered_from_the_parts(library, album, tmp_path):
    quick(library, album.parent)
    plan = plan_of(library)
    assert [(cue.path, round(cue.offset, 1)) for cue in setlist(plan).cues] == [
        (str(album), 41.0), (str(album), 20.4), (str(album), 0.0),
    ]  # fmt: skip
    render(plan, tmp_path / "out.wav")
    with open_audio(tmp_path / "out.wav") as stream:
        heard = np.concatenate(list(stream.blocks()))[:, 0]
    for slot, pitch in zip(plan.slots, (440, 330, 220), strict=True):
        middle = heard[round((slot.start + 5) * 48_000) :][: 5 * 48_000]
        spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
        assert np.argmax(spectrum) / 5 == pytest.approx(pitch, abs=1)
    assert len(join_wav(plan, 0, around=3.0)) > 2 * 3 * 48_000
    known = track_sound(library, tracks(library)[1].id)
    assert (known.media_type, known.start) == (None, 20.4)
    (fault,) = write_replaygain(plan, library)
    assert "is an album in one file" in fault


@pytest.mark.parametrize("player", ["files", "render"])
def test_a_session_is_built_of_the_parts_and_never_of_the_whole_file(library, album, tmp_path, player):
    quick(library, album.parent)
    plan = build(WIDE, library, player=player, overlap=0.0)
    assert sorted((slot.track.start, slot.track.title) for slot in plan.slots) == [
        (0.0, "First"), (20.4, "Second"), (41.0, "Third"),
    ]  # fmt: skip
    assert plan.duration == pytest.approx(60, abs=0.1)
    path = tmp_path / "session.m3u8"
    write(plan, path)
    found = read_entries(read_playlist(path).entries, library, playlist=path)
    assert [each.track.id for each in found.candidates] == [slot.track.id for slot in plan.slots]


def test_exports_name_the_parts_and_are_read_back_as_the_tracks(library, album, tmp_path):
    quick(library, album.parent)
    plan = plan_of(library, player="files")
    assert plan_json.loads(plan_json.dumps(plan)) == plan
    written = [each["track"] for each in json.loads(plan_json.dumps(plan))["slots"]]
    assert [(each.get("start"), each.get("end")) for each in written] == [
        (41.0, None), (20.4, 41.0), (None, 20.4),
    ]  # fmt: skip
    wanted = [slot.track.id for slot in plan.slots]
    for suffix in (".m3u8", ".xspf", ".jspf", ".csv"):
        path = tmp_path / f"out{suffix}"
        told = write(plan, path)
        assert any("only VLC" in each for each in told) == (suffix != ".csv")
        found = read_entries(read_playlist(path).entries, library, playlist=path)
        assert [each.track.id for each in found.candidates] == wanted, suffix
        assert not found.findings
        assert not found.notes


def test_a_playlist_that_names_the_album_plays_its_tracks(library, album, tmp_path):
    quick(library, album.parent)
    playlist = tmp_path / "list.m3u"
    playlist.write_text(
        "music/album.flac\n#EXTVLCOPT:start-time=25\n#EXTVLCOPT:stop-time=35\nmusic/album.flac\n"
    )
    found = read_entries(read_playlist(playlist).entries, library, playlist=playlist)
    assert [(each.track.title, round(each.track.duration, 1)) for each in found.candidates] == [
        ("First", 20.4), ("Second", 20.6), ("Third", 19.0), ("Second", 10.0),
    ]  # fmt: skip
    with pytest.raises(InputError, match="names 3 tracks; give an id"):
        library.resolve(str(album))
