"""Match Spotify tracks to local files of the same performance, so that they share its features."""

from __future__ import annotations

from typing import Literal

from playlistkit.library import Library
from playlistkit.model import Candidate, Track
from playlistkit.names import typed
from playlistkit.recordings import SAME_LENGTH
from playlistkit.spotify import match as matching
from playlistkit.spotify.match import Found

__all__ = ["EXPLICIT", "LocalTracks", "take_track"]

EXPLICIT = {"vocals": "words"}
"""What "explicit" implies: only words can be explicit."""


class LocalTracks:
    """The tracks of a library: those with a URI, and the local ones without, found by ISRC or by title.

    Parameters
    ----------
    library : Library
        Read once.

    Attributes
    ----------
    by_uri : dict of str to Candidate or None
        The tracks that have a URI, as read; `None` if the URI was assigned since.
    """

    def __init__(self, library: Library) -> None:
        self._by_isrc: dict[str, list[Track]] = {}
        self._by_title: dict[str, list[Track]] = {}
        self._by_name: dict[tuple[str, str], list[Track]] = {}
        self.by_uri: dict[str, Candidate | None] = {}
        for each in library.candidates(available=False):
            track = each.track
            if track.title:
                key = typed(track.title), typed(track.artist or "")
                self._by_name.setdefault(key, []).append(track)
            if track.uri is not None:
                self.by_uri[track.uri] = each
            elif track.path is not None:
                if track.isrc:
                    self._by_isrc.setdefault(track.isrc, []).append(track)
                if track.title:
                    self._by_title.setdefault(matching.bare_title(track.title), []).append(track)

    def same(self, found: Found) -> Track | None:
        """The local track that is surely the same performance; `None` if there is none, or more than one."""
        if not self._by_title and not self._by_isrc:
            return None
        near = self._by_isrc.get(found.isrc or "", []) + self._by_title.get(
            matching.bare_title(found.title), []
        )
        sure = {track.id: track for track in near if matching.compare(track, found).sure}
        return next(iter(sure.values())) if len(sure) == 1 else None

    def named(self, title: str, artist: str, duration: float | None) -> Track | None:
        """The only track of this title and artist, and of this length if one is given; else `None`.

        Enough to tell which track a person means, but not to join it with one on Spotify.
        """
        found = [
            track
            for track in self._by_name.get((typed(title), typed(artist)), [])
            if not duration or not track.duration or abs(track.duration - duration) <= SAME_LENGTH
        ]
        return found[0] if len(found) == 1 else None

    def taken(self, track: Track, uri: str) -> None:
        """Note that a local track now has a URI."""
        self.by_uri[uri] = None
        for index in (self._by_isrc, self._by_title):
            for tracks in index.values():
                if track in tracks:
                    tracks.remove(track)


def take_track(library: Library, local: LocalTracks, found: Found) -> Literal["new", "joined", "known"]:
    """Add a Spotify track to the library, joined with a local file of the same performance if there is one."""
    state: Literal["new", "joined", "known"] = "known"
    if found.uri not in local.by_uri:
        same = local.same(found)
        if same is not None:
            library.link(same.id, found.uri)
            local.taken(same, found.uri)
            return "joined"
        local.by_uri[found.uri] = None
        state = "new"
    kept = library.add_uri(
        Track(
            "",
            uri=found.uri,
            title=found.title,
            artist=found.artist,
            album=found.album,
            isrc=found.isrc,
            duration=found.duration,
            people=found.people,
        )
    )
    if found.explicit and state == "new":
        library.set_features(kept, EXPLICIT, "imported")
    return state
