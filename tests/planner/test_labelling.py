"""The label search as machine code finds what arrays find, whatever resources bind."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_libraries import five_phases, made_library

from playlistkit.model import Candidate, Session
from playlistkit.objective.people import NO_ONE
from playlistkit.planner.bound.engine import ENGINE
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.bound.subgradient import improve
from playlistkit.planner.feasibility.attempt import problem_of
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Forced, Instance, Past
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.search.labelling import _Code
from playlistkit.planner.search.question import Question, Width

CODES = ("label_arrays", "label_code")


def code_of(name: str) -> ModuleType:
    """Imported where it is used: the machine code may have to be compiled."""
    code = importlib.import_module(f"playlistkit.planner.search.{name}")
    if name == "label_code":
        code.load()
    return code


def shared_music(count: int, seed: int, people: int) -> list[Candidate]:
    """A made library by few people, some of them two to a track; every tenth is a movement of one of two works."""
    made = []
    for k, each in enumerate(made_library(count, seed)):
        artist = f"Ann{k % people}" if k % 3 else f"Ann{k % people}; Ben{k % 2}"
        title = (
            f"Symphony No. {1 + k % 2}: {'I' * (1 + k // 10 % 3)}. Largo" if k % 10 == 0 else each.track.title
        )
        made.append(replace(each, track=replace(each.track, artist=artist, title=title, isrc=None)))
    return made


def made_instance(music: list[Candidate], pinned: float | None, past: bool, artist_max: int) -> Instance:
    template = five_phases(60)
    template = replace(template, rules=replace(template.rules, artist_max=artist_max))
    pool = Pool.of(Session(template), music)
    problem = problem_of(pool, pool.allowed(unknown_voice=True), 1.0)
    if past:
        person = int(pool.table.people[pool.table.people != NO_ONE][0])
        before = Past(
            start=301.4, artist_counts={person: 1}, artist_ends={person: 250.0}, works=frozenset({1})
        )
        problem = replace(problem, past=before)
    rows = np.flatnonzero(problem.allowed.any(axis=0))
    pins = [] if pinned is None else [Forced(int(rows[len(rows) // 2]), time=pinned)]
    made = build(problem, rows, pins)
    # a share of voice that binds
    stages = tuple(
        replace(stage, beyond=np.arange(len(stage.members)) % 3 == 0, beyond_limit=500.0)
        for stage in made.stages
    )
    return replace(made, stages=stages)


def answered(instance: Instance, code: str) -> list[tuple[float, tuple[tuple[int, int], ...]]]:
    """Cost and path of what a search finds, the best first."""
    grid = Grid.of(instance).coarser(5)
    multipliers, potentials, bound = improve(grid, Multipliers.none(instance), 2)
    charges, constant = multipliers.charges(instance), multipliers.constant(instance)
    question = Question(grid, grid, potentials, charges, constant, Width(40, 2), 2.0 * bound, 0.5)
    ends, log, _ = code_of(code).labelled(question)
    found = sorted(ends)
    return list(zip([cost for cost, _ in found], log.paths([row for _, row in found]), strict=True))


def test_what_numba_has_kept_is_taken_as_soon_as_numba_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = made_instance(shared_music(30, 1, 5), None, False, 3)
    grid = Grid.of(instance).coarser(5)
    multipliers, potentials, _ = improve(grid, Multipliers.none(instance), 1)
    charges, constant = multipliers.charges(instance), multipliers.constant(instance)
    question = Question(grid, grid, potentials, charges, constant, Width(40, 2), np.inf, 0.0)
    arrays, machine = (code_of(code) for code in CODES)
    monkeypatch.setattr(ENGINE, "code", None)
    assert _Code().chosen(question) is arrays.labelled
    monkeypatch.setattr(ENGINE, "code", machine)  # whichever it is: that it is there counts
    assert _Code().chosen(question) is machine.labelled
    monkeypatch.setattr(machine, "_SIGNATURE", "void(int64)")  # as if numba had kept nothing
    assert _Code().chosen(question) is arrays.labelled


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("seed", [2, 4])
def test_voice_fills_its_share_to_the_last_second_and_not_one_more(seed: int, code: str) -> None:
    instance = made_instance(shared_music(30, seed, 40), None, past=False, artist_max=6)
    free = replace(instance, stages=tuple(replace(stage, beyond_limit=1e6) for stage in instance.stages))
    _, path = answered(free, code)[0]

    def sung(path: Sequence[tuple[int, int]], p: int) -> float:
        stage = instance.stages[p]
        members = [int(np.searchsorted(stage.members, row)) for q, row in path if q == p]
        return sum(float(stage.step[j]) for j in members if stage.beyond[j])

    p = max(range(len(instance.stages)), key=lambda p: sung(path, p))
    most = sung(path, p)
    assert most > 0
    for less, stays in ((0.0, True), (0.5, False)):
        stages = list(free.stages)
        stages[p] = replace(stages[p], beyond_limit=most - less)
        found = answered(replace(free, stages=tuple(stages)), code)
        assert all(sung(each, p) <= most - less + 1e-6 for _, each in found)
        assert ([each for _, each in found[:1]] == [path]) is stays


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("seed", [2, 4])
def test_an_artist_plays_as_often_as_allowed_and_not_once_more(seed: int, code: str) -> None:
    instance = made_instance(shared_music(30, seed, 6), None, past=False, artist_max=20)
    instance = replace(instance, stages=tuple(replace(stage, beyond_limit=1e6) for stage in instance.stages))

    def most(path: Sequence[tuple[int, int]]) -> int:
        people = instance.table.people[[row for _, row in path]]
        return int(np.bincount(people[people != NO_ONE]).max())

    _, path = answered(instance, code)[0]
    assert most(path) > 1
    for cap, stays in ((most(path), True), (most(path) - 1, False)):
        found = answered(replace(instance, limits=replace(instance.limits, artist_max=cap)), code)
        assert all(most(each) <= cap for _, each in found)
        assert ([each for _, each in found[:1]] == [path]) is stays


@pytest.mark.parametrize("code", CODES)
def test_a_work_that_was_left_before_is_not_come_back_to(code: str) -> None:
    instance = made_instance(shared_music(30, 2, 10), None, past=False, artist_max=20)
    work = instance.table.work
    stages = tuple(
        replace(stage, beyond_limit=1e6, fixed=stage.fixed + 20.0 * (work[stage.members] == 0))
        for stage in instance.stages
    )
    tempting = replace(instance, stages=stages)

    def works(path: Sequence[tuple[int, int]]) -> set[int]:
        return {int(work[row]) for _, row in path} - {0}

    _, path = answered(tempting, code)[0]
    assert works(path)
    for gone in works(path):
        past = replace(tempting.past, works=frozenset({gone}))
        found = answered(replace(tempting, past=past), code)
        assert found
        assert all(gone not in works(each) for _, each in found)


@given(
    seed=st.integers(0, 5),
    people=st.sampled_from([2, 10, 40]),
    pinned=st.sampled_from([None, 1800.3, 700.0]),
    told=st.booleans(),
    past=st.booleans(),
    artist_max=st.integers(1, 6),
    size=st.sampled_from([1, 5, 20]),
    fine=st.booleans(),
    width=st.sampled_from([Width(5, 1), Width(40, 1), Width(60, 3), Width(2_000, 50)]),
    hope=st.sampled_from([0.9, 1.3, np.inf]),
    spread=st.sampled_from([0.0, 0.01]),
)
@settings(max_examples=25, deadline=None)
def test_machine_code_finds_the_plans_that_arrays_find(
    seed: int,
    people: int,
    pinned: float | None,
    told: bool,
    past: bool,
    artist_max: int,
    size: int,
    fine: bool,
    width: Width,
    hope: float,
    spread: float,
) -> None:
    instance = made_instance(shared_music(30, seed, people), pinned, past, artist_max)
    # a pin that the grid has not been told of is kept to by the search alone
    exact = replace(Grid.of(instance if told else replace(instance, forced=())), instance=instance)
    grid = exact.coarser(size) if size > 1 else exact
    multipliers, potentials, bound = improve(grid, Multipliers.none(instance), 3)
    question = Question(
        grid,
        exact if fine else grid,
        potentials,
        multipliers.charges(instance),
        multipliers.constant(instance),
        width,
        hope * bound if np.isfinite(bound) else hope,
        spread,
    )
    answers = []
    for code in CODES:
        ends, log, complete = code_of(code).labelled(question)
        best = min([question.below, *(cost for cost, _ in ends)])
        wanted = [each for each in sorted(ends) if each[0] <= question.ceiling(best)]
        costs = [cost for cost, _ in wanted]
        answers.append((costs, log.paths([row for _, row in wanted]), complete))
    assert answers[0] == answers[1]


@given(
    values=st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5, 7.0, 9.0]) | st.floats(0.0, 10.0), max_size=60),
    room=st.integers(1, 12),
)
def test_of_the_estimates_met_the_least_are_held_with_the_greatest_of_them_at_hand(
    values: list[float], room: int
) -> None:
    heap, size = np.empty(room), 0
    for count, value in enumerate(values, 1):
        if size < room or value <= heap[0]:
            size = code_of("label_code")._held.py_func(heap, size, value)
        least = sorted(values[:count])[:room]
        assert sorted(heap[:size].tolist()) == least
        assert heap[0] == least[-1]
