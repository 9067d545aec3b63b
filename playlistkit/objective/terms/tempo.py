"""Tempo outside the phase's range."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from playlistkit.objective.array_types import Floats
from playlistkit.objective.terms.term import Term
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TERM", "misfit"]


def misfit(tempo: ArrayLike, clarity: ArrayLike, allowed: tuple[float, float] | None) -> Floats:
    """How far a tempo misses the phase's range, 0 to `tempo_cap`, weighted by pulse clarity.

    The smallest squared distance in `tempo_scale` over the octaves -1, 0 and 1; an octave other than the
    stated one costs `tempo_octave`. 0 for an unknown tempo or a phase without a range.

    Parameters
    ----------
    tempo : array_like
        log2 of BPM.
    allowed : (low, high) in BPM, or None
    """
    log_tempo = np.asarray(tempo, dtype=np.float64)
    if allowed is None:
        return np.zeros_like(log_tempo)
    low, high = np.log2(allowed[0]), np.log2(allowed[1])
    misses = []
    for octave in (-1, 0, 1):
        outside = np.maximum(np.maximum(low - (log_tempo + octave), (log_tempo + octave) - high), 0.0)
        misses.append(outside / WEIGHTS.tempo_scale + (WEIGHTS.tempo_octave if octave else 0.0))
    least = np.minimum(np.minimum.reduce(misses) ** 2, WEIGHTS.tempo_cap)
    weighted: Floats = least * np.asarray(clarity)
    return np.where(np.isnan(weighted), 0.0, weighted)


TERM = Term(
    "tempo",
    WEIGHTS.tempo,
    "tempo outside the phase's range",
    rate=lambda _setting, phase, table: misfit(table.tempo, table.pulse_clarity, phase.tempo),
)
