"""Fill a playlist with a plan's tracks, read it back and compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from playlistkit.figures import counted
from playlistkit.model import Track
from playlistkit.spotify.client import Client, Unclear, entry_item
from playlistkit.spotify.match import uri_of

__all__ = ["fill", "track_named"]

PIECE = 100
"""Entries that Spotify takes at once."""


def fill(
    client: Client, playlist: str, tracks: Sequence[Track], progress: Callable[[int, int, str], None]
) -> tuple[list[str], int]:
    """Bring a playlist to the planned order; give what differs in the end, in words, and the number of writes.

    Each round reads the playlist and does the one write that brings it nearer: the next piece if it holds the
    beginning of the plan, else a fresh start. So it doesn't matter which of the writes before had an effect. If an
    answered write leaves something other than was sent, that is Spotify's doing: it is reported, and the rest goes on.
    """
    uris = [str(track.uri) for track in tracks]
    expected: int | None = None
    fresh_starts = unclear = writes = 0
    taken_otherwise: set[int] = set()
    while True:
        held = _held_settled(client, playlist, tracks, expected)
        progress(min(len(held), len(tracks)), len(tracks), "filling the playlist")
        differing = _differing(held, tracks)
        if len(held) == expected:
            taken_otherwise.update(differing)
        begins = 0 < len(held) <= len(tracks) and not set(differing) - taken_otherwise
        if begins and len(held) == len(tracks):
            return _differences(held, tracks, differing), writes
        if (not begins and fresh_starts == 2) or writes > 4 * (len(uris) // PIECE + 1):
            return _differences(
                held, tracks, differing
            ), writes  # Spotify does not give back what it was given
        writes += 1
        expected = None
        try:
            if begins:
                client.add_items(playlist, uris[len(held) : len(held) + PIECE], len(held))
                expected = min(len(held) + PIECE, len(uris))
            else:
                client.replace_items(playlist, uris[:PIECE])
                fresh_starts += 1
                expected = min(PIECE, len(uris))
            unclear = 0
        except Unclear:
            unclear += 1
            if unclear == 3:
                raise
            client.pause(2.0**unclear)


def _held_settled(
    client: Client, playlist: str, tracks: Sequence[Track], expected: int | None
) -> list[dict[str, Any] | None]:
    """What a playlist holds; read again a few times if an answered write does not show yet.

    `expected`: how many of the first tracks it should hold, if the last write was answered.
    """
    held = _held(client, playlist)
    if expected is not None:
        for seconds in (1.0, 3.0, 6.0):
            if len(held) == expected and not _differing(held, tracks):
                break
            client.pause(seconds)
            held = _held(client, playlist)
    return held


def _differing(held: Sequence[dict[str, Any] | None], tracks: Sequence[Track]) -> list[int]:
    """Places at which something else is held than planned."""
    return [
        place for place, (item, track) in enumerate(zip(held, tracks, strict=False)) if not _same(item, track)
    ]


def _held(client: Client, playlist: str) -> list[dict[str, Any] | None]:
    """What a playlist holds, entry by entry."""
    held: list[dict[str, Any] | None] = []
    for page in client.items(playlist):
        held += [entry_item(entry) if isinstance(entry, dict) else None for entry in page.get("items") or []]
    return held


def _same(item: dict[str, Any] | None, track: Track) -> bool:
    """Whether an entry is the track: by URI, or, as Spotify may give back another release of it, by ISRC."""
    if item is None:
        return False
    if track.uri in (item.get("uri"), uri_of(item)):
        return True
    codes = item.get("external_ids")
    isrc = codes.get("isrc") if isinstance(codes, dict) else None
    return bool(track.isrc) and isinstance(isrc, str) and isrc.replace("-", "").upper() == track.isrc


def _differences(
    held: Sequence[dict[str, Any] | None], tracks: Sequence[Track], differing: Sequence[int]
) -> list[str]:
    told = []
    if len(held) != len(tracks):
        told.append(f"the playlist holds {counted(len(held), 'track')}, the plan {len(tracks)}")
    for number in differing:
        item = held[number]
        shown = "nothing" if item is None else repr(item.get("name"))
        told.append(f"track {number + 1}: {track_named(tracks[number])} was sent, Spotify shows {shown}")
    return told


def track_named(track: Track) -> str:
    """The track for a person: its artist and title, else its URI or id."""
    return " - ".join(part for part in (track.artist, track.title) if part) or track.uri or track.id
