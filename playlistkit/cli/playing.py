"""`play` and `session`: a session played, and steered from anywhere."""

from __future__ import annotations

import dataclasses
import os
import queue
import sys
import threading
import time
import uuid
from typing import TYPE_CHECKING

import click

from playlistkit.cli.keyboard import HELP, HOLD, Keys, keyboard
from playlistkit.cli.run import AS_JSON, Context, fail, plain, print_json, progress_bar, say
from playlistkit.errors import InputError, PlaylistkitError

if TYPE_CHECKING:
    from playlistkit.model import Plan, Slot
    from playlistkit.workflow.play import Answer, Name, Remote, Snapshot, State
    from playlistkit.workflow.steer import Steering

__all__ = ["aftercare", "play", "session"]

LOOK = 0.1  # s between two looks at keys and state
SHOW = 0.5  # s between two lines


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
@click.option("--go-on", "resume", is_flag=True, help="Go on with the session that was interrupted.")
@click.option("--new", is_flag=True, help="Drop a session that was interrupted, and begin this one.")
@click.option("--client", metavar="ALIAS", help="Keep for this client what was heard, and a record.")
@click.option(
    "--record", type=click.Path(dir_okay=False), metavar="FILE", help="Keep a record of what was heard."
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
    from playlistkit.workflow import play as playing
    from playlistkit.workflow.steer import Steering

    if resume:
        remote = playing.go_on()
    elif plan is None:
        remote = _attached()
    else:
        left = playing.interrupted()
        if left is not None and not new:
            fail(_interrupted(left) + " `play --new` drops it.")
        loaded = context.plan(plan)
        if client is not None:
            with context.library() as library:
                library.clients.sessions(client)  # a name that nobody has is told before anything plays
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
    if detach:
        say("It plays. `playlistkit play` shows it, `playlistkit session` steers it.")
        return
    _Face(Steering(remote)).run()
    _collect(context, 8.0)


def _collect(context: Context, patience: float = 0.0) -> None:
    """Bring the record of a session that has ended to its client."""
    from playlistkit.workflow.played import collect

    with context.library() as library:
        found = collect(library, patience=patience)
    if found is not None:
        say(f"kept for {found[0]!r}, session {found[1]}: what was heard")


def _place(slots: tuple[Slot, ...], clock: str | None, track: int | None) -> float:
    """The position at which to begin."""
    from playlistkit.workflow.build import seconds

    if clock is not None and track is not None:
        raise InputError("--at and --track both say where to begin; give one")
    if track is not None:
        if track > len(slots):
            raise InputError(f"the plan has tracks 1 to {len(slots)}, and none with the number {track}")
        return slots[track - 1].start
    if clock is None:
        return 0.0
    try:
        return seconds(clock)
    except ValueError:
        raise InputError(f"--at {clock!r}: give a time such as 1:05:00") from None


def _attached() -> Remote:
    """The player that plays, or a sentence."""
    from playlistkit.workflow import play as playing

    try:
        return playing.attach()
    except playing.NoPlayerError:
        left = playing.interrupted()
        if left is not None:
            fail(_interrupted(left))
        fail("No session is playing; `playlistkit play PLAN` starts one.")


def _interrupted(left: Snapshot) -> str:
    return f"A session was interrupted at {_clock(left.position)}; `playlistkit play --go-on` goes on from there."


def _clock(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _length(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02}"


def _line(state: State) -> str:
    """Where the session stands, on one line."""
    words = [_clock(state.position)]
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
        words += [state.phase, f"{_length(state.into)} of {_length(now.duration)}", title]
    if state.next is not None:
        words.append(
            f"next{f' in {_length(state.next_in)}' if state.next_in is not None else ''}: {state.next.title}"
        )
    words.append(f"ends {_clock(state.ends)}")
    return plain("  ".join(words))


class _Face:
    """The session in a terminal."""

    def __init__(self, steering: Steering) -> None:
        self._steering = steering
        self._following: queue.Queue[tuple[Name, Answer]] = queue.Queue()
        self._messages: queue.Queue[str] = queue.Queue()
        self._live = sys.stderr.isatty()
        self._told = 0
        self._shown = ("", "")
        self._hold = (0.0, 0.0)

    def run(self) -> None:
        """Show and steer, until the session ends or the person leaves."""
        from playlistkit.workflow.play import NoPlayerError

        threading.Thread(target=self._follow, daemon=True).start()
        self._told = self._steering.state().told_count
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
        self._say("It plays on. `playlistkit play` shows it again, `playlistkit session end` ends it.")

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
        self._following.put((name, answer))

    def _follow(self) -> None:
        """Plan the rest anew, beside all else."""
        while True:
            try:
                self._steering.prepare()
                name, answer = self._following.get()
                followed = self._steering.follow(name, answer)
                if followed is not None:
                    self._messages.put(followed.text)
            except PlaylistkitError as error:
                self._messages.put(str(error))
                time.sleep(1.0)

    def _tell(self, state: State) -> None:
        fresh = state.told_count - self._told
        for told in state.told[len(state.told) - fresh :] if fresh > 0 else ():
            self._say(f"{_clock(told.elapsed)}  {told.text}")
        self._told = state.told_count
        while not self._messages.empty():
            self._say(self._messages.get())

    def _show(self, state: State) -> None:
        if self._live:
            from rich.cells import set_cell_size

            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            click.echo(f"\r{set_cell_size(_line(state), max(width - 1, 20))}", err=True, nl=False)
        elif state.now is not None and (state.now.id, state.phase) != self._shown:
            self._shown = (state.now.id, state.phase)
            say(_line(state))

    def _say(self, text: str) -> None:
        if self._live:
            click.echo("\r\x1b[K", err=True, nl=False)
        say(text)


@click.group(
    epilog="""
\b
Example:
  playlistkit session status
  playlistkit session quiet
  playlistkit session more 10
"""
)
def session() -> None:
    """Steer the playing session from another terminal, a keypad, a foot switch or a script."""


@session.command(
    epilog="""
\b
Example:
  playlistkit session status
"""
)
@AS_JSON
@click.pass_obj
def status(context: Context, as_json: bool) -> None:
    """Show where the playing session stands."""
    _collect(context)
    state = _attached().state()
    if as_json:
        print_json(dataclasses.asdict(state))
        return
    click.echo(_line(state))
    for told in state.told:
        click.echo(f"{_clock(told.elapsed)}  {plain(told.text)}")


@session.command(
    epilog="""
\b
Example:
  playlistkit session check session.json --tone
"""
)
@click.argument("plan", type=click.Path(exists=True, dir_okay=False))
@click.option("--device", metavar="NAME", default="", help="The loudspeaker.  [default: the system's]")
@click.option("--quick", is_flag=True, help="Open each file, but don't decode it to its end.")
@click.option("--tone", is_flag=True, help="Play a soft chord for three seconds.")
@AS_JSON
@click.pass_obj
def check(context: Context, plan: str, device: str, quick: bool, tone: bool, as_json: bool) -> None:
    """Look before a session at all that can be looked at: files, loudspeaker, disk, power.

    Nothing that is found keeps the session from beginning: a file that is gone is replaced by a reserve.
    """
    from playlistkit.workflow import ready

    loaded = context.plan(plan)
    with progress_bar("Looking") as progress:
        found = ready.look(loaded, device=device, whole=not quick, progress=progress)
    if tone:
        say(f"a soft chord, by {ready.soft_tone(device)}")
    if as_json:
        print_json([dataclasses.asdict(each) for each in found])
    else:
        for each in found:
            click.echo(
                f"{'look' if each.good is None else 'good' if each.good else 'MEND'}  {plain(each.text)}"
            )
    if any(each.good is False for each in found):
        raise click.exceptions.Exit(3)


@session.command(
    epilog="""
\b
Example:
  playlistkit session played --client Heron -o played.m3u8 -o played.html
  playlistkit session played record.jsonl -o played.m3u8
"""
)
@click.argument("record", type=click.Path(exists=True, dir_okay=False), required=False)
@click.option("--client", metavar="ALIAS", help="Whose session, as `play --client` kept it.")
@click.option(
    "--number",
    type=click.IntRange(min=1),
    metavar="N",
    help="Which session of the client.  [default: the last]",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    required=True,
    metavar="FILE",
    help="Where to; the suffix says the format.",
)
@click.pass_obj
def played(
    context: Context, record: str | None, client: str | None, number: int | None, outputs: tuple[str, ...]
) -> None:
    """A session as it was played, from its RECORD: as a playlist, a sheet, a picture of the arc as it was."""
    from playlistkit.workflow.export import export

    for warning in export(_played(context, record, client, number), *outputs):
        say(warning)
    for output in outputs:
        say(f"wrote {output}")


def _played(context: Context, record: str | None, client: str | None, number: int | None) -> Plan:
    from playlistkit.workflow import played as records

    if (record is None) == (client is None):
        raise click.UsageError("give a RECORD or --client, one of them")
    if record is not None:
        return records.played(records.read_record(record))
    assert client is not None
    _collect(context)
    with context.library() as library:
        return records.played(records.record_of(library, client, number))


@click.command(
    epilog="""
\b
Example:
  playlistkit aftercare -o aftercare.html
  playlistkit aftercare --new our-words.yaml       # to change and translate
  playlistkit aftercare --words our-words.yaml --client Heron -o aftercare.html
"""
)
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE.html", help="Where to.")
@click.option(
    "--words",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Your own words for the sheet.",
)
@click.option(
    "--new", type=click.Path(dir_okay=False), metavar="FILE", help="Write the words to a new file, to change."
)
@click.option(
    "--record",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="List the music of this record.",
)
@click.option("--client", metavar="ALIAS", help="List the music of this client's last session.")
@click.pass_obj
def aftercare(
    context: Context,
    output: str | None,
    words: str | None,
    new: str | None,
    record: str | None,
    client: str | None,
) -> None:
    """The sheet for the client to take home: one page to print, in plain words.

    Room for a journal, what is ordinary in the days after and when to call at once, and, only if asked, the music.
    """
    from playlistkit.workflow import aftercare as sheet

    if new is None and output is None:
        raise click.UsageError("nothing to do: give -o FILE, or --new FILE")
    if new is not None:
        sheet.new_words(new)
        say(f"wrote {new}")
    if output is not None:
        plan = _played(context, record, client, None) if record or client else None
        sheet.aftercare(output, words=words, plan=plan)
        say(f"wrote {output}")


ORDERS: dict[Name, str] = {
    "pause": "Pause, fading; the clock stands still.",
    "resume": "Go on: after a pause, silence, an end that fades, the set for grounding, or a hold.",
    "quieter": "1 dB quieter.",
    "louder": "1 dB louder, never above the planned level.",
    "quiet": "Silence, while the clock runs on; `resume` brings the music back.",
    "hold": "Stay in this phase until `resume`.",
    "more": "Make this phase MINUTES longer (10 if not given).",
    "gentler": "Play gentler music from the next track on.",
    "skip": "Crossfade to the next track now.",
    "another": "Take another track instead of the coming one.",
    "next-phase": "Crossfade to the next phase now.",
    "return": "Crossfade to the return now.",
    "grounding": "Crossfade to the set for grounding now.",
    "undo": "Take back the last order, until the next join.",
    "end": "End the session with a long fade.",
}


def _command(name: Name, words: str) -> click.Command:
    def run(minutes: float = 10.0) -> None:
        from playlistkit.workflow.steer import Steering

        steering = Steering(_attached())
        answer = steering.order(name, revision=steering.state().revision, minutes=minutes)
        say(answer.text)
        followed = steering.follow(name, answer, minutes=minutes)
        if followed is not None:
            say(followed.text)
        if not answer.done and not (followed and followed.done):
            raise click.exceptions.Exit(1)

    parameters: list[click.Parameter] = []
    example = f"playlistkit session {name}"
    if name == "more":
        parameters.append(click.Argument(["minutes"], type=float, default=10.0))
        example += " 10"
    return click.Command(
        name, callback=run, params=parameters, help=words, epilog=f"\b\nExample:\n  {example}\n"
    )


for order, words in ORDERS.items():
    session.add_command(_command(order, words))
