"""Undo rubato: onset strength as it would be if the tempo were even.

Where a performer hurries and lingers, every mean over time blurs. On a logarithmic scale of lags, though, the
autocorrelation of a faster passage is that of a slower one, shifted, whatever the beat is (Holzapfel & Stylianou
2011, "Scale transform in rhythmic similarity of music"). So each window is shifted to where it agrees best with the
mean of all, and time is stretched by those shifts. Music in an even tempo stays as it is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.filters import FRAMES, Array

__all__ = ["evened"]

Ints = npt.NDArray[np.int64]

WINDOW, HOP = 4 * FRAMES, FRAMES  # frames
SHORTEST, LONGEST = 0.15 * FRAMES, 3.2 * FRAMES  # lags that are compared, in frames
OCTAVE = 48  # steps of the logarithm of the lag
REACH = 16  # steps to both sides (a third of an octave) by which the tempo may leave its median
SHY = 0.005  # correlation that each step must gain
ROUNDS = 3
FAINT = 0.1  # dB; as in `playlistkit.analysis.tempo`


def evened(strength: Array) -> Array:
    """Stretch time so that the tempo stays at its median.

    Parameters
    ----------
    strength : np.ndarray [shape=(bands, frames)]
        Onset strength, `FRAMES` values a second; the first band, of all frequencies, tells the tempo.

    Returns
    -------
    np.ndarray [shape=(bands, about as many frames)]
        Unchanged if it is too short to tell (6 s), or already even.
    """
    frames = np.arange(strength.shape[1])
    if len(frames) < WINDOW + 2 * HOP:
        return strength
    steps = shifts(log_lags(strength[0]))
    if not steps.any():
        return strength
    middles = HOP * np.arange(len(steps)) + WINDOW / 2
    faster = 2.0 ** (np.interp(frames, middles, steps) / OCTAVE)
    ordered = np.sort(faster)  # the median over beats, which are denser where it is faster
    faster /= ordered[np.searchsorted(np.cumsum(ordered), ordered.sum() / 2)]
    times = np.cumsum(faster) - faster[0]
    heard = np.interp(np.arange(int(times[-1]) + 1), times, frames)
    return np.stack([np.interp(heard, frames, band) for band in strength]).astype(np.float32)


def log_lags(strength: Array) -> Array:
    """Autocorrelation of each window over the logarithm of the lag [shape=(windows, steps)], longest lags last."""
    windows = sliding_window_view(strength, WINDOW)[::HOP]
    windows = windows - windows.mean(axis=1, keepdims=True)
    spectrum = scipy.fft.rfft(windows, 2 * WINDOW, axis=1)
    power = np.maximum(np.square(windows).sum(axis=1, keepdims=True), WINDOW * FAINT**2)
    lagged = scipy.fft.irfft((spectrum.real**2 + spectrum.imag**2) / power, axis=1)[:, :WINDOW]
    lagged /= np.maximum(1 - np.arange(WINDOW, dtype=np.float32) / WINDOW, 0.25)
    octaves = np.log2(LONGEST / SHORTEST)
    lags = SHORTEST * 2 ** (np.arange(-REACH, int(octaves * OCTAVE) + REACH) / OCTAVE)
    frame = np.minimum(lags.astype(int), WINDOW - 2)
    aside = np.minimum(lags - frame, 1).astype(np.float32)
    curves = lagged[:, frame] * (1 - aside) + lagged[:, frame + 1] * aside
    curves[:, lags > WINDOW - 1] = 0
    return np.asarray(curves - curves.mean(axis=1, keepdims=True), dtype=np.float32)


def shifts(curves: Array) -> Ints:
    """Steps by which each window is faster than the median one [shape=(windows,)]."""
    width = curves.shape[1] - 2 * REACH
    candidates = np.arange(-REACH, REACH + 1)
    chosen = np.zeros(len(curves), dtype=int)
    for _ in range(ROUNDS):
        at = REACH + chosen[:, np.newaxis] + np.arange(width)
        mean = np.take_along_axis(curves, at, axis=1).mean(axis=0)
        mean -= mean.mean()
        mean /= np.linalg.norm(mean) + 1e-9
        agreement = np.stack([curves[:, REACH + each :][:, :width] @ mean for each in candidates], axis=1)
        agreement -= SHY * abs(candidates)
        before, after = np.vstack((agreement[:1], agreement[:-1])), np.vstack((agreement[1:], agreement[-1:]))
        chosen = candidates[(agreement + (before + after) / 2).argmax(axis=1)]  # tempo changes gradually
        chosen = np.clip(chosen - int(np.median(chosen)), -REACH, REACH)
    return -chosen
