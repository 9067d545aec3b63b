"""Unknown voice where voice is restricted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Phase
from playlistkit.objective.table import VOCALS_RANK
from playlistkit.objective.terms.term import Term
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TERM", "unknown"]

Floats = NDArray[np.float64]


def unknown(phase: Phase, rank: NDArray[np.int8]) -> Floats:
    """1 where the phase restricts voice and nobody knows the track's [shape=(n,)].

    Parameters
    ----------
    rank : np.ndarray [shape=(n,)]
        `VOCALS_RANK` of each track's voice.
    """
    most = phase.vocals_beyond if phase.vocals_share > 0 else phase.vocals
    if "any" in (phase.vocals, most):
        return np.zeros(len(rank))
    nobody_knows: Floats = (rank == VOCALS_RANK["unknown"]).astype(np.float64)
    return nobody_knows


TERM = Term(
    "voice",
    WEIGHTS.voice,
    "a voice that nobody knows",
    rate=lambda _setting, phase, table: unknown(phase, table.vocals),
)
