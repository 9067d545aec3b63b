"""What a player leaves on disk while it plays: how to reach it, its state, its record.

It runs in a thread of its own, because a disk may be slow, full, read-only or gone, and the music must not wait for it.
What can't be written is reported once, and tried again.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playlistkit.errors import PlaylistkitError
from playlistkit.player.engine import Engine
from playlistkit.player.place import Lock, Place, Run
from playlistkit.player.server import serve
from playlistkit.player.starting import private
from playlistkit.player.values import Event, Order, Point, Snapshot, to_json

__all__ = ["Keeping"]

POINT = 2.0  # s between two writings of the position
LOOK = 1.0  # s between two checks whether the player can still be found
AGAIN = 2.0  # s between two attempts to write what could not be written
ANSWER = 0.1  # most s that the answer to an order waits for the disk
BEGINS = b'{"elapsed":'  # of a line of the record


class Keeping:
    """The thread that writes.

    Parameters
    ----------
    place : Place
    lock : Lock
        Held.
    options : mapping
        What the session was started with; written again if it was lost.
    record : str, optional
        The record's file.
    stop : callable
        Ends the process without an end of the session.
    keep : callable
        Called with each new snapshot, for the stand-by, which then needs no disk.
    bug : callable
        Called while handling an exception that is a bug of ours.
    """

    def __init__(
        self,
        place: Place,
        lock: Lock,
        options: Mapping[str, Any],
        record: str | None,
        stop: Callable[[], None],
        keep: Callable[[Snapshot], None],
        bug: Callable[[], None],
    ) -> None:
        self.events: queue.Queue[Event | threading.Event | None] = queue.Queue()
        """Of the record; and what is to be set once all before it is written."""
        self.point = Point(0, 0.0, 0.0, 0.0, os.getpid())
        """Where the music is."""
        self._place, self._lock, self._options = place, lock, options
        self._record = _Record(record) if record else None
        self._stop, self._hand_over, self._bug = stop, keep, bug
        self._engine: Engine | None = None
        self._key = b""
        self._address = ""
        self._lost = False  # to a session begun in the same place
        self._settling = threading.Lock()
        self._unwritten = ""  # state
        self._failed: dict[str, float] = {}  # what can't be written, and when it was last tried
        self._sentences = {
            "run": (
                f"{place.folder}: no terminal or page can find the session there",
                "Terminals and pages can find the session again.",
            ),
            "state": (
                f"{place.folder}: the session's state can't be written, so a power cut would lose its place",
                "The session's state is written again.",
            ),
            "record": (f"{record}: the record can't be written", "The record is written again, and whole."),
        }
        self._thread = threading.Thread(target=self._run, name="keeping", daemon=True)

    def start(self, engine: Engine) -> None:
        """Write down what this one plays."""
        self._engine = engine
        told = [each.text for each in engine.state().told]  # by a player that died before this one, perhaps
        for what, (fault, over) in self._sentences.items():
            last = next((text for text in reversed(told) if text == over or text.startswith(fault)), over)
            if last != over:
                self._failed[what] = -AGAIN
        self._thread.start()

    def end(self, *, over: bool, collected: bool) -> None:
        """Write the rest; if the session is over, delete everything but its record."""
        if self._engine is not None:
            self.point = self._engine.point(os.getpid()) or self.point
        self.events.put(None)
        self._thread.join(2.0)
        if self._lost:
            return
        if over:
            self._place.clear(collected=collected)
        self._place.withdraw()  # a session ended on purpose must not be started again by a face
        self._place.leave(self._address)

    def _run(self) -> None:
        record = self._record
        going, looked, revision, pointed = True, -LOOK, -1, 0.0
        assert self._engine is not None
        self._write_first()
        while going:
            try:
                if time.monotonic() - looked > LOOK:
                    looked = time.monotonic()
                    self._try("run", self._be_found)
                    if not self._is_kept():
                        revision = -1  # written again
                events, going = self._new_events()
                if not going:
                    self._failed = dict.fromkeys(self._failed, -AGAIN)  # the last attempt
                    pointed = -POINT
                if record is not None:
                    record.add([event for event in events if isinstance(event, Event)])
                    self._try("record", record.write)
                if events or self._engine.state().revision != revision:
                    snapshot = self._handed_over()
                    revision, self._unwritten = snapshot.revision, to_json(snapshot)
                if self._lost:
                    continue
                if self._unwritten:
                    self._try("state", self._write_state)
                    for event in events:
                        if isinstance(event, threading.Event):
                            event.set()
                if time.monotonic() - pointed > POINT:
                    pointed = time.monotonic()
                    self._try("state", self._write_point)
            except Exception:
                self._bug()
                time.sleep(0.5)
        if record is not None:
            record.close()

    def _write_first(self) -> None:
        """Write the state before anybody can find the session: whoever does may see the player die before its stand-by is ready."""
        try:
            if not self._is_kept():
                self._unwritten = to_json(self._handed_over())
                self._try("state", self._write_state)
        except Exception:
            self._bug()

    def _settle(self) -> None:
        """Make an order's result outlive this process, before the order is answered."""
        self._handed_over()
        written = threading.Event()
        self.events.put(written)
        written.wait(ANSWER)

    def _handed_over(self) -> Snapshot:
        """The state, now known to the stand-by."""
        assert self._engine is not None
        with self._settling:
            snapshot = self._engine.snapshot()
            self._hand_over(snapshot)
        return snapshot

    def _new_events(self) -> tuple[list[Event | threading.Event], bool]:
        """What happened since, waited for a moment; and whether more is to come."""
        events: list[Event | threading.Event] = []
        with contextlib.suppress(queue.Empty):
            event = self.events.get(timeout=0.2)
            while event is not None:
                events.append(event)
                event = self.events.get_nowait()
            return events, False
        return events, True

    def _try(self, what: str, write: Callable[[], None]) -> bool:
        """Write, unless it failed a moment ago; tells whether it is written. A fault is reported once, and once when it is over."""
        assert self._engine is not None
        if time.monotonic() - self._failed.get(what, -AGAIN) < AGAIN:
            return False
        fault, over = self._sentences[what]
        try:
            write()
        except OSError as error:
            if what not in self._failed:
                self._engine.tell(f"{fault} ({error.strerror}); the music goes on.")
            self._failed[what] = time.monotonic()
            return False
        if self._failed.pop(what, None) is not None:
            self._engine.tell(over)
        return True

    def _is_kept(self) -> bool:
        """Whether the session could be resumed from the folder, which somebody may have deleted."""
        place = self._place
        with contextlib.suppress(OSError):
            return place.options_file.exists() and place.state_file.exists()
        return False

    def _write_state(self) -> None:
        place = self._place
        if not place.options_file.exists():
            place.write(place.options_file, json.dumps(self._options))
        place.write(place.state_file, self._unwritten)
        self._unwritten = ""

    def _write_point(self) -> None:
        self._place.write(self._place.point_file, to_json(self.point))

    # --- being found

    def _be_found(self) -> None:
        """Take the place, listen there, and write down how to reach us."""
        place = self._place
        with contextlib.suppress(PlaylistkitError):
            place.make()
        with contextlib.suppress(OSError):
            if not self._lost and not self._lock.keep():
                self._lost = True
                self._give_way()
        if self._lost:
            return
        listening = bool(self._address) and (sys.platform == "win32" or os.path.exists(self._address))  # noqa: PTH110
        if not listening:
            self._listen()
        run = Run(os.getpid(), self._address, self._key.hex())
        if not listening or not place.announced(run):
            place.announce(run)

    def _listen(self) -> None:
        """Listen where the player before this one did, if there was one, so that a full disk cuts off nobody who steers."""
        assert self._engine is not None
        before = self._place.run() if not self._key else None
        self._key = self._key or (bytes.fromhex(before.key) if before else secrets.token_bytes(32))
        why: OSError | None = None
        known = [before.address] if before else []
        for address in itertools.chain(known, self._place.addresses()):  # each is made only when asked for
            try:
                if before and address == before.address and sys.platform != "win32":
                    Path(address).unlink(missing_ok=True)
                serve(address, self._key, self._engine, self._settle, self._stop)
            except OSError as error:
                why = error
            else:
                self._address = address
                return
        raise why or OSError

    def _give_way(self) -> None:
        """End, because the folder was deleted and another session begun in it: two at once must not play."""
        assert self._engine is not None
        self._engine.tell("Another session was begun; this one ends.")
        self._engine.order(Order("end", secrets.token_hex(4)))


class _Record:
    """A file to which events are appended. What can't be written at once is kept for the next attempt."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: int | None = None
        self._waiting = b""

    def add(self, events: list[Event]) -> None:
        """Queue these for writing."""
        self._waiting += b"".join(to_json(event).encode() + b"\n" for event in events)

    def write(self) -> None:
        """Write everything queued.

        Raises
        ------
        OSError
        """
        if self._file is None:
            self._file = private(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            self._mend(self._file)
        if not self._waiting:
            return
        while self._waiting:
            self._waiting = self._waiting[os.write(self._file, self._waiting) :]
        os.fsync(self._file)

    def _mend(self, file: int) -> None:
        """Remove half a line, left by a player that died while writing; otherwise the file could not be read."""
        with open(file, "rb", closefd=False) as written:
            text = written.read()
        whole = text.rfind(b"\n") + 1
        rest = text[whole:]
        if rest.startswith(BEGINS) or (text.startswith(BEGINS) and BEGINS.startswith(rest)):
            os.ftruncate(file, whole)

    def close(self) -> None:
        """Close it."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
