"""The instance of a problem against the formulas in plain numbers (`by_hand.py`): what tracks, joins, ends and paths cost.

On drawn sessions, of which no plan is asked: any track may stand in any phase.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import by_hand
import numpy as np
import pytest
from by_hand import gain_of, heard, overlap_of, phases_of
from drawn import drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit.model import Candidate, Phase, Session, Slot
from playlistkit.objective import recording_groups
from playlistkit.planner.problem.borders import past_of
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Forced, Instance
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.problem import Problem
from playlistkit.recordings import works

seeds = given(seed=st.integers(0, 2**32))


def music(seed: int, *, whole: bool = False) -> tuple[Session, list[Candidate]]:
    """A drawn session without pins and its tracks, long enough to be heard; two are one recording, some are movements."""
    draw, session, candidates = drawn(seed)
    rng = draw.rng
    found = []
    for k, one in enumerate(candidates):
        seconds = one.track.duration if one.track.duration > 45 else 100.0 + k
        features = one.features
        if whole:
            seconds = float(round(seconds))
            silences = [
                round(abs(by_hand.known(getattr(features, f"silence_{side}")) or 0))
                for side in ("start", "end")
            ]
            features = replace(features, silence_start=silences[0], silence_end=silences[1])
        track = replace(one.track, duration=seconds)
        if k in (2, 3, 4) and rng.random() < 0.5:
            track = replace(track, work="Suite", movement=k - 1, title=f"Suite: {k}", people=("ann",))
        if k == 6:
            track = replace(found[5].track, id="t6")
        found.append(replace(one, track=track, features=features))
    overlap = rng.choice([0.0, 3.0]) if whole else session.overlap
    rules = replace(session.template.rules, works=rng.choice(["together", "free"]))
    return replace(session, overlap=overlap, template=replace(session.template, rules=rules)), found


def seconds_of(session: Session, one: Candidate) -> float:
    """Seconds that a track is heard for."""
    seconds, features = one.track.duration, one.features
    if session.player == "render":
        silent = sum(
            max(by_hand.known(each) or 0.0, 0.0) for each in (features.silence_start, features.silence_end)
        )
        return round(seconds - silent, 3) if seconds > silent else seconds
    return seconds


def laid(session: Session, path: Sequence[tuple[Phase, Candidate]], start: float = 0.0) -> list[Slot]:
    """The tracks of a path one after the other, from `start` on; nothing follows the last."""
    slots: list[Slot] = []
    for k, (phase, one) in enumerate(path):
        gain = round(gain_of(session, phase, one.features), 2) if session.player == "render" else 0.0
        overlap = overlap_of(session) if k + 1 < len(path) else 0.0
        slots.append(
            Slot(
                phase.name,
                start,
                seconds_of(session, one),
                one.track,
                one.features,
                overlap=overlap,
                gain=gain,
            )
        )
        start += slots[-1].duration - overlap
    return slots


def instance_of(session: Session, candidates: Sequence[Candidate], **changed: object) -> Instance:
    """Of a problem in which any track may stand anywhere."""
    pool = Pool.of(session, candidates)
    shape = len(pool.arc.phases), len(candidates)
    problem = Problem(pool, np.ones(shape, dtype=bool), np.zeros(shape), (1e6,) * shape[0])
    forced = changed.pop("forced", ())
    return build(replace(problem, **changed), np.arange(len(candidates)), forced)  # type: ignore[arg-type]


def drawn_path(seed: int, session: Session, count: int) -> list[tuple[int, int]]:
    """(Phase, row) pairs: different tracks in all phases from the first to the last."""
    rng = random.Random(seed)
    phases = len(phases_of(session.template))
    rows = rng.sample(range(count), rng.randint(phases, count))
    cuts = sorted(rng.sample(range(1, len(rows)), phases - 1))
    return [(sum(k >= cut for cut in cuts), row) for k, row in enumerate(rows)]


@seeds
@settings(max_examples=15)
def test_a_paths_value_is_what_the_judge_says_by_hand(seed: int) -> None:
    session, candidates = music(seed)
    path = drawn_path(seed, session, len(candidates))
    rng, shape = random.Random(seed), (len(phases_of(session.template)), len(candidates))
    surcharge = np.array([[rng.choice([0.0, 7.0]) for _ in range(shape[1])] for _ in range(shape[0])])
    instance = instance_of(session, candidates, surcharge=surcharge)
    # what is forbidden costs nothing here: other tests say what is
    stages = [
        replace(
            each,
            inner=joins(session, candidates, p, p),
            entry=np.zeros_like(each.entry),
            exit=np.zeros_like(each.exit),
        )
        for p, each in enumerate(instance.stages)
    ]
    for p in range(1, len(stages)):
        stages[p] = replace(stages[p], entry=joins(session, candidates, p - 1, p))
    value = replace(instance, stages=tuple(stages)).value(path)
    phases = [phase for phase, *_ in phases_of(session.template)]
    slots = laid(session, [(phases[p], candidates[row]) for p, row in path])
    kept = [each.track.id for each in candidates if each.keep]
    points, *_ = by_hand.judged(session, slots, kept)
    assert value.points == pytest.approx(sum(sum(own.values()) for own in points), rel=1e-5, abs=1e-4)
    end = phases_of(session.template)[-1][2]
    charged = sum(
        surcharge[p, row] * (slot.duration - overlap_of(session)) / end
        for (p, row), slot in zip(path, slots, strict=True)
    )
    assert value.surcharge == pytest.approx(charged, abs=1e-6)
    assert value.steered == pytest.approx(value.points + value.surcharge)


def joins(session: Session, candidates: Sequence[Candidate], before: int, after: int) -> np.ndarray:
    """Points of all joins between two phases, forbidden or not."""
    phases = phases_of(session.template)
    ones, twos = (
        [
            heard(session, each.features, 0.0, gain_of(session, phases[p][0], each.features))
            for each in candidates
        ]
        for p in (before, after)
    )
    points = [[by_hand.passage(one, two, session).roughness for two in twos] for one in ones]
    return np.array(points, dtype=np.float32) * 30 * 300 / phases[-1][2]


def forbidden(session: Session, candidates: Sequence[Candidate], before: int, after: int) -> np.ndarray:
    """Which joins a rule forbids."""
    phases = [phase for phase, *_ in phases_of(session.template)]
    groups = recording_groups([each.track for each in candidates], [each.features for each in candidates])
    placed = works([each.track for each in candidates])
    place = {track: k for k, track in enumerate(session.last_session)}
    rules = session.template.rules
    limits = rules.join
    barred = np.zeros((len(candidates), len(candidates)), dtype=bool)
    ears = [
        [
            heard(session, each.features, 0.0, gain_of(session, phases[p], each.features))
            for each in candidates
        ]
        for p in (before, after)
    ]
    for i, one in enumerate(candidates):
        for j, two in enumerate(candidates):
            passage = by_hand.passage(ears[0][i], ears[1][j], session)
            rise, step = passage.rise or 0.0, passage.step or 0.0
            barred[i, j] = (
                groups[i] == groups[j]
                or (
                    rules.works == "together"
                    and placed[i][0] == placed[j][0] > 0
                    and placed[j][1] != placed[i][1] + 1
                )
                or (bool({*one.track.people} & {*two.track.people}) and not phases[after].album_runs)
                or rise > limits.loudness_up_limit + 1e-9
                or -rise > limits.loudness_down_limit + 1e-9
                or step > limits.energy_step_limit + 1e-9
                or passage.silence > limits.silence_limit + 1e-9
                or (
                    before == after
                    and phases[after].repeats == "last session"
                    and place.get(one.track.id, -1) > place.get(two.track.id, -1) >= 0
                )
            )
    return barred


@seeds
@settings(max_examples=10)
def test_every_join_costs_its_roughness_or_is_forbidden_by_a_rule(seed: int) -> None:
    session, candidates = music(seed)
    instance = instance_of(session, candidates)
    silences = [max(by_hand.known(one.features.silence_start) or 0.0, 0.0) for one in candidates]
    opening = [session.player != "render" and silence > 10 for silence in silences]
    assert np.isinf(instance.stages[0].entry[0]).tolist() == opening
    for p, stage in enumerate(instance.stages):
        for q, found in ((p, stage.inner), (p - 1, stage.entry)):
            if q >= 0:
                barred = forbidden(session, candidates, q, p)
                assert (np.isinf(found) == barred).all()
                wanted = joins(session, candidates, q, p)
                assert found[~barred] == pytest.approx(wanted[~barred], rel=1e-4, abs=1e-4)


@seeds
@settings(max_examples=20)
def test_what_a_track_costs_at_each_second_is_what_the_judge_says_by_hand(seed: int) -> None:
    session, candidates = music(seed, whole=True)
    rng = random.Random(seed)
    kept = [each.track.id for each in candidates if each.keep]
    phases = phases_of(session.template)
    end = phases[-1][2]
    forced = Forced(1, time=rng.choice([100.0, 250.5])) if rng.random() < 0.5 else None
    instance = instance_of(
        session, candidates, slack=(90.0,) * len(phases), forced=(forced,) if forced else ()
    )
    starts = np.arange(7) * rng.choice([7, 20, 90]) + rng.randrange(200)
    overlap = overlap_of(session)
    p = rng.randrange(len(phases))
    costs, stage = instance.run_costs(p, starts), instance.stages[p]
    phase, begin, target = phases[p]
    target -= overlap if p + 1 == len(phases) else 0.0
    assert stage.closes == (target - 90, target + 90)
    assert stage.opens == ((0.0, 0.0) if p == 0 else (begin - 90, begin + 90))
    assert stage.beyond_limit == pytest.approx(phase.vocals_share * phase.minutes.default * 60)
    for row in {1, *rng.sample(range(len(candidates)), 2)}:
        one = candidates[row]
        step = seconds_of(session, one) - overlap
        for start, found in zip(starts.tolist(), costs[:, row].tolist(), strict=True):
            covers = forced is not None and start <= forced.time < start + step
            displaced = forced is not None and covers != (row == forced.track)
            if start + step > target + 90.5 or displaced:
                assert found == np.inf
                continue
            slot = replace(laid(session, [(phase, one)], float(start))[0], overlap=overlap)
            points, *_ = by_hand.judged(session, [slot], kept)
            own = sum(amount for name, amount in points[0].items() if name != "boundary")
            # where nothing overlaps, the last slot is charged as if it did
            assert found == pytest.approx(own, rel=1e-3, abs=2e-3 * 6000 / end)
    times = np.array([target - 95.0, target - 90, target + 13.7, target + 90, target + 95])
    tolerance = by_hand.first_known(phase.boundary_tolerance, session.template.rules.boundary_tolerance)
    wanted = [10 * (late / max(tolerance, 1)) ** 2 / len(phases) for late in (90, 13.7, 90)]
    assert instance.boundary(p, times).tolist() == pytest.approx([np.inf, *wanted, np.inf])


@seeds
@settings(max_examples=20)
def test_the_rest_of_a_session_costs_what_it_adds_to_what_was_played(seed: int) -> None:
    """Whoever was heard, what was sung and what plays now count for the rest as for the whole."""
    session, candidates = music(seed)
    path = drawn_path(seed, session, len(candidates))
    phases = [phase for phase, *_ in phases_of(session.template)]
    slots = laid(session, [(phases[p], candidates[row]) for p, row in path])
    count = random.Random(seed).randrange(1, len(path))
    first = path[count][0]
    done, now = slots[:count], slots[count].start
    rest = [row for _, row in path[count:]]
    pool = Pool.of(session, candidates)
    past = past_of(pool, done, now, first)
    instance = instance_of(session, pool.candidates, past=past, first_phase=first)
    barred = forbidden(session, candidates, path[count - 1][0], first)[path[count - 1][1]]
    groups = recording_groups([each.track for each in candidates], [each.features for each in candidates])
    other = groups != groups[path[count - 1][1]]  # versions of what was played are excluded elsewhere
    entry = instance.stages[0].entry[0]
    assert (np.isinf(entry) == barred)[other].all()
    if not np.isfinite(entry[rest[0]]):
        return
    stages = list(instance.stages)
    for k in range(len(stages)):
        p = first + k
        inner = joins(session, candidates, p, p)
        stages[k] = replace(
            stages[k],
            inner=inner,
            entry=joins(session, candidates, p - 1, p) if k else stages[k].entry,
            exit=np.zeros_like(stages[k].exit),
        )
    value = replace(instance, stages=tuple(stages)).value([(p - first, row) for p, row in path[count:]])
    kept = [each.track.id for each in candidates if each.keep]
    points, *_ = by_hand.judged(session, slots, kept)
    assert value.points == pytest.approx(sum(sum(own.values()) for own in points[count:]), rel=1e-5, abs=1e-4)


@seeds
def test_what_was_played_is_counted_by_person_by_work_and_by_voice(seed: int) -> None:
    session, candidates = music(seed)
    path = drawn_path(seed, session, len(candidates))
    phases = [phase for phase, *_ in phases_of(session.template)]
    count = random.Random(seed).randrange(1, len(path))
    slots = laid(session, [(phases[p], candidates[row]) for p, row in path])
    done, first = slots[:count], path[count][0]
    pool = Pool.of(session, candidates)
    past = past_of(pool, done, slots[count].start, first)
    names = {number: name for one in candidates for name in one.track.people for number in pool.table.who.of(one.track)
             if pool.table.who.of(replace(one.track, people=(name,))) == (number,)}  # fmt: skip
    times = {name: sum(name in slot.track.people for slot in done) for name in names.values()}
    assert {names[number]: n for number, n in past.artist_counts.items()} == {
        k: n for k, n in times.items() if n
    }
    for number, end in past.artist_ends.items():
        last = [slot for slot in done if names[number] in slot.track.people][-1]
        assert end == pytest.approx(last.end - last.overlap)
    assert past.artist_ends.keys() == past.artist_counts.keys()
    assert {names[each] for each in past.last_people} == {*done[-1].track.people}
    placed = works([each.track for each in candidates])
    assert past.works == {placed[row][0] for _, row in path[:count]}
    assert past.work == placed[path[count - 1][1]]
    phase = phases[first]
    ranks = range(by_hand.HIGHEST[phase.vocals] + 1, by_hand.HIGHEST[phase.vocals_beyond] + 1)
    sung = sum(
        slot.duration
        for slot in done
        if slot.phase == phase.name and by_hand.VOICES.index(slot.features.vocals or "unknown") in ranks
    )
    if not phase.vocals_share:
        assert past.beyond == 0
    elif all(pool.rules.allowed()[first, row] for p, row in path[:count] if p == first):
        assert past.beyond == pytest.approx(sung)
    assert past.start == slots[count].start
