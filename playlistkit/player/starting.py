"""Start the processes of a player, and open files that only this user can read."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import Any

from playlistkit.player.place import Place

__all__ = ["private", "start"]


def start(place: Place, *options: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start a player of a folder, independent of the terminal and of the process that starts it."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    log = subprocess.DEVNULL
    with contextlib.suppress(OSError):  # a disk that can't be written is no reason not to play
        log = os.open(place.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603 -- our own module
            [sys.executable, "-m", "playlistkit.player", str(place.folder), *options],
            stdin=stdin,
            bufsize=0,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=place.folder if place.folder.is_dir() else os.path.abspath(os.sep),  # noqa: PTH100
            **detached,
        )
    finally:
        if log != subprocess.DEVNULL:
            os.close(log)


def private(path: str, flags: int) -> int:
    """An opener of files that only this user can read."""
    return os.open(path, flags, 0o600)
