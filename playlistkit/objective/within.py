"""Energy within tracks, as heard: its curve, its means over blocks of seconds, and its fullest half minute.

Takes a `Table`, whose curves are at the tracks' own level; gives arrays at the level at which they are heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from playlistkit.energy import played
from playlistkit.model import Curve
from playlistkit.objective.array_types import Floats, Ints
from playlistkit.objective.details import Details
from playlistkit.objective.table import Table, given_or, values_of

__all__ = ["BLOCK", "curve_peaks", "energy_blocks", "heard_curve", "highest_energy"]

BLOCK = 10.0
"""Length in seconds of the means that follow energy within a track."""
RAMP = 45.0  # s; assumed ramp from the start's energy to the track's own, for tracks without a curve


def heard_curve(table: Table, row: int) -> Floats | None:
    """A track's energy curve as heard, each second moved by its own loudness [shape=(seconds,)]; `None` if it has none."""
    asked = _curve_asked(table, row)
    return None if asked is None else _heard(*asked)


def _curve_asked(table: Table, row: int) -> tuple[Curve, Curve | None, float, float] | None:
    """All that a track's curve as heard depends on: its energy and loudness curves, its loudness and lift."""
    own, lift = table.curves[row], float(table.lift[row])
    if own is None:
        return None
    if not lift or np.isnan(lift):
        return own, None, 0.0, 0.0
    return own, table.loudness_curves[row], float(table.loudness[row]), lift


def _heard(own: Curve, loudness_curve: Curve | None, loudness: float, lift: float) -> Floats:
    return _lifted(own, loudness_curve, loudness, lift) if lift else values_of(own)


@lru_cache(maxsize=2048)
def _lifted(own: Curve, loudness_curve: Curve | None, loudness: float, lift: float) -> Floats:
    """As `heard_curve`; cached, since one track is judged in many similar plans."""
    values = values_of(own)
    levels: Floats = np.full(len(values), loudness)
    if loudness_curve is not None and len(loudness_curve) >= len(values):
        levels = values_of(loudness_curve)[: len(values)]
    heard = played(values, levels, levels + lift)
    heard.setflags(write=False)
    return heard


def energy_blocks(table: Table, seconds: float = BLOCK) -> Floats:
    """Energy within each track as heard, in means of `seconds`, from its first sound on.

    The measured curve if there is one; else a ramp from the start's energy to the track's own and, at the
    end, to that of the end.

    Returns
    -------
    np.ndarray [shape=(n, blocks)]
        As wide as the longest track needs; 0 after a track's end.
    """
    durations = given_or(table.duration, 0.0)
    width = int(np.ceil(durations.max(initial=0.0) / seconds))
    begins = np.arange(width) * seconds
    lengths = np.clip(durations[:, None] - begins, 0.0, seconds)
    middles = begins + lengths / 2
    ramp = np.maximum(np.minimum(RAMP, durations / 5), 1e-9)[:, None]
    body, start, end = (each[:, None] for each in (table.energy, table.energy_start, table.energy_end))
    left = np.clip(1 - middles / ramp, 0, 1)
    right = np.clip(1 - (durations[:, None] - middles) / ramp, 0, 1)
    blocks = body + (start - body) * left + (end - body) * right
    for row in range(len(table)):
        asked = _curve_asked(table, row)
        if asked is not None:
            means = _block_means(*asked, seconds)[:width]
            blocks[row, : len(means)], blocks[row, len(means) :] = means, means[-1]
    return np.where((lengths > 0) & ~np.isnan(blocks), blocks, 0.0)


PEAK = 30
"""Seconds over which a track's fullest passage is measured."""
AT_ONCE = 2_000
"""Curves that are searched together, so that their sums take little memory."""


def curve_peaks(table: Table) -> tuple[Floats, Floats]:
    """Where each energy curve is highest in means of `PEAK` seconds: energy and LUFS there, both at the track's own level.

    NaN for a track without a curve [shape=(n,), both].
    """
    energy: Floats = table.details.of(_highest, table.rows)
    if not table.lift.any():
        return energy, table.loudness
    levels = table.details.of(_level_there, table.rows)
    return energy, given_or(levels, table.loudness)


def _highest(details: Details, rows: Ints) -> Floats:
    """The highest mean of `PEAK` seconds of each energy curve; NaN without one [shape=(n,)]."""
    energy = np.full(len(rows), np.nan)
    for some, curves in _curved(details, rows):
        energy[some] = _fullest(curves)[0]
    return energy


def _level_there(details: Details, rows: Ints) -> Floats:
    """LUFS where each energy curve is highest, of the track itself; NaN if there is no loudness curve [shape=(n,)]."""
    loudness = np.full(len(rows), np.nan)
    for some, curves in _curved(details, rows):
        _, sums, begins = _fullest(curves)
        for k, curve, first in zip(some, curves, begins.tolist(), strict=True):
            levels, size = details.features[rows[k]].loudness_curve, min(PEAK, len(curve))
            if not levels:
                continue
            at = int(sums[first : first + len(curve) - size + 1].argmax()) if len(curve) > size else 0
            if len(levels) >= at + size:
                loudness[k] = values_of(levels)[at : at + size].mean()
    return loudness


def _curved(details: Details, rows: Ints) -> Iterator[tuple[list[int], list[Curve]]]:
    """Those of some rows that have an energy curve, by their places, with their curves, `AT_ONCE` together."""
    curves = ((k, details.features[row].energy_curve) for k, row in enumerate(rows.tolist()))
    curved = [(k, curve) for k, curve in curves if curve]
    for begin in range(0, len(curved), AT_ONCE):
        some = curved[begin : begin + AT_ONCE]
        yield [k for k, _ in some], [curve for _, curve in some]


def _fullest(curves: Sequence[Curve]) -> tuple[Floats, Ints, Ints]:
    """The highest mean of `PEAK` values within each curve, or of all where it has fewer.

    Also, to find where that is: the sum of the `PEAK` values from each one on, curve after curve, and where each curve
    begins.
    """
    lengths = np.array([len(curve) for curve in curves])
    ends = np.cumsum(lengths)
    begins = ends - lengths
    steps = np.frombuffer(b"".join(map(bytes, curves)), dtype=np.int16)
    total = np.concatenate([[0], np.cumsum(steps, dtype=np.int64)])
    highest = total[ends] - total[begins]
    sums = total[PEAK:] - total[:-PEAK]
    long = lengths > PEAK
    if long.any():
        # of each long curve the windows within it, and then those that reach into the next
        edges = np.stack([begins[long], ends[long] - PEAK + 1], axis=1).ravel()
        highest[long] = np.maximum.reduceat(np.append(sums, 0), edges)[::2]
    return highest / np.minimum(lengths, PEAK) * np.array([curve.step for curve in curves]), sums, begins


def highest_energy(table: Table, peaks: tuple[Floats, Floats] | None = None) -> Floats:
    """The highest energy of each track as heard, in means of `PEAK` seconds [shape=(n,)].

    Without a curve, the highest of its ends and its mean.

    Parameters
    ----------
    peaks : optional
        `curve_peaks` of the table, if already computed.
    """
    energy, loudness = peaks or curve_peaks(table)
    ends: Floats = np.fmax(np.fmax(table.energy, table.energy_start), table.energy_end)
    return np.where(np.isnan(energy), ends, played(energy, loudness, loudness + table.lift))


@lru_cache(maxsize=1 << 13)
def _block_means(
    own: Curve, loudness_curve: Curve | None, loudness: float, lift: float, seconds: float
) -> Floats:
    """A curve as heard in means of `seconds`, with one block more; cached, since the same tracks are planned again and again.

    The last value extends the curve, so the last block holds nothing else.
    """
    values = _heard(own, loudness_curve, loudness, lift)
    width = -(-len(values) // round(seconds)) + 1
    padded = np.concatenate([values, np.full(width * round(seconds) - len(values), values[-1])])
    means: Floats = padded.reshape(width, -1).mean(axis=1)
    means.setflags(write=False)
    return means
