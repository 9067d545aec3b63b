"""Rules that no order of the tracks keeps: what the nearest plan breaks, and what would have to be allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from playlistkit.facts.fact import Fact, listed
from playlistkit.figures import beside, counted, number

__all__ = [
    "ArtistConflict",
    "JoinConflict",
    "JoinPassed",
    "LengthConflict",
    "NoOrder",
    "NotAround",
    "NotSwapped",
    "PinConflict",
    "Reached",
]

STEPS: dict[str, tuple[str, int, float]] = {
    "loudness_up_limit": ("{} LU louder", 1, 0.5),
    "loudness_down_limit": ("{} LU softer", 1, 0.5),
    "energy_step_limit": ("{} apart in energy", 2, 0.01),
    "silence_limit": ("{} s of silence", 0, 1.0),
}
"""For each limit on joins: words, decimals, and the step in which a wider one is asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class NoOrder(Fact):
    """There is enough music, and no cause was found."""

    def __str__(self) -> str:
        return (
            "The library holds enough minutes for each phase, but no order of its tracks was found that keeps the "
            "rules, even with wider limits on joins, earlier and later ends of phases and more tracks of one artist. "
            "Add music."
        )


@dataclass(frozen=True, slots=True, eq=False)
class Reached(Fact):
    """How far the session can be planned with the rule kept."""

    phase: str
    """The last phase that can; with no minutes, the first one, which can't."""
    minutes: float
    wanted: float
    """Of the whole session."""

    def __str__(self) -> str:
        if not self.minutes:
            return f"With the rule kept, not even {self.phase} could be planned."
        return (
            f"With the rule kept, the session reaches the end of {self.phase}, {round(self.minutes, 1):g} of "
            f"{round(self.wanted, 1):g} min."
        )


@dataclass(frozen=True, slots=True, eq=False)
class JoinPassed(Fact):
    """A limit on joins that the nearest plan passes."""

    name: str
    """The limit's key: "loudness_up_limit" and so on."""
    most: float
    limit: float
    phase: str
    """Into which the worst join leads."""
    times: int

    @property
    def remedy(self) -> str:
        """What would have to be allowed, as it is typed."""
        if self.name == "silence_limit":
            return 'the player "render", which plays the sound alone'
        grain = STEPS[self.name][2]
        return f"{self.name}: {math.ceil(self.most / grain) * grain:g}"

    def __str__(self) -> str:
        words, digits, _ = STEPS[self.name]
        step = words.format(beside(self.most, self.limit, digits=digits))
        times = "once" if self.times == 1 else f"{self.times} times"
        return f"{step} into {self.phase} ({number(self.limit)} is the limit, passed {times})"


@dataclass(frozen=True, slots=True, eq=False)
class JoinConflict(Fact):
    """No order keeps the limits on joins."""

    passed: tuple[JoinPassed, ...]
    reached: Reached
    levelled: bool = True
    """Whether tracks are levelled as they play; else `render` can make steps in loudness small."""

    def __str__(self) -> str:
        keys = [each.remedy for each in self.passed if each.name != "silence_limit"]
        remedies = [f"{' and '.join(keys)} in rules: join of the template"] if keys else []
        remedies += [each.remedy for each in self.passed if each.name == "silence_limit"]
        steps = not self.levelled and any(each.name.startswith("loudness") for each in self.passed)
        levelling = (
            ' The player "render" also levels the tracks, which makes steps in loudness smaller.'
            if steps
            else ""
        )
        return (
            "There are enough minutes for each phase, but no order of the tracks was found that keeps the limits on "
            f"joins. The nearest found is {'; '.join(map(str, self.passed))}. It would work with "
            f"{' and '.join(remedies)}, or with music whose loudness and energy lie between.{levelling} {self.reached}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class LengthConflict(Fact):
    """No sum of the tracks' lengths ends a phase on time."""

    phase: str
    minutes: float
    residual: float
    """Seconds by which the nearest plan ends it; late is positive."""
    tolerance: float
    few: tuple[float, ...]
    """Minutes of the tracks that may play in it, if they are few."""
    instead: float | None
    """Minutes to ask for instead; `None` if the template doesn't allow them."""

    def __str__(self) -> str:
        miss, only = abs(self.residual), ""
        if self.few:
            which, last = (
                ("only track that may play", "lasts")
                if len(self.few) == 1
                else ("tracks that may play", "last")
            )
            only = f" (the {which} in it {last} {listed([f'{each:.1f}' for each in self.few])} min)"
        instead = "" if self.instead is None else f", with {self.instead:g} minutes of {self.phase}"
        span = f"{miss:.0f} s" if miss < 120 else f"{miss / 60:.1f} min"
        return (
            f"The lengths of the tracks don't add up to the {self.minutes:g} min of {self.phase}{only}: the nearest "
            f"plan found ends it {span} {'late' if self.residual > 0 else 'early'}; {self.tolerance:g} s are allowed. "
            f"It would work with boundary_tolerance: {math.ceil(miss / 5) * 5} in {self.phase}{instead}, or with "
            "tracks of other lengths."
        )


@dataclass(frozen=True, slots=True, eq=False)
class ArtistConflict(Fact):
    """The music is by too few artists."""

    often: tuple[str, int, int] | None
    """Who would have to play too often, how often, and the most allowed."""
    running: tuple[str, tuple[str, ...]] | None
    """Who would have to play twice running, and the phases in which somebody does."""
    reached: Reached

    def __str__(self) -> str:
        told, remedies = [], []
        if self.often is not None:
            people, times, most = self.often
            told.append(f"{people} {times} times; {most} are allowed")
            remedies.append(f"artist: {{max: {times}}} in the rules")
        if self.running is not None:
            people, phases = self.running
            told.append(f"{people} twice running in {listed(phases)}")
            remedies.append(f"album_runs: true in {listed(phases)}")
        return (
            "There are enough minutes for each phase, but by too few artists: the nearest plan found plays "
            f"{'; '.join(told)}. It would work with {' and '.join(remedies)}, or with music by others. {self.reached}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class PinConflict(Fact):
    """A pin prevents a plan."""

    title: str
    phase: str
    fixed: Literal["anywhere", "phase", "time"]
    """What the pin says of the place."""
    minute: float = 0.0

    def __str__(self) -> str:
        where = {
            "anywhere": "",
            "phase": f" in {self.phase}",
            "time": f" at minute {self.minute:.0f}, in {self.phase}",
        }[self.fixed]
        return (
            f"With {self.title} pinned{where}, no order of the other tracks keeps the joins and the ends of the phases; "
            "without that pin there is a plan. Pin it elsewhere, or leave its place open."
        )


@dataclass(frozen=True, slots=True, eq=False)
class NotSwapped(Fact):
    """No plan holds the wanted track in the wanted slot."""

    title: str
    number: int
    """Of the slot, from 1."""
    phase: str

    def __str__(self) -> str:
        return (
            f"No plan was found with {self.title} as track {self.number}, in {self.phase}, that keeps the joins and the "
            "ends of phases."
        )


@dataclass(frozen=True, slots=True, eq=False)
class NotAround(Fact):
    """Nothing else fits around the locked tracks."""

    locked: int

    def __str__(self) -> str:
        return (
            f"No other tracks were found that fit around {counted(self.locked, 'locked track')}. Unlock some, add music, or "
            "swap single tracks."
        )
