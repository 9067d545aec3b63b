"""What is wrong with a sequence of slots by the session's rules and wishes, as facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from playlistkit.credits import Credits
from playlistkit.facts import playlists as facts
from playlistkit.figures import passes
from playlistkit.model import Candidate, Finding, Phase, Place, Session, Slot
from playlistkit.objective.arc import Arc
from playlistkit.objective.hearing import heard_silences, slots_heard
from playlistkit.objective.rules import misses_wishes, seconds_of_share
from playlistkit.objective.rules_broken import Verdicts
from playlistkit.objective.scoring import TAIL, Join, Judgement, joins_of, judge
from playlistkit.objective.table import Table, recording_groups
from playlistkit.objective.terms.boundary import tolerance_of
from playlistkit.recordings import movement_of, works

__all__ = ["findings", "join_findings"]

Step = Literal["louder", "softer", "energy", "silence"]
"""What may be too much at a join."""


def findings(
    session: Session,
    slots: Sequence[Slot],
    kept: Collection[str] = (),
    judgement: Judgement | None = None,
    known: Table | None = None,
    *,
    wishes: bool = True,
) -> tuple[Finding, ...]:
    """What is wrong with the slots by the session's rules: tracks, joins, phases, artists, repeats.

    `judgement` is what `judge` says of them, and `known` the table of the tracks of all slots but the tail's, where there
    are any already. Without `wishes`, what single tracks merely miss is left out.
    """
    played = [slot for slot in slots if slot.phase != TAIL]
    arc = Arc(session.template)
    if judgement is None:
        judgement = judge(session, played, kept)
    phase_of = {phase.name: phase for phase in arc.phases}
    found: list[Finding] = []
    candidates = [Candidate(slot.track, slot.features) for slot in played]
    if known is None:
        known = Table.of([each.track for each in candidates], [each.features for each in candidates])
    verdicts = Verdicts.of(session, arc, candidates, known)
    allowed = verdicts.rules.allowed()
    missing = misses_wishes(session, arc, verdicts.heard)
    index = {phase.name: p for p, phase in enumerate(arc.phases)}
    for k, slot in enumerate(played):
        p = index.get(slot.phase)
        if p is None:
            continue
        where, broken = Place("track", k + 1), []
        if not allowed[p, k]:
            # an unknown voice is only a warning, unless the session is strict
            trusted = verdicts.rules.unknown_voice[p, k] and not session.strict
            broken = [
                Finding(kind, where, fact, breaks=not (trusted and kind == "vocals"))
                for kind, fact in verdicts.broken(p, k)
            ]
            found += broken
        if wishes and missing[p, k] and not any(each.breaks for each in broken):
            found += [Finding(kind, where, fact, breaks=False) for kind, fact in verdicts.missed(p, k)]
    if played:
        found.extend(
            _opening_findings(session, played[0], float(heard_silences(session, known).silence_start[0]))
        )
    found.extend(join_findings(session, played, judgement.joins))
    found.extend(_repeat_findings(session, played, phase_of))
    found.extend(_work_findings(session, played))
    found.extend(_share_findings(arc, played))
    present = {slot.phase for slot in played}
    for phase in arc.phases:
        where = Place("phase", phase.name)
        if phase.name not in present:
            found.append(Finding("minutes", where, facts.PhaseEmpty(phase.name, phase.minutes.default)))
            continue
        residual, tolerance = judgement.residuals[phase.name], tolerance_of(session, phase)
        if abs(residual) > tolerance + 1e-6:
            found.append(Finding("minutes", where, facts.PhaseEnd(phase.name, residual, tolerance)))
    return tuple(found)


def _opening_findings(session: Session, first: Slot, silence: float) -> Iterator[Finding]:
    """Whether nothing sounds for too long as the session begins; nobody hears a join there, and the wait is the same."""
    rules = session.template.rules.join
    breaks = silence > rules.silence_limit + 1e-9
    if breaks or passes(silence, rules.silence, 1):
        fact = facts.OpeningSilence(_title(first), silence, rules.silence, rules.silence_limit, breaks)
        yield Finding("silence", Place("track", 1), fact, breaks=breaks)


def join_findings(
    session: Session, slots: Sequence[Slot], joins: Sequence[Join] | None = None
) -> list[Finding]:
    """Findings for steps that visibly exceed a wish, or exceed a limit at all; unknown steps exceed nothing.

    `joins` are those of `judge`, if already known.
    """
    played = [slot for slot in slots if slot.phase != TAIL]
    if joins is None:
        joins = joins_of(session, played, slots_heard(session, played))
    rules = session.template.rules.join
    found = []
    for k, join in enumerate(joins):
        rise, step = join.loudness_step, join.energy_step
        steps: tuple[tuple[str, Step, float | None, int, float, float], ...] = (
            ("loudness", "louder", rise, 1, rules.loudness_up, rules.loudness_up_limit),
            ("loudness", "softer", None if rise is None else -rise, 1, rules.loudness_down, rules.loudness_down_limit),
            ("energy", "energy", step, 2, rules.energy_step, rules.energy_step_limit),
            ("silence", "silence", join.silence, 1, rules.silence, rules.silence_limit),
        )  # fmt: skip
        for kind, named, value, digits, wish, limit in steps:
            if value is None:
                continue
            breaks = value > limit + 1e-9
            if breaks or passes(value, wish, digits):
                titles = _title(played[k]), _title(played[k + 1])
                fact = facts.JoinStep(*titles, named, value, wish, limit, breaks)
                found.append(Finding(kind, Place("join", k + 1), fact, breaks=breaks))
    return found


def _share_findings(arc: Arc, played: Sequence[Slot]) -> Iterator[Finding]:
    """Phases with more minutes of voice than their share allows."""
    for p, phase in enumerate(arc.phases):
        if not phase.vocals_share:
            continue
        sung = seconds_of_share(phase, played) / 60.0
        length = float(arc.bounds[p + 1] - arc.bounds[p]) / 60.0
        if sung > phase.vocals_share * length + 0.05:
            fact = facts.TooMuchVoice(phase.name, sung, length, phase.vocals_share)
            yield Finding("vocals", Place("phase", phase.name), fact)


def _repeat_findings(session: Session, played: Sequence[Slot], phase_of: dict[str, Phase]) -> list[Finding]:
    groups = recording_groups([slot.track for slot in played], [slot.features for slot in played])
    credited = Credits(slot.track for slot in played)
    people = [credited.people(slot.track) for slot in played]
    heard: Counter[str] = Counter()
    most = session.template.rules.artist_max
    found = []
    for k, slot in enumerate(played):
        where = Place("track", k + 1)
        earlier = [i for i in range(k) if groups[i] == groups[k]]
        if earlier:
            found.append(Finding("repeat", where, facts.PlayedAlready(_title(slot), earlier[0] + 1)))
        phase = phase_of.get(slot.phase)
        running = people[k] & people[k - 1] if k else frozenset()
        if running and not (phase and phase.album_runs):
            found.append(Finding("artist", where, facts.TwiceRunning(credited.spelled(running))))
        heard.update(people[k])
        often = frozenset(name for name in people[k] if heard[name] == most + 1)
        if often:
            found.append(Finding("artist", where, facts.TooOften(credited.spelled(often), most)))
    return found


def _work_findings(session: Session, played: Sequence[Slot]) -> Iterator[Finding]:
    """Findings for movements out of order or apart, and for one work in two recordings."""
    placed = works([slot.track for slot in played])
    last: dict[int, int] = {}
    together = session.template.rules.works == "together"
    for k, (work, movement) in enumerate(placed):
        before = last.get(work)
        if together and work and before is not None and (before, movement) != (k - 1, placed[before][1] + 1):
            apart = before != k - 1
            broken = facts.WorkBroken(_title(played[k]), _title(played[before]), before + 1, apart)
            yield Finding("work", Place("track", k + 1), broken)
        last[work] = k
    heard: dict[tuple[str, int], int] = {}
    for k, slot in enumerate(played):
        known = movement_of(slot.track)
        if known is not None and (earlier := heard.setdefault(known, k)) != k:
            again = facts.OtherRecording(_title(slot), earlier + 1)
            yield Finding("work", Place("track", k + 1), again, breaks=False)


def _title(slot: Slot) -> str:
    return slot.track.title or slot.track.id
