"""A small convolutional network that hears voices far back in music, in numpy alone.

musicnn takes each filter's maximum over all frequencies, so that of a voice under louder music little is left. This
one was trained for just that case: on music with and without a voice in it (``benchmarks/voice_faint.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.filters import Array

__all__ = ["LAYERS", "FaintVoice", "faint_voice", "faint_weights", "picture"]

LAYERS = (
    # frames and mels that a filter sees, its step, and the frames and mels of which the highest is kept
    ((7, 5), 3, (1, 1)),
    ((3, 3), 1, (1, 2)),
    ((3, 3), 1, (2, 2)),
    ((3, 3), 1, (1, 1)),
)
SOFTEST = 1e-5  # of the patch's mean: what lies below counts as silent


class FaintVoice:
    """The network, from weights [frames, mels, channels before, channels] with batch normalisation folded in.

    Parameters
    ----------
    weights : mapping of str to np.ndarray
        As ``benchmarks/voice_faint.py`` makes them, single precision.
    """

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights

    def log_odds(self, mel: Array) -> float:
        """Log odds of a voice in a power mel spectrogram [shape=(187, 96)]; its level doesn't matter."""
        weights = self._weights
        seen = picture(mel)
        for number, (sight, step, kept) in enumerate(LAYERS):
            filters = weights[f"filters{number}"]
            given = _convolved(seen, filters, sight, step) + weights[f"bias{number}"]
            seen = _highest(np.maximum(given, 0), kept)
        over_frames = seen.max(axis=1)
        pooled = np.concatenate((over_frames.mean(axis=0), over_frames.max(axis=0)))
        hidden = np.maximum(pooled @ weights["dense"] + weights["dense_bias"], 0)
        return float(hidden @ weights["answer"] + weights["answer_bias"])


def picture(mel: Array) -> Array:
    """What the network sees of a power mel spectrogram [shape=(93, 96, 2)]: its logarithm, and the same without what lasts."""
    halved = mel[:186].reshape(93, 2, -1).mean(axis=1)
    loud = np.log10(halved / (halved.mean() + 1e-12) + SOFTEST)
    return np.stack((loud, loud - loud.mean(axis=0)), axis=-1).astype(np.float32)


def _convolved(seen: Array, filters: Array, sight: tuple[int, int], step: int) -> Array:
    """A convolution over frames and mels, padded with zeros so that each place is seen."""
    padding = [_padding(size, wide, step) for size, wide in zip(seen.shape, sight, strict=False)]
    padded = np.pad(seen, (*padding, (0, 0)))
    places = sliding_window_view(padded, sight, axis=(0, 1))[::step, ::step].transpose(0, 1, 3, 4, 2)
    frames, mels = places.shape[:2]
    given = places.reshape(frames * mels, -1) @ filters.reshape(-1, filters.shape[-1])
    return np.asarray(given.reshape(frames, mels, -1))


def _padding(size: int, wide: int, step: int) -> tuple[int, int]:
    """How many zeros go before and after so many places."""
    missing = max((-(-size // step) - 1) * step + wide - size, 0)
    return missing // 2, missing - missing // 2


def _highest(values: Array, kept: tuple[int, int]) -> Array:
    """The highest of so many frames and mels each; what is left over at the end goes."""
    frames, mels = (size // each for size, each in zip(values.shape, kept, strict=False))
    whole = values[: frames * kept[0], : mels * kept[1]]
    return np.asarray(whole.reshape(frames, kept[0], mels, kept[1], -1).max(axis=(1, 3)))


def faint_weights() -> dict[str, Array]:
    """The bundled weights."""
    source = resources.files("playlistkit.analysis") / "faint.npz"
    with source.open("rb") as file, np.load(file) as stored:
        return dict(stored)


@cache
def faint_voice() -> FaintVoice:
    """The bundled network."""
    return FaintVoice(faint_weights())
