"""Tracks and features as arrays, one row a track, NaN where unknown.

Absurd values (NaN, a tempo of 0, a negative duration) become unknown here, once, so that no term need check.
Energies are at the tracks' own level, until `hearing` moves them to the level at which they will be heard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from playlistkit.energy import played
from playlistkit.model import FELT, Curve, Features, Track
from playlistkit.objective.array_types import Floats, Ints
from playlistkit.objective.doubles import same_sound
from playlistkit.objective.people import People
from playlistkit.recordings import versions, works

__all__ = [
    "BLOCK",
    "VOCALS_RANK",
    "Table",
    "curve_peaks",
    "energy_blocks",
    "heard_curve",
    "highest_energy",
    "recording_groups",
]


BLOCK = 10.0
"""Length in seconds of the means that follow energy within a track."""

ABSURD = 1e9
"""No value of a feature is as large."""

RAMP = 45.0  # s; assumed ramp from the start's energy to the track's own, for tracks without a curve

VOCALS_RANK = {"none": 0, "wordless": 1, "words": 2, "any": 2, "unknown": 3}

FIFTHS = {
    name: (i * 7) % 12
    for i, name in enumerate(["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"])
}

_NUMBERS = (
    "tempo",
    "pulse_clarity",
    "energy",
    "energy_start",
    "energy_end",
    "energy_doubt",
    "loudness",
    "loudness_start",
    "loudness_end",
    "loudness_start_near",
    "loudness_end_near",
    "loudness_range",
    "true_peak",
    "silence_start",
    "silence_end",
    "brightness",
    "percussiveness",
    "key_clarity",
    "silence_inside",
    "jolt",
    "swell",
    "music_probability",
    "speech",
    "repetition",
)
_UNIT = {
    "pulse_clarity",
    "energy",
    "energy_start",
    "energy_end",
    "energy_doubt",
    "brightness",
    "percussiveness",
    "key_clarity",
    "music_probability",
    "repetition",
}


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What the terms need of n tracks; every array has shape (n,) unless said otherwise."""

    duration: Floats
    """Seconds; NaN where absurd."""
    tempo: Floats
    """log2 of BPM."""
    pulse_clarity: Floats
    """1 if unknown: a given tempo is believed. 0 if the beat isn't felt: its tempo counts as unknown."""
    energy: Floats
    """Mean energy; from the curve if only that is known."""
    energy_start: Floats
    energy_end: Floats
    energy_doubt: Floats
    """Uncertainty of the energy; 0 unless it was rated by ear."""
    loudness: Floats
    """LUFS of the track itself, before `gain`."""
    loudness_start: Floats
    loudness_end: Floats
    loudness_start_near: Floats
    """LUFS of the first 10 s; of the first 30 s if the former is unknown or a fade."""
    loudness_end_near: Floats
    loudness_range: Floats
    true_peak: Floats
    silence_start: Floats
    """Seconds before the first sound; 0 if unknown."""
    silence_end: Floats
    brightness: Floats
    percussiveness: Floats
    silence_inside: Floats
    """Seconds."""
    jolt: Floats
    """LU, as `swell`."""
    swell: Floats
    music_probability: Floats
    speech: Floats
    """Seconds in which somebody speaks."""
    repetition: Floats
    """Share of what follows the first 32 s that only repeats them."""
    fifths: Floats
    """Place of the key's relative major on the circle of fifths, 0 to 11."""
    minor: NDArray[np.bool_]
    key_clarity: Floats
    vocals: NDArray[np.int8]
    """`VOCALS_RANK` of each track's voice."""
    people: Ints
    """[shape=(n, k)] Numbers of each track's people (`objective.people`), padded with `NO_ONE`."""
    who: People
    """The people behind the numbers."""
    work: Ints
    """Equal for movements of one work (`recordings.works`); 0 if not a movement."""
    movement: Ints
    """Its number within the work."""
    timbre_start: Floats
    """[shape=(n, d)], divided by the root of d: a plain distance is the root mean square difference."""
    timbre_end: Floats
    keep: NDArray[np.bool_]
    """Marked `keep`."""
    gain: Floats
    """dB by which each track is heard louder; NaN where that depends on an unknown loudness."""
    lift: Floats
    """dB at which its energies are judged: already applied to `energy`, `energy_start` and `energy_end`, to be
    applied to `curves`. NaN if unknown; then not applied."""
    curves: tuple[Curve | None, ...]
    """Energy, at the track's own level."""
    loudness_curves: tuple[Curve | None, ...]

    def __len__(self) -> int:
        return len(self.duration)

    @classmethod
    def of(
        cls, tracks: Sequence[Track], features: Sequence[Features], keep: Sequence[bool] | None = None
    ) -> Table:
        """The table of these tracks, row by row; `keep` says which are marked so."""
        columns = _columns(features)
        columns["tempo"] = np.log2(np.where(columns["tempo"] > 0, columns["tempo"], np.nan))
        clarity = _or(columns["pulse_clarity"], 1.0)
        columns["pulse_clarity"] = np.where(clarity >= FELT, clarity, 0.0)
        columns["energy_doubt"] = _or(columns["energy_doubt"], 0.0)
        columns["key_clarity"] = _or(columns["key_clarity"], 1.0)
        for name in ("silence_start", "silence_end"):
            columns[name] = np.maximum(_or(columns[name], 0.0), 0.0)
        curves = tuple(each.energy_curve or None for each in features)
        for i in np.flatnonzero(np.isnan(columns["energy"])):
            curve = curves[i]
            if curve is not None:
                columns["energy"][i] = np.clip(np.mean(_values(curve)), 0, 1)
        for name in ("start", "end"):
            columns[f"energy_{name}"] = _or(columns[f"energy_{name}"], columns["energy"])
            columns[f"loudness_{name}"] = _or(columns[f"loudness_{name}"], columns["loudness"])
            near = f"loudness_{name}_near"
            columns[near] = _or(columns[near], columns[f"loudness_{name}"])
        duration = np.fromiter((track.duration for track in tracks), np.float64, len(tracks))
        duration[~((duration > 0) & (duration < ABSURD))] = np.nan
        width = _common_width(features)
        who = People(tracks)
        placed = np.array(works(tracks), dtype=np.intp).reshape(-1, 2)
        return cls(
            duration=duration,
            fifths=np.array([_fifths(each.key, each.mode) for each in features]),
            minor=np.array([each.mode == "minor" for each in features], dtype=bool),
            vocals=np.array(
                [VOCALS_RANK.get(each.vocals or "unknown", 3) for each in features], dtype=np.int8
            ),
            people=who.rows,
            who=who,
            work=placed[:, 0],
            movement=placed[:, 1],
            timbre_start=_timbre([each.timbre_start or each.timbre for each in features], width),
            timbre_end=_timbre([each.timbre_end or each.timbre for each in features], width),
            keep=np.array(keep if keep is not None else [False] * len(tracks), dtype=bool),
            gain=np.zeros(len(tracks)),
            lift=np.zeros(len(tracks)),
            curves=curves,
            loudness_curves=tuple(each.loudness_curve or None for each in features),
            **columns,
        )

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Table:
        """The table of some of the rows, in that order."""
        chosen = np.arange(len(self))[rows]
        arrays = self.__dataclass_fields__.keys() - {"curves", "loudness_curves", "who"}
        parts = {name: getattr(self, name)[chosen] for name in arrays}
        for name in ("curves", "loudness_curves"):
            parts[name] = tuple(map(getattr(self, name).__getitem__, chosen.tolist()))
        return Table(who=self.who, **parts)


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
    return _lifted(own, loudness_curve, loudness, lift) if lift else _values(own)


@lru_cache(maxsize=2048)
def _lifted(own: Curve, loudness_curve: Curve | None, loudness: float, lift: float) -> Floats:
    """As `heard_curve`; cached, since one track is judged in many similar plans."""
    values = _values(own)
    levels: Floats = np.full(len(values), loudness)
    if loudness_curve is not None and len(loudness_curve) >= len(values):
        levels = _values(loudness_curve)[: len(values)]
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
    durations = _or(table.duration, 0.0)
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
    energy, loudness = np.full(len(table), np.nan), table.loudness.copy()
    moved = bool(table.lift.any())
    curved = [(row, curve) for row, curve in enumerate(table.curves) if curve is not None and len(curve)]
    for begin in range(0, len(curved), AT_ONCE):
        some = curved[begin : begin + AT_ONCE]
        rows = [row for row, _ in some]
        energy[rows], sums, begins = _fullest([curve for _, curve in some])
        for (row, curve), first in zip(some, begins.tolist(), strict=True):
            levels, size = table.loudness_curves[row], min(PEAK, len(curve))
            if not moved or levels is None:
                continue
            at = int(sums[first : first + len(curve) - size + 1].argmax()) if len(curve) > size else 0
            if len(levels) >= at + size:
                loudness[row] = _values(levels)[at : at + size].mean()
    return energy, loudness


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


def recording_groups(tracks: Sequence[Track], features: Sequence[Features]) -> Ints:
    """Numbers that are equal for versions of one recording, by tags or by sound [shape=(n,)]."""
    group = np.array(versions(tracks), dtype=np.intp)
    for one, two in same_sound(tracks, features):
        if group[one] != group[two]:
            group[group == max(group[one], group[two])] = min(group[one], group[two])
    return group


def _columns(features: Sequence[Features]) -> dict[str, Floats]:
    values = chain.from_iterable(map(attrgetter(*_NUMBERS), features))
    rows = np.fromiter(values, np.float64, len(features) * len(_NUMBERS))  # None becomes NaN
    rows[~(np.abs(rows) < ABSURD)] = np.nan
    columns = dict(zip(_NUMBERS, np.ascontiguousarray(rows.reshape(-1, len(_NUMBERS)).T), strict=True))
    return {name: np.clip(each, 0.0, 1.0) if name in _UNIT else each for name, each in columns.items()}


def _or(values: Floats, other: Floats | float) -> Floats:
    return np.where(np.isnan(values), other, values)


def _values(curve: Curve) -> Floats:
    steps = np.frombuffer(bytes(curve), dtype=np.int16)
    return steps.astype(np.float64) * curve.step


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


@lru_cache
def _fifths(key: str | None, mode: str | None) -> float:
    """Place of the relative major on the circle of fifths: A minor equals C major."""
    place = FIFTHS.get(key or "")
    if place is None:
        return np.nan
    return float((place - 3) % 12 if mode == "minor" else place)


def _common_width(features: Sequence[Features]) -> int:
    """The most common length of timbre vectors; others can't be compared and count as unknown."""
    widths = Counter(len(each.timbre) for each in features if each.timbre is not None)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _timbre(vectors: Sequence[tuple[float, ...] | None], width: int) -> Floats:
    blank = (np.nan,) * width
    rows = [vector if vector is not None and len(vector) == width else blank for vector in vectors]
    whole = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * width).reshape(len(rows), width)
    return whole / max(float(np.sqrt(width)), 1.0)
