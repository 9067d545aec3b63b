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


def children(process: int) -> list[int]:
    """What a process has started."""
    return [int(each) for each in os.popen(f"ps -o pid= --ppid {process}").read().split()]


def mates(folder: Path) -> list[int]:
    """Those that stand by: the player's own, and that one's."""
    found = children(pid(folder))
    return [*found, *(each for mate in found for each in children(mate))]


def stand_by_of(player: int) -> int:
    """The process that stands by for one, waited for until it has imported what it needs."""
    last = "miniaudio" if importlib.util.find_spec("miniaudio") else "soxr"
    found: list[int] = []

    def ready() -> bool:
        found[:] = []
        for each in children(player):
            with contextlib.suppress(OSError):  # it died meanwhile
                if last in Path(f"/proc/{each}/maps").read_text():
                    found.append(each)
        return bool(found)

    if sys.platform == "linux":
        assert until(ready)
    time.sleep(0.5 if sys.platform == "linux" else 2.0)
    return found[0] if found else 0


def kill_player(remote: Remote) -> None:
    """Kill it, and wait until its stand-by plays."""
    first = pid(remote.place.folder)
    os.kill(first, signal.SIGKILL)
    assert until(
        lambda: not alive(first)
    )  # whoever answers then is another, and counts what it tells by itself
    assert until(lambda: "had crashed" in texts(remote))


def alive(process: int) -> bool:
    """Whether it runs, or could; one that has ended may wait for its parent."""
    state = os.popen(f"ps -o stat= -p {process}").read().strip()
    return bool(state) and not state.startswith("Z")


def texts(remote: Remote) -> str:
    """What it has told."""
    return "\n".join(told.text for told in remote.state().told)
