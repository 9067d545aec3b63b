"""Whether anybody sings or speaks, and where most likely: what the networks' answers along the track mean.

YAMNet hears every window, with later layers that were fitted to voices far back in music. Where it is unsure, FireRedVAD's
network for events, which knows little of sounds but much of speech and songs in music, hears it too.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.bundled import stored
from playlistkit.analysis.yamnet import BRANCH, STEPS, Layers, yamnet
from playlistkit.model import Vocals

if TYPE_CHECKING:
    from playlistkit.analysis.bundled import Array
    from playlistkit.analysis.yamnet import Heard

__all__ = ["SILENT", "log_odds", "peak", "probability", "reconsidered", "unsure", "vocals"]

Floats = npt.NDArray[np.float64]

SILENT = -30.0
"""Log odds that stand for a window without sound."""

UNSURE = (0.0, 1.2)  # log odds by YAMNet between which the other network is asked
HUMAN = 36  # the first of YAMNet's classes: speech, laughter, crying, singing, choir, chant, humming ...
LIKELIEST = 3  # sounding windows that make the likeliest ten seconds

# From the mean odds of the windows to the log odds of a voice, chosen on labelled recordings (docs/accuracy.md).
WEIGHT, BIAS = 1.5, -1.65
NONE_AT_MOST, VOICE_AT_LEAST = 0.125, 0.6  # probabilities; between them it isn't known
NONE_ANYWHERE = 0.33
"""Of the likeliest ten seconds. A missed voice does harm, an unknown one costs a minute of listening."""

BIRDS = 14.5
"""Centroid in Bark from which no voice is believed: birds and crickets have 15.3 to 18.1, crying babies up to 15.9; speech,
chant and songs 2.7 to 12.9, bright voices close to a microphone up to 14.8."""


def log_odds(heard: Heard) -> Array:
    """Log odds of a voice in each window [shape=(windows,)], by YAMNet alone.

    A weighted sum of the last hidden layer that is voices' own, of YAMNet's own last hidden layer, and of the odds of all
    human sounds together as YAMNet gives them (`benchmarks/voice_network.py`).
    """
    weights = stored("voice")
    human = np.logaddexp.reduce(heard.odds[:, :HUMAN], axis=1)
    odds = heard.hidden @ weights["hidden"] + own().hidden(heard.middle) @ weights["own"]
    return np.asarray(odds + weights["human"] * human + weights["bias"])


@cache
def own() -> Layers:
    """YAMNet's later layers, fitted to voices."""
    return Layers(stored("voice"), range(BRANCH, len(STEPS)), yamnet().entering)


def unsure(odds: Array) -> npt.NDArray[np.bool_]:
    """In which windows the other network is to be asked [shape=(windows,)], from log odds by YAMNet."""
    return np.asarray((odds > UNSURE[0]) & (odds < UNSURE[1]))


def reconsidered(odds: Array, events: Array) -> Array:
    """Log odds of a voice in windows in which both networks were asked [shape=(windows,)].

    A weighted sum of YAMNet's and of the other's mean log odds of speech, singing and music (`benchmarks/voice_network.py`).

    Parameters
    ----------
    odds : np.ndarray [shape=(windows,)]
        Log odds by YAMNet.
    events : np.ndarray [shape=(windows, frames, 3)]
        The other network's log odds in the two seconds that begin with each window.
    """
    weights = stored("voice")
    return np.asarray(
        weights["again"] * odds + events.mean(axis=1) @ weights["events"] + weights["again_bias"]
    )


def probability(odds: Floats) -> float | None:
    """How likely there is a voice, 0 to 1, from the log odds in windows; `None` without any.

    The odds are averaged, not their logarithm, so that a voice in part of the track isn't averaged away.
    """
    heard = sounding(odds)
    if not len(heard):
        return None
    return likely(float(np.logaddexp.reduce(heard)) - math.log(len(heard)))


def peak(odds: Floats, step: float) -> tuple[float, float] | None:
    """How likely there is a voice in the likeliest ten seconds, 0 to 1, and the second at which they begin.

    Seconds in which nothing sounds are passed over: what dies away into silence isn't judged by its last window alone.

    Parameters
    ----------
    odds : np.ndarray [shape=(windows,)]
        Log odds in windows.
    step : float
        Seconds from one window to the next.
    """
    places = np.flatnonzero(odds > SILENT)
    if not len(places):
        return None
    some = min(LIKELIEST, len(places))
    means = sliding_window_view(odds[places], some).mean(axis=1)
    first = int(means.argmax())
    return likely(float(means[first])), float(places[first]) * step


def sounding(odds: Floats) -> Floats:
    """Those of the windows in which something sounds."""
    return odds[odds > SILENT]


def likely(odds: float) -> float:
    """The probability that some mean odds mean."""
    return 1 / (1 + math.exp(-(WEIGHT * odds + BIAS)))


def vocals(
    likely: float | None,
    likeliest: float | None,
    hint: Vocals | None,
    bark: float | None = None,
) -> Vocals:
    """The voice, judged from the network and the tags.

    Parameters
    ----------
    likely : float or None
        Probability that there is a voice.
    likeliest : float or None
        The same for the likeliest ten seconds: "none" is said only if these have none either.
    hint : Vocals or None
        What the tags say.
    bark : float, optional
        Centroid of the long-term spectrum: birds sound like voices to the network, but lie higher than any.

    Returns
    -------
    Vocals
        The tags' word, unless the network is sure of the opposite: then "unknown". The network can't tell
        words from none: a voice that no tag calls wordless counts as "words", the stricter of the two.
    """
    if likely is None:
        return hint or "unknown"
    if hint == "none":
        return "none" if likely < VOICE_AT_LEAST else "unknown"
    if hint in ("words", "wordless"):
        return hint
    if likely >= VOICE_AT_LEAST:
        return "unknown" if bark is not None and bark >= BIRDS else "words"
    nowhere = likeliest is None or likeliest <= NONE_ANYWHERE
    return "none" if likely <= NONE_AT_MOST and nowhere else "unknown"
