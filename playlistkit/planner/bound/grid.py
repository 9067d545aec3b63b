"""An instance in cells of some seconds: who may start when, what it costs there, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from playlistkit.objective.array_types import Floats32, Ints, Mask
from playlistkit.planner.bound.arcs import StageArcs
from playlistkit.planner.problem.instance import Instance

__all__ = ["Grid"]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """An instance on a grid of whole seconds, or of cells of several seconds.

    A row of the grid's arrays is one cell.

    Attributes
    ----------
    size : int
        Seconds of a cell.
    first : tuple of int
        For each stage, the cell of its first row.
    costs : tuple of np.ndarray [shape=(rows, m)]
        For each stage, c_p: what each member costs at least if started within each row's cell; infinite where no
        arc is left.
    closing : tuple of np.ndarray [shape=(rows,)]
        For each stage, close_p: what it costs at least to end it within each row's cell.
    steps : tuple of np.ndarray [shape=(m,)]
        For each stage, d_j: rows from a member's start to the earliest row in which it may end.
    spills : tuple of np.ndarray [shape=(m,)]
        Whether it may end one row later as well.
    """

    instance: Instance
    size: int
    first: tuple[int, ...]
    costs: tuple[Floats32, ...]
    closing: tuple[Floats32, ...]
    steps: tuple[Ints, ...]
    spills: tuple[Mask, ...]
    _stages: list[StageArcs] = field(default_factory=list)
    _sums: list[int] = field(default_factory=list)

    @property
    def stages(self) -> list[StageArcs]:
        """Each stage's arcs, as the recursion takes them."""
        if not self._stages:  # made when asked for: not every grid is one that the recursion runs on
            for p, stage in enumerate(self.instance.stages):
                self._stages.append(
                    StageArcs(
                        self.costs[p],
                        self.steps[p],
                        self.spills[p],
                        stage.inner,
                        stage.entry,
                        self.opening_rows(p),
                    )
                )
        return self._stages

    @classmethod
    def of(cls, instance: Instance) -> Grid:
        """`instance` at whole seconds."""
        first, costs, closing, steps = [], [], [], []
        for p, stage in enumerate(instance.stages):
            low, high = max(0, round(stage.opens[0])), int(np.ceil(stage.closes[1] + 0.5))
            seconds = np.arange(low, high + 1, dtype=np.int64)
            first.append(low)
            costs.append(instance.run_costs(p, seconds))
            closing.append(_closing_costs(instance, p, seconds))
            steps.append(np.maximum(np.round(stage.step), 1).astype(np.intp))
        spills = tuple(np.zeros(len(each), dtype=bool) for each in steps)
        return cls(instance, 1, tuple(first), tuple(costs), tuple(closing), tuple(steps), spills)

    @classmethod
    def sketch(cls, instance: Instance, size: int) -> Grid:
        """`instance` in cells of `size` seconds, each at the cost of its middle second: quick, but no bound."""
        first, costs, closing = [], [], []
        for p, stage in enumerate(instance.stages):
            low, high = max(0, round(stage.opens[0])) // size, int(np.ceil(stage.closes[1] + 0.5)) // size
            first.append(low)
            costs.append(instance.run_costs(p, np.arange(low, high + 1, dtype=np.int64) * size + size // 2))
            seconds = np.arange(low * size, (high + 1) * size, dtype=np.int64)
            closing.append(_least_of_cells(_closing_costs(instance, p, seconds), low * size, size))
        steps = [np.maximum(np.round(stage.step / size), 1).astype(np.intp) for stage in instance.stages]
        spills = tuple(np.zeros(len(each), dtype=bool) for each in steps)
        return cls(instance, size, tuple(first), tuple(costs), tuple(closing), tuple(steps), spills)

    def coarser(self, size: int) -> Grid:
        """The same in cells of `size` seconds, of a grid of whole seconds."""
        costs = tuple(
            _least_of_cells(each, low, size) for each, low in zip(self.costs, self.first, strict=True)
        )
        closing = tuple(
            _least_of_cells(each, low, size) for each, low in zip(self.closing, self.first, strict=True)
        )
        return Grid(
            self.instance,
            size,
            tuple(low // size for low in self.first),
            costs,
            closing,
            tuple(each // size for each in self.steps),
            tuple(each % size > 0 for each in self.steps),
        )

    def without(self, through: Sequence[Floats32], size: int, ceiling: float) -> Grid:
        """A grid of whole seconds without the arcs through which every path costs more than `ceiling`.

        Parameters
        ----------
        through : sequence of np.ndarray [shape=(cells, m)]
            Costs from `through_costs`, of this grid or of one of `size` seconds made from it.
        """
        costs = []
        for p, (own, least) in enumerate(zip(self.costs, through, strict=True)):
            live = np.zeros((len(least) + 2, least.shape[1]), dtype=bool)
            for late in (0, 1, 2):  # a row to either side as well: see `_ended`
                live[late : late + len(least)] |= least <= ceiling
            cells = (np.arange(len(own)) + self.first[p]) // size - self.first[p] // size
            costs.append(np.where(live[1:-1][cells], own, np.float32(np.inf)))
        kept = [np.flatnonzero(np.isfinite(each).any(axis=0)) for each in costs]
        return self.keeping(kept, costs)

    def keeping(self, members: Sequence[Ints], costs: Sequence[Floats32] | None = None) -> Grid:
        """The grid with only some of each stage's members, and with other costs if these are given."""
        return Grid(
            self.instance.keeping(members),
            self.size,
            self.first,
            tuple(each[:, keep] for each, keep in zip(costs or self.costs, members, strict=True)),
            self.closing,
            tuple(each[keep] for each, keep in zip(self.steps, members, strict=True)),
            tuple(each[keep] for each, keep in zip(self.spills, members, strict=True)),
        )

    @property
    def sums(self) -> int:
        """The most sums of a value and a join that a pass in one direction takes."""
        if not self._sums:
            self._sums.append(sum(int(np.isfinite(each).sum()) * each.shape[1] for each in self.costs))
        return self._sums[0]

    @property
    def arcs(self) -> int:
        """How many arcs are left."""
        return sum(int(np.isfinite(each).sum()) for each in self.costs)

    def row(self, p: int, time: float) -> int:
        """The row of stage `p` in whose cell `time` (in seconds) lies."""
        return round(time) // self.size - self.first[p]

    def opening_rows(self, p: int) -> slice:
        """The rows at which stage `p` may begin."""
        low, high = self.instance.stages[p].opens
        last = len(self.costs[p]) - 1
        begin = int(np.clip(self.row(p, low), 0, last))
        return slice(begin, int(np.clip(self.row(p, high), begin, last)) + 1)


def _closing_costs(instance: Instance, p: int, seconds: NDArray[np.int64]) -> Floats32:
    """Points for ending stage `p` at whole seconds; the nearest second stands for a fraction."""
    stage = instance.stages[p]
    inside = np.clip(seconds.astype(np.float64), *stage.closes)
    points = np.where(np.abs(seconds - inside) <= 0.5, instance.boundary(p, inside), np.inf)
    return points.astype(np.float32)


def _least_of_cells(values: Floats32, low: int, size: int) -> Floats32:
    """The least of each cell of `size` rows, where row 0 is second `low`."""
    edges = np.arange(low // size, (low + len(values) - 1) // size + 1) * size - low
    least: Floats32 = np.minimum.reduceat(values, np.maximum(edges, 0), axis=0)
    return least
