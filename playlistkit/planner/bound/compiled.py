"""The recursion as machine code: one stage at a time, row by row. Importing this loads numba.

It gives the same bits as `arrays.py`, which says what each stage takes and gives: every value is the least of the
same sums in single precision, and a least does not depend on the order. A minimum over j takes the least
values first, in the order of a nearby row. After them, a j is skipped if even its least join would not improve the worst
result so far.

numba keeps the machine code beside this file, or in its own cache folder where that can't be written, and uses
it again until this file, numba or the processor changes.
"""

from __future__ import annotations

import numba
import numpy as np

from playlistkit.objective.array_types import Floats32
from playlistkit.planner.bound.arcs import StageArcs

__all__ = ["backward_stage", "through_stage"]

if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    raise ImportError("numba is told not to compile")

SORTED, CHECKED = 8, 12
"""Rows after which j are sorted anew, and j after which the worst is looked up: tuned by benchmark, they affect speed alone."""

_ROW, _GRID, _ORDER, _MASK = "float32[::1]", "float32[:, ::1]", "int64[::1]", "boolean[::1]"
_compiled = numba.njit(cache=True, nogil=True)
_without_nan = numba.njit(
    cache=True, nogil=True, fastmath={"nnan", "nsz"}
)  # there are none: nothing is subtracted


@_compiled
def _sort(order, values):  # type: ignore[no-untyped-def]
    """Sort `order` by `values`, by insertion: it was nearly sorted already."""
    for k in range(1, len(order)):
        j, at = order[k], k
        while at > 0 and values[order[at - 1]] > values[j]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = j


@_without_nan
def _lower(best, values, order, joins, least):  # type: ignore[no-untyped-def]
    """Lower best[i] to the least of values[j] + joins[j, i]; least[j] is the least of joins[j].

    Each j writes to another array than it reads from. Within one array the compiler leaves out writes that change nothing,
    and picking out the others takes five times as long as writing all.
    """
    m, taken = len(best), 0
    worst = np.float32(np.inf)
    known, lower = best, np.empty_like(best)
    for j in order:
        value = values[j]
        if not value + least[j] < worst:
            continue
        row = joins[j]
        for i in range(m):
            both = value + row[i]
            lower[i] = both if both < known[i] else known[i]
        known, lower = lower, known
        taken += 1
        if taken % CHECKED == 0:
            worst = known.max()
    if taken % 2:
        best[:] = known


@_compiled
def _rest(onward, row, j, step, spills):  # type: ignore[no-untyped-def]
    """The cost once member j, started in a row, has ended."""
    rest = onward[row + step, j]
    if spills and onward[row + step + 1, j] < rest:
        rest = onward[row + step + 1, j]
    return rest


@numba.njit(
    f"void({_GRID}, {_ROW}, {_ORDER}, {_MASK}, {_GRID}, {_ROW}, {_GRID}, {_ROW}, int64, int64, {_GRID}, {_GRID})",
    cache=True,
    nogil=True,
)
def _backward(  # type: ignore[no-untyped-def]
    costs, charge, steps, spills, inner, least_inner, entry, least_entry, opens, closes, onward, opening
):
    """Fill `onward`, which holds the closing costs, and `opening`; joins are [next, before]."""
    rows, m = costs.shape
    values = np.full(m, np.inf, dtype=np.float32)
    order, sorted_at = np.arange(m), rows
    for r in range(rows - 1, -1, -1):
        live = False
        for j in range(m):
            values[j] = np.inf
            if costs[r, j] < np.inf:
                rest = _rest(onward, r, j, steps[j], spills[j])
                if rest < np.inf:
                    values[j] = rest + costs[r, j] + charge[j]
                    live = True
        if live:
            if sorted_at - r >= SORTED:
                _sort(order, values)
                sorted_at = r
            _lower(onward[r], values, order, inner, least_inner)
            if opens <= r < closes:
                _lower(opening[r], values, order, entry, least_entry)


@numba.njit(
    f"void({_GRID}, {_ROW}, {_ORDER}, {_MASK}, {_GRID}, {_ROW}, {_GRID}, {_ROW}, int64, int64, {_GRID}, {_GRID}, "
    f"float32, {_GRID}, {_GRID})",
    cache=True,
    nogil=True,
)
def _through(  # type: ignore[no-untyped-def]
    costs,
    charge,
    steps,
    spills,
    inner,
    least_inner,
    entry,
    least_entry,
    opens,
    closes,
    before,
    onward,
    ceiling,
    reached,
    through,
):
    """Fill `reached` and `through`; joins are [before, next]."""
    rows, m = costs.shape
    start = np.full(m, np.inf, dtype=np.float32)
    order, order_before, sorted_at = np.arange(m), np.arange(before.shape[1]), opens
    for r in range(rows):
        live = False
        for j in range(m):
            if costs[r, j] < np.inf:
                live = True
                break
        if not live:
            continue
        start[:] = np.inf
        if r - sorted_at >= SORTED:
            _sort(order, reached[r])
            sorted_at = r
        _lower(start, reached[r], order, inner, least_inner)
        if opens <= r < closes:
            _lower(start, before[r], order_before, entry, least_entry)
        for j in range(m):
            if not (costs[r, j] < np.inf and start[j] < np.inf):
                continue
            here = start[j] + costs[r, j] + charge[j]
            rest = _rest(onward, r, j, steps[j], spills[j])
            if not here + rest <= ceiling:
                continue
            through[r, j] = here + rest
            to = r + steps[j]
            reached[to, j] = min(reached[to, j], here)
            if spills[j]:
                reached[to + 1, j] = min(reached[to + 1, j], here)


def backward_stage(stage: StageArcs, charge: Floats32 | None, closing: Floats32) -> tuple[Floats32, Floats32]:
    """As in `arrays.py`."""
    steps, costs = stage.steps, np.ascontiguousarray(stage.costs)
    rows, m = costs.shape
    onward: Floats32 = np.full((rows + int(steps.max(initial=1)) + 1, m), np.inf, dtype=np.float32)
    opening = np.full((rows, stage.entry.shape[0]), np.inf, dtype=np.float32)
    onward[:rows] = closing
    inner, entry = np.ascontiguousarray(stage.inner.T), np.ascontiguousarray(stage.entry.T)
    _backward(
        costs,
        _charged(charge, m),
        steps.astype(np.int64, copy=False),
        stage.spills,
        inner,
        inner.min(axis=1, initial=np.inf),
        entry,
        entry.min(axis=1, initial=np.inf),
        stage.opens.start,
        stage.opens.stop,
        onward,
        opening,
    )
    return onward, opening


def through_stage(
    stage: StageArcs, charge: Floats32 | None, before: Floats32, onward: Floats32, ceiling: float
) -> tuple[Floats32, Floats32]:
    """As in `arrays.py`."""
    steps, costs = stage.steps, np.ascontiguousarray(stage.costs)
    rows, m = costs.shape
    reached: Floats32 = np.full((rows + int(steps.max(initial=1)) + 1, m), np.inf, dtype=np.float32)
    through = np.full((rows, m), np.inf, dtype=np.float32)
    inner, entry = np.ascontiguousarray(stage.inner), np.ascontiguousarray(stage.entry)
    _through(
        costs,
        _charged(charge, m),
        steps.astype(np.int64, copy=False),
        stage.spills,
        inner,
        inner.min(axis=1, initial=np.inf),
        entry,
        entry.min(axis=1, initial=np.inf),
        stage.opens.start,
        stage.opens.stop,
        before,
        onward,
        np.float32(ceiling),
        reached,
        through,
    )
    return reached, through


def _charged(charge: Floats32 | None, m: int) -> Floats32:
    return np.zeros(m, dtype=np.float32) if charge is None else charge
