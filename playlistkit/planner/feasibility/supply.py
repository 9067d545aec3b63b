"""The minutes of music available for each phase, under any set of dropped rules.

A linear programme: each track gives its minutes to one phase that allows it, each recording once, each artist no more
often than the cap; the minutes a phase still lacks are its shortage. Being a relaxation, it never reports more than is lacking
in total. Among the ways to divide that shortage it finds the fairest: no phase goes without music that it shares
with others while those have plenty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np

from playlistkit.model import Rule
from playlistkit.objective import WEIGHTS
from playlistkit.objective.array_types import Floats, Mask
from playlistkit.objective.people import NO_ONE
from playlistkit.planner.problem.pool import Pool
from playlistkit.template.relaxing import RELAXABLE, every_rule

__all__ = [
    "EPSILON",
    "SPARE",
    "Supply",
    "dealt",
    "lacks",
    "mildest",
    "other_than",
    "relaxed",
    "smallest_conflict",
]


EPSILON = 0.05  # minutes; a smaller shortage is ignored

SPARE = 1.2
"""A relaxation must admit this many times the minutes: joins, lengths and the ends of phases use up some."""

FAIR = tuple(1.0 + 1e-3 * share for share in range(8))
"""Cost of a lacking minute, by eighths of its phase, so that among equal totals the most even wins."""


def lacks(pool: Pool, *, unknown_voice: bool, slack: Sequence[float] = ()) -> bool:
    """Whether any phase lacks minutes."""
    return not Supply(pool, unknown_voice, slack).feasible(())


def mildest(
    pool: Pool, *, unknown_voice: bool, slack: Sequence[float] = (), spare: float = SPARE
) -> tuple[Rule, ...] | None:
    """Rules to give up so that `spare` times the minutes may play in each phase, as far as dropping rules can bring them.

    The heaviest rules are kept first, then whatever can be kept besides. `None` if the library lacks
    minutes whatever is given up.
    """
    linear = Supply(pool, unknown_voice, slack)
    rules = linear.rules()
    if not linear.feasible(rules):
        return None
    if not linear.feasible(rules, spare):
        return tuple(rules)
    kept: list[Rule] = []
    given_up: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (-RELAXABLE[rule.name].weight, rule)):
        if linear.feasible(other_than(rules, [*kept, rule]), spare):
            kept.append(rule)
        else:
            given_up.append(rule)
    return tuple(given_up)


def dealt(
    pool: Pool, dropped: Collection[Rule], *, unknown_voice: bool, slack: Sequence[float] = (), spare: float
) -> Mask:
    """Which track may play where if each is assigned to the phase that needs it most; see `mildest` [shape=(P, N)].

    So an early phase doesn't use up scarce music if other music would do; pins keep all their places.
    """
    mask = Supply(pool, unknown_voice, slack).dealt(dropped, spare)
    pinned = list(pool.pinned)
    mask[:, pinned] = pool.allowed(unknown_voice=unknown_voice)[:, pinned]
    return mask


def other_than(rules: Iterable[Rule], kept: Collection[Rule]) -> tuple[Rule, ...]:
    """The rules that are not among those kept."""
    return tuple(rule for rule in rules if rule not in kept)


def relaxed(pool: Pool, dropped: Collection[Rule], *, unknown_voice: bool) -> Mask:
    """Which track may play where once the rules are dropped [shape=(P, N)]. Unknown energy is never admitted."""
    mask = pool.allowed(unknown_voice=unknown_voice).copy()
    everywhere = {rule.name for rule in dropped if not rule.phase}
    for p, phase in enumerate(pool.arc.phases):
        names = everywhere | {rule.name for rule in dropped if rule.phase == phase.name}
        if names:
            mask[p] |= pool.rules.allowed(without=names, unknown_voice=unknown_voice)[p]
    mask &= ~np.isnan(pool.table.energy)
    return mask


def smallest_conflict(feasible: Callable[[Collection[Rule]], bool], rules: Sequence[Rule]) -> list[Rule]:
    """A minimal set of rules that can't all be kept (QuickXplain, Junker 2004)."""

    def split(background: list[Rule], grown: bool, rest: list[Rule]) -> list[Rule]:
        if grown and not feasible(background):
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        left, right = rest[:half], rest[half:]
        second = split(background + left, True, right)
        first = split(background + second, bool(second), left)
        return first + second

    return [] if feasible(rules) or not rules else split([], False, list(rules))


class Supply:
    """The linear programme of one pool, for any set of dropped rules."""

    def __init__(self, pool: Pool, unknown_voice: bool, slack: Sequence[float]) -> None:
        self.pool, self.unknown_voice = pool, unknown_voice
        self.slack = np.array(slack if len(slack) else [pool.session.template.rules.boundary_tolerance])
        possible = relaxed(pool, [Rule("", name) for name in RELAXABLE], unknown_voice=True)
        self.rows = np.flatnonzero(possible.any(axis=0))
        self.groups = np.unique(pool.groups(self.rows), return_inverse=True)[1]
        self.people = pool.table.take(self.rows).people
        self.minutes = pool.steps()[self.rows] / 60.0
        self.needed = np.diff(pool.arc.bounds) / 60.0
        self.cap = pool.session.template.rules.artist_max

    def rules(self) -> list[Rule]:
        """The rules that bar anything at all."""
        return [rule for rule in every_rule(self.pool.arc.phases) if self._bars(rule)]

    def _bars(self, rule: Rule) -> bool:
        if rule.name == "artist":
            return bool(np.bincount(self.people[self.people != NO_ONE], minlength=1).max() > self.cap)
        kept = self.pool.rules.kept[rule.name][:, self.rows]
        here = [rule.phase in ("", phase.name) for phase in self.pool.arc.phases]
        return not kept[here].all()

    def feasible(self, dropped: Collection[Rule], spare: float = 1.0) -> bool:
        """Whether `spare` times the minutes may play in each phase once the rules are dropped."""
        return float(self.shortage(dropped, spare).sum()) <= EPSILON

    def shortage(self, dropped: Collection[Rule], spare: float = 1.0) -> Floats:
        """Minutes that each phase lacks, with the least total, as evenly as possible [shape=(P,)]."""
        return self._solved(dropped, spare, None)[1]

    def dealt(self, dropped: Collection[Rule], spare: float) -> Mask:
        """Each track to the phase that needs it, the fewest and mildest rules bent [shape=(P, N)].

        Each phase gets `spare` times its minutes, as far as there are so many.
        """
        kept = self.pool.rules.kept
        bending = np.zeros((len(self.needed), len(self.rows)))
        for rule in dropped:
            for p, phase in enumerate(self.pool.arc.phases):
                if rule.name in kept and rule.phase in ("", phase.name):
                    bending[p] += RELAXABLE[rule.name].weight * ~kept[rule.name][p, self.rows]
        means = np.diff(self.pool.arc.area(self.pool.arc.bounds)) / np.diff(self.pool.arc.bounds)
        energy = np.array([heard.energy[self.rows] for heard in self.pool.heard])
        misfit = ((energy - means[:, None]) / WEIGHTS.energy_scale) ** 2
        share, _ = self._solved(dropped, spare, bending + misfit)
        mask = np.zeros((len(self.needed), len(self.pool.table)), dtype=bool)
        mask[:, self.rows] = share > 1e-6
        return mask

    def _solved(self, dropped: Collection[Rule], spare: float, costs: Floats | None) -> tuple[Floats, Floats]:
        """The programme's answer: the share of each track that each phase gets [shape=(P, n)], and what it lacks.

        `costs` [shape=(P, n)] is the price of a minute; a lacking minute costs more than any.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_matrix, hstack, vstack

        allowed = relaxed(self.pool, dropped, unknown_voice=self.unknown_voice)[:, self.rows]
        phase, track = np.nonzero(allowed)
        n, phases = len(phase), len(self.needed)
        least = spare * np.maximum(self.needed - self.slack / 60.0, 0.0)
        share = np.zeros(allowed.shape)
        if n == 0:
            return share, least
        price = np.zeros(n) if costs is None else costs[phase, track] * self.minutes[track]
        dearer = 1.0 if costs is None else 10.0 * float(costs.max()) + 1.0
        eighths = phases * len(FAIR)
        columns, ones = np.arange(n), np.ones(n)
        once = csr_matrix((ones, (self.groups[track], columns)), shape=(self.groups.max() + 1, n + eighths))
        blocks, limits = [once], [np.ones(once.shape[0])]
        if Rule("", "artist") not in dropped:
            credited, place = np.nonzero(self.people[track] != NO_ONE)
            person = np.unique(self.people[track[credited], place], return_inverse=True)[1]
            shape = (person.max(initial=-1) + 1, n + eighths)
            capped = csr_matrix((np.ones(len(credited)), (person, columns[credited])), shape=shape)
            blocks.append(capped)
            limits.append(np.full(capped.shape[0], float(self.cap)))
        for p, rule in enumerate(self.pool.arc.phases):
            if rule.vocals_share > 0 and Rule(rule.name, "vocals") not in dropped:
                here = (phase == p) & self.pool.rules.beyond[p, self.rows[track]]
                weights = np.concatenate([np.where(here, self.minutes[track], 0.0), np.zeros(eighths)])
                blocks.append(csr_matrix(weights[None]))
                limits.append(np.array([rule.vocals_share * self.needed[p]]))
        filled = hstack(
            [
                csr_matrix((-self.minutes[track], (phase, columns)), shape=(phases, n)),
                -csr_matrix(np.repeat(np.eye(phases), len(FAIR), axis=1)),
            ]
        )
        result = linprog(
            np.concatenate([price, dearer * np.tile(FAIR, phases)]),
            A_ub=vstack([*blocks, filled]),
            b_ub=np.concatenate([*limits, -least]),
            bounds=np.column_stack(
                [np.zeros(n + eighths), np.concatenate([ones, np.repeat(least / len(FAIR), len(FAIR))])]
            ),
            method="highs",
        )
        share[phase, track] = result.x[:n]
        short: Floats = np.maximum(result.x[n:], 0.0).reshape(phases, len(FAIR)).sum(axis=1)
        return share, short

    def eligible(self, p: int) -> tuple[float, float, tuple[str, ...]]:
        """Minutes that a phase would have if it were the only one, those of them that others allow too, and whose."""
        allowed = relaxed(self.pool, (), unknown_voice=self.unknown_voice)[:, self.rows]
        others: Mask = np.asarray(np.delete(allowed, p, axis=0).any(axis=0))
        names = [phase.name for phase in self.pool.arc.phases]
        sharing: set[str] = set()
        taken: set[int] = set()  # recordings, which count once
        times: Counter[int] = Counter()
        own = shared = 0.0
        # the longest first, and of equals those that are the phase's own
        for row in np.lexsort((others, -self.minutes)):
            group, people = int(self.groups[row]), self.people[row][self.people[row] != NO_ONE].tolist()
            often = any(times[each] >= self.cap for each in people)
            if not allowed[p, row] or group in taken or often:
                continue
            taken.add(group)
            times.update(people)
            own += float(self.minutes[row])
            if others[row]:
                shared += float(self.minutes[row])
                sharing |= {names[q] for q in np.flatnonzero(allowed[:, row]) if q != p}
        return own, shared, tuple(name for name in names if name in sharing)
