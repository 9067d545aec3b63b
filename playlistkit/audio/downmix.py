"""Mix surround down to two speakers: ITU-R BS.775, with the levels that FFmpeg, mpv and our own render share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

__all__ = ["levels", "stereo"]

HALF = float(np.sqrt(0.5))  # -3 dB
LEFT, RIGHT, BOTH = (HALF, 0.0), (0.0, HALF), (HALF, HALF)
LEVELS = {
    "FL": (1.0, 0.0), "FR": (0.0, 1.0), "FC": BOTH, "LFE": (0.0, 0.0), "LFE2": (0.0, 0.0), "BL": LEFT, "BR": RIGHT,
    "SL": LEFT, "SR": RIGHT, "BC": (0.5, 0.5), "FLC": LEFT, "FRC": RIGHT, "DL": (1.0, 0.0), "DR": (0.0, 1.0),
}  # fmt: skip
"""How loud each speaker's channel is heard on the left and on the right."""

ORDERS = {
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
"""Which speakers a number of channels stands for, if the file doesn't say."""


def levels(count: int, names: Sequence[str] = ()) -> Samples:
    """How loud each of `count` channels is heard on the left and on the right [shape=(count, 2)].

    Parameters
    ----------
    names : sequence of str
        FFmpeg's names of the channels, if known.
    """
    if len(names) != count or not set(names) <= LEVELS.keys():
        names = ORDERS.get(count, ("FL", "FR", *["other"] * (count - 2)))
    return np.array([LEVELS.get(name, BOTH) for name in names], dtype=np.float32)


def stereo(block: Samples, heard: Samples) -> Samples:
    """A block [shape=(n, channels)] as two channels [shape=(n, 2)], not scaled: peaks may pass full scale."""
    folded: Samples = np.ascontiguousarray((heard.T @ block.T).T)
    return folded
