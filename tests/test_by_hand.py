"""Judge, rules and findings against the same stated a second time in plain numbers (`by_hand.py`), on drawn sessions (`drawn.py`)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

import by_hand
import numpy as np
import pytest
from by_hand import band, gain_of, heard, known, overlap_of, phases_of, share
from drawn import drawn, drawn_slots
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.facts import playlists as facts
from playlistkit.facts import tracks
from playlistkit.model import FEATURE_NAMES, Candidate, Curve, Features, Phase, Range, Session, Slot, Track
from playlistkit.objective import (
    RULES,
    Arc,
    Table,
    eligibility,
    energies_heard,
    findings,
    heard_by_phase,
    judge,
    lay_out,
)
from playlistkit.objective.rules import misses_wishes
from playlistkit.objective.rules_broken import FARTHER
from playlistkit.objective.within import highest_energy

seeds = given(seed=st.integers(0, 2**32))


@seeds
def test_the_judge_gives_every_slot_and_join_the_points_of_the_formulas(seed: int) -> None:
    draw, session, candidates = drawn(seed)
    slots = drawn_slots(draw, session, candidates)
    kept = [each.track.id for each in candidates if each.keep]
    points, joins, residuals = by_hand.judged(session, slots, kept)
    found = judge(session, slots, kept)
    assert len(found.slots) == len(points)
    for ours, theirs in zip(points, found.slots, strict=True):
        for name, amount in ours.items():
            assert theirs.get(name, 0.0) == pytest.approx(amount, rel=1e-6, abs=1e-6), name
        assert theirs.keys() <= ours.keys(), "state the new term in by_hand.judged, 0 where it costs nothing"
    total = sum(sum(own.values()) for own in points)
    assert found.score.total == pytest.approx(total, rel=1e-6)
    assert found.score.terms == pytest.approx(
        {name: sum(own[name] for own in points) for name in found.score.terms}, rel=1e-6, abs=1e-6
    )
    assert found.residuals == pytest.approx(residuals)
    assert found.energy_rms == pytest.approx(math.sqrt(sum(own["energy"] for own in points) / 40) * 0.1)
    for ours, theirs in zip(joins, found.joins, strict=True):
        assert theirs.parts == pytest.approx(ours.parts, abs=1e-6)
        assert theirs.roughness == pytest.approx(ours.roughness, abs=1e-6)
        assert theirs.silence == pytest.approx(ours.silence)
        for mine, its in ((ours.rise, theirs.loudness_step), (ours.step, theirs.energy_step)):
            assert (its is None) == (mine is None)
            assert mine is None or its == pytest.approx(mine, abs=1e-6)


@seeds
def test_every_slots_energy_is_told_as_it_is_heard_there(seed: int) -> None:
    draw, session, candidates = drawn(seed)
    slots = [slot for slot in drawn_slots(draw, session, candidates) if slot.phase != "tail"]
    ours = [heard(session, slot.features, slot.duration, slot.gain).energy for slot in slots]
    assert [each is None for each in energies_heard(session, slots)] == [each is None for each in ours]
    for mine, its in zip(ours, energies_heard(session, slots), strict=True):
        assert mine is None or its == pytest.approx(mine, abs=6e-5)


# --- the rules on single tracks ---


def keeps(value: float | None, allowed: Range, *, unknown: bool = True) -> bool:
    """Whether a value lies in a range, give or take what is lost in rounding."""
    return unknown if value is None else by_hand.outside(value, allowed) <= 1e-9


def spoken(features: Features, ear: by_hand.Heard) -> bool:
    """Whether somebody speaks for longer than a session takes."""
    music = share(features.music_probability)
    if features.speech is None:
        return ear.voice == "words" and music is not None and music <= 0.65
    return features.speech > 6.0 and music != 1.0


def repeats(features: Features) -> bool:
    """Whether it is nothing but its first half minute again."""
    return (features.repetition or 0.0) >= 0.75 and share(features.music_probability) != 1.0


def verdicts(session: Session, phase: Phase, one: Candidate) -> dict[str, bool]:
    """Whether a track keeps each rule in a phase."""
    track, features, rules = one.track, one.features, session.template.rules
    seconds = track.duration if track.duration > 0 else None
    ear = heard(session, features, 0.0, gain_of(session, phase, features))
    low, high = band(phase)
    plays = track.uri is not None if session.player == "spotify" else bool(track.path) or track.uri is None
    named = track.genre in ("Audiobook", "Spoken Word") or bool(track.path and track.path[:5] != "/musi")
    music = share(features.music_probability)
    rank = by_hand.VOICES.index(ear.voice)
    unknown = ear.voice == "unknown"
    within = phase.vocals == "any" or (not unknown and rank <= by_hand.HIGHEST[phase.vocals])
    beyond = (
        phase.vocals_share > 0 and not within and not unknown and rank <= by_hand.HIGHEST[phase.vocals_beyond]
    )
    held = "quiet" in session.variants and phase.stands_for != "grounding"
    shortest = 60.0 if rules.track_minutes.low is None else min(60.0, 60 * rules.track_minutes.low)
    fullest = high + 0.2 if phase.energy_max is None else phase.energy_max
    last = not session.last_session or track.id in session.last_session
    return {
        "player": plays,
        "duration": seconds is not None and seconds >= max(1.0, 2 * overlap_of(session) + 1),
        "excluded": track.id != "t1" and not (session.excluded_artists and "cy" in track.people),
        "avoid": not one.avoid,
        "music": (not named or music == 1.0)
        and not (music is not None and music < 0.3)
        and not spoken(features, ear)
        and not repeats(features),
        "seconds": seconds is None or seconds >= shortest,
        "silence": keeps(known(features.silence_inside), Range(None, rules.inside.silence_limit)),
        "jolt": keeps(known(features.jolt), Range(None, rules.inside.jolt_limit)),
        "swell": keeps(known(features.swell), Range(None, rules.inside.swell_limit)),
        "energy_max": keeps(ear.fullest(), Range(None, fullest)),
        "energy_far": keeps(ear.energy, Range(None, high + 0.1)),
        "held_voice": within or beyond or (unknown if held else ear.voice != "words"),
        "used": track.id not in session.used_tracks or phase.repeats != "never",
        "last_session": phase.repeats != "last session" or last,
        "track_minutes": keeps(
            None if seconds is None else seconds / 60, rules.track_minutes, unknown=False
        ),
        "energy": keeps(ear.energy, Range(low, high), unknown=False),
        "vocals": within or beyond,
        "loudness_range": keeps(known(features.loudness_range), phase.loudness_range_limit),
        "brightness": keeps(share(features.brightness), phase.brightness_limit),
        "percussiveness": keeps(share(features.percussiveness), phase.percussiveness_limit),
    }  # fmt: skip


def wishes(session: Session, phase: Phase, one: Candidate) -> set[str]:
    """The wishes that a track misses in a phase."""
    features, inside = one.features, session.template.rules.inside
    ear = heard(session, features, 0.0, gain_of(session, phase, features))
    levels = [level for _, level in phase.energy]
    wished = Range(min(levels) - phase.energy_tolerance, max(levels) + phase.energy_tolerance)
    kept = {
        "energy": keeps(ear.energy, wished),
        "loudness_range": keeps(known(features.loudness_range), phase.loudness_range),
        "brightness": keeps(share(features.brightness), phase.brightness),
        "percussiveness": keeps(share(features.percussiveness), phase.percussiveness),
        "vocals": phase.vocals == "any" or ear.voice != "words",
        "silence": keeps(known(features.silence_inside), Range(None, inside.silence)),
        "jolt": keeps(known(features.jolt), Range(None, inside.jolt)),
        "swell": keeps(known(features.swell), Range(None, inside.swell)),
    }
    return {name for name, is_kept in kept.items() if not is_kept}


def only_unknown(session: Session, phase: Phase, one: Candidate) -> bool:
    """Whether a voice is barred only because nobody knows it."""
    return one.features.vocals in (None, "unknown") and phase.vocals != "any"


@seeds
def test_the_fullest_half_minute_is_found_in_curves_of_any_length(seed: int) -> None:
    """Also where the whole track is shorter, and whichever other tracks are looked at with it."""
    draw, session, _ = drawn(seed)
    rng = draw.rng
    features = []
    for _ in range(rng.randint(1, 3)):
        length = rng.choice([1, 12, 29, 30, 31, 90])
        levels = rng.choice([0, length - 1, length, length + 3])
        features.append(
            Features(
                loudness=rng.choice([-30.0, -12.0]),
                energy_curve=Curve((round(rng.random(), 3) for _ in range(length)), 0.001),
                loudness_curve=Curve((rng.randint(-40, -10) for _ in range(levels)), 0.01)
                if levels
                else None,
            )
        )
    table = Table.of([Track(f"t{k}", duration=100.0) for k in range(len(features))], features)
    arc = Arc(session.template)
    for phase, own in zip(arc.phases, heard_by_phase(session, arc, table), strict=True):
        ears = [heard(session, each, 0.0, gain_of(session, phase, each)) for each in features]
        assert highest_energy(own).tolist() == pytest.approx([ear.fullest() for ear in ears], abs=1e-6)


def test_what_is_drawn_varies_in_every_key_and_feature_that_rules_and_terms_read() -> None:
    """What is always the same in `drawn.py` is judged by no test here."""
    drawings = [drawn(seed) for seed in range(40)]
    phases = [phase for _, session, _ in drawings for phase in session.template.phases]
    heard = [one.features for _, _, candidates in drawings for one in candidates]
    keys = {field.name for field in fields(Phase)} - {"name", "music", "note", "evidence"}
    alike = {key for key in keys if len({repr(getattr(each, key)) for each in phases}) < 2}
    read = {field.name for field in fields(Table)} & set(FEATURE_NAMES)
    alike |= {name for name in read if len({repr(getattr(each, name)) for each in heard}) < 2}
    assert not alike, "draw them in tests/drawn.py"


@seeds
def test_each_rule_bars_exactly_the_tracks_that_break_it(seed: int) -> None:
    _, session, candidates = drawn(seed)
    arc = Arc(session.template)
    known_tracks = Table.of([each.track for each in candidates], [each.features for each in candidates])
    ears = heard_by_phase(session, arc, known_tracks)
    found = eligibility(session, arc, candidates, ears)
    missed = misses_wishes(session, arc, ears)
    assert found.kept.keys() == set(RULES)
    for p, (phase, *_) in enumerate(phases_of(session.template)):
        for k, one in enumerate(candidates):
            own = verdicts(session, phase, one)
            assert own.keys() == set(RULES), "state the new rule in verdicts"
            assert {rule: bool(found.kept[rule][p, k]) for rule in RULES} == own, (phase, one)
            unknown = only_unknown(session, phase, one)
            assert found.unknown_voice[p, k] == unknown
            assert found.allowed()[p, k] == all(own.values())
            trusted = {rule: kept or (rule == "vocals" and unknown) for rule, kept in own.items()}
            assert found.allowed(unknown_voice=True)[p, k] == all(trusted.values())
            left = {rule: kept for rule, kept in trusted.items() if rule not in ("energy", "vocals")}
            assert found.allowed(without=("energy", "vocals"))[p, k] == all(left.values())
            assert missed[p, k] == bool(wishes(session, phase, one))


# --- the findings ---


def told_of_track(session: Session, phase: Phase, one: Candidate) -> list[tuple[str, bool, str]]:
    """What is wrong with a track where it plays: kind, whether it breaks a rule, and the sentence."""
    own = verdicts(session, phase, one)
    broken = [rule for rule in RULES if not own[rule] and rule not in FARTHER]
    if "energy" in broken and phase.energy_max is None:
        broken = [rule for rule in broken if rule != "energy_max"]
    if {"seconds", "duration"} & set(broken):
        broken = [rule for rule in broken if rule != "track_minutes"]
    trusted = only_unknown(session, phase, one) and not session.strict
    found = [(rule, not (trusted and rule == "vocals")) for rule in broken]
    kinds = [(kind, breaks, "limit") for kind, breaks in found]
    if not any(breaks for _, breaks in found):
        kinds += [(kind, False, "wish") for kind in wishes(session, phase, one)]
    return [(kind, breaks, sentence(kind, bound, session, phase, one)) for kind, breaks, bound in kinds]


def sentence(kind: str, bound: str, session: Session, phase: Phase, one: Candidate) -> str:
    """How a track's fault is told, with its figures."""
    track, features, rules = one.track, one.features, session.template.rules
    title, wish = track.title, "" if bound == "wish" else "_limit"
    ear = heard(session, features, 0.0, gain_of(session, phase, features))
    low, high = band(phase)
    if bound == "wish":
        levels = [level for _, level in phase.energy]
        low, high = min(levels) - phase.energy_tolerance, max(levels) + phase.energy_tolerance
    shortest = 60.0 if rules.track_minutes.low is None else min(60.0, 60 * rules.track_minutes.low)
    folder = track.path and ("Podcasts" if track.path.startswith("/Podcasts") else "sfx")
    told: dict[str, Callable[[], tracks.Fact]] = {
        "player": lambda: tracks.Unplayable(title, session.player),
        "duration": lambda: tracks.TooShort(title, track.duration),
        "excluded": lambda: tracks.TrackExcluded(title) if track.id == "t1" else tracks.CreditExcluded(title, None),
        "music": lambda: (
            tracks.OfAnotherGenre(title, track.genre)
            if track.genre in ("Audiobook", "Spoken Word")
            else tracks.InFolderOfNoMusic(title, folder)
            if folder and not track.path.startswith("/music")
            else tracks.Spoken(title, features.speech_at)
            if spoken(features, ear)
            else tracks.OnlyRepeats(title)
            if repeats(features)
            else tracks.NotMusic(title)
        ),
        "seconds": lambda: tracks.Fragment(title, track.duration, shortest),
        "energy_max": lambda: tracks.EnergyTooHigh(
            title, ear.fullest(), high + 0.2 if phase.energy_max is None else phase.energy_max, phase.name
        ),
        "used": lambda: tracks.PlayedBefore(title),
        "last_session": lambda: tracks.NotFromLastSession(title, phase.name),
        "track_minutes": lambda: tracks.LengthOff(
            title, track.duration / 60, rules.track_minutes.low, rules.track_minutes.high
        ),
        "energy": lambda: (
            tracks.EnergyUnknown(title)
            if ear.energy is None
            else tracks.EnergyOff(title, ear.energy, low, high, phase.name, bound)
        ),
        "vocals": lambda: (
            tracks.UnwelcomeWords(title, phase.name)
            if bound == "wish"
            else tracks.VoiceBarred(title, ear.voice, phase.name, phase.vocals)
        ),
    }  # fmt: skip
    if kind in ("silence", "jolt", "swell"):
        name = "silence_inside" if kind == "silence" else kind
        at = None if kind == "swell" else getattr(features, f"{name}_at")
        most = getattr(rules.inside, f"{kind}{wish}")
        return str(tracks.EventInside(title, kind, getattr(features, name), at, most, bound))
    if kind in ("loudness_range", "brightness", "percussiveness"):
        allowed: Range = getattr(phase, f"{kind}{wish}")
        value = getattr(features, kind)
        return str(tracks.FeatureOff(title, kind, value, allowed.low, allowed.high, phase.name, bound))
    return str(told[kind]())


Told = tuple[str, str, bool, str]
"""Kind, place, whether it breaks a rule, and the sentence."""


def told(session: Session, slots: Sequence[Slot], kept: Sequence[str]) -> Counter[Told]:
    """Everything that is wrong with slots."""
    found: Counter[Told] = Counter()
    played = [slot for slot in slots if slot.phase != "tail"]
    phases = {phase.name: phase for phase, *_ in phases_of(session.template)}
    for k, slot in enumerate(played):
        if slot.phase in phases:
            unmarked = Candidate(slot.track, slot.features)
            for kind, breaks, text in told_of_track(session, phases[slot.phase], unmarked):
                found[kind, f"track {k + 1}", breaks, text] += 1
    if played:
        found.update(told_of_the_opening(session, played[0]))
    _, joins, residuals = by_hand.judged(session, slots, kept)
    found.update(told_of_joins(session, played, joins))
    found.update(told_of_repeats(session, played, phases))
    found.update(told_of_works(session, played))
    rules = session.template.rules
    for name, phase in phases.items():
        where = f"phase {name}"
        tolerance = by_hand.first_known(phase.boundary_tolerance, rules.boundary_tolerance)
        length = phase.minutes.default
        if name not in residuals:
            found["minutes", where, True, str(facts.PhaseEmpty(name, length))] += 1
        elif abs(residuals[name]) > tolerance + 1e-6:
            found["minutes", where, True, str(facts.PhaseEnd(name, residuals[name], tolerance))] += 1
        ranks = range(by_hand.HIGHEST[phase.vocals] + 1, by_hand.HIGHEST[phase.vocals_beyond] + 1)
        sung = sum(
            (slot.duration - slot.overlap) / 60
            for slot in played
            if slot.phase == name and by_hand.VOICES.index(slot.features.vocals or "unknown") in ranks
        )
        if phase.vocals_share and sung > phase.vocals_share * length + 0.05:
            voice = facts.TooMuchVoice(name, sung, length, phase.vocals_share)
            found["vocals", where, True, str(voice)] += 1
    return found


def told_of_the_opening(session: Session, first: Slot) -> Iterator[Told]:
    rules = session.template.rules.join
    silence = 0.0 if session.player == "render" else max(known(first.features.silence_start) or 0.0, 0.0)
    breaks = silence > rules.silence_limit + 1e-9
    if breaks or round(silence, 1) > rules.silence + 1e-6:
        fact = facts.OpeningSilence(first.track.title, silence, rules.silence, rules.silence_limit, breaks)
        yield "silence", "track 1", breaks, str(fact)


def told_of_joins(
    session: Session, played: Sequence[Slot], joins: Sequence[by_hand.Passage]
) -> Iterator[Told]:
    rules = session.template.rules.join
    for k, join in enumerate(joins):
        titles = played[k].track.title, played[k + 1].track.title
        for kind, step, value, digits, wish, limit in (
            ("loudness", "louder", join.rise, 1, rules.loudness_up, rules.loudness_up_limit),
            (
                "loudness",
                "softer",
                join.rise and -join.rise,
                1,
                rules.loudness_down,
                rules.loudness_down_limit,
            ),
            ("energy", "energy", join.step, 2, rules.energy_step, rules.energy_step_limit),
            ("silence", "silence", join.silence, 1, rules.silence, rules.silence_limit),
        ):
            breaks = value is not None and value > limit + 1e-9
            if value is not None and (breaks or round(value, digits) > wish + 1e-6):
                fact = facts.JoinStep(*titles, step, value, wish, limit, breaks)
                yield kind, f"join {k + 1}", breaks, str(fact)


def told_of_repeats(session: Session, played: Sequence[Slot], phases: dict[str, Phase]) -> Iterator[Told]:
    times: Counter[str] = Counter()
    most = session.template.rules.artist_max
    for k, slot in enumerate(played):
        where, people = f"track {k + 1}", by_hand.people_of(slot)
        earlier = [i + 1 for i, each in enumerate(played[:k]) if each.track.id == slot.track.id]
        if earlier:
            yield "repeat", where, True, str(facts.PlayedAlready(slot.track.title, earlier[0]))
        running = people & by_hand.people_of(played[k - 1]) if k else set()
        if running and not (slot.phase in phases and phases[slot.phase].album_runs):
            yield "artist", where, True, str(facts.TwiceRunning(" and ".join(sorted(running))))
        times.update(people)
        often = [name for name in sorted(people) if times[name] == most + 1]
        if often:
            yield "artist", where, True, str(facts.TooOften(" and ".join(often), most))


def told_of_works(session: Session, played: Sequence[Slot]) -> Iterator[Told]:
    """The made works are one each, as no album or artist tells two apart."""
    movements = [(slot.track.work, slot.track.movement) for slot in played]
    several = {
        work for work, _ in movements if len({number for name, number in movements if name == work}) > 1
    }
    for k, (work, movement) in enumerate(movements):
        where, title = f"track {k + 1}", played[k].track.title
        before = [i for i in range(k) if movements[i][0] == work]
        if not work or not before:
            continue
        last = before[-1]
        follows = last == k - 1 and movement == movements[last][1] + 1
        if work in several and session.template.rules.works == "together" and not follows:
            fact = facts.WorkBroken(title, played[last].track.title, last + 1, last != k - 1)
            yield "work", where, True, str(fact)
        alike = [i + 1 for i in before if movements[i] == (work, movement)]
        if alike:
            yield "work", where, False, str(facts.OtherRecording(title, alike[0]))


@seeds
def test_findings_are_all_that_is_wrong_and_nothing_else(seed: int) -> None:
    draw, session, candidates = drawn(seed)
    slots = drawn_slots(draw, session, candidates)
    kept = [each.track.id for each in candidates if each.keep]
    found = Counter(
        (each.kind, str(each.where), each.breaks, each.text) for each in findings(session, slots, kept)
    )
    assert found == told(session, slots, kept), "state the new finding in `told`"


# --- a playlist from anywhere ---


@seeds
def test_a_playlist_is_laid_out_by_the_clock(seed: int) -> None:
    """Each phase begins with the track that starts nearest to its target."""
    _, session, candidates = drawn(seed)
    phases, overlap = phases_of(session.template), overlap_of(session)
    slots = lay_out(session, candidates)
    starts = [0.0]
    seconds = []
    for one in candidates:
        length = one.track.duration if one.track.duration > 0 else None
        if length is not None and session.player == "render":
            silences = [
                max(known(each) or 0, 0) for each in (one.features.silence_start, one.features.silence_end)
            ]
            length = length - sum(silences) if length > sum(silences) else length
        seconds.append(length or 0.0)
        starts.append(starts[-1] + max(seconds[-1] - overlap, 0.0))
    begins = [0] + [
        min(range(len(starts)), key=lambda k: (abs(starts[k] - begin), k)) for _, begin, _ in phases[1:]
    ]
    end = phases[-1][2]
    for k, (slot, one) in enumerate(zip(slots, candidates, strict=True)):
        place = sum(begin <= k for begin in begins) - 1
        late = starts[k] >= end - session.template.rules.boundary_tolerance
        assert slot.phase == ("tail" if late else phases[place][0].name)
        assert (slot.start, slot.duration) == pytest.approx((starts[k], seconds[k]))
        assert slot.overlap == (overlap if k + 1 < len(candidates) else 0.0)
        wanted = gain_of(session, phases[place][0], one.features) if session.player == "render" else 0.0
        assert slot.gain == pytest.approx(wanted)
    assert not np.isnan([slot.start for slot in slots]).any()
