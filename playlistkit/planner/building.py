"""From a session and the arrays of its tracks to an instance: who stands where, and what each join costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Phase
from playlistkit.objective import Setting, Table, heard_gain, overlap_of
from playlistkit.objective.ends import Ends, ends_of
from playlistkit.objective.people import shared
from playlistkit.objective.terms import join_points, rate_points, runs_of
from playlistkit.objective.terms.join import join_allowed
from playlistkit.planner.instance import Forced, Instance, Limits, Past, Stage

__all__ = ["build"]

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]


def build(
    setting: Setting,
    table: Table,
    groups: Ints,
    places: Ints,
    allowed: Mask,
    beyond: Mask,
    *,
    surcharge: Floats,
    slack: Sequence[float],
    limits: Limits,
    free_joins: Mask,
    forced: Sequence[Forced] = (),
    past: Past | None = None,
    first_phase: int = 0,
    last_phase: int | None = None,
) -> Instance:
    """The instance of a session over the tracks of `table`.

    Parameters
    ----------
    places : np.ndarray [shape=(M,)]
        Place in the client's last session, -1 for none; a phase that draws on it keeps this order.
    allowed, beyond : np.ndarray [shape=(P, M)]
        Who may stand in which phase, and whose voice counts against the phase's share.
    surcharge : np.ndarray [shape=(P, M)]
        Points for a whole session of each track, on top of the objective: the search bends no rule for less.
    slack : sequence of float
        For each phase, seconds by which its end may miss its target.
    free_joins : np.ndarray [shape=(M,)]
        Tracks whose joins are exempt from the hard limits: the therapist pinned them against a rule.
    first_phase : int
        Index of the phase in which the instance begins; later than 0 when the rest of a session is planned.
    last_phase : int, optional
        Index of the phase in which it ends; by default the last.
    """
    past = past or Past()
    arc, overlap = setting.arc, overlap_of(setting.session)
    numbered = np.unique(groups, return_inverse=True)[1]
    joins = _Joins(setting, limits, table, numbered, places, free_joins)
    stages: list[Stage] = []
    rows_before = np.empty(0, dtype=np.intp)
    opens = (past.start, past.start)
    end = len(arc.phases) if last_phase is None else last_phase + 1
    for p in range(first_phase, end):
        phase = arc.phases[p]
        members = np.flatnonzero(allowed[p])
        own = table.take(members)
        if p > first_phase:
            entry = joins.between(arc.phases[p - 1], phase, rows_before, members)
        else:
            entry = joins.after(past, phase, members)
        step = own.duration - overlap
        charged = surcharge[p, members] * step * setting.second_share
        target = float(arc.bounds[p + 1]) - (overlap if p == len(arc.phases) - 1 else 0.0)
        length = float(arc.bounds[p + 1] - arc.bounds[p])
        done = past.beyond if p == first_phase else 0.0
        stages.append(
            Stage(
                phase=phase,
                members=members,
                step=step,
                fixed=rate_points(setting, phase, own) * step * setting.second_share + charged,
                surcharge=charged,
                beyond=beyond[p, members],
                beyond_limit=max(0.0, phase.vocals_share * length - done),
                inner=joins.within(phase, members),
                entry=entry,
                exit=np.zeros(len(members), dtype=np.float32),
                opens=opens,
                target=target,
                slack=slack[p],
            )
        )
        opens = stages[-1].closes
        rows_before = members
    _hold_places(stages, forced, first_phase)
    return Instance(
        setting,
        table,
        numbered,
        tuple(stages),
        limits,
        past,
        tuple(forced),
        runs_of(setting, table),
    )


class _Joins:
    """Points of joins between the tracks of a table, infinite where a rule forbids them.

    Where the gain does not depend on the phase, every phase takes its joins from one matrix.
    """

    def __init__(
        self, setting: Setting, limits: Limits, table: Table, groups: Ints, places: Ints, free: Mask
    ) -> None:
        self._setting, self._limits, self._table, self._free = setting, limits, table, free
        self._groups, self._places = groups, places
        self._whole: Floats32 | None = None
        if setting.session.player != "render":
            everyone = np.arange(len(table))
            self._whole = self._points(None, None, everyone, everyone)

    def within(self, phase: Phase, members: Ints) -> Floats32:
        """From member to member of a phase [shape=(m, m)]."""
        joins = self.between(phase, phase, members, members)
        if phase.repeats == "last session":
            place = self._places[members]
            joins[(place[:, None] > place) & (place >= 0)] = np.inf
        return joins

    def between(self, before: Phase, after: Phase, rows: Ints, members: Ints) -> Floats32:
        """From the rows of one phase to the members of another [shape=(n, m)]."""
        if self._whole is not None:
            joins = self._whole[rows[:, None], members]
        else:
            joins = self._points(before.loudness, after.loudness, rows, members)
        joins[self._groups[rows][:, None] == self._groups[members]] = np.inf
        if self._limits.works:
            work, movement = self._table.work, self._table.movement
            same = (work[rows][:, None] == work[members]) & (work[members] > 0)
            joins[same & (movement[members] != movement[rows][:, None] + 1)] = np.inf
        if not (after.album_runs or self._limits.runs):
            joins[shared(self._table.people[rows], self._table.people[members])] = np.inf
        return joins

    def after(self, past: Past, phase: Phase, members: Ints) -> Floats32:
        """From what is playing to the members of a phase [shape=(1, m)]; 0 where nothing is."""
        if past.ends is None:
            return np.zeros((1, len(members)), dtype=np.float32)
        starts = self._ends("start", phase.loudness, members)
        joins = self._rough(past.ends, starts, np.array([past.free]), self._free[members])
        if self._limits.works:
            work, movement = past.work
            same = (self._table.work[members] == work) & (work > 0)
            joins[:, same & (self._table.movement[members] != movement + 1)] = np.inf
        if not (phase.album_runs or self._limits.runs):
            joins[:, np.isin(self._table.people[members], past.last_people).any(axis=1)] = np.inf
        return joins

    def _points(
        self, loudness_before: float | None, loudness_after: float | None, rows: Ints, members: Ints
    ) -> Floats32:
        ends = self._ends("end", loudness_before, rows)
        starts = self._ends("start", loudness_after, members)
        return self._rough(ends, starts, self._free[rows], self._free[members])

    def _ends(self, side: str, loudness: float | None, rows: Ints) -> Ends:
        own = self._table.take(rows)
        return ends_of(own, side, heard_gain(self._setting.session.player, own, loudness))

    def _rough(self, ends: Ends, starts: Ends, free_before: Mask, free_after: Mask) -> Floats32:
        points = join_points(self._setting, ends, starts)
        permitted = free_before[:, None] | free_after
        if self._limits.join is None:
            permitted |= True
        else:
            permitted |= join_allowed(ends, starts, self._limits.join)
        held: Floats32 = np.where(permitted, points, np.inf).astype(np.float32)
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
