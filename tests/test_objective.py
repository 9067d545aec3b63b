"""The objective's terms, rules and scorer."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit import objective
from playlistkit.energy import combined, intensity, played
from playlistkit.model import (
    Candidate,
    Curve,
    Features,
    JoinRules,
    Minutes,
    Phase,
    Range,
    Rules,
    Session,
    Slot,
    Template,
    Track,
)
from playlistkit.objective import Arc, Table, energy_blocks, heard_silences
from playlistkit.objective.ends import ends_of
from playlistkit.objective.rules import eligibility, seconds_of_share
from playlistkit.objective.rules_broken import FARTHER, rules_broken
from playlistkit.objective.rules_broken import _broken as fact_of
from playlistkit.objective.terms import boundary_points, repeat_points
from playlistkit.objective.terms.energy import miss
from playlistkit.objective.terms.join import join_allowed, join_parts, join_steps
from playlistkit.objective.terms.length import excess
from playlistkit.objective.terms.sound import beyond
from playlistkit.objective.terms.tempo import misfit
from playlistkit.objective.within import highest_energy


def phase(
    name: str = "peak", minutes: float = 10, energy: tuple = ((0.0, 0.2), (1.0, 0.4)), **kwargs: object
) -> Phase:
    return Phase(name, Minutes(minutes, minutes / 2, minutes * 2), energy, "peak", **kwargs)  # type: ignore[arg-type]


def session(*phases: Phase, rules: Rules | None = None, **kwargs: object) -> Session:
    return Session(Template("T", phases or (phase(),), rules=rules or Rules()), **kwargs)  # type: ignore[arg-type]


def candidate(
    number: int = 0, seconds: float = 300.0, artist: str | None = None, **features: object
) -> Candidate:
    features = {"energy": 0.3, "vocals": "none", **features}
    track = Track(f"t{number}", path=f"/{number}.flac", title=f"T{number}", artist=artist, duration=seconds)
    return Candidate(track, Features(**features))  # type: ignore[arg-type]


def replace_features(known: Candidate, **features: object) -> Candidate:
    return replace(known, features=replace(known.features, **features))  # type: ignore[arg-type]


def table(*candidates: Candidate) -> Table:
    return Table.of([each.track for each in candidates], [each.features for each in candidates])


def energy_points(each: Candidate, start: float, arc: Arc) -> float:
    own = table(each)
    seconds = np.array([each.track.duration])
    return float(miss(arc, energy_blocks(own), np.array([start]), seconds)[0])


# --- the arc ---


@given(st.floats(0, 1500), st.floats(0, 900))
def test_the_arcs_integrals_agree_with_a_sum_over_fine_steps(begin: float, length: float) -> None:
    arc = Arc(Template("T", (phase(), phase("return", 10, ((0.0, 0.4), (0.5, 0.1), (1.0, 0.3))))))
    middles = begin + (np.arange(4000) + 0.5) * length / 4000
    level = arc.level(middles)
    assert arc.area(begin + length) - arc.area(begin) == pytest.approx(level.sum() * length / 4000, abs=0.05)
    assert arc.square(begin + length) - arc.square(begin) == pytest.approx(
        (level**2).sum() * length / 4000, abs=0.05
    )


def test_a_phase_of_no_minutes_is_left_out() -> None:
    arc = Arc(Template("T", (phase(), phase("return", 0), phase("grounding", 5))))
    assert [each.name for each in arc.phases] == ["peak", "grounding"]
    assert list(arc.bounds) == [0, 600, 900]


# --- terms ---


def test_a_track_on_the_curve_costs_nothing() -> None:
    rising = candidate(0, 600, energy_curve=Curve(np.linspace(0.2, 0.4, 600).tolist(), 0.001))
    assert energy_points(rising, 0.0, Arc(session().template)) < 0.1


def test_a_tenth_off_for_a_minute_counts_sixty_seconds() -> None:
    level = Template("T", (phase(energy=((0.0, 0.3),)),))
    assert energy_points(candidate(0, 60, energy=0.4), 100.0, Arc(level)) == pytest.approx(60.0)


def test_energy_is_followed_within_the_track() -> None:
    level = Arc(Template("T", (phase(energy=((0.0, 0.3),)),)))
    swinging = candidate(0, 200, energy=0.3, energy_curve=Curve([0.1] * 100 + [0.5] * 100, 0.001))
    assert energy_points(candidate(0, 200, energy=0.3), 0.0, level) == pytest.approx(0.0, abs=1e-9)
    assert energy_points(swinging, 0.0, level) == pytest.approx(200 * 4)


def test_without_a_curve_energy_goes_from_start_over_body_to_end() -> None:
    blocks = energy_blocks(table(candidate(0, 300, energy=0.4, energy_start=0.1, energy_end=0.2)))[0]
    assert blocks[0] == pytest.approx(0.1, abs=0.05)
    assert blocks[15] == pytest.approx(0.4)
    assert blocks[-1] == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize(
    ("tempo", "expected"),
    [(60, 0.0), (66, 0.0), (88, 1.0), (120, 0.25), (35, 0.25), (1000, 9.0)],
)
def test_tempo_counts_by_the_nearest_octave(tempo: float, expected: float) -> None:
    assert float(misfit(np.log2(tempo), 1.0, (50.0, 80.0))) == pytest.approx(expected)


def test_music_without_a_beat_fits_any_tempo() -> None:
    assert misfit(np.log2(190.0), 0.0, (50.0, 60.0)) == 0
    assert misfit(np.nan, 1.0, (50.0, 60.0)) == 0


@pytest.mark.parametrize(("clarity", "counts"), [(None, True), (0.3, True), (0.29, False), (0.0, False)])
def test_a_tempo_whose_beat_is_not_felt_counts_as_unknown(clarity: float | None, counts: bool) -> None:
    quick, slow = (candidate(n, tempo=bpm, pulse_clarity=clarity) for n, bpm in enumerate((100.0, 70.0)))
    known = table(quick)
    assert bool(misfit(known.tempo, known.pulse_clarity, (50.0, 80.0))[0]) is counts
    assert bool(join(quick, slow)["tempo"]) is counts


def join(before: Candidate, after: Candidate) -> dict[str, float]:
    own = table(before, after)
    parts = join_parts(ends_of(own, "end"), ends_of(own, "start"), JoinRules())
    return {name: float(part[0, 1]) for name, part in parts.items()}


KNOWN = {"tempo": 70.0, "key": "C", "mode": "major", "loudness": -20.0, "timbre": (0.0, 1.0)}


def test_a_track_joins_its_like_without_cost() -> None:
    assert set(join(candidate(0, **KNOWN), candidate(1, **KNOWN)).values()) == {0.0}


def test_the_joins_parts_measure_end_against_start() -> None:
    before = candidate(0, **{**KNOWN, "loudness_end": -20.0, "energy_end": 0.2, "timbre_end": (0.0, 0.0)})
    after = candidate(
        1, **{**KNOWN, "loudness_start": -15.0, "energy_start": 0.35, "timbre_start": (1.6, 1.6)}
    )
    parts = join(before, after)
    assert parts["loudness"] == pytest.approx(0.5)
    assert parts["wish"] == pytest.approx(2 / 3)  # 5 LU up, where 3 is the wish and 6 the limit
    assert parts["energy"] == pytest.approx(0.5)
    assert parts["timbre"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("key", "mode", "expected"),
    [("G", "major", 0.25), ("A", "minor", 0.125), ("F#", "major", 1.0), ("F", "major", 0.25)],
)
def test_keys_are_compared_on_the_circle_of_fifths(key: str, mode: str, expected: float) -> None:
    assert join(candidate(0, **KNOWN), candidate(1, **{**KNOWN, "key": key, "mode": mode}))["key"] == expected


def test_half_and_double_time_are_one_felt_tempo() -> None:
    assert join(candidate(0, **KNOWN), candidate(1, **{**KNOWN, "tempo": 140.0}))["tempo"] == 0


def test_an_unknown_key_is_neither_praised_nor_blamed() -> None:
    assert join(candidate(0, **KNOWN), candidate(1, **{**KNOWN, "key": None}))["key"] == 0.5


# --- hearing ---


def test_each_player_hears_its_own_loudness() -> None:
    own = table(candidate(0, loudness=-20.0, true_peak=-2.0))
    assert objective.as_heard("files", own, -25.0).gain == 0
    assert objective.as_heard("spotify", own, -25.0).gain == 6
    assert objective.as_heard("render", own, -25.0).gain == -5


def test_the_planned_gain_keeps_the_true_peak_under_minus_one() -> None:
    assert objective.planned_gain(table(candidate(0, loudness=-30.0, true_peak=-4.0)), -20.0) == 3
    assert objective.planned_gain(table(candidate(0, loudness=-30.0)), -20.0) == 0


def recorded_at(loudness: float, number: int = 0) -> Candidate:
    """One recording, calm and then livelier, turned to a level."""
    levels = [loudness - 2.0] * 150 + [loudness + 2.0] * 150
    active = np.repeat([0.2, 0.6], 150)
    curve = combined(intensity(np.array(levels)), active)
    return candidate(
        number,
        energy=float(combined(intensity(loudness), 0.4)),
        energy_start=float(curve[0]),
        energy_end=float(curve[-1]),
        energy_curve=Curve(curve, 0.001),
        loudness=loudness,
        loudness_start=levels[0],
        loudness_end=levels[-1],
        loudness_curve=Curve(levels, 0.01),
        true_peak=loudness + 12.0,
    )


@pytest.mark.parametrize(("player", "quietest"), [("render", -37.0), ("spotify", -45.0)])
def test_one_recording_at_any_level_is_one_energy_where_it_is_levelled(player: str, quietest: float) -> None:
    own = table(*(recorded_at(level) for level in (quietest, -23.0, -14.0)))
    heard = objective.as_heard(player, own, -25.0)  # type: ignore[arg-type]
    blocks, ends, starts = energy_blocks(heard), ends_of(heard, "end"), ends_of(heard, "start")
    assert np.ptp(blocks, axis=0) == pytest.approx(0, abs=0.005)
    for values in (heard.energy, highest_energy(heard), ends.energy, starts.energy):
        assert np.ptp(values) < 0.005
    assert blocks[0, -1] - blocks[0, 0] > 0.2  # its own arc stays


def test_what_needs_more_than_12_db_is_raised_by_12_and_judged_there() -> None:
    own = table(recorded_at(-45.0), recorded_at(-33.0), recorded_at(-25.0))
    far, near, there = objective.as_heard("render", own, -25.0).energy
    assert near == pytest.approx(there, abs=0.005)
    assert far == pytest.approx(objective.as_heard("files", own, None).energy[1], abs=0.005)


def test_as_files_a_recording_is_as_stirring_as_it_is_loud() -> None:
    own = table(*(recorded_at(level) for level in (-45.0, -23.0, -14.0)))
    quiet, middle, loud = objective.as_heard("files", own, -25.0).energy
    assert quiet + 0.1 < middle < loud - 0.1


def test_what_cannot_be_raised_is_heard_as_quiet_as_it_stays() -> None:
    own = table(recorded_at(-35.0), replace_features(recorded_at(-35.0), true_peak=-1.0))
    raised, left = objective.as_heard("render", own, -25.0).energy
    assert left == own.energy[1] < raised


@given(
    st.sampled_from(["files", "render", "spotify"]),
    st.lists(st.floats(-32, -8), min_size=1, max_size=5),
    st.floats(-30, -15),
)
def test_a_session_is_heard_as_planned_where_playlistkit_plays_it_whatever_it_was_planned_for(
    player: str, levels: list[float], loudness: float
) -> None:
    today = session(phase(minutes=5.0 * len(levels), loudness=loudness), player=player)
    tracks = [recorded_at(level, k) for k, level in enumerate(levels)]
    slots = objective.lay_out(today, tracks)
    features = [each.features for each in tracks]
    own = np.array([each.energy for each in features])
    sounding = np.array(levels) + objective.session_gains(today, slots)
    assert played(own, np.array(levels), sounding) == pytest.approx(
        objective.energies_heard(today, slots), abs=0.0002
    )


def test_a_plan_for_spotify_is_levelled_without_clipping_where_playlistkit_plays_it() -> None:
    today = session(phase(minutes=10.0), player="spotify")
    tracks = [recorded_at(-25.0, 0), replace_features(recorded_at(-25.0, 1), true_peak=-3.0)]
    assert list(objective.session_gains(today, objective.lay_out(today, tracks))) == [4.0, 2.0]


@given(
    st.sampled_from(["files", "render", "spotify"]),
    st.lists(st.floats(-50, -8), min_size=2, max_size=5),
    st.floats(-30, -15),
)
def test_rules_score_joins_and_words_hear_one_energy(
    player: str, levels: list[float], loudness: float
) -> None:
    wanted = phase(minutes=5.0 * len(levels), loudness=loudness, energy_tolerance=0.05)
    today = session(wanted, player=player)
    slots = objective.lay_out(today, [recorded_at(level, k) for k, level in enumerate(levels)])
    heard = objective.energies_heard(today, slots)
    low, high = 0.2 - 0.05, 0.4 + 0.05
    told = {
        each.where.number - 1
        for each in objective.findings(today, slots)
        if each.kind == "energy" and each.where.kind == "track"
    }
    outside = {k for k, each in enumerate(heard) if not low <= each <= high}
    assert told == outside
    steps = [each.energy_step for each in objective.judge(today, slots).joins]
    table_of_them = objective.slots_heard(today, slots)
    assert steps == pytest.approx(np.abs(table_of_them.energy_start[1:] - table_of_them.energy_end[:-1]))


# --- rules ---


@pytest.mark.parametrize(
    ("changed", "phase_rules", "rule"),
    [
        ({"energy": 0.9}, {}, "energy"),
        ({"energy": None}, {}, "energy"),
        ({"energy": math.nan}, {}, "energy"),
        ({"vocals": "words"}, {"vocals": "wordless"}, "vocals"),
        ({"vocals": None}, {"vocals": "none"}, "vocals"),
        ({"brightness": 0.8}, {"brightness_limit": Range(None, 0.5)}, "brightness"),
        ({"percussiveness": 0.8}, {"percussiveness_limit": Range(None, 0.5)}, "percussiveness"),
        ({"loudness_range": 20.0}, {"loudness_range_limit": Range(None, 8.0)}, "loudness_range"),
    ],
)
def test_a_rule_bars_by_name_and_says_why(changed: dict, phase_rules: dict, rule: str) -> None:
    wanted = phase(**phase_rules)
    broken = rules_broken(session(wanted), wanted, candidate(**changed))
    assert [word for word, _ in broken] == [rule]
    assert broken[0] == objective.why_barred(session(wanted), wanted, candidate(**changed))
    assert str(broken[0][1]).startswith("T0")
    assert objective.why_barred(session(wanted), wanted, candidate()) is None


@pytest.mark.parametrize("rule", sorted(set(objective.RULES) - set(FARTHER)))
def test_every_rule_has_a_fact_that_says_why_it_bars(rule: str) -> None:
    limits = {
        field.name for field in fields(Phase) if field.type == "Range" and field.name.endswith("_limit")
    }
    wanted = phase(**dict.fromkeys(limits, Range(None, 0.1)))
    beyond = {limit.removesuffix("_limit"): 0.5 for limit in limits}
    one = candidate(**beyond, silence_inside=20.0, jolt=9.0, swell=9.0)
    arc = Arc(session(wanted).template)
    assert str(fact_of(rule, session(wanted), arc, wanted, one, table(one))).startswith("T0")


def test_unknown_brightness_is_not_held_against_a_track() -> None:
    wanted = phase(brightness_limit=Range(None, 0.5))
    assert objective.barred(candidate(), wanted) is None


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"excluded_tracks": frozenset({"t0"})}, "excluded"),
        ({"excluded_artists": frozenset({"NILS"})}, "excluded"),
        ({"used_tracks": frozenset({"t0"})}, "used"),
        ({"player": "spotify"}, "player"),
    ],
)
def test_todays_choices_bar(changed: dict, rule: str) -> None:
    barred = objective.why_barred(session(**changed), session().template.phases[0], candidate(artist="Nils"))
    assert barred is not None
    assert barred[0] == rule


INSIDE = Rules().inside
SPAN = Rules(track_minutes=Range(None, 30))


@pytest.mark.parametrize(
    ("rule", "last", "first", "rules"),
    [
        ("energy", {"energy": 0.45}, {"energy": 0.4501}, SPAN),
        ("energy", {"energy": 0.15}, {"energy": 0.1499}, SPAN),
        ("music", {"music_probability": 0.3}, {"music_probability": 0.2999}, SPAN),
        ("music", {"music_probability": 0.6501, "vocals": "words"}, {"music_probability": 0.65, "vocals": "words"}, SPAN),
        ("music", {"speech": 6.0}, {"speech": 6.01}, SPAN),
        ("music", {"speech": 6.0, "music_probability": 0.5, "vocals": "words"}, {"speech": 6.01}, SPAN),
        ("music", {"repetition": 0.7499}, {"repetition": 0.75}, SPAN),
        ("silence", {"silence_inside": INSIDE.silence_limit}, {"silence_inside": INSIDE.silence_limit + 0.01}, SPAN),
        ("jolt", {"jolt": INSIDE.jolt_limit}, {"jolt": INSIDE.jolt_limit + 0.01}, SPAN),
        ("swell", {"swell": INSIDE.swell_limit}, {"swell": INSIDE.swell_limit + 0.01}, SPAN),
        ("seconds", {"seconds": 60.0}, {"seconds": 59.9}, SPAN),
        ("seconds", {"seconds": 30.0}, {"seconds": 29.9}, Rules(track_minutes=Range(0.5, 30))),
        ("track_minutes", {"seconds": 120.0}, {"seconds": 119.9}, Rules(track_minutes=Range(2, 30))),
        ("track_minutes", {"seconds": 1800.0}, {"seconds": 1800.1}, Rules(track_minutes=Range(2, 30))),
    ],
)  # fmt: skip
def test_a_rule_bars_from_just_beyond_its_limit_on(rule: str, last: dict, first: dict, rules: Rules) -> None:
    wanted = phase(energy_tolerance=0.05, energy_limit=None)
    today = session(wanted, rules=rules)
    assert objective.why_barred(today, wanted, candidate(**last)) is None
    barred = objective.why_barred(today, wanted, candidate(**first))
    assert barred is not None
    assert barred[0] == rule


def test_far_above_its_phase_nothing_plays_whatever_gives_way() -> None:
    wanted = phase(energy_tolerance=0.05, energy_limit=None)
    music = [candidate(0, energy=0.55), candidate(1, energy=0.5501)]
    today = session(wanted)
    verdicts = eligibility(today, Arc(today.template), music, [table(*music)]).kept
    assert verdicts["energy"].tolist() == [[False, False]]
    assert verdicts["energy_far"].tolist() == [[True, False]]


def test_long_and_short_tracks_are_barred() -> None:
    for seconds in (60.0, 3000.0):
        barred = objective.barred(candidate(0, seconds), phase())
        assert barred is not None
        assert barred[0] == "track_minutes"


@pytest.mark.parametrize(
    ("feature", "wished", "scale"),
    [
        ("brightness", 0.5, objective.WEIGHTS.sound_scale),
        ("percussiveness", 0.5, objective.WEIGHTS.sound_scale),
        ("loudness_range", 8.0, objective.WEIGHTS.dynamics_scale),
        ("jolt", Rules().inside.jolt, objective.WEIGHTS.dynamics_scale),
        ("swell", Rules().inside.swell, objective.WEIGHTS.dynamics_scale),
    ],
)
def test_sound_beyond_a_wish_costs_the_square_of_how_far(feature: str, wished: float, scale: float) -> None:
    high, most = Range(None, wished), objective.WEIGHTS.sound_cap
    wanted = phase(brightness=high, percussiveness=high, loudness_range=high)
    values = (None, wished, wished + 0.5 * scale, wished + scale, wished + 1.2 * scale, wished + 90 * scale)
    own = table(*(candidate(k, **{feature: each}) for k, each in enumerate(values)))
    expected = [0.0, 0.0, 0.25, 1.0, 1.44, most]
    if feature in ("brightness", "percussiveness"):  # no share is above 1
        expected = [min(each, ((1 - wished) / scale) ** 2) for each in expected]
    assert beyond(wanted, Rules().inside, own).tolist() == pytest.approx(
        [min(each, most) for each in expected]
    )


def test_a_wish_for_at_least_so_much_counts_downwards() -> None:
    wanted = phase(brightness=Range(0.4, None))
    own = table(
        *(candidate(k, brightness=each) for k, each in enumerate((0.4, 0.4 - objective.WEIGHTS.sound_scale)))
    )
    assert beyond(wanted, Rules().inside, own).tolist() == pytest.approx([0.0, 1.0])


def test_a_long_track_costs_by_what_it_lasts_beyond_a_bearable_wait() -> None:
    free, full = objective.WEIGHTS.length_free, objective.WEIGHTS.length_full
    lengths = (free - 60, free, free + full / 4, free + full, free + 2 * full)
    own = table(*(candidate(k, each) for k, each in enumerate(lengths)))
    assert excess(own).tolist() == pytest.approx([0.0, 0.0, 0.25, 1.0, 1.0])


# --- what the planner asks of the terms ---


def test_the_planner_is_charged_what_the_weights_say_for_returns_and_ends() -> None:
    today = session(
        phase("arrival"), phase(), rules=Rules(artist_apart_minutes=30.0, boundary_tolerance=20.0)
    )
    setting = objective.Setting(today, Arc(today.template))
    gaps, apart = np.array([0.0, 900.0, 1800.0, 5000.0]), np.zeros(4, dtype=bool)
    returns = repeat_points(setting, today.template.phases[0], gaps, apart)
    whole = objective.WEIGHTS.artist * setting.join_share
    assert returns == pytest.approx(np.array([1.0, 0.5, 0.0, 0.0]) * whole)
    ends = boundary_points(setting, today.template.phases[0], np.array([0.0, 20.0, -20.0, 10.0]))
    assert ends == pytest.approx(np.array([0.0, 1.0, 1.0, 0.25]) * objective.WEIGHTS.boundary / 2)


def test_only_known_voices_beyond_the_phases_own_count_against_its_share() -> None:
    """Not what breaks another rule, what nobody knows, or what plays in another phase."""
    played = slots(
        candidate(0, energy=0.9),
        candidate(1, vocals="unknown"),
        candidate(2, seconds=90.0, vocals="wordless"),
        candidate(3, seconds=200.0, vocals="words"),
    )
    shared = phase(vocals="none", vocals_share=0.5, vocals_beyond="wordless")
    assert seconds_of_share(shared, played) == 90.0
    assert seconds_of_share(replace(shared, vocals_beyond="words"), played) == 290.0
    assert seconds_of_share(replace(shared, vocals_share=0.0), played) == 0.0
    assert seconds_of_share(replace(shared, name="return"), played) == 0.0


# --- the scorer ---


def slots(*candidates: Candidate, name: str = "peak") -> tuple[Slot, ...]:
    time, made = 0.0, []
    for each in candidates:
        made.append(Slot(name, time, each.track.duration, each.track, each.features))
        time += each.track.duration
    return tuple(made)


def test_nothing_scores_nothing() -> None:
    assert objective.score(session(), ()).total == 0


def test_the_terms_add_up_and_the_tail_is_not_judged() -> None:
    played = slots(candidate(0), candidate(1, energy=0.5))
    score = objective.score(session(), played)
    assert score.total == pytest.approx(sum(score.terms.values()))
    assert objective.score(session(), (*played, replace(played[0], phase="tail", start=600.0))) == score


def test_ending_a_whole_tolerance_late_costs_the_boundary_term() -> None:
    score = objective.score(session(), slots(candidate(0, 315), candidate(1, 300)))
    assert score.terms["boundary"] == pytest.approx(objective.WEIGHTS.boundary)


def test_an_artist_who_returns_at_once_costs_a_whole_repeat() -> None:
    score = objective.score(session(), slots(candidate(0, artist="A"), candidate(1, artist="A")))
    assert score.terms["artist"] == pytest.approx(objective.WEIGHTS.artist / 2)
    runs = session(phase(album_runs=True))
    assert (
        objective.score(runs, slots(candidate(0, artist="A"), candidate(1, artist="A"))).terms["artist"] == 0
    )


@pytest.mark.parametrize("times", [3, 4])
def test_an_artist_may_play_as_often_as_the_rules_say_and_no_more(times: int) -> None:
    played = slots(*(candidate(k, artist="A" if k % 2 == 0 else f"B{k}") for k in range(2 * times - 1)))
    told = [each for each in objective.findings(session(), played) if "more than 3 times" in each.text]
    assert [str(each.where) for each in told] == (["track 7"] if times == 4 else [])


def test_findings_name_what_is_wrong_and_where() -> None:
    played = slots(
        candidate(0, artist="A", loudness=-30.0),
        candidate(1, artist="A", loudness=-20.0, energy=0.9),
        candidate(0),
    )
    found = {(each.kind, each.where) for each in objective.findings(session(phase("peak", 15)), played)}
    assert {
        ("energy", "track 2"),
        ("loudness", "join 1"),
        ("artist", "track 2"),
        ("repeat", "track 3"),
    } <= found


def test_a_wish_that_is_missed_is_told_and_breaks_nothing() -> None:
    wishing = session(phase(loudness_range=Range(None, 8.0)))
    found = objective.findings(wishing, slots(candidate(0, loudness_range=12.0)))
    assert [(each.kind, each.breaks) for each in found if each.kind != "minutes"] == [
        ("loudness_range", False)
    ]


def test_a_phase_that_ends_late_is_found() -> None:
    found = objective.findings(session(), slots(candidate(0, 350), candidate(1, 300)))
    assert any(each.kind == "minutes" and "50 s late" in each.text for each in found)


def test_a_foreign_playlist_is_dealt_out_by_the_clock() -> None:
    wanted = session(phase("arrival", 10), phase("peak", 10))
    laid = objective.lay_out(wanted, [candidate(k) for k in range(5)])
    assert [slot.phase for slot in laid] == ["arrival", "arrival", "peak", "peak", "tail"]
    assert [slot.start for slot in laid] == [0, 300, 600, 900, 1200]


def test_versions_of_one_recording_are_known_by_title_artist_and_length() -> None:
    def track(title: str, duration: float = 300.0, isrc: str | None = None) -> Track:
        return Track(f"{title} {duration}", title=title, artist="A", duration=duration, isrc=isrc)

    tracks = [
        track("One"),
        track("One (Live)", 310),
        track("One - 2009 Remaster"),
        track("One", 900),
        track("Two"),
    ]
    groups = objective.recording_groups(tracks, [Features()] * len(tracks))
    assert groups[0] == groups[1] == groups[2]
    assert len({groups[0], groups[3], groups[4]}) == 3
    same = objective.recording_groups([track("X", isrc="AB1"), track("Y", isrc="AB1")], [Features()] * 2)
    assert same[0] == same[1]


def test_a_join_is_judged_by_what_is_heard_next_to_it_and_around_it() -> None:
    def judged(end_near: float | None, start_near: float | None) -> tuple[float, bool]:
        own = table(
            candidate(0, **KNOWN, loudness_end=-20.0, loudness_end_near=end_near),
            candidate(1, **KNOWN, loudness_start=-18.0, loudness_start_near=start_near),
        )
        before, after = ends_of(own, "end"), ends_of(own, "start")
        rise = join_steps(before, after, JoinRules())[0][0, 1]
        return float(rise), bool(join_allowed(before, after, JoinRules())[0, 1])

    assert judged(None, None) == (2.0, True)
    assert judged(-25.0, -18.0) == (7.0, False)
    assert judged(-20.0, -19.5) == (2.0, True)
    assert judged(None, -13.0) == (7.0, False)  # after a fade, what came before it
    assert judged(-18.0, -29.0) == (-11.0, False)
    assert judged(-20.0, -22.5) == (2.0, True)  # 2.5 down is further from its limit than 2 up


def test_a_long_silence_at_a_join_is_forbidden_and_a_shorter_one_dear() -> None:

    def judged(end: float, start: float) -> tuple[float, bool]:
        own = table(candidate(0, **KNOWN, silence_end=end), candidate(1, **KNOWN, silence_start=start))
        before, after = ends_of(own, "end"), ends_of(own, "start")
        parts = join_parts(before, after, JoinRules())
        return float(parts["wish"][0, 1]), bool(join_allowed(before, after, JoinRules())[0, 1])

    assert judged(1.0, 1.0) == (0.0, True)
    assert judged(4.0, 3.0) == (0.5, True)
    assert judged(8.0, 4.0) == (1.0, False)


def test_render_leaves_silence_out_and_an_overlap_covers_it() -> None:
    own = table(candidate(0, silence_start=3.0, silence_end=6.0))
    session = Session(Template(name="t", phases=()), player="render")
    assert heard_silences(session, own).silence_end[0] == 0
    crossfaded = heard_silences(Session(Template(name="t", phases=()), overlap=4.0), own)
    assert (crossfaded.silence_start[0], crossfaded.silence_end[0]) == (3.0, 2.0)
