"""The time-expanded recursion: the least cost from every state to the end, and through every arc.

A state is (stage, time on a grid, last track). On a grid of whole seconds the recursion is exact for the
*relaxed* problem in which a recording may be played again; multipliers (`multipliers.py`) charge for that. On a
coarser grid a cell stands for all its seconds: it costs what the cheapest of them does, and a track may end in
either of the two cells that its length reaches. So the values on every grid bound the real problem from below.
They steer the label search, and show which arcs no better plan can use.

A stage is worked through by `arrays.py` or, with the same bits, by `compiled.py`; `engine.py` says when.
"""

from __future__ import annotations

import numpy as np

from playlistkit.objective.array_types import Floats32
from playlistkit.planner.bound import arrays
from playlistkit.planner.bound.engine import Code, engine
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.potentials import Potentials

__all__ = ["backward", "through_costs", "walk"]


def backward(grid: Grid, charges: tuple[Floats32, ...] | None = None) -> Potentials:
    """The potentials of `grid`, with `charges` [shape=(m,)] added to the members' costs of each stage."""
    code: Code = engine(grid.sums) or arrays
    stages = grid.instance.stages
    onward: list[Floats32] = []
    opening: list[Floats32] = []
    later: Floats32 | None = None
    for p in range(len(stages) - 1, -1, -1):
        charge = None if charges is None else charges[p]
        here, later = code.backward_stage(grid.stages[p], charge, _closing(grid, p, later))
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


def through_costs(
    grid: Grid,
    potentials: Potentials,
    charges: tuple[Floats32, ...] | None = None,
    ceiling: float = np.inf,
) -> list[Floats32]:
    """For each stage, the least cost of any whole path through each arc, f + c + charge + h [shape=(rows, m)].

    An arc is a member started in a row. Exact on the grid, for the relaxed problem; infinite where it would be
    above `ceiling`.
    """
    code: Code = engine(grid.sums) or arrays
    result: list[Floats32] = []
    before = np.full((len(grid.costs[0]), 1), np.inf, dtype=np.float32)
    before[grid.row(0, grid.instance.past.start), 0] = 0.0
    for p, stage in enumerate(grid.instance.stages):
        charge = None if charges is None else charges[p]
        reached, through = code.through_stage(grid.stages[p], charge, before, potentials.onward[p], ceiling)
        result.append(through)
        if p + 1 < len(grid.instance.stages):
            rows, m = through.shape
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
        members = np.arange(len(stage.members))
        early = np.minimum(row + grid.steps[p], len(onward) - 1)
        late = np.minimum(early + grid.spills[p], len(onward) - 1)
        to = np.where(onward[late, members] < onward[early, members], late, early)
        further = grid.costs[p][row] + charges[p] + onward[to, members]
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
