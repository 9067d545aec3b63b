"""Which code runs the recursion: array operations (`arrays`), or machine code (`compiled`) once loading it pays.

Both give the same bits. Loading numba and the code that it keeps takes about as long as `PAYS` of work in arrays, so that a
small plan never waits for it, and a process that plans much, or one large plan, loads it once.
"""

from __future__ import annotations

from typing import Protocol

from playlistkit.planner.bound import arrays
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.problem.instance import Floats32

__all__ = ["ENGINE", "engine", "expect"]

PAYS = 6e8
"""Sums of a value and a join that arrays take in about the time that loading takes; docs/planning.md has the measurement."""


class Code(Protocol):
    """What both modules offer; `arrays.py` says what each stage takes and gives."""

    def backward_stage(
        self, grid: Grid, p: int, charge: Floats32 | None, closing: Floats32
    ) -> tuple[Floats32, Floats32]: ...

    def through_stage(
        self,
        grid: Grid,
        p: int,
        charge: Floats32 | None,
        before: Floats32,
        onward: Floats32,
        ceiling: float,
    ) -> tuple[Floats32, Floats32]: ...


class _Engine:
    """What this process has done so far, and by what."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.code: Code = arrays
        self.tried = False

    def load(self) -> None:
        """Take the machine code from now on, where there is any."""
        self.tried = True
        try:
            from playlistkit.planner.bound import compiled
        except Exception:  # numba is missing, broken, switched off or finds no place for its cache: arrays do
            return
        self.code = compiled


ENGINE = _Engine()


def engine(grid: Grid) -> Code:
    """The code for one pass over a grid."""
    if not ENGINE.tried:
        expect(grid, 1)
        ENGINE.spent += grid.sums
    return ENGINE.code


def expect(grid: Grid, passes: int) -> None:
    """Say that so many passes over a grid are to come."""
    if not ENGINE.tried and ENGINE.spent + passes * grid.sums > PAYS:
        ENGINE.load()
