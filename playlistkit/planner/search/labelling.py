"""The label search: finds real plans, steered by the recursion's potentials.

A label is a partial plan. What the relaxed recursion leaves out is exact here: no recording twice, an artist's
cap and the cost of an early return, the share of voice, and time to the fraction of a second. A label's
estimate is its cost, its charges and the potential of its state, less the constant of the multipliers: a lower
bound on every plan that completes it. Labels whose estimate is not below the best plan known are dropped;
that loses nothing. Labels dropped because a window holds too many make the search incomplete, and it says so.

Labels are kept in windows of time no longer than the shortest step, so that those of one window can't follow each other.
They are extended by array operations (`label_arrays.py`) or, with the same answer, by machine code (`label_code.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from playlistkit.planner.bound.engine import ENGINE
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.bound.potentials import Potentials
from playlistkit.planner.search import label_arrays
from playlistkit.planner.search.question import STAGES, Log, Question, Width

__all__ = ["CODE", "Found", "load", "search"]

MOST = 400
"""Most plans that one search gives."""

PAYS = 6_000
"""Windows that arrays process in about the time that compiling takes. What numba has kept is loaded in a hundredth of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A whole plan: (stage, row of the instance's table) pairs, and its cost in points."""

    path: tuple[tuple[int, int], ...]
    cost: float


def search(
    grid: Grid,
    potentials: Potentials,
    multipliers: Multipliers,
    width: Width,
    *,
    exact: Grid | None = None,
    below: float = np.inf,
    spread: float = 0.0,
) -> tuple[list[Found], bool]:
    """Plans cheaper than `below`, best first, and whether the search was complete.

    Parameters
    ----------
    grid, potentials
        The potentials must be those of `grid` under the charges of `multipliers`.
    width : Width
        Labels beyond these are dropped, worst estimates first.
    below : float
        Only plans under this cost, in points, are wanted.
    spread : float
        Also give plans whose cost exceeds the best by up to this share (for a seed to choose from); 0: only
        the best.
    """
    if not np.isfinite(potentials.value):
        return [], True
    instance = grid.instance
    question = Question(
        grid,
        exact or grid,
        potentials,
        multipliers.charges(instance),
        multipliers.constant(instance),
        width,
        below,
        spread,
    )
    ends, log, complete = CODE.chosen(question)(question)
    best = min([below, *(cost for cost, _ in ends)])
    wanted = [each for each in sorted(ends)[:MOST] if each[0] <= question.ceiling(best)]
    paths = log.paths([row for _, row in wanted])
    return [Found(path, cost) for path, (cost, _) in zip(paths, wanted, strict=True)], complete


class _Code:
    """What this process has searched so far, and by what."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.looked = False
        self.tried = False
        self.labelled: Callable[[Question], tuple[list[tuple[float, int]], Log, bool]] = label_arrays.labelled

    def load(self, *, compiling: bool = True) -> None:
        """Take the machine code from now on, where there is any; if not `compiling`, only what was compiled before."""
        if self.tried or (self.looked and not compiling):
            return
        self.looked, self.tried = True, compiling
        try:
            from playlistkit.planner.search import label_code

            if compiling or label_code.is_kept():
                label_code.load()
                self.tried, self.labelled = True, label_code.labelled
        except Exception:  # as in `engine`: arrays do
            return

    def chosen(self, question: Question) -> Callable[[Question], tuple[list[tuple[float, int]], Log, bool]]:
        """The code for one search."""
        stages = question.instance.stages
        if len(stages) > STAGES:
            return label_arrays.labelled
        self.spent += max(0.0, stages[-1].closes[1] - question.instance.past.start) / question.window
        if self.spent > PAYS:
            self.load()
        elif ENGINE.code is not None:  # numba is there, so that what it has kept takes a moment
            self.load(compiling=False)
        return self.labelled


CODE = _Code()


def load() -> None:
    """Load all machine code now, since there is time: the first time on a machine it has to be compiled."""
    if not ENGINE.tried:
        ENGINE.load()
    CODE.load()
