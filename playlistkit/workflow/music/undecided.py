"""What only an ear can decide: voices and tempo octaves, with those that a template needs most first.

Both are queues of one kind: which tracks are open, which phases depend on them, what is asked, and what an answer means.
A library of 20,000 tracks is never loaded whole: the database narrows it down, and candidates are loaded in the order of
the most minutes they could fill, until no other can fill more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from playlistkit import objective
from playlistkit.errors import InputError
from playlistkit.library import Condition, Library
from playlistkit.model import FELT, Candidate, Phase, Session, Template, felt, vocals_of
from playlistkit.objective.terms.tempo import misfit
from playlistkit.workflow.music.overruling import set_values, taking_back

__all__ = ["HEARD_SECONDS", "SUBJECTS", "Answer", "Subject", "ToDecide", "decide", "undecided"]

HEARD_SECONDS = 10.0
"""How much of a track is played for deciding."""
DOUBTFUL = (0.3, 0.7)
"""Probabilities of a voice between which the analysis is uncertain."""
AT_ONCE = 250
"""Tracks loaded together."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers to a question."""

    word: str
    label: str
    """Its button's text."""
    key: str
    """The key that gives it."""
    says: Callable[[Candidate], Sequence[str]]
    """The assignments that it makes, as `set_values` reads them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to decide by ear."""

    name: str
    title: str
    question: str
    nothing: str
    """What is shown if nothing waits."""
    answers: tuple[Answer, ...]
    conditions: tuple[Condition, ...]
    """Conditions for the database."""
    is_open: Callable[[Candidate], bool]
    asks: Callable[[Phase], bool]
    """Whether anything in a phase depends on it."""
    waived: tuple[str, ...]
    """Rules that the answer may make a track keep."""
    matters: Callable[[Phase, objective.Table], Mask] | None
    """The tracks for which the answer changes anything in a phase; `None` for all."""
    at: Callable[[Candidate], float | None]
    """Seconds into a track at which it is best heard; `None` if unknown."""
    now: Callable[[Candidate], str]
    """What is known so far, in words; empty: nothing."""


@dataclass(frozen=True, slots=True)
class ToDecide:
    """A track about which something is to be decided."""

    candidate: Candidate
    at: float
    """Seconds into it at which to listen."""
    phases: tuple[str, ...]
    """Phases in which something depends on it."""
    now: str
    """What is known so far, in words; empty: nothing."""


def undecided(
    library: Library,
    template: Template,
    subject: str,
    *,
    most: int = 200,
    among: Sequence[str] | None = None,
) -> list[ToDecide]:
    """The tracks to decide about; those that may fill most minutes come first.

    Parameters
    ----------
    library : Library
    template : Template
        Whose rules decide what is needed.
    subject : str
        One of `SUBJECTS`.
    most : int
        How many to give.
    among : sequence of str, optional
        Consider only these ids, such as those that a shortfall names.

    Raises
    ------
    InputError
        If there is no such subject.
    """
    of = _subject(subject)
    arc = objective.Arc(template)
    # those that a shortfall names are judged as they would be heard, others by their own energy, which the database knows
    session = Session(template, player="files" if among is None else "render")
    found: list[tuple[float, str, ToDecide]] = []
    if among is not None:
        known = [each for each in library.load(among, available=True) if each.track.path and of.is_open(each)]
        return [each for *_, each in sorted(_weighed(arc, session, of, known), key=lambda one: one[:2])][
            :most
        ]
    for low, high, bound in _stretches(arc, of):
        ids = library.select(
            (*of.conditions, Condition("avoid", words=("no",)), Condition("energy", low, high))
        )
        for first in range(0, len(ids), AT_ONCE):
            known = library.load(ids[first : first + AT_ONCE], available=True)
            found += _weighed(
                arc, session, of, [each for each in known if each.track.path and of.is_open(each)]
            )
            found.sort(key=lambda each: each[:2])
            if len(found) >= most and -found[most - 1][0] >= bound:
                break
        if len(found) >= most and -found[most - 1][0] >= bound:
            break
    unique = {
        key: waiting for _, key, waiting in found
    }  # a track on the edge of two stretches is found in both
    return list(unique.values())[:most]


def decide(library: Library, subject: str, track: str, word: str) -> tuple[Candidate, list[str]]:
    """Store an answer for a track; returns the track as it was, and what `set_values` needs to undo it.

    Raises
    ------
    InputError
        If there is no such subject, answer or track.
    """
    of = _subject(subject)
    answer = next((each for each in of.answers if each.word == word), None)
    if answer is None:
        raise InputError(f"answer with {', '.join(each.word for each in of.answers)} or later")
    before = library.get(track)
    if not of.is_open(before):
        raise InputError(
            f"{subject} of this track: decided already; load the page again, or correct it under Music"
        )
    said = list(answer.says(before))
    back = taking_back(before, said)
    set_values(library, before.track.id, said)
    return before, back


def _subject(name: str) -> Subject:
    if name not in SUBJECTS:
        raise InputError(
            f"there is nothing to decide by the name of {name!r}; there are {', '.join(SUBJECTS)}"
        )
    return SUBJECTS[name]


def _stretches(arc: objective.Arc, of: Subject) -> list[tuple[float, float, float]]:
    """Stretches of energy, and the most minutes that a track of each may fill; most first."""
    bands = [(*arc.band(phase), phase.minutes.default) for phase in arc.phases if of.asks(phase)]
    edges = sorted({min(max(edge, 0.0), 1.0) for low, high, _ in bands for edge in (low, high)})
    stretches = [
        (low, high, sum(minutes for below, above, minutes in bands if below <= low and high <= above))
        for low, high in pairwise(edges)
    ]
    return sorted((each for each in stretches if each[2] > 0), key=lambda each: -each[2])


def _weighed(
    arc: objective.Arc, session: Session, of: Subject, known: list[Candidate]
) -> Iterable[tuple[float, str, ToDecide]]:
    """Each track that something depends on: minus its minutes, its id, and what is shown of it."""
    if not known:
        return
    table = objective.Table.of([each.track for each in known], [each.features for each in known])
    would = objective.eligibility(session, arc, known, objective.heard_by_phase(session, arc, table)).allowed(
        without=of.waived
    )
    for p, phase in enumerate(arc.phases):
        would[p] &= of.asks(phase) and (True if of.matters is None else of.matters(phase, table))
    minutes = np.array([phase.minutes.default for phase in arc.phases])
    for row, weight in enumerate(minutes @ would):
        if weight > 0:
            each = known[row]
            names = tuple(phase.name for phase, may in zip(arc.phases, would[:, row], strict=True) if may)
            yield -float(weight), each.track.id, ToDecide(each, _at(of, each), names, of.now(each))


def _at(of: Subject, candidate: Candidate) -> float:
    """Where to listen: at what the analysis found, else a third into the track."""
    at = of.at(candidate)
    last = max(0.0, candidate.track.duration - HEARD_SECONDS)
    return min(last, candidate.track.duration / 3 if at is None else at)


# --- voices -------------------------------------------------------------------------------------------------


def _voice_open(candidate: Candidate) -> bool:
    if vocals_of(candidate.features) == "unknown":
        return True
    probability = candidate.features.vocals_probability
    if candidate.sources.get("vocals") != "measured" or probability is None:
        return False
    return DOUBTFUL[0] < probability < DOUBTFUL[1]


# --- tempo octaves ------------------------------------------------------------------------------------------


def _tempo_open(candidate: Candidate) -> bool:
    """Whether its tempo may be felt at another octave: it was measured, its beat is felt, and nobody has decided."""
    features, sources = candidate.features, candidate.sources
    return (
        features.tempo is not None
        and features.tempo_alternative is not None
        and sources.get("tempo") != "set"
        and sources.get("pulse_clarity") != "set"
        and felt(features)
    )


def _octave_matters(phase: Phase, table: objective.Table) -> Mask:
    """The tracks for which another octave would fit a phase better or worse."""
    read = [misfit(table.tempo + octave, table.pulse_clarity, phase.tempo) for octave in (-1, 0, 1)]
    matters: Mask = np.ptp(read, axis=0) > 0
    return matters


def _times(factor: float) -> Callable[[Candidate], Sequence[str]]:
    return lambda candidate: [f"tempo={(candidate.features.tempo or 0.0) * factor:.2f}"]


SUBJECTS = {
    each.name: each
    for each in (
        Subject(
            "voices",
            "Voices",
            "Does anybody sing or speak?",
            "Every voice that this protocol asks for is decided.",
            (
                Answer("none", "No voice", "n", lambda _: ["vocals=none"]),
                Answer("wordless", "Wordless", "o", lambda _: ["vocals=wordless"]),
                Answer("words", "Words", "w", lambda _: ["vocals=words"]),
            ),
            (
                Condition(
                    "vocals",
                    unknown=True,
                    either=Condition("vocals_probability", *DOUBTFUL),
                ),
            ),
            _voice_open,
            asks=lambda phase: phase.vocals != "any",
            waived=("vocals",),
            matters=None,
            at=lambda candidate: candidate.features.vocals_at,
            now=lambda _: "",
        ),
        Subject(
            "tempi",
            "Tempi",
            "How would you tap along?",
            "Every tempo that this protocol asks for is decided, or no other octave would fit it better or worse.",
            (
                Answer("half", "Half as fast", "h", _times(0.5)),
                Answer("as-it-is", "As it is", "a", _times(1.0)),
                Answer("double", "Twice as fast", "d", _times(2.0)),
                Answer("unknown", "Can't tell: let it not count", "u", lambda _: ["pulse_clarity=0"]),
            ),
            (Condition("tempo_alternative", 0.0), Condition("pulse_clarity", FELT)),
            _tempo_open,
            asks=lambda phase: phase.tempo is not None,
            waived=(),
            matters=_octave_matters,
            at=lambda _: None,
            now=lambda candidate: f"measured: {candidate.features.tempo or 0.0:.0f} BPM",
        ),
    )
}
"""What is decided by ear, by name."""
