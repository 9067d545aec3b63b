"""The template: the arc of a session, with its phases, wishes and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "PHASES",
    "EnergyLimit",
    "Hold",
    "InsideRules",
    "JoinRules",
    "Minutes",
    "Phase",
    "Range",
    "Repeats",
    "Rules",
    "Template",
    "Variant",
    "VocalsRule",
]

VocalsRule = Literal["none", "wordless", "any"]
"""What a phase allows: no voice, voice without words, anything."""

Repeats = Literal["never", "allowed", "last session"]
"""Whether a phase takes tracks of the client's earlier sessions: not at all, as well, or those of the last only."""

PHASES = ("arrival", "onset", "peak", "return", "grounding")
"""The five phases that every template's phases stand for."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """How long a phase lasts: a plan aims at `default`; `least` and `most` bound what may be asked for."""

    default: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest and highest value that is allowed; `None` leaves that side open."""

    low: float | None = None
    high: float | None = None

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, (int, float)):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class EnergyLimit:
    """How far a track's energy may lie outside the phase's targets at most: too much is worse than too little."""

    up: float = 0.20
    down: float = 0.30


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch of a phase where nothing may rise or startle, such as the blood pressure reading."""

    minute: float
    """Its middle, in minutes after the phase begins."""
    around: float = 5.0
    """Minutes before and after the middle."""
    note: str | None = None
    rise_minutes: float = 3.0
    """The longest that energy should rise without a break within it."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of the arc."""

    name: str
    minutes: Minutes
    energy: tuple[tuple[float, float], ...]
    """Points (fraction of the phase 0 to 1, energy 0 to 1), ascending; straight lines between them."""
    stands_for: str = ""
    """Which of the five `PHASES` it is; the reader fills it in from the name where that is one of them."""
    energy_tolerance: float = 0.12
    """How far a track's energy should lie outside the lowest and highest target of the phase (reported when exceeded)."""
    energy_limit: EnergyLimit | None = None
    """How far it may (barred beyond); never less than the tolerance. `None`: no further than the tolerance."""
    energy_max: float | None = None
    """No track may be fuller than this anywhere, in means of 30 s (barred)."""
    tempo: tuple[float, float] | None = None
    """BPM, lowest and highest (soft, weighed by pulse clarity)."""
    loudness: float | None = None
    """LUFS as played. A wish under `files` and `spotify`; the gain aims at it under `render`."""
    loudness_range: Range = Range()
    """LU within a track (a wish)."""
    loudness_range_limit: Range = Range()
    """The same, barred beyond; where known, as for the others."""
    vocals: VocalsRule = "any"
    """What any number of the phase's tracks may have."""
    vocals_share: float = 0.0
    """Share of the phase's minutes, 0 to 1, in which voice beyond `vocals` is allowed: `vocals_beyond`."""
    vocals_beyond: VocalsRule = "any"
    """What is allowed within `vocals_share`."""
    brightness: Range = Range()
    """A wish."""
    brightness_limit: Range = Range()
    percussiveness: Range = Range()
    """A wish."""
    percussiveness_limit: Range = Range()
    boundary_tolerance: float | None = None
    """Seconds by which the end of this phase may miss its target; `None`: as in the rules."""
    album_runs: bool = False
    """Whether one artist may play twice running here."""
    repeats: Repeats = "never"
    """Whether tracks of the client's earlier sessions may come again here. "last session": only those of the
    last one, in their order, where one is remembered; how calm they must be, the phase's energy says."""
    music: Literal["on", "optional"] = "on"
    """`optional`: the phase may be left out (`--minutes PHASE=0`)."""
    hold: Hold | None = None
    note: str | None = None
    """What the room does."""
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each key of the phase, its source tags (docs/evidence.md) or "judgement"."""


@dataclass(frozen=True, slots=True)
class JoinRules:
    """What a join may do. The limits are hard, the others are reported when exceeded."""

    loudness_up: float = 3.0
    """LU that one track may begin louder than the one before it ends."""
    loudness_up_limit: float = 6.0
    loudness_down: float = 5.0
    loudness_down_limit: float = 10.0
    energy_step: float = 0.15
    energy_step_limit: float = 0.25
    silence: float = 4.0
    """Seconds in which nothing sounds between two tracks."""
    silence_limit: float = 10.0


@dataclass(frozen=True, slots=True)
class InsideRules:
    """What may happen within a track. What passes a limit is barred, what passes a wish is told and costs."""

    silence: float = 4.0
    """Seconds in which nothing sounds between two sounds."""
    silence_limit: float = 10.0
    jolt: float = 10.0
    """LU by which loudness jumps within half a second over all that was heard in the ten seconds before."""
    jolt_limit: float = 18.0
    swell: float = 15.0
    """LU by which loudness rises over ten seconds."""
    swell_limit: float = 30.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds in the whole session."""

    join: JoinRules = JoinRules()
    inside: InsideRules = InsideRules()
    track_minutes: Range = Range(2.5, 30.0)
    """Shortest and longest track, in minutes (barred outside)."""
    works: Literal["together", "free"] = "together"
    """Whether movements of one work come in their order and right after each other, or as they like."""
    artist_max: int = 3
    """Tracks of one artist in a session (hard)."""
    artist_apart_minutes: float = 30.0
    """Wished gap between two tracks of one artist (soft)."""
    overlap: float = 0.0
    """Seconds of crossfade that the player is set to."""
    tail_minutes: float = 20.0
    """Music after the planned end."""
    grounding_now_minutes: float = 20.0
    """Calm music held ready for "grounding now"."""
    boundary_tolerance: float = 15.0
    """Seconds by which a phase's end may miss its target."""
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each key of the rules, its source tags (docs/evidence.md) or "judgement"."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Named changes to a template. Combined variants resolve towards the gentler value."""

    name: str
    note: str | None = None
    energy: float = 0.0
    """Added to every energy target; the result stays within 0 to 1."""
    energy_max: float | None = None
    tempo_max: float | None = None
    """BPM."""
    brightness_max: float | None = None
    percussiveness_max: float | None = None
    loudness_range_max: float | None = None
    """LU."""
    loudness_up: float | None = None
    """LU at a join."""
    vocals: VocalsRule | None = None
    minutes: Mapping[str, float] = field(default_factory=dict)
    """Phase name to minutes more or fewer."""
    hold_rise_minutes: float | None = None
    """The longest rising stretch, in minutes, around a phase's hold."""
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """The arc: named phases with minutes, targets and rules."""

    name: str
    phases: tuple[Phase, ...]
    id: str = ""
    """Short name: the file's name without its suffix."""
    zero: str | None = None
    """What happens at minute 0 of the medicine: "lozenge under the tongue"."""
    rules: Rules = Rules()
    variants: tuple[Variant, ...] = ()
    sources: tuple[str, ...] = ()
    note: str | None = None
    build: bool = True
    """False: explained by `templates show`, never assembled automatically; `note` says why."""

    @property
    def minutes(self) -> float:
        """Minutes of all phases at their defaults."""
        return sum(phase.minutes.default for phase in self.phases)
