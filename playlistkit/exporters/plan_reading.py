"""Read a plan from its JSON; whatever is wrong with it is told by its place in the document."""

from __future__ import annotations

import dataclasses
import json
import types
import typing

from playlistkit import template as templates
from playlistkit.errors import InputError, TemplateError
from playlistkit.exporters.plan_values import MOST_SECONDS, Values
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

__all__ = ["VERSION", "loads"]

A_PLAN = "a plan is the .json that `playlistkit build -o` writes"

VERSION = 1
"""Version of the format; a reader refuses higher ones."""

MOST_OVERLAP = 120.0  # s; overlapping sound is held in memory
MOST_BEYOND = 60.0  # s by which a slot may outlast its track, in silence
MOST_GAIN = 60.0  # dB

FEATURE_TYPES = typing.get_type_hints(Features)
"""Feature name to its type, `X | None`."""


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
    except ValueError as error:
        why = str(error) if str(error).startswith("holds ") else "holds a number of thousands of digits"
        raise InputError(f"{origin}: is not a plan: {why}; {A_PLAN}") from error
    if not isinstance(document, dict) or "playlistkit" not in document:
        raise InputError(
            f"{origin}: is not a plan of playlistkit (the key 'playlistkit' is missing); {A_PLAN}"
        )
    top = Values(document, origin)
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
        slots=_read_slots(top, "slots"),
        reserves={
            phase: tuple(
                Reserve(_read_track(each), _read_features(each.member("features")), each.text("reason"))
                for each in reserves
            )
            for phase, reserves in top.member("reserves").lists()
        },
        tail=_read_slots(top, "tail"),
        shortfalls=tuple(
            Shortfall(each.text("phase"), each.number("minutes"), each.text("rule"), each.text("text"))
            for each in top.objects("shortfalls")
        ),
        warnings=top.texts("warnings"),
        score=Score(top.member("score").number("total"), top.member("score").numbers("terms")),
        certificate=_read_certificate(top.member("certificate")),
    )


def _refuse(constant: str) -> float:
    raise ValueError(f"holds {constant}, which is not a number in JSON")


def _read_session(values: Values, template: Values) -> Session:
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


def _read_pin(values: Values) -> Pin:
    place = values.text_or_none("place")
    if place not in ("first", "last", None):
        raise values.wrong("place", "first, last or null")
    return Pin(
        values.text("track"),
        values.text_or_none("phase"),
        typing.cast(typing.Literal["first", "last"] | None, place),
        values.number_or_none("time"),
    )


def _read_slots(top: Values, key: str) -> tuple[Slot, ...]:
    """Slots in the order of their starts."""
    slots: list[Slot] = []
    for values in top.objects(key):
        slot = _read_slot(values)
        if slots and slot.start < slots[-1].start:
            raise values.wrong(
                "start", f"at or after the start of the slot before it ({slots[-1].start:g} s)"
            )
        slots.append(slot)
    return tuple(slots)


def _read_slot(values: Values) -> Slot:
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


def _read_track(holder: Values) -> Track:
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


def _read_features(values: Values) -> Features:
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


def _read_certificate(values: Values) -> Certificate:
    return Certificate(values.number_or_none("within"), values.flag("proven"), values.text("scope"))
