"""A track and what is known about it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args, get_type_hints, overload

__all__ = [
    "FEATURES",
    "FEATURE_NAMES",
    "FEATURE_WORDS",
    "FELT",
    "SINGLE",
    "Candidate",
    "Curve",
    "FeatureKind",
    "Features",
    "Source",
    "Track",
    "Vocals",
    "clarity_of",
    "felt",
    "is_part",
    "vocals_of",
]

Source = Literal["measured", "imported", "set"]
"""Where a feature's value came from; later sources in this list overrule earlier ones."""

Vocals = Literal["none", "wordless", "words", "unknown"]
"""A track's voice: none, singing without words, sung or spoken words, or undecided."""


class Curve(Sequence[float]):
    """Values a second apart, stored in two bytes each so that 100,000 tracks fit into memory.

    Parameters
    ----------
    values : iterable of float
        One value a second; each is rounded to a multiple of `step` and clipped to ±32,767 steps.
    step : float > 0
        The resolution: 0.001 for energy, 0.01 for loudness in LUFS.
    """

    __slots__ = ("_hash", "_steps", "step")

    def __init__(self, values: Iterable[float], step: float) -> None:
        self.step = step
        self._hash: int | None = None
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
        # round to the step's decimals: 0.1 + 0.2 noise would otherwise reach the plan's JSON
        if isinstance(index, slice):
            return tuple(round(steps * self.step, 6) for steps in self._steps[index])
        return round(self._steps[index] * self.step, 6)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Curve):
            return NotImplemented
        return self.step == other.step and self._steps == other._steps

    def __hash__(self) -> int:
        if self._hash is None:  # kept: curves are compared in every plan
            self._hash = hash((self.step, bytes(self)))
        return self._hash

    def __reduce__(self) -> tuple[Callable[[bytes, float], Curve], tuple[bytes, float]]:
        return Curve.from_bytes, (bytes(self), self.step)  # another process hashes otherwise

    def __repr__(self) -> str:
        return f"<Curve of {len(self)} s, step {self.step}>"


def is_part(start: float, end: float | None) -> bool:
    """Whether what begins and ends at these seconds of a file is a part of it."""
    return start > 0 or end is not None


@dataclass(frozen=True, slots=True)
class Track:
    """A playable file or Spotify URI, or both, of one performance."""

    id: str
    """Our id; survives a moved or renamed file."""
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
    """Who plays, if the tags or a service give a list; empty otherwise, and `artist` holds the credit."""
    work: str | None = None
    """The work of which it is a movement."""
    movement: int | None = None
    """Its number within the work, from 1."""
    start: float = 0.0
    """Seconds into the file at which it begins; above 0 only in an album in one file, cut by its CUE sheet."""
    end: float | None = None
    """Seconds into the file at which it ends; `None` for the file's end."""

    @property
    def is_part(self) -> bool:
        """Whether it is only part of its file."""
        return is_part(self.start, self.end)


@dataclass(frozen=True, slots=True)
class FeatureKind:
    """The type and range of a feature."""

    shape: Literal["number", "words", "flag", "vector", "curve"]
    low: float = 0.0
    """Lowest and highest value accepted from outside."""
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
    """What is known about a track; `None` where unknown. Definitions: docs/features.md."""

    tempo: Annotated[float | None, _number(20, 400)] = None
    """Felt tempo in BPM."""
    tempo_alternative: Annotated[float | None, _number(20, 400)] = None
    """The tempo at the other octave that a listener might feel, in BPM."""
    pulse_clarity: Annotated[float | None, SHARE] = None
    """0 (no beat) to 1 (a metronome): how far to believe the tempo."""
    energy: Annotated[float | None, SHARE] = None
    """0 to 1: percentile among 382 tracks of eight published session playlists, by fixed anchors."""
    energy_doubt: Annotated[float | None, SHARE] = None
    """Uncertainty of an energy rated by ear."""
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
    """0 (dark) to 1 (bright); calm acoustic music is rarely above 0.5."""
    percussiveness: Annotated[float | None, SHARE] = None
    """0 (nothing struck) to 1 (drums alone); piano, guitar and harp are rarely above 0.25."""
    key: Annotated[str | None, _words("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")] = None
    """Tonic, with sharps: "C", "C#" ... "B"."""
    mode: Annotated[str | None, _words("major", "minor")] = None
    """"major" or "minor"."""
    key_clarity: Annotated[float | None, SHARE] = None
    """0 to 1."""
    onset_rate: Annotated[float | None, _number(0, 50)] = None
    """Onsets a second."""
    timbre: Annotated[tuple[float, ...] | None, VECTOR] = None
    """Timbre vector; a join's timbre distance is the distance of two of them."""
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
    """LUFS over the first 10 s of sound; `None` if it fades in."""
    loudness_end_near: Annotated[float | None, _number(-70, 5)] = None
    """LUFS over the last 10 s of sound; `None` if it fades out."""
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
    """The largest sudden event within: LU by which momentary loudness jumps above the 10 s before."""
    jolt_at: Annotated[float | None, _number(0, 360_000)] = None
    """Where that is, in seconds."""
    music_probability: Annotated[float | None, SHARE] = None
    """0 to 1: how likely this is music, not nature, noise, effects or bare speech."""
    speech: Annotated[float | None, _number(0, 360_000)] = None
    """Seconds in which somebody speaks, over music or alone."""
    speech_at: Annotated[float | None, _number(0, 360_000)] = None
    """Where somebody first speaks, in seconds."""
    repetition: Annotated[float | None, SHARE] = None
    """0 to 1: share of what follows the first 32 s that only repeats them, as an alarm or a ringtone on a loop does."""
    vocals: Annotated[Vocals | None, _words(*get_args(Vocals))] = None
    """Whether anybody sings or speaks; `None` and "unknown" mean the same."""
    vocals_probability: Annotated[float | None, SHARE] = None
    """0 to 1: how likely there is a voice at all."""
    vocals_peak: Annotated[float | None, SHARE] = None
    """0 to 1: how likely a voice is in the ten seconds where it is likeliest."""
    vocals_at: Annotated[float | None, _number(0, 360_000)] = None
    """Where those ten seconds begin, in seconds."""


FEATURES: Mapping[str, FeatureKind] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Features, include_extras=True).items()
}
"""The kind of each feature, in the order of `Features`."""

FEATURE_NAMES: tuple[str, ...] = tuple(FEATURES)
"""The names of all features."""

FEATURE_WORDS: Mapping[str, tuple[str, ...]] = {
    name: kind.words for name, kind in FEATURES.items() if kind.shape == "words"
}
"""The allowed words of features that are words."""

SINGLE: tuple[str, ...] = tuple(
    name for name, kind in FEATURES.items() if kind.shape not in ("vector", "curve")
)
"""Features of a single value, which can be typed and put into a table."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A track with its features, as the library hands it to the planner."""

    track: Track
    features: Features = Features()
    sources: Mapping[str, Source] = field(default_factory=dict, hash=False)
    """Where each known feature came from."""
    keep: bool = False
    """The therapist wants to use this one."""
    avoid: bool = False
    """The therapist never wants this one."""
    note: str | None = None


FELT = 0.3
"""Pulse clarity at which a beat is felt; below it, half of the measured tempi are wrong (docs/accuracy.md)."""


def clarity_of(features: Features) -> float:
    """Pulse clarity of the track's tempo, 0 to 1; 1 if the tempo came without one."""
    return 1.0 if features.pulse_clarity is None else features.pulse_clarity


def felt(features: Features) -> bool:
    """Whether the beat is felt; if not, the tempo is shown as doubtful and ignored."""
    return clarity_of(features) >= FELT


def vocals_of(features: Features) -> Vocals:
    """The track's voice; "unknown" if nothing is known."""
    return features.vocals or "unknown"
