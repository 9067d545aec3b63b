"""Key and mode: the tonal profile that the piece's chroma correlates with best."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["TONICS", "key"]

Floats = npt.NDArray[np.float64]

TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

# Temperley's revision of Krumhansl's profiles ("Music and Probability", 2007): how often each degree sounds.
MAJOR = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
MINOR = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330)
CLEAR = 0.15  # lead in correlation over the best unrelated key at which clarity is 1


def key(chroma: Floats) -> tuple[str, str, float] | None:
    """Tonic, mode and clarity; `None` if there is no pitch at all.

    Parameters
    ----------
    chroma : np.ndarray [shape=(12,)]
        Mean energy of the pitch classes, from C.
    """
    if not chroma.any() or chroma.std() < 1e-3 * chroma.mean():
        return None
    profiles = np.array([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    fits = np.array([np.corrcoef(chroma, profile)[0, 1] for profile in profiles])
    best = int(fits.argmax())
    others = np.delete(fits, best)
    clarity = float(np.clip(max(fits[best], 0) * (fits[best] - np.sort(others)[-1]) / CLEAR, 0, 1))
    return TONICS[best % 12], ("major", "minor")[best // 12], clarity
