"""Sounds that are made the same on every machine."""

from __future__ import annotations

import numpy as np

RATE = 22_050  # Hz


def times(seconds: float, rate: int = RATE) -> np.ndarray:
    return np.arange(round(seconds * rate)) / rate


def noise(count: int, seed: int) -> np.ndarray:
    """White noise by a generator that gives the same everywhere [shape=(count,)]."""
    state, values = np.uint64(seed), np.empty(count)
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        mixed = state + steps
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        values[:] = (mixed ^ (mixed >> np.uint64(31))) / 2.0**63 - 1
    return values


def struck(at: list[float], pitches: list[float], seconds: float, decay: float) -> np.ndarray:
    """Tones with overtones that are struck and die away."""
    sound, time = np.zeros(round(seconds * RATE)), times(4)
    for start, pitch in zip(at, pitches, strict=True):
        first = round(start * RATE)
        tone = sum(np.sin(2 * np.pi * k * pitch * time) / k**1.5 for k in range(1, 7)) * np.exp(-time / decay)
        part = sound[first : first + len(tone)]
        part += tone[: len(part)]
    return sound
