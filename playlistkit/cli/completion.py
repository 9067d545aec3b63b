"""What the shell's Tab key offers: templates, their variants and phases, aliases, columns, track titles.

Nothing here may fail: an unreadable template or a missing library just offers nothing.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from playlistkit.errors import PlaylistkitError

if TYPE_CHECKING:
    from playlistkit.model import Template

__all__ = [
    "complete_client",
    "complete_column",
    "complete_phase",
    "complete_rule",
    "complete_template",
    "complete_variant",
]


def complete_template(
    ctx: click.Context,  # noqa: ARG001 -- click's signature
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Templates: the shipped names, those made on the page, and files."""
    from playlistkit.workflow.templates.finding import own_files, shipped_names

    names = [name for name in (*shipped_names(), *own_files()) if name.startswith(incomplete)]
    return [*map(CompletionItem, names), CompletionItem(incomplete, type="file")]


def complete_variant(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """The variants of the template on the line, each with its note."""
    template = _template(ctx)
    variants = template.variants if template is not None else ()
    return [
        CompletionItem(each.name, help=each.note) for each in variants if each.name.startswith(incomplete)
    ]


def complete_phase(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """The phases of the template on the line."""
    template = _template(ctx)
    phases = template.phases if template is not None else ()
    return [CompletionItem(each.name) for each in phases if each.name.startswith(incomplete)]


def complete_rule(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """The rules that may be given up, for each phase of the template on the line."""
    from playlistkit.workflow.planning.relaxing import rule_texts

    template = _template(ctx)
    texts = () if template is None else rule_texts(template)
    return [CompletionItem(each) for each in texts if each.startswith(incomplete)]


def complete_client(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """The aliases that the library knows."""
    from playlistkit.workflow.clients import known_aliases

    aliases = known_aliases(ctx.find_root().params.get("library_path"))
    return [CompletionItem(alias) for alias in aliases if alias.startswith(incomplete)]


def complete_column(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """The columns that `tracks` can sort by."""
    from playlistkit.workflow.music.query import COLUMN_NAMES

    return [CompletionItem(name) for name in COLUMN_NAMES if name.startswith(incomplete)]


def _template(ctx: click.Context) -> Template | None:
    from playlistkit.workflow.templates.finding import DEFAULT, load_template

    with contextlib.suppress(PlaylistkitError):
        return load_template(ctx.params.get("template") or DEFAULT)
    return None
