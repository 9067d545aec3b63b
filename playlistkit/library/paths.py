"""The paths of tracks' files, as the system's own bytes, whatever their encoding."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from playlistkit.library.database import Database

__all__ = ["Copy", "absolute", "copies_of", "first_there"]


class Copy(NamedTuple):
    """Where to find a track's sound."""

    path: str
    start: float = 0.0
    """Seconds into the file at which it begins."""
    end: float | None = None
    """Seconds into the file at which it ends; `None` for the file's end."""


def copies_of(database: Database, where: str = "", wanted: tuple[str, ...] = ()) -> dict[str, list[Copy]]:
    """The files of all tracks, or of those `wanted`, in the order in which they were found."""
    copies: dict[str, list[Copy]] = {}
    query = f"SELECT track, path, start, stop FROM file {where or 'WHERE track IS NOT NULL'} ORDER BY rowid"  # noqa: S608
    for track, path, start, end in database.stream(query, wanted):
        copies.setdefault(track, []).append(Copy(os.fsdecode(path), start, end))
    return copies


def first_there(copies: Iterable[Copy]) -> Copy | None:
    """The first copy that exists."""
    # os.path, unlike Path.exists, treats a folder without permission as absent, and is three times as fast
    return next((each for each in copies if os.path.exists(each.path)), None)  # noqa: PTH110


def absolute(path: str | os.PathLike[str]) -> str:
    """The absolute path, with `~` expanded."""
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 -- no links resolved
