"""`rate`: judge many tracks by ear, one after another."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from playlistkit.cli.completion import complete_template
from playlistkit.cli.library import as_query, row
from playlistkit.cli.run import Context, fail, plain, say, width
from playlistkit.errors import InputError
from playlistkit.figures import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playlistkit.workflow.music.rating import Rating, Step

__all__ = ["rate"]


@click.command(
    epilog="""
\b
Answers: a step from 1 to 7; then n (nobody sings), o (a voice without words) or w (words);
then b (a steady beat) or f (free). So 3nf is calm, nobody sings, no beat.
\b
Example:
  playlistkit rate
  playlistkit rate artist:eno
  playlistkit rate --examples steps
"""
)
@click.argument("text", required=False, nargs=-1)
@click.option(
    "--template",
    shell_complete=complete_template,
    default="phases",
    show_default=True,
    metavar="T",
    help="Tracks that lack what this template asks for come first.",
)
@click.option(
    "--examples",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Only write a sample of each step into DIR, to compare with.",
)
@click.pass_obj
def rate(context: Context, text: tuple[str, ...], template: str, examples: str | None) -> None:
    """Rate by ear the tracks whose energy or voice is unknown, most useful first; TEXT narrows as in `tracks`.

    Each answer is saved at once. The planner prefers a measured energy to a rated one.
    """
    from playlistkit.workflow.music import rating

    if examples is not None:
        for file in rating.write_examples(examples):
            say(f"wrote {file}")
        return
    with context.library() as library:
        waiting = rating.to_rate(library, as_query(text), template=template)
        if not waiting:
            say("nothing to rate: energy and voice are known for every track")
            return
        if not sys.stdin.isatty():
            for each in waiting:
                click.echo(row(each, width()))
            fail(
                f"{counted(len(waiting), 'track')} to rate; run this in a terminal, or use `playlistkit set`",
                1,
            )
        show_steps(rating.STEPS)
        done = 0
        for number, candidate in enumerate(waiting, 1):
            track = candidate.track
            name = " - ".join(word for word in (track.artist, track.title) if word) or track.path or track.uri
            say(f"\n{number} of {len(waiting)}: {name} ({track.duration / 60:.1f} min)")
            if track.uri:
                say(f"  https://open.spotify.com/track/{track.uri.rpartition(':')[2]}")
            answer = ask()
            if answer is None:
                break
            if answer != rating.Rating():
                click.echo(row(rating.rate(library, track.id, answer), width()))
                done += 1
    left = len(waiting) - done
    say(f"{counted(done, 'track')} rated, {left} still to rate.")


def show_steps(steps: Iterable[Step]) -> None:
    """What each step means."""
    for step in steps:
        say(f"  {step.number}  {step.words} (energy {step.energy:.2f})")
    say(
        "  then n nobody sings, o a voice without words, w words; b a steady beat, f free; Enter: later, q: stop"
    )


def ask() -> Rating | None:
    """The rating; an empty one for "later"; `None` to stop."""
    from playlistkit.workflow.music.rating import Rating, parse_rating

    while True:
        text = str(click.prompt("  rating", default="", show_default=False, err=True)).strip()
        if text.lower() == "q":
            return None
        if not text:
            return Rating()
        try:
            return parse_rating(text)
        except InputError as error:
            say(f"  {plain(str(error))}")
