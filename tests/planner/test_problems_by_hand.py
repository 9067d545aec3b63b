"""What is asked of a search, stated a second time: slack, supply and effort; what is given up in turn; pins; grids of seconds."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise

import by_hand
import made_plans
import numpy as np
import pytest
from by_hand import overlap_of, phases_of
from hypothesis import given, settings
from hypothesis import strategies as st
from made_libraries import phase
from test_instance_by_hand import drawn_path, instance_of, laid, music, seconds_of
from test_multipliers import drawn as drawn_multipliers
from test_refinement import instance as made_instance

from playlistkit.errors import InputError, ShortfallError
from playlistkit.model import JoinRules, Phase, Pin, Session, Template
from playlistkit.planner.bound.cost_to_go import backward, walk
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.feasibility.attempt import enough, problem_of, supplied, unwelcome_words
from playlistkit.planner.feasibility.conflicts import _ways_out as ways_out
from playlistkit.planner.problem.instance import Forced, Limits, Past
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.search.solve import Effort
from playlistkit.planner.sessions.planning import plan
from playlistkit.planner.sessions.replanning import _as_path as as_path
from playlistkit.planner.sessions.replanning import _playing as playing

seeds = given(seed=st.integers(0, 2**32))


def slack(session: Session, phase: Phase, factor: float, share: float = 0.5) -> float:
    """Seconds by which a phase's end may be missed: some times its tolerance, at most a share of its length, or a second."""
    own = by_hand.first_known(phase.boundary_tolerance, session.template.rules.boundary_tolerance)
    most = max(share * 60 * phase.minutes.default, 1.0)
    return most if factor == math.inf else min(own * factor, most)


@seeds
@settings(max_examples=15)
def test_a_problem_has_its_slack_its_supply_and_the_tracks_that_it_needs(seed: int) -> None:
    session, candidates = music(seed)
    rng, pool = random.Random(seed), Pool.of(session, candidates)
    phases = phases_of(session.template)
    allowed = np.array([[rng.random() < 0.7 for _ in candidates] for _ in phases])
    allowed[0, 0] = True
    factor, share = rng.choice([1.0, 2.0, 16.0, math.inf]), rng.choice([0.5, 0.1])
    bending = np.array([[rng.choice([0.0, 0.5]) for _ in candidates] for _ in phases])
    problem = problem_of(pool, allowed, factor, bending if rng.random() < 0.5 else None, share=share)
    assert problem.slack == pytest.approx([slack(session, phase, factor, share) for phase, *_ in phases])
    assert problem.surcharge.tolist() in ((60 * bending).tolist(), (0 * bending).tolist())
    steps = [seconds_of(session, one) - overlap_of(session) for one in candidates]
    have = [sum(step for step, may in zip(steps, own, strict=True) if may) for own in allowed]
    missing = [
        end - begin - own > have[p] + 1e-9
        for p, ((_, begin, end), own) in enumerate(zip(phases, problem.slack, strict=True))
    ]
    assert supplied(problem) == (not any(missing))
    effort = Effort(rng.choice([5, 40]), rng.choice([1, 3, 12]), 4, ())
    some = [step for step, may in zip(steps, allowed.any(axis=0), strict=True) if may]
    needed = math.ceil(1.5 * phases[-1][2] / max(np.median(some), 1.0))
    found = enough(effort, problem)
    if needed <= effort.columns:
        assert found == effort
    else:
        assert found == replace(effort, columns=needed, rated=max(effort.rated, 2 * needed))


@seeds
@settings(max_examples=30)
def test_words_are_unwelcome_where_only_a_phases_share_lets_them_in(seed: int) -> None:
    session, candidates = music(seed)
    pool = Pool.of(session, candidates)
    phases = [phase for phase, *_ in phases_of(session.template)]

    def unwelcome(p: int, row: int) -> bool:
        words = candidates[row].features.vocals == "words"
        shared = phases[p].vocals_share > 0 and phases[p].vocals_beyond == "any"
        return words and shared and phases[p].vocals != "any"

    for p in range(len(phases)):
        for row in range(len(candidates)):
            assert unwelcome_words(pool, [(p, row)]) == unwelcome(p, row)
    path = drawn_path(seed, session, len(candidates))
    assert unwelcome_words(pool, path) == any(unwelcome(p, row) for p, row in path)


def test_a_phase_of_half_a_minute_is_one_and_a_session_without_any_is_refused() -> None:
    with pytest.raises(ShortfallError):
        plan(Session(Template("Half", (phase("peak", 0.5, 0.2, 0.2),))), [])
    with pytest.raises(InputError, match="has no phase with minutes"):
        plan(Session(Template("None", (phase("peak", 0, 0.2, 0.2),))), [])


def test_what_plays_at_a_second_began_last_before_it_and_is_found_by_its_name_too() -> None:
    made = made_plans.three_hours()
    for k, slot in enumerate(made.slots):
        assert playing(made, slot.start, None) == k
        assert playing(made, -5.0, slot.track.id) == k
        if k:
            assert playing(made, slot.start - 0.01, None) == k - 1
    assert playing(made, made.duration - 0.01, None) == len(made.slots) - 1
    for at, name in ((-0.01, None), (made.duration, None), (0.0, "nobody")):
        with pytest.raises(InputError):
            playing(made, at, name)


@seeds
@settings(max_examples=15)
def test_what_may_clash_is_given_up_in_turn_from_the_mildest_to_all_of_it(seed: int) -> None:
    session, candidates = music(seed)
    pins = tuple(Pin(one.track.id) for one in candidates[4:6])
    free = {"pins": pins, "excluded_tracks": frozenset(), "excluded_artists": frozenset(), "player": "files"}
    session = replace(session, **free)  # type: ignore[arg-type]
    candidates = [
        replace(one, track=replace(one.track, path="/a.flac"), avoid=False, keep=False) for one in candidates
    ]
    pool = Pool.of(session, candidates)
    kept, join = Limits.of(session.template.rules), session.template.rules.join
    anybody = replace(kept, artist_max=10_000, album_runs=True)

    def looser(factor: float, *names: str) -> JoinRules:
        return replace(join, **{f"{name}_limit": factor * getattr(join, f"{name}_limit") for name in names})  # type: ignore[arg-type]

    both = "loudness_up", "loudness_down"
    wanted: list[tuple[tuple[str, ...], Limits, float, Pin | None]] = [
        (("join",), replace(kept, join=looser(1.5, *both)), 16.0, None),
        (("join",), replace(kept, join=looser(1.5, "energy_step")), 16.0, None),
        (("join",), replace(kept, join=looser(3.0, *both)), 16.0, None),
        (("join",), replace(kept, join=looser(3.0, "energy_step")), 16.0, None),
        (("join",), replace(kept, join=None), 16.0, None),
        (("duration",), kept, math.inf, None),
        (("artist",), anybody, 16.0, None),
        *(((), kept, 16.0, pin) for pin in pins),
        (("join", "duration"), replace(kept, join=None), math.inf, None),
        (("join", "duration", "artist"), replace(anybody, join=None), math.inf, None),
    ]
    found = list(ways_out(pool))
    assert [(way.given_up, way.problem.limits, way.pin) for way in found] == [
        (given_up, limits, pin) for given_up, limits, _, pin in wanted
    ]
    for way, (given_up, _, factor, pin) in zip(found, wanted, strict=True):
        assert way.problem.slack == pytest.approx(
            [slack(session, phase, factor) for phase, *_ in phases_of(session.template)]
        )
        others = [each for each in pins if each != pin]
        assert way.problem.pool.session.pins == tuple(others)
        assert sorted(way.problem.pool.pinned) == sorted(pool.row_of[each.track] for each in others)
        allowed = way.problem.pool.allowed(unknown_voice=not session.strict)
        assert np.array_equal(way.problem.allowed, allowed)
        assert way.is_bendable == (pin is None and "join" not in given_up)


@seeds
@settings(max_examples=15)
def test_what_opens_or_closes_a_phase_stands_there_and_nowhere_else(seed: int) -> None:
    session, candidates = music(seed)
    rng, phases = random.Random(seed), len(phases_of(session.template))
    begun = rng.randrange(phases)
    first, last = (rng.randrange(begun, phases) for _ in range(2))
    opening, closing = rng.sample(range(len(candidates)), 2)
    pins = rng.choice(
        [
            [Forced(opening, first_of=first)],
            [Forced(closing, last_of=last)],
            [Forced(opening, first_of=first), Forced(closing, last_of=last)],
            [Forced(opening, first_of=first), Forced(closing)],
        ]
    )
    known = {"first_phase": begun, "past": Past(start=100.0)}
    plain = instance_of(session, candidates, **known)
    held = instance_of(session, candidates, **known, forced=pins)
    assert held.forced == tuple(pin for pin in pins if pin != Forced(closing))
    for k, (free, own) in enumerate(zip(plain.stages, held.stages, strict=True)):
        inner, entry, leave = (np.isinf(each).copy() for each in (free.inner, free.entry, free.exit))
        others = np.arange(len(candidates))
        for pin in held.forced:
            here = begun + k in (pin.first_of, pin.last_of)
            if pin.first_of is not None or not here:
                inner[:, pin.track] = True
            if pin.first_of is not None and here:
                entry[:, others != pin.track] = True
            if pin.last_of is not None and here:
                inner[pin.track] = True
                leave[others != pin.track] = True
            if not here:
                entry[:, pin.track] = True
        for forbidden, found, was in (
            (inner, own.inner, free.inner),
            (entry, own.entry, free.entry),
            (leave, own.exit, free.exit),
        ):
            assert np.array_equal(np.isinf(found), forbidden)
            assert np.array_equal(found[~forbidden], was[~forbidden])


@seeds
def test_what_was_planned_is_a_path_as_far_as_it_is_still_to_come_and_there(seed: int) -> None:
    session, candidates = music(seed)
    path = drawn_path(seed, session, len(candidates))
    phases = [phase for phase, *_ in phases_of(session.template)]
    slots = laid(session, [(phases[p], candidates[row]) for p, row in path])
    slots.append(replace(slots[0], phase="tail"))
    first, gone = path[len(path) // 2][0], path[-1][1]
    left = [one for k, one in enumerate(candidates) if k != gone]
    pool = Pool.of(replace(session, excluded_tracks=frozenset()), left)
    wanted = [(p, row - (row > gone)) for p, row in path if p >= first and row != gone]
    assert list(as_path(pool, slots, first)) == wanted


@seeds
@settings(max_examples=8)
def test_a_grid_holds_each_second_or_the_middle_of_each_cell_and_the_cheapest_end_in_it(seed: int) -> None:
    session, candidates = music(seed)
    rng, phases = random.Random(seed), phases_of(session.template)
    miss = rng.choice([20.0, 40.25])
    instance = instance_of(session, candidates, slack=(miss,) * len(phases))
    size = rng.choice([7, 20])
    whole, sketch = Grid.of(instance), Grid.sketch(instance, size)
    for grid, cell in ((whole, 1), (sketch, size), (whole.coarser(size), size)):
        assert grid.size == cell
        assert grid.arcs == sum(np.isfinite(each).sum() for each in grid.costs)
        assert grid.sums == sum(np.isfinite(each).sum() * each.shape[1] for each in grid.costs)
    for p, stage in enumerate(instance.stages):
        seconds = range(max(0, round(stage.opens[0])), math.ceil(stage.closes[1] + 0.5) + 1)

        def ending(second: int, p: int = p) -> float:
            """Points for an end at the second, or at the nearest time at which the stage may end, if within half of one."""
            low, high = instance.stages[p].closes
            at = min(max(second, low), high)
            return float(instance.boundary(p, np.array(at))) if abs(second - at) <= 0.5 else math.inf

        assert whole.first[p] == seconds[0]
        assert np.array_equal(whole.costs[p], instance.run_costs(p, np.array(seconds)))
        assert whole.closing[p].tolist() == pytest.approx([ending(second) for second in seconds], rel=1e-6)
        assert whole.steps[p].tolist() == [max(round(step), 1) for step in stage.step]
        cells = range(seconds[0] // size, seconds[-1] // size + 1)
        assert sketch.first[p] == cells[0]
        middles = np.array([cell * size + size // 2 for cell in cells])
        assert np.array_equal(sketch.costs[p], instance.run_costs(p, middles))
        ends = [min(ending(cell * size + k) for k in range(size)) for cell in cells]
        assert sketch.closing[p].tolist() == pytest.approx(ends, rel=1e-6)
        assert sketch.steps[p].tolist() == [max(round(step / size), 1) for step in stage.step]
        assert not sketch.spills[p].any()
        assert not whole.spills[p].any()
        low, high = (round(each) // size for each in stage.opens)
        rows = sketch.opening_rows(p)
        assert (rows.start, rows.stop) == (low - cells[0], high - cells[0] + 1)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [1, 15])
def test_the_relaxed_optimum_costs_what_the_recursion_says(seed: int, size: int) -> None:
    instance = made_instance(seed, 50)
    grid = Grid.of(instance)
    grid = grid.coarser(size) if size > 1 else grid
    multipliers, _ = drawn_multipliers(instance, np.random.default_rng(seed))
    charges = multipliers.charges(instance)
    potentials = backward(grid, charges)
    path = walk(grid, potentials, charges)
    # the least cost of the path at each row in which it may stand
    reached = {grid.row(0, instance.past.start): 0.0}
    for (q, i), (p, j) in pairwise([(-1, 0), *path]):
        if q not in (-1, p):
            leaving = instance.stages[q].exit[i]
            reached = {
                row + grid.first[q] - grid.first[p]: cost + grid.closing[q][row] + leaving
                for row, cost in reached.items()
                if row < len(grid.closing[q])
            }
        stage = instance.stages[p]
        joined = float((stage.inner if q == p else stage.entry)[i, j]) + float(charges[p][j])
        ended: dict[int, float] = {}
        for row, cost in reached.items():
            if row < len(grid.costs[p]):
                for late in {0, int(grid.spills[p][j])}:
                    at = row + int(grid.steps[p][j]) + late
                    ended[at] = min(ended.get(at, math.inf), cost + joined + float(grid.costs[p][row, j]))
        reached = ended
    p, j = path[-1]
    rows = {row: cost for row, cost in reached.items() if row < len(grid.closing[p])}
    whole = min(cost + grid.closing[p][row] + instance.stages[p].exit[j] for row, cost in rows.items())
    assert float(whole) == pytest.approx(potentials.value, rel=1e-5)
    assert [p for p, _ in path] == sorted(p for p, _ in path)
