"""The long-term average spectrum, from which brightness is computed.

It is taken at the native rate, since cymbals, bells and hiss lie above the 5.5 kHz that all other analysis needs. A few
short frames a second are enough for an average over a track.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.filters import Array

__all__ = ["LongTermSpectrum", "bark", "centroid", "height"]

Floats = npt.NDArray[np.float64]

FRAME, HOP = 0.0464, 0.25  # s
LOWEST, HIGHEST = 40.0, 16_000.0  # Hz; lossy codecs keep nothing above
BANDS = 48  # a band is 0.45 Bark wide


class LongTermSpectrum:
    """Sums the amplitude spectrum of a mono signal, four frames a second, in bands of the Bark scale.

    Amplitude rather than power, in which the loudest bass note would decide alone; and rather than its logarithm, in
    which hiss would.

    Parameters
    ----------
    rate : int
        Hz.
    """

    def __init__(self, rate: int) -> None:
        self._n = scipy.fft.next_fast_len(max(16, round(rate * FRAME)), real=True)
        self._hop = max(1, round(rate * HOP))
        self._window = np.hanning(self._n + 1)[:-1].astype(np.float32)
        frequencies = np.arange(self._n // 2 + 1) * rate / self._n
        self._within = (frequencies >= LOWEST) & (frequencies <= HIGHEST)
        self._band = np.searchsorted(edges(), bark(frequencies[self._within]), side="right") - 1
        self._rest: Array = np.zeros(0, np.float32)
        self._skip = 0  # samples until the next frame
        self._sum = np.zeros(int(self._within.sum()))
        self._frames = 0

    def add(self, samples: Array) -> None:
        """Take the next samples [shape=(n,)]."""
        if self._rest.size and len(samples) < self._n:
            samples = np.concatenate((self._rest, samples))
        elif self._rest.size:  # frames that began in the block before
            seam = np.concatenate((self._rest, samples[: self._n - 1]))
            self._skip = self._sum_up(seam) - len(self._rest)
        self._skip += self._sum_up(samples[self._skip :])
        gone = min(self._skip, len(samples))
        self._rest, self._skip = samples[gone:].copy(), self._skip - gone

    def _sum_up(self, samples: Array) -> int:
        """Take every frame that lies within; returns how far the one after them begins."""
        if len(samples) < self._n:
            return 0
        frames = sliding_window_view(samples, self._n)[:: self._hop]
        amplitude = np.abs(scipy.fft.rfft(frames * self._window, axis=1))[:, self._within]
        self._sum += amplitude.sum(axis=0, dtype=float)
        self._frames += len(frames)
        return len(frames) * self._hop

    def finish(self) -> Array:
        """Mean amplitude of each band [shape=(BANDS,)]."""
        total = np.bincount(self._band, self._sum, BANDS)
        return (total / max(self._frames, 1)).astype(np.float32)


def bark(frequencies: Floats) -> Floats:
    """Frequencies in Hz on the Bark scale (Traunmüller 1990) [shape as given]."""
    return np.asarray(26.81 * frequencies / (1960 + frequencies) - 0.53)


def edges() -> Floats:
    """Lower edges of the bands, in Bark [shape=(BANDS,)]."""
    low, high = bark(np.array([LOWEST, HIGHEST]))
    return np.linspace(low, high, BANDS, endpoint=False)


def centroid(spectrum: Floats) -> float | None:
    """The centroid of a long-term spectrum in Bark; `None` for silence.

    Parameters
    ----------
    spectrum : np.ndarray [shape=(BANDS,)]
        As `LongTermSpectrum` gives it.
    """
    total = float(spectrum.sum())
    return float(spectrum @ middles()) / total if total > 0 else None


def height(spectrum: Floats) -> float | None:
    """The cubic mean of a long-term spectrum in Bark, by which it is bright; `None` for silence.

    In a centroid, high notes with little above them weigh as much as low notes with cymbals above: a glockenspiel or a
    koto would be brighter than techno. As in sharpness (Fastl and Zwicker, "Psychoacoustics", 2007), the highest bands
    therefore count more.

    Parameters
    ----------
    spectrum : np.ndarray [shape=(BANDS,)]
        As `LongTermSpectrum` gives it.
    """
    total = float(spectrum.sum())
    return float(np.cbrt(spectrum @ middles() ** 3 / total)) if total > 0 else None


def middles() -> Floats:
    """Middles of the bands, in Bark [shape=(BANDS,)]."""
    lower = edges()
    return np.asarray(lower + (lower[1] - lower[0]) / 2)
