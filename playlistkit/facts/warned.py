"""What a plan warns of."""

from __future__ import annotations

from dataclasses import dataclass

from playlistkit.facts.fact import Fact, late
from playlistkit.figures import beside, number
from playlistkit.names import sentence

__all__ = [
    "ChosenAgainst",
    "EndMoved",
    "EndsBeyond",
    "GroundingShort",
    "HasWords",
    "NoLastSession",
    "PinnedAgainst",
    "RiseInHold",
    "Shorter",
    "TailShort",
    "VoiceUnknown",
    "Warned",
]


@dataclass(frozen=True, slots=True, eq=False)
class Warned(Fact):
    """A finding with its place, as a plan warns of it."""

    about: Fact | str
    where: str = ""
    """The track or join; "" if the finding names its place itself."""
    title: str = ""
    """The track's title."""

    def __str__(self) -> str:
        if not self.where:
            return sentence(str(self.about))
        return f"{sentence(self.where)}{', ' if self.title else ''}{self.title}: {self.about}"


@dataclass(frozen=True, slots=True, eq=False)
class VoiceUnknown(Fact):
    """Somebody may sing where the phase restricts it."""

    phase: str

    def __str__(self) -> str:
        return f"nobody knows whether anyone sings in it, in {self.phase}."


@dataclass(frozen=True, slots=True, eq=False)
class HasWords(Fact):
    """A track has words where the phase restricts them."""

    phase: str

    def __str__(self) -> str:
        return f"it has words, in {self.phase}; keep it only if the client doesn't know their language."


@dataclass(frozen=True, slots=True, eq=False)
class EndsBeyond(Fact):
    """A phase ends later or earlier than allowed."""

    phase: str
    residual: float
    """Seconds; late is positive."""
    tolerance: float

    def __str__(self) -> str:
        return (
            f"{self.phase} ends {late(self.residual, self.tolerance)}, beyond the {number(self.tolerance)} s allowed: "
            "no plan was found that ends it nearer."
        )


@dataclass(frozen=True, slots=True, eq=False)
class RiseInHold(Fact):
    """Energy rises for too long around a reading."""

    phase: str
    rise: float
    """Minutes."""
    longest: float
    """Minutes allowed."""
    minute: float
    note: str | None

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return (
            f"{self.phase}: energy rises for {beside(self.rise, self.longest, digits=1)} min without a break around "
            f"minute {self.minute:.0f}{note}, longer than the {number(self.longest)} min allowed."
        )


@dataclass(frozen=True, slots=True, eq=False)
class NoLastSession(Fact):
    """A phase repeats the client's last session, and there is none."""

    phase: str

    def __str__(self) -> str:
        return f"{self.phase} would draw on the client's last session; none is known, so it plays any music."


@dataclass(frozen=True, slots=True, eq=False)
class PinnedAgainst(Fact):
    """A pinned track breaks rules of its phase."""

    broken: tuple[Fact, ...]

    def __str__(self) -> str:
        return f"Pinned against a rule: {' '.join(map(str, self.broken))}"


@dataclass(frozen=True, slots=True, eq=False)
class ChosenAgainst(Fact):
    """A track chosen by hand breaks a rule of its phase."""

    broken: Fact

    def __str__(self) -> str:
        return f"Chosen against a rule: {self.broken}"


@dataclass(frozen=True, slots=True, eq=False)
class TailShort(Fact):
    """The tail is shorter than the template asks."""

    minutes: float
    wanted: float

    def __str__(self) -> str:
        return f"The tail after the end has {_of(self.minutes, self.wanted)}: no more gentle music is left."


@dataclass(frozen=True, slots=True, eq=False)
class GroundingShort(Fact):
    """The set for grounding now is shorter than the template asks."""

    minutes: float
    wanted: float

    def __str__(self) -> str:
        return (
            f"The set for grounding now has {_of(self.minutes, self.wanted)}: no more music is left that is quiet, "
            "steady and without voice."
        )


def _of(minutes: float, wanted: float) -> str:
    """So many of the minutes wanted."""
    return f"{beside(minutes, 0.0, wanted, digits=0) if minutes else 'none'} of {number(wanted)} min"


@dataclass(frozen=True, slots=True, eq=False)
class EndMoved(Fact):
    """The session's end moves, because no later phase can gain or lose the minutes."""

    phase: str
    """The last phase."""
    seconds: float
    """Later is positive."""

    def __str__(self) -> str:
        side = "later" if self.seconds > 0 else "earlier"
        return (
            f"No phase after {self.phase} can make up for it: the session ends {abs(self.seconds) / 60:.0f} min "
            f"{side}."
        )


@dataclass(frozen=True, slots=True, eq=False)
class Shorter(Fact):
    """A best effort shortened the session."""

    minutes: float
    """Of the whole session."""
    wanted: float
    phases: tuple[tuple[str, float, float], ...]
    """Name, minutes and minutes wanted of each phase that is shorter."""

    def __str__(self) -> str:
        parts = [
            f"{name} {minutes:g} of {wanted:g} min" if minutes else f"no {name}"
            for name, minutes, wanted in self.phases
        ]
        return (
            f"The session is shorter than the template, {self.minutes:.0f} of {self.wanted:.0f} min: "
            f"{', '.join(parts)}. There is no more music that may be played."
        )
