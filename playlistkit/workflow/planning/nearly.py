"""Tracks that nearly fit a phase that lacks music: only one step of one rule keeps them out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from playlistkit import objective
from playlistkit.library import Library
from playlistkit.model import Candidate, Diagnosis, Rule, Session
from playlistkit.template.relaxing import RELAXABLE, relaxed, text_of
from playlistkit.workflow.planning import build

__all__ = ["Near", "nearly_fitting"]

MEASURED = ("energy", "brightness", "percussiveness", "loudness_range")
"""Rules on measured features, which may be measured wrong or felt differently."""
OF_THE_WHOLE = ("track_minutes",)


@dataclass(frozen=True, slots=True)
class Near:
    """A track that nearly fits a phase that lacks music."""

    candidate: Candidate
    phase: str
    why: str
    """The sentence that says what keeps it out."""


def nearly_fitting(
    library: Library, session: Session, why: Diagnosis, client: str | None = None, *, most: int = 9
) -> list[Near]:
    """The tracks that one rule, relaxed by one step, would let into a phase that lacks music.

    Sorted by how little the rule matters, then longest first. Each appears once, for the phase that lacks most.
    """
    candidates = build.candidates(library, session, client)
    lacking = {each.phase: each.lacking for each in why.supply if each.lacking > 0}
    arc = objective.Arc(session.template)
    if not candidates or not lacking:
        return []
    heard = objective.heard_by_phase(session, arc, candidates.table)
    may = objective.eligibility(session, arc, candidates, heard).allowed()
    found: list[tuple[float, float, float, str, int, int]] = []
    for p, phase in enumerate(arc.phases):
        if phase.name not in lacking:
            continue
        rules = [Rule(phase.name, name) for name in MEASURED] + [Rule("", name) for name in OF_THE_WHOLE]
        for rule in rules:
            wider = relaxed(session.template, [text_of(rule)])
            if wider == session.template:
                continue
            would = objective.eligibility(
                replace(session, template=wider), objective.Arc(wider), candidates, heard
            ).allowed()
            found += [
                (
                    RELAXABLE[rule.name].weight,
                    -lacking[phase.name],
                    -candidates[row].track.duration,
                    candidates[row].track.id,
                    p,
                    int(row),
                )
                for row in (would[p] & ~may[p]).nonzero()[0]
            ]
    chosen: dict[str, Near] = {}
    for *_, key, p, row in sorted(found):
        if len(chosen) == most:
            break
        barred = objective.why_barred(session, arc.phases[p], candidates[row])
        if key not in chosen and barred is not None:
            chosen[key] = Near(candidates[row], arc.phases[p].name, str(barred[1]))
    return list(chosen.values())
