"""The aliases of a library, without making one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from playlistkit.errors import PlaylistkitError
from playlistkit.library import Library, default_path

__all__ = ["known_aliases"]


def known_aliases(library: str | os.PathLike[str] | None = None) -> list[str]:
    """The aliases in a library's file; none where there is no file or it can't be read."""
    path = default_path() if library is None else Path(library)
    with contextlib.suppress(PlaylistkitError):
        if path.exists():
            with Library(path) as opened:
                return [each.alias for each in opened.clients.list()]
    return []
