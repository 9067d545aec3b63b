"""How much of the sound is short attacks: drums, not the long decay of a piano."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from playlistkit.analysis.filters import N_MELS, Array

__all__ = ["GROUPS", "HIGH", "percussion", "transients"]

Floats = npt.NDArray[np.float64]

GROUPS = 16  # of four mel bands each
HIGH = (
    11  # first group, above 2.6 kHz, in which attacks count: a piano has little there, drums and hi-hats have
)
LONGEST = 9  # frames (0.2 s): what lasts longer isn't an attack
QUIET_DB = 70.0  # below the loudest band so far; what is softer counts as that


def transients(bands: Array, loudest_db: float) -> Floats:
    """Short attacks in each group of mel bands, and everything that sounds there, in units of loudness.

    Parameters
    ----------
    bands : np.ndarray [shape=(frames, 64)]
        Power of the mel bands.
    loudest_db : float
        Level of the loudest band so far.

    Returns
    -------
    np.ndarray [shape=(2, GROUPS)]
        Sums over frames of the fourth root of power. The first row sums what rises above its own morphological
        opening over `LONGEST` frames, that is, peaks narrower than that.
    """
    power = bands.reshape(len(bands), GROUPS, N_MELS // GROUPS).sum(axis=2)
    level = np.sqrt(np.sqrt(np.maximum(power, np.float32(10 ** ((loudest_db - QUIET_DB) / 10)))))
    lasting = maximum_filter1d(minimum_filter1d(level, LONGEST, axis=0), LONGEST, axis=0)
    return np.stack(((level - lasting).sum(axis=0, dtype=float), level.sum(axis=0, dtype=float)))


def percussion(sharpness: float, passing: Floats) -> float:
    """Geometric mean of how sharp attacks are, over 10 dB, and their share of the sound.

    Parameters
    ----------
    sharpness : float
        Onset strength in dB that a hundredth of the time exceeds.
    passing : np.ndarray [shape=(2, GROUPS)]
        As `transients` gives it.
    """
    share = float(passing[0, HIGH:].sum() / max(passing[1].sum(), 1e-9))
    return float(np.sqrt(max(sharpness, 0) / 10 * max(share, 0)))
