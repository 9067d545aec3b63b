"""CUE sheets: the tracks of an album in one file, read as players do.

A track begins at its INDEX 01 and lasts until the next one's, so nothing between two tracks is lost; sound
before the first belongs to none. A sheet that names one file per track cuts nothing. If a time is invalid, the file is left
whole: a wrong cut is worse than none.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from playlistkit.figures import CD_FRAMES
from playlistkit.sources.finder import Finder, bare

__all__ = ["Cut", "Sheet", "Stretch", "beside", "cuts", "decoded", "parse"]

MOST_BYTES = 1 << 20
MOST_TRACKS = 999  # a CD has 99
MOST_SHOWN = 60  # characters of a line in a message

LINE = re.compile(r"\s*(?P<command>[A-Za-z]+)\s+(?P<rest>.*?)\s*$")
QUOTED = re.compile(r'"(?P<text>.*)"\s*(?P<rest>\S*)$|(?P<word>.+?)(?:\s+(?P<kind>[A-Za-z0-9]+))?$')
TIME = re.compile(r"(\d{1,5}):([0-5]?\d):(\d{1,2})")
KINDS = ("WAVE", "MP3", "AIFF", "FLAC", "APE", "BINARY", "MOTOROLA", "OGG", "WV", "M4A", "TTA", "TAK")
ENCODINGS = ("cp1252", "cp1251", "cp932", "euc_jp", "gbk", "big5", "cp949")
"""Encodings of sheets that are not UTF-8: those of Windows in countries where CUE sheets are common."""
KANA = re.compile("[\u3041-\u30fe]")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A track of an album: a stretch of its file."""

    number: int
    start: float
    """Seconds into the file."""
    end: float | None
    """Seconds into the file; `None` for the file's end."""
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    album_artist: str | None = None
    isrc: str | None = None
    genre: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet says about one file."""

    file: str
    """As it is written."""
    tracks: tuple[Stretch, ...]
    """Two or more; empty if the sheet doesn't cut the file."""
    fault: str = ""
    """Why it doesn't, if it should."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An album in one file that a sheet beside it cuts into tracks."""

    path: str
    """Of the file."""
    sheet: str
    """Path of the sheet."""
    tracks: tuple[Stretch, ...]


def beside(folder: str) -> list[str]:
    """The sheets in a folder, hidden ones left out."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 -- keeps odd names
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name.lower().endswith(".cue") and name[:1] != "."]


def cuts(sheets: Iterable[str], suffixes: Collection[str]) -> tuple[dict[str, Cut], dict[str, str]]:
    """What sheets cut, by the album file's path; and what is wrong with a sheet, by the sheet's path.

    Among several sheets for one file, takes the one with its name, else the one with the most tracks.

    Parameters
    ----------
    sheets : iterable of str
        Paths.
    suffixes : collection of str
        Suffixes of audio files, to find a file that was compressed after the sheet was written.
    """
    found: dict[str, Cut] = {}
    faults: dict[str, str] = {}
    lost: dict[str, list[str]] = {}
    for path in sorted(sheets):
        try:
            with open(path, "rb") as file:  # noqa: PTH123 -- keeps odd names
                raw = file.read(MOST_BYTES + 1)
        except OSError as error:
            faults[path] = f"this CUE sheet can't be read: {(error.strerror or str(error)).lower()}"
            continue
        if len(raw) > MOST_BYTES:
            faults[path] = "is too large for a CUE sheet"
            continue
        parsed = parse(decoded(raw))
        missing: list[str] = []
        for each in parsed:
            where = _file_of(path, each.file, suffixes, alone=len(parsed) == 1)
            if where is None:
                missing.append(each.file)
            elif not each.tracks and not each.fault:
                continue
            elif each.fault:
                name = _shown(os.path.basename(where))  # noqa: PTH119
                faults[path] = f"{each.fault}; {name} is taken as one track, unless its own tags hold a sheet"
            elif where not in found or _rank(path, where, each.tracks) > _rank(
                found[where].sheet, where, found[where].tracks
            ):
                found[where] = Cut(where, path, each.tracks)
        if missing:
            lost[path] = missing
    cut_by = {each.sheet for each in found.values()}
    faults = {path: fault for path, fault in faults.items() if path not in cut_by}
    return found, faults | {path: _not_there(files) for path, files in lost.items() if path not in faults}


def parse(text: str) -> list[Sheet]:
    """Parse a sheet; one result for each of its files, in order."""
    reader = _Reader()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        reader.read(number, line)
    return [each.sheet(reader.album) for each in reader.files]


def decoded(raw: bytes) -> str:
    """The text of a sheet; the encoding is guessed if it is not UTF-8."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if raw[1:2] == b"\0":
        return raw.decode("utf-16-le", "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("cp932")
    except UnicodeDecodeError:
        text = ""
    if KANA.search(text):
        return text
    import charset_normalizer

    best = charset_normalizer.from_bytes(raw[:20_000], cp_isolation=list(ENCODINGS)).best()
    return raw.decode(best.encoding if best is not None else "cp1252", "replace")


@dataclass(slots=True)
class _Track:
    number: int
    line: int
    audio: bool = True
    told: dict[str, str] = field(default_factory=dict)
    start: float | None = None


@dataclass(slots=True)
class _File:
    name: str
    tracks: list[_Track] = field(default_factory=list)
    fault: str = ""

    def sheet(self, album: dict[str, str]) -> Sheet:
        """What is said of the file."""
        begun = [each for each in self.tracks if each.start is not None]
        if self.fault or len(begun) < 2:
            return Sheet(self.name, (), self.fault)
        starts = [each.start or 0.0 for each in begun]
        for each, one, two in zip(begun[1:], starts, starts[1:], strict=False):
            if two <= one:
                return Sheet(
                    self.name, (), f"line {each.line}: track {each.number} begins before the one before it"
                )
        if len(begun) > MOST_TRACKS:
            return Sheet(self.name, (), f"has more than {MOST_TRACKS} tracks")
        ends = [*starts[1:], None]
        return Sheet(
            self.name,
            tuple(
                Stretch(
                    each.number,
                    start,
                    end,
                    title=each.told.get("TITLE") or f"Track {each.number}",
                    artist=each.told.get("PERFORMER") or album.get("PERFORMER"),
                    album=album.get("TITLE"),
                    album_artist=album.get("PERFORMER"),
                    isrc=each.told.get("ISRC"),
                    genre=each.told.get("GENRE") or album.get("GENRE"),
                )
                for each, start, end in zip(begun, starts, ends, strict=True)
                if each.audio
            ),
        )


class _Reader:
    """A sheet's lines, one after the other."""

    def __init__(self) -> None:
        self.album: dict[str, str] = {}
        self.files: list[_File] = []
        self._track: _Track | None = None

    def read(self, number: int, line: str) -> None:
        """Take a line; skips anything that doesn't belong in a sheet."""
        match = LINE.match(line)
        if match is None:
            return
        command, rest = match["command"].upper(), match["rest"]
        if command == "REM":
            inner = LINE.match(rest)
            if inner is None or inner["command"].upper() != "GENRE":
                return
            command, rest = "GENRE", inner["rest"]
        if command == "FILE":
            # the same file once more goes on with it
            name = _unquoted(rest)
            if not self.files or self.files[-1].name != name:
                self.files.append(_File(name))
        elif command == "TRACK" and self.files:
            self._begin_track(number, rest)
        elif command == "INDEX" and self._track is not None:
            self._index(number, rest)
        elif command in ("TITLE", "PERFORMER", "ISRC", "GENRE"):
            told = self.album if self._track is None else self._track.told
            text = " ".join(_unquoted(rest, kind=False).split())
            if text:
                told.setdefault(command, text)

    def _begin_track(self, number: int, rest: str) -> None:
        named, kind = _first_word(rest)
        audio = kind.strip().upper() in ("AUDIO", "")
        digits = int(named[:6]) if named[:6].isdecimal() else len(self.files[-1].tracks) + 1
        self._track = _Track(digits, number, audio)
        self.files[-1].tracks.append(self._track)

    def _index(self, number: int, rest: str) -> None:
        which, when = _first_word(rest)
        assert self._track is not None
        if not which.isdecimal() or int(which[:6]) != 1:
            return
        file = self.files[-1]
        if not any(
            self._track is each for each in file.tracks
        ):  # its gap stood at the end of the file before
            for earlier in self.files[:-1]:
                earlier.tracks = [each for each in earlier.tracks if each is not self._track]
            file.tracks.append(self._track)
        match = TIME.fullmatch(when.strip())
        if match is None or int(match[3]) >= CD_FRAMES:
            shown = _shown(when.strip())[:MOST_SHOWN]
            file.fault = file.fault or f"line {number}: {shown!r} is not a time (minutes:seconds:frames)"
            return
        if self._track.start is None:
            self._track.start = int(match[1]) * 60 + int(match[2]) + int(match[3]) / CD_FRAMES


def _first_word(rest: str) -> tuple[str, str]:
    """The first word, and what follows it after blanks or tabs."""
    first, *others = rest.split(None, 1) or [""]
    return first, "".join(others)


def _unquoted(rest: str, *, kind: bool = True) -> str:
    """What a command names: in quotation marks, or without; what kind of file it is left out."""
    match = QUOTED.match(rest)
    if match is None:
        return rest.strip('"')
    if match["text"] is not None:
        return match["text"]
    if kind and match["kind"] and match["kind"].upper() in KINDS:
        return match["word"].strip('"')
    return rest.strip('"')


def _file_of(sheet: str, name: str, suffixes: Collection[str], *, alone: bool) -> str | None:
    """The file a sheet means: by name ignoring case, by name with an audio suffix, or named like the sheet."""
    folder = os.path.dirname(os.path.abspath(sheet))  # noqa: PTH100, PTH120
    found = Finder(folder).find(name, decode=False) if name else ""
    if os.path.isfile(found):  # noqa: PTH113
        return found
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return None
    stems = [os.path.splitext(re.split(r"[\\/]", name)[-1])[0]]  # noqa: PTH122
    if alone:
        stems.append(os.path.splitext(os.path.basename(sheet))[0])  # noqa: PTH119, PTH122
    for stem in stems:
        alike = [
            each
            for each in names
            if os.path.splitext(each)[1].lower() in suffixes  # noqa: PTH122
            and bare(os.path.splitext(each)[0]) == bare(stem) != ""  # noqa: PTH122
        ]
        if len(alike) == 1:
            return os.path.join(folder, alike[0])
    return None


def _not_there(files: list[str]) -> str:
    """What a sheet's missing files are told as."""
    first = repr(_shown(files[0]))
    if len(files) == 1:
        return f"names the file {first}, which is not beside it; correct its FILE line"
    return f"names {len(files)} files that are not beside it, the first {first}; correct its FILE lines"


def _rank(sheet: str, file: str, tracks: tuple[Stretch, ...]) -> tuple[bool, int]:
    """How well a sheet suits a file."""
    name, stem = bare(os.path.basename(sheet)[:-4]), os.path.basename(file)  # noqa: PTH119
    return name in (bare(stem), bare(os.path.splitext(stem)[0])), len(tracks)  # noqa: PTH122


def _shown(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")[:300]
