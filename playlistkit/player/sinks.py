"""Loudspeakers: each takes samples at the pace of its device. All have the same interface; `open_sink` opens one by name.

A sink calls `pull` from a thread of its own. It never raises there: it notes its fault, and whoever watches `beat` opens
another one.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time
import wave
from collections.abc import Callable, Generator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.render import RATE

__all__ = ["Capture", "Miniaudio", "Mpv", "Null", "Sink", "devices", "open_sink"]

Block = npt.NDArray[np.float32]
Pull = Callable[[int], Block]

PERIOD = 0.05  # s


class Sink(Protocol):
    """An open device."""

    name: str
    """In words."""
    beat: float
    """`time.monotonic()` when it last took samples."""
    fault: str | None
    """Why it takes no more."""

    def close(self) -> None:
        """Take no more samples."""


class _Threaded:
    """What sinks without a device's own thread share."""

    name = ""

    def __init__(self, pull: Pull, speed: float) -> None:
        self.beat = time.monotonic()
        self.fault: str | None = None
        self._pull, self._speed = pull, speed
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name or "sink", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread is not threading.current_thread():
            self._thread.join(1.0)

    def _run(self) -> None:
        try:
            due = time.monotonic()
            while not self._closed.is_set():
                self._write(self._pull(round(PERIOD * RATE)))
                self.beat = time.monotonic()
                if self._speed:
                    due = max(due + PERIOD / self._speed, self.beat - 0.5)
                    self._closed.wait(max(0.0, due - self.beat))
        except Exception as error:
            self.fault = str(error) or type(error).__name__
        finally:
            self._end()

    def _write(self, block: Block) -> None:
        """Play a block."""

    def _end(self) -> None:
        """Release the device."""


class Null(_Threaded):
    """Nowhere, at any speed.

    Parameters
    ----------
    pull : callable
    speed : float
        1: as a clock; 0: as fast as it goes.
    """

    name = "nowhere"

    def __init__(self, pull: Pull, speed: float = 1.0) -> None:
        super().__init__(pull, speed)


class Capture(_Threaded):
    """A 16-bit WAV file, written in real time; an existing file is continued.

    Parameters
    ----------
    pull : callable
    path : str
    """

    def __init__(self, pull: Pull, path: str, speed: float = 1.0) -> None:
        self.name = path
        self._file = open(path, "ab")  # noqa: SIM115, PTH123
        if not self._file.tell():
            with wave.open(self._file, "wb") as header:
                header.setparams((2, 2, RATE, 0, "NONE", ""))
                header.writeframes(b"")
            self._file = open(path, "ab")  # noqa: SIM115, PTH123 -- wave has closed it
        super().__init__(pull, speed)

    def _write(self, block: Block) -> None:
        self._file.write((np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())
        self._file.flush()

    def _end(self) -> None:
        self._file.close()


class Mpv(_Threaded):
    """mpv, for machines where nothing else reaches the device.

    Parameters
    ----------
    pull : callable
    device : str, optional
        As ``mpv --audio-device=help`` lists them; by default the system's.

    Raises
    ------
    PlaylistkitError
        If mpv is not installed.
    """

    def __init__(self, pull: Pull, device: str | None = None) -> None:
        program = shutil.which("mpv")
        if program is None:
            raise PlaylistkitError("mpv is not installed (https://mpv.io)")
        self.name = f"mpv, {device or 'the default device'}"
        options = [
            "--no-config", "--no-terminal", "--no-video", "--no-input-default-bindings", "--volume=100",
            "--replaygain=no", "--cache=no", "--stream-buffer-size=4096", "--demuxer-readahead-secs=0",
            "--audio-buffer=0.2", "--demuxer=rawaudio", f"--demuxer-rawaudio-rate={RATE}",
            "--demuxer-rawaudio-channels=2", "--demuxer-rawaudio-format=s16le",
        ]  # fmt: skip
        if device:
            options.append(f"--audio-device={device}")
        self._process = subprocess.Popen(  # noqa: S603 -- no shell, and `device` can't be another option
            [program, *options, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        super().__init__(pull, 1.0)

    def _write(self, block: Block) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write((np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())
            self._process.stdin.flush()
        except OSError as error:
            raise PlaylistkitError("mpv has ended") from error

    def _end(self) -> None:
        self._process.kill()
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait()


class Miniaudio:
    """The system's loudspeaker, through miniaudio.

    Without a name it follows the system's default device when that changes.

    Parameters
    ----------
    pull : callable
    device : str, optional
        A part of its name, as `devices` lists them.

    Raises
    ------
    InputError
        If there is no such device.
    PlaylistkitError
        If there is no device at all, or it can't be opened.
    """

    def __init__(self, pull: Pull, device: str | None = None) -> None:
        import miniaudio

        self.beat = time.monotonic()
        self.fault: str | None = None
        self._pull = pull
        self._closed = False
        found: dict[str, Any] | None = None
        try:
            if device:
                found = _device(device)
            self._device: Any = miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.FLOAT32,
                nchannels=2,
                sample_rate=RATE,
                buffersize_msec=round(2 * PERIOD * 1000),
                device_id=found["id"] if found else None,
                app_name="playlistkit",
            )
            backend = self._device.backend
            if backend == "Null":
                self._device.close()
                raise PlaylistkitError("this machine has no audio device")
            self.name = f"{found['name'] if found else 'the default device'} ({backend})"
            samples = self._samples()
            next(samples)
            self._device.start(samples)
        except miniaudio.MiniaudioError as error:
            raise PlaylistkitError(f"the audio device can't be opened: {error}") from error

    def close(self) -> None:
        """Take no more samples. Hangs if the device does."""
        self._closed = True
        self._device.close()

    def _samples(self) -> Generator[bytes, int, None]:
        count = yield b""
        while True:
            try:
                block = self._pull(count)
                self.beat = time.monotonic()
            except Exception as error:
                self.fault = str(error) or type(error).__name__
                block = np.zeros((count, 2), np.float32)
            count = yield np.ascontiguousarray(block, np.float32).tobytes()


SILENT = ("Discard all samples", "NULL Playback Device")
"""How devices begin their names that take sound and make none: ALSA's `null`, which is listed without any loudspeaker, and
miniaudio's own."""


def devices() -> list[str]:
    """Names of the devices that miniaudio plays to and that make a sound; empty where there is none.

    Raises
    ------
    PlaylistkitError
        If miniaudio is not installed.
    """
    return [str(each["name"]) for each in _playbacks()]


def _playbacks() -> list[dict[str, Any]]:
    import miniaudio

    try:
        every: list[dict[str, Any]] = miniaudio.Devices().get_playbacks()
    except miniaudio.MiniaudioError:  # where there is no device at all
        return []
    return [each for each in every if not each["name"].startswith(SILENT)]


def _device(name: str) -> dict[str, Any]:
    every = _playbacks()
    found = [each for each in every if each["name"] == name] or [
        each for each in every if name.casefold() in each["name"].casefold()
    ]
    if not found:
        names = ", ".join(repr(each["name"]) for each in every) or "none"
        raise InputError(f"there is no audio device {name!r}; there are {names}")
    return found[0]


def open_sink(wanted: str, pull: Pull) -> Sink:
    """A sink by its name.

    Parameters
    ----------
    wanted : str
        ``""``: the default device by miniaudio, or by mpv where miniaudio is not to be had; ``"mpv"`` or ``"mpv:DEVICE"``;
        ``"null"`` or ``"null:SPEED"``; ``"wav:FILE"`` or ``"wav:SPEED:FILE"``; anything else names a device of miniaudio.
    pull : callable

    Raises
    ------
    InputError, PlaylistkitError
        If it can't be opened.
    """
    kind, _, rest = wanted.partition(":")
    if kind == "null":
        return Null(pull, float(rest) if rest else 1.0)
    if kind == "wav":
        speed, _, path = rest.partition(":")
        try:
            return Capture(pull, path, float(speed))
        except ValueError:
            return Capture(pull, rest)
    if kind == "mpv":
        return Mpv(pull, rest or None)
    try:
        import miniaudio  # noqa: F401
    except ImportError:  # no wheel for this machine
        if wanted:
            raise InputError(
                f"no device {wanted!r}: miniaudio is not available on this machine; name mpv's, as mpv:NAME"
            ) from None
        return Mpv(pull)
    return Miniaudio(pull, wanted or None)
