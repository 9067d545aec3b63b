"""Samples to features, in one pass and in memory that doesn't grow with the track.

`analyze` takes blocks of samples from anywhere and knows no file. Loudness is measured on the native channels,
all else on their mono sum at 11,025 Hz. Definitions, units, sources and limits: docs/features.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from playlistkit.errors import AudioError
from playlistkit.model import Features, Vocals

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["VERSIONS", "analyze"]

VERSIONS: Mapping[str, int] = MappingProxyType(
    {"loudness": 1, "tempo": 1, "energy": 1, "spectrum": 1, "key": 1, "silence": 1, "voice": 2}
)
"""The version of each group of features; a higher one than a library's asks for its tracks again."""

BLOCK = 65_536  # samples; longer blocks are measured in parts, so that memory stays bounded


def analyze(
    blocks: Iterable[npt.NDArray[np.float32]], rate: int, *, voice: bool = True, hint: Vocals | None = None
) -> Features:
    """Every feature of a track, from its samples in order.

    Parameters
    ----------
    blocks : iterable of np.ndarray [shape=(n,) or (n, channels)]
        Samples, full scale at 1, all blocks with the same channels. Read once; values that are no numbers
        count as silence.
    rate : int
        Hz.
    voice : bool
        Whether to ask the network for a voice; about half of the cost.
    hint : Vocals, optional
        What tags tell of the voice.

    Returns
    -------
    Features
        What can't be measured is `None`: silence has no tempo, half a second no loudness range.

    Raises
    ------
    AudioError
        If the rate isn't positive, or the blocks differ in channels.
    """
    import numpy as np

    from playlistkit.analysis.track import Listener

    if rate <= 0:
        raise AudioError(f"the rate must be positive, not {rate} Hz")
    listener: Listener | None = None
    for block in blocks:
        planar = np.asarray(block, dtype=np.float32)
        planar = planar[np.newaxis] if planar.ndim == 1 else planar.T
        if listener is None:
            listener = Listener(rate, planar.shape[0], voice=voice)
        if planar.shape[0] != listener.channels:
            raise AudioError(f"{listener.channels} channels became {planar.shape[0]} within the track")
        for start in range(0, planar.shape[1], BLOCK):
            listener.add(np.ascontiguousarray(planar[:, start : start + BLOCK]))
    return listener.finish(hint) if listener else Features(vocals=hint or "unknown")
