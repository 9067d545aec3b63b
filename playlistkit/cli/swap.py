"""`swap`: put another track into a slot of a saved plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from playlistkit.cli.outputs import OUTPUTS, RELATIVE, check_outputs, show_plan, write
from playlistkit.cli.run import AS_JSON, Context, on_one_line, print_json, say, show_line, waiting
from playlistkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playlistkit.model import Plan
    from playlistkit.workflow.planning.swap import Alternative

__all__ = ["swap"]


@click.command(
    epilog="""
\b
Example:
  playlistkit swap session.json 7
  playlistkit swap session.json 7 --with "Weightless" -o session.json -o session.m3u8
"""
)
@click.argument("plan", type=click.Path(exists=True, dir_okay=False))
@click.argument("slot", type=click.IntRange(min=1), metavar="NUMBER")
@click.option("--with", "track", metavar="TRACK", help="The track to put there.")
@click.option(
    "--lock",
    "locks",
    multiple=True,
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="A track that must not move. May be repeated.",
)
@click.option("--most", type=click.IntRange(min=1), default=12, show_default=True, help="How many to list.")
@click.option("--client", metavar="ALIAS", help="The alias whose marks apply.")
@OUTPUTS
@RELATIVE
@AS_JSON
@click.pass_obj
def swap(
    context: Context,
    plan: str,
    slot: int,
    track: str | None,
    locks: tuple[int, ...],
    most: int,
    client: str | None,
    outputs: tuple[str, ...],
    relative: bool | None,
    as_json: bool,
) -> None:
    """Put another track in place of track NUMBER of a saved PLAN (.json).

    Without --with, lists the tracks that could go there, best first, and what each would change. With it, every other
    track stays if the rules allow; if not, it says what had to move.
    """
    from playlistkit.workflow.planning import swap as workflow

    if track is None and outputs:
        raise click.UsageError("say which track to put there: --with TRACK")
    if track is not None and not outputs and not as_json:
        raise click.UsageError("say where to write the new plan: -o FILE")
    check_outputs(outputs)
    saved = context.plan(plan)
    for number in (slot, *locks):
        if number > len(saved.slots):
            raise InputError(f"there is no track {number}; the plan has tracks 1 to {len(saved.slots)}")
    with context.library() as library:
        if track is None:
            with waiting("Looking"):
                found = workflow.alternatives(saved, library, slot - 1, most=most, client=client)
            if as_json:
                print_json(workflow.alternatives_as_dicts(found))
            else:
                _show(saved, slot, found)
            return
        with waiting("Planning"):
            done = workflow.swapped(
                saved, library, slot - 1, track, locked=[each - 1 for each in locks], client=client
            )
    write(done.plan, outputs, relative)
    if as_json:
        print_json(workflow.swap_as_dict(done))
    else:
        show_plan(done.plan)
        from playlistkit.workflow.words import swap_lines

        for line in swap_lines(done):
            say(on_one_line(line))


def _show(plan: Plan, slot: int, found: Sequence[Alternative]) -> None:
    """Print the alternatives, one a line."""
    from playlistkit.workflow.words import join_line, named

    old = plan.slots[slot - 1]
    show_line(f"Instead of {slot}, {named(old.track)}, in {old.phase}:")
    if not found:
        show_line("  no track may go there and join both neighbours.")
    for each in found:
        joins = "; ".join(
            f"{side} {join_line(join)}"
            for side, join in (("in", each.join_before), ("out", each.join_after))
            if join is not None
        )
        what = "all else stays" if each.stays else "others must move"
        show_line(
            f"  {each.points:+6.2f} points  {each.track.duration / 60:5.1f} min  {named(each.track)}  "
            f"({joins}; {old.phase} ends {each.residual:+.0f} s; {what})"
        )
