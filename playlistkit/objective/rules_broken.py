"""Why a track may not play in a phase: the rules that it breaks and the wishes that it misses, as facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np

from playlistkit.facts import tracks as facts
from playlistkit.facts.fact import Fact
from playlistkit.model import Candidate, Phase, Range, Rules, Session, Template, vocals_of
from playlistkit.objective.arc import Arc
from playlistkit.objective.hearing import heard_by_phase
from playlistkit.objective.music import folder_of_no_music, is_unsuitable_genre, only_repeats, sounds_spoken
from playlistkit.objective.rules import (
    RULES,
    Eligibility,
    RuleName,
    eligibility,
    fullest_allowed,
    has_unwelcome_words,
    is_within,
    least_seconds,
)
from playlistkit.objective.table import Table
from playlistkit.objective.within import highest_energy

__all__ = ["Verdicts", "barred", "rules_broken", "why_barred"]

FARTHER = ("energy_far", "held_voice")
"""Rules broken only where "energy" or "vocals" is broken too, whose fact is enough."""

Event = Literal["silence", "jolt", "swell"]
Ranged = Literal["loudness_range", "brightness", "percussiveness"]


def why_barred(session: Session, phase: Phase, candidate: Candidate) -> tuple[str, Fact] | None:
    """The first rule that bars `candidate` from `phase`, as its name and the fact; `None` if none does."""
    return next(iter(rules_broken(session, phase, candidate)), None)


def rules_broken(session: Session, phase: Phase, candidate: Candidate) -> tuple[tuple[str, Fact], ...]:
    """Every rule that bars `candidate` from `phase`, as its name and the fact."""
    arc = Arc(session.template)
    if phase not in arc.phases:
        return (("minutes", facts.NoMinutes(phase.name)),)
    return Verdicts.of(session, arc, [candidate]).broken(arc.phases.index(phase), 0)


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """Some candidates under a session's rules, all at once: what each breaks and what it misses."""

    session: Session
    arc: Arc
    candidates: Sequence[Candidate]
    heard: tuple[Table, ...]
    """Their table as each phase hears it."""
    rules: Eligibility

    @classmethod
    def of(
        cls, session: Session, arc: Arc, candidates: Sequence[Candidate], known: Table | None = None
    ) -> Verdicts:
        """The verdicts on `candidates`; `known` is their table, where there is one already."""
        if known is None:
            known = Table.of([each.track for each in candidates], [each.features for each in candidates])
        heard = heard_by_phase(session, arc, known)
        return cls(session, arc, candidates, heard, eligibility(session, arc, candidates, heard))

    def broken(self, p: int, row: int) -> tuple[tuple[str, Fact], ...]:
        """Every rule that bars a candidate from phase `p`, as its name and the fact."""
        phase = self.arc.phases[p]
        broken = [rule for rule in RULES if not self.rules.kept[rule][p, row] and rule not in FARTHER]
        # a track that is too full as a whole is so within as well
        if "energy" in broken and phase.energy_max is None:
            broken = [rule for rule in broken if rule != "energy_max"]
        if "seconds" in broken or "duration" in broken:
            broken = [rule for rule in broken if rule != "track_minutes"]
        own = self.heard[p].take(np.array([row]))
        return tuple(
            (rule, _broken(rule, self.session, self.arc, phase, self.candidates[row], own)) for rule in broken
        )

    def missed(self, p: int, row: int) -> tuple[tuple[str, Fact], ...]:
        """The wishes that a candidate misses in phase `p`, each as the rule's name and the fact."""
        phase, candidate = self.arc.phases[p], self.candidates[row]
        table = self.heard[p].take(np.array([row]))
        title = candidate.track.title or candidate.track.id
        found: list[tuple[str, Fact]] = []
        low, high = self.arc.wished_band(phase)
        if not is_within(table.energy, Range(low, high)).all():
            found.append(
                ("energy", facts.EnergyOff(title, float(table.energy[0]), low, high, phase.name, "wish"))
            )
        for feature in get_args(Ranged):
            values, wished = getattr(table, feature), getattr(phase, feature)
            if not is_within(values, wished).all():
                fact = facts.FeatureOff(
                    title, feature, float(values[0]), wished.low, wished.high, phase.name, "wish"
                )
                found.append((feature, fact))
        if has_unwelcome_words(phase, table.vocals).any():
            found.append(("vocals", facts.UnwelcomeWords(title, phase.name)))
        inside = self.session.template.rules.inside
        measured: tuple[tuple[Event, float, float], ...] = (
            ("silence", table.silence_inside[0], inside.silence),
            ("jolt", table.jolt[0], inside.jolt),
            ("swell", table.swell[0], inside.swell),
        )
        for event, value, wish in measured:
            if value > wish:
                found.append((event, _event(event, candidate, wish, "wish")))
        return tuple(found)


def barred(candidate: Candidate, phase: Phase, rules: Rules | None = None) -> tuple[str, Fact] | None:
    """The first rule of a phase that bars `candidate`, without a session; `None` if none does."""
    template = Template("", (phase,), rules=rules or Rules())
    return why_barred(Session(template), phase, candidate)


def _broken(
    rule: RuleName, session: Session, arc: Arc, phase: Phase, candidate: Candidate, table: Table
) -> Fact:
    """The fact that the candidate breaks `rule`, with the value and what is allowed."""
    track, features, rules = candidate.track, candidate.features, session.template.rules
    title = track.title or track.id
    match rule:
        case "player":
            return facts.Unplayable(title, session.player)
        case "duration":
            return facts.TooShort(title, track.duration)
        case "excluded" if track.id in session.excluded_tracks:
            return facts.TrackExcluded(title)
        case "excluded":
            return facts.CreditExcluded(title, track.artist)
        case "avoid":
            return facts.Avoided(title)
        case "music" if track.genre and is_unsuitable_genre(track.genre):
            return facts.OfAnotherGenre(title, track.genre)
        case "music" if folder := folder_of_no_music(track):
            return facts.InFolderOfNoMusic(title, folder)
        case "music" if sounds_spoken(table).any():
            return facts.Spoken(title, candidate.features.speech_at)
        case "music" if only_repeats(table).any():
            return facts.OnlyRepeats(title)
        case "music":
            return facts.NotMusic(title)
        case "seconds":
            return facts.Fragment(title, track.duration, least_seconds(rules))
        case "silence" | "jolt" | "swell":
            return _event(rule, candidate, getattr(rules.inside, f"{rule}_limit"), "limit")
        case "energy_max":
            reached = highest_energy(table).item()
            return facts.EnergyTooHigh(title, reached, fullest_allowed(arc, phase), phase.name)
        case "used":
            return facts.PlayedBefore(title)
        case "last_session":
            return facts.NotFromLastSession(title, phase.name)
        case "track_minutes":
            lengths = rules.track_minutes
            return facts.LengthOff(title, track.duration / 60, lengths.low, lengths.high)
        case "energy" | "energy_far" if np.isnan(table.energy[0]):
            return facts.EnergyUnknown(title)
        case "energy" | "energy_far":
            low, high = arc.band(phase)
            return facts.EnergyOff(title, float(table.energy[0]), low, high, phase.name, "limit")
        case "vocals" | "held_voice":
            return facts.VoiceBarred(title, vocals_of(features), phase.name, phase.vocals)
        case "loudness_range" | "brightness" | "percussiveness":
            value, taken = getattr(features, rule), getattr(phase, f"{rule}_limit")
            return facts.FeatureOff(title, rule, value, taken.low, taken.high, phase.name, "limit")
        case _:
            assert_never(rule)


def _event(event: Event, candidate: Candidate, bound: float, bound_is: Literal["wish", "limit"]) -> Fact:
    """The fact that something within the track passes a bound."""
    features = candidate.features
    amount = getattr(features, "silence_inside" if event == "silence" else event)
    at = {"silence": features.silence_inside_at, "jolt": features.jolt_at}.get(event)
    title = candidate.track.title or candidate.track.id
    return facts.EventInside(title, event, amount, at, bound, bound_is)
