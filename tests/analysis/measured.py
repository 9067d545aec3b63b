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
from .made import RATE, beaten, lingering, spoken, surrounding

WRITTEN = Path(__file__).with_suffix(".json")
WAVES = (0.0, 0.37, 2.9)
"""Radians a step of the cosines with which a long row of values is told in three sums."""


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
