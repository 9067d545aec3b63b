"""The plan itself as JSON, one element a line; reading it back gives an equal plan.

What a client heard earlier (`Session.used_tracks`) is never written.
"""

from __future__ import annotations

import dataclasses
import json
import math
import numbers
import types
import typing
from collections.abc import Iterable, Mapping, Sequence

from playlistkit import template as templates
from playlistkit.errors import ExportError, InputError, TemplateError
from playlistkit.exporters.naming import Naming
from playlistkit.model import (
    Certificate,
    Curve,
    Features,
    Pin,
    Plan,
    PlannedPhase,
    Player,
    Reserve,
    Score,
    Session,
    Shortfall,
    Slot,
    Track,
    Vocals,
)

__all__ = ["VERSION", "dumps", "loads", "render"]

A_PLAN = "a plan is the .json that `playlistkit build -o` writes"

VERSION = 1
"""Version of the format; a reader refuses higher ones."""

MOST_SECONDS = 48 * 3600.0  # longer than any session or file that we would write
MOST_OVERLAP = 120.0  # s; overlapping sound is held in memory
MOST_BEYOND = 60.0  # s by which a slot may outlast its track, in silence
MOST_GAIN = 60.0  # dB
MOST_NUMBER = 1e12
MOST = {"phases": 100, "slots": 5_000, "tail": 5_000, "reserves": 100, "shortfalls": 1_000, "warnings": 5_000}
"""Most of each that a plan may hold."""
MOST_VALUES = 200_000  # of a curve, a second each

SELDOM = ("album_artist", "people", "work", "movement", "start", "end")
"""Keys of a track that are left out if unknown."""

FEATURE_TYPES = typing.get_type_hints(Features)
"""Feature name to its type, `X | None`."""


def render(plan: Plan, naming: Naming) -> bytes:  # noqa: ARG001 - one shape for all formats
    """The plan as a JSON file; paths are absolute, whatever `naming` says."""
    return (dumps(plan) + "\n").encode()


def dumps(plan: Plan) -> str:
    """The plan as JSON text.

    Raises
    ------
    ValueError
        If a number isn't finite, which a plan never holds.
    """
    document = {
        "playlistkit": VERSION,
        "name": plan.name,
        "template": templates.dump(plan.template),
        "session": _session(plan.session),
        "phases": [_numbers(each) for each in plan.phases],
        "slots": [_slot(each) for each in plan.slots],
        "reserves": {
            phase: [
                {"track": _track(each.track), "features": _features(each.features), "reason": each.reason}
                for each in reserves
            ]
            for phase, reserves in plan.reserves.items()
        },
        "tail": [_slot(each) for each in plan.tail],
        "shortfalls": [each.as_dict() for each in plan.shortfalls],
        "warnings": list(plan.warnings),
        "score": {"total": float(plan.score.total), "terms": _floats(plan.score.terms)},
        "certificate": dataclasses.asdict(plan.certificate),
    }
    text = "{\n" + ",\n".join(f"{_json(key)}: {_lines(value)}" for key, value in document.items()) + "\n}"
    # lone surrogates (bytes of a file name that are no text) become JSON's own \udcxx
    return text.encode("utf-8", "backslashreplace").decode()


def loads(text: str, origin: str = "plan") -> Plan:
    """The plan in a JSON text.

    Parameters
    ----------
    text : str
    origin : str
        The file's name, for messages.

    Raises
    ------
    InputError
        If it is not a plan, is damaged, or was written by a newer playlistkit.
    """
    try:
        document = json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise InputError(f"{origin}: is not a plan: nested too deeply") from error
    except json.JSONDecodeError as error:
        if text.strip() and not text.lstrip().startswith("{"):  # a playlist, say, or a picture
            raise InputError(f"{origin}: is not a plan; {A_PLAN}") from error
        raise InputError(f"{origin}:{error.lineno}: is not valid JSON: {error.msg}; {A_PLAN}") from error
    except ValueError as error:  # also of a number with thousands of digits
        raise InputError(f"{origin}: is not a plan: {error}") from error
    if not isinstance(document, dict) or "playlistkit" not in document:
        raise InputError(
            f"{origin}: is not a plan of playlistkit (the key 'playlistkit' is missing); {A_PLAN}"
        )
    top = _Values(document, origin)
    version = top.number("playlistkit")
    if version != VERSION:
        raise InputError(
            f"{origin}: is a plan of format {version:g}, and this playlistkit reads format {VERSION}; "
            "update playlistkit"
        )
    return Plan(
        name=top.text("name"),
        session=_read_session(top.member("session"), top.member("template")),
        phases=tuple(
            PlannedPhase(
                each.text("name"),
                *(
                    each.within(key, MOST_SECONDS)
                    for key in ("start", "end", "target_start", "target_end", "residual")
                ),
            )
            for each in top.objects("phases")
        ),
        slots=tuple(_read_slot(each) for each in top.objects("slots")),
        reserves={
            phase: tuple(
                Reserve(_read_track(each), _read_features(each.member("features")), each.text("reason"))
                for each in reserves
            )
            for phase, reserves in top.member("reserves").lists()
        },
        tail=tuple(_read_slot(each) for each in top.objects("tail")),
        shortfalls=tuple(
            Shortfall(each.text("phase"), each.number("minutes"), each.text("rule"), each.text("text"))
            for each in top.objects("shortfalls")
        ),
        warnings=top.texts("warnings"),
        score=Score(top.member("score").number("total"), top.member("score").numbers("terms")),
        certificate=_read_certificate(top.member("certificate")),
    )


# --- to JSON ------------------------------------------------------------------------------------------------


def _lines(value: object) -> str:
    """A value's JSON, with each list element and object member on its own line."""
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(_json(each) for each in value) + "\n]"
    if isinstance(value, dict) and value:
        return "{\n" + ",\n".join(f"{_json(key)}: {_json(each)}" for key, each in value.items()) + "\n}"
    return _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: object) -> float:
    """Convert a number of another type, such as NumPy's, to a plain one."""
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    raise ExportError(f"the plan holds {value!r}, which is {type(value).__name__} and no plan's value")


def _session(session: Session) -> dict[str, object]:
    return {
        "name": session.name,
        "variants": list(session.variants),
        "minutes": _floats(session.minutes),
        "pins": [dataclasses.asdict(pin) for pin in session.pins],
        "excluded_tracks": sorted(session.excluded_tracks),
        "excluded_artists": sorted(session.excluded_artists),
        "player": session.player,
        "overlap": session.overlap,
        "seed": session.seed,
        "strict": session.strict,
        "best_effort": session.best_effort,
    }


def _slot(slot: Slot) -> dict[str, object]:
    return {
        "phase": slot.phase,
        "start": float(slot.start),
        "duration": float(slot.duration),
        "overlap": float(slot.overlap),
        "gain": float(slot.gain),
        "track": _track(slot.track),
        "features": _features(slot.features),
        "reason": slot.reason,
        "costs": _floats(slot.costs),
        "bends": list(slot.bends),
    }


def _track(track: Track) -> dict[str, object]:
    """The track; rare keys are written only if known."""
    known = dataclasses.asdict(track) | {"duration": float(track.duration), "people": list(track.people)}
    return {name: value for name, value in known.items() if value or name not in SELDOM}


def _features(features: Features) -> dict[str, object]:
    """The features that are known."""
    known: dict[str, object] = {}
    for name in FEATURE_TYPES:
        value = getattr(features, name)
        if isinstance(value, Curve):
            known[name] = {"step": value.step, "values": list(value)}
        elif value is not None:
            known[name] = value
    return known


def _numbers(phase: PlannedPhase) -> dict[str, object]:
    values = dataclasses.asdict(phase)
    return {key: value if isinstance(value, str) else float(value) for key, value in values.items()}


def _floats(values: Mapping[str, float]) -> dict[str, float]:
    return {key: float(value) for key, value in values.items()}


# --- from JSON ----------------------------------------------------------------------------------------------


def _refuse(constant: str) -> float:
    raise ValueError(f"holds {constant}, which is no number of JSON")


class _Values:
    """Typed access to the members of a JSON object; `where` names it in messages."""

    def __init__(self, values: object, where: str, path: str = "") -> None:
        if not isinstance(values, dict):
            raise InputError(
                f"{where}: damaged plan: {path or 'the whole'} is {_kind(values)}, not an object"
            )
        self.values: dict[str, object] = values
        self.where = where
        self._path = path

    def at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def wrong(self, key: str, expected: str) -> InputError:
        found = _kind(self.values[key]) if key in self.values else "missing"
        return InputError(f"{self.where}: damaged plan: {self.at(key)} is {found}, expected {expected}")

    def get(self, key: str) -> object:
        if key not in self.values:
            raise self.wrong(key, "a value")
        return self.values[key]

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return value

    def text_or_none(self, key: str) -> str | None:
        return None if self.values.get(key) is None else self.text(key)

    def number(self, key: str) -> float:
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong(key, "a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not abs(number) <= MOST_NUMBER:
            raise self.wrong(key, "a number within reach")
        return number

    def number_or_none(self, key: str) -> float | None:
        return None if self.values.get(key) is None else self.number(key)

    def seconds(self, key: str) -> float:
        value = self.number(key)
        if not 0 <= value <= MOST_SECONDS:
            raise self.wrong(
                key, "0 or more seconds" if value < 0 else f"at most {MOST_SECONDS:,.0f} seconds"
            )
        return value

    def within(self, key: str, most: float) -> float:
        value = self.number(key)
        if abs(value) > most:
            raise self.wrong(key, f"from -{most:g} to {most:g}")
        return value

    def flag(self, key: str) -> bool:
        value = self.values.get(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def choice(self, key: str, words: Sequence[str]) -> str:
        value = self.text(key)
        if value not in words:
            raise self.wrong(key, f"one of {', '.join(words)}")
        return value

    def member(self, key: str) -> _Values:
        return _Values(self.get(key), self.where, self.at(key))

    def items(self, key: str) -> list[object]:
        value = self.values.get(key)
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        most = MOST_VALUES if self._path else MOST.get(key, MOST_VALUES)
        if len(value) > most:
            raise self.wrong(key, f"a list of at most {most:,}")
        return value

    def objects(self, key: str) -> list[_Values]:
        return [
            _Values(value, self.where, f"{self.at(key)}[{number}]")
            for number, value in enumerate(self.items(key))
        ]

    def lists(self) -> Iterable[tuple[str, list[_Values]]]:
        """Each member as a list of objects."""
        return [(key, self.objects(key)) for key in self.values]

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.items(key)
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(key, "a list of texts")
        return tuple(typing.cast("list[str]", values))

    def floats(self, key: str) -> tuple[float, ...]:
        values = self.items(key)
        if not all(isinstance(value, (int, float)) and abs(value) <= MOST_NUMBER for value in values):
            raise self.wrong(key, "a list of numbers within reach")
        return tuple(float(typing.cast(float, value)) for value in values)

    def numbers(self, key: str) -> dict[str, float]:
        members = self.member(key)
        return {name: members.number(name) for name in members.values}


def _kind(value: object) -> str:
    """A wrong value as shown in messages."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = _json(value) if not isinstance(value, float) or math.isfinite(value) else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _read_session(values: _Values, template: _Values) -> Session:
    try:
        loaded = templates.load(template.values, f"{template.where}, template")
    except TemplateError as error:
        raise InputError(str(error)) from error
    if "id" not in template.values:  # load() would make one of the origin
        loaded = dataclasses.replace(loaded, id="")
    seed = values.number_or_none("seed")
    return Session(
        template=loaded,
        name=values.text("name"),
        variants=values.texts("variants"),
        minutes=values.numbers("minutes"),
        pins=tuple(_read_pin(each) for each in values.objects("pins")),
        excluded_tracks=frozenset(values.texts("excluded_tracks")),
        excluded_artists=frozenset(values.texts("excluded_artists")),
        player=typing.cast(Player, values.choice("player", typing.get_args(Player))),
        overlap=values.number_or_none("overlap"),
        seed=None if seed is None else int(seed),
        strict=values.flag("strict"),
        best_effort=values.flag("best_effort"),
    )


def _read_pin(values: _Values) -> Pin:
    place = values.text_or_none("place")
    if place not in ("first", "last", None):
        raise values.wrong("place", "first, last or null")
    return Pin(
        values.text("track"),
        values.text_or_none("phase"),
        typing.cast(typing.Literal["first", "last"] | None, place),
        values.number_or_none("time"),
    )


def _read_slot(values: _Values) -> Slot:
    slot = Slot(
        phase=values.text("phase"),
        start=values.seconds("start"),
        duration=values.seconds("duration"),
        track=_read_track(values),
        features=_read_features(values.member("features")),
        overlap=values.seconds("overlap"),
        gain=values.within("gain", MOST_GAIN),
        reason=values.text("reason"),
        costs=values.numbers("costs"),
        bends=values.texts("bends"),
    )
    if 0 < slot.track.duration < slot.duration - MOST_BEYOND:
        raise values.wrong("duration", f"no longer than its track ({slot.track.duration:g} s)")
    if slot.overlap > min(MOST_OVERLAP, slot.duration):
        raise values.wrong("overlap", f"within the slot and at most {MOST_OVERLAP:g} s")
    return slot


def _read_track(holder: _Values) -> Track:
    values = holder.member("track")
    known = {
        name: values.text_or_none(name)
        for name in ("path", "uri", "title", "artist", "album", "isrc", "genre", "album_artist", "work")
    }
    if "\0" in (known["path"] or ""):
        raise values.wrong("path", "a path")
    people = values.texts("people") if "people" in values.values else ()
    movement = values.number_or_none("movement")
    start = values.within("start", MOST_SECONDS) if "start" in values.values else 0.0
    end = values.within("end", MOST_SECONDS) if "end" in values.values else None
    if start < 0 or (end is not None and end <= start):
        raise values.wrong("end", "behind the track's start, which is 0 or more")
    return Track(
        id=values.text("id"),
        duration=values.seconds("duration"),
        people=people,
        movement=None if movement is None else int(movement),
        start=start,
        end=end,
        **known,
    )


def _read_features(values: _Values) -> Features:
    known: dict[str, typing.Any] = {}
    for name, hint in FEATURE_TYPES.items():
        if values.values.get(name) is None:
            continue
        kind = next(each for each in typing.get_args(hint) if each is not types.NoneType)
        if kind is float:
            known[name] = values.number(name)
        elif kind is str:
            known[name] = values.text(name)
        elif kind is bool:
            known[name] = values.flag(name)
        elif kind is Curve:
            curve = values.member(name)
            step = curve.number("step")
            if step <= 0:
                raise curve.wrong("step", "more than 0")
            known[name] = Curve(curve.floats("values"), step)
        elif typing.get_origin(kind) is tuple:
            known[name] = values.floats(name)
        else:
            known[name] = values.choice(name, typing.get_args(Vocals))
    return Features(**known)


def _read_certificate(values: _Values) -> Certificate:
    return Certificate(values.number_or_none("within"), values.flag("proven"), values.text("scope"))
