"""A plan as it plays: each slot with its energy and loudness over time, for pictures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from playlistkit import objective
from playlistkit.model import Plan, Slot
from playlistkit.objective.within import heard_curve

__all__ = ["Played", "played"]

FELT_SECONDS = 15  # smoothing window; anything finer is clutter at the width of a page
STEP = 5  # seconds between two points
EDGE = 15  # seconds at either end in which fades are cut off


@dataclass(frozen=True, slots=True)
class Played:
    """One slot as it plays; points are (seconds from the session's start, value)."""

    number: int
    """From 1, the tail included."""
    slot: Slot
    mean: float | None
    """Mean energy as heard."""
    energy: tuple[tuple[float, float], ...]
    """As heard; empty where not known."""
    loudness: tuple[tuple[float, float], ...]
    """Short-term loudness in LUFS as heard; empty where not known."""
    level: float | None
    """The whole track's loudness in LUFS as heard."""


def played(plan: Plan) -> tuple[Played, ...]:
    """Every slot as it plays, the tail's last."""
    slots = (*plan.slots, *plan.tail)
    if not slots:
        return ()
    table = objective.slots_heard(plan.session, slots)
    found = []
    for row, slot in enumerate(slots):
        features, gain = slot.features, float(table.gain[row])
        start, mean, end = (
            None if np.isnan(each[row]) else float(each[row])
            for each in (table.energy_start, table.energy, table.energy_end)
        )
        curve = heard_curve(table, row)
        known = gain == gain and features.loudness is not None  # NaN: a gain that isn't known
        found.append(
            Played(
                row + 1,
                slot,
                mean,
                _points(slot, None if curve is None else curve.tolist(), (start, mean, end)),
                tuple(
                    (t, value + gain)
                    for t, value in _points(slot, features.loudness_curve, (features.loudness,))
                )
                if known
                else (),
                features.loudness + gain if known and features.loudness is not None else None,
            )
        )
    return tuple(found)


def _points(
    slot: Slot, curve: Sequence[float] | None, marks: Sequence[float | None]
) -> tuple[tuple[float, float], ...]:
    """The smoothed curve; without a curve, the values of start, body and end."""
    if curve:
        begins, values = _felt(curve[: max(1, int(slot.duration))])
        inner = [
            (min(slot.start + begins + k + 0.5, slot.end), float(values[k]))
            for k in range(STEP, len(values) - STEP, STEP)
        ]
        return ((slot.start, float(values[0])), *inner, (slot.end - slot.overlap, float(values[-1])))
    body = marks[len(marks) // 2]
    if body is None:
        return ()
    edge = min(30.0, slot.duration / 3)
    first, last = (body if value is None else value for value in (marks[0], marks[-1]))
    return (
        (slot.start, first),
        (slot.start + edge, body),
        (slot.end - edge, body),
        (slot.end, last),
    )


def _felt(curve: Sequence[float]) -> tuple[int, npt.NDArray[np.float64]]:
    """Smooth a curve and cut the fades at its ends; also returns the second at which it begins.

    Fades would draw a drop to nothing between any two tracks, which nobody hears that way.
    """
    values = np.asarray(curve, dtype=float)
    first, stop = 0, len(values)
    if len(values) > 4 * EDGE:
        first = _end_of_fade(values[: 4 * EDGE])
        stop -= _end_of_fade(values[: -4 * EDGE - 1 : -1])
    window = np.hanning(FELT_SECONDS + 2)
    padded = np.pad(values[first:stop], FELT_SECONDS // 2 + 1, mode="edge")
    return first, np.convolve(padded, window / window.sum(), mode="valid")


def _end_of_fade(values: npt.NDArray[np.float64]) -> int:
    """Length of a fade in seconds: while the curve is below half of what follows."""
    body = float(np.median(values[EDGE:]))
    low = abs(values[:EDGE] - body) > abs(body) / 2
    return int(np.argmin(np.append(low, False)))
