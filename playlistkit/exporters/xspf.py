"""XSPF, version 1 (xspf.org): XML with file URIs and durations in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from playlistkit.exporters.naming import VLC, Naming, file_duration, stretch, xml_text
from playlistkit.model import Plan, Slot

__all__ = ["render"]


def render(plan: Plan, naming: Naming) -> bytes:
    """The plan as an XSPF file."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<playlist version="1" xmlns="http://xspf.org/ns/0/"{_vlc(plan)}>',
        *_element("title", plan.name, 1),
        *_element("creator", "playlistkit", 1),
        "  <trackList>",
        *(each for slot in (*plan.slots, *plan.tail) for each in _track(slot, naming)),
        "  </trackList>",
        "</playlist>",
    ]
    return "".join(f"{each}\n" for each in lines).encode()


def _track(slot: Slot, naming: Naming) -> Iterator[str]:
    track = slot.track
    yield "    <track>"
    if track.path is not None:
        yield from _element("location", naming.uri(track.path), 3)
    elif track.uri is not None:
        yield from _element("location", track.uri, 3)
    if track.uri is not None:
        yield from _element("identifier", track.uri, 3)
    yield from _element("title", track.title, 3)
    yield from _element("creator", track.artist, 3)
    yield from _element("annotation", slot.reason, 3)
    yield from _element("album", track.album, 3)
    if file_duration(slot) > 0:
        yield from _element("duration", str(round(file_duration(slot) * 1000)), 3)
    yield f'      <meta rel="urn:playlistkit:phase">{escape(xml_text(slot.phase))}</meta>'
    options = stretch(track) if track.path is not None else ()
    if options:
        yield f'      <extension application="{VLC}">'
        yield from (f"        <vlc:option>{option}</vlc:option>" for option in options)
        yield "      </extension>"
    yield "    </track>"


def _vlc(plan: Plan) -> str:
    """The name space of VLC's additions, where a track is a part of its file."""
    parts = any(slot.track.is_part for slot in (*plan.slots, *plan.tail))
    return f' xmlns:vlc="{VLC}"' if parts else ""


def _element(name: str, text: str | None, depth: int) -> Iterator[str]:
    """The element on its own line; nothing where there is no text."""
    content = xml_text(text or "")
    if content:
        yield f"{'  ' * depth}<{name}>{escape(content)}</{name}>"
