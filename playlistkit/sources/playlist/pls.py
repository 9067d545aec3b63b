"""PLS: `FileN=`, `TitleN=`, `LengthN=` in any order; N is the order, whatever the lines' is."""

from __future__ import annotations

import re

from playlistkit.sources.playlist.entries import (
    Entries,
    Format,
    Playlist,
    artist_and_title,
    clipped,
    positive,
)

__all__ = ["FORMAT"]

LINE = re.compile(r"(?P<key>File|Title|Length)(?P<number>\d+)\s*=(?P<value>.*)", re.IGNORECASE)

ABOUT = re.compile(r"(?:X-GNOME-Title|PlaylistName)\s*=(.*)", re.IGNORECASE)
"""The whole list's name, as Rhythmbox, Totem and Winamp write it."""


def read(entries: Entries, text: str) -> Playlist:
    """Read a playlist's text."""
    about = ""
    found: dict[int, dict[str, tuple[str, int]]] = {}
    for number, written in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        content = written.strip()
        if match := LINE.fullmatch(content):
            found.setdefault(int(match["number"][:9]), {})[match["key"].lower()] = (match["value"], number)
        elif named := ABOUT.fullmatch(content):
            about = named[1]
        elif content and not re.match(r"\[|;|#|(NumberOfEntries|Version)\s*=", content, re.IGNORECASE):
            entries.pass_over(f"line {number}: {clipped(content)!r} is not a line of a PLS file")
    for position, values in sorted(found.items()):
        title, line = values.get("title", ("", 0))
        where, line = values.get("file", ("", line))
        if not where.strip() and not title.strip():
            entries.pass_over(f"entry {position} has neither a file nor a title")
            continue
        artist, name = artist_and_title(title)
        entries.add_at(
            where.strip(),
            title=name,
            artist=artist,
            duration=positive(values.get("length", ("", 0))[0]),
            line=line,
            decode=False,
        )
    return entries.playlist(about)


FORMAT = Format("PLS", (".pls",), read, begins=r"\[playlist\]")
