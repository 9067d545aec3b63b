"""`demo`, `build`, `export`: plan a session from the library, and write a saved one out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from playlistkit.cli.completion import complete_client, complete_rule, complete_template, complete_variant
from playlistkit.cli.outputs import BEGIN, OUTPUTS, RELATIVE, check_outputs, show_plan, write
from playlistkit.cli.run import (
    AS_JSON,
    PLAYER,
    Context,
    fail,
    progress_bar,
    say,
    tell_missing,
    waiting,
)
from playlistkit.cli.shortfall import tell_shortfall, tell_ways_out
from playlistkit.errors import InputError, ShortfallError

if TYPE_CHECKING:
    from playlistkit.model import Plan
    from playlistkit.workflow.planning.build import Effort
    from playlistkit.workflow.planning.choices import Choices

__all__ = ["build", "demo", "export"]


@click.command(
    epilog="""
\b
Example:
  playlistkit demo
  playlistkit demo ~/try-it
"""
)
@click.argument("folder", metavar="[DIR]", default="playlistkit-demo", type=click.Path(file_okay=False))
@click.option("--seed", type=int, metavar="N", help="Pick another plan that is nearly as good.")
def demo(folder: str, seed: int | None) -> None:
    """Scan the bundled music, build a miniature session, draw its arc.

    Writes the playlist, the plan, the session sheet and a picture into DIR (playlistkit-demo).
    """
    from playlistkit.workflow.demo import demo as run

    with progress_bar("Listening to the bundled music") as progress:
        done = run(folder, seed=seed, progress=progress)
    show_plan(done.plan)
    for file in done.files:
        say(f"wrote {file}")


@click.command(
    epilog="""
\b
Example:
  playlistkit build -o session.m3u8 -o session.html
  playlistkit build ketamine-im --variant anxious --minutes peak=35 --pin "Weightless@peak:first" -o im.m3u8
"""
)
@click.argument("template", required=False, shell_complete=complete_template)
@OUTPUTS
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_variant,
    help="A variant; may be repeated. `playlistkit templates show TEMPLATE` lists them.",
)
@click.option(
    "--minutes", "asked", multiple=True, metavar="PHASE=N", help="Minutes of a phase; may be repeated."
)
@click.option(
    "--pin",
    "pins",
    multiple=True,
    metavar="TRACK[@PHASE or @MM:SS]",
    help="A track that must be in the plan: TRACK, TRACK@peak, TRACK@peak:first, TRACK@peak:last, TRACK@1:05:00. "
    "May be repeated.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="TRACK or ARTIST",
    help="A track or an artist to leave out; may be repeated.",
)
@click.option(
    "--client",
    metavar="ALIAS",
    shell_complete=complete_client,
    help="Don't repeat tracks from this alias's earlier plans. The alias never leaves this machine and is in no plan or file.",
)
@click.option(
    "--session",
    "client_session",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --client: plan session N again and replace it; its tracks are free to use.  [default: a new session]",
)
@click.option(
    "--allow-repeats",
    is_flag=True,
    help="With --client: reuse tracks of earlier plans where no others fit; as few as possible, those heard longest "
    "ago first.",
)
@PLAYER
@click.option(
    "--overlap",
    type=float,
    metavar="SECONDS",
    help="The crossfade your player is set to.  [default: the template's]",
)
@click.option(
    "--seed", type=int, metavar="N", help="Choose among plans within 1 % of the best.  [default: the best]"
)
@click.option(
    "--strict", is_flag=True, help="Where a phase restricts voice, refuse tracks whose voice is unknown."
)
@click.option(
    "--best-effort",
    is_flag=True,
    help="If the library can't fill the template, break as few rules as possible and mark where.",
)
@click.option(
    "--give-up",
    "give_up",
    multiple=True,
    metavar="RULE[@PHASE][=VALUE]",
    shell_complete=complete_rule,
    help="Relax a rule of the template, by one step or to a value; a shortfall names the rules: energy@peak, "
    "brightness@peak=0.7, artist=5. May be repeated.",
)
@click.option(
    "--effort",
    type=click.Choice(["quick", "normal", "proof"]),
    default="normal",
    show_default=True,
    help="How hard to search for a better plan and for proof that it is best.",
)
@click.option("--name", default="", metavar="NAME", help="The plan's name.  [default: the template's]")
@BEGIN
@RELATIVE
@AS_JSON
@click.pass_obj
def build(
    context: Context,
    /,
    template: str | None,
    outputs: tuple[str, ...],
    asked: tuple[str, ...],
    effort: Effort,
    begin: str | None,
    relative: bool | None,
    as_json: bool,
    **choices: Unpack[Choices],
) -> None:
    """Plan a session from your library, following TEMPLATE.

    TEMPLATE is a file or a shipped name (see `playlistkit templates`); without it, the default: ketamine,
    sublingual lozenge, psycholytic dose, 3 h.
    """
    from playlistkit.workflow.planning import build as workflow
    from playlistkit.workflow.templates.finding import DEFAULT

    choices["minutes"] = _minutes(asked)
    client = choices.get("client")
    check_outputs(outputs, begin)
    with context.library() as library:

        def planned() -> Plan:
            with waiting("Planning"):
                return workflow.plan_session(
                    DEFAULT if template is None else template,
                    library,
                    effort=effort,
                    **choices,
                )

        def written() -> Plan:
            """Plan and write; for a client, also remember the session."""
            if client is None:
                plan = planned()
                write(plan, outputs, relative, begin)
                return plan
            plan, number = workflow.plan_for_client(
                library,
                client,
                planned,
                session=choices.get("client_session"),
                write=lambda plan: write(plan, outputs, relative, begin),
                overtaken=lambda: say(
                    "another session of this client was planned meanwhile; planning again without its tracks"
                ),
            )
            if number is None:
                say("not remembered as a session, because this template replays the last one")
            else:
                say(f"remembered as session {number}; --session {number} plans it again")
            return plan

        try:
            plan = written()
        except ShortfallError as error:
            tell_shortfall(error, as_json=as_json)
            tell_missing(library)
            if not choices.get("best_effort"):
                tell_ways_out(library, DEFAULT if template is None else template, choices, error.diagnosis)
            fail("Nothing was written.", 3)
    if as_json:
        from playlistkit.workflow.output.export import plan_json

        click.echo(plan_json(plan))
    else:
        show_plan(plan)


@click.command(
    epilog="""
\b
Example:
  playlistkit export session.json -o session.xspf -o session.html
  playlistkit export session.json -o sheet.html --begin 14:00
"""
)
@click.argument("plan", type=click.Path(exists=True, dir_okay=False))
@OUTPUTS
@BEGIN
@RELATIVE
@click.pass_obj
def export(
    context: Context, plan: str, outputs: tuple[str, ...], begin: str | None, relative: bool | None
) -> None:
    """Write a saved plan (.json) in other formats."""
    if not outputs:
        raise click.UsageError("nothing to do: give -o FILE, such as -o session.m3u8")
    check_outputs(outputs, begin)
    write(context.plan(plan), outputs, relative, begin)


def _minutes(given: tuple[str, ...]) -> dict[str, float]:
    """The minutes asked for, by phase."""
    asked: dict[str, float] = {}
    for text in given:
        name, equals, count = text.partition("=")
        phase = name.strip()
        try:
            if not equals:
                raise ValueError
            minutes = float(count)
        except ValueError:
            raise InputError(f"--minutes {text!r}: give PHASE=N, such as peak=50") from None
        if phase in asked:
            raise InputError(
                f"--minutes {text!r}: {phase} was already given {asked[phase]:g} minutes; give it once"
            )
        asked[phase] = minutes
    return asked
