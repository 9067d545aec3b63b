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
CHORD = (73, 110, 146, 220, 293)  # Hz; whole periods in a second, so that it has no seam
SWELLS = (2, 3, 1, 2, 3)  # slow rises and falls of each note in `SECONDS`
HELD = np.float32(0.55)  # of a note's strength; the rest swells
TURN = np.float32(2 * np.pi)
TENTHS = 10


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
        """The chord, again and again, a tenth of a second at a time: somebody is waiting for the first."""
        notes = _notes()
        apart = RATE // TENTHS
        while True:
            for at in range(0, SECONDS * RATE, apart):
                turns = np.arange(at, at + apart, dtype=np.float32) * np.float32(2 * np.pi / (SECONDS * RATE))
                block = np.zeros((apart, 2), np.float32)
                for k, swells in enumerate(SWELLS):
                    note = notes[k, at % RATE : at % RATE + apart]
                    for side in range(2):
                        swell = np.sin(swells * turns + np.float32(0.31 * k + 0.17 * side) * TURN)
                        block[:, side] += note * (HELD + (1 - HELD) * swell)
                yield block


@functools.cache
def _notes() -> Block:
    """A second of each note, at the chord's level [shape=(notes, RATE)]; each sounds whole periods in that time.

    Each is held at `HELD` and swells by the rest, so of the whole chord both sides have the same mean square.
    """
    phases = 2 * np.pi * np.array(CHORD)[:, None] * (np.arange(RATE) / RATE)
    strengths = 1 / (1 + np.arange(len(CHORD)))
    mean_square = np.sum(strengths**2) / 2 * (HELD**2 + (1 - HELD) ** 2 / 2)
    level = 10 ** ((LOUDNESS + 3) / 20) / np.sqrt(2 * mean_square)
    notes: Block = (np.sin(phases) * (strengths * level)[:, None]).astype(np.float32)
    return notes
