"""What a plan says of its slots and of what stands ready beside them, worked out by other means."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from made_libraries import five_phases, made_library, phase

from playlistkit import objective, planner
from playlistkit.model import Candidate, Curve, Features, Hold, Plan, Rules, Session, Slot, Template, Track
from playlistkit.objective import Arc
from playlistkit.planner.sessions.reasons import warning_of, warnings_of

LIBRARY = [  # all of one length, so that any may stand in another's place
    replace(each, track=replace(each.track, duration=300.0))
    for each in made_library(120, seed=11, seconds=(300, 300))
]
FIVE = five_phases(60, Rules(artist_max=30, artist_apart_minutes=0.0, grounding_now_minutes=12.0))
SESSION = Session(
    replace(
        FIVE,
        phases=tuple(  # a curve's end is not its second point
            replace(each, energy=(each.energy[0], (0.4, each.energy[0][1] + 0.02), each.energy[1]))
            for each in FIVE.phases
        ),
    )
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return planner.plan(SESSION, LIBRARY, effort="quick")


def with_instead(plan: Plan, k: int, one: Candidate) -> tuple[Slot, ...]:
    """The plan's slots with another track in one of them."""
    other = replace(plan.slots[k], track=one.track, features=one.features)
    return (*plan.slots[:k], other, *plan.slots[k + 1 :])


def test_a_slots_reason_tells_what_the_curve_asks_for_while_it_plays(plan: Plan) -> None:
    arc = Arc(plan.template)
    for slot in plan.slots:
        energy, side, wanted = re.match(
            r"Energy ([\d.]+), (?:on the curve|[\d.]+ (above|below) the curve's ([\d.]+))", slot.reason
        ).groups()  # type: ignore[union-attr]
        asked = float(np.mean(arc.level(np.linspace(slot.start, slot.end, 2000))))
        assert float(energy) == pytest.approx(slot.features.energy, abs=0.0051)
        if side is None:
            assert asked == pytest.approx(slot.features.energy, abs=0.021)
        else:
            assert float(wanted) == pytest.approx(asked, abs=0.006)
            assert (side == "above") == (slot.features.energy > asked)


def test_the_track_that_a_slot_was_chosen_over_makes_the_session_worse_by_what_is_said(plan: Plan) -> None:
    by_title = {each.track.title: each for each in LIBRARY}
    told = 0
    for k, slot in enumerate(plan.slots):
        assert not re.search(r"fits as well here", slot.reason)  # nothing but this slot would change
        over = re.search(r"chosen over ([^,]+), ([\d.]+) points worse", slot.reason)
        close = re.search(r"; ([^;]+) comes a close second", slot.reason)
        if over is None and close is None:
            continue
        told += 1
        rival = by_title[(over or close)[1]]  # type: ignore[index]
        worse = objective.score(SESSION, with_instead(plan, k, rival)).total - plan.score.total
        assert worse == pytest.approx(float(over[2]), abs=0.06) if over else 0 <= worse < 0.21
    assert told >= 6


def test_no_free_track_of_the_phase_is_worse_by_less_than_the_one_that_is_named(plan: Plan) -> None:
    played = {slot.track.id for slot in plan.slots}
    k = next(k for k, slot in enumerate(plan.slots) if k > 3 and "chosen over" in slot.reason)
    own = next(each for each in plan.template.phases if each.name == plan.slots[k].phase)
    broken = {each.text for each in objective.findings(SESSION, plan.slots) if each.breaks}
    least = min(
        objective.score(SESSION, slots).total - plan.score.total
        for one in LIBRARY
        if one.track.id not in played and objective.why_barred(SESSION, own, one) is None
        for slots in [with_instead(plan, k, one)]
        if {each.text for each in objective.findings(SESSION, slots) if each.breaks} <= broken
    )
    said = re.search(r"chosen over [^,]+, ([\d.]+) points worse", plan.slots[k].reason)
    assert float(said[1]) == pytest.approx(least, abs=0.06)  # type: ignore[index]


def test_a_manner_and_the_changes_of_a_join_are_the_judges(plan: Plan) -> None:
    for slot, joined in zip(plan.slots[1:], objective.judge(SESSION, plan.slots).joins, strict=True):
        if "smoothly" in slot.reason:
            assert joined.roughness < 0.3
            continue
        manner, changes = re.search(r"with a (change|contrast)(?: of ([a-z ]+))? \(", slot.reason).groups()  # type: ignore[union-attr]
        assert (manner == "contrast") == (joined.roughness >= 0.5)
        words = {"sound": "timbre"}
        named = [words.get(each, each) for each in (changes or "").split(" and ") if each]
        weights = {part: getattr(objective.WEIGHTS, f"join_{part}") * joined.parts[part] for part in
                   ("loudness", "energy", "tempo", "key", "timbre")}  # fmt: skip
        assert named == sorted(named, key=lambda part: -weights[part])
        assert all(weights[part] >= 0.05 for part in named)
        unnamed = [weights[part] for part in weights if part not in named]
        assert len(named) == 2 or max(unnamed) < 0.05
        assert not named or max(unnamed) <= min(weights[part] for part in named)


def fitting(session: Session, part: str, one: Candidate, slots: list[Slot]) -> int:
    """How many joins with the slots, before and after, break no limit."""
    own = Slot(part, 0.0, 300.0, one.track, one.features)
    pairs = [pair for slot in slots for pair in ((slot, own), (own, slot))]
    return sum(
        not any(each.breaks and each.where.kind == "join" for each in objective.findings(session, pair))
        for pair in pairs
    )


def test_a_reserve_tells_how_it_fits_and_no_free_track_fits_better_in_every_respect(plan: Plan) -> None:
    arc, played = Arc(plan.template), {slot.track.id for slot in (*plan.slots, *plan.tail)}
    apart = replace(SESSION, template=replace(plan.template, phases=tuple(
        replace(each, album_runs=True) for each in plan.template.phases)))  # fmt: skip
    for p, part in enumerate(arc.phases):
        slots = [slot for slot in plan.slots if slot.phase == part.name]
        begin, end = (float(each) for each in arc.bounds[p : p + 2])
        level = float(np.mean(arc.level(np.linspace(begin, end, 4000))))
        ready = [Candidate(each.track, each.features) for each in plan.reserves[part.name]]
        assert len(ready) == 5
        joins = [fitting(apart, part.name, one, slots) for one in ready]
        for one, joined, reserve in zip(ready, joins, plan.reserves[part.name], strict=True):
            told = rf"Energy ([\d.]+) where {part.name} averages ([\d.]+); {joined} of {2 * len(slots)} joins"
            energy, mean = re.match(told, reserve.reason).groups()  # type: ignore[union-attr]
            assert float(energy) == pytest.approx(one.features.energy, abs=0.0051)
            assert float(mean) == pytest.approx(level, abs=0.0051)
        farthest = max(abs(one.features.energy - level) for one in ready)
        for one in LIBRARY:
            if one.track.id in played or one in ready or objective.why_barred(SESSION, part, one) is not None:
                continue
            plain = one.features.vocals == "none" and part.tempo is None
            nearer = abs(one.features.energy - level) < farthest - 0.001
            assert not (plain and nearer and fitting(apart, part.name, one, slots) > max(joins))


CALM: dict[str, object] = {
    "energy": 0.15, "energy_start": 0.15, "energy_end": 0.15, "energy_curve": None, "vocals": "none", "loudness": -25.0,
    "loudness_start": -25.0, "loudness_end": -25.0, "loudness_range": 4.0, "percussiveness": 0.05, "silence_start": 0.0,
    "silence_end": 0.0,
}  # fmt: skip


def calm(number: int, **features: object) -> Candidate:
    """A track that belongs to the set for grounding now, but for what is said otherwise."""
    made = replace(
        LIBRARY[number], track=replace(LIBRARY[number].track, id=f"calm{number}", title=f"Calm {number}")
    )
    return replace(made, features=replace(made.features, **{**CALM, **features}))


LIVELY = [each for each in LIBRARY if each.features.energy > 0.22]


def set_of(*music: Candidate) -> list[str]:
    """The set for grounding now of a session that plays nothing calm."""
    part = phase("peak", 20, 0.4, 0.4, energy_tolerance=0.15)
    rules = replace(SESSION.template.rules, tail_minutes=0.0)
    session = Session(Template("Lively", (part,), rules=rules))
    ready = planner.plan(session, [*LIVELY, *music], effort="quick").reserves["grounding now"]
    return [each.track.id for each in ready]


def test_the_set_for_grounding_now_takes_the_evenest_and_no_more_than_is_wanted() -> None:
    even = [calm(k, percussiveness=0.09 - 0.01 * k) for k in range(6)]
    assert set_of(*even) == ["calm5", "calm4", "calm3"]  # 12 minutes are wanted, and each lasts 5


@pytest.mark.parametrize(
    ("feature", "near", "far", "too_far"),
    [
        ("percussiveness", 0.10, 0.20, 0.21),
        ("loudness_range", 6.0, 9.0, 9.1),
        ("loudness", -23.0, -21.0, -20.9),
        ("energy", 0.20, None, 0.201),
        ("energy", 0.08, None, 0.079),
    ],
)
def test_what_is_less_even_grounds_only_where_nothing_else_does(
    feature: str, near: float, far: float | None, too_far: float
) -> None:
    first = calm(0, percussiveness=0.0)
    known = {"energy_start": None, "energy_end": None} if feature == "energy" else {}
    assert set_of(first, calm(1, **{feature: too_far, **known})) == ["calm0"]
    assert set_of(first, calm(1, **{feature: near, **known})) in (["calm0", "calm1"], ["calm1", "calm0"])
    if far is not None:
        plenty = [calm(k) for k in range(2, 5)]
        assert set_of(first, calm(1, **{feature: far})) == ["calm0", "calm1"]
        assert "calm1" not in set_of(first, calm(1, **{feature: far}), *plenty)


def test_a_voice_or_what_no_phase_allows_grounds_nobody() -> None:
    assert set_of(calm(0), calm(1, vocals="wordless"), calm(2, vocals="unknown"), calm(3, jolt=30.0)) == [
        "calm0"
    ]


def test_the_tail_is_the_gentlest_that_joins_and_ends_when_it_is_long_enough(plan: Plan) -> None:
    level = plan.template.phases[-1].energy[-1][1]
    wanted = plan.template.rules.tail_minutes * 60
    before = plan.slots[-1]
    for slot in plan.tail:
        assert slot.start == pytest.approx(before.end - before.overlap)
        assert not any(
            each.breaks and each.where.kind == "join"
            for each in objective.findings(plan.session, [before, slot])
        )
        before = slot
    assert plan.tail[-1].start - plan.slots[-1].end < wanted <= plan.tail[-1].end - plan.slots[-1].end
    assert plan.tail[-1].overlap == 0.0
    gentle = [each for each in LIBRARY if each.features.energy <= level]
    assert len(gentle) > 2 * len(plan.tail)
    assert all(slot.features.energy <= level for slot in plan.tail)


def test_a_rise_within_a_hold_is_told_with_its_length_and_its_minute() -> None:
    part = phase("peak", 30, 0.2, 0.4, hold=Hold(12.0, 5.0, "pressure", rise_minutes=2.0))
    session = Session(Template("Hold", (phase("onset", 10, 0.2, 0.2), part)))
    rising = Curve([0.2 + 0.5 * k / 1800 for k in range(1800)], 0.001)
    slots = [
        Slot("onset", 0.0, 600.0, Track("a", duration=600.0), Features(energy=0.2)),
        Slot("peak", 600.0, 1800.0, Track("b", duration=1800.0), Features(energy=0.3, energy_curve=rising)),
    ]
    (found,) = warnings_of(session, slots, ())
    assert str(warning_of(found, slots)) == (
        "Peak: energy rises for 9.5 min without a break around minute 22 (pressure), longer than the 2 min allowed."
    )
    level = [
        slots[0],
        replace(slots[1], features=Features(energy=0.3, energy_curve=Curve([0.3] * 1800, 0.001))),
    ]
    assert warnings_of(session, level, ()) == ()


@pytest.mark.parametrize("last", [(), ("t1", "t2")])
def test_a_phase_that_repeats_a_session_of_which_nothing_is_remembered_is_told(last: tuple[str, ...]) -> None:
    parts = phase("arrival", 10, 0.2, 0.2), phase("grounding", 10, 0.2, 0.2, repeats="last session")
    session = Session(Template("Again", parts), last_session=last)
    found = warnings_of(session, (), ())
    assert [(each.kind, str(each.where), each.breaks) for each in found] == (
        [] if last else [("repeats", "phase grounding", False)]
    )
