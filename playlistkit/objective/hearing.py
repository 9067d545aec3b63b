"""What will be heard: the gain of each track, by what plays the session."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Player, Session
from playlistkit.objective.table import Table

__all__ = [
    "PEAK_LIMIT",
    "RENDER_OVERLAPS",
    "SPOTIFY_LOUDNESS",
    "heard_gain",
    "heard_silences",
    "overlap_of",
    "planned_gain",
]

Floats = NDArray[np.float64]

SPOTIFY_LOUDNESS = -14.0
"""LUFS towards which Spotify's own normalisation moves every track."""

PEAK_LIMIT = -1.0
"""dBTP that no planned gain passes."""

GAIN_LIMITS = (-24.0, 12.0)  # dB; a track further off than this is left off rather than pumped up

RENDER_OVERLAP = 6.0
"""Seconds of crossfade under `render` where nobody says otherwise; judgement, as in the protocols."""

RENDER_OVERLAPS = (0.0, 12.0)
"""Seconds within which `render` may move a join's overlap to make the phases' boundaries exact."""


def planned_gain(table: Table, loudness: float | None) -> Floats:
    """Gain in dB that `render` gives each track: to the phase's loudness, as far as its true peak allows.

    0 where the track's loudness or the phase's is not known. Where the true peak is unknown nothing is raised.
    """
    if loudness is None:
        return np.zeros(len(table))
    wanted = np.clip(loudness - table.loudness, *GAIN_LIMITS)
    headroom = np.where(np.isnan(table.true_peak), 0.0, PEAK_LIMIT - table.true_peak)
    return np.nan_to_num(np.minimum(wanted, headroom))


def heard_gain(player: Player, table: Table, loudness: float | None) -> Floats:
    """How many dB louder than it is each track will be heard, under each player.

    `files` leaves it alone, `spotify` moves it to its own level, `render` by the planned gain. NaN where it
    depends on a loudness that is not known.
    """
    if player == "spotify":
        return SPOTIFY_LOUDNESS - table.loudness
    if player == "render":
        return planned_gain(table, loudness)
    return np.zeros(len(table))


def heard_silences(session: Session, table: Table) -> Table:
    """The table with the silences that will be heard: an overlap covers them, `render` plays the sound alone."""
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
