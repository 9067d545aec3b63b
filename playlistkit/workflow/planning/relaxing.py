"""Ways out of a shortfall, mildest first, each with what it gives up and may bring."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from playlistkit import objective, planner
from playlistkit.library import Library
from playlistkit.model import Diagnosis, Rule, Session, Template
from playlistkit.template.relaxing import (
    OF_A_PHASE,
    OF_THE_WHOLE,
    RELAXABLE,
    every_rule,
    given_up,
    relaxed,
    rule_of,
    text_of,
)
from playlistkit.workflow.planning import build

__all__ = ["Undecided", "Way", "enough", "rule_texts", "undecided", "ways_out"]

MOST_STEPS = 4
"""Most steps to relax a rule before concluding that only a best effort will do."""


@dataclass(frozen=True, slots=True)
class Way:
    """Something that would fill the session or help to."""

    what: str
    """What it does, as the label of a button."""
    gives_up: str
    """A sentence: what it costs."""
    minutes: float | None = None
    """Most minutes it may bring; `None` if enough."""
    give_up: tuple[str, ...] = ()
    """For `Choices.give_up`."""
    shorter: Mapping[str, float] = field(default_factory=dict)
    """For `Choices.minutes`."""
    best_effort: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """Tracks that only an undecided voice keeps out of a phase that lacks music."""

    tracks: tuple[str, ...]
    """Their ids, those that may fill most of what is lacking first."""
    minutes: float


def ways_out(
    template: Template, why: Diagnosis, suffices: Sequence[str] = (), *, allow_repeats: bool = False
) -> list[Way]:
    """What can be done about a shortfall, mildest first.

    Parameters
    ----------
    template : Template
        As planned: with its variants, minutes and relaxed rules.
    why : Diagnosis
    suffices : sequence of str
        The result of `enough`.
    allow_repeats : bool
        Whether the client's earlier tracks are already allowed.
    """
    ways = []
    shorter = _shorter(template, why)
    if shorter:
        words = ", ".join(f"{name} {minutes:g} min" for name, minutes in shorter.items())
        ways.append(Way(f"Take the shorter minutes: {words}", "The session gets shorter.", shorter=shorter))
    if suffices:
        does = [_does(template, each) for each in suffices]
        costs = dict.fromkeys(RELAXABLE[rule_of(each).name].costs for each in suffices)
        ways.append(
            Way(
                "; ".join([does[0], *(_lower(each) for each in does[1:])]),
                " ".join(costs),
                give_up=tuple(suffices),
            )
        )
    for rule, brought in why.gains:
        text = text_of(rule)
        if [text] == [text_of(rule_of(each)) for each in suffices] or (rule.name == "used" and allow_repeats):
            continue
        if rule.name == "used" or relaxed(template, [text]) != template:
            costs_of = RELAXABLE[rule.name].costs
            ways.append(Way(_does(template, text), costs_of, minutes=brought, give_up=(text,)))
    if why.relaxation:
        ways.append(
            Way(
                "Build the best plan anyway",
                f"It gives up {given_up(why.relaxation)}, as little as possible, and marks each track that breaks a rule.",
                best_effort=True,
            )
        )
    return ways


def undecided(library: Library, session: Session, why: Diagnosis, client: str | None = None) -> Undecided:
    """The undecided voices that keep music out of phases that lack it."""
    arc = objective.Arc(session.template)
    candidates = build.candidates(library, session, client)
    if not candidates:
        return Undecided((), 0.0)
    rules = objective.eligibility(
        session, arc, candidates, objective.heard_by_phase(session, arc, candidates.table)
    )
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
    """Phases' minutes if they were as short as their music; empty if the template doesn't allow that."""
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


def enough(
    library: Library, session: Session, why: Diagnosis, client: str | None = None, given: Sequence[str] = ()
) -> tuple[str, ...]:
    """The rules to relax besides those `given`, each as little as possible; empty if nothing small is enough.

    Relaxes each rule that `why` names by a few steps, then tightens each again as long as there is still a plan.

    Parameters
    ----------
    session : Session
        As asked for, without the rules already relaxed.
    given : sequence of str
        The rules already relaxed, as for `Choices.give_up`.
    """
    rules = why.relaxation
    if not rules:
        return ()
    candidates = build.candidates(library, session, client)

    def would_do(steps: Mapping[Rule, int]) -> bool:
        return planner.fills(_given_up(session, [*given, *_texts(steps)]), candidates)

    steps = next((each for n in range(1, MOST_STEPS + 1) if would_do(each := dict.fromkeys(rules, n))), None)
    if steps is None:
        return ()
    for rule in sorted(rules, key=lambda each: -RELAXABLE[each.name].weight):
        while steps[rule] and would_do({**steps, rule: steps[rule] - 1}):
            steps[rule] -= 1
    after = relaxed(session.template, [*given, *_texts(steps)])
    values = [text_of(rule, after) for rule in rules if steps[rule]]
    # show the value if it says more to a reader than the steps
    same = relaxed(session.template, [*given, *values]) == after
    return tuple(values if same else _texts(steps))


def rule_texts(template: Template) -> list[str]:
    """The rules that may be relaxed, each with its present value."""
    return [text_of(rule, template) for rule in every_rule(template.phases)]


def _texts(steps: Mapping[Rule, int]) -> list[str]:
    return [text_of(rule) for rule, count in steps.items() for _ in range(count)]


def _given_up(session: Session, texts: Sequence[str]) -> Session:
    """The session with rules relaxed, as `build` would make it."""
    used = frozenset[str]() if "used" in texts else session.used_tracks
    return replace(session, template=relaxed(session.template, texts), used_tracks=used)


def _does(template: Template, text: str) -> str:
    """What relaxing a rule does, as the label of a button."""
    rule, after = rule_of(text), relaxed(template, [text])
    if rule.name in OF_THE_WHOLE:
        return OF_THE_WHOLE[rule.name].does(template, after)
    before, then = (next(p for p in each.phases if p.name == rule.phase) for each in (template, after))
    return OF_A_PHASE[rule.name].does(before, then)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
