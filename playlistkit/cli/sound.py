"""`preview` and `render`: a plan as sound."""

from __future__ import annotations

import click

from playlistkit.cli.run import progress_bar, say

__all__ = ["preview", "render"]

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
@click.option("--flagged", is_flag=True, help="Only the joins that want an ear.")
def preview(plan: str, output: str, phase: str | None, flagged: bool) -> None:
    """Every join of a saved PLAN to hear, one after another.

    The last 20 s of one track, the overlap, the first 20 s of the next, levelled as planned.
    """
    from playlistkit.workflow.export import load_plan
    from playlistkit.workflow.render import flagged_joins
    from playlistkit.workflow.render import preview as run

    loaded = load_plan(plan)
    with progress_bar("Rendering") as progress:
        seconds = run(
            loaded, output, phase=phase, joins=flagged_joins(loaded) if flagged else None, progress=progress
        )
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
@OUTPUT
def render(plan: str, output: str) -> None:
    """A saved PLAN as one continuous file, with its overlaps and gains, then the tail.

    For the room without a network, and for players that can't crossfade.
    """
    from playlistkit.workflow.export import load_plan
    from playlistkit.workflow.render import render as run

    with progress_bar("Rendering") as progress:
        seconds = run(load_plan(plan), output, progress=progress)
    say(f"wrote {output}: {seconds / 60:.1f} min")
