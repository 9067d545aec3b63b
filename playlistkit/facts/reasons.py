"""Why a slot or a reserve is where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playlistkit.facts.fact import Fact

__all__ = [
    "AfterTheEnd",
    "CalmAndSmooth",
    "CalmestKnown",
    "Follows",
    "ForGrounding",
    "FromTheSet",
    "HeldReady",
    "OnCurve",
    "Rival",
    "SlotReason",
]

CHANGES = {"loudness": "loudness", "energy": "energy", "tempo": "tempo", "key": "key", "timbre": "sound"}
"""Words for the parts of a join's roughness."""


@dataclass(frozen=True, slots=True, eq=False)
class OnCurve(Fact):
    """How the slot's energy lies to the curve."""

    energy: float | None
    """As heard; `None` if unknown."""
    wanted: float

    def __str__(self) -> str:
        if self.energy is None:
            return "Energy unknown"
        miss = self.energy - self.wanted
        if abs(miss) < 0.02:
            return f"Energy {self.energy:.2f}, on the curve"
        side = "above" if miss > 0 else "below"
        return f"Energy {self.energy:.2f}, {abs(miss):.2f} {side} the curve's {self.wanted:.2f}"


@dataclass(frozen=True, slots=True, eq=False)
class Follows(Fact):
    """How the slot follows the one before."""

    title: str
    """Of the track before."""
    manner: Literal["smooth", "change", "contrast"]
    changes: tuple[str, ...] = ()
    """The parts of the join that change most, biggest first."""
    loudness_step: float | None = None
    """LU; up is positive."""
    energy_step: float | None = None

    def __str__(self) -> str:
        manner = "smoothly" if self.manner == "smooth" else f"with a {self.manner}"
        if self.changes:
            manner += f" of {' and '.join(CHANGES[part] for part in self.changes)}"
        steps = []
        if self.loudness_step is not None:
            louder = f"{self.loudness_step:+.1f} LU"
            steps.append("as loud" if louder[1:] == "0.0 LU" else louder)
        if self.energy_step is not None:
            steps.append(f"energy step {self.energy_step:.2f}")
        return f"follows {self.title} {manner}" + (f" ({', '.join(steps)})" if steps else "")


@dataclass(frozen=True, slots=True, eq=False)
class Rival(Fact):
    """The track that the slot was chosen over."""

    title: str
    worse: float
    """Points by which it costs more in this slot; negative if it costs less."""
    close: bool
    """Whether the difference is too small to hear."""

    def __str__(self) -> str:
        if self.worse < 0:
            return f"{self.title} fits as well here, but would harm another phase's end or an artist's gap"
        if self.close:
            return f"{self.title} comes a close second"
        return f"chosen over {self.title}, {self.worse:.1f} points worse"


@dataclass(frozen=True, slots=True, eq=False)
class SlotReason(Fact):
    """Why a slot is where it is."""

    curve: OnCurve
    follows: Follows | None = None
    pinned: bool = False
    rival: Rival | None = None
    costs: tuple[tuple[str, float], ...] = ()
    """Other terms that cost enough to mention: what each is for, in the term's own words, and its points."""

    def __str__(self) -> str:
        parts = [self.curve, self.follows, "pinned" if self.pinned else None, self.rival]
        told = [str(part) for part in parts if part is not None]
        told += [f"{points:.1f} points for {term}" for term, points in self.costs]
        return f"{'; '.join(told)}."


@dataclass(frozen=True, slots=True, eq=False)
class HeldReady(Fact):
    """How well a reserve fits its phase."""

    energy: float
    phase: str
    level: float
    """The phase's mean energy."""
    fitting: int
    """Joins with the phase's tracks that stay within the limits."""
    joins: int

    def __str__(self) -> str:
        return (
            f"Energy {self.energy:.2f} where {self.phase} averages {self.level:.2f}; {self.fitting} of {self.joins} "
            "joins with the phase's tracks stay within the limits."
        )


@dataclass(frozen=True, slots=True, eq=False)
class ForGrounding(Fact):
    """A track of the set for grounding now."""

    energy: float

    def __str__(self) -> str:
        return f"Energy {self.energy:.2f}, no voice, soft onsets: for grounding at any moment."


@dataclass(frozen=True, slots=True, eq=False)
class AfterTheEnd(Fact):
    """A track of the tail."""

    def __str__(self) -> str:
        return "After the end: gentle, so that it never falls silent."


@dataclass(frozen=True, slots=True, eq=False)
class FromTheSet(Fact):
    """Grounding now, with the plan's own set."""

    def __str__(self) -> str:
        return "Grounding now: from the fallback set."


@dataclass(frozen=True, slots=True, eq=False)
class CalmAndSmooth(Fact):
    """Grounding now, with calm music of the library."""

    def __str__(self) -> str:
        return "Grounding now: calm, and the smoothest after what plays before it."


@dataclass(frozen=True, slots=True, eq=False)
class CalmestKnown(Fact):
    """Grounding now, with a track played before."""

    def __str__(self) -> str:
        return "Grounding now: the calmest there is, though it was played before."
