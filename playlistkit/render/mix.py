"""Parts to one continuous stream of samples, with equal-power crossfades at constant gains.

Memory holds one block and one overlap, however long the session is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
import numpy.typing as npt

from playlistkit.render.parts import CEILING_DBTP, Part

__all__ = ["RATE", "AudioSource", "mix", "true_peak"]

RATE = 48_000  # Hz; what Opus works at, and every player plays
EDGE = RATE  # samples at either side of a join in which silence is looked for
LEAST = RATE // 5  # samples of an overlap that stay when it gives time back
GAP = RATE // 50  # samples of silence that nobody hears as a gap
SILENT = 0.001  # -60 dBFS, as the features have it

Block = npt.NDArray[np.float32]


class AudioSource(Protocol):
    """A decoded file, as `audio.open_audio` gives it."""

    @property
    def rate(self) -> int:
        """Hz."""

    @property
    def channels(self) -> int:
        """1 or more."""

    def blocks(self) -> Iterator[Block]:
        """Consecutive samples [shape=(n, channels)], full scale at 1."""


def mix(
    parts: Iterable[Part], open_source: Callable[[str], AbstractContextManager[AudioSource]]
) -> Iterator[Block]:
    """The parts, one after another, joined by equal-power crossfades.

    Parameters
    ----------
    parts : iterable of Part
    open_source : callable
        Opens a path for reading.

    Yields
    ------
    np.ndarray [shape=(n, 2)], float32
        Stereo at `RATE`. Each part has the planned number of samples: a file that ends early is followed by
        silence. Only silence at a join is cut, up to `EDGE` of either side, and later overlaps are shortened
        by as much, so that the clock is kept. In an overlap whose sum would pass `CEILING_DBTP` both tracks
        dip together.
    """
    waiting = np.zeros((0, 2), np.float32)  # the end of the part before, not given out yet
    due = 0  # samples of it that sound together with this part
    early = 0  # samples that silence at joins cost; later overlaps give them back
    for part in parts:
        left = total = round(part.duration * RATE)
        overlap = min(round(part.overlap * RATE), max(0, total - due))
        keep = overlap + EDGE
        held: list[Block] = []
        held_count = 0
        joined = len(waiting) == 0
        for block in _played(part, total, open_source):
            held.append(block)
            held_count += len(block)
            left -= len(block)
            if not joined:
                if held_count < due + EDGE and left:
                    continue
                both, cut = join(waiting, np.concatenate(held), due)
                early += cut
                held, held_count, joined = [both], len(both), True
            sure = held_count - max(0, keep - left)  # what can't belong to the next join
            if sure > 0:
                whole = np.concatenate(held)
                yield whole[:sure]
                held, held_count = [whole[sure:]], held_count - sure
        given_back = min(early, max(0, overlap - LEAST))
        due, early = overlap - given_back, early - given_back
        whole = np.concatenate([waiting[:0], *held])
        sure = max(0, len(whole) - due - EDGE)
        yield whole[:sure]
        waiting = whole[sure:]
        if part.pause:
            yield waiting
            waiting, due = waiting[:0], 0
            yield np.zeros((round(part.pause * RATE), 2), np.float32)
    yield waiting


def join(one: Block, two: Block, overlap: int) -> tuple[Block, int]:
    """The end of one part and the beginning of the next as one stretch, `overlap` samples of each together.

    Silence between the two that the overlap doesn't cover is cut: features know it to a tenth of a second, and
    at the track's own level, where a gain may make more of it.

    Returns
    -------
    np.ndarray [shape=(n, 2)]
    int
        Samples of silence that were cut.
    """
    cut = 0
    loud_one = np.flatnonzero(np.abs(one[-EDGE:]).max(axis=1) > SILENT)
    loud_two = np.flatnonzero(np.abs(two[:EDGE]).max(axis=1) > SILENT)
    after = min(len(one), EDGE) - 1 - int(loud_one[-1]) if len(loud_one) else min(len(one), EDGE)
    before = int(loud_two[0]) if len(loud_two) else min(len(two), EDGE)
    if after + before - overlap > GAP:
        one, two, cut = one[: len(one) - after], two[before:], after + before
    overlap = min(overlap, len(one), len(two))
    middle = crossfade(one[len(one) - overlap :], two[:overlap])
    return np.concatenate([one[: len(one) - overlap], middle, two[overlap:]]), cut


def crossfade(one: Block, two: Block) -> Block:
    """Two stretches of equal length, the first fading out as the second fades in at equal power."""
    if len(one) == 0:
        return one
    angle = np.linspace(0, np.pi / 2, len(one), dtype=np.float32)[:, None]
    both: Block = one * np.cos(angle) + two * np.sin(angle)
    ceiling = 10 ** (CEILING_DBTP / 20)
    peak = true_peak(both)
    if peak > ceiling:  # a dip over the whole overlap, its ends ramped over a tenth of it each: no step
        place = np.linspace(0, 1, len(one), dtype=np.float32)
        dip = np.minimum(1, 10 * np.minimum(place, 1 - place))
        both = both * (1 - dip * np.float32(1 - ceiling / peak))[:, None]
    return both


def true_peak(samples: Block) -> float:
    """Highest absolute value of four times oversampled samples (BS.1770-4, annex 2)."""
    from scipy.signal import resample_poly

    if len(samples) == 0:
        return 0.0
    return float(np.max(np.abs(resample_poly(samples, 4, 1, axis=0))))


def _played(
    part: Part, total: int, open_source: Callable[[str], AbstractContextManager[AudioSource]]
) -> Iterator[Block]:
    """Exactly `total` samples of a part, at its gain, in stereo at `RATE`."""
    skip = round(part.offset * RATE)
    gain = np.float32(10 ** (part.gain / 20))
    given = 0
    with open_source(part.path) as source:
        for block in _resampled(source):
            if skip >= len(block):
                skip -= len(block)
                continue
            piece = block[skip : skip + total - given] * gain
            skip = 0
            given += len(piece)
            yield piece
            if given == total:
                return
    while given < total:
        silence = np.zeros((min(RATE, total - given), 2), np.float32)
        given += len(silence)
        yield silence


def _resampled(source: AudioSource) -> Iterator[Block]:
    """A source's blocks in stereo at `RATE`."""
    import soxr

    if source.rate == RATE:
        yield from (_stereo(block) for block in source.blocks())
        return
    stream = soxr.ResampleStream(source.rate, RATE, 2, dtype="float32")
    for block in source.blocks():
        yield stream.resample_chunk(np.ascontiguousarray(_stereo(block)))
    yield stream.resample_chunk(np.zeros((0, 2), np.float32), last=True)


def _stereo(block: Block) -> Block:
    """Two channels: mono as it is on both sides, as every player gives it."""
    return block if block.shape[1] == 2 else np.repeat(block, 2, axis=1)
