"""Find the same performance on both sides: as a local file and as a Spotify track.

The ISRC is searched for first, but never trusted alone, since ISRCs are shared and mistyped; then title and artist,
then free text. Each find is judged by its title without additions, by version (live, remix, karaoke, cover, ...), by
artists and by length. Classical music is judged by work and performer: catalogue numbers, movement and key must not
contradict each other, and a shared composer is not a shared performer. Uncertain finds are left to the therapist.
Nothing here depends on order, time or chance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from playlistkit.model import Track
from playlistkit.spotify.titles import (
    TitleParts,
    artists_of,
    compare_works,
    composers,
    is_composer,
    numbers_in,
    plain,
    quotable,
    squeezed,
    title_parts,
    versions_around,
)

__all__ = [
    "THRESHOLD",
    "VERSION",
    "Found",
    "Match",
    "bare_title",
    "compare",
    "find",
    "found_track",
    "queries",
]

VERSION = 1
"""Version of the rules; what other rules decided is searched for again."""

THRESHOLD = 0.85
"""From this score on a find is accepted without asking, if nothing speaks against it."""

TRACK_URI = re.compile(r"spotify:track:[0-9A-Za-z_-]{1,64}")
LONGEST = 1e9  # ms; nothing that is played
LENGTH_TOLERANCE = 2.0  # seconds
CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A Spotify track that may be the same, with how alike it is."""

    uri: str
    title: str
    artist: str
    album: str
    duration: float
    """Seconds."""
    score: float = 0.0
    """0 to 1."""
    against: tuple[str, ...] = ()
    """What speaks against accepting it without asking, in words."""
    isrc: str | None = None
    explicit: bool | None = None
    people: tuple[str, ...] = ()
    """The artists, one by one."""

    @property
    def sure(self) -> bool:
        """Whether it may be accepted without asking."""
        return self.score >= THRESHOLD and not self.against


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for a track."""

    taken: Found | None
    candidates: tuple[Found, ...]
    """The best few, best first, including the accepted one."""


def find(track: Track, search: Callable[[str], Sequence[Found]]) -> Match:
    """Look for a track.

    Parameters
    ----------
    track : Track
        The local one.
    search : callable
        Takes a Spotify query and gives finds.

    Returns
    -------
    Match
    """
    seen: dict[str, Found] = {}
    for query in queries(track):
        if seen and query == free_query(track):
            break  # title and artist found all there is; Spotify counts every request
        for each in search(query):
            if each.uri not in seen:
                seen[each.uri] = compare(track, each)
        best = _ranked(track, seen.values())
        if best and best[0].sure:
            return Match(best[0], tuple(best[:CANDIDATES]))
    return Match(None, tuple(_ranked(track, seen.values())[:CANDIDATES]))


def bare_title(title: str) -> str:
    """A title in plain words without additions: "Home - 2011 Remaster" is "home"."""
    return title_parts(title).bare


def queries(track: Track) -> list[str]:
    """Queries for Spotify, the most specific first."""
    asked = []
    if track.isrc:
        asked.append(f"isrc:{track.isrc}")
    title = title_parts(track.title or "").bare
    artists = artists_of(track.artist or "")
    if title and artists:
        asked.append(f'track:"{quotable(title)}" artist:"{quotable(artists[0])}"')
    return [*asked, free] if (free := free_query(track)) else asked


def free_query(track: Track) -> str:
    """Artists and title as free words, the widest query; empty if nothing names the track."""
    words = (*artists_of(track.artist or "")[:2], title_parts(track.title or "").bare)
    return quotable(" ".join(word for word in words if word))[:120]


def found_track(item: dict[str, Any]) -> Found | None:
    """A find as Spotify gives it; `None` if it isn't a playable track but an episode, a local file or a gap."""
    uri, name = uri_of(item), item.get("name")
    if item.get("type", "track") != "track" or item.get("is_local") or item.get("is_playable") is False:
        return None
    if not isinstance(uri, str) or not TRACK_URI.fullmatch(uri) or not isinstance(name, str):
        return None
    artists = item.get("artists")
    names = [
        each["name"]
        for each in (artists if isinstance(artists, list) else [])
        if isinstance(each, dict) and isinstance(each.get("name"), str)
    ]
    album, codes = item.get("album"), item.get("external_ids")
    isrc = codes.get("isrc") if isinstance(codes, dict) else None
    length = item.get("duration_ms")
    explicit = item.get("explicit")
    return Found(
        uri=uri,
        title=name,
        artist=", ".join(names),
        album=str(album.get("name") or "") if isinstance(album, dict) else "",
        duration=length / 1000 if isinstance(length, (int, float)) and 0 < length < LONGEST else 0.0,
        isrc=re.sub(r"[\s-]", "", isrc).upper() if isinstance(isrc, str) and isrc else None,
        explicit=explicit if isinstance(explicit, bool) else None,
        people=tuple(names),
    )


def uri_of(item: dict[str, Any]) -> str | None:
    """The URI that was asked for or sent; Spotify may play another release instead and say so (`linked_from`)."""
    linked = item.get("linked_from")
    uri = linked.get("uri") if isinstance(linked, dict) else None
    return uri if isinstance(uri, str) else item.get("uri")


def compare(track: Track, found: Found) -> Found:
    """The find with its score, and with what speaks against it.

    The score is 0.5 title, 0.35 artists, 0.15 length, each 0 to 1. With the same ISRC it is enough if one title
    contains the other, and title and artists are raised halfway to 1. So a retitled release is found, but not a shared
    or mistyped code.
    """
    here, there = title_parts(track.title or ""), title_parts(found.title)
    against: list[str] = []
    title = (
        max(fuzz.token_sort_ratio(here.bare, there.bare), fuzz.ratio(here.bare, there.bare)) / 100
        if here.bare and there.bare
        else 0.0
    )
    versions_here = here.versions | versions_around(track.album, track.artist)
    versions_there = there.versions | versions_around(found.album, found.artist)
    classical = here.is_classical or there.is_classical
    if classical:
        title, contradiction = compare_works(here, there, title)
        if contradiction:
            against.append(contradiction)
    elif numbers_in(here.bare) != numbers_in(there.bare):
        against.append("the numbers in the titles differ")
    artists = _overlap(track, found, classical, here, there)
    same_isrc = track.isrc is not None and track.isrc == found.isrc
    if same_isrc:
        title = max(title, fuzz.token_set_ratio(here.bare, there.bare) / 100)
        title, artists = (1 + title) / 2, (1 + artists) / 2
    against += [
        f"only one of them is a {version} version" for version in sorted(versions_here ^ versions_there)
    ]
    if not same_isrc and (
        here.guests - there.guests - set(artists_of(found.artist))
        or there.guests - here.guests - set(artists_of(track.artist or ""))
    ):
        against.append("only one of them names guests")
    if track.duration <= 0 or found.duration <= 0:
        length = 0.5
        against.append("its length is not known")
    else:
        off = abs(track.duration - found.duration)
        length = max(0.0, 1 - max(0.0, off - LENGTH_TOLERANCE) / 30)
        if off > LENGTH_TOLERANCE:
            against.append(f"it is {off:.0f} s {'longer' if found.duration > track.duration else 'shorter'}")
    if title < 0.85:
        against.append("the titles differ")
    if artists < 0.8:
        against.append("the artists differ")
    score = 0.5 * title + 0.35 * artists + 0.15 * length
    if versions_here ^ versions_there:
        score *= 0.6
    return Found(
        uri=found.uri, title=found.title, artist=found.artist, album=found.album, duration=found.duration,
        score=round(score, 4), against=tuple(against), isrc=found.isrc, explicit=found.explicit,
        people=found.people,
    )  # fmt: skip


def _ranked(track: Track, found: Iterable[Found]) -> list[Found]:
    """Best first; of equals the one of the same album, then by URI, so that the answer never varies."""
    album = plain(track.album or "")
    return sorted(
        found,
        key=lambda each: (
            not each.sure,
            -each.score,
            -fuzz.ratio(album, plain(each.album)) if album else 0,
            each.uri,
        ),
    )


def _overlap(track: Track, found: Found, classical: bool, here: TitleParts, there: TitleParts) -> float:
    """How alike the artists are, 0 to 1: the best match of any two names that may decide."""
    mine, theirs = artists_of(track.artist or ""), artists_of(found.artist)
    if classical:
        performers_here = [each for each in mine if not is_composer(each)]
        performers_there = [each for each in theirs if not is_composer(each)]
        if performers_here and performers_there:
            mine, theirs = tuple(performers_here), tuple(performers_there)
        elif composers(mine, here) & composers(theirs, there):
            return 0.7  # only the composer matches: it may just as well be another's recording
    if not mine or not theirs:
        return 0.0
    scores = [max(_same_name(one, other) for other in theirs) for one in mine]
    back = [max(_same_name(one, other) for one in mine) for other in theirs]
    few = scores if len(mine) <= len(theirs) else back
    return sum(few) / len(few)


def _same_name(one: str, other: str) -> float:
    if squeezed(one) == squeezed(other):
        return 1.0
    return float(fuzz.token_sort_ratio(one, other)) / 100
