"""Tempo and pulse clarity from onset strength: autocorrelation over windows, a comb over its multiples.

A tempo is felt where onsets return after one, two, three and four beats, and where its double exists as a
subdivision; listeners prefer beats near 110 BPM (a log-normal prior). How high the autocorrelation stands at
the beat tells whether there is a beat at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.filters import Array
from playlistkit.analysis.spectrum import FRAMES

__all__ = ["Pulse", "autocorrelation", "pulse"]

Floats = npt.NDArray[np.float64]

WINDOW = 8 * FRAMES  # frames
LOWEST, HIGHEST = 40.0, 220.0  # BPM
PREFERRED, SPREAD = 110.0, 0.8  # BPM, octaves
COMB = ((1.0, 1.0), (2.0, 1.0), (3.0, 0.5), (4.0, 0.5), (0.5, 0.5))  # multiples of the lag, weights
CLEAR = 0.75  # mean autocorrelation after 1, 2 and 4 beats of a metronome, where clarity is 1


@dataclass(frozen=True, slots=True)
class Pulse:
    """A tempo and how far to believe it."""

    tempo: float
    """BPM."""
    alternative: float | None
    """BPM at the other octave."""
    clarity: float
    """0 to 1."""


def pulse(mean: Floats) -> Pulse | None:
    """The felt tempo; `None` where nothing was correlated.

    Parameters
    ----------
    mean : np.ndarray [shape=(lags,)]
        As `autocorrelation` gives it.
    """
    if not len(mean):
        return None
    lags = np.arange(len(mean))
    tempi = np.geomspace(LOWEST, HIGHEST, 400)
    beats = 60 * FRAMES / tempi

    def at(lag: Floats) -> Floats:
        return np.interp(lag, lags, mean, right=0.0)

    comb = sum(weight * np.maximum(at(multiple * beats), 0) for multiple, weight in COMB)
    prior = np.exp(-0.5 * (np.log2(tempi / PREFERRED) / SPREAD) ** 2)
    score = np.asarray(comb * prior)
    best = int(score.argmax())
    beat = beats[best]
    height = float(np.mean([at(np.asarray(multiple * beat)) for multiple in (1, 2, 4)]))
    clarity = float(np.clip(height / CLEAR, 0, 1))
    tempo = float(refine(mean, beat))
    doubled, halved = np.interp((2 * tempi[best], tempi[best] / 2), tempi, score, left=0.0, right=0.0)
    alternative = (2 * tempo if doubled >= halved else tempo / 2) if doubled or halved else None
    return Pulse(tempo, alternative, clarity)


def autocorrelation(onset: Array) -> Floats:
    """Mean normalised autocorrelation of windows of 8 s, half overlapping.

    Parameters
    ----------
    onset : np.ndarray [shape=(frames,)]
        Onset strength, 45 values a second.

    Returns
    -------
    np.ndarray [shape=(frames of 8 s,)]
        Lag 0 is 1; corrected for the shrinking overlap. Empty below 4 s, and where nothing ever begins.
    """
    if len(onset) < WINDOW // 2:
        return np.zeros(0)
    if len(onset) < WINDOW:
        onset = np.pad(onset, (0, WINDOW - len(onset)))
    total = np.zeros(WINDOW)
    n = 0
    windows = sliding_window_view(onset, WINDOW)[:: WINDOW // 2]
    for start in range(0, len(windows), 64):  # bounded memory, whatever the track's length
        part = windows[start : start + 64].astype(np.float64)
        part = part - part.mean(axis=1, keepdims=True)
        spectrum = scipy.fft.rfft(part, 2 * WINDOW, axis=1)
        lagged = scipy.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :WINDOW]
        power = lagged[:, :1]
        moving = power[:, 0] > WINDOW * 1e-4
        total += (lagged[moving] / power[moving]).sum(axis=0)
        n += int(moving.sum())
    if not n:
        return np.zeros(0)
    shrinking = 1 - np.arange(WINDOW) / WINDOW
    return total / n / np.maximum(shrinking, 0.25)


def refine(mean: Floats, beat: float) -> float:
    """The tempo in BPM whose multiples lie highest within 4 % of a beat of so many frames."""
    lags = np.arange(len(mean))
    near = beat * np.linspace(0.96, 1.04, 161)
    height = np.zeros(len(near))
    for multiple in (1, 2, 3, 4):
        if multiple * near[-1] < 0.75 * len(mean):
            height += np.interp(multiple * near, lags, mean)
    return 60 * FRAMES / float(near[height.argmax()])
