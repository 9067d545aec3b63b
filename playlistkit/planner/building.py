"""From a session and the arrays of its tracks to an instance: who stands where, and what each join costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Phase, Session
from playlistkit.objective import WEIGHTS, Arc, Table, energy_blocks, heard_gain, overlap_of, tolerance_of
from playlistkit.objective.terms import Ends, ends_of, join_allowed, join_parts, join_total, tempo_misfit
from playlistkit.planner.holds import hold_windows, rises_within
from playlistkit.planner.instance import Forced, Instance, Past, Stage

__all__ = ["build"]

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]


def build(
    session: Session,
    arc: Arc,
    table: Table,
    groups: Ints,
    places: Ints,
    allowed: Mask,
    beyond: Mask,
    *,
    extra: Floats,
    slack: Sequence[float],
    free_joins: Mask,
    forced: Sequence[Forced] = (),
    past: Past | None = None,
    first_phase: int = 0,
) -> Instance:
    """The instance of `session` over the tracks of `table`.

    Parameters
    ----------
    places : np.ndarray [shape=(M,)]
        Place in the client's last session, -1 for none; a phase that draws on it keeps this order.
    allowed, beyond : np.ndarray [shape=(P, M)]
        Who may stand in which phase, and whose voice counts against the phase's share.
    extra : np.ndarray [shape=(P, M)]
        Share of each second that is charged at full weight 1, in points (keep, unknown voice, bent rules).
    slack : sequence of float
        For each phase, seconds by which its end may miss its target.
    free_joins : np.ndarray [shape=(M,)]
        Tracks whose joins are exempt from the hard limits: the therapist pinned them against a rule.
    first_phase : int
        Index of the phase in which the instance begins; later than 0 when the rest of a session is planned.
    """
    past = past or Past()
    overlap = overlap_of(session)
    rules = session.template.rules
    scale = 1.0 / arc.end
    numbered = np.unique(groups, return_inverse=True)[1]
    joins = _Joins(session, table, numbered, places, free_joins, scale)
    stages: list[Stage] = []
    rows_before = np.empty(0, dtype=np.intp)
    opens = (past.start, past.start)
    for p in range(first_phase, len(arc.phases)):
        phase = arc.phases[p]
        members = np.flatnonzero(allowed[p])
        own = table.take(members)
        if p > first_phase:
            entry = joins.between(arc.phases[p - 1], phase, rows_before, members)
        else:
            entry = joins.after(past, phase, members)
        step = own.duration - overlap
        misfit = tempo_misfit(own.tempo, own.pulse_clarity, phase.tempo)
        target = float(arc.bounds[p + 1]) - (overlap if p == len(arc.phases) - 1 else 0.0)
        length = float(arc.bounds[p + 1] - arc.bounds[p])
        done = past.beyond if p == first_phase else 0.0
        stages.append(
            Stage(
                phase=phase,
                members=members,
                step=step,
                fixed=(WEIGHTS.tempo * misfit + extra[p, members]) * step * scale,
                beyond=beyond[p, members],
                beyond_limit=max(0.0, phase.vocals_share * length - done),
                inner=joins.within(phase, members),
                entry=entry,
                exit=np.zeros(len(members), dtype=np.float32),
                opens=opens,
                target=target,
                slack=slack[p],
                tolerance=max(1.0, tolerance_of(session, phase)),
            )
        )
        opens = stages[-1].closes
        rows_before = members
    _hold_places(stages, forced, first_phase)
    blocks = energy_blocks(table).astype(np.float32)
    holds = hold_windows(arc)
    rises = rises_within(table, min(each.longest for each in holds)) if holds else ()
    return Instance(
        arc, table, numbered, tuple(stages), rules, past, tuple(forced), blocks, holds=holds, rises=rises
    )


class _Joins:
    """Points of joins between the tracks of a table, infinite where a rule forbids them.

    Where the gain does not depend on the phase, every phase takes its joins from one matrix.
    """

    def __init__(
        self, session: Session, table: Table, groups: Ints, places: Ints, free: Mask, scale: float
    ) -> None:
        self._session, self._table, self._free = session, table, free
        self._groups, self._places, self._scale = groups, places, scale
        self._whole: Floats32 | None = None
        if session.player != "render":
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
        if not after.album_runs:
            joins[self._table.artist[rows][:, None] == self._table.artist[members]] = np.inf
        return joins

    def after(self, past: Past, phase: Phase, members: Ints) -> Floats32:
        """From what is playing to the members of a phase [shape=(1, m)]; 0 where nothing is."""
        if past.ends is None:
            return np.zeros((1, len(members)), dtype=np.float32)
        starts = self._ends("start", phase.loudness, members)
        joins = self._rough(past.ends, starts, np.array([past.free]), self._free[members])
        joins[:, self._table.artist[members] == past.last_artist] = np.inf
        return joins

    def _points(
        self, loudness_before: float | None, loudness_after: float | None, rows: Ints, members: Ints
    ) -> Floats32:
        ends = self._ends("end", loudness_before, rows)
        starts = self._ends("start", loudness_after, members)
        return self._rough(ends, starts, self._free[rows], self._free[members])

    def _ends(self, side: str, loudness: float | None, rows: Ints) -> Ends:
        own = self._table.take(rows)
        return ends_of(own, side, heard_gain(self._session.player, own, loudness))

    def _rough(self, ends: Ends, starts: Ends, free_before: Mask, free_after: Mask) -> Floats32:
        rules = self._session.template.rules.join
        points = join_total(join_parts(ends, starts, rules))
        points *= WEIGHTS.join * WEIGHTS.track_seconds * self._scale
        permitted = join_allowed(ends, starts, rules) | free_before[:, None] | free_after
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
