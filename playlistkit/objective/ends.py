"""The ends of tracks: the first and the last 30 s, as heard at a join."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from playlistkit.objective.array_types import Floats
from playlistkit.objective.table import Table

__all__ = ["Ends", "ends_of"]


@dataclass(frozen=True, slots=True)
class Ends:
    """One end (the last or the first 30 s) of n tracks as heard; every array has shape (n,)."""

    tempo: Floats
    pulse_clarity: Floats
    fifths: Floats
    minor: NDArray[np.bool_]
    key_clarity: Floats
    loudness: Floats
    """LUFS as heard, over 30 s."""
    loudness_near: Floats
    """LUFS as heard, over the 10 s nearest to the join."""
    energy: Floats
    timbre: Floats
    """[shape=(n, d)]"""
    silence: Floats
    """Seconds between this end and the nearest sound."""

    def __len__(self) -> int:
        return len(self.energy)

    def take(self, rows: slice) -> Ends:
        """The ends of some of the tracks."""
        return Ends(*(getattr(self, each.name)[rows] for each in fields(self)))


def ends_of(table: Table, side: str) -> Ends:
    """The "start" or "end" of each track of `table`, as heard."""
    return Ends(
        table.tempo,
        table.pulse_clarity,
        table.fifths,
        table.minor,
        table.key_clarity,
        getattr(table, f"loudness_{side}") + table.gain,
        getattr(table, f"loudness_{side}_near") + table.gain,
        getattr(table, f"energy_{side}"),
        getattr(table, f"timbre_{side}"),
        getattr(table, f"silence_{side}"),
    )
