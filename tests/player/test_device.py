"""A device that fails in every way: the music goes on where it was, and it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from made_sessions import Files, setlist

from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.player.device import Device
from playlistkit.player.engine import Engine
from playlistkit.player.sinks import Null, Pull, Sink, devices, open_sink
from playlistkit.workflow.session import ready

HANGS = 600.0  # s
PATIENCE = 60.0  # s; the music waits for nothing that hangs, but a busy machine takes long


class Dumb:
    """A sink that never asks for samples."""

    name, fault = "dumb", None

    def __init__(self) -> None:
        self.beat = time.monotonic()

    def close(self) -> None:
        time.sleep(HANGS)  # as a driver does


def refused(pull: Pull) -> Sink:
    raise PlaylistkitError("it is unplugged")


def hanging(pull: Pull) -> Sink:
    time.sleep(HANGS)
    raise AssertionError


def dying(pull: Pull) -> Sink:
    def once(count: int):  # type: ignore[no-untyped-def]
        if time.monotonic() > end:
            raise OSError("gone")
        return pull(count)

    end = time.monotonic() + 0.3
    return Null(once)


class Hands:
    """Opens a faulty sink first, and good ones from then on."""

    def __init__(self, first: Callable[[Pull], Sink], times: int = 1) -> None:
        self.first, self.left = first, times

    def __call__(self, wanted: str, pull: Pull) -> Sink:
        if self.left:
            self.left -= 1
            return self.first(pull)
        return Null(pull)


@pytest.mark.parametrize(
    "first",
    [refused, lambda pull: Dumb(), dying, hanging],
    ids=["refused", "never asks", "dies", "hangs while it opens"],
)
def test_the_music_goes_on_by_another_device(first: Callable[[Pull], Sink]) -> None:
    engine = Engine(setlist(), Files(), time.monotonic, patience=0.0)
    device = Device(engine, "it", open_it=Hands(first))
    end = time.monotonic() + PATIENCE
    reached = 0.5
    stop = threading.Event()

    def mix() -> None:
        while not stop.wait(0.05):
            engine.work()

    threading.Thread(target=mix, daemon=True).start()
    try:
        while engine.state().position < reached and time.monotonic() < end:
            device.look()
            time.sleep(0.1)
        assert engine.state().position >= reached
        assert engine.state().sounding
        if first is not hanging:
            assert engine.state().told
    finally:
        stop.set()


def test_a_device_that_is_not_there_is_told_with_those_that_are() -> None:
    pytest.importorskip("miniaudio", reason="no wheel of miniaudio for this machine")
    with pytest.raises(PlaylistkitError, match="there is no audio device 'the moon'; there are "):
        open_sink("the moon", lambda count: None)  # type: ignore[arg-type, return-value]


def test_what_swallows_sound_is_no_loudspeaker(monkeypatch: pytest.MonkeyPatch) -> None:
    miniaudio = pytest.importorskip("miniaudio", reason="no wheel of miniaudio for this machine")
    swallows = (
        "Discard all samples (playback) or generate zero samples (capture)"  # ALSA without a sound card
    )
    names = [swallows, "NULL Playback Device", "Room"]
    machine = SimpleNamespace(get_playbacks=lambda: [{"name": name, "id": None} for name in names])
    monkeypatch.setattr(miniaudio, "Devices", lambda: machine)
    assert devices() == ["Room"]
    with pytest.raises(InputError, match="there is no audio device 'Discard'; there are 'Room'"):
        open_sink("Discard", lambda count: None)  # type: ignore[arg-type, return-value]
    names.pop()
    assert ready.loudspeakers() == []


def test_a_real_device_takes_samples_at_the_pace_of_the_clock() -> None:
    pytest.importorskip("miniaudio", reason="no wheel of miniaudio for this machine")
    if not devices():
        pytest.skip("this machine has no audio device (pulseaudio --start makes one)")
    engine = Engine(setlist(), Files(), time.monotonic, patience=0.0)
    engine.work()
    sink = open_sink("", engine.pull)
    try:
        begun = begun_to_count = time.monotonic()
        at = 0.0
        while time.monotonic() < begun + 5.0:
            engine.work()
            time.sleep(0.05)
            if time.monotonic() < begun + 2.0:  # it fills its own buffer first
                at, begun_to_count = engine.state().position, time.monotonic()
        took = time.monotonic() - begun_to_count
        assert engine.state().position - at == pytest.approx(took, abs=0.6)
        assert engine.state().gaps == 0
        assert sink.fault is None
    finally:
        sink.close()
