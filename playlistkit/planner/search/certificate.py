"""What is proved about a plan: a lower bound on the score, and the plans it covers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from playlistkit.facts.scope import Scope
from playlistkit.model import Certificate

__all__ = ["Proof"]

MOVED = 0.005  # points by which moved overlaps may change a score unmentioned: half its displayed precision

ROUNDING = 1e-9  # relative; two orders of summation differ by less


@dataclass(frozen=True, slots=True)
class Proof:
    """No plan within its scope scores less than the bound."""

    bound: float
    """Points; minus infinity if nothing is known."""
    candidates: int
    """Tracks considered."""
    every: bool
    """Whether these are all the eligible tracks."""
    placed: bool = False
    """Whether pins without a time were given one first."""
    bending: bool = False
    """Whether it covers only plans that break the rules as little as this one."""
    dealt: bool = False
    """Whether each track was assigned to the phase that needs it most."""

    def certificate(self, points: float, moved: float = 0.0) -> Certificate:
        """The certificate of a plan that scores `points`, of which moved overlaps added `moved`."""
        if not math.isfinite(self.bound):
            return Certificate(None, False, str(Scope(self.candidates, certified=False)))
        told = moved if abs(moved) >= MOVED else None
        scope = str(Scope(self.candidates, True, self.every, self.dealt, self.placed, self.bending, told))
        if points <= self.bound * (1 + ROUNDING):
            return Certificate(0.0, True, scope)
        within = round(points / self.bound - 1, 6) if self.bound > 0 else None
        return Certificate(within, False, scope)
