"""`tracks` lists what the library knows; `set` overrules what was measured."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import PurePath

import click

from playlistkit.cli.completion import complete_column, complete_phase, complete_template
from playlistkit.cli.run import (
    AS_JSON,
    PLAYER,
    Context,
    fail,
    plain,
    print_json_list,
    say,
    tell_missing,
    width,
)
from playlistkit.figures import counted
from playlistkit.model import Candidate, Player, felt, vocals_of

__all__ = ["set_", "tracks"]

LEGIBLE = 20  # least columns for a name; with fewer, the values are left out


HEADER = f"{'id':12}  length  tempo    energy loudness   {'voice':8}  title - artist"
NARROW_HEADER = f"{'id':12}  length  title - artist"
"""Column headings for `row`, and those for a terminal without room for more."""

NARROWING = """
\b
TEXT narrows by words in title, artist, album, genre, note and path, and by NAME:VALUE:
  energy:0.1..0.3   length:..5:00   tempo:60..   vocals:none,wordless
  vocals:unknown    artist:satie    keep:yes     album:"kind of blue"
"""


@click.command(
    epilog=f"""{NARROWING}
\b
Example:
  playlistkit tracks satie energy:..0.3
  playlistkit tracks --phase peak --for render --sort energy-
  playlistkit tracks --missing
"""
)
@click.argument("text", required=False, nargs=-1)
@click.option(
    "--missing", is_flag=True, help="Only tracks that lack what the template asks for, most useful first."
)
@click.option(
    "--phase",
    metavar="NAME",
    shell_complete=complete_phase,
    help="Only tracks that this phase's rules allow.",
)
@click.option(
    "--template",
    shell_complete=complete_template,
    default="phases",
    show_default=True,
    metavar="T",
    help="The template for --phase and --missing.",
)
@PLAYER
@click.option(
    "--sort",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_column,
    help="Sort by NAME, or by NAME- for highest first; may be repeated.  [default: artist, album, title]",
)
@AS_JSON
@click.pass_obj
def tracks(
    context: Context,
    text: tuple[str, ...],
    missing: bool,
    phase: str | None,
    template: str,
    player: Player,
    sort: tuple[str, ...],
    as_json: bool,
) -> None:
    """List the library's tracks and what is known about them, narrowed by TEXT."""
    from playlistkit.workflow.music import tracks as workflow

    query = as_query(text)
    with context.library() as library:
        found = workflow.tracks(
            library, query, missing=missing, phase=phase, template=template, player=player, sort=sort
        )
        # a search finds the missing ones as well
        gone = tell_missing(library, {each.track.id for each in found} if query else None)
        size = len(library)
    if as_json:
        print_json_list(workflow.as_dict(each) for each in found)
        return
    if found and sys.stdout.isatty():  # a pipe gets tracks alone
        click.echo(NARROW_HEADER if is_narrow(width()) else HEADER)
    for each in found:
        click.echo(row(each, width()))
    hint = ""
    if not (found or gone or query or missing or phase):
        hint = "; `playlistkit scan FOLDER` adds some"
    elif phase and not (found or query):
        hint = f"; none of {counted(size, 'track')} in the library may play in {phase}, and `playlistkit build` says why"
    say(counted(len(found), "track") + hint)


@click.command(
    name="set",
    epilog="""
\b
Example:
  playlistkit set "Weightless" vocals=none energy=0.2
  playlistkit set 3f2a90c1d4e5 avoid=yes note="too sad for mornings"
  playlistkit set "Weightless" energy=
  playlistkit set --where "artist:eno vocals:unknown" vocals=none
""",
)
@click.argument("words", metavar="[TRACK] NAME=VALUE...", nargs=-1, required=True)
@click.option(
    "--where",
    metavar="TEXT",
    help="Set every track that `playlistkit tracks TEXT` lists. They are shown before anything changes.",
)
@click.option("--yes", is_flag=True, help="With --where: don't ask.")
@click.pass_obj
def set_(context: Context, words: tuple[str, ...], where: str | None, yes: bool) -> None:
    """Overrule what was measured: features, avoid, keep, note. An empty VALUE undoes it."""
    from playlistkit.workflow.music import overruling as workflow
    from playlistkit.workflow.music.tracks import tracks

    if where is None:
        track, assignments = words[0], words[1:]
        if not assignments:
            fail("name a track and what to set, such as: playlistkit set Weightless vocals=none", 2)
        with context.library() as library:
            changed = workflow.set_values(library, track, assignments)
        click.echo(row(changed, width()))
        return
    workflow.parse_assignments(words)  # refuse a wrong value before asking anything
    with context.library() as library:
        found = tracks(library, where)
        if not found:
            fail(f"no track in the library matches {where!r}; `playlistkit tracks` lists them all", 2)
        for each in found:
            click.echo(row(each, width()))
        if not yes:
            if not sys.stdin.isatty():
                fail(
                    f"{counted(len(found), 'track')} would be set to {' '.join(words)}; add --yes to do it", 2
                )
            click.confirm(f"Set {' '.join(words)} for {counted(len(found), 'track')}?", abort=True, err=True)
        workflow.set_many(library, [each.track.id for each in found], words)
    say(f"{counted(len(found), 'track')} set to {' '.join(words)}")


def as_query(words: Sequence[str]) -> str:
    """The words as one query; a word that the shell kept whole stays whole."""
    return " ".join(
        f'{name}{colon}"{value}"' if colon and " " in value and '"' not in value else word
        for word in words
        for name, colon, value in (word.partition(":"),)
    )


def row(candidate: Candidate, columns: int | None = None) -> str:
    """A track on one line: id, length, tempo, energy, loudness, voice, name, marks. The title always stays."""
    track, features = candidate.track, candidate.features
    minutes, seconds = divmod(round(track.duration), 60)
    title = track.title or PurePath(track.path or track.uri or "").name
    name = " - ".join(part for part in (title, track.artist) if part)
    marks = "".join(f"  [{mark}]" for mark in ("keep", "avoid") if getattr(candidate, mark))
    note = f"  ({candidate.note})" if candidate.note else ""
    sign = "~" if features.tempo is not None and not felt(features) else " "
    values = (
        f"{minutes:3d}:{seconds:02d} {sign}{number(features.tempo, '3.0f')} BPM  "
        f"{number(features.energy, '4.2f')}  {number(features.loudness, '5.1f')} LUFS  {vocals_of(features):8}"
    )
    if is_narrow(columns):
        values = values[:6]
    known = f"{track.id}  {values}  "
    rest = plain(f"{name}{marks}{note}".replace("\n", " ").replace("\r", " "))
    return known + (rest if columns is None else shortened(rest, columns - len(known)))


def is_narrow(columns: int | None) -> bool:
    """Whether the terminal has no room for the values beside a title: people know a track by its name."""
    return columns is not None and columns - HEADER.index("title") < LEGIBLE


def shortened(text: str, room: int) -> str:
    """The text, cut to fit."""
    return text if len(text) <= room else f"{text[: max(0, room - 1)]}…"


def number(value: float | None, form: str) -> str:
    """The number, or a dash of the same width if it is unknown."""
    wide = int(form.split(".")[0])
    return f"{'-':>{wide}}" if value is None else f"{value:{form}}"
