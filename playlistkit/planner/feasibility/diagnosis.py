"""Why a library can't fill a template, in words: what each phase lacks, and which rules are to blame.

Rules are dropped one by one to see what each would bring; `supply` has the minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playlistkit.figures import beside, number
from playlistkit.model import Diagnosis, PhaseSupply, Rule, Shortfall
from playlistkit.names import sentence
from playlistkit.planner.feasibility.supply import EPSILON, Supply, mildest, other_than, smallest_conflict
from playlistkit.planner.problem.pool import Pool
from playlistkit.template.relaxing import RELAXABLE, remedy

__all__ = ["diagnose"]


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
    phase = pool.arc.phases[p]
    some = f"{_minutes(have.eligible)} of" if have.eligible > EPSILON else "no"
    may = f"{some} music may play in it{_sharing(have, supply)}"
    if not pool.candidates:
        may = "there is no track to choose from"
    lacks = "all" if have.eligible <= EPSILON else beside(have.lacking, 0.0, have.wanted, digits=1)
    text = f"{phase.name} lacks {lacks} of its {number(round(have.wanted, 1))} min: {may}"
    best = max(brought, key=lambda rule: (brought[rule], -RELAXABLE[rule.name].weight), default=None)
    if best is None or brought[best] <= EPSILON:
        rule, words = _firm_rule(pool, p) or ("supply", f"Add music for it: {_taken(pool, p)}.")
        return Shortfall(phase.name, have.lacking, rule, f"{text}. {words}")
    text = f"{text}. {sentence(remedy(best, phase.name))} would bring {_minutes(brought[best])}."
    return Shortfall(phase.name, have.lacking, best.name, text)


def _sharing(have: PhaseSupply, supply: Sequence[PhaseSupply]) -> str:
    """Words for the share of a phase's music that other phases need too."""
    if have.shared <= EPSILON or have.eligible <= have.wanted - have.lacking + EPSILON:
        return ""  # it has all its music
    short = {each.phase for each in supply if each.lacking > EPSILON}
    names = [name for name in have.shared_with if name in short] or list(have.shared_with)
    who = " and ".join(names) if len(names) < 3 else f"{len(names)} other phases"
    share = "all" if have.shared >= have.eligible - EPSILON else _minutes(have.shared)
    also = ("lacks" if len(names) == 1 else "lack") + " music too" if names[0] in short else ""
    return f", {share} of it shared with {who}" + (f", which {also}" if also else "")


def _minutes(minutes: float) -> str:
    return f"{minutes:.1f} min"


def _taken(pool: Pool, p: int) -> str:
    """What a phase takes, in words to look for music by."""
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
    """A rule that is never relaxed and bars half the library or more, with what to do about it."""
    kept, known = pool.rules.kept, ~np.isnan(pool.table.energy)
    verdicts = {
        "player": (kept["player"][p], f"that --for {pool.session.player} can't play"),
        # tracks too short to measure need no analysis
        "track_minutes": (kept["track_minutes"][p] | known, "shorter or longer than track_minutes allows"),
        "energy": (known, "whose energy is unknown: scan them, or set it"),
        "duration": (kept["duration"][p], "too short for this overlap, or of unknown length"),
        "excluded": (kept["excluded"][p], "excluded today"),
        "avoid": (kept["avoid"][p], "marked avoid"),
        "music": (
            kept["music"][p],
            "that sound like noise, speech or effects; for those that are music, set music_probability=1",
        ),
        "seconds": (kept["seconds"][p], "too short to be more than an effect or a fragment"),
        "silence": (
            kept["silence"][p],
            "with a longer silence inside than rules: inside: silence_limit allows",
        ),
        "jolt": (kept["jolt"][p], "with a sudden jump inside, beyond rules: inside: jolt_limit"),
        "swell": (kept["swell"][p], "that swell faster than rules: inside: swell_limit allows"),
        "energy_max": (
            kept["energy_max"][p],
            f"that get fuller than energy_max of {pool.arc.phases[p].name}",
        ),
    }
    for rule, (mask, words) in verdicts.items():
        barred = int((~mask).sum())
        if barred * 2 >= len(mask) > 0:
            return rule, f"The library holds {barred} of {len(mask)} tracks {words}."
    return None
