"""A template with rules relaxed by a step, as a therapist chooses where music is lacking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from playlistkit.errors import InputError
from playlistkit.model import Phase, Range, Rule, Template, VocalsRule

__all__ = ["relaxed", "rule_of", "text_of"]

WIDER = 2.0  # times the tolerance of energy
SHORTER, LONGER = 0.6, 1.5  # times the limits on a track's length
MORE_OF_AN_ARTIST = 2
GENTLER_VOICE: Mapping[VocalsRule, VocalsRule] = {"none": "wordless", "wordless": "any", "any": "any"}


def rule_of(text: str) -> Rule:
    """The rule in ``"energy@peak"`` or ``"artist"``."""
    name, _, phase = text.partition("@")
    return Rule(phase, name)


def relaxed(template: Template, rules: Sequence[str]) -> Template:
    """A template with some of its rules relaxed by a step; ``"energy@peak"`` or, for the whole session, ``"artist"``.

    Raises
    ------
    InputError
        If there is no such phase, or the rule is never relaxed.
    """
    for text in rules:
        rule = rule_of(text)
        if rule.phase:
            names = [phase.name for phase in template.phases]
            if rule.phase not in names:
                raise InputError(f"{text!r}: there is no phase {rule.phase!r}; there are {', '.join(names)}")
            phases = tuple(
                _of_phase(phase, rule.name, text) if phase.name == rule.phase else phase
                for phase in template.phases
            )
            template = replace(template, phases=phases)
        else:
            template = _of_whole(template, rule.name, text)
    return template


def text_of(rule: Rule) -> str:
    """The rule as `relaxed` reads it."""
    return f"{rule.name}@{rule.phase}" if rule.phase else rule.name


def _of_phase(phase: Phase, name: str, text: str) -> Phase:
    if name == "energy":
        return replace(phase, energy_tolerance=round(min(1.0, phase.energy_tolerance * WIDER), 3))
    if name == "vocals":
        return replace(phase, vocals=GENTLER_VOICE[phase.vocals])
    if name == "brightness":
        return replace(phase, brightness=Range())
    if name == "percussiveness":
        return replace(phase, percussiveness=Range())
    if name == "loudness_range":
        return replace(phase, loudness_range=Range())
    if name == "last_session":
        return replace(phase, repeats="allowed")
    raise InputError(f"{text!r}: this rule is never given up")


def _of_whole(template: Template, name: str, text: str) -> Template:
    rules = template.rules
    if name == "track_minutes":
        low, high = rules.track_minutes.low, rules.track_minutes.high
        wider = Range(low and round(low * SHORTER, 2), high and round(high * LONGER, 2))
        return replace(template, rules=replace(rules, track_minutes=wider))
    if name == "artist":
        return replace(template, rules=replace(rules, artist_max=rules.artist_max + MORE_OF_AN_ARTIST))
    if name == "used":  # a choice of the session, see `Choices.allow_repeats`
        return template
    raise InputError(f"{text!r}: this rule is never given up")
