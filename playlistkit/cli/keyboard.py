"""Single key presses, and the orders they stand for."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import click

if TYPE_CHECKING:
    from playlistkit.workflow.session.attach import Name, State

__all__ = ["HELP", "HOLD", "Keys", "keyboard"]

HOLD = "E"
"""The key that must be held down."""

HELP = (
    "space: pause  -/+: quieter, louder  s: silence  h: hold  m: 10 min more  c: calmer  n: skip  a: another next\n"
    "f: next phase  r: to the return  g: grounding now  b: back  z: undo  E held: end  q: leave it playing"
)


class Keys:
    """The order for each key."""

    ORDERS: ClassVar[dict[str, Name]] = {
        "-": "quieter",
        "+": "louder",
        "=": "louder",  # the same key on most keyboards
        "m": "more",
        "c": "gentler",
        "n": "skip",
        "\x1b[C": "skip",  # arrow to the right
        "a": "another",
        "f": "next-phase",
        "r": "return",
        "g": "grounding",
        "z": "undo",
        HOLD: "end",
    }

    @classmethod
    def order(cls, pressed: str, state: State) -> Name | None:
        """The order a key stands for in the session's present state."""
        if pressed in (" ", "s", "h", "b"):
            turned = {" ": state.mode != "running", "s": state.mode == "quiet", "h": state.held, "b": True}[
                pressed
            ]
            if turned:
                return "resume"
            return {" ": "pause", "s": "quiet", "h": "hold"}[pressed]  # type: ignore[return-value]
        return cls.ORDERS.get(pressed)


@contextlib.contextmanager
def keyboard() -> Iterator[Callable[[], str | None]]:
    """Read single key presses. Restores the terminal at the end, even if the program is killed.

    If standard input is not a terminal, there are no keys.
    """
    if os.name == "nt":
        yield _key_of_windows
        return
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        yield lambda: None
        return
    import select
    import termios
    import tty

    terminal = sys.stdin.fileno()

    def key() -> str | None:
        if not select.select([terminal], [], [], 0)[0]:
            return None
        pressed = os.read(terminal, 32).decode("utf-8", "replace")
        return pressed if pressed.startswith("\x1b") else pressed[:1]

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    def again(*_: object) -> None:  # after Ctrl-Z and `fg`
        with contextlib.suppress(termios.error):
            tty.setcbreak(terminal)

    before = termios.tcgetattr(terminal)
    handled: dict[signal.Signals, Any] = {
        number: signal.signal(number, act)
        for number, act in ((signal.SIGTERM, end), (signal.SIGHUP, end), (signal.SIGCONT, again))
    }
    try:
        tty.setcbreak(terminal)
        yield key
    finally:
        for number, handler in handled.items():
            signal.signal(number, handler)
        with contextlib.suppress(termios.error):  # the terminal was closed
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        if sys.stderr.isatty():
            with contextlib.suppress(OSError):
                click.echo(err=True)


def _key_of_windows() -> str | None:
    import msvcrt

    if not msvcrt.kbhit():  # type: ignore[attr-defined]
        return None
    return str(msvcrt.getwch())  # type: ignore[attr-defined]
