"""Movements of a work: in their order and right after each other, or only one of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from made_libraries import five_phases, made_library

from playlistkit import planner
from playlistkit.model import Candidate, Rules, Session
from playlistkit.objective import findings


def a_library_of_works(seed: int) -> list[Candidate]:
    """Made tracks, every three of them movements of one work."""
    return [
        replace(
            each,
            track=replace(
                each.track, artist=f"Artist {k // 3}", work=f"Work {k // 3}", movement=k % 3 + 1, isrc=None
            ),
        )
        for k, each in enumerate(made_library(150, seed))
    ]


@pytest.mark.parametrize("seed", range(3))
def test_movements_are_played_in_order_and_together_or_not_at_all(seed: int) -> None:
    template = five_phases(60)
    phases = tuple(replace(phase, album_runs=True) for phase in template.phases)
    session = Session(replace(template, phases=phases))
    plan = planner.plan(session, a_library_of_works(seed), effort="quick")
    assert not [each for each in findings(session, plan.slots) if each.kind == "work"]
    played = [(slot.track.work, slot.track.movement) for slot in (*plan.slots, *plan.tail)]
    for k, (work, movement) in enumerate(played):
        if work in [other for other, _ in played[:k]]:
            assert played[k - 1] == (work, movement - 1)


def test_a_template_may_take_movements_as_they_come() -> None:
    template = five_phases(60, Rules(works="free"))
    session = Session(template)
    plan = planner.plan(session, a_library_of_works(1), effort="quick")
    assert not [each for each in findings(session, plan.slots) if each.kind == "work" and each.breaks]
    assert len(list(pairwise(plan.slots)))
