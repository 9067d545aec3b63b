"""Tables of tracks: exports of Spotify playlists, and any CSV or JSON with headers for our features.

Columns are found by name (`headers`), never by place. Where one value could mean two things (energy 0 to 1 or
0 to 100, a length in seconds or milliseconds, whose energy it is) the whole column decides, and a note says how
it was read. What a row lacks or gets wrong is a `Fault` with its line; the rest of the row is kept.

Spotify's energy is converted to our scale by fixed anchors: percentiles of the same 382 tracks of eight published
session playlists on both scales, straight lines between them (docs/features.md).
"""

from __future__ import annotations

import os
import re
import urllib.parse
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playlistkit.errors import InputError
from playlistkit.model import FEATURE_WORDS, FEATURES, SINGLE, Vocals
from playlistkit.sources.cells import Cells, Fault, Lines, csv_lines, decoded, json_lines
from playlistkit.sources.headers import (
    NAMING,
    SPOTIFY_ONLY,
    columns_of,
    length_columns,
    plain,
    unknown_headers,
)
from playlistkit.sources.lengths import Lengths, lengths_of
from playlistkit.sources.numbers import NOTHING, number

__all__ = [
    "SPOTIFY_ENERGY",
    "Fault",
    "Row",
    "Table",
    "from_spotify_energy",
    "parse",
    "read",
    "spotify_uri",
    "voice_of",
]

EnergyScale = Literal["spotify", "ours"]

SPOTIFY_ENERGY = (
    (0.0, 0.0), (0.01, 0.05), (0.05, 0.25), (0.1, 0.5), (0.21, 0.75), (0.37, 0.9), (0.47, 0.95), (0.67, 0.99),
    (1.0, 1.0),
)  # fmt: skip
"""Anchors (Spotify's energy, ours), ascending in both."""

MOST_NAMED = 8  # columns in a note

INSTRUMENTAL, SUNG = 0.8, 0.2  # Spotify's instrumentalness

NOTES = FEATURE_WORDS["key"]
FLATS = {
    "DB": "C#",
    "EB": "D#",
    "GB": "F#",
    "AB": "G#",
    "BB": "A#",
    "CB": "B",
    "FB": "E",
    "E#": "F",
    "B#": "C",
}
# Camelot's wheel: 1A is G# minor, 1B is B major, each next number a fifth higher
CAMELOT_A, CAMELOT_B = NOTES.index("G#"), NOTES.index("B")
MODES = {
    "0": "minor", "1": "major", "minor": "minor", "min": "minor", "m": "minor", "moll": "minor",
    "major": "major", "maj": "major", "dur": "major", "": "",
}  # fmt: skip

VOCALS = FEATURE_WORDS["vocals"]
YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

SHARES = ("energy", "spotify_energy", "danceability", "valence")
"""Columns that show whether a table writes shares as 0 to 1 or as 0 to 100; one choice holds for all."""

SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")
SPOTIFY_TRACK = re.compile(
    r"(?:spotify:track:|(?:https?://)?open\.spotify\.com/(?:intl-\w\w/)?track/)([0-9A-Za-z]{22})(?:\?.*)?"
)
ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
KEY = re.compile(r"([A-G])\s*([#♯b♭]?)(?:\s*/\s*[A-G][#♯b♭]?)?\s*([A-Za-z]*)")


@dataclass(frozen=True, slots=True)
class Row:
    """One track of a table; `None` where not given."""

    where: str
    id: str | None = None
    """Our id, if the table comes from us."""
    path: str | None = None
    """Absolute."""
    uri: str | None = None
    """`spotify:track:...`"""
    title: str | None = None
    artist: str | None = None
    people: tuple[str, ...] = ()
    """The artists one by one, if the table lists them so."""
    """Several joined by ``", "``."""
    album: str | None = None
    isrc: str | None = None
    genre: str | None = None
    duration: float | None = None
    """Seconds."""
    explicit: bool | None = None
    start: float = 0.0
    """Seconds into the file at which the track begins."""
    end: float | None = None
    """Seconds into the file at which it ends; `None`: with the file."""
    features: Mapping[str, object] = field(default_factory=dict)
    """Feature name to value, on our scales."""


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
        Take Spotify's instrumentalness for the voice, as `voice_of` does.
    repeats : bool
        Keep rows that repeat another, as a playlist means them; they are still reported.

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
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror or error}") from error
    text, note = decoded(raw, path)
    table = parse(text, str(path), energy=energy, instrumentalness=instrumentalness, repeats=repeats)
    return Table(table.name, table.rows, table.faults, (*note, *table.notes))


def parse(
    text: str,
    name: str,
    *,
    energy: EnergyScale | None = None,
    instrumentalness: bool = False,
    repeats: bool = False,
) -> Table:
    """The table in a text; relative paths in it are relative to the folder of `name`. As for `read`."""
    text = text.removeprefix("\ufeff")
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
    parser = _Parser(name, columns, scales, lengths, instrumentalness, faults, repeats)
    rows = [row for where, cells in lines if (row := parser.row(where, cells)) is not None]
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
        notes.append("Spotify's instrumentalness was not used for the voice; --instrumentalness uses it")
    return Table(name, tuple(rows), tuple(parser.faults), tuple(notes))


def from_spotify_energy(energy: float) -> float:
    """Our energy for Spotify's, both 0 to 1: straight lines between `SPOTIFY_ENERGY`, to 4 decimals."""
    after = min(max(bisect_right(SPOTIFY_ENERGY, (energy, 2.0)), 1), len(SPOTIFY_ENERGY) - 1)
    (x0, y0), (x1, y1) = SPOTIFY_ENERGY[after - 1 : after + 1]
    return round(y0 + (y1 - y0) * (energy - x0) / (x1 - x0), 4)


def voice_of(instrumentalness: float) -> Vocals:
    """The voice behind Spotify's instrumentalness: none from 0.8, words up to 0.2, unknown between.

    Spotify documents 0.5 as the border, and more certainty towards the ends. There is quiet piano with 0.00, so "words"
    is only likely; a wrong "words" costs a track, a wrong "none" would harm a client.
    """
    if instrumentalness >= INSTRUMENTAL:
        return "none"
    return "words" if instrumentalness <= SUNG else "unknown"


def spotify_uri(text: str) -> str | None:
    """`spotify:track:...` for a URI, an address or a bare id of a track; `None` for anything else."""
    if SPOTIFY_ID.fullmatch(text):
        return f"spotify:track:{text}"
    match = SPOTIFY_TRACK.fullmatch(text)
    return f"spotify:track:{match[1]}" if match else None


# --- what the columns mean ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scales:
    """How the ambiguous columns are to be read."""

    percent: bool
    spotify: bool


def _scales(
    columns: Mapping[str, int], lines: Lines, energy: EnergyScale | None
) -> tuple[_Scales, list[str]]:
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
        notes.append("energy and its like were read as 0 to 100")
    spotify = energy == "spotify" or (energy is None and bool(columns.keys() & set(SPOTIFY_ONLY)))
    if "energy" in columns:
        notes.append(
            "energy was read as Spotify's and converted to our scale by the fixed anchors"
            if spotify
            else "energy was read as ours: 0 to 1 as in docs/features.md"
        )
    if spotify and "loudness" in columns:
        notes.append("Spotify's loudness in dB was taken as LUFS; the two are close but not the same")
    return _Scales(percent, spotify), notes


# --- what a row says ----------------------------------------------------------------------------------------


class _Parser:
    """Rows of one table to values; collects their faults."""

    def __init__(
        self,
        name: str,
        columns: Mapping[str, int],
        scales: _Scales,
        lengths: Lengths,
        instrumentalness: bool,
        faults: list[Fault],
        repeats: bool,
    ) -> None:
        self.name = name
        self.columns = columns
        self.scales = scales
        self.lengths = lengths
        self.instrumentalness = instrumentalness
        self.faults = faults
        self.repeats = repeats
        self.folder = Path(name).parent
        self.features = [each for each in SINGLE if each in columns and each not in ("key", "mode", "energy")]
        self.needed = [each for each in ("energy", "loudness", "tempo", "vocals") if each in columns]
        self.seen: dict[str, tuple[str, Mapping[str, object]]] = {}
        self.where = ""
        self.cells: Cells = ()

    def fault(self, kind: Literal["lacks", "wrong", "double", "skipped"], text: str) -> None:
        self.faults.append(Fault(self.where, kind, text))

    def text(self, name: str) -> str | None:
        """The cell of a field; `None` if the column is missing, the row is short, or the cell is empty."""
        place = self.columns.get(name)
        if place is None or place >= len(self.cells):
            return None
        value = self.cells[place].strip()
        return value or None

    def value(self, name: str) -> str | None:
        """The same for a number or a word, where "-", "n/a" and the like mean no value."""
        text = self.text(name)
        return None if text is None or text.lower() in NOTHING else text

    def row(self, where: str, cells: Cells) -> Row | None:
        """The row's track; `None` if it names none, or repeats another while `repeats` is false."""
        self.where, self.cells = where, cells
        uri, local = self.uri()
        ours = self.text("id")
        if uri is None and ours is not None and SPOTIFY_ID.fullmatch(ours):
            uri, ours = f"spotify:track:{ours}", None
        path = self.text("path")
        title = self.text("title") or local.get("title")
        isrc = self.isrc()
        if not (uri or path or title or isrc or ours):
            self.fault("skipped", "names no track")
            return None
        playable = self.value("is_playable")
        if playable is not None and YES_OR_NO.get(playable.lower()) is False:
            self.fault("skipped", f"{title or uri!r} can't be played in your country, the table says")
            return None
        features = self.known_features()
        duration = self.duration(local.get("seconds"))
        artist = self.text("artist") or local.get("artist")
        start, end = (number(self.value(name) or "") for name in ("file_start", "file_end"))
        part = f"{path} {start} {end}" if path and (start or end) else path
        same = uri or part or ours or repr((isrc or "", plain(title or ""), plain(artist or "")))
        if same in self.seen:
            first, known = self.seen[same]
            differs = "" if known == features else " with other values; the first row was taken"
            line = first.removeprefix(f"{self.name}:").removeprefix(f"{self.name}, ")
            self.fault("double", f"repeats {line if line.startswith('entry') else f'line {line}'}{differs}")
            if not self.repeats:
                return None
        self.seen.setdefault(same, (where, features))
        lacking = [each for each in self.needed if each not in features]
        if uri is not None and duration is None:
            lacking.append("length")
        if lacking:
            short = max(self.columns.values()) >= len(cells)
            self.fault("lacks", f"no {', '.join(lacking)}" + (" (the row is short)" if short else ""))
        explicit = self.value("explicit")
        return Row(
            where,
            id=ours,
            path=os.path.abspath(self.folder / path) if path else None,  # noqa: PTH100 -- links stay links
            uri=uri,
            title=title,
            artist=_artists(artist) if artist else None,
            people=_people(artist or ""),
            album=self.text("album") or local.get("album"),
            isrc=isrc,
            genre=self.text("genre"),
            duration=duration,
            explicit=YES_OR_NO.get(explicit.lower()) if explicit else None,
            start=start or 0.0,
            end=end,
            features=features,
        )

    def uri(self) -> tuple[str | None, dict[str, str]]:
        """The track's URI; for a `spotify:local` row what its URI says of the file."""
        text = self.text("uri")
        if text is None:
            return None, {}
        if text.startswith("spotify:local:"):
            parts = [urllib.parse.unquote_plus(each) for each in text.split(":")[2:]]
            names = ("artist", "album", "title", "seconds")
            return None, {name: part for name, part in zip(names, parts, strict=False) if part}
        uri = spotify_uri(text)
        if uri is None:
            self.fault("wrong", f"{text[:60]!r} is not a Spotify track; the row was taken without it")
        return uri, {}

    def isrc(self) -> str | None:
        text = self.value("isrc")
        if text is None:
            return None
        plain_text = re.sub(r"[\s-]", "", text).upper()
        if ISRC.fullmatch(plain_text):
            return plain_text
        self.fault(
            "wrong", f"ISRC {text[:40]!r} is not two letters, three letters or digits and seven digits"
        )
        return None

    def duration(self, local_seconds: str | None) -> float | None:
        """Seconds."""
        seconds, unreadable = self.lengths.of(self.cells)
        if unreadable:
            self.fault("wrong", f"length {unreadable[:40]!r} can't be read; left out")
        if seconds is None and local_seconds is not None:
            seconds = number(local_seconds)
        return seconds or None

    def known_features(self) -> dict[str, object]:
        told = [
            ("energy", self.energy()),
            *self.key(),
            *((name, self.feature(name)) for name in self.features),
        ]
        features = {name: value for name, value in told if value is not None}
        if self.instrumentalness and "vocals" not in features:
            share = self.share("instrumentalness")
            if share is not None:
                features["vocals"] = voice_of(share)
        return features

    def energy(self) -> float | None:
        value = self.share("spotify_energy")
        if value is not None:
            return from_spotify_energy(value)
        value = self.share("energy")
        return from_spotify_energy(value) if value is not None and self.scales.spotify else value

    def share(self, name: str) -> float | None:
        """A value of 0 to 1, or of 0 to 100 if the table is written so."""
        text = self.value(name)
        if text is None:
            return None
        value = number(text)
        if value is not None and (self.scales.percent or text.endswith("%")):
            value /= 100
        if value is None or not 0 <= value <= 1:
            least_most = "0 to 100" if self.scales.percent else "0 to 1"
            self.fault("wrong", f"{name} {text[:40]!r} is not a number from {least_most}; left out")
            return None
        return value

    def feature(self, name: str) -> object:
        # "none" is a voice, and nothing elsewhere
        text = self.text(name) if name == "vocals" else self.value(name)
        if text is None or (name == "tempo" and text in ("0", "0.0")):  # Spotify's "found no beat"
            return None
        if name == "vocals":
            if text.lower() in VOCALS:
                return text.lower()
            self.fault("wrong", f"vocals {text[:40]!r} is not one of {', '.join(VOCALS)}; left out")
            return None
        kind = FEATURES[name]
        if kind.shape == "flag":
            if text.lower() in YES_OR_NO:
                return YES_OR_NO[text.lower()]
            self.fault("wrong", f"{name} {text[:40]!r} is not yes or no; left out")
            return None
        value = number(text)
        if value is None or not kind.low <= value <= kind.high:
            self.fault(
                "wrong", f"{name} {text[:40]!r} is not a number from {kind.low:g} to {kind.high:g}; left out"
            )
            return None
        return value

    def key(self) -> tuple[tuple[str, str | None], ...]:
        """Tonic and mode, from a pitch class and 0 or 1, from words, or from a Camelot code."""
        text, mode = self.value("key"), self.value("mode")
        if text is None:
            text = self.value("camelot")
        if text is None or text in ("-1", "-1.0"):  # Spotify's "found no key"
            return ()
        tonic, mode_of_key = _key(text)
        if tonic is None:
            self.fault("wrong", f"key {text[:40]!r} is none; left out")
            return ()
        if mode_of_key is None and mode is not None:
            mode_of_key = MODES.get(mode.lower().removesuffix(".0"))
            if mode_of_key is None:
                self.fault("wrong", f"mode {mode[:40]!r} is neither 0, 1, major nor minor; left out")
        return ("key", tonic), ("mode", mode_of_key)


def _key(text: str) -> tuple[str | None, str | None]:
    """Tonic and mode in "9", "A minor", "C♯/D♭ Minor", "Am" or "8A"; `None` for what it doesn't say."""
    bare = text.removesuffix(".0")
    if bare.isdecimal() and len(bare) < 3:
        return (NOTES[int(bare)], None) if int(bare) < 12 else (None, None)
    camelot = re.fullmatch(r"(1[0-2]|[1-9])([AB])", text, re.IGNORECASE)
    if camelot:
        minor = camelot[2].upper() == "A"
        first = CAMELOT_A if minor else CAMELOT_B
        return NOTES[(first + 7 * (int(camelot[1]) - 1)) % 12], "minor" if minor else "major"
    match = KEY.fullmatch(text[:1].upper() + text[1:])
    if not match or match[3].lower() not in MODES:
        return None, None
    sharp_or_flat = {"♯": "#", "♭": "B", "b": "B"}.get(match[2], match[2])
    tonic = match[1] + sharp_or_flat
    return FLATS.get(tonic, tonic), MODES[match[3].lower()] or None


def _people(text: str) -> tuple[str, ...]:
    """The artists of "A;B", or of "A, B" with escaped commas inside names; empty where it lists none."""
    if "\\," in text:
        parts = re.split(r"(?<!\\),", text)
    elif ";" in text:
        parts = text.split(";")
    else:
        return ()
    return tuple(name for part in parts if (name := part.replace("\\,", ",").strip()))


def _artists(text: str) -> str:
    """Artists joined by ", ", from "A;B" or from "A, B" with escaped commas inside names."""
    if "\\," in text:
        return text.replace("\\,", ",")
    return ", ".join(part.strip() for part in text.split(";") if part.strip())
