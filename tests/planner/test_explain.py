"""Why a library can't fill a template."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_libraries import five_phases, made_library, phase

from playlistkit import planner
from playlistkit.model import Candidate, Features, Range, Rule, Rules, Session, Template, Track
from playlistkit.planner.feasibility.attempt import tolerances
from playlistkit.planner.feasibility.diagnosis import diagnose
from playlistkit.planner.feasibility.supply import SPARE, Supply, relaxed, smallest_conflict
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.sessions.reasons import warning_of, warnings_of
from playlistkit.template.relaxing import given_up

LIBRARY = [
    each
    for each in made_library(220, seed=3)
    if each.features.vocals == "words" or each.features.energy < 0.16
]
SESSION = Session(five_phases(90, vocals="none"))


@pytest.fixture(scope="module")
def diagnosis() -> planner.Diagnosis:
    return planner.explain(SESSION, LIBRARY)


def test_what_is_enough_has_no_diagnosis() -> None:
    assert planner.explain(Session(five_phases(90)), made_library(220, seed=3)).shortfalls == ()


def test_a_shortfall_says_how_much_is_missing_of_what(diagnosis: planner.Diagnosis) -> None:
    peak = next(each for each in diagnosis.shortfalls if each.phase == "peak")
    assert peak.rule == "energy"
    assert "lacks all of its 22.5 min: no music may play in it" in peak.text
    assert "idening its limits on energy" in peak.text


def test_a_phase_keeps_its_capitals_where_it_begins_a_sentence() -> None:
    phases = tuple(
        replace(each, name="the Second Peak", repeats="last session") for each in SESSION.template.phases[:1]
    )
    (told,) = warnings_of(replace(SESSION, template=replace(SESSION.template, phases=phases)), (), ())
    assert str(warning_of(told, ())).startswith("The Second Peak would draw on")


def test_what_is_given_up_is_told_in_words_by_kind() -> None:
    rules = (Rule("onset", "energy"), Rule("peak", "energy"), Rule("", "artist"))
    assert given_up(rules) == "the limits on energy in onset, peak; the most tracks of one artist"


def test_the_gains_name_what_each_rule_would_bring() -> None:
    hummed = [
        replace(each, features=replace(each.features, vocals="wordless"))
        if each.features.vocals == "words"
        else each
        for each in LIBRARY
    ]
    gains = dict(planner.explain(SESSION, hummed).gains)
    assert gains[Rule("peak", "vocals")] > 0
    assert list(gains.values()) == sorted(gains.values(), reverse=True)


def test_the_relaxation_suffices_and_no_rule_in_it_could_be_kept(diagnosis: planner.Diagnosis) -> None:
    pool = Pool.of(SESSION, LIBRARY)
    supply = Supply(pool, True, tolerances(pool))
    relaxation = diagnosis.relaxation
    assert relaxation
    assert supply.feasible(relaxation, SPARE)
    for rule in relaxation:
        assert not supply.feasible([each for each in relaxation if each != rule], SPARE), rule
    assert set(relaxation) & set(diagnosis.conflict)


def test_a_library_of_noise_is_told_that_it_sounds_like_noise() -> None:
    rain = [replace(each, features=replace(each.features, music_probability=0.1)) for each in LIBRARY]
    told = planner.explain(SESSION, rain).shortfalls[0].text
    assert f"The library holds {len(rain)} of {len(rain)} tracks that sound like noise" in told
    assert "set music_probability=1" in told


def test_tracks_too_short_to_be_measured_are_called_short_and_not_unscanned() -> None:
    jingles = [Candidate(replace(each.track, duration=2.0), Features()) for each in LIBRARY]
    text = planner.explain(SESSION, jingles).shortfalls[0].text
    assert f"{len(jingles)} of {len(jingles)} tracks shorter or longer than track_minutes allows" in text


def two_alike(rows: list[Candidate], minutes: float = 40.0) -> planner.Diagnosis:
    """The diagnosis of two phases that take the same music."""
    phases = tuple(phase(name, minutes, 0.2, 0.3) for name in ("peak", "return"))
    rules = Rules(track_minutes=Range(2, 30), boundary_tolerance=0, artist_max=50)
    return planner.explain(Session(Template("Alike", phases, rules=rules)), rows)


def alike(count: int, seconds: int = 300) -> list[Candidate]:
    """Tracks that both of `two_alike` take."""
    rows = made_library(count, seed=5, seconds=(seconds, seconds), artists=10_000)
    level = dict.fromkeys(("energy", "energy_start", "energy_end"), 0.25)
    plain = {**level, "energy_curve": None, "vocals": "none", "silence_end": 0.0, "silence_start": 0.0}
    return [replace(each, features=replace(each.features, **plain)) for each in rows]


def test_phases_that_share_their_music_share_what_is_lacking() -> None:
    short = two_alike(alike(8)).shortfalls  # 40 of 80 min
    assert [each.phase for each in short] == ["peak", "return"]
    assert all(15 <= each.minutes <= 25 for each in short)
    assert sum(each.minutes for each in short) == pytest.approx(40, abs=0.1)


def test_what_a_phase_could_have_by_itself_is_told_and_who_wants_it_too() -> None:
    found = two_alike(alike(8))
    assert "40.0 min of music may play in it, all of it shared with return, which lacks music too" in (
        found.shortfalls[0].text
    )
    assert [(each.wanted, each.eligible, each.shared) for each in found.supply] == [(40, 40, 40)] * 2
    assert found.supply[0].shared_with == ("return",)


@settings(max_examples=25)
@given(st.integers(0, 400), st.integers(20, 90))
def test_no_phase_lacks_less_than_if_it_were_the_only_one(seed: int, minutes: int) -> None:
    session = Session(five_phases(minutes, rules=Rules(boundary_tolerance=0)))
    rows = made_library(25, seed=seed, artists=6)
    for each in diagnose(Pool.of(session, rows), unknown_voice=True).supply:
        assert each.lacking >= max(0.0, each.wanted - each.eligible) - 0.01
        assert 0 <= each.shared <= each.eligible + 1e-9


def test_a_relaxation_lets_in_more_than_the_bare_minutes(diagnosis: planner.Diagnosis) -> None:
    pool = Pool.of(SESSION, LIBRARY)
    assert diagnosis.relaxation
    steps = pool.steps() / 60
    before, after = pool.allowed(), relaxed(pool, diagnosis.relaxation, unknown_voice=True)
    for k, each in enumerate(diagnosis.supply):
        assert steps[after[k]].sum() >= each.wanted > 0
    assert (after & ~before).any()


@given(st.lists(st.sets(st.integers(0, 7), min_size=1, max_size=3), min_size=1, max_size=4))
def test_the_smallest_conflict_is_one_and_is_smallest(conflicts: list[set[int]]) -> None:
    rules = [Rule(str(k), "energy") for k in range(8)]

    def feasible(kept: Collection[Rule]) -> bool:
        names = {int(rule.phase) for rule in kept}
        return not any(conflict <= names for conflict in conflicts)

    found = smallest_conflict(feasible, rules)
    assert not feasible(found)
    for rule in found:
        assert feasible([each for each in found if each != rule])


def by_artist(artists: str, loudness: Sequence[float]) -> list[Candidate]:
    """Tracks of 5 min at energy 0.2, one for each artist and loudness."""
    levels = zip(artists, loudness, strict=True)
    return [
        Candidate(
            Track(f"{k}", path=f"/{k}.flac", title=f"Piece {k}", artist=artist, duration=300.0),
            Features(energy=0.2, loudness=level, loudness_start=level, loudness_end=level, vocals="none"),
        )
        for k, (artist, level) in enumerate(levels)
    ]


@pytest.mark.parametrize(("second", "rules"), [(-23.0, {"artist"}), (-35.0, {"join", "artist"})])
def test_a_phase_that_artists_or_joins_leave_minutes_short_is_not_said_to_lack_lengths(
    second: float, rules: set[str]
) -> None:
    only = Template("x", (phase("p", 20, 0.2, 0.2),), id="x", rules=Rules(artist_max=9))
    tracks = by_artist("AAAB", [-23.0, -23.0, second, second])
    told = planner.explain(Session(only), tracks).shortfalls
    assert {each.rule for each in told} == rules
    assert all("lengths of the tracks" not in each.text for each in told)
    levelling = [each for each in told if 'The player "render" also levels' in each.text]
    assert len(levelling) == len(rules) - 1
