"""Lagrangian multipliers: what the relaxed recursion is charged for the rules that it can't see.

Charged are a recording's second appearance, an artist's beyond the cap, and voice beyond the phase's share.
For any multipliers >= 0 the recursion's value less the constant is a lower bound on every real plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playlistkit.planner.instance import Floats32, Instance
from playlistkit.planner.recursion import Grid, Potentials, backward, walk

__all__ = ["Multipliers", "improve"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Multipliers:
    """Points charged; all >= 0."""

    recording: Floats
    """[shape=(groups,)] Each time a recording is played; the constant gives one back."""
    artist: Floats
    """[shape=(artists,)] Each time an artist is played; the constant gives the cap back."""
    beyond: Floats
    """[shape=(stages,)] For each second of voice beyond the rule; the constant gives the share back."""

    @classmethod
    def none(cls, instance: Instance) -> Multipliers:
        """All zero."""
        groups = int(instance.groups.max(initial=-1)) + 1
        artists = int(instance.table.artist.max(initial=-1)) + 1
        return cls(np.zeros(groups), np.zeros(artists), np.zeros(len(instance.stages)))

    def charges(self, instance: Instance) -> tuple[Floats32, ...]:
        """What each member of each stage is charged [shape=(m,)]."""
        return tuple(
            (
                self.recording[instance.groups[stage.members]]
                + self.artist[instance.table.artist[stage.members]]
                + self.beyond[p] * stage.beyond * stage.step
            ).astype(np.float32)
            for p, stage in enumerate(instance.stages)
        )

    def constant(self, instance: Instance) -> float:
        """What a plan that keeps the rules may be charged at most."""
        limits = np.array([stage.beyond_limit for stage in instance.stages])
        played = np.zeros(len(self.artist))
        for artist, count in instance.past.artist_counts.items():
            if artist < len(played):
                played[artist] = count
        room = np.maximum(instance.rules.artist_max - played, 0)
        return float(self.recording.sum() + (self.artist * room).sum() + (self.beyond * limits).sum())

    def stepped(self, instance: Instance, path: list[tuple[int, int]], size: float) -> Multipliers | None:
        """After a step of the subgradient method along the violations of `path`; `None` if there are none.

        Parameters
        ----------
        size : float
            Points that the bound should gain (Polyak's step).
        """
        recording = np.full(len(self.recording), -1.0)
        artist = np.full(len(self.artist), -float(instance.rules.artist_max))
        beyond = np.array([-stage.beyond_limit for stage in instance.stages])
        for each, count in instance.past.artist_counts.items():
            if each < len(artist):
                artist[each] += count
        for p, j in path:
            stage = instance.stages[p]
            row = stage.members[j]
            recording[instance.groups[row]] += 1
            artist[instance.table.artist[row]] += 1
            beyond[p] += stage.step[j] * stage.beyond[j]
        scaled = beyond / 600.0  # in tracks of ten minutes, so that one step size suits all three
        gradients = []
        for value, gradient in ((self.recording, recording), (self.artist, artist), (self.beyond, scaled)):
            gradients.append(np.where((value <= 0) & (gradient < 0), 0.0, gradient))
        norm = sum(float((gradient**2).sum()) for gradient in gradients)
        if norm == 0:
            return None
        step = size / norm
        return Multipliers(
            np.maximum(0, self.recording + step * gradients[0]),
            np.maximum(0, self.artist + step * gradients[1]),
            np.maximum(0, self.beyond + step * gradients[2] / 600.0),
        )


def improve(
    grid: Grid,
    start: Multipliers,
    steps: int,
    ceiling: Callable[[Potentials, Multipliers], float],
) -> tuple[Multipliers, Potentials, float]:
    """Multipliers with a better bound, by the subgradient method with a rising and falling target.

    Parameters
    ----------
    steps : int
        Recursions to spend.
    ceiling : callable
        Asked after each recursion for the best known cost of a real plan (infinite if none); it may search.

    Returns
    -------
    multipliers, potentials, bound
        The best met, the potentials of `grid` under them, and the lower bound in points.
    """
    instance = grid.instance
    current = start
    best: tuple[Multipliers, Potentials, float] | None = None
    target_gain, stalled = 0.0, 0
    for k in range(max(1, steps)):
        charges = current.charges(instance)
        potentials = backward(grid, charges)
        bound = potentials.value - current.constant(instance)
        if best is None or bound > best[2] + 1e-9:
            if best is not None and bound - best[2] > target_gain / 2:
                target_gain *= 1.4
            best, stalled = (current, potentials, bound), 0
        else:
            stalled += 1
            if stalled >= 3:
                target_gain *= 0.6
                stalled = 0
        if not np.isfinite(bound) or k == steps - 1:
            break
        if k == 0:
            target_gain = max(0.05 * abs(bound), 1e-3)
        known = ceiling(potentials, current)
        target = best[2] + target_gain
        if np.isfinite(known) and known > best[2]:
            target = min(target, known)
        moved = current.stepped(instance, walk(grid, potentials, charges), max(target - bound, 1e-5))
        if moved is None:
            break
        current = moved
    assert best is not None
    return best
