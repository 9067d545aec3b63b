"""`scan`: from files to features."""

from __future__ import annotations

import dataclasses

import click

from playlistkit.cli.run import AS_JSON, Context, fail, on_one_line, print_json, progress_bar, say

__all__ = ["scan"]

MOST_TOLD = 100
"""Most unreadable files to list one by one; more would hide the rest."""


@click.command(
    epilog="""
\b
Example:
  playlistkit scan ~/Music "/media/archive/Quiet music"
"""
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes.  [default: one a core]"
)
@click.option("--force", is_flag=True, help="Analyse unchanged files as well.")
@click.option("--voice/--no-voice", default=True, help="Listen for singing and speech.  [default: voice]")
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Analyse on the workers of a running Dask cluster; they must see the same files. Needs the extra `cluster`.",
)
@AS_JSON
@click.pass_obj
def scan(
    context: Context,
    paths: tuple[str, ...],
    jobs: int | None,
    force: bool,
    voice: bool,
    dask: str | None,
    as_json: bool,
) -> None:
    """Analyse audio files and folders into the library.

    Known, unchanged files are skipped. If you stop it, the next scan carries on from there.
    """
    from playlistkit.workflow.scanning.scan import scan as run

    with context.library() as library, progress_bar("Listening") as progress:
        report = run(
            library, *paths, jobs=jobs, force=force, voice=voice, dask=dask, progress=progress, tell=say
        )
    for path, why in report.failed[:MOST_TOLD]:
        say(on_one_line(f"not read: {path}: {why}"))
    if len(report.failed) > MOST_TOLD:
        say(f"not read: {len(report.failed) - MOST_TOLD} more; --json lists them all")
    for path, why in report.not_followed[:MOST_TOLD]:
        say(on_one_line(f"{path}: {why}"))
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        say(report.summary())
    if report.interrupted:
        raise KeyboardInterrupt
    if report.gone:
        fail(report.told_gone())
    if report.failed and not report.analysed + report.unchanged + report.moved:
        fail("None of the files could be read; the lines above say why; give another folder")
