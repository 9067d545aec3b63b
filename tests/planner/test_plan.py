"""What `planner.plan` promises: the rules, the clock, the pins, the words."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_libraries import five_phases, made_library, phase

from playlistkit import objective, planner
from playlistkit.errors import InputError, ShortfallError
from playlistkit.model import (
    Candidate,
    Curve,
    EnergyLimit,
    Features,
    Hold,
    Pin,
    Plan,
    Rules,
    Session,
    Template,
    Track,
)

LIBRARY = made_library(220, seed=3)
SESSION = Session(five_phases(90))


def quick(session: Session = SESSION, library: list[Candidate] = LIBRARY) -> Plan:
    return planner.plan(session, library, effort="quick")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return quick()


def hard_findings(plan: Plan) -> list[str]:
    return [
        finding.text
        for finding in objective.findings(plan.session, plan.slots)
        if not finding.where.startswith("join") or finding.breaks
    ]


def with_(index: int, library: list[Candidate] = LIBRARY, **features: object) -> list[Candidate]:
    """The library with features of one track changed."""
    changed = list(library)
    changed[index] = replace(changed[index], features=replace(changed[index].features, **features))
    return changed


def ids(plan: Plan) -> list[str]:
    return [slot.track.id for slot in plan.slots]


def test_a_plan_keeps_every_hard_rule(plan: Plan) -> None:
    assert hard_findings(plan) == []


def test_slots_follow_each_other_without_a_gap(plan: Plan) -> None:
    for one, two in zip(plan.slots, plan.slots[1:], strict=False):
        assert two.start == pytest.approx(one.start + one.duration - one.overlap)


def test_boundaries_are_held_within_half_their_tolerance_where_the_supply_allows(plan: Plan) -> None:
    most = SESSION.template.rules.boundary_tolerance / 2
    assert all(abs(each.residual) <= most for each in plan.phases)


def test_render_takes_up_the_residual_in_its_overlaps() -> None:
    rendered = quick(replace(SESSION, player="render", overlap=6.0))
    assert all(abs(each.residual) < 1e-6 for each in rendered.phases)
    assert {round(slot.overlap, 3) for slot in rendered.slots} != {6.0}
    assert all(
        slot.features.true_peak + slot.gain <= -1 + 1e-9 for slot in rendered.slots if slot.features.true_peak
    )


def test_without_render_there_is_no_gain(plan: Plan) -> None:
    assert all(slot.gain == 0 for slot in (*plan.slots, *plan.tail))


def test_the_score_is_the_objectives_own(plan: Plan) -> None:
    assert plan.score == objective.score(plan.session, plan.slots)
    assert plan.score.total == pytest.approx(sum(plan.score.terms.values()))


def test_the_costs_of_the_slots_add_up_to_the_score(plan: Plan) -> None:
    assert sum(sum(slot.costs.values()) for slot in plan.slots) == pytest.approx(plan.score.total, abs=1e-3)


def test_the_same_input_gives_the_same_plan(plan: Plan) -> None:
    assert quick() == plan


def test_a_seed_gives_a_plan_within_a_hundredth_of_the_best(plan: Plan) -> None:
    plans = [quick(replace(SESSION, seed=seed)) for seed in range(4)]
    assert len({tuple(ids(each)) for each in plans}) > 1
    assert all(each.score.total <= plan.score.total * 1.0101 for each in plans)
    assert quick(replace(SESSION, seed=2)) == plans[2]


def test_more_effort_is_never_worse(plan: Plan) -> None:
    better = planner.plan(SESSION, LIBRARY)
    assert better.score.total <= plan.score.total + 1e-6
    assert better.certificate.within is not None
    assert "candidates" in better.certificate.scope


def test_excluded_tracks_artists_used_and_avoided_tracks_do_not_play(plan: Plan) -> None:
    first, second, third, fourth = plan.slots[:4]
    session = replace(
        SESSION,
        excluded_tracks=frozenset({first.track.id}),
        excluded_artists=frozenset({(second.track.artist or "").upper()}),
        used_tracks=frozenset({third.track.id}),
    )
    library = [replace(each, avoid=each.track.id == fourth.track.id) for each in LIBRARY]
    again = quick(session, library)
    played = {slot.track.id for slot in (*again.slots, *again.tail)}
    assert not played & {each.track.id for each in (first, second, third, fourth)}


def test_a_kept_track_is_preferred_among_its_like(plan: Plan) -> None:
    library = [replace(each, keep=int(each.track.id[1:]) % 2 == 0) for each in LIBRARY]
    kept = {each.track.id for each in library if each.keep}
    again = quick(SESSION, library)
    before = sum(slot.duration for slot in plan.slots if slot.track.id in kept)
    assert sum(slot.duration for slot in again.slots if slot.track.id in kept) > before


@pytest.mark.parametrize("place", [None, "first", "last"])
def test_a_pin_to_a_phase_is_kept(place: str | None) -> None:
    track = eligible_id("peak")
    plan = quick(replace(SESSION, pins=(Pin(track, phase="peak", place=place),)))  # type: ignore[arg-type]
    own = [slot.track.id for slot in plan.slots if slot.phase == "peak"]
    assert track in own
    if place:
        assert own[0 if place == "first" else -1] == track
    assert hard_findings(plan) == []


def test_a_pin_without_a_place_goes_where_the_best_plan_has_its_track_anyway() -> None:
    today, library = Session(five_phases(40)), made_library(60, seed=3)
    free = quick(today, library)
    for slot in free.slots[:-1:2]:
        for pin in (Pin(slot.track.id), Pin(slot.track.id, phase=slot.phase)):
            assert ids(quick(replace(today, pins=(pin,)), library)) == ids(free)


def eligible_id(name: str) -> str:
    wanted = next(each for each in SESSION.template.phases if each.name == name)
    return next(each.track.id for each in LIBRARY if objective.why_barred(SESSION, wanted, each) is None)


def test_a_pin_to_a_time_plays_then() -> None:
    track = eligible_id("return")
    plan = quick(replace(SESSION, pins=(Pin(track, time=4000.0),)))
    slot = next(slot for slot in plan.slots if slot.track.id == track)
    assert slot.start <= 4000 < slot.end


def test_a_pin_anywhere_is_kept() -> None:
    track = eligible_id("grounding")
    assert track in ids(quick(replace(SESSION, pins=(Pin(track),))))


def test_a_pin_against_a_phases_rule_is_kept_and_told() -> None:
    loud = next(each for each in LIBRARY if each.features.vocals == "words" and each.features.energy > 0.5)
    plan = quick(replace(SESSION, pins=(Pin(loud.track.id, phase="arrival"),)))
    assert loud.track.id in [slot.track.id for slot in plan.slots if slot.phase == "arrival"]
    assert any("Pinned against a rule" in each for each in plan.warnings)


@pytest.mark.parametrize(
    ("pin", "word"),
    [
        (Pin("nobody"), "not in the library"),
        (Pin("t1", phase="nowhere"), "nowhere"),
        (Pin("t1", time=1e6), "outside"),
    ],
)
def test_a_wrong_pin_is_one_sentence(pin: Pin, word: str) -> None:
    with pytest.raises(InputError, match=word):
        quick(replace(SESSION, pins=(pin,)))


def test_versions_of_one_recording_play_once() -> None:
    twins = [
        replace(
            each,
            track=replace(each.track, id=f"{each.track.id} live", title=f"{each.track.title} (Live 1999)"),
        )
        for each in LIBRARY
    ]
    plan = quick(SESSION, [*LIBRARY, *twins])
    titles = [(slot.track.title or "").removesuffix(" (Live 1999)") for slot in (*plan.slots, *plan.tail)]
    assert len(set(titles)) == len(titles)


def test_a_cap_on_an_artist_is_told_from_the_first_track_too_many() -> None:
    own = [replace(each, track=replace(each.track, artist="One")) for each in LIBRARY[:4]]
    apart = [each for pair in zip(own, LIBRARY[10:14], strict=True) for each in pair]

    def told(candidates: list[Candidate]) -> list[str]:
        slots = objective.lay_out(SESSION, candidates)
        found = objective.findings(SESSION, slots)
        return [each.where for each in found if each.kind == "artist" and "more than" in each.text]

    assert SESSION.template.rules.artist_max == 3
    assert told(apart[:6]) == []
    assert told(apart) == ["track 7"]


def test_the_set_for_grounding_now_is_level() -> None:
    library = [
        replace(
            each,
            features=replace(
                each.features,
                energy=0.12,
                energy_start=0.12,
                energy_end=0.12,
                energy_curve=None,
                vocals="none",
                percussiveness=0.05,
                loudness_range=4.0,
                loudness=(-30.0, -24.0)[k % 2],
            ),
        )
        for k, each in enumerate(made_library(40, seed=7))
    ]
    ready = quick(SESSION, [*LIBRARY, *library]).reserves["grounding now"]
    levels = {each.features.loudness for each in ready}
    assert len(ready) > 1
    assert max(levels) - min(levels) <= 4


def test_unknown_voices_are_passed_over_while_known_ones_suffice(plan: Plan) -> None:
    restricted = {"arrival", "onset", "return"}
    assert not [slot for slot in plan.slots if slot.phase in restricted and slot.features.vocals == "unknown"]


def test_unknown_voices_are_taken_with_a_warning_when_they_must_be_and_refused_when_strict() -> None:
    library = [replace(each, features=replace(each.features, vocals="unknown")) for each in LIBRARY]
    plan = quick(SESSION, library)
    assert any("nobody knows whether anyone sings" in each for each in plan.warnings)
    with pytest.raises(ShortfallError) as refused:
        quick(replace(SESSION, strict=True), library)
    assert {each.rule for each in refused.value.shortfalls} == {"vocals"}


def test_the_share_of_voice_is_kept() -> None:
    template = five_phases(90, vocals="none", vocals_share=0.3)
    plan = quick(Session(template))
    peak = [slot for slot in plan.slots if slot.phase == "peak"]
    sung = sum(slot.duration for slot in peak if slot.features.vocals != "none")
    assert sung <= 0.3 * 22.5 * 60


def test_words_within_a_share_are_the_last_resort_and_told() -> None:
    session = Session(five_phases(90, vocals="none", vocals_share=0.5))
    before = quick(session)
    chosen = min((slot for slot in before.slots if slot.phase == "peak"), key=lambda slot: slot.duration)
    assert chosen.duration < 0.5 * 22.5 * 60
    sung = with_([each.track.id for each in LIBRARY].index(chosen.track.id), vocals="words")
    assert chosen.track.id not in ids(quick(session, sung))
    pinned = quick(replace(session, pins=(Pin(chosen.track.id, "peak"),)), sung)
    assert any("it has words, in peak" in each for each in pinned.warnings)


@pytest.mark.parametrize("voice", ["none", "unknown"])
@pytest.mark.parametrize(("off", "sung"), [(0.35, False), (0.45, True)])
def test_words_play_only_where_music_without_them_lies_farther_off_than_templates_allow(
    voice: str, off: float, sung: bool
) -> None:
    peak = replace(
        phase("peak", 30, 0.5, 0.5, vocals="none", vocals_share=1.0), energy_limit=EnergyLimit(0.2, 0.6)
    )
    known = {"energy_start": None, "energy_end": None, "energy_curve": None, "loudness": -23.0}
    library = [
        replace(
            each,
            track=replace(each.track, duration=300.0, artist=f"Artist {k}"),
            features=replace(
                each.features,
                **known,
                vocals="words" if k % 2 else voice,
                energy=0.5 if k % 2 else 0.5 - off,
            ),
        )
        for k, each in enumerate(made_library(20, seed=4))
    ]
    plan = quick(Session(Template("Words", (peak,), rules=Rules(tail_minutes=0.0))), library)
    assert {slot.features.vocals for slot in plan.slots} == {"words" if sung else voice}


def test_more_voice_than_the_share_is_a_finding() -> None:
    session = Session(five_phases(90, vocals="none", vocals_share=0.3))
    plan = quick(session)
    sung = tuple(
        replace(slot, features=replace(slot.features, vocals="wordless")) if slot.phase == "peak" else slot
        for slot in plan.slots
    )
    texts = [each.text for each in objective.findings(session, sung) if each.where == "phase peak"]
    assert any("30% of them is the limit" in text for text in texts)


def test_a_shortfall_names_phase_minutes_and_rule() -> None:
    library = [each for each in LIBRARY if not 0.16 <= each.features.energy <= 0.54]
    with pytest.raises(ShortfallError) as short:
        quick(SESSION, library)
    peak = next(each for each in short.value.shortfalls if each.phase == "peak")
    assert peak.minutes == pytest.approx(22.5 - 0.25, abs=0.1)
    assert peak.rule == "energy"
    assert "peak lacks" in peak.text


def test_best_effort_bends_and_marks() -> None:
    library = [each for each in LIBRARY if not 0.16 <= each.features.energy <= 0.54]
    plan = quick(replace(SESSION, best_effort=True), library)
    assert plan.shortfalls
    bent = [slot for slot in plan.slots if slot.bends]
    assert bent
    assert {slot.phase for slot in plan.slots} == {phase.name for phase in SESSION.template.phases}
    unmarked = replace(plan, slots=tuple(slot for slot in plan.slots if not slot.bends))
    assert not [
        f
        for f in objective.findings(unmarked.session, unmarked.slots)
        if f.kind in ("vocals", "percussiveness") and f.breaks
    ]


def test_spotify_plans_only_tracks_that_can_be_pushed() -> None:
    library = [
        replace(each, track=replace(each.track, uri=f"spotify:track:{each.track.id}")) if k % 2 else each
        for k, each in enumerate(LIBRARY)
    ]
    plan = quick(replace(SESSION, player="spotify", overlap=4.0), library)
    assert all(slot.track.uri for slot in plan.slots)
    assert {slot.overlap for slot in plan.slots[:-1]} == {4.0}


def test_the_tail_follows_the_end_and_is_gentle(plan: Plan) -> None:
    assert plan.tail[0].start == pytest.approx(plan.slots[-1].end)
    assert sum(slot.duration for slot in plan.tail) >= 20 * 60
    assert all(slot.features.energy <= 0.18 + 1e-9 for slot in plan.tail)
    assert all(slot.phase == "tail" for slot in plan.tail)


def test_the_tail_is_joined_as_loud_as_the_last_phase_is_rendered() -> None:
    phases = SESSION.template.phases
    louder = tuple(replace(each, loudness=-36.0 + 5 * p) for p, each in enumerate(phases))
    made = quick(Session(replace(SESSION.template, phases=louder), player="render"))
    assert sum(slot.duration for slot in made.tail) >= 20 * 60


def test_reserves_stand_ready_for_each_phase_and_play_nowhere(plan: Plan) -> None:
    played = {slot.track.id for slot in (*plan.slots, *plan.tail)}
    for each in SESSION.template.phases:
        assert plan.reserves[each.name], each.name
        for reserve in plan.reserves[each.name]:
            assert reserve.track.id not in played
            assert objective.why_barred(SESSION, each, Candidate(reserve.track, reserve.features)) is None


def test_reserves_are_what_can_be_joined_to_the_phases_tracks(plan: Plan) -> None:
    ready = {each.track.id for each in plan.reserves["peak"]}
    library = LIBRARY
    for k, each in enumerate(LIBRARY):
        if each.track.id in ready:  # it fits as before, and now begins and ends far too loud
            known = each.features
            library = with_(
                k,
                library,
                loudness_start=known.loudness_start + 25,
                loudness_end=known.loudness_end + 25,
            )
    again = quick(SESSION, library)
    assert not ready & {each.track.id for each in again.reserves["peak"]}


def test_grounding_now_is_quiet_and_without_voice(plan: Plan) -> None:
    ready = plan.reserves["grounding now"]
    assert ready
    for reserve in ready:
        assert reserve.features.vocals == "none"
        assert 0.08 <= reserve.features.energy <= 0.20


def test_a_reason_tells_the_join_before_in_numbers(plan: Plan) -> None:
    joins = objective.judge(plan.session, plan.slots).joins
    for before, slot, join in zip(plan.slots, plan.slots[1:], joins, strict=False):
        assert join.loudness_step is not None
        assert join.energy_step is not None
        louder = f"{join.loudness_step:+.1f} LU"
        louder = "as loud" if louder[1:] == "0.0 LU" else louder
        told = f"({louder}, energy step {join.energy_step:.2f})"
        manner = "(smoothly|with a (change|contrast)( of [a-z]+( and [a-z]+)?)?)"
        title = re.escape(before.track.title or "")
        assert re.search(rf"follows {title} {manner} {re.escape(told)}", slot.reason), slot.reason


def test_reasons_speak_of_their_own_slot(plan: Plan) -> None:
    for before, slot in zip(plan.slots, plan.slots[1:], strict=False):
        assert f"{slot.features.energy:.2f}" in slot.reason
        assert before.track.title in slot.reason


def test_soft_join_limits_are_told_when_passed() -> None:
    template = replace(SESSION.template, rules=Rules(join=replace(Rules().join, loudness_up=0.1)))
    assert any("louder" in each for each in quick(Session(template)).warnings)


def test_a_long_rise_at_a_hold_is_told() -> None:
    rising = replace(five_phases(90).phases[2], hold=Hold(10.0, 10.0, "pressure"))
    phases = tuple(rising if each.name == "peak" else each for each in SESSION.template.phases)
    curve = [0.2 + 0.25 * k / 1400 for k in range(1400)]
    slow = Candidate(
        Track("slow", path="/slow.flac", title="Slow", duration=1350.0),
        Features(
            energy=0.33, energy_start=0.25, energy_end=0.4, energy_curve=Curve(curve, 0.001), vocals="none"
        ),
    )
    session = Session(
        replace(SESSION.template, phases=phases), pins=(Pin("slow", phase="peak", place="first"),)
    )
    plan = quick(session, [*LIBRARY, slow])
    assert any("energy rises for" in each and "pressure" in each for each in plan.warnings)


def rising_or_level(hold: Hold | None, kinds: tuple[str, ...] = ("rising", "level")) -> Plan:
    """A plan of one rising phase, from tracks that rise with it for six minutes and tracks that are level."""
    only = phase("peak", 24, 0.10, 0.58, vocals="any", hold=hold)
    library = [
        Candidate(
            Track(
                f"{kind} {k}",
                path=f"/{kind}{k}.flac",
                title=f"{kind} {k}",
                artist=f"{kind}{k}",
                duration=360.0,
            ),
            Features(energy=middle, energy_curve=Curve(curve, 0.001), vocals="none", loudness=-22.0),
        )
        for k, middle in enumerate((0.16, 0.28, 0.40, 0.52))
        for kind, curve in (
            ("rising", [middle - 0.06 + 0.12 * second / 360 for second in range(360)]),
            ("level", [middle] * 360),
        )
        if kind in kinds
    ]
    return quick(Session(Template("One", (only,), rules=Rules(tail_minutes=0))), library)


def test_no_track_that_rises_for_long_is_planned_at_a_hold() -> None:
    assert all("rising" in slot.track.id for slot in rising_or_level(None).slots)
    held = rising_or_level(Hold(15.0, 3.0, "reading", rise_minutes=2.0))
    at_the_reading = [slot for slot in held.slots if slot.start < 18 * 60 and slot.end > 12 * 60]
    assert at_the_reading
    assert all("level" in slot.track.id for slot in at_the_reading)
    assert not any("energy rises for" in each for each in held.warnings)


def test_a_rise_at_a_hold_that_nothing_else_can_spare_is_part_of_the_score() -> None:
    hold = Hold(15.0, 3.0, "reading", rise_minutes=2.0)
    held, free = (rising_or_level(each, ("rising",)) for each in (hold, None))
    assert any("energy rises for" in each for each in held.warnings)
    assert "hold" not in free.score.terms
    charged = held.score.terms["hold"]
    assert charged == pytest.approx(objective.WEIGHTS.hold * round(charged / objective.WEIGHTS.hold))
    assert charged >= objective.WEIGHTS.hold
    assert held.score.total - charged == pytest.approx(free.score.total)
    assert held.certificate.within is not None


def test_a_hold_that_allows_a_longer_rise_changes_nothing() -> None:
    held = rising_or_level(Hold(15.0, 3.0, "reading", rise_minutes=8.0))
    assert [slot.track.id for slot in held.slots] == [slot.track.id for slot in rising_or_level(None).slots]


def test_a_fallback_set_that_is_too_short_is_told() -> None:
    assert any("grounding now has 6 of 20 min" in each for each in rising_or_level(None).warnings)


def test_lengths_that_clash_widen_the_tolerance_and_are_told() -> None:
    template = Template("One", (phase("arrival", 20, 0.3, 0.3, energy_tolerance=0.3),))
    library = [
        Candidate(
            Track(f"t{k}", path=f"/{k}.flac", title=f"T{k}", artist=f"A{k}", duration=580.0),
            Features(energy=0.3, loudness=-20.0, vocals="none"),
        )
        for k in range(4)
    ]
    plan = quick(Session(template), library)
    assert plan.phases[0].residual == pytest.approx(-40)
    assert any("40 s early" in each for each in plan.warnings)


def test_one_track_of_an_hour_fills_a_phase_of_an_hour() -> None:
    template = Template(
        "One",
        (phase("arrival", 60, 0.3, 0.3),),
        rules=Rules(track_minutes=replace(Rules().track_minutes, high=None), tail_minutes=0),
    )
    track = Candidate(Track("t", path="/t.flac", duration=3600.0), Features(energy=0.3))
    assert ids(quick(Session(template), [track])) == ["t"]


def test_one_artist_alone_is_a_shortfall_that_best_effort_bends() -> None:
    library = [replace(each, track=replace(each.track, artist="Same")) for each in LIBRARY]
    with pytest.raises(ShortfallError) as short:
        quick(SESSION, library)
    assert "artist" in {each.rule for each in short.value.shortfalls}
    plan = quick(replace(SESSION, best_effort=True), library)
    assert any("twice running" in bend for slot in plan.slots for bend in slot.bends)


def test_no_tempo_at_all_is_no_obstacle() -> None:
    library = [replace(each, features=replace(each.features, tempo=None)) for each in LIBRARY]
    assert quick(SESSION, library).score.terms["tempo"] == 0


def test_energies_all_alike_still_give_a_plan_or_a_shortfall() -> None:
    library = [
        replace(each, features=replace(each.features, energy=0.25, energy_curve=None)) for each in LIBRARY
    ]
    assert hard_findings(quick(SESSION, library)) == []


def test_unknown_energy_is_never_planned() -> None:
    library = [
        replace(each, features=replace(each.features, energy=None, energy_curve=None)) for each in LIBRARY
    ]
    with pytest.raises(ShortfallError) as short:
        quick(replace(SESSION, best_effort=True), library)
    assert "whose energy is unknown" in str(short.value)


@pytest.mark.parametrize("duration", [0.0, -5.0, 1e12])
def test_absurd_durations_are_left_out(duration: float) -> None:
    absurd = Candidate(
        Track("absurd", path="/a.flac", duration=duration), Features(energy=0.2, vocals="none")
    )
    assert "absurd" not in ids(quick(SESSION, [absurd, *LIBRARY]))


def test_absurd_values_do_not_spoil_the_plan() -> None:
    library = with_(0, tempo=0.0, loudness=-1e6, energy_start=7.0, timbre=(1.0,), brightness=-3.0)
    assert math.isfinite(quick(SESSION, library).score.total)


def test_what_is_no_number_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError, match="loudness: nan"):
        quick(SESSION, with_(0, loudness=math.nan))


def test_an_empty_library_is_a_shortfall() -> None:
    with pytest.raises(ShortfallError) as short:
        quick(SESSION, [])
    with pytest.raises(ShortfallError, match=r"no track to choose from\. Add music for it"):
        quick(replace(SESSION, best_effort=True), [])
    assert len(short.value.shortfalls) == 5


def test_a_template_without_minutes_is_one_sentence() -> None:
    with pytest.raises(InputError, match="no phase with minutes"):
        quick(Session(Template("Empty", ())))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(30, 120),
    player=st.sampled_from(["files", "spotify", "render"]),
)
def test_any_library_gives_a_plan_within_the_rules_or_a_shortfall(seed: int, count: int, player: str) -> None:
    library = [
        replace(each, track=replace(each.track, uri=f"spotify:track:{each.track.id}"))
        for each in made_library(count, seed, artists=30)
    ]
    session = Session(five_phases(60), player=player, overlap=3.0)  # type: ignore[arg-type]
    try:
        plan = quick(session, library)
    except ShortfallError as short:
        if not all(each.text for each in short.shortfalls) or not short.shortfalls:
            pytest.fail("a shortfall without words")
        return
    told = [text for text in hard_findings(plan) if "the template allows" not in text]
    unknown = [text for text in told if "nobody knows" in text]
    assert told == unknown
    assert len(unknown) == len([each for each in plan.warnings if "nobody knows" in each])
