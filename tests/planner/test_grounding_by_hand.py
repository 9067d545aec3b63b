"""Music for grounding now, beyond the prepared set: each track held against all that could stand there instead."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from made_libraries import five_phases, made_library

from playlistkit.model import Session
from playlistkit.objective import Table, energies_heard, heard_silences, why_barred
from playlistkit.objective.ends import ends_of
from playlistkit.objective.terms import join
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import slot_of
from playlistkit.planner.sessions.changes import LEAST_SECONDS
from playlistkit.planner.sessions.grounding import put_together


@pytest.mark.parametrize(("seed", "overlap"), [(4, 0.0), (6, 3.5), (9, 3.5)])
def test_each_next_track_is_the_smoothest_that_the_last_phase_allows(seed: int, overlap: float) -> None:
    session, music = (
        Session(five_phases(40), overlap=overlap),
        made_library(70, seed, seconds=(100, 300), artists=9),
    )
    *_, last = session.template.phases
    now, minutes = 777.5, 25
    before = slot_of(session, last.name, last.loudness, music[0], now - music[0].track.duration)
    slots = put_together(Pool.of(session, music), before, now, now + 60 * minutes)

    known = Table.of([each.track for each in music], [each.features for each in music])
    table = heard_silences(session, known)  # of which the overlap leaves less
    ends, starts, rules = ends_of(table, "end"), ends_of(table, "start"), session.template.rules.join
    allowed = join.join_allowed(ends, starts, rules)
    wish = last.energy[-1][1]
    rough = join.roughness(join.join_parts(ends, starts, rules)) + np.abs(table.energy - wish)
    fits = [why_barred(session, last, each) is None for each in music]
    row_of = {each.track.id: k for k, each in enumerate(music)}

    begin, first_ways, played = now, 0, set[int]()
    for one, two in itertools.pairwise([before, *slots]):
        k, here = row_of[one.track.id], row_of[two.track.id]
        assert (two.phase, two.start) == (last.name, pytest.approx(begin))
        assert here not in played
        others = [
            j
            for j, each in enumerate(music)
            if fits[j] and allowed[k, j] and each.track.artist != one.track.artist and j not in played
        ]
        if others:
            first_ways += 1
            assert rough[k, here] == pytest.approx(min(rough[k, j] for j in others))
            assert here in others
        played.add(here)
        begin = two.end - overlap
    assert first_ways >= 3
    assert slots[-1].start < now + 60 * minutes - LEAST_SECONDS <= begin
    assert max(energies_heard(session, slots)) < 0.5
