"""The player's own process, and those that stand by and resume where it died.

``python -m playlistkit.player FOLDER`` plays the session in a folder. It starts a stand-by (`stand_by`), which has imported
everything, starts a stand-by in turn, and takes over when the player dies or hangs. Each needs only the folder, so
whoever started the first may be gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from typing import Any

from playlistkit.player.mate import Mate
from playlistkit.player.place import LOOKED_AT, Lock, Place
from playlistkit.player.stand_by import listen, stand_by
from playlistkit.player.starting import private
from playlistkit.player.values import Point, Setlist, Snapshot, from_json

__all__ = ["load", "main"]

WORK = 0.05  # s between two checks of what must be mixed
WATCH = 0.25  # s between two checks of the device
STUCK = 3.0  # s without mixing, or with neither samples taken nor the device checked, after which it counts as hung
LINGER = 5.0  # s for which an ended session still answers


def main(arguments: list[str]) -> int:
    """Play, or stand by."""
    place = Place(arguments[0])
    for number in ("SIGINT", "SIGHUP", "SIGTSTP"):  # meant for a terminal, not for us
        if hasattr(signal, number):
            signal.signal(getattr(signal, number), signal.SIG_IGN)
    lock = Lock(place)
    if "--stand-by" in arguments:
        told = listen(sys.stdin.buffer)
        load()
        left = stand_by(place, lock, told)
        if left is not None:
            _Player(place, lock, left.options, left.snapshot, left.lost, left.mate).run()
        return 0
    if not lock.take(LOOKED_AT):  # first of all: a late stand-by must not find two players in its place
        print("a session is playing already", file=sys.stderr)  # noqa: T201
        return 3
    load()
    going_on = "--go-on" in arguments
    lost_at = float(arguments[-1]) if "--lost" in arguments else None
    return _Player(place, lock, place.options(), place.snapshot() if going_on else None, lost_at).run()


def load() -> None:
    """Import now what would take time later, and let the mixing thread wait at most 1 ms for the decoding ones."""
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

    def __init__(
        self,
        place: Place,
        lock: Lock,
        options: Mapping[str, Any],
        saved: Snapshot | None,
        lost: float | None,
        mate: Mate | None = None,
    ) -> None:
        from playlistkit.player.device import Device
        from playlistkit.player.engine import Engine
        from playlistkit.player.keeping import Keeping
        from playlistkit.player.reading import Files

        self._place, self._lock = place, lock
        self._stop = threading.Event()
        self._wanted = str(options.get("device", ""))
        self._speed = _speed(self._wanted)
        setlist = saved.setlist if saved else from_json(Setlist, json.dumps(options["setlist"]))
        started_with = {key: value for key, value in options.items() if key != "setlist"}
        record = str(options.get("record") or place.record_file) if options.get("keep") else None
        self._mate = mate or Mate(place, started_with)
        self._keeping = Keeping(place, lock, started_with, record, self._stop.set, self._mate.keep, self._bug)
        self._goes_on = saved is not None
        self._collected = not options.get("client")
        real = self._speed == 1.0
        self.engine = Engine(
            setlist,
            Files(),
            time.monotonic,
            at=float(options.get("at", 0.0)),
            log=self._keeping.events.put,
            endless=bool(options.get("endless")),
            saved=saved,
            lost=lost,
            patience=0.5 if real else 30.0,
        )
        self._device = Device(self.engine, self._wanted, "" if real else None)
        if saved is not None:
            self._keeping.point = Point(
                saved.revision, saved.elapsed, saved.position, saved.into, os.getpid(), os.getpid()
            )
        if saved is not None and lost is None:
            self.engine.tell("The session goes on where it was interrupted.")
        self._mixed = self._watched = time.monotonic()
        self._slept = _asleep()

    def run(self) -> int:
        """Play to the end."""
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, 0, -10)  # where that is allowed
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        self._mate.sign = self._sign
        self._work()  # so that there is something when the device asks
        threading.Thread(target=self._mix, name="mixing", daemon=True).start()
        self._device.look()
        self._keeping.start(self.engine)
        threading.Thread(target=self._stay_awake, name="staying awake", daemon=True).start()
        try:
            self._watch()
            if self.engine.over:
                self._mate.end()
                self._stop.wait(LINGER)
        finally:
            self._stop.set()
            self._mate.end()
            self._keeping.end(over=self.engine.over, collected=self._collected)
            self._lock.release()
        os._exit(0)  # a reader that hangs on a dead disk must not delay the end

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
        """Keep a device open and a stand-by running."""
        while not self._stop.is_set() and not self.engine.over:
            self._watched = time.monotonic()
            try:
                self._device.look()
                self._look_after_mate()
                self._look_after_sleep()
            except Exception:
                self._bug()  # the music goes on; the next check tries again
            self._stop.wait(WATCH)

    def _look_after_mate(self) -> None:
        try:
            self._mate.look()
        except OSError as error:
            self.engine.tell_once(
                f"No stand-by can be started ({error.strerror}); the music goes on, "
                "but would be silent if the player died."
            )

    def _sign(self) -> Point | None:
        """Tell the stand-by where the music is, as long as it sounds; it takes over when it hears nothing."""
        now = time.monotonic()
        watched = max(self._watched, self._device.beat)
        if not self.engine.over and (now - self._mixed > STUCK or now - watched > STUCK):
            return None
        try:
            self._keeping.point = self.engine.point(os.getpid()) or self._keeping.point
        except Exception:
            self._bug()  # and the music goes on
        return self._keeping.point

    def _look_after_sleep(self) -> None:
        slept = _asleep()
        gap, self._slept = slept - self._slept, slept
        if gap > 5.0:
            self.engine.interrupted("The machine slept, so the music is paused; resume when you are ready.")

    def _stay_awake(self) -> None:
        why = ""
        try:
            from wakepy import keep

            with keep.running(on_fail="pass") as mode:
                if mode.active:
                    self._stop.wait()
                    return
                why = "no way is known on this system"
        except Exception as error:
            why = str(error) or type(error).__name__
        if self._goes_on:  # said when it began
            return
        self.engine.tell(f"The machine can't be kept awake ({why}); switch sleep off in its settings.")

    def _bug(self) -> None:
        with (
            contextlib.suppress(OSError),
            open(self._place.log_file, "a", encoding="utf-8", opener=private) as file,
        ):
            file.write(traceback.format_exc())
        self.engine.tell_once(
            f"A bug in the program was logged in {self._place.log_file}; the music goes on."
        )


def _speed(wanted: str) -> float:
    """How fast a sink takes samples; 0 means as fast as they come."""
    kind, _, rest = wanted.partition(":")
    if kind not in ("null", "wav"):
        return 1.0
    try:
        return float(rest.partition(":")[0])
    except ValueError:
        return 1.0


def _asleep() -> float:
    """Seconds for which the machine has slept since it was started, if the system says so."""
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
