"""Tempo and pulse clarity from onset strength: how well each tempo explains the times of onsets.

First rubato is undone (`playlistkit.analysis.rubato`). Autocorrelation is high at a beat and its multiples, a Fourier
tempogram at a beat and its parts; together they single out the beat (Peeters 2007, "Template-based estimation of
time-varying tempo"). One small network scores each tempo from 40 to 220 BPM: it sees both at simple ratios of the
beat, and which tempi are usual in music this busy. `benchmarks/fit_tempo.py` fitted it to pieces of known tempo, as a
conditional logit (McFadden 1974).

Where attacks are soft (bowed strings, choirs, much reverberation), onset strength swells instead of jumping, and the
network, which mostly learned struck and plucked notes, often reads half the tempo. The softer they are, the more the
tempo that people usually tap decides the octave (`preference`). If not even every other beat of a fast tempo is
played, nobody taps it: the tempo is then half of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.bundled import stored
from playlistkit.analysis.filters import FRAMES, Array
from playlistkit.analysis.rubato import evened

__all__ = [
    "FAMILY",
    "LAGS",
    "RATES",
    "TEMPI",
    "Network",
    "Periodicity",
    "Pulse",
    "evidence",
    "network",
    "preference",
    "pulse",
]

Floats = npt.NDArray[np.float64]

BANDS = 4
WINDOW = 8 * FRAMES  # frames
PART, LEAST = 600 * FRAMES, 60 * FRAMES  # frames that are measured at once, and at least
STEPS_HZ, STEPS = 32, 480  # of the tempogram: so many per hertz, up to 15 Hz
TEMPI = np.geomspace(40, 220, 240)  # BPM
BEATS = 60 * FRAMES / TEMPI  # frames
USUAL = 110.0  # BPM
FAMILY = (1 / 3, 1 / 2, 1, 2, 3)  # tempi that share a pulse
LAGS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4)  # beats of the autocorrelation
RATES = (1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3, 4)  # events a beat of the tempogram
CLEAR = 0.75  # mean autocorrelation after 1, 2 and 4 beats of a metronome
FAINT = 0.1  # dB; where onset strength varies less, nothing begins: the calmest real music has 0.2
SOFT_LAG = 2  # frames (44 ms): the softer the attacks, the higher the autocorrelation there
SOFT = (0.05, 0.3)  # that autocorrelation where attacks are hard, and where they are soft
TAPPED, BOUND = 115.0, 6.0  # BPM that people tap to; what a squared octave off it costs if attacks are soft
SLOW, DOUBT = 80.0, 1.0  # BPM below which any tempo is doubted; what a squared octave below it costs
HASTY, SPARSE = 140.0, 0.5  # from this BPM on, fewer onsets a beat mean that people tap half of it
SURE = 5.0  # lead in score, a log likelihood ratio, over every tempo outside the family


@dataclass(frozen=True, slots=True)
class Pulse:
    """A tempo, and how much to trust it."""

    tempo: float
    """BPM."""
    alternative: float | None
    """BPM at the other octave."""
    clarity: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Network:
    """Scores evidence: a weighted sum of it, plus one of hidden units."""

    direct: Floats
    """Weights of the evidence [shape=(55,)]."""
    hidden: Floats
    """Weights of the evidence in each hidden unit [shape=(55, units)]."""
    bias: Floats
    """Of each hidden unit [shape=(units,)]."""
    outer: Floats
    """Weights of the hidden units [shape=(units,)]."""

    def score(self, found: Floats) -> Floats:
        """The log likelihood of each tempo, up to a constant [shape=(..., 240)]."""
        return np.asarray(found @ self.direct + np.tanh(found @ self.hidden + self.bias) @ self.outer)


@cache
def network() -> Network:
    """As `benchmarks/fit_tempo.py` fitted it."""
    return Network(**stored("tempo"))


def pulse(
    autocorrelation: Floats, tempogram: Floats, onset_rate: float, *, by: Network | None = None
) -> Pulse | None:
    """The felt tempo; `None` if there was nothing to correlate.

    Parameters
    ----------
    autocorrelation : np.ndarray [shape=(4, lags)]
    tempogram : np.ndarray [shape=(rates,)]
        Both as `Periodicity` gives them.
    onset_rate : float
        Onsets a second.
    by : Network, optional
        Another one than `network()`.
    """
    if not autocorrelation.size:
        return None
    mean = autocorrelation[0]
    score = (by or network()).score(evidence(autocorrelation, tempogram, onset_rate)) + preference(mean)
    best = int(score.argmax())
    tempo = refine(mean, float(BEATS[best]))
    doubled, halved = np.interp((2 * tempo, tempo / 2), TEMPI, score, left=-np.inf, right=-np.inf)
    alternative = None if doubled == halved else 2 * tempo if doubled > halved else tempo / 2
    if tempo >= HASTY and onset_rate < SPARSE * tempo / 60:
        tempo, alternative = tempo / 2, tempo
    steady = max(steadiness(mean, each) for each in (tempo, tempo / 2))
    family = np.any([abs(TEMPI / TEMPI[best] / each - 1) < 0.05 for each in FAMILY], axis=0)
    lead = float(score[family].max() - score[~family].max())
    clarity = np.clip(steady / CLEAR, 0, 1) * np.clip(lead / SURE, 0, 1)
    return Pulse(tempo, alternative, float(clarity))


def preference(mean: Floats) -> Floats:
    """Which tempi are usual, as log likelihoods of `TEMPI` [shape=(240,)].

    Few are slower than 80 BPM. The softer the attacks, the less the curves say about the octave, and the more it counts
    how far a tempo is from the one that people like to tap (Moelants 2002, "Preferred tempo reconsidered").

    Parameters
    ----------
    mean : np.ndarray [shape=(lags,)]
        Autocorrelation of onset strength; high at once where attacks are soft.
    """
    least, most = SOFT
    softness = np.clip((mean[SOFT_LAG] - least) / (most - least), 0, 1)
    slow = np.maximum(np.log2(SLOW / TEMPI), 0)
    return np.asarray(-DOUBT * slow**2 - BOUND * softness * np.log2(TEMPI / TAPPED) ** 2)


def evidence(autocorrelation: Floats, tempogram: Floats, onset_rate: float) -> Floats:
    """The evidence for each of `TEMPI` [shape=(240, 55)]; parameters as in `pulse`.

    Autocorrelation at `LAGS` (of onset strength, of the mean over four bands, of the lowest band, below 330 Hz, and of
    the highest, above 1.8 kHz), tempogram at `RATES`, log2(tempo / 110), its square, and its product with the log of
    onset rate.
    """
    lags, rates = np.arange(WINDOW), np.arange(STEPS) / STEPS_HZ
    octaves = np.log2(TEMPI / USUAL)
    features = [np.interp(lag * BEATS, lags, each) for each in autocorrelation for lag in LAGS]
    features += [np.interp(rate * TEMPI / 60, rates, tempogram) for rate in RATES]
    features += [octaves, octaves**2, octaves * np.log(onset_rate + 0.3)]
    return np.stack(features, axis=1)


class Periodicity:
    """Gathers the mean autocorrelation and Fourier tempogram of evened onset strength, in half-overlapping windows of 8 s.

    Ten minutes are evened and transformed at once, so that memory doesn't grow with the track.
    """

    def __init__(self) -> None:
        self._parts: list[Array] = []
        self._frames = 0
        self._squared, self._magnitude, self._n = np.zeros((1 + BANDS, WINDOW + 1)), np.zeros(STEPS), 0
        self._hann = np.hanning(WINDOW).astype(np.float32)

    def add(self, strength: Array) -> None:
        """Take the next frames.

        Parameters
        ----------
        strength : np.ndarray [shape=(frames, 5)]
            Onset strength of all bands, then of four from low to high, 45 values a second.
        """
        self._parts.append(strength)
        self._frames += len(strength)
        while self._frames >= PART + LEAST:
            whole = np.concatenate(self._parts)
            self._measure(whole[:PART])
            self._parts = [whole[PART:]]
            self._frames -= PART

    def finish(self) -> tuple[Floats, Floats]:
        """What was gathered.

        Returns
        -------
        autocorrelation : np.ndarray [shape=(4, frames of 8 s)]
            Of onset strength, the mean of the four bands' own, the lowest and the highest band's; 1 at lag 0,
            corrected for the shrinking overlap.
        tempogram : np.ndarray [shape=(480,)]
            Magnitude of the spectrum of onset strength in steps of 1/32 Hz, over its standard deviation; a
            sinusoid has 0.7. Both are empty below 4 s, and where nothing ever begins.
        """
        if self._frames >= WINDOW // 2:
            self._measure(np.concatenate(self._parts))
        if not self._n:
            return np.zeros((0, 0)), np.zeros(0)
        lagged = scipy.fft.irfft(self._squared / self._n, axis=1)[:, :WINDOW]
        lagged /= np.maximum(1 - np.arange(WINDOW) / WINDOW, 0.25)
        autocorrelation = np.stack((lagged[0], lagged[1:].mean(axis=0), lagged[1], lagged[-1]))
        return autocorrelation, self._magnitude * 2 / self._n / np.sqrt(WINDOW)

    def _measure(self, strength: Array) -> None:
        """Add all of its complete windows."""
        even = evened(strength.T)
        even = np.pad(even, ((0, 0), (0, max(0, WINDOW - even.shape[1]))))
        windows = sliding_window_view(even, WINDOW, axis=1)[:, :: WINDOW // 2]
        windows = windows - windows.mean(axis=2, keepdims=True)
        power = np.square(windows).sum(axis=2, keepdims=True)
        moving = power[0].ravel() > WINDOW * FAINT**2
        windows, power = windows[:, moving], np.maximum(power[:, moving], 1e-9)
        spectrum = scipy.fft.rfft(windows, 2 * WINDOW, axis=2)
        self._squared += ((spectrum.real**2 + spectrum.imag**2) / power).sum(axis=1)
        finer = np.abs(scipy.fft.rfft(windows[0] * self._hann, STEPS_HZ * FRAMES, axis=1)[:, :STEPS])
        self._magnitude += (finer / np.sqrt(power[0])).sum(axis=0)
        self._n += int(moving.sum())


def steadiness(mean: Floats, tempo: float) -> float:
    """Mean of an autocorrelation [shape=(lags,)] after 1, 2 and 4 beats; beyond the window it is 0."""
    beats = 60 * FRAMES / tempo * np.array((1, 2, 4))
    return float(np.interp(beats, np.arange(len(mean)), mean, right=0.0).mean())


def refine(mean: Floats, beat: float) -> float:
    """The tempo in BPM, within 4 % of a beat of so many frames, at whose multiples the autocorrelation is highest.

    Between frames the autocorrelation is taken from the parabola through the three nearest ones; straight lines
    would draw every tempo to whole frames, 160 BPM to 159.
    """
    near = beat * np.linspace(0.96, 1.04, 161)
    height = np.zeros(len(near))
    for multiple in (1, 2, 3, 4):
        if multiple * near[-1] < 0.75 * len(mean):
            frame = np.rint(multiple * near).astype(int)
            before, here, after = (mean[frame + step] for step in (-1, 0, 1))
            aside = multiple * near - frame
            height += here + aside * (after - before) / 2 + aside**2 * (after - 2 * here + before) / 2
    return 60 * FRAMES / float(near[height.argmax()])
