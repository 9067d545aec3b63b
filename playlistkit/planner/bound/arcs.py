"""One stage of a grid, as the recursion takes it: who may start in which row, what it costs there, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from playlistkit.objective.array_types import Floats32, Ints, Mask

__all__ = ["Block", "StageArcs", "present"]


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
class StageArcs:
    """A stage's arcs. An arc is a member started in a row.

    Attributes
    ----------
    costs : np.ndarray [shape=(rows, m)]
        What each member costs if started in each row; infinite where there is no arc.
    steps : np.ndarray [shape=(m,)]
        Rows from a member's start to the earliest row in which it may end.
    spills : np.ndarray [shape=(m,)]
        Whether it may end one row later as well.
    inner : np.ndarray [shape=(m, m)]
        Costs of the joins within the stage, as [before, next].
    entry : np.ndarray [shape=(n, m)]
        Costs of the joins with the stage before, as [before, next].
    opens : slice
        The rows at which the stage may begin.
    """

    costs: Floats32
    steps: Ints
    spills: Mask
    inner: Floats32
    entry: Floats32
    opens: slice
    _blocks: list[tuple[Block, ...]] = field(default_factory=list)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The rows in stretches no longer than the shortest step, in order of time."""
        if not self._blocks:  # made when asked for: machine code needs none
            self._blocks.append(_blocks_of(self.costs, self.steps, self.spills))
        return self._blocks[0]


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
        used = present(live[low:high])
        to = (np.arange(low, high)[:, None] + steps[used]) * m + used
        late = to + spills[used] * m if spills.any() else None
        blocks.append(Block(slice(low, high), used, present(ended[low:high]), to, late))
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


def present(cells: Mask) -> Ints:
    """Columns with any true cell [shape=(k,)]; all, where most have one, because taking parts costs more than it saves."""
    any_true = cells.any(axis=0)
    most = any_true.sum() > 0.8 * cells.shape[1]
    return np.arange(cells.shape[1]) if most else np.flatnonzero(any_true)
