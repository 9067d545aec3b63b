"""What stands ready beside the plan: reserves for each phase, "grounding now", and the tail after the end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Phase, Reserve, Slot
from playlistkit.objective import TAIL, WEIGHTS, Table, heard_gain, heard_silences, overlap_of
from playlistkit.objective.ends import ends_of
from playlistkit.objective.table import VOCALS_RANK
from playlistkit.objective.terms import rate_points
from playlistkit.objective.terms.join import join_allowed, join_parts, roughness
from playlistkit.planner.assemble import slot_of
from playlistkit.planner.pool import Pool

__all__ = ["FALLBACK_SECONDS", "GROUNDING_NOW", "reserves", "tail"]

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

GROUNDING_NOW = "grounding now"

PER_PHASE = 5
CONSIDERED = 300  # of each phase's tracks, by fit; joins are looked at for these only

# The fallback set: quiet, level, nobody singing (evidence: judgement; see docs/planning.md).
FALLBACK_SECONDS = 20 * 60.0
FALLBACK_ENERGY = (0.08, 0.20)
AFTER_THE_END = "After the end: gentle, so that it never falls silent."

FALLBACK_EVENNESS = ((0.10, 6.0, 2.0), (0.20, 9.0, 4.0))
"""Most percussiveness, most LU within a track, most LU from the set's first track; the second where the first is
too little."""


def reserves(
    pool: Pool, allowed: Mask, slots: Sequence[Slot], taken: Collection[int], after: Collection[int] = ()
) -> dict[str, tuple[Reserve, ...]]:
    """Tracks that no slot uses: a handful for each phase, best first, and the set for "grounding now".

    `taken` are the rows of the slots, `after` those of the tail.

    A reserve is the better the nearer it lies to its phase's curve and range of tempo, and the more of the
    phase's joins it could step into within the hard limits.
    """
    free = _free(pool, {*taken, *after})
    ready: dict[str, tuple[Reserve, ...]] = {}
    for p, phase in enumerate(pool.arc.phases):
        rows = np.flatnonzero(allowed[p] & free)
        own = [slot for slot in slots if slot.phase == phase.name]
        ready[phase.name] = _for_phase(pool, p, phase, rows, own)
    ready[GROUNDING_NOW] = _grounding_now(pool, _free(pool, taken), after)
    return ready


def tail(pool: Pool, allowed: Mask, slots: Sequence[Slot], taken: Collection[int]) -> tuple[Slot, ...]:
    """Music after the end: at or below the energy at which the curve ends, joined smoothly, one by one."""
    seconds = pool.session.template.rules.tail_minutes * 60.0
    if seconds <= 0 or not slots:
        return ()
    last = pool.arc.phases[-1]
    level = last.energy[-1][1]
    gentle = pool.rules.allowed(without=("energy",))[-1] & (pool.table.energy <= level + 1e-9)
    close = allowed[-1] & (pool.table.energy <= level + last.energy_tolerance)
    free = _free(pool, taken)
    chosen: list[Slot] = []
    rows = np.flatnonzero(gentle & free)
    spare = np.flatnonzero(close & free & ~gentle)
    before = slots[-1]
    time, end = before.end - before.overlap, before.end + seconds
    while time < end and (len(rows) or len(spare)):
        source = rows if len(rows) else spare
        row = _smoothest(pool, before, source, level)
        if row is None:
            if source is spare:
                break
            rows = rows[:0]
            continue
        rows, spare = rows[rows != row], spare[spare != row]
        slot = slot_of(pool.session, TAIL, last.loudness, pool.candidates[row], time)
        chosen.append(slot)
        before, time = slot, slot.end - slot.overlap
    if chosen:
        chosen[-1] = replace(chosen[-1], overlap=0.0)
    return tuple(replace(slot, reason=AFTER_THE_END) for slot in chosen)


def _free(pool: Pool, taken: Collection[int]) -> Mask:
    """Tracks that the plan leaves, other versions of its recordings left out too."""
    free = np.ones(len(pool.table), dtype=bool)
    free[list(taken)] = False
    return free


def _for_phase(pool: Pool, p: int, phase: Phase, rows: Ints, own: Sequence[Slot]) -> tuple[Reserve, ...]:
    if not len(rows):
        return ()
    begin, end = pool.arc.bounds[p], pool.arc.bounds[p + 1]
    level = float((pool.arc.area(end) - pool.arc.area(begin)) / (end - begin))
    table = pool.table
    fit = WEIGHTS.energy * ((table.energy[rows] - level) / WEIGHTS.energy_scale) ** 2
    fit += rate_points(pool.setting, phase, table.take(rows))
    best = np.lexsort((rows, fit))[:CONSIDERED]
    rows, fit = rows[best], fit[best]
    total = 2 * len(own)
    fitting = np.zeros(len(rows), dtype=int)
    if own:
        ours = table.take(rows)
        gain = heard_gain(pool.session.player, ours, phase.loudness)
        known = Table.of([slot.track for slot in own], [slot.features for slot in own])
        theirs = heard_silences(pool.session, known)
        their_gain = _slot_gain(pool, theirs, own)
        rules = pool.session.template.rules.join
        into = join_allowed(ends_of(theirs, "end", their_gain), ends_of(ours, "start", gain), rules)
        out = join_allowed(ends_of(ours, "end", gain), ends_of(theirs, "start", their_gain), rules)
        fitting = into.sum(axis=0) + out.sum(axis=1)
    order = np.lexsort((rows, fit + WEIGHTS.join * (total - fitting) / max(total, 1)))[:PER_PHASE]
    return tuple(
        Reserve(
            pool.candidates[rows[k]].track,
            pool.candidates[rows[k]].features,
            f"Energy {table.energy[rows[k]]:.2f} where {phase.name} averages {level:.2f}; "
            f"{fitting[k]} of {total} joins with the phase's tracks stay within the limits.",
        )
        for k in order
    )


def _grounding_now(pool: Pool, free: Mask, after: Collection[int]) -> tuple[Reserve, ...]:
    """Quiet, level music without voice for 20 minutes, whatever is playing; it can be looped.

    The evenest tracks first; those of the tail, which the set replaces if it is played, only where others lack.
    """
    table = pool.table
    low, high = FALLBACK_ENERGY
    calm = free & (table.energy >= low) & (table.energy <= high) & (table.vocals == VOCALS_RANK["none"])
    barred = ("energy", "vocals", "percussiveness", "brightness", "loudness_range", "last_session")
    calm &= pool.rules.allowed(without=barred).any(axis=0)
    spare = np.zeros_like(calm)
    spare[list(after)] = True
    attacks, moves = np.nan_to_num(table.percussiveness), np.nan_to_num(table.loudness_range)
    chosen: list[int] = []
    for own in (calm & ~spare, calm & spare):
        for most_attacks, most_moves, apart in FALLBACK_EVENNESS:
            rows = np.flatnonzero(own & (attacks <= most_attacks) & (moves <= most_moves))
            for row in rows[np.lexsort((rows, attacks[rows] + table.energy[rows]))]:
                if table.duration[chosen].sum() >= FALLBACK_SECONDS:
                    break
                level = table.loudness[chosen[0]] if chosen else np.nan
                if row not in chosen and not abs(table.loudness[row] - level) > apart:
                    chosen.append(int(row))
    return tuple(
        Reserve(
            pool.candidates[row].track,
            pool.candidates[row].features,
            f"Energy {table.energy[row]:.2f}, no voice, soft onsets: for grounding at any moment.",
        )
        for row in chosen
    )


def _smoothest(pool: Pool, before: Slot, rows: Ints, level: float) -> int | None:
    """The row that follows `before` best within the join limits; `None` if none may."""
    ours = pool.table.take(rows)
    gain = heard_gain(pool.session.player, ours, pool.arc.phases[-1].loudness)
    theirs = heard_silences(pool.session, Table.of([before.track], [before.features]))
    last = ends_of(theirs, "end", _slot_gain(pool, theirs, [before]))
    first = ends_of(ours, "start", gain)
    joins = pool.session.template.rules.join
    rough = roughness(join_parts(last, first, joins))[0] + np.abs(ours.energy - level)
    rough[~join_allowed(last, first, joins)[0]] = np.inf
    rough[ours.duration <= 2 * overlap_of(pool.session)] = np.inf
    best = int(np.argmin(rough))
    return int(rows[best]) if np.isfinite(rough[best]) else None


def _slot_gain(pool: Pool, table: Table, slots: Sequence[Slot]) -> Floats:
    """What each slot is heard louder by."""
    if pool.session.player == "spotify":
        return heard_gain("spotify", table, None)
    return np.array([slot.gain for slot in slots])
