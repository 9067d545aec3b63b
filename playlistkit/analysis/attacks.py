"""How much of the sound is short attacks of noise: drums, not the long decay of a piano or the ring of a bell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from playlistkit.analysis.filters import N_MELS, Array
from playlistkit.analysis.running import grouped, running

__all__ = ["GROUPS", "HIGH", "percussion", "transients"]

Floats = npt.NDArray[np.float64]

GROUPS = 16  # of four mel bands each
# First group in which attacks count, above 2.6 kHz: a piano has little there, drums and hi-hats have.
HIGH = 11
HIGH_MELS = HIGH * N_MELS // GROUPS
LONGEST = 9  # frames (0.2 s): what lasts longer isn't an attack
FAINTEST = 1e-12  # power of a band that counts as empty
QUIET_DB = 70.0  # below the loudest band so far; what is softer counts as that


def transients(bands: Array, loudest_db: float) -> Floats:
    """Sum short, noisy attacks, and everything that sounds, in each group of mel bands; in units of loudness.

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
        opening over `LONGEST` frames, that is, peaks narrower than that, times the square of the frame's spectral
        flatness above 2.6 kHz: a drum fills that range, a kalimba, a celesta or a music box only a few of its bands.
    """
    power = grouped(bands, GROUPS)
    level = np.sqrt(np.sqrt(np.maximum(power, np.float32(10 ** ((loudest_db - QUIET_DB) / 10)))))
    lasting = running(np.maximum, running(np.minimum, level, LONGEST, 0), LONGEST, 0)
    passing = flatness(bands[:, HIGH_MELS:]) ** 2 @ (level - lasting)
    return np.stack((passing.astype(float), level.sum(axis=0, dtype=float)))


def flatness(power: Array) -> Array:
    """Spectral flatness of each frame [shape=(frames,)] of powers [shape=(frames, bands)]: near 1 for noise, 0 for a tone.

    The geometric mean over the arithmetic one.
    """
    power = np.maximum(power, np.float32(FAINTEST))
    return np.asarray(np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1))


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
    return float(np.sqrt(sharpness / 10 * share))
