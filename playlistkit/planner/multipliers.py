"""Lagrangian multipliers: what the relaxed recursion is charged for the rules that it can't see.

Charged are a recording's second appearance, an artist's beyond the cap, and voice beyond the phase's share.
For any multipliers >= 0 the recursion's value less the constant is a lower bound on every real plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playlistkit.objective.people import NO_ONE
from playlistkit.planner.cost_to_go import Grid, Potentials, backward, walk
from playlistkit.planner.instance import Floats32, Instance

__all__ = ["Multipliers", "improve"]

Floats = NDArray[np.float64]


Violations = tuple[Floats, Floats, Floats]
"""By recording, by artist, and by stage in stretches of `STRETCH` seconds."""

STRETCH = 600.0  # s of voice that count like one track too many, so that one step size suits all three

FRESH = 0.7
"""Share of the newest path in the direction of a step; the rest is the direction before. A path that alternates
between two tracks then moves both, which reaches the same bound in half the steps."""


@dataclass(frozen=True, slots=True, eq=False)
class Multipliers:
    """Points charged; all >= 0."""

    recording: Floats
    """[shape=(groups,)] Each time a recording is played; the constant gives one back."""
    artist: Floats
    """[shape=(people + 1,)] Each time a person is heard; the constant gives the cap back. The last: no one, 0."""
    beyond: Floats
    """[shape=(stages,)] For each second of voice beyond the rule; the constant gives the share back."""

    @classmethod
    def none(cls, instance: Instance) -> Multipliers:
        """All zero."""
        groups = int(instance.groups.max(initial=-1)) + 1
        people = int(instance.table.people.max(initial=NO_ONE)) + 1
        return cls(np.zeros(groups), np.zeros(people + 1), np.zeros(len(instance.stages)))

    def charges(self, instance: Instance) -> tuple[Floats32, ...]:
        """What each member of each stage is charged [shape=(m,)]."""
        return tuple(
            (
                self.recording[instance.groups[stage.members]]
                + self.artist[instance.table.people[stage.members]].sum(axis=1)
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
        played[NO_ONE] = 0
        room = np.maximum(instance.limits.artist_max - played, 0)
        return float(self.recording.sum() + (self.artist * room).sum() + (self.beyond * limits).sum())

    def violations(self, instance: Instance, path: list[tuple[int, int]]) -> Violations:
        """How far `path` passes each limit; negative where it stays below."""
        recording = np.full(len(self.recording), -1.0)
        artist = np.full(len(self.artist), -float(instance.limits.artist_max))
        beyond = np.array([-stage.beyond_limit for stage in instance.stages])
        for each, count in instance.past.artist_counts.items():
            if each < len(artist):
                artist[each] += count
        for p, j in path:
            stage = instance.stages[p]
            row = stage.members[j]
            recording[instance.groups[row]] += 1
            artist[instance.table.people[row]] += 1  # where there is no one, that is the last
            beyond[p] += stage.step[j] * stage.beyond[j]
        artist[NO_ONE] = 0.0
        return recording, artist, beyond / STRETCH

    def stepped(self, along: Violations, gain: float) -> Multipliers | None:
        """After a step along (averaged) violations; `None` if nothing is violated or charged for nothing.

        Parameters
        ----------
        gain : float
            Points that the bound should gain (Polyak's step).
        """
        values = self.recording, self.artist, self.beyond
        gradients = [
            np.where((value <= 0) & (each < 0), 0.0, each) for value, each in zip(values, along, strict=True)
        ]
        norm = sum(float((gradient**2).sum()) for gradient in gradients)
        if norm == 0:
            return None
        step = gain / norm
        return Multipliers(
            np.maximum(0, self.recording + step * gradients[0]),
            np.maximum(0, self.artist + step * gradients[1]),
            np.maximum(0, self.beyond + step * gradients[2] / STRETCH),
        )


def improve(
    grid: Grid,
    start: Multipliers,
    steps: int,
    known: float = np.inf,
    *,
    hope: float = 0.05,
) -> tuple[Multipliers, Potentials, float]:
    """Multipliers with a better bound, by the subgradient method with a rising and falling target.

    Parameters
    ----------
    steps : int
        Recursions to spend.
    known : float
        The best known cost of a real plan; no bound is above it.
    hope : float
        Share of the first bound by which the first steps try to raise it.

    Returns
    -------
    multipliers, potentials, bound
        The best met, the potentials of `grid` under them, and the lower bound in points.
    """
    instance = grid.instance
    current = start
    best: tuple[Multipliers, Potentials, float] | None = None
    target_gain, stalled = 0.0, 0
    along: Violations | None = None
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
            target_gain = max(hope * abs(bound), 1e-3)
        target = best[2] + target_gain
        if known > best[2]:
            target = min(target, known)
        violations = current.violations(instance, walk(grid, potentials, charges))
        if along is not None:
            blend = [FRESH * new + (1 - FRESH) * old for new, old in zip(violations, along, strict=True)]
            violations = (blend[0], blend[1], blend[2])
        along = violations
        moved = current.stepped(along, max(target - bound, 1e-5))
        if moved is None:
            break
        current = moved
    assert best is not None
    return best
