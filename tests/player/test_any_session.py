"""Any session: orders, slips of the finger, files, devices and players that fail, in any order, on a made clock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from made_sessions import Files, setlist

from playlistkit.player.engine import Engine
from playlistkit.player.sounding import SHORT_OF_THE_END
from playlistkit.player.values import NAMES, Event, Name, Order, Snapshot, State, from_json, to_json
from playlistkit.render import RATE

PLAN = setlist(tracks=2, seconds=24.0, reserves=1)
NO_SET = replace(setlist(tracks=1, seconds=24.0, reserves=1, tail=0), grounding=())
CALM = {cue.id for cue in PLAN.grounding}
IDS = [cue.id for plan in (PLAN, NO_SET) for cue in (*plan.cues, *plan.tail, *plan.grounding)]
IDS += [f"{phase}-r0" for phase in PLAN.reserves]
STEP = 0.1  # s
LOUDEST = 0.1 * 8**0.5  # eight tones of 0.1 in crossfades of equal power, each out of those before
AUDIBLE = 1e-5
SOON = 1.6  # s after which the same order is no slip


class AnySession(RuleBasedStateMachine):
    """An engine, and beside it what a person would expect of it."""

    def __init__(self) -> None:
        super().__init__()
        self.files = Files()
        self.now = 0.0
        self.events: list[Event] = []
        self.engine = Engine(PLAN, self.files, lambda: self.now, log=self.events.append, patience=0.0)
        self.given = 0
        self.last: Order | None = None
        self.last_at, self.last_done = 0.0, False
        self.stood = 0.0
        """Seconds in which the clock of the music stood still: in a pause, or in a silence that nobody ordered."""
        self.unordered = 0.0
        """Of these, those that nobody ordered."""
        self.sounds_since = 0.0
        """When music was last told to fade in."""
        self.ended = False
        self.engine.work()  # before the device is opened
        self.was = self.engine.state()

    # --- what happens

    @rule(seconds=st.floats(0.1, 15.0))
    def time_goes_by(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.engine.work()
            self._step()

    @rule(name=st.sampled_from([name for name in NAMES if name != "end"]))
    def order(self, name: Name) -> None:
        self._order(name)

    @precondition(lambda self: self.last is not None)
    @rule(same=st.booleans())
    def a_slip_of_the_finger(self, same: bool) -> None:
        assert self.last is not None
        before = self.engine.snapshot()
        again = self.last if same else replace(self.last, id=f"slip {self.given}")
        soon = self.last_done and self.now - self.last_at < SOON - STEP
        if same or (soon and self.last.name not in ("quieter", "louder")):
            answer = self.engine.order(again)
            assert answer.repeated
            after = self.engine.snapshot()
            assert replace(after, answered=()) == replace(before, answered=())

    @rule(name=st.sampled_from(["skip", "next-phase", "return", "grounding", "hold", "more", "gentler", "another"]),
          later=st.floats(0.0, 1.0))  # fmt: skip
    def an_order_undone(self, name: Name, later: float) -> None:
        self._order("resume")
        self.time_goes_by(SOON)
        before = self.engine.snapshot()
        if self._order(name):
            self.time_goes_by(later)
            if self._order("undo"):
                self.time_goes_by(0.2)
                after = self.engine.snapshot()
                if not (self.files.faults or self.files.fails_at):
                    assert what_comes(after) == what_comes(before)

    @rule()
    def grounding_now(self) -> None:
        self.time_goes_by(SOON)
        done = self._order("grounding")
        self.time_goes_by(1.0)
        state = self.engine.state()
        if done and PLAN.grounding and any(name not in self.files.faults for name in CALM):
            assert state.grounding
            assert state.now is not None
            assert state.now.id in CALM
        self._is_heard(2.0)

    @rule(name=st.sampled_from(IDS), how=st.sampled_from(["away", "broken", "opening"]))
    def a_file_fails(self, name: str, how: str) -> None:
        self.files.faults[name] = how  # type: ignore[assignment]

    @rule()
    def every_file_fails(self) -> None:
        self.files.faults.update(dict.fromkeys(IDS, "away"))

    @rule()
    def the_files_are_back(self) -> None:
        self.files.faults.clear()
        self.files.fails_at.clear()

    @rule(name=st.sampled_from(IDS), at=st.floats(4.0, 23.0))
    def a_file_breaks_off(self, name: str, at: float) -> None:
        self.files.fails_at[name] = at

    @rule(seconds=st.floats(0.1, 4.0), then=st.sampled_from([None, "pause", "resume", "grounding"]))
    def the_device_fails(self, seconds: float, then: Name | None) -> None:
        """As `Device` has it."""
        self.engine.sounding = False
        self.engine.silent_from(self.now)
        self.engine.fade_in()
        steps = round(seconds / STEP)
        for step in range(steps):
            self.engine.work()
            self.now += STEP
            self._stands(STEP)
            if step == steps // 2 and then is not None:
                self._order(then)
        self.engine.sounding = True
        self.sounds_since = self.now
        self.time_goes_by(2 * STEP)

    @rule(seconds=st.floats(0.1, 4.0))
    def the_machine_is_busy(self, seconds: float) -> None:
        """Nothing is mixed; what is mixed ahead sounds."""
        for _ in range(round(seconds / STEP)):
            self._step(starved=True)
        self.engine.work()
        self.sounds_since = self.now  # where it was longer than what is mixed ahead

    @rule(seconds=st.floats(1.5, 90.0))
    def every_process_is_stopped(self, seconds: float) -> None:
        self.time_goes_by(STEP)
        state = self.engine.state()
        self.engine.work()
        self.now += seconds
        if not state_over(state):
            self._stands(seconds)
        self.engine.work()

    @rule(dead=st.floats(0.0, 3.0), waits=st.integers(0, 8))
    def the_player_dies(self, dead: float, waits: int) -> None:
        if self.engine.over:
            return
        saved = from_json(Snapshot, to_json(self.engine.snapshot())).at(self.engine.point(0))
        lost = self.now
        self.now += dead
        self.engine = Engine(
            PLAN, self.files, lambda: self.now, log=self.events.append, patience=0.0, saved=saved, lost=lost
        )
        before = self.engine.state()
        assert (before.mode, before.held, before.level) == (saved.mode, saved.held, saved.level)
        for _ in range(waits):  # for the first file to be decoded
            assert not self.engine.pull(round(STEP * RATE)).any()
            self.now += STEP
        self._stands(dead + waits * STEP)
        self.sounds_since = self.now
        self.time_goes_by(2 * STEP)

    @rule()
    def another_plan_comes(self) -> None:
        self.engine.revise(replace(self.engine.setlist, document=f"plan {self.given}"))

    # --- what must hold

    @invariant()
    def clock_and_position_only_grow(self) -> None:
        state = self.engine.state()
        assert state.elapsed >= self.was.elapsed - 1e-6
        assert state.position >= self.was.position - 1e-6
        self.was = state

    @invariant()
    def every_second_is_music_or_a_silence_that_is_told(self) -> None:
        state = self.engine.state()
        if not state_over(state):
            assert abs(state.elapsed - state.position - self.stood) < 0.02, (state, self.stood)
            assert abs(state.gap_seconds - self.unordered) < 0.02, (state.gap_seconds, self.unordered)

    @invariant()
    def what_was_heard_is_known(self) -> None:
        at = 0.0
        for each in sorted(self.engine.heard(), key=lambda heard: heard.start):
            assert each.start <= at + 0.11, each
            at = max(at, each.end)
        assert at > self.engine.state().position - 0.11  # what fades out is known to its end

    @invariant()
    def it_ends_only_where_it_may(self) -> None:
        if self.engine.over and not self.ended:
            end = max(cue.start + cue.duration for cue in self.engine.setlist.cues)
            assert self.was.position >= end - SHORT_OF_THE_END - STEP

    # --- how

    def _order(self, name: Name) -> bool:
        self.given += 1
        mode = self.engine.state().mode
        self.last, self.last_at = Order(name, f"order {self.given}"), self.now
        done = self.last_done = self.engine.order(self.last).done
        if self.engine.state().mode == "running" and mode != "running":
            self.sounds_since = self.now
        return done

    def _step(self, *, starved: bool = False) -> None:
        before = self.engine.state()
        block = self.engine.pull(round(STEP * RATE))
        self.now += STEP
        state = self.engine.state()
        assert np.abs(block).max() <= LOUDEST
        stood = STEP - (state.position - before.position)
        if before.mode == "paused" or state_over(state):
            self.stood += stood
        elif stood > 1e-6:
            assert starved, before
            self._stands(stood)
        running = before.mode == "running" and not state_over(state)
        if running and not starved and self.now - self.sounds_since > 0.5:
            assert np.abs(block).max() > AUDIBLE, before

    def _stands(self, seconds: float) -> None:
        self.stood += seconds
        if self.engine.state().mode != "paused":
            self.unordered += seconds

    def _is_heard(self, seconds: float) -> None:
        if self.engine.state().mode == "running":
            self.time_goes_by(seconds)


def state_over(state: State) -> bool:
    return state.mode == "ended"


def what_comes(snapshot: Snapshot) -> tuple[object, ...]:
    """What undo must restore."""
    return (
        [cue.id for cue in snapshot.coming],
        {phase: {cue.id for cue in ready} for phase, ready in snapshot.reserves.items()},
        snapshot.current.id if snapshot.current else None,
        snapshot.held,
        snapshot.grounding,
    )


TestAnySession = AnySession.TestCase
TestAnySession.settings = settings(
    deadline=None,
    max_examples=30,
    stateful_step_count=16,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
