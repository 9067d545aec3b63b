"""One track, heard block by block, and the features computed at its end."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.fft
import soxr

from playlistkit.analysis import loudness
from playlistkit.analysis.edges import EDGE, fades
from playlistkit.analysis.filters import FRAMES, RATE, Array
from playlistkit.analysis.longterm import LongTermSpectrum
from playlistkit.analysis.lowlevel import LowLevel
from playlistkit.analysis.meter import HOP, Meter
from playlistkit.analysis.onsets import onset_times
from playlistkit.analysis.spectrum import Spectra, Spectrum
from playlistkit.analysis.windows import NOTHING, Sounds, Windows
from playlistkit.model import Curve, Features

__all__ = ["Listener"]

Floats = npt.NDArray[np.float64]

SILENCE_DB = -60.0  # plain level of 100 ms, or 40 dB below the track's loudness where that is lower
SILENCE_BELOW = 40.0
SILENCE_LEAST = 0.3  # s; shorter gaps between sounds are articulation
LOUDEST = 1e3  # full scale is 1; what is louder, NaN and infinity count as silence
CANCELLED = 0.01  # share of the power of two channels that remains in their mean
SHORTEST = 3.0  # s of sound; with less, tempo, key, energy and timbre are left unknown
COEFFICIENTS = 12
# Standard deviations between calm tracks of each coefficient's mean and of its spread over time, so that each
# part of the vector counts alike and two arbitrary tracks differ by about 1.4 (root mean square).
TIMBRE_MEAN = (21.9, 13.8, 7.3, 8.6, 5.4, 7.1, 4.9, 5.2, 4.3, 4.4, 3.8, 2.9)
TIMBRE_SPREAD = (8.6, 4.4, 3.4, 3.2, 2.9, 2.5, 2.3, 2.3, 2.3, 2.3, 2.4, 2.1)


class Listener:
    """Takes the blocks of one track and gives its levels, timbre and low-level descriptors.

    Parameters
    ----------
    rate : int
        Hz.
    channels : int
    voice : bool
        Whether to run the network.
    """

    def __init__(self, rate: int, channels: int, *, voice: bool) -> None:
        self.channels = channels
        self._meter = Meter(rate, channels)
        self._spectrum = Spectrum()
        self._long_term = LongTermSpectrum(rate)
        self._resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32") if rate != RATE else None
        self._windows = Windows(rate) if voice else None

    def add(self, block: Array) -> None:
        """Take the next samples [shape=(channels, n)]."""
        power = float(np.vdot(block, block))
        if not math.isfinite(power):
            block = np.where(np.abs(block) <= LOUDEST, block, np.float32(0))  # False for NaN
            power = float(np.vdot(block, block))
        self._meter.add(block)
        mono = mixed_down(block, power)
        if self._windows is not None:
            self._windows.add(mono if self.channels > 1 else mono.copy())  # a block belongs to the caller
        self._long_term.add(mono)
        self._spectrum.add(self._resampler.resample_chunk(mono) if self._resampler else mono)

    def finish(self) -> tuple[Features, LowLevel]:
        """Loudness and silence, and the descriptors from which `interpret` computes the rest."""
        if self._resampler:
            self._spectrum.add(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        heard = self._windows.finish() if self._windows is not None else NOTHING
        weighted, plain = self._meter.finish()
        spectra = self._spectrum.finish()
        measured, sounding = levels(weighted, plain, self._meter.peak.level)
        if measured.loudness is None or sounding[1] - sounding[0] < SHORTEST:
            return measured, LowLevel(**heard._asdict())
        described = describe(spectra, self._long_term.finish(), heard, *sounding)
        return (with_timbre(measured, spectra, described) if described.sounds else measured), described


def mixed_down(block: Array, power: float) -> Array:
    """The mean of the channels [shape=(channels, n)], of which `power` is the sum of squares [shape=(n,)]."""
    mono: Array = block[0]
    if len(block) == 1:
        return mono
    mono = block[0] + block[1]
    for channel in block[2:]:
        mono += channel
    mono *= np.float32(1 / len(block))
    # channels of opposite polarity can be heard from two speakers, and cancel in their sum
    if len(block) == 2 and np.vdot(mono, mono) < CANCELLED * power / 2:
        mono = (block[0] - block[1]) / 2
    return mono


def levels(weighted: Floats, plain: Floats, true_peak: float | None) -> tuple[Features, tuple[float, float]]:
    """Loudness and silence, and the seconds from which and to which the track sounds.

    Parameters
    ----------
    weighted, plain : np.ndarray [shape=(n,)]
        K-weighted and plain power of each 100 ms.
    true_peak : float or None
        DBTP.
    """
    whole = loudness.integrated(weighted)
    level = 10 * np.log10(np.maximum(plain, 1e-12))
    sounding = np.flatnonzero(level > min(SILENCE_DB, (whole or 0.0) - SILENCE_BELOW))
    if not len(sounding):
        length = len(level) * HOP
        return Features(silence_start=length, silence_end=length), (0.0, 0.0)
    first, last = int(sounding[0]), int(sounding[-1]) + 1
    gaps = (np.diff(sounding) - 1) * HOP
    longest = int(gaps.argmax()) if gaps.max(initial=0.0) >= SILENCE_LEAST else None
    curve = loudness.short_term(weighted)
    jolt = loudness.jolt(weighted[first:last], whole) if whole is not None else None
    measured = Features(
        loudness=whole,
        loudness_range=loudness.loudness_range(weighted),
        true_peak=true_peak,
        loudness_start=loudness.integrated(weighted[first : min(first + 10 * EDGE, last)]),
        loudness_end=loudness.integrated(weighted[max(last - 10 * EDGE, first) : last]),
        loudness_curve=Curve(np.maximum(curve, loudness.GATE_ABSOLUTE), 0.01),
        silence_start=round(first * HOP, 1),
        silence_end=round((len(level) - last) * HOP, 1),
        silence_inside=0.0 if longest is None else round(float(gaps[longest]), 1),
        silence_inside_at=None if longest is None else round((sounding[longest] + 1) * HOP, 1),
        fades=fades(curve_of_seconds(weighted[first:last])),
        swell=loudness.swell(curve, whole) if whole is not None else None,
        jolt=jolt[0] if jolt else None,
        jolt_at=round(first * HOP + jolt[1], 1) if jolt else None,
    )
    return measured, (first * HOP, last * HOP)


def describe(spectra: Spectra, long_term: Array, heard: Sounds, first: float, last: float) -> LowLevel:
    """The descriptors of a track that sounds from second `first` to `last`."""
    seconds = len(spectra.mel_db)
    inside = slice(int(first), max(math.ceil(last), int(first) + 1))
    if not long_term.any():
        return LowLevel(**heard._asdict())
    sound = spectra.onset[inside.start * FRAMES : inside.stop * FRAMES]
    index = np.minimum(onset_times(spectra.onset).astype(int), seconds - 1)
    return LowLevel(
        sounding=np.array([inside.start, inside.stop]),
        onsets=np.bincount(index, minlength=seconds).astype(float),
        fullness=spectra.fullness.astype(float),
        sharpness=np.percentile(sound, [99]),
        passing=spectra.passing,
        spectrum=long_term.astype(float),
        held=np.array([spectra.held]),
        novelty=spectra.novelty.astype(float),
        pitch=spectra.pitch.astype(float),
        autocorrelation=spectra.autocorrelation,
        tempogram=spectra.tempogram,
        **heard._asdict(),
    )


def with_timbre(measured: Features, spectra: Spectra, low: LowLevel) -> Features:
    """Add the timbre of the whole and of both ends."""
    first, last = (int(second) for second in low.sounding)
    return replace(
        measured,
        timbre=timbre(spectra.mel_db[first:last]),
        timbre_start=timbre(spectra.mel_db[first : min(first + EDGE, last)]),
        timbre_end=timbre(spectra.mel_db[max(last - EDGE, first) : last]),
    )


def timbre(mel_db: Array) -> tuple[float, ...]:
    """Cepstral coefficients 1 to 12 of the mean spectrum and their spread, scaled.

    Parameters
    ----------
    mel_db : np.ndarray [shape=(seconds, 64)]
        Mean level of the mel bands in each second.
    """
    cepstrum = scipy.fft.dct(mel_db, axis=1, norm="ortho")[:, 1 : COEFFICIENTS + 1]
    vector = np.concatenate((cepstrum.mean(axis=0) / TIMBRE_MEAN, cepstrum.std(axis=0) / TIMBRE_SPREAD))
    return tuple(float(value) for value in vector.round(4))


def curve_of_seconds(weighted: Floats) -> Floats:
    """Loudness of each whole second in LUFS, counted from the end."""
    whole = len(weighted) // 10 * 10
    return loudness.lufs(weighted[len(weighted) - whole :].reshape(-1, 10).mean(axis=1))
