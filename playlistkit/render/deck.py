"""What plays now: samples as they are asked for, with jumps and pauses that fade."""

from __future__ import annotations

import bisect
import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

import numpy as np

from playlistkit.errors import AudioError
from playlistkit.render.mix import RATE, AudioSource, Block, crossfade, mix
from playlistkit.render.parts import Part

__all__ = ["Deck"]

JUMP = 3.0  # s of crossfade to another place
PAUSE = 0.5  # s of fade into a pause and out of it


class Deck:
    """Parts that play, one continuous stream.

    Parameters
    ----------
    parts : sequence of Part
    open_source : callable
        Opens a path for reading.
    first : int
        The part to begin with.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        open_source: Callable[[str], AbstractContextManager[AudioSource]],
        first: int = 0,
    ) -> None:
        self._open = open_source
        self.paused = False
        self._rest: Block = np.zeros((0, 2), np.float32)  # decoded, not given out yet
        self._start(parts, first)

    @property
    def index(self) -> int:
        """The part that plays; in an overlap the one that begins."""
        return min(max(self._first, bisect.bisect_right(self._starts, self._at) - 1), len(self._starts) - 1)

    @property
    def seconds(self) -> float:
        """Seconds into that part."""
        return self._at - self._starts[self.index]

    @property
    def _at(self) -> float:
        """Seconds from the first part's start."""
        return self._starts[min(self._first, len(self._starts) - 1)] + self._given / RATE

    def read(self, seconds: float) -> Block:
        """The next samples [shape=(n, 2)]; fewer at the end, silence while paused.

        Raises
        ------
        AudioError
            If a file can't be decoded; `jump` leads on from there.
        """
        if self.paused:
            return np.zeros((round(seconds * RATE), 2), np.float32)
        block = self._take(round(seconds * RATE))
        self._given += len(block)
        return block

    def pause(self) -> Block:
        """Pause, or go on; what is to be heard before the pause: the music fading."""
        fade = np.linspace(0, 1, round(PAUSE * RATE), dtype=np.float32)[:, None]
        if self.paused:
            self.paused = False
            block = self._take(len(fade))
            self._rest = np.concatenate([block * fade[: len(block)], self._rest])
            return block[:0]
        block = self.read(PAUSE)
        self.paused = True
        return block * fade[::-1][: len(block)]

    def jump(self, parts: Sequence[Part], index: int) -> None:
        """Crossfade to the beginning of a part, of these parts or of others; beyond the last: to the end."""
        count = round(JUMP * RATE)
        leaving = np.zeros((count, 2), np.float32)
        if not self.paused:
            with contextlib.suppress(AudioError):  # it is left anyway
                last = self._take(count)
                leaving[: len(last)] = last
        self.paused = False
        self._start(parts, index)
        entering = self._take(count)
        self._rest = np.concatenate([crossfade(leaving[: len(entering)], entering), self._rest])

    def _start(self, parts: Sequence[Part], first: int) -> None:
        self.parts = parts
        self._first = first
        self._starts = [0.0, *itertools.accumulate(part.duration - part.overlap for part in parts[:-1])]
        self._given = 0
        self._rest = np.zeros((0, 2), np.float32)
        self._blocks: Iterator[Block] = mix(parts[first:], self._open)

    def _take(self, count: int) -> Block:
        """Up to `count` samples, fewer at the end."""
        held, have = [self._rest], len(self._rest)
        while have < count:
            block = next(self._blocks, None)
            if block is None:
                break
            held.append(block)
            have += len(block)
        whole = np.concatenate(held)
        self._rest = whole[count:]
        return whole[:count]
