"""The recursion as machine code gives the bits that arrays give; it is loaded when it pays, and never needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_refinement import instance

from playlistkit.planner.bound.cost_to_go import backward, through_costs
from playlistkit.planner.bound.engine import ENGINE
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import Multipliers

INSTANCES = [instance(seed, count) for seed, count in ((0, 60), (1, 30))]


@given(
    made=st.sampled_from(INSTANCES),
    size=st.sampled_from([30, 20, 7]),
    sketch=st.booleans(),
    seed=st.integers(0, 99),
    lost=st.sampled_from([0.0, 0.3, 0.9]),
    ceiling=st.sampled_from([np.inf, 1.02, 1.3]),
)
@settings(max_examples=25, deadline=None)
def test_machine_code_gives_the_bits_that_arrays_give(
    made: object, size: int, sketch: bool, seed: int, lost: float, ceiling: float
) -> None:
    rng = np.random.default_rng(seed)
    grid = Grid.sketch(made, size) if sketch else Grid.of(made).coarser(size)  # type: ignore[arg-type]
    costs = [np.where(rng.random(each.shape) < lost, np.float32(np.inf), each) for each in grid.costs]
    grid = grid.keeping([np.arange(each.shape[1]) for each in costs], costs)
    multipliers = Multipliers.none(grid.instance)
    multipliers.recording[:] = rng.exponential(0.5, len(multipliers.recording))
    charges = multipliers.charges(grid.instance)
    from playlistkit.planner.bound import arrays, compiled  # here: it may have to be compiled

    answers = []
    for code in (arrays, compiled):
        ENGINE.code, ENGINE.tried = code, True
        potentials = backward(grid, charges)
        most = ceiling * potentials.value
        answers.append((potentials, through_costs(grid, potentials, charges, most)))
    (slow, through), (quick, through_quick) = answers
    assert slow.value == quick.value
    for p in range(len(costs)):
        known = np.isfinite(slow.onward[p])  # arrays leave out states in which nothing can have ended
        assert np.array_equal(slow.onward[p][known], quick.onward[p][known])
        assert np.array_equal(slow.opening[p], quick.opening[p])
        assert np.array_equal(through[p], through_quick[p])


PLANNED = """
import sys
{before}
sys.path.insert(0, {tests!r})
from made_libraries import five_phases, made_library
from playlistkit import planner
from playlistkit.model import Session
from playlistkit.planner.bound import engine
engine.PAYS = {pays}
plan = planner.plan(Session(five_phases(25)), made_library(50, seed=3), effort="quick")
print("numba" in sys.modules and sys.modules["numba"] is not None, [slot.track.id for slot in plan.slots], plan.score.total)
"""


def planned(before: str = "", pays: str = "engine.PAYS") -> tuple[str, str]:
    """Whether a fresh interpreter loads numba for a small plan, and the plan."""
    program = PLANNED.format(before=before, tests=str(Path(__file__).parent), pays=pays)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded, _, plan = done.stdout.partition(" ")
    return loaded, plan


def test_a_small_plan_never_waits_for_numba_and_none_needs_it() -> None:
    loaded, plan = planned()
    assert loaded == "False"
    assert planned(pays="0.0") == ("True", plan)
    assert planned("sys.modules['numba'] = None", "0.0") == ("False", plan)
    assert planned("import os; os.environ['NUMBA_DISABLE_JIT'] = '1'", "0.0") == ("True", plan)


@pytest.fixture(autouse=True)
def as_it_was() -> object:
    kept = ENGINE.code, ENGINE.tried
    yield
    ENGINE.code, ENGINE.tried = kept
