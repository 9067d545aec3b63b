"""Joins: the end of one track compared with the start of the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import JoinRules
from playlistkit.objective.array_types import Floats
from playlistkit.objective.ends import Ends
from playlistkit.objective.terms.term import Term
from playlistkit.objective.weights import WEIGHTS, Weights

__all__ = [
    "TERM",
    "join_allowed",
    "join_parts",
    "join_silences",
    "join_steps",
    "roughness",
]


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
    tempo = np.abs(tempo - np.round(tempo)) / weights.tempo_step_full  # half and double tempo feel the same
    clarity = np.minimum(before.pulse_clarity[:, None], after.pulse_clarity)

    steps = np.abs(before.fifths[:, None] - after.fifths)
    steps = np.minimum(steps, 12 - steps) + 0.5 * (before.minor[:, None] != after.minor)
    certain = np.minimum(before.key_clarity[:, None], after.key_clarity)
    key = certain * np.minimum(steps / weights.key_step_full, 1.0) + (1 - certain) * weights.unknown

    rise, step = join_steps(before, after, rules)
    loudness = np.abs(rise) / weights.loudness_step_full
    energy = step / weights.energy_step_full
    return {
        "tempo": np.fmax(np.minimum(tempo, 1.0) * clarity, 0.0),  # an unknown one costs nothing
        "key": _known(key, weights.unknown),
        "loudness": _known(loudness, weights.unknown),
        "timbre": _known(_distances(before.timbre, after.timbre) / weights.timbre_step_full, weights.unknown),
        "energy": _known(energy, weights.unknown),
        "wish": _beyond_wishes(rise, step, join_silences(before, after), rules),
    }


def roughness(parts: dict[str, Floats], weights: Weights = WEIGHTS) -> Floats:
    """The parts of joins weighted into one roughness [shape as parts]: 0 to 1 within the wishes, to 1.5 at the limits."""
    return sum((getattr(weights, f"join_{name}") * part for name, part in parts.items()), start=np.zeros(1))


def join_steps(before: Ends, after: Ends, rules: JoinRules) -> tuple[Floats, Floats]:
    """Loudness (LU, up is positive) and energy (absolute) steps of n ends to m starts [shape=(n, m)]; NaN if unknown.

    Loudness steps are measured over 30 s and over the nearest 10 s; the one closer to its limit counts.
    """
    wide, near = (
        theirs - ours[:, None]
        for theirs, ours in ((after.loudness, before.loudness), (after.loudness_near, before.loudness_near))
    )
    rise = np.where(_share_of_limit(near, rules) > _share_of_limit(wide, rules), near, wide)
    return rise, np.abs(after.energy - before.energy[:, None])


def _share_of_limit(rise: Floats, rules: JoinRules) -> Floats:
    """How much of its limit a loudness step uses up."""
    up, down = max(rules.loudness_up_limit, 1e-9), max(rules.loudness_down_limit, 1e-9)
    share: Floats = np.maximum(rise / up, -rise / down)
    return share


def join_silences(before: Ends, after: Ends) -> Floats:
    """Seconds of silence at the joins of n ends with m starts [shape=(n, m)]."""
    silences: Floats = before.silence[:, None] + after.silence
    return silences


def join_allowed(before: Ends, after: Ends, rules: JoinRules) -> NDArray[np.bool_]:
    """Which joins of n ends with m starts keep the hard limits [shape=(n, m)]; unknown steps count as within them."""
    rise, step = join_steps(before, after, rules)
    slack = 1e-9  # rounding of features must not bar a join
    too_loud = rise > rules.loudness_up_limit + slack
    too_soft = -rise > rules.loudness_down_limit + slack
    too_long = join_silences(before, after) > rules.silence_limit + slack
    too_far = step > rules.energy_step_limit + slack
    allowed: NDArray[np.bool_] = ~(too_loud | too_soft | too_far | too_long)
    return allowed


def _beyond_wishes(rise: Floats, step: Floats, silence: Floats, rules: JoinRules) -> Floats:
    """The worst excess of steps and silence over the wishes; unknown values exceed none."""
    worst: Floats = np.zeros(np.shape(rise))
    for value, wish, limit in (
        (rise, rules.loudness_up, rules.loudness_up_limit),
        (-rise, rules.loudness_down, rules.loudness_down_limit),
        (step, rules.energy_step, rules.energy_step_limit),
        (silence, rules.silence, rules.silence_limit),
    ):
        excess = (value - wish) / max(limit - wish, 1e-9)
        np.fmax(worst, excess, out=worst)
    return np.minimum(worst, 1.0, out=worst)


def _known(part: Floats, unknown: float) -> Floats:
    least: Floats = np.minimum(part, 1.0)
    least[np.isnan(least)] = unknown
    return least


def _distances(a: Floats, b: Floats) -> Floats:
    """Euclidean distances of the rows of `a` and `b`; NaN where either is unknown or empty."""
    if a.shape[1] == 0 or a.shape[1] != b.shape[1]:
        return np.full((len(a), len(b)), np.nan)
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    distances: Floats = np.sqrt(np.maximum(squares, 0.0))
    return distances


TERM = Term(
    "join",
    WEIGHTS.join,
    "the join before it",
    join=lambda setting, before, after: roughness(
        join_parts(before, after, setting.session.template.rules.join)
    ),
)
