"""How every command runs: errors told as sentences with the agreed exit codes, the library at hand, progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import click

from playlistkit.errors import InputError, PlaylistkitError, ShortfallError, TemplateError

if TYPE_CHECKING:
    from playlistkit import Library

__all__ = ["AS_JSON", "Commands", "Context", "fail", "print_json", "progress_bar", "say"]

STOPPED = 130  # as shells tell a Ctrl-C


@dataclass(frozen=True, slots=True)
class Context:
    """What the options before the command said."""

    library_path: str | None
    verbose: int

    def library(self) -> Library:
        """The library that this call works on."""
        from playlistkit import Library

        return Library(self.library_path)


class Commands(click.Group):
    """A group whose commands tell our errors in sentences. A bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PlaylistkitError as error:
            fail(str(error), exit_code(error))
        except KeyboardInterrupt:
            fail("Stopped. What was finished is kept.", STOPPED)
        except BrokenPipeError:  # `playlistkit tracks | head`
            sys.stderr.close()
            raise SystemExit(0) from None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """The commands in the order in which one meets them."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, or the nearest one named in the error."""
        import difflib

        if args and super().get_command(ctx, args[0]) is None:
            near = difflib.get_close_matches(args[0], self.commands, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"there is no command {args[0]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)


def exit_code(error: PlaylistkitError) -> int:
    """2 for wrong usage and faulty input, 3 for a shortfall, 1 for what could not be done."""
    if isinstance(error, ShortfallError):
        return 3
    return 2 if isinstance(error, (InputError, TemplateError)) else 1


AS_JSON: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on standard output, nothing else there."
)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def say(message: str) -> None:
    """A message on standard error; undecodable bytes of file names are shown escaped."""
    click.echo(message.encode("utf-8", "backslashreplace").decode(), err=True)


def fail(message: str, code: int = 1) -> NoReturn:
    """Tell why it could not be done, and leave with the exit code."""
    say(message)
    raise click.exceptions.Exit(code)


def _no_bar(done: int, total: int, current: str) -> None:
    """Show nothing: standard error is no terminal."""


@contextmanager
def progress_bar(doing: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on standard error with what is done, the rate and the time left; nothing where that is no terminal.

    Yields
    ------
    callable
        Takes what is done, the total, and what is being worked on.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _no_bar
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[current]}", table_column=None),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(doing, total=None, current="", rate="")

        def update(done: int, total: int, current: str) -> None:
            speed = progress.tasks[0].speed
            name = current.replace("\\", "/").rpartition("/")[2].encode("utf-8", "replace").decode()
            progress.update(
                task,
                completed=done,
                total=total,
                current=name[:40].replace("[", r"\["),
                rate=f"{speed:.1f}/s" if speed else "",
            )

        yield update
