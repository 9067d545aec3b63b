"""One planning problem as numbers: stages in time, what a track costs in each, what a join costs.

Time is *step time*: a track takes its duration less the overlap with the next, so that starts simply add up.
A stage is a phase with the tracks that may stand in it (its members). Everything that a rule forbids is an
infinite cost, so that the recursion and the search need to know no rule by name; what depends on the whole
path (no recording twice, an artist's cap and gaps, the share of voice) is left to the search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Phase, Rules, Session
from playlistkit.objective import WEIGHTS, Arc, Table, energy_blocks, heard_gain, overlap_of, tolerance_of
from playlistkit.objective.table import BLOCK
from playlistkit.objective.terms import Ends, ends_of, join_allowed, join_parts, join_total, tempo_misfit
from playlistkit.planner.holds import HoldWindow, Rise, hold_windows, rises_within

__all__ = ["Forced", "Instance", "Past", "Stage", "build"]

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]

RISING = 10.0
"""Points for a track that rises within a hold for longer than it allows: more than most whole sessions cost."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What was played before the instance begins; nothing, for a new session."""

    start: float = 0.0
    """Seconds on the session's clock at which the first track to be planned begins."""
    ends: Ends | None = None
    """The end of the track before it [n = 1]."""
    last_artist: int = -1
    artist_counts: Mapping[int, int] = field(default_factory=dict)
    artist_ends: Mapping[int, float] = field(default_factory=dict)
    beyond: float = 0.0
    """Seconds of voice beyond the rule already played in the first phase."""


@dataclass(frozen=True, slots=True)
class Forced:
    """A pin as the instance holds it: exactly one of the three is set."""

    track: int
    """Row of the table."""
    time: float | None = None
    """Second that the track must cover."""
    first_of: int | None = None
    """Index of the phase that it opens."""
    last_of: int | None = None
    """Index of the phase that it closes."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A phase with its m members, entered from the n members of the stage before."""

    phase: Phase
    members: Ints
    """[shape=(m,)] Rows of the instance's table."""
    step: Floats
    """[shape=(m,)] Seconds from a member's start to the next start."""
    fixed: Floats
    """[shape=(m,)] Points that a member costs here whenever it starts (tempo, voice, keep, bent rules)."""
    beyond: Mask
    """[shape=(m,)] Whether it counts against the phase's share of voice."""
    beyond_limit: float
    """Seconds that the share allows."""
    inner: Floats32
    """[shape=(m, m)] Points of the join of one member (row) with the next; infinite where forbidden."""
    entry: Floats32
    """[shape=(n, m)] The same from the stage before."""
    exit: Floats32
    """[shape=(m,)] 0, or infinite for members that may not close the stage."""
    opens: tuple[float, float]
    """Earliest and latest start of the stage."""
    target: float
    """Second at which it should end."""
    slack: float
    """Seconds by which it may miss that."""
    tolerance: float
    """Seconds of miss that the boundary term counts as 1."""

    @property
    def closes(self) -> tuple[float, float]:
        """Earliest and latest end of the stage."""
        return self.target - self.slack, self.target + self.slack


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A whole planning problem over M tracks."""

    arc: Arc
    table: Table
    groups: Ints
    """[shape=(M,)] Equal for versions of one recording; numbered from 0 without gaps."""
    stages: tuple[Stage, ...]
    rules: Rules
    past: Past
    forced: tuple[Forced, ...]
    blocks: Floats32
    """[shape=(M, b)] Energy within the tracks in means of `BLOCK` seconds."""
    holds: tuple[HoldWindow, ...] = ()
    rises: tuple[Rise, ...] = ()
    """Those within tracks that are too long for a hold."""

    @property
    def per_second(self) -> float:
        """Points for one second at which a term of weight 1 stands at 1."""
        return 1.0 / self.arc.end

    @property
    def per_join(self) -> float:
        """Points for one join (or artist's return) at which a term of weight 1 stands at 1."""
        return WEIGHTS.track_seconds / self.arc.end

    def boundary(self, p: int, time: Floats) -> Floats:
        """Points for ending stage `p` at `time`; infinite beyond the slack [shape as time]."""
        stage = self.stages[p]
        miss = np.asarray(time) - stage.target
        points = WEIGHTS.boundary / len(self.arc.phases) * (miss / stage.tolerance) ** 2
        return np.where(np.abs(miss) <= stage.slack + 1e-6, points, np.inf)

    def run_costs(self, p: int, starts: NDArray[np.int64]) -> Floats32:
        """Points that each member of stage `p` costs by itself, started at whole seconds.

        Energy over the track as it plays, the stage's fixed costs, and rises within a hold; infinite where the
        track would end too late or a forced track holds that time.

        Returns
        -------
        np.ndarray [shape=(len(starts), m)]
        """
        stage = self.stages[p]
        if not len(stage.members) or not len(starts):
            return np.full((len(starts), len(stage.members)), np.inf, dtype=np.float32)
        steps = np.maximum(np.round(stage.step).astype(np.int64), 1)
        seconds = np.arange(starts[-1] + steps.max() + BLOCK + 1, dtype=np.float64)
        area, square = self.arc.area(seconds), self.arc.square(seconds)
        size = int(BLOCK)
        whole = steps // size  # blocks that play in full
        width = min(int(whole.max()), self.blocks.shape[1])
        energy = self.blocks[stage.members]
        lengths = np.clip(steps[:, None] - np.arange(energy.shape[1]) * size, 0, size)
        own = (energy.astype(np.float64) ** 2 * lengths).sum(axis=1)
        full = np.where(np.arange(width) < whole[:, None], energy[:, :width], 0).astype(np.float32)
        edges = area[np.minimum(starts[:, None] + np.arange(width + 1) * size, len(area) - 1)]
        shared = np.diff(edges, axis=1).astype(np.float32) @ full.T
        ends = starts[:, None] + steps
        last = energy[np.arange(len(steps)), np.minimum(whole, energy.shape[1] - 1)]
        shared = shared + (area[ends] - area[starts[:, None] + whole * size]) * last
        miss = own - 2 * shared + square[ends] - square[starts][:, None]
        points = np.maximum(miss, 0) * (WEIGHTS.energy * self.per_second / WEIGHTS.energy_scale**2)
        points += stage.fixed
        for window in self.holds:
            for rise in self.rises:
                for j in np.flatnonzero(stage.members == rise.row):
                    inside = np.minimum(starts + rise.end, window.end) - np.maximum(
                        starts + rise.begin, window.begin
                    )
                    points[inside > window.longest, j] += RISING
        points[ends > stage.closes[1] + 0.5] = np.inf
        points[self.displaced(p, starts)] = np.inf
        costs: Floats32 = points.astype(np.float32)
        return costs

    def displaced(self, p: int, starts: Floats | NDArray[np.int64]) -> Mask:
        """Which starts a forced time forbids: others that would cover it, itself where it would not.

        Returns
        -------
        np.ndarray [shape=(len(starts), m)]
        """
        stage = self.stages[p]
        banned = np.zeros((len(starts), len(stage.members)), dtype=bool)
        for forced in self.forced:
            if forced.time is not None:
                covers = (starts[:, None] <= forced.time) & (starts[:, None] + stage.step > forced.time)
                banned |= np.where(stage.members == forced.track, ~covers, covers)
        return banned


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
    stages: list[Stage] = []
    ends_before, rows_before = past.ends, np.empty(0, dtype=np.intp)
    opens = (past.start, past.start)
    for p in range(first_phase, len(arc.phases)):
        phase = arc.phases[p]
        members = np.flatnonzero(allowed[p])
        own = table.take(members)
        gain = heard_gain(session.player, own, phase.loudness)
        starts, ends = ends_of(own, "start", gain), ends_of(own, "end", gain)
        inner = _joins(ends, starts, rules, scale, free_joins[members], free_joins[members])
        inner[groups[members][:, None] == groups[members]] = np.inf
        same = own.artist[:, None] == own.artist
        if not phase.album_runs:
            inner[same] = np.inf
        if phase.repeats == "last session":
            place = places[members]
            inner[(place[:, None] > place) & (place >= 0)] = np.inf
        if p == first_phase:
            if ends_before is None:
                entry = np.zeros((1, len(members)), dtype=np.float32)
            else:
                entry = _joins(ends_before, starts, rules, scale, np.ones(1, dtype=bool), free_joins[members])
                entry[:, own.artist == past.last_artist] = np.inf
        else:
            assert ends_before is not None
            entry = _joins(ends_before, starts, rules, scale, free_joins[rows_before], free_joins[members])
            entry[groups[rows_before][:, None] == groups[members]] = np.inf
            if not phase.album_runs:
                entry[table.artist[rows_before][:, None] == own.artist] = np.inf
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
                inner=inner,
                entry=entry,
                exit=np.zeros(len(members), dtype=np.float32),
                opens=opens,
                target=target,
                slack=slack[p],
                tolerance=max(1.0, tolerance_of(session, phase)),
            )
        )
        opens = stages[-1].closes
        ends_before, rows_before = ends, members
    _hold_places(stages, forced, first_phase)
    numbered = np.unique(groups, return_inverse=True)[1]
    blocks = energy_blocks(table).astype(np.float32)
    holds = hold_windows(arc)
    rises = rises_within(table, min(each.longest for each in holds)) if holds else ()
    return Instance(
        arc, table, numbered, tuple(stages), rules, past, tuple(forced), blocks, holds=holds, rises=rises
    )


def _joins(
    before: Ends, after: Ends, rules: Rules, scale: float, free_before: Mask, free_after: Mask
) -> Floats32:
    """Points of each join [shape=(n, m)], infinite where a hard limit forbids it."""
    points = join_total(join_parts(before, after, rules.join)) * (
        WEIGHTS.join * WEIGHTS.track_seconds * scale
    )
    permitted = join_allowed(before, after, rules.join) | free_before[:, None] | free_after
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
