"""Tracks that are not marked `keep`, if any are."""

from __future__ import annotations

import numpy as np

from playlistkit.objective.terms.term import Term
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TERM"]


TERM = Term(
    "keep",
    WEIGHTS.keep,
    "a track that is not marked keep",
    rate=lambda _setting, _phase, table: (~table.keep).astype(np.float64),
    applies=lambda setting: setting.keeping,
)
