"""Refine from coarse to fine: bounds tighten, arcs are dropped, plans are found on the way.

On each rung of the ladder the recursion runs on cells of some seconds, under multipliers; the label search looks
for plans, steered by it; and every arc through which even the relaxed problem costs more than the best plan known
is dropped before the next, finer rung. All of that is exact (`cost_to_go.py` says why), so that the last rung covers
everything the first one saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playlistkit.planner.bound.cost_to_go import through_costs
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.bound.potentials import Potentials
from playlistkit.planner.bound.subgradient import improve
from playlistkit.planner.problem.instance import Instance
from playlistkit.planner.search.labelling import Found, search
from playlistkit.planner.search.question import ROUNDING, Width

__all__ = ["Refinement", "Rung", "cell_size"]


REFINED = 0.01
"""See `improve`: multipliers from a coarser grid are nearly right."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung: cells of `size` seconds, so many steps of the multipliers, and the width of the search."""

    size: int
    steps: int
    width: Width
    arcs: float = np.inf
    """Skip the rung if more arcs than this are left: it would take too long."""


class Refinement:
    """Plans of one instance and a bound on all of them, improved with every rung.

    Parameters
    ----------
    instance : Instance
    multipliers : Multipliers
        To begin with.
    known : list of Found
        Plans already known.
    spread : float
        Plans that cost up to this share more than the best are wanted as well.

    Attributes
    ----------
    plans : list of Found
        Plans found, best first.
    bound : float
        No plan of the instance costs less.
    complete : bool
        Whether nothing better than the best plan exists.
    multipliers : Multipliers
        The best so far.
    """

    def __init__(
        self, instance: Instance, multipliers: Multipliers, known: list[Found], spread: float
    ) -> None:
        self.plans, self.multipliers, self.spread = list(known), multipliers, spread
        self.bound, self.complete = -np.inf, False
        self._instance = instance
        self._exact: Grid | None = None
        self._last: tuple[Grid, Potentials] | None = None

    @property
    def best(self) -> float:
        """Cost of the best plan known; infinite without one."""
        return self.plans[0].cost if self.plans else np.inf

    def run(self, rungs: Sequence[Rung]) -> None:
        """Run one rung after another, until nothing better can be found."""
        for rung in rungs:
            if not self.complete:
                self.refine(rung)

    def refine(self, rung: Rung) -> None:
        """One rung: drop arcs, improve the multipliers, search."""
        exact = Grid.of(self._instance) if self._exact is None else self._exact
        if self._last is not None and np.isfinite(self.best):
            exact = self._without_dear_arcs(exact, *self._last)
            self._last = None
        self._exact = exact
        if exact.arcs > rung.arcs:
            return
        size = cell_size(exact.instance, rung.size)
        grid = exact.coarser(size) if size > 1 else exact
        self.multipliers, potentials, bound = improve(
            grid, self.multipliers, rung.steps, self.best, hope=REFINED
        )
        self.bound = max(self.bound, min(bound, self.best))
        self._last = grid, potentials
        if np.isfinite(potentials.value):
            self._look(grid, potentials, rung.width)
        else:
            self.complete = True

    def _look(self, grid: Grid, potentials: Potentials, width: Width) -> None:
        found, self.complete = search(
            grid,
            potentials,
            self.multipliers,
            width,
            exact=self._exact,
            below=self.best,
            spread=self.spread,
        )
        by_path = {each.path: each for each in [*self.plans, *found]}
        self.plans = sorted(by_path.values(), key=lambda each: (each.cost, each.path))

    def _without_dear_arcs(self, exact: Grid, grid: Grid, potentials: Potentials) -> Grid:
        """`exact` without the arcs that no better plan can use."""
        constant = self.multipliers.constant(grid.instance)
        ceiling = self.best * (1 + self.spread) + constant
        ceiling += ROUNDING * (1.0 + ceiling)
        through = through_costs(grid, potentials, self.multipliers.charges(grid.instance), ceiling)
        return exact.without(through, grid.size, ceiling)


def cell_size(instance: Instance, wanted: int) -> int:
    """`wanted` seconds, or a quarter of the shortest track, so that none rounds away."""
    shortest = min((float(stage.step.min(initial=np.inf)) for stage in instance.stages), default=np.inf)
    return int(np.clip(min(shortest / 4, wanted), 1, wanted))
