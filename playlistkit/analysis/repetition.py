"""Exact repetition: whether all of a track is its first half minute again, as an alarm or a ringtone on a loop is.

Music returns as well, but it is played anew, or something is added; what a machine repeats is the same to a thousandth.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.filters import FRAMES, N_MELS, Array
from playlistkit.analysis.running import grouped

__all__ = ["FIRST", "Repetition", "repetition"]

Floats = npt.NDArray[np.float64]

FIRST = 32
"""Seconds at the beginning of a track in which everything later is looked for: a loop of half a minute is noticed."""

SAME = 0.01
"""Difference up to which a second is the same as an earlier one; a lossy codec alone makes half of it."""

LEAST = 20
"""Fewest seconds after the first ones that say something."""

LEAST_ONSETS = 0.5
"""Fewest onsets a second of what repeats."""

BANDS = 16
SUMMED = 4  # frames: a repeat that begins between two frames is the same
SPAN = FRAMES // SUMMED  # sums in a second
AT_ONCE = 60  # seconds that are looked for at once; affects memory, not results
DEPTH = 1e4  # power below the loudest at which a band counts little: 40 dB
LOUDEST = 99  # percentile of frames
STILL = 0.016  # spread of the sums over a few frames below which the first seconds never change


class Repetition:
    """Looks for each second of a track among its first ones."""

    def __init__(self) -> None:
        self._waiting: list[Array] = []  # power of frames that were not looked at
        self._first: First | None = None
        self._differences: list[Array] = []

    def add(self, bands: Array) -> None:
        """Take the power of the mel bands in the next frames [shape=(frames, N_MELS)]."""
        self._waiting.append(grouped(bands, BANDS) * np.float32(BANDS / N_MELS))
        count = sum(map(len, self._waiting))
        if self._first is None and count >= FIRST * FRAMES + SUMMED:
            self._begin()
        if self._first is not None and count >= AT_ONCE * FRAMES:
            self._look(self._first)

    def finish(self) -> Array:
        """How far each whole second after the first `FIRST` differs from all that these hold, from 0 (the same) to about 1
        [shape=(seconds - FIRST,)]; empty for a shorter track, and one whose first seconds never change.
        """
        if self._first is not None:
            self._look(self._first)
        return np.concatenate(self._differences) if self._differences else np.zeros(0, np.float32)

    def _begin(self) -> None:
        power = np.concatenate(self._waiting)
        self._first = First(power[: FIRST * FRAMES + SUMMED])
        self._waiting = [power[FIRST * FRAMES :]]

    def _look(self, first: First) -> None:
        power = np.concatenate(self._waiting)
        seconds = (len(power) - SUMMED) // FRAMES
        if seconds > 0:
            self._differences.append(first.differences(power[: seconds * FRAMES + SUMMED], seconds))
            power = power[seconds * FRAMES :]
        self._waiting = [power]


class First:
    """The first seconds of a track."""

    def __init__(self, power: Array) -> None:
        self._loudest = max(float(np.percentile(power.max(axis=1), LOUDEST)), 1e-10)
        sums = self._sums(power)
        self._mean = sums.mean(axis=0)
        sums -= self._mean
        self._spread = 2 * SPAN * float(sums.var(axis=0).sum())
        self._parts = parts(sums)
        self._lengths = (self._parts**2).sum(axis=1)

    def differences(self, power: Array, seconds: int) -> Array:
        """The least squared difference of each second from any of the first, over that of two arbitrary ones."""
        if self._spread < STILL:
            return np.zeros(0, np.float32)
        later = parts(self._sums(power) - self._mean)[::FRAMES][:seconds]
        products = later @ self._parts.T
        least = (self._lengths - 2 * products).min(axis=1) + (later**2).sum(axis=1)
        return np.asarray(np.maximum(least, 0) / self._spread, dtype=np.float32)

    def _sums(self, power: Array) -> Array:
        """Compressed levels of the bands, each the sum over a few frames."""
        level = np.log10(1 + power * np.float32(DEPTH / self._loudest))
        count = len(level) - SUMMED + 1
        total: Array = level[:count].copy()
        for later in range(1, SUMMED):
            total += level[later : later + count]
        return total


def parts(sums: Array) -> Array:
    """The second that begins at each frame [shape=(frames, SPAN * BANDS)]."""
    seconds = sliding_window_view(sums, (SPAN - 1) * SUMMED + 1, axis=0)[:, :, ::SUMMED]
    return np.ascontiguousarray(seconds).reshape(len(seconds), -1)


def repetition(novelty: Floats, onset_rate: float) -> float | None:
    """Share of the seconds after the first ones that only repeat those; `None` if too few are known.

    It is 0 where hardly anything begins: a drone stays as it is, and a singing bowl may be struck every ten seconds.

    Parameters
    ----------
    novelty : np.ndarray [shape=(seconds,)]
        As `Repetition.finish` gives it.
    onset_rate : float
        Onsets a second.
    """
    if len(novelty) < LEAST:
        return None
    return float((novelty < SAME).mean()) if onset_rate >= LEAST_ONSETS else 0.0
