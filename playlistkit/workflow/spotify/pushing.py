"""Write a plan as a playlist of the account."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from playlistkit.arguments import checks_arguments
from playlistkit.errors import InputError
from playlistkit.figures import counted
from playlistkit.library import Library
from playlistkit.model import Plan, Slot, Track
from playlistkit.spotify import push as spotify_push
from playlistkit.spotify.client import Client
from playlistkit.spotify.push import Pushed
from playlistkit.workflow.library import opened
from playlistkit.workflow.spotify.account import Progress, Tell, signed_in
from playlistkit.workflow.spotify.matching import track_name

__all__ = ["PushReport", "playable", "push"]


@dataclass(frozen=True, slots=True)
class PushReport:
    """The result of a push, and what to do before the session."""

    pushed: Pushed
    replaced: tuple[str, ...]
    """Tracks that are not on Spotify and what replaces them, in words."""
    private: str
    """What "private" means at Spotify."""
    settings: tuple[str, ...]
    """What to set in the player."""
    licences: str
    """What playing it needs."""


@checks_arguments
def push(
    plan: Plan,
    library: Library | None = None,
    *,
    name: str | None = None,
    update: str | None = None,
    missing: Literal["stop", "reserve", "skip"] = "stop",
    cover: bool = False,
    private_words: Iterable[str] = (),
    progress: Progress = lambda *_: None,
    tell: Tell = lambda _: None,
    client: Client | None = None,
) -> PushReport:
    """Write a plan as a playlist, once, and read it back.

    Parameters
    ----------
    plan : Plan
    library : Library, optional
        Gives the URIs of tracks matched since the plan was made, and the clients' aliases.
    name : str, optional
        By default the plan's.
    update : str, optional
        Id, URI or address of your playlist whose content to replace.
    missing : {"stop", "reserve", "skip"}
        For tracks that are not on Spotify: refuse, take the plan's reserve of the same phase that is nearest in
        length, or leave them out. All of it is reported.
    cover : bool
        Give it a picture of the arc.
    private_words : iterable of str
        Words that, like the clients' aliases, must not be in the name or the description.
    progress, tell : callable
        As for `pull`.
    client : Client, optional

    Returns
    -------
    PushReport

    Raises
    ------
    InputError
        If tracks are missing and not replaced, or the name contains a client's alias.
    SpotifyError
        If Spotify refuses, fails or asks for a long pause; the same call carries on from there.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> report = pk.push(plan, name="Tuesday", missing="reserve")  # doctest: +SKIP
    """
    if library is not None:
        opened(library)
    tracks, replaced = playable(plan, library, missing)
    words = list(private_words)
    if library is not None:
        words += [each.alias for each in library.clients.list()]
    client = client or signed_in(tell)
    store = client.authorization.store
    pushed = spotify_push.push(
        client,
        plan,
        tracks,
        state=store.folder / f"{store.name}-playlists.json",
        name=name,
        update=update,
        cover=_picture(plan) if cover else None,
        private_words=words,
        progress=progress,
    )
    overlap = plan.session.overlap if plan.session.overlap is not None else plan.template.rules.overlap
    return PushReport(
        pushed,
        replaced,
        spotify_push.PRIVATE,
        tuple(line.format(overlap=f"{overlap:g}") for line in spotify_push.SETTINGS),
        spotify_push.LICENCES,
    )


def playable(
    plan: Plan, library: Library | None, missing: Literal["stop", "reserve", "skip"]
) -> tuple[list[Track], tuple[str, ...]]:
    """The tracks of a plan and its tail that Spotify can play, and what was done about the others, in words.

    Raises
    ------
    InputError
        If some are not on Spotify, and `missing` is "stop" or no reserve is there either.
    """
    slots = plan.slots + plan.tail
    used = {uri for slot in slots if (uri := _uri(slot.track, library)) is not None}
    tracks: list[Track] = []
    told: list[str] = []
    lacking: list[str] = []
    for number, slot in enumerate(slots, 1):
        uri = _uri(slot.track, library)
        if uri is not None:
            tracks.append(dataclasses.replace(slot.track, uri=uri))
            continue
        what = f"track {number}, {track_name(slot.track)} in {slot.phase!r}, is not on Spotify"
        if missing == "skip":
            told.append(f"{what}: left out; {_clock(slot.duration)} of the session are missing")
            continue
        stand_in = _reserve(plan, slot, library, used) if missing == "reserve" else None
        if stand_in is None:
            lacking.append(what)
            continue
        used.add(str(stand_in.uri))
        tracks.append(stand_in)
        longer = stand_in.duration - slot.track.duration
        told.append(
            f"{what}: {track_name(stand_in)} stands in, {_clock(abs(longer))} {'longer' if longer > 0 else 'shorter'}"
        )
    if lacking:
        why = "and no reserve of their phase is" if missing == "reserve" else "so nothing was pushed"
        raise InputError(
            "\n".join(lacking[:20])
            + (f"\n... and {len(lacking) - 20} more" if len(lacking) > 20 else "")
            + f"\n{counted(len(lacking), 'track')} can't be played there, {why}. `spotify match` looks for such tracks, "
            "`build --for spotify` plans without them, `push --missing reserve` or `skip` pushes anyway"
        )
    return tracks, tuple(told)


def _uri(track: Track, library: Library | None) -> str | None:
    """The track's URI, from the plan or the library."""
    if track.uri is not None or library is None:
        return track.uri
    try:
        return library.get(track.id).track.uri  # by any id it ever had
    except InputError:
        return None


def _reserve(plan: Plan, slot: Slot, library: Library | None, used: set[str]) -> Track | None:
    """The reserve of the slot's phase nearest in length that is not yet in the playlist."""
    phase = slot.phase if slot.phase in plan.reserves else plan.phases[-1].name if plan.phases else ""
    choices = [
        dataclasses.replace(each.track, uri=uri)
        for each in plan.reserves.get(phase, ())
        if (uri := _uri(each.track, library)) is not None and uri not in used
    ]
    return min(choices, key=lambda each: abs(each.duration - slot.track.duration), default=None)


def _picture(plan: Plan) -> bytes:
    """The arc as a square JPEG for Spotify, without a title, which might reveal more than the playlist's name."""
    from playlistkit.report import arc_figure

    figure = arc_figure(plan, title=False)
    figure.set_size_inches(6.4, 6.4)
    for quality in (90, 75, 50):
        stream = io.BytesIO()
        figure.savefig(stream, format="jpeg", dpi=100, pil_kwargs={"quality": quality})
        if len(stream.getvalue()) * 4 // 3 < spotify_push.LARGEST_COVER:
            break
    return stream.getvalue()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
