"""The process that stands by: it hears ten times a second from the player that all is well, and where it is.

When the pipe breaks, or nothing comes through it for `STUCK` seconds, it takes over. It counts that in short looks of its
own, so that a machine that slept, or that let neither of the two run, is not taken for a player that hangs.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable

from playlistkit.errors import PlaylistkitError
from playlistkit.player.place import Place
from playlistkit.player.starting import start
from playlistkit.player.values import Point, Snapshot, from_json, to_json

__all__ = ["BEAT", "Mate", "stand_by"]

BEAT = 0.1  # s between two signs of life
LOOK = 0.05  # s between two looks for one
STUCK = 1.0  # s without one after which the player is ended and replaced
READ_AGAIN = 1.0  # s between two readings of the state, at least
PIPE = 16_384  # bytes, about 15 s of signs of life: a stand-by that reads none of them is replaced
END = b"end"  # what is told instead of a point when the session is over


class Mate:
    """The stand-by, as the player sees it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def look(self) -> None:
        """Start one where there is none, or none any more."""
        with self._lock, contextlib.suppress(OSError):
            if self._process is None or self._process.poll() is not None:
                self._process = start(self._place, "--stand-by", stdin=subprocess.PIPE)
                assert self._process.stdin is not None
                if sys.platform != "win32":
                    os.set_blocking(self._process.stdin.fileno(), False)
                if sys.platform == "linux":
                    import fcntl

                    fcntl.fcntl(self._process.stdin, fcntl.F_SETPIPE_SZ, PIPE)

    def beat(self, point: Point) -> None:
        """A sign of life."""
        self._tell(to_json(point).encode())

    def end(self) -> None:
        """There is nothing to stand by for any more."""
        self._tell(END)

    def _tell(self, line: bytes) -> None:
        mate = self._process
        if mate is not None and mate.stdin is not None:
            try:
                written = mate.stdin.write(line + b"\n")
            except (OSError, ValueError):  # it died, and another is started
                return
            if written is None:  # the pipe is full: it hangs
                mate.kill()


def stand_by(place: Place, lines: Iterable[bytes]) -> tuple[Snapshot, float] | None:
    """Wait for the player's end.

    Parameters
    ----------
    place : Place
    lines : iterable of bytes
        The player's signs of life; read in a thread of its own.

    Returns
    -------
    tuple of Snapshot and float, or None
        Where to go on, and the `time.monotonic()` of the last sign of life; None if the session is over.
    """
    told: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(lines, told), daemon=True).start()
    last, heard = b"", 0.0
    silent = 0.0
    saved, read = None, 0.0
    while True:
        try:
            line = told.get(timeout=LOOK)
        except queue.Empty:
            silent += LOOK
            if silent < STUCK or not last:
                continue
            with contextlib.suppress(OSError):
                os.kill(_point(last).pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            break
        if not line:
            break
        if line.strip() == END:
            return None
        silent = 0.0
        last, heard = line, time.monotonic()
        if heard - read > READ_AGAIN and (saved is None or saved.revision != json.loads(line)["revision"]):
            read = heard
            with contextlib.suppress(PlaylistkitError):
                saved = place.snapshot()  # so that nothing need be read when it matters
    if not last:
        return None
    point = _point(last)
    if saved is None or saved.revision != point.revision:
        with contextlib.suppress(PlaylistkitError):
            saved = place.snapshot() or saved
    return None if saved is None else (saved.at(point), heard)


def _point(line: bytes) -> Point:
    return from_json(Point, line)


def _read(lines: Iterable[bytes], told: queue.Queue[bytes]) -> None:
    for line in lines:
        told.put(line)
    told.put(b"")
