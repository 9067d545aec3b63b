"""What clashes where the library holds minutes enough, and the best plan under the mildest relaxation."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from made_libraries import five_phases, made_library, phase

from playlistkit import planner
from playlistkit.energy import played
from playlistkit.errors import InputError, ShortfallError
from playlistkit.model import Candidate, Pin, Place, Plan, Range, Rules, Session, Shortfall, Template
from playlistkit.objective import findings, lay_out
from playlistkit.planner.feasibility.relaxation import LEAST_SHARE, SHORTER, relaxations
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.search.solve import EFFORTS

RULES = Rules(track_minutes=Range(1, 40), boundary_tolerance=15, artist_max=50, tail_minutes=0)
TWO = Template("Two", (phase("peak", 20, 0.2, 0.3), phase("return", 20, 0.2, 0.3)), id="two", rules=RULES)


def track(number: int, *, seconds: float = 300, artist: str = "", **features: object) -> Candidate:
    """A plain track of energy 0.25 that fits every join, but for what is said otherwise."""
    made = made_library(1, seed=number)[0]
    plain: dict[str, object] = {
        "energy": 0.25, "energy_start": 0.25, "energy_end": 0.25, "energy_curve": None, "loudness": -20.0,
        "loudness_start": -20.0, "loudness_end": -20.0, "vocals": "none", "silence_start": 0.0, "silence_end": 0.0,
    }  # fmt: skip
    known = replace(
        made.track, id=f"t{number}", title=f"Piece {number}", artist=artist or f"A{number}", duration=seconds
    )
    return replace(made, track=known, features=replace(made.features, **{**plain, **features}))


def shortfalls(session: Session, library: Sequence[Candidate]) -> tuple[Shortfall, ...]:
    """What is told, by `plan` and by `explain` alike."""
    with pytest.raises(ShortfallError) as raised:
        planner.plan(session, library, effort="quick")
    told = raised.value.shortfalls
    assert raised.value.diagnosis is not None
    assert raised.value.diagnosis.shortfalls == told
    assert planner.explain(session, library).shortfalls == told
    return told


def planned(session: Session, library: Sequence[Candidate]) -> Plan:
    return planner.plan(session, library, effort="quick")


# every second track ends softly and begins loudly: no two of them may follow each other
SWELLING = [track(k, loudness_start=-12.0, loudness_end=-20.5) for k in range(12)]


def test_a_clash_of_joins_names_the_limit_and_the_value_that_would_do() -> None:
    session = Session(TWO)
    (told,) = shortfalls(session, SWELLING)
    assert told.rule == "join"
    assert "8.5 LU louder into" in told.text
    assert "(6 is the limit, passed 7 times)" in told.text
    (value,) = re.findall(r"loudness_up_limit: ([\d.]+)", told.text)
    rules = replace(RULES, join=replace(RULES.join, loudness_up_limit=float(value)))
    assert len(planned(Session(replace(TWO, rules=rules)), SWELLING).slots) == 8


def test_a_clash_tells_how_long_the_session_gets_with_the_rule_kept() -> None:
    (told,) = shortfalls(Session(TWO), SWELLING)
    assert told.minutes == 40
    assert told.text.endswith("With the rule kept, not even peak could be planned.")
    calm = [track(k) for k in range(20, 26)]  # these may follow each other, and suffice for one phase
    (told,) = shortfalls(Session(TWO), [*calm, *SWELLING[:3]])
    assert told.minutes == 20
    assert told.text.endswith("With the rule kept, the session reaches the end of peak, 20 of 40 min.")
    template = replace(TWO, phases=TWO.phases[:1])
    assert planned(Session(template), [*calm, *SWELLING[:3]]).duration == pytest.approx(1200, abs=15)


def test_silence_at_the_joins_is_told_with_the_player_that_leaves_it_out() -> None:
    library = [track(k, silence_end=14.0) for k in range(12)]
    (told,) = shortfalls(Session(TWO), library)
    assert "14 s of silence into" in told.text
    assert 'the player "render"' in told.text
    assert planned(
        Session(TWO, player="render"), [track(k, seconds=314, silence_end=14.0) for k in range(12)]
    )


def test_no_session_begins_with_a_long_silence() -> None:
    late = [track(k, energy=0.2, silence_start=12.0) for k in range(4)]  # would suit the beginning best
    others = [track(k, energy=0.3) for k in range(4, 12)]
    template = replace(TWO, phases=(phase("peak", 20, 0.2, 0.2), phase("return", 20, 0.3, 0.3)))
    assert planned(Session(template), [*late, *others]).slots[0].features.silence_start == 0.0
    pinned = Session(template, pins=(Pin("t0", phase="peak", place="first"),))
    assert shortfalls(pinned, [*late, *others])
    assert planned(replace(pinned, player="render"), [*late, *others])
    (told,) = (
        each
        for each in findings(Session(template), lay_out(Session(template), [late[0], *others[:7]]))
        if each.kind == "silence"
    )
    assert (told.where, told.breaks) == (Place("track", 1), True)
    assert (
        told.text
        == "The session begins with 12.0 s of silence, before Piece 0; 4 is the wish, 10 the limit (passed)."
    )


def test_lengths_that_don_t_add_up_are_told_with_the_tolerance_that_would_do() -> None:
    library = [
        *(track(k, energy=0.25) for k in range(6)),
        *(track(k, seconds=960, energy=0.50) for k in range(6, 9)),
    ]
    phases = (phase("peak", 20, 0.2, 0.3), phase("return", 20, 0.45, 0.55))
    rules = replace(RULES, boundary_tolerance=10, join=replace(RULES.join, energy_step_limit=1.0))
    session = Session(replace(TWO, phases=phases, rules=rules))
    (told,) = shortfalls(session, library)
    assert (told.phase, told.rule, told.minutes) == ("return", "duration", pytest.approx(4.0))
    assert "(the tracks that may play in it last 16.0, 16.0 and 16.0 min)" in told.text
    assert "ends it 4.0 min early; 10 s are allowed" in told.text
    assert "with 16 minutes of return" in told.text
    (value,) = re.findall(r"boundary_tolerance: (\d+) in return", told.text)
    looser = (phases[0], replace(phases[1], boundary_tolerance=float(value)))
    wider = Session(replace(TWO, phases=looser, rules=rules))
    assert planned(wider, library).phases[1].residual == pytest.approx(-240)


@pytest.mark.parametrize(("count", "listed"), [(3, True), (4, True), (5, False)])
def test_the_lengths_of_a_few_tracks_are_listed_and_those_of_many_are_not(count: int, listed: bool) -> None:
    library = [track(k, seconds=960) for k in range(count)]
    session = Session(replace(TWO, phases=TWO.phases[:1], rules=replace(RULES, boundary_tolerance=10)))
    (told,) = shortfalls(session, library)
    assert told.rule == "duration"
    assert ("that may play in it last 16.0" in told.text) == listed


def test_music_by_one_artist_alone_is_told_as_such() -> None:
    library = [track(k, artist="Only One") for k in range(12)]
    (told,) = shortfalls(Session(TWO), library)
    assert told.rule == "artist"
    assert "Only One twice running in peak and return" in told.text
    assert "album_runs: true in peak and return" in told.text
    runs = tuple(replace(each, album_runs=True) for each in TWO.phases)
    (told,) = shortfalls(Session(replace(TWO, phases=(TWO.phases[0], runs[1]))), library)
    assert "Only One twice running in peak" in told.text
    assert "peak and return" not in told.text
    assert len(planned(Session(replace(TWO, phases=runs)), library).slots) == 8


def test_joins_are_held_to_what_is_heard_with_the_gains_under_render() -> None:
    levels = [
        {
            **dict.fromkeys(("loudness", "loudness_start", "loudness_end"), level),
            **dict.fromkeys(("energy", "energy_start", "energy_end"), float(played(0.25, -24.0, level))),
        }
        for level in (-30.0, -18.0)
    ]
    library = [
        track(k, true_peak=-20.0, **levels[k % 2]) for k in range(12)
    ]  # six of a level fill no session
    phases = tuple(replace(each, loudness=-24.0) for each in TWO.phases)
    (told,) = shortfalls(Session(replace(TWO, phases=phases)), library)
    assert told.rule == "join"
    plan = planned(Session(replace(TWO, phases=phases), player="render"), library)
    assert {slot.gain for slot in plan.slots} == {6.0, -6.0}
    assert not any(finding.where.startswith("join") for finding in findings(plan.session, plan.slots))


def test_a_pin_that_leaves_no_plan_is_named_and_never_taken_out_unasked() -> None:
    library = [track(k) for k in range(12)]
    pins = (Pin("t3", phase="peak", time=120.0), Pin("t5", phase="peak", place="first"))
    for best_effort in (False, True):
        with pytest.raises(ShortfallError) as raised:
            planned(Session(TWO, pins=pins, best_effort=best_effort), library)
        (told,) = raised.value.shortfalls
        assert (told.phase, told.rule) == ("peak", "pin")
        assert told.text.startswith("With Piece 3 pinned at minute 2, in peak, no order of the other tracks")
    assert planned(Session(TWO, pins=pins[1:]), library)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"phase": "peak", "place": "first"}, "as the first of peak"),
        ({"time": 120.0}, "at 2:00 min"),
    ],
)
def test_two_pins_for_one_place_are_said_to_be_that(place: dict, words: str) -> None:
    library = [track(k) for k in range(12)]
    for best_effort in (False, True):
        with pytest.raises(
            InputError, match=f"'Piece 3' and 'Piece 5' are both pinned {words}; a place holds"
        ):
            planned(
                Session(TWO, pins=(Pin("t3", **place), Pin("t5", **place)), best_effort=best_effort), library
            )
    assert planned(Session(TWO, pins=(Pin("t3", **place), Pin("t3", **place))), library)


ONE_ARTIST = [track(k, artist="Only One") for k in range(12)]


def test_best_effort_gives_up_what_clashes_and_marks_it() -> None:
    plan = planned(Session(TWO, best_effort=True), ONE_ARTIST)
    assert plan.shortfalls
    assert any(slot.bends for slot in plan.slots)
    assert {each.kind for each in findings(plan.session, plan.slots) if each.breaks} == {"artist"}


def test_best_effort_loosens_the_ends_of_phases_in_small_steps() -> None:
    ways = relaxations(Pool.of(Session(TWO, best_effort=True), SWELLING))
    slack = list(dict.fromkeys(whole.slack[0] for _, whole in ways))
    assert slack[0] == RULES.boundary_tolerance
    assert slack[-1] == 60 * TWO.phases[0].minutes.default / 2
    assert all(one < two <= 4 * one for one, two in itertools.pairwise(slack))
    assert len(slack) > 4


def test_no_best_effort_passes_the_limits_on_joins() -> None:
    with pytest.raises(ShortfallError, match="limits on joins"):
        planned(Session(TWO, best_effort=True), SWELLING)


def test_a_long_session_of_short_tracks_is_planned_at_any_effort() -> None:
    """More tracks are needed than `quick` looks at."""
    phases = (
        phase("peak", 66.5, 0.1, 0.5, energy_tolerance=1.0),
        phase("return", 66.5, 0.5, 0.1, energy_tolerance=1.0),
    )
    library = [
        replace(each, features=replace(each.features, energy_curve=None))
        for each in made_library(170, seed=2, seconds=(60, 66), artists=10_000)
    ]
    plan = planned(Session(replace(TWO, phases=phases)), library)
    assert len(plan.slots) > EFFORTS["quick"].columns
    assert plan.shortfalls == ()


def test_music_that_an_early_phase_could_use_up_is_kept_for_the_phase_that_needs_it() -> None:
    session = Session(five_phases(90, Rules(tail_minutes=0)))
    plan = planned(session, made_library(42, seed=9, seconds=(150, 240), artists=60))
    assert plan.shortfalls == ()
    assert "each kept to the phase that needs it most" in plan.certificate.scope
    assert all(abs(each.residual) <= 15 for each in plan.phases)


def test_a_starved_session_is_planned_under_best_effort_with_every_phase_filled() -> None:
    calm = [each for each in made_library(220, seed=3) if each.features.energy < 0.16]
    plan = planned(Session(five_phases(60), best_effort=True), calm)
    assert "peak" in {each.phase for each in plan.shortfalls}
    assert all(abs(each.residual) <= 15 for each in plan.phases)
    assert any(slot.bends for slot in plan.slots)
    assert not any(slot.bends for slot in plan.slots if slot.phase == "arrival")


@pytest.mark.parametrize(
    "change",
    [planner.Change(), planner.Change("gentler"), planner.Change("skip"), planner.Change("grounding now")],
)
def test_a_session_that_bends_rules_can_be_planned_anew_while_it_runs(change: planner.Change) -> None:
    plan = planned(Session(TWO, best_effort=True), ONE_ARTIST)
    anew = planner.replan(plan, ONE_ARTIST, 400.0, change=change)
    assert anew.slots[0] == plan.slots[0]
    assert anew.duration == pytest.approx(plan.duration, abs=120)
    if change.kind != "grounding now":  # which takes what bends nothing while there is any
        assert any(slot.bends for slot in anew.slots if slot.start > 700)
    assert not [each for each in findings(anew.session, anew.slots) if "already" in each.text]


def test_a_shorter_session_takes_ever_less_of_the_music_at_hand() -> None:
    assert 1 > SHORTER[0] > SHORTER[1] > SHORTER[2] > LEAST_SHARE
