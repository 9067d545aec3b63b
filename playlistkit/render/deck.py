"""What plays now: samples as they are asked for, and crossfades to another place."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

import numpy as np

from playlistkit.errors import AudioError
from playlistkit.render.mix import RATE, AudioSource, Block, crossfade, mix
from playlistkit.render.parts import Part

__all__ = ["Deck"]

JUMP = 3.0  # s of crossfade to another place


class Deck:
    """Parts that play, one continuous stream.

    Parameters
    ----------
    parts : iterable of Part
        Each is asked for only when the one before is decoded.
    open_source : callable
        Opens a path for reading.
    began : callable, optional
        Takes each part once its place is known, and the sample at which it begins to sound, as `given` counts them.
    lost : callable, optional
        As for `mix`: takes a part whose file fails, and the music goes on; without it the error is raised.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        open_source: Callable[[str], AbstractContextManager[AudioSource]],
        *,
        began: Callable[[Part, int], None] | None = None,
        lost: Callable[[Part, AudioError], None] | None = None,
    ) -> None:
        self._open = open_source
        self._lost, self._began = lost, began
        self.ended = False
        """Whether all was given out."""
        self.given = 0
        """Samples given out since the first part began, over all jumps."""
        self._rest: Block = np.zeros((0, 2), np.float32)  # decoded, not given out yet
        self._start(parts)

    def read(self, count: int) -> Block:
        """The next samples [shape=(n, 2)]; fewer than `count` at the end.

        Raises
        ------
        AudioError
            If a file can't be decoded and there is no `lost` to tell; `jump` leads on from there.
        """
        block = self._take(count)
        self.given += len(block)
        self.ended = len(block) < count
        return block

    def unread(self, block: Block) -> None:
        """Take back samples that were read last and were not played: they are read again."""
        if len(block):
            self._rest = np.concatenate([block, self._rest])
            self.given -= len(block)
            self.ended = False

    def jump(self, parts: Iterable[Part], seconds: float = JUMP) -> None:
        """Crossfade to the beginning of other parts."""
        count = round(seconds * RATE)
        leaving = np.zeros((count, 2), np.float32)
        with contextlib.suppress(AudioError):  # it is left anyway
            last = self._take(count)
            leaving[: len(last)] = last
        self._start(parts)
        entering = self._take(count)
        self._rest = np.concatenate([crossfade(leaving[: len(entering)], entering), self._rest])

    def _start(self, parts: Iterable[Part]) -> None:
        origin, told = self.given, self._began
        self._rest = np.zeros((0, 2), np.float32)
        self.ended = False

        def began(part: Part, at: int) -> None:
            if told is not None:
                told(part, origin + at)

        self._blocks: Iterator[Block] = mix(parts, self._open, began=began, lost=self._lost)

    def _take(self, count: int) -> Block:
        """Up to `count` samples, fewer at the end."""
        if len(self._rest) >= count:
            block, self._rest = self._rest[:count], self._rest[count:]
            return block
        held, have = [self._rest], len(self._rest)
        while have < count:
            block_or_end = next(self._blocks, None)
            if block_or_end is None:
                break
            held.append(block_or_end)
            have += len(block_or_end)
        whole = np.concatenate(held)
        self._rest = whole[count:]
        return whole[:count]
