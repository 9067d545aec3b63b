"""Features for tracks that are only on Spotify, from a service the therapist must name each time."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from playlistkit.errors import InputError, ServiceError
from playlistkit.figures import counted, tally
from playlistkit.library import Library
from playlistkit.library.services import ServiceMemory
from playlistkit.model import Candidate
from playlistkit.sources import spotify_values, table
from playlistkit.spotify import reccobeats
from playlistkit.workflow.spotify.account import Progress, Tell

__all__ = ["FeaturesReport", "Request", "Service", "fetch_features", "planned_requests"]

Service = Literal["reccobeats"]
"""The services that can be asked."""

WANTED = ("energy", "tempo", "loudness")
"""Features to ask for if a track lacks them; also the voice, if it is derived from instrumentalness."""

SHARES = ("energy", "instrumentalness", "danceability", "valence", "acousticness", "speechiness")
ENOUGH = 5  # answers; if this many agree exactly, it is not chance


@dataclass(frozen=True, slots=True)
class Request:
    """One request that will be sent."""

    address: str
    """The complete request; nothing else is in it."""
    tracks: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class FeaturesReport:
    """The result of asking a service."""

    service: str
    asked: int
    """Tracks."""
    found: int
    """Tracks that now have features from it."""
    unknown: int
    """Tracks it doesn't know; they are not asked for again."""
    refused: tuple[str, ...]
    """Rejected answers, each with the reason."""
    lacking: int
    """Spotify tracks that still have no energy."""

    def summary(self) -> str:
        """A summary in a sentence or two."""
        text = f"{self.service}: asked for {counted(self.asked, 'track')}"
        rejected = "answer rejected" if len(self.refused) == 1 else "answers rejected"
        counts = tally(
            (self.found, "found"), (self.unknown, "not known there"), (len(self.refused), rejected)
        )
        text += f", {counts}" if counts else ""
        if self.lacking:
            text += (
                f"\n{counted(self.lacking, 'track')} on Spotify still without energy: `playlistkit rate` lets you judge many by ear, "
                "`playlistkit tracks --missing` lists them"
            )
        return text


def planned_requests(
    library: Library, service: Service, *, instrumentalness: bool = False, again: bool = False
) -> list[Request]:
    """The exact requests that `fetch_features` would send; sends nothing.

    Raises
    ------
    InputError
        If there is no such service.
    """
    if service not in get_args(Service):
        raise InputError(f"no features from {service!r}; there is {', '.join(get_args(Service))}")
    known = {} if again else ServiceMemory(library, service).answers()
    wanted = (*WANTED, "vocals") if instrumentalness else WANTED
    lacking = [
        each
        for each in library.candidates()
        if each.track.uri is not None
        and spotify_values.spotify_uri(each.track.uri) == each.track.uri
        and each.track.id not in known
        and any(getattr(each.features, name) in (None, "unknown") for name in wanted)
    ]
    by_uri = {str(each.track.uri): each for each in lacking}
    return [
        Request(reccobeats.address_of(batch), tuple(by_uri[uri] for uri in batch))
        for batch in reccobeats.batches(list(by_uri))
    ]


def fetch_features(
    library: Library,
    service: Service,
    *,
    instrumentalness: bool = False,
    again: bool = False,
    progress: Progress = lambda *_: None,
    tell: Tell = lambda _: None,
    wait: Callable[[float], None] = time.sleep,
) -> FeaturesReport:
    """Ask a service for the features that tracks on Spotify lack.

    Only gaps are filled: values that were measured, set or imported are never changed. Each request's
    answers are stored at once, so that a stopped call loses nothing. Tracks the service doesn't know are not asked
    for again.

    Parameters
    ----------
    library : Library
    service : {"reccobeats"}
    instrumentalness : bool
        Derive the voice from instrumentalness, as `import` does.
    again : bool
        Also ask for tracks that were asked for before.
    progress, tell : callable
        As for `pull`.
    wait : callable
        Waits for so many seconds.

    Raises
    ------
    InputError
        If there is no such service.
    ServiceError
        If it fails, refuses, or sends values that don't look measured; earlier answers are kept.
    """
    requests = planned_requests(library, service, instrumentalness=instrumentalness, again=again)
    memory, session = ServiceMemory(library, service), reccobeats.new_session()
    total = sum(len(request.tracks) for request in requests)
    today = datetime.datetime.now().astimezone().date()
    asked = found = unknown = 0
    refused: list[str] = []
    for request in requests:
        uris = [str(each.track.uri) for each in request.tracks]
        answers = reccobeats.fetch(uris, session, tell=tell, wait=wait)
        _believe([row for rows in answers.values() for row in rows])
        with library.transaction():
            for candidate in request.tracks:
                rows = answers.get(str(candidate.track.uri), [])
                taken, why = _features(candidate, rows, instrumentalness)
                refused += why
                found += bool(taken)
                unknown += not rows
                if taken:
                    library.set_features(candidate.track.id, taken, "imported")
                memory.keep(candidate.track.id, today, sorted(taken))
        asked += len(uris)
        progress(asked, total, reccobeats.NAME)
    lacking = sum(
        each.track.uri is not None and each.features.energy is None for each in library.candidates()
    )
    return FeaturesReport(reccobeats.NAME, asked, found, unknown, tuple(refused), lacking)


def _believe(rows: Sequence[Mapping[str, Any]]) -> None:
    """Reject answers that can't have been measured: one value for all, shares outside 0 to 1, no numbers.

    Raises
    ------
    ServiceError
        Raised before any of them is stored.
    """
    numbers = {
        name: [
            float(row[name])
            for row in rows
            if isinstance(row.get(name), (int, float)) and not isinstance(row.get(name), bool)
        ]
        for name in (*WANTED, *SHARES)
    }
    odd = ""
    for name in WANTED:
        if len(numbers[name]) >= ENOUGH and len(set(numbers[name])) == 1:
            odd = f"all {len(numbers[name])} tracks have the {name} {numbers[name][0]:g}"
    for name in SHARES:
        outside = [value for value in numbers[name] if not 0 <= value <= 1]
        if outside:
            odd = f"{name} is {outside[0]:g}, outside 0 to 1"
    if rows and not any(numbers[name] for name in WANTED):
        odd = "no answer holds a number for energy, tempo or loudness"
    if odd:
        raise ServiceError(
            f"the answers of {reccobeats.NAME} don't look measured ({odd}); this request's answers were rejected, "
            "earlier answers are kept"
        )


def _features(
    candidate: Candidate, rows: Sequence[Mapping[str, Any]], instrumentalness: bool
) -> tuple[dict[str, object], list[str]]:
    """The features that a track lacks and the rows give, on our scales; and why rows were rejected."""
    track = candidate.track
    named = " - ".join(word for word in (track.artist, track.title) if word) or str(track.uri)
    same = [row for row in rows if _agrees(track.isrc, row.get("isrc"))]
    if rows and not same:
        given = ", ".join(str(row.get("isrc"))[:20] for row in rows)
        return {}, [f"{named}: rejected, the answer is for recording {given}, ours is {track.isrc}"]
    read = [
        each.features
        for row in same
        for each in table.parse(
            json.dumps([{**row, "id": None, "uri": track.uri, "isrc": None}]),
            reccobeats.NAME,
            energy="spotify",
            instrumentalness=instrumentalness,
            repeats=True,
        ).rows
    ]
    if any(each != read[0] for each in read):
        return {}, [f"{named}: rejected, its {len(read)} answers contradict each other"]
    told = read[0] if read else {}
    lacks = {
        name: value
        for name, value in told.items()
        if getattr(candidate.features, name) in (None, "unknown") and value != "unknown"
    }
    return lacks, []


def _agrees(ours: str | None, theirs: object) -> bool:
    """Whether two ISRCs can be of one recording."""
    if ours is None or not isinstance(theirs, str) or not theirs:
        return True
    return ours == "".join(letter for letter in theirs.upper() if letter.isalnum())
