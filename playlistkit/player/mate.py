"""The stand-by, as seen by the process before it: the player, or the player's own stand-by.

Everything it needs to take over is sent through a pipe before an order is answered, so no disk is waited for. A line that
begins with `OPTIONS` holds what the session was started with; `FIRST` and `MORE` bring pieces, and `SETLIST` and `SNAPSHOT` say
what these are. (A snapshot is sent without its setlist, which is long and seldom changes.) Any other line is a `Point`: a sign
of life, ten times a second.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from playlistkit.player.place import Place
from playlistkit.player.starting import start
from playlistkit.player.values import Point, Setlist, Snapshot, to_json

__all__ = ["BEAT", "END", "FIRST", "MORE", "NONE", "OPTIONS", "SETLIST", "SNAPSHOT", "Mate"]

BEAT = 0.1  # s between two signs of life
HANGS = 15.0  # s in which a stand-by takes nothing out of its pipe, after which it is replaced
ANOTHER = 1.0  # s between two starts of one
PIPE = 2**20  # bytes that wait for a stand-by that is being started, where the system lets us say
TAKEN = 0.1  # s that an order waits at most until the stand-by's pipe has taken what came of it
PIECE = 4000  # bytes sent at a time, between two signs of life
END = b"end"  # what is told instead of a point when the session is over
OPTIONS, FIRST, MORE, SETLIST, SNAPSHOT = b"o", b"-", b"+", b"l", b"s"
NONE = Setlist("", ())


class Mate:
    """The stand-by, as seen by the process that started it.

    Parameters
    ----------
    place : Place
    options : mapping
        What the session was started with, without its setlist.
    sign : callable
        Where the music is, for a sign of life; None where there is none to give.
    """

    def __init__(
        self, place: Place, options: Mapping[str, Any], sign: Callable[[], Point | None] = lambda: None
    ) -> None:
        self.sign = sign
        """May be replaced: a stand-by that becomes the player keeps the one that it started."""
        self._place = place
        self._options = OPTIONS + json.dumps(options).encode()
        self._setlist: Setlist | None = None
        self._lines_of_setlist: list[bytes] = []
        self._lines_of_snapshot: list[bytes] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._rest = b""  # of a line of which the pipe took a part
        self._sign: bytes | None = None  # of life, the latest alone
        self._lines: collections.deque[bytes] = collections.deque()
        self._took = 0.0
        self._started = -ANOTHER
        self._ended = threading.Event()
        self._beating: threading.Thread | None = None

    def look(self) -> None:
        """Start one if there is none (any more).

        Raises
        ------
        OSError
            If none can be started.
        """
        if self._beating is None:
            self._beating = threading.Thread(target=self._beat, name="beating", daemon=True)
            self._beating.start()
        with self._lock:
            there = self._process is not None and self._process.poll() is None
            now = time.monotonic()
            if there or now - self._started < ANOTHER:
                return
            self._started = now
            self._process = start(self._place, "--stand-by", stdin=subprocess.PIPE)
            assert self._process.stdin is not None
            if sys.platform != "win32":
                os.set_blocking(self._process.stdin.fileno(), False)
            if sys.platform == "linux":
                import fcntl

                with contextlib.suppress(OSError):
                    fcntl.fcntl(self._process.stdin, fcntl.F_SETPIPE_SZ, PIPE)
            self._rest, self._took = b"", now
            self._lines = collections.deque(
                [self._options, *self._lines_of_setlist, *self._lines_of_snapshot]
            )

    def _beat(self) -> None:
        while not self._ended.wait(BEAT):
            point = self.sign()
            if point is not None:
                self.beat(point)

    def beat(self, point: Point) -> None:
        """A sign of life."""
        with self._lock:
            if not self._ended.is_set():
                self._sign = to_json(point).encode()
                self._send()

    def keep(self, snapshot: Snapshot, patience: float = TAKEN) -> None:
        """Send everything needed to take over; waits at most so many seconds for the pipe to take it."""
        with self._lock:
            late = {id(line) for line in self._lines_of_snapshot}
            left = [line for line in self._lines if id(line) not in late]  # the latest alone is worth sending
            if snapshot.setlist is not self._setlist:
                late = {id(line) for line in self._lines_of_setlist}
                left = [line for line in left if id(line) not in late]
                self._setlist = snapshot.setlist
                self._lines_of_setlist = _pieces(SETLIST, snapshot.setlist)
                left += self._lines_of_setlist
            self._lines_of_snapshot = _pieces(SNAPSHOT, replace(snapshot, setlist=NONE))
            self._lines = collections.deque([*left, *self._lines_of_snapshot])
        end = time.monotonic() + patience
        while not self._sent() and time.monotonic() < end:
            time.sleep(0.005)

    def _sent(self) -> bool:
        with self._lock:
            self._send()
            return (
                not (self._rest or self._lines) or self._process is None or self._process.poll() is not None
            )

    def end(self) -> None:
        """Let it end: there is nothing left to stand by for."""
        with self._lock:
            self._ended.set()
            self._sign = END
            self._send()
            if self._process is not None and (self._rest or self._sign is not None):
                self._process.kill()  # it hangs, and would otherwise go on with what is over

    def _send(self) -> None:
        """Send as much as the pipe takes."""
        mate = self._process
        if mate is None or mate.stdin is None:
            return
        try:
            while self._rest or self._sign is not None or self._lines:
                if not self._rest:
                    line, self._sign = self._sign, None
                    self._rest = (self._lines.popleft() if line is None else line) + b"\n"
                written = mate.stdin.write(self._rest)
                if not written:
                    break
                self._rest, self._took = self._rest[written:], time.monotonic()
        except (OSError, ValueError):  # it died, and another is started
            return
        if time.monotonic() - self._took > HANGS:
            mate.kill()


def _pieces(kind: bytes, value: Setlist | Snapshot) -> list[bytes]:
    text = to_json(value).encode()
    return [
        *((MORE if at else FIRST) + text[at : at + PIECE] for at in range(0, len(text), PIECE)),
        bytes(kind),
    ]
