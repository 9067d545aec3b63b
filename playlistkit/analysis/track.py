"""One track as it is heard block by block, and the features that are made of it at its end."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.fft
import soxr

from playlistkit.analysis import key, loudness, scale, tempo
from playlistkit.analysis.filters import RATE, Array
from playlistkit.analysis.spectrum import FRAMES, Spectra, Spectrum
from playlistkit.analysis.voice import Patches, probability, vocals
from playlistkit.model import Curve, Features, Vocals

__all__ = ["Listener"]

Floats = npt.NDArray[np.float64]

SILENCE_DB = -60.0  # plain level of 100 ms, or 40 dB below the track's loudness where that is lower
SILENCE_BELOW = 40.0
SILENCE_LEAST = 0.3  # s; shorter gaps between sounds are articulation
EDGE = 30  # s at both ends
SHORTEST = 3.0  # s of sound, below which nothing is said of tempo, key, energy and timbre
SMOOTH = 5  # s of onsets that one value of the energy curve is made of
COEFFICIENTS = 12
# Standard deviations between calm tracks of each coefficient's mean and of its spread over time, so that each
# part of the vector counts alike and two arbitrary tracks differ by about 1.4 (root mean square).
TIMBRE_MEAN = (21.9, 13.8, 7.3, 8.6, 5.4, 7.1, 4.9, 5.2, 4.3, 4.4, 3.8, 2.9)
TIMBRE_SPREAD = (8.6, 4.4, 3.4, 3.2, 2.9, 2.5, 2.3, 2.3, 2.3, 2.3, 2.4, 2.1)


class Listener:
    """Takes the blocks of one track and gives its features.

    Parameters
    ----------
    rate : int
        Hz.
    channels : int
    voice : bool
        Whether to keep patches for the network.
    """

    def __init__(self, rate: int, channels: int, *, voice: bool) -> None:
        self.channels = channels
        self._meter = loudness.Meter(rate, channels)
        self._spectrum = Spectrum()
        self._resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32") if rate != RATE else None
        self._patches = Patches(rate) if voice else None

    def add(self, block: Array) -> None:
        """Take the next samples [shape=(channels, n)]."""
        if not math.isfinite(float(np.vdot(block, block))):
            block = np.clip(np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0), -1e3, 1e3)
        self._meter.add(block)
        mono = block[0]
        if self.channels > 1:
            mono = block[0] + block[1]
            for channel in block[2:]:
                mono += channel
            mono *= np.float32(1 / self.channels)
        if self._patches is not None:
            self._patches.add(mono)
        self._spectrum.add(self._resampler.resample_chunk(mono) if self._resampler else mono)

    def finish(self, hint: Vocals | None) -> Features:
        """The features; `hint` is what tags tell of the voice."""
        if self._resampler:
            self._spectrum.add(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        weighted, plain = self._meter.finish()
        spectra = self._spectrum.finish()
        likely = probability(self._patches.finish()) if self._patches is not None else None
        return features_of(weighted, plain, self._meter.peak.level, spectra, likely, hint)


def features_of(
    weighted: Floats,
    plain: Floats,
    true_peak: float | None,
    spectra: Spectra,
    likely: float | None,
    hint: Vocals | None,
) -> Features:
    """All features of what was gathered.

    Parameters
    ----------
    weighted, plain : np.ndarray [shape=(n,)]
        K-weighted and plain power of each 100 ms.
    true_peak : float or None
        DBTP.
    spectra : Spectra
    likely : float or None
        Probability of a voice.
    hint : Vocals or None
        What tags tell of the voice.
    """
    whole = loudness.integrated(weighted)
    curve = loudness.short_term(weighted) if len(weighted) else np.zeros(0)
    level = 10 * np.log10(np.maximum(plain, 1e-12))
    sounding = np.flatnonzero(level > min(SILENCE_DB, (whole or 0.0) - SILENCE_BELOW))
    said = vocals(likely, hint)
    if not len(sounding):
        length = len(level) * loudness.HOP
        return Features(silence_start=length, silence_end=length, vocals=said, vocals_probability=likely)
    first, last = int(sounding[0]), int(sounding[-1]) + 1
    gaps = (np.diff(sounding) - 1) * loudness.HOP
    start = slice(first, min(first + 10 * EDGE, last))
    end = slice(max(last - 10 * EDGE, first), last)
    measured = Features(
        loudness=whole,
        loudness_range=loudness.loudness_range(weighted),
        true_peak=true_peak,
        loudness_start=loudness.integrated(weighted[start]),
        loudness_end=loudness.integrated(weighted[end]),
        loudness_curve=Curve(np.maximum(curve, loudness.GATE_ABSOLUTE), 0.01),
        silence_start=round(first * loudness.HOP, 1),
        silence_end=round((len(level) - last) * loudness.HOP, 1),
        silence_inside=round(float(gaps[gaps >= SILENCE_LEAST].max(initial=0.0)), 1),
        fades=fades(curve_of_seconds(weighted[first:last])),
        swell=loudness.swell(curve, whole) if whole is not None else None,
        vocals=said,
        vocals_probability=likely,
    )
    if whole is None or (last - first) * loudness.HOP < SHORTEST:
        return measured
    return with_spectra(measured, spectra, curve, first, last)


def with_spectra(measured: Features, spectra: Spectra, curve: Floats, first: int, last: int) -> Features:
    """Add what the spectra tell.

    Parameters
    ----------
    measured : Features
        With loudness.
    spectra : Spectra
    curve : np.ndarray [shape=(seconds,)]
        Short-term loudness.
    first, last : int
        The hops of 100 ms between which the track sounds.
    """
    seconds = len(spectra.mel_db)
    inside = slice(first // 10, max(math.ceil(last / 10), first // 10 + 1))
    start = slice(inside.start, min(inside.start + EDGE, inside.stop))
    end = slice(max(inside.stop - EDGE, inside.start), inside.stop)
    sound = spectra.onset[inside.start * FRAMES : inside.stop * FRAMES]
    times = tempo.onset_times(spectra.onset)
    index = np.minimum(times.astype(int), seconds - 1)
    onsets = np.bincount(index, minlength=seconds).astype(float)[:seconds]
    frame_second = np.minimum(np.arange(len(spectra.onset)) // FRAMES, seconds - 1)
    strength = np.bincount(frame_second, spectra.onset, seconds) / np.bincount(
        frame_second, minlength=seconds
    )
    centroid = spectra.centroid.astype(float)
    if not np.isfinite(centroid[inside]).any():
        return measured

    def active(part: slice) -> float:
        return float(scale.activation(onsets[part].mean(), strength[part].mean()))

    def energy(level: float | None, part: slice) -> float | None:
        return (
            None if level is None else round(float(scale.combined(scale.intensity(level), active(part))), 4)
        )

    beat = tempo.pulse(sound)
    tonic = key.key(spectra.chroma)
    middle = float(np.exp(np.nanmean(np.log(centroid[inside]))))
    return replace(
        measured,
        tempo=beat.tempo if beat else None,
        tempo_alternative=beat.alternative if beat else None,
        pulse_clarity=beat.clarity if beat else None,
        energy=energy(measured.loudness, inside),
        activation=active(inside),
        intensity=float(scale.intensity(measured.loudness or 0.0)),
        brightness=scale.brightness(middle),
        percussiveness=scale.percussiveness(float(np.percentile(sound, 95))),
        key=tonic[0] if tonic else None,
        mode=tonic[1] if tonic else None,
        key_clarity=tonic[2] if tonic else None,
        onset_rate=float(onsets[inside].mean()),
        timbre=timbre(spectra.mel_db[inside]),
        timbre_start=timbre(spectra.mel_db[start]),
        timbre_end=timbre(spectra.mel_db[end]),
        energy_start=energy(measured.loudness_start, start),
        energy_end=energy(measured.loudness_end, end),
        energy_curve=Curve(energy_curve(curve, onsets, strength), 0.001),
    )


def energy_curve(curve: Floats, onsets: Floats, strength: Floats) -> Floats:
    """Energy of each second, from short-term loudness and the onsets of 5 s around it."""
    n = min(len(curve), len(onsets))

    def smooth(values: Floats) -> Floats:
        kernel = np.ones(SMOOTH)
        total, count = (
            np.convolve(each, kernel)[SMOOTH // 2 : SMOOTH // 2 + n] for each in (values[:n], np.ones(n))
        )
        return np.asarray(total / count)

    active = scale.activation(smooth(onsets), smooth(strength))
    return scale.combined(scale.intensity(curve[:n]), active)


def timbre(mel_db: Array) -> tuple[float, ...]:
    """Cepstral coefficients 1 to 12 of the mean spectrum and their spread, scaled.

    Parameters
    ----------
    mel_db : np.ndarray [shape=(seconds, 64)]
        Mean level of the mel bands in each second.
    """
    cepstrum = scipy.fft.dct(mel_db.astype(float), axis=1, norm="ortho")[:, 1 : COEFFICIENTS + 1]
    vector = np.concatenate((cepstrum.mean(axis=0) / TIMBRE_MEAN, cepstrum.std(axis=0) / TIMBRE_SPREAD))
    return tuple(float(value) for value in vector.round(4))


def curve_of_seconds(weighted: Floats) -> Floats:
    """Loudness of each whole second in LUFS, counted from the end."""
    whole = len(weighted) // 10 * 10
    return loudness.lufs(weighted[len(weighted) - whole :].reshape(-1, 10).mean(axis=1))


def fades(levels: Floats) -> bool | None:
    """Whether the last 10 s sink by 12 LU or more without rising again by over 3; `None` below 12 s.

    A last chord that rings out counts as a fade: for a join it is one.
    """
    if len(levels) < 12:
        return None
    last = levels[-10:]
    lowest = np.minimum.accumulate(last)
    return bool(last[0] - last[-1] >= 12 and (last - lowest).max() <= 3)
