"""What is to be read in the session, such as the blood pressure: when, and what plays then."""

from __future__ import annotations

from typing import NamedTuple

from playlistkit.model import Plan
from playlistkit.report.words import plain

__all__ = ["Reading", "readings"]


class Reading(NamedTuple):
    """A minute at which something is read."""

    at: float
    """Seconds into the session."""
    note: str
    slot: int | None
    """What plays then, from 0; `None`: nothing that was planned."""


def readings(plan: Plan) -> tuple[Reading, ...]:
    """The holds of the plan's phases, first to last."""
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
