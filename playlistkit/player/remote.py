"""The player from outside: start one, find the one that is playing, ask it, give it orders."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import threading
import time
import uuid
from collections.abc import Mapping
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from typing import Any, TypeVar

from playlistkit.errors import PlaylistkitError
from playlistkit.player.place import LOOKED_AT, STAND_BY, Lock, Place
from playlistkit.player.starting import start as start_process
from playlistkit.player.values import Answer, Name, Order, Setlist, Snapshot, State, from_json

__all__ = ["NoPlayerError", "Remote", "attach", "connect", "go_on", "interrupted", "start"]

Value = TypeVar("Value")

PATIENCE = 20.0  # s for a new player to answer; a cold disk reads numpy slowly
AGAIN = 3.0  # s in which a player that died is back
FREE = 0.3  # s for which nobody plays or stands by, after which nobody can be taking over
JUST_NOW = (
    10.0  # s since its last sign of life in which a session that died is started again without being asked
)


class NoPlayerError(PlaylistkitError):
    """No session is playing."""


class Remote:
    """A connection to the player that plays.

    It survives the player: when that dies and another process goes on, the next question finds it there. When the
    stand-by died with it, the next question within `JUST_NOW` seconds starts the session again where it was. Safe to use
    from several threads.

    Parameters
    ----------
    place : Place
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def state(self) -> State:
        """Where it stands.

        Raises
        ------
        NoPlayerError
            If no session is playing.
        """
        return self._ask(State, {"ask": "state"})

    def order(
        self, name: Name, *, gesture: str | None = None, revision: int | None = None, minutes: float = 10.0
    ) -> Answer:
        """Tell it what to do.

        Parameters
        ----------
        name : str
            One of `playlistkit.player.NAMES`.
        gesture : str, optional
            An id of the gesture; one that was answered is not carried out again.
        revision : int, optional
            `State.revision` as the person saw it, so that an order can't hit a track that has just begun.
        minutes : float
            Of "more".

        Raises
        ------
        NoPlayerError
        """
        order = Order(name, gesture or uuid.uuid4().hex, revision, minutes)
        return self._ask(Answer, {"ask": "order", "order": dataclasses.asdict(order)})

    def revise(self, setlist: Setlist, order: Name | None = None, *, replaces: int | None = None) -> Answer:
        """Replace what comes after the playing track by another plan, made after an order; `undo` takes both back.

        `replaces` is the `State.setlist` of the plan that it was made from; where another has come since, nothing is done.
        """
        question = {"ask": "revise", "setlist": dataclasses.asdict(setlist), "order": order}
        return self._ask(Answer, question | {"replaces": replaces})

    def snapshot(self) -> Snapshot:
        """Everything: the setlist with its document, what was heard, and what comes next."""
        return self._ask(Snapshot, {"ask": "snapshot"})

    def interrupt(self) -> None:
        """End the player but not the session, which can then be resumed."""
        with contextlib.suppress(NoPlayerError):
            self._ask(dict, {"ask": "interrupt"})

    def close(self) -> None:
        """Close the connection; the player plays on."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _ask(self, kind: type[Value], question: Mapping[str, Any]) -> Value:
        text = json.dumps(question).encode()
        with self._lock:
            end = time.monotonic() + AGAIN
            free_since: float | None = None
            started = False
            while True:
                try:
                    if self._connection is None:
                        self._connection = connect(self.place)
                    self._connection.send_bytes(text)
                    if not self._connection.poll(10.0):
                        raise EOFError
                    answer = self._connection.recv_bytes()
                    break
                except (OSError, EOFError, AuthenticationError):
                    if self._connection is not None:
                        self._connection.close()
                        self._connection = None
                    now = time.monotonic()
                    if now > end or not self.place.runs():
                        raise NoPlayerError("no session is playing") from None
                    free_since = (free_since or now) if _abandoned(self.place) else None
                    if free_since is not None and now - free_since > FREE and not started:
                        if not _start_again(self.place):
                            raise NoPlayerError("no session is playing") from None
                        started, end = True, now + PATIENCE
                    time.sleep(0.05)
        found = json.loads(answer)
        if isinstance(found, dict) and "error" in found:
            raise PlaylistkitError(found["error"])
        return found if kind is dict else from_json(kind, answer)


def _abandoned(place: Place) -> bool:
    """Whether neither a player nor a stand-by is left."""
    return Lock(place).free() and Lock(place, STAND_BY).free()


def _start_again(place: Place) -> bool:
    """Resume a session that died a moment ago together with its stand-by; returns whether there was one.

    After a reboot, or after a sleep, its last sign of life is too old. One from the future was written before the clock was
    set back, and says nothing.
    """
    signs = [file.stat().st_mtime for file in (place.state_file, place.point_file) if file.exists()]
    ages = [time.time() - sign for sign in signs]
    age = min((each for each in ages if each >= 0), default=JUST_NOW)
    if age >= JUST_NOW or place.snapshot() is None:
        return False
    start_process(place, "--go-on", "--lost", str(time.monotonic() - age))
    return True


def connect(place: Place) -> Connection:
    """A connection to the player; raises `OSError`, `EOFError` or `AuthenticationError` if none can be reached."""
    why: Exception = EOFError()
    for run in place.runs():
        try:
            return Client(run.address, authkey=bytes.fromhex(run.key))
        except (OSError, EOFError, AuthenticationError) as error:
            why = error
    raise why


def attach(folder: str | os.PathLike[str] | None = None) -> Remote:
    """The player that plays.

    Raises
    ------
    NoPlayerError
        If none does.
    InputError
        If it is of another version.
    """
    remote = Remote(Place(folder))
    remote.state()
    return remote


def start(
    setlist: Setlist,
    *,
    device: str = "",
    at: float = 0.0,
    endless: bool = False,
    record: str | None = None,
    keep: bool = False,
    extra: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Remote:
    """Begin a session in a process of its own, which plays it to its end even if this one dies.

    Parameters
    ----------
    setlist : Setlist
    device : str
        As for `sinks.open_sink`: ``""`` is the system's default.
    at : float
        Position to begin at, in seconds.
    endless : bool
        Whether the music goes on after the tail until it is ended.
    record : str, optional
        A file for the record; `keep` alone keeps it in the session's folder until it is fetched.
    keep : bool
        Whether a record is kept.
    extra : mapping, optional
        For whoever steers, who finds it again in the folder's options.
    folder : path, optional
        Where the session's state lies; by default the user's own.

    Raises
    ------
    PlaylistkitError
        If a session is playing already, or the player can't start.
    """
    place = Place(folder)
    place.make()
    lock = Lock(place)
    try:
        free = lock.take(LOOKED_AT)
    except OSError as error:
        raise place.unwritable(error) from error
    if not free:
        raise PlaylistkitError(
            "a session is playing already; `playlistkit session status` shows it, `playlistkit session end` ends it"
        )
    place.clear()
    options = {
        "setlist": dataclasses.asdict(setlist),
        "device": device,
        "at": at,
        "endless": endless,
        "record": os.path.abspath(record) if record else None,  # noqa: PTH100
        "keep": keep or record is not None,
        **(extra or {}),
    }
    try:
        place.write(place.options_file, json.dumps(options))
    except OSError as error:
        raise place.unwritable(error) from error
    finally:
        lock.release()
    return _started(place)


def interrupted(folder: str | os.PathLike[str] | None = None) -> Snapshot | None:
    """The session that a crash, a reboot or an empty battery interrupted, if there is one."""
    place = Place(folder)
    if not place.folder.is_dir():
        return None
    return place.snapshot() if Lock(place).free() else None


def go_on(folder: str | os.PathLike[str] | None = None) -> Remote:
    """Resume the interrupted session.

    Raises
    ------
    PlaylistkitError
        If there is none.
    """
    place = Place(folder)
    if interrupted(folder) is None:
        raise PlaylistkitError("no session was interrupted")
    return _started(place, "--go-on")


def _started(place: Place, *options: str) -> Remote:
    place.withdraw()
    process = start_process(place, *options)
    remote = Remote(place)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        runs = place.runs()
        if process.poll() is not None and not runs:
            break
        if runs:
            try:
                remote.state()
            except NoPlayerError:
                continue
            return remote
        time.sleep(0.05)
    why = ""
    with contextlib.suppress(OSError):
        why = place.log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1]
    raise PlaylistkitError(f"the player did not start{': ' + why if why else ''}")
