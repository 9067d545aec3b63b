"""Find what is legal in a template but probably not meant."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise

from playlistkit.model import PHASES, Finding, Phase, Place, Range, Rules, Template
from playlistkit.template.variants import vary

__all__ = ["oddities"]

JUMP = 0.10  # energy between the end of one phase and the beginning of the next that passes for one curve
RISE_IN_HOLD = 0.05  # energy
NARROWEST_ENERGY = 0.04  # a band that a twenty-fifth of the reference tracks lies in
DARKEST = 0.05  # brightness and percussiveness, as shares of the reference music that lie below
LEAST_PERCUSSIVE = 0.03
EVENEST = 2.0  # LU; drones reach that, little else
NARROWEST_TEMPO = 8.0  # BPM
LOUD = -14.0  # LUFS, where streaming services put pop music


def oddities(template: Template) -> list[Finding]:
    """What is legal but odd, in the template's order; nothing for templates that are never built."""
    if not template.build:
        return []
    found: list[Finding] = []
    for phase in template.phases:
        found += [
            Finding(kind, Place("phase", phase.name), text)
            for kind, text in _odd_phase(phase, template.rules)
        ]
    for before, after in pairwise(template.phases):
        where = Place("phase", after.name)
        found += [Finding(kind, where, text) for kind, text in _odd_boundary(before, after, template.rules)]
    found += [Finding(kind, where, text) for kind, where, text in _odd_whole(template)]
    return found


def _odd_phase(phase: Phase, rules: Rules) -> Iterator[tuple[str, str]]:
    low = max(0.0, min(level for _, level in phase.energy) - phase.energy_tolerance)
    high = min(1.0, _highest(phase) + phase.energy_tolerance)
    if high - low < NARROWEST_ENERGY:
        yield (
            "energy",
            f"only tracks of energy {low:.2f} to {high:.2f} fit, which hardly any library has; "
            "widen energy or energy_tolerance",
        )
    shortest = rules.track_minutes.low
    if shortest is not None and phase.minutes.default < shortest:
        yield (
            "minutes",
            f"{phase.minutes.default:g} minutes hold no track of at least {shortest:g}; "
            "lengthen the phase, join it to its neighbour, or lower track_minutes: min",
        )
    yield from _odd_sound(phase)
    tolerance = phase.boundary_tolerance or rules.boundary_tolerance
    if tolerance > phase.minutes.default * 30:
        yield (
            "boundary",
            f"its end may be off by {tolerance:g} seconds, more than half of its {phase.minutes.default:g} minutes, "
            "so the phase might vanish; lower boundary_tolerance",
        )
    yield from _odd_hold(phase)


def _odd_sound(phase: Phase) -> Iterator[tuple[str, str]]:
    for key, bounds, least in (
        ("brightness", phase.brightness, DARKEST),
        ("percussiveness", phase.percussiveness, LEAST_PERCUSSIVE),
        ("loudness_range", phase.loudness_range, EVENEST),
    ):
        if bounds.high is not None and bounds.high < least:
            yield (
                key,
                f"{key} of at most {bounds.high:g} leaves almost no track; give at least {least:g}",
            )
        elif _narrow(bounds):
            yield key, f"{key} from {bounds.low:g} to {bounds.high:g} leaves almost no track; widen it"
    if phase.tempo is not None and phase.tempo[1] - phase.tempo[0] < NARROWEST_TEMPO:
        low, high = phase.tempo
        yield "tempo", f"tempo {low:g} to {high:g} is narrow; few tracks with a beat are in it"
    if phase.loudness is not None and phase.loudness > LOUD:
        yield (
            "loudness",
            f"{phase.loudness:g} LUFS is as loud as streamed pop music; such sessions are near -22",
        )


def _narrow(bounds: Range) -> bool:
    return bounds.low is not None and bounds.high is not None and bounds.high - bounds.low < NARROWEST_ENERGY


def _odd_hold(phase: Phase) -> Iterator[tuple[str, str]]:
    hold = phase.hold
    if hold is None:
        return
    if hold.minute > phase.minutes.default:
        yield (
            "hold",
            f"the hold at minute {hold.minute:g} lies after the phase's {phase.minutes.default:g} minutes, "
            "in the next phase",
        )
        return
    begin = max(0.0, (hold.minute - hold.around) / phase.minutes.default)
    end = min(1.0, (hold.minute + hold.around) / phase.minutes.default)
    rise = _level(phase, end) - _level(phase, begin)
    if rise > RISE_IN_HOLD + 1e-9:
        yield (
            "hold",
            f"the energy rises by {rise:.2f} around the hold at minute {hold.minute:g}; level it there",
        )


def _level(phase: Phase, fraction: float) -> float:
    """The energy that the phase aims at, at a fraction of it."""
    for (early, low), (late, high) in pairwise(phase.energy):
        if fraction <= late:
            return low + (high - low) * (fraction - early) / (late - early)
    return phase.energy[-1][1]


def _odd_boundary(before: Phase, after: Phase, rules: Rules) -> Iterator[tuple[str, str]]:
    jump = after.energy[0][1] - before.energy[-1][1]
    if abs(jump) > JUMP + 1e-9:
        yield (
            "energy",
            f"begins at energy {after.energy[0][1]:g}, but {before.name} ends at {before.energy[-1][1]:g}; "
            "no track can bridge the jump smoothly; let them meet",
        )
    if before.loudness is None or after.loudness is None:
        return
    step = after.loudness - before.loudness
    if step > rules.join.loudness_up:
        yield (
            "loudness",
            f"is {step:g} LU louder than {before.name}, to which the ear is used; "
            f"a join should rise by {rules.join.loudness_up:g} at most",
        )
    elif -step > rules.join.loudness_down:
        yield (
            "loudness",
            f"is {-step:g} LU softer than {before.name}; a join should fall by {rules.join.loudness_down:g} at most",
        )


def _odd_whole(template: Template) -> Iterator[tuple[str, Place, str]]:
    kinds = [phase.stands_for for phase in template.phases if phase.stands_for]
    if kinds != sorted(kinds, key=PHASES.index):
        yield "order", Place("phases"), f"stand for {', '.join(kinds)}; the arc runs {', '.join(PHASES)}"
    peaks = [_highest(phase) for phase in template.phases if phase.stands_for == "peak"]
    for phase in template.phases:
        if peaks and _highest(phase) > max(peaks):
            yield (
                "energy",
                Place("phase", phase.name),
                f"is fuller than the peak, though it stands for {phase.stands_for}",
            )
    if template.rules.tail_minutes == 0:
        yield (
            "tail",
            Place("rules"),
            "tail_minutes 0: it falls silent at the planned end, even if the session runs on",
        )
    for variant in template.variants:
        bare = dataclasses.replace(template, variants=())
        if dataclasses.replace(vary(template, [variant.name]), variants=()) == bare:
            yield "variant", Place("variant", variant.name), "changes nothing in this template"


def _highest(phase: Phase) -> float:
    return max(level for _, level in phase.energy)
