"""The rest of a session planned again from how it was played."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from playlistkit.library import Library
from playlistkit.model import Plan
from playlistkit.player import Answer, Heard, Name, Setlist, Snapshot, State
from playlistkit.player.engine import Engine
from playlistkit.player.reading import Files
from playlistkit.workflow.output.export import load_plan
from playlistkit.workflow.planning.build import candidates
from playlistkit.workflow.session.play import plan_of, setlist
from playlistkit.workflow.session.steer import Steering, as_played, replanned


def test_a_tail_that_came_early_counts_as_the_last_phase_and_the_rest_is_planned_after_it(
    demo_folder: Path,
) -> None:
    """As after a jump to grounding: all that was planned is used up long before the planned end."""
    plan = load_plan(demo_folder / "session.json")
    asked = setlist(plan)
    (first, *_), (tail, *_) = asked.cues, asked.tail
    heard = (Heard(first, 0.0, 60.0), Heard(tail, 60.0, 70.0, "tail"))
    snapshot = Snapshot(asked, (), {}, "running", 3, 70.0, 70.0, 0.0, False, False, tail, 10.0, "tail", heard)
    done = as_played(plan, snapshot)
    assert [slot.phase for slot in done] == [plan.phases[0].name, plan.phases[-1].name]
    with Library(demo_folder / "library.db") as library:
        music = candidates(library, plan.session, None)
    again = replanned(plan, snapshot, music, "skip", 0.0)
    assert [slot.track.id for slot in again.slots[:2]] == [first.id, tail.id]
    assert len(again.slots) > 2


class Playing:
    """A player in this process, whose clock stands still. Another face may do something `before` it shows its snapshot."""

    def __init__(self, plan: Plan, library: Path) -> None:
        self.place, self._library = self, library
        self.engine = Engine(setlist(plan), Files(), lambda: 0.0, patience=30.0)
        while self.engine.state().position < 5.0:
            self.engine.work()
            self.engine.pull(4800)
        self.before: list[Callable[[], object]] = []

    def options(self) -> dict[str, str]:
        return {"library": str(self._library)}

    def state(self) -> State:
        return self.engine.state()

    def snapshot(self) -> Snapshot:
        found = self.engine.snapshot()
        while self.before:
            self.before.pop()()
        return found

    def revise(self, made: Setlist, order: Name, *, replaces: int) -> Answer:
        return self.engine.revise(made, order, replaces=replaces)


def test_of_two_orders_at_once_from_two_faces_neither_takes_the_other_back(demo_folder: Path) -> None:
    plan = load_plan(demo_folder / "session.json")
    remote = Playing(plan, demo_folder / "library.db")
    one, other = Steering(remote), Steering(remote)  # type: ignore[arg-type]
    done = Answer(True, "", 3)
    one.follow("resume", done)  # which reads the library and finds nothing to do
    answers: list[Answer | None] = []
    remote.before = [lambda: answers.append(other.follow("gentler", done))]
    answers.append(one.follow("more", done, minutes=2.0))
    assert [answer and answer.text for answer in answers] == ["The rest was replanned."] * 2
    assert remote.state().setlist == 2
    played = plan_of(remote.snapshot())
    assert played.phases[0].end - plan.phases[0].end == pytest.approx(120.0, abs=60.0)
    asked, now = (each.session.template.phases[-1].energy[-1][1] for each in (plan, played))
    assert now < asked


class Paused:
    """A player that was paused for an hour, over a library that can't be read."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.place = self
        self._asked, self._folder = setlist(plan), folder

    def options(self) -> dict[str, str]:
        return {"library": str(self._folder)}  # a folder is no library

    def snapshot(self) -> Snapshot:
        cues = self._asked.cues
        heard = (Heard(cues[0], 0.0, 60.0),)
        asked = self._asked
        return Snapshot(
            asked, (), {}, "running", 3, 60.0, 60.0, 0.0, False, False, cues[0], 60.0, "tail", heard
        )

    def state(self) -> State:
        cue = self._asked.cues[0]
        return State("running", 3, 3660.0, 60.0, 9_000.0, cue.phase, "tail", now=cue, next=cue, next_in=600.0)


def test_an_order_stands_where_the_library_can_t_be_read(demo_folder: Path, tmp_path: Path) -> None:
    """Resuming asks how far the end has moved, for which the plan is wanted: that is no reason to fail."""
    remote = Paused(load_plan(demo_folder / "session.json"), tmp_path)
    followed = Steering(remote).follow("resume", Answer(True, "", 3))  # type: ignore[arg-type]
    assert followed is not None
    assert not followed.done
    assert followed.text.endswith("the old plan goes on.")
