"""Which code runs the recursion: array operations (`arrays`), or machine code (`compiled`) once loading it pays.

Both give the same bits. Loading numba and its cached code takes about as long as `PAYS` sums in arrays. So a small plan
never waits for it, while one large plan, or a process that plans a lot, loads it once.
"""

from __future__ import annotations

from typing import Protocol

from playlistkit.objective.array_types import Floats32
from playlistkit.planner.bound.arcs import StageArcs

__all__ = ["ENGINE", "engine", "expect"]

PAYS = 6e8
"""Sums of a value and a join that arrays take in about the time that loading takes (docs/planning-measured.md)."""


class Code(Protocol):
    """What both modules offer; `arrays.py` says what each stage takes and gives."""

    def backward_stage(
        self, stage: StageArcs, charge: Floats32 | None, closing: Floats32
    ) -> tuple[Floats32, Floats32]: ...

    def through_stage(
        self,
        stage: StageArcs,
        charge: Floats32 | None,
        before: Floats32,
        onward: Floats32,
        ceiling: float,
    ) -> tuple[Floats32, Floats32]: ...


class _Engine:
    """What this process has done so far, and the machine code once it is loaded."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.code: Code | None = None
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


def engine(sums: int) -> Code | None:
    """The machine code for one pass of so many sums; `None` if arrays are to do it."""
    if not ENGINE.tried:
        expect(sums, 1)
        ENGINE.spent += sums
    return ENGINE.code


def expect(sums: int, passes: int) -> None:
    """Say that so many passes of so many sums are to come."""
    if not ENGINE.tried and ENGINE.spent + passes * sums > PAYS:
        ENGINE.load()
