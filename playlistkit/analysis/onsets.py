"""When something begins: the peaks of onset strength that stand out from its median."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.filters import FRAMES, Array

__all__ = ["onset_times"]

Floats = npt.NDArray[np.float64]

NEAR = 3  # frames (67 ms) on both sides, among which an onset must be the highest
AROUND = FRAMES // 2  # frames on both sides over which the median is taken
STEP = FRAMES // 5  # frames between medians
PART = 10_000  # medians at a time
RATIO, RISE = 1.5, 0.5  # an onset reaches at least this multiple of the median, plus so many dB


def onset_times(onset: Array) -> Floats:
    """When something begins, in seconds.

    Parameters
    ----------
    onset : np.ndarray [shape=(frames,)]
        Onset strength in dB, `FRAMES` values a second.

    Returns
    -------
    np.ndarray [shape=(onsets,)]

    Notes
    -----
    Peaks are picked as in `librosa.util.peak_pick`, but above the median instead of the mean. A busy passage raises
    the median less, so soft notes between loud ones count. The threshold grows with the median, as the flutter of
    noise, of many voices and of vibrato does.
    """
    if len(onset) < 2:
        return np.zeros(0)
    highest = sliding_window_view(np.pad(onset, NEAR), 2 * NEAR + 1).max(axis=1)
    padded = np.pad(onset, AROUND, mode="reflect" if len(onset) > AROUND else "edge")
    windows = sliding_window_view(padded, 2 * AROUND + 1)[::STEP]
    # some at a time: the median of a track of many hours would copy them all
    medians = [np.median(windows[start : start + PART], axis=1) for start in range(0, len(windows), PART)]
    steps = np.arange(0, len(onset), STEP)
    peaks = np.flatnonzero(onset == highest)
    median = np.interp(peaks, steps, np.concatenate(medians))
    return np.asarray(peaks[onset[peaks] > RATIO * median + RISE] / FRAMES)
