"""One planning problem as numbers: stages in time, what a track costs in each, what a join costs.

Time is *step time*: a track takes its duration less the overlap with the next, so that starts simply add up.
A stage is a phase with the tracks that may stand in it (its members). Everything that a rule forbids is an
infinite cost, so that the recursion and the search need to know no rule by name; what depends on the whole
path (no recording twice, an artist's cap and gaps, the share of voice) is left to the search.

What plays before a stretch that is planned and after it stands here too, as its past and its future; `borders.py` makes them
from slots. A new session has neither; the rest of a running one has a past; a stretch within a plan may have both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import JoinRules, Phase, Rules
from playlistkit.objective import Arc, Setting, Table
from playlistkit.objective.array_types import Floats, Floats32, Ints, Mask
from playlistkit.objective.ends import Ends
from playlistkit.objective.people import NO_ONE
from playlistkit.objective.terms import Run, boundary_points, repeat_points

__all__ = ["Forced", "Future", "Instance", "Limits", "Past", "Return", "Stage", "Value"]


SAMPLES = 33
"""Moments at which what moves with a stretch's end is worked out for the search, which takes straight lines between them."""


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
    """How many tracks of each person are played outside the stretch: before it, and after it."""
    artist_ends: Mapping[int, float] = field(default_factory=dict)
    """When each was last heard before it."""
    works: frozenset[int] = frozenset()
    """Works of which something was played, or is played later than right after the stretch, as the table numbers them."""
    work: tuple[int, int] = (0, 0)
    """Work and movement of the track before it."""
    place: int = -1
    """Place in the client's last session of the track before it, if that plays in the same phase; -1 if it was not there."""
    beyond: float = 0.0
    """Seconds of voice beyond the rule already played in the first phase."""


@dataclass(frozen=True, slots=True)
class Return:
    """A track after the stretch whose people may be heard last within it."""

    start: float
    """Seconds on the session's clock, if the stretch ends when it should."""
    phase: Phase
    people: tuple[int, ...]
    next: bool
    """Whether it is the track right after the stretch."""


@dataclass(frozen=True, eq=False)
class Future:
    """What plays after the instance ends: n tracks that stay, but begin as much earlier or later as it ends."""

    setting: Setting
    start: float
    """Seconds on the session's clock at which the first of them should begin."""
    slack: float
    """Seconds by which it may miss that."""
    phase: int
    """Index of its phase."""
    ends: Ends
    """Its own beginning, as heard at the join [n = 1]."""
    people: tuple[int, ...]
    """Who plays in it."""
    work: tuple[int, int]
    """Its work and movement."""
    place: int
    """Its place in the client's last session, if it plays in the same phase as the end of the stretch; else -1."""
    beyond: float
    """Seconds of voice beyond the rule that are still to come in the stretch's last phase."""
    returns: tuple[Return, ...]
    late: tuple[tuple[Phase, float], ...]
    """The phases that end with the stretch or after it, and by how many seconds each then ends late."""
    runs: tuple[tuple[float, Run], ...]
    """Weight and run of each term that depends on when a track starts, for the n tracks."""
    starts: Floats
    seconds: Floats
    """[shape=(n,), both] When each begins, and how long it plays."""

    def points(self, miss: float) -> float:
        """What depends on the time at which they begin, `miss` seconds late: ends of phases, and all `run` terms."""
        return float(self._boundaries(np.array([miss]))[0]) + self._running(miss)

    def above_least(self, misses: Floats) -> Floats:
        """About the same for many misses, less the least there is: what the search charges [shape as misses]."""
        at, running, least = self._sampled
        points: Floats = self._boundaries(misses) + np.interp(misses, at, running) - least
        return points

    @cached_property
    def _sampled(self) -> tuple[Floats, Floats, float]:
        at = np.linspace(-self.slack, self.slack, SAMPLES)
        running = np.array([self._running(miss) for miss in at.tolist()])
        return at, running, float((self._boundaries(at) + running).min())

    def _boundaries(self, misses: Floats) -> Floats:
        points: Floats = np.zeros(np.shape(misses))
        for phase, late in self.late:
            points = points + boundary_points(self.setting, phase, late + misses)
        return points

    def _running(self, miss: float) -> float:
        rows = np.arange(len(self.starts))
        share = self.setting.second_share
        return sum(
            weight * share * float(run.each(rows, self.starts + miss, self.seconds).sum())
            for weight, run in self.runs
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on what follows what. The objective stays the session's, whatever is given up here."""

    join: JoinRules | None
    """`None`: any track may follow any other."""
    artist_max: int
    """Tracks of one artist."""
    works: bool = True
    """Whether movements of a work keep together."""
    album_runs: bool = False
    """Whether artists may follow themselves everywhere, not only in phases that allow it."""

    @classmethod
    def of(cls, rules: Rules) -> Limits:
        """As the template has them."""
        return cls(rules.join, rules.artist_max, rules.works == "together")

    def any_artist(self) -> Limits:
        """Without those on artists."""
        return replace(self, artist_max=10_000, album_runs=True)


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
    """[shape=(m,)] Points of the join of each member with what plays after the instance; else 0. Infinite for members that may
    not close the stage."""
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
    future: Future | None = None
    """What plays after it and stays; `None` if the session ends with it."""

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
        return np.where(np.abs(miss) <= stage.slack + 1e-6, self.ending(p, miss), np.inf)

    def ending(self, p: int, misses: Floats) -> Floats:
        """Points for ending stage `p` so many seconds late, whatever its slack [shape as misses]."""
        if self.future is not None and p + 1 == len(self.stages):
            return self.future.above_least(misses)
        return boundary_points(self.setting, self.stages[p].phase, misses)

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
        out on the clock. Of what was played before it has nothing; of what plays after, whatever the path can change.
        """
        points = surcharges = 0.0
        time, last, before = self.past.start, 0, -1
        last_ends, last_people = dict(self.past.artist_ends), self.past.last_people
        for p, row in path:
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
            people = tuple(person for person in self.table.people[row].tolist() if person != NO_ONE)
            points += self._returned(stage.phase, people, time, last_ends, last_people)
            time += float(stage.step[j])
            last_ends.update(dict.fromkeys(people, time))
            last, before, last_people = j, p, people
        points += float(self.stages[before].exit[last])
        if self.future is None:
            points += float(self.boundary(before, np.array(time)))
        else:
            late = time - self.future.start
            points += self.future.points(late)
            for each in self.future.returns:
                just_before = last_people if each.next else ()
                points += self._returned(each.phase, each.people, each.start + late, last_ends, just_before)
        return Value(points - surcharges, surcharges)

    def _returned(
        self,
        phase: Phase,
        people: Sequence[int],
        start: float,
        last_ends: Mapping[int, float],
        just_before: Sequence[int],
    ) -> float:
        """Points for a track's people, some of whom may have been heard before, or in the track just before."""
        again = [last_ends[person] for person in people if person in last_ends]
        if not again:
            return 0.0
        running = not set(people).isdisjoint(just_before)
        return float(repeat_points(self.setting, phase, start - max(again), running))

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
