"""What stands ready beside a plan, and what is looked at for one, ranked a second time in plain numbers (`by_hand.py`)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import by_hand
import made_plans
import numpy as np
import pytest
from by_hand import Heard, gain_of, heard, overlap_of, phases_of, squared_miss
from drawn import drawn, drawn_track
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit.model import (
    Candidate,
    EnergyLimit,
    Features,
    Hold,
    JoinRules,
    Phase,
    Range,
    Session,
    Slot,
    Track,
)
from playlistkit.objective import recording_groups
from playlistkit.objective.holds import hold_windows, longest_rise
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.rate_filter import rate_filter
from playlistkit.planner.sessions.grounding import NEAR, ended, gathered, grounded, put_together
from playlistkit.planner.sessions.reserves import reserves, spare
from playlistkit.planner.sessions.tail import ORDERS, tail
from playlistkit.recordings import works

PLAN = made_plans.three_hours()
seeds = given(seed=st.integers(0, 2**32))


def music(seed: int) -> tuple[random.Random, Session, list[Candidate]]:
    """A drawn session whose phases let most music in, and twenty tracks of known energy, some versions of others."""
    draw, session, _ = drawn(seed, tracks=0)
    rng, found = draw.rng, []
    for number in range(20):
        one = drawn_track(draw, number)
        features = replace(
            one.features,
            energy=round(rng.choice([rng.uniform(0.05, 0.22), rng.uniform(0.05, 0.6)]), 3),
            loudness=round(rng.uniform(-26, -18), 1),
            vocals=rng.choice(["none", "none", "none", "wordless", "words"]),
            music_probability=None, jolt=None, swell=None, silence_inside=None,
            percussiveness=round(rng.choice([rng.uniform(0, 0.1), rng.uniform(0, 0.4)]), 2),
            loudness_range=rng.choice([3.0, 5.0, 8.0, None]),
        )  # fmt: skip
        seconds = round(rng.uniform(100, 320), 3)
        track = replace(
            one.track, duration=seconds, genre=None, path=f"/{number}", uri=f"spotify:track:{number}"
        )
        if number % 6 == 5:  # a version of the one before
            track = replace(found[-1].track, id=f"t{number}", duration=found[-1].track.duration + 0.5)
        found.append(replace(one, track=track, features=features, avoid=False))
    phases = tuple(
        replace(
            phase, energy_limit=EnergyLimit(0.5, 0.5), energy_max=None, brightness_limit=Range(),
            percussiveness_limit=Range(), loudness_range_limit=Range(), vocals=rng.choice(["any", "none"]),
        )
        for phase in session.template.phases
    )  # fmt: skip
    rules = replace(
        session.template.rules,
        track_minutes=Range(),
        join=JoinRules(loudness_up_limit=rng.choice([4.0, 9.0]), energy_step_limit=rng.choice([0.2, 0.5])),
        tail_minutes=rng.choice([0.0, 6.0, 15.0]),
        grounding_now_minutes=rng.choice([5.0, 12.0]),
    )
    template = replace(session.template, phases=phases, rules=rules)
    return (
        rng,
        replace(session, template=template, excluded_artists=frozenset(), used_tracks=frozenset()),
        found,
    )


class ByHand:
    """A session's music as its phases hear it."""

    def __init__(self, session: Session, candidates: Sequence[Candidate]) -> None:
        self.session, self.candidates = session, candidates
        self.phases = phases_of(session.template)
        self.end = self.phases[-1][2]
        self.keeping = any(each.keep for each in candidates)
        self.groups = recording_groups(
            [each.track for each in candidates], [each.features for each in candidates]
        )

    def ear(self, k: int, phase: Phase) -> Heard:
        one = self.candidates[k]
        return heard(self.session, one.features, self.seconds(k), gain_of(self.session, phase, one.features))

    def seconds(self, k: int) -> float:
        features, seconds = self.candidates[k].features, self.candidates[k].track.duration
        if self.session.player != "render":
            return seconds
        return seconds - sum(
            max(by_hand.known(each) or 0.0, 0.0) for each in (features.silence_start, features.silence_end)
        )

    def rate(self, k: int, phase: Phase) -> float:
        """Points for a whole session of a track, whenever it starts."""
        one = self.ear(k, phase)
        return (
            15 * by_hand.tempo_miss(one, phase)
            + 50 * by_hand.voice_amount(one, phase)
            + 1.0 * (self.keeping and not self.candidates[k].keep)
            + 5 * by_hand.sound_amount(one, phase, self.session)
            + 4 * min(max((self.seconds(k) - 600) / 900, 0), 1)
            + 40 * ((by_hand.share(one.features.energy_doubt) or 0.0) / 0.1) ** 2
        )

    def joins(self, one: Heard, two: Heard) -> bool:
        """Whether a join keeps the limits."""
        limits, join = self.session.template.rules.join, by_hand.passage(one, two, self.session)
        return (
            (join.rise or 0.0) <= limits.loudness_up_limit + 1e-9
            and -(join.rise or 0.0) <= limits.loudness_down_limit + 1e-9
            and (join.step or 0.0) <= limits.energy_step_limit + 1e-9
            and join.silence <= limits.silence_limit + 1e-9
        )

    def mean_level(self, begin: float, end: float) -> float:
        """The curve's mean between two seconds, from its squared distance to 0 and to 1."""
        nothing, one = (squared_miss(self.session.template, [e], begin, end - begin) for e in (0.0, 1.0))
        return (nothing - one + end - begin) / 2 / (end - begin)

    def slot(self, k: int, phase: Phase, start: float, name: str = "") -> Slot:
        one, render = self.candidates[k], self.session.player == "render"
        gain = round(gain_of(self.session, phase, one.features), 2) if render else 0.0
        return Slot(
            name or phase.name, start, round(self.seconds(k), 3), one.track, one.features,
            overlap=overlap_of(self.session), gain=gain,
        )  # fmt: skip

    def slots(self, rows: Sequence[int]) -> list[Slot]:
        """The tracks of rows one after the other, dealt to the phases in order."""
        found: list[Slot] = []
        for n, k in enumerate(rows):
            phase = self.phases[n * len(self.phases) // len(rows)][0]
            start = found[-1].end - found[-1].overlap if found else 0.0
            found.append(self.slot(k, phase, start))
        return found

    def heard_slot(self, slot: Slot) -> Heard:
        return heard(self.session, slot.features, slot.duration, slot.gain)

    def smooth(self, before: Slot, rows: Sequence[int], level: float) -> list[int]:
        """The rows that may follow a slot in the last phase, best first."""
        last, found = self.phases[-1][0], []
        for n, k in enumerate(rows):
            one, ear = self.heard_slot(before), self.ear(k, last)
            if self.joins(one, ear) and self.seconds(k) > 2 * overlap_of(self.session):
                rough = by_hand.passage(one, ear, self.session).roughness
                found.append((rough + abs(ear.energy - level), n))
        return [rows[n] for _, n in sorted(found)]


def like(seed: int) -> tuple[random.Random, ByHand, Pool, list[int], list[Slot]]:
    """Drawn music, with some of it played."""
    rng, session, candidates = music(seed)
    hand = ByHand(session, candidates)
    taken = rng.sample(range(20), rng.randint(len(hand.phases), 7))
    return rng, hand, Pool.of(session, candidates), taken, hand.slots(taken)


@seeds
@settings(max_examples=15)
def test_reserves_are_those_nearest_to_the_curve_that_can_be_joined(seed: int) -> None:
    rng, hand, pool, taken, slots = like(seed)
    free = [k for k in range(20) if k not in taken]
    after = rng.sample(free, 2)
    allowed = pool.allowed()
    ready = reserves(pool, allowed, slots, taken, after)
    played = {int(hand.groups[k]) for k in (*taken, *after)}
    for p, (phase, begin, end) in enumerate(hand.phases):
        own = [hand.heard_slot(slot) for slot in slots if slot.phase == phase.name]
        ranked = []
        for k in free:
            if k in after or not allowed[p, k]:
                continue
            ear = hand.ear(k, phase)
            fit = 40 * ((ear.energy - hand.mean_level(begin, end)) / 0.1) ** 2 + hand.rate(k, phase)
            fitting = sum(hand.joins(one, ear) + hand.joins(ear, one) for one in own)
            ranked.append((fit + 30 * (2 * len(own) - fitting) / max(2 * len(own), 1), k, fitting))
        wanted, groups = [], set()
        for _, k, fitting in sorted(ranked)[:10]:
            if hand.groups[k] not in played | groups:
                groups.add(hand.groups[k])
                wanted.append((hand.candidates[k].track.id, fitting, 2 * len(own)))
        found = [(each.track.id, f"{fitting} of {joins} joins" in each.reason or not joins)
                 for each, (_, fitting, joins) in zip(ready[phase.name], wanted, strict=False)]  # fmt: skip
        assert found == [(track, True) for track, *_ in wanted[:5]]
        assert len(ready[phase.name]) == len(wanted[:5])


@seeds
def test_the_set_for_grounding_now_is_level_calm_and_as_long_as_is_wanted(seed: int) -> None:
    rng, hand, pool, taken, slots = like(seed)
    free = [k for k in range(20) if k not in taken]
    after = rng.sample(free, 2)
    found = [each.track.id for each in reserves(pool, pool.allowed(), slots, taken, after)["grounding now"]]
    last = hand.phases[-1][0]
    barred = ("energy", "vocals", "percussiveness", "brightness", "loudness_range", "last_session")
    let_in = pool.rules.allowed(without=barred).any(axis=0)
    ears = [hand.ear(k, last) for k in range(20)]
    calm = [
        k
        for k in free
        if ears[k].energy is not None
        and 0.08 <= ears[k].energy <= 0.2
        and ears[k].voice == "none"
        and let_in[k]
    ]
    calm.sort(key=lambda k: (by_hand.share(ears[k].features.percussiveness) or 0.0) + ears[k].energy)
    groups = {name: {int(hand.groups[k]) for k in rows} for name, rows in (("plan", taken), ("tail", after))}
    chosen: list[int] = []
    for gone in (groups["plan"] | groups["tail"], groups["plan"]):
        for attacks, moves, apart in ((0.1, 6.0, 2.0), (0.2, 9.0, 4.0)):
            for k in [] if chosen and gone == groups["plan"] and groups["tail"] - gone else calm:
                features = ears[k].features
                levels = [ears[i].loudness + ears[i].gain for i in (k, *chosen[:1])]
                if (
                    sum(hand.seconds(i) for i in chosen)
                    < 60 * hand.session.template.rules.grounding_now_minutes
                    and (features.percussiveness or 0) <= attacks
                    and (features.loudness_range or 0) <= moves
                    and abs(levels[0] - levels[-1]) <= apart
                    and hand.groups[k] not in gone | {int(hand.groups[i]) for i in chosen}
                ):
                    chosen.append(k)
    assert found == [hand.candidates[k].track.id for k in chosen]


@seeds
@settings(max_examples=20)
def test_the_tail_is_the_smoothest_order_that_lasts_of_what_is_gentle_then_of_what_is_close(
    seed: int,
) -> None:
    _, hand, pool, taken, slots = like(seed)
    found = tail(pool, pool.allowed(), slots, taken)
    last = hand.phases[-1][0]
    level = last.energy[-1][1]
    energies = [hand.ear(k, last).energy for k in range(20)]
    kept, any_energy = pool.allowed()[-1], pool.rules.allowed(without=("energy",))[-1]
    gone = {int(hand.groups[k]) for k in taken}
    free = [k for k in range(20) if hand.groups[k] not in gone and energies[k] is not None]
    gentle = [k for k in free if any_energy[k] and energies[k] <= level + 1e-9]
    close = [k for k in free if kept[k] and energies[k] <= level + last.energy_tolerance and k not in gentle]
    lasts = slots[-1].end + 60 * hand.session.template.rules.tail_minutes
    placed = works([each.track for each in hand.candidates])
    place = {each.track.id: placed[k] for k, each in enumerate(hand.candidates)}
    tried: list[list[Slot]] = []

    def goes_on(k: int, after: list[Slot]) -> bool:
        """Whether it is of no work of which anything has played, or the movement after the one that plays."""
        if hand.session.template.rules.works == "free" or not placed[k][0]:
            return True
        before = [placed[row] for row in taken] + [place[slot.track.id] for slot in after]
        work, movement = place[(after or slots)[-1].track.id]
        return placed[k][0] not in {each for each, _ in before} or placed[k] == (work, movement + 1)

    def go_on(after: list[Slot], gone: set[int]) -> bool:
        """Whether some order of what is left, the smoothest first, lasts as long as the tail shall."""
        tried.append(after)
        before = after[-1] if after else slots[-1]
        if before.end - before.overlap >= lasts:
            return True
        left = [
            [k for k in each if hand.groups[k] not in gone and goes_on(k, after)] for each in (gentle, close)
        ]
        for k in [best for each in left for best in hand.smooth(before, each, level)]:
            if len(tried) == ORDERS:
                return False
            slot = hand.slot(k, last, before.end - before.overlap, "tail")
            if go_on([*after, slot], {*gone, hand.groups[k]}):
                return True
        return False

    done = go_on([], set()) if hand.session.template.rules.tail_minutes else False
    chosen = tried[-1] if done else max(tried, key=lambda each: each[-1].end if each else 0.0, default=[])
    assert [slot.track.id for slot in found] == [slot.track.id for slot in chosen]
    for mine, its in zip(chosen, found, strict=True):
        assert (its.start, its.duration, its.gain) == pytest.approx((mine.start, mine.duration, mine.gain))
        assert its.overlap == (mine.overlap if mine is not chosen[-1] else 0.0)
    lasting = sum(slot.duration - slot.overlap for slot in found) / 60
    told = spare(hand.session, found, {"grounding now": ()})
    assert len(told) == 1 + (lasting < hand.session.template.rules.tail_minutes - 0.5)


def ranks(hand: ByHand, allowed: np.ndarray, join: Callable[[int], float], count: int) -> list[int]:
    """The rows of the best ranks by points per second, at four places or more of each phase."""
    best = dict.fromkeys(range(20), 10**6)
    overlap = overlap_of(hand.session)
    for p, (phase, begin, end) in enumerate(hand.phases):
        rows = [k for k in range(20) if allowed[p, k]]
        known = {k: (hand.seconds(k) - overlap, hand.ear(k, phase).energy, hand.rate(k, phase)) for k in rows}
        places = max(4, int((end - begin) / 240))
        for n in range(places):
            start, rated = begin + (n + 0.25) * (end - begin) / places, []
            for k in rows:
                seconds, energy, own = known[k]
                missed = squared_miss(hand.session.template, [energy], start, seconds)
                rate = 40 * missed / 0.01 / seconds + own + join(k) / seconds
                if start + seconds <= end + 300:
                    rated.append((rate, k))
            for rank, (_, k) in enumerate(sorted(rated)[: count + 1]):
                best[k] = min(best[k], rank)
    chosen = sorted((rank, k) for k, rank in best.items() if rank < 20)
    return sorted(k for _, k in chosen[:count])


@seeds
@settings(max_examples=6)
def test_the_tracks_that_are_looked_at_are_the_cheapest_a_second_somewhere(seed: int) -> None:
    rng, hand, pool, *_ = like(seed)
    allowed, nothing, count = pool.allowed(), np.zeros((len(hand.phases), 20)), rng.choice([2, 4, 8])
    found = rate_filter(pool, allowed, nothing, count, since=0.0).tolist()
    assert found == ranks(hand, allowed, lambda _k: 0.12 * 30 * 300, count)
    kept = rng.randrange(20)
    assert kept in rate_filter(pool, allowed, nothing, count, [kept], since=0.0)
    there = np.flatnonzero(allowed.any(axis=0))
    if len(there) <= count:
        return
    wide = ranks(hand, allowed, lambda _k: 0.12 * 30 * 300, 2 * count)
    last = hand.phases[-1][0]
    ears = {k: hand.ear(k, last) for k in wide}

    def joining(k: int) -> float:
        """The mean of the three best joins into it, and out of it, itself among them."""
        ways = [[by_hand.passage(*pair, hand.session).roughness for pair in pairs]
                for pairs in ([(ears[i], ears[k]) for i in wide], [(ears[k], ears[i]) for i in wide])]  # fmt: skip
        few = min(3, len(wide))
        return 30 * 300 * sum(sum(sorted(each)[:few]) / few for each in ways) / 2

    among = np.zeros(20, dtype=bool)
    among[wide] = True
    found = rate_filter(pool, allowed, nothing, count, wide=2, since=0.0).tolist()
    assert found == ranks(hand, allowed & among, joining, count)


@seeds
@settings(max_examples=20)
def test_the_longest_rise_within_a_hold_runs_from_track_to_track(seed: int) -> None:
    rng, hand, *_, slots = like(seed)
    holds = [(phase, Hold(rng.uniform(1, 6), 4.0)) for phase in hand.session.template.phases]
    phases = tuple(replace(phase, hold=hold) for phase, hold in holds)
    session = replace(hand.session, template=replace(hand.session.template, phases=phases))
    windows = hold_windows(Pool.of(session, hand.candidates).arc)
    means = [hand.heard_slot(slot).means(30) for slot in slots]
    assert len(windows) == len(hand.phases)
    for (phase, begin, _), window in zip(phases_of(session.template), windows, strict=True):
        middle = begin + 60 * phase.hold.minute
        assert (window.begin, window.end) == pytest.approx((middle - 240, middle + 240))
        levels = []
        for slot, own in zip(slots, means, strict=True):
            for k, level in enumerate(own):
                if (
                    30 * k < slot.duration - slot.overlap
                    and middle - 240 <= slot.start + 30 * k < middle + 240
                ):
                    levels.append(level)
        longest = rising = 0
        for one, two in pairwise(levels):
            rising = rising + 30 if two - one > 0.005 else 0
            longest = max(longest, rising)
        assert longest_rise(session, slots, window.begin, window.end) == longest


@seeds
@settings(max_examples=15)
def test_grounding_goes_on_with_what_is_smoothest_within_the_rules_then_calm_then_anything(seed: int) -> None:
    rng, hand, pool, _, slots = like(seed)
    last = hand.phases[-1][0]
    level = last.energy[-1][1]
    ears = [hand.ear(k, last) for k in range(20)]
    before, now = slots[-1], slots[-1].end - slots[-1].overlap
    end = now + rng.choice([50.0, 500.0, 1500.0])
    found = put_together(pool, before, now, end)
    barred = ("energy", "vocals", "percussiveness", "brightness", "loudness_range", "last_session")
    let_in = pool.rules.allowed(without=barred).any(axis=0)
    within = [k for k in range(20) if pool.allowed()[-1, k]]
    calm = [
        k
        for k in range(20)
        if ears[k].energy is not None
        and 0.08 <= ears[k].energy <= 0.2
        and ears[k].voice == "none"
        and let_in[k]
    ]
    left, chosen = set(range(20)), []
    ear, people, at = hand.heard_slot(before), {*before.track.people}, now
    overlap = overlap_of(hand.session)
    while at < end - 60:
        best = None
        for rows, limited in ((within, True), (calm, True), (sorted({*within, *calm}), False)):
            ranked = [
                (by_hand.passage(ear, ears[k], hand.session).roughness + abs(ears[k].energy - level), k)
                for k in rows
                if k in left and ears[k].energy is not None and hand.seconds(k) > 2 * overlap
                and (not limited or (hand.joins(ear, ears[k]) and not people & {*hand.candidates[k].track.people}))
            ]  # fmt: skip
            if ranked:
                best = min(ranked)[1]
                break
        if best is None:
            break
        chosen.append(best)
        left -= {k for k in left if hand.groups[k] == hand.groups[best]}
        ear, people = ears[best], {*hand.candidates[best].track.people}
        at += round(hand.seconds(best), 3) - overlap
    assert [slot.track.id for slot in found] == [hand.candidates[k].track.id for k in chosen]
    for k, slot in zip(chosen, found, strict=True):
        assert (slot.start, slot.duration) == pytest.approx((now, round(hand.seconds(k), 3)))
        now += slot.duration - overlap


@seeds
def test_from_grounding_on_the_session_is_its_last_phase(seed: int) -> None:
    _, session, _ = drawn(seed, tracks=0)
    rng, phases = random.Random(seed), phases_of(session.template)
    plan = replace(PLAN, session=session)
    here = rng.randrange(len(phases))
    now = rng.choice([phases[here][1], phases[here][1] + 33.3, phases[here][2], phases[-1][2] + 10])
    end = max(rng.choice([now + 10, now + 700, phases[-1][2]]), now + 60)
    found = phases_of(grounded(plan, phases[here][0].name, now, end).template)
    lasting = [end - begin for _, begin, end in phases]
    if here + 1 == len(phases):
        lasting[-1] = max(end - phases[-1][1], 60)
    else:
        played = max(now - phases[here][1], 1)
        lasting = [*lasting[:here], played, max(end - phases[here][1] - played, 60)]
    names = [phase.name for phase, *_ in phases]
    assert [phase.name for phase, *_ in found] == [*names[:here], *dict.fromkeys((names[here], names[-1]))]
    assert [end - begin for _, begin, end in found] == pytest.approx(lasting)
    assert phases_of(grounded(plan, "elsewhere", now, end).template)[:-1] == phases[:-1]
    running = grounded(plan, phases[here][0].name, now, end)
    begin = found[-1][1]
    for wanted in (begin + 100, begin - 5):
        shorter = phases_of(ended(running, wanted).template)
        assert shorter[:-1] == found[:-1]
        assert shorter[-1][2] == pytest.approx(max(wanted, begin + 1))


def test_of_a_large_library_only_the_calm_tracks_nearest_to_the_end_are_looked_at_for_grounding() -> None:
    rng = random.Random(3)
    last = PLAN.session.template.phases[-1]
    level = last.energy[-1][1]
    energies = [rng.uniform(0, level + 2 * last.energy_tolerance) for _ in range(600)]
    music = [
        Candidate(Track(f"x{k}", title=f"X {k}", duration=200.0), Features(energy=each))
        for k, each in enumerate(energies)
    ]
    session = replace(PLAN.session, player="files")
    found = {each.track.id for each in gathered(replace(PLAN, session=session), [*music, "no track"])}
    calm = [k for k, each in enumerate(energies) if each <= level + last.energy_tolerance]
    near = sorted(calm, key=lambda k: abs(energies[k] - level))[:NEAR]
    own = {slot.track.id for slot in (*PLAN.slots, *PLAN.tail)}
    own |= {each.track.id for ready in PLAN.reserves.values() for each in ready}
    assert len(calm) > 2 * NEAR
    assert found == own | {f"x{k}" for k in near}
