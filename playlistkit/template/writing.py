"""A `Template` back to the YAML's own shape, and a YAML text as a copy to change."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields

from playlistkit.model import Hold, JoinRules, Minutes, Phase, Range, Rules, Template, Variant
from playlistkit.template.reading import parse

__all__ = ["commented_copy", "dump"]

_COPY_HEAD = """\
# {copy}: your copy of "{source}".
#
# Change what you like; docs/templates.md explains each key. Then:
#   playlistkit templates check {copy}.yaml     tells all faults at once, and what is odd
#   playlistkit build {copy}.yaml -o session.m3u8
# Under `evidence`, write `judgement` beside what you changed: the source no longer says your number.
# Below is the original with its own comments.

"""


def commented_copy(text: str, name: str) -> str:
    """A template's text as a copy to change: the source's comments kept, its name told apart, no id.

    Parameters
    ----------
    text : str
        The YAML of a template.
    name : str
        What the copy is called: its file's name without the suffix.

    Raises
    ------
    TemplateError
        If the text has faults.
    """
    source = parse(text, name).name
    renamed = json.dumps(f"{source}, my version", ensure_ascii=False)
    copy = re.sub(r"^name:.*$", lambda _: f"name: {renamed}", text, count=1, flags=re.MULTILINE)
    copy = re.sub(r"^id:.*\n", "", copy, count=1, flags=re.MULTILINE)
    return _COPY_HEAD.format(copy=name, source=source) + copy


def dump(template: Template) -> dict[str, object]:
    """A template as plain values in the shape of the YAML, which `load` reads back to an equal one.

    What equals its default is left out, and whole numbers are written without a point.
    """
    values: dict[str, object] = {"name": template.name}
    if template.id:
        values["id"] = template.id
    values |= _given(zero=template.zero, note=template.note)
    if not template.build:
        values["build"] = False
    values["phases"] = [_phase(phase) for phase in template.phases]
    if rules := _rules(template.rules):
        values["rules"] = rules
    if template.variants:
        values["variants"] = {variant.name: _variant(variant) for variant in template.variants}
    if template.sources:
        values["sources"] = list(template.sources)
    return values


def _phase(phase: Phase) -> dict[str, object]:
    default = Phase(phase.name, phase.minutes, phase.energy)
    values: dict[str, object] = {"name": phase.name}
    if phase.stands_for != phase.name:
        values["stands_for"] = phase.stands_for
    values["minutes"] = _minutes(phase.minutes)
    values["energy"] = _energy(phase.energy)
    if phase.energy_tolerance != default.energy_tolerance:
        values["energy_tolerance"] = _number(phase.energy_tolerance)
    if phase.tempo is not None:
        values["tempo"] = [_number(phase.tempo[0]), _number(phase.tempo[1])]
    if phase.loudness is not None:
        values["loudness"] = _number(phase.loudness)
    if phase.loudness_range != Range():
        values["loudness_range"] = _range(phase.loudness_range)
    if phase.vocals_share:
        values["vocals"] = {
            "allow": phase.vocals,
            "beyond": phase.vocals_beyond,
            "share": _number(phase.vocals_share),
        }
    elif phase.vocals != default.vocals:
        values["vocals"] = phase.vocals
    for key, bounds in (("brightness", phase.brightness), ("percussiveness", phase.percussiveness)):
        if bounds != Range():
            values[key] = _range(bounds)
    if phase.boundary_tolerance is not None:
        values["boundary_tolerance"] = _number(phase.boundary_tolerance)
    if phase.album_runs:
        values["album_runs"] = True
    if phase.repeats != default.repeats:
        values["repeats"] = phase.repeats
    if phase.music != "on":
        values["music"] = phase.music
    if phase.hold is not None:
        values["hold"] = _hold(phase.hold)
    return values | _given(note=phase.note) | _evidence(phase.evidence)


def _rules(rules: Rules) -> dict[str, object]:
    default = Rules()
    values: dict[str, object] = {}
    join = {
        each.name: _number(getattr(rules.join, each.name))
        for each in fields(JoinRules)
        if getattr(rules.join, each.name) != getattr(default.join, each.name)
    }
    if join:
        values["join"] = join
    if rules.track_minutes != default.track_minutes:
        values["track_minutes"] = _range(rules.track_minutes)
    artist: dict[str, object] = {}
    if rules.artist_max != default.artist_max:
        artist["max"] = rules.artist_max
    if rules.artist_apart_minutes != default.artist_apart_minutes:
        artist["apart_minutes"] = _number(rules.artist_apart_minutes)
    if artist:
        values["artist"] = artist
    for key in ("overlap", "tail_minutes", "boundary_tolerance"):
        if getattr(rules, key) != getattr(default, key):
            values[key] = _number(getattr(rules, key))
    return values | _evidence(rules.evidence)


def _variant(variant: Variant) -> dict[str, object]:
    values = _given(note=variant.note)
    if variant.energy:
        values["energy"] = _number(variant.energy)
    for key in (
        "energy_max", "tempo_max", "brightness_max", "percussiveness_max", "loudness_range_max", "loudness_up",
    ):  # fmt: skip
        limit = getattr(variant, key)
        if limit is not None:
            values[key] = _number(limit)
    values |= _given(vocals=variant.vocals)
    if variant.minutes:
        values["minutes"] = {phase: _number(minutes) for phase, minutes in variant.minutes.items()}
    if variant.hold_rise_minutes is not None:
        values["hold_rise_minutes"] = _number(variant.hold_rise_minutes)
    return values | _evidence(variant.evidence)


def _minutes(minutes: Minutes) -> object:
    if (minutes.least, minutes.most) == (minutes.default / 2, minutes.default * 1.5):
        return _number(minutes.default)
    return {
        "default": _number(minutes.default),
        "min": _number(minutes.least),
        "max": _number(minutes.most),
    }


def _energy(points: tuple[tuple[float, float], ...]) -> object:
    if [fraction for fraction, _ in points] != [0, 1]:
        return [[_number(fraction), _number(energy)] for fraction, energy in points]
    start, end = points[0][1], points[1][1]
    return _number(start) if start == end else [_number(start), _number(end)]


def _hold(hold: Hold) -> object:
    if hold == Hold(hold.minute):
        return _number(hold.minute)
    values: dict[str, object] = {"minute": _number(hold.minute), "around": _number(hold.around)}
    if hold.rise_minutes != Hold(hold.minute).rise_minutes:
        values["rise_minutes"] = _number(hold.rise_minutes)
    return values | _given(note=hold.note)


def _range(bounds: Range) -> dict[str, object]:
    sides = (("min", bounds.low), ("max", bounds.high))
    return {side: _number(value) for side, value in sides if value is not None}


def _given(**values: str | None) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}


def _evidence(evidence: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    if not evidence:
        return {}
    return {"evidence": {key: tags[0] if len(tags) == 1 else list(tags) for key, tags in evidence.items()}}


def _number(value: float) -> float:
    return int(value) if value == int(value) else value
