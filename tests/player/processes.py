"""A player's processes, watched from outside."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playlistkit.errors import PlaylistkitError
from playlistkit.player import Remote
from playlistkit.player.place import Place

PATIENCE = 90.0  # s; what takes longer hangs, and a machine that is busy takes long


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether it comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(PlaylistkitError, AssertionError):
            if true():
                return True
        time.sleep(0.02)
    return False


def playing(remote: Remote, seconds: float) -> None:
    """Wait until so much has sounded."""
    assert until(lambda: remote.state().position >= seconds), remote.state()


def pid(folder: Path) -> int:
    run = Place(folder).run()
    assert run is not None
    return run.pid


def mates(folder: Path) -> list[int]:
    """What the player has started."""
    return [int(each) for each in os.popen(f"ps -o pid= --ppid {pid(folder)}").read().split()]


def stand_by_of(player: int) -> int:
    """Its process, waited for until it has imported what it needs."""
    last = "miniaudio" if importlib.util.find_spec("miniaudio") else "soxr"
    found: list[int] = []

    def ready() -> bool:
        found[:] = map(int, os.popen(f"ps -o pid= --ppid {player}").read().split())
        return any(last in Path(f"/proc/{each}/maps").read_text() for each in found)

    if sys.platform == "linux":
        assert until(ready)
    time.sleep(0.5 if sys.platform == "linux" else 2.0)
    return found[0] if found else 0


def kill_player(remote: Remote) -> None:
    """Kill it, and wait until its stand-by plays."""
    first = pid(remote.place.folder)
    gaps = remote.state().gaps
    os.kill(first, signal.SIGKILL)
    assert until(lambda: remote.state().gaps > gaps)


def texts(remote: Remote) -> str:
    """What it has told."""
    return "\n".join(told.text for told in remote.state().told)
