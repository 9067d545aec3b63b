"""`import`: tables from other programs into the library."""

from __future__ import annotations

import dataclasses

import click

from playlistkit.cli.run import AS_JSON, Context, fail, print_json, progress_bar, say

__all__ = ["FAULTS_SHOWN", "import_"]

FAULTS_SHOWN = 20


@click.command(
    name="import",
    epilog="""
\b
Example:
  playlistkit import "Liked Songs.csv"
  playlistkit import *.csv --instrumentalness
""",
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(dir_okay=False))
@click.option(
    "--energy",
    type=click.Choice(["spotify", "ours"]),
    help="Whose scale the `energy` column uses.  [default: Spotify's if its other columns are there]",
)
@click.option(
    "--instrumentalness",
    is_flag=True,
    help="Use Spotify's instrumentalness for the voice: none from 0.8, words up to 0.2, else unknown.",
)
@AS_JSON
@click.pass_obj
def import_(
    context: Context, files: tuple[str, ...], energy: str | None, instrumentalness: bool, as_json: bool
) -> None:
    """Take tracks and features from tables: Exportify in its 15 languages, any CSV or JSON with headers.

    Anything missing or wrong in a row is reported with its line; nothing is guessed silently.
    """
    from playlistkit.workflow.music.tables import import_tables

    with context.library() as library, progress_bar("Reading tables") as progress:
        reports = import_tables(
            library,
            *files,
            energy=energy,  # type: ignore[arg-type]  # click has checked it
            instrumentalness=instrumentalness,
            progress=progress,
        )
    if as_json:
        print_json([dataclasses.asdict(each) for each in reports])
    for report in () if as_json else reports:
        for note in report.notes:
            say(f"{report.file}: {note}")
        shown = report.faults if context.verbose else report.faults[:FAULTS_SHOWN]
        for fault in shown:
            say(fault)
        if len(report.faults) > len(shown):
            say(f"... and {len(report.faults) - len(shown)} more; `-v` shows all")
        say(report.summary())
    if not any(report.taken for report in reports):
        fail(
            "Nothing was imported: no row names a Spotify track or matches a file in the library. Scan your files "
            "first (`playlistkit scan FOLDER`), or export the table with its track URI column."
        )
