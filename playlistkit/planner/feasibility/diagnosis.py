"""Why a library can't fill a template: what each phase lacks, and which rules are to blame.

Rules are dropped one by one to see what each would bring; `supply` has the minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playlistkit.facts.lacking import FirmRule, Lack, MoreMusic, Relaxing, Sharing
from playlistkit.model import Diagnosis, PhaseSupply, Rule, Shortfall
from playlistkit.objective.rules import FLOORS
from playlistkit.planner.feasibility.supply import EPSILON, Supply, mildest, other_than, smallest_conflict
from playlistkit.planner.problem.pool import Pool
from playlistkit.template.relaxing import RELAXABLE, remedy

__all__ = ["diagnose"]

FIRM = tuple(rule for rule in FLOORS if rule != "energy_far")
"""The floors that a shortfall names, in that order. If music is too full, `MoreMusic` helps more: it says what to look for."""


def diagnose(pool: Pool, *, unknown_voice: bool, slack: Sequence[float] = ()) -> Diagnosis:
    """What the phases of a pool lack, by the linear programme alone; if nothing, only the supply is filled."""
    linear = Supply(pool, unknown_voice, slack)
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
        conflict = tuple(smallest_conflict(lambda kept: linear.feasible(other_than(rules, kept)), rules))
    shortfalls = tuple(
        _shortfall(pool, p, each, supply, {rule: float(b[p]) for rule, b in brought.items()})
        for p, each in enumerate(supply)
        if each.lacking > EPSILON
    )
    relaxation = mildest(pool, unknown_voice=unknown_voice, slack=slack)
    return Diagnosis(shortfalls, supply, tuple(gains), conflict, relaxation)


def _shortfall(
    pool: Pool, p: int, have: PhaseSupply, supply: Sequence[PhaseSupply], brought: dict[Rule, float]
) -> Shortfall:
    def short(remedy: Relaxing | FirmRule | MoreMusic) -> Lack:
        eligible = have.eligible if have.eligible > EPSILON else None
        shared = _sharing(have, supply)
        return Lack(have.phase, have.lacking, have.wanted, eligible, shared, not pool.candidates, remedy)

    best = max(brought, key=lambda rule: (brought[rule], -RELAXABLE[rule.name].weight), default=None)
    if best is not None and brought[best] > EPSILON:
        helps = Relaxing(remedy(best, have.phase), brought[best])
        return Shortfall(have.phase, have.lacking, best.name, short(helps))
    firm = _firm_rule(pool, p)
    if firm is not None:
        return Shortfall(have.phase, have.lacking, firm.rule, short(firm))
    phase, lengths = pool.arc.phases[p], pool.session.template.rules.track_minutes
    more = MoreMusic(
        pool.arc.band(phase),
        phase.vocals,
        phase.brightness.high,
        phase.percussiveness.high,
        phase.loudness_range.high,
        (lengths.low, lengths.high),
    )
    return Shortfall(have.phase, have.lacking, "supply", short(more))


def _sharing(have: PhaseSupply, supply: Sequence[PhaseSupply]) -> Sharing | None:
    """The share of a phase's music that other phases need too; `None` if it has all its music."""
    if have.shared <= EPSILON or have.eligible <= have.wanted - have.lacking + EPSILON:
        return None
    short = {each.phase for each in supply if each.lacking > EPSILON}
    names = [name for name in have.shared_with if name in short] or list(have.shared_with)
    everything = have.shared >= have.eligible - EPSILON
    return Sharing(None if everything else have.shared, tuple(names), names[0] in short)


def _firm_rule(pool: Pool, p: int) -> FirmRule | None:
    """A rule that is never relaxed and bars half the library or more."""
    kept, known = pool.rules.kept, ~np.isnan(pool.table.energy)
    # tracks too short to measure need no analysis
    verdicts = {
        "player": kept["player"][p],
        "track_minutes": kept["track_minutes"][p] | known,
        "energy": known,
    }
    asked = (
        pool.arc.phases[p].energy_max is not None
    )  # else calmer music is what helps, whatever bars the full
    verdicts |= {rule: kept[rule][p] for rule in FIRM if asked or rule != "energy_max"}
    for rule, mask in verdicts.items():
        barred = int((~mask).sum())
        if barred * 2 >= len(mask) > 0:
            return FirmRule(rule, barred, len(mask), pool.session.player, pool.arc.phases[p].name)
    return None
