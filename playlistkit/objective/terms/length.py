"""Long tracks: the session can't change course within one without cutting into it."""

from __future__ import annotations

import numpy as np

from playlistkit.objective.array_types import Floats
from playlistkit.objective.table import Table
from playlistkit.objective.terms.term import Term
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TERM", "excess"]


def excess(table: Table) -> Floats:
    """How far each track exceeds a bearable wait to change course, 0 to 1 [shape=(n,)]."""
    over = (np.nan_to_num(table.duration) - WEIGHTS.length_free) / WEIGHTS.length_full
    share: Floats = np.clip(over, 0.0, 1.0)
    return share


TERM = Term(
    "length",
    WEIGHTS.length,
    "a long stretch without a place to change course",
    rate=lambda _setting, _phase, table: excess(table),
)
