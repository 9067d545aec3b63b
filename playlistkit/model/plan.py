"""The plan: slots in time, reserves, tail, score and certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playlistkit.model.findings import Shortfall
from playlistkit.model.session import Session
from playlistkit.model.template import Template
from playlistkit.model.tracks import SINGLE, Features, Track

__all__ = [
    "Certificate",
    "Plan",
    "PlannedPhase",
    "Reserve",
    "Score",
    "Slot",
]


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
    costs: Mapping[str, float] = field(default_factory=dict)
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
    terms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far the plan is from the best possible one."""

    within: float | None = None
    """The score exceeds the best possible by at most this share (0.02: 2 %); `None` if unknown."""
    proven: bool = False
    """Whether it is proven best within `scope`."""
    scope: str = ""
    """What "possible" covers: which candidates, at what time resolution."""


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """The answer: slots in time, the residuals, the reserves, the reasons."""

    name: str
    session: Session
    phases: tuple[PlannedPhase, ...]
    slots: tuple[Slot, ...]
    reserves: Mapping[str, tuple[Reserve, ...]] = field(default_factory=dict)
    """By phase name, best first; "grounding now": the fallback set."""
    tail: tuple[Slot, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    warnings: tuple[str, ...] = ()
    score: Score = Score(0.0)
    certificate: Certificate = Certificate()

    @property
    def template(self) -> Template:
        """The template that was planned, variants and minutes applied."""
        return self.session.template

    @property
    def duration(self) -> float:
        """Seconds from the first sound to the planned end; the tail comes after."""
        return self.slots[-1].end if self.slots else 0.0

    def __repr__(self) -> str:
        minutes = f"{self.duration / 60:.1f} min"
        return f"<Plan {self.name!r}: {len(self.slots)} tracks, {minutes}, score {self.score.total:.1f}>"

    def _repr_html_(self) -> str:
        """The plan for a notebook: the arc and a table."""
        from playlistkit.notebook import plan_html

        return plan_html(self)

    def to_records(self) -> list[dict[str, Any]]:
        """The slots and the tail as one flat dict each, ready for ``pandas.DataFrame``.

        Curves and timbre vectors are left out; ``None`` means not known.

        Returns
        -------
        list of dict
            With the slot's number, phase, start, duration, overlap, gain and reason, the track's id, path, uri, title,
            artist, album and isrc, and every feature that is one value.

        Examples
        --------
        >>> plan = pk.load_plan("session.json")
        >>> [(each["start"], each["phase"]) for each in plan.to_records()[:2]]
        [(0.0, 'arrival'), ...]
        """
        return [
            {
                "number": number,
                **{
                    name: getattr(slot, name)
                    for name in ("phase", "start", "duration", "overlap", "gain", "reason")
                },
                **{
                    name: getattr(slot.track, name)
                    for name in ("id", "path", "uri", "title", "artist", "album", "isrc")
                },
                **{name: getattr(slot.features, name) for name in SINGLE},
            }
            for number, slot in enumerate((*self.slots, *self.tail), 1)
        ]
