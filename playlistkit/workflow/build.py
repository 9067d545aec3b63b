"""From a template, a library and today's choices to a plan."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from playlistkit import planner
from playlistkit import template as templates
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import Candidate, Pin, Plan, Player, Session, Template
from playlistkit.workflow.templates import load_template

__all__ = ["build", "session"]

Effort = Literal["quick", "normal", "proof"]

MOST_OVERLAP = {"files": 30.0, "spotify": 12.0, "render": 30.0}
"""Seconds of crossfade that each player can be set to."""


def build(
    template: Template | str | os.PathLike[str],
    library: Library,
    *,
    variants: Sequence[str] = (),
    minutes: Mapping[str, float] | None = None,
    pins: Iterable[Pin | str] = (),
    exclude: Iterable[str] = (),
    client: str | None = None,
    client_session: int | None = None,
    allow_repeats: bool = False,
    player: Player = "files",
    overlap: float | None = None,
    seed: int | None = None,
    strict: bool = False,
    best_effort: bool = False,
    effort: Effort = "normal",
    name: str = "",
) -> Plan:
    """Plan a session from the tracks of a library.

    Parameters
    ----------
    template : Template, str or path
        The arc; a path or a shipped name is loaded.
    library : Library
        Where the tracks are.
    variants : sequence of str
        Names of the template's variants to apply; their order doesn't matter.
    minutes : mapping of str to float, optional
        Minutes asked for, by phase, within what the template allows.
    pins : iterable of Pin or str
        Tracks that must be in the plan; a str as on the command line: ``"TRACK"``, ``"TRACK@peak"``,
        ``"TRACK@peak:first"``, ``"TRACK@1:05:00"``.
    exclude : iterable of str
        Tracks (id, path, URI, unique title) or artists to leave out.
    client : str, optional
        An alias on this machine: tracks of its earlier plans are not repeated, its marks hold, and the
        tracks of this plan are remembered for it as a new session. It is in no plan and no exported file.
        A phase that draws on the last session (`repeats: last session`) does so, and such a template is no
        session of its own: it is not remembered.
    client_session : int, optional
        The number of a remembered session of the client that is planned again: its tracks are free again, and
        this plan's replace them.
    allow_repeats : bool
        Use tracks of the client's earlier plans all the same.
    player : {"files", "spotify", "render"}
        What will play it, which decides what is heard.
    overlap : float >= 0, optional
        Seconds of crossfade that the player is set to; by default the template's.
    seed : int, optional
        Chooses among plans within 1 % of the best; without it the best is given.
    strict : bool
        Refuse tracks whose voice is unknown wherever voice is restricted.
    best_effort : bool
        Bend the fewest and mildest rules where the library can't fill the template.
    effort : {"quick", "normal", "proof"}
        How long to search; counted in steps, so that the answer doesn't depend on the machine.
    name : str
        The plan's name; by default the template's.

    Returns
    -------
    Plan

    Raises
    ------
    ShortfallError
        If the library can't fill the template; it carries `.shortfalls`.
    TemplateError, InputError
        If the template or one of the choices is wrong.
    """
    if not isinstance(template, Template):
        template = load_template(template)
    today = session(
        template,
        library,
        variants=variants,
        minutes=minutes,
        pins=pins,
        exclude=exclude,
        client=client,
        client_session=client_session,
        allow_repeats=allow_repeats,
        player=player,
        overlap=overlap,
        seed=seed,
        strict=strict,
        best_effort=best_effort,
        name=name,
    )
    plan = planner.plan(today, candidates(library, today, client), effort=effort)
    if client is not None and not draws_on_last_session(template):
        tracks = [slot.track.id for slot in plan.slots + plan.tail]
        library.clients.remember(client, tracks, session=client_session)
    return plan


def draws_on_last_session(template: Template) -> bool:
    """Whether a template lets a client hear the last session again, so that it is no session of its own."""
    return any(phase.repeats == "last session" for phase in template.phases)


def session(
    template: Template,
    library: Library,
    *,
    variants: Sequence[str] = (),
    minutes: Mapping[str, float] | None = None,
    pins: Iterable[Pin | str] = (),
    exclude: Iterable[str] = (),
    client: str | None = None,
    client_session: int | None = None,
    allow_repeats: bool = False,
    player: Player = "files",
    overlap: float | None = None,
    seed: int | None = None,
    strict: bool = False,
    best_effort: bool = False,
    name: str = "",
) -> Session:
    """The session that `build` plans, its choices checked against template and library. As for `build`."""
    if not template.build:
        raise InputError(f"{template.name}: not assembled automatically. {template.note or ''}".strip())
    check_overlap(overlap, player)
    template = templates.with_minutes(templates.vary(template, tuple(variants)), dict(minutes or {}))
    tracks, artists = _excluded(exclude, library)
    used, last = _heard(library, client, client_session)
    return Session(
        template=template,
        name=name or template.name,
        variants=tuple(variants),
        minutes=dict(minutes or {}),
        pins=tuple(pin if isinstance(pin, Pin) else parse_pin(pin, template, library) for pin in pins),
        excluded_tracks=frozenset(tracks),
        excluded_artists=frozenset(artists),
        used_tracks=frozenset() if allow_repeats else used,
        last_session=last,
        player=player,
        overlap=overlap,
        seed=seed,
        strict=strict,
        best_effort=best_effort,
    )


def check_overlap(overlap: float | None, player: Player) -> None:
    """Refuse an overlap that the player can't be set to.

    Raises
    ------
    InputError
        If it is out of the player's range.
    """
    if overlap is not None and not 0 <= overlap <= MOST_OVERLAP[player]:
        raise InputError(
            f"an overlap of {overlap:g} s can't be played for {player!r}; "
            f"give 0 to {MOST_OVERLAP[player]:g} seconds"
        )


def candidates(library: Library, session: Session, client: str | None = None) -> list[Candidate]:
    """The library's tracks that the session's player can play, with the client's own marks."""
    playable = "uri" if session.player == "spotify" else "path"
    return [each for each in library.candidates(client=client) if getattr(each.track, playable) is not None]


def parse_pin(text: str, template: Template, library: Library) -> Pin:
    """The pin in ``"TRACK"``, ``"TRACK@PHASE"``, ``"TRACK@PHASE:first"`` or ``"TRACK@H:MM:SS"``."""
    name, at, where = text.rpartition("@")
    if not at:
        return Pin(library.resolve(text).track.id)
    phases = [phase.name for phase in template.phases]
    phase, _, place = where.partition(":")
    if phase in phases and place in ("", "first", "last"):
        return Pin(library.resolve(name).track.id, phase=phase, place=place or None)  # type: ignore[arg-type]
    if re.fullmatch(r"(\d+:[0-5]?\d|\d+):[0-5]\d", where):
        return Pin(library.resolve(name).track.id, time=seconds(where))
    try:  # a title may hold an @ of its own
        return Pin(library.resolve(text).track.id)
    except InputError:
        near = difflib.get_close_matches(phase, phases, n=1) or [phases[0]]
        raise InputError(
            f"pin {text!r}: {where!r} is neither a phase of {template.name!r} ({', '.join(phases)}; "
            f"with :first or :last) nor a time such as 1:05:00; did you mean '{name}@{near[0]}'?"
        ) from None


def seconds(clock: str) -> float:
    """Seconds in ``"MM:SS"`` or ``"H:MM:SS"``."""
    total = 0.0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return total


def _heard(
    library: Library, client: str | None, planned_again: int | None
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Ids of what a client's other sessions used, and of the last one before today's in its order."""
    if client is None:
        if planned_again is not None:
            raise InputError(f"session {planned_again} of whom? Name the client as well")
        return frozenset(), ()
    known = {each.alias for each in library.clients.list()}
    sessions = library.clients.sessions(client) if client.strip() in known else []
    numbers = [each.number for each in sessions]
    if planned_again is not None and planned_again not in numbers:
        there = f"there are {', '.join(map(str, numbers))}" if numbers else "there are none yet"
        raise InputError(f"session {planned_again} of this client is not remembered; {there}")
    others = [each for each in sessions if each.number != planned_again]
    earlier = [each.tracks for each in others if planned_again is None or each.number < planned_again]
    used = frozenset(track for each in others for track in each.tracks)
    return used, earlier[-1] if earlier else ()


def _excluded(exclude: Iterable[str], library: Library) -> tuple[set[str], set[str]]:
    """Ids of excluded tracks, and excluded artists as the library writes them."""
    tracks: set[str] = set()
    artists: set[str] = set()
    known: dict[str, str] | None = None
    for text in exclude:
        if known is None:
            known = {
                each.track.artist.casefold(): each.track.artist
                for each in library.candidates()
                if each.track.artist
            }
        if text.casefold() in known:
            artists.add(known[text.casefold()])
        else:
            try:
                tracks.add(library.resolve(text).track.id)
            except InputError as error:
                near = difflib.get_close_matches(text.casefold(), known, n=1)
                hint = f"; did you mean the artist {known[near[0]]!r}?" if near else ""
                raise InputError(f"there is no artist {text!r} to exclude, and {error}{hint}") from None
    return tracks, artists
