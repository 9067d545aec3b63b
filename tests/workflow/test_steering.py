"""The rest of a session planned again from how it was played."""

from __future__ import annotations

from pathlib import Path

from playlistkit.library import Library
from playlistkit.player import Heard, Snapshot
from playlistkit.workflow.build import candidates
from playlistkit.workflow.export import load_plan
from playlistkit.workflow.play import setlist
from playlistkit.workflow.steer import as_played, replanned


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
