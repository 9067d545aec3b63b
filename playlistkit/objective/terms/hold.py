"""Tracks that rise for too long within a hold, such as around a blood pressure reading."""

from __future__ import annotations

import numpy as np

from playlistkit.objective.arc import Arc
from playlistkit.objective.array_types import Floats, Ints
from playlistkit.objective.holds import hold_windows, rises_within
from playlistkit.objective.table import Table
from playlistkit.objective.terms.term import Run, Setting, Term
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TERM"]


class _HoldRun(Run):
    """One such rise costs as much as a whole session at 1."""

    def __init__(self, arc: Arc, table: Table) -> None:
        self._whole = arc.end
        self._windows = hold_windows(arc)
        self._rises = rises_within(table, min(window.longest for window in self._windows))

    def each(self, rows: Ints, starts: Floats, seconds: Floats) -> Floats:
        amounts = np.zeros(len(rows))
        for rise in self._rises:
            own = rows == rise.row
            for window in self._windows:
                end = np.minimum(starts[own] + np.minimum(rise.end, seconds[own]), window.end)
                begin = np.maximum(starts[own] + rise.begin, window.begin)
                amounts[own] += self._whole * (end - begin > window.longest)
        return amounts

    def grid(self, rows: Ints, starts: Floats, seconds: Floats) -> Floats:
        amounts = np.zeros((len(starts), len(rows)))
        for k in np.flatnonzero(np.isin(rows, [rise.row for rise in self._rises])):
            amounts[:, k] = self.each(np.full(len(starts), rows[k]), starts, np.full(len(starts), seconds[k]))
        return amounts


def _holds(setting: Setting) -> bool:
    return bool(hold_windows(setting.arc))


TERM = Term(
    "hold",
    WEIGHTS.hold,
    "a rise within a hold",
    run=lambda setting, table: _HoldRun(setting.arc, table),
    applies=_holds,
)
