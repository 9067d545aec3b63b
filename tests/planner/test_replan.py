"""Replanning: what has played stays, the change takes effect, the rules hold."""

from __future__ import annotations

import contextlib
import pickle
import random
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from made_libraries import five_phases, made_library

from playlistkit import objective, planner
from playlistkit.errors import InputError, ShortfallError
from playlistkit.model import Candidate, JoinRules, Minutes, Plan, Player, Range, Rules, Session, Template
from playlistkit.planner import Change

LIBRARY = made_library(220, seed=3)


@cache
def plan_of_the_day() -> Plan:
    return planner.plan(Session(five_phases(90)), LIBRARY, effort="quick")


NOW = 2400.0  # in the peak


def replanned(change: Change, at: float = NOW) -> Plan:
    return planner.replan(plan_of_the_day(), LIBRARY, at, None, change)


def played(plan: Plan) -> tuple:
    return tuple(slot for slot in plan.slots if slot.start <= NOW)


def length(plan: Plan, name: str) -> float:
    phase = next(each for each in plan.phases if each.name == name)
    return phase.end - phase.start


CHANGES = [
    Change(),
    Change("extend", minutes=5),
    Change("extend", minutes=-5, keep_end=False),
    Change("gentler"),
    Change("phase", phase="return"),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind)
def test_what_has_played_and_what_plays_stays_untouched(change: Change) -> None:
    again = replanned(change)
    assert played(again) == played(plan_of_the_day())
    assert again.slots[len(played(plan_of_the_day()))].start == pytest.approx(
        played(plan_of_the_day())[-1].end
    )


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind)
def test_the_rest_keeps_the_rules(change: Change) -> None:
    again = replanned(change)
    new = len(played(plan_of_the_day()))
    for finding in objective.findings(again.session, again.slots):
        where, _, number = finding.where.partition(" ")
        if where == "track":
            assert int(number) <= new, finding.text
        if where == "join" and int(number) >= new:
            assert not finding.breaks, finding.text


def test_the_end_is_kept_or_moved_as_asked() -> None:
    assert replanned(Change("extend", minutes=5)).duration == pytest.approx(
        plan_of_the_day().duration, abs=20
    )
    moved = replanned(Change("extend", minutes=5, keep_end=False))
    assert moved.duration == pytest.approx(plan_of_the_day().duration + 300, abs=20)


def test_extending_the_last_phase_says_that_the_end_moves() -> None:
    at = plan_of_the_day().phases[-1].start + 60
    longer = replanned(Change("extend", minutes=10), at)
    assert longer.duration == pytest.approx(plan_of_the_day().duration + 600, abs=20)
    assert any("the session ends 10 min later" in each for each in longer.warnings)
    assert not any("the session ends" in each for each in replanned(Change("extend", minutes=5)).warnings)


def test_extending_lengthens_the_phase_that_plays() -> None:
    assert length(replanned(Change("extend", minutes=5)), "peak") == pytest.approx(
        length(plan_of_the_day(), "peak") + 300, abs=30
    )


def test_a_phase_cut_by_more_than_is_left_of_it_gives_its_minutes_to_all_that_follow() -> None:
    cut = replanned(Change("extend", minutes=-60))
    assert length(cut, "peak") < length(plan_of_the_day(), "peak")
    assert cut.duration == pytest.approx(plan_of_the_day().duration, abs=20)
    for name in ("return", "grounding"):
        assert length(cut, name) > length(plan_of_the_day(), name)


def test_an_overrun_extends_the_return_and_never_the_peak() -> None:
    longer = replanned(Change("extend", minutes=8, keep_end=False))
    assert longer.duration == pytest.approx(plan_of_the_day().duration + 480, abs=20)
    assert length(longer, "peak") == pytest.approx(length(plan_of_the_day(), "peak"), abs=30)
    assert length(longer, "return") == pytest.approx(length(plan_of_the_day(), "return") + 480, abs=40)


def test_gentler_lowers_what_follows() -> None:
    def mean(plan: Plan) -> float:
        rest = plan.slots[len(played(plan)) :]
        return sum(slot.features.energy * slot.duration for slot in rest) / sum(
            slot.duration for slot in rest
        )

    assert mean(replanned(Change("gentler", step=0.1))) < mean(plan_of_the_day()) - 0.05


def test_gentler_has_a_plan_where_no_calmer_music_is_left() -> None:
    own = [Candidate(slot.track, slot.features) for slot in plan_of_the_day().slots]
    again = planner.replan(plan_of_the_day(), own, NOW, None, Change("gentler", step=0.3))
    assert again.duration == pytest.approx(plan_of_the_day().duration, abs=20)
    assert again.template.phases[-1].energy[-1][1] < plan_of_the_day().template.phases[-1].energy[-1][1]


def test_skip_stops_what_plays_and_repeats_nothing() -> None:
    again = replanned(Change("skip"))
    stopped = len(played(plan_of_the_day())) - 1
    assert again.slots[stopped].end == pytest.approx(NOW)
    assert again.slots[stopped + 1].start == pytest.approx(NOW)
    ids = [slot.track.id for slot in again.slots]
    assert len(ids) == len(set(ids))


def test_going_to_a_phase_begins_it_after_what_plays() -> None:
    again = replanned(Change("phase", phase="return"))
    assert next(each for each in again.phases if each.name == "return").start == pytest.approx(
        played(plan_of_the_day())[-1].end
    )
    assert again.duration == pytest.approx(plan_of_the_day().duration, abs=20)


def test_grounding_now_plays_the_fallback_set_at_once() -> None:
    again = replanned(Change("grounding now"))
    ready = {each.track.id for each in plan_of_the_day().reserves["grounding now"]}
    following = [slot for slot in again.slots if slot.start >= NOW - 1e-6]
    assert following[0].start == pytest.approx(NOW)
    assert {slot.track.id for slot in following[: len(ready)]} == ready
    assert again.phases[-1].name == "grounding"


@pytest.mark.parametrize("phase", [0, 2])
def test_grounding_now_in_the_second_in_which_a_phase_begins(phase: int) -> None:
    at = plan_of_the_day().phases[phase].start
    again = replanned(Change("grounding now"), at)
    assert plan_of_the_day().duration - 60 <= again.duration <= plan_of_the_day().duration + 600
    assert next(slot for slot in again.slots if slot.start >= at and slot.duration).phase == "grounding"


@pytest.mark.parametrize("player", ["files", "render"])
def test_grounding_now_near_the_end_is_the_set_and_calm_music_for_twenty_minutes(player: Player) -> None:
    plan = planner.plan(Session(five_phases(90), player=player), LIBRARY, effort="quick")
    again = planner.replan(plan, LIBRARY, 5000.0, None, Change("grounding now"))
    ready = [each.track.id for each in plan.reserves["grounding now"]]
    following = [slot for slot in again.slots if slot.start >= 5000.0 and slot.duration]
    assert [slot.track.id for slot in following[: len(ready)]] == ready
    assert all(slot.features.energy <= 0.3 for slot in following)
    assert 5000 + 19 * 60 <= again.duration <= 5000 + 30 * 60


PLAYERS: tuple[Player, ...] = ("files", "render", "spotify")


@cache
def state(player: Player) -> Plan:
    """A plan for a player, with overlaps."""
    music = [
        replace(each, track=replace(each.track, uri=f"spotify:track:{each.track.id}")) for each in LIBRARY
    ]
    return planner.plan(Session(five_phases(90), player=player, overlap=3.0), music, effort="quick")


@settings(max_examples=40)
@given(
    player=st.sampled_from(PLAYERS),
    at=st.floats(-10.0, 9000.0),
    playing=st.one_of(st.none(), st.integers(0, 100)),
    known=st.sampled_from([0, 5, len(LIBRARY)]),
    without=st.sets(st.sampled_from(["set", "reserves", "tail"])),
    before=st.sampled_from([None, *CHANGES, Change("grounding now")]),
)
def test_grounding_now_gives_music_from_any_state_whatever_is_left(
    player: Player, at: float, playing: int | None, known: int, without: set[str], before: Change | None
) -> None:
    plan = state(player)
    if before is not None:
        with contextlib.suppress(ShortfallError, InputError):
            plan = planner.replan(plan, LIBRARY, min(max(at - 60, 0.0), plan.duration - 1), None, before)
    reserves = {
        name: () if "reserves" in without or (name == "grounding now" and "set" in without) else ready
        for name, ready in plan.reserves.items()
    }
    plan = replace(plan, reserves=reserves, tail=() if "tail" in without else plan.tail)
    everything = [*plan.slots, *plan.tail]
    now = None if playing is None else everything[playing % len(everything)].track.id
    again = planner.replan(plan, LIBRARY[:known], at, now, Change("grounding now"))
    started = [k for k, slot in enumerate(everything) if slot.start <= max(at, 0.0)]
    begun = 1 + (started[-1] if playing is None else playing % len(everything))
    assert again.slots[begun].duration > 10
    assert again.slots[begun].phase == "grounding"
    for one, two in pairwise(again.slots):
        assert two.start == pytest.approx(one.end - one.overlap)
    new = [slot.track.id for slot in again.slots[begun:]]
    ready = {each.track.id for own in again.reserves.values() for each in own}
    if not any("played before" in slot.reason for slot in again.slots):
        assert not set(new) & {slot.track.id for slot in again.slots[:begun] if slot.duration > 60}
    assert not ready & {slot.track.id for slot in again.slots}


def test_grounding_now_minds_no_wrong_value_among_the_candidates() -> None:
    known = LIBRARY[0].features
    wrong = [
        replace(LIBRARY[0], features=replace(known, energy=float("nan"))),
        replace(LIBRARY[1], features=replace(known, loudness="loud")),
        replace(LIBRARY[2], features=replace(known, vocals="humming")),
        None,
    ]
    again = planner.replan(plan_of_the_day(), [*wrong, *LIBRARY[3:]], NOW, None, Change("grounding now"))  # type: ignore[list-item]
    assert again.slots[-1].phase == "grounding"
    assert again.duration > NOW + 1200


def test_reserves_and_tail_hold_no_other_version_of_what_is_played() -> None:
    twins = [
        replace(
            each,
            track=replace(each.track, id=f"{each.track.id} live", title=f"{each.track.title} (Live 1999)"),
        )
        for each in LIBRARY
    ]
    plan = planner.plan(Session(five_phases(90)), [*LIBRARY, *twins], effort="quick")
    again = planner.replan(plan, [*LIBRARY, *twins], NOW, None, Change("gentler"))
    for each in (plan, again):
        played = [slot.track.title.removesuffix(" (Live 1999)") for slot in (*each.slots, *each.tail)]
        assert len(set(played)) == len(played)
        for name, own in each.reserves.items():
            titles = {one.track.title.removesuffix(" (Live 1999)") for one in own}
            assert len(titles) == len(own)
            heard = {slot.track.title.removesuffix(" (Live 1999)") for slot in each.slots}
            assert not titles & (heard if name == "grounding now" else set(played))


def test_grounding_now_is_heard_at_its_phase_s_loudness_and_without_silences_under_render() -> None:
    session = Session(five_phases(90), player="render")
    again = planner.replan(
        planner.plan(session, LIBRARY, effort="quick"), LIBRARY, NOW, None, Change("grounding now")
    )
    following = [slot for slot in again.slots if slot.start >= NOW - 1e-6]
    loudness = again.session.template.phases[-1].loudness
    assert following[0].gain != 0
    assert any(slot.features.silence_start or slot.features.silence_end for slot in following)
    for slot in following:
        wanted = min(loudness - slot.features.loudness, -1.0 - slot.features.true_peak)
        assert slot.gain == pytest.approx(wanted, abs=0.006)
        silences = (slot.features.silence_start or 0.0) + (slot.features.silence_end or 0.0)
        assert slot.duration == pytest.approx(slot.track.duration - silences)


@cache
def prepared_for_the_day() -> planner.Prepared:
    return planner.prepare(plan_of_the_day(), LIBRARY)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind)
def test_a_prepared_answer_keeps_the_rules_and_is_nearly_as_good(change: Change) -> None:
    prepared = pickle.loads(pickle.dumps(prepared_for_the_day()))
    again = planner.replan(plan_of_the_day(), LIBRARY, NOW, None, change, prepared=prepared)
    assert played(again) == played(plan_of_the_day())
    new = len(played(plan_of_the_day()))
    for finding in objective.findings(again.session, again.slots):
        where, _, number = finding.where.partition(" ")
        assert where != "track" or int(number) <= new, finding.text
        assert where != "join" or int(number) < new or not finding.breaks, finding.text
    assert again.score.total <= 1.15 * replanned(change).score.total


def test_what_follows_the_track_that_plays_keeps_the_limits_too() -> None:
    """Each of these tracks begins as loud as can be after the one that plays, but for a few."""
    last = played(plan_of_the_day())[-1]
    ids = {slot.track.id for slot in plan_of_the_day().slots}
    limit = (
        last.features.loudness_end or 0.0
    ) + plan_of_the_day().session.template.rules.join.loudness_up_limit

    def begins(each: Candidate, loudness: float) -> Candidate:
        return replace(each, features=replace(each.features, loudness_start=loudness))

    loud = [
        begins(each, limit + 0.5 if int(each.track.id[1:]) % 4 else limit - 0.5)
        for each in LIBRARY
        if each.track.id not in ids
    ]
    again = planner.replan(plan_of_the_day(), loud, NOW)
    following = again.slots[len(played(plan_of_the_day()))]
    assert following.features.loudness_start == limit - 0.5
    louder = planner.replan(plan_of_the_day(), [begins(each, limit + 0.5) for each in loud], NOW)
    assert any("(passed)" in each for each in louder.warnings)


def test_a_prepared_answer_plays_prepared_tracks_where_they_fill_the_rest() -> None:
    ready = {each.track.id for each in prepared_for_the_day().candidates}
    again = planner.replan(plan_of_the_day(), LIBRARY, NOW, prepared=prepared_for_the_day())
    assert {slot.track.id for slot in again.slots} <= ready


def test_where_the_prepared_tracks_do_not_fill_the_rest_all_are_asked() -> None:
    few = replace(prepared_for_the_day(), candidates=prepared_for_the_day().candidates[:3])
    assert planner.replan(plan_of_the_day(), LIBRARY, NOW, prepared=few) == planner.replan(
        plan_of_the_day(), LIBRARY, NOW
    )


def under_way(seed: int, player: Player) -> tuple[Plan, list[Candidate]]:
    """A random small session that has a plan, and its library."""
    rng = random.Random(seed)
    rules = Rules(
        join=JoinRules(loudness_up_limit=rng.choice([6.0, 8.0]), energy_step_limit=0.3),
        artist_max=rng.randint(2, 4),
        artist_apart_minutes=rng.choice([0.0, 30.0]),
        boundary_tolerance=rng.choice([15.0, 30.0]),
        track_minutes=Range(1.5, 10),
        tail_minutes=rng.choice([0.0, 5.0]),
    )
    library = [
        replace(each, track=replace(each.track, uri=f"spotify:track:{each.track.id}"))
        for each in made_library(rng.randint(60, 90), seed, seconds=(90, 300), artists=rng.randint(15, 40))
    ]
    session = Session(
        five_phases(
            40, rules, vocals="none", vocals_share=rng.choice([0.0, 0.3]), album_runs=rng.random() < 0.5
        ),
        player=player,
        excluded_tracks=frozenset(each.track.id for each in library[:2]),
        used_tracks=frozenset(each.track.id for each in library[2:4]),
    )
    try:
        return planner.plan(session, library, effort="quick"), library
    except ShortfallError:  # it isn't every library that can fill the session
        reject()


@settings(max_examples=12)
@example(seed=0, player="files", change=Change("grounding now"), now=0, few=None)
@example(seed=7691, player="render", change=Change("grounding now"), now=1726, few=None)
@given(
    seed=st.integers(0, 100_000),
    player=st.sampled_from(["files", "spotify", "render"]),
    change=st.sampled_from(
        [
            *CHANGES,
            Change("skip"),
            Change("phase", phase="grounding", keep_end=False),
            Change("extend", minutes=4, keep_end=False),
            Change("grounding now"),
        ]
    ),
    now=st.integers(0, 2350),
    few=st.one_of(st.none(), st.integers(0, 15)),
)
def test_a_prepared_answer_obeys_every_rule_whatever_was_prepared(
    seed: int, player: Player, change: Change, now: float, few: int | None
) -> None:
    plan, library = under_way(seed, player)
    prepared = planner.prepare(plan, library)
    prepared = replace(prepared, candidates=prepared.candidates[:few])
    try:
        again = planner.replan(plan, library, now, None, change, prepared=prepared)
    except (ShortfallError, InputError):  # a phase that has begun, or too little music: so it is without
        with pytest.raises((ShortfallError, InputError)):
            planner.replan(plan, library, now, None, change)
        return
    begun = sum(slot.start <= now for slot in plan.slots)
    assert [slot.track for slot in again.slots[:begun]] == [slot.track for slot in plan.slots[:begun]]
    for before, after in pairwise(again.slots):
        assert after.start == pytest.approx(before.end - before.overlap)
    assert again.score == objective.score(again.session, again.slots)
    chosen = [
        k >= begun and not slot.reason.startswith("Grounding now") for k, slot in enumerate(again.slots)
    ]
    for finding in objective.findings(again.session, again.slots):
        where, _, number = finding.where.partition(" ")
        if where == "track":
            unknown = finding.kind == "vocals" and "nobody knows" in finding.text
            # where no calmer music is left, gentler is a wish
            wished = change.kind == "gentler" and finding.kind == "energy" and not finding.breaks
            assert not chosen[int(number) - 1] or unknown or wished, finding.text
        elif where == "join":
            first = int(number) == begun and any(finding.text in each for each in again.warnings)
            assert not chosen[int(number)] or not finding.breaks or first, finding.text
        elif any(slot.phase == number for slot in again.slots[begun:]):  # for want of fitting lengths
            assert any(each.lower().startswith(f"{number} ends") for each in again.warnings), finding.text


def test_a_phase_that_has_begun_is_one_sentence() -> None:
    with pytest.raises(
        InputError, match=r"^arrival has already begun; .* still to come are return, grounding"
    ):
        replanned(Change("phase", phase="arrival"))


def test_a_time_outside_the_plan_is_one_sentence() -> None:
    with pytest.raises(InputError, match="outside the plan"):
        replanned(Change(), at=1e6)


def test_a_change_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="no change 'faster'; it is one of extend, "):
        replanned(Change("faster"))  # type: ignore[arg-type]


def test_voice_that_was_played_counts_against_the_phases_share() -> None:
    """Songs fit this phase best and may fill 30 % of it; when those were played, planning anew brings no more."""
    only = replace(five_phases(90).phases[2], vocals="none", vocals_share=0.3, minutes=Minutes(40, 20, 60))

    def session(*energy: tuple[float, float]) -> Session:
        return Session(Template("Songs", (replace(only, energy=energy),), rules=Rules(artist_max=99)))

    songs = [
        replace(each, features=replace(each.features, vocals=vocals, energy=energy, energy_curve=None))
        for k, each in enumerate(made_library(90, seed=7, seconds=(150, 240), artists=90))
        for vocals, energy in [("wordless", 0.3) if k % 2 else ("none", 0.38)]
    ]
    plan = planner.plan(session((0.0, 0.3), (0.3, 0.3), (0.35, 0.38), (1.0, 0.38)), songs, effort="quick")
    plan = replace(plan, session=session((0.0, 0.3), (1.0, 0.3)))
    for at in (700.0, 1000.0):
        again = planner.replan(plan, songs, at)
        sung = [slot for slot in again.slots if slot.features.vocals == "wordless"]
        assert sum(slot.duration for slot in sung if slot.start <= at) > 450
        assert sum(slot.duration for slot in sung) <= 0.3 * 40 * 60 + 1


@pytest.mark.parametrize("player", ["files", "spotify"])  # `render` then moves overlaps
def test_what_was_proven_best_stays_so_when_the_rest_is_planned_anew(player: Player) -> None:
    """Of four artists, who may play twice and better not soon again."""
    rules = Rules(artist_max=2, artist_apart_minutes=45.0, tail_minutes=0.0)
    template = five_phases(45, rules, vocals="none", vocals_share=0.4)
    music = [
        replace(each, track=replace(each.track, uri=f"spotify:track:{each.track.id}"))
        for each in made_library(60, seed=3, artists=4)
    ]
    plan = planner.plan(Session(template, player=player), music, effort="proof")
    assert plan.certificate.proven
    for slot in plan.slots[1:-2:2]:
        again = planner.replan(plan, music, slot.start + 1, effort="proof")
        assert again.score.total <= plan.score.total + 0.05
        assert not [each.text for each in objective.findings(again.session, again.slots) if each.breaks]
