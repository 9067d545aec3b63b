"""The recursion's inner loop: the least sum of a value and a join."""

from __future__ import annotations

import numpy as np

from playlistkit.planner.problem.instance import Floats32

__all__ = ["min_plus"]

BLOCK_CELLS = 1 << 16  # cells of a temporary: fits the second-level cache
NEAREST, NEAR_ROWS = 48, 16  # see `min_plus`; tuned by benchmark, they affect speed, not results


def min_plus(values: Floats32, joins: Floats32) -> Floats32:
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
