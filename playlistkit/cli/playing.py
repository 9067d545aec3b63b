"""`play`: play a planned session in a separate player, which outlives this terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from playlistkit.cli.face import Face, attached, collect, interrupted
from playlistkit.cli.run import Context, fail, say
from playlistkit.errors import InputError

if TYPE_CHECKING:
    from playlistkit.model import Slot

__all__ = ["play"]


@click.command(
    epilog="""
\b
Example:
  playlistkit build --for render -o session.json
  playlistkit play session.json
  playlistkit play                           # shows the session that plays, and takes keys
  playlistkit play --go-on                   # after a crash or a power cut
"""
)
@click.argument("plan", type=click.Path(exists=True, dir_okay=False), required=False)
@click.option("--at", "clock", metavar="H:MM:SS", help="Where in the session to begin.")
@click.option(
    "--track", metavar="N", type=click.IntRange(min=1), help="The number of the track to begin with."
)
@click.option(
    "--device",
    metavar="NAME",
    default="",
    help="The loudspeaker; mpv:NAME plays through mpv.  [default: the system's]",
)
@click.option("--detach", is_flag=True, help="Start playing and return at once; `session` steers it.")
@click.option(
    "--endless", is_flag=True, help="After the tail, keep playing the grounding set until you end it."
)
@click.option("--go-on", "resume", is_flag=True, help="Continue the interrupted session.")
@click.option("--new", is_flag=True, help="Drop the interrupted session, and begin this one.")
@click.option("--client", metavar="ALIAS", help="Store what was heard, and a record, under this client.")
@click.option(
    "--record", type=click.Path(dir_okay=False), metavar="FILE", help="Write a record of what was heard."
)
@click.pass_obj
def play(
    context: Context,
    plan: str | None,
    clock: str | None,
    track: int | None,
    device: str,
    detach: bool,
    endless: bool,
    resume: bool,
    new: bool,
    client: str | None,
    record: str | None,
) -> None:
    """Play a saved PLAN, with its overlaps and gains, then the tail.

    A separate player plays the session to its end, whatever happens to this terminal. Keys: space pauses and goes on,
    - and + quieter and louder, s silence and back, h holds, m ten minutes more, c calmer, n skips, a another track next,
    f to the next phase, r to the return, g grounding now, b back to the session, z undoes, E held down ends, q leaves
    it to play alone. Every jump is a crossfade.
    """
    from playlistkit.workflow.session import play as playing
    from playlistkit.workflow.session.steer import Steering
    from playlistkit.workflow.words import levels

    if resume:
        remote = playing.go_on()
    elif plan is None:
        remote = attached()
    else:
        left = playing.interrupted()
        if left is not None and not new:
            fail(interrupted(left) + " `play --new` drops it.")
        loaded = context.plan(plan)
        if client is not None:
            with context.library() as library:
                library.clients.sessions(client)  # refuse an unknown alias before anything plays
        at = _place(loaded.slots + loaded.tail, clock, track)
        remote = playing.begin(
            loaded,
            device=device,
            at=at,
            endless=endless,
            record=record,
            client=client,
            library=context.library_path,
        )
        if loaded.session.player != "render":
            say(levels(loaded))
    if detach:
        say("The session plays. `playlistkit play` shows it; `playlistkit session` steers it.")
        return
    Face(Steering(remote), begun=plan is not None or resume).run()
    collect(context, 8.0)


def _place(slots: tuple[Slot, ...], clock: str | None, track: int | None) -> float:
    """The position at which to begin."""
    from playlistkit.workflow.planning.today import seconds

    if clock is not None and track is not None:
        raise InputError("--at and --track both say where to begin; give only one")
    if track is not None:
        if track > len(slots):
            raise InputError(f"--track {track}: the plan has tracks 1 to {len(slots)}")
        return slots[track - 1].start
    if clock is None:
        return 0.0
    try:
        return seconds(clock)
    except ValueError:
        raise InputError(f"--at {clock!r}: give a time such as 1:05:00") from None
