"""`demo`, `build`, `check`, `export`: plan a session from the library, check one, write it out."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Unpack, get_args

import click

from playlistkit.cli.completion import complete_client, complete_rule, complete_template, complete_variant
from playlistkit.cli.run import (
    AS_JSON,
    PLAYER,
    Context,
    fail,
    on_one_line,
    plain,
    print_json,
    progress_bar,
    say,
    tell_missing,
    waiting,
)
from playlistkit.cli.shortfall import tell_shortfall, tell_ways_out
from playlistkit.errors import InputError, ShortfallError
from playlistkit.figures import counted
from playlistkit.model import Player

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playlistkit.model import Plan
    from playlistkit.workflow.build import Effort
    from playlistkit.workflow.check import CheckReport
    from playlistkit.workflow.choices import Choices

__all__ = ["build", "check", "demo", "export"]

OUTPUTS = click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Write the plan; the suffix says the format: .m3u8 .m3u .xspf .jspf .csv, .json (the plan itself), "
    ".html (the session sheet), .png or .svg (the arc). May be repeated.",
)
RELATIVE = click.option(
    "--relative/--absolute",
    default=None,
    help="Write track paths relative to the playlist's folder, or absolute.  [default: relative if under that folder]",
)

BEGIN = click.option(
    "--begin",
    metavar="HH:MM",
    help="When the session begins; fills the sheet's clock column and is stored nowhere else.",
)


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
    from playlistkit.workflow import build as workflow
    from playlistkit.workflow.templates import DEFAULT

    choices["minutes"] = _minutes(asked)
    client, client_session = choices.get("client"), choices.get("client_session")
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
            """Plan and write. For a client, also remember the session; plan anew if another was planned meanwhile."""
            if client is None:
                plan = planned()
                write(plan, outputs, relative, begin)
                return plan
            for _ in range(workflow.ANEW):
                before = workflow.heard_by(library, client)
                plan = planned()
                with library.transaction():  # a plan that was never written was never played
                    if workflow.overtaken(plan, library, client, before):
                        say(
                            "another session of this client was planned meanwhile; planning again without its tracks"
                        )
                        continue
                    write(plan, outputs, relative, begin)
                    number = workflow.remember(plan, library, client, session=client_session)
                if number is None:
                    say("not remembered as a session, because this template replays the last one")
                else:
                    say(f"remembered as session {number}; --session {number} plans it again")
                return plan
            raise InputError(workflow.OVERTAKEN)

        try:
            plan = written()
        except ShortfallError as error:
            tell_shortfall(error, as_json=as_json)
            tell_missing(library)
            if not choices.get("best_effort"):
                tell_ways_out(library, DEFAULT if template is None else template, choices, error.diagnosis)
            fail("Nothing was written.", 3)
    if as_json:
        from playlistkit.workflow.export import plan_json

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


@click.command(
    epilog="""
\b
Example:
  playlistkit check old-playlist.m3u --template phases.yaml
"""
)
@click.argument("playlist", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--template",
    "template",
    shell_complete=complete_template,
    metavar="T",
    help="A file or a shipped name.  [default: the plan's, or phases]",
)
@click.option(
    "--for",
    "player",
    type=click.Choice(get_args(Player)),
    help="What will play it.  [default: what the playlist says]",
)
@click.option("--overlap", type=float, metavar="SECONDS", help="The crossfade your player is set to.")
@AS_JSON
@click.pass_obj
def check(
    context: Context,
    playlist: str,
    template: str | None,
    player: Player | None,
    overlap: float | None,
    as_json: bool,
) -> None:
    """Check an existing PLAYLIST against a template: phase by phase, join by join, track by track.

    Reads our own plans, and M3U, XSPF, PLS, JSPF, ASX, WPL and CSV from any program. Exit code 0: no findings; 3: findings;
    2: the playlist can't be read.
    """
    from playlistkit.workflow.check import check as run

    with context.library() as library, progress_bar("Listening") as progress:
        report = run(
            playlist,
            library,
            template=template,
            player=player,
            overlap=overlap,
            progress=progress,
        )
    if as_json:
        print_json(report.as_dict())
    else:
        for line in check_lines(report):
            click.echo(plain(line))
    if report.findings:
        raise SystemExit(3)


def check_lines(report: CheckReport) -> Iterator[str]:
    """The report as lines: the phases, what breaks a rule, what could be better."""
    yield f"{report.playlist} along {report.template!r}"
    for phase in report.phases:
        energy = "energy not known" if phase.energy is None else f"energy {phase.energy:.2f}"
        tempo = "" if phase.tempo is None else f", {phase.tempo:.0f} BPM"
        sung = ", ".join(f"{word} {minutes:.1f}" for word, minutes in phase.voice.items() if word != "none")
        yield (
            f"  {phase.name:12}  {phase.minutes:6.1f} of {phase.target:g} min, ends {phase.residual:+.0f} s, "
            f"{counted(phase.tracks, 'track')}, {energy}{tempo}{f', voice in min: {sung}' if sung else ''}"
        )
    for heading, findings in (("Breaks a rule", report.findings), ("Could be better", report.wishes)):
        if findings:
            yield f"{heading}:"
            yield from (f"  {finding.where}: {finding.text}" for finding in findings)
    if report.passed_over:
        yield "Skipped:"
        yield from (f"  {text}" for text in report.passed_over)
    yield f"{counted(len(report.findings), 'finding')}."


def show_plan(plan: Plan) -> None:
    """Print the arc and the tracks on standard output, then the warnings."""
    from playlistkit.workflow.export import arc_text

    terminal = sys.stdout.isatty()
    width = min(shutil.get_terminal_size((100, 24)).columns, 120) if terminal else 100
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    color = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    click.echo(arc_text(plan, width=width, color=color, unicode=unicode))


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


def check_outputs(outputs: tuple[str, ...], begin: str | None = None) -> None:
    """Refuse what can't be written before planning, so that no client's session is stored in vain."""
    from playlistkit.workflow.export import check_outputs as check_all
    from playlistkit.workflow.export import seconds_of_day

    seconds_of_day(begin)
    check_all(outputs)


def write(plan: Plan, outputs: tuple[str, ...], relative: bool | None, begin: str | None = None) -> None:
    """Write a plan in each format, and say so."""
    from playlistkit.workflow.export import export as run

    for warning in run(plan, *outputs, relative=relative, begin=begin):
        say(on_one_line(f"careful: {warning}"))
    for output in outputs:
        say(f"wrote {output}")
