"""Where made or rendered sound falls silent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from playlistkit.render import RATE


def longest_silence(sound: npt.NDArray[np.float32], level: float = 1e-4) -> float:
    """Seconds of the longest stretch in which no channel passes `level` [shape=(n, channels)]."""
    loud = np.ones(len(sound) + 2, dtype=bool)  # as if there were sound before and after
    loud[1:-1] = False
    for channel in sound.T:  # a maximum over two channels takes ten times as long
        loud[1:-1] |= np.abs(channel) > level
    turns = np.flatnonzero(loud[1:] != loud[:-1])
    return float(np.diff(turns)[::2].max(initial=0)) / RATE
