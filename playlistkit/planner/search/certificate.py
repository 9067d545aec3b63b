"""What is proved about a plan: a lower bound on the score, and the plans it covers."""

from __future__ import annotations

import math
from dataclasses import dataclass

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
            return Certificate(None, False, f"{self.candidates} candidates, not certified")
        scope = f"{self.candidates} candidates" + (", all that are eligible" if self.every else "")
        if self.dealt:
            scope += ", each kept to the phase that needs it most"
        if self.placed:
            scope += ", with the pins at the times they have"
        if self.bending:
            scope += ", with as little music that breaks a rule"
        scope += ", times at whole seconds"
        if abs(moved) >= MOVED:
            scope += f", before overlaps were moved to end each phase on time ({moved:+.2f} points)"
        if points <= self.bound * (1 + ROUNDING):
            return Certificate(0.0, True, scope)
        within = round(points / self.bound - 1, 6) if self.bound > 0 else None
        return Certificate(within, False, scope)
