"""What a change to a running session makes of its phases, worked out a second time; and what a search is told of time."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import by_hand
import made_plans
import numpy as np
import pytest
from by_hand import phases_of
from drawn import drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit.errors import InputError
from playlistkit.model import (
    Candidate,
    EnergyLimit,
    Features,
    Minutes,
    Phase,
    Plan,
    Session,
    Slot,
    Template,
    Track,
)
from playlistkit.objective import Arc
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.bound.subgradient import improve
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Past
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.problem import Problem
from playlistkit.planner.problem.slots import laid_out
from playlistkit.planner.problem.slots import phases_of as planned_phases
from playlistkit.planner.search.certificate import Proof
from playlistkit.planner.search.question import Question, Width
from playlistkit.planner.sessions.changes import Change, changed, end_moved
from playlistkit.planner.sessions.replanning import _stopped as stopped

MINUTE = 60.0
PLAN = made_plans.three_hours()


def drawn_change(rng: random.Random, names: list[str]) -> Change:
    kind = rng.choice(["extend", "extend", "gentler", "skip", "phase", "phase", "none"])
    minutes = rng.choice([-20.0, -2.0, 0.5, 3.0, 8.0])
    step = rng.choice([0.05, 0.15, 0.4])
    return Change(kind, minutes=minutes, step=step, phase=rng.choice(names), keep_end=rng.random() < 0.5)


def lengths_of(session: Session, change: Change, name: str, now: float) -> tuple[list[float], int] | None:
    """Seconds that each phase gets, and the first to be planned; `None` where the change can't be made."""
    phases = phases_of(session.template)
    names = [phase.name for phase, *_ in phases]
    lengths = [end - begin for _, begin, end in phases]
    here, end = names.index(name), phases[-1][2]
    begin, bound = phases[here][1:]
    if change.kind == "phase":
        there = names.index(change.phase)
        if there <= here:
            return None
        played = max(now - begin, 1.0)
        left = max(end - begin - played, MINUTE) if change.keep_end else sum(lengths[there:])
        later = [left * each / sum(lengths[there:]) for each in lengths[there:]]
        return [*lengths[:here], played, *[0.0] * (there - here - 1), *later], there
    if change.kind == "extend":
        added, grown = MINUTE * change.minutes, here
        if added > 0 and not change.keep_end:  # the return grows, never the peak
            returns = [k for k, (phase, *_) in enumerate(phases) if k >= here and phase.stands_for != "peak"]
            grown = returns[0] if returns else here
        if grown == here:
            added = max(added, now - bound)  # what plays is played
            bound += added
        lengths[grown] += added
        if change.keep_end and here + 1 < len(phases):
            later = sum(lengths[here + 1 :])
            lengths[here + 1 :] = [max(later - added, MINUTE) * each / later for each in lengths[here + 1 :]]
    if now <= bound - MINUTE or here + 1 == len(phases):
        return lengths, here
    lengths[here] += now - bound
    lengths[here + 1] = max(lengths[here + 1] - (now - bound), MINUTE)
    return lengths, here + 1


def plan_of(session: Session) -> Plan:
    return replace(PLAN, session=session)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150)
def test_a_change_gives_every_phase_the_minutes_and_the_curve_that_it_should(seed: int) -> None:
    draw, session, _ = drawn(seed, tracks=0)
    rng, phases = draw.rng, phases_of(session.template)
    change = drawn_change(rng, [phase.name for phase, *_ in phases])
    phase, begin, end = rng.choice(phases)
    now = rng.choice([begin + 1, end - 70, end - 60, end - 59, end, end + 25, rng.uniform(begin, end)])
    wanted = lengths_of(session, change, phase.name, now)
    if wanted is None or sum(wanted[0]) - now < MINUTE:
        with pytest.raises(InputError, match="has already begun" if wanted is None else "nothing is left"):
            changed(plan_of(session), change, phase.name, now)
        return
    found, first = changed(plan_of(session), change, phase.name, now)
    lengths, begun = wanted
    old = [each for each, *_ in phases]
    kept = [(one, seconds) for one, seconds in zip(old, lengths, strict=True) if seconds > 0]
    assert [each.name for each in found.template.phases] == [one.name for one, _ in kept]
    assert found.template.phases[first].name == old[begun].name
    for new, (one, seconds) in zip(found.template.phases, kept, strict=True):
        assert new.minutes.default == pytest.approx(seconds / 60)
        assert new.minutes.least == pytest.approx(min(one.minutes.least, seconds / 60))
        assert new.minutes.most == pytest.approx(max(one.minutes.most, seconds / 60))
        lower = change.step if change.kind == "gentler" and old.index(one) >= begun else 0.0
        levels = [max(level - lower, 0.0) for _, level in one.energy]
        assert [level for _, level in new.energy] == pytest.approx(levels)
        if lower:
            limit = one.energy_limit or EnergyLimit(0.0, 0.0)
            assert by_hand.band(new)[1] == pytest.approx(min(by_hand.band(one)[1], max(levels) + 1.0))
            assert new.energy_limit is not None
            assert new.energy_limit.down == limit.down
        else:
            assert new.energy_limit == one.energy_limit
    moved = sum(lengths) - phases[-1][2]
    told = end_moved(plan_of(session), found, change)
    assert bool(told) == (change.kind == "extend" and change.keep_end and abs(moved) >= MINUTE / 2)
    for each in told:
        assert (each.phase, each.seconds) == (old[-1].name, pytest.approx(moved))


@pytest.mark.parametrize(
    ("at", "duration", "overlap"),
    [(100.0, 6.0, 6.0), (150.0, 56.0, 6.0), (390.0, 296.0, 6.0), (397.0, 300.0, 3.0), (500.0, 300.0, 0.0), (50.0, 6.0, 6.0)],
)  # fmt: skip
def test_what_is_skipped_fades_out_within_its_overlap(at: float, duration: float, overlap: float) -> None:
    slot = Slot("peak", 100.0, 300.0, Track("t", duration=300.0), overlap=6.0)
    found = stopped(slot, at)
    assert (found.start, found.duration, found.overlap) == (100.0, duration, overlap)


@pytest.mark.parametrize(
    ("bound", "points", "moved", "within", "proven"),
    [
        (10.0, 10.0, 0.0, 0.0, True),
        (10.0, 9.0, 0.0, 0.0, True),
        (10.0, 10.1, 0.0, 0.01, False),
        (9.9, 10.0, 0.0, 0.010101, False),
        (10.0, 10.0 + 2e-8, 0.0, 0.0, False),
        (10.0, 12.0, 0.3, 0.2, False),
        (0.0, 1.0, 0.0, None, False),
        (-1.0, 1.0, 0.0, None, False),
        (0.5, 1.0, 0.0, 1.0, False),
        (-math.inf, 1.0, 0.0, None, False),
    ],
)
def test_a_certificate_says_how_far_above_the_bound_a_plan_may_be(
    bound: float, points: float, moved: float, within: float | None, proven: bool
) -> None:
    found = Proof(bound, 7, every=True).certificate(points, moved)
    plain = Proof(bound, 7, every=True, placed=False, bending=False, dealt=False)
    assert found == plain.certificate(points, moved)
    assert found.within == (None if within is None else pytest.approx(within, abs=1e-9))
    assert found.proven is proven
    for nearly, told in ((0.0, False), (0.0049, False), (0.005, True), (-0.005, True)):
        said = Proof(10.0, 7, every=True).certificate(points, nearly).scope
        assert (said != Proof(10.0, 7, every=True).certificate(points).scope) is told


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10)
def test_a_search_charges_ends_and_returns_as_the_formulas_do_at_any_fraction_of_a_second(seed: int) -> None:
    draw, session, candidates = drawn(seed)
    rng = draw.rng
    long = [replace(each, track=replace(each.track, duration=rng.uniform(60, 300))) for each in candidates]
    pool, slack = Pool.of(session, long), rng.choice([15.0, 40.5])
    shape = len(pool.arc.phases), len(long)
    past = Past(
        start=20.0,
        last_people=(0,),
        artist_counts={0: 1},
        artist_ends={0: 5.0},
        works=frozenset({0, 1, 99}),
        work=(2, 1),
    )
    problem = Problem(pool, np.ones(shape, dtype=bool), np.zeros(shape), (slack,) * shape[0], past=past)
    instance = build(problem, np.arange(len(long)))
    grid = Grid.of(instance).coarser(5)
    multipliers, potentials, _ = improve(grid, Multipliers.none(instance), 1)
    question = Question(grid, grid, potentials, multipliers.charges(instance), 0.0, Width(5, 1), np.inf, 0.0)
    end = phases_of(session.template)[-1][2]
    apart = 60 * session.template.rules.artist_apart_minutes
    for p, stage in enumerate(instance.stages):
        phase: Phase = stage.phase
        tolerance = by_hand.first_known(phase.boundary_tolerance, session.template.rules.boundary_tolerance)
        late = np.array([-slack - 0.01, -slack, -7.77, 0.0, 3.21, slack, slack + 0.01])
        wanted = 10 * (late / max(tolerance, 1)) ** 2 / len(instance.stages)
        wanted[np.abs(late) > slack + 1e-6] = np.inf
        found = question.closing(p, stage.target + late)
        assert found.tolist() == pytest.approx(wanted.tolist(), abs=0.012 / max(tolerance, 1) ** 2)
        latest = max(each.closes[1] for each in instance.stages)  # nobody was heard longer ago
        gaps = np.array(
            [0.0, 0.5, 100.25, latest - 0.5, *(k for k in (apart - 1, apart + 1) if 0 < k < latest)]
        )
        for running in (False, True):
            owed = [
                0.0
                if apart == 0 or (running and phase.album_runs)
                else 5 * max(0, 1 - gap / apart) * 300 / end
                for gap in gaps
            ]
            asked = question.repeated(p, gaps, np.full(len(gaps), running))
            assert asked.tolist() == pytest.approx(owed, abs=1e-6)
    times = {
        n: int((instance.table.people == n).sum()) for n in set(instance.table.people.ravel().tolist()) - {-1}
    }
    assert set(question.returning.tolist()) == {n for n, count in times.items() if count > 1 or n == 0}
    returning = question.returning.tolist()
    of_each = [*instance.table.people.tolist(), [0]]  # and of the track before the first
    for own, places in zip(of_each, question.people.tolist(), strict=True):
        again = sorted(n for n in own if n in returning)
        assert [returning[k - 1] for k in sorted(places) if k] == again
        assert [k > 0 for k in places] == [n < len(again) for n in range(len(places))]
    assert question.people.shape[1] == max(1, *(sum(places > 0) for places in question.people))
    assert question.counts_before.tolist() == [0, *(int(n == 0) for n in returning)]
    assert question.heard_before.tolist() == [-np.inf, *(5.0 if n == 0 else -np.inf for n in returning)]
    kept = session.template.rules.works == "together"
    placed = [*instance.table.work.tolist(), 2]
    assert question.work.tolist() == [number if kept else 0 for number in placed]
    known = max(question.work.tolist())
    assert question.works_before.tolist() == [kept and number == 1 <= known for number in range(known + 1)]
    shortest = min(float(stage.step.min()) for stage in instance.stages)
    assert shortest * (1 - 2e-9) < question.window < shortest


def test_under_render_a_phase_ends_early_where_the_next_could_not_end_in_time_otherwise() -> None:
    first, second = (Phase(name, Minutes(10, 5, 20), ((0.0, 0.3),)) for name in ("onset", "return"))
    session = Session(Template("T", (first, second)), player="render")
    lengths = [306.0] * 2 + [644.0 / 3] * 3  # the second takes at least 620 s, with overlaps of 12 s
    music = [Candidate(Track(f"t{k}", duration=each), Features(energy=0.3)) for k, each in enumerate(lengths)]
    arc = Arc(session.template)
    slots = laid_out(session, arc, list(zip((0, 0, 1, 1, 1), music, strict=True)))
    assert [each.end for each in planned_phases(arc, slots)] == pytest.approx([595.0, 1215.0], abs=0.01)
    assert [slot.overlap for slot in slots] == pytest.approx([8.5, 8.5, 12.0, 12.0, 6.0], abs=0.01)
