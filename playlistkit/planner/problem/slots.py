"""From a path to slots on the clock: starts, overlaps, gains, phases and residuals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from playlistkit.model import Candidate, PlannedPhase, Session, Slot
from playlistkit.objective import Arc, Table, heard_silences, overlap_of, planned_gain, tolerance_of
from playlistkit.objective.hearing import RENDER_OVERLAPS

__all__ = ["laid_out", "phases_of", "slot_of"]


def slot_of(session: Session, phase: str, loudness: float | None, candidate: Candidate, start: float) -> Slot:
    """The slot that plays `candidate` from `start` on."""
    return _slots(session, [(phase, loudness, candidate)], start)[0]


def _slots(
    session: Session,
    wanted: Sequence[tuple[str, float | None, Candidate]],
    start: float,
    known: Table | None = None,
) -> list[Slot]:
    """Slots of (phase's name, its loudness, candidate), one after the other from `start` on."""
    candidates = [candidate for _, _, candidate in wanted]
    if known is None:
        known = Table.of([each.track for each in candidates], [each.features for each in candidates])
    heard = heard_silences(session, known)
    overlap, slots = overlap_of(session), []
    gains = {loudness: planned_gain(heard, loudness) for _, loudness, _ in wanted}
    for k, (phase, loudness, candidate) in enumerate(wanted):
        slot = Slot(
            phase=phase,
            start=start,
            duration=round(float(heard.duration[k]), 3),
            track=candidate.track,
            features=candidate.features,
            overlap=overlap,
            gain=float(gains[loudness][k]) if session.player == "render" else 0.0,
        )
        slots.append(slot)
        start = slot.end - slot.overlap
    return slots


def laid_out(
    session: Session,
    arc: Arc,
    path: Sequence[tuple[int, Candidate]],
    start: float = 0.0,
    *,
    exact: bool = True,
    known: Table | None = None,
) -> tuple[Slot, ...]:
    """Slots for (phase, candidate) pairs, one after the other from `start` on.

    Under `render`, each phase's residual is taken up by the overlaps of its joins, in equal parts, as far as
    overlaps may go; not so if not `exact`. `known` is the table of the candidates' tracks, where there is one already.
    """
    phases = arc.phases
    slots = _slots(session, [(phases[p].name, phases[p].loudness, each) for p, each in path], start, known)
    if exact and session.player == "render" and slots:
        slots = _exact(session, arc, slots)
    return tuple(slots)


def _exact(session: Session, arc: Arc, slots: list[Slot]) -> list[Slot]:
    """The slots with overlaps moved so that each phase ends on its target, or as near to it as the later ones allow."""
    names = [phase.name for phase in arc.phases]
    overlaps = np.array([slot.overlap for slot in slots])
    durations = np.array([slot.duration for slot in slots])
    phases = np.array([names.index(slot.phase) for slot in slots])
    parts = []
    for p in np.unique(phases):
        own = np.flatnonzero(phases == p)
        last = own[-1] == len(slots) - 1
        joins = own[:-1] if last else own  # the last slot's overlap is with the tail: it moves no boundary
        parts.append((int(p), joins, float(durations[own].sum())))
    least = np.minimum(overlaps, RENDER_OVERLAPS[0])
    most = np.maximum(overlaps, RENDER_OVERLAPS[1])
    reach = [(seconds - most[joins].sum(), seconds - least[joins].sum()) for _, joins, seconds in parts]
    ends = _windows(session, arc, [p for p, *_ in parts], reach)
    start = slots[0].start
    for (p, joins, seconds), window in zip(parts, ends, strict=True):
        target = float(np.clip(arc.bounds[p + 1], *window))
        residual = start + seconds - overlaps[joins].sum() - target
        if len(joins):  # all alike so far, so that all take the same part
            overlaps[joins] = np.clip(overlaps[joins] + residual / len(joins), least[joins], most[joins])
        start += seconds - float(overlaps[joins].sum())
    starts = slots[0].start + np.concatenate([[0.0], np.cumsum(durations - overlaps)])
    return [
        replace(slot, start=float(at), overlap=float(overlap))
        for slot, at, overlap in zip(slots, starts, overlaps, strict=False)
    ]


def _windows(
    session: Session, arc: Arc, parts: Sequence[int], reach: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """When each phase may end, so that it and all after it can end within their tolerances.

    `reach` has the least and the most seconds that each can last. Where there is no such time, the phase's own
    tolerance counts alone.
    """
    windows: list[tuple[float, float]] = []
    for k in reversed(range(len(parts))):
        bound, tolerance = float(arc.bounds[parts[k] + 1]), tolerance_of(session, arc.phases[parts[k]])
        low, high = bound - tolerance, bound + tolerance
        if windows:
            shortest, longest = reach[k + 1]
            later = max(low, windows[-1][0] - longest), min(high, windows[-1][1] - shortest)
            low, high = later if later[0] <= later[1] else (low, high)
        windows.append((low, high))
    return windows[::-1]


def phases_of(arc: Arc, slots: Sequence[Slot]) -> tuple[PlannedPhase, ...]:
    """Where each phase lies: it ends where the next one's first slot starts, the last at its last slot's end."""
    planned = []
    for p, phase in enumerate(arc.phases):
        own = [k for k, slot in enumerate(slots) if slot.phase == phase.name]
        if not own:
            continue
        following = own[-1] + 1
        end = slots[following].start if following < len(slots) else slots[own[-1]].end
        target = float(arc.bounds[p + 1])
        planned.append(
            PlannedPhase(
                name=phase.name,
                start=slots[own[0]].start,
                end=end,
                target_start=float(arc.bounds[p]),
                target_end=target,
                residual=end - target,
            )
        )
    return tuple(planned)
