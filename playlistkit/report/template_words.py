"""A template as lines of plain text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from playlistkit.facts.fact import within
from playlistkit.model import (
    Phase,
    Range,
    Template,
)
from playlistkit.template.keys import JOIN, PHASE, RULES

__all__ = ["template_lines"]

REPEATS = {
    "allowed": "tracks from the client's earlier sessions may be repeated",
    "last session": "only tracks of the client's last session, in order, if one is remembered",
}

TOLD_OF_PHASES = {
    "name", "stands_for", "minutes", "energy", "energy_tolerance", "tempo", "loudness", "loudness_range", "vocals",
    "brightness", "percussiveness", "music", "hold", "repeats", "note", "evidence",
}  # fmt: skip
TOLD_OF_RULES = {"join", "track_minutes", "artist", "boundary_tolerance", "tail_minutes", "evidence"}
TOLD_OF_JOINS = {"loudness_up", "loudness_up_limit", "loudness_down_limit", "energy_step_limit"}
"""Keys that `template_lines` puts into words; others are shown as written."""


def template_lines(template: Template) -> Iterator[str]:
    """A template as lines of plain text."""
    yield f"{template.name} ({template.id}), {template.minutes:g} min"
    if template.zero:
        yield f"Zero: {template.zero}"
    if template.note:
        yield template.note
    if not template.build:
        return
    for phase in template.phases:
        yield ""
        yield from _phase_lines(phase)
    rules, join = template.rules, template.rules.join
    yield ""
    yield "In the whole session"
    yield f"  a join        rises at most {join.loudness_up_limit:g} LU (wished: {join.loudness_up:g}), falls at most "
    yield f"                {join.loudness_down_limit:g} LU; energy steps at most {join.energy_step_limit:g}"
    yield f"  tracks        {_between(rules.track_minutes, 'min')}"
    yield f"  an artist     at most {rules.artist_max} times, {rules.artist_apart_minutes:g} min apart where possible"
    yield f"  a phase       ends within {rules.boundary_tolerance:g} s of its minute"
    yield f"  tail          {rules.tail_minutes:g} min after the end"
    yield from _other_lines(RULES.write(rules), TOLD_OF_RULES)
    yield from (f"  a join: {line.strip()}" for line in _other_lines(JOIN.write(join), TOLD_OF_JOINS))
    if template.variants:
        yield ""
        yield "Variants (--variant NAME)"
        for variant in template.variants:
            yield f"  {variant.name:20}  {variant.note or ''}".rstrip()
    if template.sources:
        yield ""
        yield f"Sources: {', '.join(template.sources)} (see docs/evidence.md)"


def _phase_lines(phase: Phase) -> Iterator[str]:
    """One phase as lines of text."""
    minutes = phase.minutes
    stands = f", stands for {phase.stands_for}" if phase.stands_for not in ("", phase.name) else ""
    optional = ", may be left out" if phase.music == "optional" else ""
    yield (f"{phase.name}{stands}: {minutes.default:g} min ({minutes.least:g} to {minutes.most:g}{optional})")
    if phase.note:
        yield f"  {phase.note}"
    points = ", ".join(f"{energy:g} at {fraction:.0%}" for fraction, energy in phase.energy)
    yield f"  energy        {points}; within {phase.energy_tolerance:g}"
    if phase.tempo:
        yield f"  tempo         {phase.tempo[0]:g} to {phase.tempo[1]:g} BPM, where there is a beat"
    if phase.loudness is not None:
        yield f"  loudness      {phase.loudness:g} LUFS"
    yield f"  voice         {phase.vocals}" + (
        f"; {phase.vocals_beyond} in up to {phase.vocals_share:.0%} of its minutes"
        if phase.vocals_share
        else ""
    )
    for name, limits in (("brightness", phase.brightness), ("percussive", phase.percussiveness)):
        if limits != Range():
            yield f"  {name:12}  {_between(limits)}"
    if phase.loudness_range != Range():
        yield f"  dynamics      {_between(phase.loudness_range, 'LU')}"
    if phase.hold:
        hold, note = phase.hold, f" ({phase.hold.note})" if phase.hold.note else ""
        yield (
            f"  hold          no rise of more than {hold.rise_minutes:g} min from minute "
            f"{max(hold.minute - hold.around, 0):g} to {hold.minute + hold.around:g}{note}"
        )
    if phase.repeats != "never":
        yield f"  repeats       {REPEATS[phase.repeats]}"
    yield from _other_lines(PHASE.write(phase), TOLD_OF_PHASES)


def _other_lines(written: Mapping[str, object], told: Collection[str]) -> Iterator[str]:
    """The template's other keys, each on a line as written."""
    for key, value in written.items():
        if key not in told:
            yield f"  {key.replace('_', ' '):12}  {_as_written(value)}"


def _as_written(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_as_written(inner)}" for key, inner in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _between(limits: Range, unit: str = "") -> str:
    """A range in words."""
    return f"{within(limits.low, limits.high)} {unit}".rstrip()
