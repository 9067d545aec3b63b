"""`clients`: what this machine remembers for an alias."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

import click

from playlistkit.cli.completion import complete_client
from playlistkit.cli.library import row
from playlistkit.cli.run import AS_JSON, MAY_BE_LEFT_OUT, Commands, Context, fail, print_json, say
from playlistkit.errors import InputError
from playlistkit.figures import counted

if TYPE_CHECKING:
    from playlistkit.workflow.library import Library

__all__ = ["clients"]

RATING = click.FloatRange(0, 10)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    subcommand_metavar=MAY_BE_LEFT_OUT,
    epilog="""
\b
Example:
  playlistkit build --client Heron -o session.m3u8
  playlistkit clients
  playlistkit clients forget Heron
""",
)
@AS_JSON
@click.pass_context
def clients(ctx: click.Context, as_json: bool) -> None:
    """Manage the aliases on this machine: the tracks their plans used, marks, ratings.

    An alias is any word you choose. It never leaves this machine and is in no plan or exported file.
    """
    if ctx.invoked_subcommand is not None:
        return
    from playlistkit.workflow.clients import client_line

    context: Context = ctx.obj
    with context.library() as library:
        known = library.clients.list()
    if as_json:
        print_json([dataclasses.asdict(client) for client in known])
        return
    for client in known:
        click.echo(f"{client.alias}: {client_line(client)}")
    if not known:
        say("no clients yet; `playlistkit build --client ALIAS` starts one")


def known_alias(library: Library, alias: str, otherwise: str) -> None:
    """Refuse an alias that doesn't exist, so that a typo starts no client; else say what to do."""
    import difflib

    aliases = [each.alias for each in library.clients.list()]
    if alias.strip() in aliases:
        return
    near = difflib.get_close_matches(alias.strip(), aliases, n=3)
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    raise InputError(f"there is no client {alias!r}; {hint}{otherwise}")


@clients.command(
    epilog="""
\b
Example:
  playlistkit clients sessions Heron
"""
)
@click.argument("alias", shell_complete=complete_client)
@AS_JSON
@click.pass_obj
def sessions(context: Context, alias: str, as_json: bool) -> None:
    """List the sessions of an alias, with their tracks and ratings."""
    from playlistkit.workflow.clients import session_line

    with context.library() as library:
        known = library.clients.sessions(alias)
    if as_json:
        print_json([dataclasses.asdict(session) for session in known])
        return
    for session in known:
        click.echo(f"{session.number}: {session_line(session)}")


@clients.command(
    epilog="""
\b
Example:
  playlistkit clients drop Heron 3
"""
)
@click.argument("alias", shell_complete=complete_client)
@click.argument("session", type=click.IntRange(min=1))
@click.pass_obj
def drop(context: Context, alias: str, session: int) -> None:
    """Delete one session, such as a plan that was never played. Its tracks may be used again."""
    with context.library() as library:
        library.clients.forget_session(alias, session)
    say(f"dropped session {session}")


@clients.command(
    epilog="""
\b
Example:
  playlistkit clients rename Heron Kestrel
"""
)
@click.argument("alias", shell_complete=complete_client)
@click.argument("new")
@click.pass_obj
def rename(context: Context, alias: str, new: str) -> None:
    """Give an alias another name; the old one is erased."""
    from playlistkit.workflow.clients import rename as run

    with context.library() as library:
        run(library, alias, new)
    say("renamed")


@clients.command(
    epilog="""
\b
Example:
  playlistkit clients forget Heron
"""
)
@click.argument("alias", shell_complete=complete_client)
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def forget(context: Context, alias: str, yes: bool) -> None:
    """Delete an alias and everything kept for it. This can't be undone."""
    from playlistkit.workflow.clients import forget as run

    with context.library() as library:
        library.clients.sessions(alias)  # refuse an unknown alias before asking anything
        if not yes:
            _sure(f"Delete {alias!r} and everything kept for it?")
        run(library, alias)
    say("forgotten")


def _sure(question: str) -> None:
    """Ask, and stop if the answer is no, or if there is no terminal to ask at."""
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        if sys.stdin.isatty():  # Ctrl-C
            raise
        click.echo(err=True)
        fail("nothing was deleted: there is no terminal to ask at; add --yes to delete without asking")
    if not agreed:
        raise click.Abort


@clients.command(
    epilog="""
\b
Example:
  playlistkit clients rate Heron --liking 8 --resonance 7 --openness 9
"""
)
@click.argument("alias", shell_complete=complete_client)
@click.option(
    "--session", type=click.IntRange(min=1), metavar="N", help="Which session.  [default: the last]"
)
@click.option("--liking", type=RATING, metavar="0-10", help="How much the music was liked.")
@click.option("--resonance", type=RATING, metavar="0-10", help="How well it fitted what came up.")
@click.option("--openness", type=RATING, metavar="0-10", help="How open the client was to it.")
@click.pass_obj
def rate(
    context: Context,
    alias: str,
    session: int | None,
    liking: float | None,
    resonance: float | None,
    openness: float | None,
) -> None:
    """Store up to three ratings of a session's music. Nothing else is asked for or stored."""
    if liking is None and resonance is None and openness is None:
        raise click.UsageError("give at least one rating: --liking, --resonance or --openness")
    with context.library() as library:
        library.clients.rate(alias, session=session, liking=liking, resonance=resonance, openness=openness)
    say("kept")


@clients.command(
    epilog="""
\b
Example:
  playlistkit clients marks Heron
"""
)
@click.argument("alias", shell_complete=complete_client)
@AS_JSON
@click.pass_obj
def marks(context: Context, alias: str, as_json: bool) -> None:
    """List the tracks that are marked keep or avoid for one alias."""
    from playlistkit.workflow.clients import marks as marks_of

    with context.library() as library:
        known_alias(library, alias, "`playlistkit clients` lists them")
        marked = marks_of(library, alias)
    if as_json:
        print_json([{"mark": mark, "id": each.track.id, "title": each.track.title} for mark, each in marked])
        return
    for mark, each in marked:
        click.echo(f"{mark:5}  {row(each)}")
    say(f"{counted(len(marked), 'track')} marked")


@clients.command(
    epilog="""
\b
Example:
  playlistkit clients mark Heron "Weightless" avoid
  playlistkit clients mark Kestrel "Weightless" avoid --new
"""
)
@click.argument("alias", shell_complete=complete_client)
@click.argument("track")
@click.argument("mark", type=click.Choice(["keep", "avoid", "clear"]))
@click.option("--new", is_flag=True, help="Start the alias if it doesn't exist yet.")
@click.pass_obj
def mark(context: Context, alias: str, track: str, mark: str, new: bool) -> None:
    """Mark a track keep or avoid for one alias; `clear` removes the mark."""
    with context.library() as library:
        if not new:
            known_alias(library, alias, "--new starts one")
        known = library.resolve(track).track
        library.clients.mark(alias, known.id, None if mark == "clear" else mark)  # type: ignore[arg-type]
    say(f"{mark}: {known.title or known.id}")
