"""Whether somebody speaks, over music or alone: a guide, a narrator, an announcement. Song, chant and rap aren't meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from playlistkit.analysis.bundled import stored

if TYPE_CHECKING:
    from playlistkit.analysis.bundled import Array
    from playlistkit.analysis.yamnet import Heard

__all__ = ["AROUND", "STIRS", "log_odds", "speech", "surest"]

Floats = npt.NDArray[np.float64]

SPEAKS = 1.8
"""Log odds above which somebody speaks in a window: a thousandth of music and a hundredth of songs have more."""

STIRS = 1.0
"""Log odds above which the seconds around a window are heard as well."""

AROUND = 3
"""Seconds before and after such a window."""

IN_A_ROW = 2
"""Seconds of a sentence that are heard at least."""

SENTENCE = 2.2
"""Mean log odds in so many seconds in a row above which somebody says a sentence there."""


def log_odds(heard: Heard) -> Array:
    """Log odds that somebody speaks in each window [shape=(windows,)].

    YAMNet's own class for speech goes blind where music is as loud as the speaker, so a logistic regression on its last
    hidden layer was fitted to speech over music (`benchmarks/speech.py`).
    """
    weights = stored("speech")
    return np.asarray(heard.hidden @ weights["hidden"] + weights["bias"])


def surest(odds: Floats) -> float:
    """The highest mean log odds of seconds in a row [shape=(seconds,)]; the highest of all if there are too few."""
    if len(odds) < IN_A_ROW:
        return float(odds.max())
    return float(np.convolve(odds, np.full(IN_A_ROW, 1 / IN_A_ROW), mode="valid").max())


def speech(spoken: Floats, sentences: Floats, step: float) -> tuple[float, float | None] | None:
    """Seconds in which somebody speaks, and the second at which they begin; `None` if nothing was heard.

    A window stands for the seconds up to the next one; a sentence that begins before the window, for those before it as well.

    Parameters
    ----------
    spoken : np.ndarray [shape=(windows,)]
        Log odds in windows.
    sentences : np.ndarray [shape=(windows,)]
        Log odds in the surest seconds around them.
    step : float
        Seconds from one window to the next.
    """
    if not len(spoken):
        return None
    sentence = sentences > SENTENCE
    speaking = (spoken > SPEAKS) | sentence
    before = sentence & ~np.concatenate(([False], speaking[:-1]))
    seconds = step * np.count_nonzero(speaking) + AROUND * np.count_nonzero(before)
    return float(seconds), float(speaking.argmax()) * step if speaking.any() else None
