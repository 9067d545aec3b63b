"""The session while it plays: orders, the ladder, what is kept; on a clock that samples turn."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from made_sessions import Files, Played, setlist
from silences import longest_silence

from playlistkit.player.reading import Condition
from playlistkit.player.sounding import USED_UP
from playlistkit.player.values import Name, Snapshot, from_json, to_json
from playlistkit.render import RATE

PLANNED = [f"{phase}{k}" for phase in ("arrival", "peak", "return", "grounding") for k in range(3)]


def test_the_session_plays_as_planned_and_says_that_it_ended() -> None:
    played = Played().run(1000)
    assert played.names == [*PLANNED, "tail0"]
    assert played.engine.over
    assert played.engine.state().position == pytest.approx(12 * 56 + 60, abs=0.2)
    assert longest_silence(played.sound) < 0.11  # at its end alone
    assert played.engine.state().told[-1].text == "The session has ended."


@pytest.mark.parametrize(
    ("name", "leads_to"),
    [("skip", "arrival1"), ("next-phase", "peak0"), ("return", "return0"), ("grounding", "calm0")],
)
def test_an_order_is_heard_within_half_a_second(name: Name, leads_to: str) -> None:
    played = Played().run(20)
    assert played.order(name).done
    before = len(played.blocks)
    played.run(0.4)
    assert played.engine.state().now.id == leads_to  # type: ignore[union-attr]
    assert len(played.blocks) - before <= 5
    played.run(20)
    assert longest_silence(played.sound) < 0.11


def test_to_return_leaves_a_return_that_has_begun_as_it_is() -> None:
    played = Played().run(20)
    assert played.order("return").done
    played.run(20)
    again = played.order("return")
    assert not again.done
    assert "has already begun" in again.text
    played.run(20)
    assert played.engine.state().phase == "return"


def test_the_same_order_twice_does_nothing_more() -> None:
    played = Played().run(20)
    first = played.order("skip", id="a")
    again = played.order("skip", id="a")
    soon = played.order("skip", id="b")
    assert first.done
    assert again.repeated
    assert again.text == first.text
    assert soon.repeated
    assert not soon.done
    played.run(5)
    assert played.names == ["arrival0", "arrival1"]
    assert played.order("skip", id="c").done


def test_an_order_meant_for_what_no_longer_plays_is_refused() -> None:
    played = Played().run(50)
    seen = played.engine.state().revision
    played.run(20)
    answer = played.order("skip", revision=seen)
    assert not answer.done
    assert "just changed" in answer.text
    assert played.order("pause", revision=seen).done


def test_a_pause_fades_stops_the_clock_and_goes_on_where_it_was() -> None:
    played = Played().run(20)
    played.order("pause")
    played.run(30)
    state = played.engine.state()
    assert state.position == pytest.approx(21, abs=0.2)
    assert state.elapsed == pytest.approx(50, abs=0.2)
    played.order("resume")
    played.run(1000)
    assert played.names == [*PLANNED, "tail0"]
    assert np.abs(np.diff(played.sound[:, 0])).max() < 0.02  # no click anywhere


@pytest.mark.parametrize("order", [None, "quiet", "grounding", "hold"])
def test_after_a_sleep_it_is_silent_until_it_is_resumed_where_it_was(order: Name | None) -> None:
    played = Played().run(30)
    if order is not None:
        played.order(order)
    played.run(10)
    before = played.engine.state()
    played.engine.interrupted("The machine slept.")
    played.run(20)
    asleep = played.engine.state()
    assert asleep.mode == "paused"
    assert asleep.position == pytest.approx(before.position, abs=0.2)
    assert (asleep.told[-1].text, asleep.gaps) == ("The machine slept.", 0)
    played.keep, played.blocks = True, []
    played.order("resume")
    played.run(10)
    awake = played.engine.state()
    assert (awake.mode, awake.now, awake.held) == ("running", before.now, before.held)
    assert awake.position == pytest.approx(before.position + 10, abs=0.3)
    assert np.abs(played.sound[-RATE:]).max() > 0.01


def test_quiet_is_silence_while_the_clock_runs() -> None:
    played = Played().run(20)
    played.order("quiet")
    played.run(100)
    assert not played.blocks[-1].any()
    assert played.engine.state().position == pytest.approx(120, abs=0.2)
    played.order("resume")
    played.run(5)
    assert played.blocks[-1].any()


def test_louder_never_passes_the_planned_level() -> None:
    played = Played().run(5)
    assert not played.order("louder").done
    for _ in range(3):
        assert played.order("quieter").done
    played.run(2)
    assert played.engine.state().level == -3.0
    assert np.abs(played.blocks[-1]).max() == pytest.approx(0.1 * 10 ** (-3 / 20), rel=0.02)
    for _ in range(5):
        played.order("louder")
    assert played.engine.state().level == 0.0


def test_hold_stays_in_the_phase_with_its_reserves_until_it_is_let_go_on() -> None:
    played = Played().run(20)
    assert played.order("hold").done
    played.run(250)
    assert played.names == ["arrival0", "arrival-r0", "arrival-r1", "arrival-r2", "arrival-r2"]
    played.order("resume")
    played.run(60)
    assert played.names[-1] == "arrival1"


def test_undo_leads_back_to_where_it_was_until_the_next_join() -> None:
    played = Played().run(20)
    played.order("skip")
    played.run(5)
    assert played.engine.state().undo == "skip"
    assert played.order("undo").done
    played.run(1)
    state = played.engine.state()
    assert state.now is not None
    assert state.now.id == "arrival0"
    assert 20 < state.into < 22
    played.run(60)
    assert played.engine.state().undo is None
    assert not played.order("undo").done
    assert played.names == ["arrival0", "arrival1", "arrival0", "arrival1"]


def test_what_is_about_to_begin_is_not_taken_for_what_comes_after_it() -> None:
    played = Played().run(20)
    assert played.order("another").done
    played.run(34.5)
    assert played.engine.state().next is not None
    assert not played.order("undo").done
    played.run(2)
    assert played.names == ["arrival0", "arrival-r0"]
    played = Played().run(54.5)
    answer = played.order("another")
    assert not answer.done
    assert "about to begin" in answer.text


def test_undo_leads_back_to_a_track_of_which_something_is_left() -> None:
    played = Played(setlist(tracks=1, tail=0)).run(4 * 56 + 3.7)
    assert played.order("grounding").done
    played.run(1)
    assert played.order("undo").done
    played.run(30)
    assert played.names == ["arrival0", "peak0", "return0", "grounding0", "calm0", "grounding0"]
    assert longest_silence(played.sound) < 0.11


def test_while_the_music_goes_on_no_end_is_told_though_nothing_is_known_to_come() -> None:
    played = Played().run(20)
    assert not played.engine.state().goes_on
    for name in ("hold", "grounding"):
        played.order(name)
        state = played.run(5).engine.state()
        assert (state.next, state.goes_on) == (None, True)
    played.order("end")
    assert not played.run(1).engine.state().goes_on


def test_grounding_goes_on_as_long_as_it_is_needed_and_leads_back() -> None:
    played = Played().run(80)
    played.order("grounding")
    played.run(200)
    assert played.names[2:] == ["calm0", "calm1", "calm0", "calm1"]
    assert played.order("resume").done
    played.run(5)
    assert played.names[-1] == "arrival1"  # from its beginning


def test_grounding_ordered_in_the_last_track_leads_back_to_it() -> None:
    played = Played(setlist(tracks=1, tail=0), at=4 * 56 - 20).run(5)
    assert played.order("grounding").done
    played.run(20)
    assert played.order("resume").done
    assert played.run(200).names == ["grounding0", "calm0", "grounding0"]
    assert longest_silence(played.sound) < 0.11
    assert played.engine.over


def test_the_music_lasts_to_the_planned_end_even_if_orders_used_up_what_was_planned() -> None:
    made = replace(setlist(tail=0, reserves=1), grounding=())
    end = max(cue.start + cue.duration for cue in made.cues)
    played = Played(made).run(70)
    assert played.order("grounding").text == "The plan has no set for grounding; grounding begins now."
    played.run(end - 70 - 40)
    assert not played.engine.over
    first = ["grounding0", "grounding1", "grounding2"]
    assert played.names[2:8] == [*first, "grounding-r0", *first[:2]]  # and round again
    assert [each.text for each in played.engine.state().told].count(USED_UP) == 1
    assert longest_silence(played.sound) < 0.11
    assert played.run(120).engine.over


def test_grounding_ends_a_hold_also_where_the_plan_has_no_set_for_it() -> None:
    played = Played(replace(setlist(), grounding=())).run(10)
    assert played.order("hold").done
    played.run(5)
    assert played.order("grounding").text == "The plan has no set for grounding; grounding begins now."
    played.run(10)
    state = played.engine.state()
    assert (state.phase, state.held, played.names) == ("grounding", False, ["arrival0", "grounding0"])
    assert played.order("undo").done
    assert played.engine.state().held
    played.run(10)
    assert played.names == ["arrival0", "grounding0", "arrival0"]


def test_a_fault_of_the_programs_own_is_not_the_end_of_the_music() -> None:
    files = Files(bugs={"arrival1"})
    played = Played(files=files).run(50)
    with pytest.raises(ZeroDivisionError):
        played.run(20)
    played.run(1000)
    assert played.names == [*PLANNED[:1], *PLANNED[2:], "tail0"]
    assert longest_silence(played.sound) < 0.11


def test_the_end_is_a_long_fade_that_can_be_taken_back() -> None:
    played = Played().run(20)
    played.order("end")
    played.run(5)
    assert played.order("resume").done
    played.run(20)
    assert not played.engine.over
    played.order("end")
    played.run(16)
    assert played.engine.over
    levels = [float(np.abs(block).max()) for block in played.blocks[-140:]]
    assert all(before >= after - 0.005 for before, after in itertools.pairwise(levels))


def test_a_lost_file_is_replaced_by_a_reserve_and_the_clock_is_held() -> None:
    files = Files(faults={"arrival1": "away", "peak0": "broken"})
    played = Played(files=files).run(1000)
    expected = [{"arrival1": "arrival-r0", "peak0": "peak-r0"}.get(name, name) for name in PLANNED]
    assert played.names == [*expected, "tail0"]
    assert longest_silence(played.sound) < 0.11
    assert played.engine.state().position == pytest.approx(12 * 56 + 60, abs=0.2)
    told = [each.text for each in played.engine.state().told]
    assert told[0] == "/music/arrival1.flac: away; a reserve of its phase plays instead"


def test_when_every_file_is_gone_a_loop_plays_until_they_are_back() -> None:
    plan = setlist()
    every = [
        *plan.cues,
        *plan.tail,
        *plan.grounding,
        *(cue for ready in plan.reserves.values() for cue in ready),
    ]
    files = Files()
    played = Played(plan, files).run(30)
    files.faults = {cue.id: "away" for cue in every}
    played.run(60)
    assert played.names == ["arrival0", "loop"]
    files.faults.clear()
    played.run(10)
    assert played.names[2:] == ["arrival1"]
    assert longest_silence(played.sound) < 0.11
    assert played.engine.state().told[-1].text == "The files can be read again; the session goes on."


@pytest.mark.parametrize("state", ["away", "broken", "opening"])
def test_grounding_whose_set_cannot_be_read_goes_to_calm_music_at_once_and_to_the_set_when_it_is_back(
    state: Condition,
) -> None:
    files = Files(faults={"calm0": state, "calm1": state})
    played = Played(files=files, patience=0.5).run(30)
    answer = played.order("grounding")
    assert (answer.done, answer.text) == (True, "Grounding now, with grounding0.")
    assert files.waited <= 0.1
    played.run(30)
    assert played.names == ["arrival0", "grounding0"]
    files.faults.clear()
    played.run(10)
    assert played.names[2:] == ["calm0"]
    assert played.engine.state().gaps == 0


def test_what_stands_in_for_the_set_for_grounding_is_of_the_plan_that_plays() -> None:
    files = Files(faults={"calm0": "away", "calm1": "away"})
    played = Played(files=files).run(30)
    plan = setlist()
    calmer = replace(plan.cues[9], id="calmer", path="/music/calmer.flac", title="calmer")
    assert played.engine.revise(replace(plan, cues=(*plan.cues[:9], calmer, *plan.cues[10:]))).done
    assert played.order("grounding").text == "Grounding now, with calmer."


@pytest.mark.parametrize("state", ["away", "opening"])
def test_grounding_where_nothing_can_be_read_goes_to_the_loop_at_once(state: Condition) -> None:
    plan = setlist()
    ready = [cue for own in plan.reserves.values() for cue in own]
    files = Files()
    played = Played(plan, files, patience=0.5).run(30)
    files.faults = {cue.id: state for cue in (*plan.cues, *plan.tail, *plan.grounding, *ready)}
    assert played.order("grounding").text == "Grounding now, with calm loop."
    assert files.waited <= 0.1
    played.run(30)
    assert played.names == ["arrival0", "loop"]
    assert longest_silence(played.sound) < 0.11


def test_the_set_for_grounding_is_held_ready_with_what_stands_in_for_it() -> None:
    files = Files()
    played = Played(files=files).run(30)
    assert {"calm0", "grounding0"} <= set(files.wanted)
    files.faults = {"calm0": "away"}
    played.run(1)
    assert {"calm0", "calm1"} <= set(files.wanted)
    played.order("grounding")
    played.run(1)
    assert played.names[-1] == "calm1"


def test_out_of_a_file_that_breaks_off_the_music_goes_on() -> None:
    played = Played(files=Files(fails_at={"arrival0": 30.0})).run(1000)
    assert played.names[:2] == ["arrival0", "arrival1"]
    assert longest_silence(played.sound) < 0.11


def test_a_new_plan_follows_what_plays() -> None:
    plan = setlist()
    played = Played(plan).run(20)
    other = setlist(tracks=2)
    assert played.engine.revise(other).done
    played.run(1000)
    assert played.names == [
        f"{phase}{k}" for phase in ("arrival", "peak", "return", "grounding") for k in range(2)
    ] + ["tail0"]


def test_a_new_plan_made_from_one_that_was_replaced_since_is_refused() -> None:
    played = Played().run(30)
    first = played.engine.state().setlist
    longer, other = setlist(tracks=4), setlist(tracks=5)
    assert played.engine.revise(longer, replaces=first).done
    answer = played.engine.revise(other, replaces=first)
    assert (answer.done, answer.text) == (False, "Another plan came first; the new one was not taken.")
    assert played.engine.setlist is longer
    assert played.engine.revise(other, replaces=first + 1).done


def test_a_new_plan_without_what_plays_is_refused_and_the_old_one_goes_on() -> None:
    played = Played().run(130)
    answer = played.engine.revise(setlist(tracks=2))
    assert not answer.done
    assert "old one goes on" in answer.text
    assert played.run(1000).names == [*PLANNED, "tail0"]


def test_it_may_begin_anywhere() -> None:
    played = Played(at=150.0)
    played.run(5)
    state = played.engine.state()
    assert state.now is not None
    assert (state.now.id, round(state.into)) == ("arrival2", 43)
    assert state.position == pytest.approx(155, abs=0.2)


def test_after_a_crash_it_goes_on_where_it_was() -> None:
    played = Played().run(100)
    played.order("quieter")
    kept = from_json(Snapshot, to_json(played.engine.snapshot()))
    after = Played(files=Files(), saved=kept)
    after.run(1000)
    assert after.names == [*PLANNED[1:], "tail0"]
    first = next(event for event in after.events if event.what == "track")
    assert first.values["from"] == pytest.approx(44, abs=0.3)
    assert after.engine.state().level == -1.0
    assert played.names + after.names[1:] == [*PLANNED, "tail0"]
    assert np.abs(after.sound[:100]).max() < 0.001  # it fades in


def test_an_order_outlives_a_crash_before_it_is_heard() -> None:
    for name, leads_to in [("skip", "arrival1"), ("grounding", "calm0"), ("next-phase", "peak0")]:
        played = Played().run(20)
        played.order(name)  # type: ignore[arg-type]
        kept = played.engine.snapshot()
        after = Played(saved=kept.at(played.engine.point(0))).run(100)
        assert after.names[0] == leads_to
        assert len(set(after.names)) == len(after.names)


def test_a_paused_session_is_silent_after_a_crash() -> None:
    played = Played().run(10)
    played.order("pause")
    played.run(5)
    after = Played(saved=played.engine.snapshot()).run(30)
    assert not after.sound.any()
    after.order("resume")
    assert after.run(10).sound.any()


def test_the_record_accounts_for_every_second() -> None:
    played = Played(files=Files(faults={"peak1": "away"}, fails_at={"return1": 20.0})).run(100)
    played.order("skip")
    played.run(100)
    played.order("grounding")
    played.run(150)
    played.order("resume")
    played.run(1500)
    assert played.engine.over
    at = 0.0
    for each in sorted(played.engine.heard(), key=lambda heard: heard.start):
        assert each.start <= at + 0.05, each
        at = max(at, each.end)
    assert at == pytest.approx(played.engine.state().position, abs=0.05)
    assert round(at * RATE) <= len(played.sound)


def test_the_silence_after_a_crash_lasts_until_there_is_sound_and_is_told_as_long_as_that() -> None:
    played = Played().run(50)
    after = Played(saved=played.engine.snapshot(), lost=-0.8)
    for _ in range(7):  # a device that is there before the first file is decoded
        after.now += 0.1
        assert not after.engine.pull(RATE // 10).any()
    after.run(30)
    gap = next(event for event in after.events if event.what == "gap")
    assert gap.values["seconds"] == pytest.approx(0.8 + 0.7, abs=0.101)
    state = after.engine.state()
    assert state.elapsed - state.position == pytest.approx(state.gap_seconds, abs=0.01)
    assert "went on 1.5 s later" in state.told[-1].text


def test_a_crash_in_a_pause_is_told_and_is_no_gap() -> None:
    played = Played().run(10)
    played.order("pause")
    played.run(5)
    after = Played(saved=played.engine.snapshot(), lost=-0.8).run(5)
    state = after.engine.state()
    assert (state.gaps, state.mode) == (0, "paused")
    assert state.elapsed == pytest.approx(15 + 0.8 + 5, abs=0.01)
    assert "had crashed" in state.told[-1].text


def test_what_is_told_once_is_told_once_however_often_the_player_dies() -> None:
    made = replace(setlist(tail=0, reserves=1), grounding=())
    played = Played(made).run(70)
    played.order("grounding")
    played.run(200)
    told, count = played.engine.state().told, played.engine.state().told_count
    assert [each.text for each in told].count(USED_UP) == 1
    for _ in range(3):
        played = Played(made, saved=from_json(Snapshot, to_json(played.engine.snapshot()))).run(80)
    assert (played.engine.state().told, played.engine.state().told_count) == (told, count)


def test_what_the_set_for_grounding_repeats_is_not_left_in_the_session() -> None:
    played = Played(setlist(reserves=0)).run(20)
    played.order("grounding")
    played.run(20)
    played.order("hold")
    played.run(10)
    played.order("skip")
    played.run(10)
    assert played.names[-1].startswith("calm")
    played.order("grounding")
    played.run(10)
    played.order("resume")
    played.run(1500)
    session = [event.values["id"] for event in played.events if event.values.get("rung") == "session"]
    assert session == [PLANNED[0], *PLANNED]


def test_a_silence_is_no_shorter_because_a_device_first_fills_a_buffer_of_its_own() -> None:
    played = Played().run(20)
    before = played.engine.state()
    played.engine.silent_from(played.now)
    played.engine.fade_in()
    for _ in range(30):
        played.now += 0.1
        played.engine.work()
    played.engine.pull(round(1.9 * RATE))
    played.now += 0.1
    played.engine.work()
    played.now += 1.8  # the device's own buffer sounds
    played.run(10)
    state = played.engine.state()
    assert state.gap_seconds == pytest.approx(3.0, abs=0.11)
    silence = state.elapsed - before.elapsed - (state.position - before.position)
    assert state.gap_seconds == pytest.approx(silence, abs=0.11)


def test_a_player_that_stood_still_with_its_device_tells_of_the_silence() -> None:
    played = Played().run(20)
    played.now += 12.0
    played.run(10)
    state = played.engine.state()
    assert (state.gaps, state.gap_seconds) == (1, pytest.approx(12.0, abs=0.11))
    played.order("pause")
    played.run(5)
    played.now += 12.0
    assert played.run(5).engine.state().gaps == 1
