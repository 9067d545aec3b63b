"""The process that stands by: it hears ten times a second from the player that all is well, and where it is.

When the pipe breaks, or nothing comes through it for `STUCK` seconds, it takes over. It counts that in short looks of its
own, so that a machine that slept, or that let neither of the two run, is not taken for a player that hangs.

All that it needs to go on comes through the pipe as well, before an order is answered, so that no disk is waited for: a line
that begins with `OPTIONS` holds what the session was started with; `FIRST` and `MORE` bring pieces, and `SETLIST` and
`SNAPSHOT` say what these are, a snapshot being sent without its setlist, which is long and seldom changes.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from playlistkit.errors import PlaylistkitError
from playlistkit.player.place import Place
from playlistkit.player.starting import start
from playlistkit.player.values import Point, Setlist, Snapshot, from_json, to_json

__all__ = ["BEAT", "Left", "Mate", "listen", "stand_by", "within"]

Value = TypeVar("Value")

BEAT = 0.1  # s between two signs of life
LOOK = 0.05  # s between two looks for one
STUCK = 1.0  # s without one after which the player is ended and replaced
HANGS = 15.0  # s in which a stand-by takes nothing out of its pipe, after which it is replaced
DISK = 0.5  # s that a disk may take to say what it holds
PIPE = 2**20  # bytes that wait for a stand-by that is being started, where the system lets us say
TAKEN = 0.1  # s that an order waits at most until the stand-by's pipe has taken what came of it
PIECE = 4000  # bytes sent at a time, between two signs of life
END = b"end"  # what is told instead of a point when the session is over
OPTIONS, FIRST, MORE, SETLIST, SNAPSHOT = b"o", b"-", b"+", b"l", b"s"
NONE = Setlist("", ())


@dataclass(frozen=True, slots=True)
class Left:
    """What a player that died has left."""

    snapshot: Snapshot
    lost: float
    """`time.monotonic()` of its last sign of life."""
    options: Mapping[str, Any]


class Mate:
    """The stand-by, as the player sees it.

    Parameters
    ----------
    place : Place
    options : mapping
        What the session was started with, without its setlist.
    """

    def __init__(self, place: Place, options: Mapping[str, Any]) -> None:
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

    def look(self) -> None:
        """Start one where there is none, or none any more.

        Raises
        ------
        OSError
            If none can be started.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = start(self._place, "--stand-by", stdin=subprocess.PIPE)
                assert self._process.stdin is not None
                if sys.platform != "win32":
                    os.set_blocking(self._process.stdin.fileno(), False)
                if sys.platform == "linux":
                    import fcntl

                    with contextlib.suppress(OSError):
                        fcntl.fcntl(self._process.stdin, fcntl.F_SETPIPE_SZ, PIPE)
                self._rest, self._took = b"", time.monotonic()
                self._lines = collections.deque(
                    [self._options, *self._lines_of_setlist, *self._lines_of_snapshot]
                )

    def beat(self, point: Point) -> None:
        """A sign of life."""
        with self._lock:
            self._sign = to_json(point).encode()
            self._send()

    def keep(self, snapshot: Snapshot) -> None:
        """All that it takes to go on."""
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
        end = time.monotonic() + TAKEN
        while not self._sent() and time.monotonic() < end:
            time.sleep(0.005)

    def _sent(self) -> bool:
        with self._lock:
            self._send()
            return (
                not (self._rest or self._lines) or self._process is None or self._process.poll() is not None
            )

    def end(self) -> None:
        """There is nothing to stand by for any more."""
        with self._lock:
            self._sign = END
            self._send()
            if self._process is not None and (self._rest or self._sign is not None):
                self._process.kill()  # it hangs, and would otherwise go on with what is over

    def _send(self) -> None:
        """Send what the pipe takes."""
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


def listen(lines: Iterable[bytes]) -> queue.Queue[bytes]:
    """Take what a player sends, in a thread of its own, from before anything else is imported."""
    told: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(lines, told), daemon=True).start()
    return told


def stand_by(place: Place, told: queue.Queue[bytes]) -> Left | None:
    """Wait for the player's end.

    Parameters
    ----------
    place : Place
        Whose disk is asked only where the pipe has not said enough.
    told : Queue
        As `listen` gives it.

    Returns
    -------
    Left or None
        Where to go on; None if the session is over, or nothing was heard of it.
    """
    last, heard, silent = b"", 0.0, 0.0
    options: Mapping[str, Any] = {}
    pieces: list[bytes] = []
    setlist = NONE
    saved: Snapshot | None = None
    while True:
        try:
            line = told.get(timeout=LOOK).rstrip(b"\n")
        except queue.Empty:
            silent += LOOK
            if silent < STUCK or not last:
                continue
            with contextlib.suppress(OSError):
                os.kill(_point(last).pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            break
        if not line:
            break
        silent, heard = 0.0, time.monotonic()
        kind, text = line[:1], line[1:]
        if line == END:
            return None
        if kind == OPTIONS:
            options = json.loads(text)
        elif kind == FIRST:
            pieces = [text]
        elif kind == MORE:
            pieces.append(text)
        elif kind == SETLIST:
            setlist, pieces = from_json(Setlist, b"".join(pieces)), []
        elif kind == SNAPSHOT:
            saved, pieces = replace(from_json(Snapshot, b"".join(pieces)), setlist=setlist), []
        else:
            last = line
    if not last:
        return None
    point = _point(last)
    if saved is None or saved.revision < point.revision:
        on_disk = within(DISK, lambda: _on_disk(place))
        if on_disk is not None and (saved is None or on_disk.revision > saved.revision):
            saved = on_disk
    if not options:
        options = within(DISK, place.options) or {}
    if saved is None or saved.mode == "ended":
        return None
    return Left(saved.at(point), heard, options)


def _pieces(kind: bytes, value: Setlist | Snapshot) -> list[bytes]:
    text = to_json(value).encode()
    return [
        *((MORE if at else FIRST) + text[at : at + PIECE] for at in range(0, len(text), PIECE)),
        bytes(kind),
    ]


def within(seconds: float, ask: Callable[[], Value]) -> Value | None:
    """What a disk says; None if it does not say it in so many seconds."""
    found: list[Value] = []
    thread = threading.Thread(target=lambda: found.append(ask()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


def _on_disk(place: Place) -> Snapshot | None:
    with contextlib.suppress(PlaylistkitError):
        return place.snapshot()
    return None


def _point(line: bytes) -> Point:
    return from_json(Point, line)


def _read(lines: Iterable[bytes], told: queue.Queue[bytes]) -> None:
    for line in lines:
        if line.endswith(b"\n"):  # all of it: the player may die as it writes one
            told.put(line)
    told.put(b"")
