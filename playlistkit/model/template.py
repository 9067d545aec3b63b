"""The template: the arc of a session, with its phases, wishes and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from playlistkit.figures import counted, number

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
"""Whether a phase may use tracks of the client's earlier sessions: never, also, or only those of the last."""

PHASES = ("arrival", "onset", "peak", "return", "grounding")
"""The five phases that every template's phases stand for."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """How long a phase lasts: a plan aims at `default`; `least` and `most` limit what can be asked for."""

    default: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest and highest allowed value; `None` leaves that side open."""

    low: float | None = None
    high: float | None = None

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, (int, float)):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class EnergyLimit:
    """How far a track's energy may lie above and below the phase's targets: too much is worse than too little."""

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
    """The longest unbroken rise of energy it should contain, in minutes."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of the arc."""

    name: str
    minutes: Minutes
    energy: tuple[tuple[float, float], ...]
    """Points (fraction of the phase 0 to 1, energy 0 to 1), ascending; straight lines between them."""
    stands_for: str = ""
    """Which of the five `PHASES` it is; filled in from the name if that is one of them."""
    energy_tolerance: float = 0.12
    """How far a track's energy should at most lie outside the phase's targets (reported when exceeded)."""
    energy_limit: EnergyLimit | None = None
    """How far it may lie (barred beyond); at least the tolerance. `None` means the tolerance."""
    energy_max: float | None = None
    """Highest energy anywhere within a track, in means of 30 s (barred beyond)."""
    tempo: tuple[float, float] | None = None
    """BPM, lowest and highest (soft, weighted by pulse clarity)."""
    loudness: float | None = None
    """LUFS as played. A wish under `files` and `spotify`; under `render` the gain aims at it."""
    loudness_range: Range = Range()
    """LU within a track (a wish)."""
    loudness_range_limit: Range = Range()
    """The same, barred beyond; applies only if known."""
    vocals: VocalsRule = "any"
    """The voice that any number of the phase's tracks may have."""
    vocals_share: float = 0.0
    """Share of the phase's minutes, 0 to 1, that may have `vocals_beyond`."""
    vocals_beyond: VocalsRule = "any"
    """The voice allowed within `vocals_share`."""
    brightness: Range = Range()
    """A wish."""
    brightness_limit: Range = Range()
    percussiveness: Range = Range()
    """A wish."""
    percussiveness_limit: Range = Range()
    boundary_tolerance: float | None = None
    """Seconds by which the end of this phase may miss its target; `None` for the rules' value."""
    album_runs: bool = False
    """Whether one artist may play twice running here."""
    repeats: Repeats = "never"
    """Whether tracks of the client's earlier sessions may be repeated here. "last session": only those of the
    last one, in order, if one is remembered; the phase's energy says how calm they must be."""
    music: Literal["on", "optional"] = "on"
    """`optional`: the phase may be left out (`--minutes PHASE=0`)."""
    hold: Hold | None = None
    note: str | None = None
    """What happens in the room."""
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """Source tags (docs/evidence.md) of each key of the phase, or "judgement"."""


@dataclass(frozen=True, slots=True)
class JoinRules:
    """What a join may do. Limits are hard; the others are wishes, reported when exceeded."""

    loudness_up: float = 3.0
    """LU by which a track may begin louder than the one before ends."""
    loudness_up_limit: float = 6.0
    loudness_down: float = 5.0
    loudness_down_limit: float = 10.0
    energy_step: float = 0.15
    energy_step_limit: float = 0.25
    silence: float = 4.0
    """Seconds of silence between two tracks."""
    silence_limit: float = 10.0


@dataclass(frozen=True, slots=True)
class InsideRules:
    """What may happen within a track. Beyond a limit it is barred; beyond a wish it is reported and costs points."""

    silence: float = 4.0
    """Seconds of silence between two sounds."""
    silence_limit: float = 10.0
    jolt: float = 10.0
    """LU by which loudness jumps within half a second above the ten seconds before."""
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
    """Whether movements of one work must play in order and together."""
    artist_max: int = 3
    """Most tracks of one artist in a session (hard)."""
    artist_apart_minutes: float = 30.0
    """Wished gap between two tracks of one artist (soft)."""
    overlap: float = 0.0
    """The player's crossfade, in seconds."""
    tail_minutes: float = 20.0
    """Minutes of music after the planned end."""
    grounding_now_minutes: float = 20.0
    """Minutes of calm music held ready for "grounding now"."""
    boundary_tolerance: float = 15.0
    """Seconds by which a phase's end may miss its target."""
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """Source tags (docs/evidence.md) of each key of the rules, or "judgement"."""


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
    minutes: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Phase name to minutes more or fewer."""
    hold_rise_minutes: float | None = None
    """The longest rising stretch, in minutes, around a phase's hold."""
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


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
    """If false, `templates show` explains it but it is never assembled automatically; `note` says why."""

    @property
    def minutes(self) -> float:
        """Minutes of all phases at their defaults."""
        return sum(phase.minutes.default for phase in self.phases)

    def __repr__(self) -> str:
        return f"<Template {self.name!r}: {counted(len(self.phases), 'phase')}, {number(self.minutes)} min>"
