"""Playlists of other programs and people, in the dialects found in the wild."""

from __future__ import annotations

import json
import os
import plistlib
import re
import sys
import unicodedata
from pathlib import Path

import mutated_files
import pytest

from playlistkit.cli import main
from playlistkit.errors import InputError
from playlistkit.sources.playlist import FORMATS, Entry, Playlist, read_playlist
from playlistkit.sources.playlist.entries import Format

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids such names")


def read(folder: Path, name: str, content: str | bytes) -> Playlist:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_playlist(folder / name)


def names(playlist: Playlist, folder: Path) -> list[str]:
    return [os.path.relpath(entry.path, folder) for entry in playlist.entries if entry.path is not None]


M3U = "#EXTM3U\n#PLAYLIST:Calm\n#EXTINF:123,An Artist - A Title\na/one.mp3\n# a remark\n\n#EXTINF:-1,Two\ntwo.mp3\n"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_m3u_reads_alike_in_every_encoding_and_with_every_line_end(
    ends: str, encoding: str, tmp_path: Path
) -> None:
    playlist = read(tmp_path, "a.m3u", M3U.replace("\n", ends).encode(encoding))
    assert playlist.title == "Calm"
    assert playlist.entries == (
        Entry(str(tmp_path / "a" / "one.mp3"), title="A Title", artist="An Artist", duration=123.0, line=4),
        Entry(str(tmp_path / "two.mp3"), title="Two", line=8),
    )
    assert playlist.passed_over == ()


def test_latin_1_names_are_read_and_told(tmp_path: Path) -> None:
    playlist = read(tmp_path, "a.m3u", "#EXTINF:5,Café\ncafé.mp3\n".encode("latin-1"))
    assert names(playlist, tmp_path) == ["café.mp3"]
    assert playlist.entries[0].title == "Café"
    assert playlist.passed_over == ("names that are not UTF-8 were read as Windows-1252",)


@posix
def test_a_file_whose_name_has_those_very_bytes_is_preferred(tmp_path: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.mp3")
    (tmp_path / odd).touch()
    playlist = read(tmp_path, "a.m3u", b"caf\xe9.mp3\n")
    assert names(playlist, tmp_path) == [odd]
    assert playlist.passed_over == ()


def test_a_file_that_is_found_by_another_encoding_of_its_name_leaves_nothing_to_tell(tmp_path: Path) -> None:
    (tmp_path / "two  blanks café.mp3").touch()
    playlist = read(tmp_path, "a.m3u", "two  blanks café.mp3\n".encode("cp1252"))
    assert names(playlist, tmp_path) == ["two  blanks café.mp3"]
    assert playlist.passed_over == ()


def test_a_declared_encoding_holds(tmp_path: Path) -> None:
    playlist = read(tmp_path, "a.m3u", "#EXTM3U\n#EXTENC:shift_jis\nサウンド.mp3\n".encode("shift_jis"))
    assert names(playlist, tmp_path) == ["サウンド.mp3"]


@pytest.mark.parametrize(
    "written",
    [
        "music/a song.mp3",
        ".\\music\\a song.mp3",
        "music/a%20song.mp3",
        "D:\\old disk\\music\\a song.mp3",
        "/home/somebody/music/a song.mp3",
        "file:///home/somebody/music/a%20song.mp3",
        "file:///D:/music/a%20song.mp3",
        "file://localhost/x/music/a%20song.mp3",
        "file:///G:\\music\\a song.mp3",
    ],
)
def test_a_file_is_found_beside_the_playlist_however_it_is_written(written: str, tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "a song.mp3").touch()
    playlist = read(tmp_path, "a.m3u8", f"{written}\n")
    assert names(playlist, tmp_path) == [str(Path("music", "a song.mp3"))]


def test_a_name_with_a_percent_sign_that_exists_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "100%25.mp3").touch()
    assert names(read(tmp_path, "a.m3u", "100%25.mp3\n"), tmp_path) == ["100%25.mp3"]


@pytest.mark.parametrize(("written", "stored"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_both_unicode_forms_of_a_name_are_looked_for(written: str, stored: str, tmp_path: Path) -> None:
    name = unicodedata.normalize(stored, "tö_a.mp3")  # type: ignore[arg-type]
    (tmp_path / name).touch()
    content = unicodedata.normalize(written, "tö_a.mp3")  # type: ignore[arg-type]
    (entry,) = read(tmp_path, "a.m3u8", content).entries
    assert entry.path is not None
    assert Path(entry.path).exists()


@posix
@posix
@pytest.mark.parametrize(
    "written",
    [
        r"..\MUSIC\Ann Lee\01 slow river.FLAC",
        r"D:\Backup\music\ann lee\01 Slow River.flac",
        "/Volumes/Disk/Music/Ann Lee/01 Slow River.flac",
        "../Music/Ann Lee/01 Slow_River.flac",
    ],
)
def test_a_file_is_found_though_the_playlist_comes_from_another_system(written: str, tmp_path: Path) -> None:
    song = tmp_path / "Music" / "Ann Lee" / "01 Slow River.flac"
    song.parent.mkdir(parents=True)
    song.touch()
    (tmp_path / "lists").mkdir()
    assert names(read(tmp_path / "lists", "a.m3u8", written), tmp_path) == [
        "Music/Ann Lee/01 Slow River.flac"
    ]


@posix
def test_a_tilde_stands_for_the_user_s_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    song = tmp_path / "ann" / "Music" / "Slow River.flac"
    song.parent.mkdir(parents=True)
    song.touch()
    content = "~/Music/Slow River.flac\n~/music/slow%20river.flac\n~/Music/gone.flac"
    assert names(read(tmp_path, "a.m3u", content), tmp_path / "ann") == [
        "Music/Slow River.flac", "Music/Slow River.flac", "Music/gone.flac",
    ]  # fmt: skip


@posix
def test_of_two_files_of_like_names_none_is_guessed(tmp_path: Path) -> None:
    for name in ("A.mp3", "a.mp3"):
        (tmp_path / name).touch()
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this disk knows no case")
    assert names(read(tmp_path, "b.m3u8", "a.MP3\nA.mp3\n"), tmp_path) == ["a.MP3", "A.mp3"]


@posix
def test_each_part_of_a_path_may_have_its_own_unicode_form(tmp_path: Path) -> None:
    folder, file = unicodedata.normalize("NFC", "Übung"), unicodedata.normalize("NFD", "Träume.mp3")
    (tmp_path / folder).mkdir()
    (tmp_path / folder / file).touch()
    written = unicodedata.normalize("NFC", "Übung/Träume.mp3")
    assert names(read(tmp_path, "a.m3u8", written), tmp_path) == [f"{folder}/{file}"]


def test_a_playlist_within_stands_for_its_entries_and_never_for_itself(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").touch()
    (tmp_path / "inner.pls").write_text("[playlist]\nFile1=a.mp3\nFile2=outer.m3u8\n", encoding="utf-8")
    (tmp_path / "broken.xspf").write_text("<playlist>", encoding="utf-8")
    playlist = read(tmp_path, "outer.m3u8", "inner.pls\nbroken.xspf\nb.mp3\ngone.m3u\n")
    assert names(playlist, tmp_path) == ["a.mp3", "b.mp3", "gone.m3u"]
    assert [entry.line for entry in playlist.entries] == [1, 3, 4]
    assert playlist.passed_over[0] == "inner.pls: outer.m3u8: names itself; it was read once"
    assert "is damaged XML" in playlist.passed_over[1]


VLC_M3U = "#EXTVLCOPT:start-time=5\n#EXTVLCOPT:stop-time=65.5\na.mp3\n#EXTVLCOPT:run-time=30\na.mp3\na.mp3\n"
VLC_XSPF = (
    '<playlist xmlns:vlc="x"><trackList>'
    "<track><location>a.mp3</location><extension><vlc:id>0</vlc:id><vlc:option>start-time=5</vlc:option>"
    "<vlc:option>stop-time=65.5</vlc:option></extension></track>"
    "<track><location>a.mp3</location><extension><vlc:option>run-time=30</vlc:option></extension></track>"
    "<track><location>a.mp3</location></track></trackList></playlist>"
)


@pytest.mark.parametrize(("name", "content"), [("a.m3u8", VLC_M3U), ("a.xspf", VLC_XSPF)])
def test_vlc_s_times_name_a_part_of_a_file(name: str, content: str, tmp_path: Path) -> None:
    entries = read(tmp_path, name, content).entries
    assert [(entry.start, entry.end) for entry in entries] == [(5.0, 65.5), (0.0, 30.0), (0.0, None)]


def test_a_path_of_another_system_is_shown_as_it_is_written(tmp_path: Path) -> None:
    assert read(tmp_path, "a.m3u8", "C:\\Music\\a.mp3").entries[0].path == "C:\\Music\\a.mp3"


def test_uris_stay_uris_and_spotify_s_addresses_become_its_uris(tmp_path: Path) -> None:
    spotify = "0123456789012345678901"
    playlist = read(
        tmp_path, "a.m3u",
        f"spotify:track:{spotify}\nhttps://open.spotify.com/track/{spotify}?si=x\nhttp://example.com/a.mp3\n",
    )  # fmt: skip
    assert [each.uri for each in playlist.entries] == [
        f"spotify:track:{spotify}", f"spotify:track:{spotify}", "http://example.com/a.mp3"
    ]  # fmt: skip
    assert all(each.path is None for each in playlist.entries)


def test_attributes_and_options_are_passed_over_and_the_unknown_ones_told(tmp_path: Path) -> None:
    playlist = read(
        tmp_path, "a.m3u",
        '#EXTM3U url-tvg="x"\n\t#EXTINF:-1 group-title="A, B" tvg-logo="y",Artist - Name, with comma\n'
        "#EXTVLCOPT:no-video\none.mp3\n#EXTINF:what\ntwo.mp3\n",
    )  # fmt: skip
    assert [each.title for each in playlist.entries] == ["Name, with comma", None]
    assert playlist.passed_over == ("directives #EXTVLCOPT", "line 5: '#EXTINF:what' can't be understood")


def test_a_file_whose_name_begins_with_a_hash_is_no_comment(tmp_path: Path) -> None:
    (tmp_path / "#1 song.mp3").touch()
    assert names(read(tmp_path, "a.m3u", "#1 song.mp3\n#2 song.mp3\n"), tmp_path) == ["#1 song.mp3"]


def test_an_empty_playlist_has_no_entries(tmp_path: Path) -> None:
    assert read(tmp_path, "a.m3u", b"") == Playlist(())


@pytest.mark.parametrize("dash", ["-", "\N{EN DASH}", "\N{EM DASH}"])
def test_any_dash_between_blanks_parts_artist_and_title(dash: str, tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "a.m3u8", f"#EXTINF:5,Ann Lee {dash} Slow {dash} River\nx.mp3\n").entries
    assert (entry.artist, entry.title) == ("Ann Lee", f"Slow {dash} River")


def test_artist_and_album_may_stand_in_lines_of_their_own(tmp_path: Path) -> None:
    content = (
        "#EXTM3U\n#EXTART:Ann Lee\n#EXTINF:5,Slow - River\n#EXTALB: Water\nx.mp3\n#EXTINF:6,B - C\ny.mp3\n"
    )
    playlist = read(tmp_path, "a.m3u8", content)
    assert [(each.artist, each.title, each.album) for each in playlist.entries] == [
        ("Ann Lee", "Slow - River", "Water"),
        ("B", "C", None),
    ]
    assert playlist.passed_over == ()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Name\tArtist\tGrouping\tTime\rSlow River\tAnn Lee\t\t200\rStill\tBo Ek\t\t90\r", "utf-16"),  # iTunes
        ("Name\tInterpret\tGruppierung\tDauer\rSlow River\tAnn Lee\t\t200\rStill\tBo Ek\t\t90\r", "utf-8"),
        ("#\tArtwork\tTrack Title\tArtist\tTime\r\n1\t\tSlow River\tAnn Lee\t03:20\r\n2\t\tStill\tBo Ek\t01:30\r\n", "utf-16"),
    ],
    ids=["iTunes", "iTunes in German", "rekordbox"],
)  # fmt: skip
def test_a_text_file_with_columns_is_a_table(content: str, encoding: str, tmp_path: Path) -> None:
    playlist = read(tmp_path, "a.txt", content.encode(encoding))
    assert [(each.artist, each.title, each.duration) for each in playlist.entries] == [
        ("Ann Lee", "Slow River", 200.0),
        ("Bo Ek", "Still", 90.0),
    ]


def test_pls_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    playlist = read(
        tmp_path, "a.pls",
        "[playlist]\r\nNumberOfEntries=2\r\nfile2=b.mp3\r\nFile1=a.mp3\r\nTitle1=X - Y\r\nLength1=61\r\nodd\r\nTitle3=Z\r\nLength4=3\r\n",
    )  # fmt: skip
    assert names(playlist, tmp_path) == ["a.mp3", "b.mp3"]
    assert (playlist.entries[0].artist, playlist.entries[0].title, playlist.entries[0].duration) == (
        "X",
        "Y",
        61.0,
    )
    assert playlist.entries[2] == Entry(title="Z", line=8)
    assert playlist.passed_over == (
        "line 7: 'odd' is not a line of a PLS file",
        "entry 4 has neither a file nor a title",
    )


XSPF = """<?xml version="1.0" encoding="UTF-8"?>
<playlist version="1" xmlns="http://xspf.org/ns/0/" xmlns:v="http://example.com/">
<title>List</title>
<trackList>
<track><location>a%20b.mp3</location><title>A &amp; B</title><creator>C</creator><duration>61500</duration>
<extension application="x"><v:id>3</v:id><title>another</title></extension></track>
<track><title>anywhere</title></track><track><creator>C</creator></track>
</trackList></playlist>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xspf_is_read_even_where_its_declared_encoding_is_wrong(encoding: str, tmp_path: Path) -> None:
    playlist = read(tmp_path, "a.xspf", XSPF.encode(encoding))
    assert playlist.title == "List"
    assert playlist.entries == (
        Entry(str(tmp_path / "a b.mp3"), title="A & B", artist="C", duration=61.5, line=5),
        Entry(title="anywhere", line=7),
    )
    assert playlist.passed_over == ("line 7: a track with neither a location nor a title",)


def test_the_name_of_a_pls_list_is_its_title(tmp_path: Path) -> None:
    playlist = read(tmp_path, "a.pls", "[playlist]\nX-GNOME-Title=Calm\nFile1=a.mp3\n")
    assert (playlist.title, playlist.passed_over) == ("Calm", ())


def test_xspf_with_plain_paths_and_without_namespace_is_read(tmp_path: Path) -> None:
    (tmp_path / "100% calm.mp3").touch()
    playlist = read(
        tmp_path, "a.xspf",
        "<playlist><trackList><track><location>100% calm.mp3</location></track></trackList></playlist>",
    )  # fmt: skip
    assert names(playlist, tmp_path) == ["100% calm.mp3"]


def test_broken_xml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.xspf:3: is damaged XML: mismatched tag"):
        read(tmp_path, "a.xspf", "<playlist>\n<trackList>\n</playlist>")


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><playlist><title>&b;</title></playlist>'
    with pytest.raises(InputError, match="declares XML entities"):
        read(tmp_path, "a.xspf", bomb)


def test_other_xml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="XML of another kind"):
        read(tmp_path, "a.xspf", "<html></html>")


def test_jspf_is_read(tmp_path: Path) -> None:
    tracks = [
        {"location": ["a.mp3"], "title": "A", "creator": "B", "duration": 2000},
        {"identifier": "spotify:track:0123456789012345678901"},
        {"title": "any\ud800where"},
        7,
    ]
    playlist = read(tmp_path, "a.jspf", json.dumps({"playlist": {"title": "L", "track": tracks}}))
    assert playlist.entries == (
        Entry(str(tmp_path / "a.mp3"), title="A", artist="B", duration=2.0),
        Entry(uri="spotify:track:0123456789012345678901"),
        Entry(title="any\ufffdwhere"),
    )
    assert playlist.passed_over == ("entry 4 has neither a location nor a title",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is not valid JSON"),
        ('{"name": 1}', "not a JSPF playlist"),
        ('{"playlist": ' + "[" * 100_000, "deeply"),
    ],
)
def test_json_that_is_no_playlist_is_told(content: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=sentence):
        read(tmp_path, "a.jspf", content)


def test_asx_is_read_although_it_is_seldom_xml(tmp_path: Path) -> None:
    playlist = read(
        tmp_path, "a.asx",
        '<ASX version="3.0"><Title>L</title><entry><REF href="http://example.com/?a&b" /><Title>A & B</title>'
        '<Author>C</Author><Duration value="00:01:01.5"/></entry><entry></entry>',
    )  # fmt: skip
    assert playlist.title == "L"
    assert playlist.entries == (
        Entry(uri="http://example.com/?a&b", title="A & B", artist="C", duration=61.5, line=1),
    )
    assert playlist.passed_over == ("line 1: an entry with neither a reference nor a title",)


def test_what_the_players_of_windows_write_is_read(tmp_path: Path) -> None:
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "R&B.mp3").touch()
    playlist = read(
        tmp_path, "a.wpl",
        '<?wpl version="1.0"?>\r\n<smil><head><meta name="ItemCount" content="2"/><title>Calm &amp; slow</title></head>'
        '<body><seq>\r\n<media src="calm\\r&amp;b.mp3" albumTitle="An Album" trackTitle="R&amp;B" trackArtist="Ann" '
        'duration="61500" cid="{1}"/>\r\n<media cid="{2}"/></seq></body></smil>',
    )  # fmt: skip
    assert playlist.title == "Calm & slow"
    assert playlist.entries == (
        Entry(str(tmp_path / "calm" / "R&B.mp3"), None, "R&B", "Ann", "An Album", 61.5, line=3),
    )
    assert playlist.passed_over == ("line 4: a track with neither a file nor a title",)


def itunes(*lists: dict[str, object]) -> bytes:
    known = {
        "Name": "Slow",
        "Artist": "Ann",
        "Album": "Water",
        "Total Time": 61_500,
        "Location": "file://localhost/m/a%20b.mp3",
    }
    tracks = {"7": {"Name": "Still", "Artist": "Bo"}, "9": known}
    return plistlib.dumps({"Tracks": tracks, "Playlists": list(lists)})


def test_a_playlist_that_itunes_exported_is_read_in_its_order(tmp_path: Path) -> None:
    items = [{"Track ID": 9}, {"Track ID": 7}, {"Track ID": 8}]
    playlist = read(tmp_path, "a.xml", itunes({"Name": "Calm", "Playlist Items": items}))
    assert playlist.title == "Calm"
    assert playlist.entries == (
        Entry(str(Path("/m/a b.mp3")), None, "Slow", "Ann", "Water", 61.5),
        Entry(title="Still", artist="Bo"),
    )
    assert playlist.passed_over == ("track 8 is in the playlist and not among the tracks",)


def test_of_a_whole_library_of_itunes_a_playlist_is_asked_for(tmp_path: Path) -> None:
    everything = {"Name": "Library", "Master": True}
    one, two = ({"Name": name, "Playlist Items": [{"Track ID": 7}]} for name in ("Calm", "Peak"))
    assert len(read(tmp_path, "a.xml", itunes(everything, one)).entries) == 1
    with pytest.raises(InputError, match=r"holds 2 playlists .'Calm', 'Peak'.*export one of them"):
        read(tmp_path, "a.xml", itunes(everything, one, two))


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_format_is_documented_and_has_an_example_that_it_reads(form: Format, tmp_path: Path) -> None:
    documented = Path("docs/formats.md").read_text(encoding="utf-8").partition("can be read")[2]
    for place, text in (
        ("docs/formats.md", documented),
        ("the help of `check`", main.commands["check"].help),
    ):
        assert re.search(rf"\b{form.name}\b", text), f"{place} does not name {form.name}"
    suffixes = (*form.suffixes, *form.shared_suffixes)
    examples = [name for name in mutated_files.PLAYLISTS if Path(name).suffix in suffixes]
    assert examples, f"tests/mutated_files.py has no example of {form.name} in PLAYLISTS"
    for name in examples:
        for suffix in suffixes:
            assert read(tmp_path, f"list{suffix}", mutated_files.PLAYLISTS[name]).entries


def test_comments_before_a_playlist_take_no_time(tmp_path: Path) -> None:
    comments = "<!--a--> <?a?>" * 200  # one pattern over all of them tries every way to split them
    assert names(read(tmp_path, "a.asx", f"{comments}<asx><entry><ref href='a.mp3'>"), tmp_path) == ["a.mp3"]
    with pytest.raises(InputError, match="damaged XML"):
        read(tmp_path, "a.asx", f"{comments}<playlist>")


def test_a_table_is_a_playlist_with_its_repeats(tmp_path: Path) -> None:
    playlist = read(
        tmp_path, "a.csv", "path,title,artist,duration\na.mp3,A,B,100\nb.mp3,'=C,D,90\na.mp3,A,B,100\n"
    )
    assert names(playlist, tmp_path) == ["a.mp3", "b.mp3", "a.mp3"]
    assert [each.title for each in playlist.entries] == ["A", "=C", "A"]
    assert [each.line for each in playlist.entries] == [2, 3, 4]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.cue", b'FILE "a.wav" WAVE', "can't read '.cue' as a playlist"),
        ("a.m3u", b"RIFF\0\0\0\0\0\0\0", "is not a text file"),
        ("a", b"words", "a file without suffix"),
    ],
)
def test_what_is_no_playlist_is_refused(name: str, content: bytes, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=sentence):
        read(tmp_path, name, content)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.m3u: can't be read"):
        read_playlist(tmp_path / "none.m3u")
    with pytest.raises(InputError, match="can't be read"):
        read_playlist(tmp_path)


def test_a_long_line_is_told_by_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "p.pls").write_text("[playlist]\n" + "x" * 61 + "\n" + "y" * 60 + "\n")
    first, second = read_playlist(tmp_path / "p.pls").passed_over
    assert first == f"line 2: {'x' * 57 + '...'!r} is not a line of a PLS file"
    assert second == f"line 3: {'y' * 60!r} is not a line of a PLS file"
