"""A row of a table: which track it names, and its values on our scales.

What a row lacks or gets wrong is a `Fault` with its line; the rest of the row is kept.
"""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playlistkit.model import FEATURE_WORDS, FEATURES, SINGLE
from playlistkit.sources.cells import Cells, Fault
from playlistkit.sources.headers import plain
from playlistkit.sources.lengths import Lengths
from playlistkit.sources.numbers import NOTHING, number
from playlistkit.sources.spotify_values import SPOTIFY_ID, from_spotify_energy, spotify_uri, voice_of

__all__ = ["Row", "RowParser", "Scales"]

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
    """Several joined by ``", "``."""
    people: tuple[str, ...] = ()
    """The artists one by one, if the table lists them so."""
    album: str | None = None
    album_artist: str | None = None
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
class Scales:
    """How the ambiguous columns are to be read."""

    percent: bool
    spotify: bool


class RowParser:
    """Rows of one table to values; collects their faults."""

    def __init__(
        self,
        name: str,
        columns: Mapping[str, int],
        scales: Scales,
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

    def _fault(self, kind: Literal["lacks", "wrong", "double", "skipped"], text: str) -> None:
        self.faults.append(Fault(self.where, kind, text))

    def _text(self, name: str) -> str | None:
        """The cell of a field; `None` if the column is missing, the row is short, or the cell is empty."""
        place = self.columns.get(name)
        if place is None or place >= len(self.cells):
            return None
        value = self.cells[place].strip()
        return value or None

    def _value(self, name: str) -> str | None:
        """The same for a number or a word, where "-", "n/a" and the like mean no value."""
        text = self._text(name)
        return None if text is None or text.lower() in NOTHING else text

    def row(self, where: str, cells: Cells) -> Row | None:
        """The row's track; `None` if it names none, or repeats another while `repeats` is false."""
        self.where, self.cells = where, cells
        uri, local = self._uri()
        ours = self._text("id")
        if uri is None and ours is not None and SPOTIFY_ID.fullmatch(ours):
            uri, ours = f"spotify:track:{ours}", None
        path = self._text("path")
        title = self._text("title") or local.get("title")
        isrc = self._isrc()
        if not (uri or path or title or isrc or ours):
            self._fault("skipped", "names no track")
            return None
        playable = self._value("is_playable")
        if playable is not None and YES_OR_NO.get(playable.lower()) is False:
            self._fault("skipped", f"{title or uri!r} can't be played in your country, the table says")
            return None
        features = self._known_features()
        duration = self._duration(local.get("seconds"))
        artist = self._text("artist") or local.get("artist")
        start, end = (number(self._value(name) or "") for name in ("file_start", "file_end"))
        part = f"{path} {start} {end}" if path and (start or end) else path
        same = uri or part or ours or repr((isrc or "", plain(title or ""), plain(artist or "")))
        if same in self.seen:
            first, known = self.seen[same]
            differs = "" if known == features else " with other values; the first row was taken"
            line = first.removeprefix(f"{self.name}:").removeprefix(f"{self.name}, ")
            self._fault("double", f"repeats {line if line.startswith('entry') else f'line {line}'}{differs}")
            if not self.repeats:
                return None
        self.seen.setdefault(same, (where, features))
        lacking = [each for each in self.needed if each not in features]
        if uri is not None and duration is None:
            lacking.append("length")
        if lacking:
            short = max(self.columns.values()) >= len(cells)
            self._fault("lacks", f"no {', '.join(lacking)}" + (" (the row is short)" if short else ""))
        explicit = self._value("explicit")
        return Row(
            where,
            id=ours,
            path=os.path.abspath(self.folder / path) if path else None,  # noqa: PTH100 -- links stay links
            uri=uri,
            title=title,
            artist=_artists(artist) if artist else None,
            people=_people(artist or ""),
            album=self._text("album") or local.get("album"),
            album_artist=_artists(self._text("album_artist") or "") or None,
            isrc=isrc,
            genre=self._text("genre"),
            duration=duration,
            explicit=YES_OR_NO.get(explicit.lower()) if explicit else None,
            start=start or 0.0,
            end=end,
            features=features,
        )

    def _uri(self) -> tuple[str | None, dict[str, str]]:
        """The track's URI; for a `spotify:local` row what its URI says of the file."""
        text = self._text("uri")
        if text is None:
            return None, {}
        if text.startswith("spotify:local:"):
            parts = [urllib.parse.unquote_plus(each) for each in text.split(":")[2:]]
            names = ("artist", "album", "title", "seconds")
            return None, {name: part for name, part in zip(names, parts, strict=False) if part}
        uri = spotify_uri(text)
        if uri is None:
            self._fault("wrong", f"{text[:60]!r} is not a Spotify track; the row was taken without it")
        return uri, {}

    def _isrc(self) -> str | None:
        text = self._value("isrc")
        if text is None:
            return None
        plain_text = re.sub(r"[\s-]", "", text).upper()
        if ISRC.fullmatch(plain_text):
            return plain_text
        self._fault(
            "wrong", f"ISRC {text[:40]!r} is not two letters, three letters or digits and seven digits"
        )
        return None

    def _duration(self, local_seconds: str | None) -> float | None:
        """Seconds."""
        seconds, unreadable = self.lengths.of(self.cells)
        if unreadable:
            self._fault("wrong", f"length {unreadable[:40]!r} can't be read; left out")
        if seconds is None and local_seconds is not None:
            seconds = number(local_seconds)
        return seconds or None

    def _known_features(self) -> dict[str, object]:
        told = [
            ("energy", self._energy()),
            *self._key(),
            *((name, self._feature(name)) for name in self.features),
        ]
        features = {name: value for name, value in told if value is not None}
        if self.instrumentalness and "vocals" not in features:
            share = self._share("instrumentalness")
            if share is not None:
                features["vocals"] = voice_of(share)
        return features

    def _energy(self) -> float | None:
        value = self._share("spotify_energy")
        if value is not None:
            return from_spotify_energy(value)
        value = self._share("energy")
        return from_spotify_energy(value) if value is not None and self.scales.spotify else value

    def _share(self, name: str) -> float | None:
        """A value of 0 to 1, or of 0 to 100 if the table is written so."""
        text = self._value(name)
        if text is None:
            return None
        value = number(text)
        if value is not None and (self.scales.percent or text.endswith("%")):
            value /= 100
        if value is None or not 0 <= value <= 1:
            least_most = "0 to 100" if self.scales.percent else "0 to 1"
            self._fault("wrong", f"{name} {text[:40]!r} is not a number from {least_most}; left out")
            return None
        return value

    def _feature(self, name: str) -> object:
        # "none" is a voice, and nothing elsewhere
        text = self._text(name) if name == "vocals" else self._value(name)
        if text is None or (name == "tempo" and text in ("0", "0.0")):  # Spotify's "found no beat"
            return None
        if name == "vocals":
            if text.lower() in VOCALS:
                return text.lower()
            self._fault("wrong", f"vocals {text[:40]!r} is not one of {', '.join(VOCALS)}; left out")
            return None
        kind = FEATURES[name]
        if kind.shape == "flag":
            if text.lower() in YES_OR_NO:
                return YES_OR_NO[text.lower()]
            self._fault("wrong", f"{name} {text[:40]!r} is not yes or no; left out")
            return None
        value = number(text)
        if value is None or not kind.low <= value <= kind.high:
            self._fault(
                "wrong", f"{name} {text[:40]!r} is not a number from {kind.low:g} to {kind.high:g}; left out"
            )
            return None
        return value

    def _key(self) -> tuple[tuple[str, str | None], ...]:
        """Tonic and mode, from a pitch class and 0 or 1, from words, or from a Camelot code."""
        text, mode = self._value("key"), self._value("mode")
        if text is None:
            text = self._value("camelot")
        if text is None or text in ("-1", "-1.0"):  # Spotify's "found no key"
            return ()
        tonic, mode_of_key = _key(text)
        if tonic is None:
            self._fault("wrong", f"key {text[:40]!r} is not a key; left out")
            return ()
        if mode_of_key is None and mode is not None:
            mode_of_key = MODES.get(mode.lower().removesuffix(".0"))
            if mode_of_key is None:
                self._fault("wrong", f"mode {mode[:40]!r} is neither 0, 1, major nor minor; left out")
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
