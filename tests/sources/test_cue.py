from __future__ import annotations

from pathlib import Path

import pytest

from playlistkit.audio import SUFFIXES
from playlistkit.sources import cue

ALBUM = """\
REM GENRE "Ambient"
PERFORMER "Trio"
TITLE "One File"
FILE "album.wav" WAVE
  TRACK 01 AUDIO
    TITLE "First"
    PERFORMER "Ann Lee"
    ISRC DEA010000001
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Second"
    INDEX 00 01:03:00
    INDEX 01 01:05:15
"""


def parsed(text: str) -> cue.Sheet:
    (sheet,) = cue.parse(text)
    return sheet


def test_a_track_lasts_from_its_index_to_that_of_the_next_and_the_last_to_the_files_end():
    first, second = parsed(ALBUM).tracks
    assert (first.start, first.end, second.start, second.end) == (0.0, 65.2, 65.2, None)
    assert (first.title, first.artist, first.isrc) == ("First", "Ann Lee", "DEA010000001")
    assert (second.title, second.artist, second.album, second.genre) == (
        "Second",
        "Trio",
        "One File",
        "Ambient",
    )


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        ("INDEX 01 01:05:15", "INDEX 01 01:99:15", "line 13: '01:99:15' is not a time"),
        ("INDEX 01 01:05:15", "INDEX 01 01:05:75", "line 13: '01:05:75' is not a time"),
        ("INDEX 01 01:05:15", "INDEX 01 00:00:00", "line 10: track 2 begins before the one before it"),
    ],
)
def test_a_sheet_with_a_broken_time_cuts_nothing_and_says_where(line: str, instead: str, fault: str):
    sheet = parsed(ALBUM.replace(line, instead))
    assert not sheet.tracks
    assert sheet.fault.startswith(fault)


def test_a_sheet_that_names_a_file_for_each_track_cuts_nothing():
    noncompliant = (
        'FILE "01.wav" WAVE\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\n TRACK 02 AUDIO\n  INDEX 00 04:00:00\n'
        'FILE "02.wav" WAVE\n  INDEX 01 00:00:00\n'
    )
    assert [(each.tracks, each.fault) for each in cue.parse(noncompliant)] == [((), ""), ((), "")]


def test_blanks_and_tabs_part_words_alike():
    assert (
        parsed("\n".join("\t".join(line.split(" ")) for line in ALBUM.splitlines())).tracks
        == parsed(ALBUM).tracks
    )


def test_what_is_no_sound_is_no_track():
    data = ALBUM.replace("TRACK 01 AUDIO", "TRACK 01 MODE1/2352")
    assert [each.title for each in parsed(data).tracks] == ["Second"]


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-8-sig", "Für Ł 🎹"),
        ("utf-16", "Für Ł"),
        ("cp1252", "Für Elise – Prélude"),
        ("cp932", "戦場のメリークリスマス"),
        ("cp1251", "Прелюдия и этюд"),
    ],
)
def test_a_sheet_is_read_in_the_encoding_that_it_has(encoding: str, title: str):
    text = ALBUM.replace("First", title)
    assert parsed(cue.decoded(text.encode(encoding))).tracks[0].title == title


@pytest.mark.parametrize(
    ("named", "there"),
    [
        ("album.wav", "album.wav"),
        ("ALBUM.WAV", "album.wav"),
        ("album.wav", "album.flac"),  # compressed after the sheet was written
        ("C:\\rips\\album.wav", "album.wav"),
        ("other.wav", "sheet.flac"),  # called like the sheet
    ],
)
def test_the_file_is_found_as_players_find_it(named: str, there: str, tmp_path: Path):
    (tmp_path / there).write_bytes(b"x")
    sheet = tmp_path / "sheet.cue"
    sheet.write_text(ALBUM.replace("album.wav", named))
    found, faults = cue.cuts([str(sheet)], SUFFIXES)
    assert (list(found), faults) == ([str(tmp_path / there)], {})


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    sheet = tmp_path / "sheet.cue"
    sheet.write_text(ALBUM)
    found, faults = cue.cuts([str(sheet)], SUFFIXES)
    assert not found
    assert "'album.wav', which is not beside it" in faults[str(sheet)]


def test_a_missing_file_is_told_whatever_else_the_sheet_cuts(tmp_path: Path):
    (tmp_path / "album.wav").write_bytes(b"x")
    sheet = tmp_path / "sheet.cue"
    sheet.write_text(ALBUM + 'FILE "bonus.wav" WAVE\n  TRACK 03 AUDIO\n    INDEX 01 00:00:00\n')
    found, faults = cue.cuts([str(sheet)], SUFFIXES)
    assert list(found) == [str(tmp_path / "album.wav")]
    assert "'bonus.wav', which is not beside it" in faults[str(sheet)]
    (tmp_path / "album.wav").unlink()
    assert (
        "2 files that are not beside it, the first 'album.wav'"
        in cue.cuts([str(sheet)], SUFFIXES)[1][str(sheet)]
    )


def test_of_two_sheets_the_one_called_like_the_file_is_taken(tmp_path: Path):
    (tmp_path / "album.wav").write_bytes(b"x")
    (tmp_path / "a.cue").write_text(ALBUM + "  TRACK 03 AUDIO\n    INDEX 01 02:00:00\n")
    (tmp_path / "album.cue").write_text(ALBUM)
    found, _ = cue.cuts(map(str, tmp_path.glob("*.cue")), SUFFIXES)
    assert found[str(tmp_path / "album.wav")].sheet == str(tmp_path / "album.cue")
