"""Whatever is ordered and whatever fails: the music goes on, ends, and every second of it is in the record."""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from made_sessions import Files, Played, setlist
from silences import longest_silence

from playlistkit.player.values import NAMES, Name, Snapshot, from_json, to_json

PLAN = setlist(tracks=1, seconds=24.0, reserves=1)
IDS = [cue.id for cue in (*PLAN.cues, *PLAN.grounding)] + [f"{phase}-r0" for phase in PLAN.reserves]
ORDERS = [name for name in NAMES if name not in ("pause", "quiet", "end")]


@settings(deadline=None, max_examples=12, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    st.lists(st.tuples(st.floats(1.6, 18.0), st.sampled_from(ORDERS)), max_size=10),
    st.dictionaries(st.sampled_from(IDS), st.sampled_from(["away", "broken"]), max_size=6),
    st.dictionaries(st.sampled_from(IDS), st.floats(5.0, 23.0), max_size=3),
    st.integers(0, 9),
)
def test_no_order_and_no_fault_makes_a_gap_or_a_second_that_nobody_recorded(
    orders: list[tuple[float, Name]], faults: dict[str, str], fails_at: dict[str, float], dies_after: int
) -> None:
    files = Files(faults=dict(faults), fails_at=fails_at)  # type: ignore[arg-type]
    played = Played(PLAN, files).run(1.0)
    for k, (seconds, name) in enumerate(orders):
        played.run(seconds)
        played.order(name)
        if k == dies_after:
            kept = from_json(Snapshot, to_json(played.engine.snapshot()))
            before, played = played, Played(PLAN, files, saved=kept)
            assert longest_silence(before.sound) < 0.15
    for _ in range(2):  # whatever is held or grounded goes on
        played.run(2.0)
        played.order("resume")
    played.run(300)
    if played.engine.state().grounding:  # nothing is left to go back to
        played.order("end")
        played.run(20)
    assert played.engine.over
    sound = played.sound
    assert longest_silence(sound) < 0.2  # but for the fade-in's first tenth, and the end's last
    at = 0.0
    for each in sorted(played.engine.heard(), key=lambda heard: heard.start):
        assert each.start <= at + 0.1, each
        at = max(at, each.end)
    assert abs(at - played.engine.state().position) < 0.1
