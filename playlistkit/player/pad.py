"""The last resort: calm music in memory, because everything else may be gone."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from playlistkit.render import RATE

__all__ = ["LOUDNESS", "Pad"]

Block = npt.NDArray[np.float32]

SECONDS = 24
LOUDNESS = -34.0  # about LUFS; quieter than any phase, so that it never startles
CHORD = (73.0, 110.0, 146.0, 220.0, 293.0)  # Hz; whole periods in `SECONDS`, so that it has no seam
SWELLS = (2, 3, 1, 2, 3)  # slow rises and falls of each note in that time


class Pad:
    """An endless `Source`: a held open chord whose notes come and go slowly."""

    rate, channels, decoded = RATE, 2, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to close."""

    def blocks(self) -> Iterator[Block]:
        """The chord, again and again."""
        while True:
            for second in range(SECONDS):
                yield _chord()[second * RATE : (second + 1) * RATE]


@functools.cache
def _chord() -> Block:
    times = np.arange(SECONDS * RATE, dtype=np.float64) / RATE
    sides = np.zeros((len(times), 2))
    for k, (hz, swells) in enumerate(zip(CHORD, SWELLS, strict=True)):
        note = np.sin(2 * np.pi * hz * times) / (1 + k)
        for side in range(2):
            turn = 2 * np.pi * (swells * times / SECONDS + 0.31 * k + 0.17 * side)
            sides[:, side] += note * (0.55 + 0.45 * np.sin(turn))
    level = 10 ** ((LOUDNESS + 3) / 20)
    chord: Block = (sides * level / np.sqrt(np.mean(sides**2) * 2)).astype(np.float32)
    return chord
