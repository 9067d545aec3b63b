"""Tables of tracks: what is read, how it is scaled, what is told."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.errors import InputError
from playlistkit.sources import headers, spotify_values, table

URI = "spotify:track:{:022d}".format
EXPORTIFY = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,"
    "Added At,Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,"
    "Instrumentalness,Liveness,Valence,Tempo,Time Signature"
)
ROW = (
    f'{URI(1)},"Still, Water","Tides","Ana Ruiz;The Low Choir",1999-05,321500,12,false,,2025-01-06T22:15:38Z,'
    '"ambient,drone","Small Label",0.2,0.05,9,-24.5,0,0.03,0.9,0.88,0.1,0.05,61.2,4'
)


def test_exportify_rows_come_with_names_length_and_features() -> None:
    (row,) = table.parse(f"\ufeff{EXPORTIFY}\r\n{ROW}\r\n", "a.csv").rows
    assert (row.uri, row.title, row.artist, row.album) == (
        URI(1),
        "Still, Water",
        "Ana Ruiz, The Low Choir",
        "Tides",
    )
    assert (row.duration, row.explicit, row.genre) == (321.5, False, "ambient,drone")
    assert row.features == {"energy": 0.25, "key": "A", "mode": "minor", "loudness": -24.5, "tempo": 61.2}


def test_the_album_s_artist_is_one_of_the_people() -> None:
    (row,) = table.parse(f"{EXPORTIFY},Album Artist Name(s)\n{ROW},Ana Ruiz;Bo Ek\n", "a.csv").rows
    assert row.album_artist == "Ana Ruiz, Bo Ek"


def test_the_older_dialect_with_bare_ids_is_read() -> None:
    text = (
        "Spotify ID,Artist IDs,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,"
        "Added By,Added At,Genres,Danceability,Energy,Key,Loudness,Mode,Tempo\n"
        f"{'7' * 22},{'8' * 22},Song,Album,Someone,1977,60000,1,,,,0.1,0.1,-1,-20,1,0\n"
    )
    (row,) = table.parse(text, "a.csv").rows
    assert row.uri == f"spotify:track:{'7' * 22}"
    assert row.features == {"energy": 0.5, "loudness": -20}  # no key found, no beat found


@pytest.mark.parametrize(
    ("uri", "title", "artist", "length", "energy"),
    [
        ("Track URI", "Track Name", "Artist Name(s)", "Track Duration (ms)", "Energy"),
        ("رابط الأغنية (URI)", "اسم الأغنية", "أسماء الفنانين", "مدة الأغنية (بالمللي ثانية)", "الطاقة"),
        ("Track-URI", "Track-Name", "Künstlername(n)", "Track-Dauer (ms)", "Energie"),
        ("URI κομματιού", "Όνομα κομματιού", "Όνομα/τα καλλιτέχνη", "Διάρκεια κομματιού (ms)", "Ενέργεια"),
        ("URI de la canción", "Nombre de la canción", "Nombre(s) del artista", "Duración de la canción (ms)", "Energía"),
        ("曲目 URI", "曲目名称", "艺人名称", "曲目时长（毫秒）", "能量"),
        ("曲目 URI", "曲目名稱", "藝人名稱", "曲目長度（毫秒）", "能量"),
        ("歌 Link", "歌名", "Artist 名", "曲目時長（毫秒）", "能量"),
        ("URI du titre", "Nom du titre", "Nom(s) de l'artiste", "Durée du titre (ms)", "Énergie"),
        ("URI della traccia", "Nome della traccia", "Nome dell'artista", "Durata della traccia (ms)", "Energia"),
        ("トラックURI", "トラック名", "アーティスト名", "トラックの長さ（ミリ秒）", "エネルギー"),
        ("Nummer URI", "Nummernaam", "Naam van artiest", "Nummerduur (ms)", "Energie"),
        ("URI da faixa", "Nome da faixa", "Nome(s) do artista", "Duração da faixa (ms)", "Energia"),
        ("Låtens URI", "Låtens namn", "Artistens namn", "Låtlängd (ms)", "Energi"),
        ("Parça URI", "Parça Adı", "Sanatçı Adı", "Parça Süresi (ms)", "Enerji"),
    ],
)  # fmt: skip
def test_quoted_exports_are_read_in_every_language(
    uri: str, title: str, artist: str, length: str, energy: str
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    writer.writerow((uri, title, artist, length, energy))
    writer.writerow((URI(3), "Song", "Smith\\, Jones & Co, Ana Ruiz", "61000", "0.21"))
    (row,) = table.parse(stream.getvalue(), "a.csv", energy="spotify").rows
    assert (row.uri, row.title, row.artist, row.duration) == (
        URI(3),
        "Song",
        "Smith, Jones & Co, Ana Ruiz",
        61.0,
    )
    assert row.features["energy"] == 0.75


def test_no_header_means_two_things() -> None:
    fields: dict[str, str] = {}
    for name, words in headers.HEADERS.items():
        for word in words:
            assert fields.setdefault(headers.plain(word), name) == name


def test_a_table_resaved_by_a_spreadsheet_is_read() -> None:
    text = (
        "sep=;\n"
        "Track Name;Artist Name(s);Energy;Valence;Tempo;Length;ISRC;;\n"
        "Song;Someone;0,1;0,3;61,5;21:22:00;gb-abc-12-34567;;\n"
        "Other;Someone;0,05;0,3;71,5;03:05:00;;;\n"
        "Third;Someone;0,05;1E-3;71,5;03:06:00;;;\n"
    )
    read = table.parse(text, "a.csv")
    first, second, _ = read.rows
    assert (first.features["energy"], first.features["tempo"], first.isrc) == (0.5, 61.5, "GBABC1234567")
    assert (first.duration, second.duration) == (1282.0, 185.0)
    assert any("21:22:00" in note for note in read.notes)
    assert not read.faults


def test_whole_minutes_without_hours_are_no_spreadsheets_shift() -> None:
    rows = table.parse("Title,Length\nA,3:00\nB,4:00\nC,5:00\n", "a.csv").rows
    assert [row.duration for row in rows] == [180.0, 240.0, 300.0]


def test_a_share_is_kept_from_0_to_1_and_nothing_beyond() -> None:
    text = "Title,Brightness\nA,0\nB,0.3\nC,1\nD,1.1\nE,-0.1\n"
    read = table.parse(text, "a.csv")
    assert [row.features.get("brightness") for row in read.rows] == [0.0, 0.3, 1.0, None, None]
    assert [fault.kind for fault in read.faults] == ["wrong", "wrong"]


def test_a_table_of_0_to_100_with_keys_in_words_is_read() -> None:
    text = (
        "#,Song,Artist,BPM,Camelot,Energy,Duration,Dance,Valence,Loud (Db),Key,Spotify Track Id,ISRC\n"
        f"1,Careful,Ana,90,8A,10,02:28,60,26,-9 dB,G Major,{'A' * 22},QMABC2400001\n"
        f"2,Careless,Ana,80,8A,1,1:02:28,60,26,-19,,{'B' * 22},\n"
    )
    read = table.parse(text, "a.csv")
    first, second = read.rows
    assert first.features == {"energy": 0.5, "key": "G", "mode": "major", "tempo": 90, "loudness": -9}
    assert (first.duration, second.duration) == (148, 3748)
    assert second.features["energy"] == 0.05
    assert (second.features["key"], second.features["mode"]) == ("A", "minor")  # 8A
    assert any("0 to 100" in note for note in read.notes)


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("9", "A", None), ("9.0", "A", None), ("C♯/D♭ Minor", "C#", "minor"), ("F# min", "F#", "minor"),
        ("Am", "A", "minor"), ("Bb", "A#", None), ("Eb major", "D#", "major"), ("1A", "G#", "minor"),
        ("1B", "B", "major"), ("8B", "C", "major"), ("12A", "C#", "minor"), ("d-flat?", None, None),
        ("12", None, None), ("13A", None, None),
    ],
)  # fmt: skip
def test_keys_are_read_from_numbers_words_and_camelot(text: str, tonic: str | None, mode: str | None) -> None:
    read = table.parse(f"title,key\nSong,{text}\n", "a.csv")
    assert read.rows[0].features.get("key") == tonic
    assert read.rows[0].features.get("mode") == mode
    assert bool(read.faults) == (tonic is None)


def test_energy_without_spotifys_columns_is_ours_and_told() -> None:
    read = table.parse("path,energy,vocals\na.flac,0.05,wordless\n", "/music/a.csv")
    assert read.rows[0].features == {"energy": 0.05, "vocals": "wordless"}
    assert read.rows[0].path == str(Path("/music/a.flac").absolute())
    assert any("ours" in note for note in read.notes)
    assert table.parse("title,energy\nx,0.05\n", "a.csv", energy="spotify").rows[0].features["energy"] == 0.25
    assert table.parse("title,spotify_energy\nx,0.05\n", "a.csv").rows[0].features["energy"] == 0.25


def test_voice_is_taken_from_instrumentalness_only_when_asked() -> None:
    text = f"{EXPORTIFY}\n{ROW}\n"
    assert "vocals" not in table.parse(text, "a.csv").rows[0].features
    assert table.parse(text, "a.csv", instrumentalness=True).rows[0].features["vocals"] == "none"


def test_each_fault_is_told_with_its_line_and_the_rest_of_the_row_kept() -> None:
    text = (
        "Track URI,Track Name,ISRC,Duration (ms),Energy,Tempo,Key,Mode\n"
        f"{URI(1)},One,XX,0,1.5,600,H,2\n"
        f'{URI(2)},"Two\nlines",,60000,0.5,60,3,2\n'
        f"{URI(3)},Short\n"
        f"{URI(1)},One again,,1,0.1,90,0,0\n"
        "spotify:episode:123,Talk,,60000,0.5,60,0,0\n"
        ",,,,,,,\n"
        f"{URI(5)},Un,quoted,,60000,0.5,60,0,0\n"
        ",,,60000,0.5,60,0,0\n"
    )
    read = table.parse(text, "a.csv")
    told = [str(fault) for fault in read.faults]
    assert [row.title for row in read.rows] == ["One", "Two\nlines", "Short", "Talk"]
    assert read.rows[1].features == {"energy": 0.5, "tempo": 60, "key": "D#"}
    for sentence in (
        "a.csv:2: ISRC 'XX'",
        "a.csv:2: length '0'",
        "a.csv:2: energy '1.5' is not a number from 0 to 1",
        "a.csv:2: tempo '600' is not a number from 20 to 400",
        "a.csv:2: key 'H'",
        "a.csv:2: no energy, tempo, length",
        "a.csv:3: mode '2'",
        "a.csv:5: no energy, tempo, length (the row is short)",
        "a.csv:6: repeats line 2 with other values",
        "a.csv:7: 'spotify:episode:123' is not a Spotify track",
        "a.csv:9: has 9 values for 8 columns",
        "a.csv:10: names no track",
    ):
        assert any(each.startswith(sentence) for each in told), sentence
    assert len(told) == 12


def test_rows_of_local_files_keep_their_names_without_a_uri() -> None:
    text = f"Track URI,Energy\nspotify:local:The+Band:Album:A+Song%21:207,0.1\n{URI(1)},0.2\n"
    row = table.parse(text, "a.csv").rows[0]
    assert (row.uri, row.artist, row.album, row.title) == (None, "The Band", "Album", "A Song!")
    assert row.duration == 207


def test_our_own_json_reads_back() -> None:
    entry = {
        "id": "3f2a90c1d4e5", "path": None, "uri": URI(4), "title": "Song", "artist": "Ana", "isrc": None,
        "duration": 61.5, "features": {"energy": 0.3, "tempo": None, "vocals": "none", "fades": True},
    }  # fmt: skip
    read = table.parse(json.dumps([entry, 3]), "a.json")
    (row,) = read.rows
    assert (row.id, row.uri, row.duration) == ("3f2a90c1d4e5", URI(4), 61.5)
    assert row.features == {"energy": 0.3, "vocals": "none", "fades": True}
    assert any(str(fault).startswith("a.json, entry 2: ") for fault in read.faults)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("energy,tempo\n0.1,60\n", "no column names a track"),
        ('{"tracks": 3}', "no list of tracks"),
        ("[1,", "is not valid JSON"),
    ],
)
def test_a_file_that_is_no_table_of_tracks_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        table.parse(text, "a.csv")


def test_encodings_are_found_and_an_assumed_one_is_told(tmp_path: Path) -> None:
    text = "Title;Energy\nÉtude;0,1\n"
    for encoding, told in (("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("cp1252", True)):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text.encode(encoding))
        read = table.read(path)
        assert read.rows[0].title == "Étude"
        assert any("Windows-1252" in note for note in read.notes) == told
    (tmp_path / "x.csv").write_bytes(b"RIFF\x00\x00")
    with pytest.raises(InputError, match="not a text file"):
        table.read(tmp_path / "x.csv")


def test_anchors_are_met_and_energy_keeps_its_order() -> None:
    for theirs, ours in spotify_values.SPOTIFY_ENERGY:
        assert spotify_values.from_spotify_energy(theirs) == pytest.approx(ours, abs=1e-4)


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_of_spotifys_energy_is_never_less_of_ours(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= spotify_values.from_spotify_energy(low) <= spotify_values.from_spotify_energy(high) <= 1


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=8), min_size=1, max_size=8))
def test_any_cells_give_rows_or_faults_and_never_a_traceback(rows: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows(
        [["Track URI", "Track Name", "Energy", "Key", "Mode", "Length", "ISRC"], *rows]
    )
    read = table.parse(stream.getvalue(), "a.csv")
    assert len(read.rows) <= len(rows)
    for row in read.rows:
        assert 0 <= row.features.get("energy", 0) <= 1  # type: ignore[operator]


def lengths(*rows: str) -> list[float | None]:
    return [row.duration for row in table.parse("\n".join(rows), "a.csv").rows]


def test_of_several_columns_for_the_length_the_one_that_more_rows_are_read_in_wins() -> None:
    rows = ("Track Name,Time,Duration (s)", "A,8:24,504", "B,29:53:00,1793", "C,8.4,503", "D,,200", "E,?,300")
    assert lengths(*rows) == [504, 1793, 503, 200, 300]


def test_bare_lengths_are_minutes_where_they_can_be_nothing_else() -> None:
    assert lengths("Track Name,Duration", "A,8.4", "B,3.5", "C,12") == [504, 210, 720]
    assert lengths("Track Name,Time", "A,8:24", "B,3:30", "C,8.4") == [504, 210, 504]
    assert lengths("Track Name,Duration", "A,184", "B,350", "C,12") == [184, 350, 12]


def test_typographic_digits_are_digits() -> None:
    assert lengths("Track Name,Duration", "A,８：２４", "B,٣:٣٠", "C,3:00") == [504, 210, 180]
    (row,) = table.parse("Track Name,Loudness,energy\nA,−21٫5,0.2", "a.csv").rows
    assert row.features["loudness"] == -21.5


def test_titles_above_the_headers_and_spaces_before_quotes_are_passed_over() -> None:
    text = 'My session music, 2026\nFor the clinic\n\n"Track Name", "Artist Name(s)", "Duration"\n"A, or B", "C", "3:00"\n'
    (row,) = table.parse(text, "a.csv").rows
    assert (row.title, row.artist, row.duration) == ("A, or B", "C", 180)


def test_a_column_that_is_not_understood_is_named() -> None:
    notes = table.parse("Track Name,Mood,Popularity,energy\nA,sad,3,0.2", "a.csv").notes
    assert any("'Mood'" in note for note in notes)
    assert not any("Popularity" in note for note in notes)


def test_a_table_of_albums_is_told_as_such() -> None:
    with pytest.raises(InputError, match="table of albums"):
        table.parse("Album URI,Album Name,Album Type\nspotify:album:1,A,album", "a.csv")


def test_what_can_not_be_played_is_left_out_and_told() -> None:
    read = table.parse(f"Track URI,Track Name,Is Playable\n{URI(1)},A,false\n{URI(2)},B,true", "a.csv")
    assert [row.title for row in read.rows] == ["B"]
    assert any("country" in fault.text for fault in read.faults)


@pytest.mark.parametrize(
    ("share", "voice"), [(0.95, "none"), (0.8, "none"), (0.5, "unknown"), (0.1, "words")]
)
def test_instrumentalness_is_sure_only_at_its_ends(share: float, voice: str) -> None:
    text = f"Track URI,Track Name,Instrumentalness\n{URI(1)},A,{share}"
    (row,) = table.parse(text, "a.csv", instrumentalness=True).rows
    assert row.features["vocals"] == voice


@pytest.mark.parametrize(
    "text",
    [
        'TITLE, ARTIST\n"Slow River", "Ann Lee"\n',
        "Shazam Library\nIndex,TagTime,Title,Artist,TrackKey\n1,2024-12-27,Slow River,Ann Lee,1\n",
        "My songs\n\nTitle;Artist\nSlow River;Ann Lee\n",
        'sep=;\nTitel;Interpret\n"Slow River";"Ann Lee"\n',
        "Titre,Artiste\nSlow River,Ann Lee\n",
    ],
)
def test_titles_above_a_table_and_blanks_after_its_commas_are_no_part_of_it(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    (row,) = table.read(tmp_path / "a.csv").rows
    assert (row.title, row.artist) == ("Slow River", "Ann Lee")
    assert row.where == f"{tmp_path / 'a.csv'}:{len(text.splitlines())}"


@pytest.mark.parametrize("column", ["Key", "Mode", "Tempo", "Duration", "Energy", "Camelot"])
@pytest.mark.parametrize("number", ["{}", "{}:00:00", "-{}", "{}e{}"])
def test_a_number_of_5000_digits_is_a_fault_of_its_row(column: str, number: str, tmp_path: Path) -> None:
    digits = number.format("1" * 5000, "1" * 5000)
    (tmp_path / "a.csv").write_text(f"Title,{column}\nx,{digits}\n", encoding="utf-8")
    assert [row.title for row in table.read(tmp_path / "a.csv").rows] == ["x"]


SPOTIFYS_OWN = {
    "playlists": [
        {"name": "Calm", "items": [{"track": {"trackName": "Still", "artistName": "Ann", "albumName": "Water", "trackUri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC"}, "episode": None}]},
        {"name": "Empty", "items": []},
    ]
}  # fmt: skip
SPOTIFYS_ANSWER = {
    "items": [{"track": {"name": "Still", "artists": [{"name": "Ann"}], "album": {"name": "Water", "images": []}, "uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC"}}]
}  # fmt: skip


@pytest.mark.parametrize(
    "document", [SPOTIFYS_OWN, SPOTIFYS_ANSWER], ids=["the data one asks for", "the web"]
)
def test_what_spotify_itself_gives_out_is_read(document: object) -> None:
    (row,) = table.parse(json.dumps(document), "Playlist1.json").rows
    assert (row.title, row.artist, row.album) == ("Still", "Ann", "Water")
    assert row.uri == "spotify:track:4uLU6hMCjMI75M1A2tKUQC"


@pytest.mark.parametrize("text", ["#EXTM3U\na.mp3\n", '<?xml version="1.0"?><plist/>', "\ufeff\n<playlist/>"])
def test_a_playlist_given_as_a_table_says_what_to_do_instead(text: str) -> None:
    with pytest.raises(InputError, match=r"^list: is a playlist .*; add the folder that its files are in"):
        table.parse(text, "list")


def test_a_table_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_BYTES", 1 << 20)
    with (tmp_path / "long.csv").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(InputError, match=r"long.csv: is larger than 1 MiB, too large for a table of tracks"):
        table.read(tmp_path / "long.csv")
    if Path("/dev/zero").exists():
        with pytest.raises(InputError, match=r"^/dev/zero: can't be read: it is not an ordinary file"):
            table.read("/dev/zero")
