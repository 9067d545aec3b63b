"""What is kept of a track's sound, before any scale, profile or threshold is applied.

A few kilobytes a track. When a scale changes, `interpret` computes the features from them again, so that nothing needs
to be listened to again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LowLevel"]

Floats = npt.NDArray[np.float64]


CURVES = frozenset(
    {
        "onsets",
        "fullness",
        "novelty",
        "autocorrelation",
        "tempogram",
        "voices",
        "spoken",
        "sentences",
        "classes",
    }
)


def nothing() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class LowLevel:
    """Low-level descriptors of a track; all but `voices`, `spoken`, `sentences` and `classes` are empty for a track that hardly sounds.

    Values are rounded to single precision, curves to half, so that features computed years later are the same as those
    computed on the day of listening.
    """

    sounding: Floats = field(default_factory=nothing)
    """Seconds between which the track sounds [shape=(2,)]."""
    onsets: Floats = field(default_factory=nothing)
    """Onsets in each second [shape=(seconds,)]."""
    fullness: Floats = field(default_factory=nothing)
    """Share of the mel bands that sound in each second, 0 to 1 [shape=(seconds,)]."""
    sharpness: Floats = field(default_factory=nothing)
    """Onset strength in dB that a hundredth of the time exceeds [shape=(1,)]."""
    passing: Floats = field(default_factory=nothing)
    """Short attacks in each group of mel bands, and everything that sounds there [shape=(2, 16)]."""
    spectrum: Floats = field(default_factory=nothing)
    """Long-term average amplitude in bands of 0.45 Bark from 40 Hz to 16 kHz [shape=(48,)]."""
    held: Floats = field(default_factory=nothing)
    """Share of the amplitude in held tones, 0 to 1 [shape=(1,)]."""
    novelty: Floats = field(default_factory=nothing)
    """How far each second differs from all that the first `repetition.FIRST` hold, from 0 (the same) to about 1
    [shape=(seconds - FIRST,)]; empty for a shorter track, and one whose first seconds never change."""
    pitch: Floats = field(default_factory=nothing)
    """Strength at each tenth of a semitone from C, octaves summed [shape=(120,)]."""
    autocorrelation: Floats = field(default_factory=nothing)
    """Autocorrelation by lag, 45 a second: of onset strength, of its bands on average, of the lowest, of the highest; empty where nothing moves [shape=(4, lags)]."""
    tempogram: Floats = field(default_factory=nothing)
    """Mean spectrum of onset strength, 32 values a hertz; empty where nothing moves [shape=(rates,)]."""
    voices: Floats = field(default_factory=nothing)
    """Log odds of a voice in windows spread evenly over the track, `windows.STEP` seconds apart, the last one at its end;
    `voice.SILENT` where nothing sounds [shape=(windows,)]."""
    spoken: Floats = field(default_factory=nothing)
    """Log odds that somebody speaks in each of them; `voice.SILENT` where nothing sounds [shape=(windows,)]."""
    sentences: Floats = field(default_factory=nothing)
    """The same in the surest seconds around each window where speech stirs; `voice.SILENT` elsewhere [shape=(windows,)]."""
    classes: Floats = field(default_factory=nothing)
    """How likely each class of YAMNet is, 0 to 1: the mean of those windows that sound [shape=(521,)]."""

    def __post_init__(self) -> None:
        for name, stored in self.arrays().items():
            object.__setattr__(self, name, stored.astype(float))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LowLevel):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, each.name), getattr(other, each.name)) for each in fields(self)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def sounds(self) -> bool:
        """Whether anything but the voice is described."""
        return bool(len(self.sounding))

    def arrays(self) -> dict[str, npt.NDArray[np.floating[Any]]]:
        """Everything to be kept, by name, in no more precision than it has."""
        kinds = {each.name: np.float16 if each.name in CURVES else np.float32 for each in fields(self)}
        return {name: np.asarray(getattr(self, name)).astype(kind) for name, kind in kinds.items()}
