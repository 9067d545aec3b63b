"""Samples to features, in one pass and in memory that doesn't grow with the track.

`analyze` takes blocks of samples from anywhere and opens no files. Loudness is measured on the native channels,
everything else on their mono sum at 11,025 Hz: low-level descriptors first, which are then interpreted.
docs/features.md has definitions, units, sources and limits; docs/accuracy.md how right they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from playlistkit.blas import one_thread
from playlistkit.errors import AudioError
from playlistkit.model import Features, Vocals

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from playlistkit.analysis.lowlevel import LowLevel

__all__ = ["HEARD", "INTERPRETED", "VERSIONS", "Heard", "analyze", "hear", "interpret"]

HEARD: Mapping[str, int] = MappingProxyType({"levels": 6, "descriptors": 6, "network": 12})
"""The version of each part that needs the sound. Tracks measured by an older version are listened to again.

"levels" are loudness, silence and timbre; "descriptors" are what tempo, energy, brightness and key are computed
from; "network" is what the network answered to voices and other sounds.
"""

INTERPRETED: Mapping[str, int] = MappingProxyType(
    {"tempo": 4, "energy": 8, "brightness": 5, "key": 1, "voice": 11, "ends": 2}
)
"""The version of each group of features computed from low-level descriptors. An older one is computed again from
what was kept, without the sound. Brightness includes percussiveness; the ends are the loudness next to a join."""

VERSIONS: Mapping[str, int] = MappingProxyType({**HEARD, **INTERPRETED})
"""All of them."""

BLOCK = 2**19  # samples of all channels; longer blocks are measured in parts, so that memory stays bounded


class Heard(NamedTuple):
    """What a track sounds like."""

    features: Features
    low_level: LowLevel
    """What they were computed from, to be kept for `interpret`."""


def analyze(
    blocks: Iterable[npt.NDArray[np.float32]], rate: int, *, voice: bool = True, hint: Vocals | None = None
) -> Features:
    """Every feature of a track, from its samples in order.

    Parameters
    ----------
    blocks : iterable of np.ndarray [shape=(n,) or (n, channels)]
        Samples, full scale at 1, all blocks with the same channels. Read once; NaN and infinity count as silence.
    rate : int
        Hz.
    voice : bool
        Whether to run the network that hears voices.
    hint : Vocals, optional
        What tags tell of the voice.

    Returns
    -------
    Features
        What can't be measured is `None`: silence has no tempo, and half a second has no loudness range.

    Raises
    ------
    AudioError
        If the rate isn't positive, or the blocks differ in channels.
    """
    return hear(blocks, rate, voice=voice, hint=hint).features


def hear(
    blocks: Iterable[npt.NDArray[np.float32]], rate: int, *, voice: bool = True, hint: Vocals | None = None
) -> Heard:
    """As `analyze`, with what `interpret` needs when a scale changes; takes and raises the same."""
    import numpy as np

    from playlistkit.analysis import interpreting, lowlevel
    from playlistkit.analysis.track import Listener

    if rate <= 0:
        raise AudioError(f"the rate must be positive, not {rate} Hz")
    keep_freed_memory()
    listener: Listener | None = None
    with one_thread():
        for block in blocks:
            planar = np.asarray(block, dtype=np.float32)
            planar = planar[np.newaxis] if planar.ndim == 1 else planar.T
            if listener is None:
                listener = Listener(rate, planar.shape[0], voice=voice)
            if planar.shape[0] != listener.channels:
                raise AudioError(f"{listener.channels} channels became {planar.shape[0]} within the track")
            size = BLOCK // listener.channels
            for start in range(0, planar.shape[1], size):
                listener.add(np.ascontiguousarray(planar[:, start : start + size]))
        measured, low = listener.finish() if listener else (Features(), lowlevel.LowLevel())
    return Heard(interpreting.interpret(measured, low, hint), low)


@cache
def keep_freed_memory() -> None:
    """Make the C library keep the memory that one block frees for the next.

    Returning it and fetching it again would cost a tenth of the time in page faults. The GNU library keeps twice the
    size of the largest array ever freed (`mallopt(3)`, M_MMAP_THRESHOLD), so we free a large one; since nothing is
    written to it, it takes no memory. Other C libraries ignore this.
    """
    import numpy as np

    np.empty(2**24, np.uint8)


def interpret(features: Features, low_level: LowLevel, hint: Vocals | None = None) -> Features:
    """Compute the groups in `INTERPRETED` again, as `hear` would now, without the sound.

    Parameters
    ----------
    features : Features
        As measured before.
    low_level : LowLevel
        As `hear` gave it then.
    hint : Vocals, optional
        What tags tell of the voice.
    """
    from playlistkit.analysis import interpreting

    return interpreting.interpret(features, low_level, hint)
