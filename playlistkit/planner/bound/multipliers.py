"""Lagrangian multipliers: what the relaxed recursion is charged for the rules that it can't see.

They charge for a recording's second appearance, an artist's beyond the cap, and voice beyond the phase's share.
For any multipliers >= 0 the recursion's value less the constant is a lower bound on every real plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from playlistkit.objective.array_types import Floats, Floats32
from playlistkit.objective.people import NO_ONE
from playlistkit.planner.problem.instance import Instance

__all__ = ["Multipliers", "Violations"]


Violations = tuple[Floats, Floats, Floats]
"""By recording, by artist, and by stage in stretches of `STRETCH` seconds."""

STRETCH = 600.0  # s of voice that count like one track too many, so that one step size suits all three


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
        return float(self.recording.sum() + _sum(self.artist * room) + (self.beyond * limits).sum())

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
        norm = sum(_sum(gradient**2) for gradient in gradients)
        if norm < 1e-9:  # what remains is rounding, and a step along it would be without bound
            return None
        step = gain / norm
        return Multipliers(
            np.maximum(0, self.recording + step * gradients[0]),
            np.maximum(0, self.artist + step * gradients[1]),
            np.maximum(0, self.beyond + step * gradients[2] / STRETCH),
        )


def _sum(values: Floats) -> float:
    """The exact sum, which no numbering of people can change."""
    return math.fsum(values[values != 0].tolist())
