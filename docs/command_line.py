"""Writes docs/command-line.md from the commands themselves: `python docs/command_line.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from playlistkit.cli import main

PAGE = Path(__file__).with_name("command-line.md")

HEAD = """\
# The command line

`playlistkit [--library FILE] [-v] COMMAND`. Results go to standard output, progress and messages to standard error.
With `--json` a command prints one JSON document and nothing else. Every option can come from a variable:
`PLAYLISTKIT_LIBRARY`, `PLAYLISTKIT_BUILD_SEED`, `PLAYLISTKIT_SCAN_JOBS` and so on.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | could not be done; one sentence says why |
| 2 | wrong usage, or a faulty template or input file |
| 3 | the library can't fill the template (the shortfalls are told), or `check` has findings |
| 130 | stopped by Ctrl-C; what was finished is kept |

`TRACK` is an id, a path, a URI, or a title that only one track has. A template is a file if that file exists, else
a shipped name.

Completion in bash: `eval "$(_PLAYLISTKIT_COMPLETE=bash_source playlistkit)"` in `~/.bashrc`; in zsh
`zsh_source` in `~/.zshrc`; in fish `_PLAYLISTKIT_COMPLETE=fish_source playlistkit | source` in
`~/.config/fish/completions/playlistkit.fish`.

This page is written by `python docs/command_line.py`; a test holds it to the commands.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for path, context in commands(click.Context(main, info_name="playlistkit", **main.context_settings)):
        parts.append(f"## {path}\n\n```text\n{context.command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


def commands(context: click.Context) -> Iterator[tuple[str, click.Context]]:
    """Each command with its context, depth first."""
    context.terminal_width = 100
    yield context.command_path, context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            assert command is not None
            settings = {**context.command.context_settings, **command.context_settings}
            yield from commands(click.Context(command, info_name=name, parent=context, **settings))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
