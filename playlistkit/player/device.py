"""The audio device of a session: open it, watch for its signs of life, reopen it when they stop."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

import numpy as np

from playlistkit.player.engine import Engine
from playlistkit.player.sinks import Block, Pull, Sink, open_sink

__all__ = ["Device"]

BEAT = 1.0  # s without a sign of life from the device, after which it is reopened
FIRST_BEAT = 2.0  # the same just after opening: PulseAudio fills its own buffer first and then waits
YOUNG = 3.0  # s
PATIENCE = 3.0  # s that a device may take to open before another attempt starts beside it


class Device:
    """Keeps a sink open for an engine, whatever the sink does.

    Parameters
    ----------
    engine : Engine
    wanted : str
        As for `open_sink`.
    fallback : str, optional
        Tried when `wanted` can't be opened.
    open_it : callable
        Opens a sink; another one in tests.
    """

    def __init__(
        self,
        engine: Engine,
        wanted: str,
        fallback: str | None = "",
        open_it: Callable[[str, Pull], Sink] = open_sink,
    ) -> None:
        self._engine, self._open_it = engine, open_it
        self._wanted = list(dict.fromkeys([wanted, wanted if fallback is None else fallback]))
        self._sink: Sink | None = None
        self._tap = _Tap(engine)
        self._opening: threading.Thread | None = None
        self._began = self._opened_at = 0.0
        self._said = ""
        self._lost = False

    @property
    def beat(self) -> float:
        """`time.monotonic()` when a device last took samples."""
        sink = self._sink
        return sink.beat if sink is not None else 0.0

    def look(self) -> None:
        """Call this several times a second; it never waits longer than half a second."""
        now = time.monotonic()
        sink = self._sink
        young = now - self._opened_at < YOUNG
        if sink is not None and sink.fault is None and now - sink.beat < (FIRST_BEAT if young else BEAT):
            return
        if sink is not None:
            why = sink.fault or "it asks for no more samples"
            self._sink = None
            self._tap.open = False
            self._lost = True
            self._engine.sounding = False
            self._engine.silent_from(sink.beat)
            self._engine.fade_in()
            self._engine.tell(f"The audio device failed ({why}); it is being reopened.")
            threading.Thread(target=_closed, args=(sink,), daemon=True).start()  # which may hang as well
        if self._opening is None or not self._opening.is_alive() or now - self._began > PATIENCE:
            self._began = now
            self._opening = threading.Thread(target=self._open, name="opening a device", daemon=True)
            self._opening.start()
            self._opening.join(0.5)

    def _open(self) -> None:
        me = threading.current_thread()
        for wanted in self._wanted if self._said else self._wanted[:1]:
            try:
                tap = _Tap(self._engine)
                sink = self._open_it(wanted, tap.pull)
            except Exception as error:
                self._engine.sounding = False
                if self._said != str(error):
                    self._said = str(error)
                    self._engine.tell(f"No sound: {error}. Trying again until it works.")
                continue
            if me is not self._opening:  # it came too late; another is being tried
                tap.open = False
                _closed(sink)
                return
            self._tap = tap
            self._opened(sink)
            return

    def _opened(self, sink: Sink) -> None:
        self._sink, self._opened_at = sink, time.monotonic()
        self._engine.device, self._engine.sounding = sink.name, True
        if self._lost:
            self._lost = False
            self._engine.tell(f"Sound is back, from {sink.name}.")
        self._said = ""


class _Tap:
    """The source that a sink pulls from; closed when the sink is given up, so that a late sink takes nothing from the next."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.open = True

    def pull(self, count: int) -> Block:
        """The next samples to play [shape=(count, 2)], or silence."""
        return self._engine.pull(count) if self.open else np.zeros((count, 2), np.float32)


def _closed(sink: Sink) -> None:
    with contextlib.suppress(Exception):
        sink.close()
