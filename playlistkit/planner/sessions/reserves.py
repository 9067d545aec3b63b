"""Tracks held ready beside the plan: reserves for each phase, and the set for "grounding now"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from playlistkit.facts.fact import Fact
from playlistkit.facts.reasons import ForGrounding, HeldReady
from playlistkit.facts.warned import GroundingShort, TailShort
from playlistkit.model import Reserve, Session, Slot
from playlistkit.objective import WEIGHTS, slots_heard
from playlistkit.objective.array_types import Floats, Ints, Mask
from playlistkit.objective.ends import ends_of
from playlistkit.objective.table import VOCALS_RANK, Table
from playlistkit.objective.terms import rate_points
from playlistkit.objective.terms.join import join_allowed
from playlistkit.planner.problem.pool import Pool

__all__ = ["GROUNDING_NOW", "calm", "reserves", "spare"]


GROUNDING_NOW = "grounding now"

PER_PHASE = 5
CONSIDERED = 300  # of each phase's tracks, by fit; joins are checked only for these

# The fallback set: quiet, level, nobody singing (evidence: judgement; see docs/planning.md).
FALLBACK_ENERGY = (0.08, 0.20)

FALLBACK_EVENNESS = ((0.10, 6.0, 2.0), (0.20, 9.0, 4.0))
"""Most percussiveness, most LU within a track, most LU from the set's first track; the second where the first is
too little."""


def reserves(
    pool: Pool,
    allowed: Mask,
    slots: Sequence[Slot],
    taken: Collection[int],
    after: Collection[int] = (),
    known: Table | None = None,
) -> dict[str, tuple[Reserve, ...]]:
    """Tracks that no slot uses: a handful for each phase, best first, and the set for "grounding now".

    A reserve ranks by how near it is to its phase's curve and tempo range, and by how many of the
    phase's joins it could take within the hard limits. None is a version of what the plan or its tail plays.

    Parameters
    ----------
    taken, after : collection of int
        Rows of the slots, and those of the tail.
    known : Table, optional
        The slots' tracks.
    """
    free = pool.unused({*taken, *after})
    heard = slots_heard(pool.session, slots, known=known) if slots else None
    ranked = {
        phase.name: _for_phase(
            pool,
            p,
            np.flatnonzero(allowed[p] & free),
            None if heard is None else heard.take(np.array([slot.phase == phase.name for slot in slots])),
        )
        for p, phase in enumerate(pool.arc.phases)
    }
    quiet = np.flatnonzero(_calm(pool, pool.unused(taken)))
    rows = quiet[np.argsort(_evenest(pool)[quiet], kind="stable")][:CONSIDERED]
    played = _versions(
        pool, [row for each in ranked.values() for row, _ in each] + rows.tolist(), taken, after
    )
    ready = {}
    for name, each in ranked.items():
        best: dict[int, Reserve] = {}  # of the versions of a recording, the one that ranks first
        for row, reserve in each:
            if row not in played[0]:
                best.setdefault(played[2][row], reserve)
        ready[name] = tuple(best.values())[:PER_PHASE]
    ready[GROUNDING_NOW] = _grounding_now(pool, rows, after, played)
    return ready


def calm(pool: Pool) -> Mask:
    """Which tracks are quiet and wordless enough for grounding, whatever their phase [shape=(N,)]."""
    return _calm(pool, np.ones(len(pool.table), dtype=bool))


def _calm(pool: Pool, among: Mask) -> Mask:
    """Which of `among` are quiet, without voice, and barred only by a phase's own rules."""
    table = pool.heard[-1]  # it is played like the last phase
    low, high = FALLBACK_ENERGY
    quiet: Mask = (
        among & (table.energy >= low) & (table.energy <= high) & (table.vocals == VOCALS_RANK["none"])
    )
    barred = ("energy", "vocals", "percussiveness", "brightness", "loudness_range", "last_session")
    quiet &= pool.rules.allowed(without=barred).any(axis=0)
    return quiet


def _evenest(pool: Pool) -> Floats:
    """Lower for softer onsets and lower energy [shape=(N,)]."""
    return np.nan_to_num(pool.table.percussiveness) + pool.heard[-1].energy


def _versions(
    pool: Pool, rows: Sequence[int], taken: Collection[int], after: Collection[int]
) -> tuple[frozenset[int], frozenset[int], dict[int, int]]:
    """Which of some rows are versions of what the plan plays or its tail, and of what the plan plays; and a number for
    each row that is the same for versions of one recording.
    """
    everything = [*rows, *taken, *after]
    groups = pool.groups(np.array(everything, dtype=np.intp))
    own, in_plan = groups[: len(rows)], groups[len(rows) : len(rows) + len(taken)]
    chosen = np.array(rows, dtype=np.intp)
    either = chosen[np.isin(own, groups[len(rows) :])]
    recordings = dict(zip(chosen.tolist(), own.tolist(), strict=True))
    return frozenset(either.tolist()), frozenset(chosen[np.isin(own, in_plan)].tolist()), recordings


def _for_phase(pool: Pool, p: int, rows: Ints, own: Table | None) -> list[tuple[int, Reserve]]:
    """The rows that would do best in a phase, beside its own tracks as heard, each as a reserve with its reason."""
    if not len(rows):
        return []
    phase = pool.arc.phases[p]
    begin, end = pool.arc.bounds[p], pool.arc.bounds[p + 1]
    level = float((pool.arc.area(end) - pool.arc.area(begin)) / (end - begin))
    table = pool.heard[p]
    fit = WEIGHTS.energy * ((table.energy[rows] - level) / WEIGHTS.energy_scale) ** 2
    fit += rate_points(pool.setting, phase, table.take(rows))
    best = np.lexsort((rows, fit))[:CONSIDERED]
    rows, fit = rows[best], fit[best]
    total = 0 if own is None else 2 * len(own)
    fitting = np.zeros(len(rows), dtype=int)
    if own is not None and len(own):
        ours, rules = table.take(rows), pool.session.template.rules.join
        into = join_allowed(ends_of(own, "end"), ends_of(ours, "start"), rules)
        out = join_allowed(ends_of(ours, "end"), ends_of(own, "start"), rules)
        fitting = into.sum(axis=0) + out.sum(axis=1)
    order = np.lexsort((rows, fit + WEIGHTS.join * (total - fitting) / max(total, 1)))[: 2 * PER_PHASE]
    return [
        (
            int(rows[k]),
            Reserve(
                pool.candidates[rows[k]].track,
                pool.candidates[rows[k]].features,
                str(HeldReady(float(table.energy[rows[k]]), phase.name, level, int(fitting[k]), total)),
            ),
        )
        for k in order
    ]


def _grounding_now(
    pool: Pool,
    rows: Ints,
    after: Collection[int],
    played: tuple[frozenset[int], frozenset[int], dict[int, int]],
) -> tuple[Reserve, ...]:
    """Quiet, level music without voice for as long as the template asks, whatever is playing; it can be looped.

    `rows` are the calm tracks, evenest first. Those of the tail are taken only if there are no others at all; playing
    the set replaces the tail.
    """
    table = pool.heard[-1]
    attacks, moves = np.nan_to_num(table.percussiveness), np.nan_to_num(table.loudness_range)
    wanted = pool.session.template.rules.grounding_now_minutes * 60.0
    loudness = table.loudness + table.gain
    chosen: list[int] = []
    for barred in (played[0] | set(after), played[1]):
        if chosen:
            break
        for most_attacks, most_moves, apart in FALLBACK_EVENNESS:
            for k, row in enumerate(rows.tolist()):
                if table.duration[[rows[i] for i in chosen]].sum() >= wanted:
                    break
                even = attacks[row] <= most_attacks and moves[row] <= most_moves
                near = not chosen or not abs(loudness[row] - loudness[rows[chosen[0]]]) > apart
                if (
                    even
                    and near
                    and row not in barred
                    and played[2][row] not in [played[2][rows[i]] for i in chosen]
                ):
                    chosen.append(k)
    return tuple(
        Reserve(
            pool.candidates[rows[k]].track,
            pool.candidates[rows[k]].features,
            str(ForGrounding(float(table.energy[rows[k]]))),
        )
        for k in chosen
    )


def spare(
    session: Session, after: Sequence[Slot], ready: Mapping[str, Sequence[Reserve]]
) -> tuple[Fact, ...]:
    """What the tail and the fallback set lack."""
    found: list[Fact] = []
    wanted = session.template.rules.tail_minutes
    have = sum(slot.duration - slot.overlap for slot in after) / 60.0
    if wanted and have < wanted - 0.5:
        found.append(TailShort(have, wanted))
    wanted = session.template.rules.grounding_now_minutes
    calm = sum(each.track.duration for each in ready[GROUNDING_NOW]) / 60.0
    if calm < wanted - 0.5:
        found.append(GroundingShort(calm, wanted))
    return tuple(found)
