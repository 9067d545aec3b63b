"""YAMNet, which tells 521 classes of sounds apart (speech, singing, birds, sirens ...), in numpy alone.

Plakal and Ellis, 2019: a MobileNet (v1) trained on AudioSet, a collection of labelled sounds of all kinds. Apache
licence 2.0, beside this file. Its weights are kept in eight bits, as they are published.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.bundled import Array, Stored, scaled, stored

__all__ = [
    "LEVEL",
    "RATE",
    "SAMPLES",
    "STEPS",
    "Heard",
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


class Heard(NamedTuple):
    """What the network says of some windows."""

    hidden: Array
    """The last hidden layer [shape=(windows, 1024)]."""
    odds: Array
    """Log odds of each class [shape=(windows, 521)]; each stands by itself, their chances don't add up to 1."""


class Yamnet:
    """The network.

    Parameters
    ----------
    weights : mapping of str to np.ndarray
        As ``benchmarks/yamnet_network.py`` makes them.
    """

    def __init__(self, weights: Stored) -> None:
        layers = range(len(STEPS))
        self.classes = tuple(str(name) for name in weights["names"])
        self._bias = {
            name.removesuffix("_bias"): scaled(weights, name)[:, np.newaxis]
            for name in weights
            if name.endswith("_bias")
        }
        self._first = scaled(weights, "first").reshape(9, -1).T
        self._moved = [_moved(scaled(weights, f"depthwise{k}"), BANDS[k], STEPS[k]) for k in layers]
        self._pointwise = [np.ascontiguousarray(scaled(weights, f"pointwise{k}").T) for k in layers]
        self._answer = np.ascontiguousarray(scaled(weights, "classes").T)

    def listen(self, sound: Array) -> Heard:
        """Answer to windows of sound [shape=(windows, 15600)] at 16 kHz, whatever their level."""
        return self.see(log_mel(levelled(sound)))

    def see(self, pictures: Array) -> Heard:
        """Answer to log mel spectrograms [shape=(windows, 96, 64)]."""
        seen = self._begin(pictures)
        for layer, step in enumerate(STEPS):
            seen = self._filtered(layer, seen, step)
            places = seen.reshape(len(seen), -1)
            mixed = self._activated(f"pointwise{layer}", self._pointwise[layer] @ places)
            seen = mixed.reshape(-1, *seen.shape[1:])
        hidden = seen.mean(axis=(2, 3))
        return Heard(hidden.T, (self._answer @ hidden + self._bias["classes"]).T)

    def _begin(self, pictures: Array) -> Array:
        """The first convolution, over three frames and three bands, two apart [shape=(32, windows, 48, 32)]."""
        padded = np.pad(pictures, ((0, 0), (0, 1), (0, 1)))
        places = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2]
        given = self._first @ places.transpose(3, 4, 0, 1, 2).reshape(9, -1)
        return self._activated("first", given).reshape(-1, *places.shape[:3])

    def _filtered(self, layer: int, seen: Array, step: int) -> Array:
        """A convolution of each channel by itself over three frames and three bands.

        Three frames of all bands, one after the other, times the filter moved to each band.
        """
        channels, windows, frames, bands = seen.shape
        before = 2 - step
        padded = np.zeros((channels, windows, frames + 1 + before, bands), np.float32)
        padded[:, :, before : before + frames] = seen
        rows = padded.reshape(channels, windows, -1)
        threes = sliding_window_view(rows, 3 * bands, axis=2)[:, :, :: step * bands]
        given = threes.reshape(channels, -1, 3 * bands) @ self._moved[layer]
        shape = (channels, windows, frames // step, bands // step)
        return self._activated(f"depthwise{layer}", given.reshape(channels, -1)).reshape(shape)

    def _activated(self, layer: str, values: Array) -> Array:
        """A layer's output: bias and rectifier."""
        values += self._bias[layer]
        return np.maximum(values, 0, out=values)


def _moved(filters: Array, bands: int, step: int) -> Array:
    """Filters [shape=(3, 3, channels)] at each band [shape=(channels, 3 * bands, bands // step)]."""
    places = bands // step
    moved = np.zeros((filters.shape[-1], 3, bands + 2, places), np.float32)
    for place in range(places):
        at = place * step + step - 1  # what lies beyond the first and the last band is nought
        moved[:, :, at : at + 3, place] = filters.transpose(2, 0, 1)
    return np.ascontiguousarray(moved[:, :, 1 : 1 + bands]).reshape(len(moved), 3 * bands, places)


def levelled(sound: Array) -> Array:
    """Windows of sound [shape=(windows, n)] at one level, but for what is softer than any music."""
    level = np.sqrt(np.mean(sound**2, axis=1, keepdims=True))
    return np.asarray(sound * (LEVEL / np.maximum(level, SOFTEST)), dtype=np.float32)


def log_mel(sound: Array) -> Array:
    """Log mel spectrograms [shape=(windows, 96, 64)] of windows [shape=(windows, 15600)]."""
    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    frames = sliding_window_view(sound, FRAME, axis=1)[:, ::HOP] * window
    spectrum = scipy.fft.rfft(frames, FFT, axis=2)
    return np.asarray(np.log(np.abs(spectrum) @ mels().T + FLOOR), dtype=np.float32)


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
