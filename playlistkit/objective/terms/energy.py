"""Energy compared with the curve, second by second as tracks play."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from playlistkit.objective.arc import Arc
from playlistkit.objective.array_types import Floats, Floats32, Ints
from playlistkit.objective.table import Table
from playlistkit.objective.terms.term import Run, Setting, Term
from playlistkit.objective.weights import WEIGHTS
from playlistkit.objective.within import BLOCK, energy_blocks

__all__ = ["TERM", "miss"]


CACHED_CELLS = 1 << 14


def miss(arc: Arc, blocks: Floats, start: ArrayLike, seconds: ArrayLike, block: float = BLOCK) -> Floats:
    """The integral of ((e(t) - C(t)) / scale)² over each track as it plays, in seconds.

    Parameters
    ----------
    blocks : np.ndarray [shape=(n, b)]
        Energy within each track in means of `block` seconds.
    start, seconds : array_like [shape=(n,)]
        When each track begins and how long it plays.
    """
    begin = np.asarray(start, dtype=np.float64)[:, None]
    length = np.asarray(seconds, dtype=np.float64)[:, None]
    edges = np.minimum(np.arange(blocks.shape[1] + 1) * block, length)
    areas = np.diff(arc.area(begin + edges), axis=1)
    spans = np.diff(edges, axis=1)
    squares = (arc.square(begin + length) - arc.square(begin)).ravel()
    missed = (blocks**2 * spans - 2 * blocks * areas).sum(axis=1) + squares
    whole: Floats = np.maximum(missed, 0.0) / WEIGHTS.energy_scale**2
    return whole


class _EnergyRun(Run):
    def __init__(self, arc: Arc, table: Table) -> None:
        self._arc = arc
        self._blocks = energy_blocks(table)

    def each(self, rows: Ints, starts: Floats, seconds: Floats) -> Floats:
        return miss(self._arc, self._blocks[rows], starts, seconds)

    def grid(self, rows: Ints, starts: Floats, seconds: Floats) -> Floats32:
        """`miss`, with `seconds` rounded to whole ones; starts lie whole seconds apart.

        The curve's integrals are then looked up: one value for each second of the session.
        """
        s, n = len(starts), len(rows)
        length = np.maximum(np.round(seconds).astype(np.int64), 1)
        size, first = int(BLOCK), float(starts[0])
        stride = round(float(starts[1] - starts[0])) if s > 1 else 1
        span = round(float(starts[-1]) - first)
        times = first + np.arange(span + int(length.max()) + size + 1)
        area, square = self._arc.area(times), self._arc.square(times)
        # row k: the integral up to each of `starts`, k seconds later
        areas, squares = (sliding_window_view(each, span + 1)[:, ::stride] for each in (area, square))
        whole = length // size  # blocks that play in full
        energy = self._blocks[rows].astype(np.float32)
        lengths = np.clip(length[:, None] - np.arange(energy.shape[1]) * size, 0, size)
        own = (energy.astype(np.float64) ** 2 * lengths).sum(axis=1)
        width = min(int(whole.max()), energy.shape[1])
        full = np.where(np.arange(width) < whole[:, None], energy[:, :width], 0).astype(np.float32)
        shared = full @ np.diff(areas[np.arange(width + 1) * size], axis=0).astype(np.float32)
        last = energy[np.arange(n), np.minimum(whole, energy.shape[1] - 1)]
        amounts = np.empty((s, n), dtype=np.float32)
        together = max(1, CACHED_CELLS // s)
        for low in range(0, n, together):  # few tracks at a time, to stay in the cache
            some = slice(low, low + together)
            missed = areas[length[some]] - areas[whole[some] * size]
            missed *= last[some, None]
            missed += shared[some]
            missed *= -2
            missed += squares[length[some]]
            missed -= squares[0]
            missed += own[some, None]
            np.maximum(missed, 0, out=missed)
            missed /= WEIGHTS.energy_scale**2
            amounts[:, some] = missed.T
        return amounts


def _estimate(setting: Setting, table: Table, start: float, seconds: Floats) -> Floats:
    """As `miss`, from the tracks' mean energy alone."""
    arc, stop = setting.arc, start + seconds
    areas, squares = arc.area(stop) - arc.area(start), arc.square(stop) - arc.square(start)
    missed = table.energy**2 * seconds - 2 * table.energy * areas + squares
    whole: Floats = np.maximum(missed, 0.0) / WEIGHTS.energy_scale**2
    return whole


TERM = Term(
    "energy",
    WEIGHTS.energy,
    "energy off the curve",
    # for an energy known to ±d, the expected squared miss is that of the mean plus d²
    rate=lambda _setting, _phase, table: (table.energy_doubt / WEIGHTS.energy_scale) ** 2,
    run=lambda setting, table: _EnergyRun(setting.arc, table),
    estimate=_estimate,
)
