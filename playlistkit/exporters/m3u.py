"""M3U: one line per track, comments for the phases, UTF-8.

Names that are not UTF-8 are kept byte for byte. A line can't hold a line break or keep spaces at its ends:
such files are named by a percent-encoded `file://` URI, which mpv and VLC read. A part of a file is written with VLC's options.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from playlistkit.exporters.naming import Naming, file_duration, file_uri, line, listed, stretch
from playlistkit.figures import clock
from playlistkit.model import Plan, Slot

__all__ = ["render"]

UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]|\s$")
# a comment, a blank that would be trimmed, or something that looks like a URI: "./" keeps it a path
AMBIGUOUS = re.compile(r"#|\s|[^/]*:")


def render(plan: Plan, naming: Naming) -> bytes:
    """The plan as an M3U file."""
    return "".join(f"{each}\n" for each in _lines(plan, naming)).encode("utf-8", "surrogateescape")


def _lines(plan: Plan, naming: Naming) -> Iterator[str]:
    yield "#EXTM3U"
    yield "#EXTENC:UTF-8"
    yield f"#PLAYLIST:{line(plan.name)}"
    phases = {phase.name: phase for phase in plan.phases}
    heard = ""
    for slot in plan.slots:
        if slot.phase != heard and slot.phase in phases:
            phase = phases[slot.phase]
            yield (
                f"# {line(phase.name)}: {clock(phase.start)} to {clock(phase.end)} "
                f"(aimed at {clock(phase.target_start)} to {clock(phase.target_end)})"
            )
        heard = slot.phase
        yield from _entry(slot, plan, naming)
    if plan.tail:
        yield f"# end of the session at {clock(plan.duration)}; what follows keeps the room from falling silent"
        for slot in plan.tail:
            yield from _entry(slot, plan, naming)


def _entry(slot: Slot, plan: Plan, naming: Naming) -> Iterator[str]:
    track = slot.track
    where = track.uri if plan.session.player == "spotify" or track.path is None else None
    if where is None and track.path is not None:
        where = _located(track.path, naming)
    if where is not None:
        yield f"#EXTINF:{round(file_duration(slot)) or -1},{listed(track)}"
        if track.path is not None:
            yield from (f"#EXTVLCOPT:{option}" for option in stretch(track))
        yield where


def _located(path: str, naming: Naming) -> str:
    """The file as a line that reads back as this file and nothing else."""
    named = naming.path(path)
    if UNSAFE.search(named):
        return file_uri(path)
    if named != path and AMBIGUOUS.match(named):
        return f"./{named}"
    return named
