"""Sound beyond the phase's wishes: brightness, attacks, dynamics, and what happens within a track."""

from __future__ import annotations

import numpy as np

from playlistkit.model import InsideRules, Phase, Range
from playlistkit.objective.array_types import Floats
from playlistkit.objective.table import Table
from playlistkit.objective.terms.term import Term
from playlistkit.objective.weights import WEIGHTS

__all__ = ["TERM", "beyond"]


def beyond(phase: Phase, inside: InsideRules, table: Table) -> Floats:
    """How far each track's sound exceeds the phase's wishes, 0 to `sound_cap` [shape=(n,)].

    The sum of squared excesses, each on its own scale; unknown values exceed nothing.
    """
    total = np.zeros(len(table))
    for values, wished, scale in (
        (table.brightness, phase.brightness, WEIGHTS.sound_scale),
        (table.percussiveness, phase.percussiveness, WEIGHTS.sound_scale),
        (table.loudness_range, phase.loudness_range, WEIGHTS.dynamics_scale),
        (table.jolt, Range(None, inside.jolt), WEIGHTS.dynamics_scale),
        (table.swell, Range(None, inside.swell), WEIGHTS.dynamics_scale),
    ):
        low = -np.inf if wished.low is None else wished.low
        high = np.inf if wished.high is None else wished.high
        excess = np.maximum(np.maximum(low - values, values - high), 0.0)
        total += np.where(np.isnan(excess), 0.0, excess / scale) ** 2
    return np.minimum(total, WEIGHTS.sound_cap)


TERM = Term(
    "sound",
    WEIGHTS.sound,
    "brightness, attacks or dynamics beyond the phase's wishes",
    rate=lambda setting, phase, table: beyond(phase, setting.session.template.rules.inside, table),
)
