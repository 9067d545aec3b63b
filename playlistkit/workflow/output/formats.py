"""Write a plan to files that a person names: the formats to choose from, and what must not be overwritten."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from playlistkit import render as sound
from playlistkit.errors import ExportError, InputError
from playlistkit.model import Plan
from playlistkit.report import sheet_html, sheet_policy
from playlistkit.workflow.output.export import check_place, export

__all__ = [
    "FORMATS",
    "MEDIA",
    "SOUNDS",
    "Format",
    "file_of",
    "file_stem",
    "places_for",
    "sheet_html",
    "sheet_policy",
    "sound_summary",
]

LONGEST_NAME = 120  # characters; file systems take 255 bytes


@dataclass(frozen=True, slots=True)
class Format:
    """An output format."""

    suffix: str
    label: str
    says: str
    """What it is for."""
    media: str
    """Its media type."""


FORMATS = (
    Format(".m3u8", "M3U8", "a playlist that every player reads", "audio/x-mpegurl"),
    Format(".m3u", "M3U", "the same for older players", "audio/x-mpegurl"),
    Format(".xspf", "XSPF", "a playlist for VLC, Audacious, Clementine", "application/xspf+xml"),
    Format(".jspf", "JSPF", "a playlist for ListenBrainz", "application/json"),
    Format(".csv", "CSV", "a table for a spreadsheet", "text/csv"),
    Format(
        ".json",
        "JSON",
        "the plan itself, for playlistkit: play, swap, render or share it later",
        "application/json",
    ),
    Format(".html", "Sheet", "the session on paper: the arc, every track, why it is there", "text/html"),
    Format(".png", "PNG", "the picture of the arc", "image/png"),
    Format(".svg", "SVG", "the picture of the arc at any size", "image/svg+xml"),
)
MEDIA = {each.suffix: each.media for each in FORMATS}
"""The media type of each suffix."""
SOUNDS = tuple(sound.SUFFIXES)
"""The formats `render` can write, by suffix."""


def file_stem(name: str) -> str:
    """A plan's name as a file name that is valid on every system."""
    plain = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', "-", name).strip(" .-")
    return plain[:LONGEST_NAME].rstrip(" .") or "session"


def places_for(
    folder: str | os.PathLike[str], name: str, suffixes: Iterable[str], *, replace: bool = False
) -> list[Path]:
    """The paths for this name, one for each suffix.

    Raises
    ------
    InputError
        If the name or a suffix is invalid, the folder is missing, or a file exists and `replace` is false.
    """
    known = {each.suffix for each in FORMATS} | set(SOUNDS)
    wanted = list(dict.fromkeys(suffixes))
    if not wanted:
        raise InputError("choose at least one format")
    stem = name.strip()
    if not stem or stem != file_stem(stem):
        raise InputError(f"{name!r} is not a valid file name on every system; {file_stem(stem)!r} is one")
    places = []
    for suffix in wanted:
        if suffix not in known:
            raise InputError(f"{suffix!r}: no such format is known")
        place = Path(folder).expanduser() / f"{stem}{suffix}"
        check_place(place)
        if os.path.lexists(place) and not replace:
            raise InputError(f"{place} exists; choose another name, or let it be replaced")
        places.append(place)
    return places


def file_of(plan: Plan, suffix: str) -> bytes:
    """A plan as the bytes of a file; tracks are named absolutely.

    Raises
    ------
    ExportError
        If the suffix is unknown.
    """
    if suffix not in {each.suffix for each in FORMATS}:
        raise ExportError(f"{suffix!r}: no such format is known")
    with tempfile.TemporaryDirectory(prefix="playlistkit-") as folder:
        place = Path(folder) / f"plan{suffix}"
        export(plan, place, relative=False)
        return place.read_bytes()


def sound_summary(path: str | os.PathLike[str], seconds: float) -> str:
    """A sentence that says what was rendered."""
    return f"wrote {os.fspath(path)}: {seconds / 60:.1f} min"
