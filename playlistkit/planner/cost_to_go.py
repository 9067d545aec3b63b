"""The time-expanded recursion: the least cost from every state to the end, and through every arc.

A state is (stage, time on a grid, last track). On a grid of whole seconds the recursion is exact for the
*relaxed* problem in which a recording may be played again; multipliers (`multipliers.py`) charge for that. On a
coarser grid a cell stands for all its seconds: it costs what the cheapest of them does, and a track may end in
either of the two cells that its length reaches. So the values on every grid bound the real problem from below,
steer the label search, and say which arcs no plan that is worth having can use.

Both directions go through time in blocks no longer than the shortest track: nothing that starts within a block
ends within it, so a whole block is one array operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from playlistkit.planner.instance import Floats32, Instance, Ints, Mask

__all__ = ["Grid", "Potentials", "backward", "through_costs", "walk"]

BLOCK_CELLS = 1 << 16  # cells of a temporary: fits the second-level cache
NEAREST, NEAR_ROWS = 48, 16  # see `_min_plus`; measured, they decide nothing but the time it takes


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A stretch of a stage's rows within which nothing that starts ends."""

    rows: slice
    used: Ints
    """[shape=(k,)] Members that may start in it."""
    ended: Ints
    """[shape=(l,)] Members that may have ended in it."""
    to: Ints
    """[shape=(rows, k)] Where those that start in it end, as positions in a flat array of [row, member] ..."""
    late: Ints | None
    """[shape=(rows, k)] ... and where they end if they spill."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """An instance on a grid of whole seconds, or of cells of several seconds.

    Attributes
    ----------
    size : int
        Seconds of a cell.
    first : tuple of int
        For each stage, the cell of its first row.
    costs : tuple of np.ndarray [shape=(rows, m)]
        For each stage, what each member costs at least if started within each row's cell; infinite where no arc
        is left.
    closing : tuple of np.ndarray [shape=(rows,)]
        For each stage, what it costs at least to end it within each row's cell.
    steps : tuple of np.ndarray [shape=(m,)]
        For each stage, rows from a member's start to the earliest row in which it may end.
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
    _blocks: list[tuple[Block, ...]] = field(default_factory=list)

    @property
    def blocks(self) -> list[tuple[Block, ...]]:
        """For each stage, its rows in stretches no longer than the shortest step, in order of time."""
        if not self._blocks:  # made when asked for: not every grid is one that the recursion runs on
            self._blocks.extend(map(_blocks_of, self.costs, self.steps, self.spills))
        return self._blocks

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
        """`instance` in cells of `size` seconds, each at the cost of its middle second: quick, and no bound."""
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
        """The grid without the arcs through which every path costs more than `ceiling`.

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
            cells = (np.arange(len(own)) + self.first[p]) // (size // self.size) - self.first[p] // (
                size // self.size
            )
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


def _blocks_of(costs: Floats32, steps: Ints, spills: Mask) -> tuple[Block, ...]:
    rows, m = costs.shape
    if m == 0:
        return ()
    live = np.isfinite(costs)
    ended = _ended(live, steps)
    length = int(steps.min())
    blocks = []
    for low in range(0, rows, length):
        high = min(rows, low + length)
        used = _present(live[low:high])
        to = (np.arange(low, high)[:, None] + steps[used]) * m + used
        late = to + spills[used] * m if spills.any() else None
        blocks.append(Block(slice(low, high), used, _present(ended[low:high]), to, late))
    return tuple(blocks)


def _ended(live: Mask, steps: Ints) -> Mask:
    """Whether any arc ends in a row with a member [shape=(rows, m)].

    A row to either side counts as well: a track's seconds are whole only on the grid; and one more for spills.
    """
    rows = len(live)
    ended = np.zeros((live.shape[1], rows + int(steps.max()) + 3), dtype=bool)
    for here, own, step in zip(ended, np.ascontiguousarray(live.T), steps, strict=True):
        for late in (-1, 0, 1, 2):
            here[step + late : step + late + rows] |= own
    return ended[:, :rows].T


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


@dataclass(frozen=True, slots=True, eq=False)
class Potentials:
    """Least cost to the end, from every state.

    Attributes
    ----------
    onward : tuple of np.ndarray [shape=(rows + longest step, m)]
        Stage p's cost once member i has ended in a row, whether the stage goes on or closes; infinite where no
        arc of the grid leads.
    opening : tuple of np.ndarray [shape=(rows, n)]
        Cost when stage p begins in a row, after member i of the stage before.
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
        here, later = _backward_stage(grid, p, charge, _closing(grid, p, later))
        onward.append(here)
        opening.append(later)
    onward.reverse()
    opening.reverse()
    start = grid.row(0, grid.instance.past.start)
    return Potentials(tuple(onward), tuple(opening), float(opening[0][start, 0]))


def _closing(grid: Grid, p: int, later: Floats32 | None) -> Floats32:
    """Cost of closing stage `p` in each row after each member, and all that follows [shape=(rows, m)]."""
    bound = grid.closing[p][:, None] + grid.instance.stages[p].exit
    if later is not None:
        rows = np.arange(len(bound)) + grid.first[p] - grid.first[p + 1]
        inside = (rows >= 0) & (rows < len(later))
        bound[inside] += later[rows[inside]]
        bound[~inside] = np.inf
    return bound


def _backward_stage(
    grid: Grid, p: int, charge: Floats32 | None, closing: Floats32
) -> tuple[Floats32, Floats32]:
    """One stage of `backward`: onward and opening costs."""
    stage, costs, steps = grid.instance.stages[p], grid.costs[p], grid.steps[p]
    rows, m = costs.shape
    onward: Floats32 = np.full((rows + int(steps.max(initial=1)) + 1, m), np.inf, dtype=np.float32)
    opening = np.full((rows, stage.entry.shape[0]), np.inf, dtype=np.float32)
    if m == 0:
        return onward, opening
    inner, entry = np.ascontiguousarray(stage.inner.T), np.ascontiguousarray(stage.entry.T)
    opens = grid.opening_rows(p)
    for block in reversed(grid.blocks[p]):
        here, used, ended = block.rows, block.used, block.ended
        best = closing[here, ended]
        if len(used):
            start = onward.take(block.to)
            if block.late is not None:
                np.minimum(start, onward.take(block.late), out=start)
            start += costs[here, used]
            if charge is not None:
                start += charge[used]
            np.minimum(best, _min_plus(start, _part(inner, used, ended)), out=best)
            first, last = max(here.start, opens.start), min(here.stop, opens.stop)
            if first < last:
                part = slice(first - here.start, last - here.start)
                opening[first:last] = _min_plus(start[part], _part(entry, used))
        onward[here, ended] = best
    return onward, opening


def through_costs(
    grid: Grid,
    potentials: Potentials,
    charges: tuple[Floats32, ...] | None = None,
    ceiling: float = np.inf,
) -> list[Floats32]:
    """For each stage, the least cost of any whole path through each arc [shape=(rows, m)].

    An arc is a member started in a row. Exact on the grid, for the relaxed problem; infinite where it would be
    above `ceiling`.
    """
    result: list[Floats32] = []
    before = np.full((len(grid.costs[0]), 1), np.inf, dtype=np.float32)
    before[grid.row(0, grid.instance.past.start), 0] = 0.0
    for p, stage in enumerate(grid.instance.stages):
        costs, steps = grid.costs[p], grid.steps[p]
        rows, m = costs.shape
        reached = np.full((rows + int(steps.max(initial=1)) + 1, m), np.inf, dtype=np.float32)
        through = np.full((rows, m), np.inf, dtype=np.float32)
        opens = grid.opening_rows(p)
        onward = potentials.onward[p]
        flat = reached.reshape(-1)
        for block in grid.blocks[p]:
            here, used = block.rows, block.used
            if not len(used):
                continue
            ended = _present(np.isfinite(reached[here]))
            start = _min_plus(reached[here, ended], _part(stage.inner, ended, used))
            first, last = max(here.start, opens.start), min(here.stop, opens.stop)
            if first < last:
                part = slice(first - here.start, last - here.start)
                entered = _min_plus(before[first:last], _part(stage.entry, np.arange(len(stage.entry)), used))
                start[part] = np.minimum(start[part], entered)
            start += costs[here, used]
            if charges is not None:
                start += charges[p][used]
            rest = onward.take(block.to)
            if block.late is not None:
                rest = np.minimum(rest, onward.take(block.late))
            whole = start + rest
            dear = ~(whole <= ceiling)
            whole[dear] = np.inf
            start[dear] = np.inf
            through[here, used] = whole
            for to in (block.to, block.late):
                if to is not None:
                    flat[to] = np.minimum(flat[to], start)
        result.append(through)
        if p + 1 < len(grid.instance.stages):
            closed = reached[:rows] + (grid.closing[p][:, None] + stage.exit)
            before = np.full((len(grid.costs[p + 1]), m), np.inf, dtype=np.float32)
            later = np.arange(rows) + grid.first[p] - grid.first[p + 1]
            inside = (later >= 0) & (later < len(before))
            before[later[inside]] = closed[inside]
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
        stage, onward = stages[p], potentials.onward[p]
        columns = np.arange(len(stage.members))
        early = np.minimum(row + grid.steps[p], len(onward) - 1)
        late = np.minimum(early + grid.spills[p], len(onward) - 1)
        to = np.where(onward[late, columns] < onward[early, columns], late, early)
        further = grid.costs[p][row] + charges[p] + onward[to, columns]
        further = further + (stage.entry[last] if entering else stage.inner[last])
        best = int(np.argmin(further))
        if not entering:
            closing = grid.closing[p][row] + stage.exit[last]
            if p + 1 < len(stages):
                later = row + grid.first[p] - grid.first[p + 1]
                inside = 0 <= later < len(potentials.opening[p + 1])
                closing += potentials.opening[p + 1][later, last] if inside else np.inf
            if closing <= further[best]:
                if p + 1 == len(stages):
                    return path
                row, p, entering = later, p + 1, True
                continue
        path.append((p, best))
        row, last, entering = int(to[best]), best, False


def _present(cells: Mask) -> Ints:
    """Columns with any true cell; all, where most have one, because taking parts costs more than it spares."""
    any_true = cells.any(axis=0)
    most = any_true.sum() > 0.8 * cells.shape[1]
    return np.arange(cells.shape[1]) if most else np.flatnonzero(any_true)


def _part(joins: Floats32, before: Ints, after: Ints | None = None) -> Floats32:
    """Some rows and columns of a matrix, which itself is given where that is all of it."""
    if after is not None and len(after) < joins.shape[1]:
        return joins[before[:, None], after]
    return joins[before] if len(before) < len(joins) else joins


def _min_plus(values: Floats32, joins: Floats32) -> Floats32:
    """Min over j of values[r, j] + joins[j, i], for every r and i [shape=(r, i)].

    Left out, because they can't be the least: infinite values, and each j that even at its least value would
    not get below what the `NEAREST` j of least value give, with any i.
    """
    result = np.full((len(values), joins.shape[1]), np.inf, dtype=np.float32)
    if len(joins) <= NEAREST:
        _least_sums(values, joins, result)
        return result
    for low in range(0, len(values), NEAR_ROWS):
        part, best = values[low : low + NEAR_ROWS], result[low : low + NEAR_ROWS]
        least = part.min(axis=0, initial=np.inf)
        order = np.argsort(least, kind="stable")[: np.isfinite(least).sum()]
        near, far = order[:NEAREST], order[NEAREST:]
        _least_sums(part[:, near], joins[near], best)
        if len(far):
            sums = joins[far] + least[far, None]
            hopeful = (sums < best.max(axis=0)).any(axis=1)
            far = far[hopeful]
            _least_sums(part[:, far], joins[far], best)
    return result


def _least_sums(values: Floats32, joins: Floats32, result: Floats32) -> None:
    """Lower result[r, i] to the least of values[r, j] + joins[j, i] over j."""
    if not joins.size:
        return
    rows = max(1, BLOCK_CELLS // joins.size)
    for low in range(0, len(values), rows):
        sums = joins + values[low : low + rows, :, None]
        best = result[low : low + rows]
        np.minimum(best, sums.min(axis=1), out=best)
