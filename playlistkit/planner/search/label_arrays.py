"""The label search as array operations: a whole window of labels is expanded at once.

`labelling.py` says what is searched and how; `label_code.py` does the same in machine code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from playlistkit.objective.array_types import Floats, Ints
from playlistkit.planner.search.question import Log, Question

__all__ = ["labelled"]


@dataclass(slots=True, eq=False)
class _Labels:
    """n partial plans as arrays of n rows; `_Played` holds what they have played."""

    time: Floats
    stage: Ints
    last: Ints
    """Member of the stage; of the stage before, where `entering`."""
    entering: NDArray[np.bool_]
    cost: Floats
    charge: Floats
    estimate: Floats
    beyond: Floats
    track: Ints
    """Row of the table of the last track; -1, the last row of `Question.people` and `Question.work`, before the first."""
    window: Ints
    """Where to find what was played: the window of the parent label, or its own ..."""
    row: Ints
    """... and the row there."""
    history: Ints
    """Row in the search's log of choices."""

    def __len__(self) -> int:
        return len(self.time)

    def take(self, rows: Ints | NDArray[np.bool_] | slice) -> _Labels:
        return _Labels(*(getattr(self, name)[rows] for name in _COLUMNS))

    @staticmethod
    def join(parts: list[_Labels]) -> _Labels:
        return _Labels(*(np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS))


_COLUMNS = tuple(each.name for each in fields(_Labels))


@dataclass(slots=True, eq=False)
class _Played:
    """What the n labels of one window have played; made only for labels that are extended."""

    used: NDArray[np.bool_]
    """[shape=(n, groups)]"""
    works: NDArray[np.bool_]
    """[shape=(n, works + 1)] Of which works something was played; column 0, of none, never."""
    artists: NDArray[np.int16]
    """[shape=(n, people)] How many tracks of each person who can return; column 0 stands for all others, and is 0."""
    artist_end: Floats
    """[shape=(n, people)] When each was last heard; of column 0, never."""


def labelled(question: Question) -> tuple[list[tuple[float, int]], Log, bool]:
    """Plans found, each as its cost and its row in the log, whether or not they are still wanted; and whether nothing was dropped."""
    search = _Search(question)
    search.run()
    return search.finished, search.log, search.complete


class _Search:
    def __init__(self, question: Question) -> None:
        self.question = question
        self.grid, self.exact, self.potentials = question.grid, question.exact, question.potentials
        self.instance, self.width = question.instance, question.width
        self.charges, self.constant, self.people = question.charges, question.constant, question.people
        self.best = question.below
        self.complete = True
        self.log = Log()
        self.finished: list[tuple[float, int]] = []
        self.windows: dict[int, list[_Labels]] = {}
        self.played: dict[int, _Played] = {}
        longest = max((float(s.step.max(initial=0.0)) for s in self.instance.stages), default=0.0)
        self.reach = int(longest / question.window) + 2  # windows after which none is needed any more

    def run(self) -> None:
        self._put(self._root())
        while self.windows:
            window = min(self.windows)
            labels = self._trim(_Labels.join(self.windows.pop(window)))
            if len(labels):
                self._remember(window, labels)
                self._process(labels)

    def _root(self) -> _Labels:
        """The empty plan; what was played before it stands as window -1."""
        question = self.question
        groups = int(self.instance.groups.max(initial=-1)) + 1
        self.played[-1] = _Played(
            np.zeros((1, groups), dtype=bool),
            question.works_before[None],
            question.counts_before[None].astype(np.int16),
            question.heard_before[None],
        )
        zero, none = np.zeros(1), np.zeros(1, dtype=np.intp)
        return _Labels(
            time=zero + self.instance.past.start,
            stage=none,
            last=none,
            entering=np.ones(1, dtype=bool),
            cost=zero,
            charge=zero,
            estimate=zero + self.potentials.value - self.constant,
            beyond=zero,
            track=none - 1,
            window=none - 1,
            row=none,
            history=none - 1,
        )

    def _remember(self, window: int, labels: _Labels) -> None:
        """Store what these labels have played: what their parents had, and their last track."""
        earlier = [self.played[each] for each in np.unique(labels.window)]
        offsets = np.cumsum([0, *(len(each.used) for each in earlier)])
        at = offsets[np.searchsorted(np.unique(labels.window), labels.window)] + labels.row
        used, works, artists, ends = (
            np.concatenate([getattr(each, name) for each in earlier])[at]
            for name in ("used", "works", "artists", "artist_end")
        )
        rows = np.flatnonzero(labels.track >= 0)
        track = labels.track[rows]
        used[rows, self.instance.groups[track]] = True
        works[rows, self.question.work[track]] = self.question.work[track] > 0
        for person in self.people[track].T:
            artists[rows, person] += person > 0
            ends[rows, person] = np.where(person > 0, labels.time[rows], -np.inf)
        self.played[window] = _Played(used, works, artists, ends)
        for old in [each for each in self.played if each < window - self.reach]:
            del self.played[old]
        labels.window = np.full(len(labels), window, dtype=np.intp)
        labels.row = np.arange(len(labels))

    def _put(self, labels: _Labels) -> None:
        windows = (labels.time / self.question.window).astype(np.intp)
        order = np.argsort(windows, kind="stable")
        labels, windows = labels.take(order), windows[order]
        edges = np.concatenate([[0], np.flatnonzero(np.diff(windows)) + 1, [len(windows)]])
        for low, high in pairwise(edges):
            self.windows.setdefault(int(windows[low]), []).append(labels.take(slice(low, high)))

    def _hopeful(self, estimates: Floats) -> NDArray[np.bool_]:
        """Which estimates still allow a wanted plan."""
        hopeful: NDArray[np.bool_] = estimates < self.question.hopeful(self.best)
        return hopeful

    def _trim(self, labels: _Labels) -> _Labels:
        """The labels worth expanding: hopeful, and no more than the width allows."""
        order = np.lexsort((labels.history, labels.estimate))
        order = order[self._hopeful(labels.estimate[order])]
        place = labels.stage[order] * 1_000_000 + np.round(labels.time[order]).astype(np.intp)
        rows = order[_rank_within(place) < self.width.per_second][: self.width.window]
        if len(rows) < len(order):
            self.complete = False
        return labels.take(rows)

    def _process(self, labels: _Labels) -> None:
        """Close the labels that may close, then extend all by one track."""
        moved = [labels]
        for p, entering, here in _alike(labels):
            closed = None if entering else self._close(p, here)
            if closed is not None:
                moved.append(closed)
        grown: list[_Labels] = []
        for p, entering, here in _alike(_Labels.join(moved)):
            grown.extend(self._extend(p, here, entering))
        if grown:
            self._put(_Labels.join(grown))

    def _close(self, p: int, labels: _Labels) -> _Labels | None:
        """The labels that end stage `p` here, ready for the next; complete plans are recorded."""
        stage = self.instance.stages[p]
        closing = self.question.closing(p, labels.time) + stage.exit[labels.last]
        may = np.isfinite(closing)
        if not may.any():
            return None
        closed = labels.take(may)
        closed.cost = closed.cost + closing[may]
        if p + 1 == len(self.instance.stages):
            self._charge_later(closed)
            for cost, row in zip(closed.cost, closed.history, strict=True):
                if cost <= self.question.ceiling(self.best) and (self.question.spread or cost < self.best):
                    self.finished.append((float(cost), int(row)))
                    self.best = min(self.best, float(cost))
            return None
        opening = self.potentials.opening[p + 1]
        rows = np.round(closed.time).astype(np.intp) // self.grid.size - self.grid.first[p + 1]
        rows = np.clip(rows, 0, len(opening) - 1)
        closed.estimate = closed.cost + closed.charge + opening[rows, closed.last] - self.constant
        closed.stage = np.full_like(closed.stage, p + 1)
        closed.entering = np.ones_like(closed.entering)
        closed.beyond = np.zeros_like(closed.beyond)
        return closed.take(self._hopeful(closed.estimate))

    def _extend(self, p: int, labels: _Labels, entering: bool) -> list[_Labels]:
        """Every label followed by every member that may follow it."""
        stage, grid = self.instance.stages[p], self.grid
        costs = self.exact.costs[p]
        rows = np.round(labels.time).astype(np.intp) // self.exact.size - self.exact.first[p]
        rows = np.clip(rows, 0, len(costs) - 1)
        members = np.flatnonzero(np.isfinite(costs[rows.min() : rows.max() + 1]).any(axis=0))
        added = costs[rows[:, None], members].astype(np.float64)
        added += (stage.entry if entering else stage.inner)[labels.last[:, None], members]
        ends = labels.time[:, None] + stage.step[members]
        at = np.round(ends).astype(np.intp) // grid.size - grid.first[p]
        onward = self.potentials.onward[p]
        rest = onward[np.minimum(at, len(onward) - 1), members].astype(np.float64)
        charges, so_far = self.charges[p], labels.cost + labels.charge - self.constant
        hope = rest + added
        hope += charges[members]
        hope += so_far[:, None]

        # what was played can only bar a track or make it dearer, so it is looked up for the hopeful alone
        parent, place = _places(self._hopeful(hope))
        if not len(parent):
            return []
        member = members[place]
        added, rest, ends = added[parent, place], rest[parent, place], ends[parent, place]
        counts = self._counts(labels, parent, stage.members[member])
        added[self._is_barred(p, labels, parent, member, counts)] = np.inf
        self._charge_repeats(p, labels, parent, stage.members[member], counts, added)
        estimate = rest + added
        estimate += charges[member]
        estimate += so_far[parent]
        chosen = np.flatnonzero(self._hopeful(estimate))
        chosen = chosen[self._worth(estimate[chosen], ends[chosen])]
        if not len(chosen):
            return []
        return [self._children(p, labels, parent[chosen], member[chosen], added[chosen], estimate[chosen])]

    def _counts(self, labels: _Labels, parent: Ints, track: Ints) -> NDArray[np.int16]:
        """How often the one of each track's people who played most did so before it [shape=(k,)]."""
        artists, rows = self.played[int(labels.window[0])].artists, labels.row[parent]
        most: NDArray[np.int16] = np.maximum.reduce([artists[rows, each] for each in self.people[track].T])
        return most

    def _is_barred(
        self, p: int, labels: _Labels, parent: Ints, member: Ints, counts: NDArray[np.int16]
    ) -> NDArray[np.bool_]:
        """Whether what was played, or a pin, bars each member after its parent; joins and arcs are not looked at [shape=(k,)]."""
        stage, work = self.instance.stages[p], self.question.work
        played, rows, track = self.played[int(labels.window[0])], labels.row[parent], stage.members[member]
        barred = played.used[rows, self.instance.groups[track]]
        barred |= counts >= self.instance.limits.artist_max
        barred |= stage.beyond[member] & (
            labels.beyond[parent] + stage.step[member] > stage.beyond_limit + 1e-6
        )
        if work[track].any():  # movements of works already left; immediate successors are the joins' concern
            barred |= played.works[rows, work[track]] & (work[labels.track[parent]] != work[track])
        if self.instance.forced:
            barred |= self.instance.displaced(p, labels.time)[parent, member]  # to the fraction of a second
        return barred

    def _charge_repeats(
        self,
        p: int,
        labels: _Labels,
        parent: Ints,
        track: Ints,
        counts: NDArray[np.int16],
        added: Floats,
    ) -> None:
        """Add the points for the early return of anybody to `added` [shape=(k,)]."""
        back = np.flatnonzero(counts > 0)
        label, returning = parent[back], self.people[track[back]]
        ends = self.played[int(labels.window[0])].artist_end
        heard = np.maximum.reduce([ends[labels.row[label], each] for each in returning.T])
        again = heard > -np.inf  # who plays only after what is planned has not been heard yet
        back, label, returning, heard = back[again], label[again], returning[again], heard[again]
        running = _share(self.people[labels.track[label]], returning)
        added[back] += self.question.repeated(p, labels.time[label] - heard, running)

    def _charge_later(self, labels: _Labels) -> None:
        """Add what whole plans cost by the returns of people after them."""
        question = self.question
        for people, since, following, phase in zip(
            question.later_people,
            question.later_since,
            question.later_next,
            question.later_phase,
            strict=True,
        ):
            ends = self.played[int(labels.window[0])].artist_end
            heard = np.maximum.reduce([ends[labels.row, each] for each in people])
            again = np.flatnonzero(heard > -np.inf)
            running = _share(self.people[labels.track[again]], people[None]) & following
            gaps = since + labels.time[again] - heard[again]
            labels.cost[again] += question.repeated(phase, gaps, running)

    def _worth(self, estimates: Floats, ends: Floats) -> Ints:
        """Rows of the children that can still be kept: for each window the best `width.window`."""
        windows = (ends / self.question.window).astype(np.intp)
        limit = self.width.window
        keep = np.ones(len(estimates), dtype=bool)
        for window in np.flatnonzero(np.bincount(windows) > limit):
            rows = np.flatnonzero(windows == window)
            worst = np.partition(estimates[rows], limit - 1)[limit - 1]
            keep[rows] = estimates[rows] <= worst  # keep ties, so that the order of rows doesn't matter
        if not keep.all():
            self.complete = False
        return np.flatnonzero(keep)

    def _children(
        self, p: int, labels: _Labels, parent: Ints, member: Ints, added: Floats, estimate: Floats
    ) -> _Labels:
        """The labels `parent` followed by `member`, at these costs and estimates."""
        stage = self.instance.stages[p]
        children = labels.take(parent)
        children.time = children.time + stage.step[member]
        children.cost = children.cost + added
        children.charge = children.charge + self.charges[p][member]
        children.estimate = estimate
        children.beyond = children.beyond + (stage.step * stage.beyond)[member]
        children.stage = np.full(len(parent), p, dtype=np.intp)
        children.last = member
        children.track = stage.members[member]
        children.entering = np.zeros(len(parent), dtype=bool)
        children.history = self.log.add(labels.history[parent], children.stage, children.track)
        return children


def _share(people: Ints, others: Ints) -> NDArray[np.bool_]:
    """Whether somebody plays in both of two tracks, pair by pair [shape=(n,)]."""
    same = (people[:, :, None] == others[:, None, :]) & (others > 0)[:, None, :]
    shared: NDArray[np.bool_] = same.any(axis=(1, 2))
    return shared


def _places(cells: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Rows and columns of the true cells; `np.nonzero` takes several times as long for two axes as for one."""
    at = np.flatnonzero(cells)
    rows = at // cells.shape[1]
    return rows, at - rows * cells.shape[1]


def _alike(labels: _Labels) -> Iterator[tuple[int, bool, _Labels]]:
    """The labels of each stage, those within it before those that enter it."""
    kind = 2 * labels.stage + labels.entering
    for each in np.unique(kind).tolist():
        yield each // 2, bool(each % 2), labels.take(kind == each)


def _rank_within(keys: Ints) -> Ints:
    """How many equal keys precede each row."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(keys) else np.zeros(0, dtype=bool)
    begins = np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0))
    rank = np.empty(len(keys), dtype=np.intp)
    rank[order] = np.arange(len(keys)) - begins
    return rank
