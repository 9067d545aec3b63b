"""A plan as it plays: each slot with its energy and loudness over time, for pictures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playlistkit import objective
from playlistkit.model import Curve, Plan, Slot

__all__ = ["Played", "played"]

BLOCK = 20  # seconds; finer is noise at the width of a page


@dataclass(frozen=True, slots=True)
class Played:
    """One slot as it plays; points are (seconds from the session's start, value)."""

    number: int
    """From 1, the tail included."""
    slot: Slot
    energy: tuple[tuple[float, float], ...]
    """Empty where not known."""
    loudness: tuple[tuple[float, float], ...]
    """Short-term loudness in LUFS as heard; empty where not known."""
    level: float | None
    """The whole track's loudness in LUFS as heard."""


def played(plan: Plan) -> tuple[Played, ...]:
    """Every slot as it plays, the tail's last."""
    slots = (*plan.slots, *plan.tail)
    gains = [slot.gain for slot in slots]
    if plan.session.player == "spotify" and slots:
        table = objective.Table.of([slot.track for slot in slots], [slot.features for slot in slots])
        gains = [float(gain) for gain in objective.heard_gain("spotify", table, None)]
    found = []
    for number, (slot, gain) in enumerate(zip(slots, gains, strict=True), 1):
        features = slot.features
        known = gain == gain and features.loudness is not None  # NaN: a gain that isn't known
        found.append(
            Played(
                number,
                slot,
                _points(
                    slot, features.energy_curve, (features.energy_start, features.energy, features.energy_end)
                ),
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
    slot: Slot, curve: Curve | None, marks: Sequence[float | None]
) -> tuple[tuple[float, float], ...]:
    """The curve's means over blocks, or start, body and end where there is no curve."""
    if curve:
        values = curve[: max(1, int(slot.duration))]
        blocks = [values[k : k + BLOCK] for k in range(0, len(values), BLOCK)]
        means = [sum(block) / len(block) for block in blocks]
        inner = [(slot.start + min((k + 0.5) * BLOCK, slot.duration), mean) for k, mean in enumerate(means)]
        return ((slot.start, means[0]), *inner, (slot.end, means[-1]))
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
