"""`spotify`: the therapist's own account."""

from __future__ import annotations

import contextlib
import dataclasses
import webbrowser
from typing import TYPE_CHECKING

import click

from playlistkit.cli.run import AS_JSON, Commands, Context, fail, print_json, progress_bar, say
from playlistkit.cli.tables import FAULTS_SHOWN
from playlistkit.errors import InputError
from playlistkit.figures import counted, length

if TYPE_CHECKING:
    from playlistkit.model import Candidate
    from playlistkit.workflow.spotify import Choice, Found, Service, SignInStatus

__all__ = ["spotify"]


@click.group(
    cls=Commands,
    epilog="""
\b
Example:
  playlistkit spotify login
  playlistkit spotify pull "Quiet evenings"
  playlistkit spotify match
  playlistkit build --for spotify -o session.json
  playlistkit spotify push session.json
""",
)
def spotify() -> None:
    """Use your own Spotify account: bring playlists in, find your files there, write sessions out."""


@spotify.command(
    epilog="""
\b
Example:
  playlistkit spotify login
  playlistkit spotify login --paste
"""
)
@click.option(
    "--client-id", metavar="ID", help="Client id of your own Spotify app; asked for once if not given."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="N",
    help="Port of the callback on this machine.  [default: any that is free]",
)
@click.option(
    "--paste", is_flag=True, help="No browser on this machine: open the address elsewhere, paste the answer."
)
@AS_JSON
def login(client_id: str | None, port: int, paste: bool, as_json: bool) -> None:
    """Sign in to your Spotify account, for six months."""
    from playlistkit.workflow import spotify as workflow

    say(workflow.TERMS)
    client_id = client_id or workflow.known_client_id()
    if client_id is None:
        say(f"\n{workflow.STEPS}\n")
        client_id = click.prompt("Client ID", err=True)

    def show(url: str) -> None:
        say("Open this address in a browser" + (":" if paste else ", if none opens by itself:"))
        say(url)

    def pasted() -> str:
        say(
            "Allow it there. The browser then shows a page that can't be reached: copy that page's whole address."
        )
        return str(click.prompt("Address", err=True))

    status = workflow.login(
        client_id, show=show, paste=pasted if paste else None, port=port, browser=webbrowser.open
    )
    show_status(status, as_json)


@spotify.command(name="status", epilog="\b\nExample:\n  playlistkit spotify status\n")
@AS_JSON
def status_(as_json: bool) -> None:
    """Show who is signed in, and until when."""
    from playlistkit.workflow import spotify as workflow

    status = workflow.status()
    if status is None:
        if as_json:
            print_json(None)
            return
        raise fail("not signed in to Spotify; run `playlistkit spotify login`")
    show_status(status, as_json)


def show_status(status: SignInStatus, as_json: bool) -> None:
    """Print who is signed in, until when, and what is missing."""
    if as_json:
        document = dataclasses.asdict(status)
        print_json(document | {name: document[name].isoformat() for name in ("authorized", "ends")})
        return
    click.echo(f"signed in as {status.user_name or status.user} until {status.ends:%d %B %Y}")
    if status.warning:
        say(status.warning)
    if status.missing_permissions:
        say(f"permission is missing for {', '.join(status.missing_permissions)}; log in again to give it")


@spotify.command(epilog="\b\nExample:\n  playlistkit spotify logout\n")
def logout() -> None:
    """Forget the sign-in on this machine."""
    from playlistkit.workflow import spotify as workflow

    say("the sign-in is forgotten" if workflow.logout() else "nobody was signed in")
    say("To withdraw it at Spotify too: spotify.com/account > Manage apps.")


@spotify.command(
    epilog="""
\b
Example:
  playlistkit spotify pull
  playlistkit spotify pull "Quiet evenings" https://open.spotify.com/playlist/4hOKQuZbraPDIfaGbM3lKI
  playlistkit spotify pull --liked
"""
)
@click.argument("playlists", metavar="[PLAYLIST]...", nargs=-1)
@click.option("--liked", is_flag=True, help="Your saved tracks; without PLAYLIST, only these.")
@AS_JSON
@click.pass_obj
def pull(context: Context, playlists: tuple[str, ...], liked: bool, as_json: bool) -> None:
    """Bring the tracks of your playlists into the library: all your own, or PLAYLIST by name or address.

    Only changes are read. If you stop it, the next pull carries on from there. Spotify gives no tempo and no
    energy: they come from your own copy of a track, from a table (`import`) or from you (`set`).
    """
    from playlistkit.workflow import spotify as workflow

    with context.library() as library, progress_bar("Pulling") as progress:
        report = workflow.pull(library, playlists, liked=liked, progress=progress, tell=say)
    if as_json:
        print_json(dataclasses.asdict(report))
        return
    for each in report.passed_over:
        say(each)
    say(report.summary())


@spotify.command(
    epilog="""
\b
Example:
  playlistkit spotify features --from reccobeats --dry-run
  playlistkit spotify features --from reccobeats
"""
)
@click.option(
    "--from",
    "service",
    type=click.Choice(["reccobeats"]),
    required=True,
    help="The service to ask. There is no default: naming it is your consent.",
)
@click.option("--dry-run", is_flag=True, help="Show every request whole, and send nothing.")
@click.option(
    "--instrumentalness",
    is_flag=True,
    help="Use its instrumentalness for the voice: none from 0.8, words up to 0.2, else unknown.",
)
@click.option("--again", is_flag=True, help="Also ask for tracks that were asked for before.")
@AS_JSON
@click.pass_obj
def features(
    context: Context, service: Service, dry_run: bool, instrumentalness: bool, again: bool, as_json: bool
) -> None:
    """Ask a third party for the energy, tempo and loudness that your tracks on Spotify lack.

    What is sent: the Spotify ids of these tracks and, as with every request, this machine's internet address. Only
    gaps are filled: what was measured, imported or set stays. Whether Spotify's rules for apps, which forbid
    analysing its content, cover asking somebody else by id is not settled.
    """
    from playlistkit.workflow import spotify as workflow

    with context.library() as library:
        requests = workflow.planned_requests(library, service, instrumentalness=instrumentalness, again=again)
        count = sum(len(request.tracks) for request in requests)
        if not count:
            say("every Spotify track has its features or was asked for before (--again asks again)")
            return
        say(
            f"{counted(count, 'track')}, {counted(len(requests), 'request')} to {service}. Sent: {workflow.SENT}."
        )
        if dry_run:
            for request in requests:
                click.echo(f"GET {request.address}")
            return
        with progress_bar("Asking") as progress:
            report = workflow.fetch_features(
                library, service, instrumentalness=instrumentalness, again=again, progress=progress, tell=say
            )
    if as_json:
        print_json(dataclasses.asdict(report))
        return
    for each in report.refused[:FAULTS_SHOWN]:
        say(each)
    say(report.summary())


@spotify.command(
    epilog="""
\b
Example:
  playlistkit spotify match
  playlistkit spotify match --ask
  playlistkit spotify match --link "Weightless" spotify:track:6kkwzB6hXLIONkEk9JciA6
"""
)
@click.argument("tracks", metavar="[TRACK]...", nargs=-1)
@click.option("--ask", is_flag=True, help="Go through the uncertain matches: choose, skip or postpone each.")
@click.option("--again", is_flag=True, help="Look again for what was not found or was skipped.")
@click.option("--link", nargs=2, metavar="TRACK URI", help="Link a track to a Spotify address yourself.")
@AS_JSON
@click.pass_obj
def match(
    context: Context,
    tracks: tuple[str, ...],
    ask: bool,
    again: bool,
    link: tuple[str, str] | None,
    as_json: bool,
) -> None:
    """Find your local tracks on Spotify. Uncertain matches are shown, never taken without asking."""
    from playlistkit.workflow import spotify as workflow

    if ask and as_json:
        raise InputError("--ask talks to you, --json to a program; give only one")
    with context.library() as library:
        if link is not None:
            workflow.link(library, *link)
            say(f"{link[0]} is {link[1]} from now on")
            return
        # a progress bar would overwrite the questions
        bar = contextlib.nullcontext(no_progress) if ask else progress_bar("Looking on Spotify")
        with bar as progress:
            report = workflow.match(
                library, tracks, again=again, choose=choose if ask else None, progress=progress, tell=say
            )
    if as_json:
        print_json(dataclasses.asdict(report))
        return
    for each in report.open:
        click.echo(each.name)
        for found in each.candidates:
            click.echo(
                f"    {found.uri}  {found.artist} - {found.title} ({length(found.duration)})  {'; '.join(found.against)}"
            )
    say(report.summary())


def no_progress(done: int, total: int, current: str) -> None:
    """Show nothing."""


def choose(candidate: Candidate, finds: tuple[Found, ...]) -> Choice:
    """Let the therapist choose a match."""
    track = candidate.track
    click.echo(f"\n{track.artist or '?'} - {track.title or track.path} ({length(track.duration)})")
    for number, found in enumerate(finds, 1):
        album = f", {found.album}" if found.album else ""
        click.echo(
            f"  {number}  {found.artist} - {found.title} ({length(found.duration)}{album})  {'; '.join(found.against)}"
        )
    answers = [*(str(number) for number in range(1, len(finds) + 1)), "s", "l"]
    answer = click.prompt(
        "a number; s to skip it for good; l for later", type=click.Choice(answers), err=True
    )
    return finds[int(answer) - 1] if answer.isdecimal() else "skip" if answer == "s" else "later"


@spotify.command(
    epilog="""
\b
Example:
  playlistkit spotify push session.json
  playlistkit spotify push session.json --name "Evening arc" --cover --missing reserve
"""
)
@click.argument("plan", type=click.Path(dir_okay=False))
@click.option("--name", metavar="NAME", help="The playlist's name.  [default: the plan's]")
@click.option("--update", metavar="PLAYLIST", help="Replace the content of this playlist of yours instead.")
@click.option(
    "--missing",
    type=click.Choice(["stop", "reserve", "skip"]),
    default="stop",
    show_default=True,
    help="What to do with tracks that are not on Spotify: stop, take one of the plan's reserves, leave them out.",
)
@click.option("--cover", is_flag=True, help="Give the playlist a picture of the arc.")
@AS_JSON
@click.pass_obj
def push(
    context: Context,
    plan: str,
    name: str | None,
    update: str | None,
    missing: str,
    cover: bool,
    as_json: bool,
) -> None:
    """Write PLAN to Spotify as a playlist that is not on your profile, and read it back.

    If it is interrupted, run it again: it carries on and never makes a second playlist.
    """
    from playlistkit.workflow import spotify as workflow
    from playlistkit.workflow.output.export import load_plan

    session = load_plan(plan)
    with context.library() as library, progress_bar("Pushing") as progress:
        report = workflow.push(
            session,
            library,
            name=name,
            update=update,
            missing=missing,  # type: ignore[arg-type]  # click has checked it
            cover=cover,
            progress=progress,
            tell=say,
        )
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        for line in report.replaced + report.pushed.warnings:
            say(line)
        click.echo(f"{report.pushed.name}: {counted(report.pushed.tracks, 'track')}, {report.pushed.url}")
        if not report.pushed.changed:
            say("The playlist already held exactly these tracks; nothing was changed.")
        say(report.private)
        for line in report.settings:
            say(line)
        say(report.licences)
    if report.pushed.differences:
        raise fail(
            "\n".join(("Spotify shows something other than what was sent:", *report.pushed.differences))
        )
