"""Tables of tracks: exports of Spotify playlists, and any CSV or JSON with headers for our features.

Columns are found by name (`headers`), never by place. Where one value could mean two things (energy 0 to 1 or
0 to 100, a length in seconds or milliseconds, whose energy it is) the whole column decides, and a note says how
it was read. What a row lacks or gets wrong is a `Fault` with its line; the rest of the row is kept (`table_rows`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playlistkit.errors import InputError
from playlistkit.ordinary import read_ordinary
from playlistkit.sources.cells import Fault, Lines, csv_lines, decoded, json_lines
from playlistkit.sources.headers import NAMING, SPOTIFY_ONLY, columns_of, length_columns, unknown_headers
from playlistkit.sources.lengths import lengths_of
from playlistkit.sources.numbers import NOTHING, number
from playlistkit.sources.table_rows import Row, RowParser, Scales

__all__ = ["EnergyScale", "Fault", "Row", "Table", "parse", "read"]

EnergyScale = Literal["spotify", "ours"]


MOST_BYTES = 256 << 20  # a million rows of the widest export
MOST_NAMED = 8  # columns in a note
PROGRESS_EVERY = 500  # rows


SHARES = ("energy", "spotify_energy", "danceability", "valence")
"""Columns that show whether a table writes shares as 0 to 1 or as 0 to 100; one choice holds for all."""


@dataclass(frozen=True, slots=True)
class Table:
    """The content of a table."""

    name: str
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...] = ()
    """In the order of the rows."""
    notes: tuple[str, ...] = ()
    """How columns were read, and which features the table has no column for."""


def read(
    path: str | os.PathLike[str],
    *,
    energy: EnergyScale | None = None,
    instrumentalness: bool = False,
    repeats: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Table:
    """Read a CSV or JSON file.

    Parameters
    ----------
    path : str or path
        UTF-8, with or without a byte-order mark, UTF-16 with one, or else Windows-1252, which a note mentions. Comma,
        semicolon or tab between values.
    energy : {"spotify", "ours"}, optional
        Whose scale the column ``energy`` uses. By default Spotify's if there are other columns that only
        Spotify's exports have, else ours; a note says which.
    instrumentalness : bool
        Take Spotify's instrumentalness for the voice, as `spotify_values.voice_of` does.
    repeats : bool
        Keep rows that repeat another, as a playlist means them; they are still reported.
    progress : callable
        Called with rows done and rows in total.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        If the file can't be read or no column names a track.
    """
    path = Path(path)
    try:
        raw = read_ordinary(path, MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror or error}") from error
    if len(raw) > MOST_BYTES:
        raise InputError(f"{path}: is larger than {MOST_BYTES >> 20} MiB, too large for a table of tracks")
    text, note = decoded(raw, path)
    table = parse(
        text,
        str(path),
        energy=energy,
        instrumentalness=instrumentalness,
        repeats=repeats,
        progress=progress,
    )
    return Table(table.name, table.rows, table.faults, (*note, *table.notes))


def parse(
    text: str,
    name: str,
    *,
    energy: EnergyScale | None = None,
    instrumentalness: bool = False,
    repeats: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Table:
    """The table in a text; relative paths in it are relative to the folder of `name`. As for `read`."""
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:7].upper() == "#EXTM3U" or text.lstrip()[:1] == "<":
        raise InputError(
            f"{name}: is a playlist or another program's library, not a table of tracks; add the folder that its files "
            "are in, or export a table as CSV"
        )
    reader = json_lines if text.lstrip()[:1] in ("[", "{") else csv_lines
    headers, lines, faults = reader(text, name)
    columns = columns_of(headers)
    if not columns.keys() & NAMING:
        if columns.keys() & {"album_uri", "album_type"}:
            raise InputError(
                f"{name}: is a table of albums; export playlists or liked songs, which name tracks"
            )
        seen = ", ".join(repr(each) for each in headers[:8]) or "nothing"
        raise InputError(
            f"{name}: no column names a track (Track URI, Track Name, ISRC or Path); the headers are {seen}"
        )
    lengths = lengths_of(*length_columns(headers), [cells for _, cells in lines])
    scales, notes = _scales(columns, lines, energy)
    parser = RowParser(name, columns, scales, lengths, instrumentalness, faults, repeats)
    rows = []
    for done, (where, cells) in enumerate(lines):
        if done % PROGRESS_EVERY == 0:
            progress(done, len(lines))
        if (row := parser.row(where, cells)) is not None:
            rows.append(row)
    notes += lengths.notes
    strange = [each for each in unknown_headers(headers) if each]
    if strange:
        listed = ", ".join(repr(each.strip()) for each in strange[:MOST_NAMED])
        more = f" and {len(strange) - MOST_NAMED} more" if len(strange) > MOST_NAMED else ""
        notes.append(f"unknown columns, not read: {listed}{more}")
    missing = [
        each
        for each, sources in {
            "energy": ("energy", "spotify_energy"),
            "loudness": ("loudness",),
            "tempo": ("tempo",),
            "vocals": ("vocals", "instrumentalness") if instrumentalness else ("vocals",),
        }.items()
        if not columns.keys() & set(sources)
    ]
    if missing:
        notes.append(f"no column for {', '.join(missing)}")
    if "instrumentalness" in columns and not instrumentalness and "vocals" not in columns:
        notes.append(
            "Spotify's instrumentalness was not used for the voice, as nobody asked for it (instrumentalness)"
        )
    return Table(name, tuple(rows), tuple(parser.faults), tuple(notes))


def _scales(columns: Mapping[str, int], lines: Lines, energy: EnergyScale | None) -> tuple[Scales, list[str]]:
    """The scales that the columns as wholes show, and notes that say so."""
    notes: list[str] = []

    def values(name: str) -> list[str]:
        place = columns.get(name)
        if place is None:
            return []
        cells = (cells[place].strip() for _, cells in lines if place < len(cells))
        return [each for each in cells if each and each.lower() not in NOTHING]

    shares = [share for name in SHARES for each in values(name) if (share := number(each)) is not None]
    above = sum(each > 1 for each in shares)
    # 0 to 100 is written in whole numbers; a few wild values in a column of 0 to 1 are faults of their rows
    percent = 2 * above > len(shares) or (above > 0 and all(each == int(each) for each in shares))
    if percent:
        notes.append("energy and the like were read as 0 to 100")
    spotify = energy == "spotify" or (energy is None and bool(columns.keys() & set(SPOTIFY_ONLY)))
    if "energy" in columns:
        notes.append(
            "energy was read as Spotify's and converted to our scale by the fixed anchors"
            if spotify
            else "energy was read as ours: 0 to 1 as in docs/features.md"
        )
    if spotify and "loudness" in columns:
        notes.append("Spotify's loudness in dB was taken as LUFS; the two are close but not the same")
    return Scales(percent, spotify), notes
