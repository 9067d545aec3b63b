"""What is measured of made sounds, written down in `measured.json` with the versions that gave it, and what each step answers.

python -m tests.analysis.measured    writes both anew, after a change that raised a version (`analysis.VERSIONS`)
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np

from playlistkit import analysis
from playlistkit.analysis.lowlevel import LowLevel
from playlistkit.model import Features

from . import steps
from .made import RATE, noise, struck, times

WRITTEN = Path(__file__).with_suffix(".json")
WAVES = (0.0, 0.37, 2.9)
"""Radians a step of the cosines with which a long row of values is told in three sums."""


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


SOUNDS = {"lingering": lingering, "beaten": beaten, "spoken": spoken, "surrounding": surrounding}


def measured(name: str) -> dict[str, dict[str, object]]:
    """Features and descriptors of a sound, long rows told in a few sums."""
    features, low = analysis.hear([SOUNDS[name]().astype(np.float32)], RATE)
    return {
        "features": {each.name: told(getattr(features, each.name)) for each in fields(Features)},
        "descriptors": {each.name: told(getattr(low, each.name)) for each in fields(LowLevel)},
    }


def told(value: object) -> object:
    """A value as it is written: a row as its length and its sums along three waves."""
    if value is None or isinstance(value, str | bool):
        return value
    row = np.asarray(list(value) if hasattr(value, "__len__") else value, dtype=float).ravel()  # type: ignore[call-overload]
    if row.size == 1:
        return round(float(row[0]), 6)
    along = [float((row * np.cos(wave * np.arange(row.size))).sum()) for wave in WAVES]
    return [row.size, *(round(each, 4) for each in along)]


def main() -> None:
    """Write down what is measured now."""
    document = {"versions": dict(analysis.VERSIONS), "sounds": {name: measured(name) for name in SOUNDS}}
    WRITTEN.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    steps.write()


if __name__ == "__main__":
    main()
