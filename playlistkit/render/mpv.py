"""mpv as a loudspeaker: samples into its standard input. It takes no key, no file and no setting of its own."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from types import TracebackType
from typing import Self

import numpy as np

from playlistkit.errors import PlaylistkitError
from playlistkit.render.mix import RATE, Block

__all__ = ["Mpv"]


class Mpv:
    """A running mpv, to be used in a `with` statement.

    Parameters
    ----------
    device : str, optional
        As ``mpv --audio-device=help`` lists them; by default the system's.
    timed : bool
        Play at the speed of a clock; else, and only with the device "null", as fast as samples come.

    Raises
    ------
    PlaylistkitError
        If mpv is not installed.
    """

    def __init__(self, device: str | None = None, *, timed: bool = True) -> None:
        program = shutil.which("mpv")
        if program is None:
            raise PlaylistkitError(
                "mpv is not installed, and `play` plays through it; install it (https://mpv.io), or use "
                "`playlistkit render` and any player"
            )
        options = [
            "--no-config", "--no-terminal", "--no-video", "--no-input-default-bindings", "--volume=100", "--replaygain=no",
            "--cache=no", "--stream-buffer-size=4096", "--demuxer-readahead-secs=0", "--audio-buffer=0.2",
            "--demuxer=rawaudio", f"--demuxer-rawaudio-rate={RATE}", "--demuxer-rawaudio-channels=2",
            "--demuxer-rawaudio-format=s16le",
        ]  # fmt: skip
        if device is not None:
            options.append(f"--audio-device={device}")
        if not timed:
            options.append("--ao-null-untimed=yes")
        self._process = subprocess.Popen(  # noqa: S603 -- no shell, and `device` can't be another option
            [program, *options, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:  # else it plays to its end
            self.stop()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait()
        finally:
            self._process.kill()

    def stop(self) -> None:
        """Fall silent at once."""
        self._process.terminate()

    def write(self, block: Block) -> None:
        """Play samples [shape=(n, 2)]; returns when all but about a second of them were played.

        Raises
        ------
        PlaylistkitError
            If mpv has ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write((np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())
        except OSError as error:
            raise PlaylistkitError(
                "mpv has ended; is there an audio device? `mpv --audio-device=help` lists them for --device"
            ) from error
