"""Grounding over real files that are gone, or that never open."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from processes import until

from playlistkit.player import Setlist
from playlistkit.player.engine import Engine
from playlistkit.player.reading import Files
from playlistkit.player.values import Order
from playlistkit.render import RATE

if sys.platform == "win32":
    pytest.skip("pipes of POSIX", allow_module_level=True)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: None], ids=["never opens", "is gone"])
def test_a_set_for_grounding_that_cannot_be_opened_delays_nothing(
    music: Setlist, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "calm.wav"
    make(path)
    bad = replace(music.grounding[0], id="calm", path=str(path))
    files = Files()
    engine = Engine(replace(music, grounding=(bad,)), files, time.monotonic, patience=0.5)

    def plays() -> bool:
        engine.work()
        engine.pull(RATE // 10)
        return engine.state().position > 3.0 and files.condition(music.cues[3]) == "ready"

    assert until(plays)
    answer = engine.order(Order("grounding", "now"))
    assert answer.text == "Grounding now, with track 3."
    heard = [engine.pull(RATE // 10) for _ in range(4)]
    assert all(abs(block).max() > 0.01 for block in heard)
    assert (engine.state().phase, engine.state().gaps) == ("grounding", 0)
    files.want((), None)
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))  # lets go of whoever waits there
