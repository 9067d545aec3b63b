"""Write plans to files. One module per format, each a pure function from a plan to bytes, registered here by suffix."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from playlistkit.errors import ExportError
from playlistkit.exporters import csv, jspf, m3u, plan_json, xspf
from playlistkit.exporters.atomic import write_bytes
from playlistkit.exporters.naming import UNPRINTABLE, Naming, listed, shown
from playlistkit.model import Plan

__all__ = ["SUFFIXES", "plan_json", "write", "write_bytes"]

SUFFIXES: Mapping[str, Callable[[Plan, Naming], bytes]] = {
    ".m3u8": m3u.render,
    ".m3u": m3u.render,
    ".xspf": xspf.render,
    ".jspf": jspf.render,
    ".csv": csv.render,
    ".json": plan_json.render,
}
"""For each format, the function from a plan to a file's bytes; `Naming` says how it names files."""


def write(plan: Plan, path: str | os.PathLike[str], *, relative: bool | None = None) -> tuple[str, ...]:
    """Write a plan as a playlist or as itself; the suffix says the format.

    The file is written beside its final name and then moved there: an earlier file stays until the
    new one is complete on the disk.

    Parameters
    ----------
    plan : Plan
    path : str or path
        Ends in one of `SUFFIXES`.
    relative : bool, optional
        Whether to write paths relative to the playlist's folder; by default only for files under it. The
        plan itself (`.json`) always names them absolutely.

    Returns
    -------
    tuple of str
        Warnings: tracks whose file is missing, or that the format can't name; levels and crossfades that it can't hold.

    Raises
    ------
    ExportError
        If the suffix is unknown or the file can't be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ExportError(
            f"{path}: {suffix or 'no suffix'!r} is not a playlist format; known are {', '.join(SUFFIXES)}"
        )
    naming = Naming(path.parent, relative)
    write_bytes(path, SUFFIXES[suffix](plan, naming))
    return (*_warnings(plan), *_parts(plan, suffix), *_levels(plan, suffix))


def _parts(plan: Plan, suffix: str) -> tuple[str, ...]:
    """Warnings about tracks that are parts of their files."""
    count = sum(slot.track.is_part for slot in (*plan.slots, *plan.tail))
    if not count or suffix in (".json", ".csv"):
        return ()
    tracks = "1 track is a part" if count == 1 else f"{count} tracks are parts"
    return (
        f"{tracks} of an album in one file: with {suffix} playlists only VLC plays just that part; other players play the whole "
        "album; play the session with playlistkit, or render it",
    )


def _levels(plan: Plan, suffix: str) -> tuple[str, ...]:
    """A warning if the plan's gains and overlaps are lost on the way to another player."""
    slots = (*plan.slots, *plan.tail)
    if plan.session.player != "render" or suffix in (".json", ".csv"):
        return ()
    if not any(slot.gain or slot.overlap for slot in slots):
        return ()
    return (
        f"levels and crossfades are planned for playlistkit itself, and {suffix} playlists can't hold them: "
        'play the session with playlistkit, render it, or plan it for the player "files"',
    )


def _warnings(plan: Plan) -> tuple[str, ...]:
    """Tracks that a player will not find, one sentence each."""
    warnings: dict[str, None] = {}
    for slot in (*plan.slots, *plan.tail):
        track = slot.track
        where = f"{slot.phase}: {listed(track)}"
        if track.path is None and track.uri is None:
            warnings[f"{where} has neither a file nor a URI, so no player can find it"] = None
        elif track.path is not None and not os.path.isfile(track.path):  # noqa: PTH113 - keeps odd names
            warnings[f"{where}: {shown(track.path)} is not there; put it back or scan its new folder"] = None
        elif track.path is not None and UNPRINTABLE.search(track.path):
            warnings[
                f"{where}: the name {shown(track.path)} is not plain text, "
                "so some players won't find it; rename the file"
            ] = None
    return tuple(warnings)
