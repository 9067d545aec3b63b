"""Why a library can't fill a template."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_libraries import five_phases, made_library

from playlistkit import planner
from playlistkit.model import Session
from playlistkit.planner.explain import Rule, smallest_conflict

LIBRARY = [
    each
    for each in made_library(220, seed=3)
    if each.features.vocals == "words" or each.features.energy < 0.16
]
SESSION = Session(five_phases(90, vocals="none"))


@pytest.fixture(scope="module")
def diagnosis() -> planner.Diagnosis:
    return planner.explain(SESSION, LIBRARY)


def test_what_is_enough_has_no_diagnosis() -> None:
    assert planner.explain(Session(five_phases(90)), made_library(220, seed=3)).shortfalls == ()


def test_a_shortfall_says_how_much_is_missing_of_what(diagnosis: planner.Diagnosis) -> None:
    peak = next(each for each in diagnosis.shortfalls if each.phase == "peak")
    assert peak.rule == "energy"  # milder than vocals, which would bring as much
    assert f"{peak.minutes:.1f} of its 22.5 min" in peak.text
    assert "idening its energy tolerance" in peak.text


def test_the_gains_name_what_each_rule_would_bring(diagnosis: planner.Diagnosis) -> None:
    gains = dict(diagnosis.gains)
    assert gains[Rule("peak", "vocals")] > 0
    assert list(gains.values()) == sorted(gains.values(), reverse=True)


def test_the_relaxation_is_as_mild_as_can_be(diagnosis: planner.Diagnosis) -> None:
    assert diagnosis.relaxation
    assert diagnosis.conflict
    assert set(diagnosis.relaxation) & set(diagnosis.conflict)


@given(st.lists(st.sets(st.integers(0, 7), min_size=1, max_size=3), min_size=1, max_size=4))
def test_the_smallest_conflict_is_one_and_is_smallest(conflicts: list[set[int]]) -> None:
    rules = [Rule(str(k), "energy") for k in range(8)]

    def feasible(kept: Collection[Rule]) -> bool:
        names = {int(rule.phase) for rule in kept}
        return not any(conflict <= names for conflict in conflicts)

    found = smallest_conflict(feasible, rules)
    assert not feasible(found)
    for rule in found:
        assert feasible([each for each in found if each != rule])
