"""Where tracks' files are: paths as the bytes that the system knows them by, whatever their encoding."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from playlistkit.library.database import Database

__all__ = ["Copy", "absolute", "copies_of", "first_there"]


class Copy(NamedTuple):
    """Where a track's sound is."""

    path: str
    start: float = 0.0
    """Seconds into the file at which it begins."""
    end: float | None = None
    """Seconds into the file at which it ends; `None`: with the file."""


def copies_of(database: Database, where: str = "", wanted: tuple[str, ...] = ()) -> dict[str, list[Copy]]:
    """The files of each track, in the order in which they became known; of all, or of those `wanted`."""
    copies: dict[str, list[Copy]] = {}
    query = f"SELECT track, path, start, stop FROM file {where or 'WHERE track IS NOT NULL'} ORDER BY rowid"  # noqa: S608
    for track, path, start, end in database.stream(query, wanted):
        copies.setdefault(track, []).append(Copy(os.fsdecode(path), start, end))
    return copies


def first_there(copies: Iterable[Copy]) -> Copy | None:
    """The first of the copies where there is something."""
    # os.path, unlike Path.exists, takes a folder without permission for absent, and is three times as fast
    return next((each for each in copies if os.path.exists(each.path)), None)  # noqa: PTH110


def absolute(path: str | os.PathLike[str]) -> str:
    """The path from the root on, `~` replaced."""
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 -- no links resolved
