"""What must never get in: effects, speech, noise, fragments, jolts, silence, too much energy, whatever is bent."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from made_libraries import five_phases, made_library, made_track

from playlistkit import planner
from playlistkit.errors import ShortfallError
from playlistkit.facts.lacking import FirmRule
from playlistkit.model import Candidate, Session
from playlistkit.objective.rules import FLOORS
from playlistkit.objective.rules_broken import rules_broken
from playlistkit.planner.feasibility.diagnosis import FIRM

SESSION = Session(five_phases(60), best_effort=True)
HOSTILE = {
    "effects": {"seconds": (1, 20)},
    "ringtones": {"seconds": (20, 55)},
    "speech": {"genre": "Podcast"},
    "audiobooks": {"genre": "Hörbuch"},
    "talks": {"vocals": "words", "music_probability": 0.5},
    "guides over music": {"vocals": "words", "speech": 12.0, "music_probability": 0.98},
    "ringtones on a loop": {"repetition": 0.95, "music_probability": 0.98},
    "noise": {"music_probability": 0.1},
    "a folder of sounds": {"path": "C:\\Users\\me\\Sound Effects\\loops\\{}.wav"},
    "a phone's folders": {"path": "/phone/Ringtones/{}.ogg", "music_probability": 0.9999},
    "alarms": {"jolt": 30.0},
    "stems": {"silence_inside": 95.0},
    "techno": {"energy": 0.97},
}


def hostile(kind: str, count: int = 120) -> list[Candidate]:
    """Made tracks of a kind that is no music for a session."""
    changes = dict(HOSTILE[kind])
    rng = random.Random(kind)
    seconds = changes.pop("seconds", (150, 600))
    genre, path = changes.pop("genre", None), changes.pop("path", "/music/{}.flac")
    tracks = [made_track(10_000 + k, rng, seconds=seconds) for k in range(count)]
    return [
        replace(
            each,
            track=replace(
                each.track,
                id=f"{kind} {k}",
                title=f"{kind} {k}",
                genre=genre,
                path=path.format(f"{kind} {k}"),
            ),
            features=replace(
                each.features, **changes, **({"energy_curve": None} if "energy" in changes else {})
            ),
        )
        for k, each in enumerate(tracks)
    ]


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_folder_of_no_music_never_yields_a_session(kind: str) -> None:
    with pytest.raises(ShortfallError):
        planner.plan(SESSION, hostile(kind), effort="quick")


def test_every_floor_that_bars_a_library_is_named_or_the_music_that_is_lacking() -> None:
    assert [rule for rule in FLOORS if rule not in FIRM] == ["energy_far"]
    for rule in FIRM:
        assert str(FirmRule(rule, 9, 10, "files", "peak")).startswith("The library holds 9 of 10 tracks ")
    with pytest.raises(ShortfallError) as raised:
        planner.plan(SESSION, hostile("techno"), effort="quick")
    assert "Add music for it: energy " in str(raised.value)


def test_mixed_half_and_half_with_music_none_of_it_is_in_any_plan() -> None:
    music = made_library(240, seed=5)
    others = [each for kind in HOSTILE for each in hostile(kind, 30)]
    for library in (music + others, music[:60] + others):
        plan = planner.plan(SESSION, library, effort="quick")
        reserves = [each for ready in plan.reserves.values() for each in ready]
        played = {each.track.id for each in (*plan.slots, *plan.tail, *reserves)}
        assert not played & {each.track.id for each in others}


@pytest.mark.parametrize("kind", ["talks", "guides over music", "ringtones on a loop"])
def test_singing_that_sounds_like_speech_and_a_loop_play_once_the_therapist_says_that_they_are_music(
    kind: str,
) -> None:
    talk = next(each for each in hostile(kind) if each.features.energy < 0.3)
    grounding = SESSION.template.phases[-1]
    assert [rule for rule, _ in rules_broken(SESSION, grounding, talk) if rule == "music"]
    sung = replace(talk, features=replace(talk.features, music_probability=1.0))
    assert not [rule for rule, _ in rules_broken(SESSION, grounding, sung) if rule in FLOORS]


def test_speech_is_told_with_where_it_begins_and_a_word_in_a_song_is_none() -> None:
    grounding = SESSION.template.phases[-1]
    made = made_track(1, random.Random(1), seconds=(200, 300))
    guide = replace(made, features=replace(made.features, speech=8.0, speech_at=70.0))
    told = [str(fact) for rule, fact in rules_broken(SESSION, grounding, guide) if rule == "music"]
    assert told == [
        f"{guide.track.title}: somebody speaks from 1:10 on; if it is singing, set music_probability=1."
    ]
    sung = replace(guide, features=replace(guide.features, speech=6.0))
    assert "music" not in dict(rules_broken(SESSION, grounding, sung))


def test_what_only_repeats_its_first_half_minute_is_told_so() -> None:
    loop = hostile("ringtones on a loop")[0]
    told = [
        str(fact) for rule, fact in rules_broken(SESSION, SESSION.template.phases[0], loop) if rule == "music"
    ]
    assert told == [
        f"{loop.track.title} only repeats its first half minute, like an alarm or a ringtone on a loop; if it should "
        "play, set music_probability=1."
    ]


@pytest.mark.parametrize("told", [{"genre": "Alarm"}, {"path": "/phone/Alarms/bells.ogg"}])
def test_what_genre_or_folder_bars_plays_once_the_therapist_says_that_it_is_music(
    told: dict[str, str],
) -> None:
    bells = made_track(1, random.Random(1), seconds=(200, 300))
    kept = replace(bells, track=replace(bells.track, **told))
    grounding = SESSION.template.phases[-1]
    assert [rule for rule, _ in rules_broken(SESSION, grounding, kept) if rule == "music"]
    said = replace(kept, features=replace(kept.features, music_probability=1.0))
    assert not [rule for rule, _ in rules_broken(SESSION, grounding, said) if rule == "music"]


def test_an_album_or_a_home_that_is_named_like_a_folder_of_sounds_is_music() -> None:
    bells = made_track(1, random.Random(1), seconds=(200, 300))
    grounding = SESSION.template.phases[-1]
    for path, album in (
        ("/music/Fifths/Alarms/1.flac", "Alarms"),
        ("/home/alarm/music/1.flac", None),
        ("/music/Noise Reduction/1.flac", None),
        ("/music/Podcasts.flac", None),
    ):
        track = replace(bells, track=replace(bells.track, path=path, album=album))
        assert not [rule for rule, _ in rules_broken(SESSION, grounding, track) if rule == "music"], path


def test_what_bends_is_marked_in_its_row_and_no_floor_is_passed() -> None:
    calm = [each for each in made_library(260, seed=7) if each.features.energy < 0.22]
    template = five_phases(60)
    phases = tuple(
        replace(each, energy=((0, 0.75), (1, 0.75)), energy_tolerance=0.05) if each.name == "peak" else each
        for each in template.phases
    )
    strict = replace(template, phases=phases)
    plan = planner.plan(Session(strict, best_effort=True), calm, effort="quick")
    for slot in plan.slots:
        phase = next(each for each in plan.template.phases if each.name == slot.phase)
        broken = rules_broken(plan.session, phase, Candidate(slot.track, slot.features))
        assert not {rule for rule, _ in broken} & set(FLOORS)
        assert bool(slot.bends) or not broken  # what bends is marked in its row


def test_best_effort_shortens_a_session_before_it_takes_words_that_the_template_has_no_share_for() -> None:
    few, songs, minutes = [], [], 0.0
    for each in made_library(400, seed=9, artists=400):
        calm = each.features.vocals == "none" and 0.1 < each.features.energy < 0.4
        if calm and minutes < 36:
            few.append(each)
            minutes += each.track.duration / 60
        else:
            songs.append(replace(each, features=replace(each.features, vocals="words")))
    session = Session(five_phases(60, vocals="none"), best_effort=True)
    plan = planner.plan(session, few + songs, effort="quick")
    assert {slot.phase for slot in plan.slots if slot.features.vocals == "words"} <= {"grounding"}
    assert plan.warnings[0].startswith("The session is shorter than the template, ")


def test_where_only_floors_are_left_the_session_is_shorter_and_says_so() -> None:
    made = [each for each in made_library(400, seed=9, artists=400) if each.features.vocals == "none"]
    few, minutes = [], 0.0
    for each in made:
        if 0.1 < each.features.energy < 0.4 and minutes < 48:
            few.append(each)
            minutes += each.track.duration / 60
    plan = planner.plan(SESSION, few + hostile("noise") + hostile("effects"), effort="quick")
    assert plan.warnings[0].startswith("The session is shorter than the template, ")
    assert 30 * 60 <= plan.duration < 55 * 60
    assert {slot.track.id for slot in plan.slots} <= {each.track.id for each in few}
    assert plan.shortfalls
