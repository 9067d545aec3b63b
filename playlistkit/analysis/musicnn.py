"""The network of musicnn that hears a voice, in numpy alone.

Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", late-breaking
session of ISMIR 2019; ISC licence, beside this file.

A convolution is one matrix product: what several neighbouring places see together, times the filter moved to each of
these places. This multiplies by some zeros, but saves copying the picture for every single place.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.filters import VOICE_MELS, Array

__all__ = ["FRAMES", "LONG", "WIDE", "Musicnn", "voice_network", "voice_weights"]

FRAMES = 187  # of a picture
WIDE = ("front_7x38", "front_7x67")  # filters by frames x mels; the others see one mel
LONG = ("front_128x1", "front_64x1", "front_32x1")
MELS_AT_ONCE, FRAMES_AT_ONCE = 10, 17  # places in one product; affect speed, not results. 187 is 11 times 17


class Musicnn:
    """musicnn with a single output: the log odds of a voice.

    Parameters
    ----------
    weights : mapping of str to np.ndarray
        As ``benchmarks/voice_network.py`` makes them, single precision.
    """

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights
        self._wide = [_moved(weights[name], MELS_AT_ONCE) for name in WIDE]
        self._long = [_moved(weights[name].swapaxes(1, 2), FRAMES_AT_ONCE) for name in LONG]
        self._middle = [weights[f"middle{i}"].transpose(2, 1, 0).reshape(-1, 64) for i in (1, 2, 3)]

    def log_odds(self, mel: Array) -> float:
        """Log odds of a voice in a log mel spectrogram [shape=(187, 96)]."""
        return float(self._weights["answer"] @ self.hidden(mel) + self._weights["answer_bias"])

    def hidden(self, mel: Array) -> Array:
        """The last hidden layer [shape=(200,)]."""
        weights = self._weights
        front = self._activated("front", self._front(mel) * weights["front_sign"])
        first = self._convolved(1, front)
        second = self._convolved(2, first) + first
        third = self._convolved(3, second) + second
        layers = np.concatenate((front, first, second, third), axis=1)
        pooled = np.stack((layers.max(axis=0), layers.mean(axis=0)), axis=1).ravel()
        return self._activated("dense", weights["dense"] @ pooled)

    def _activated(self, layer: str, values: Array) -> Array:
        """A layer's output: bias, rectifier, batch normalisation."""
        bias, gain, offset = (self._weights[f"{layer}_{name}"] for name in ("bias", "gain", "offset"))
        return np.asarray(np.maximum(values + bias, 0) * gain + offset)

    def _front(self, mel: Array) -> Array:
        """Each front filter's maximum over frequency [shape=(187, 64)]."""
        weights = self._weights
        picture = mel * weights["input_scale"] + weights["input_shift"]
        wide = (
            _highest_of_wide(picture, at, weights[name]) for name, at in zip(WIDE, self._wide, strict=True)
        )
        long = (
            _highest_of_long(picture, at, weights[name]) for name, at in zip(LONG, self._long, strict=True)
        )
        return np.concatenate((*wide, *long), axis=1)

    def _convolved(self, number: int, values: Array) -> Array:
        """A convolution over seven frames, all channels, and its activation [shape=(187, 64)]."""
        seen = sliding_window_view(np.pad(values, ((3, 3), (0, 0))), 7, axis=0).swapaxes(1, 2)
        return self._activated(f"middle{number}", seen.reshape(FRAMES, -1) @ self._middle[number - 1])


def _moved(filters: Array, places: int) -> Array:
    """Filters at each of some neighbouring places along their last axis [shape=(seen, places * filters)].

    Parameters
    ----------
    filters : np.ndarray [shape=(filters, across, along)]
    places : int
    """
    count, across, along = filters.shape
    moved = np.zeros((across, along + places - 1, places, count), np.float32)
    for place in range(places):
        moved[:, place : place + along, place] = filters.transpose(1, 2, 0)
    return moved.reshape(-1, places * count)


def _highest_of_wide(picture: Array, moved: Array, filters: Array) -> Array:
    """The maximum over frequency of filters that see a few frames of many mels [shape=(187, filters)]."""
    count, frames, mels = filters.shape
    places = VOICE_MELS - mels + 1
    # the last places occur in two products if their number is no multiple; that doesn't change a maximum
    starts = np.minimum(np.arange(0, places, MELS_AT_ONCE), places - MELS_AT_ONCE)
    padded = np.pad(picture, (((frames - 1) // 2, frames // 2), (0, 0)))
    seen = sliding_window_view(padded, (frames, mels + MELS_AT_ONCE - 1))[:, starts].swapaxes(0, 1)
    given = (seen.reshape(-1, len(moved)) @ moved).reshape(len(starts), -1)
    return np.asarray(given.max(axis=0).reshape(FRAMES, MELS_AT_ONCE, count).max(axis=1))


def _highest_of_long(picture: Array, moved: Array, filters: Array) -> Array:
    """The maximum over frequency of filters that see many frames of one mel [shape=(187, filters)]."""
    count, frames, _ = filters.shape
    padded = np.pad(picture, (((frames - 1) // 2, frames // 2), (0, 0))).T
    seen = sliding_window_view(padded, frames + FRAMES_AT_ONCE - 1, axis=1)[:, ::FRAMES_AT_ONCE]
    given = (seen.reshape(-1, len(moved)) @ moved).reshape(VOICE_MELS, -1)
    return np.asarray(given.max(axis=0).reshape(FRAMES, count))


def voice_weights() -> dict[str, Array]:
    """The bundled weights: trained on the Million Song Dataset, made smaller, with a fitted answer."""
    source = resources.files("playlistkit.analysis") / "voice.npz"
    with source.open("rb") as file, np.load(file) as stored:
        return dict(stored)


@cache
def voice_network() -> Musicnn:
    """The bundled network."""
    return Musicnn(voice_weights())
