"""The recursion as array operations: one stage at a time, in blocks of rows no longer than the shortest track.

Nothing that starts within a block ends within it, so a whole block is one operation.
"""

from __future__ import annotations

import numpy as np

from playlistkit.objective.array_types import Floats32, Ints
from playlistkit.planner.bound.arcs import StageArcs, present

__all__ = ["backward_stage", "through_stage"]

BLOCK_CELLS = 1 << 16  # cells of a temporary: fits the second-level cache
NEAREST, NEAR_ROWS = 48, 16  # see `_min_plus`; tuned by benchmark, they affect speed, not results


def backward_stage(stage: StageArcs, charge: Floats32 | None, closing: Floats32) -> tuple[Floats32, Floats32]:
    """One stage backward: its h and k, the `onward` and `opening` of `Potentials`.

    Parameters
    ----------
    closing : np.ndarray [shape=(rows, m)]
        Cost of closing the stage in each row after each member, and all that follows.
    """
    costs, steps, opens = stage.costs, stage.steps, stage.opens
    rows, m = costs.shape
    onward: Floats32 = np.full((rows + int(steps.max(initial=1)) + 1, m), np.inf, dtype=np.float32)
    opening = np.full((rows, stage.entry.shape[0]), np.inf, dtype=np.float32)
    if m == 0:
        return onward, opening
    inner, entry = np.ascontiguousarray(stage.inner.T), np.ascontiguousarray(stage.entry.T)
    for block in reversed(stage.blocks):
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


def through_stage(
    stage: StageArcs, charge: Floats32 | None, before: Floats32, onward: Floats32, ceiling: float
) -> tuple[Floats32, Floats32]:
    """One stage forward: the least cost at which each member has ended in each row, and the through-costs.

    Parameters
    ----------
    before : np.ndarray [shape=(rows, n)]
        Least cost at which the stage begins in each row, after each member of the stage before.
    """
    costs, steps, opens = stage.costs, stage.steps, stage.opens
    rows, m = costs.shape
    reached = np.full((rows + int(steps.max(initial=1)) + 1, m), np.inf, dtype=np.float32)
    through = np.full((rows, m), np.inf, dtype=np.float32)
    flat = reached.reshape(-1)
    for block in stage.blocks:
        here, used = block.rows, block.used
        if not len(used):
            continue
        ended = present(np.isfinite(reached[here]))
        start = _min_plus(reached[here, ended], _part(stage.inner, ended, used))
        first, last = max(here.start, opens.start), min(here.stop, opens.stop)
        if first < last:
            part = slice(first - here.start, last - here.start)
            entered = _min_plus(before[first:last], _part(stage.entry, np.arange(len(stage.entry)), used))
            start[part] = np.minimum(start[part], entered)
        start += costs[here, used]
        if charge is not None:
            start += charge[used]
        rest = onward.take(block.to)
        if block.late is not None:
            rest = np.minimum(rest, onward.take(block.late))
        whole = start + rest
        dear = ~(whole <= np.float32(ceiling))
        whole[dear] = np.inf
        start[dear] = np.inf
        through[here, used] = whole
        for to in (block.to, block.late):
            if to is not None:
                flat[to] = np.minimum(flat[to], start)
    return reached, through


def _part(joins: Floats32, before: Ints, after: Ints | None = None) -> Floats32:
    """Some rows and columns of a matrix; the matrix itself if that is all of it."""
    if after is not None and len(after) < joins.shape[1]:
        return joins[before[:, None], after]
    return joins[before] if len(before) < len(joins) else joins


def _min_plus(values: Floats32, joins: Floats32) -> Floats32:
    """Min over j of values[r, j] + joins[j, i], for every r and i [shape=(r, i)].

    Skips what can't be the least: infinite values, and each j whose least value lies, for every i, above what the
    `NEAREST` j of least value give.
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
