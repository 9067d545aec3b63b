"""One planning problem as numbers: stages in time, what a track costs in each, what a join costs.

Time is *step time*: a track takes its duration less the overlap with the next, so that starts simply add up.
A stage is a phase with the tracks that may stand in it (its members). Everything that a rule forbids is an
infinite cost, so that the recursion and the search need to know no rule by name; what depends on the whole
path (no recording twice, an artist's cap and gaps, the share of voice) is left to the search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from playlistkit.model import Phase, Rules
from playlistkit.objective import WEIGHTS, Arc, Table
from playlistkit.objective.table import BLOCK
from playlistkit.objective.terms import Ends
from playlistkit.planner.holds import HoldWindow, Rise

__all__ = ["Forced", "Instance", "Past", "Stage"]

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]

CACHED_CELLS = 1 << 14

RISING = 10.0
"""Points for a track that rises within a hold for longer than it allows: more than most whole sessions cost."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What was played before the instance begins; nothing, for a new session."""

    start: float = 0.0
    """Seconds on the session's clock at which the first track to be planned begins."""
    ends: Ends | None = None
    """The end of the track before it [n = 1]."""
    free: bool = False
    """Whether the join after that track is exempt from the hard limits."""
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

    def keeping(self, members: Sequence[Ints]) -> Instance:
        """The instance with only some of each stage's members; the tracks keep their rows.

        Parameters
        ----------
        members : sequence of np.ndarray [shape=(k,)]
            For each stage, indices of the members that stay, in order.
        """
        stages = []
        before: Ints | slice = slice(None)
        for stage, keep in zip(self.stages, members, strict=True):
            stages.append(
                replace(
                    stage,
                    members=stage.members[keep],
                    step=stage.step[keep],
                    fixed=stage.fixed[keep],
                    beyond=stage.beyond[keep],
                    inner=stage.inner[np.ix_(keep, keep)],
                    entry=stage.entry[before][:, keep],
                    exit=stage.exit[keep],
                )
            )
            before = keep
        return replace(self, stages=tuple(stages))

    def boundary(self, p: int, time: Floats) -> Floats:
        """Points for ending stage `p` at `time`; infinite beyond the slack [shape as time]."""
        stage = self.stages[p]
        miss = np.asarray(time) - stage.target
        points = WEIGHTS.boundary / len(self.arc.phases) * (miss / stage.tolerance) ** 2
        return np.where(np.abs(miss) <= stage.slack + 1e-6, points, np.inf)

    def run_costs(self, p: int, starts: NDArray[np.int64]) -> Floats32:
        """Points that each member of stage `p` costs by itself, started at evenly spaced whole seconds.

        Energy over the track as it plays, the stage's fixed costs, and rises within a hold; infinite where the
        track would end too late or a forced track holds that time.

        Returns
        -------
        np.ndarray [shape=(len(starts), m)]
        """
        stage = self.stages[p]
        rows, m = len(starts), len(stage.members)
        costs = np.full((rows, m), np.inf, dtype=np.float32)
        if not rows or not m:
            return costs
        steps = np.maximum(np.round(stage.step).astype(np.int64), 1)
        size, first, stride = int(BLOCK), int(starts[0]), int(starts[1] - starts[0]) if rows > 1 else 1
        seconds = np.arange(first, int(starts[-1]) + steps.max() + BLOCK + 1, dtype=np.float64)
        area, square = self.arc.area(seconds), self.arc.square(seconds)
        # row k: the integral up to each of `starts`, k seconds later
        areas, squares = (
            sliding_window_view(each, int(starts[-1]) - first + 1)[:, ::stride] for each in (area, square)
        )
        whole = steps // size  # blocks that play in full
        energy = self.blocks[stage.members]
        lengths = np.clip(steps[:, None] - np.arange(energy.shape[1]) * size, 0, size)
        own = (energy.astype(np.float64) ** 2 * lengths).sum(axis=1)
        width = min(int(whole.max()), energy.shape[1])
        full = np.where(np.arange(width) < whole[:, None], energy[:, :width], 0).astype(np.float32)
        edges = areas[np.arange(width + 1) * size]
        shared = full @ np.diff(edges, axis=0).astype(np.float32)
        last = energy[np.arange(m), np.minimum(whole, energy.shape[1] - 1)]
        scale = WEIGHTS.energy * self.per_second / WEIGHTS.energy_scale**2
        together = max(1, CACHED_CELLS // rows)
        for low in range(0, m, together):  # few members at a time stay within the cache
            some = slice(low, low + together)
            miss = areas[steps[some]] - areas[whole[some] * size]
            miss *= last[some, None]
            miss += shared[some]
            miss *= -2
            miss += squares[steps[some]]
            miss -= squares[0]
            miss += own[some, None]
            np.maximum(miss, 0, out=miss)
            miss *= scale
            miss += stage.fixed[some, None]
            costs[:, some] = miss.T
        for row in {rise.row for rise in self.rises}:
            costs[:, stage.members == row] += self.rising(row, starts)[:, None]
        costs[starts[:, None] + steps > stage.closes[1] + 0.5] = np.inf
        if self.forced:
            costs[self.displaced(p, starts)] = np.inf
        return costs

    def rising(self, row: int, starts: ArrayLike) -> Floats32:
        """Points for the rises within holds of the track in `row`, started at these seconds [shape as starts]."""
        times = np.asarray(starts, dtype=np.float64)
        points = np.zeros(times.shape, dtype=np.float32)
        for window in self.holds:
            for rise in self.rises:
                if rise.row == row:
                    end = np.minimum(times + rise.end, window.end)
                    begin = np.maximum(times + rise.begin, window.begin)
                    points += RISING * (end - begin > window.longest)
        return points

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
