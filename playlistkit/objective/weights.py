"""The weights and scales of the objective, all in one place.

They are proposals: no listener has validated them. Their origin is the measurement of published session
playlists that docs/planning.md describes; a term's weight is what the whole session costs in points when the
term stands at 1 throughout.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["WEIGHTS", "Weights"]


@dataclass(frozen=True, slots=True)
class Weights:
    """Points for each term, and the deviation at which a term counts as 1."""

    energy: float = 40.0
    tempo: float = 15.0
    join: float = 30.0
    boundary: float = 10.0
    artist: float = 5.0
    keep: float = 1.0
    """Light on purpose: a track marked `keep` wins where others do as well."""
    voice: float = 50.0
    """Heavy on purpose: tracks of unknown voice are the last resort where voice is restricted."""

    hold: float = 10.0
    """For each track that rises within a hold for longer than it allows: more than most whole sessions cost."""

    sound: float = 5.0
    """Wishes, told when missed: a better place on the curve is worth more."""
    length: float = 4.0
    """Less than a rough join, so that a long piece stands where it fits."""

    sound_scale: float = 0.20
    """Brightness or percussiveness beyond the wish that counts 1."""
    dynamics_scale: float = 4.0
    """LU beyond the wish that count 1."""
    sound_cap: float = 4.0
    """The sum counts no more than this."""
    length_free: float = 600.0
    """Seconds for which nobody minds that a track goes on."""
    length_full: float = 900.0
    """Seconds beyond those at which a track counts 1."""

    energy_scale: float = 0.10
    """Energy by which a track may miss the curve before the squared miss counts 1."""
    tempo_scale: float = math.log2(1.10)
    """Octaves; 10 % outside the phase's tempo range count 1."""
    tempo_octave: float = 0.5
    """Added to the tempo's miss where it fits only at half or double time."""
    tempo_cap: float = 9.0
    """The squared tempo miss counts no more than this."""

    join_tempo: float = 0.20
    join_key: float = 0.15
    join_loudness: float = 0.20
    join_timbre: float = 0.25
    join_energy: float = 0.20
    join_wish: float = 0.50
    """On top of the five above, which make 1: a step the template would rather not have is dear."""
    tempo_step_full: float = 0.25
    """Octaves between neighbours' folded tempi at which the step counts fully."""
    key_step_full: float = 4.0
    """Steps on the circle of fifths."""
    loudness_step_full: float = 10.0
    """LU."""
    timbre_step_full: float = 1.6
    """Root mean square difference of two timbre vectors."""
    energy_step_full: float = 0.30
    unknown: float = 0.5
    """What an unknown key, loudness or timbre adds to a join's part: neither praise nor blame."""

    track_seconds: float = 300.0
    """An ordinary track; a session of T seconds is expected to have T / 300 joins."""


WEIGHTS = Weights()
"""The weights that every plan and every check uses."""
