"""`preview`, `render` and `play`: a plan as sound."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from playlistkit.cli.run import Context, fail, plain, progress_bar, say

if TYPE_CHECKING:
    from playlistkit.workflow.play import Key, Now

__all__ = ["play", "preview", "render"]

KEYS: dict[str, Key] = {
    " ": "pause",
    "n": "next",
    "\x1b[C": "next",  # arrow to the right
    "p": "previous",
    "\x1b[D": "previous",
    "g": "grounding",
    "b": "back",
    "q": "quit",
}

PLAN = click.argument("plan", type=click.Path(exists=True, dir_okay=False))
OUTPUT = click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Where to: .flac, .opus, .mp3, .m4a or .wav.",
)


@click.command(
    epilog="""
\b
Example:
  playlistkit preview session.json -o joins.opus --flagged
"""
)
@PLAN
@OUTPUT
@click.option("--phase", metavar="NAME", help="Only the joins into and within this phase.")
@click.option("--flagged", is_flag=True, help="Only the joins to check by ear.")
@click.pass_obj
def preview(context: Context, plan: str, output: str, phase: str | None, flagged: bool) -> None:
    """Every join of a saved PLAN to hear, one after another.

    The last 20 s of one track, the overlap, the first 20 s of the next, levelled as planned.
    """
    from playlistkit.workflow.render import flagged_joins
    from playlistkit.workflow.render import preview as run

    loaded = context.plan(plan)
    joins = flagged_joins(loaded) if flagged else None
    if joins == []:
        say("no join needs checking by ear: nothing to write")
        return
    with progress_bar("Rendering") as progress:
        seconds = run(loaded, output, phase=phase, joins=joins, progress=progress)
    say(f"wrote {output}: {seconds / 60:.1f} min")


@click.command(
    epilog="""
\b
Example:
  playlistkit build --for render -o session.json
  playlistkit render session.json -o session.opus
"""
)
@PLAN
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Where to: .flac, .opus, .mp3, .m4a or .wav.",
)
@click.option(
    "--write-replaygain",
    is_flag=True,
    help="Write the planned gains into the tags of your own files, over the gains that are there.",
)
@click.pass_obj
def render(context: Context, plan: str, output: str | None, write_replaygain: bool) -> None:
    """A saved PLAN as one continuous file, with its overlaps and gains, then the tail.

    For the room without a network, and for players that can't crossfade. For a player that levels by ReplayGain,
    --write-replaygain (with or without -o) brings the same gains into your files; nothing else ever writes there.
    """
    from playlistkit.workflow.render import render as run
    from playlistkit.workflow.render import write_replaygain as write

    if output is None and not write_replaygain:
        raise click.UsageError("nothing to do: give -o FILE, --write-replaygain, or both")
    loaded = context.plan(plan)
    if write_replaygain:
        faults = write(loaded)
        for fault in faults:
            say(fault)
        tracks = len(loaded.slots) + len(loaded.tail)
        message = f"wrote gains into {tracks - len(faults)} of {tracks} files"
        if faults:
            fail(message)
        say(message)
    if output is not None:
        with progress_bar("Rendering") as progress:
            seconds = run(loaded, output, progress=progress)
        say(f"wrote {output}: {seconds / 60:.1f} min")


@click.command(
    epilog="""
\b
Example:
  playlistkit build --for render -o session.json
  playlistkit play session.json
"""
)
@PLAN
@click.option(
    "--track",
    "first",
    default=1,
    show_default=True,
    metavar="N",
    help="The number of the track to begin with.",
)
@click.option("--device", metavar="NAME", help="Where to, as `mpv --audio-device=help` lists them.")
@click.pass_obj
def play(context: Context, plan: str, first: int, device: str | None) -> None:
    """Play a saved PLAN through mpv, with its overlaps and gains, then the tail.

    Keys: space pauses, n or the arrow to the right goes on to the next track, p or the arrow to the left to the
    previous one, g to the grounding set at once, b back to the session, q quits. Every jump is a crossfade.
    """
    from playlistkit.workflow.play import play as run

    with _keyboard() as key:
        run(
            context.plan(plan),
            key=key,
            show=_show(),
            tell=_tell,
            first=first,
            device=device,
        )


def _tell(text: str) -> None:
    """A message in place of the line that changes."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    say(text)


def _show() -> Callable[[Now], None]:
    """Shows what plays: one line that changes in a terminal, else a line for each track."""
    live = sys.stderr.isatty()
    last = ""

    def show(now: Now) -> None:
        nonlocal last
        where = f"{now.clock}  {now.phase}  {now.number}/{now.count}".strip()
        if live:
            from rich.cells import set_cell_size

            line = f"{'paused  ' if now.paused else ''}{where}  {now.at} of {now.length}  {plain(now.title)}"
            if line != last:
                width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
                click.echo(f"\r{set_cell_size(line, max(width - 1, 20))}", err=True, nl=False)
                last = line
        elif now.title != last:
            say(f"{where}  {now.title}")
            last = now.title

    return show


@contextlib.contextmanager
def _keyboard() -> Iterator[Callable[[], Key | None]]:
    """What is pressed, each key as it is pressed; the terminal is as before when it is over, killed or not.

    Without a terminal at standard input there are no keys.
    """
    if os.name == "nt":
        yield _key_of_windows
        return
    if not sys.stdin.isatty():
        yield lambda: None
        return
    import select
    import termios
    import tty

    terminal = sys.stdin.fileno()

    def key() -> Key | None:
        if not select.select([terminal], [], [], 0)[0]:
            return None
        pressed = os.read(terminal, 32).decode("utf-8", "replace")
        return KEYS.get(pressed) or KEYS.get(pressed[:1].lower())

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = termios.tcgetattr(terminal)
    handlers = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        tty.setcbreak(terminal)
        say("space: pause   n: next   p: previous   g: grounding now   b: back to the session   q: quit")
        yield key
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if sys.stderr.isatty():
            click.echo(err=True)


def _key_of_windows() -> Key | None:
    import msvcrt

    if not msvcrt.kbhit():  # type: ignore[attr-defined]
        return None
    return KEYS.get(msvcrt.getwch().lower())  # type: ignore[attr-defined]
