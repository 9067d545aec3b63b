"""Candidates are looked at once, however often a session is planned among them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import playlistkit as pk
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.planner.problem.pool import Pool

ARC = pk.parse_template(
    "name: Short\nphases: [{name: peak, minutes: 16, energy: 0.3}]\nrules: {tail_minutes: 0}"
)
MUSIC = [
    pk.Candidate(
        pk.Track(f"t{k}", title=f"Piece {k}", duration=160.0), pk.Features(energy=0.25 + k / 200), keep=k == 3
    )
    for k in range(20)
]


def test_candidates_at_hand_give_the_same_plans_as_a_list_and_their_table_is_made_once() -> None:
    ready = Candidates.given(MUSIC)
    table = ready.table
    session = pk.Session(ARC)
    plan = pk.plan(session, ready)
    assert plan == pk.plan(session, MUSIC)
    for change in (pk.Change(), pk.Change("skip"), pk.Change("gentler")):
        assert pk.replan(plan, ready, 60.0, change=change) == pk.replan(plan, MUSIC, 60.0, change=change)
    assert ready.table is table
    assert Candidates.given(ready) is ready
    assert Pool.of(session, ready).candidates is ready


def test_no_pool_can_write_to_a_table_that_others_read() -> None:
    table = Candidates.given(MUSIC).table
    assert table.keep.tolist() == [k == 3 for k in range(20)]
    with pytest.raises(ValueError, match="read-only"):
        table.energy[0] = 0.5


def test_candidates_travel_without_what_was_made_of_them() -> None:
    ready = Candidates.given(MUSIC)
    bare = len(pickle.dumps(ready))
    assert not np.isnan(ready.table.duration).any()
    assert len(pickle.dumps(ready)) == bare
    there = pickle.loads(pickle.dumps(ready))
    assert isinstance(there, Candidates)
    assert there == ready


def test_wrong_candidates_are_refused_before_anything_is_made_of_them() -> None:
    wrong = pk.Candidate(pk.Track("t", duration=1.0), pk.Features(energy="loud"))  # type: ignore[arg-type]
    with pytest.raises(pk.InputError, match="energy: 'loud' is not a number"):
        Candidates.given([wrong])
