"""The weights and scales of the objective.

They are proposals: no listener has validated them. They derive from measurements of published session
playlists (docs/planning.md). A term's weight is what the whole session costs in points when the
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
    """Light on purpose: `keep` only breaks ties."""
    voice: float = 50.0
    """For an unknown voice where voice is restricted: it may have words."""
    words: float = 12.8
    """How many times as much known words cost there, 640 points: as much as music that lies 0.40 off the curve, the
    farthest that any shipped template allows. So words play only where nothing else that the limits allow would do."""

    hold: float = 10.0
    """For each track that rises within a hold for longer than allowed: more than most whole sessions cost."""

    sound: float = 5.0
    """Light: missed wishes are reported anyway, and fitting the curve matters more."""
    length: float = 4.0
    """Less than a rough join, so that a long piece can still play where it fits."""

    sound_scale: float = 0.20
    """Excess of brightness or percussiveness that counts as 1."""
    dynamics_scale: float = 4.0
    """Excess in LU that counts as 1."""
    sound_cap: float = 4.0
    """Cap of the sum."""
    length_free: float = 600.0
    """Length in seconds up to which a track costs nothing."""
    length_full: float = 900.0
    """Seconds beyond that at which a track counts as 1."""

    energy_scale: float = 0.10
    """Miss in energy at which the squared miss counts as 1."""
    tempo_scale: float = math.log2(1.10)
    """Octaves; 10 % outside the phase's tempo range counts as 1."""
    tempo_octave: float = 0.5
    """Added if the tempo fits only at half or double time."""
    tempo_cap: float = 9.0
    """Cap of the squared tempo miss."""

    join_tempo: float = 0.20
    join_key: float = 0.15
    join_loudness: float = 0.20
    join_timbre: float = 0.25
    join_energy: float = 0.20
    join_wish: float = 0.50
    """In addition to the five above, which sum to 1: exceeding a wish is expensive."""
    tempo_step_full: float = 0.25
    """Step in octaves between neighbours' folded tempi that counts fully."""
    key_step_full: float = 4.0
    """Steps on the circle of fifths."""
    loudness_step_full: float = 10.0
    """LU."""
    timbre_step_full: float = 1.6
    """Root mean square difference of two timbre vectors."""
    energy_step_full: float = 0.30
    unknown: float = 0.5
    """A neutral amount for an unknown key, loudness or timbre."""

    track_seconds: float = 300.0
    """Typical track length in seconds: a session of T seconds is expected to have T / 300 joins."""


WEIGHTS = Weights()
"""The weights used by every plan and check."""
