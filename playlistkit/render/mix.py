"""Join parts into one continuous stream of samples, with equal-power crossfades at constant gains.

Memory holds one block and one overlap, however long the session is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from playlistkit.errors import AudioError
from playlistkit.figures import beside, number
from playlistkit.render.parts import CEILING_DBTP, Part

__all__ = ["RATE", "AudioSource", "mix", "true_peak"]

RATE = 48_000  # Hz; what Opus works at, and every player plays
EDGE = RATE  # samples at either side of a join that are searched for silence
LEAST = RATE // 5  # samples of an overlap that remain when it gives time back
GAP = RATE // 50  # samples of silence that nobody hears as a gap
FADE = 3.0  # s of crossfade out of a part that breaks off
FAR = 15.0  # s; an offset nearer to the beginning of a file is reached by decoding
SILENT = 0.001  # -60 dBFS, as for the features

Block = npt.NDArray[np.float32]


class AudioSource(Protocol):
    """A decoded file, as `audio.open_audio` gives it."""

    @property
    def rate(self) -> int:
        """Hz."""

    @property
    def channels(self) -> int:
        """1 or more."""

    @property
    def decoded(self) -> float:
        """Seconds into the file at which its blocks begin: 0, or near the offset it was opened at."""

    def blocks(self) -> Iterator[Block]:
        """Consecutive samples [shape=(n, channels)], full scale at 1."""


@runtime_checkable
class Searchable(Protocol):
    """A source that can begin elsewhere."""

    exact: bool
    """Whether `decoded` is exact to the sample after `seek`."""

    def seek(self, seconds: float) -> None:
        """Make `blocks` begin near there, a little before; `decoded` says where."""


def mix(
    parts: Iterable[Part],
    open_source: Callable[[str], AbstractContextManager[AudioSource]],
    *,
    began: Callable[[Part, int], None] | None = None,
    lost: Callable[[Part, AudioError], None] | None = None,
) -> Iterator[Block]:
    """The parts, one after another, joined by equal-power crossfades.

    Parameters
    ----------
    parts : iterable of Part
        The next is asked for when the one before is decoded, so that what follows can still be changed.
    open_source : callable
        Opens a path for reading.
    began : callable, optional
        Called with each part once its place is known, and with the sample at which it begins, counted from the first.
    lost : callable, optional
        Called with a part whose file can't be opened, can't be decoded further or ends early, and with the reason. The
        music then goes on to the next part by a crossfade out of the last `FADE` seconds decoded. Without it the error
        is raised, and silence follows a file that ends early.

    Yields
    ------
    np.ndarray [shape=(n, 2)], float32
        Stereo at `RATE`. Each part has the planned number of samples. Only silence at a join is cut, up to `EDGE` on
        either side, and later overlaps are shortened by as much to keep the clock. In an overlap whose sum would exceed
        `CEILING_DBTP` both tracks dip together.
    """
    waiting = np.zeros((0, 2), np.float32)  # the end of the part before, not yet given out
    due = 0  # samples of it that sound together with this part
    early = 0  # samples lost to silence at joins; later overlaps give them back
    given = 0
    fade = round(FADE * RATE) if lost else 0
    for part in parts:
        left = total = round(part.duration * RATE)
        overlap = min(round(part.overlap * RATE), max(0, total - due))
        keep = max(overlap, fade) + EDGE
        held: list[Block] = []
        held_count = 0
        joined = heard = len(waiting) == 0
        try:
            for block in _played(part, total, open_source, padded=lost is None):
                if heard:
                    heard = False
                    if began:
                        began(part, given)
                held.append(block)
                held_count += len(block)
                left -= len(block)
                if not joined:
                    if held_count < due + EDGE and left:
                        continue
                    both, cut, begins = join(waiting, np.concatenate(held), due)
                    if began:
                        began(part, given + begins)
                    early += cut
                    held, held_count, joined = [both], len(both), True
                # all that can't belong to the next join, wherever a file breaks off
                sure = held_count - max(0, keep - (0 if lost else left))
                if sure > 0:
                    whole = np.concatenate(held)
                    given += sure
                    yield whole[:sure]
                    held, held_count = [whole[sure:]], held_count - sure
        except AudioError as error:
            if lost is None:
                raise
            lost(part, error)
            if not joined:
                continue
            overlap = min(fade, held_count)
        given_back = min(early, max(0, overlap - LEAST))
        due, early = overlap - given_back, early - given_back
        whole = np.concatenate([waiting[:0], *held])
        sure = max(0, len(whole) - due - EDGE)
        given += sure
        yield whole[:sure]
        waiting = whole[sure:]
        if part.pause:
            pause = np.zeros((round(part.pause * RATE), 2), np.float32)
            given += len(waiting) + len(pause)
            yield waiting
            waiting, due = waiting[:0], 0
            yield pause
    yield waiting


def join(one: Block, two: Block, overlap: int) -> tuple[Block, int, int]:
    """The end of one part and the beginning of the next as one stretch, `overlap` samples of each together.

    Silence between the two that the overlap doesn't cover is cut. Features state it to a tenth of a second and at the
    track's own level; after a gain there may be more of it.

    Returns
    -------
    np.ndarray [shape=(n, 2)]
    int
        Samples of silence that were cut.
    int
        The sample of the stretch at which the second begins.
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
    return np.concatenate([one[: len(one) - overlap], middle, two[overlap:]]), cut, len(one) - overlap


def crossfade(one: Block, two: Block) -> Block:
    """Two stretches [shape=(n, 2)], the first fading out as the second fades in at equal power."""
    if len(one) == 0:
        return one
    angle = np.linspace(0, np.pi / 2, len(one), dtype=np.float32)[:, None]
    both: Block = one * np.cos(angle) + two * np.sin(angle)
    ceiling = 10 ** (CEILING_DBTP / 20)
    # no true peak lies 6 dB above the samples, and looking for one takes time
    if np.max(np.abs(both)) < ceiling / 2:
        return both
    peak = true_peak(both)
    if peak > ceiling:  # a dip over the whole overlap, its ends ramped over a tenth of it each: no step
        place = np.linspace(0, 1, len(one), dtype=np.float32)
        dip = np.minimum(1, 10 * np.minimum(place, 1 - place))
        both = both * (1 - dip * np.float32(1 - ceiling / peak))[:, None]
    return both


def true_peak(samples: Block) -> float:
    """Highest absolute value of four times oversampled samples (BS.1770-4, annex 2)."""
    import soxr  # a third of scipy's time, and a second less to import where a player must go on

    if len(samples) == 0:
        return 0.0
    return float(np.max(np.abs(soxr.resample(np.ascontiguousarray(samples), 1, 4))))


def _played(
    part: Part,
    total: int,
    open_source: Callable[[str], AbstractContextManager[AudioSource]],
    *,
    padded: bool,
) -> Iterator[Block]:
    """Exactly `total` samples of a part, with its gain, in stereo at `RATE`."""
    gain = np.float32(10 ** (part.gain / 20))
    given = 0
    with open_source(part.path) as source:
        if part.offset - source.decoded > FAR and isinstance(source, Searchable) and source.exact:
            source.seek(part.offset)
        skip = max(0, round((part.offset - source.decoded) * RATE))
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
    if not padded and total - given > GAP:
        ends, planned = beside(given / RATE, total / RATE, digits=0), number(round(total / RATE, 2))
        raise AudioError(f"{part.path}: ends after {ends} of the {planned} s that were planned")
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
    """Two channels: mono goes unchanged to both sides, as in every player."""
    return block if block.shape[1] == 2 else np.repeat(block, 2, axis=1)
