"""YAMNet, which tells 521 classes of sounds apart (speech, singing, birds, sirens ...), in numpy alone.

Plakal and Ellis, 2019: a MobileNet (v1) trained on AudioSet, a collection of labelled sounds of all kinds. Apache
licence 2.0, beside this file. Its weights are kept in eight bits, as they are published.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from playlistkit.analysis.bundled import Array, Stored, scaled, stored

__all__ = [
    "BRANCH",
    "LEVEL",
    "RATE",
    "SAMPLES",
    "STEPS",
    "Heard",
    "Layers",
    "Yamnet",
    "levelled",
    "log_mel",
    "mels",
    "yamnet",
]

RATE = 16_000
HOP, FRAME, FFT = 160, 400, 512  # samples: 10, 25 and 32 ms
WINDOW = 96  # frames in which the network answers once
SAMPLES = (WINDOW - 1) * HOP + FRAME
MELS, EDGES = 64, (125.0, 7500.0)  # Hz
FLOOR = 0.001  # what is added to each band before the logarithm
LEVEL, SOFTEST = (
    0.1,
    1e-5,
)  # root mean square to which a window is brought; what is softer than the latter stays softer
STEPS = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)  # of the depthwise convolutions, in frames and bands
BANDS = (32, 32, 16, 16, 8, 8, 4, 4, 4, 4, 4, 4, 2)  # that they see
BRANCH = 6
"""The layer from which on voices have layers of their own (`playlistkit.analysis.voice`)."""
# The first layers, whose values are many, take few windows at a time, which stay in the processor's cache; the later ones,
# whose weights are many, all of them. Both affect speed, not results.
WIDE, GROUP = 4, 2


class Heard(NamedTuple):
    """What the network says of some windows."""

    hidden: Array
    """The last hidden layer [shape=(windows, 1024)]."""
    odds: Array
    """Log odds of each class [shape=(windows, 521)]; each stands by itself, their chances don't add up to 1."""
    middle: Array
    """What enters layer `BRANCH` [shape=(windows, frames, bands * channels)], before bias and rectifier."""


class Layers:
    """Some of the depthwise separable convolutions, one after the other.

    Parameters
    ----------
    weights : mapping of str to np.ndarray
        Weights in eight bits with their scales, or as they are (`playlistkit.analysis.bundled.scaled`).
    numbers : range
        Which of the layers.
    entering : np.ndarray [shape=(channels,)]
        Bias of what enters the first of them.
    """

    def __init__(self, weights: Stored, numbers: range, entering: Array) -> None:
        self._numbers = numbers
        after = [BANDS[k] // STEPS[k] for k in numbers]
        self._depthwise = [
            np.tile(scaled(weights, f"depthwise{k}"), each if STEPS[k] == 1 else 1)
            for k, each in zip(numbers, after, strict=True)
        ]
        self._depthwise_bias = [
            np.tile(scaled(weights, f"depthwise{k}_bias"), each)
            for k, each in zip(numbers, after, strict=True)
        ]
        self._pointwise = [scaled(weights, f"pointwise{k}") for k in numbers]
        self.leaving = scaled(weights, f"pointwise{numbers[-1]}_bias")
        """Bias of what leaves the last of them [shape=(channels,)]."""
        biases = [entering, *(scaled(weights, f"pointwise{k}_bias") for k in numbers[:-1])]
        self._bias = [np.tile(bias, BANDS[k]) for k, bias in zip(numbers, biases, strict=True)]

    def sums(self, entering: Array) -> Array:
        """The sums of channels that leave, from those that enter, before bias and rectifier.

        Both have the shape (windows, frames, bands * channels).
        """
        sums = entering
        for k, layer in enumerate(self._numbers):
            step, bands, filters = STEPS[layer], BANDS[layer], self._depthwise[k]
            windows, frames, width = sums.shape
            channels, before = width // bands, 2 - step
            padded = np.zeros((windows, frames + 1 + before, width + (1 + before) * channels), np.float32)
            inner = padded[:, before : before + frames, before * channels : before * channels + width]
            activated(sums, self._bias[k], out=inner)
            # Each channel by itself over three frames and three bands. A run is all bands of a frame, if none is left out.
            run = filters.shape[-1]
            window, row, one = padded.strides
            band, shape = channels * one, (windows, frames // step, width // step // run)
            strides = (window, step * row, step * band, row, band, one)
            threes = as_strided(padded, (*shape, 3, 3, run), strides, writeable=False)
            filtered = np.einsum("wfbijc,ijc->wfbc", threes, filters).reshape(*shape[:2], -1)
            activated(filtered, self._depthwise_bias[k], out=filtered)
            sums = (filtered.reshape(-1, channels) @ self._pointwise[k]).reshape(*shape[:2], -1)
        return sums

    def hidden(self, entering: Array) -> Array:
        """The mean over frames and bands of what leaves them [shape=(windows, channels)], after bias and rectifier."""
        leaving = self.sums(entering)
        places = leaving.reshape(len(leaving), -1, len(self.leaving))
        return np.asarray(activated(places, self.leaving).mean(axis=1))


class Yamnet:
    """The network.

    Parameters
    ----------
    weights : mapping of str to np.ndarray
        As ``benchmarks/yamnet_network.py`` makes them.
    """

    def __init__(self, weights: Stored) -> None:
        self.classes = tuple(str(name) for name in weights["names"])
        self._first = scaled(weights, "first").reshape(9, -1)
        self._wide = Layers(weights, range(WIDE), scaled(weights, "first_bias"))
        self._middle = Layers(weights, range(WIDE, BRANCH), self._wide.leaving)
        self.entering = self._middle.leaving
        """Bias of what enters layer `BRANCH` [shape=(channels,)]."""
        self._late = Layers(weights, range(BRANCH, len(STEPS)), self.entering)
        self._answer, self._answer_bias = scaled(weights, "classes"), scaled(weights, "classes_bias")

    def listen(self, sound: Array) -> Heard:
        """Answer to windows of sound [shape=(windows, 15600)] at 16 kHz, whatever their level."""
        return self.see(log_mel(levelled(sound)))

    def see(self, pictures: Array) -> Heard:
        """Answer to log mel spectrograms [shape=(windows, 96, 64)]."""
        groups = (pictures[first : first + GROUP] for first in range(0, len(pictures), GROUP))
        wide = np.concatenate([self._wide.sums(self._begin(group)) for group in groups])
        middle = self._middle.sums(wide)
        hidden = self._late.hidden(middle)
        return Heard(hidden, hidden @ self._answer + self._answer_bias, middle)

    def _begin(self, pictures: Array) -> Array:
        """The first convolution, over three frames and three bands, two apart [shape=(windows, 48, 32 * 32)]."""
        padded = np.pad(pictures, ((0, 0), (0, 1), (0, 1)))
        places = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2]
        return (places.reshape(-1, 9) @ self._first).reshape(*places.shape[:2], -1)


def activated(sums: Array, bias: Array, out: Array | None = None) -> Array:
    """A layer's output: bias and rectifier."""
    out = np.add(sums, bias, out=out)
    return np.asarray(np.maximum(out, 0, out=out))


def levelled(sound: Array) -> Array:
    """Windows of sound [shape=(windows, n)] at one level, but for what is softer than any music."""
    level = np.sqrt(np.mean(sound**2, axis=1, keepdims=True))
    return np.asarray(sound * (LEVEL / np.maximum(level, SOFTEST)), dtype=np.float32)


def log_mel(sound: Array) -> Array:
    """Log mel spectrograms [shape=(windows, 96, 64)] of windows [shape=(windows, 15600)]."""
    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    frames = sliding_window_view(sound, FRAME, axis=1)[:, ::HOP]
    # one by one stays in the processor's cache
    spectra = (np.abs(scipy.fft.rfft(each * window, FFT, axis=1)) @ mels().T for each in frames)
    return np.asarray(np.log(np.stack([*spectra]) + np.float32(FLOOR)), dtype=np.float32)


@cache
def mels() -> Array:
    """Triangles that are evenly spaced and straight on the mel scale, without the lowest bin [shape=(64, 257)]."""
    places = 1127 * np.log1p(np.linspace(0, RATE / 2, FFT // 2 + 1) / 700)
    low, high = (1127 * np.log1p(edge / 700) for edge in EDGES)
    edges = np.linspace(low, high, MELS + 2)[:, np.newaxis]
    before, middle, after = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (places - before) / (middle - before), (after - places) / (after - middle)
    triangles = np.maximum(0, np.minimum(rising, falling))
    triangles[:, 0] = 0
    return np.asarray(triangles, dtype=np.float32)


@cache
def yamnet() -> Yamnet:
    """The bundled network."""
    return Yamnet(stored("yamnet"))
