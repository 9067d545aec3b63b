"""How much of the sound is held tones. Music has them; rain, wind, crackle, machines and speech hardly do."""

from __future__ import annotations

import numpy as np

from playlistkit.analysis.filters import N_FFT_PITCH, RATE, Array
from playlistkit.analysis.running import running

__all__ = ["HeldTones"]

LOWEST, HIGHEST = 54.0, 4000.0  # Hz
AROUND = 25  # bins (67 Hz) above whose mean a tone stands out
STANDS_OUT = 2.0  # times that mean


class HeldTones:
    """The share of the amplitude in spectral peaks that last for three frames (0.56 s) in a row."""

    def __init__(self) -> None:
        self._low, self._high = (round(hz * N_FFT_PITCH / RATE) for hz in (LOWEST, HIGHEST))
        self._before: Array = np.zeros((0, self._high - self._low), np.float32)
        self._held, self._all = 0.0, 0.0

    def add(self, power: Array) -> None:
        """Take the next power spectra [shape=(frames, N_FFT_PITCH / 2 + 1)]."""
        amplitude = np.sqrt(power[:, self._low : self._high])
        least = running(np.add, amplitude, AROUND, 1) * np.float32(STANDS_OUT / AROUND)
        peaks = np.maximum(amplitude - least, 0)
        peaks = np.concatenate((self._before, peaks))
        if len(peaks) > 2:
            near = running(np.maximum, peaks, 3, 1)  # a bin of drift from frame to frame is the same tone
            held = np.minimum(np.minimum(near[:-2], near[1:-1]), peaks[2:])
            self._held += float(held.sum(dtype=float))
            self._all += float(amplitude[-len(held) :].sum(dtype=float))
        self._before = peaks[-2:]

    def finish(self) -> float:
        """0 to 1."""
        return self._held / self._all if self._all > 0 else 0.0
