"""FireRedVAD's network for events, which tells speech, singing and music apart every 10 ms, in numpy alone.

Xiaohongshu, 2026: a deep feedforward sequential memory network (DFSMN), in which each layer looks 20 frames back and 20
ahead, trained on speech and songs in more than a hundred languages, alone and in music. Apache licence 2.0, beside this
file. Its weights are kept in half precision.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.bundled import Array, Stored, stored
from playlistkit.analysis.yamnet import RATE, levelled

__all__ = ["AHEAD", "BACK", "LAYERS", "Fireredvad", "fireredvad", "log_mel"]

HOP, FRAME, FFT = 160, 400, 512  # samples: 10, 25 and 32 ms
BANDS, LOWEST = 80, 20.0  # Hz
EMPHASIS = 0.97
SOFTEST = 1e-16  # least power of a band
LAYERS = 8
BACK, AHEAD = 19, 20  # frames that a layer sees beside its own
BLOCK = 16  # frames filtered at once; affects speed, not results


class Fireredvad:
    """The network.

    Parameters
    ----------
    weights : mapping of str to np.ndarray
        As ``benchmarks/fireredvad_network.py`` makes them.
    """

    def __init__(self, weights: Stored) -> None:
        self._mean, self._scale = weights["mean"], weights["scale"]
        self._wide = [weights[f"wide{k}"] for k in range(LAYERS + 1)]
        self._bias = [weights[f"wide{k}_bias"][:, np.newaxis] for k in range(LAYERS + 1)]
        self._narrow = [weights[f"narrow{k}"] for k in range(LAYERS)]
        self._first = weights["narrow0_bias"][:, np.newaxis]
        self._memory = [_moved(weights[f"memory{k}"]) for k in range(LAYERS)]
        self._answer, self._answer_bias = weights["answer"], weights["answer_bias"]

    def listen(self, sound: Array) -> Array:
        """Log odds of speech, singing and music in each frame of windows, each by itself, whatever their level.

        Parameters
        ----------
        sound : np.ndarray [shape=(windows, samples)]
            At 16 kHz.

        Returns
        -------
        np.ndarray [shape=(windows, frames, 3)]
        """
        return self.see((log_mel(levelled(sound)) - self._mean) * self._scale)

    def see(self, pictures: Array) -> Array:
        """The same of log mel spectrograms [shape=(windows, frames, 80)], each band with mean 0 and variance 1."""
        shape = pictures.shape[:2]
        seen = self._activated(0, pictures.reshape(-1, BANDS).T)
        narrow = self._narrow[0] @ seen + self._first
        kept = self._remembered(0, np.maximum(narrow, 0, out=narrow).reshape(-1, *shape))
        for layer in range(1, LAYERS):
            seen = self._activated(layer, kept.reshape(len(kept), -1))
            kept = kept + self._remembered(layer, (self._narrow[layer] @ seen).reshape(-1, *shape))
        seen = self._activated(LAYERS, kept.reshape(len(kept), -1))
        odds = (self._answer @ seen).T + self._answer_bias
        return np.asarray(odds.reshape(*shape, -1))

    def _activated(self, layer: int, values: Array) -> Array:
        """A wide layer's output: weights, bias and rectifier."""
        seen = self._wide[layer] @ values
        seen += self._bias[layer]
        return np.maximum(seen, 0, out=seen)

    def _remembered(self, layer: int, narrow: Array) -> Array:
        """Each channel [shape=(channels, windows, frames)] filtered along the frames of a window.

        So many frames at once, times the filter moved to each of them.
        """
        channels, windows, frames = narrow.shape
        blocks = -(-frames // BLOCK)
        padded = np.zeros((channels, windows, BACK + blocks * BLOCK + AHEAD), np.float32)
        padded[:, :, BACK : BACK + frames] = narrow
        parts = sliding_window_view(padded, BACK + BLOCK + AHEAD, axis=2)[:, :, ::BLOCK]
        given = np.ascontiguousarray(parts).reshape(channels, windows * blocks, -1) @ self._memory[layer]
        return given.reshape(channels, windows, -1)[:, :, :frames]


def _moved(filters: Array) -> Array:
    """Filters [shape=(channels, 40)] at each frame of a block [shape=(channels, 39 + BLOCK, BLOCK)]."""
    taps = filters.shape[1]
    moved = np.zeros((len(filters), BACK + BLOCK + AHEAD, BLOCK), np.float32)
    for frame in range(BLOCK):
        moved[:, frame : frame + taps, frame] = filters
    return moved


def log_mel(sound: Array) -> Array:
    """Log mel spectrograms [shape=(windows, frames, 80)] of windows [shape=(windows, samples)], as Kaldi makes them."""
    return np.stack([_log_mel(window) for window in sound])  # one by one stays in the processor's cache


def _log_mel(sound: Array) -> Array:
    frames = sliding_window_view(sound, FRAME)[::HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    sharper = frames.copy()
    sharper[:, 1:] -= np.float32(EMPHASIS) * frames[:, :-1]
    sharper[:, 0] *= np.float32(1 - EMPHASIS)
    spectrum = scipy.fft.rfft(sharper * povey(), FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) @ mels().T
    return np.asarray(np.log(np.maximum(power, np.float32(SOFTEST))), dtype=np.float32)


@cache
def povey() -> Array:
    """Kaldi's window: a Hann window to the power of 0.85."""
    turn = 2 * np.pi * np.arange(FRAME) / (FRAME - 1)
    return np.asarray((0.5 - 0.5 * np.cos(turn)) ** 0.85, dtype=np.float32)


@cache
def mels() -> Array:
    """Triangles that are evenly spaced and straight on the mel scale, without the highest bin [shape=(80, 257)]."""
    places = 1127 * np.log1p(np.linspace(0, RATE / 2, FFT // 2 + 1) / 700)
    low, high = (1127 * np.log1p(edge / 700) for edge in (LOWEST, RATE / 2))
    edges = np.linspace(low, high, BANDS + 2)[:, np.newaxis]
    before, middle, after = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (places - before) / (middle - before), (after - places) / (after - middle)
    triangles = np.maximum(0, np.minimum(rising, falling))
    triangles[:, -1] = 0
    return np.asarray(triangles, dtype=np.float32)


@cache
def fireredvad() -> Fireredvad:
    """The bundled network."""
    return Fireredvad(stored("fireredvad"))
