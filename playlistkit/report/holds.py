"""Readings to take in the session, such as blood pressure: when, and what plays then."""

from __future__ import annotations

from typing import NamedTuple

from playlistkit.model import Plan
from playlistkit.report.words import plain

__all__ = ["Reading", "readings"]


class Reading(NamedTuple):
    """A moment to take a reading."""

    at: float
    """Seconds into the session."""
    note: str
    slot: int | None
    """Index of the slot playing then; `None` if none is."""


def readings(plan: Plan) -> tuple[Reading, ...]:
    """The holds of the plan's phases, in order."""
    holds = {phase.name: phase.hold for phase in plan.template.phases}
    found = []
    for phase in plan.phases:
        hold = holds.get(phase.name)
        if hold is None:
            continue
        at = phase.start + hold.minute * 60.0
        playing = [k for k, slot in enumerate(plan.slots) if slot.start <= at < slot.end - slot.overlap]
        found.append(Reading(at, plain(hold.note or "reading"), playing[-1] if playing else None))
    return tuple(found)
