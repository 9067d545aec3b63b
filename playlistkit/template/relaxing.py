"""The rules that may be relaxed if a library can't fill a template, each declared once with its weight and words.

What nothing relaxes (the floors of `objective.rules`, exclusions, `avoid`, the limits on joins) has no entry here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from playlistkit.errors import InputError
from playlistkit.model import Phase, Rule, Template
from playlistkit.template.relaxable import (
    ArtistMax,
    EnergyDistance,
    LastSession,
    OfAPhase,
    OfTheWhole,
    Part,
    RangeLimit,
    Relaxable,
    TrackMinutes,
    Used,
    VoiceAllowed,
)

__all__ = ["RELAXABLE", "Relaxable", "every_rule", "given_up", "relaxed", "remedy", "rule_of", "text_of"]

OF_A_PHASE: Mapping[str, OfAPhase] = {
    "percussiveness": RangeLimit(
        1.5, "the limits on percussiveness", "allowing more percussiveness in {it}",
        "Drums and plucked sounds may play there.", "percussiveness", 0.15, "percussiveness",
    ),
    "brightness": RangeLimit(
        1.5, "the limits on brightness", "allowing other brightness in {it}",
        "Brighter, sharper sound may play there.", "brightness", 0.15, "brightness",
    ),
    "loudness_range": RangeLimit(
        1.5, "the limits on dynamics (loudness_range)", "allowing a wider loudness range in {it}",
        "Music that swells and falls may play there.", "loudness_range", 5.0, "a loudness range",
    ),
    "energy": EnergyDistance(
        3.0, "the limits on energy", "widening {its} limits on energy", "Tracks may be further from the arc."
    ),
    "last_session": LastSession(
        4.0, "using only the last session", "allowing music in {it} that was not in the last session",
        "It may play more than what was heard last time.",
    ),
    "vocals": VoiceAllowed(
        10.0, "the rule on voice", "allowing more voice in {it}", "Somebody may sing or speak there."
    ),
}  # fmt: skip

OF_THE_WHOLE: Mapping[str, OfTheWhole] = {
    "track_minutes": TrackMinutes(
        1.0, "the limits on a track's length", "allowing shorter or longer tracks",
        "Very short and very long tracks may play.",
    ),
    "used": Used(
        4.0, "the rule against repeating earlier sessions", "allowing tracks of earlier sessions",
        "The client may hear tracks again.",
    ),
    "artist": ArtistMax(
        2.0, "the most tracks of one artist", "allowing more tracks of one artist",
        "One artist may colour more of the session.",
    ),
}  # fmt: skip

RELAXABLE: Mapping[str, OfAPhase | OfTheWhole] = {**OF_A_PHASE, **OF_THE_WHOLE}
"""By the rule's name."""


def every_rule(phases: Iterable[Phase]) -> list[Rule]:
    """All rules of a session that may be relaxed: those of its phases, then those of the whole."""
    of_phases = [Rule(phase.name, name) for phase in phases for name in sorted(OF_A_PHASE)]
    return of_phases + [Rule("", name) for name in OF_THE_WHOLE]


def given_up(rules: Iterable[Rule]) -> str:
    """Rules as what is given up, those of one kind together: "the limits on energy in onset, peak"."""
    phases: dict[str, list[str]] = {}
    for rule in rules:
        phases.setdefault(RELAXABLE[rule.name].words, []).extend([rule.phase] if rule.phase else [])
    return "; ".join(f"{words} in {', '.join(where)}" if where else words for words, where in phases.items())


def remedy(rule: Rule, phase: str) -> str:
    """What relaxing a rule means, told of `phase`: "widening its limits on energy"."""
    own = rule.phase in ("", phase)
    return RELAXABLE[rule.name].remedy.format(
        it="it" if own else rule.phase, its="its" if own else f"{rule.phase}'s"
    )


def rule_of(text: str) -> Rule:
    """The rule in ``"energy@peak"``, ``"energy@peak=0.4"`` or ``"artist"``.

    Raises
    ------
    InputError
        If there is no such rule, or it is never relaxed.
    """
    name, at, phase = text.partition("=")[0].partition("@")
    if name not in RELAXABLE:
        raise InputError(
            f"{text!r}: {name!r} is not a rule that can be given up; there are {', '.join(RELAXABLE)}"
        )
    if bool(at) != (name in OF_A_PHASE):
        want = f"{name}@PHASE" if name in OF_A_PHASE else name
        raise InputError(f"{text!r}: write {want}")
    return Rule(phase, name)


def text_of(rule: Rule, template: Template | None = None) -> str:
    """The rule as `relaxed` reads it; with a template, with the value that its limit has there."""
    name = f"{rule.name}@{rule.phase}" if rule.phase else rule.name
    if template is None:
        return name
    value: str | None
    if rule.name in OF_A_PHASE:
        value = OF_A_PHASE[rule.name].value(next(each for each in template.phases if each.name == rule.phase))
    else:
        value = OF_THE_WHOLE[rule.name].value(template)
    return name if value is None else f"{name}={value}"


def relaxed(template: Template, rules: Sequence[str]) -> Template:
    """A template with some of its rules relaxed, each from where the template has it.

    Parameters
    ----------
    template : Template
    rules : sequence of str
        ``"energy@peak"`` or, for the whole session, ``"artist"``: by a step, by two if it is named twice.
        ``"energy@peak=0.4"``: to that value. A limit that is wider already stays. Steps count from the value, if a
        rule is named in both ways.

    Raises
    ------
    InputError
        If there is no such phase or value, or the rule is never relaxed.
    """
    steps: dict[Rule, int] = {}
    values: dict[Rule, str] = {}
    names = [phase.name for phase in template.phases]
    for text in rules:
        rule = rule_of(text)
        if rule.phase and rule.phase not in names:
            raise InputError(f"{text!r}: there is no phase {rule.phase!r}; there are {', '.join(names)}")
        _, given, value = text.partition("=")
        if given:
            values[rule] = value
        else:
            steps[rule] = steps.get(rule, 0) + 1
    for rule in {**values, **steps}:
        try:
            template = _relaxed(template, rule, steps.get(rule, 0), values.get(rule))
        except ValueError as error:
            raise InputError(f"{text_of(rule)}={values[rule]}: {error}") from None
    return template


def _relaxed(template: Template, rule: Rule, steps: int, value: str | None) -> Template:
    if rule.name in OF_THE_WHOLE:
        return _wider(OF_THE_WHOLE[rule.name], template, steps, value)
    phases = tuple(
        _wider(OF_A_PHASE[rule.name], phase, steps, value) if phase.name == rule.phase else phase
        for phase in template.phases
    )
    return replace(template, phases=phases)


def _wider(kind: Relaxable[Part], part: Part, steps: int, value: str | None) -> Part:
    wider = part if value is None else kind.to(part, value)
    return kind.within(part, kind.by(wider, steps) if steps else wider)
