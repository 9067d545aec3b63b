"""`aftercare`: a sheet for the client to take home."""

from __future__ import annotations

import click

from playlistkit.cli.run import Context, say
from playlistkit.cli.session import played_plan

__all__ = ["aftercare"]


@click.command(
    epilog="""
\b
Example:
  playlistkit aftercare -o aftercare.html
  playlistkit aftercare --new our-words.yaml       # to change and translate
  playlistkit aftercare --words our-words.yaml --client Heron -o aftercare.html
"""
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE.html", help="Where to write the sheet."
)
@click.option(
    "--words",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Your own words for the sheet.",
)
@click.option(
    "--new",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write the words to a new file for you to change.",
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
    """Write a sheet for the client to take home: one page to print, in plain words.

    It has room for a journal, and says what is ordinary in the days after and when to call at once. It lists the
    music only if you ask.
    """
    from playlistkit.workflow import aftercare as sheet

    if new is None and output is None:
        raise click.UsageError("nothing to do: give -o FILE, or --new FILE")
    if new is not None:
        sheet.new_words(new)
        say(f"wrote {new}")
    if output is not None:
        plan = played_plan(context, record, client, None) if record or client else None
        sheet.aftercare(output, words=words, plan=plan)
        say(f"wrote {output}")
