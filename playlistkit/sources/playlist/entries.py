"""What every reader of a playlist needs: its entries as they are found, and what was passed over.

A format is a module with a `Format` at its end; `playlistkit.sources.playlist.FORMATS` lists them.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playlistkit.sources import spotify_values
from playlistkit.sources.finder import Finder

__all__ = [
    "OPTION",
    "Entries",
    "Entry",
    "Format",
    "Playlist",
    "artist_and_title",
    "clipped",
    "positive",
    "shown_name",
]

READ_AS = "names that are not UTF-8 were read as Windows-1252"

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?=//|\S+:)|file:", re.IGNORECASE)  # two letters: not "C:"

DASH = re.compile(" [-\N{EN DASH}\N{EM DASH}] ")

OPTION = re.compile(r":?(start-time|stop-time|run-time)\s*=\s*(\d{1,6}(?:\.\d*)?)", re.IGNORECASE)
"""VLC's options that name a part of a file, in seconds."""


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


class Entries:
    """The entries of one playlist, its folder, and what was passed over in it."""

    def __init__(self, path: Path, origin: str) -> None:
        self.path = path
        self.origin = origin
        """The playlist's name as messages give it."""
        folder = os.path.abspath(path.parent)  # noqa: PTH100 - Path would normalise names
        self.finder = Finder(folder, utf8=path.suffix.lower() == ".m3u8")
        self._entries: list[Entry] = []
        self._passed_over: dict[str, None] = {}

    def playlist(self, title: str | None = None) -> Playlist:
        """All of it, at the end."""
        return Playlist(tuple(self._entries), tuple(self._passed_over), self.words(title or "") or None)

    def pass_over(self, what: str) -> None:
        """Note in a sentence what was skipped; one said before is not repeated."""
        self._passed_over[what] = None

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        self._entries.append(entry)

    def add_at(
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
    ) -> None:
        """Add the entry at `where`, a URI reference (`decode`), or a path that may be a URI all the same.

        `where` is empty if the playlist gives no more than a title. `duration` is in seconds.
        """
        path, uri = self.place(where, decode=decode)
        start, end = self._part(options)
        self.add(
            Entry(
                path=path,
                uri=uri,
                title=self.words(title or "") or None,
                artist=self.words(artist or "") or None,
                album=self.words(album or "") or None,
                duration=duration if duration is not None and duration > 0 else None,
                line=line,
                start=start,
                end=end,
            )
        )

    def place(self, where: str, *, decode: bool = True) -> tuple[str | None, str | None]:
        """The path or the URI that `where` names."""
        uri = spotify_values.spotify_uri(where) if URI.match(where) else None
        if uri is not None or not where:
            return None, uri
        if URI.match(where) and not where.lower().startswith("file:"):
            return None, where
        path = self.finder.find(where, decode)
        # if the file exists, its name needs no guessing
        if _has_odd_bytes(where) and not (_has_odd_bytes(path) or os.path.isfile(path)):  # noqa: PTH113
            self.pass_over(READ_AS)
        return path, None

    def words(self, text: str) -> str:
        """A text's words; bytes that are not UTF-8 are taken for Windows-1252."""
        if _has_odd_bytes(text):
            text = text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
            self.pass_over(READ_AS)
        return " ".join(text.split())

    def cleaned(self, text: str) -> str:
        """A whole text without surrogates, for parsers that want none."""
        if _has_odd_bytes(text):
            self.pass_over("text that is not UTF-8 was read as Windows-1252")
            return text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        return text

    def _part(self, options: Sequence[str]) -> tuple[float, float | None]:
        """The part of a file that VLC's options name."""
        told = {
            match[1].lower(): float(match[2]) for each in options if (match := OPTION.match(each.strip()))
        }
        start, end = told.get("start-time", 0.0), told.get("stop-time")
        if end is None and "run-time" in told:
            end = start + told["run-time"]
        if end is not None and end <= start:
            self.pass_over(f"a part of a file from {start:g} s to {end:g} s, which is empty")
            return 0.0, None
        return start, end


@dataclass(frozen=True, slots=True)
class Format:
    """A format of playlists."""

    name: str
    """As people call it."""
    suffixes: tuple[str, ...]
    """In lower case, with the dot. A file of this name within a playlist stands for its own entries."""
    read: Callable[[Entries, str], Playlist]
    """From a playlist's text to its entries."""
    begins: str | None = None
    """A regular expression for its first characters, in lower case, after declarations and comments of markup; `None` if
    only the suffix tells."""
    shared_suffixes: tuple[str, ...] = ()
    """Those that files of other kinds have too, so that one within a playlist is no playlist."""


def artist_and_title(text: str) -> tuple[str, str]:
    """Artist and title of ``"Artist - Title"``, with any dash; without one all of it is the title."""
    artist, *titles = DASH.split(text, maxsplit=1)
    return (artist, titles[0]) if titles else ("", text)


def positive(text: str) -> float | None:
    """A number above 0, with a decimal point or comma; `None` if it is none."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 < number < 1e9 else None


def clipped(text: str, longest: int = 60) -> str:
    """The beginning of a text, for messages."""
    shown = shown_name("".join(itertools.islice(text, longest + 1)))
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."


def shown_name(text: str) -> str:
    """A name with what is not UTF-8 in it replaced, for messages."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _has_odd_bytes(text: str) -> bool:
    """Whether there are bytes in it that are not UTF-8, as surrogate escapes."""
    return not text.isascii() and re.search("[\ud800-\udfff]", text) is not None
