"""The label search: real plans, steered by the recursion's potentials.

A label is a partial plan. What the relaxed recursion leaves out is exact here: no recording twice, an artist's
cap and the cost of an early return, the share of voice, and time to the fraction of a second. A label's
estimate is its cost, its charges and the potential of its state, less the constant of the multipliers: a lower
bound on every plan that completes it. Labels whose estimate is not below the best plan known are dropped;
that loses nothing. Labels dropped because a window holds too many make the search incomplete, and it says so.

Labels are kept in windows of time no longer than the shortest step, so that a whole window is expanded at
once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from playlistkit.objective import WEIGHTS
from playlistkit.planner.instance import Instance
from playlistkit.planner.multipliers import Multipliers
from playlistkit.planner.recursion import Grid, Potentials

__all__ = ["Found", "Width", "search"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

ROUNDING = 1e-5
"""Relative error of the potentials (single precision); no label is dropped for less than this."""


@dataclass(frozen=True, slots=True)
class Width:
    """How many labels a window may hold."""

    window: int
    per_second: int


@dataclass(frozen=True, slots=True)
class Found:
    """A whole plan: (stage, member) pairs, and its cost in points."""

    path: tuple[tuple[int, int], ...]
    cost: float


@dataclass(slots=True, eq=False)
class _Labels:
    """n partial plans as arrays of n rows."""

    time: Floats
    stage: Ints
    last: Ints
    entering: NDArray[np.bool_]
    cost: Floats
    charge: Floats
    estimate: Floats
    beyond: Floats
    used: NDArray[np.bool_]
    """[shape=(n, groups)]"""
    artists: NDArray[np.int16]
    """[shape=(n, artists)] How many tracks of each artist that can return; column 0 stands for all others."""
    artist_end: Floats
    """[shape=(n, artists)] When each was last heard."""
    history: Ints
    """Row of the search's log of choices that led here."""

    def __len__(self) -> int:
        return len(self.time)

    def take(self, rows: Ints | NDArray[np.bool_] | slice) -> _Labels:
        return _Labels(*(getattr(self, name)[rows] for name in _COLUMNS))

    @staticmethod
    def join(parts: list[_Labels]) -> _Labels:
        if len(parts) == 1:
            return parts[0]
        return _Labels(*(np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS))


_COLUMNS = tuple(each.name for each in fields(_Labels))


class _Log:
    """Every choice that was kept, so that a plan can be read back from its end."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, Ints, Ints]] = []
        self._size = 0

    def add(self, parents: Ints, stages: Ints, members: Ints) -> Ints:
        rows = np.arange(self._size, self._size + len(parents))
        self._parts.append((parents, stages, members))
        self._size += len(parents)
        return rows

    def path(self, row: int) -> tuple[tuple[int, int], ...]:
        parents, stages, members = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        path = []
        while row >= 0:
            path.append((int(stages[row]), int(members[row])))
            row = int(parents[row])
        return tuple(reversed(path))


def search(
    grid: Grid,
    potentials: Potentials,
    multipliers: Multipliers,
    width: Width,
    *,
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
    return _Search(grid, potentials, multipliers, width, below, spread).run()


class _Search:
    def __init__(
        self,
        grid: Grid,
        potentials: Potentials,
        multipliers: Multipliers,
        width: Width,
        below: float,
        spread: float,
    ) -> None:
        self.grid, self.potentials, self.multipliers, self.width = grid, potentials, multipliers, width
        self.instance = grid.instance
        self.charges = multipliers.charges(self.instance)
        self.constant = multipliers.constant(self.instance)
        self.best, self.spread = below, spread
        self.complete = True
        self.log = _Log()
        self.finished: list[tuple[float, int]] = []
        self.artist = _returning_artists(self.instance)
        self.window = max(
            1.0, min((float(s.step.min(initial=np.inf)) for s in self.instance.stages), default=1.0)
        )
        self.windows: dict[int, list[_Labels]] = {}

    def run(self) -> tuple[list[Found], bool]:
        if not np.isfinite(self.potentials.value):
            return [], True
        self._put(self._root())
        while self.windows:
            labels = _Labels.join(self.windows.pop(min(self.windows)))
            labels = self._trim(labels)
            if len(labels):
                self._process(labels)
        finished = sorted(self.finished)[:400]
        finished = [each for each in finished if each[0] <= self._ceiling()]
        return [Found(self.log.path(row), cost) for cost, row in finished], self.complete

    def _root(self) -> _Labels:
        past = self.instance.past
        known = {int(a): k for a, k in zip(self.instance.table.artist, self.artist, strict=True)}
        counts = np.zeros((1, int(self.artist.max(initial=-1)) + 1), dtype=np.int16)
        ends = np.full(counts.shape, -np.inf)
        for artist, count in past.artist_counts.items():
            if artist in known:
                counts[0, known[artist]] = count
                ends[0, known[artist]] = past.artist_ends.get(artist, -np.inf)
        groups = int(self.instance.groups.max(initial=-1)) + 1
        one = np.zeros(1)
        return _Labels(
            time=one + past.start,
            stage=np.zeros(1, dtype=np.intp),
            last=np.zeros(1, dtype=np.intp),
            entering=np.ones(1, dtype=bool),
            cost=one.copy(),
            charge=one.copy(),
            estimate=one + self.potentials.value - self.constant,
            beyond=one.copy(),
            used=np.zeros((1, groups), dtype=bool),
            artists=counts,
            artist_end=ends,
            history=np.full(1, -1, dtype=np.intp),
        )

    def _put(self, labels: _Labels) -> None:
        windows = np.floor(labels.time / self.window + 1e-9).astype(np.intp)
        order = np.argsort(windows, kind="stable")
        labels, windows = labels.take(order), windows[order]
        edges = np.concatenate([[0], np.flatnonzero(np.diff(windows)) + 1, [len(windows)]])
        for low, high in pairwise(edges):
            self.windows.setdefault(int(windows[low]), []).append(labels.take(slice(low, high)))

    def _ceiling(self) -> float:
        """Cost above which nothing is wanted."""
        return self.best * (1 + self.spread) + (1e-9 if self.spread else 0.0)

    def _hopeful(self, estimates: Floats) -> NDArray[np.bool_]:
        """Whose estimate allows a plan that is wanted, rounding of the potentials given its due."""
        ceiling = self._ceiling()
        rounding = ROUNDING * (1.0 + ceiling + self.constant)
        hopeful: NDArray[np.bool_] = np.isfinite(estimates) & (estimates < ceiling + rounding)
        return hopeful

    def _trim(self, labels: _Labels) -> _Labels:
        """The labels worth expanding: hopeful, and no more than the width allows."""
        labels = labels.take(self._hopeful(labels.estimate))
        order = np.lexsort((labels.history, labels.estimate))
        labels = labels.take(order)
        place = labels.stage * 1_000_000 + np.round(labels.time).astype(np.intp)
        keep = _rank_within(place) < self.width.per_second
        rows = np.flatnonzero(keep)[: self.width.window]
        if len(rows) < len(labels):
            self.complete = False
        return labels.take(rows)

    def _process(self, labels: _Labels) -> None:
        """Close what may close, then extend everything by one track."""
        moved = [labels]
        for p in range(len(self.instance.stages)):
            here = labels.take((labels.stage == p) & ~labels.entering)
            if len(here):
                closed = self._close(p, here)
                if closed is not None:
                    moved.append(closed)
        labels = _Labels.join(moved)
        grown: list[_Labels] = []
        for p in range(len(self.instance.stages)):
            for entering in (False, True):
                here = labels.take((labels.stage == p) & (labels.entering == entering))
                if len(here):
                    grown.extend(self._extend(p, here, entering))
        if grown:
            self._put(_Labels.join(grown))

    def _close(self, p: int, labels: _Labels) -> _Labels | None:
        """The labels that end stage `p` here, standing before the next; whole plans are written down."""
        stage = self.instance.stages[p]
        closing = self.instance.boundary(p, labels.time) + stage.exit[labels.last]
        may = np.isfinite(closing)
        if not may.any():
            return None
        closed = labels.take(may)
        closed.cost = closed.cost + closing[may]
        if p + 1 == len(self.instance.stages):
            for cost, row in zip(closed.cost, closed.history, strict=True):
                if cost <= self._ceiling() and (self.spread or cost < self.best):
                    self.finished.append((float(cost), int(row)))
                    self.best = min(self.best, float(cost))
            return None
        opening = self.potentials.opening[p + 1]
        rows = np.round(closed.time / self.grid.size).astype(np.intp) - self.grid.first[p + 1]
        rows = np.clip(rows, 0, len(opening) - 1)
        closed.estimate = closed.cost + closed.charge + opening[rows, closed.last] - self.constant
        closed.stage = np.full_like(closed.stage, p + 1)
        closed.entering = np.ones_like(closed.entering)
        closed.beyond = np.zeros_like(closed.beyond)
        return closed.take(self._hopeful(closed.estimate))

    def _extend(self, p: int, labels: _Labels, entering: bool) -> list[_Labels]:
        """Every label followed by every member that may follow it."""
        stage, grid = self.instance.stages[p], self.grid
        m = len(stage.members)
        rows = np.round(labels.time / grid.size).astype(np.intp) - grid.first[p]
        rows = np.clip(rows, 0, len(grid.costs[p]) - 1)
        ends = labels.time[:, None] + stage.step
        joins = stage.entry[labels.last] if entering else stage.inner[labels.last]
        added = grid.costs[p][rows].astype(np.float64) + joins
        group, artist = self.instance.groups[stage.members], self.artist[stage.members]
        counts = labels.artists[:, artist]
        added[labels.used[:, group] | (counts >= self.instance.rules.artist_max)] = np.inf
        added[self.instance.displaced(p, labels.time)] = np.inf  # to the fraction of a second
        added += self._repeats(p, labels, artist, counts, entering)
        over = labels.beyond[:, None] + stage.step * stage.beyond > stage.beyond_limit + 1e-6
        added[over & stage.beyond] = np.inf

        charge = labels.charge[:, None] + self.charges[p]
        at = np.round(ends / grid.size).astype(np.intp) - grid.first[p]
        onward = self.potentials.onward[p]
        at = np.minimum(at, len(onward) - 1)
        estimate = labels.cost[:, None] + added + charge + onward[at, np.arange(m)] - self.constant
        parent, member = np.nonzero(self._hopeful(estimate))
        if not len(parent):
            return []
        chosen = self._worth(estimate[parent, member], ends[parent, member])
        parent, member = parent[chosen], member[chosen]
        return [self._children(p, labels, parent, member, added, charge, estimate)]

    def _repeats(
        self, p: int, labels: _Labels, artist: Ints, counts: NDArray[np.int16], entering: bool
    ) -> Floats:
        """Points for the early return of an artist [shape=(n, m)]."""
        returning = counts > 0
        if not returning.any():
            return np.zeros(1)
        stage = self.instance.stages[p]
        apart = self.instance.rules.artist_apart_minutes * 60.0
        gap = np.where(returning, labels.time[:, None] - labels.artist_end[:, artist], np.inf)
        early = np.maximum(0.0, 1.0 - gap / apart) if apart > 0 else np.zeros_like(gap)
        if stage.phase.album_runs:  # a run is what the phase allows, no return
            before = self.instance.stages[p - 1].members if entering and p else stage.members
            if not (entering and p == 0):
                last_artist = self.artist[before[labels.last]]
                early[last_artist[:, None] == artist] = 0.0
        return WEIGHTS.artist * self.instance.per_join * early

    def _worth(self, estimates: Floats, ends: Floats) -> Ints:
        """Rows of the children that can still be kept: for each window the best `width.window`."""
        windows = np.floor(ends / self.window + 1e-9).astype(np.intp)
        limit = self.width.window
        keep = np.ones(len(estimates), dtype=bool)
        for window in np.flatnonzero(np.bincount(windows) > limit):
            rows = np.flatnonzero(windows == window)
            worst = np.partition(estimates[rows], limit - 1)[limit - 1]
            keep[rows] = estimates[rows] <= worst  # equals stay, so that the order of rows decides nothing
        if not keep.all():
            self.complete = False
        return np.flatnonzero(keep)

    def _children(
        self,
        p: int,
        labels: _Labels,
        parent: Ints,
        member: Ints,
        added: Floats,
        charge: Floats,
        estimate: Floats,
    ) -> _Labels:
        stage = self.instance.stages[p]
        children = labels.take(parent)
        rows = np.arange(len(parent))
        children.time = children.time + stage.step[member]
        children.cost = children.cost + added[parent, member]
        children.charge = charge[parent, member]
        children.estimate = estimate[parent, member]
        children.beyond = children.beyond + (stage.step * stage.beyond)[member]
        children.used[rows, self.instance.groups[stage.members[member]]] = True
        artist = self.artist[stage.members[member]]
        children.artists[rows, artist] += artist > 0
        children.artist_end[rows, artist] = children.time
        children.stage = np.full(len(parent), p, dtype=np.intp)
        children.last = member
        children.entering = np.zeros(len(parent), dtype=bool)
        children.history = self.log.add(labels.history[parent], children.stage, member)
        return children


def _returning_artists(instance: Instance) -> Ints:
    """For each track a number for its artist, or 0 where the artist can be heard only once [shape=(M,)]."""
    artists, inverse, counts = np.unique(instance.table.artist, return_inverse=True, return_counts=True)
    returning = (counts > 1) | np.isin(artists, list(instance.past.artist_counts))
    numbers = np.where(returning, np.cumsum(returning), 0)
    return numbers[inverse]


def _rank_within(keys: Ints) -> Ints:
    """How many equal keys stand before each row."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(keys) else np.zeros(0, dtype=bool)
    begins = np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0))
    rank = np.empty(len(keys), dtype=np.intp)
    rank[order] = np.arange(len(keys)) - begins
    return rank
