"""Why a library can't fill a template: what each phase lacks, and which rules to blame.

The supply is a linear programme: each track gives its minutes to one phase that allows it, a recording once,
an artist no more often than the cap; what a phase lacks then is its shortage. Relaxed like that it never
reports more than is lacking in all. Of the ways to deal out that shortage the fairest is told: no phase goes
without the music that it shares with others while those have plenty. Rules are then dropped one by one to see
what each would bring.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Diagnosis, PhaseSupply, Rule, Shortfall
from playlistkit.objective import WEIGHTS
from playlistkit.planner.pool import Pool

__all__ = [
    "OF_A_PHASE",
    "RELAXABLE",
    "dealt",
    "diagnose",
    "lacks",
    "mildest",
    "relaxed",
    "smallest_conflict",
]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

RELAXABLE = {
    "track_minutes": 1.0,
    "percussiveness": 1.5,
    "brightness": 1.5,
    "loudness_range": 1.5,
    "artist": 2.0,
    "energy": 3.0,
    "used": 4.0,
    "last_session": 4.0,
    "vocals": 10.0,
}
"""Rules that may be relaxed, and how much that matters; exclusions and `avoid` are never relaxed."""

OF_A_PHASE = {"energy", "vocals", "loudness_range", "brightness", "percussiveness", "last_session"}

REMEDIES = {
    "energy": "widening its energy tolerance",
    "vocals": "allowing more voice in it",
    "loudness_range": "allowing a wider loudness range in it",
    "brightness": "allowing other brightness in it",
    "percussiveness": "allowing more percussiveness in it",
    "track_minutes": "allowing shorter or longer tracks",
    "used": "allowing tracks of earlier sessions",
    "last_session": "allowing music in it that was not in the last session",
    "artist": "allowing more tracks of one artist",
}

EPSILON = 0.05  # minutes; less than this is no shortage

SPARE = 1.2
"""Times the minutes that a relaxation must let in: joins, lengths and the ends of phases take their part of them."""

FAIR = tuple(1.0 + 1e-3 * share for share in range(8))
"""What a lacking minute costs, by the eighth of its phase in which it lies: of equal totals the evenest is found."""


def diagnose(pool: Pool, *, unknown_voice: bool, slack: Sequence[float] = ()) -> Diagnosis:
    """What the phases of a pool lack, by the linear programme alone; nothing lacking leaves all but the supply empty."""
    linear = _Supply(pool, unknown_voice, slack)
    rules = linear.rules()
    lacking = linear.shortage(())
    supply = tuple(
        PhaseSupply(phase.name, float(linear.needed[p]), *linear.eligible(p), float(lacking[p]))
        for p, phase in enumerate(pool.arc.phases)
    )
    if lacking.sum() <= EPSILON:
        return Diagnosis((), supply, (), (), ())
    brought = {rule: lacking - linear.shortage((rule,)) for rule in rules}
    gains = sorted(
        ((rule, float(minutes.sum())) for rule, minutes in brought.items()), key=lambda g: (-g[1], g[0])
    )
    gains = [(rule, minutes) for rule, minutes in gains if minutes > EPSILON]
    conflict: tuple[Rule, ...] = ()
    if linear.feasible(rules):
        conflict = tuple(smallest_conflict(lambda kept: linear.feasible(_without(rules, kept)), rules))
    shortfalls = tuple(
        _shortfall(pool, p, each, supply, {rule: float(b[p]) for rule, b in brought.items()})
        for p, each in enumerate(supply)
        if each.lacking > EPSILON
    )
    relaxation = mildest(pool, unknown_voice=unknown_voice, slack=slack)
    return Diagnosis(shortfalls, supply, tuple(gains), conflict, relaxation)


def lacks(pool: Pool, *, unknown_voice: bool, slack: Sequence[float] = ()) -> bool:
    """Whether any phase lacks minutes."""
    return not _Supply(pool, unknown_voice, slack).feasible(())


def mildest(
    pool: Pool, *, unknown_voice: bool, slack: Sequence[float] = (), spare: float = SPARE
) -> tuple[Rule, ...] | None:
    """Rules to give up so that `spare` times the minutes may stand in each phase, as far as all rules bring them.

    The weightiest rules are kept first, and whatever can be kept beside them. `None` where the library lacks
    minutes whatever is given up.
    """
    linear = _Supply(pool, unknown_voice, slack)
    rules = linear.rules()
    if not linear.feasible(rules):
        return None
    if not linear.feasible(rules, spare):
        return tuple(rules)
    kept: list[Rule] = []
    given_up: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (-RELAXABLE[rule.name], rule)):
        if linear.feasible(_without(rules, [*kept, rule]), spare):
            kept.append(rule)
        else:
            given_up.append(rule)
    return tuple(given_up)


def dealt(
    pool: Pool, dropped: Collection[Rule], *, unknown_voice: bool, slack: Sequence[float] = (), spare: float
) -> Mask:
    """Who may stand where if each track keeps to the phase that needs it most; see `mildest` [shape=(P, N)].

    Scarce music is not used up by an early phase that could do with other; pins keep all their places.
    """
    mask = _Supply(pool, unknown_voice, slack).dealt(dropped, spare)
    pinned = list(pool.pinned)
    mask[:, pinned] = pool.allowed(unknown_voice=unknown_voice)[:, pinned]
    return mask


def _without(rules: Iterable[Rule], kept: Collection[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule not in kept)


def relaxed(pool: Pool, dropped: Collection[Rule], *, unknown_voice: bool) -> Mask:
    """Who may stand where once the rules are dropped [shape=(P, N)]. Unknown energy is never let in."""
    mask = pool.allowed(unknown_voice=unknown_voice).copy()
    everywhere = {rule.name for rule in dropped if not rule.phase}
    for p, phase in enumerate(pool.arc.phases):
        names = everywhere | {rule.name for rule in dropped if rule.phase == phase.name}
        if names:
            mask[p] |= pool.rules.allowed(without=names, unknown_voice=unknown_voice)[p]
    mask &= ~np.isnan(pool.table.energy)
    return mask


def smallest_conflict(feasible: Callable[[Collection[Rule]], bool], rules: Sequence[Rule]) -> list[Rule]:
    """Rules of which none can be left out without the rest becoming feasible (QuickXplain, Junker 2004)."""

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


class _Supply:
    """The linear programme of one pool, for any set of dropped rules."""

    def __init__(self, pool: Pool, unknown_voice: bool, slack: Sequence[float]) -> None:
        self.pool, self.unknown_voice = pool, unknown_voice
        self.slack = np.array(slack if len(slack) else [pool.session.template.rules.boundary_tolerance])
        possible = relaxed(pool, [Rule("", name) for name in RELAXABLE], unknown_voice=True)
        self.rows = np.flatnonzero(possible.any(axis=0))
        self.groups = np.unique(pool.groups(self.rows), return_inverse=True)[1]
        self.artists = np.unique(pool.table.artist[self.rows], return_inverse=True)[1]
        self.minutes = pool.steps()[self.rows] / 60.0
        self.needed = np.diff(pool.arc.bounds) / 60.0
        self.cap = pool.session.template.rules.artist_max

    def rules(self) -> list[Rule]:
        """The rules that bar anything at all."""
        kept = self.pool.rules.kept
        found = [
            Rule(phase.name, name)
            for p, phase in enumerate(self.pool.arc.phases)
            for name in sorted(OF_A_PHASE)
            if not kept[name][p, self.rows].all()
        ]
        found += [Rule("", name) for name in ("track_minutes", "used") if not kept[name][:, self.rows].all()]
        counts = np.bincount(self.artists)
        if len(counts) and counts.max() > self.cap:
            found.append(Rule("", "artist"))
        return found

    def feasible(self, dropped: Collection[Rule], spare: float = 1.0) -> bool:
        """Whether `spare` times the minutes may stand in each phase once the rules are dropped."""
        return float(self.shortage(dropped, spare).sum()) <= EPSILON

    def shortage(self, dropped: Collection[Rule], spare: float = 1.0) -> Floats:
        """Minutes that each phase lacks, as few in all and as evenly as can be [shape=(P,)]."""
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
                    bending[p] += RELAXABLE[rule.name] * ~kept[rule.name][p, self.rows]
        means = np.diff(self.pool.arc.area(self.pool.arc.bounds)) / np.diff(self.pool.arc.bounds)
        misfit = ((self.pool.table.energy[self.rows] - means[:, None]) / WEIGHTS.energy_scale) ** 2
        share, _ = self._solved(dropped, spare, bending + misfit)
        mask = np.zeros((len(self.needed), len(self.pool.table)), dtype=bool)
        mask[:, self.rows] = share > 1e-6
        return mask

    def _solved(self, dropped: Collection[Rule], spare: float, costs: Floats | None) -> tuple[Floats, Floats]:
        """The programme's answer: the share of each track that each phase gets [shape=(P, n)], and what it lacks.

        `costs` [shape=(P, n)] is the price of a minute; lacking minutes are dearer than any.
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
            capped = csr_matrix(
                (ones, (self.artists[track], columns)), shape=(self.artists.max() + 1, n + eighths)
            )
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
        heard: set[int] = set()
        times: dict[int, int] = {}
        own = shared = 0.0
        # the longest first, and of equals those that are the phase's own
        for row in np.lexsort((others, -self.minutes)):
            group, artist = int(self.groups[row]), int(self.artists[row])
            if not allowed[p, row] or group in heard or times.get(artist, 0) >= self.cap:
                continue
            heard.add(group)
            times[artist] = times.get(artist, 0) + 1
            own += float(self.minutes[row])
            if others[row]:
                shared += float(self.minutes[row])
                sharing |= {names[q] for q in np.flatnonzero(allowed[:, row]) if q != p}
        return own, shared, tuple(name for name in names if name in sharing)


def _shortfall(
    pool: Pool, p: int, have: PhaseSupply, supply: Sequence[PhaseSupply], brought: dict[Rule, float]
) -> Shortfall:
    phase = pool.arc.phases[p]
    may = f"{_minutes(have.eligible)} of music may stand in it{_sharing(have, supply)}"
    if not pool.candidates:
        may = "there is no track to choose from"
    text = f"{phase.name} lacks {have.lacking:.1f} of its {round(have.wanted, 1):g} min: {may}"
    best = max(brought, key=lambda rule: (brought[rule], -RELAXABLE[rule.name]), default=None)
    if best is None or brought[best] <= EPSILON:
        rule, words = _firm_rule(pool, p) or ("supply", f"Add music for it: {_taken(pool, p)}.")
        return Shortfall(phase.name, have.lacking, rule, f"{text}. {words}")
    where = "it" if best.phase in ("", phase.name) else best.phase
    remedy = (
        REMEDIES[best.name]
        .replace(" in it", f" in {where}")
        .replace("its ", "its " if where == "it" else f"{where}'s ")
    )
    text = f"{text}. {remedy.capitalize()} would bring {_minutes(brought[best])}."
    return Shortfall(phase.name, have.lacking, best.name, text)


def _sharing(have: PhaseSupply, supply: Sequence[PhaseSupply]) -> str:
    """What the other phases claim of a phase's music."""
    if have.shared <= EPSILON or have.eligible <= have.wanted - have.lacking + EPSILON:
        return ""  # it has all that it may have
    short = {each.phase for each in supply if each.lacking > EPSILON}
    names = [name for name in have.shared_with if name in short] or list(have.shared_with)
    who = " and ".join(names) if len(names) < 3 else f"{len(names)} other phases"
    share = "all" if have.shared >= have.eligible - EPSILON else _minutes(have.shared)
    also = ("lacks" if len(names) == 1 else "lack") + " music too" if names[0] in short else ""
    return f", {share} of it shared with {who}" + (f", which {also}" if also else "")


def _minutes(minutes: float) -> str:
    return f"{minutes:.1f} min"


def _taken(pool: Pool, p: int) -> str:
    """What a phase takes, in words that one can look for music by."""
    phase = pool.arc.phases[p]
    low, high = pool.arc.band(phase)
    parts = [f"energy {max(low, 0.0):.2f} to {min(high, 1.0):.2f}"]
    if phase.vocals != "any":
        parts.append("no voice" if phase.vocals == "none" else "no words")
    for name in ("brightness", "percussiveness"):
        most = getattr(phase, name).high
        if most is not None:
            parts.append(f"{name} at most {most:g}")
    if phase.loudness_range.high is not None:
        parts.append(f"moving at most {phase.loudness_range.high:g} LU in loudness")
    lengths = pool.session.template.rules.track_minutes
    if lengths.low is not None and lengths.high is not None:
        parts.append(f"{lengths.low:g} to {lengths.high:g} min a track")
    return ", ".join(parts)


def _firm_rule(pool: Pool, p: int) -> tuple[str, str] | None:
    """The rule that is never relaxed and bars half of the library or more, with what to do about it."""
    kept, known = pool.rules.kept, ~np.isnan(pool.table.energy)
    verdicts = {
        "player": (kept["player"][p], f"that --for {pool.session.player} can't play"),
        # what is too short to be measured needs no listening
        "track_minutes": (kept["track_minutes"][p] | known, "shorter or longer than track_minutes allows"),
        "energy": (known, "whose energy is not known: scan them, or set it"),
        "duration": (kept["duration"][p], "too short for this overlap, or of no known length"),
        "excluded": (kept["excluded"][p], "excluded today"),
        "avoid": (kept["avoid"][p], "marked avoid"),
    }
    for rule, (mask, words) in verdicts.items():
        barred = int((~mask).sum())
        if barred * 2 >= len(mask) > 0:
            return rule, f"The library holds {barred} of {len(mask)} tracks {words}."
    return None
