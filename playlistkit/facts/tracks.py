"""Why a track may not play in a phase, or misses a wish of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playlistkit.facts.fact import Fact, within
from playlistkit.figures import beside, number

__all__ = [
    "PLAYED_BY",
    "Avoided",
    "CreditExcluded",
    "EnergyOff",
    "EnergyTooHigh",
    "EnergyUnknown",
    "EventInside",
    "FeatureOff",
    "Fragment",
    "InFolderOfNoMusic",
    "LengthOff",
    "NoMinutes",
    "NotFromLastSession",
    "NotMusic",
    "OfAnotherGenre",
    "OnlyRepeats",
    "PlayedBefore",
    "Spoken",
    "TooShort",
    "TrackExcluded",
    "Unplayable",
    "UnwelcomeWords",
    "VoiceBarred",
]


PLAYED_BY = {"files": "a file player", "spotify": "Spotify", "render": "playlistkit"}
"""What plays a session, by `Session.player`."""


@dataclass(frozen=True, slots=True, eq=False)
class NoMinutes(Fact):
    """The phase is left out today."""

    phase: str

    def __str__(self) -> str:
        return f"{self.phase} has no minutes today."


@dataclass(frozen=True, slots=True, eq=False)
class Unplayable(Fact):
    """The player can't play the track."""

    title: str
    player: str
    """"files", "spotify" or "render"."""

    def __str__(self) -> str:
        wanted = "Spotify URI" if self.player == "spotify" else "file"
        return f"{self.title} has no {wanted}, so {PLAYED_BY[self.player]} can't play it."


@dataclass(frozen=True, slots=True, eq=False)
class TooShort(Fact):
    """The track doesn't outlast its overlaps."""

    title: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.title} lasts {self.seconds:g} s, too short to be planned."


@dataclass(frozen=True, slots=True, eq=False)
class Fragment(Fact):
    """The track is too short to be more than a fragment."""

    title: str
    seconds: float
    least: float

    def __str__(self) -> str:
        lasts = beside(self.seconds, self.least, digits=0)
        return f"{self.title} lasts {lasts} s; nothing under {number(self.least)} s is played."


@dataclass(frozen=True, slots=True, eq=False)
class LengthOff(Fact):
    """The track is longer or shorter than tracks may be."""

    title: str
    minutes: float
    least: float | None
    most: float | None

    def __str__(self) -> str:
        lasts = beside(self.minutes, self.least, self.most, digits=1)
        return f"{self.title} lasts {lasts} min; tracks may last {within(self.least, self.most)} min."


@dataclass(frozen=True, slots=True, eq=False)
class TrackExcluded(Fact):
    """The session excludes the track."""

    title: str

    def __str__(self) -> str:
        return f"{self.title} is excluded from this session."


@dataclass(frozen=True, slots=True, eq=False)
class CreditExcluded(Fact):
    """The session excludes one of the track's people."""

    title: str
    artist: str | None

    def __str__(self) -> str:
        return (
            f"{self.title} is by {self.artist}, and an artist of that credit is excluded from this session."
        )


@dataclass(frozen=True, slots=True, eq=False)
class Avoided(Fact):
    """The track is marked avoid."""

    title: str

    def __str__(self) -> str:
        return f"{self.title} is marked avoid."


@dataclass(frozen=True, slots=True, eq=False)
class OfAnotherGenre(Fact):
    """The genre says that the track is no music for a session."""

    title: str
    genre: str

    def __str__(self) -> str:
        return (
            f"{self.title} is not music for a session: its genre is {self.genre}; if it is, set "
            "music_probability=1."
        )


@dataclass(frozen=True, slots=True, eq=False)
class InFolderOfNoMusic(Fact):
    """The track lies in a folder for sounds that aren't music."""

    title: str
    folder: str

    def __str__(self) -> str:
        return (
            f"{self.title} lies in a folder named {self.folder}, so it is not taken for music; if it is, set "
            "music_probability=1."
        )


@dataclass(frozen=True, slots=True, eq=False)
class Spoken(Fact):
    """The sound says that somebody speaks, over music or alone."""

    title: str
    at: float | None
    """Where somebody first speaks, in seconds into the track."""

    def __str__(self) -> str:
        start = "" if self.at is None else f" from {int(self.at) // 60}:{int(self.at) % 60:02} on"
        return f"{self.title}: somebody speaks{start}; if it is singing, set music_probability=1."


@dataclass(frozen=True, slots=True, eq=False)
class OnlyRepeats(Fact):
    """The sound is the same half minute, or less, over and over."""

    title: str

    def __str__(self) -> str:
        return (
            f"{self.title} only repeats its first half minute, like an alarm or a ringtone on a loop; if it should play, set "
            "music_probability=1."
        )


@dataclass(frozen=True, slots=True, eq=False)
class NotMusic(Fact):
    """The sound says that the track is no music."""

    title: str

    def __str__(self) -> str:
        return (
            f"{self.title} sounds like speech, noise or an effect rather than music; if it is music, set "
            "music_probability=1."
        )


@dataclass(frozen=True, slots=True, eq=False)
class EventInside(Fact):
    """A silence, jump or swell within the track passes a wish or a limit."""

    title: str
    event: Literal["silence", "jolt", "swell"]
    amount: float
    """Seconds of silence, or LU."""
    at: float | None
    """Seconds into the track."""
    bound: float
    bound_is: Literal["wish", "limit"]

    def __str__(self) -> str:
        when = "" if self.at is None else f" at {int(self.at) // 60}:{int(self.at) % 60:02}"
        amount = beside(self.amount, self.bound, digits=0)
        event = {
            "silence": f"{amount} s of silence{when}",
            "jolt": f"a sudden jump of {amount} LU{when}",
            "swell": f"a swell of {amount} LU within ten seconds",
        }[self.event]
        return f"{self.title}: {event}; {number(self.bound)} is the {self.bound_is}."


@dataclass(frozen=True, slots=True, eq=False)
class PlayedBefore(Fact):
    """An earlier session of the client played the track."""

    title: str

    def __str__(self) -> str:
        return f"{self.title} was in an earlier session of this client."


@dataclass(frozen=True, slots=True, eq=False)
class NotFromLastSession(Fact):
    """The phase plays only tracks of the client's last session."""

    title: str
    phase: str

    def __str__(self) -> str:
        return f"{self.title} was not in this client's last session; {self.phase} plays only tracks from it."


@dataclass(frozen=True, slots=True, eq=False)
class EnergyUnknown(Fact):
    """The track's energy is not known."""

    title: str

    def __str__(self) -> str:
        return f"{self.title}: its energy is not known; scan it or set it."


@dataclass(frozen=True, slots=True, eq=False)
class EnergyOff(Fact):
    """The track's energy as heard lies outside what the phase takes, or aims at."""

    title: str
    energy: float
    low: float
    high: float
    phase: str
    bound_is: Literal["wish", "limit"]

    def __str__(self) -> str:
        band = f"{number(max(self.low, 0.0))} to {number(min(self.high, 1.0))}"
        verb = "takes" if self.bound_is == "limit" else "aims at"
        energy = beside(self.energy, self.low, self.high)
        return f"{self.title} has energy {energy}; {self.phase} {verb} {band}."


@dataclass(frozen=True, slots=True, eq=False)
class EnergyTooHigh(Fact):
    """At some moment of the track energy is higher than the phase ever takes."""

    title: str
    reached: float
    most: float
    phase: str

    def __str__(self) -> str:
        reached = beside(self.reached, self.most)
        return f"{self.title} reaches energy {reached}; {self.phase} takes nothing above {number(self.most)}."


@dataclass(frozen=True, slots=True, eq=False)
class VoiceBarred(Fact):
    """The phase doesn't allow the track's voice."""

    title: str
    voice: str
    """"wordless", "words" or "unknown"."""
    phase: str
    allowed: str
    """What the phase allows: "none" or "wordless"."""

    def __str__(self) -> str:
        voice = {"unknown": "nobody knows whether anyone sings in it", "words": "it has words"}.get(
            self.voice, "a voice without words sounds in it"
        )
        return f"{self.title}: {voice}; {self.phase} allows {self.allowed}."


@dataclass(frozen=True, slots=True, eq=False)
class UnwelcomeWords(Fact):
    """The track has words, and the phase would rather have none."""

    title: str
    phase: str

    def __str__(self) -> str:
        return (
            f"{self.title} has words; {self.phase} would rather have none, least of all in a language that the "
            "client knows."
        )


@dataclass(frozen=True, slots=True, eq=False)
class FeatureOff(Fact):
    """A feature lies outside what the phase takes, or prefers."""

    title: str
    feature: Literal["loudness_range", "brightness", "percussiveness"]
    value: float
    low: float | None
    high: float | None
    phase: str
    bound_is: Literal["wish", "limit"]

    def __str__(self) -> str:
        value = beside(self.value, self.low, self.high)
        verb = "takes" if self.bound_is == "limit" else "prefers"
        name = self.feature.replace("_", " ")
        return f"{self.title} has {name} {value}; {self.phase} {verb} {within(self.low, self.high)}."
