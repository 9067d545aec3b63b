"""The JSON Schema of templates, from the same bounds as the reader, so that an editor completes and checks.

What holds between values (lowest above highest, a phase twice) no schema can say; `templates check` tells it.
"""

from __future__ import annotations

from collections.abc import Iterable

from playlistkit.model import PHASES
from playlistkit.template.keys import (
    BOUNDS,
    JOIN_KEYS,
    LINE_PATTERN,
    LONGEST,
    MOST_POINTS,
    NAME_PATTERN,
    PHASE_EVIDENCE,
    REPEATS,
    RULES_EVIDENCE,
    TAKEN_NAMES,
    TEXT_PATTERN,
    VARIANT_EVIDENCE,
    VOCALS,
)

__all__ = ["schema"]

Schema = dict[str, object]


def schema() -> Schema:
    """The JSON Schema (draft 2020-12) that playlistkit/templates/template.schema.json holds."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "playlistkit template",
        "description": "The arc of a session: named phases with minutes, targets and rules.",
        **_mapping(
            {
                "name": _line("The protocol's name."),
                "id": _line("Short name; the file's name without its suffix if left out."),
                "zero": _line("What happens at minute 0 of the medicine."),
                "note": _text("What one should know before using it."),
                "build": {
                    "type": "boolean",
                    "description": "false: to be read, never assembled; the note says why.",
                },
                "phases": {
                    "type": "array",
                    "minItems": 1,
                    "items": _phase(),
                    "description": "In their order.",
                },
                "rules": _rules(),
                "variants": {
                    "type": "object",
                    "propertyNames": _name(),
                    "additionalProperties": _variant(),
                    "description": "Named changes, for --variant NAME.",
                },
                "sources": _list_of(_line("A source tag."), "Source tags; docs/evidence.md explains ours."),
            },
            needed=("name", "phases"),
        ),
        "$defs": {"tags": _tags()},
    }


def _phase() -> Schema:
    keys: dict[str, Schema] = {
        "name": {**_name(), "not": {"enum": list(TAKEN_NAMES)}},
        "stands_for": {"enum": list(PHASES), "description": "Which of the five phases it is."},
        "minutes": _minutes(),
        "energy": _energy(),
        "energy_tolerance": _number(
            "energy_tolerance", "How far a track may lie outside the phase's energies."
        ),
        "tempo": {
            "type": "array",
            "items": _number("tempo"),
            "minItems": 2,
            "maxItems": 2,
            "description": "[lowest, highest] in BPM as felt.",
        },
        "loudness": _number("loudness", "LUFS as played."),
        "loudness_range": _range("loudness_range", ("max",), "LU within a track."),
        "vocals": _vocals(),
        "brightness": _range("brightness", ("min", "max"), "0 dark to 1 bright."),
        "percussiveness": _range("percussiveness", ("min", "max"), "0 no attacks to 1 drums."),
        "boundary_tolerance": _number(
            "boundary_tolerance", "Seconds by which the phase may end early or late."
        ),
        "album_runs": {"type": "boolean", "description": "Whether one artist may follow himself."},
        "repeats": {
            "enum": list(REPEATS),
            "description": "Whether tracks of the client's earlier sessions may come again here.",
        },
        "music": {
            "enum": ["on", "optional", True],
            "description": "optional: the phase may be left out. `on` may be read as true.",
        },
        "hold": _hold(),
        "note": _text("What the room does."),
        "evidence": _evidence(PHASE_EVIDENCE),
    }
    names_itself: Schema = {"properties": {"name": {"enum": list(PHASES)}}, "required": ["name"]}
    return {
        **_mapping(keys, needed=("name", "minutes", "energy")),
        "anyOf": [{"required": ["stands_for"]}, names_itself],
    }


def _minutes() -> Schema:
    bounds: dict[str, Schema] = {
        "default": _number("minutes"),
        "min": _number("minutes.min"),
        "max": _number("minutes.max"),
    }
    return {
        "description": "40, or {default: 40, min: 15, max: 60}; 40 alone means 20 to 60.",
        "anyOf": [_number("minutes"), _mapping(bounds, needed=("default",))],
    }


def _energy() -> Schema:
    pair: Schema = {"type": "array", "items": _number("energy"), "minItems": 2, "maxItems": 2}
    points: Schema = {"type": "array", "items": pair, "minItems": 2, "maxItems": MOST_POINTS}
    return {
        "description": "0 to 1: a level, [from, to], or points [[fraction of the phase, energy], ...].",
        "anyOf": [_number("energy"), pair, points],
    }


def _vocals() -> Schema:
    share: dict[str, Schema] = {
        "allow": {"enum": list(VOCALS)},
        "beyond": {"enum": list(VOCALS)},
        "share": _number("share"),
    }
    return {
        "description": "What voice is allowed; with `share`, more of it for a part of the minutes.",
        "anyOf": [{"enum": list(VOCALS)}, _mapping(share, needed=("allow", "share"))],
    }


def _hold() -> Schema:
    keys = {
        "minute": _number("hold.minute"),
        "around": _number("hold.around", "Minutes before and after it."),
        "rise_minutes": _number("hold_rise_minutes", "The longest that energy should rise within it."),
        "note": _text("What happens then."),
    }
    return {
        "description": "Minute of the phase around which nothing may rise or startle.",
        "anyOf": [_number("hold.minute"), _mapping(keys, needed=("minute",))],
    }


def _rules() -> Schema:
    join: dict[str, Schema] = {
        key: _number("energy_step" if key.startswith("energy") else "loudness_step") for key in JOIN_KEYS
    }
    artist = {
        "max": {**_number("artist.max", "Tracks of one artist in a session."), "type": "integer"},
        "apart_minutes": _number("artist.apart_minutes", "Wished gap between two tracks of one artist."),
    }
    return _mapping(
        {
            "join": {
                **_mapping(join),
                "minProperties": 1,
                "description": "From one track to the next: what is told, and the limits.",
            },
            "track_minutes": _range("track_minutes", ("min", "max"), "Shortest and longest track."),
            "artist": {**_mapping(artist), "minProperties": 1},
            "overlap": _number("overlap", "Seconds of crossfade that the player is set to."),
            "tail_minutes": _number("tail_minutes", "Music after the planned end."),
            "boundary_tolerance": _number(
                "boundary_tolerance", "Seconds by which a phase may end early or late."
            ),
            "evidence": _evidence(RULES_EVIDENCE),
        }
    )


def _variant() -> Schema:
    return _mapping(
        {
            "note": _text("What it is for."),
            "energy": _number("variant.energy", "Added to every energy."),
            "energy_max": _number("energy", "No energy above this."),
            "tempo_max": _number("tempo", "No tempo above this, in BPM."),
            "brightness_max": _number("brightness"),
            "percussiveness_max": _number("percussiveness"),
            "loudness_range_max": _number("loudness_range", "LU within a track."),
            "loudness_up": _number("loudness_step", "LU that a track may begin louder than the last ended."),
            "vocals": {"enum": list(VOCALS), "description": "In all phases but grounding."},
            "minutes": {
                "type": "object",
                "additionalProperties": _number("variant.minutes"),
                "description": "Minutes more or fewer, by phase: {return: 10}.",
            },
            "hold_rise_minutes": _number("hold_rise_minutes", "The longest rise around a phase's hold."),
            "evidence": _evidence(VARIANT_EVIDENCE),
        }
    )


def _mapping(keys: dict[str, Schema], needed: Iterable[str] = ()) -> Schema:
    mapping: Schema = {"type": "object", "properties": keys, "additionalProperties": False}
    return {**mapping, "required": list(needed)} if needed else mapping


def _number(key: str, description: str = "") -> Schema:
    bounds = BOUNDS[key]
    described: Schema = {"description": description} if description else {}
    least = "exclusiveMinimum" if bounds.above else "minimum"
    return {"type": "number", least: bounds.low, "maximum": bounds.high, **described}


def _range(key: str, sides: Iterable[str], description: str) -> Schema:
    return {
        **_mapping({side: _number(key) for side in sides}),
        "minProperties": 1,
        "description": description,
    }


def _text(description: str) -> Schema:
    return {
        "type": "string",
        "maxLength": LONGEST["note"],
        "allOf": [{"pattern": r"\S"}, {"pattern": TEXT_PATTERN}],
        "description": description,
    }


def _line(description: str) -> Schema:
    return {
        "type": "string",
        "maxLength": LONGEST["line"],
        "allOf": [{"pattern": r"\S"}, {"pattern": LINE_PATTERN}],
        "description": description,
    }


def _name() -> Schema:
    return {**_line("No = @ : or comma."), "pattern": NAME_PATTERN}


def _list_of(items: Schema, description: str) -> Schema:
    return {"type": "array", "minItems": 1, "items": items, "description": description}


def _evidence(keys: Iterable[str]) -> Schema:
    tags: Schema = {"$ref": "#/$defs/tags"}
    return {**_mapping(dict.fromkeys(keys, tags)), "description": "Where each key's value comes from."}


def _tags() -> Schema:
    tag = _line("A source tag, or judgement.")
    return {"anyOf": [tag, {"type": "array", "minItems": 1, "items": tag}]}
