"""Files as nobody writes them: seeded mutations of good templates, plans, playlists, tables and audio, and what reads them.

`benchmarks/campaigns.py` runs thousands of each; the tests a few hundred.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import made_plans
import numpy as np

from playlistkit import audio, render, report
from playlistkit import template as templates
from playlistkit.exporters import plan_json
from playlistkit.report import arc_text
from playlistkit.sources import cue, table
from playlistkit.sources.playlist import read_playlist
from playlistkit.workflow.templates.finding import template_text

__all__ = ["FORMATS", "mutated", "read", "seeds"]

ODD = (
    "-1", "0", "1e309", "-0.0", "NaN", "Infinity", "9" * 5_000, "1e-320", "null", "true", "''", '"', "[", "{", "}", "]",
    ":", ",", "\\", "\0", "\r", "\n", "\t", "\u2028", "\ufeff", "\ud800", "\\ud800", "../../x", "file:///", "x" * 3_000,
    "[" * 2_000, "&a *a", "<!ENTITY a 'b'>", "é", "e\u0301", "%00", "%ff", "#EXTINF:", "!!python/object:os.system",
    "172800", "1000000", "0x7fffffff", "12:34:56", "1" * 400, "\U0001f98a",
)  # fmt: skip

PLAYLISTS = {
    "list.m3u8": "#EXTM3U\n#PLAYLIST:Calm\n#EXTINF:123,Ann - One\na/one.mp3\n#EXTVLCOPT:start-time=5\nC:\\b\\two.mp3\n",
    "list.pls": "[playlist]\nFile1=a.mp3\nTitle1=Ann - One\nLength1=61\nFile2=file:///b%20c.mp3\nNumberOfEntries=2\n",
    "list.xspf": '<?xml version="1.0"?><playlist><title>T</title><trackList><track><location>a%20b.mp3</location>'
    "<title>One</title><creator>Ann</creator><duration>61500</duration></track></trackList></playlist>",
    "list.jspf": '{"playlist": {"title": "T", "track": [{"location": ["a.mp3"], "title": "One", "duration": 2000}]}}',
    "list.asx": '<ASX><Title>T</Title><entry><REF href="a.mp3"/><Duration value="00:01:01.5"/></entry></ASX>',
    "list.wpl": '<?wpl version="1.0"?><smil><head><title>T</title></head><body><seq><media src="a.mp3" trackTitle="One" '
    'trackArtist="Ann" duration="61500"/></seq></body></smil>',
    "list.xml": '<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple" "x.dtd"><plist version="1.0"><dict><key>Tracks</key><dict>'
    "<key>7</key><dict><key>Name</key><string>One</string><key>Artist</key><string>Ann</string><key>Total Time</key><integer>61500"
    "</integer><key>Location</key><string>file:///m/a%20b.mp3</string></dict></dict><key>Playlists</key><array><dict><key>Name"
    "</key><string>Calm</string><key>Playlist Items</key><array><dict><key>Track ID</key><integer>7</integer></dict></array></dict>"
    "</array></dict></plist>",
    "list.csv": "Path,Title,Artist,Duration\na.mp3,One,Ann,61.5\n",
}  # fmt: skip
TABLES = {
    "table.csv": "Track URI,Track Name,Artist Name(s),Track Duration (ms),ISRC,Energy,Key,Mode,Loudness,Tempo\n"
    "spotify:track:0000000000000000000001,One,Ann;Bo,200000,GBAAA0000001,0.05,9,0,-22,70\n"
    ',Two,"Cy, Di",3:20,,0.5,8A,,-12 dB,"99,5"\n',
    "table.json": '[{"title": "One", "artist": "Ann", "duration": 200.5, "features": {"energy": 0.1, "key": "A"}}]',
}
CUE = (
    'REM GENRE Ambient\nPERFORMER "Trio"\nTITLE "One"\nFILE "album.wav" WAVE\n  TRACK 01 AUDIO\n    TITLE "First"\n'
    "    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    INDEX 00 01:03:00\n    INDEX 01 01:05:15\n  TRACK 03 AUDIO\n"
    "    INDEX 01 02:00:74\n"
)
CUE_OF_FILES = 'PERFORMER "Ännchen"\nFILE "1.mp3" MP3\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\nFILE 2.mp3 MP3\n TRACK 02 AUDIO\n'
SOUND = (".flac", ".wav", ".mp3", ".opus", ".m4a")


def seeds(kind: str, folder: Path) -> dict[str, bytes]:
    """Good files of a kind, by name."""
    if kind == "template":
        return {"template.yaml": template_text()[0].encode()}
    if kind in ("plan", "picture", "render"):
        return {"plan.json": plan_json.dumps(made_plans.three_hours()).encode()}
    if kind == "cue":
        return {"album.cue": CUE.encode(), "tracks.cue": CUE_OF_FILES.encode("cp1252")}
    if kind == "playlist":
        return {name: text.encode() for name, text in PLAYLISTS.items()}
    if kind == "table":
        return {name: text.encode() for name, text in TABLES.items()}
    return {f"sound{suffix}": _sound(folder / f"sound{suffix}") for suffix in SOUND}


def _sound(path: Path) -> bytes:
    tone = np.sin(np.arange(24_000, dtype=np.float32) / 20)[:, None] * np.float32([0.3, 0.2])
    render.encode(path, [tone], 48_000, tags={"title": "One"}, chapters=[render.Chapter(0.0, "One")])
    return path.read_bytes()


def mutated(good: bytes, rng: random.Random, *, text: bool) -> bytes:
    """The file with one to six changes: cut, doubled, swapped, flipped, or with something odd in it."""
    data = bytearray(good)
    for _ in range(rng.randint(1, 6)):
        size = len(data)
        at, other = sorted((rng.randrange(size + 1), rng.randrange(size + 1)))
        other = min(other, at + rng.choice((1, 8, 64, 4_096)))
        kind = rng.randrange(7)
        if kind == 0:
            del data[at:other]
        elif kind == 1:
            data[at:at] = data[at:other] * rng.choice((1, 2, 50))
        elif kind == 2 and size:
            data[rng.randrange(size)] ^= 1 << rng.randrange(8)
        elif kind == 3:
            del data[at:]
        elif text and kind in (4, 5):
            numbers = list(re.finditer(rb"-?\d+(?:\.\d+)?", data))
            if numbers:
                first, last = rng.choice(numbers).span()
                data[first:last] = _odd(rng)
        elif text:
            data[at:at] = _odd(rng)
        else:
            data[at:other] = rng.randbytes(other - at)
    return bytes(data[: 4 << 20])


NUMBERS = (0, -1, 1e-9, 0.5, 1, 59.9, 119.9, 3_600, 86_400, 172_800, 1e12)
WORDS = ("", "\u202e", "x" * 3_000, "\n", "<b>", "Zürich \U0001f98a", "../../x", "0")


def changed(good: bytes, rng: random.Random) -> bytes:
    """A JSON document with one to six of its values changed, most of which a reader has no reason to refuse."""
    document = json.loads(good)
    places: list[tuple[Any, Any]] = []
    open_ones = [document]
    while open_ones:
        holder = open_ones.pop()
        pairs = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, value in pairs:
            if isinstance(value, dict | list):
                open_ones.append(value)
            if not isinstance(value, dict):
                places.append((holder, key))
    for _ in range(rng.randint(1, 6)):
        holder, key = rng.choice(places)
        value = holder[key]
        if isinstance(value, list):
            holder[key] = value * rng.choice((0, 1, 2, 30))
        elif isinstance(value, str):
            holder[key] = rng.choice(WORDS)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            holder[key] = rng.choice((rng.choice(NUMBERS), value * rng.choice((0.1, 0.9, 1.1, 10.0))))
    return json.dumps(document).encode()


def _odd(rng: random.Random) -> bytes:
    return rng.choice(ODD).encode("utf-8", "surrogatepass")


def _read_template(path: Path) -> None:
    templates.parse(path.read_bytes().decode("utf-8", "replace"), path.name)


def _read_plan(path: Path) -> None:
    plan = plan_json.loads(path.read_bytes().decode("utf-8", "replace"), path.name)
    render.session_parts(plan)
    render.session_chapters(plan)
    arc_text(plan)
    plan_json.dumps(plan)


def _draw(path: Path) -> None:
    report.SUFFIXES[".svg"](plan_json.loads(path.read_bytes().decode("utf-8", "replace"), path.name))


def _mix(path: Path) -> None:
    """The first minute of the session and the first joins, as `render` and `preview` mix them."""
    plan = plan_json.loads(path.read_bytes().decode("utf-8", "replace"), path.name)
    joins = range(min(2, len(plan.slots) - 1))
    for parts in (render.session_parts(plan), render.join_parts(plan, joins, before=2, after=2)):
        heard = 0
        for block in render.mix(parts, _Tone):
            heard += len(block)
            if heard > 60 * render.RATE:
                break


class _Tone:
    """A source of two minutes, whatever it is called."""

    rate, channels, decoded = render.RATE, 2, 0.0

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> _Tone:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def blocks(self) -> Iterator[np.ndarray]:
        tone = np.sin(np.arange(self.rate, dtype=np.float32) / 20)[:, None] * np.float32([0.3, 0.2])
        yield from itertools.repeat(tone, 120)


def _read_cue(path: Path) -> None:
    found, faults = cue.cuts([str(path)], audio.SUFFIXES)
    for each in cue.parse(cue.decoded(path.read_bytes())):
        ends = [each.end for each in each.tracks[:-1]]
        assert all(end is not None and end > one.start for one, end in zip(each.tracks, ends, strict=False))
    assert not found
    json.dumps(list(faults.values())).encode()


def _read_playlist(path: Path) -> None:
    for entry in read_playlist(path).entries:
        json.dumps([entry.path, entry.title, entry.artist]).encode()
        (entry.title or "").encode()


def _read_table(path: Path) -> None:
    for row in table.read(path).rows:
        (row.title or "").encode()


def _read_sound(path: Path) -> None:
    audio.read_tags(path)
    with audio.open_audio(path) as stream:
        for _ in stream.blocks():
            pass


FORMATS: Mapping[str, Callable[[Path], None]] = {
    "template": _read_template,
    "plan": _read_plan,
    "picture": _draw,
    "render": _mix,
    "cue": _read_cue,
    "playlist": _read_playlist,
    "table": _read_table,
    "audio": _read_sound,
}
"""What reads a file of each kind as the commands do."""


def read(kind: str, folder: Path, first: int, count: int) -> Iterator[tuple[int, Path, Callable[[], None]]]:
    """Mutation by mutation: its seed, its file, and what reads it."""
    good = sorted(seeds(kind, folder).items())
    for seed in range(first, first + count):
        rng = random.Random(f"{kind} {seed}")
        name, content = good[seed % len(good)]
        path = folder / name
        well_formed = kind in ("picture", "render") and seed % 10
        path.write_bytes(
            changed(content, rng) if well_formed else mutated(content, rng, text=kind != "audio")
        )
        yield seed, path, lambda path=path: FORMATS[kind](path)
