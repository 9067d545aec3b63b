"""Browse folders to choose music from: drives, the home folder, folders added before."""

from __future__ import annotations

import os
import string
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from playlistkit import audio
from playlistkit.errors import InputError
from playlistkit.library import Library

__all__ = ["Folder", "Seen", "added_folders", "look_into", "starting_points"]

MOST_ADDED = 8
MOUNTS = ("/media", "/run/media", "/mnt", "/Volumes")
"""Where systems mount drives."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that can be opened."""

    path: str
    name: str
    is_there: bool = True
    """Whether it is found now; it may have moved, or be on a drive that is unplugged."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in a folder."""

    path: str
    parent: str | None
    """`None` at the root."""
    folders: tuple[Folder, ...]
    """Sorted by name, without hidden or unreadable ones."""
    files: int
    """Audio files directly in it."""


def look_into(path: str) -> Seen:
    """List a folder.

    Raises
    ------
    InputError
        If it is not a folder, or not readable.
    """
    where = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 -- no links resolved
    folders, files = [], 0
    try:
        with os.scandir(where) as entries:
            for entry in entries:
                if entry.name.startswith((".", "$")):
                    continue
                try:
                    if entry.is_dir():
                        if os.access(entry.path, os.R_OK | os.X_OK):
                            folders.append(Folder(entry.path, entry.name))
                    elif os.path.splitext(entry.name)[1].lower() in audio.SUFFIXES:  # noqa: PTH122
                        files += 1
                except OSError:  # a broken link
                    continue
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"{where}: this folder can't be read ({why}); choose another") from error
    parent = os.path.dirname(where)  # noqa: PTH120
    folders.sort(key=lambda each: each.name.casefold())
    return Seen(where, parent if parent != where else None, tuple(folders), files)


def starting_points() -> list[Folder]:
    """Where to start browsing: the music folder, the home folder, every drive."""
    import platformdirs

    home = Path.home()
    found = [Folder(os.fspath(home), "Home")]
    music = Path(platformdirs.user_music_dir())
    if music != home and music.is_dir():
        found.insert(0, Folder(os.fspath(music), "Music"))
    return found + [Folder(path, os.path.basename(path.rstrip("\\/")) or path) for path in _drives()]  # noqa: PTH119


def added_folders(library: Library) -> list[Folder]:
    """The few folders that hold the library's tracks."""
    holding = {os.path.dirname(path) for path, known in library.files().items() if known.track}  # noqa: PTH120
    tops = _tops(holding)
    while len(tops) > MOST_ADDED:
        tops = _tops({os.path.dirname(path) for path in tops})  # noqa: PTH120
    return [Folder(path, os.path.basename(path) or path, os.path.isdir(path)) for path in sorted(tops)]  # noqa: PTH112, PTH119


def _tops(folders: Iterable[str]) -> set[str]:
    """The folders that lie in none of the others."""
    tops: set[str] = set()
    for path in sorted(folders):  # a folder sorts before its contents
        above = path
        while above not in tops and os.path.dirname(above) != above:  # noqa: PTH120
            above = os.path.dirname(above)  # noqa: PTH120
        if above not in tops:
            tops.add(path)
    return tops


def _drives() -> list[str]:
    if sys.platform == "win32":
        return [f"{letter}:\\" for letter in string.ascii_uppercase if os.path.exists(f"{letter}:\\")]  # noqa: PTH110
    user = os.path.basename(os.path.expanduser("~"))  # noqa: PTH111, PTH119
    found: dict[str, None] = {}
    for mount in MOUNTS:
        for base in (f"{mount}/{user}", mount):
            try:
                names = sorted(os.listdir(base))  # noqa: PTH208
            except OSError:
                continue
            for name in names:
                path = f"{base}/{name}"
                if name not in (user, *(each.strip("/") for each in MOUNTS)) and os.path.isdir(path):  # noqa: PTH112
                    found.setdefault(path)
    return list(found)
