"""`templates`: the protocols to read, check and change."""

from __future__ import annotations

from collections.abc import Iterator

import click

from playlistkit.cli.completion import complete_template
from playlistkit.cli.run import AS_JSON, Commands, fail, print_json, say
from playlistkit.errors import TemplateError
from playlistkit.model import Phase, Range, Template

__all__ = ["templates"]

REPEATS = {
    "allowed": "what the client heard in earlier sessions may come again",
    "last session": "only tracks of the client's last session, in their order, where one is remembered",
}


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog="""
\b
Example:
  playlistkit templates
  playlistkit templates show phases --variant anxious
  playlistkit templates new --from phases -o mine.yaml
""",
)
@AS_JSON
@click.pass_context
def templates(ctx: click.Context, as_json: bool) -> None:
    """The protocols that are shipped; show, new, check and schema work on one."""
    if ctx.invoked_subcommand is not None:
        return
    from playlistkit.workflow.templates import shipped_templates

    shipped = shipped_templates()
    if as_json:
        print_json(
            [
                {
                    "id": each.id,
                    "name": each.name,
                    "minutes": each.minutes,
                    "phases": [phase.name for phase in each.phases],
                }
                for each in shipped
            ]
        )
        return
    wide = max(len(each.id) for each in shipped)
    for each in shipped:
        length = f"{each.minutes:4.0f} min" if each.build else "not built"
        click.echo(f"{each.id:{wide}}  {length:>9}  {each.name}")


@templates.command(
    epilog="""
\b
Example:
  playlistkit templates show phases --variant anxious --variant first-session
"""
)
@click.argument("name", shell_complete=complete_template)
@click.option(
    "--variant", "variants", multiple=True, metavar="NAME", help="What the variant changes, in words."
)
def show(name: str, variants: tuple[str, ...]) -> None:
    """One template to read, or what its variants change."""
    from playlistkit.workflow.templates import varied

    template, changes = varied(name, variants)
    for line in changes if variants else described(template):
        click.echo(line)


@templates.command(
    epilog="""
\b
Example:
  playlistkit templates new --from ketamine-im -o mine.yaml
"""
)
@click.option(
    "--from",
    "source",
    shell_complete=complete_template,
    default="phases",
    show_default=True,
    metavar="NAME",
    help="What to copy.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="FILE",
    help="Where to; a file is never overwritten.  [default: standard output]",
)
def new(source: str, output: str | None) -> None:
    """A commented copy of a template, to change."""
    from playlistkit.workflow.templates import new_template

    if output is None:
        click.echo(new_template(source), nl=False)
    else:
        new_template(source, output)
        say(f"wrote {output}; `playlistkit templates check {output}` tells whether it is sound")


@templates.command(
    epilog="""
\b
Example:
  playlistkit templates check mine.yaml
"""
)
@click.argument("file", shell_complete=complete_template)
@AS_JSON
def check(file: str, as_json: bool) -> None:
    """All faults of a template at once, and what is legal but odd."""
    from playlistkit.workflow.templates import check_template

    try:
        odd = check_template(file)
    except TemplateError as error:
        if as_json:
            print_json({"faults": list(error.faults), "odd": []})
            fail(f"{len(error.faults)} fault(s)", 2)
        raise
    if as_json:
        print_json({"faults": [], "odd": [finding.text for finding in odd]})
        return
    for finding in odd:
        click.echo(f"{finding.where}: {finding.text}")
    click.echo("No faults." + (f" {len(odd)} thing(s) to look at." if odd else ""))


@templates.command(
    epilog="""
\b
Example:
  playlistkit templates schema > template.schema.json
"""
)
def schema() -> None:
    """The JSON Schema of templates, for an editor that completes and checks."""
    from playlistkit.workflow.templates import schema_text

    click.echo(schema_text(), nl=False)


def described(template: Template) -> Iterator[str]:
    """A template in lines, as one reads it to a colleague."""
    yield f"{template.name} ({template.id}), {template.minutes:g} min"
    if template.zero:
        yield f"Zero: {template.zero}"
    if template.note:
        yield template.note
    if not template.build:
        return
    for phase in template.phases:
        yield ""
        yield from phase_lines(phase)
    rules, join = template.rules, template.rules.join
    yield ""
    yield "In the whole session"
    yield f"  a join        rises at most {join.loudness_up_limit:g} LU (wished: {join.loudness_up:g}), falls at most "
    yield f"                {join.loudness_down_limit:g} LU; energy steps at most {join.energy_step_limit:g}"
    yield f"  tracks        {between(rules.track_minutes, 'min')}"
    yield f"  an artist     at most {rules.artist_max} times, {rules.artist_apart_minutes:g} min apart where possible"
    yield f"  a phase       ends within {rules.boundary_tolerance:g} s of its minute"
    yield f"  tail          {rules.tail_minutes:g} min after the end"
    if template.variants:
        yield ""
        yield "Variants (--variant NAME)"
        for variant in template.variants:
            yield f"  {variant.name:20}  {variant.note or ''}".rstrip()
    if template.sources:
        yield ""
        yield f"Sources: {', '.join(template.sources)} (see docs/evidence.md)"


def phase_lines(phase: Phase) -> Iterator[str]:
    """One phase in lines."""
    minutes = phase.minutes
    stands = f", stands for {phase.stands_for}" if phase.stands_for not in ("", phase.name) else ""
    optional = ", may be left out" if phase.music == "optional" else ""
    yield (f"{phase.name}{stands}: {minutes.default:g} min ({minutes.least:g} to {minutes.most:g}{optional})")
    if phase.note:
        yield f"  {phase.note}"
    points = ", ".join(f"{energy:g} at {fraction:.0%}" for fraction, energy in phase.energy)
    yield f"  energy        {points}; within {phase.energy_tolerance:g}"
    if phase.tempo:
        yield f"  tempo         {phase.tempo[0]:g} to {phase.tempo[1]:g} BPM, where there is a beat"
    if phase.loudness is not None:
        yield f"  loudness      {phase.loudness:g} LUFS"
    yield f"  voice         {phase.vocals}" + (
        f"; {phase.vocals_beyond} in up to {phase.vocals_share:.0%} of its minutes"
        if phase.vocals_share
        else ""
    )
    for name, limits in (("brightness", phase.brightness), ("percussive", phase.percussiveness)):
        if limits != Range():
            yield f"  {name:12}  {between(limits)}"
    if phase.loudness_range != Range():
        yield f"  dynamics      {between(phase.loudness_range, 'LU')}"
    if phase.hold:
        hold, note = phase.hold, f" ({phase.hold.note})" if phase.hold.note else ""
        yield (
            f"  hold          no rise of more than {hold.rise_minutes:g} min from minute "
            f"{max(hold.minute - hold.around, 0):g} to {hold.minute + hold.around:g}{note}"
        )
    if phase.repeats != "never":
        yield f"  repeats       {REPEATS[phase.repeats]}"


def between(limits: Range, unit: str = "") -> str:
    """A range in words."""
    if limits.low is None:
        words = f"at most {limits.high:g}"
    elif limits.high is None:
        words = f"at least {limits.low:g}"
    else:
        words = f"{limits.low:g} to {limits.high:g}"
    return f"{words} {unit}".rstrip()
