"""The player's own process, and a second one that stands by and goes on where the first one died.

``python -m playlistkit.player FOLDER`` plays what lies in a folder. It starts its own stand-by (`stand_by`), which has
everything imported, takes over when the player dies or hangs, and starts a stand-by of its own. Each needs only the
folder, so whoever started the first may be gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

from playlistkit.player.place import Lock, Place, Run
from playlistkit.player.stand_by import BEAT, Mate, stand_by
from playlistkit.player.starting import private
from playlistkit.player.values import Event, Point, Setlist, Snapshot, from_json, to_json

__all__ = ["load", "main"]

WORK = 0.05  # s between two looks at what is to be mixed
WATCH = 0.25  # s between two looks at the device
POINT = 2.0  # s between two writings of the place
STUCK = 3.0  # s without mixing, or with neither samples taken nor the device looked at, after which it counts as hung
LETS_GO = 5.0  # s in which the system takes the lock from a player that died
LOOKED_AT = 0.5  # s in which those have let go of it who only looked whether it is free
LINGER = 5.0  # s that an ended session can still be asked


def main(arguments: list[str]) -> int:
    """Play, or stand by."""
    place = Place(arguments[0])
    for number in ("SIGINT", "SIGHUP", "SIGTSTP"):  # a terminal's business, and not ours
        if hasattr(signal, number):
            signal.signal(getattr(signal, number), signal.SIG_IGN)
    load()
    if "--stand-by" in arguments:
        found = stand_by(place, sys.stdin.buffer)
        if found is None:
            return 0
        saved, lost = found
        lock = Lock(place)
        if not lock.take(LETS_GO):
            return 1
        return _Player(place, lock, saved, lost).run()
    lock = Lock(place)
    if not lock.take(LOOKED_AT):
        print("a session is playing already", file=sys.stderr)  # noqa: T201
        return 3
    going_on = "--go-on" in arguments
    lost_at = float(arguments[-1]) if "--lost" in arguments else None
    return _Player(place, lock, place.snapshot() if going_on else None, lost_at).run()


def load() -> None:
    """Import now what would cost time later, and let who mixes wait no longer than 1 ms for who decodes."""
    sys.setswitchinterval(0.001)
    import av  # noqa: F401
    import numpy as np
    import soxr

    import playlistkit.player.engine
    import playlistkit.player.pad
    import playlistkit.player.sinks  # noqa: F401
    from playlistkit.render.mix import true_peak

    some = np.zeros((4800, 2), np.float32)
    true_peak(some)
    soxr.resample(some, 44_100, 48_000)
    with contextlib.suppress(ImportError):
        import miniaudio  # noqa: F401


class _Player:
    """The process that plays."""

    def __init__(self, place: Place, lock: Lock, saved: Snapshot | None, lost: float | None) -> None:
        from playlistkit.player.device import Device
        from playlistkit.player.engine import Engine
        from playlistkit.player.reading import Files

        options = place.options()
        self._place, self._lock = place, lock
        self._wanted = str(options.get("device", ""))
        self._speed = _speed(self._wanted)
        setlist = saved.setlist if saved else from_json(Setlist, json.dumps(options["setlist"]))
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._record = str(options.get("record") or place.record_file) if options.get("keep") else None
        self._goes_on = saved is not None
        self._collected = not options.get("client")
        self._stop = threading.Event()
        real = self._speed == 1.0
        self.engine = Engine(
            setlist,
            Files(),
            time.monotonic,
            at=float(options.get("at", 0.0)),
            log=self._events.put,
            endless=bool(options.get("endless")),
            saved=saved,
            patience=0.5 if real else 30.0,
        )
        self._device = Device(self.engine, self._wanted, "" if real else None)
        if lost is not None:
            self._device.on_open = lambda: self.engine.died(time.monotonic() - lost)
        elif saved is not None:
            self.engine.tell("The session goes on where it was interrupted.")
        self._mate = Mate(place)
        self._mixed = self._watched = time.monotonic()
        self._point = Point(0, 0.0, 0.0, 0.0, os.getpid())
        self._slept = _asleep()

    def run(self) -> int:
        """Play to the end."""
        from playlistkit.player.server import serve

        place = self._place
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, 0, -10)  # where that is allowed
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        self._work()  # so that the device finds something when it asks
        threading.Thread(target=self._mix, name="mixing", daemon=True).start()
        self._device.look()  # before all that may wait for a disk
        key = os.urandom(32)
        address = place.address()
        serve(address, key, self.engine, self._stop.set)
        before = place.run()
        if before is not None and sys.platform != "win32":
            Path(before.address).unlink(missing_ok=True)
        place.write(place.run_file, to_json(Run(os.getpid(), address, key.hex())))
        keeping = threading.Thread(target=self._keep, name="keeping", daemon=True)
        keeping.start()
        threading.Thread(target=self._beat, name="beating", daemon=True).start()
        threading.Thread(target=self._stay_awake, name="staying awake", daemon=True).start()
        try:
            self._watch()
            if self.engine.over:
                self._mate.end()
                self._stop.wait(LINGER)
        finally:
            self._stop.set()
            self._mate.end()
            self._events.put(None)
            keeping.join(2.0)
            if self.engine.over:
                place.clear(collected=self._collected)
            place.run_file.unlink(
                missing_ok=True
            )  # what is ended on purpose is not to be started again by a face
            with contextlib.suppress(OSError):
                if sys.platform != "win32":
                    Path(address).unlink()
            self._lock.release()
        os._exit(0)  # a reader that hangs on a dead disk must not hold up the end

    # --- threads

    def _mix(self) -> None:
        pause = WORK / max(self._speed, 1.0) if self._speed else 0.0
        while not self._stop.is_set():
            self._work()
            if pause:
                time.sleep(pause)
            elif self.engine.over:
                return

    def _work(self) -> None:
        try:
            self.engine.work()
            self._mixed = time.monotonic()
        except Exception:
            self._bug()
            time.sleep(0.5)

    def _watch(self) -> None:
        """Keep a device open, and the stand-by."""
        while not self._stop.is_set() and not self.engine.over:
            self._watched = time.monotonic()
            try:
                self._device.look()
                self._mate.look()
                self._look_after_sleep()
            except Exception:
                self._bug()  # the music goes on, and is looked after again at the next look
            self._stop.wait(WATCH)

    def _beat(self) -> None:
        """Tell the stand-by where the music is, as long as it sounds; the stand-by takes over where nothing is told."""
        while not self._stop.wait(BEAT):
            now = time.monotonic()
            watched = max(self._watched, self._device.beat)
            if self.engine.over or (now - self._mixed < STUCK and now - watched < STUCK):
                self._point = self.engine.point(os.getpid()) or self._point
                self._mate.beat(self._point)

    def _look_after_sleep(self) -> None:
        slept = _asleep()
        gap, self._slept = slept - self._slept, slept
        if gap > 5.0:
            self.engine.interrupted(
                "The machine slept, so the music stands still; let it go on when you are ready."
            )

    def _keep(self) -> None:
        """Write the state and the record, apart from all that plays: a disk may take its time."""
        place = self._place
        record = None
        if self._record:
            try:
                record = open(self._record, "a", encoding="utf-8", opener=private)  # noqa: SIM115
            except OSError as error:
                self.engine.tell_once(f"{self._record}: the record can't be written: {error.strerror}")
        revision, at = -1, 0.0
        going = True
        while going:
            events: list[Event] = []
            with contextlib.suppress(queue.Empty):
                event = self._events.get(timeout=0.2)
                while event is not None:
                    events.append(event)
                    event = self._events.get_nowait()
                going = False
            try:
                if record is not None and events:
                    record.writelines(to_json(each) + "\n" for each in events)
                    record.flush()
                    os.fsync(record.fileno())
                state = self.engine.state()
                if state.revision != revision or events:
                    place.write(place.state_file, to_json(self.engine.snapshot()))
                    revision = state.revision
                elif time.monotonic() - at > POINT:
                    at = time.monotonic()
                    place.write(place.point_file, to_json(self._point))
            except OSError as error:
                if going:
                    self.engine.tell_once(
                        f"{place.folder}: the session's state can't be written: {error.strerror}"
                    )
        if record is not None:
            record.close()

    def _stay_awake(self) -> None:
        why = ""
        try:
            from wakepy import keep

            with keep.running(on_fail="pass") as mode:
                if mode.active:
                    self._stop.wait()
                    return
                why = "this system offers no way that is known"
        except Exception as error:
            why = str(error) or type(error).__name__
        if self._goes_on:  # told when it began
            return
        self.engine.tell(f"The machine can't be kept from sleeping ({why}); switch that off in its settings.")

    def _bug(self) -> None:
        with (
            contextlib.suppress(OSError),
            open(self._place.log_file, "a", encoding="utf-8", opener=private) as file,
        ):
            file.write(traceback.format_exc())
        self.engine.tell_once(f"A fault of the program's own, in {self._place.log_file}; the music goes on.")


def _speed(wanted: str) -> float:
    """How fast a sink takes samples; 0: as fast as they come."""
    kind, _, rest = wanted.partition(":")
    if kind not in ("null", "wav"):
        return 1.0
    try:
        return float(rest.partition(":")[0])
    except ValueError:
        return 1.0


def _asleep() -> float:
    """Seconds for which the machine slept since it was started, where the system says so."""
    if hasattr(time, "CLOCK_BOOTTIME"):  # Linux
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    if hasattr(time, "CLOCK_UPTIME_RAW"):  # macOS, whose monotonic clock goes on in sleep
        return time.clock_gettime(time.CLOCK_MONOTONIC) - time.clock_gettime(time.CLOCK_UPTIME_RAW)
    if sys.platform == "win32":
        import ctypes

        awake = ctypes.c_ulonglong()
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(awake))
        return ctypes.windll.kernel32.GetTickCount64() / 1e3 - awake.value / 1e7  # type: ignore[no-any-return]
    return 0.0
