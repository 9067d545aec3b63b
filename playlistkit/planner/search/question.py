"""What a label search is asked: the instance's arcs, the potentials that steer it, and its costs in time as tables.

Two terms depend on a time that no grid holds: a phase's end to the fraction of a second, and the seconds since somebody was last
heard. They are looked up in tables made of the terms themselves, linear between entries, so that the search knows no formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Phase
from playlistkit.objective.array_types import Floats, Floats32, Ints, Mask
from playlistkit.objective.people import NO_ONE
from playlistkit.objective.terms import repeat_points
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.potentials import Potentials
from playlistkit.planner.problem.instance import Instance

__all__ = ["ENDS_PER_SECOND", "ROUNDING", "STAGES", "Log", "Question", "Width"]


ROUNDING = 1e-5
"""Relative error of the potentials (single precision); no label is dropped for less than this."""

STAGES = 16
"""Most stages that the machine code takes, which gets one array of each kind a stage."""

ENDS_PER_SECOND = 16
"""Entries for each second in which a stage may end: a boundary's cost is then exact to a hundred-thousandth of a point."""


@dataclass(frozen=True, slots=True)
class Width:
    """Most labels a window may hold."""

    window: int
    per_second: int


class Log:
    """Log of every kept choice, so that a plan can be read back from its end."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, Ints, Ints]] = []
        self._size = 0

    def add(self, parents: Ints, stages: Ints, tracks: Ints) -> Ints:
        """Add n choices; give their rows [shape=(n,)]."""
        rows = np.arange(self._size, self._size + len(parents))
        self._parts.append((parents, stages, tracks))
        self._size += len(parents)
        return rows

    def paths(self, ends: Sequence[int]) -> list[tuple[tuple[int, int], ...]]:
        """The (stage, track) pairs that lead to each of some rows."""
        if not ends:
            return []
        parents, stages, tracks = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        found = []
        for end in ends:
            path, row = [], end
            while row >= 0:
                path.append((int(stages[row]), int(tracks[row])))
                row = int(parents[row])
            found.append(tuple(reversed(path)))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One label search."""

    grid: Grid
    """The grid of the potentials."""
    exact: Grid
    """The grid of the arcs."""
    potentials: Potentials
    charges: tuple[Floats32, ...]
    constant: float
    width: Width
    below: float
    spread: float
    returning: Ints = field(init=False)
    """[shape=(r,)] The people who can be heard more than once, as the table numbers them."""
    people: Ints = field(init=False)
    """[shape=(M + 1, k)] Those of each track by their place among them, from 1 on; 0 where a track has fewer than k. The last
    row is the track before the first one planned."""
    counts_before: Ints = field(init=False)
    """[shape=(r + 1,)] How many tracks of each of them were played before; first, of nobody, 0."""
    heard_before: Floats = field(init=False)
    """[shape=(r + 1,)] When each was last heard; -inf if not before."""
    work: Ints = field(init=False)
    """[shape=(M + 1,)] The work of each track, and of the one before the first; 0 if none, or if works need not keep together."""
    works_before: Mask = field(init=False)
    """[shape=(works + 1,)] Of which works something was played before; of 0, never."""
    window: float = field(init=False)
    """Seconds of a window: a hair less than the shortest step, so that rounding puts no label into the window of its parent."""
    ends: tuple[Floats, ...] = field(init=False)
    """For each stage, the cost of ending it from its earliest end on, `ENDS_PER_SECOND` entries a second."""
    repeats: Floats = field(init=False)
    """[shape=(stages + q, 2, seconds)] Cost of somebody's return, in each stage and in q phases after the last; second index:
    heard in the track just before."""
    later_people: Ints = field(init=False)
    """[shape=(f, k)] Those of each track after the last stage (`Future.returns`), as `people`."""
    later_since: Floats = field(init=False)
    """[shape=(f,)] Seconds from the end of the last stage to the start of each."""
    later_next: Mask = field(init=False)
    """[shape=(f,)] Whether it is the first of them."""
    later_phase: Ints = field(init=False)
    """[shape=(f,)] Its phase's place in `repeats`."""

    def __post_init__(self) -> None:
        instance = self.grid.instance
        past, future = instance.past, instance.future
        later = () if future is None else future.returns
        returning = _returning(instance)
        places = _places(
            returning, instance.table.people, [past.last_people, *(each.people for each in later)]
        )
        count, who = len(instance.table) + 1, returning.tolist()
        work = np.append(instance.table.work, past.work[0])
        if not instance.limits.works:
            work[:] = 0
        works = np.arange(int(work.max(initial=0)) + 1)
        phases = [stage.phase for stage in instance.stages]
        phases += [phase for phase in dict.fromkeys(each.phase for each in later) if phase not in phases]
        since = [each.start - future.start for each in later] if future is not None else []
        for name, value in (
            ("returning", returning),
            ("people", places[:count]),
            ("counts_before", np.array([0, *(past.artist_counts.get(k, 0) for k in who)])),
            (
                "heard_before",
                np.minimum([-np.inf, *(past.artist_ends.get(k, -np.inf) for k in who)], past.start),
            ),
            ("work", work),
            ("works_before", np.isin(works, list(past.works)) & (works > 0)),
            ("window", min(float(each.step.min(initial=np.inf)) for each in instance.stages) * (1 - 1e-9)),
            ("ends", tuple(_ends(instance, p) for p in range(len(instance.stages)))),
            ("repeats", _repeats(instance, phases, max(since, default=0.0), bool(who))),
            ("later_people", places[count:]),
            ("later_since", np.array(since, dtype=np.float64)),
            ("later_next", np.array([each.next for each in later], dtype=bool)),
            ("later_phase", np.array([phases.index(each.phase) for each in later], dtype=np.intp)),
        ):
            object.__setattr__(self, name, value)

    @property
    def instance(self) -> Instance:
        """What is searched."""
        return self.grid.instance

    def ceiling(self, best: float) -> float:
        """Cost above which no plan is wanted, once one of `best` is known."""
        return best * (1 + self.spread)

    def hopeful(self, best: float) -> float:
        """Estimates from which on no plan is wanted, allowing for rounding of the potentials."""
        ceiling = self.ceiling(best)
        return ceiling + ROUNDING * (1 + ceiling + self.constant)

    def closing(self, p: int, times: Floats) -> Floats:
        """Cost of ending stage `p` at some times; infinite beyond its slack [shape as times]."""
        stage = self.instance.stages[p]
        table = self.ends[p]
        costs = np.full(len(times), np.inf)
        may = np.abs(times - stage.target) <= stage.slack + 1e-6
        at = (times[may] - stage.closes[0]) * ENDS_PER_SECOND
        low = at.astype(np.intp)
        costs[may] = table[low] + (table[low + 1] - table[low]) * (at - low)
        return costs

    def repeated(self, phase: int | Ints, gaps: Floats, running: NDArray[np.bool_]) -> Floats:
        """Cost of a return in a phase, by its place in `repeats`, after some gaps [shape as gaps]."""
        table, row, low = self.repeats, running.astype(np.intp), gaps.astype(np.intp)
        one, two = table[phase, row, low], table[phase, row, low + 1]
        points: Floats = one + (two - one) * (gaps - low)
        return points


def _ends(instance: Instance, p: int) -> Floats:
    stage = instance.stages[p]
    entries = int(np.ceil((stage.closes[1] - stage.closes[0]) * ENDS_PER_SECOND)) + 2
    return instance.ending(p, np.arange(entries) / ENDS_PER_SECOND - stage.slack)


def _repeats(instance: Instance, phases: Sequence[Phase], later: float, some: bool) -> Floats:
    """`Question.repeats`; `later`: seconds from the last stage's end to the last return after it, `some`: whether anybody returns."""
    if not some:
        return np.zeros((len(phases), 2, 2))
    latest = max(stage.closes[1] for stage in instance.stages) + later
    gaps = np.arange(int(np.ceil(latest)) + 2, dtype=np.float64)
    rows = [
        [
            repeat_points(instance.setting, phase, gaps, np.full(len(gaps), running))
            for running in (False, True)
        ]
        for phase in phases
    ]
    return np.array(rows)


def _returning(instance: Instance) -> Ints:
    """`Question.returning` of an instance."""
    people = instance.table.people
    numbers, counts = np.unique(people[people != NO_ONE], return_counts=True)
    returning: Ints = numbers[(counts > 1) | np.isin(numbers, list(instance.past.artist_counts))]
    return returning


def _places(returning: Ints, people: Ints, others: Sequence[Sequence[int]]) -> Ints:
    """The people of a table's tracks, and then of others, by their place among those who return, as in `Question.people`."""
    widest = max(1, people.shape[1], *map(len, others))
    numbers = np.full((len(people) + len(others), widest), NO_ONE, dtype=np.intp)
    numbers[: len(people), : people.shape[1]] = people
    for row, own in enumerate(others, len(people)):
        numbers[row, : len(own)] = own
    places = np.zeros(numbers.shape, dtype=np.intp)
    if len(returning):
        at = np.minimum(np.searchsorted(returning, numbers), len(returning) - 1)
        places = np.where(returning[at] == numbers, at + 1, 0)
    places = -np.sort(-places, axis=1)
    return places[:, : max(1, int((places > 0).sum(axis=1).max(initial=0)))]
