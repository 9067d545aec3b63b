"""What a library lacks, as it is told: near-identical lines together, and one number for one thing."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_libraries import five_phases, made_library

from playlistkit import planner
from playlistkit.model import Diagnosis, PhaseSupply, Rule, Session, Shortfall
from playlistkit.workflow.planning.shortfalls import minutes_in_all, shortfall_lines

SUPPLY = tuple(
    PhaseSupply(name, 30.0, 12.0, 10.0, (), lacking)
    for name, lacking in (("arrival", 20.0), ("peak", 0.2), ("return", 30.0))
)
WHY = Diagnosis((), SUPPLY, ((Rule("peak", "energy"), 21.5), (Rule("", "artist"), 9.0)), (), ())


def test_several_phases_that_lack_minutes_are_told_together_with_what_would_help() -> None:
    short = tuple(Shortfall(each.phase, each.lacking, "energy", f"{each.phase}.") for each in WHY.supply)
    lines = shortfall_lines(short, WHY)
    assert lines[0] == (
        "arrival lacks 20.0 of its 30 min, peak lacks 0.2 of its 30 min and return lacks 30.0 of its 30 min."
    )
    assert "they compete for it" in lines[1]
    assert "widening peak's limits on energy 21.5; allowing more tracks of one artist 9.0" in lines[2]
    assert shortfall_lines(short[:2], WHY) == ("arrival.", "peak.")


@given(count=st.integers(5, 60), seed=st.integers(0, 10_000), minutes=st.integers(40, 160))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_lack_is_the_same_number_wherever_it_is_told(count: int, seed: int, minutes: int) -> None:
    why = planner.explain(Session(five_phases(minutes)), made_library(count, seed=seed))
    told = " ".join(shortfall_lines(why.shortfalls, why))
    single = " ".join(each.text for each in why.shortfalls)
    for text in (told, single):
        for phase, lacking, wanted in re.findall(r"(\w+) lacks ([\d.]+) of its ([\d.]+) min", text):
            supply = next(each for each in why.supply if each.phase == phase)
            assert float(lacking) > 0
            assert abs(float(lacking) - supply.lacking) < 0.06
            assert abs(float(wanted) - supply.wanted) < 0.06
    parts = re.findall(r"\w+ lacks ([\d.]+) of its", single)
    if len(parts) == sum(each.lacking > 0 for each in why.supply):  # none lacks all, told without a number
        assert f"{sum(map(float, parts)):.1f} of {minutes}" == minutes_in_all(why)
    for short in why.shortfalls:
        assert abs(short.minutes - next(e.lacking for e in why.supply if e.phase == short.phase)) < 1e-6 or (
            short.rule in ("join", "artist", "duration", "pin", "supply")
        )
