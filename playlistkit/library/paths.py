"""Where tracks' files are: paths as the bytes that the system knows them by, whatever their encoding."""

from __future__ import annotations

import os
from collections.abc import Iterable

from playlistkit.library.database import Database

__all__ = ["absolute", "first_there", "paths_of"]


def paths_of(database: Database, where: str = "", wanted: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """The paths of each track's files, in the order in which they became known; of all, or of those `wanted`."""
    paths: dict[str, list[str]] = {}
    query = f"SELECT track, path FROM file {where or 'WHERE track IS NOT NULL'} ORDER BY rowid"  # noqa: S608
    for track, path in database.stream(query, wanted):
        paths.setdefault(track, []).append(os.fsdecode(path))
    return paths


def first_there(paths: Iterable[str]) -> str | None:
    """The first of the paths where there is something."""
    # os.path, unlike Path.exists, takes a folder without permission for absent, and is three times as fast
    return next((path for path in paths if os.path.exists(path)), None)  # noqa: PTH110


def absolute(path: str | os.PathLike[str]) -> str:
    """The path from the root on, `~` replaced."""
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 -- no links resolved
