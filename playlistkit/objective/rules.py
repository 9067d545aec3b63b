"""The rules on single tracks: which track may play in which phase, and which misses a wish of it.

`rules_broken` says why.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from playlistkit.credits import Credits, name_forms
from playlistkit.model import Candidate, Phase, Range, Rules, Session, Slot, vocals_of
from playlistkit.objective.arc import Arc
from playlistkit.objective.array_types import Ints, Mask, flags
from playlistkit.objective.details import Details
from playlistkit.objective.hearing import overlap_of
from playlistkit.objective.music import is_music
from playlistkit.objective.table import VOCALS_RANK, Table
from playlistkit.objective.within import curve_peaks, highest_energy

__all__ = [
    "FLOORS",
    "RULES",
    "Eligibility",
    "RuleName",
    "eligibility",
    "fullest_allowed",
    "has_unwelcome_words",
    "is_within",
    "least_seconds",
    "misses_wishes",
    "seconds_of_share",
    "takes_of_share",
]


Floor = Literal[
    "player",
    "duration",
    "excluded",
    "avoid",
    "music",
    "seconds",
    "silence",
    "jolt",
    "swell",
    "energy_max",
    "energy_far",
    "held_voice",
]
RuleName = Literal[
    Floor,
    "used",
    "last_session",
    "track_minutes",
    "energy",
    "vocals",
    "loudness_range",
    "brightness",
    "percussiveness",
]
"""The rules by their names in shortfalls; `rules_broken` has the fact for each."""

FLOORS: tuple[Floor, ...] = get_args(Floor)
"""The rules that nothing relaxes, in the order of checking."""

RULES: tuple[RuleName, ...] = get_args(RuleName)
"""All rules, in the order of checking."""

LEAST_SECONDS = 60.0
"""Anything shorter counts as an effect, a jingle or a fragment, unless the template allows it."""

FAR = 0.10
"""Margin above the phase's highest allowed energy that nothing may exceed, whatever is relaxed."""

FAR_INSIDE = 0.20
"""The same for the fullest half minute within a track."""

UNKNOWN_VOICE = VOCALS_RANK["unknown"]


@dataclass(frozen=True, slots=True, eq=False)
class Eligibility:
    """Which of n tracks may play in which of P phases.

    Attributes
    ----------
    kept : dict of np.ndarray [shape=(P, n)]
        For each rule, whether each track keeps it in each phase.
    beyond : np.ndarray [shape=(P, n)]
        Whether the track's voice is only allowed within the phase's share (`vocals_share`).
    unknown_voice : np.ndarray [shape=(P, n)]
        Whether the rule "vocals" bars the track only because its voice is unknown.
    """

    kept: dict[str, Mask]
    beyond: Mask
    unknown_voice: Mask

    def allowed(self, *, without: Collection[str] = (), unknown_voice: bool = False) -> Mask:
        """Which tracks keep all rules other than those in `without` [shape=(P, n)].

        With `unknown_voice`, tracks of unknown voice are allowed where voice is restricted.
        """
        masks = [mask for rule, mask in self.kept.items() if rule not in without and rule != "vocals"]
        if "vocals" not in without:
            masks.append(self.kept["vocals"] | self.unknown_voice if unknown_voice else self.kept["vocals"])
        whole: Mask = np.logical_and.reduce(masks)
        return whole


def eligibility(
    session: Session, arc: Arc, candidates: Sequence[Candidate], heard: Sequence[Table]
) -> Eligibility:
    """Each rule's verdict on each candidate in each phase.

    Parameters
    ----------
    heard : sequence of Table
        The candidates as heard in each phase (`hearing.heard_by_phase`).
    """
    phases, table = arc.phases, heard[0]
    shape = (len(phases), len(table))
    overlap = overlap_of(session)
    rules = session.template.rules
    minutes, inside = rules.track_minutes, rules.inside

    def everywhere(mask: Mask) -> Mask:
        return np.broadcast_to(mask, shape)

    def by_phase(verdicts: list[Mask]) -> Mask:
        return np.array(verdicts, dtype=bool).reshape(shape)

    fresh = ~_among(candidates, session.used_tracks)
    in_last = _among(candidates, session.last_session) | (not session.last_session)
    voice = [_voice(phase, table.vocals) for phase in phases]
    # where no phase moves levels, the loudness of the fullest half minutes need not be looked up
    peaks = curve_peaks(next((own for own in heard if own.lift.any()), table))
    kept = {
        "player": everywhere(_plays(session, table)),
        # a track must outlast its overlaps with both neighbours
        "duration": everywhere(table.duration >= max(1.0, 2 * overlap + 1.0)),
        "excluded": everywhere(
            ~(_among(candidates, session.excluded_tracks) | _shunned(session, candidates))
        ),
        "avoid": everywhere(flags(not each.avoid for each in candidates)),
        "music": everywhere(is_music(table)),
        "seconds": everywhere(~(table.duration < least_seconds(rules))),
        "silence": everywhere(is_within(table.silence_inside, Range(None, inside.silence_limit))),
        "jolt": everywhere(is_within(table.jolt, Range(None, inside.jolt_limit))),
        "swell": everywhere(is_within(table.swell, Range(None, inside.swell_limit))),
        "energy_max": by_phase(
            [
                is_within(highest_energy(own, peaks), Range(None, fullest_allowed(arc, phase)))
                for phase, own in zip(phases, heard, strict=False)
            ]
        ),
        "energy_far": by_phase(
            [
                is_within(own.energy, Range(None, arc.band(phase)[1] + FAR))
                for phase, own in zip(phases, heard, strict=False)
            ]
        ),
        "held_voice": by_phase(
            [
                within | beyond | unknown
                if _is_voice_held(session, phase)
                else within | beyond | (table.vocals != VOCALS_RANK["words"])
                for phase, (within, beyond, unknown) in zip(phases, voice, strict=True)
            ]
        ),
        "used": by_phase([fresh | (phase.repeats != "never") for phase in phases]),
        "last_session": by_phase([in_last | (phase.repeats != "last session") for phase in phases]),
        "track_minutes": everywhere(is_within(table.duration / 60.0, minutes, unknown=False)),
        "energy": by_phase(
            [
                is_within(own.energy, Range(*arc.band(phase)), unknown=False)
                for phase, own in zip(phases, heard, strict=False)
            ]
        ),
        "vocals": by_phase([within | beyond for within, beyond, _ in voice]),
        "loudness_range": by_phase(
            [is_within(table.loudness_range, each.loudness_range_limit) for each in phases]
        ),
        "brightness": by_phase([is_within(table.brightness, each.brightness_limit) for each in phases]),
        "percussiveness": by_phase(
            [is_within(table.percussiveness, each.percussiveness_limit) for each in phases]
        ),
    }
    return Eligibility(
        kept,
        beyond=by_phase([beyond for _, beyond, _ in voice]),
        unknown_voice=by_phase([unknown for _, _, unknown in voice]),
    )


def misses_wishes(session: Session, arc: Arc, heard: Sequence[Table]) -> Mask:
    """Whether each track misses a wish of each phase [shape=(P, n)]; see `Verdicts.missed`."""
    inside, table = session.template.rules.inside, heard[0]
    within = (
        is_within(table.silence_inside, Range(None, inside.silence))
        & is_within(table.jolt, Range(None, inside.jolt))
        & is_within(table.swell, Range(None, inside.swell))
    )
    kept = [
        within
        & is_within(own.energy, Range(*arc.wished_band(phase)))
        & is_within(table.loudness_range, phase.loudness_range)
        & is_within(table.brightness, phase.brightness)
        & is_within(table.percussiveness, phase.percussiveness)
        & ~has_unwelcome_words(phase, table.vocals)
        for phase, own in zip(arc.phases, heard, strict=False)
    ]
    return ~np.array(kept, dtype=bool).reshape(len(arc.phases), len(table))


def has_unwelcome_words(phase: Phase, rank: NDArray[np.int8]) -> Mask:
    """Which tracks have words where the phase would rather have none [shape=(n,)]."""
    words: Mask = (rank == VOCALS_RANK["words"]) & (phase.vocals != "any")
    return words


def fullest_allowed(arc: Arc, phase: Phase) -> float:
    """The energy that no half minute of a track exceeds in a phase, whatever is relaxed."""
    return arc.band(phase)[1] + FAR_INSIDE if phase.energy_max is None else phase.energy_max


def least_seconds(rules: Rules) -> float:
    """Shortest track in seconds, whatever is relaxed."""
    low = rules.track_minutes.low
    return LEAST_SECONDS if low is None else min(LEAST_SECONDS, 60.0 * low)


def _is_voice_held(session: Session, phase: Phase) -> bool:
    """Whether a variant of today restricts the phase's voice; then not even a best effort relaxes it."""
    asked = any(
        each.vocals is not None for each in session.template.variants if each.name in session.variants
    )
    return asked and phase.stands_for != "grounding"


def _shunned(session: Session, candidates: Sequence[Candidate]) -> Mask:
    """Whether an excluded person is credited on each candidate, alone or with others [shape=(n,)]."""
    if not session.excluded_artists:
        return np.zeros(len(candidates), dtype=bool)
    excluded = frozenset().union(*map(name_forms, session.excluded_artists))
    tracks = [each.track for each in candidates]
    people = Credits(tracks, excluded).people_of_each(tracks)
    barred = {
        names: any(not excluded.isdisjoint(name_forms(name)) for name in names)
        for names in {*people, *(frozenset([each.artist or ""]) for each in tracks)}
    }
    return flags(
        barred[names] or barred[frozenset([track.artist or ""])]
        for names, track in zip(people, tracks, strict=True)
    )


def _among(candidates: Sequence[Candidate], ids: Collection[str]) -> Mask:
    """Which candidates' tracks have one of these ids [shape=(n,)]."""
    if not ids:
        return np.zeros(len(candidates), dtype=bool)
    wanted = frozenset(ids)
    return flags(each.track.id in wanted for each in candidates)


def _voice(phase: Phase, rank: NDArray[np.int8]) -> tuple[Mask, Mask, Mask]:
    """Masks: voice always allowed, allowed within the share, barred only because unknown [shape=(n,) each]."""
    unknown = rank == UNKNOWN_VOICE
    within = (rank <= VOCALS_RANK[phase.vocals]) | (unknown & (phase.vocals == "any"))
    return within, takes_of_share(phase, rank), unknown & ~within


def takes_of_share(phase: Phase, rank: NDArray[np.int8]) -> Mask:
    """Whose voice uses up a phase's share. An unknown voice uses none of it, until somebody says what it is [shape=(n,)]."""
    if not phase.vocals_share:
        return np.zeros(len(rank), dtype=bool)
    within = (rank > VOCALS_RANK[phase.vocals]) & (rank <= VOCALS_RANK[phase.vocals_beyond])
    taken: Mask = within & (rank != UNKNOWN_VOICE)
    return taken


def seconds_of_share(phase: Phase, slots: Sequence[Slot]) -> float:
    """Seconds of a phase's share of voice that its own slots, among `slots`, use up."""
    own = [slot for slot in slots if slot.phase == phase.name]
    rank = np.array([VOCALS_RANK[vocals_of(slot.features)] for slot in own], dtype=np.int8)
    taken = takes_of_share(phase, rank)
    return sum(slot.duration - slot.overlap for slot, sung in zip(own, taken, strict=True) if sung)


def is_within(values: NDArray[np.float64], allowed: Range, *, unknown: bool = True) -> Mask:
    """Which values lie in a range [shape as values]; NaN counts as `unknown` says."""
    slack = 1e-9
    low = -np.inf if allowed.low is None else allowed.low - slack
    high = np.inf if allowed.high is None else allowed.high + slack
    mask: Mask = (values >= low) & (values <= high)
    return mask | np.isnan(values) if unknown else mask


def _plays(session: Session, table: Table) -> Mask:
    """Whether the player can play each track; those with neither path nor URI are left to the caller [shape=(n,)]."""
    path, uri = table.details.of(_path_and_uri, table.rows).T
    played: Mask = uri if session.player == "spotify" else path | ~uri
    return played


def _path_and_uri(details: Details, rows: Ints) -> Mask:
    """Whether each track has a path, and a URI [shape=(n, 2)]."""
    some = [details.tracks[row] for row in rows.tolist()]
    return np.stack(
        [flags(each.path is not None for each in some), flags(each.uri is not None for each in some)],
        axis=1,
    )
