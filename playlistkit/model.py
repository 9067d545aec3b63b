"""The words of playlistkit as frozen values: track, features, template, session, plan.

Conventions, everywhere: durations and times are float seconds, tempo is BPM, loudness is LUFS and its
differences LU, true peak is dBTP, energy, brightness, percussiveness and clarities run from 0 to 1, and
`None` means *not known*. Nothing here reads, writes or computes more than it says; only the standard library
is needed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args, get_type_hints, overload

__all__ = [
    "FEATURES",
    "FEATURE_NAMES",
    "FEATURE_WORDS",
    "FELT",
    "PHASES",
    "SINGLE",
    "Candidate",
    "Certificate",
    "Curve",
    "EnergyLimit",
    "FeatureKind",
    "Features",
    "Finding",
    "Hold",
    "InsideRules",
    "JoinRules",
    "Minutes",
    "Phase",
    "Pin",
    "Place",
    "Plan",
    "PlannedPhase",
    "Player",
    "Range",
    "Repeats",
    "Reserve",
    "Rules",
    "Score",
    "Session",
    "Shortfall",
    "Slot",
    "Source",
    "Template",
    "Track",
    "Variant",
    "Vocals",
    "VocalsRule",
    "clarity_of",
    "felt",
    "vocals_of",
]

Source = Literal["measured", "imported", "set"]
"""Where a feature's value came from; a later one overrules an earlier."""

Vocals = Literal["none", "wordless", "words", "unknown"]
"""What a track's voice is: nobody sings, sings without words, sings or speaks words, not decided."""

VocalsRule = Literal["none", "wordless", "any"]
"""What a phase allows: no voice, voice without words, anything."""

Repeats = Literal["never", "allowed", "last session"]
"""Whether a phase takes tracks of the client's earlier sessions: not at all, as well, or those of the last only."""

Player = Literal["files", "spotify", "render"]
"""What will play the session (`--for`), which decides gain, overlap and so what is heard."""

PHASES = ("arrival", "onset", "peak", "return", "grounding")
"""The five phases that every template's phases stand for."""


# --- tracks and what is known about them --------------------------------------------------------------------


class Curve(Sequence[float]):
    """Values a second apart, kept in two bytes each so that 100,000 tracks fit into memory.

    Parameters
    ----------
    values : iterable of float
        One value a second; each is rounded to a multiple of `step` and held within ±32,767 steps.
    step : float > 0
        The resolution: 0.001 for energy, 0.01 for loudness in LUFS.
    """

    __slots__ = ("_steps", "step")

    def __init__(self, values: Iterable[float], step: float) -> None:
        self.step = step
        self._steps = array("h", (max(-32_767, min(32_767, round(value / step))) for value in values))

    @classmethod
    def from_bytes(cls, packed: bytes, step: float) -> Curve:
        """The curve that `packed` holds, as `bytes(curve)` gave it (16-bit native integers)."""
        curve = cls((), step)
        curve._steps.frombytes(packed)
        return curve

    def __bytes__(self) -> bytes:
        return self._steps.tobytes()

    def __len__(self) -> int:
        return len(self._steps)

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[float, ...]: ...
    def __getitem__(self, index: int | slice) -> float | tuple[float, ...]:
        # round() to the step's own decimals: 0.1 + 0.2 noise would otherwise reach the plan's JSON
        if isinstance(index, slice):
            return tuple(round(steps * self.step, 6) for steps in self._steps[index])
        return round(self._steps[index] * self.step, 6)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Curve):
            return NotImplemented
        return self.step == other.step and self._steps == other._steps

    def __hash__(self) -> int:
        return hash((self.step, bytes(self)))

    def __repr__(self) -> str:
        return f"<Curve of {len(self)} s, step {self.step}>"


@dataclass(frozen=True, slots=True)
class Track:
    """A playable file or Spotify URI, or both, of one performance."""

    id: str
    """Ours; survives a moved or renamed file."""
    path: str | None = None
    """Absolute path of the file. Undecodable bytes in a name are kept as surrogate escapes (`os.fsdecode`)."""
    uri: str | None = None
    """`spotify:track:...`"""
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    isrc: str | None = None
    """Twelve characters without hyphens, upper case."""
    genre: str | None = None
    duration: float = 0.0
    """Seconds."""
    album_artist: str | None = None
    people: tuple[str, ...] = ()
    """Who plays, as a list in the tags or of a service gives them; empty: no list, and `artist` says it."""
    work: str | None = None
    """The work of which it is a movement."""
    movement: int | None = None
    """Its number within the work, from 1."""
    start: float = 0.0
    """Seconds into the file at which it begins: more than 0 where an album is one file, cut by its CUE sheet."""
    end: float | None = None
    """Seconds into the file at which it ends; `None`: with the file."""

    @property
    def is_part(self) -> bool:
        """Whether it is a part of its file."""
        return self.start > 0 or self.end is not None


@dataclass(frozen=True, slots=True)
class FeatureKind:
    """What the values of a feature are."""

    shape: Literal["number", "words", "flag", "vector", "curve"]
    low: float = 0.0
    """Lowest and highest value of a number that is believed when somebody tells it."""
    high: float = 1.0
    words: tuple[str, ...] = ()
    step: float = 0.0
    """The resolution of a curve."""


SHARE, FLAG, VECTOR = FeatureKind("number"), FeatureKind("flag"), FeatureKind("vector")


def _number(low: float, high: float) -> FeatureKind:
    return FeatureKind("number", low, high)


def _words(*words: str) -> FeatureKind:
    return FeatureKind("words", words=words)


def _curve(step: float) -> FeatureKind:
    return FeatureKind("curve", step=step)


@dataclass(frozen=True, slots=True)
class Features:
    """What was measured or told about a track. `None`: not known. Definitions: docs/features.md."""

    tempo: Annotated[float | None, _number(20, 400)] = None
    """Felt tempo in BPM."""
    tempo_alternative: Annotated[float | None, _number(20, 400)] = None
    """The tempo at the other octave that a listener might feel, in BPM."""
    pulse_clarity: Annotated[float | None, SHARE] = None
    """0 (no beat) to 1 (a metronome): how far to believe the tempo."""
    energy: Annotated[float | None, SHARE] = None
    """0 to 1: percentile among 382 tracks of eight published session playlists, by fixed anchors."""
    energy_doubt: Annotated[float | None, SHARE] = None
    """How far the energy may be off, where it was rated by ear; not measured."""
    activation: Annotated[float | None, SHARE] = None
    """The part of energy that onsets and timbre carry, 0 to 1."""
    intensity: Annotated[float | None, SHARE] = None
    """The part of energy that loudness carries, 0 to 1."""
    loudness: Annotated[float | None, _number(-70, 5)] = None
    """Integrated loudness in LUFS (ITU-R BS.1770-4)."""
    loudness_range: Annotated[float | None, _number(0, 70)] = None
    """LU (EBU Tech 3342)."""
    true_peak: Annotated[float | None, _number(-70, 20)] = None
    """dBTP (BS.1770-4, annex 2)."""
    brightness: Annotated[float | None, SHARE] = None
    """0 (dark) to 1 (bright); above 0.5 lies hardly any calm acoustic music."""
    percussiveness: Annotated[float | None, SHARE] = None
    """0 (nothing is struck) to 1 (drums alone); above 0.25 lies hardly any piano, guitar or harp."""
    key: Annotated[str | None, _words("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")] = None
    """Tonic, with sharps: "C", "C#" ... "B"."""
    mode: Annotated[str | None, _words("major", "minor")] = None
    """"major" or "minor"."""
    key_clarity: Annotated[float | None, SHARE] = None
    """0 to 1."""
    onset_rate: Annotated[float | None, _number(0, 50)] = None
    """Onsets a second."""
    timbre: Annotated[tuple[float, ...] | None, VECTOR] = None
    """Timbre vector; the distance of two is a join's timbre distance."""
    timbre_start: Annotated[tuple[float, ...] | None, VECTOR] = None
    """The same over the first 30 s of sound."""
    timbre_end: Annotated[tuple[float, ...] | None, VECTOR] = None
    """The same over the last 30 s of sound."""
    energy_start: Annotated[float | None, SHARE] = None
    """Energy of the first 30 s."""
    energy_end: Annotated[float | None, SHARE] = None
    """Energy of the last 30 s."""
    loudness_start: Annotated[float | None, _number(-70, 5)] = None
    """LUFS over the first 30 s."""
    loudness_end: Annotated[float | None, _number(-70, 5)] = None
    """LUFS over the last 30 s."""
    loudness_start_near: Annotated[float | None, _number(-70, 5)] = None
    """LUFS over the first 10 s of sound; `None` where it fades in."""
    loudness_end_near: Annotated[float | None, _number(-70, 5)] = None
    """LUFS over the last 10 s of sound; `None` where it fades out."""
    energy_curve: Annotated[Curve | None, _curve(step=0.001)] = None
    """Energy, one value a second."""
    loudness_curve: Annotated[Curve | None, _curve(step=0.01)] = None
    """Short-term loudness (3 s) in LUFS, one value a second."""
    silence_start: Annotated[float | None, _number(0, 3600)] = None
    """Seconds of silence before the first sound."""
    silence_end: Annotated[float | None, _number(0, 3600)] = None
    """Seconds of silence after the last sound."""
    silence_inside: Annotated[float | None, _number(0, 3600)] = None
    """The longest silence between sounds, in seconds."""
    silence_inside_at: Annotated[float | None, _number(0, 360_000)] = None
    """Where it begins, in seconds."""
    fades: Annotated[bool | None, FLAG] = None
    """Whether the end fades out."""
    swell: Annotated[float | None, _number(0, 70)] = None
    """The steepest rise within, in LU over 10 s of short-term loudness."""
    jolt: Annotated[float | None, _number(0, 120)] = None
    """The largest sudden event within: LU by which momentary loudness jumps over all of the 10 s before."""
    jolt_at: Annotated[float | None, _number(0, 360_000)] = None
    """Where that is, in seconds."""
    music_probability: Annotated[float | None, SHARE] = None
    """0 to 1: how likely this is music, not nature, noise, effects or bare speech."""
    vocals: Annotated[Vocals | None, _words(*get_args(Vocals))] = None
    """Whether anybody sings or speaks; `None` and "unknown" are treated alike."""
    vocals_probability: Annotated[float | None, SHARE] = None
    """0 to 1: how likely there is a voice at all."""
    vocals_peak: Annotated[float | None, SHARE] = None
    """0 to 1: how likely there is a voice in the ten seconds in which it is likeliest."""
    vocals_at: Annotated[float | None, _number(0, 360_000)] = None
    """Seconds at which these begin."""


FEATURES: Mapping[str, FeatureKind] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Features, include_extras=True).items()
}
"""What each feature is, in the order of `Features`."""

FEATURE_NAMES: tuple[str, ...] = tuple(FEATURES)
"""The names of all features."""

FEATURE_WORDS: Mapping[str, tuple[str, ...]] = {
    name: kind.words for name, kind in FEATURES.items() if kind.shape == "words"
}
"""The values of those features that are words."""

SINGLE: tuple[str, ...] = tuple(
    name for name, kind in FEATURES.items() if kind.shape not in ("vector", "curve")
)
"""The features that are one value each: those that can be told, typed and put into a table."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A track with what is known about it, as the library hands it to the planner."""

    track: Track
    features: Features = Features()
    sources: Mapping[str, Source] = field(default_factory=dict)
    """Where each known feature came from."""
    keep: bool = False
    """The therapist wants to use this one."""
    avoid: bool = False
    """The therapist never wants this one."""
    note: str | None = None


# --- the template -------------------------------------------------------------------------------------------


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


# --- the session --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pin:
    """A track that the plan must hold.

    With neither phase nor time it may stand anywhere that its rules allow.
    """

    track: str
    """The track's id."""
    phase: str | None = None
    place: Literal["first", "last"] | None = None
    """First or last of its phase."""
    time: float | None = None
    """Seconds from the session's start at which it should be playing."""


@dataclass(frozen=True, slots=True)
class Session:
    """A template with today's choices."""

    template: Template
    """As it will be planned: variants and minutes are already in it."""
    name: str = ""
    variants: tuple[str, ...] = ()
    """The variants that were applied, for the record."""
    minutes: Mapping[str, float] = field(default_factory=dict)
    """The minutes that were asked for, by phase, for the record."""
    pins: tuple[Pin, ...] = ()
    excluded_tracks: frozenset[str] = frozenset()
    """Ids, of today's exclusions."""
    excluded_artists: frozenset[str] = frozenset()
    """Names of people, compared without case, accents and typographic signs; joint credits count."""
    used_tracks: frozenset[str] = frozenset()
    """Ids of the client's earlier plans, not to be repeated. Never written into a plan."""
    last_session: tuple[str, ...] = ()
    """Ids of the client's last session in their order. Never written into a plan."""
    player: Player = "files"
    overlap: float | None = None
    """Seconds of crossfade; `None`: as in the template's rules."""
    seed: int | None = None
    """Chooses among plans within 1 % of the best; `None`: the best."""
    strict: bool = False
    """Refuse tracks whose voice is unknown where voice is restricted."""
    best_effort: bool = False
    """Bend the fewest and mildest rules where the library can't fill the template, and mark it."""


# --- the plan -----------------------------------------------------------------------------------------------


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
    """Seconds that it plays, its overlap with the next included."""
    track: Track
    features: Features = Features()
    overlap: float = 0.0
    """Seconds during which it sounds together with the next slot."""
    gain: float = 0.0
    """dB."""
    reason: str = ""
    """Why it is here, in one sentence."""
    costs: Mapping[str, float] = field(default_factory=dict)
    """What it adds to each term of the objective."""
    bends: tuple[str, ...] = ()
    """The rules that it bends under `best_effort`, in words."""

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
class Shortfall:
    """What the library lacks for a phase."""

    phase: str
    minutes: float
    """Minutes of music that are lacking."""
    rule: str
    """The rule that is to blame, in one word: "vocals", "energy", "duration", ..."""
    text: str
    """The whole, as a sentence that a therapist acts on."""


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """A rule of a template that may be relaxed, in one phase or (`phase` is "") everywhere."""

    phase: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} in {self.phase}" if self.phase else self.name


@dataclass(frozen=True, slots=True)
class PhaseSupply:
    """What a phase wants and what there is for it, in minutes."""

    phase: str
    wanted: float
    eligible: float
    """Of all music that may stand in it, no artist above the cap: what it would have if it were the only phase."""
    shared: float
    """Of the eligible, what may stand in another phase as well."""
    shared_with: tuple[str, ...]
    """Those phases."""
    lacking: float
    """What is missing when all phases are filled as evenly as can be, the tolerance of its end taken off."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why the library can't fill the template."""

    shortfalls: tuple[Shortfall, ...]
    supply: tuple[PhaseSupply, ...]
    """Every phase, those that lack nothing too."""
    gains: tuple[tuple[Rule, float], ...]
    """For each single rule that would help if relaxed, the minutes that it brings; most first."""
    conflict: tuple[Rule, ...]
    """A smallest set of rules that can't all be kept."""
    relaxation: tuple[Rule, ...] | None
    """The mildest set of rules found whose relaxing lets in minutes enough; `None`: nothing short of more music."""


@dataclass(frozen=True, slots=True)
class Score:
    """The plan under the objective: lower is better, 0 is perfect."""

    total: float
    terms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far the plan is from the best possible one."""

    within: float | None = None
    """Its score exceeds the best possible by at most this share (0.02: 2 %); `None`: not known."""
    proven: bool = False
    """Whether it is proven best within `scope`."""
    scope: str = ""
    """What "possible" was: which candidates, at what resolution of time."""


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
        """The plan as a notebook shows it: the arc and a table."""
        from playlistkit.notebook import plan_html

        return plan_html(self)

    def to_records(self) -> list[dict[str, Any]]:
        """The slots and the tail as one flat dict each, as ``pandas.DataFrame`` takes them.

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


class Place(str):
    """What a finding is about, as text ("track 7", "join 3", "phase peak") that also knows its parts."""

    __slots__ = ("kind", "name", "number")

    kind: Literal["track", "join", "phase", "variant", "phases", "rules", "session"]
    number: int
    """Of a track or join, from 1; 0 for all others. Join k lies between tracks k and k + 1."""
    name: str
    """Of a phase or variant; "" for all others."""

    def __new__(
        cls,
        kind: Literal["track", "join", "phase", "variant", "phases", "rules", "session"],
        of: int | str = "",
    ) -> Place:
        """A place of a kind: which track or join by number, which phase or variant by name."""
        place = super().__new__(cls, f"{kind} {of}".rstrip())
        place.kind = kind
        place.number = of if isinstance(of, int) else 0
        place.name = "" if isinstance(of, int) else of
        return place

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.kind, self.number or self.name


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that `check` found in a playlist, or of which a plan warns."""

    kind: str
    """One word: "missing", "loudness", "energy", "voice", "minutes", ..."""
    where: Place
    text: str
    breaks: bool = True
    """Whether it breaks a rule; else it is a wish that was not met."""


FELT = 0.3
"""Pulse clarity from which a beat is felt; below it half of the tempi found are wrong (docs/features.md)."""


def clarity_of(features: Features) -> float:
    """Clarity of the pulse behind the track's tempo, 0 to 1; 1 for a tempo that was told without one."""
    return 1.0 if features.pulse_clarity is None else features.pulse_clarity


def felt(features: Features) -> bool:
    """Whether the beat is felt; a tempo without one is shown as doubtful and counts nowhere."""
    return clarity_of(features) >= FELT


def vocals_of(features: Features) -> Vocals:
    """The track's voice, "unknown" where nothing was measured or told."""
    return features.vocals or "unknown"
