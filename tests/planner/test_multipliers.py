"""Multipliers charge a path for exactly what it breaks, and a step along what is broken raises the bound."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_labelling import made_instance, shared_music

from playlistkit.objective.people import NO_ONE
from playlistkit.planner.bound.cost_to_go import backward
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import STRETCH, Multipliers
from playlistkit.planner.bound.subgradient import improve
from playlistkit.planner.problem.instance import Instance

Path = list[tuple[int, int]]


@cache
def few_people() -> Instance:
    """An instance in which people, recordings and voice are too scarce for the cheapest path."""
    return made_instance(shared_music(30, 1, 2), None, False, 2)


def drawn(instance: Instance, rng: np.random.Generator) -> tuple[Multipliers, Path]:
    """Multipliers, and a path of up to five tracks a stage that minds no rule."""
    made = Multipliers.none(instance)
    for values in (made.recording, made.artist, made.beyond):
        values[:] = rng.exponential(1.0, len(values)) * (rng.random(len(values)) < 0.7)
    made.artist[NO_ONE] = 0.0
    path = [
        (p, int(j))
        for p, stage in enumerate(instance.stages)
        for j in rng.integers(0, len(stage.members), rng.integers(1, 6))
    ]
    return made, path


def counted(instance: Instance, multipliers: Multipliers, path: Path) -> float:
    """The points of all that a path has too much, less those of all that it leaves, counted by hand."""
    points = -float(multipliers.recording.sum())
    points += sum(multipliers.recording[instance.groups[instance.stages[p].members[j]]] for p, j in path)
    for person in range(len(multipliers.artist) - 1):
        times = sum(person in instance.table.people[instance.stages[p].members[j]] for p, j in path)
        times += instance.past.artist_counts.get(person, 0)
        points += multipliers.artist[person] * (times - instance.limits.artist_max)
    for p, stage in enumerate(instance.stages):
        sung = sum(stage.step[j] for q, j in path if q == p and stage.beyond[j])
        points += multipliers.beyond[p] * (sung - stage.beyond_limit)
    return float(points)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10_000), people=st.sampled_from([2, 6]), past=st.booleans(), most=st.integers(1, 4)
)
def test_a_path_is_charged_what_it_has_too_much_less_what_it_leaves(
    seed: int, people: int, past: bool, most: int
) -> None:
    instance = made_instance(shared_music(30, seed % 5, people), None, past, most)
    multipliers, path = drawn(instance, np.random.default_rng(seed))
    charges = multipliers.charges(instance)
    charged = sum(float(charges[p][j]) for p, j in path) - multipliers.constant(instance)
    by_hand = counted(instance, multipliers, path)
    assert charged == pytest.approx(by_hand, rel=1e-5, abs=1e-3)
    recording, artist, beyond = multipliers.violations(instance, path)
    along = multipliers.recording @ recording + multipliers.artist @ artist
    along += multipliers.beyond @ beyond * STRETCH
    assert along == pytest.approx(by_hand, rel=1e-6, abs=1e-6)


def test_people_who_were_heard_and_of_whom_nothing_is_left_change_no_charge() -> None:
    instance = few_people()
    multipliers, path = drawn(instance, np.random.default_rng(1))
    everyone = int(instance.table.people.max())
    gone = replace(
        instance, past=replace(instance.past, artist_counts={everyone + k: 9 for k in range(1, 6)})
    )
    assert multipliers.constant(gone) == multipliers.constant(instance)
    for one, two in zip(
        multipliers.violations(gone, path), multipliers.violations(instance, path), strict=True
    ):
        assert np.array_equal(one, two)


@given(seed=st.integers(0, 10_000), gain=st.sampled_from([0.01, 1.0, 50.0]))
def test_a_step_charges_more_for_what_is_broken_and_never_less_than_nothing(seed: int, gain: float) -> None:
    instance = few_people()
    multipliers, path = drawn(instance, np.random.default_rng(seed))
    violations = multipliers.violations(instance, path)
    moved = multipliers.stepped(violations, gain)
    assert moved is not None
    first_order = 0.0
    for before, after, broken, unit in zip(
        (multipliers.recording, multipliers.artist, multipliers.beyond),
        (moved.recording, moved.artist, moved.beyond),
        violations,
        (1.0, 1.0, STRETCH),
        strict=True,
    ):
        assert (after >= 0).all()
        assert (after[broken > 0] > before[broken > 0]).all()
        assert (after[broken < 0] <= before[broken < 0]).all()
        assert np.array_equal(after[broken == 0], before[broken == 0])
        free = (after > 0) | (broken > 0)
        first_order += float(((after - before) * broken * unit)[free].sum())
    assert first_order <= gain * (1 + 1e-9)  # Polyak's step, but for what stops at nothing
    nothing = tuple(np.minimum(each, 0.0) for each in violations)
    assert Multipliers.none(instance).stepped(nothing, gain) is None  # type: ignore[arg-type]


def test_steps_raise_the_bound_and_give_the_potentials_that_belong_to_it() -> None:
    instance = few_people()
    grid = Grid.of(instance).coarser(20)
    none = Multipliers.none(instance)
    plain = backward(grid, none.charges(instance)).value
    bounds = [improve(grid, none, steps)[2] for steps in (1, 4, 12)]
    assert bounds[0] == pytest.approx(plain)
    assert bounds[0] < bounds[1] < bounds[2]
    multipliers, potentials, bound = improve(grid, none, 12)
    again = backward(grid, multipliers.charges(instance))
    assert again.value == pytest.approx(potentials.value)
    assert again.value - multipliers.constant(instance) == pytest.approx(bound)
