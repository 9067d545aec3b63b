"""Find local tracks on Spotify: with certainty, by the therapist's choice, or not at all."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from playlistkit.audio.tags import names_of
from playlistkit.errors import InputError
from playlistkit.figures import counted, tally
from playlistkit.library import Library
from playlistkit.library.spotify import Decision, SpotifyMemory
from playlistkit.model import Candidate, Track
from playlistkit.sources.spotify_values import spotify_uri
from playlistkit.spotify import match as spotify_match
from playlistkit.spotify.budget import announced
from playlistkit.spotify.client import Client
from playlistkit.spotify.match import Found
from playlistkit.workflow.spotify.account import Progress, Tell, signed_in

__all__ = ["Choice", "MatchReport", "Open", "link", "match", "track_name"]

Choice = Found | Literal["skip", "later"]


@dataclass(frozen=True, slots=True)
class Open:
    """A local track without a certain match."""

    id: str
    name: str
    candidates: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class MatchReport:
    """The result of matching local tracks."""

    taken: int
    """Found with certainty, now or before."""
    chosen: int
    """Chosen by the therapist."""
    skipped: int
    nothing: int
    """Not found on Spotify."""
    open: tuple[Open, ...]
    """Uncertain, with candidates for the therapist to choose from."""
    copies: int = 0
    """Of those found or chosen just now: the same Spotify track as another file, which keeps the URI."""

    def summary(self) -> str:
        """A summary in a sentence or two."""
        text = tally(
            (self.taken, "found"),
            (self.chosen, "chosen"),
            (self.skipped, "skipped"),
            (self.nothing, "not on Spotify"),
        )
        text = text or ("None found for certain" if self.open else "Nothing to look for")
        if self.copies:
            is_one = "is the same Spotify track" if self.copies == 1 else "are the same Spotify tracks"
            text += f"\n{self.copies} of them {is_one} as another of your files; only one of the files plays for it"
        if self.open:
            text += f"\n{len(self.open)} not sure: `spotify match --ask` goes through them"
        return text


def match(
    library: Library,
    tracks: Sequence[str] = (),
    *,
    again: bool = False,
    choose: Callable[[Candidate, tuple[Found, ...]], Choice] | None = None,
    progress: Progress = lambda *_: None,
    tell: Tell = lambda _: None,
    client: Client | None = None,
) -> MatchReport:
    """Find local tracks on Spotify; certain matches get their URI.

    Parameters
    ----------
    library : Library
    tracks : sequence of str
        Ids, paths or unique titles; if empty, all tracks without a URI.
    again : bool
        Look again for tracks that were not found, left open or skipped.
    choose : callable, optional
        Takes a track and its candidates; returns one of them, "skip" or "later". Without it, uncertain tracks
        stay open.
    progress : callable
        Takes the number done, the total and the track's name.
    tell : callable
        Takes a sentence before each wait.
    client : Client, optional

    Raises
    ------
    SpotifyError
        If Spotify refuses, fails or asks for a long pause; matches so far are stored.
    """
    memory = SpotifyMemory(library)
    known = memory.decisions()
    wanted = [library.resolve(text) for text in tracks] if tracks else library.candidates(available=False)
    local = [each for each in wanted if each.track.path is not None]
    counts = {"taken": 0, "chosen": 0, "skipped": 0, "nothing": 0}
    still_open: list[Open] = []
    copies = 0
    search: Callable[[str], list[Found]] | None = None
    to_ask = [
        track
        for each in local
        if each.track.uri is None
        and ((track := _named(each.track)) and (again or _is_new(track, known.get(track.id))))
    ]
    if to_ask:
        client = client or signed_in(tell)  # refuse before anything else if nobody is signed in
        tell(
            f"{counted(len(to_ask), 'track')} to look for: "
            + announced(len(to_ask), sum(len(spotify_match.queries(track)) for track in to_ask))
        )
    for number, candidate in enumerate(local):
        track = _named(candidate.track)
        progress(number, len(local), track.title or "")
        decision = known.get(track.id)
        if track.uri is not None:
            counts["chosen" if decision and decision.state == "chosen" else "taken"] += 1
            continue
        if decision is None or again or _is_new(track, decision):
            search = search or _searcher(client or signed_in(tell))
            found = spotify_match.find(track, search)
            decision = _decided(_asked_by(track), found)
            with library.transaction():
                memory.keep_decision(track.id, decision)
                copies += found.taken is not None and not _linked(library, track.id, found.taken.uri)
        finds = tuple(_find(each) for each in decision.candidates)
        if decision.state == "open" and choose is not None:
            decision, is_copy = _asked(library, candidate, decision, choose(candidate, finds))
            copies += is_copy
        if decision.state == "open":
            still_open.append(Open(track.id, track_name(track), finds))
        else:
            counts["nothing" if decision.state == "none" else decision.state] += 1
    progress(len(local), len(local), "")
    return MatchReport(**counts, open=tuple(still_open), copies=copies)


def link(library: Library, track: str, uri: str) -> Candidate:
    """Take the therapist's word that a local track is this one on Spotify.

    Raises
    ------
    InputError
        If there is no such track, or the URI is not a track's.
    """
    known = library.resolve(track)
    plain = spotify_uri(uri.strip())
    if plain is None:
        raise InputError(f"{uri!r} is not a Spotify track; give its address (Share > Copy Song Link)")
    with library.transaction():
        library.link(known.track.id, plain)
        SpotifyMemory(library).keep_decision(known.track.id, Decision("", "chosen", plain))
    return library.get(known.track.id)


def _asked_by(track: Track) -> str:
    """The search for a track, and the rules that score its candidates."""
    return json.dumps([spotify_match.VERSION, track.isrc, track.title, track.artist, round(track.duration)])


def _is_new(track: Track, decision: Decision | None) -> bool:
    """Whether it was never searched for with these names and rules."""
    return decision is None or decision.asked != _asked_by(track)


def _named(track: Track) -> Track:
    """The track; if it has no title, named after its file: "03 - Ana Ruiz - Home.flac"."""
    if track.title:
        return track
    artist, title = names_of(track.path or "")
    return dataclasses.replace(track, artist=track.artist or artist, title=title)


def _searcher(client: Client) -> Callable[[str], list[Found]]:
    return lambda query: [
        found for item in client.search(query) if (found := spotify_match.found_track(item)) is not None
    ]


def _decided(asked: str, found: spotify_match.Match) -> Decision:
    kept = tuple(dataclasses.asdict(each) for each in found.candidates)
    if found.taken is not None:
        return Decision(asked, "taken", found.taken.uri, kept)
    return Decision(asked, "open" if kept else "none", None, kept)


def _find(known: Mapping[str, Any]) -> Found:
    """Restore a stored candidate: JSON has no tuples."""
    lists: dict[str, Any] = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    return Found(**{**known, **lists})


def _linked(library: Library, track: str, uri: str) -> bool:
    """Give a track its URI; false if another file has it, such as the same recording as MP3."""
    try:
        library.link(track, uri)
    except InputError:
        return False
    return True


def _asked(
    library: Library, candidate: Candidate, decision: Decision, answer: Choice
) -> tuple[Decision, bool]:
    """Store the therapist's answer; says too whether another file has the URI chosen."""
    if answer == "later":
        return decision, False
    if answer == "skip":
        decision = dataclasses.replace(decision, state="skipped")
    else:
        assert isinstance(answer, Found)
        decision = dataclasses.replace(decision, state="chosen", uri=answer.uri)
    with library.transaction():
        SpotifyMemory(library).keep_decision(candidate.track.id, decision)
        is_copy = decision.uri is not None and not _linked(library, candidate.track.id, decision.uri)
    return decision, is_copy


def track_name(track: Track) -> str:
    """Artist and title, or whatever else names a track."""
    return (
        " - ".join(part for part in (track.artist, track.title) if part)
        or track.path
        or track.uri
        or track.id
    )
