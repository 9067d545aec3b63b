"""What the grids promise: each bounds the finer ones, and what falls away is in no better plan."""

from __future__ import annotations

import numpy as np
import pytest
from made_libraries import five_phases, made_library

from playlistkit.model import Session
from playlistkit.planner.bound.cost_to_go import backward, through_costs
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.feasibility.attempt import problem_of
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Instance
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.search.question import Width
from playlistkit.planner.search.refinement import Refinement, Rung


def instance(seed: int, count: int = 80) -> Instance:
    """Five phases of an hour in all, from a made library."""
    pool = Pool.of(Session(five_phases(60)), made_library(count, seed))
    problem = problem_of(pool, pool.allowed(unknown_voice=True), 1.0)
    return build(problem, np.flatnonzero(problem.allowed.any(axis=0)))


@pytest.mark.parametrize("size", [2, 7, 20])
def test_a_cell_holds_every_second_in_which_a_track_that_began_in_another_may_end(size: int) -> None:
    exact = Grid.of(instance(0))
    coarse = exact.coarser(size)
    for whole, steps, spills in zip(exact.steps, coarse.steps, coarse.spills, strict=True):
        for seconds, step, spill in zip(whole.tolist(), steps.tolist(), spills.tolist(), strict=True):
            cells = {(begin + seconds) // size for begin in range(size)}
            assert cells == ({step, step + 1} if spill else {step})


@pytest.mark.parametrize("size", [2, 7, 20])
def test_a_cell_costs_what_its_cheapest_second_does(size: int) -> None:
    exact = Grid.of(instance(0))
    coarse = exact.coarser(size)
    for p, first in enumerate(exact.first):
        cells = (first + np.arange(len(exact.costs[p]))) // size - coarse.first[p]
        for cell in range(len(coarse.costs[p])):
            here = cells == cell
            assert np.array_equal(coarse.costs[p][cell], exact.costs[p][here].min(axis=0))
            assert coarse.closing[p][cell] == exact.closing[p][here].min()


@pytest.mark.parametrize("seed", range(6))
def test_every_grid_bounds_the_one_of_whole_seconds(seed: int) -> None:
    exact = Grid.of(instance(seed))
    whole = backward(exact).value
    for size in (30, 20, 10, 7, 5, 2):
        assert 0 < backward(exact.coarser(size)).value <= whole * (1 + 1e-5), size


@pytest.mark.parametrize("size", [30, 10])
@pytest.mark.parametrize("seed", range(6))
def test_the_cheapest_path_through_any_stage_costs_what_the_whole_does(seed: int, size: int) -> None:
    grid = Grid.of(instance(seed)).coarser(size)
    potentials = backward(grid)
    least = [float(costs.min()) for costs in through_costs(grid, potentials)]
    assert least == pytest.approx([potentials.value] * len(least), rel=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_dropping_arcs_above_a_ceiling_changes_no_path_below_it(seed: int) -> None:
    exact = Grid.of(instance(seed))
    coarse = exact.coarser(15)
    whole = backward(exact).value
    fewer = exact.without(through_costs(coarse, backward(coarse)), 15, whole * 1.0001)
    assert fewer.arcs < exact.arcs
    assert backward(fewer).value == pytest.approx(whole, rel=1e-5)


def test_each_rung_tightens_the_bound_and_no_plan_is_below_it() -> None:
    made = instance(1)
    refinement = Refinement(made, Multipliers.none(made), [], 0.0)
    bounds = []
    for size in (20, 5, 1):
        refinement.refine(Rung(size, 4, Width(100, 2)))
        bounds.append(refinement.bound)
    assert bounds == sorted(bounds)
    assert bounds[-1] <= refinement.best * (1 + 1e-5)


def test_an_arc_stays_where_a_row_beside_it_is_cheap_enough() -> None:
    """A track's seconds are whole only on the grid, so a plan may use the row next to the one that is counted."""
    exact = Grid.of(instance(0))
    for size in (1, 5):
        grid = exact.coarser(size)
        through = [np.full(each.shape, np.inf, dtype=np.float32) for each in grid.costs]
        row, member = (int(each[len(each) // 2]) for each in np.nonzero(np.isfinite(grid.costs[2])))
        through[2][row, member] = 1.0
        kept = exact.without(through, size, 2.0)
        rows = (np.arange(len(exact.costs[2])) + exact.first[2]) // size - exact.first[2] // size
        beside = np.isfinite(exact.costs[2][:, member]) & (np.abs(rows - row) <= 1)
        assert beside.sum() > size
        assert np.array_equal(np.isfinite(kept.costs[2][:, 0]), beside)
        assert kept.arcs == beside.sum()
