"""The rules that may be relaxed: how much each matters, and how people are told of it.

Exclusions and `avoid` are none of them: those are never relaxed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from playlistkit.model import Phase, Rule

__all__ = ["RELAXABLE", "Relaxable", "every_rule", "given_up", "remedy"]


@dataclass(frozen=True, slots=True)
class Relaxable:
    """A kind of rule that may be relaxed."""

    weight: float
    """How much it matters that it is kept."""
    words: str
    """As what is given up."""
    remedy: str
    """As what would help; ``{it}`` and ``{its}`` stand for the phase."""
    of_a_phase: bool = True
    """Whether each phase has its own; else there is one for the whole session."""


RELAXABLE = {
    "percussiveness": Relaxable(1.5, "the limits on percussiveness", "allowing more percussiveness in {it}"),
    "brightness": Relaxable(1.5, "the limits on brightness", "allowing other brightness in {it}"),
    "loudness_range": Relaxable(
        1.5, "the limits on dynamics (loudness_range)", "allowing a wider loudness range in {it}"
    ),
    "energy": Relaxable(3.0, "the limits on energy", "widening {its} energy tolerance"),
    "last_session": Relaxable(
        4.0, "drawing on the last session alone", "allowing music in {it} that was not in the last session"
    ),
    "vocals": Relaxable(10.0, "the rule on voice", "allowing more voice in {it}"),
    "track_minutes": Relaxable(
        1.0, "the limits on a track's length", "allowing shorter or longer tracks", of_a_phase=False
    ),
    "used": Relaxable(
        4.0, "not repeating earlier sessions", "allowing tracks of earlier sessions", of_a_phase=False
    ),
    "artist": Relaxable(
        2.0, "the most tracks of one artist", "allowing more tracks of one artist", of_a_phase=False
    ),
}
"""By the rule's name."""


def every_rule(phases: Iterable[Phase]) -> list[Rule]:
    """All rules of a session that may be relaxed: those of its phases, then those of the whole."""
    of_phases = sorted(name for name, kind in RELAXABLE.items() if kind.of_a_phase)
    rules = [Rule(phase.name, name) for phase in phases for name in of_phases]
    return rules + [Rule("", name) for name, kind in RELAXABLE.items() if not kind.of_a_phase]


def given_up(rules: Iterable[Rule]) -> str:
    """Rules as what is given up, those of one kind together: "the limits on energy in onset, peak"."""
    phases: dict[str, list[str]] = {}
    for rule in rules:
        phases.setdefault(RELAXABLE[rule.name].words, []).extend([rule.phase] if rule.phase else [])
    return "; ".join(f"{words} in {', '.join(where)}" if where else words for words, where in phases.items())


def remedy(rule: Rule, phase: str) -> str:
    """What relaxing a rule means, told of `phase`: "widening its energy tolerance"."""
    own = rule.phase in ("", phase)
    return RELAXABLE[rule.name].remedy.format(
        it="it" if own else rule.phase, its="its" if own else f"{rule.phase}'s"
    )
