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


def lingering() -> np.ndarray:
    """A piano in A minor that hurries and lingers, silent before, once within and after, and fading at its end."""
    beats = np.cumsum(0.62 + 0.12 * np.sin(np.arange(64) / 5))
    notes = [220 * 2 ** (each / 12) for each in (0, 3, 7, 12, 7, 3, 5, 8)]
    sound = 0.12 * struck((1.4 + beats).tolist(), [notes[k % 8] / (1 + k % 2) for k in range(64)], 45, 0.7)
    sound[round(20.3 * RATE) : round(21.6 * RATE)] = 0
    sound[: round(1.4 * RATE)] = 0
    sound[35 * RATE : 43 * RATE] *= np.geomspace(1, 0.02, 8 * RATE)
    sound[43 * RATE :] = 0
    return sound


def beaten() -> np.ndarray:
    """Drums at 108 BPM with a bass in C, ever louder, and one far louder stroke."""
    hits = np.arange(0, 31.5, 30 / 108) + 0.012 * (1 + np.sin(np.arange(114)))
    sound, time = 0.05 * struck(hits[::2].tolist(), [65.4] * len(hits[::2]), 32, 0.3), times(0.1)
    for k, start in enumerate(hits):
        first = round(start * RATE)
        sound[first : first + len(time)] += (
            (0.02 + 0.03 * (k % 4 == 2)) * noise(len(time), k) * np.exp(-time / 0.02)
        )
    sound *= np.geomspace(0.15, 1, len(sound))
    sound[25 * RATE : 25 * RATE + RATE // 2] += 0.5 * np.sin(2 * np.pi * 330 * times(0.5))
    return sound


def spoken() -> np.ndarray:
    """Something like a voice over a held chord, in two channels, one of them softer."""
    time = times(24)
    pitch = 180 * 2 ** (np.sin(1.3 * time) / 5 + 0.02 * np.sin(2 * np.pi * 5.5 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    mouth = 0.5 + 0.5 * np.sin(2 * np.pi * 1.7 * time)
    voice = sum(np.sin(k * phase) * np.exp(-(((k - 3 - 4 * mouth) / 2) ** 2)) for k in range(1, 16))
    chord = sum(np.sin(2 * np.pi * each * time) for each in (196.0, 246.9, 293.7))
    rain = 0.02 * noise(len(time), 7)
    left = 0.05 * voice * (np.sin(0.9 * time) > -0.3) + 0.02 * chord + rain
    return np.stack((left, 0.5 * left + 0.01 * chord), axis=1)


def surrounding() -> np.ndarray:
    """Six channels, each with a tone of its own."""
    time = times(7)
    tones = [
        (0.02 + 0.01 * np.sin(9 * time)) * (k + 1) * np.sin(2 * np.pi * 150 * (k + 1) * time)
        for k in range(6)
    ]
    return np.stack(tones, axis=1)
