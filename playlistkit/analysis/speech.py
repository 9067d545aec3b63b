"""Whether somebody speaks, over music or alone: a guide, a narrator, an announcement. Song, chant and rap aren't meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from playlistkit.analysis.bundled import stored

if TYPE_CHECKING:
    from playlistkit.analysis.bundled import Array
    from playlistkit.analysis.yamnet import Heard

__all__ = ["AROUND", "STIRS", "log_odds", "possible", "reconsidered", "speech", "surest"]

Floats = npt.NDArray[np.float64]

POSSIBLE = 0.0
"""Log odds by YAMNet above which the other network is asked."""

SPEECH, SINGING = 0.4, -0.25
"""Weights of the other network's log odds of speech and of singing."""

ALONE = 0.8
"""Added to YAMNet's log odds where that gives more: what it is sure of, the other network can't take back."""

SPEAKS = 2.6
"""Log odds above which somebody speaks in a window."""

STIRS = 1.8
"""Log odds above which the seconds around a window are heard as well."""

AROUND = 3
"""Seconds before and after such a window."""

IN_A_ROW = 2
"""Seconds of a sentence that are heard at least."""

SENTENCE = 3.0
"""Mean log odds in so many seconds in a row above which somebody says a sentence there."""


def log_odds(heard: Heard) -> Array:
    """Log odds that somebody speaks in each window [shape=(windows,)], by YAMNet alone.

    YAMNet's own class for speech goes blind where music is as loud as the speaker, so a logistic regression on its last
    hidden layer was fitted to speech over music (`benchmarks/speech.py`).
    """
    weights = stored("speech")
    return np.asarray(heard.hidden @ weights["hidden"] + weights["bias"])


def possible(odds: Array) -> npt.NDArray[np.bool_]:
    """In which windows somebody may speak [shape=(windows,)], from log odds by YAMNet: there the other network is asked."""
    return np.asarray(odds > POSSIBLE)


def reconsidered(odds: Array, events: Array) -> Array:
    """Log odds that somebody speaks in windows that both networks have heard [shape=(windows,)].

    Parameters
    ----------
    odds : np.ndarray [shape=(windows,)]
        Log odds by YAMNet.
    events : np.ndarray [shape=(windows, frames, 3)]
        The other network's log odds of speech, singing and music in the two seconds that begin with each window.
    """
    spoken, sung = events[..., :2].mean(axis=1).T
    return np.asarray(odds + np.maximum(SPEECH * spoken + SINGING * sung, ALONE))


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
