"""The potentials: what the recursion gives, and what steers a label search."""

from __future__ import annotations

from dataclasses import dataclass

from playlistkit.objective.array_types import Floats32

__all__ = ["Potentials"]


@dataclass(frozen=True, slots=True, eq=False)
class Potentials:
    """Cost-to-go: the least cost to the end, from every state.

    Attributes
    ----------
    onward : tuple of np.ndarray [shape=(rows + longest step, m)]
        h_p(t, i): the cost of all that follows once member i has ended in a row, whether the stage goes on or
        closes; infinite where no arc of the grid leads.
    opening : tuple of np.ndarray [shape=(rows, n)]
        k_p(t, i): the cost of all that follows when stage p begins in a row, after member i of the stage before.
    value : float
        Cost of the whole, from the start.
    """

    onward: tuple[Floats32, ...]
    opening: tuple[Floats32, ...]
    value: float
