"""Whether somebody speaks, over music or alone: a guide, a narrator, an announcement. Song, chant and rap aren't meant."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from playlistkit.analysis.filters import Array
    from playlistkit.analysis.yamnet import Heard

__all__ = ["log_odds", "speech"]

Floats = npt.NDArray[np.float64]

SPEAKS = 1.8
"""Log odds above which somebody speaks in a window: a thousandth of music and a hundredth of songs have more."""


def log_odds(heard: Heard) -> Array:
    """Log odds that somebody speaks in each window [shape=(windows,)].

    YAMNet's own class for speech goes blind where music is as loud as the speaker, so a logistic regression on its last
    hidden layer was fitted to speech over music.
    """
    weights = speech_weights()
    return np.asarray(heard.hidden @ weights["hidden"] + weights["bias"])


@cache
def speech_weights() -> dict[str, Array]:
    """The bundled weights, as `benchmarks/speech.py` fits them."""
    source = resources.files("playlistkit.analysis") / "speech.npz"
    with source.open("rb") as file, np.load(file) as stored:
        return dict(stored)


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
