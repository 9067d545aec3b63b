"""`templates`: list, show, copy and check the protocols."""

from __future__ import annotations

from dataclasses import replace

import click

from playlistkit.cli.completion import complete_template
from playlistkit.cli.run import AS_JSON, MAY_BE_LEFT_OUT, Commands, fail, print_json, say, show_line, width
from playlistkit.errors import TemplateError
from playlistkit.figures import counted

__all__ = ["templates"]


@click.group(
    cls=Commands,
    invoke_without_command=True,
    subcommand_metavar=MAY_BE_LEFT_OUT,
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
    """List the shipped protocols; show, new, check and schema work on one of them."""
    if ctx.invoked_subcommand is not None:
        return
    from playlistkit.workflow.templates.finding import shipped_templates
    from playlistkit.workflow.templates.own import own_templates

    own = own_templates()
    shipped = (*shipped_templates(), *(replace(each.template, id=each.name) for each in own if each.template))
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
    room = max(len(each.id) for each in shipped)
    rows = [
        (f"{each.id:{room}}  {f'{each.minutes:4.0f} min' if each.build else 'not built':>9}", each.name)
        for each in shipped
    ]
    longest = max(len(f"{row}  {name}") for row, name in rows)
    is_narrow = longest > (width() or longest)
    for row, name in rows:
        if is_narrow:  # each name on a line of its own, so that the columns stay columns
            show_line(row)
            show_line(f"  {name}")
        else:
            click.echo(f"{row}  {name}")
    for faulty in own:
        if faulty.template is None:
            say(f"{faulty.path} has faults; `playlistkit templates check {faulty.path}` lists them")


@templates.command(
    epilog="""
\b
Example:
  playlistkit templates show phases --variant anxious --variant first-session
"""
)
@click.argument("name", shell_complete=complete_template)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    help="Show what this variant changes; may be repeated.",
)
def show(name: str, variants: tuple[str, ...]) -> None:
    """Show a template in words, or what its variants change."""
    from playlistkit.workflow.templates.finding import varied
    from playlistkit.workflow.words import template_lines

    template, changes = varied(name, variants)
    for line in changes if variants else template_lines(template):
        show_line(line)


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
    help="Where to write it; an existing file is never overwritten.  [default: standard output]",
)
def new(source: str, output: str | None) -> None:
    """Write a commented copy of a template for you to change."""
    from playlistkit.workflow.templates.finding import new_template

    if output is None:
        click.echo(new_template(source), nl=False)
    else:
        new_template(source, output)
        say(f"wrote {output}; `playlistkit templates check {output}` checks it")


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
    """List every fault of a template at once, and what is valid but odd."""
    from playlistkit.workflow.templates.finding import check_template
    from playlistkit.workflow.words import finding_line

    try:
        odd = check_template(file)
    except TemplateError as error:
        if as_json:
            print_json({"faults": list(error.faults), "odd": []})
            fail(counted(len(error.faults), "fault"), 2)
        raise
    if as_json:
        print_json({"faults": [], "odd": [finding.text for finding in odd]})
        return
    for finding in odd:
        show_line(finding_line(finding))
    click.echo("No faults." + (f" {counted(len(odd), 'thing')} to look at." if odd else ""))


@templates.command(
    epilog="""
\b
Example:
  playlistkit templates schema > template.schema.json
"""
)
def schema() -> None:
    """Print the JSON Schema of templates, for editors that complete and check."""
    from playlistkit.workflow.templates.finding import schema_text

    click.echo(schema_text(), nl=False)
