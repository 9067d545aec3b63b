"""Samples to features, in one pass and in memory that doesn't grow with the track.

`analyze` takes blocks of samples from anywhere and knows no file. Loudness is measured on the native channels,
all else on their mono sum at 11,025 Hz: first low-level descriptors, which are then interpreted. Definitions,
units, sources and limits: docs/features.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from playlistkit.errors import AudioError
from playlistkit.model import Features, Vocals

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from threadpoolctl import ThreadpoolController

    from playlistkit.analysis.lowlevel import LowLevel

__all__ = ["HEARD", "INTERPRETED", "VERSIONS", "Heard", "analyze", "hear", "interpret"]

HEARD: Mapping[str, int] = MappingProxyType({"levels": 6, "descriptors": 4, "network": 3})
"""The version of each part that needs the sound: what is kept of older ones is listened to again.

Levels are loudness, silence and timbre; descriptors what tempo, energy, brightness and key are made of; the
network is that of the voice.
"""

INTERPRETED: Mapping[str, int] = MappingProxyType(
    {"tempo": 4, "energy": 4, "brightness": 3, "key": 1, "voice": 4, "ends": 2}
)
"""The version of each group of features that is made of low-level descriptors: an older one is made anew of what
is kept, without the sound. Brightness includes percussiveness; the ends are how loud they are next to a join."""

VERSIONS: Mapping[str, int] = MappingProxyType({**HEARD, **INTERPRETED})
"""All of them."""

BLOCK = 2**19  # samples of all channels; longer blocks are measured in parts, so that memory stays bounded


class Heard(NamedTuple):
    """What a track sounds like."""

    features: Features
    low_level: LowLevel
    """What they were made of, to be kept for `interpret`."""


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
    return hear(blocks, rate, voice=voice, hint=hint).features


def hear(
    blocks: Iterable[npt.NDArray[np.float32]], rate: int, *, voice: bool = True, hint: Vocals | None = None
) -> Heard:
    """As `analyze`, with what `interpret` needs when a scale changes."""
    import numpy as np

    from playlistkit.analysis import interpreting, lowlevel
    from playlistkit.analysis.track import Listener

    if rate <= 0:
        raise AudioError(f"the rate must be positive, not {rate} Hz")
    keep_freed_memory()
    listener: Listener | None = None
    with threads().limit(limits=1, user_api="blas"):
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
def threads() -> ThreadpoolController:
    """The threads of BLAS: on matrices as small as ours a second one doubles the processor time."""
    import threadpoolctl

    return threadpoolctl.ThreadpoolController()


@cache
def keep_freed_memory() -> None:
    """Have the C library keep what one block frees for the next.

    To hand it back and fetch it anew would cost a tenth of the time in page faults. The GNU library keeps twice as
    much as the largest array that was ever freed (`mallopt(3)`, M_MMAP_THRESHOLD), so one is, and as nothing is
    written to it, it takes no memory. Other libraries aren't moved by that.
    """
    import numpy as np

    np.empty(2**24, np.uint8)


def interpret(features: Features, low_level: LowLevel, hint: Vocals | None = None) -> Features:
    """The groups in `INTERPRETED` anew, as `hear` would give them now, without the sound.

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
