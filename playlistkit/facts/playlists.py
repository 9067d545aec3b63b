"""What is wrong with a sequence of slots: joins, ends of phases, repeats, works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playlistkit.facts.fact import Fact, late
from playlistkit.figures import beside, number

__all__ = [
    "JoinStep",
    "OpeningSilence",
    "OtherRecording",
    "PhaseEmpty",
    "PhaseEnd",
    "PlayedAlready",
    "TooMuchVoice",
    "TooOften",
    "TwiceRunning",
    "WorkBroken",
]


@dataclass(frozen=True, slots=True, eq=False)
class JoinStep(Fact):
    """A change at a join passes a wish or a limit."""

    before: str
    """Title of the track that ends."""
    after: str
    step: Literal["louder", "softer", "energy", "silence"]
    value: float
    """LU, energy or seconds."""
    wish: float
    limit: float
    breaks: bool
    """Whether it passes the limit."""

    @property
    def brief(self) -> str:
        """Without the titles, for a place where they stand already."""
        digits = 2 if self.step == "energy" else 1
        value = beside(self.value, self.wish, self.limit, digits=digits)
        step = {
            "louder": f"begins {value} LU louder",
            "softer": f"begins {value} LU softer",
            "energy": f"steps by {value} in energy",
            "silence": f"{value} s of silence",
        }[self.step]
        bounds = f"{number(self.wish)} is the wish, {number(self.limit)} the limit"
        return f"{step}; {bounds}{' (passed)' if self.breaks else ''}."

    def __str__(self) -> str:
        colon = ":" if self.step == "silence" else ""
        return f"{self.before} to {self.after}{colon} {self.brief}"


@dataclass(frozen=True, slots=True, eq=False)
class OpeningSilence(Fact):
    """The session begins with more silence than is wished or allowed between two tracks."""

    title: str
    seconds: float
    wish: float
    limit: float
    breaks: bool
    """Whether it passes the limit."""

    def __str__(self) -> str:
        seconds = beside(self.seconds, self.wish, self.limit, digits=1)
        bounds = f"{number(self.wish)} is the wish, {number(self.limit)} the limit"
        passed = " (passed)" if self.breaks else ""
        return f"The session begins with {seconds} s of silence, before {self.title}; {bounds}{passed}."


@dataclass(frozen=True, slots=True, eq=False)
class PhaseEmpty(Fact):
    """A phase has no track."""

    phase: str
    minutes: float

    @property
    def brief(self) -> str:
        """Without the full stop, for a list."""
        return f"{self.phase} ({self.minutes:g} min) has no track"

    def __str__(self) -> str:
        return f"{self.brief}."


@dataclass(frozen=True, slots=True, eq=False)
class PhaseEnd(Fact):
    """A phase ends too late or too early."""

    phase: str
    residual: float
    """Seconds; late is positive."""
    tolerance: float

    @property
    def brief(self) -> str:
        """Without what is allowed, for a list."""
        return f"{self.phase} ends {late(self.residual, self.tolerance)}"

    def __str__(self) -> str:
        return f"{self.brief}; the template allows {number(self.tolerance)} s."


@dataclass(frozen=True, slots=True, eq=False)
class TooMuchVoice(Fact):
    """A phase has more minutes of voice than its share allows."""

    phase: str
    sung: float
    """Minutes."""
    length: float
    share: float

    def __str__(self) -> str:
        sung = beside(self.sung, self.share * self.length, digits=1)
        return (
            f"{self.phase} has a voice for {sung} of its {number(self.length)} min; {self.share:.0%} of them is "
            "the limit."
        )


@dataclass(frozen=True, slots=True, eq=False)
class PlayedAlready(Fact):
    """A track, or another version of it, plays twice."""

    title: str
    earlier: int
    """Number of the earlier track, from 1."""

    def __str__(self) -> str:
        return f"{self.title} was already played as track {self.earlier}."


@dataclass(frozen=True, slots=True, eq=False)
class TwiceRunning(Fact):
    """The same people play twice running."""

    people: str

    def __str__(self) -> str:
        return f"{self.people} plays twice running."


@dataclass(frozen=True, slots=True, eq=False)
class TooOften(Fact):
    """The same people play more often than the rules allow."""

    people: str
    most: int

    def __str__(self) -> str:
        return f"{self.people} plays more than {self.most} times."


@dataclass(frozen=True, slots=True, eq=False)
class WorkBroken(Fact):
    """Movements of one work don't play in order and together."""

    title: str
    other: str
    """Title of the movement before it."""
    number: int
    """That movement's number in the playlist, from 1."""
    apart: bool
    """Whether others play between them; otherwise they are out of order."""

    def __str__(self) -> str:
        return (
            f"{self.title} and {self.other} (track {self.number}) are movements of one work, "
            f"{'apart' if self.apart else 'out of order'}; play them in order and together, or one of them."
        )


@dataclass(frozen=True, slots=True, eq=False)
class OtherRecording(Fact):
    """The same music plays again, in another recording."""

    title: str
    earlier: int
    """Number of the earlier track, from 1."""

    def __str__(self) -> str:
        return f"{self.title} is the same music as track {self.earlier}, in another recording."
