"""What may stand in a slot, with all else in place: every track of the library put there by hand, and judged by its findings."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from by_hand import overlap_of
from hypothesis import given, settings
from hypothesis import strategies as st
from made_libraries import five_phases, made_library
from test_ready_by_hand import PLAN, like

from playlistkit import objective, planner
from playlistkit.model import Candidate, JoinRules, Plan, Rules, Session, Slot
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.planner.sessions.alternatives import _eligible as eligible
from playlistkit.planner.sessions.standing import Standing

OVERLAP = 2.5


def library(seed: int) -> list[Candidate]:
    """Tracks of few artists, of lengths in milliseconds, each second one on Spotify as well as in a file."""
    return [
        replace(
            each,
            track=replace(
                each.track, uri=f"spotify:track:{k:022}", duration=round(each.track.duration + k / 7, 3)
            ),
        )
        for k, each in enumerate(made_library(70, seed, seconds=(110, 330), artists=9))
    ]


def instead(plan: Plan, slot: int, other: Candidate) -> list[Slot]:
    """The plan's slots with another track in one of them; those after it begin sooner or later."""
    slots = list(plan.slots)
    slots[slot] = replace(
        slots[slot], track=other.track, features=other.features, duration=other.track.duration
    )
    starts = itertools.accumulate((each.duration - each.overlap for each in slots), initial=0.0)
    return [replace(each, start=start) for each, start in zip(slots, starts, strict=False)]


def in_time(plan: Plan, slots: Sequence[Slot]) -> bool:
    """Whether each phase ends within its tolerance."""
    end = 0.0
    for phase in plan.template.phases:
        end += 60 * phase.minutes.default
        last = max(k for k, each in enumerate(slots) if each.phase == phase.name)
        ended = slots[last + 1].start if last + 1 < len(slots) else slots[last].end
        if abs(ended - end) > plan.template.rules.boundary_tolerance:
            return False
    return True


def broken(session: Session, slots: Sequence[Slot]) -> list[str]:
    return [
        each.text for each in objective.findings(session, slots) if each.breaks and each.kind != "minutes"
    ]


@pytest.mark.parametrize(
    ("seed", "player", "share"), [(1, "files", 0.0), (2, "spotify", 0.6), (5, "files", 0.6)]
)
def test_what_stays_is_what_breaks_nothing_and_ends_every_phase_in_time(
    seed: int, player: str, share: float
) -> None:
    rules = Rules(
        join=JoinRules(), artist_max=2 + seed % 2, artist_apart_minutes=20.0, boundary_tolerance=60.0
    )
    template = five_phases(50, rules, vocals="none", vocals_share=share)
    music, session = library(seed), Session(template, player=player, overlap=OVERLAP)  # type: ignore[arg-type]
    plan = planner.plan(session, music, effort="quick")
    assert broken(plan.session, plan.slots) == []
    played, seen = {each.track.id for each in plan.slots}, 0
    for slot in range(seed % 2, len(plan.slots) - 1, 3):
        fitting = {}
        for other in music:
            if other.track.id not in played:
                slots = instead(plan, slot, other)
                if in_time(plan, slots) and not broken(plan.session, slots):
                    fitting[other.track.id] = objective.score(plan.session, slots).total - plan.score.total
        found = {
            each.track.id: each for each in planner.alternatives(plan, music, slot, most=70) if each.stays
        }
        assert set(found) == set(fitting)
        if fitting:  # asked for few, only the likeliest are judged
            best = planner.alternatives(plan, music, slot, most=4)[0]
            assert best.track.id == min(fitting, key=lambda each: fitting[each])
        for name, points in fitting.items():
            assert found[name].points == pytest.approx(points, abs=1e-4)
        seen += len(fitting)
    assert seen >= 5


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_what_may_stand_in_a_slot_keeps_every_rule_on_tracks_and_on_its_two_neighbours(seed: int) -> None:
    rng, hand, _, rows, slots = like(seed)
    session, slot = hand.session, rng.randrange(len(rows))
    standing = Standing.of(
        replace(PLAN, session=session, slots=tuple(slots), tail=()), Candidates(hand.candidates)
    )
    places = [[phase.name for phase, *_ in hand.phases].index(each.phase) for each in slots]
    p, pool = places[slot], standing.pool
    phase, begin, end = hand.phases[p]
    others = [k for k in range(len(slots)) if k != slot]
    times = Counter(name for k in others for name in slots[k].track.people)
    beyond, allowed = pool.rules.beyond[p], pool.allowed(unknown_voice=not session.strict)[p]
    sung = sum(slots[k].duration for k in others if places[k] == p and beyond[rows[k]])

    def may(row: int) -> bool:
        ear, people = hand.ear(row, phase), {*hand.candidates[row].track.people}
        for k in (slot - 1, slot + 1):
            if 0 <= k < len(slots):
                other = hand.heard_slot(slots[k])
                runs = hand.phases[places[max(k, slot)]][0].album_runs
                if people & {*slots[k].track.people} and not runs:
                    return False
                if not (hand.joins(other, ear) if k < slot else hand.joins(ear, other)):
                    return False
        step = hand.seconds(row) - overlap_of(session)
        return (
            bool(allowed[row])
            and hand.groups[row] not in hand.groups[rows]
            and all(times[name] < session.template.rules.artist_max for name in people)
            and not (beyond[row] and step > phase.vocals_share * (end - begin) - sung)
        )

    assert eligible(standing, slot).tolist() == [row for row in range(20) if may(row)]
