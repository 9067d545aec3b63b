"""What variants change in a template, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playlistkit.figures import counted
from playlistkit.model import JoinRules, Phase, Template, Variant
from playlistkit.template.variants import CAPS, chosen_variants, vary

__all__ = ["describe_variants"]


def describe_variants(template: Template, names: Sequence[str]) -> list[str]:
    """What variants change, in plain words, line by line.

    Raises
    ------
    InputError
        If the template has no such variant.
    """
    chosen = chosen_variants(template, names)
    varied = vary(template, names)
    lines = [f"{variant.name}: {variant.note}" for variant in chosen if variant.note]
    changes = [
        *_energy_words(template, varied),
        *_tempo_words(template, varied),
        *_limit_words(template, varied),
        *_voice_words(template, varied),
        *_loudness_words(template, varied),
        *_join_words(template.rules.join, varied.rules.join),
        *_minute_words(template, varied),
        *_hold_words(chosen, template, varied),
    ]
    lines += changes or ["Nothing changes: the template is already that gentle."]
    return lines + _conflict_words(chosen)


def _pairs(template: Template, varied: Template) -> list[tuple[Phase, Phase]]:
    return list(zip(template.phases, varied.phases, strict=True))


def _energy_words(template: Template, varied: Template) -> list[str]:
    changed = [
        (before, after)
        for before, after in _pairs(template, varied)
        if _highest(before) != _highest(after) or before.energy[0] != after.energy[0]
    ]
    if not changed:
        return []
    lower = all(_highest(after) <= _highest(before) for before, after in changed)
    parts = _each(changed, lambda phase: f"{_highest(phase):.2f}".removesuffix("0"))
    return [f"The music is {'calmer' if lower else 'fuller'}. Highest energy aimed at: {parts}."]


def _highest(phase: Phase) -> float:
    return max(level for _, level in phase.energy)


def _tempo_words(template: Template, varied: Template) -> list[str]:
    changed = [(before, after) for before, after in _pairs(template, varied) if before.tempo != after.tempo]
    if not changed:
        return []
    parts = _each(changed, lambda phase: f"{phase.tempo[1]:g}" if phase.tempo else "any")
    return [f"Nothing faster, in BPM as felt: {parts}. Music without a beat still fits."]


def _limit_words(template: Template, varied: Template) -> list[str]:
    lines = []
    for key in CAPS:
        changed = [
            (before, after)
            for before, after in _pairs(template, varied)
            if getattr(before, key.caps) != getattr(after, key.caps)
        ]
        if changed:
            lines.append(f"{key.told}: {_each(changed, _upper(key.caps))}.")
    return lines


def _upper(key: str) -> Callable[[Phase], str]:
    def upper(phase: Phase) -> str:
        high = getattr(phase, key).high
        return "any" if high is None else f"{high:g}"

    return upper


def _voice_words(template: Template, varied: Template) -> list[str]:
    changed = [
        (before, after) for before, after in _pairs(template, varied) if _voice(before) != _voice(after)
    ]
    if not changed:
        return []
    return [f"Less voice: {_each(changed, _voice)}."]


def _voice(phase: Phase) -> str:
    words = {"none": "no voice", "wordless": "voice without words", "any": "any voice"}
    if not phase.vocals_share:
        return words[phase.vocals]
    return (
        f"{words[phase.vocals]} but for {words[phase.vocals_beyond]} in {phase.vocals_share:.0%} of the time"
    )


def _loudness_words(template: Template, varied: Template) -> list[str]:
    changed = [
        (before, after) for before, after in _pairs(template, varied) if before.loudness != after.loudness
    ]
    if not changed:
        return []
    return [f"Softer as played, in LUFS: {_each(changed, lambda phase: f'{phase.loudness:g}')}."]


def _join_words(before: JoinRules, after: JoinRules) -> list[str]:
    if before.loudness_up == after.loudness_up:
        return []
    return [
        f"Gentler joins: a track begins at most {after.loudness_up:g} LU louder than the last one ended, "
        f"instead of {before.loudness_up:g}."
    ]


def _minute_words(template: Template, varied: Template) -> list[str]:
    lines = []
    for before, after in _pairs(template, varied):
        change = after.minutes.default - before.minutes.default
        if change:
            word = "longer" if change > 0 else "shorter"
            lines.append(
                f"{before.name[0].upper()}{before.name[1:]} is {counted(abs(change), 'minute')} {word}: {after.minutes.default:g} "
                f"instead of {before.minutes.default:g}."
            )
    if lines:
        lines.append(
            f"The session takes {counted(varied.minutes, 'minute')} instead of {template.minutes:g}."
        )
    return lines


def _hold_words(chosen: Sequence[Variant], template: Template, varied: Template) -> list[str]:
    rises = [variant.hold_rise_minutes for variant in chosen if variant.hold_rise_minutes is not None]
    if not rises:
        return []
    lines = []
    for phase in varied.phases:
        if phase.hold is not None:
            first, last = phase.hold.minute - phase.hold.around, phase.hold.minute + phase.hold.around
            why = f" ({phase.hold.note})" if phase.hold.note else ""
            lines.append(
                f"From minute {max(first, 0):g} to {last:g} of {phase.name}{why} the arc rises for no more than "
                f"{counted(min(rises), 'minute')}."
            )
    return lines or [
        f"{template.name} marks no reading (`hold`), so nothing is kept level; add one to a phase."
    ]


def _conflict_words(chosen: Sequence[Variant]) -> list[str]:
    lines = []
    asked = {variant.name: variant.energy for variant in chosen if variant.energy}
    if len(set(asked.values())) > 1:
        said = ", ".join(f"{name} {value:+g}" for name, value in asked.items())
        lines.append(f"They differ on energy ({said}); the gentler, {min(asked.values()):+g}, holds.")
    return lines


def _each(changed: Sequence[tuple[Phase, Phase]], shown: Callable[[Phase], str]) -> str:
    """Phase by phase: "peak 0.3 (was 0.42), return 0.26 (was 0.38)"; as one where all come to the same."""
    values = {shown(after) for _, after in changed}
    if len(values) == 1 and len(changed) > 1:
        names = ", ".join(after.name for _, after in changed)
        earlier = ", ".join(shown(before) for before, _ in changed)
        return f"{values.pop()} in {names} (was {earlier})"
    return ", ".join(f"{after.name} {shown(after)} (was {shown(before)})" for before, after in changed)
