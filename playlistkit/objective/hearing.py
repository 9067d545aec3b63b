"""What will be heard under each player: each track's gain, silences, and energy at that level.

The planned arc must be the arc that is heard. So energy counts at the level at which a track is played: unchanged from
`files`; at its loudness and planned gain under `render`, phase by phase; and, since Spotify levels all tracks, there as if
each had `energy.LEVELLED`. Only `as_heard` and `slots_heard` compute this; `session_gains` makes it so where playlistkit
plays the session, whatever it was planned for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from playlistkit.energy import LEVELLED, played
from playlistkit.model import Features, Player, Session, Slot
from playlistkit.objective.arc import Arc
from playlistkit.objective.array_types import Floats
from playlistkit.objective.table import Table

__all__ = [
    "PEAK_LIMIT",
    "RENDER_OVERLAPS",
    "SPOTIFY_LOUDNESS",
    "as_heard",
    "energies_heard",
    "energies_of",
    "heard_by_phase",
    "heard_silences",
    "overlap_of",
    "planned_gain",
    "session_gains",
    "slots_heard",
]


SPOTIFY_LOUDNESS = -14.0
"""LUFS to which Spotify normalises every track."""

PEAK_LIMIT = -1.0
"""dBTP that no planned gain exceeds."""

GAIN_LIMITS = (
    -24.0,
    12.0,
)  # dB; a track that needs more stays softer, rather than have its hiss raised

RENDER_OVERLAP = 6.0
"""Default crossfade under `render`, in seconds; by judgement, as in the protocols."""

RENDER_OVERLAPS = (0.0, 12.0)
"""Seconds within which `render` may move a join's overlap to make the phases' boundaries exact."""


def planned_gain(table: Table, loudness: float | None) -> Floats:
    """Gain in dB that `render` gives each track: towards the phase's loudness, as far as its true peak allows.

    To hundredths, as plans hold it, so that solver and judge hear the same. 0 if the track's or the phase's loudness is
    unknown. If the true peak is unknown, nothing is raised [shape=(n,)].
    """
    return _gain("render", table.loudness, table.true_peak, loudness)


def session_gains(session: Session, slots: Sequence[Slot]) -> Floats:
    """Gain in dB with which playlistkit itself plays or renders each slot, so that the planned arc is heard [shape=(n,)].

    The slot's own, but for a plan made for Spotify, which has none because Spotify levels all tracks: there each track is
    brought to the `energy.LEVELLED` at which the plan counts it, as far as its true peak allows.
    """
    if session.player == "spotify":
        table = Table.of([slot.track for slot in slots], [slot.features for slot in slots])
        return planned_gain(table, LEVELLED)
    return np.array([slot.gain for slot in slots], dtype=np.float64)


def _gain(player: Player, own: Floats, true_peak: Floats, loudness: float | None) -> Floats:
    """The gain in dB with which each track is heard under a player.

    0 under `files`, to Spotify's level under `spotify`, the planned gain under `render`. NaN where it
    depends on an unknown loudness.
    """
    if player == "spotify":
        return SPOTIFY_LOUDNESS - own
    if player == "files" or loudness is None:
        return np.zeros(len(own))
    wanted = np.clip(loudness - own, *GAIN_LIMITS)
    headroom = np.where(np.isnan(true_peak), 0.0, PEAK_LIMIT - true_peak)
    gain: Floats = np.minimum(wanted, headroom).round(2)
    return np.where(np.isnan(gain), 0.0, gain)


def as_heard(player: Player, table: Table, loudness: float | None) -> Table:
    """The table as it is heard in a phase of this loudness: with its gain, and energy at that level."""
    return _louder(player, table, _gain(player, table.loudness, table.true_peak, loudness))


def heard_by_phase(session: Session, arc: Arc, table: Table) -> tuple[Table, ...]:
    """The table as heard in each phase; phases in which it sounds alike share one."""
    if session.player != "render" or not arc.phases:
        return (as_heard(session.player, table, None),) * max(1, len(arc.phases))
    tables: dict[float | None, Table] = {}
    for phase in arc.phases:
        if phase.loudness not in tables:
            tables[phase.loudness] = as_heard(session.player, table, phase.loudness)
    return tuple(tables[phase.loudness] for phase in arc.phases)


def slots_heard(
    session: Session, slots: Sequence[Slot], kept: Collection[str] = (), known: Table | None = None
) -> Table:
    """The tracks of slots as heard there; `kept` holds the ids of those marked `keep`.

    `known` is the table of their tracks with these marks, where there is one already.
    """
    if known is None:
        known = Table.of(
            [slot.track for slot in slots],
            [slot.features for slot in slots],
            [slot.track.id in kept for slot in slots],
        )
    table = heard_silences(session, known)
    if session.player == "spotify":
        return as_heard("spotify", table, None)
    return _louder(session.player, table, np.array([slot.gain for slot in slots]))


def energies_heard(
    session: Session, slots: Sequence[Slot], known: Table | None = None
) -> tuple[float | None, ...]:
    """Mean energy of each slot's track as heard there, to 4 decimals; `None` if unknown. `known` as in `slots_heard`."""
    energies = slots_heard(session, slots, known=known).energy
    return tuple(None if np.isnan(each) else round(float(each), 4) for each in energies)


def energies_of(player: Player, features: Sequence[Features], loudness: float | None) -> Floats:
    """Mean energy of tracks as heard in a phase of this loudness; quicker than a whole table.

    NaN where it isn't known [shape=(n,)].
    """
    rows = [(each.energy, each.loudness, each.true_peak) for each in features]
    own, level, true_peak = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return played(own, level, level + _lift(player, _gain(player, level, true_peak, loudness)))


def _lift(player: Player, gain: Floats) -> Floats:
    """The level change, in dB, at which energy is judged, for a track's gain."""
    return gain + (LEVELLED - SPOTIFY_LOUDNESS) if player == "spotify" else gain


def _louder(player: Player, table: Table, gain: Floats) -> Table:
    lift = _lift(player, gain)
    if not gain.any() and not lift.any():
        return table
    moved = {
        f"energy{end}": played(
            getattr(table, f"energy{end}"),
            getattr(table, f"loudness{end}"),
            getattr(table, f"loudness{end}") + lift,
        )
        for end in ("", "_start", "_end")
    }
    return replace(table, gain=gain, lift=lift, **moved)  # type: ignore[arg-type]  # all are floats


def heard_silences(session: Session, table: Table) -> Table:
    """The table with silences as heard: overlaps cover them, and `render` cuts them."""
    if session.player == "render":
        nothing = np.zeros(len(table))
        sound = table.duration - table.silence_start - table.silence_end
        duration = np.where(sound > 0, sound, table.duration)
        return replace(table, duration=duration, silence_start=nothing, silence_end=nothing)
    return replace(table, silence_end=np.maximum(table.silence_end - overlap_of(session), 0.0))


def overlap_of(session: Session) -> float:
    """Seconds that each join overlaps, before `render` moves any of them.

    `render` crossfades even where the template's player can't: that is what makes its boundaries exact.
    """
    if session.overlap is not None:
        return max(0.0, session.overlap)
    least = RENDER_OVERLAP if session.player == "render" else 0.0
    return max(least, session.template.rules.overlap)
