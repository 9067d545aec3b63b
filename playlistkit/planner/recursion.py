"""The time-expanded recursion: the least cost from every state to the end, and through every arc.

A state is (stage, time on a grid, last track). The recursion is exact on its grid for the *relaxed* problem in
which a recording may be played again; multipliers (`multipliers.py`) charge for that. So its values bound the
real problem from below and steer the label search.

Both directions go through time in blocks no longer than the shortest track: nothing that starts within a block
ends within it, so a whole block is one array operation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playlistkit.planner.instance import Floats32, Instance, Ints

__all__ = ["Grid", "Potentials", "backward", "through_costs", "walk"]

BLOCK_CELLS = 1 << 18  # cells of one min-plus temporary: fits the second-level cache


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """An instance on a grid of whole seconds.

    Attributes
    ----------
    size : int
        Seconds from one row to the next.
    first : tuple of int
        For each stage, the grid time of its first row.
    costs : tuple of np.ndarray [shape=(rows, m)]
        For each stage, what each member costs started at each row.
    steps : tuple of np.ndarray [shape=(m,)]
        For each stage, rows that each member takes, at least 1.
    """

    instance: Instance
    size: int
    first: tuple[int, ...]
    costs: tuple[Floats32, ...]
    steps: tuple[Ints, ...]

    @classmethod
    def of(cls, instance: Instance, size: int) -> Grid:
        """Lay `instance` on a grid of `size` seconds."""
        first, costs, steps = [], [], []
        for p, stage in enumerate(instance.stages):
            low = max(0, round(stage.opens[0] / size) - (1 if size > 1 else 0))
            high = int(np.ceil((stage.closes[1] + 0.5) / size))
            first.append(low)
            costs.append(instance.run_costs(p, np.arange(low, high + 1, dtype=np.int64) * size))
            steps.append(np.maximum(np.round(stage.step / size), 1).astype(np.intp))
        return cls(instance, size, tuple(first), tuple(costs), tuple(steps))

    def row(self, p: int, time: float) -> int:
        """The row of stage `p` nearest to `time` seconds."""
        return round(time / self.size) - self.first[p]

    def boundary(self, p: int) -> NDArray[np.float64]:
        """Points for ending stage `p` at each of its rows; infinite outside its slack."""
        stage = self.instance.stages[p]
        times = (np.arange(len(self.costs[p])) + self.first[p]) * float(self.size)
        reach = stage.slack + self.size / 2  # a grid time stands for all that round to it
        inside = np.clip(times, *stage.closes)
        return np.where(np.abs(times - stage.target) <= reach, self.instance.boundary(p, inside), np.inf)

    def opening_rows(self, p: int) -> slice:
        """The rows at which stage `p` may begin."""
        low, high = self.instance.stages[p].opens
        last = len(self.costs[p]) - 1
        begin = int(np.clip(np.floor(low / self.size + 0.5 - 1e-9) - self.first[p], 0, last))
        return slice(begin, int(np.clip(np.ceil(high / self.size) - self.first[p], begin, last)) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Potentials:
    """Least cost to the end, from every state.

    Attributes
    ----------
    onward : tuple of np.ndarray [shape=(rows + longest step, m)]
        Stage p's cost once member i has ended at a row, whether the stage goes on or closes. The rows after
        the last are infinite.
    opening : tuple of np.ndarray [shape=(rows, n)]
        Cost when stage p begins at a row, after member i of the stage before.
    value : float
        Cost of the whole, from the start.
    """

    onward: tuple[Floats32, ...]
    opening: tuple[Floats32, ...]
    value: float


def backward(grid: Grid, charges: tuple[Floats32, ...] | None = None) -> Potentials:
    """The potentials of `grid`, with `charges` [shape=(m,)] added to the members' costs of each stage."""
    stages = grid.instance.stages
    onward: list[Floats32] = []
    opening: list[Floats32] = []
    later: Floats32 | None = None
    for p in range(len(stages) - 1, -1, -1):
        charge = None if charges is None else charges[p]
        closing = _closing(grid, p, later)
        here, later = _backward_stage(grid, p, charge, closing)
        onward.append(here)
        opening.append(later)
    onward.reverse()
    opening.reverse()
    start = grid.row(0, grid.instance.past.start)
    return Potentials(tuple(onward), tuple(opening), float(opening[0][start, 0]))


def _closing(grid: Grid, p: int, later: Floats32 | None) -> Floats32:
    """Cost of closing stage `p` at each row after each member, and all that follows [shape=(rows, m)]."""
    stage = grid.instance.stages[p]
    bound = grid.boundary(p)[:, None] + stage.exit
    if later is not None:
        offset = grid.first[p] - grid.first[p + 1]
        rows = np.arange(len(bound)) + offset
        inside = (rows >= 0) & (rows < len(later))
        bound[inside] += later[rows[inside]]
        bound[~inside] = np.inf
    return bound.astype(np.float32)


def _backward_stage(
    grid: Grid, p: int, charge: Floats32 | None, closing: Floats32
) -> tuple[Floats32, Floats32]:
    """One stage of `backward`: onward and opening costs."""
    stage, costs, steps = grid.instance.stages[p], grid.costs[p], grid.steps[p]
    rows, m = costs.shape
    onward = np.full((rows + int(steps.max(initial=1)), m), np.inf, dtype=np.float32)
    opening = np.full((rows, stage.entry.shape[0]), np.inf, dtype=np.float32)
    if m == 0:
        return onward, opening
    inner, entry = np.ascontiguousarray(stage.inner.T), np.ascontiguousarray(stage.entry.T)
    opens = grid.opening_rows(p)
    block = int(steps.min())
    columns = np.arange(m)
    for high in range(rows, 0, -block):
        low = max(0, high - block)
        at = np.arange(low, high)
        start = costs[low:high] + onward[at[:, None] + steps, columns]
        if charge is not None:
            start += charge
        onward[low:high] = np.minimum(_min_plus(start, inner), closing[low:high])
        first, last = max(low, opens.start), min(high, opens.stop)
        if first < last:
            opening[first:last] = _min_plus(start[first - low : last - low], entry)
    return onward, opening


def through_costs(
    grid: Grid, potentials: Potentials, charges: tuple[Floats32, ...] | None = None
) -> list[Floats32]:
    """For each stage, the least cost of any whole path through each arc [shape=(rows, m)].

    An arc is a member started at a row. Exact on the grid, for the relaxed problem.
    """
    result: list[Floats32] = []
    before = np.zeros((len(grid.costs[0]), 1), dtype=np.float32) + np.inf
    before[grid.row(0, grid.instance.past.start), 0] = 0.0
    for p, stage in enumerate(grid.instance.stages):
        costs, steps = grid.costs[p], grid.steps[p]
        charge = 0.0 if charges is None else charges[p]
        rows, m = costs.shape
        reached = np.full((rows + int(steps.max(initial=1)), m), np.inf, dtype=np.float32)
        through = np.full((rows, m), np.inf, dtype=np.float32)
        block = int(steps.min(initial=rows))
        columns = np.arange(m)
        opens = grid.opening_rows(p)
        for low in range(0, rows, block):
            at = np.arange(low, min(rows, low + block))
            start = _min_plus(reached[at], stage.inner)
            first, last = max(low, opens.start), min(low + len(at), opens.stop)
            if first < last:
                part = slice(first - low, last - low)
                start[part] = np.minimum(start[part], _min_plus(before[first:last], stage.entry))
            start += costs[at] + charge
            to = at[:, None] + steps
            reached[to, columns] = start
            through[at] = start + potentials.onward[p][to, columns]
        result.append(through)
        if p + 1 < len(grid.instance.stages):
            closed = reached[:rows] + (grid.boundary(p)[:, None] + stage.exit).astype(np.float32)
            before = np.full((len(grid.costs[p + 1]), m), np.inf, dtype=np.float32)
            here = np.arange(rows) + grid.first[p] - grid.first[p + 1]
            inside = (here >= 0) & (here < len(before))
            before[here[inside]] = closed[inside]
    return result


def walk(grid: Grid, potentials: Potentials, charges: tuple[Floats32, ...]) -> list[tuple[int, int]]:
    """The relaxed optimum as (stage, member) pairs; empty if there is none."""
    path: list[tuple[int, int]] = []
    if not np.isfinite(potentials.value):
        return path
    stages = grid.instance.stages
    p, row, last = 0, grid.row(0, grid.instance.past.start), 0
    entering = True
    while True:
        stage = stages[p]
        to = np.minimum(row + grid.steps[p], len(potentials.onward[p]) - 1)
        onward = grid.costs[p][row] + charges[p] + potentials.onward[p][to, np.arange(len(to))]
        onward = onward + (stage.entry[last] if entering else stage.inner[last])
        best = int(np.argmin(onward))
        if not entering:
            closing = grid.boundary(p)[row] + stage.exit[last]
            if p + 1 < len(stages):
                later = row + grid.first[p] - grid.first[p + 1]
                inside = 0 <= later < len(potentials.opening[p + 1])
                closing += potentials.opening[p + 1][later, last] if inside else np.inf
            if closing <= onward[best]:
                if p + 1 == len(stages):
                    return path
                row, p, entering = later, p + 1, True
                continue
        path.append((p, best))
        row, last, entering = int(to[best]), best, False


def _min_plus(values: Floats32, joins: Floats32) -> Floats32:
    """Min over j of values[r, j] + joins[j, i], for every r and i [shape=(r, i)].

    Infinite values are left out: they can't be the least, so nothing is lost.
    """
    result = np.full((len(values), joins.shape[1]), np.inf, dtype=np.float32)
    live = np.flatnonzero(np.isfinite(values).any(axis=0))
    if not len(live):
        return result
    if len(live) < 0.8 * values.shape[1]:
        values, joins = values[:, live], joins[live]
    rows = max(1, BLOCK_CELLS // max(joins.size, 1))
    for low in range(0, len(values), rows):
        part = values[low : low + rows]
        if rows == 1:
            np.min(joins + part[0][:, None], axis=0, out=result[low])
        else:
            np.min(joins[None] + part[:, :, None], axis=1, out=result[low : low + rows])
    return result
