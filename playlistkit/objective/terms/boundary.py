"""Phase ends compared with their targets."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from playlistkit.model import Phase, Session
from playlistkit.objective.array_types import Floats
from playlistkit.objective.terms.term import Term
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TERM", "miss", "tolerance_of"]


def miss(residual: ArrayLike, tolerance: float) -> Floats:
    """(residual / tolerance)² [shape as residual]: 1 if a phase ends a whole tolerance early or late."""
    squared: Floats = (np.asarray(residual, dtype=np.float64) / max(tolerance, 1.0)) ** 2
    return squared


def tolerance_of(session: Session, phase: Phase) -> float:
    """Seconds by which the end of `phase` may miss its target."""
    general = session.template.rules.boundary_tolerance
    return general if phase.boundary_tolerance is None else phase.boundary_tolerance


TERM = Term(
    "boundary",
    WEIGHTS.boundary,
    "the phase's end, early or late",
    boundary=lambda setting, phase, residual: miss(residual, tolerance_of(setting.session, phase)),
)
