"""The terms of the objective: one function each, of arrays, without weights of their own accord.

Lower is better and 0 is perfect everywhere. The planner calls these functions on whole libraries, the scorer
on the slots of one playlist, so that both mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playlistkit.model import JoinRules
from playlistkit.objective.arc import Arc
from playlistkit.objective.table import BLOCK, Table
from playlistkit.objective.weights import WEIGHTS, Weights

__all__ = [
    "Ends",
    "artist_repeat",
    "boundary_miss",
    "ends_of",
    "energy_miss",
    "join_allowed",
    "join_parts",
    "join_silences",
    "join_steps",
    "join_total",
    "tempo_misfit",
]

Floats = NDArray[np.float64]


def energy_miss(arc: Arc, blocks: Floats, start: ArrayLike, seconds: ArrayLike) -> Floats:
    """The integral of ((e(t) - C(t)) / scale)² over each track as it plays, in seconds.

    Parameters
    ----------
    blocks : np.ndarray [shape=(n, b)]
        Energy within each track in means of `BLOCK` seconds.
    start, seconds : array_like [shape=(n,)]
        When each track begins and how long it plays.
    """
    begin = np.asarray(start, dtype=np.float64)[:, None]
    length = np.asarray(seconds, dtype=np.float64)[:, None]
    edges = np.minimum(np.arange(blocks.shape[1] + 1) * BLOCK, length)
    areas = np.diff(arc.area(begin + edges), axis=1)
    spans = np.diff(edges, axis=1)
    squares = (arc.square(begin + length) - arc.square(begin))[:, 0]
    miss = (blocks**2 * spans - 2 * blocks * areas).sum(axis=1) + squares
    whole: Floats = np.maximum(miss, 0.0) / WEIGHTS.energy_scale**2
    return whole


def tempo_misfit(tempo: ArrayLike, clarity: ArrayLike, allowed: tuple[float, float] | None) -> Floats:
    """How far a tempo misses the phase's range, 0 to `tempo_cap`, weighted by pulse clarity.

    The least over the octaves -1, 0 and 1 of the squared distance in `tempo_scale`; another octave than the
    stated costs `tempo_octave`. Unknown tempo, or a phase without a range: 0.

    Parameters
    ----------
    tempo : array_like
        log2 of BPM.
    allowed : (low, high) in BPM, or None
    """
    log_tempo = np.asarray(tempo, dtype=np.float64)
    if allowed is None:
        return np.zeros_like(log_tempo)
    low, high = np.log2(allowed[0]), np.log2(allowed[1])
    misses = []
    for octave in (-1, 0, 1):
        outside = np.maximum(np.maximum(low - (log_tempo + octave), (log_tempo + octave) - high), 0.0)
        misses.append(outside / WEIGHTS.tempo_scale + (WEIGHTS.tempo_octave if octave else 0.0))
    least = np.minimum(np.minimum.reduce(misses) ** 2, WEIGHTS.tempo_cap)
    misfit: Floats = np.nan_to_num(least * np.asarray(clarity))
    return misfit


def boundary_miss(error: ArrayLike, tolerance: ArrayLike) -> Floats:
    """(error / tolerance)²: 1 where a phase ends a whole tolerance early or late."""
    miss: Floats = (np.asarray(error) / np.maximum(np.asarray(tolerance, dtype=np.float64), 1.0)) ** 2
    return miss


def artist_repeat(gap: ArrayLike, apart: float) -> Floats:
    """1 where an artist returns at once, falling to 0 after `apart` seconds."""
    return (
        np.maximum(0.0, 1.0 - np.asarray(gap) / apart) if apart > 0 else np.zeros_like(np.asarray(gap, float))
    )


SILENCE_WISH, SILENCE_LIMIT = 2.0, 10.0
"""Seconds between two tracks: more than the wish sounds unintended, more than the limit like an end."""


@dataclass(frozen=True, slots=True)
class Ends:
    """One end (the last or the first 30 s) of n tracks, as it will be heard; every array has shape (n,)."""

    tempo: Floats
    pulse_clarity: Floats
    fifths: Floats
    minor: NDArray[np.bool_]
    key_clarity: Floats
    loudness: Floats
    """LUFS as heard."""
    energy: Floats
    timbre: Floats
    """[shape=(n, d)]"""
    silence: Floats
    """Seconds between this end and the nearest sound."""


def ends_of(table: Table, side: str, gain: Floats) -> Ends:
    """The "start" or "end" of each track of `table`, heard with `gain` dB."""
    return Ends(
        table.tempo,
        table.pulse_clarity,
        table.fifths,
        table.minor,
        table.key_clarity,
        getattr(table, f"loudness_{side}") + gain,
        getattr(table, f"energy_{side}"),
        getattr(table, f"timbre_{side}"),
        getattr(table, f"silence_{side}"),
    )


def join_parts(before: Ends, after: Ends, rules: JoinRules, weights: Weights = WEIGHTS) -> dict[str, Floats]:
    """How rough each join of n ends with m starts is, part by part, each 0 to 1.

    Returns
    -------
    dict of np.ndarray [shape=(n, m)]
        "tempo": folded tempo step by the lesser pulse clarity; "key": steps on the circle of fifths, half a
        step more where the mode differs; "loudness", "timbre", "energy": steps from end to start; "wish": how
        far a step passes what the rules wish, 0 at the wish and 1 at the limit.
    """
    tempo = np.abs(before.tempo[:, None] - after.tempo)
    tempo = np.abs(tempo - np.round(tempo)) / weights.tempo_step_full  # halves and doubles are one felt tempo
    clarity = np.minimum(before.pulse_clarity[:, None], after.pulse_clarity)

    steps = np.abs(before.fifths[:, None] - after.fifths)
    steps = np.minimum(steps, 12 - steps) + 0.5 * (before.minor[:, None] != after.minor)
    certain = np.minimum(before.key_clarity[:, None], after.key_clarity)
    key = certain * np.minimum(steps / weights.key_step_full, 1.0) + (1 - certain) * weights.unknown

    loudness = np.abs(before.loudness[:, None] - after.loudness) / weights.loudness_step_full
    energy = np.abs(before.energy[:, None] - after.energy) / weights.energy_step_full
    return {
        "tempo": np.nan_to_num(np.minimum(tempo, 1.0) * clarity),
        "key": _known(key, weights.unknown),
        "loudness": _known(loudness, weights.unknown),
        "timbre": _known(_distances(before.timbre, after.timbre) / weights.timbre_step_full, weights.unknown),
        "energy": _known(energy, weights.unknown),
        "wish": _beyond_wishes(before, after, rules),
    }


def join_total(parts: dict[str, Floats], weights: Weights = WEIGHTS) -> Floats:
    """The parts of joins weighted into one roughness: 0 to 1 within the wishes, up to 1.5 at the limits."""
    return sum((getattr(weights, f"join_{name}") * part for name, part in parts.items()), start=np.zeros(1))


def join_steps(before: Ends, after: Ends) -> tuple[Floats, Floats]:
    """Loudness (LU, up is positive) and energy (absolute) steps of n ends to m starts; NaN: not known."""
    return after.loudness - before.loudness[:, None], np.abs(after.energy - before.energy[:, None])


def join_silences(before: Ends, after: Ends) -> Floats:
    """Seconds of silence at the joins of n ends with m starts."""
    silences: Floats = before.silence[:, None] + after.silence
    return silences


def join_allowed(before: Ends, after: Ends, rules: JoinRules) -> NDArray[np.bool_]:
    """Which joins keep the hard limits; steps that are not known are not held against a track."""
    rise, step = join_steps(before, after)
    slack = 1e-9  # decimals of a feature are no reason to refuse
    too_loud = rise > rules.loudness_up_limit + slack
    too_soft = -rise > rules.loudness_down_limit + slack
    too_long = join_silences(before, after) > SILENCE_LIMIT + slack
    too_far = step > rules.energy_step_limit + slack
    allowed: NDArray[np.bool_] = ~(too_loud | too_soft | too_far | too_long)
    return allowed


def _beyond_wishes(before: Ends, after: Ends, rules: JoinRules) -> Floats:
    """The worst of the steps and the silence; what is not known passes no wish."""
    rise, step = join_steps(before, after)
    excess = [
        (value - wish) / max(limit - wish, 1e-9)
        for value, wish, limit in (
            (rise, rules.loudness_up, rules.loudness_up_limit),
            (-rise, rules.loudness_down, rules.loudness_down_limit),
            (step, rules.energy_step, rules.energy_step_limit),
            (join_silences(before, after), SILENCE_WISH, SILENCE_LIMIT),
        )
    ]
    worst: Floats = np.clip(np.fmax.reduce(excess), 0.0, 1.0)
    return np.nan_to_num(worst)


def _known(part: Floats, unknown: float) -> Floats:
    return np.where(np.isnan(part), unknown, np.minimum(part, 1.0))


def _distances(a: Floats, b: Floats) -> Floats:
    """Euclidean distances of the rows of `a` and `b`; NaN where either is unknown or there is nothing."""
    if a.shape[1] == 0 or a.shape[1] != b.shape[1]:
        return np.full((len(a), len(b)), np.nan)
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    distances: Floats = np.sqrt(np.maximum(squares, 0.0))
    return distances
