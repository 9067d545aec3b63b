"""How playlists name tracks and their files."""

from __future__ import annotations

import os
import re
import urllib.parse
from pathlib import Path

from playlistkit.model import Slot, Track

__all__ = [
    "UNPRINTABLE",
    "VLC",
    "Naming",
    "file_duration",
    "file_uri",
    "line",
    "listed",
    "shown",
    "stretch",
    "xml_text",
]

# C0 and C1 controls with the line ends among them, Unicode's own line ends, bytes that were no text
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
VLC = "http://www.videolan.org/vlc/playlist/0"
"""VLC's namespace for its additions to XSPF."""
NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


class Naming:
    """How a playlist in a folder names files.

    Parameters
    ----------
    folder : path
        The playlist's folder.
    relative : bool, optional
        Always (True), never (False), or only for files under the folder (default).
    """

    def __init__(self, folder: str | os.PathLike[str], relative: bool | None = None) -> None:
        self._relative = relative
        self._folder = os.path.abspath(folder)  # noqa: PTH100 - Path would not keep a link's own name
        # ".." climbs from where a link points to, so only the real folder can be climbed from
        self._real = os.path.realpath(folder)

    def path(self, path: str) -> str:
        """The path as written in the playlist: relative with forward slashes, or absolute."""
        if self._relative is not False:
            for folder in (self._folder, self._real):
                if Path(path).is_relative_to(folder):
                    return Path(path).relative_to(folder).as_posix()
            if self._relative:
                try:
                    return os.path.relpath(path, self._real).replace(os.sep, "/")
                except ValueError:  # another drive
                    pass
        return path

    def uri(self, path: str) -> str:
        """The same as a URI reference, percent-encoded byte by byte."""
        named = self.path(path)
        if named == path:
            return file_uri(path)
        quoted = urllib.parse.quote_from_bytes(os.fsencode(named))
        return f"./{quoted}" if ":" in named.split("/")[0] else quoted


def stretch(track: Track) -> tuple[str, ...]:
    """The options by which VLC plays a part of a file; none for a whole one."""
    options = []
    if track.start > 0:
        options.append(f"start-time={_decimal(track.start)}")
    if track.end is not None:
        options.append(f"stop-time={_decimal(track.end)}")
    return tuple(options)


def _decimal(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def file_uri(path: str) -> str:
    """`file:///...` for a path, percent-encoded byte by byte; a relative path starts at the current folder."""
    return Path(path).absolute().as_uri()


def line(text: str) -> str:
    """The text on one line, without control characters or undecodable bytes."""
    return " ".join(UNPRINTABLE.sub(" ", text).split())


def xml_text(text: str) -> str:
    """The text on one line, without what XML forbids."""
    return NOT_XML.sub("", line(text))


def listed(track: Track) -> str:
    """``"Artist - Title"``, or what is known of it; never empty."""
    title = line(track.title or "")
    if not title and track.path is not None:
        title = line(shown(Path(track.path).stem))
    title = title or track.uri or track.id
    artist = line(track.artist or "")
    return f"{artist} - {title}" if artist else title


def shown(path: str) -> str:
    """A printable path: undecodable bytes become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def file_duration(slot: Slot) -> float:
    """Seconds of the whole track, which is what a playlist player plays; 0 if unknown."""
    return slot.track.duration or slot.duration
