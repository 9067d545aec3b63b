"""Whether somebody speaks, over music or alone: a guide, a narrator, an announcement. Song, chant and rap aren't meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from playlistkit.analysis.bundled import stored

if TYPE_CHECKING:
    from playlistkit.analysis.bundled import Array
    from playlistkit.analysis.yamnet import Heard

__all__ = ["log_odds", "speech"]

Floats = npt.NDArray[np.float64]

SPEAKS = 1.8
"""Log odds above which somebody speaks in a window: a thousandth of music and a hundredth of songs have more."""


def log_odds(heard: Heard) -> Array:
    """Log odds that somebody speaks in each window [shape=(windows,)].

    YAMNet's own class for speech goes blind where music is as loud as the speaker, so a logistic regression on its last
    hidden layer was fitted to speech over music (`benchmarks/speech.py`).
    """
    weights = stored("speech")
    return np.asarray(heard.hidden @ weights["hidden"] + weights["bias"])


def speech(spoken: Floats, step: float) -> tuple[float, float | None] | None:
    """Seconds in which somebody speaks, and the second at which they begin; `None` if nothing was heard.

    Parameters
    ----------
    spoken : np.ndarray [shape=(windows,)]
        Log odds in windows.
    step : float
        Seconds from one window to the next.
    """
    if not len(spoken):
        return None
    speaking = np.flatnonzero(spoken > SPEAKS)
    return len(speaking) * step, float(speaking[0]) * step if len(speaking) else None
