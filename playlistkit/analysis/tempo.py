"""Tempo and pulse clarity from onset strength: how well each tempo explains when onsets return.

Autocorrelation is high at a beat and its multiples, a Fourier tempogram at a beat and its parts: together they
tell the beat from both (Peeters 2007, "Template-based estimation of time-varying tempo"). Each tempo from 40 to
220 BPM is scored by a weighted sum of both at simple ratios of its beat and of what tempi are usual in music so
busy. The weights are a conditional logit's (McFadden 1974), fitted by `benchmarks/fit_tempo.py` to pieces of
known tempo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.filters import FRAMES, Array

__all__ = ["FAMILY", "LAGS", "RATES", "TEMPI", "Periodicity", "Pulse", "evidence", "pulse"]

Floats = npt.NDArray[np.float64]

BANDS = 4
WINDOW = 8 * FRAMES  # frames
MINUTE = 60 * FRAMES  # frames whose windows are transformed at once
STEPS_HZ, STEPS = 32, 480  # of the tempogram: so many per hertz, up to 15 Hz
TEMPI = np.geomspace(40, 220, 240)  # BPM
BEATS = 60 * FRAMES / TEMPI  # frames
USUAL = 110.0  # BPM
FAMILY = (1 / 3, 1 / 2, 1, 2, 3)  # tempi that share a pulse
# Weights of the autocorrelation after so many beats: of onset strength, of the mean over four bands, of the
# lowest (below 330 Hz) and of the highest band (above 1.8 kHz).
LAGS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4)
OF_LAGS = (
    (-3.38, 0.42, -0.63, 2.56, -0.43, -0.16, 0.51, -2.23, -0.09, 1.21, -1.34),
    (5.31, 2.04, -0.26, 2.33, 2.91, 0.30, 1.33, -1.23, -1.89, -0.85, -1.73),
    (0.75, 2.97, -0.74, 0.34, -0.39, 2.10, 0.60, 2.60, 0.72, -0.93, 7.78),
    (-0.99, 1.39, 1.71, 0.86, 2.32, 0.92, -0.46, 0.33, -0.50, 0.58, -1.43),
)
# Weights of the tempogram at so many events a beat.
RATES = (1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3, 4)
OF_RATES = (-13.82, 19.53, 6.62, 14.52, -1.86, 26.67, 2.30, 32.00)
# Weights of log2(tempo / 110), of its square, and of its product with the log of onset rate.
OF_TEMPO = (-0.47, -0.27, -0.08)
WEIGHTS = np.concatenate((*OF_LAGS, OF_RATES, OF_TEMPO))
CLEAR = 0.75  # mean autocorrelation after 1, 2 and 4 beats of a metronome
FAINT = 0.1  # dB; where onset strength varies less, nothing begins: the calmest real music has 0.2
SURE = 5.0  # lead in score, a log likelihood ratio, over every tempo outside the family


@dataclass(frozen=True, slots=True)
class Pulse:
    """A tempo and how far to believe it."""

    tempo: float
    """BPM."""
    alternative: float | None
    """BPM at the other octave."""
    clarity: float
    """0 to 1."""


def pulse(
    autocorrelation: Floats, tempogram: Floats, onset_rate: float, *, weights: Floats = WEIGHTS
) -> Pulse | None:
    """The felt tempo; `None` where nothing was correlated.

    Parameters
    ----------
    autocorrelation : np.ndarray [shape=(4, lags)]
    tempogram : np.ndarray [shape=(rates,)]
        Both as `Periodicity` gives them.
    onset_rate : float
        Onsets a second.
    weights : np.ndarray [shape=(55,)]
        Of what `evidence` gives.
    """
    if not autocorrelation.size:
        return None
    mean = autocorrelation[0]
    score = evidence(autocorrelation, tempogram, onset_rate) @ weights
    best = int(score.argmax())
    tempo = refine(mean, float(BEATS[best]))
    doubled, halved = np.interp((2 * tempo, tempo / 2), TEMPI, score, left=-np.inf, right=-np.inf)
    alternative = None if doubled == halved else 2 * tempo if doubled > halved else tempo / 2
    after = np.interp(60 * FRAMES / tempo * np.array((1, 2, 4)), np.arange(WINDOW), mean)
    family = np.any([abs(TEMPI / TEMPI[best] / each - 1) < 0.05 for each in FAMILY], axis=0)
    lead = float(score[family].max() - score[~family].max())
    clarity = np.clip(after.mean() / CLEAR, 0, 1) * np.clip(lead / SURE, 0, 1)
    return Pulse(tempo, alternative, float(clarity))


def evidence(autocorrelation: Floats, tempogram: Floats, onset_rate: float) -> Floats:
    """What speaks for each of `TEMPI`, in the order of the weights [shape=(240, 55)]; parameters as in `pulse`."""
    lags, rates = np.arange(WINDOW), np.arange(STEPS) / STEPS_HZ
    octaves = np.log2(TEMPI / USUAL)
    features = [np.interp(lag * BEATS, lags, each, right=0.0) for each in autocorrelation for lag in LAGS]
    features += [np.interp(rate * TEMPI / 60, rates, tempogram) for rate in RATES]
    features += [octaves, octaves**2, octaves * np.log(onset_rate + 0.3)]
    return np.stack(features, axis=1)


class Periodicity:
    """Gathers autocorrelation and Fourier tempogram of onset strength, means over windows of 8 s, half overlapping.

    A minute of windows is transformed at once, so that memory doesn't grow with the track.
    """

    def __init__(self) -> None:
        self._rest: Array = np.zeros((1 + BANDS, 0), np.float32)
        self._squared, self._magnitude, self._n = np.zeros((1 + BANDS, WINDOW + 1)), np.zeros(STEPS), 0
        self._short = True
        self._hann = np.hanning(WINDOW).astype(np.float32)

    def add(self, strength: Array) -> None:
        """Take the next frames.

        Parameters
        ----------
        strength : np.ndarray [shape=(frames, 5)]
            Onset strength of all bands, then of four from low to high, 45 values a second.
        """
        self._rest = np.concatenate((self._rest, strength.T), axis=1)
        if self._rest.shape[1] >= MINUTE + WINDOW:
            self._measure()

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
        frames = self._rest.shape[1]
        if self._short and WINDOW // 2 <= frames < WINDOW:
            self._rest = np.pad(self._rest, ((0, 0), (0, WINDOW - frames)))
        if self._rest.shape[1] >= WINDOW:
            self._measure()
        if not self._n:
            return np.zeros((0, 0)), np.zeros(0)
        lagged = scipy.fft.irfft(self._squared / self._n, axis=1)[:, :WINDOW]
        lagged /= np.maximum(1 - np.arange(WINDOW) / WINDOW, 0.25)
        autocorrelation = np.stack((lagged[0], lagged[1:].mean(axis=0), lagged[1], lagged[-1]))
        return autocorrelation, self._magnitude * 2 / self._n / np.sqrt(WINDOW)

    def _measure(self) -> None:
        """Add all windows that are whole, and keep what the next begin with."""
        self._short = False
        windows = sliding_window_view(self._rest, WINDOW, axis=1)[:, :: WINDOW // 2]
        self._rest = self._rest[:, windows.shape[1] * (WINDOW // 2) :]
        windows = windows - windows.mean(axis=2, keepdims=True)
        power = np.square(windows).sum(axis=2, keepdims=True)
        moving = power[0, :, 0] > WINDOW * FAINT**2
        windows, power = windows[:, moving], np.maximum(power[:, moving], 1e-9)
        spectrum = scipy.fft.rfft(windows, 2 * WINDOW, axis=2)
        self._squared += ((spectrum.real**2 + spectrum.imag**2) / power).sum(axis=1)
        finer = np.abs(scipy.fft.rfft(windows[0] * self._hann, STEPS_HZ * FRAMES, axis=1)[:, :STEPS])
        self._magnitude += (finer / np.sqrt(power[0])).sum(axis=0)
        self._n += int(moving.sum())


def refine(mean: Floats, beat: float) -> float:
    """The tempo in BPM whose multiples lie highest within 4 % of a beat of so many frames.

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
