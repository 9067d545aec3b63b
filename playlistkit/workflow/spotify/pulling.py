"""Bring the account's playlists and saved tracks into the library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from playlistkit.figures import counted, tally
from playlistkit.library import Library
from playlistkit.library.spotify import SpotifyMemory
from playlistkit.spotify import pull as spotify_pull
from playlistkit.spotify.budget import announced
from playlistkit.spotify.client import PAGE, Client
from playlistkit.workflow.music.local_tracks import LocalTracks, take_track
from playlistkit.workflow.spotify.account import Progress, Tell, signed_in

__all__ = ["PullReport", "pull"]


@dataclass(frozen=True, slots=True)
class PullReport:
    """The result of a pull."""

    playlists: tuple[str, ...]
    """Names of the playlists read."""
    unchanged: tuple[str, ...]
    """Names of the unchanged playlists."""
    new: int
    """Tracks new to the library."""
    joined: int
    """Tracks matched to a local file, whose features they now have."""
    known: int
    lacking: int
    """How many of the playlists' tracks still have no energy."""
    passed_over: tuple[str, ...]
    """Entries that can't be played, in words."""

    def summary(self) -> str:
        """A summary in a sentence or two."""
        read = f"{counted(len(self.playlists), 'playlist')} read"
        same = tally((len(self.unchanged), "unchanged"))
        tracks = tally(
            (self.new, "new track" if self.new == 1 else "new tracks"),
            (self.joined, "found among your files"),
            (self.known, "known"),
        )
        text = (f"{read}, {same}" if same else read) + (f": {tracks}" if tracks else "")
        if self.lacking:
            text += (
                f"\n{counted(self.lacking, 'track')} without energy yet: scan your own copies, `import` a table or `set` it; "
                "`tracks --missing` lists them"
            )
        return text


def _requests(playlist: spotify_pull.Playlist | None, snapshot: str, place: int) -> int:
    """How many pages are left to read from a place on."""
    count = snapshot.split()[0] if playlist is None and snapshot else ""
    total = int(count) if count.isdecimal() else (playlist.tracks or 0) if playlist else 0
    return max(1, math.ceil((total - place) / PAGE))


def pull(
    library: Library,
    playlists: Sequence[str] = (),
    *,
    liked: bool = False,
    progress: Progress = lambda *_: None,
    tell: Tell = lambda _: None,
    client: Client | None = None,
) -> PullReport:
    """Bring the tracks of playlists into the library.

    Parameters
    ----------
    library : Library
    playlists : sequence of str
        Names, ids, URIs or addresses; if empty, all the account's own, unless only `liked` is asked for.
    liked : bool
        Also the saved tracks.
    progress : callable
        Takes the number done, the total and the playlist's name.
    tell : callable
        Takes a sentence before each wait.
    client : Client, optional

    Returns
    -------
    PullReport

    Raises
    ------
    InputError
        If a playlist doesn't exist or is not the account's own.
    SpotifyError
        If Spotify refuses, fails or asks for a long pause; the same call carries on from there.
    """
    client = client or signed_in(tell)
    memory = SpotifyMemory(library)
    local = LocalTracks(library)
    wanted: list[spotify_pull.Playlist | None] = []
    if playlists or not liked:
        wanted += spotify_pull.chosen(playlists, spotify_pull.playlists(client))
    if liked:
        wanted.append(None)
    read, unchanged, passed_over = [], [], []
    counts = {"new": 0, "joined": 0, "known": 0}
    uris: set[str] = set()
    places: list[tuple[spotify_pull.Playlist | None, str, str, str, int]] = []
    for playlist in wanted:
        name = playlist.name if playlist else "saved tracks"
        key = playlist.id if playlist else spotify_pull.LIKED
        snapshot = playlist.snapshot if playlist else spotify_pull.saved_snapshot(client)
        place = memory.place(key, snapshot)
        if place is None:
            unchanged.append(name)
        else:
            places.append((playlist, name, key, snapshot, place))
    requests = sum(_requests(playlist, snapshot, place) for playlist, _, _, snapshot, place in places)
    if requests:
        tell(f"{counted(len(places), 'playlist')} to read: {announced(requests, requests)}")
    for playlist, name, key, snapshot, place in places:
        for page in spotify_pull.pages(client, playlist, place):
            with library.transaction():
                for found in page.tracks:
                    counts[take_track(library, local, found)] += 1
                    uris.add(found.uri)
                memory.keep_place(key, snapshot, page.next)
            passed_over += [f"{name}, {each}" for each in page.passed_over]
            total = (playlist.tracks if playlist else None) or 0
            progress(page.start + len(page.tracks), max(total, page.start + len(page.tracks)), name)
        read.append(name)
    lacking = (
        sum(
            each.track.uri in uris and each.features.energy is None
            for each in library.candidates(available=False)
        )
        if uris
        else 0
    )
    return PullReport(
        tuple(read), tuple(unchanged), **counts, lacking=lacking, passed_over=tuple(passed_over)
    )
