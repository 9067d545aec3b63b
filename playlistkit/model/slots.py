"""What a plan is made of: slots, phases on the clock, reserves, score and certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playlistkit.model.tracks import Features, Track

__all__ = ["Certificate", "PlannedPhase", "Reserve", "Score", "Slot"]


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """Where a phase lies, in seconds from the session's start."""

    name: str
    start: float
    end: float
    target_start: float
    target_end: float
    residual: float
    """`end - target_end`: late is positive."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One track at one time in one phase."""

    phase: str
    """The phase's name; "tail" after the planned end."""
    start: float
    """Seconds from the session's start at which the track begins to play."""
    duration: float
    """Seconds it plays, including its overlap with the next."""
    track: Track
    features: Features = Features()
    overlap: float = 0.0
    """Seconds during which it sounds together with the next slot."""
    gain: float = 0.0
    """dB."""
    reason: str = ""
    """Why it is here, in one sentence."""
    costs: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Points it adds to each term of the objective."""
    bends: tuple[str, ...] = ()
    """The rules it breaks under `best_effort`, in words."""

    @property
    def end(self) -> float:
        """Seconds from the session's start at which it stops sounding."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Reserve:
    """A track held ready for a phase, if a slot must be changed in the session."""

    track: Track
    features: Features = Features()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """The plan under the objective: lower is better, 0 is perfect."""

    total: float
    terms: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far the plan is from the best possible one."""

    within: float | None = None
    """The score exceeds the best possible by at most this share (0.02: 2 %); `None` if unknown."""
    proven: bool = False
    """Whether it is proven best within `scope`."""
    scope: str = ""
    """What "possible" covers: which candidates, at what time resolution."""
