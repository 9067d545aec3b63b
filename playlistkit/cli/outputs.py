"""The files that a plan is written to: the options, the check before planning, the writing; and the plan on the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from playlistkit.cli.run import (
    on_one_line,
    say,
)

if TYPE_CHECKING:
    from playlistkit.model import Plan

__all__ = ["BEGIN", "OUTPUTS", "RELATIVE", "check_outputs", "show_plan", "write"]

OUTPUTS = click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Write the plan; the suffix says the format: .m3u8 .m3u .xspf .jspf .csv, .json (the plan itself), "
    ".html (the session sheet), .png or .svg (the arc). May be repeated.",
)
RELATIVE = click.option(
    "--relative/--absolute",
    default=None,
    help="Write track paths relative to the playlist's folder, or absolute.  [default: relative if under that folder]",
)
BEGIN = click.option(
    "--begin",
    metavar="HH:MM",
    help="When the session begins; fills the sheet's clock column and is stored nowhere else.",
)


def show_plan(plan: Plan) -> None:
    """Print the arc and the tracks on standard output, then the warnings."""
    from playlistkit.workflow.output.export import arc_text

    terminal = sys.stdout.isatty()
    width = min(shutil.get_terminal_size((100, 24)).columns, 120) if terminal else 100
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    color = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    click.echo(arc_text(plan, width=width, color=color, unicode=unicode))


def check_outputs(outputs: tuple[str, ...], begin: str | None = None) -> None:
    """Refuse what can't be written before planning, so that no client's session is stored in vain."""
    from playlistkit.workflow.output.export import check_outputs as check_all
    from playlistkit.workflow.output.export import seconds_of_day

    seconds_of_day(begin)
    check_all(outputs)


def write(plan: Plan, outputs: tuple[str, ...], relative: bool | None, begin: str | None = None) -> None:
    """Write a plan in each format, and say so."""
    from playlistkit.workflow.output.export import export as run

    for warning in run(plan, *outputs, relative=relative, begin=begin):
        say(on_one_line(f"careful: {warning}"))
    for output in outputs:
        say(f"wrote {output}")
