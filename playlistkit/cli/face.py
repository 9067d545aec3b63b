"""The session in a terminal: find the player, show its state on one line, steer it by keys."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import uuid
from typing import TYPE_CHECKING

import click

from playlistkit.cli.keyboard import HELP, HOLD, Keys, keyboard
from playlistkit.cli.run import Context, fail, plain, say
from playlistkit.errors import LibraryError, PlaylistkitError
from playlistkit.figures import clock

if TYPE_CHECKING:
    from playlistkit.workflow.session.attach import Answer, Name, Remote, Snapshot, State
    from playlistkit.workflow.session.steer import Steering

__all__ = ["Face", "attached", "collect", "interrupted", "line_of"]

LOOK = 0.1  # s between reads of keys and state
SHOW = 0.5  # s between updates of the line


def collect(context: Context, patience: float = 0.0) -> None:
    """File an ended session's record under its client; a library that can't be had keeps nobody from a session."""
    from playlistkit.workflow.session.played import collect, uncollected

    if uncollected(patience=patience) is None:
        return
    found = None
    try:
        with context.library() as library:
            found = collect(library)
    except LibraryError as error:
        say(f"what was heard is not stored yet: {error}")
    if found is not None:
        say(f"stored what was heard as session {found[1]} of {found[0]!r}")


def attached() -> Remote:
    """The running player; without one, say so and stop."""
    from playlistkit.workflow.session import attach as playing

    try:
        return playing.attach()
    except playing.NoPlayerError:
        left = playing.interrupted()
        if left is not None:
            fail(interrupted(left))
        fail("No session is playing; `playlistkit play PLAN` starts one.")


def interrupted(left: Snapshot) -> str:
    """The message about an interrupted session."""
    return f"A session was interrupted at {clock(left.position)}; `playlistkit play --go-on` continues from there."


def _length(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02}"


def line_of(state: State) -> str:
    """The state of the session, on one line."""
    words = [clock(state.position)]
    if state.mode != "running":
        words.append(state.mode)
    if state.held:
        words.append("held")
    if state.level:
        words.append(f"{state.level:.0f} dB")
    if not state.sounding:
        words.append("NO SOUND")
    now = state.now
    if now is not None:
        title = " - ".join(word for word in (now.artist, now.title) if word)
        if state.number is not None:
            words.append(f"{state.number}/{state.count}")
        words += [state.phase, f"{_length(state.into)} of {_length(now.duration)}", title]
    if state.next is not None:
        words.append(
            f"next{f' in {_length(state.next_in)}' if state.next_in is not None else ''}: {state.next.title}"
        )
    words.append(f"ends {clock(state.ends)}")
    return plain("  ".join(words))


class Following:
    """Replans the rest in the background, order by order.

    Parameters
    ----------
    steering : Steering

    Attributes
    ----------
    orders : queue of (Name, Answer)
        Given, and answered by the player.
    messages : queue of str
        What to tell.
    """

    def __init__(self, steering: Steering) -> None:
        self.orders: queue.Queue[tuple[Name, Answer]] = queue.Queue()
        self.messages: queue.Queue[str] = queue.Queue()
        self._steering = steering

    def run(self) -> None:
        """Follow without end. Say once if nothing can be prepared, as without a library."""
        told = ""
        while True:
            try:
                self._steering.prepare()
            except PlaylistkitError as error:
                if str(error) != told:
                    told = str(error)
                    self.messages.put(told)
            name, answer = self.orders.get()
            try:
                followed = self._steering.follow(name, answer)
            except PlaylistkitError as error:
                self.messages.put(str(error))
            else:
                if followed is not None:
                    self.messages.put(followed.text)


class Face:
    """The session in a terminal.

    Parameters
    ----------
    steering : Steering
    begun : bool
        Whether the session has only just begun, so that none of its messages have been shown.
    """

    def __init__(self, steering: Steering, *, begun: bool = False) -> None:
        self._begun = begun
        self._steering = steering
        self._following = Following(steering)
        self._live = sys.stderr.isatty()
        self._told = 0
        self._shown = ("", "")
        self._hold = (0.0, 0.0)

    def run(self) -> None:
        """Show and steer until the session ends or the person leaves."""
        from playlistkit.workflow.session.attach import NoPlayerError

        threading.Thread(target=self._following.run, daemon=True).start()
        self._told = 0 if self._begun else self._steering.state().told_count
        try:
            with keyboard() as key:
                if self._live and sys.stdin.isatty():
                    say(HELP)
                shown = 0.0
                while True:
                    state = self._steering.state()
                    pressed = key()
                    if pressed == "q":
                        break
                    if pressed:
                        self._press(pressed, state)
                    self._tell(state)
                    if state.mode == "ended":
                        return
                    if time.monotonic() - shown > SHOW or pressed:
                        shown = time.monotonic()
                        self._show(state)
                    time.sleep(LOOK)
        except KeyboardInterrupt:
            pass
        except NoPlayerError:
            self._say("The player has ended.")
            return
        self._say(
            "The session plays on. `playlistkit play` shows it again; `playlistkit session end` ends it."
        )

    def _press(self, pressed: str, state: State) -> None:
        name = Keys.order(pressed, state)
        if pressed == HOLD:
            first, last = self._hold
            now = time.monotonic()
            self._hold = (first if now - last < 0.8 else now, now)
            if now - self._hold[0] < 1.5:
                self._say("Hold E down to end the session.")
                return
            self._hold = (0.0, 0.0)
        if name is None:
            return
        answer = self._steering.order(name, gesture=uuid.uuid4().hex, revision=state.revision)
        self._say(answer.text)
        self._following.orders.put((name, answer))

    def _tell(self, state: State) -> None:
        fresh = state.told_count - self._told
        for told in state.told[-fresh:] if fresh > 0 else ():
            self._say(f"{clock(told.elapsed)}  {told.text}")
        self._told = state.told_count
        while not self._following.messages.empty():
            self._say(self._following.messages.get())

    def _show(self, state: State) -> None:
        if self._live:
            from rich.cells import set_cell_size

            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            click.echo(f"\r{set_cell_size(line_of(state), max(width - 1, 20))}", err=True, nl=False)
        elif state.now is not None and (state.now.id, state.phase) != self._shown:
            self._shown = (state.now.id, state.phase)
            say(line_of(state))

    def _say(self, text: str) -> None:
        if self._live:
            click.echo("\r\x1b[K", err=True, nl=False)
        say(text)
