"""`session`: check a session before it plays, steer it while it plays, write it out after."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from playlistkit.cli.face import attached, collect, line_of
from playlistkit.cli.run import AS_JSON, Context, plain, print_json, progress_bar, say
from playlistkit.figures import clock

if TYPE_CHECKING:
    from playlistkit.model import Plan
    from playlistkit.workflow.session.attach import Name

__all__ = ["played_plan", "session"]


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
    collect(context)
    state = attached().state()
    if as_json:
        print_json(dataclasses.asdict(state))
        return
    click.echo(line_of(state))
    for told in state.told:
        click.echo(f"{clock(told.elapsed)}  {plain(told.text)}")


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
    """Check before a session what can be checked: files, loudspeaker, disk, power.

    No finding keeps the session from starting: a missing file is replaced by a reserve.
    """
    from playlistkit.workflow.session import ready

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
@click.option("--client", metavar="ALIAS", help="The client whose session `play --client` stored.")
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
    help="Where to write it; the suffix says the format.",
)
@click.pass_obj
def played(
    context: Context, record: str | None, client: str | None, number: int | None, outputs: tuple[str, ...]
) -> None:
    """Write a session as it was played, from its RECORD: a playlist, a sheet, a picture of its arc."""
    from playlistkit.workflow.output.export import export

    for warning in export(played_plan(context, record, client, number), *outputs):
        say(warning)
    for output in outputs:
        say(f"wrote {output}")


def played_plan(context: Context, record: str | None, client: str | None, number: int | None) -> Plan:
    """The session of a record, or of a client, as a plan."""
    from playlistkit.workflow.session import played as records

    if (record is None) == (client is None):
        raise click.UsageError("give either a RECORD or --client")
    if record is not None:
        return records.played(records.read_record(record))
    assert client is not None
    collect(context)
    with context.library() as library:
        return records.played(records.record_of(library, client, number))


ORDERS: dict[Name, str] = {
    "pause": "Pause, fading; the clock stands still.",
    "resume": "Go on after a pause, silence, a hold, the set for grounding, or a fading end.",
    "quieter": "1 dB quieter.",
    "louder": "1 dB louder, but never above the planned level.",
    "quiet": "Silence, while the clock runs on; `resume` brings the music back.",
    "hold": "Stay in this phase until `resume`.",
    "more": "Make this phase MINUTES longer (10 if not given).",
    "gentler": "Play gentler music from the next track on.",
    "skip": "Crossfade to the next track now.",
    "another": "Replace the coming track with another.",
    "next-phase": "Crossfade to the next phase now.",
    "return": "Crossfade to the return now.",
    "grounding": "Crossfade to the set for grounding now.",
    "undo": "Undo the last order; possible until the next join.",
    "end": "End the session with a long fade.",
}


def _command(name: Name, words: str) -> click.Command:
    def run(minutes: float = 10.0) -> None:
        from playlistkit.workflow.session.steer import Steering

        steering = Steering(attached())
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
