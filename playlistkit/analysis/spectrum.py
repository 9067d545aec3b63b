"""What the spectrum shows: onset strength, attacks, pitch and timbre, from mono at 11,025 Hz in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.attacks import GROUPS as ATTACK_GROUPS
from playlistkit.analysis.attacks import transients
from playlistkit.analysis.filters import FRAMES, HOP, N_FFT, N_FFT_PITCH, N_MELS, Array, filters
from playlistkit.analysis.key import DIVISIONS, pitches
from playlistkit.analysis.repetition import Repetition
from playlistkit.analysis.tempo import BANDS, Periodicity
from playlistkit.analysis.tonality import HeldTones

__all__ = ["Spectra", "Spectrum", "onset_strength"]

Floats = npt.NDArray[np.float64]

CHUNK = 8 * FRAMES  # frames that are measured at once
HOP_PITCH = N_FFT_PITCH // 2
SAMPLES_PITCH = 32 * N_FFT_PITCH  # samples whose pitches are looked for at once; affects speed, not results
FRAMES_PITCH = 16  # of these, frames that are transformed at once: they stay in the processor's cache
# The lower mel bands use no high bins and the upper ones no low bins, which saves half of the products.
LOW_BANDS, LOW_BINS, HIGH_BINS = 32, 133, 128
AMIN = 1e-10  # power that librosa's `power_to_db` takes for silence
TOP_DB = 80.0  # dB below the loudest band so far, beyond which a band is inaudible
GROUPS = (8, 12, 18, 26)  # mel bands: up to 330, 820 and 1,800 Hz, and above
# A band counts as empty so far below its frame's loudest band, or so far below the loudest of the track until then.
FULL_DB, HUSH_DB = 30.0, 60.0


@dataclass(frozen=True, slots=True)
class Spectra:
    """What `Spectrum` gathered."""

    onset: Array
    """Onset strength in dB, 45 values a second."""
    mel_db: Array
    """Mean level of 64 mel bands in each second [shape=(seconds, 64)]."""
    fullness: Array
    """Share of the mel bands that sound in each second, 0 to 1."""
    pitch: Array
    """Strength at each fine pitch class from C, summed by `playlistkit.analysis.key.pitches`."""
    passing: Floats
    """Short attacks, and everything that sounds, summed by `playlistkit.analysis.attacks.transients`."""
    held: float
    """Share of held tones, 0 to 1."""
    novelty: Array
    """How far each later second differs from the first ones, as `playlistkit.analysis.repetition.Repetition` gives it."""
    autocorrelation: Floats
    tempogram: Floats
    """Both of onset strength, as `playlistkit.analysis.tempo.Periodicity` gives them."""


class Spectrum:
    """Gathers the spectra of a mono signal.

    One transform of 93 ms every 22 ms gives mel bands. Another of 372 ms every 186 ms, which resolves semitones,
    gives pitch classes and held tones.
    """

    def __init__(self) -> None:
        self._window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
        self._window_pitch = np.hanning(N_FFT_PITCH + 1)[:-1].astype(np.float32)
        mel = filters("mel")
        self._low, self._high = mel[:LOW_BANDS, :LOW_BINS].T.copy(), mel[LOW_BANDS:, HIGH_BINS:].T.copy()
        self._rest: Array = np.zeros(N_FFT // 2, np.float32)  # centred, as librosa's frames are
        self._rest_pitch: Array = np.zeros(0, np.float32)
        self._last_db: Array | None = None
        self._loudest_db = -np.inf
        self._onset: list[Array] = []
        self._periodicity = Periodicity()
        self._mel_db: list[Array] = []
        self._fullness: list[Array] = []
        self._pitch = np.zeros(DIVISIONS)
        self._passing = np.zeros((2, ATTACK_GROUPS))
        self._held = HeldTones()
        self._repetition = Repetition()

    def add(self, samples: Array) -> None:
        """Take the next samples [shape=(n,)] at 11,025 Hz."""
        self._rest = np.concatenate((self._rest, samples))
        needed = (CHUNK - 1) * HOP + N_FFT
        while len(self._rest) >= needed:
            self._measure(self._rest[:needed])
            self._rest = self._rest[CHUNK * HOP :]
        self._rest_pitch = np.concatenate((self._rest_pitch, samples))
        if len(self._rest_pitch) >= SAMPLES_PITCH:
            self._measure_pitch()

    def finish(self) -> Spectra:
        """Everything gathered; the end is padded by half a frame."""
        rest = np.pad(self._rest, (0, N_FFT // 2))
        if len(rest) >= N_FFT:
            self._measure(rest)
        self._measure_pitch()
        mel_db = taken(self._mel_db)
        return Spectra(
            taken(self._onset),
            mel_db.reshape(-1, N_MELS),
            taken(self._fullness),
            self._pitch.astype(np.float32),
            self._passing,
            self._held.finish(),
            self._repetition.finish(),
            *self._periodicity.finish(),
        )

    def _measure(self, samples: Array) -> None:
        power = power_spectra(sliding_window_view(samples, N_FFT)[::HOP], self._window)
        bands = np.hstack((power[:, :LOW_BINS] @ self._low, power[:, HIGH_BINS:] @ self._high))
        db = 10 * np.log10(np.maximum(bands, AMIN))
        self._loudest_db = max(self._loudest_db, float(db.max()))
        np.maximum(db, self._loudest_db - TOP_DB, out=db)
        before = db[:1] if self._last_db is None else self._last_db
        strength = onset_strength(np.concatenate((before, db)))
        self._onset.append(strength[:, 0].copy())
        self._periodicity.add(strength)
        self._last_db = db[-1:]
        self._passing += transients(bands, self._loudest_db)
        self._repetition.add(bands)

        starts = np.arange(0, len(db), FRAMES)
        if len(db) - starts[-1] < FRAMES // 2 and len(starts) > 1:
            starts = starts[:-1]  # a last part of less than half a second belongs to the second before it
        counts = np.diff(np.append(starts, len(db)))[:, np.newaxis]
        self._mel_db.append((np.add.reduceat(db, starts, axis=0) / counts).astype(np.float32))
        empty = np.maximum(db.max(axis=1) - FULL_DB, self._loudest_db - HUSH_DB)[:, np.newaxis]
        full = np.add.reduceat((db > empty).mean(axis=1), starts) / counts[:, 0]
        self._fullness.append(full.astype(np.float32))

    def _measure_pitch(self) -> None:
        if len(self._rest_pitch) < N_FFT_PITCH:
            return
        frames = sliding_window_view(self._rest_pitch, N_FFT_PITCH)[::HOP_PITCH]
        power = np.empty((len(frames), N_FFT_PITCH // 2 + 1), np.float32)
        for first in range(0, len(frames), FRAMES_PITCH):
            some = slice(first, first + FRAMES_PITCH)
            power[some] = power_spectra(frames[some], self._window_pitch)
        self._pitch += pitches(power)
        self._held.add(power)
        self._rest_pitch = self._rest_pitch[len(frames) * HOP_PITCH :]


def power_spectra(frames: Array, window: Array) -> Array:
    """Power spectra [shape=(frames, n // 2 + 1)] of windowed frames [shape=(frames, n)]."""
    parts = scipy.fft.rfft(frames * window, axis=1).view(np.float32)  # real and imaginary ones in turn
    np.square(parts, out=parts)
    return np.asarray(parts[:, ::2] + parts[:, 1::2])


def taken(parts: list[Array]) -> Array:
    """Join all parts into one array and empty the list, so that a track of many hours isn't held twice."""
    whole = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    parts.clear()
    return whole


def onset_strength(mel_db: Array) -> Array:
    """Mean rise of mel bands from frame to frame, as `librosa.onset.onset_strength` defines it.

    Parameters
    ----------
    mel_db : np.ndarray [shape=(frames + 1, bands)]
        The first row is the frame before.

    Returns
    -------
    np.ndarray [shape=(frames, 5)]
        In dB: of all bands, then of four groups from low to high.
    """
    rise = np.diff(mel_db, axis=0)
    np.maximum(rise, 0, out=rise)
    return np.asarray(rise @ averages(), dtype=np.float32)


@cache
def averages() -> Array:
    """The matrix that averages over all mel bands and over each of `GROUPS` [shape=(64, 5)]."""
    groups = np.repeat(np.eye(BANDS), GROUPS, axis=0) / GROUPS
    return np.column_stack((np.full(N_MELS, 1 / N_MELS), groups)).astype(np.float32)
