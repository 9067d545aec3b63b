"""What a certificate may say: the bound is one on the score, whatever else steers the search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_libraries import five_phases, made_library

from playlistkit.model import Session
from playlistkit.planner.feasibility.attempt import problem_of
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.search.question import Width
from playlistkit.planner.search.refinement import Rung
from playlistkit.planner.search.solve import EFFORTS, solve

HASTY = replace(EFFORTS["quick"], steps=3, rungs=(Rung(5, 1, Width(1, 1)),))


@pytest.mark.parametrize("seed", range(3))
def test_what_steers_the_search_besides_the_score_is_taken_off_the_bound(seed: int) -> None:
    pool = Pool.of(Session(five_phases(120)), made_library(200, seed))
    allowed = pool.allowed(unknown_voice=True)
    charged = np.full(allowed.shape, 0.5) + np.random.default_rng(seed).random(allowed.shape)
    problem = problem_of(pool, allowed, 1.0, charged)
    hasty, better = solve(problem, HASTY), solve(problem, EFFORTS["quick"])
    assert hasty is not None
    assert better is not None
    assert hasty.cost + hasty.surcharge > (better.cost + better.surcharge) * 1.001
    assert hasty.surcharge > 20
    assert hasty.proof.bound + hasty.surcharge <= (better.cost + better.surcharge) * (1 + 1e-5)
    assert hasty.proof.bound <= hasty.cost
