"""The messages to and from the player: frozen values, and their JSON.

Times are float seconds. `position` counts the music since the session began, without pauses; `elapsed`
counts pauses too. Neither reveals the date or the hour.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args

from playlistkit.errors import InputError

__all__ = [
    "NAMES",
    "VERSION",
    "Answer",
    "Answered",
    "Cue",
    "Event",
    "Heard",
    "Name",
    "Order",
    "Point",
    "Setlist",
    "Snapshot",
    "Span",
    "State",
    "Told",
    "from_json",
    "to_json",
]

VERSION = 1
"""Of everything here; a player and a face of different versions refuse each other with a sentence."""

Name = Literal[
    "pause", "resume", "quieter", "louder", "quiet", "hold", "more", "gentler", "skip", "another", "next-phase",
    "return", "grounding", "undo", "end",
]  # fmt: skip
NAMES: tuple[Name, ...] = get_args(Name)

Mode = Literal["running", "paused", "quiet", "ending", "ended"]

Rung = Literal["session", "tail", "reserve", "grounding", "again", "loop"]
"""Where the playing track comes from; the steps from "reserve" on stand in for a file that fails."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A track as it is to be played."""

    id: str
    """Of the track."""
    path: str
    phase: str
    """"tail" after the planned end."""
    start: float
    """Position at which it is planned to begin."""
    duration: float
    """Seconds that it plays, its overlap with the next included."""
    offset: float = 0.0
    """Seconds into the file at which it begins."""
    gain: float = 0.0
    """dB."""
    overlap: float = 0.0
    """Seconds during which it sounds together with the next."""
    title: str = ""
    artist: str = ""
    energy: float | None = None
    loudness: float | None = None
    """LUFS as played, at the planned level."""


@dataclass(frozen=True, slots=True)
class Span:
    """A phase."""

    name: str
    start: float
    end: float
    stands_for: str = ""
    """Which of arrival, onset, peak, return and grounding it is."""


@dataclass(frozen=True, slots=True)
class Setlist:
    """Everything a player needs to play a session to its end alone."""

    name: str
    cues: tuple[Cue, ...]
    tail: tuple[Cue, ...] = ()
    """After the planned end."""
    reserves: Mapping[str, tuple[Cue, ...]] = field(default_factory=dict)
    """By phase, best first."""
    grounding: tuple[Cue, ...] = ()
    """The set for `grounding`."""
    phases: tuple[Span, ...] = ()
    document: str = ""
    """Kept for whoever steers, who finds it here again: the plan. The player doesn't read it."""


@dataclass(frozen=True, slots=True)
class Order:
    """One gesture of a person."""

    name: Name
    id: str
    """A new one for each gesture; an order with an id that was answered is answered again, and does nothing."""
    revision: int | None = None
    """What the person saw when they gave it; None: whatever plays."""
    minutes: float = 10.0
    """Of `more`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of an order or a new plan."""

    done: bool
    text: str
    """A sentence for the person."""
    revision: int
    repeated: bool = False
    """Received a second time, and therefore disregarded."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An order that was answered."""

    id: str
    name: Name
    elapsed: float
    """When it was given."""
    answer: Answer


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence from the player itself: a fault and what it did about it, or the end."""

    elapsed: float
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A track, or a part of one, that sounded."""

    cue: Cue
    """With the offset and the gain that it was played at."""
    start: float
    """Position at which it began to sound."""
    end: float
    """Position at which it was silent again; so far, for what plays."""
    rung: Rung = "session"


@dataclass(frozen=True, slots=True)
class State:
    """Where the player stands."""

    mode: Mode
    revision: int
    """Raised whenever what plays or what comes changes."""
    elapsed: float
    position: float
    ends: float
    """Position at which the session ends as it stands now, without its tail."""
    phase: str
    rung: Rung
    held: bool = False
    grounding: bool = False
    """Whether the set for grounding plays, again and again."""
    now: Cue | None = None
    into: float = 0.0
    """Seconds into what plays."""
    next: Cue | None = None
    next_in: float | None = None
    """Seconds until it begins."""
    level: float = 0.0
    """dB below the planned level, 0 or less."""
    undo: Name | None = None
    """The order that may still be undone."""
    told: tuple[Told, ...] = ()
    """The last sentences, latest last."""
    told_count: int = 0
    """How many there were in all."""
    device: str = ""
    sounding: bool = True
    """Whether the device takes samples."""
    gaps: int = 0
    """How many silences there were that nobody ordered."""
    gap_seconds: float = 0.0
    setlist: int = 0
    """How many times the plan was replaced."""
    number: int | None = None
    """Of what plays among the tracks of the plan and its tail, from 1; None for what stands in."""
    count: int = 0
    """How many these are."""
    goes_on: bool = False
    """Whether music follows even where `next` is unknown: in a phase that is held, in grounding, in an endless session."""
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the record."""

    elapsed: float
    position: float
    what: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """Where a session is, relative to the snapshot of the same revision."""

    revision: int
    elapsed: float
    position: float
    into: float
    pid: int = 0
    """Of the player that is there."""
    by: int = 0
    """Process that says so: the player, or its stand-by, which tells its own."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything needed to resume after a crash."""

    setlist: Setlist
    coming: tuple[Cue, ...]
    reserves: Mapping[str, tuple[Cue, ...]]
    mode: Mode
    revision: int
    elapsed: float
    position: float
    level: float
    held: bool
    grounding: bool
    current: Cue | None
    into: float
    rung: Rung
    heard: tuple[Heard, ...] = ()
    replaced: int = 0
    gaps: int = 0
    gap_seconds: float = 0.0
    told: tuple[Told, ...] = ()
    """The last sentences, latest last."""
    told_count: int = 0
    answered: tuple[Answered, ...] = ()
    """The last orders, so that one that a face sends again to the next player is not carried out twice."""
    told_once: tuple[str, ...] = ()
    """Sentences of the session that are not to be told again."""
    version: int = VERSION

    def at(self, point: Point | None) -> Snapshot:
        """The same at a later point, if the point belongs to it."""
        if point is None or point.revision != self.revision:
            return self
        heard = self.heard
        if heard and self.current is not None:
            heard = (*heard[:-1], dataclasses.replace(heard[-1], end=point.position))
        return dataclasses.replace(
            self, elapsed=point.elapsed, position=point.position, into=point.into, heard=heard
        )


Value = TypeVar("Value")


def to_json(value: object) -> str:
    """A value of this module as one line of JSON; bytes of file names that are not text are escaped."""
    plain = (
        dataclasses.asdict(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type)
        else value
    )
    return json.dumps(plain, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def from_json(kind: type[Value], text: str | bytes) -> Value:
    """The value in a JSON text.

    Raises
    ------
    InputError
        If it holds something else, or was written by another version.
    """
    try:
        data = json.loads(text)
        if isinstance(data, dict) and data.get("version", VERSION) != VERSION:
            raise InputError(
                f"the player speaks version {data['version']} and this playlistkit version {VERSION}; "
                "end that session with the playlistkit that started it"
            )
        return typing.cast(Value, _read(kind, data))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"not a {kind.__name__} of the player: {error}") from error


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read(kind: Any, data: Any) -> Any:
    """`data` as a value of a type; unknown members are refused, missing ones get their default."""
    if dataclasses.is_dataclass(kind):
        hints = _hints(typing.cast(Any, kind))
        return typing.cast(Any, kind)(**{key: _read(hints[key], value) for key, value in dict(data).items()})
    origin, inner = typing.get_origin(kind), get_args(kind)
    if origin is tuple:
        return tuple(_read(inner[0], each) for each in data)
    if origin is Mapping or origin is typing.get_origin(Mapping[str, int]):
        return {str(key): _read(inner[1], each) for key, each in dict(data).items()}
    if origin in (typing.Union, types.UnionType):
        if data is None and type(None) in inner:
            return None
        return _read(next(each for each in inner if each is not type(None)), data)
    if origin is Literal:
        if data not in inner:
            raise ValueError(f"{data!r} is not one of {', '.join(map(str, inner))}")
        return data
    if kind is float:
        if isinstance(data, bool) or not isinstance(data, (int, float)):
            raise ValueError(f"{data!r} is not a number")
        return float(data)
    if kind is not Any and (not isinstance(data, kind) or (kind is int and isinstance(data, bool))):
        raise ValueError(f"{data!r} is not a {kind.__name__}")
    return data
