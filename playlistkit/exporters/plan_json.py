"""The plan itself as JSON, one element a line; reading it back (`plan_reading`) gives an equal plan.

What a client heard earlier (`Session.used_tracks`) is never written.
"""

from __future__ import annotations

import dataclasses
import json
import numbers
from collections.abc import Mapping

from playlistkit import template as templates
from playlistkit.errors import ExportError
from playlistkit.exporters.naming import Naming
from playlistkit.exporters.plan_reading import VERSION, loads
from playlistkit.model import (
    Curve,
    Features,
    Plan,
    PlannedPhase,
    Session,
    Slot,
    Track,
)

__all__ = ["VERSION", "dumps", "loads", "render"]

SELDOM = ("album_artist", "people", "work", "movement", "start", "end")
"""Keys of a track that are left out if unknown."""


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
    for name in (field.name for field in dataclasses.fields(features)):
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
