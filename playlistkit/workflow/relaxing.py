"""What a therapist can do about a shortfall: ways out, cheapest first, each with what it gives up and may bring."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from playlistkit import objective
from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.model import Diagnosis, Rule, Session, Template
from playlistkit.planner import given_up
from playlistkit.workflow import build
from playlistkit.workflow.relaxed import relaxed, text_of

__all__ = ["Undecided", "Way", "undecided", "ways_out"]


@dataclass(frozen=True, slots=True)
class Way:
    """Something that would fill the session, or help to."""

    what: str
    """What it does, as a button says it."""
    gives_up: str
    """What that costs, in a sentence."""
    minutes: float | None = None
    """What it may bring at most; `None`: enough."""
    give_up: tuple[str, ...] = ()
    """For `Choices.give_up`."""
    shorter: Mapping[str, float] = field(default_factory=dict)
    """For `Choices.minutes`."""
    best_effort: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """The tracks that only an undecided voice keeps out of a phase that lacks music."""

    tracks: tuple[str, ...]
    """Ids, those first that may stand in most of what is lacking."""
    minutes: float


def ways_out(template: Template, why: Diagnosis, *, allow_repeats: bool = False) -> list[Way]:
    """What could be done about a shortfall, the mildest first.

    Parameters
    ----------
    template : Template
        As it was to be planned: with its variants, minutes and what was given up.
    why : Diagnosis
    allow_repeats : bool
        Whether earlier tracks of the client were allowed already.
    """
    ways = []
    shorter = _shorter(template, why)
    if shorter:
        words = ", ".join(f"{name} {minutes:g} min" for name, minutes in shorter.items())
        ways.append(Way(f"Take the shorter minutes: {words}", "The session gets shorter.", shorter=shorter))
    for rule, brought in why.gains:
        step = _step(template, rule)
        if step is not None and not (rule.name == "used" and allow_repeats):
            what, gives_up = step
            ways.append(Way(what, gives_up, minutes=brought, give_up=(text_of(rule),)))
    if why.relaxation:
        ways.append(
            Way(
                "Build the best plan all the same",
                f"It gives up {given_up(why.relaxation)}, as little as can be, and marks each track that bends a rule.",
                best_effort=True,
            )
        )
    return ways


def undecided(library: Library, session: Session, why: Diagnosis, client: str | None = None) -> Undecided:
    """Which voices to decide so that phases that lack music may have more."""
    arc = objective.Arc(session.template)
    candidates = build.candidates(library, session, client)
    if not candidates:
        return Undecided((), 0.0)
    table = objective.Table.of([each.track for each in candidates], [each.features for each in candidates])
    rules = objective.eligibility(session, arc, candidates, table)
    would = rules.allowed(unknown_voice=True) & ~rules.allowed() & rules.unknown_voice
    lacking = {each.phase: each.lacking for each in why.supply}
    weights = [max(lacking.get(phase.name, 0.0), 0.0) for phase in arc.phases]
    found: dict[str, tuple[float, float]] = {}
    for phase, weight in enumerate(weights):
        if weight <= 0:
            continue
        for row in would[phase].nonzero()[0]:
            track = candidates[row].track
            so_far = found.get(track.id, (0.0, track.duration / 60))
            found[track.id] = (so_far[0] + weight, so_far[1])
    order = sorted(found, key=lambda key: (-found[key][0], key))
    return Undecided(tuple(order), sum(minutes for _, minutes in found.values()))


def _shorter(template: Template, why: Diagnosis) -> dict[str, float]:
    """The minutes that phases would have if they were as short as their music; empty where that is not allowed."""
    shorter = {}
    by_name = {phase.name: phase for phase in template.phases}
    for each in why.supply:
        phase = by_name[each.phase]
        if each.lacking <= 0:
            continue
        minutes = math.floor(phase.minutes.default - each.lacking)
        if minutes < phase.minutes.least:
            return {}
        shorter[phase.name] = float(minutes)
    return shorter


def _step(template: Template, rule: Rule) -> tuple[str, str] | None:
    """What a step of relaxing a rule does, and what it gives up; `None` where nothing is left to relax."""
    try:
        after = relaxed(template, [text_of(rule)])
    except InputError:
        return None
    if rule.name == "used":
        return "Let tracks of earlier sessions come again", "The client may hear what was heard before."
    if after == template:
        return None
    if rule.name == "track_minutes":
        low, high = after.rules.track_minutes.low or 0.0, after.rules.track_minutes.high or 0.0
        return f"Take tracks of {low:.1f} to {high:.0f} min", "Very short and very long tracks may stand."
    if rule.name == "artist":
        most = after.rules.artist_max
        return f"Allow {most} tracks of one artist", "One artist may colour more of the session."
    phase = next(each for each in template.phases if each.name == rule.phase)
    then = next(each for each in after.phases if each.name == rule.phase)
    name = phase.name
    steps = {
        "energy": (
            f"Widen the energy of {name} from ±{phase.energy_tolerance:g} to ±{then.energy_tolerance:g}",
            "Tracks may lie further from the arc.",
        ),
        "vocals": (
            f"Allow {'any voice' if then.vocals == 'any' else 'wordless voice'} in {name}",
            "Somebody may speak or sing words there."
            if then.vocals == "any"
            else "Somebody may sing there, without words.",
        ),
        "brightness": (f"Allow any brightness in {name}", "Brighter, sharper sound may stand there."),
        "percussiveness": (
            f"Allow any percussiveness in {name}",
            "Drums and plucked sounds may stand there.",
        ),
        "loudness_range": (f"Allow any dynamics in {name}", "Music that swells and falls may stand there."),
        "last_session": (
            f"Let {name} draw on all music",
            "It is no longer only what was heard last time.",
        ),
    }
    return steps.get(rule.name)
