"""The XML that iTunes and Apple's Music write: a property list of tracks, and of playlists that name them by number."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from playlistkit.errors import InputError
from playlistkit.sources.playlist.entries import Entries, Format, Playlist, positive

__all__ = ["FORMAT"]


def read(entries: Entries, text: str) -> Playlist:
    """Read an exported playlist, or a library without playlists."""
    # the declared encoding no longer holds for a text
    undeclared = re.sub(r"^\s*<\?xml.*?\?>", "", entries.cleaned(text), count=1, flags=re.DOTALL)
    try:
        document = plistlib.loads(undeclared.encode("utf-8", "replace"), fmt=plistlib.FMT_XML)
    except Exception as error:  # plistlib raises whatever a damaged one provokes
        raise InputError(f"{entries.origin}: is damaged, or no property list: {error}") from error
    tracks = document.get("Tracks") if isinstance(document, dict) else None
    if not isinstance(tracks, dict):
        raise InputError(f"{entries.origin}: is a property list without tracks, so no playlist of iTunes")
    title, keys = _chosen(entries, document, tracks)
    for key in keys:
        track = tracks.get(key)
        if not isinstance(track, dict):
            entries.pass_over(f"track {key} is in the playlist and not among the tracks")
            continue
        where, name = _text(track, "Location"), _text(track, "Name")
        milliseconds = positive(str(track.get("Total Time")))
        if not where and not name:
            entries.pass_over(f"track {key} has neither a file nor a name")
            continue
        entries.add_at(
            where,
            title=name,
            artist=_text(track, "Artist") or _text(track, "Album Artist"),
            album=_text(track, "Album"),
            duration=None if milliseconds is None else milliseconds / 1000,
        )
    return entries.playlist(title)


def _chosen(
    entries: Entries, document: Mapping[str, Any], tracks: Mapping[str, Any]
) -> tuple[str, list[str]]:
    """The name of the only playlist, and the keys of its tracks; without playlists, all tracks."""
    several = document.get("Playlists")
    found = [each for each in several if isinstance(each, dict)] if isinstance(several, list) else []
    # of a whole library: iTunes' own lists of everything, of films and so on
    own = [each for each in found if not each.get("Master") and "Distinguished Kind" not in each] or found[:1]
    if len(own) > 1:
        names = ", ".join(repr(_text(each, "Name")) for each in own[:3])
        raise InputError(
            f"{entries.origin}: holds {len(own)} playlists ({names}, ...); export one of them: File, Library, Export Playlist"
        )
    return (_text(own[0], "Name"), list(_keys(own[0]))) if own else ("", list(tracks))


def _keys(playlist: Mapping[str, Any]) -> Iterator[str]:
    items = playlist.get("Playlist Items")
    for each in items if isinstance(items, list) else ():
        if isinstance(each, dict) and "Track ID" in each:
            yield str(each["Track ID"])


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


FORMAT = Format("iTunes", (), read, begins=r"(<!doctype plist[^>]*>\s*)?<plist\b", shared_suffixes=(".xml",))
