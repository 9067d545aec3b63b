"""`preview` and `render`: a plan as an audio file."""

from __future__ import annotations

import click

from playlistkit.cli.run import Context, fail, progress_bar, say
from playlistkit.figures import counted

__all__ = ["preview", "render"]

PLAN = click.argument("plan", type=click.Path(exists=True, dir_okay=False))
OUTPUT = click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Where to write it: .flac, .opus, .mp3, .m4a or .wav.",
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
@click.option("--phase", metavar="NAME", help="Only joins into and within this phase.")
@click.option("--flagged", is_flag=True, help="Only the joins to check by ear.")
@click.pass_obj
def preview(context: Context, plan: str, output: str, phase: str | None, flagged: bool) -> None:
    """Hear every join of a saved PLAN, one after another.

    The last 20 s of one track, the overlap, the first 20 s of the next, levelled as planned.
    """
    from playlistkit.workflow.output.render import flagged_joins
    from playlistkit.workflow.output.render import preview as run

    loaded = context.plan(plan)
    joins = flagged_joins(loaded) if flagged else None
    if joins == []:
        say("no join needs checking by ear; nothing was written")
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
    help="Where to write it: .flac, .opus, .mp3, .m4a or .wav.",
)
@click.option(
    "--write-replaygain",
    is_flag=True,
    help="Write the planned gains into the tags of your own files, replacing any gains there.",
)
@click.pass_obj
def render(context: Context, plan: str, output: str | None, write_replaygain: bool) -> None:
    """Write a saved PLAN as one continuous audio file, with its overlaps and gains, then the tail.

    For rooms without a network and players that can't crossfade. If your player uses ReplayGain,
    --write-replaygain (with or without -o) writes the same gains into your files; nothing else ever writes there.
    """
    from playlistkit.workflow.output.formats import sound_summary
    from playlistkit.workflow.output.render import render as run
    from playlistkit.workflow.output.render import write_replaygain as write

    if output is None and not write_replaygain:
        raise click.UsageError("nothing to do: give -o FILE, --write-replaygain, or both")
    loaded = context.plan(plan)
    if write_replaygain:
        with context.library() as library:
            faults = write(loaded, library)
        for fault in faults:
            say(fault)
        tracks = len(loaded.slots) + len(loaded.tail)
        message = f"wrote gains into {tracks - len(faults)} of {counted(tracks, 'file')}"
        if faults:
            fail(message)
        say(message)
    if output is not None:
        with progress_bar("Rendering") as progress:
            seconds = run(loaded, output, progress=progress)
        say(sound_summary(output, seconds))
