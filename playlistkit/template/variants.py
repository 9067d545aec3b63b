"""Today's changes to a template: variants and other minutes. `variant_words` tells what they change."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, get_args

from playlistkit.arguments import checks_arguments
from playlistkit.errors import InputError
from playlistkit.model import Hold, Phase, Range, Template, Variant, VocalsRule
from playlistkit.template.keys import VARIANT
from playlistkit.template.number_shapes import Number
from playlistkit.template.shapes import Key
from playlistkit.template.text_shapes import Word

__all__ = ["CAPS", "chosen_variants", "vary", "with_minutes"]

_STRICTNESS: tuple[VocalsRule, ...] = get_args(VocalsRule)
_SLOWEST = 20.0  # BPM; the lower end of a phase that had no tempo until a variant caps it

CAPS: tuple[Key, ...] = tuple(key for key in VARIANT.keys if key.caps)
"""The keys of a variant that cap a range of the phases."""

Points = tuple[tuple[float, float], ...]


@checks_arguments
def vary(template: Template, names: Iterable[str]) -> Template:
    """A template with variants applied.

    Where two variants differ, the gentler value holds, whatever their order: the lower energy, the lower limit,
    the stricter voice, the longer phase (for a peak, the shorter). A phase's minutes stay within its bounds.
    A variant's `vocals` leaves phases that stand for grounding as they are: words are welcome there.

    Parameters
    ----------
    template : Template
    names : iterable of str
        Names of the template's variants.

    Raises
    ------
    InputError
        If the template has no such variant.

    Examples
    --------
    >>> calmer = pk.vary(pk.load_template("phases"), ["anxious", "first-session"])
    >>> calmer.phases[0].minutes.default
    50.0
    """
    chosen = chosen_variants(template, list(names))
    if not chosen:
        return template
    change = _gentlest(template, chosen)
    join = template.rules.join
    phases = [_changed(phase, change) for phase in template.phases]
    if change.loudness_up is not None:
        join = dataclasses.replace(join, loudness_up=min(join.loudness_up, change.loudness_up))
        phases = _softer(phases, join.loudness_up)
    return dataclasses.replace(
        template,
        phases=_carried(phases),
        rules=dataclasses.replace(template.rules, join=join),
    )


def with_minutes(template: Template, minutes: Mapping[str, float]) -> Template:
    """A template with other minutes for some phases; 0 leaves out a phase whose music is optional.

    Raises
    ------
    InputError
        If there is no such phase, or its bounds don't allow the minutes.
    """
    phases = {phase.name: phase for phase in template.phases}
    for name, asked in minutes.items():
        if name not in phases:
            raise InputError(f"{template.name} has no phase {name!r}{_near(name, phases)}")
        phase = phases[name]
        if asked == 0:
            if phase.music != "optional":
                raise InputError(
                    f"phase {name!r} can't be left out (its music is not optional); "
                    f"give {phase.minutes.least:g} to {phase.minutes.most:g} minutes"
                )
            del phases[name]
        elif phase.minutes.least <= asked <= phase.minutes.most:
            held = dataclasses.replace(phase.minutes, default=float(asked))
            phases[name] = dataclasses.replace(phase, minutes=held)
        else:
            leave_out = ", or 0 to leave it out" if phase.music == "optional" else ""
            raise InputError(
                f"phase {name!r}: {asked:g} minutes are outside its {phase.minutes.least:g} to "
                f"{phase.minutes.most:g}; choose from these{leave_out}, or change the template"
            )
    if not phases:
        raise InputError(f"{template.name}: every phase is left out; keep at least one")
    return dataclasses.replace(template, phases=_carried(phases.values()))


def chosen_variants(template: Template, names: Sequence[str]) -> tuple[Variant, ...]:
    """The template's variants of these names, in its order.

    Raises
    ------
    InputError
        If it has no such variant.
    """
    known = {variant.name: variant for variant in template.variants}
    for name in names:
        if name not in known:
            raise InputError(f"{template.name} has no variant {name!r}{_near(name, known)}")
    return tuple(variant for variant in template.variants if variant.name in names)


def _near(name: str, words: Iterable[str]) -> str:
    known = list(words)
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; it has {', '.join(known)}" if known else "; it has none"


def _gentlest(template: Template, variants: Sequence[Variant]) -> Variant:
    """One variant that asks for the gentlest of what several ask for: the lowest number, the strictest word."""
    minutes: dict[str, float] = {}
    for phase in template.phases:
        asked = [variant.minutes[phase.name] for variant in variants if phase.name in variant.minutes]
        if asked:
            minutes[phase.name] = min(asked) if phase.stands_for == "peak" else max(asked)
    gentlest: dict[str, Any] = {
        "name": " and ".join(variant.name for variant in variants),
        "minutes": minutes,
    }
    defaults = VARIANT.defaults()
    for key in VARIANT.keys:
        asked = [getattr(variant, key.fills) for variant in variants]
        asked = [value for value in asked if value != getattr(defaults, key.fills)]
        if asked and isinstance(key.shape, Number):
            gentlest[key.fills] = min(asked)
        elif asked and isinstance(key.shape, Word):
            gentlest[key.fills] = min(asked, key=key.shape.words.index)
    return Variant(**gentlest)


def _changed(phase: Phase, change: Variant) -> Phase:
    minutes = phase.minutes
    asked = minutes.default + change.minutes.get(phase.name, 0.0)
    least = max(minutes.least, min(1.0, minutes.default))  # a variant shortens a phase, it doesn't drop one
    minutes = dataclasses.replace(minutes, default=min(max(asked, least), minutes.most))
    ceiling = 1.0 if change.energy_max is None else change.energy_max
    energy = tuple(
        (fraction, min(max(round(level + change.energy, 6), 0.0), ceiling))
        for fraction, level in phase.energy
    )
    if phase.hold is not None and change.hold_rise_minutes is not None:
        energy = _levelled(energy, minutes.default, phase.hold, change.hold_rise_minutes)
    capped: dict[str, Any] = {
        key.caps: _capped(getattr(phase, key.caps), getattr(change, key.fills)) for key in CAPS
    }
    changed = dataclasses.replace(
        phase,
        hold=_shorter_rise(phase.hold, change.hold_rise_minutes),
        minutes=minutes,
        energy=energy,
        energy_max=_lower(phase.energy_max, change.energy_max),
        tempo=_slower(phase.tempo, change.tempo_max),
        **capped,
    )
    if change.vocals is None or phase.stands_for == "grounding":
        return changed
    return _quieter_voice(changed, change.vocals)


def _lower(one: float | None, other: float | None) -> float | None:
    """The lower of two limits of which either may not be given."""
    known = [value for value in (one, other) if value is not None]
    return min(known, default=None)


def _shorter_rise(hold: Hold | None, most: float | None) -> Hold | None:
    if hold is None or most is None:
        return hold
    return dataclasses.replace(hold, rise_minutes=min(hold.rise_minutes, most))


def _capped(bounds: Range, most: float | None) -> Range:
    if most is None:
        return bounds
    high = most if bounds.high is None else min(bounds.high, most)
    return Range(None if bounds.low is None else min(bounds.low, high), high)


def _slower(tempo: tuple[float, float] | None, most: float | None) -> tuple[float, float] | None:
    if most is None:
        return tempo
    low, high = tempo or (_SLOWEST, most)
    return min(low, most), min(high, most)


def _quieter_voice(phase: Phase, rule: VocalsRule) -> Phase:
    vocals = min(phase.vocals, rule, key=_STRICTNESS.index)
    beyond = min(phase.vocals_beyond, rule, key=_STRICTNESS.index)
    if not phase.vocals_share or _STRICTNESS.index(beyond) <= _STRICTNESS.index(vocals):
        return dataclasses.replace(phase, vocals=vocals, vocals_share=0.0, vocals_beyond="any")
    return dataclasses.replace(phase, vocals=vocals, vocals_beyond=beyond)


def _softer(phases: Sequence[Phase], most: float) -> list[Phase]:
    """The phases, none more than `most` LU louder than the one before it: a join can be no gentler than its phases."""
    softer: list[Phase] = []
    before: float | None = None
    for phase in phases:
        if phase.loudness is not None and before is not None:
            phase = dataclasses.replace(phase, loudness=min(phase.loudness, before + most))
        before = phase.loudness
        softer.append(phase)
    return softer


def _levelled(points: Points, minutes: float, hold: Hold, most: float) -> Points:
    """The curve without a rise of more than `most` minutes around a hold.

    If it would rise for longer, it goes no higher in this phase than where the hold begins: catching up after the
    reading would be a steep rise of its own.
    """
    begin = max(0.0, (hold.minute - hold.around) / minutes)
    end = min(1.0, (hold.minute + hold.around) / minutes)
    if begin >= end:
        return points
    inside = [
        (begin, _level(points, begin)),
        *((fraction, level) for fraction, level in points if begin < fraction < end),
        (end, _level(points, end)),
    ]
    rising = sum(late - early for (early, low), (late, high) in pairwise(inside) if high > low)
    if rising * minutes <= most + 1e-9:
        return points
    level = inside[0][1]
    before = tuple(point for point in points if point[0] < begin)
    after = tuple((fraction, min(height, level)) for fraction, height in points if fraction > begin)
    return (*before, (begin, level), *after)


def _level(points: Points, fraction: float) -> float:
    """The curve's energy at a fraction of the phase."""
    for (early, low), (late, high) in pairwise(points):
        if fraction <= late:
            return round(low + (high - low) * (fraction - early) / (late - early), 6)
    return points[-1][1]


def _carried(phases: Iterable[Phase]) -> tuple[Phase, ...]:
    """The phases; a hold that now lies beyond its phase's end moves to the phase that it falls into."""
    carried: list[Phase] = []
    late: Hold | None = None
    for phase in phases:
        hold = phase.hold or late
        late = None
        if hold is not None and hold.minute > phase.minutes.default:
            late = dataclasses.replace(hold, minute=hold.minute - phase.minutes.default)
            hold = None
        carried.append(dataclasses.replace(phase, hold=hold))
    return tuple(carried)
