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
from numpy.typing import NDArray

from playlistkit.model import JoinRules, Phase, Rules
from playlistkit.objective import Arc, Setting, Table
from playlistkit.objective.array_types import Floats, Floats32, Ints, Mask
from playlistkit.objective.ends import Ends
from playlistkit.objective.people import NO_ONE
from playlistkit.objective.terms import Run, boundary_points, repeat_points

__all__ = ["Forced", "Instance", "Limits", "Past", "Stage", "Value"]


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What was played before the instance begins; nothing, for a new session."""

    start: float = 0.0
    """Seconds on the session's clock at which the first track to be planned begins."""
    ends: Ends | None = None
    """The end of the track before it [n = 1]."""
    free: bool = False
    """Whether the join after that track is exempt from the hard limits."""
    last_people: tuple[int, ...] = ()
    """Who plays in the track before it, as the table numbers people."""
    artist_counts: Mapping[int, int] = field(default_factory=dict)
    """How many tracks of each person were played."""
    artist_ends: Mapping[int, float] = field(default_factory=dict)
    """When each was last heard."""
    works: frozenset[int] = frozenset()
    """Works of which something was played, as the table numbers them."""
    work: tuple[int, int] = (0, 0)
    """Work and movement of the track before it."""
    place: int = -1
    """Place in the client's last session of the track before it, if that plays in the same phase; -1 if it was not there."""
    beyond: float = 0.0
    """Seconds of voice beyond the rule already played in the first phase."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on what follows what. The objective stays the session's, whatever is given up here."""

    join: JoinRules | None
    """`None`: any track may follow any other."""
    artist_max: int
    """Tracks of one artist."""
    works: bool = True
    """Whether movements of a work keep together."""
    runs: bool = False
    """Whether artists may follow themselves everywhere, not only in phases that allow it."""

    @classmethod
    def of(cls, rules: Rules) -> Limits:
        """As the template has them."""
        return cls(rules.join, rules.artist_max, rules.works == "together")

    def any_artist(self) -> Limits:
        """Without those on artists."""
        return replace(self, artist_max=10_000, runs=True)


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
    """[shape=(m,)] d_j: seconds from a member's start to the next start."""
    fixed: Floats
    """[shape=(m,)] The part of c_p(t, j) that is the same at every t, in points; includes the surcharge."""
    surcharge: Floats
    """[shape=(m,)] The part of `fixed` that is in no score: what bending a rule is charged."""
    beyond: Mask
    """[shape=(m,)] Whether a member uses up the phase's share of voice."""
    beyond_limit: float
    """Seconds of such members that the share allows."""
    inner: Floats32
    """[shape=(m, m)] x_p(i, j): points of the join of one member (row) with the next; infinite where forbidden."""
    entry: Floats32
    """[shape=(n, m)] x′_p(i, j): the same from a member of the stage before."""
    exit: Floats32
    """[shape=(m,)] 0, or infinite for members that may not close the stage."""
    opens: tuple[float, float]
    """Earliest and latest start of the stage."""
    target: float
    """Second at which it should end."""
    slack: float
    """Seconds by which it may miss that."""

    @property
    def closes(self) -> tuple[float, float]:
        """Earliest and latest end of the stage."""
        return self.target - self.slack, self.target + self.slack


@dataclass(frozen=True, slots=True)
class Value:
    """What a path costs."""

    points: float
    """Under the objective."""
    surcharge: float
    """Charged on top for bending rules, to steer the search; in no score."""

    @property
    def steered(self) -> float:
        """What the search minimises."""
        return self.points + self.surcharge


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A whole planning problem over M tracks."""

    setting: Setting
    table: Table
    groups: Ints
    """[shape=(M,)] Equal for versions of one recording; numbered from 0 without gaps."""
    stages: tuple[Stage, ...]
    limits: Limits
    past: Past
    forced: tuple[Forced, ...]
    runs: tuple[tuple[tuple[float, Run], ...], ...]
    """For each stage, weight and run of each term that depends on when a track starts, for the rows of the table."""

    @property
    def arc(self) -> Arc:
        """The curve on the session's clock."""
        return self.setting.arc

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
                    surcharge=stage.surcharge[keep],
                    beyond=stage.beyond[keep],
                    inner=stage.inner[np.ix_(keep, keep)],
                    entry=stage.entry[before][:, keep],
                    exit=stage.exit[keep],
                )
            )
            before = keep
        return replace(self, stages=tuple(stages))

    def boundary(self, p: int, time: Floats) -> Floats:
        """close_p(t): points for ending stage `p` at `time`; infinite beyond the slack [shape as time]."""
        stage = self.stages[p]
        miss = np.asarray(time) - stage.target
        points = boundary_points(self.setting, stage.phase, miss)
        return np.where(np.abs(miss) <= stage.slack + 1e-6, points, np.inf)

    def run_costs(self, p: int, starts: NDArray[np.int64]) -> Floats32:
        """c_p(t, j): points that each member of stage `p` costs by itself, started at evenly spaced whole seconds.

        The sum of all `rate` and `run` terms and of what bending rules is charged; infinite where the track would end too
        late or a forced track holds that time.

        Returns
        -------
        np.ndarray [shape=(len(starts), m)]
        """
        stage = self.stages[p]
        rows, m = len(starts), len(stage.members)
        costs = np.zeros((rows, m), dtype=np.float32)
        if not rows or not m:
            return costs
        for weight, run in self.runs[p]:
            amounts = run.grid(stage.members, starts.astype(np.float64), stage.step)
            amounts *= weight * self.setting.second_share
            costs += amounts
        costs += stage.fixed.astype(np.float32)
        steps = np.maximum(np.round(stage.step).astype(np.int64), 1)
        costs[starts[:, None] + steps > stage.closes[1] + 0.5] = np.inf
        if self.forced:
            costs[self.displaced(p, starts)] = np.inf
        return costs

    def value(self, path: Sequence[tuple[int, int]]) -> Value:
        """What a path of (stage, row of the table) pairs costs, to the fraction of a second.

        The search looks costs up on a grid of whole seconds. This is the exact value: the judge's, once the path is laid
        out on the clock (for a session that has not begun).
        """
        points = surcharges = 0.0
        time, last, before = self.past.start, 0, -1
        last_ends = dict(self.past.artist_ends)
        for k, (p, row) in enumerate(path):
            stage, entering = self.stages[p], p != before
            if entering and before >= 0:
                points += float(self.boundary(before, np.array(time)))
            j = int(np.searchsorted(stage.members, row))
            points += float((stage.entry if entering else stage.inner)[last, j])
            for weight, run in self.runs[p]:
                own = run.each(np.array([row]), np.array([time]), stage.step[[j]])
                points += weight * self.setting.second_share * float(own[0])
            points += float(stage.fixed[j])
            surcharges += float(stage.surcharge[j])
            people = [person for person in self.table.people[row].tolist() if person != NO_ONE]
            again = [last_ends[person] for person in people if person in last_ends]
            if again:
                running = k > 0 and bool(np.isin(self.table.people[path[k - 1][1]], people).any())
                points += float(repeat_points(self.setting, stage.phase, time - max(again), running))
            time += float(stage.step[j])
            last_ends.update(dict.fromkeys(people, time))
            last, before = j, p
        points += float(self.boundary(before, np.array(time)))
        return Value(points - surcharges, surcharges)

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
