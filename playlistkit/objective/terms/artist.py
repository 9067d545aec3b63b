"""An artist's early return."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from playlistkit.model import Phase
from playlistkit.objective.array_types import Floats
from playlistkit.objective.terms.term import Setting, Term
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TERM", "early"]


def early(gap: ArrayLike, apart: float) -> Floats:
    """1 where an artist returns at once, falling to 0 after `apart` seconds [shape as gap]."""
    seconds = np.maximum(np.asarray(gap, dtype=np.float64), 0.0)
    return np.maximum(0.0, 1.0 - seconds / apart) if apart > 0 else np.zeros_like(seconds)


def _repeat(setting: Setting, phase: Phase, gap: ArrayLike, running: ArrayLike) -> Floats:
    """A run costs nothing in a phase that allows runs."""
    returned = early(gap, setting.session.template.rules.artist_apart_minutes * 60.0)
    return np.where(running, 0.0, returned) if phase.album_runs else returned


TERM = Term("artist", WEIGHTS.artist, "its artist's early return", repeat=_repeat)
