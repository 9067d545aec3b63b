"""The voices that are not decided: which tracks a template would want most, and where in each to listen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playlistkit import objective
from playlistkit.library import Library
from playlistkit.model import Candidate, Session, Template
from playlistkit.workflow.build import candidates

__all__ = ["HEARD_SECONDS", "ToDecide", "undecided_voices"]

HEARD_SECONDS = 10.0
"""How much of a track is played to decide by."""
DOUBTFUL = (0.3, 0.7)
"""Probabilities of a voice between which what was heard is doubted."""


@dataclass(frozen=True, slots=True)
class ToDecide:
    """A track whose voice is to be decided."""

    candidate: Candidate
    at: float
    """Seconds into it at which a voice is likeliest."""
    phases: tuple[str, ...]
    """Which phases it may stand in once it is known to have none."""


def undecided_voices(library: Library, template: Template, *, most: int = 200) -> list[ToDecide]:
    """The tracks whose voice is unknown or doubted, those first that may fill most of what restricts voices.

    Parameters
    ----------
    library : Library
    template : Template
        Whose rules are meant.
    most : int
        How many to give.
    """
    session, arc = Session(template, player="render"), objective.Arc(template)
    known = candidates(library, session)
    if not known or not arc.phases:
        return []
    table = objective.Table.of([each.track for each in known], [each.features for each in known])
    rules = objective.eligibility(session, arc, known, table)
    restricted = np.array([phase.vocals != "any" for phase in arc.phases])
    would = rules.allowed(without=("vocals",)) & restricted[:, None]
    minutes = np.array([phase.minutes.default for phase in arc.phases])
    weights = (would * minutes[:, None]).sum(axis=0)
    waiting = [row for row, each in enumerate(known) if weights[row] > 0 and _is_open(each)]
    waiting.sort(key=lambda row: (-weights[row], known[row].track.id))
    return [
        ToDecide(
            known[row],
            _likeliest(known[row]),
            tuple(phase.name for phase, may in zip(arc.phases, would[:, row], strict=True) if may),
        )
        for row in waiting[:most]
    ]


def _is_open(candidate: Candidate) -> bool:
    features = candidate.features
    if features.vocals in (None, "unknown"):
        return True
    if candidate.sources.get("vocals") != "measured" or features.vocals_probability is None:
        return False
    return DOUBTFUL[0] < features.vocals_probability < DOUBTFUL[1]


def _likeliest(candidate: Candidate) -> float:
    """Where to listen: what the analysis heard, else a third into the track."""
    at: float | None = getattr(candidate.features, "vocals_at", None)
    last = max(0.0, candidate.track.duration - HEARD_SECONDS)
    return min(last, candidate.track.duration / 3 if at is None else at)
