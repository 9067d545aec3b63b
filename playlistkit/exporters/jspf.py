"""JSPF (xspf.org/jspf): XSPF as JSON."""

from __future__ import annotations

import json

from playlistkit.exporters.naming import VLC, Naming, file_duration, line, stretch
from playlistkit.model import Plan, Slot

__all__ = ["render"]


def render(plan: Plan, naming: Naming) -> bytes:
    """The plan as a JSPF file."""
    playlist = {
        "title": line(plan.name),
        "creator": "playlistkit",
        "track": [_track(slot, naming) for slot in (*plan.slots, *plan.tail)],
    }
    return (json.dumps({"playlist": playlist}, ensure_ascii=False, indent=2) + "\n").encode()


def _track(slot: Slot, naming: Naming) -> dict[str, object]:
    track = slot.track
    location = naming.uri(track.path) if track.path is not None else track.uri
    values = {
        "location": [location] if location else None,
        "identifier": [line(track.uri)] if track.uri else None,
        "title": line(track.title or ""),
        "creator": line(track.artist or ""),
        "annotation": line(slot.reason),
        "album": line(track.album or ""),
        "duration": round(file_duration(slot) * 1000),
        "extension": {VLC: [{"option": option} for option in stretch(track)]}
        if track.path is not None and track.is_part
        else None,
        "meta": [{"urn:playlistkit:phase": line(slot.phase)}],
    }
    return {name: value for name, value in values.items() if value}
