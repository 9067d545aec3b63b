"""Whether anybody sings or speaks, by the network of musicnn on a few patches of the track."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.filters import VOICE_FFT, VOICE_RATE, Array, filters
from playlistkit.analysis.musicnn import FRAMES, voice_network
from playlistkit.model import Vocals

__all__ = ["PATCHES", "Patches", "odds", "probability", "vocals"]

Floats = npt.NDArray[np.float64]

HOP = 256
SAMPLES = (FRAMES - 1) * HOP + VOICE_FFT  # of VOICE_RATE: 3 s
PATCHES = 12  # at least, in a track long enough; less than twice as many at most
QUIET = 1e-3  # root mean square below which a patch holds no music

# From the patches' mean odds to the log odds of a voice, fitted on labelled recordings (docs/features.md).
WEIGHT, BIAS = 1.26, -0.23
NONE_AT_MOST, VOICE_AT_LEAST = 0.35, 0.6  # probabilities; between them it isn't known


class Patches:
    """Keeps 3 s every so often, in bounded memory and without knowing how long the track will be.

    Whenever twice as many as needed are kept, every other is dropped and the distance doubled.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._length = math.ceil(SAMPLES * rate / VOICE_RATE) + 1
        self._distance = 2 * self._length
        self._next = self._length // 2  # where the next patch begins
        self._position = 0
        self._open: list[Array] | None = None
        self._kept: list[Array] = []

    def add(self, mono: Array) -> None:
        """Take the next samples [shape=(n,)] at the native rate."""
        end = self._position + len(mono)
        while self._next < end:
            start = max(self._next, self._position) - self._position
            missing = self._length - sum(map(len, self._open or ()))
            part = mono[start : start + missing]
            self._open = [*(self._open or ()), part.copy()]
            if len(part) < missing:
                break
            self._keep(np.concatenate(self._open))
            self._open = None
            self._next += self._distance
        self._position = end

    def _keep(self, patch: Array) -> None:
        self._kept.append(patch)
        if len(self._kept) == 2 * PATCHES:
            self._kept = self._kept[::2]
            self._next -= self._distance  # the one just kept was dropped again
            self._distance *= 2

    def finish(self) -> list[Array]:
        """The patches [shape=(48128,)] at 16 kHz, evenly spread, those without sound left out."""
        import soxr

        heard = [patch for patch in self._kept if float(np.sqrt(np.mean(patch**2))) > QUIET]
        return [soxr.resample(patch, self._rate, VOICE_RATE)[:SAMPLES] for patch in heard]


def odds(patches: list[Array]) -> Floats:
    """The network's log odds of a voice in each patch."""
    # one patch at a time: all at once are no faster and take more memory
    return np.array([voice_network().log_odds(melgram(patch)) for patch in patches])


def probability(odds: Floats) -> float | None:
    """How likely there is a voice, 0 to 1, from the log odds of patches; `None` without any."""
    if not len(odds):
        return None
    return 1 / (1 + math.exp(-(WEIGHT * overall(odds) + BIAS)))


def overall(odds: Floats) -> float:
    """Log of the patches' mean odds: a voice in a part of the track isn't averaged away."""
    return float(np.logaddexp.reduce(odds)) - math.log(len(odds))


def melgram(patch: Array) -> Array:
    """What the network sees of a patch [shape=(48128,)]: log mel spectrogram [shape=(187, 96)]."""
    patch = np.pad(patch, (0, max(0, SAMPLES - len(patch))))
    window = np.hanning(VOICE_FFT + 1)[:-1].astype(np.float32)
    spectrum = scipy.fft.rfft(sliding_window_view(patch, VOICE_FFT)[::HOP] * window, axis=1)
    mel = (spectrum.real**2 + spectrum.imag**2) @ filters("voice").T
    return np.asarray(np.log10(10_000 * mel + 1), dtype=np.float32)


def vocals(likely: float | None, hint: Vocals | None) -> Vocals:
    """What is said of the voice, from the network and the tags.

    Parameters
    ----------
    likely : float or None
        Probability that there is a voice.
    hint : Vocals or None
        What tags tell.

    Returns
    -------
    Vocals
        The tags' word, unless the network is sure of the opposite: then "unknown". The network can't tell
        words from none: a voice that no tag calls wordless counts as "words", the stricter of the two.
    """
    if likely is None:
        return hint or "unknown"
    if hint == "none":
        return "none" if likely < VOICE_AT_LEAST else "unknown"
    if hint in ("words", "wordless"):
        return hint
    if likely >= VOICE_AT_LEAST:
        return "words"
    return "none" if likely <= NONE_AT_MOST else "unknown"
