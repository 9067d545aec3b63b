"""The hard rules on single tracks: which track may stand in which phase, and which rule bars it, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playlistkit.credits import Credits
from playlistkit.model import Candidate, Phase, Range, Rules, Session, Template, vocals_of
from playlistkit.names import name_key
from playlistkit.objective.arc import Arc
from playlistkit.objective.hearing import overlap_of
from playlistkit.objective.table import VOCALS_RANK, Table

__all__ = ["RULES", "Eligibility", "barred", "eligibility", "why_barred"]

Mask = NDArray[np.bool_]

RULES = (
    "player",
    "duration",
    "excluded",
    "avoid",
    "used",
    "last_session",
    "track_minutes",
    "energy",
    "vocals",
    "loudness_range",
    "brightness",
    "percussiveness",
)
"""The words by which a rule is named in shortfalls, in the order in which they are asked."""

UNKNOWN_VOICE = VOCALS_RANK["unknown"]


@dataclass(frozen=True, slots=True, eq=False)
class Eligibility:
    """Which of n tracks may stand in which of P phases.

    Attributes
    ----------
    kept : dict of np.ndarray [shape=(P, n)]
        For each rule, whether each track keeps it in each phase.
    beyond : np.ndarray [shape=(P, n)]
        Whether the track's voice is only allowed within the phase's share (`vocals_share`).
    unknown_voice : np.ndarray [shape=(P, n)]
        Whether it is the unknown voice alone that the rule "vocals" holds against the track.
    """

    kept: dict[str, Mask]
    beyond: Mask
    unknown_voice: Mask

    def allowed(self, *, without: Collection[str] = (), unknown_voice: bool = False) -> Mask:
        """Who keeps all rules [shape=(P, n)], apart from those `without`.

        With `unknown_voice`, tracks of unknown voice are let in where voice is restricted.
        """
        masks = [mask for rule, mask in self.kept.items() if rule not in without and rule != "vocals"]
        if "vocals" not in without:
            masks.append(self.kept["vocals"] | self.unknown_voice if unknown_voice else self.kept["vocals"])
        whole: Mask = np.logical_and.reduce(masks)
        return whole


def eligibility(session: Session, arc: Arc, candidates: Sequence[Candidate], table: Table) -> Eligibility:
    """Each rule's verdict on each candidate in each phase."""
    phases = arc.phases
    shape = (len(phases), len(table))
    overlap = overlap_of(session)
    minutes = session.template.rules.track_minutes
    shunned = _shunned(session, candidates)

    def everywhere(mask: Mask) -> Mask:
        return np.broadcast_to(mask, shape)

    def by_phase(verdicts: list[Mask]) -> Mask:
        return np.array(verdicts, dtype=bool).reshape(shape)

    fresh = _flags(each.track.id not in session.used_tracks for each in candidates)
    last = set(session.last_session)
    heard = _flags(not last or each.track.id in last for each in candidates)
    voice = [_voice(phase, table.vocals) for phase in phases]
    kept = {
        "player": everywhere(_flags(_plays(session, each) for each in candidates)),
        # a track must outlast its overlaps with both neighbours
        "duration": everywhere(table.duration >= max(1.0, 2 * overlap + 1.0)),
        "excluded": everywhere(
            _flags(
                each.track.id not in session.excluded_tracks and not barred_by_name
                for each, barred_by_name in zip(candidates, shunned, strict=True)
            )
        ),
        "avoid": everywhere(_flags(not each.avoid for each in candidates)),
        "used": by_phase([fresh | (phase.repeats != "never") for phase in phases]),
        "last_session": by_phase([heard | (phase.repeats != "last session") for phase in phases]),
        "track_minutes": everywhere(_within(table.duration / 60.0, minutes, unknown=False)),
        "energy": by_phase(
            [_within(table.energy, Range(*arc.band(phase)), unknown=False) for phase in phases]
        ),
        "vocals": by_phase([within | beyond for within, beyond, _ in voice]),
        "loudness_range": by_phase([_within(table.loudness_range, each.loudness_range) for each in phases]),
        "brightness": by_phase([_within(table.brightness, each.brightness) for each in phases]),
        "percussiveness": by_phase([_within(table.percussiveness, each.percussiveness) for each in phases]),
    }
    return Eligibility(
        kept,
        beyond=by_phase([beyond for _, beyond, _ in voice]),
        unknown_voice=by_phase([unknown for _, _, unknown in voice]),
    )


def why_barred(session: Session, phase: Phase, candidate: Candidate) -> tuple[str, str] | None:
    """The first rule that bars `candidate` from `phase`: its word and a sentence; `None` if it may stand there."""
    arc = Arc(session.template)
    if phase not in arc.phases:
        return "minutes", f"{phase.name} has no minutes today."
    table = Table.of([candidate.track], [candidate.features])
    verdicts = eligibility(session, arc, [candidate], table)
    p = arc.phases.index(phase)
    for rule in RULES:
        if not verdicts.kept[rule][p, 0]:
            return rule, _sentence(rule, session, arc, phase, candidate, table)
    return None


def _shunned(session: Session, candidates: Sequence[Candidate]) -> list[bool]:
    """Whether each candidate is credited to anybody who is excluded, alone or with others."""
    if not session.excluded_artists:
        return [False] * len(candidates)
    credited = Credits((each.track for each in candidates), session.excluded_artists)
    excluded = {name_key(name) for name in session.excluded_artists}
    return [
        not excluded.isdisjoint({*credited.people(each.track), name_key(each.track.artist)})
        for each in candidates
    ]


def _voice(phase: Phase, rank: NDArray[np.int8]) -> tuple[Mask, Mask, Mask]:
    """Allowed throughout, allowed within the share, barred for being unknown alone [shape=(n,) each]."""
    unknown = rank == UNKNOWN_VOICE
    within = (rank <= VOCALS_RANK[phase.vocals]) | (unknown & (phase.vocals == "any"))
    beyond = np.zeros_like(within)
    if phase.vocals_share > 0:
        most = VOCALS_RANK[phase.vocals_beyond]
        beyond = ~within & ((rank <= most) | (unknown & (phase.vocals_beyond == "any")))
    return within, beyond, unknown & ~within & ~beyond


def _within(values: NDArray[np.float64], allowed: Range, *, unknown: bool = True) -> Mask:
    slack = 1e-9
    low = -np.inf if allowed.low is None else allowed.low - slack
    high = np.inf if allowed.high is None else allowed.high + slack
    mask: Mask = (values >= low) & (values <= high)
    return mask | np.isnan(values) if unknown else mask


def _flags(values: object) -> Mask:
    return np.fromiter(values, dtype=bool)  # type: ignore[call-overload, no-any-return]


def _plays(session: Session, candidate: Candidate) -> bool:
    """Whether the player can play it; plain values with neither path nor URI are the caller's business."""
    track = candidate.track
    if session.player == "spotify":
        return track.uri is not None
    return track.path is not None or track.uri is None


def _sentence(rule: str, session: Session, arc: Arc, phase: Phase, candidate: Candidate, table: Table) -> str:
    """Why `rule` bars the candidate, as a sentence with the value and what is allowed."""
    track, features = candidate.track, candidate.features
    title = track.title or track.id
    if rule == "player":
        wanted = "a Spotify URI" if session.player == "spotify" else "a file"
        return f"{title} has no {wanted.split(' ', 1)[1]}, and --for {session.player} needs {wanted}."
    if rule == "duration":
        return f"{title} lasts {track.duration:g} s, too short to be planned."
    if rule == "excluded":
        if track.id not in session.excluded_tracks:
            return (
                f"{title} is by {track.artist}, and an artist of that credit is excluded from this session."
            )
        return f"{title} is excluded from this session."
    if rule == "avoid":
        return f"{title} is marked avoid."
    if rule == "used":
        return f"{title} was in an earlier session of this client."
    if rule == "last_session":
        return f"{title} was not in this client's last session, on which {phase.name} draws."
    if rule == "track_minutes":
        allowed = _told(session.template.rules.track_minutes)
        return f"{title} lasts {track.duration / 60:.1f} min; tracks may last {allowed} min."
    if rule == "energy":
        low, high = arc.band(phase)
        energy = table.energy[0]
        if np.isnan(energy):
            return f"{title}: its energy is not known; scan it or set it."
        return f"{title} has energy {energy:.2f}; {phase.name} takes {max(low, 0):.2f} to {min(high, 1):.2f}."
    if rule == "vocals":
        voice = vocals_of(features)
        said = "nobody knows whether anyone sings in it" if voice == "unknown" else f"its voice is {voice}"
        return f"{title}: {said}; {phase.name} allows {phase.vocals}."
    value = getattr(features, rule)
    name = rule.replace("_", " ")
    return f"{title} has {name} {value:.2f}; {phase.name} takes {_told(getattr(phase, rule))}."


def _told(allowed: Range) -> str:
    if allowed.low is None:
        return f"at most {allowed.high:g}"
    if allowed.high is None:
        return f"at least {allowed.low:g}"
    return f"{allowed.low:g} to {allowed.high:g}"


def barred(candidate: Candidate, phase: Phase, rules: Rules | None = None) -> tuple[str, str] | None:
    """The first rule of a phase that bars `candidate`, outside any session; `None` if it may stand there."""
    template = Template("", (phase,), rules=rules or Rules())
    return why_barred(Session(template), phase, candidate)
