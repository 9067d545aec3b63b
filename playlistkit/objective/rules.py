"""The hard rules on single tracks: which track may play in which phase, and which rule bars it, in words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playlistkit.credits import Credits
from playlistkit.figures import beside, number
from playlistkit.model import Candidate, Features, Phase, Range, Rules, Session, Template, vocals_of
from playlistkit.names import name_key
from playlistkit.objective.arc import Arc
from playlistkit.objective.hearing import as_heard, heard_by_phase, overlap_of
from playlistkit.objective.table import VOCALS_RANK, Table, curve_peaks, highest_energy

__all__ = [
    "FLOORS",
    "RULES",
    "Eligibility",
    "barred",
    "eligibility",
    "misses_wishes",
    "rules_broken",
    "why_barred",
    "wishes_missed",
]

Mask = NDArray[np.bool_]

FLOORS = (
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
)
"""The rules that nothing relaxes, in the order of checking."""

FARTHER = ("energy_far", "held_voice")
"""Rules broken only where "energy" or "vocals" is broken too, whose sentence is enough."""

RULES = (
    *FLOORS,
    "used",
    "last_session",
    "track_minutes",
    "energy",
    "vocals",
    "loudness_range",
    "brightness",
    "percussiveness",
)
"""The names of the rules in shortfalls, in the order of checking."""

NO_MUSIC = 0.3
"""Probability of music below which a track counts as nature, noise, effects or bare speech (docs/features.md)."""

SPOKEN = re.compile(
    r"\b(?:podcasts?|audio ?books?|h(?:ö|oe?)rbuch|h(?:ö|oe?)rspiel|speech|spoken(?: word)?|sound ?effects?|sfx|"
    r"ringtones?|alarms?|test ?tones?|white noise|pink noise|brown noise|comedy|news|interviews?)\b",
    re.IGNORECASE,
)
"""Genres unsuitable for a session."""

LEAST_SECONDS = 60.0
"""Anything shorter counts as an effect, a jingle or a fragment, unless the template allows it."""

FAR = 0.10
"""Margin above the phase's highest allowed energy that nothing may exceed, whatever is relaxed."""

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
    rules, everyone = session.template.rules, np.ones(len(table), dtype=bool)
    minutes, inside = rules.track_minutes, rules.inside
    shunned = _shunned(session, candidates)

    def everywhere(mask: Mask) -> Mask:
        return np.broadcast_to(mask, shape)

    def by_phase(verdicts: list[Mask]) -> Mask:
        return np.array(verdicts, dtype=bool).reshape(shape)

    fresh = _flags(each.track.id not in session.used_tracks for each in candidates)
    last = set(session.last_session)
    in_last = _flags(not last or each.track.id in last for each in candidates)
    voice = [_voice(phase, table.vocals) for phase in phases]
    capped = any(phase.energy_max is not None for phase in phases)
    peaks = curve_peaks(table) if capped else None
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
        "music": everywhere(_is_music(candidates, table)),
        "seconds": everywhere(~(table.duration < least_seconds(rules))),
        "silence": everywhere(_within(table.silence_inside, Range(None, inside.silence_limit))),
        "jolt": everywhere(_within(table.jolt, Range(None, inside.jolt_limit))),
        "swell": everywhere(_within(table.swell, Range(None, inside.swell_limit))),
        "energy_max": by_phase(
            [
                everyone
                if phase.energy_max is None
                else _within(highest_energy(own, peaks), Range(None, phase.energy_max))
                for phase, own in zip(phases, heard, strict=False)
            ]
        ),
        "energy_far": by_phase(
            [
                _within(own.energy, Range(None, arc.band(phase)[1] + FAR))
                for phase, own in zip(phases, heard, strict=False)
            ]
        ),
        "held_voice": by_phase(
            [
                within | beyond | unknown if _is_voice_held(session, phase) else everyone
                for phase, (within, beyond, unknown) in zip(phases, voice, strict=True)
            ]
        ),
        "used": by_phase([fresh | (phase.repeats != "never") for phase in phases]),
        "last_session": by_phase([in_last | (phase.repeats != "last session") for phase in phases]),
        "track_minutes": everywhere(_within(table.duration / 60.0, minutes, unknown=False)),
        "energy": by_phase(
            [
                _within(own.energy, Range(*arc.band(phase)), unknown=False)
                for phase, own in zip(phases, heard, strict=False)
            ]
        ),
        "vocals": by_phase([within | beyond for within, beyond, _ in voice]),
        "loudness_range": by_phase(
            [_within(table.loudness_range, each.loudness_range_limit) for each in phases]
        ),
        "brightness": by_phase([_within(table.brightness, each.brightness_limit) for each in phases]),
        "percussiveness": by_phase(
            [_within(table.percussiveness, each.percussiveness_limit) for each in phases]
        ),
    }
    return Eligibility(
        kept,
        beyond=by_phase([beyond for _, beyond, _ in voice]),
        unknown_voice=by_phase([unknown for _, _, unknown in voice]),
    )


def why_barred(session: Session, phase: Phase, candidate: Candidate) -> tuple[str, str] | None:
    """The first rule that bars `candidate` from `phase`, as its name and a sentence; `None` if none does."""
    return next(iter(rules_broken(session, phase, candidate)), None)


def rules_broken(session: Session, phase: Phase, candidate: Candidate) -> tuple[tuple[str, str], ...]:
    """Every rule that bars `candidate` from `phase`, as its name and a sentence."""
    arc = Arc(session.template)
    if phase not in arc.phases:
        return (("minutes", f"{phase.name} has no minutes today."),)
    heard = heard_by_phase(session, arc, Table.of([candidate.track], [candidate.features]))
    verdicts = eligibility(session, arc, [candidate], heard)
    p = arc.phases.index(phase)
    broken = [rule for rule in RULES if not verdicts.kept[rule][p, 0]]
    broken = [rule for rule in broken if rule not in FARTHER]
    if "seconds" in broken or "duration" in broken:
        broken = [rule for rule in broken if rule != "track_minutes"]
    return tuple((rule, _sentence(rule, session, arc, phase, candidate, heard[p])) for rule in broken)


def misses_wishes(session: Session, arc: Arc, heard: Sequence[Table]) -> Mask:
    """Whether each track misses a wish of each phase [shape=(P, n)]; see `wishes_missed`."""
    inside, table = session.template.rules.inside, heard[0]
    within = (
        _within(table.silence_inside, Range(None, inside.silence))
        & _within(table.jolt, Range(None, inside.jolt))
        & _within(table.swell, Range(None, inside.swell))
    )
    kept = [
        within
        & _within(own.energy, Range(*arc.wished_band(phase)))
        & _within(table.loudness_range, phase.loudness_range)
        & _within(table.brightness, phase.brightness)
        & _within(table.percussiveness, phase.percussiveness)
        & ~_has_unwelcome_words(phase, table.vocals)
        for phase, own in zip(arc.phases, heard, strict=False)
    ]
    return ~np.array(kept, dtype=bool).reshape(len(arc.phases), len(table))


def wishes_missed(
    session: Session, arc: Arc, phase: Phase, candidate: Candidate
) -> tuple[tuple[str, str], ...]:
    """The wishes that a track misses in a phase, each as the rule's name and a sentence."""
    known = Table.of([candidate.track], [candidate.features])
    table = as_heard(session.player, known, phase.loudness)
    title, found = candidate.track.title or candidate.track.id, []
    low, high = arc.wished_band(phase)
    if not _within(table.energy, Range(low, high))[0]:
        words = f"{title} has energy {_of_range(table.energy[0], low, high)}; {phase.name} aims at {_energies(low, high)}."
        found.append(("energy", words))
    for rule in ("loudness_range", "brightness", "percussiveness"):
        value, wished = getattr(table, rule), getattr(phase, rule)
        if not _within(value, wished)[0]:
            said = _of_range(value[0], wished.low, wished.high)
            words = f"{title} has {rule.replace('_', ' ')} {said}; {phase.name} prefers {_told(wished)}."
            found.append((rule, words))
    if _has_unwelcome_words(phase, known.vocals)[0]:
        words = f"{title} has words; {phase.name} would rather have none, least of all in a language that the client knows."
        found.append(("vocals", words))
    inside = session.template.rules.inside
    for rule, value, wish in (
        ("silence", table.silence_inside[0], inside.silence),
        ("jolt", table.jolt[0], inside.jolt),
        ("swell", table.swell[0], inside.swell),
    ):
        if value > wish:
            found.append(
                (rule, f"{title}: {_inside(rule, candidate.features, wish)}; {number(wish)} is the wish.")
            )
    return tuple(found)


def _has_unwelcome_words(phase: Phase, rank: NDArray[np.int8]) -> Mask:
    """Who has words where the phase would rather have none [shape=(n,)]."""
    words: Mask = (rank == VOCALS_RANK["words"]) & (phase.vocals != "any")
    return words


def least_seconds(rules: Rules) -> float:
    """Shortest track in seconds, whatever is relaxed."""
    low = rules.track_minutes.low
    return LEAST_SECONDS if low is None else min(LEAST_SECONDS, 60.0 * low)


def _is_music(candidates: Sequence[Candidate], table: Table) -> Mask:
    """Whether each track seems to be music: neither genre nor sound says speech, noise or effect."""
    by_genre = _flags(not (each.track.genre and SPOKEN.search(each.track.genre)) for each in candidates)
    return by_genre & ~(table.music_probability < NO_MUSIC)


def _is_voice_held(session: Session, phase: Phase) -> bool:
    """Whether a variant of today restricts the phase's voice; then not even a best effort relaxes it."""
    asked = any(
        each.vocals is not None for each in session.template.variants if each.name in session.variants
    )
    return asked and phase.stands_for != "grounding"


def _inside(rule: str, features: Features, bound: float) -> str:
    """Words for an event within a track that exceeds a bound, with its time."""
    value = getattr(features, "silence_inside" if rule == "silence" else rule)
    at = {"silence": features.silence_inside_at, "jolt": features.jolt_at}.get(rule)
    when = "" if at is None else f" at {int(at) // 60}:{int(at) % 60:02}"
    amount = beside(value, bound, digits=0)
    if rule == "silence":
        return f"{amount} s of silence{when}"
    if rule == "jolt":
        return f"a sudden jump of {amount} LU{when}"
    return f"a swell of {amount} LU within ten seconds"


def _shunned(session: Session, candidates: Sequence[Candidate]) -> list[bool]:
    """Whether an excluded person is credited on each candidate, alone or with others."""
    if not session.excluded_artists:
        return [False] * len(candidates)
    credited = Credits((each.track for each in candidates), session.excluded_artists)
    excluded = {name_key(name) for name in session.excluded_artists}
    return [
        not excluded.isdisjoint({*credited.people(each.track), name_key(each.track.artist)})
        for each in candidates
    ]


def _voice(phase: Phase, rank: NDArray[np.int8]) -> tuple[Mask, Mask, Mask]:
    """Masks: voice always allowed, allowed within the share, barred only because unknown [shape=(n,) each]."""
    unknown = rank == UNKNOWN_VOICE
    within = (rank <= VOCALS_RANK[phase.vocals]) | (unknown & (phase.vocals == "any"))
    beyond = np.zeros_like(within)
    if phase.vocals_share > 0:
        # an unknown voice is no words until somebody says so: it is taken on trust, not out of the share
        beyond = ~within & ~unknown & (rank <= VOCALS_RANK[phase.vocals_beyond])
    return within, beyond, unknown & ~within


def _within(values: NDArray[np.float64], allowed: Range, *, unknown: bool = True) -> Mask:
    slack = 1e-9
    low = -np.inf if allowed.low is None else allowed.low - slack
    high = np.inf if allowed.high is None else allowed.high + slack
    mask: Mask = (values >= low) & (values <= high)
    return mask | np.isnan(values) if unknown else mask


def _flags(values: object) -> Mask:
    return np.fromiter(values, dtype=bool)  # type: ignore[call-overload, no-any-return]


def _plays(session: Session, candidate: Candidate) -> bool:
    """Whether the player can play it; candidates with neither path nor URI are left to the caller."""
    track = candidate.track
    if session.player == "spotify":
        return track.uri is not None
    return track.path is not None or track.uri is None


def _sentence(rule: str, session: Session, arc: Arc, phase: Phase, candidate: Candidate, table: Table) -> str:
    """The sentence why `rule` bars the candidate, with the value and the allowed range."""
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
    if rule == "music":
        if track.genre and SPOKEN.search(track.genre):
            return f"{title} is not music for a session: its genre is {track.genre}."
        return f"{title} sounds like speech, noise or an effect rather than music; if it is music, set music_probability=1."
    if rule == "seconds":
        least = least_seconds(session.template.rules)
        return f"{title} lasts {beside(track.duration, least, digits=0)} s; nothing under {number(least)} s is played."
    if rule in ("silence", "jolt", "swell"):
        limit = getattr(session.template.rules.inside, f"{rule}_limit")
        return f"{title}: {_inside(rule, features, limit)}; {number(limit)} is the limit."
    if rule == "energy_max":
        most = phase.energy_max or 0.0
        reached = beside(float(highest_energy(table)[0]), most)
        return f"{title} reaches energy {reached}; {phase.name} takes nothing above {number(most)}."
    if rule == "used":
        return f"{title} was in an earlier session of this client."
    if rule == "last_session":
        return f"{title} was not in this client's last session; {phase.name} plays only tracks from it."
    if rule == "track_minutes":
        lengths = session.template.rules.track_minutes
        minutes = beside(track.duration / 60, lengths.low, lengths.high, digits=1)
        return f"{title} lasts {minutes} min; tracks may last {_told(lengths)} min."
    if rule == "energy":
        low, high = arc.band(phase)
        energy = table.energy[0]
        if np.isnan(energy):
            return f"{title}: its energy is not known; scan it or set it."
        return (
            f"{title} has energy {_of_range(energy, low, high)}; {phase.name} takes {_energies(low, high)}."
        )
    if rule == "vocals":
        voice = vocals_of(features)
        said = {"unknown": "nobody knows whether anyone sings in it", "words": "it has words"}.get(
            voice, "a voice without words sounds in it"
        )
        return f"{title}: {said}; {phase.name} allows {phase.vocals}."
    value = getattr(features, rule)
    name = rule.replace("_", " ")
    taken = getattr(phase, f"{rule}_limit")
    return f"{title} has {name} {_of_range(value, taken.low, taken.high)}; {phase.name} takes {_told(taken)}."


def _told(allowed: Range) -> str:
    if allowed.low is None:
        return f"at most {number(allowed.high or 0.0)}"
    if allowed.high is None:
        return f"at least {number(allowed.low)}"
    return f"{number(allowed.low)} to {number(allowed.high)}"


def _energies(low: float, high: float) -> str:
    """A band of energy, clipped to 0 to 1."""
    return f"{number(max(low, 0.0))} to {number(min(high, 1.0))}"


def _of_range(value: float, low: float | None, high: float | None) -> str:
    return beside(float(value), low, high)


def barred(candidate: Candidate, phase: Phase, rules: Rules | None = None) -> tuple[str, str] | None:
    """The first rule of a phase that bars `candidate`, without a session; `None` if none does."""
    template = Template("", (phase,), rules=rules or Rules())
    return why_barred(Session(template), phase, candidate)
