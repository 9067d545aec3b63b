"""What a plan that gives up a rule tells of the conflict, worked out a second time on drawn slots."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import by_hand
import numpy as np
import pytest
from by_hand import phases_of
from drawn import drawn, drawn_slots
from hypothesis import given, settings
from hypothesis import strategies as st
from test_instance_by_hand import drawn_path, music

from playlistkit.facts import conflicts as facts
from playlistkit.model import Candidate, Session, Slot
from playlistkit.objective import findings, judge
from playlistkit.planner.feasibility.attempt import problem_of
from playlistkit.planner.feasibility.conflicts import (
    _artist_conflict as artist_conflict,
)
from playlistkit.planner.feasibility.conflicts import (
    _conflict as conflict,
)
from playlistkit.planner.feasibility.conflicts import (
    _join_conflict as join_conflict,
)
from playlistkit.planner.feasibility.conflicts import (
    _length_conflicts as length_conflicts,
)
from playlistkit.planner.feasibility.conflicts import (
    _reached as reached,
)
from playlistkit.planner.feasibility.conflicts import (
    _WayOut as WayOut,
)
from playlistkit.planner.feasibility.relaxation import marked
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import laid_out

RULES_GIVEN_UP = [
    ("join",),
    ("duration",),
    ("artist",),
    ("join", "artist"),
    ("join", "duration", "artist"),
    (),
]
REACHED = facts.Reached("peak", 12.5, 40.0)
seeds = given(seed=st.integers(0, 2**32))


def like(seed: int) -> tuple[Session, list[Candidate], Pool, list[Slot]]:
    """Drawn slots in phases of the session, none of which is a tail."""
    draw, session, candidates = drawn(seed)
    names = [phase.name for phase, *_ in phases_of(session.template)]
    slots = [
        replace(slot, phase=slot.phase if slot.phase in names else names[0])
        for slot in drawn_slots(draw, session, candidates)
    ]
    return session, candidates, Pool.of(session, candidates), slots


@seeds
def test_a_conflict_of_joins_tells_the_worst_of_each_kind_and_how_many_pass_the_limit(seed: int) -> None:
    session, _, pool, slots = like(seed)
    rules = session.template.rules.join
    _, joins, _ = by_hand.judged(session, slots, ())
    passed = []
    for name, limit, steps in (
        ("loudness_up_limit", rules.loudness_up_limit, [join.rise or 0.0 for join in joins]),
        ("loudness_down_limit", rules.loudness_down_limit, [-(join.rise or 0.0) for join in joins]),
        ("energy_step_limit", rules.energy_step_limit, [join.step or 0.0 for join in joins]),
        ("silence_limit", rules.silence_limit, [join.silence for join in joins]),
    ):
        beyond = [step for step in steps if step > limit + 1e-9]
        if beyond:
            where = slots[steps.index(max(beyond)) + 1].phase
            passed.append(facts.JoinPassed(name, max(beyond), limit, where, len(beyond)))
    told = join_conflict(pool, slots, lambda: REACHED)
    if not passed:
        assert told is None
        return
    assert told is not None
    assert (told.phase, told.minutes, told.rule) == (passed[-1].phase, 27.5, "join")
    assert told.text == str(facts.JoinConflict(tuple(passed), REACHED, session.player != "files"))


@seeds
def test_a_conflict_of_artists_tells_who_plays_too_often_or_twice_running(seed: int) -> None:
    session, _, pool, slots = like(seed)
    runs = {phase.name: phase.album_runs for phase, *_ in phases_of(session.template)}
    people = [sorted(slot.track.people) for slot in slots]
    times = Counter(name for names in people for name in names)
    most = max(times.values(), default=0)
    cap = session.template.rules.artist_max
    first = next((name for names in people for name in names if times[name] == most), None)
    often = (first, most, cap) if most > cap else None
    where = next(
        (slot.phase for slot, names in zip(slots, people, strict=True) if often and first in names), ""
    )
    together = [
        k for k in range(1, len(slots)) if {*people[k]} & {*people[k - 1]} and not runs[slots[k].phase]
    ]
    running = None
    if together:
        where = slots[together[0]].phase
        both = " and ".join(sorted({*people[together[0]]} & {*people[together[0] - 1]}))
        running = both, tuple(dict.fromkeys(slots[k].phase for k in together))
    told = artist_conflict(pool, slots, lambda: REACHED)
    if not often and not running:
        assert told is None
        return
    assert told is not None
    assert (told.phase, told.minutes, told.rule) == (where, 27.5, "artist")
    assert told.text == str(facts.ArtistConflict(often, running, REACHED))


@seeds
@settings(max_examples=20)
def test_a_conflict_of_lengths_tells_by_how_much_each_phase_misses_its_end(seed: int) -> None:
    session, candidates, pool, slots = like(seed)
    rng = random.Random(seed)
    few = rng.random() < 0.5
    allowed = np.array([[rng.random() < (0.3 if few else 0.8) for _ in candidates] for _ in pool.arc.phases])
    allowed &= pool.table.duration > 0  # what no phase lets in is not told of
    found = length_conflicts(pool, problem_of(pool, allowed), slots)
    *_, residuals = by_hand.judged(session, slots, ())
    wanted = []
    for p, (phase, *_) in enumerate(phases_of(session.template)):
        tolerance = by_hand.first_known(phase.boundary_tolerance, session.template.rules.boundary_tolerance)
        late = residuals.get(phase.name, 0.0)
        if abs(late) <= tolerance + 1e-6:
            continue
        lengths = sorted(pool.table.duration[k] / 60 for k in range(len(candidates)) if allowed[p, k])
        minutes = round(phase.minutes.default + late / 60, 1)
        other = minutes if phase.minutes.least <= minutes <= phase.minutes.most else None
        fact = facts.LengthConflict(
            phase.name,
            phase.minutes.default,
            late,
            tolerance,
            tuple(lengths) if len(lengths) <= 4 else (),
            other,
        )
        wanted.append((phase.name, "duration", pytest.approx(max(0.0, -late) / 60), str(fact)))
    assert [(each.phase, each.rule, each.minutes, each.text) for each in found] == wanted


@seeds
@settings(max_examples=15, deadline=None)
def test_only_conflicts_with_what_was_given_up_are_told(seed: int) -> None:
    session, candidates = music(seed)
    free = {"excluded_tracks": frozenset(), "excluded_artists": frozenset()}
    pool = Pool.of(replace(session, **free), [replace(each, avoid=False) for each in candidates])  # type: ignore[arg-type]
    path = drawn_path(seed, pool.session, len(candidates))
    slots = laid_out(pool.session, pool.arc, [(p, pool.candidates[row]) for p, row in path])
    problem = problem_of(pool, np.ones((len(pool.arc.phases), len(candidates)), dtype=bool))
    known = reached(pool)
    alone = {
        "join": [join_conflict(pool, slots, lambda: known)],
        "duration": length_conflicts(pool, problem, slots),
        "artist": [artist_conflict(pool, slots, lambda: known)],
    }
    for given_up in RULES_GIVEN_UP:
        told = conflict(pool, WayOut(problem, given_up), SimpleNamespace(path=path))  # type: ignore[arg-type]
        wanted = [each for rule in given_up for each in alone[rule] if each is not None]
        assert [(each.rule, each.text) for each in told] == [(each.rule, each.text) for each in wanted]


@seeds
def test_each_slot_is_marked_with_the_rules_that_it_and_the_join_into_it_break(seed: int) -> None:
    session, _, _, slots = like(seed)
    slots = [slot for slot in slots if slot.phase != "tail"]
    told: list[list[str]] = [[] for _ in slots]
    for each in findings(session, slots, wishes=False):
        if each.breaks and each.where.kind in ("track", "join"):
            told[each.where.number - (each.where.kind == "track")].append(each.text)
    found = marked(session, slots, judge(session, slots))
    assert [list(slot.bends) for slot in found] == told
    assert [replace(slot, bends=()) for slot in found] == [replace(slot, bends=()) for slot in slots]
