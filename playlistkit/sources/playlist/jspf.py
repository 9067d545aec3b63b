"""JSPF: XSPF as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from playlistkit.errors import InputError
from playlistkit.sources.playlist.entries import Entries, Format, Playlist, positive

__all__ = ["FORMAT"]

MOST_MILLISECONDS = 1e12

NO_TEXT = re.compile("[\ud800-\udfff]")  # what JSON's \\ud800 may leave: half a character


def read(entries: Entries, text: str) -> Playlist:
    """Read a playlist's text; refuses JSON of another kind."""
    try:
        document = json.loads(entries.cleaned(text))
    except RecursionError as error:
        raise InputError(f"{entries.origin}: is not a playlist: nested too deeply") from error
    except ValueError as error:
        raise InputError(f"{entries.origin}: is not valid JSON: {error}") from error
    playlist = document.get("playlist") if isinstance(document, dict) else None
    tracks = playlist.get("track", []) if isinstance(playlist, dict) else None
    if not isinstance(playlist, dict) or not isinstance(tracks, list):
        raise InputError(f"{entries.origin}: is JSON, but not a JSPF playlist (it lacks playlist.track)")
    for number, values in enumerate(tracks, 1):
        where = _first(values, "location") or _first(values, "identifier")
        if not where and not _first(values, "title"):
            entries.pass_over(f"entry {number} has neither a location nor a title")
            continue
        milliseconds = values.get("duration") if isinstance(values, dict) else None
        seconds = None
        if isinstance(milliseconds, (int, float)) and not isinstance(milliseconds, bool):
            seconds = positive(str(milliseconds / 1000)) if abs(milliseconds) < MOST_MILLISECONDS else None
        entries.add_at(
            where.strip(),
            title=_first(values, "title"),
            artist=_first(values, "creator"),
            album=_first(values, "album"),
            duration=seconds,
            options=_options(values),
        )
    return entries.playlist(_first(playlist, "title"))


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


FORMAT = Format("JSPF", (".jspf",), read, begins=r"\{")
