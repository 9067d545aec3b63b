"""The formats of playlists: what the text of each says, entry by entry.

A method for each format; what it skips is a sentence.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playlistkit.errors import InputError
from playlistkit.sources import spotify_values, table
from playlistkit.sources.finder import Finder
from playlistkit.sources.markup import AsxParser, XspfParser

__all__ = ["Entry", "Playlist", "PlaylistReader", "shown_name"]

READ_AS = "names that are not UTF-8 were read as Windows-1252"

MOST_MILLISECONDS = 1e12

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?=//|\S+:)|file:", re.IGNORECASE)  # two letters: not "C:"

EXTINF = re.compile(
    r"#EXTINF\s*:\s*(?P<seconds>-?\d+(?:[.,]\d+)?)?(?P<rest>(?:\s+[\w-]+=(?:\"[^\"]*\"|\S+))*)\s*(?:,(?P<title>.*))?$",
    re.IGNORECASE,
)

OPTION = re.compile(r":?(start-time|stop-time|run-time)\s*=\s*(\d{1,6}(?:\.\d*)?)", re.IGNORECASE)
"""VLC's options that name a part of a file, in seconds."""

PLS = re.compile(r"(?P<key>File|Title|Length)(?P<number>\d+)\s*=(?P<value>.*)", re.IGNORECASE)

NO_TEXT = re.compile("[\ud800-\udfff]")  # what JSON's \ud800 may leave: half a character


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a playlist: a file or a URI, and what the playlist says about it."""

    path: str | None = None
    """Absolute; if no spelling of it is found, as written, beside the playlist if relative."""
    uri: str | None = None
    """`spotify:track:...` or an address of the network."""
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    duration: float | None = None
    """Seconds."""
    line: int | None = None
    """Its line in the file, from 1; `None` if the format has no lines. For an entry of a playlist
    within, that playlist's line."""
    start: float = 0.0
    """Seconds into the file at which the part begins."""
    end: float | None = None
    """Seconds into the file at which it ends; `None` for the file's end."""


@dataclass(frozen=True, slots=True)
class Playlist:
    """The content of a playlist."""

    entries: tuple[Entry, ...]
    passed_over: tuple[str, ...] = ()
    """A sentence for each thing not understood or skipped."""
    title: str | None = None


class PlaylistReader:
    """One playlist, its folder and what was passed over in it."""

    def __init__(self, path: Path, origin: str) -> None:
        self._path = path
        self._origin = origin
        self._passed_over: dict[str, None] = {}
        folder = os.path.abspath(path.parent)  # noqa: PTH100 - Path would normalise names
        self._finder = Finder(folder, utf8=path.suffix.lower() == ".m3u8")

    def m3u(self, text: str) -> Playlist:
        """One file or URI a line; `#` begins a directive or a comment."""
        entries: list[Entry] = []
        title: str | None = None
        if re.search(r"^#EXTENC:\s*UTF-?8", text, re.MULTILINE | re.IGNORECASE):
            self._finder.utf8 = True
        info: tuple[str | None, float | None] = (None, None)
        options: list[str] = []
        for number, written in enumerate(re.split(r"\r\n|\r|\n", text), 1):
            content = written.strip(" \t")
            upper = content[:16].upper()
            if not content:
                continue
            if upper.startswith("#EXTINF"):
                info = self._extinf(content, number)
            elif upper.startswith("#PLAYLIST:"):
                title = self._words(content[10:]) or title
            elif upper.startswith(("#EXTM3U", "#EXTENC:")):
                pass
            elif OPTION.match(content.partition(":")[2]) and upper.startswith("#EXTVLCOPT:"):
                options.append(content.partition(":")[2])
            elif upper.startswith("#EXT"):
                self._pass_over(f"directives {content.split(':')[0].split(' ')[0]}")
            elif content.startswith("#") and not self._finder.is_beside(content):
                pass  # a comment
            else:
                artist, name = _split(info[0] or "")
                entries.append(
                    self._entry(
                        content,
                        title=name,
                        artist=artist,
                        duration=info[1],
                        line=number,
                        decode=False,
                        options=options,
                    )
                )
                info, options = (None, None), []
        return self._playlist(entries, title)

    def pls(self, text: str) -> Playlist:
        """`FileN=`, `TitleN=`, `LengthN=` in any order; N is the order, whatever the lines' is."""
        found: dict[int, dict[str, tuple[str, int]]] = {}
        for number, written in enumerate(re.split(r"\r\n|\r|\n", text), 1):
            content = written.strip()
            if match := PLS.fullmatch(content):
                found.setdefault(int(match["number"][:9]), {})[match["key"].lower()] = (
                    match["value"],
                    number,
                )
            elif content and not re.match(r"\[|;|#|(NumberOfEntries|Version)\s*=", content, re.IGNORECASE):
                self._pass_over(f"line {number}: {_clipped(content)!r} is not a line of a PLS file")
        entries = []
        for position, values in sorted(found.items()):
            title, line = values.get("title", ("", 0))
            where, line = values.get("file", ("", line))
            if not where.strip() and not title.strip():
                self._pass_over(f"entry {position} has neither a file nor a title")
                continue
            length = _number(values.get("length", ("", 0))[0])
            artist, name = _split(title)
            entries.append(
                self._entry(
                    where.strip(),
                    title=name,
                    artist=artist,
                    duration=length,
                    line=line,
                    decode=False,
                )
            )
        return self._playlist(entries)

    def xspf(self, text: str) -> Playlist:
        """`<playlist><trackList><track>`, whatever its namespaces."""
        parser = XspfParser(self._origin)
        parser.feed(self._cleaned(text))
        entries = []
        for line, values in parser.tracks:
            where = values.get("location") or values.get("identifier", "")
            if not where.strip() and not values.get("title", "").strip():
                self._pass_over(f"line {line}: a track with neither a location nor a title")
                continue
            milliseconds = _number(values.get("duration", ""))
            entries.append(
                self._entry(
                    where.strip(),
                    title=values.get("title"),
                    artist=values.get("creator"),
                    album=values.get("album"),
                    duration=None if milliseconds is None else milliseconds / 1000,
                    line=line,
                    options=values.get("option", "").splitlines(),
                )
            )
        return self._playlist(entries, parser.about.get("title"))

    def jspf(self, text: str) -> Playlist:
        """XSPF as JSON."""
        try:
            document = json.loads(self._cleaned(text))
        except RecursionError as error:
            raise InputError(f"{self._origin}: is not a playlist: nested too deeply") from error
        except ValueError as error:
            raise InputError(f"{self._origin}: is not valid JSON: {error}") from error
        playlist = document.get("playlist") if isinstance(document, dict) else None
        tracks = playlist.get("track", []) if isinstance(playlist, dict) else None
        if not isinstance(playlist, dict) or not isinstance(tracks, list):
            raise InputError(f"{self._origin}: is JSON, but not a JSPF playlist (it lacks playlist.track)")
        entries = []
        for number, values in enumerate(tracks, 1):
            where = _first(values, "location") or _first(values, "identifier")
            if not where and not _first(values, "title"):
                self._pass_over(f"entry {number} has neither a location nor a title")
                continue
            milliseconds = values.get("duration") if isinstance(values, dict) else None
            seconds = None
            if isinstance(milliseconds, (int, float)) and not isinstance(milliseconds, bool):
                seconds = _number(str(milliseconds / 1000)) if abs(milliseconds) < MOST_MILLISECONDS else None
            entries.append(
                self._entry(
                    where.strip(),
                    title=_first(values, "title"),
                    artist=_first(values, "creator"),
                    album=_first(values, "album"),
                    duration=seconds,
                    options=_options(values),
                )
            )
        return self._playlist(entries, _first(playlist, "title"))

    def asx(self, text: str) -> Playlist:
        """Microsoft's: like XML, seldom well-formed, so it is read as a browser reads HTML."""
        parser = AsxParser()
        parser.feed(self._cleaned(text))
        parser.close()
        entries = []
        for line, values in parser.tracks:
            if not values.get("ref", "").strip() and not values.get("title", "").strip():
                self._pass_over(f"line {line}: an entry with neither a reference nor a title")
                continue
            entries.append(
                self._entry(
                    values.get("ref", "").strip(),
                    title=values.get("title"),
                    artist=values.get("author"),
                    duration=_clock(values.get("duration", "")),
                    line=line,
                    decode=False,
                )
            )
        return self._playlist(entries, parser.about.get("title"))

    def csv(self) -> Playlist:
        """A table with a column for files, URIs or titles."""
        rows = table.read(self._path, repeats=True)
        for fault in rows.faults:
            if fault.kind == "skipped":
                self._pass_over(f"{fault.where.rpartition('/')[2]}: {fault.text}")
        entries = []
        for row in rows.rows:
            line = row.where.rpartition(":")[2]
            entry = Entry(uri=row.uri)
            if row.path is not None:
                written = os.path.relpath(row.path, self._finder.folder)
                entry = self._entry(written if written.startswith("file:") else row.path, decode=False)
            entries.append(
                Entry(
                    path=entry.path,
                    uri=row.uri or entry.uri,
                    title=_unquoted(row.title or "") or None,
                    artist=_unquoted(row.artist or "") or None,
                    album=_unquoted(row.album or "") or None,
                    duration=row.duration,
                    line=int(line) if line.isdecimal() else None,
                    start=row.start,
                    end=row.end,
                )
            )
        return self._playlist(entries)

    # --- parts of all formats

    def _playlist(self, entries: list[Entry], title: str | None = None) -> Playlist:
        return Playlist(tuple(entries), tuple(self._passed_over), self._words(title or "") or None)

    def _pass_over(self, what: str) -> None:
        self._passed_over[what] = None

    def _entry(
        self,
        where: str,
        *,
        title: str | None = None,
        artist: str | None = None,
        album: str | None = None,
        duration: float | None = None,
        line: int | None = None,
        decode: bool = True,
        options: Sequence[str] = (),
    ) -> Entry:
        """The entry at `where`, which is a URI reference (`decode`) or a path that may be a URI all the same.

        Empty where the playlist has no more than a title.
        """
        path, uri = None, spotify_values.spotify_uri(where) if URI.match(where) else None
        if uri is None and URI.match(where) and not where.lower().startswith("file:"):
            uri = where
        elif uri is None and where:
            path = self._finder.find(where, decode)
            # if the file exists, its name needs no guessing
            if _has_odd_bytes(where) and not (_has_odd_bytes(path) or os.path.isfile(path)):  # noqa: PTH113
                self._pass_over(READ_AS)
        start, end = self._part(options)
        return Entry(
            path=path,
            uri=uri,
            title=self._words(title or "") or None,
            artist=self._words(artist or "") or None,
            album=self._words(album or "") or None,
            duration=duration if duration is not None and duration > 0 else None,
            line=line,
            start=start,
            end=end,
        )

    def _part(self, options: Sequence[str]) -> tuple[float, float | None]:
        """The part of a file that VLC's options name."""
        told = {
            match[1].lower(): float(match[2]) for each in options if (match := OPTION.match(each.strip()))
        }
        start, end = told.get("start-time", 0.0), told.get("stop-time")
        if end is None and "run-time" in told:
            end = start + told["run-time"]
        if end is not None and end <= start:
            self._pass_over(f"a part of a file from {start:g} s to {end:g} s, which is empty")
            return 0.0, None
        return start, end

    def _words(self, text: str) -> str:
        """A text's words; bytes that are no UTF-8 are taken for Windows-1252."""
        if _has_odd_bytes(text):
            text = text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
            self._pass_over(READ_AS)
        return " ".join(text.split())

    def _cleaned(self, text: str) -> str:
        """A whole text without surrogates, for parsers that want none."""
        if _has_odd_bytes(text):
            self._pass_over("text that is not UTF-8 was read as Windows-1252")
            return text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        return text

    def _extinf(self, content: str, number: int) -> tuple[str | None, float | None]:
        """Title and seconds."""
        match = EXTINF.fullmatch(content)
        if match is None:
            self._pass_over(f"line {number}: {_clipped(content)!r} can't be understood")
            return None, None
        return match["title"], _number(match["seconds"] or "")


def _has_odd_bytes(text: str) -> bool:
    """Whether there are bytes in it that are no UTF-8, as surrogate escapes."""
    return not text.isascii() and re.search("[\ud800-\udfff]", text) is not None


def _first(values: Mapping[str, object] | object, key: str) -> str:
    """The text at a key, or the first of its list; empty where there is none."""
    value = values.get(key) if isinstance(values, Mapping) else None
    each = next(iter(value), None) if isinstance(value, list) else value
    return NO_TEXT.sub("\ufffd", each).strip() if isinstance(each, str) else ""


def _options(values: Mapping[str, object] | object) -> list[str]:
    """VLC's options of a JSPF track."""
    extensions = values.get("extension") if isinstance(values, Mapping) else None
    told = [*extensions.values()] if isinstance(extensions, Mapping) else []
    each = [one for listed in told if isinstance(listed, list) for one in listed if isinstance(one, Mapping)]
    return [option for one in each if isinstance(option := one.get("option"), str)]


def _split(text: str) -> tuple[str, str]:
    """Artist and title of ``"Artist - Title"``; without a dash all of it is the title."""
    artist, dash, title = text.partition(" - ")
    return (artist, title) if dash else ("", text)


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 < number < 1e9 else None


def _clock(text: str) -> float | None:
    """Seconds in ``"00:03:20.5"``."""
    parts = text.strip().split(":")
    if len(parts) > 3:
        return None
    try:
        return _number(str(sum(float(part) * 60.0**power for power, part in enumerate(reversed(parts)))))
    except (ValueError, OverflowError):
        return None


def _unquoted(text: str) -> str:
    """A cell of our own tables without the apostrophe before what looks like a formula."""
    return text[1:] if re.match(r"'\s*[=+\-@]", text) else text


def _clipped(text: str, longest: int = 60) -> str:
    shown = shown_name("".join(itertools.islice(text, longest + 1)))
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."


def shown_name(text: str) -> str:
    """A name with what is not UTF-8 in it replaced, for messages."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
