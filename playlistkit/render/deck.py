"""Play now: give samples as they are asked for, and crossfade to another place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

import numpy as np

from playlistkit.errors import AudioError
from playlistkit.render.mix import RATE, AudioSource, Block, mix, true_peak
from playlistkit.render.parts import CEILING_DBTP, Part

__all__ = ["Deck"]

JUMP = 3.0  # s of crossfade to another place
CHUNK = RATE // 10  # samples of such a crossfade that are mixed at a time


class Deck:
    """Parts played as one continuous stream.

    Parameters
    ----------
    parts : iterable of Part
        Each is asked for only when the one before is decoded.
    open_source : callable
        Opens a path for reading.
    began : callable, optional
        Called with each part once its place is known, and with the sample at which it begins, as `given` counts them.
    lost : callable, optional
        As for `mix`: called with a part whose file fails, and the music goes on; without it the error is raised.
        Neither is called for parts that a jump has left.
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
        """Whether everything was given out."""
        self.given = 0
        """Samples given out since the first part began, across all jumps."""
        self._jumps = 0
        self._stream = _Stream(self._mixed(parts))

    def read(self, count: int) -> Block:
        """The next samples [shape=(n, 2)]; fewer than `count` at the end.

        Raises
        ------
        AudioError
            If a file can't be decoded and there is no `lost`; `jump` goes on from there.
        """
        block = self._stream.take(count)
        self.given += len(block)
        self.ended = len(block) < count
        return block

    def unread(self, block: Block) -> None:
        """Take back samples that were read last but not played: the next read gives them again."""
        if len(block):
            self._stream.give_back(block)
            self.given -= len(block)
            self.ended = False

    def jump(self, parts: Iterable[Part], seconds: float = JUMP) -> None:
        """Crossfade to the beginning of other parts; if there are none, fade out.

        Both sides are decoded only as the crossfade is read, so a jump takes no time.
        """
        self._jumps += 1
        entering = _Stream(self._mixed(parts))
        self._stream = _Stream(_crossfaded(self._stream, entering, round(seconds * RATE)))
        self.ended = False

    def _mixed(self, parts: Iterable[Part]) -> Iterator[Block]:
        origin, jumps = self.given, self._jumps
        told_began, told_lost = self._began, self._lost

        def began(part: Part, at: int) -> None:
            if told_began is not None and self._jumps == jumps:
                told_began(part, origin + at)

        def lost(part: Part, error: AudioError) -> None:
            if told_lost is not None and self._jumps == jumps:
                told_lost(part, error)

        return mix(parts, self._open, began=began, lost=None if told_lost is None else lost)


class _Stream:
    """Blocks, taken in stretches of any length."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks = blocks
        self._rest: Block = np.zeros((0, 2), np.float32)  # decoded, not given out yet

    def take(self, count: int) -> Block:
        """Up to `count` samples, fewer at the end."""
        if len(self._rest) < count:
            held, have = [self._rest], len(self._rest)
            while have < count:
                block = next(self._blocks, None)
                if block is None:
                    break
                held.append(block)
                have += len(block)
            self._rest = np.concatenate(held)
        block, self._rest = self._rest[:count], self._rest[count:]
        return block

    def give_back(self, block: Block) -> None:
        """Put these before what follows."""
        self._rest = np.concatenate([block, self._rest])

    def all(self) -> Iterator[Block]:
        """What is left."""
        yield self._rest
        yield from self._blocks


def _crossfaded(leaving: _Stream, entering: _Stream, count: int) -> Iterator[Block]:
    """One stream fading out over `count` samples at equal power as the other fades in; then the other.

    If the sum would exceed `CEILING_DBTP`, both dip together. That is known one chunk ahead, so the level glides.
    """
    ceiling = 10 ** (CEILING_DBTP / 20)
    held, held_level, level = np.zeros((0, 2), np.float32), 1.0, 1.0
    one = two = both = held
    for at in range(0, count, CHUNK):
        length = min(CHUNK, count - at)
        try:
            one = leaving.take(length)
        except AudioError:  # we leave it anyway
            one = held[:0]
        two = entering.take(length)
        both = np.zeros((max(len(one), len(two)), 2), np.float32)
        angle = (np.arange(at, at + length, dtype=np.float32) * np.float32(np.pi / 2 / count))[:, None]
        both[: len(one)] += one * np.cos(angle[: len(one)])
        both[: len(two)] += two * np.sin(angle[: len(two)])
        loudest = float(np.max(np.abs(both), initial=0.0))
        if loudest > ceiling / 2:  # no true peak lies 6 dB above the samples, and checking takes time
            loudest = max(loudest, true_peak(both))
        next_level = min(1.0, ceiling / max(loudest, 1e-9))
        yield _glide(held, level, min(held_level, next_level))
        level = min(held_level, next_level) if len(held) else 1.0
        held, held_level = both, next_level
        if not len(both):
            return
    yield _glide(held, level, 1.0)
    del leaving, held, one, two, both  # close its file, or each jump would keep all the files left before
    yield from entering.all()


def _glide(block: Block, first: float, last: float) -> Block:
    if first == last == 1.0:
        return block
    levelled: Block = block * np.linspace(first, last, len(block), dtype=np.float32)[:, None]
    return levelled
