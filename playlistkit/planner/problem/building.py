"""From a session and the arrays of its tracks to an instance: who stands where, and what each join costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from playlistkit.objective import Setting, Table, overlap_of
from playlistkit.objective.array_types import Floats32, Ints, Mask
from playlistkit.objective.ends import Ends, ends_of
from playlistkit.objective.people import sharing
from playlistkit.objective.terms import in_cache, join_points, rate_points, runs_of
from playlistkit.objective.terms.join import join_allowed
from playlistkit.planner.problem.after_end import can_be_last
from playlistkit.planner.problem.instance import Forced, Future, Instance, Limits, Past, Stage
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.problem import Problem

__all__ = ["build"]


def build(problem: Problem, rows: Ints, forced: Sequence[Forced] = ()) -> Instance:
    """The instance of a problem over some of its pool's tracks.

    Parameters
    ----------
    rows : np.ndarray [shape=(M,)]
        Rows of the pool; row k of the instance's table is the pool's row `rows[k]`.
    forced : sequence of Forced
        Pins whose place is certain, by rows of the pool.
    """
    pool, past, future = problem.pool, problem.past or Past(), problem.future
    limits = problem.limits or Limits.of(pool.session.template.rules)
    setting, arc = pool.setting, pool.arc
    heard, groups = pool.heard_rows(rows), np.unique(pool.groups(rows), return_inverse=True)[1]
    tables = {id(table): table for table in heard}
    runs = {key: runs_of(setting, table) for key, table in tables.items()}
    joins = _Joins(setting, limits, heard, groups, pool.places(rows), _free(pool, rows))
    here = _placed(rows, forced)
    stages: list[Stage] = []
    first = problem.first_phase
    last = len(arc.phases) - 1 if problem.last_phase is None else problem.last_phase
    for p in range(first, last + 1):
        members = np.flatnonzero(problem.allowed[p, rows])
        if stages:
            entry = joins.between(p - 1, p, stages[-1].members, members)
        else:
            entry = joins.after(past, p, members)
        stages.append(
            _stage(
                problem,
                p,
                rows,
                members,
                heard[p].take(members),
                opens=stages[-1].closes if stages else (past.start, past.start),
                inner=joins.within(p, members),
                entry=entry,
                done=(0.0 if stages else past.beyond) + (future.beyond if future and p == last else 0.0),
            )
        )
    if future is not None:
        stages[-1] = replace(
            stages[-1],
            exit=joins.before(future, last, stages[-1].members),
            target=future.start,
            slack=future.slack,
        )
    elif last == len(arc.phases) - 1 and limits.join is not None:
        members = stages[-1].members
        lasting = can_be_last(pool, problem.allowed, rows[members]) | np.isin(
            rows[members], list(pool.pinned)
        )
        stages[-1].exit[~lasting] = np.inf
    _hold_places(stages, here, first)
    by_stage = tuple(runs[id(table)] for table in heard[first : last + 1])
    return Instance(setting, heard[0], groups, tuple(stages), limits, past, here, by_stage, future)


def _stage(
    problem: Problem,
    p: int,
    rows: Ints,
    members: Ints,
    own: Table,
    *,
    opens: tuple[float, float],
    inner: Floats32,
    entry: Floats32,
    done: float,
) -> Stage:
    """Phase `p` with its members; `done`: seconds of its share of voice that are used up outside the problem."""
    pool, arc, phase = problem.pool, problem.pool.arc, problem.pool.arc.phases[p]
    overlap, share = overlap_of(pool.session), pool.setting.second_share
    step = own.duration - overlap
    charged = problem.surcharge[p, rows[members]] * step * share
    length = float(arc.bounds[p + 1] - arc.bounds[p])
    return Stage(
        phase=phase,
        members=members,
        step=step,
        fixed=rate_points(pool.setting, phase, own) * step * share + charged,
        surcharge=charged,
        beyond=pool.rules.beyond[p, rows[members]],
        beyond_limit=max(0.0, phase.vocals_share * length - done),
        inner=inner,
        entry=entry,
        exit=np.zeros(len(members), dtype=np.float32),
        opens=opens,
        target=float(arc.bounds[p + 1]) - (overlap if p == len(arc.phases) - 1 else 0.0),
        slack=problem.slack[p],
    )


def _free(pool: Pool, rows: Ints) -> Mask:
    """Tracks whose joins are exempt from the hard limits: the therapist pinned them against a rule."""
    against = [row for row in pool.pinned if pool.overridden[:, row].any()]
    return np.isin(rows, against)


def _placed(rows: Ints, forced: Sequence[Forced]) -> tuple[Forced, ...]:
    """The pins by rows of the instance, without those that have no place yet."""
    row_of = {int(row): k for k, row in enumerate(rows)}
    return tuple(replace(pin, track=row_of[pin.track]) for pin in forced if pin != Forced(pin.track))


class _Joins:
    """Points of joins between the tracks of a table, infinite where a rule forbids them.

    Where all phases hear them alike, every phase takes its joins from one matrix.
    """

    def __init__(
        self,
        setting: Setting,
        limits: Limits,
        heard: Sequence[Table],
        groups: Ints,
        places: Ints,
        free: Mask,
    ) -> None:
        self._setting, self._limits, self._heard, self._free = setting, limits, heard, free
        self._places = places
        self._table = heard[0]
        people, work, movement = self._table.people, self._table.work, self._table.movement
        apart = groups[:, None] == groups
        if limits.works and work.any():
            apart |= (work[:, None] == work) & (work > 0) & (movement != movement[:, None] + 1)
        self._apart, self._together = np.nonzero(apart), sharing(people)
        self._whole: Floats32 | None = None
        if all(table is self._table for table in heard):
            everyone = np.arange(len(self._table))
            self._whole = self._points(0, 0, everyone, everyone)

    def within(self, p: int, members: Ints) -> Floats32:
        """From member to member of a phase [shape=(m, m)]."""
        joins = self.between(p, p, members, members)
        if self._setting.arc.phases[p].repeats == "last session":
            place = self._places[members]
            joins[(place[:, None] > place) & (place >= 0)] = np.inf
        return joins

    def between(self, before: int, after: int, rows: Ints, members: Ints) -> Floats32:
        """From the rows of one phase to the members of another [shape=(n, m)]."""
        if self._whole is not None:
            joins = self._whole[rows[:, None], members]
        else:
            joins = self._points(before, after, rows, members)
        at, to = self._place_of(rows), self._place_of(members)
        barred = [self._apart]
        if not self._artists_run(after):
            barred.append(self._together)
        for one, two in barred:
            here = (at[one] >= 0) & (to[two] >= 0)
            joins[at[one[here]], to[two[here]]] = np.inf
        return joins

    def _artists_run(self, p: int) -> bool:
        """Whether a track of phase `p` may follow another by one of its people."""
        return self._setting.arc.phases[p].album_runs or self._limits.album_runs

    def _place_of(self, rows: Ints) -> Ints:
        """The position of each row of the table in `rows`; -1 if it isn't there [shape=(M,)]."""
        places = np.full(len(self._table), -1, dtype=np.intp)
        places[rows] = np.arange(len(rows))
        return places

    def after(self, past: Past, p: int, members: Ints) -> Floats32:
        """From what is playing to the members of a phase [shape=(1, m)]; if nothing is, 0, but no long silence is allowed."""
        starts = ends_of(self._heard[p].take(members), "start")
        if past.ends is None:
            joins = np.zeros((1, len(members)), dtype=np.float32)
            if self._limits.join is not None:
                too_late = (starts.silence > self._limits.join.silence_limit) & ~self._free[members]
                joins[:, too_late] = np.inf
            return joins
        joins = self._rough(past.ends, starts, np.array([past.free]), self._free[members])
        if self._limits.works:
            work, movement = past.work
            same = (self._table.work[members] == work) & (work > 0)
            joins[:, same & (self._table.movement[members] != movement + 1)] = np.inf
        if not self._artists_run(p):
            joins[:, np.isin(self._table.people[members], past.last_people).any(axis=1)] = np.inf
        if self._setting.arc.phases[p].repeats == "last session":
            place = self._places[members]
            joins[:, (past.place > place) & (place >= 0)] = np.inf
        return joins

    def before(self, future: Future, p: int, members: Ints) -> Floats32:
        """From the members of a phase to what plays next [shape=(m,)]."""
        ends = ends_of(self._heard[p].take(members), "end")
        joins = self._rough(ends, future.ends, self._free[members], np.zeros(1, dtype=bool)).ravel()
        work, movement = future.work
        if self._limits.works and work:
            same = self._table.work[members] == work
            joins[same & (self._table.movement[members] + 1 != movement)] = np.inf
        if not self._artists_run(future.phase):
            joins[np.isin(self._table.people[members], future.people).any(axis=1)] = np.inf
        if self._setting.arc.phases[p].repeats == "last session" and future.place >= 0:
            joins[self._places[members] > future.place] = np.inf
        return joins

    def _points(self, before: int, after: int, rows: Ints, members: Ints) -> Floats32:
        ends = ends_of(self._heard[before].take(rows), "end")
        starts = ends_of(self._heard[after].take(members), "start")
        return self._rough(ends, starts, self._free[rows], self._free[members])

    def _rough(self, ends: Ends, starts: Ends, free_before: Mask, free_after: Mask) -> Floats32:
        held = np.empty((len(ends), len(starts)), dtype=np.float32)
        for some in in_cache(*held.shape):
            before = ends.take(some)
            points = join_points(self._setting, before, starts)
            if self._limits.join is not None:
                permitted = free_before[some, None] | free_after
                permitted |= join_allowed(before, starts, self._limits.join)
                points[~permitted] = np.inf
            held[some] = points
        return held


def _hold_places(stages: list[Stage], forced: Sequence[Forced], first_phase: int) -> None:
    """Let only the pinned track open or close its stage, and let it stand nowhere else."""
    for pin in forced:
        if pin.first_of is not None:
            k = pin.first_of - first_phase
            here = stages[k].members == pin.track
            stages[k].entry[:, ~here] = np.inf
            stages[k].inner[:, here] = np.inf
        if pin.last_of is not None:
            k = pin.last_of - first_phase
            here = stages[k].members == pin.track
            stages[k].exit[~here] = np.inf
            stages[k].inner[here, :] = np.inf
        for k, stage in enumerate(stages):
            elsewhere = {pin.first_of, pin.last_of} - {None}
            if elsewhere and k + first_phase not in elsewhere:
                stage.entry[:, stage.members == pin.track] = np.inf
                stage.inner[:, stage.members == pin.track] = np.inf
