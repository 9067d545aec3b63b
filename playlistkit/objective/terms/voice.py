"""Words and unknown voices, where voice is restricted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Phase
from playlistkit.objective.array_types import Floats
from playlistkit.objective.table import VOCALS_RANK
from playlistkit.objective.terms.term import Term
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TERM", "unwelcome"]


def unwelcome(phase: Phase, rank: NDArray[np.int8]) -> Floats:
    """Where the phase restricts voice, 1 for an unknown voice and `Weights.words` for words [shape=(n,)].

    A share of words is a limit, not an invitation: music without them is taken first.

    Parameters
    ----------
    rank : np.ndarray [shape=(n,)]
        `VOCALS_RANK` of each track's voice.
    """
    if phase.vocals == "any":
        return np.zeros(len(rank))
    amount: Floats = (rank == VOCALS_RANK["unknown"]) + WEIGHTS.words * (rank == VOCALS_RANK["words"])
    return amount


TERM = Term(
    "voice",
    WEIGHTS.voice,
    "words, or an unknown voice, where voice is restricted",
    rate=lambda _setting, phase, table: unwelcome(phase, table.vocals),
)
