"""`play` in a terminal: keys, signals, and a player that none of them stops."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playlistkit.errors import PlaylistkitError
from playlistkit.player import Remote, attach
from playlistkit.workflow.demo import Demo

pty = pytest.importorskip("pty", reason="no terminals of our own on this system")
termios = pytest.importorskip("termios")

PATIENCE = 90.0  # s; what takes longer hangs, and a machine that is busy takes long


class Terminal:
    """The command in a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self.ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "playlistkit", *arguments],
            stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, start_new_session=True,
        )  # fmt: skip
        self.shown = ""

    def until(self, text: str, seconds: float = PATIENCE) -> None:
        """Wait until it shows this."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert select.select([self.ours], [], [], max(0.0, end - time.monotonic()))[0], self.shown
            self.shown += os.read(self.ours, 4096).decode("utf-8", "replace")

    def press(self, key: str) -> None:
        os.write(self.ours, key.encode())

    def end(self) -> int:
        """Its exit code; the terminal must be as it was."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            if select.select([self.ours], [], [], 0.1)[0]:
                self.shown += os.read(self.ours, 4096).decode("utf-8", "replace")
        code = self.process.wait(PATIENCE)
        assert termios.tcgetattr(self.theirs) == self.before
        os.close(self.ours)
        os.close(self.theirs)
        return code


@pytest.fixture
def terminal(
    demo_made: Demo, demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Terminal]]:
    """Begins a session of the demo in a terminal."""
    monkeypatch.setenv("PLAYLISTKIT_SESSION", str(tmp_path / "session"))
    plan = str(demo_folder / "session.json")
    yield lambda *more: Terminal(
        "--library", str(demo_folder / "library.db"), "play", *(more or (plan, "--device", "null"))
    )
    with contextlib.suppress(PlaylistkitError):
        attach(tmp_path / "session").interrupt()


def session(tmp_path: Path) -> Remote:
    return attach(tmp_path / "session")


def test_keys_steer_it_and_q_leaves_it_to_play_alone(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    shown = terminal()
    shown.until("g: grounding now")
    shown.until("arrival")
    shown.press("-")
    shown.until("1 dB below")
    shown.press("n")
    shown.until("On to ")
    shown.press("q")
    assert shown.end() == 0
    assert "The session plays on." in shown.shown
    assert session(tmp_path).state().level == -1.0
    again = terminal("--at", "0:00")  # without a plan: the one that plays
    again.until("-1 dB")
    again.press("q")
    assert again.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGINT])
def test_a_signal_ends_what_is_shown_and_not_the_music(
    number: signal.Signals, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    shown = terminal()
    shown.until("arrival")
    shown.process.send_signal(number)
    if number is signal.SIGKILL:
        shown.process.wait(PATIENCE)
    else:
        assert shown.end() in (0, 128 + number), shown.shown
    remote = session(tmp_path)
    before = remote.state().position
    end = time.monotonic() + PATIENCE
    while remote.state().position < before + 0.5:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert remote.state().gaps == 0


def test_after_ctrl_z_and_fg_the_keys_work_again(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    shown = terminal()
    shown.until("arrival")
    shown.process.send_signal(signal.SIGSTOP)
    termios.tcsetattr(shown.theirs, termios.TCSANOW, shown.before)  # as a shell does
    shown.process.send_signal(signal.SIGCONT)
    end = time.monotonic() + PATIENCE
    while termios.tcgetattr(shown.theirs)[3] & termios.ICANON:  # until it takes keys one by one again
        assert time.monotonic() < end
        time.sleep(0.02)
    shown.press("-")
    shown.until("1 dB below")
    shown.press("q")
    assert shown.end() == 0
