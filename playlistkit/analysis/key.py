"""Key and mode: the tonal profile that the piece's pitch classes correlate with best."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from playlistkit.analysis.filters import N_FFT_PITCH, RATE, Array

__all__ = ["DIVISIONS", "TONICS", "key", "pitches"]

Floats = npt.NDArray[np.float64]

TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

# Albrecht and Shanahan, "The use of large corpora to train a new type of key-finding algorithm" (Music
# Perception 31, 2013): how often each degree sounds. Unlike Temperley's, the seventh of minor may be low.
MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
CLEAR = 0.15  # lead in correlation over the best unrelated key at which clarity is 1

STEPS = 10  # of a semitone, so that the tuning shows
DIVISIONS = 12 * STEPS  # of an octave
LOWEST, HIGHEST = 55.0, 2000.0  # Hz; above, most peaks are overtones, thirds and fifths of what is played
C4 = 261.6256  # Hz, where A4 is 440
SILENT = 1e-3  # strongest power of a frame below which it has no pitch
FAINT = 1e-5  # of a frame's strongest peak; what is softer adds nothing
AMIN = 1e-12


def pitches(power: Array) -> Array:
    """The strength of spectral peaks at each pitch class, summed over frames whose strongest peak is scaled to 1.

    Every frame counts alike, so that one loud chord doesn't decide a piece's key.

    Parameters
    ----------
    power : np.ndarray [shape=(frames, N_FFT_PITCH / 2 + 1)]
        Power spectra at `RATE`.

    Returns
    -------
    np.ndarray [shape=(DIVISIONS,)]
        From C upwards.
    """
    low, high = (round(hz * N_FFT_PITCH / RATE) for hz in (LOWEST, HIGHEST))
    power = power[power.max(axis=1) > SILENT, low - 1 : high + 1]
    below, at, above = power[:, :-2], power[:, 1:-1], power[:, 2:]
    strongest = at.max(axis=1, initial=AMIN, keepdims=True)
    peaks = np.flatnonzero((at > below) & (at >= above) & (at > FAINT * strongest))
    frames, bins = np.divmod(peaks, at.shape[1])
    # a window's main lobe is nearly a parabola in dB
    left, top, right = (np.log(np.maximum(each[frames, bins], AMIN)) for each in (below, at, above))
    offset = (left - right) / (2 * np.minimum(left - 2 * top + right, -AMIN))
    hz = (bins + low + offset) * (RATE / N_FFT_PITCH)
    classes = np.round(DIVISIONS * np.log2(hz / C4)).astype(int) % DIVISIONS
    return np.bincount(classes, at[frames, bins] / strongest.ravel()[frames], DIVISIONS).astype(np.float32)


def chroma(pitch: Floats) -> Floats:
    """Fine pitch classes as twelve semitones, in the tuning that the pitches themselves suggest.

    Parameters
    ----------
    pitch : np.ndarray [shape=(DIVISIONS,)]
        As `pitches` gives it.

    Returns
    -------
    np.ndarray [shape=(12,)]
    """
    semitones = np.arange(DIVISIONS) / STEPS
    tuning = np.angle(pitch @ np.exp(2j * np.pi * semitones)) / (2 * np.pi)
    nearest = np.round(semitones - tuning).astype(int) % 12
    return np.bincount(nearest, pitch, 12).astype(float)


def key(pitch: Floats) -> tuple[str, str, float] | None:
    """Tonic, mode and clarity; `None` if there is no pitch at all.

    Parameters
    ----------
    pitch : np.ndarray [shape=(DIVISIONS,)]
        As `pitches` gives it.
    """
    semitones = np.sqrt(chroma(pitch))  # a bass that doubles the root, or a melody, weighs less
    if not semitones.any() or semitones.std() < 1e-3 * semitones.mean():
        return None
    profiles = np.array([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    fits = np.corrcoef(semitones, profiles)[0, 1:]
    best = int(fits.argmax())
    others = np.delete(fits, best)
    clarity = float(np.clip(max(fits[best], 0) * (fits[best] - np.sort(others)[-1]) / CLEAR, 0, 1))
    return TONICS[best % 12], ("major", "minor")[best // 12], clarity
