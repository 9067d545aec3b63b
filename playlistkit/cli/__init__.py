"""The command line.

One module for each family of commands. A command parses, calls one function of `workflow`, and shows the
answer: results on standard output, progress and messages on standard error. Anything heavy is imported inside
the command, so that `--help` and completion answer at once.
"""

from __future__ import annotations

import logging
import os
import sys

import click

from playlistkit import __version__
from playlistkit.cli import (
    aftercare,
    build,
    checking,
    clients,
    library,
    listen,
    open,  # noqa: A004
    playing,
    rate,
    session,
    sound,
    spotify,
    swap,
    tables,
    templates,
)
from playlistkit.cli.run import Commands, Context, end_tidily, name_variables, show_any_name
from playlistkit.workflow.limits import dump_no_core

__all__ = ["main"]


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
    epilog="""
\b
Example:
  playlistkit scan ~/Music
  playlistkit build -o session.m3u8 -o session.html
\b
Exit codes: 0 done; 1 could not be done; 2 wrong usage or a faulty input file;
3 the library can't fill the template, or check has findings.
""",
)
@click.option(
    "--library",
    "library_path",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="The library file.  [default: library.db in the user's data folder]",
)
@click.option("-v", "--verbose", count=True, help="Print more on standard error; -vv prints everything.")
@click.version_option(__version__, "-V", "--version", prog_name="playlistkit")
@click.pass_context
def main(ctx: click.Context, library_path: str | None, verbose: int) -> None:
    """Build playlists for medicine sessions from your own music: along an arc, timed to the second.

    Nothing leaves this machine except through `spotify` commands: they talk to your own account, and `spotify
    features` to the service that you name. (`scan --dask` talks to the cluster that you name.) Versions before
    28 November 2026 loaded a library that did not keep to this; docs/library.md says what it may have left.
    """
    logging.basicConfig(
        stream=sys.stderr,
        level={0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG),
        format="%(name)s: %(message)s",
    )
    end_tidily()
    dump_no_core()
    show_any_name()
    ctx.obj = Context(os.path.expanduser(library_path) if library_path else None, verbose)  # noqa: PTH111


for command in (
    open.open_,
    build.demo,
    listen.scan,
    tables.import_,
    library.tracks,
    library.set_,
    rate.rate,
    templates.templates,
    build.build,
    checking.check,
    build.export,
    swap.swap,
    sound.preview,
    sound.render,
    playing.play,
    session.session,
    aftercare.aftercare,
    clients.clients,
    spotify.spotify,
):
    main.add_command(command)
name_variables(main, "PLAYLISTKIT")
