"""`check`: what is wrong with an existing playlist."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from playlistkit.cli.completion import complete_template
from playlistkit.cli.run import (
    AS_JSON,
    Context,
    print_json,
    progress_bar,
    show_line,
)
from playlistkit.figures import counted
from playlistkit.model import Player

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playlistkit.workflow.playlists.check import CheckReport

__all__ = ["check"]


@click.command(
    epilog="""
\b
Example:
  playlistkit check old-playlist.m3u --template phases.yaml
"""
)
@click.argument("playlist", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--template",
    "template",
    shell_complete=complete_template,
    metavar="T",
    help="A file or a shipped name.  [default: the plan's, or phases]",
)
@click.option(
    "--for",
    "player",
    type=click.Choice(get_args(Player)),
    help="What will play it.  [default: what the playlist says]",
)
@click.option("--overlap", type=float, metavar="SECONDS", help="The crossfade your player is set to.")
@AS_JSON
@click.pass_obj
def check(
    context: Context,
    playlist: str,
    template: str | None,
    player: Player | None,
    overlap: float | None,
    as_json: bool,
) -> None:
    """Check an existing PLAYLIST against a template: phase by phase, join by join, track by track.

    Reads our own plans, and M3U, XSPF, PLS, JSPF, ASX, WPL, CSV and the XML of iTunes from any program. Exit code 0: no
    findings; 3: findings; 2: the playlist can't be read.
    """
    from playlistkit.workflow.playlists.check import check as run

    with context.library() as library, progress_bar("Listening") as progress:
        report = run(
            playlist,
            library,
            template=template,
            player=player,
            overlap=overlap,
            progress=progress,
        )
    if as_json:
        print_json(report.as_dict())
    else:
        for line in check_lines(report):
            show_line(line)
    if report.findings:
        raise SystemExit(3)


def check_lines(report: CheckReport) -> Iterator[str]:
    """The report as lines: the phases, what breaks a rule, what could be better."""
    yield f"{report.playlist} along {report.template!r}"
    for phase in report.phases:
        energy = "energy not known" if phase.energy is None else f"energy {phase.energy:.2f}"
        tempo = "" if phase.tempo is None else f", {phase.tempo:.0f} BPM"
        sung = ", ".join(f"{word} {minutes:.1f}" for word, minutes in phase.voice.items() if word != "none")
        yield (
            f"  {phase.name:12}  {phase.minutes:6.1f} of {phase.target:g} min, ends {phase.residual:+.0f} s, "
            f"{counted(phase.tracks, 'track')}, {energy}{tempo}{f', voice in min: {sung}' if sung else ''}"
        )
    for heading, findings in (("Breaks a rule", report.findings), ("Could be better", report.wishes)):
        if findings:
            yield f"{heading}:"
            yield from (f"  {finding.where}: {finding.text}" for finding in findings)
    if report.passed_over:
        yield "Skipped:"
        yield from (f"  {text}" for text in report.passed_over)
    yield f"{counted(len(report.findings), 'finding')}." if report.findings else "No findings."
