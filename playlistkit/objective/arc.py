"""The template's energy curve C(t) on the session's clock, with the integrals that the energy term needs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playlistkit.model import EnergyLimit, Phase, Template
from playlistkit.objective.array_types import Floats

__all__ = ["Arc"]


class Arc:
    """The phases that are played, laid out on the clock, and the curve through them.

    Phases of zero minutes are left out. After the planned end the curve stays where it ended.

    Parameters
    ----------
    template : Template

    Attributes
    ----------
    phases : tuple of Phase
        Those with minutes.
    bounds : np.ndarray [shape=(len(phases) + 1,)]
        Start of each phase in seconds, and the planned end.
    """

    def __init__(self, template: Template) -> None:
        self.phases: tuple[Phase, ...] = tuple(
            phase for phase in template.phases if phase.minutes.default > 0
        )
        lengths = [phase.minutes.default * 60.0 for phase in self.phases]
        self.bounds: Floats = np.concatenate([[0.0], np.cumsum(lengths)])
        starts, levels, slopes = [], [], []
        for phase, begin, length in zip(self.phases, self.bounds, lengths, strict=False):
            points = _whole_span(phase.energy)
            for (left, low), (right, high) in pairwise(points):
                if right > left:
                    starts.append(begin + left * length)
                    levels.append(low)
                    slopes.append((high - low) / ((right - left) * length))
        starts.append(self.end)
        levels.append(self.phases[-1].energy[-1][1] if self.phases else 0.0)
        slopes.append(0.0)
        self._starts, self._levels, self._slopes = np.array(starts), np.array(levels), np.array(slopes)
        spans = np.diff(self._starts)
        a, b = self._levels[:-1], self._slopes[:-1]
        self._areas = np.concatenate([[0.0], np.cumsum(a * spans + b * spans**2 / 2)])
        squares = a**2 * spans + a * b * spans**2 + b**2 * spans**3 / 3
        self._squares = np.concatenate([[0.0], np.cumsum(squares)])

    @property
    def end(self) -> float:
        """The planned end in seconds."""
        return float(self.bounds[-1])

    def level(self, t: ArrayLike) -> Floats:
        """C(t), the target energy at second `t` [shape as t]."""
        i, since = self._locate(t)
        level: Floats = self._levels[i] + self._slopes[i] * since
        return level

    def area(self, t: ArrayLike) -> Floats:
        """The integral of C from 0 to `t` seconds [shape as t]."""
        i, since = self._locate(t)
        area: Floats = self._areas[i] + self._levels[i] * since + self._slopes[i] * since**2 / 2
        return area

    def square(self, t: ArrayLike) -> Floats:
        """The integral of C² from 0 to `t` seconds [shape as t]."""
        i, since = self._locate(t)
        a, b = self._levels[i], self._slopes[i]
        square: Floats = self._squares[i] + a**2 * since + a * b * since**2 + b**2 * since**3 / 3
        return square

    def band(self, phase: Phase) -> tuple[float, float]:
        """The lowest and highest mean energy that a track of `phase` may have."""
        targets = [energy for _, energy in phase.energy]
        limit = phase.energy_limit or EnergyLimit(0.0, 0.0)
        down, up = (max(side, phase.energy_tolerance) for side in (limit.down, limit.up))
        return min(targets) - down, max(targets) + up

    def wished_band(self, phase: Phase) -> tuple[float, float]:
        """The lowest and highest mean energy that a track of `phase` should have."""
        targets = [energy for _, energy in phase.energy]
        return min(targets) - phase.energy_tolerance, max(targets) + phase.energy_tolerance

    def _locate(self, t: ArrayLike) -> tuple[NDArray[np.intp], Floats]:
        times = np.asarray(t, dtype=np.float64)
        i = np.maximum(np.searchsorted(self._starts, times, side="right") - 1, 0)
        return i, times - self._starts[i]


def _whole_span(points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """The points, extended level to fractions 0 and 1."""
    whole = list(points)
    if whole[0][0] > 0:
        whole.insert(0, (0.0, whole[0][1]))
    if whole[-1][0] < 1:
        whole.append((1.0, whole[-1][1]))
    return whole
