"""Better multipliers: the subgradient method on the Lagrangian bound."""

from __future__ import annotations

import numpy as np

from playlistkit.planner.bound.cost_to_go import backward, walk
from playlistkit.planner.bound.engine import expect
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import Multipliers, Violations
from playlistkit.planner.bound.potentials import Potentials

__all__ = ["improve"]

FRESH = 0.7
"""Share of the newest path in the direction of a step; the rest is the direction before. A path that alternates
between two tracks then moves both, which reaches the same bound in half the steps."""

HOPE = 0.05
"""Share of the first bound by which the first steps try to raise it."""

MORE, LESS, STALLED = 1.4, 0.6, 3
"""Factors on what a step tries to gain: after half of it was gained at once, and after so many steps without any gain."""

LEAST_HOPE, LEAST_GAIN = 1e-3, 1e-5
"""Points that the first steps, and any step, try to gain at least."""


def improve(
    grid: Grid,
    start: Multipliers,
    steps: int,
    known: float = np.inf,
    *,
    hope: float = HOPE,
) -> tuple[Multipliers, Potentials, float]:
    """Multipliers with a better bound, by the subgradient method with a rising and falling target.

    Parameters
    ----------
    steps : int
        Recursions to spend.
    known : float
        The best known cost of a real plan; no bound is above it.
    hope : float
        Share of the first bound by which the first steps try to raise it.

    Returns
    -------
    multipliers, potentials, bound
        The best met, the potentials of `grid` under them, and the lower bound in points.
    """
    instance = grid.instance
    expect(grid.sums, steps)
    current = start
    best: tuple[Multipliers, Potentials, float] | None = None
    target_gain, stalled = 0.0, 0
    along: Violations | None = None
    for k in range(max(1, steps)):
        charges = current.charges(instance)
        potentials = backward(grid, charges)
        bound = potentials.value - current.constant(instance)
        if best is None or bound > best[2] + 1e-9:
            if best is not None and bound - best[2] > target_gain / 2:
                target_gain *= MORE
            best, stalled = (current, potentials, bound), 0
        else:
            stalled += 1
            if stalled >= STALLED:
                target_gain *= LESS
                stalled = 0
        if not np.isfinite(bound) or k == steps - 1:
            break
        if k == 0:
            target_gain = max(hope * abs(bound), LEAST_HOPE)
        target = best[2] + target_gain
        if known > best[2]:
            target = min(target, known)
        violations = current.violations(instance, walk(grid, potentials, charges))
        if along is not None:
            blend = [FRESH * new + (1 - FRESH) * old for new, old in zip(violations, along, strict=True)]
            violations = (blend[0], blend[1], blend[2])
        along = violations
        moved = current.stepped(along, max(target - bound, LEAST_GAIN))
        if moved is None:
            break
        current = moved
    assert best is not None
    return best
