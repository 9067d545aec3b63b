"""What a certificate covers."""

from __future__ import annotations

from dataclasses import dataclass

from playlistkit.facts.fact import Fact

__all__ = ["BY_HAND", "Scope"]

BY_HAND = "; changed by hand since"
"""Ends the scope of a plan that was changed by hand."""


@dataclass(frozen=True, slots=True, eq=False)
class Scope(Fact):
    """The plans that a bound covers."""

    candidates: int
    """Tracks considered."""
    certified: bool = True
    """Whether anything is proved of them."""
    every: bool = False
    """Whether these are all the eligible tracks."""
    dealt: bool = False
    """Whether each track was assigned to the phase that needs it most."""
    placed: bool = False
    """Whether pins without a time were given one first."""
    bending: bool = False
    """Whether only plans that break the rules as little as this one are covered."""
    moved: float | None = None
    """Points that overlaps added when they were moved afterwards; `None` if too few to mention."""

    def __str__(self) -> str:
        scope = f"{self.candidates} candidates"
        if not self.certified:
            return f"{scope}, not certified"
        parts = (
            (self.every, "all that are eligible"),
            (self.dealt, "each kept to the phase that needs it most"),
            (self.placed, "with the pins at the times they have"),
            (self.bending, "with as little music that breaks a rule"),
            (True, "times at whole seconds"),
        )
        scope = ", ".join([scope, *(words for said, words in parts if said)])
        if self.moved is None:
            return scope
        return f"{scope}, before overlaps were moved to end each phase on time ({self.moved:+.2f} points)"
