"""The stand-by process: ten times a second the player tells it that all is well, and where it is.

When the pipe breaks, or nothing comes through it for `STUCK` seconds, it takes over. It
counts that in short intervals of its own, so a machine that slept, or ran neither process, is not mistaken for a hanging player.

It keeps a stand-by of its own and passes on what it hears, so the music goes on even if player and first stand-by die at
once. That one is second in line: the end of its pipe says only that the first stand-by died; the lock says whether the player
did. It becomes the first as soon as it hears from a process that has become the player.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from multiprocessing import AuthenticationError
from typing import Any, TypeVar

from playlistkit.errors import PlaylistkitError
from playlistkit.player.mate import END, FIRST, MORE, NONE, OPTIONS, SETLIST, SNAPSHOT, Mate
from playlistkit.player.place import LOOKED_AT, STAND_BY, Lock, Place
from playlistkit.player.remote import connect
from playlistkit.player.values import Point, Setlist, Snapshot, from_json

__all__ = ["Left", "listen", "stand_by"]

Value = TypeVar("Value")

LOOK = 0.05  # s between two looks for a sign of life
STUCK = 1.0  # s without one after which the process before is ended and replaced
LETS_GO = 5.0  # s in which the system takes the locks from a process that died
LINGERS = 15.0  # s after which a player whose first stand-by died has another, or can have none
DISK = 0.5  # s that a disk may take to say what it holds
ANSWERS = 0.5  # s in which a player answers that does not hang


@dataclass(frozen=True, slots=True)
class Left:
    """What a dead player has left."""

    snapshot: Snapshot
    lost: float
    """`time.monotonic()` of its last sign of life."""
    options: Mapping[str, Any]
    mate: Mate
    """The stand-by's own, which hears that it lives until it plays."""


class _Known:
    """What came through the pipe."""

    def __init__(self) -> None:
        self.options: Mapping[str, Any] | None = None
        self.saved: Snapshot | None = None
        self.point: Point | None = None
        self.came = 0.0
        """`time.monotonic()` when that came."""
        self._pieces: list[bytes] = []
        self._setlist = NONE

    def take(self, line: bytes) -> bool:
        """Read a line; whether it completed a snapshot."""
        kind, text = line[:1], line[1:]
        if kind == OPTIONS:
            self.options = json.loads(text)
        elif kind == FIRST:
            self._pieces = [text]
        elif kind == MORE:
            self._pieces.append(text)
        elif kind == SETLIST:
            self._setlist, self._pieces = from_json(Setlist, b"".join(self._pieces)), []
        elif kind == SNAPSHOT:
            read = from_json(Snapshot, b"".join(self._pieces))
            self.saved, self._pieces = replace(read, setlist=self._setlist), []
            return True
        else:
            self.point, self.came = from_json(Point, line), time.monotonic()
        return False

    @property
    def second(self) -> bool:
        """Whether it comes from a process that itself stands by."""
        return self.point is not None and self.point.by != self.point.pid


def listen(lines: Iterable[bytes]) -> queue.Queue[bytes]:
    """Receive what a player sends, in a thread of its own, starting before anything else is imported."""
    told: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(lines, told), daemon=True).start()
    return told


def stand_by(place: Place, lock: Lock, told: queue.Queue[bytes]) -> Left | None:
    """Wait for the player's end.

    Parameters
    ----------
    place : Place
        Its disk is asked only if the pipe has not said enough.
    lock : Lock
        The player's, which is held afterwards.
    told : Queue
        As `listen` gives it.

    Returns
    -------
    Left or None
        Where to go on; None if the session is over, nothing was heard of it, or others go on with it.
    """
    known = _Known()
    mine = Lock(place, STAND_BY)  # so that whoever asks sees that the session is in good hands
    mate: Mate | None = None
    line, silent, hangs = b"", 0.0, False
    while not hangs:
        try:
            line = told.get(timeout=LOOK).rstrip(b"\n")
        except queue.Empty:
            silent += LOOK
            hangs = silent >= STUCK and known.point is not None
            continue
        if not line or line == END:
            break
        silent = 0.0
        whole = known.take(line)
        if known.point is None or known.second:
            continue
        if mate is None:
            _within(LOOKED_AT, lambda: _taken(mine, LOOKED_AT))
            mate = Mate(place, known.options or {}, lambda: _still_there(known))
            whole = True
        if whole and known.saved is not None:
            mate.keep(known.saved, 0.0)
        with contextlib.suppress(OSError):  # the player reports that: it can't start one either
            mate.look()
    left = None
    if known.point is not None and (hangs or line != END):
        if hangs:
            _kill(known.point.by)
        if mate is not None:
            left = _first(place, lock, known, mate)
        else:
            left = _second(place, lock, mine, known, hangs=hangs)
    if left is None and mate is not None:
        mate.end()
    mine.release()
    return left


def _first(place: Place, lock: Lock, known: _Known, mate: Mate) -> Left | None:
    """What the player has left, as its own stand-by knows it."""
    if _within(LETS_GO + 1.0, lambda: _taken(lock, LETS_GO)) is False:
        return None
    return _left(place, known, known.came, mate)


def _second(place: Place, lock: Lock, mine: Lock, known: _Known, *, hangs: bool) -> Left | None:
    """What the player has left, as known through a stand-by that is gone; None if the player lives."""
    assert known.point is not None
    alive, began = known.came, time.monotonic()
    while not _had(lock):
        if hangs and _within(ANSWERS, lambda: _answers(place)) is None:  # not even that it knows nobody
            _kill(known.point.pid)
        else:
            alive = time.monotonic()
        hangs = False
        waited = time.monotonic() - began
        if waited > LINGERS or (waited > LETS_GO and _held(mine)):  # another stands by
            return None
        time.sleep(LOOK)
    if not place.runs():  # it was ended on purpose
        lock.release()
        return None
    mate = Mate(place, known.options or {}, lambda: _still_there(known))
    return _left(place, known, alive, mate)


def _left(place: Place, known: _Known, lost: float, mate: Mate) -> Left | None:
    """What is known of the session, from the pipe or the disk, whichever knows more."""
    point, saved = known.point, known.saved
    assert point is not None
    if saved is not None:
        saved = saved.at(point)
    if saved is None or saved.revision < point.revision or lost - known.came > STUCK:
        on_disk = _within(DISK, lambda: _on_disk(place))
        if on_disk is not None and (
            saved is None or (on_disk.revision, on_disk.elapsed) > (saved.revision, saved.elapsed)
        ):
            saved = on_disk
    options = known.options or _within(DISK, place.options) or {}
    if saved is None or saved.mode == "ended":
        return None
    elapsed = max(saved.elapsed, point.elapsed + lost - known.came)
    return Left(replace(saved, elapsed=elapsed), lost, options, mate)


def _still_there(known: _Known) -> Point | None:
    return None if known.point is None else replace(known.point, by=os.getpid())


def _kill(process: int) -> None:
    if process > 0:
        with contextlib.suppress(OSError):
            os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))


def _taken(lock: Lock, patience: float) -> bool:
    """Whether nobody else holds it. A failing disk must not stop the music."""
    try:
        return lock.take(patience)
    except OSError:
        return True


def _had(lock: Lock) -> bool:
    """Whether we hold it now; a failing disk says nothing about the player."""
    with contextlib.suppress(OSError):
        return lock.take()
    return False


def _held(lock: Lock) -> bool:
    """Whether another process holds it, as far as a failing disk can tell."""
    with contextlib.suppress(PlaylistkitError):
        return not lock.free()
    return False


def _answers(place: Place) -> bool:
    with contextlib.suppress(OSError, EOFError, AuthenticationError):
        connect(place).close()
        return True
    return False


def _within(seconds: float, ask: Callable[[], Value]) -> Value | None:
    """What the disk answers; None if it doesn't answer within so many seconds."""
    found: list[Value] = []
    thread = threading.Thread(target=lambda: found.append(ask()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


def _on_disk(place: Place) -> Snapshot | None:
    with contextlib.suppress(PlaylistkitError):
        return place.snapshot()
    return None


def _read(lines: Iterable[bytes], told: queue.Queue[bytes]) -> None:
    for line in lines:
        if line.endswith(b"\n"):  # all of it: the player may die as it writes one
            told.put(line)
    told.put(b"")
