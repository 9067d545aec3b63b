"""A stretch of a plan that is planned anew, as a problem: who may stand where, what it ends with and what it costs, by hand."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import by_hand
import made_plans
import numpy as np
import pytest
from by_hand import overlap_of, phases_of
from hypothesis import given, settings
from hypothesis import strategies as st
from test_instance_by_hand import drawn_path, forbidden, joins, laid, music, seconds_of

from playlistkit.model import Phase, Pin, Session
from playlistkit.objective import recording_groups
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.planner.sessions.regions import _problem as problem_of
from playlistkit.planner.sessions.regions import regions_around
from playlistkit.planner.sessions.standing import Standing
from playlistkit.planner.sessions.swapping import _with_old_words as with_old_words
from playlistkit.recordings import works

PLAN = made_plans.three_hours()


class Drawn:
    """A plan of drawn tracks, some pinned, and a stretch of it, with what is wanted there."""

    def __init__(self, seed: int, *, whole: bool = False, few: bool = False) -> None:
        """`few`: of few people, who return early almost everywhere."""
        self.rng = rng = random.Random(seed)
        session, candidates = music(seed, whole=whole)
        self.candidates = [
            replace(
                each,
                track=replace(each.track, path=f"/{k}", uri=f"spotify:track:{k}"),
                features=replace(
                    each.features, vocals=rng.choice(["wordless", "words", each.features.vocals])
                ),
                avoid=False,
            )
            for k, each in enumerate(candidates)
        ]
        phases = tuple(
            replace(
                phase,
                vocals="none",
                vocals_share=rng.choice([0.0, 0.5, 1.0]),
                album_runs=rng.random() < 0.5 if few else phase.album_runs,
            )
            for phase in session.template.phases
        )
        session = replace(session, template=replace(session.template, phases=phases))
        if few:
            rules = replace(session.template.rules, artist_apart_minutes=rng.choice([8.0, 60.0]))
            session = replace(session, template=replace(session.template, rules=rules))
            own = [("ann",), ("bo",), ("ann", "bo"), ()]
            self.candidates = [
                replace(each, track=replace(each.track, people=rng.choice(own))) for each in self.candidates
            ]
        self.path = drawn_path(seed, session, len(candidates))
        self.rows = [row for _, row in self.path]
        self.places = [p for p, _ in self.path]
        pins = tuple(Pin(f"t{row}") for row in self.rows if rng.random() < 0.2)
        free = {"excluded_tracks": frozenset(), "excluded_artists": frozenset(), "pins": pins}
        self.session: Session = replace(session, **free)  # type: ignore[arg-type]
        self.phases = phases_of(session.template)
        self.slots = laid(self.session, [(self.phase(p), self.candidates[row]) for p, row in self.path])
        plan = replace(PLAN, session=self.session, slots=tuple(self.slots))
        self.standing = Standing.of(plan, Candidates(self.candidates))
        self.begin, self.end = sorted(rng.choices(range(len(self.rows)), k=2))
        self.inside = range(self.begin, self.end + 1)
        self.locked = {k for k in self.inside if rng.random() < 0.2}

    def phase(self, p: int) -> Phase:
        return self.phases[p][0]

    def late(self, p: int) -> float:
        """Seconds by which a phase of the plan ends late."""
        last = max(k for k, place in enumerate(self.places) if place == p)
        ended = self.slots[last + 1].start if last + 1 < len(self.slots) else self.slots[last].end
        return ended - self.phases[p][2]

    def may_miss(self, p: int) -> float:
        own = by_hand.first_known(
            self.phase(p).boundary_tolerance, self.session.template.rules.boundary_tolerance
        )
        return max(own, abs(self.late(p)))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_in_a_stretch_stands_what_stood_there_or_may_and_is_not_heard_elsewhere(seed: int) -> None:
    made = Drawn(seed)
    rng, rows, places, slots = made.rng, made.rows, made.places, made.slots
    others = [row for row in range(len(made.candidates)) if row not in rows]
    slot = rng.choice([None, *made.inside]) if others else None
    row = None if slot is None else rng.choice(others)
    renew, locked = rng.random() < 0.3, made.locked - {slot}
    problem, forced = problem_of(made.standing, slot, row, made.begin, made.end, locked, renew=renew)

    pinned = {pin.track for pin in made.session.pins}
    stays = {k: rows[k] for k in made.inside if k in locked or slots[k].track.id in pinned}
    stays |= {} if slot is None or row is None else {slot: row}
    where = {own: places[k] for k, own in stays.items()}
    groups = recording_groups(
        [each.track for each in made.candidates], [each.features for each in made.candidates]
    )
    outside = [k for k in range(len(rows)) if k not in made.inside]
    leaving = {rows[k] for k in outside}
    leaving |= {rows[k] for k in made.inside if renew or k == slot}
    gone = {int(groups[k]) for k in leaving}
    allowed = made.standing.pool.allowed(unknown_voice=not made.session.strict)
    for p in range(len(made.phases)):
        for track in range(len(made.candidates)):
            stood = (p, track) in [made.path[k] for k in made.inside]
            free = (allowed[p, track] or stood) and int(groups[track]) not in gone
            may = where[track] == p if track in where else free
            within = places[made.begin] <= p <= places[made.end]
            assert problem.allowed[p, track] == (may and within)
    assert [each.track for each in forced] == list(stays.values())
    for each, (k, own) in zip(forced, stays.items(), strict=True):
        steps = (
            slots[k].duration - slots[k].overlap,
            seconds_of(made.session, made.candidates[own]) - overlap_of(made.session),
        )
        assert each.time == pytest.approx(slots[k].start + min(steps) / 2, abs=0.001)
    assert problem.slack == pytest.approx([made.may_miss(p) for p in range(len(made.phases))])
    assert (problem.first_phase, problem.last_phase) == (places[made.begin], places[made.end])

    past, people = problem.past, made.standing.pool.table.people
    assert past is not None
    own = {k: [each for each in people[rows[k]].tolist() if each >= 0] for k in outside}
    assert past.artist_counts == Counter(each for k in outside for each in own[k])
    before = [k for k in outside if k < made.begin]
    assert past.artist_ends == {each: slots[k].end - slots[k].overlap for k in before for each in own[k]}
    assert past.start == slots[made.begin].start
    assert sorted(past.last_people) == sorted(own[made.begin - 1] if before else [])
    assert (past.ends is None) == (not before)
    after = [k for k in outside if k > made.end]
    placed = works([each.track for each in made.candidates])
    later = {placed[rows[k]][0] for k in after} - {placed[rows[k]][0] for k in after[:1]}
    assert past.works == {placed[rows[k]][0] for k in before} | later
    assert past.work == (placed[rows[made.begin - 1]] if before else (0, 0))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_a_stretch_begins_and_ends_with_what_may_stand_beside_the_slots_that_stay(seed: int) -> None:
    made = Drawn(seed)
    session, places, rows, slots = made.session, made.places, made.rows, made.slots
    begin, end, count = made.begin, made.end, len(made.candidates)
    problem, _ = problem_of(made.standing, None, None, begin, end, set(), renew=False)
    problem = replace(problem, allowed=np.ones_like(problem.allowed))
    instance = build(problem, np.arange(count))
    groups = recording_groups(
        [each.track for each in made.candidates], [each.features for each in made.candidates]
    )
    here = places[end]
    last = instance.stages[-1]
    if end + 1 < len(slots):
        there, after = places[end + 1], slots[end + 1]
        barred = forbidden(session, made.candidates, here, there)[:, rows[end + 1]]
        other = groups != groups[rows[end + 1]]  # versions of what plays elsewhere are not allowed anyway
        assert (np.isinf(last.exit) == barred)[other].all()
        known = np.isfinite(last.exit)
        wanted = joins(session, made.candidates, here, there)[:, rows[end + 1]]
        assert last.exit[known] == pytest.approx(wanted[known], rel=1e-4, abs=1e-4)
        rooms = [made.may_miss(p) - abs(made.late(p)) for p in range(here, len(made.phases))]
        room = made.may_miss(here) if here == there and session.player == "render" else min(rooms)
        assert (last.target, last.slack) == pytest.approx((after.start, max(1.0, room)))
    else:
        assert last.target == pytest.approx(made.phases[here][2] - overlap_of(session))
    for stage, p in zip(instance.stages, range(places[begin], here + 1), strict=True):
        phase, low, high = made.phases[p]
        ranks = range(by_hand.HIGHEST[phase.vocals] + 1, by_hand.HIGHEST[phase.vocals_beyond] + 1)
        sung = sum(
            slot.duration - slot.overlap
            for k, slot in enumerate(slots)
            if places[k] == p
            and k not in made.inside
            and by_hand.VOICES.index(slot.features.vocals or "unknown") in ranks
        )
        assert stage.beyond_limit == pytest.approx(max(0.0, phase.vocals_share * (high - low) - sung))
    if begin:
        entry = instance.stages[0].entry[0]
        before = rows[begin - 1]
        barred = forbidden(session, made.candidates, places[begin - 1], places[begin])[before]
        other = groups != groups[before]
        assert (np.isinf(entry) == barred)[other].all()
        first = joins(session, made.candidates, places[begin - 1], places[begin])[before]
        known = np.isfinite(entry)
        assert entry[known] == pytest.approx(first[known], rel=1e-4, abs=1e-4)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_a_plan_laid_anew_from_any_slot_on_is_itself_and_a_skipped_track_is_not_whole(seed: int) -> None:
    made = Drawn(seed)
    standing, slots = made.standing, made.slots
    late = [made.late(p) for p in range(len(made.phases))]
    assert standing.residuals().tolist() == pytest.approx(late)
    assert standing.tolerances().tolist() == pytest.approx([made.may_miss(p) for p in range(len(late))])
    assert [standing.rows, standing.phases] == [tuple(made.rows), tuple(made.places)]
    cut = made.rng.randrange(len(slots))
    skipped = [replace(slot, duration=slot.duration - 20 * (k == cut)) for k, slot in enumerate(slots)]
    other = Standing.of(replace(standing.plan, slots=tuple(skipped)), standing.pool.candidates)
    assert [other.natural(k) for k in range(len(slots))] == [k != cut for k in range(len(slots))]
    known = standing.known.of(slots)
    assert known is not None
    assert known.tempo == pytest.approx(standing.pool.table.tempo[made.rows], nan_ok=True)
    foreign = replace(slots[0], track=replace(slots[0].track, id="nobody"))
    assert standing.known.of([*slots[1:], foreign]) is None
    if made.session.player == "render":
        return
    for plan, last in ((standing.plan, overlap_of(made.session)), (replace(standing.plan, tail=()), 0.0)):
        again = replace(standing, plan=plan).laid(made.begin, made.path[made.begin :])
        for one, two in zip(again, slots, strict=True):
            assert (one.phase, one.track, one.gain) == (two.phase, two.track, two.gain)
            assert (one.start, one.duration) == pytest.approx((two.start, two.duration))
        wanted = [slot.overlap for slot in slots[:-1]]
        assert [each.overlap for each in again[:-1]] == wanted
        assert again[-1].overlap == last


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_a_slot_keeps_its_words_where_it_follows_the_same_track_at_the_same_time(seed: int) -> None:
    made = Drawn(seed)
    rng = made.rng
    old = [replace(slot, reason=rng.choice(["", f"old {k}"])) for k, slot in enumerate(made.slots)]
    other = rng.randrange(len(old))
    moved = rng.choice([0.0, 0.49, -0.49, 0.51, -3.0])
    new = [
        replace(
            slot,
            reason=f"new {k}",
            start=slot.start + (moved if k > other else 0.0),
            track=replace(slot.track, id="other") if k == other else slot.track,
        )
        for k, slot in enumerate(old)
    ]
    wanted = [
        was.reason
        if was.reason and k not in (other, other + 1) and abs(now.start - was.start) <= 0.5
        else now.reason
        for k, (was, now) in enumerate(zip(old, new, strict=True))
    ]
    assert [slot.reason for slot in with_old_words(old, new)] == wanted
    assert [replace(slot, reason="") for slot in with_old_words(old, new)] == [
        replace(slot, reason="") for slot in new
    ]


def test_what_is_planned_anew_around_a_slot_grows_to_both_sides_then_to_its_phase_and_to_all() -> None:
    made = Drawn(3)
    standing = replace(made.standing, phases=(0, 0, 1, 1, 1, 1, 2, 2))
    eight = replace(standing.plan, slots=tuple([made.slots[0]] * 8))
    standing = replace(standing, plan=eight)
    grown = [[(4, 4)], [(4, 5), (3, 4)], [(3, 5), (4, 6), (2, 4)], [(2, 6)], [(2, 5)], [(2, 7)], [(0, 7)]]
    assert list(regions_around(standing, 4)) == grown
    first = [[(0, 0)], [(0, 1), (0, 0)], [(0, 1), (0, 2), (0, 0)], [(0, 2)], [(0, 1)], [(0, 7)], [(0, 7)]]
    assert list(regions_around(standing, 0)) == first
    last = [[(7, 7)], [(7, 7), (6, 7)], [(6, 7), (7, 7), (5, 7)], [(5, 7)], [(6, 7)], [(6, 7)], [(0, 7)]]
    assert list(regions_around(standing, 7)) == last
