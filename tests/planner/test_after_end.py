"""What is last can be followed: a session whose end fades out leaves the room silent otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_libraries import made_library, phase

from playlistkit import planner
from playlistkit.model import Candidate, Range, Rules, Session, Template
from playlistkit.planner.feasibility.attempt import problem_of
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Limits
from playlistkit.planner.problem.pool import Pool

RULES = Rules(track_minutes=Range(1, 40), boundary_tolerance=30, artist_max=50, tail_minutes=12)
ONE = Template("One", (phase("grounding", 20, 0.2, 0.2),), rules=RULES)
LEVEL = {
    "energy_start": 0.2, "energy_end": 0.2, "energy_curve": None, "loudness": -24.0, "loudness_start": -24.0,
    "loudness_end": -24.0, "loudness_start_near": None, "loudness_end_near": None, "vocals": "none",
    "silence_start": 0.0, "silence_end": 0.0, "silence_inside": 0.0, "jolt": 0.0, "swell": 0.0, "music_probability": 0.9,
}  # fmt: skip


def track(number: int, energy: float, **features: object) -> Candidate:
    """Five level minutes, but for what is said otherwise."""
    made = made_library(1, seed=number)[0]
    known = replace(made.track, id=f"t{number}", title=f"Piece {number}", artist=f"A{number}", duration=300.0)
    return replace(made, track=known, features=replace(made.features, energy=energy, **{**LEVEL, **features}))


def fading(count: int) -> list[Candidate]:
    """On the curve, and so soft at their ends that nothing may follow."""
    return [track(100 + k, 0.2, loudness_end=-55.0) for k in range(count)]


def planned(*music: Candidate) -> tuple[bool, float]:
    """Whether what is last fades out, and the minutes of the tail."""
    plan = planner.plan(Session(ONE), music, effort="quick")
    return plan.slots[-1].features.loudness_end == -55.0, sum(slot.duration for slot in plan.tail) / 60


def test_what_nothing_may_follow_is_not_last_while_there_is_a_choice() -> None:
    others = [track(k, 0.24) for k in range(48)]
    assert planned(*others, *fading(1)) == (False, pytest.approx(15))


def test_where_choices_are_few_the_session_counts_for_more() -> None:
    others = [track(k, 0.24) for k in range(12)]
    assert planned(*others, *fading(1)) == (True, 0.0)


def test_the_tail_goes_another_way_where_the_smoothest_leads_nowhere() -> None:
    others = [track(k, 0.24) for k in range(9)]
    dead_end = track(50, 0.02, loudness_end=-55.0)  # too calm for the phase, and the gentlest for the tail
    assert planned(*others, dead_end) == (False, pytest.approx(15))


def test_only_what_ends_the_session_has_to_be_followed_and_only_while_joins_have_limits() -> None:
    two = replace(ONE, phases=(phase("return", 20, 0.2, 0.2), *ONE.phases))
    pool = Pool.of(Session(two), [*(track(k, 0.24) for k in range(48)), *fading(2)])
    whole = problem_of(pool, pool.allowed(), 1.0)
    rules = Limits.of(RULES)
    for problem, barred in (
        (whole, 2),
        (replace(whole, last_phase=0), 0),
        (replace(whole, limits=replace(rules, join=None)), 0),
        (replace(whole, limits=replace(rules, join=None), last_phase=0), 0),
    ):
        stages = build(problem, np.arange(len(pool.candidates))).stages
        assert int(np.isinf(stages[-1].exit).sum()) == barred
        assert not any(np.isinf(stage.exit).any() for stage in stages[:-1])
