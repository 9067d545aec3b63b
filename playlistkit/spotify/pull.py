"""Read the account's playlists and saved tracks, page by page, so that a pull can stop and continue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playlistkit.errors import InputError
from playlistkit.spotify.client import Client, entry_item
from playlistkit.spotify.match import Found, found_track

__all__ = ["LIKED", "Page", "Playlist", "chosen", "pages", "playlists"]

MOST_ENTRIES = 10_000_000

LIKED = "liked"
"""Used in place of a playlist's id for the saved tracks."""


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist of the account, own or followed."""

    id: str
    name: str
    snapshot: str
    """Changes whenever the content does; for the saved tracks it is made from their number and the newest one."""
    mine: bool
    """Whether the account owns it or collaborates on it; only then can its content be read."""
    tracks: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a playlist."""

    start: int
    """Place of the first entry, from 0."""
    next: int | None
    """Place after the last one; `None` if there are no more."""
    tracks: tuple[Found, ...]
    passed_over: tuple[str, ...]
    """Entries that could never be played, in words."""


def playlists(client: Client) -> list[Playlist]:
    """The account's playlists, as the app lists them."""
    user = client.me().get("id")
    found = []
    for each in client.playlists():
        owner, items = each.get("owner"), each.get("items") or each.get("tracks")
        total = items.get("total") if isinstance(items, dict) else None
        owned = isinstance(owner, dict) and owner.get("id") == user
        found.append(
            Playlist(
                id=each["id"],
                name=str(each.get("name") or each["id"]),
                snapshot=str(each.get("snapshot_id") or ""),
                mine=owned or bool(each.get("collaborative")),
                tracks=_count(total),
            )
        )
    return found


def chosen(wanted: Sequence[str], known: Sequence[Playlist]) -> list[Playlist]:
    """The playlists given by name, id, URI or address; by default all of the account's own.

    Raises
    ------
    InputError
        If one doesn't exist, its name isn't unique, or its content can't be read.
    """
    if not wanted:
        return [each for each in known if each.mine]
    found = []
    for text in wanted:
        match = re.search(r"([0-9A-Za-z]{22})(?:\?.*)?$", text.strip())
        by_id = [each for each in known if match and each.id == match[1]]
        named = by_id or [each for each in known if each.name.casefold() == text.strip().casefold()]
        if not named:
            import difflib

            near = difflib.get_close_matches(text, [each.name for each in known], n=3, cutoff=0.5)
            hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise InputError(f"there is no playlist {text!r} in your account{hint}")
        if len(named) > 1:
            raise InputError(
                f"{len(named)} of your playlists are called {text!r}; give an address (Share > Copy link)"
            )
        if not named[0].mine:
            raise InputError(
                f"playlist {named[0].name!r} belongs to somebody else, and Spotify gives its content to its owner "
                "only; copy its tracks into a playlist of your own in the app, then pull that"
            )
        found += named
    return found


def pages(client: Client, playlist: Playlist | None, start: int = 0) -> Iterator[Page]:
    """The entries of a playlist, or of the saved tracks, from place `start` on."""
    place = start
    for page in client.saved(start) if playlist is None else client.items(playlist.id, start):
        entries = page.get("items")
        entries = entries if isinstance(entries, list) else []
        tracks, passed_over = [], []
        for number, entry in enumerate(entries, place + 1):
            item = entry_item(entry) if isinstance(entry, dict) else None
            found = None if item is None else found_track(item)
            if found is not None:
                tracks.append(found)
            elif item is None:
                passed_over.append(f"entry {number}: Spotify no longer returns it")
            elif item.get("is_local"):
                passed_over.append(
                    f"entry {number}: {item.get('name')!r} is a local file, which no app can add to a playlist"
                )
            elif item.get("type") == "episode":
                passed_over.append(f"entry {number}: {item.get('name')!r} is an episode, not music")
            else:
                passed_over.append(f"entry {number}: {item.get('name')!r} can't be played")
        place += len(entries)
        more = bool(page.get("next")) and bool(entries)
        yield Page(place - len(entries), place if more else None, tuple(tracks), tuple(passed_over))


def saved_snapshot(client: Client) -> str:
    """A mark that shows whether the saved tracks have changed: their number and the newest one."""
    for page in client.saved():
        entries = page.get("items")
        newest = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], dict) else {}
        item = entry_item(newest) or {}
        return f"{_count(page.get('total'))} {newest.get('added_at')} {item.get('uri')}"
    return ""


def _count(total: object) -> int | None:
    """How many entries an answer says there are; `None` for an impossible number."""
    return total if isinstance(total, int) and 0 <= total <= MOST_ENTRIES else None
