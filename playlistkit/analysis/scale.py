"""From measured units to our scales of 0 to 1: percentiles by fixed anchors, never ranks in a library.

Energy's anchors are published session playlists; those of activation, brightness and percussiveness were
measured on calm recorded music (docs/features.md says on which, and how).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

__all__ = ["activation", "brightness", "combined", "intensity", "percussiveness"]

Floats = npt.NDArray[np.float64]
NORMAL = NormalDist()

PERCENTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)

# Percentiles among the 382 tracks of eight published session playlists; the outermost values end the scale.
LOUDNESS = (-60.0, -34.0, -26.0, -21.0, -17.0, -14.0, -11.0, -9.0, -5.0)  # LUFS

# Percentiles among 29 calm recorded tracks (docs/features.md); the outermost values end the scale.
CENTROID = (60.0, 120.0, 265.0, 395.0, 500.0, 660.0, 870.0, 1800.0, 4000.0)  # Hz
SHARPNESS = (0.5, 1.3, 2.3, 2.9, 4.3, 6.3, 7.6, 8.4, 13.0)  # dB
ACTIVATION = (0.0, 1.15, 1.6, 2.15, 2.5, 2.8, 2.85, 2.9, 3.8)  # weighted sum, below

WEIGHT_FULLNESS = 1.5

# Between the 0.4 that Spotify's energy over the session playlists gives to loudness (against centroid and flux)
# and the 0.2 that labels of arousal give it among pieces of one instrument, which understate it as a cue.
SHARE = 0.35
CORRELATION = 0.4  # of the two parts: how much narrower their weighted sum would be without it


def percentile(value: float | Floats, anchors: tuple[float, ...]) -> Floats:
    """Where values lie among anchors of the `PERCENTILES`, straight lines between."""
    return np.asarray(np.interp(value, anchors, PERCENTILES))


def intensity(loudness: float | Floats) -> Floats:
    """The part of energy that loudness in LUFS carries."""
    return percentile(loudness, LOUDNESS)


def activation(onset_rate: float | Floats, fullness: float | Floats) -> Floats:
    """The part of energy that doesn't depend on level: how much begins, and how full the spectrum is.

    Parameters
    ----------
    onset_rate : float or np.ndarray
        Onsets a second.
    fullness : float or np.ndarray
        Share of the mel bands that sound, 0 to 1.
    """
    return percentile(activity(onset_rate, fullness), ACTIVATION)


def activity(onset_rate: float | Floats, fullness: float | Floats) -> Floats:
    """What activation is the percentile of."""
    return np.asarray(np.log1p(onset_rate) + WEIGHT_FULLNESS * np.asarray(fullness))


def combined(intense: float | Floats, active: float | Floats) -> Floats:
    """Energy: the percentile of the weighted sum of intensity and activation as normal deviates."""
    spread = np.sqrt(SHARE**2 + (1 - SHARE) ** 2 + 2 * SHARE * (1 - SHARE) * CORRELATION)
    deviate = (SHARE * deviates(intense) + (1 - SHARE) * deviates(active)) / spread
    return np.asarray(np.vectorize(NORMAL.cdf, otypes=[float])(deviate))


def deviates(percentiles: float | Floats) -> Floats:
    """Normal deviates of percentiles; 0.001 and 0.999 are the ends."""
    return np.asarray(np.vectorize(NORMAL.inv_cdf, otypes=[float])(np.clip(percentiles, 0.001, 0.999)))


def brightness(centroid: float) -> float:
    """Percentile of a spectral centroid in Hz."""
    return float(percentile(np.log(centroid), tuple(np.log(CENTROID))))


def percussiveness(sharpness: float) -> float:
    """Percentile of the onset strength that a twentieth of the time exceeds, in dB."""
    return float(percentile(sharpness, SHARPNESS))
