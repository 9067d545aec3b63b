"""Holds: stretches in which energy should not rise for long, such as around a blood pressure reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Session, Slot
from playlistkit.objective.arc import Arc
from playlistkit.objective.hearing import slots_heard
from playlistkit.objective.table import Table
from playlistkit.objective.within import BLOCK, energy_blocks

__all__ = ["HoldWindow", "Rise", "hold_windows", "longest_rise", "rises_within"]

STEP = 3 * BLOCK  # s; length of the means that are compared
LEAST = 0.005  # least step in energy between means that counts as a rise


@dataclass(frozen=True, slots=True)
class HoldWindow:
    """A hold on the session's clock, in seconds."""

    phase: str
    begin: float
    end: float
    longest: float
    """The longest rise within it, in seconds."""
    note: str | None


@dataclass(frozen=True, slots=True)
class Rise:
    """An unbroken rise of energy within a track."""

    row: int
    """Row of the table."""
    begin: float
    """Seconds from the track's start."""
    end: float


def hold_windows(arc: Arc) -> tuple[HoldWindow, ...]:
    """The holds of all phases on the session's clock."""
    windows = []
    for phase, start in zip(arc.phases, arc.bounds, strict=False):
        if phase.hold is not None:
            middle, around = float(start) + phase.hold.minute * 60.0, phase.hold.around * 60.0
            longest = phase.hold.rise_minutes * 60.0
            windows.append(HoldWindow(phase.name, middle - around, middle + around, longest, phase.hold.note))
    return tuple(windows)


def rises_within(table: Table, longer_than: float) -> tuple[Rise, ...]:
    """The rises within tracks that last longer than some seconds."""
    levels = energy_blocks(table, STEP)
    past = np.arange(levels.shape[1]) >= np.ceil(table.duration / STEP)[:, None]
    levels[past] = -1.0  # nothing rises to what is after the end
    rows, firsts, lasts = _runs(levels)
    long = np.flatnonzero((lasts - firsts) * STEP > longer_than)
    return tuple(Rise(int(rows[k]), float(firsts[k] * STEP), float(lasts[k] * STEP)) for k in long)


def longest_rise(session: Session, slots: Sequence[Slot], begin: float, end: float) -> float:
    """Seconds of the longest unbroken rise of energy between two times, from track to track as well."""
    table = slots_heard(session, slots)
    levels = [
        level
        for slot, row in zip(slots, energy_blocks(table, STEP), strict=True)
        for k, level in enumerate(row[: int(np.ceil((slot.duration - slot.overlap) / STEP))])
        if begin <= slot.start + k * STEP < end
    ]
    _, firsts, lasts = _runs(np.array(levels)[None, :])
    return float((lasts - firsts).max(initial=0) * STEP)


def _runs(levels: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Row, first and last column of each unbroken rise along the rows of an array, row by row."""
    rising = np.zeros((len(levels), levels.shape[1] + 1), dtype=np.int8)
    rising[:, 1:-1] = levels[:, 1:] - levels[:, :-1] > LEAST
    rows, columns = np.nonzero(np.diff(rising, axis=1))
    return rows[::2], columns[::2], columns[1::2]
