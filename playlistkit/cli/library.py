"""`tracks` and `set`: what the library knows, and the therapist's word over the machine's."""

from __future__ import annotations

import sys

import click

from playlistkit.cli.run import AS_JSON, Context, complete_template, plain, print_json_list, say, tell_missing
from playlistkit.model import FELT, Candidate, clarity_of, vocals_of

__all__ = ["set_", "tracks"]


HEADER = f"{'id':12}  length  tempo    energy loudness   {'voice':8}  artist - title"
"""Above the tracks, as `row` has them."""


@click.command(
    epilog="""
\b
Example:
  playlistkit tracks satie
  playlistkit tracks --phase peak
  playlistkit tracks --missing
"""
)
@click.argument("text", required=False, default="")
@click.option("--missing", is_flag=True, help="Only tracks that lack what planning needs, most useful first.")
@click.option("--phase", metavar="NAME", help="Only tracks that the rules of this phase allow.")
@click.option(
    "--template",
    shell_complete=complete_template,
    default="phases",
    show_default=True,
    metavar="T",
    help="The template whose phase is meant.",
)
@AS_JSON
@click.pass_obj
def tracks(
    context: Context, text: str, missing: bool, phase: str | None, template: str, as_json: bool
) -> None:
    """What the library knows, narrowed to TEXT in title, artist, album or path."""
    from playlistkit.workflow import tracks as workflow

    with context.library() as library:
        found = workflow.tracks(library, text, missing=missing, phase=phase, template=template)
        gone = 0 if as_json else tell_missing(library)
    if as_json:
        print_json_list(workflow.as_dict(each) for each in found)
        return
    if found and sys.stdout.isatty():  # a pipe gets tracks alone
        click.echo(HEADER)
    for each in found:
        click.echo(row(each))
    empty = not (found or gone or text or missing or phase)
    say(f"{len(found)} track(s)" + ("; `playlistkit scan FOLDER` adds some" if empty else ""))


@click.command(
    name="set",
    epilog="""
\b
Example:
  playlistkit set "Weightless" vocals=none energy=0.2
  playlistkit set 3f2a90c1d4e5 avoid=yes note="too sad for mornings"
  playlistkit set "Weightless" energy=
""",
)
@click.argument("track")
@click.argument("assignments", metavar="NAME=VALUE...", nargs=-1, required=True)
@click.pass_obj
def set_(context: Context, track: str, assignments: tuple[str, ...]) -> None:
    """Your word over the machine's: features, avoid, keep, note. An empty VALUE takes it back."""
    from playlistkit.workflow import tracks as workflow

    with context.library() as library:
        changed = workflow.set_values(library, track, assignments)
    click.echo(row(changed))


def row(candidate: Candidate) -> str:
    """A track on one line: id, length, tempo, energy, loudness, voice, name, marks."""
    track, features = candidate.track, candidate.features
    minutes, seconds = divmod(round(track.duration), 60)
    name = " - ".join(part for part in (track.artist, track.title) if part) or track.path or track.uri or ""
    marks = "".join(f"  [{mark}]" for mark in ("keep", "avoid") if getattr(candidate, mark))
    note = f"  ({candidate.note})" if candidate.note else ""
    sign = "~" if features.tempo is not None and clarity_of(features) < FELT else " "
    line = (
        f"{track.id}  {minutes:3d}:{seconds:02d} {sign}{number(features.tempo, '3.0f')} BPM  "
        f"{number(features.energy, '4.2f')}  {number(features.loudness, '5.1f')} LUFS  "
        f"{vocals_of(features):8}  {name}{marks}{note}"
    )
    return plain(line.replace("\n", " ").replace("\r", " "))


def number(value: float | None, form: str) -> str:
    """The number, or a dash as wide where it is not known."""
    wide = int(form.split(".")[0])
    return f"{'-':>{wide}}" if value is None else f"{value:{form}}"
