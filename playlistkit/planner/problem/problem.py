"""A planning problem: a pool, one reading of its rules, and the part of the session to plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playlistkit.objective.array_types import Floats, Mask
from playlistkit.planner.problem.instance import Future, Limits, Past
from playlistkit.planner.problem.pool import Pool

__all__ = ["Problem"]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What to plan: a pool with one reading of its rules."""

    pool: Pool
    allowed: Mask
    """[shape=(P, N)]"""
    surcharge: Floats
    """[shape=(P, N)] Points for a whole session of such tracks, on top of the objective."""
    slack: tuple[float, ...]
    """For each phase, seconds by which its end may miss."""
    past: Past | None = None
    """What was played before; `None`: nothing."""
    future: Future | None = None
    """What plays after the last phase to plan and stays; `None`: the session ends with it."""
    first_phase: int = 0
    last_phase: int | None = None
    """Index of the phase in which it ends; `None`: the session's last."""
    limits: Limits | None = None
    """On joins and artists; `None`: the template's."""
    charges: Mapping[str, float] = field(default_factory=dict)
    """Multipliers by track id, if known from a similar problem, in points."""
    before: tuple[tuple[int, int], ...] = ()
    """What was planned here before, as (phase, row) pairs; its tracks are always looked at."""

    @property
    def start(self) -> float:
        """Second at which the first track to be planned begins."""
        return 0.0 if self.past is None else self.past.start
