"""How every command runs: errors told as sentences with the agreed exit codes, the library at hand, progress."""

from __future__ import annotations

import contextlib
import errno
import inspect
import io
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, get_args

import click

from playlistkit.errors import InputError, LibraryError, PlaylistkitError, ShortfallError, TemplateError
from playlistkit.model import Player

if TYPE_CHECKING:
    from playlistkit.model import Plan
    from playlistkit.workflow.library import Library

__all__ = [
    "AS_JSON",
    "PLAYER",
    "Commands",
    "Context",
    "end_tidily",
    "fail",
    "name_variables",
    "on_one_line",
    "plain",
    "print_json",
    "print_json_list",
    "progress_bar",
    "say",
    "show_any_name",
    "tell_missing",
    "waiting",
]

STOPPED = 130  # as shells tell a Ctrl-C
PATIENCE = 1.0  # s without a sign of life
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
OUTPUT_ERRORS = (errno.ENOSPC, errno.EIO, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Context:
    """What the options before the command said."""

    library_path: str | None
    verbose: int

    def library(self) -> Library:
        """The library that this call works on."""
        from playlistkit.workflow.library import Library

        return Library(self.library_path)

    def plan(self, path: str) -> Plan:
        """A saved plan; a file of it that has moved is taken from where the library knows it now."""
        from playlistkit.workflow.export import follow, gone, load_plan

        plan = load_plan(path)
        lost = len(gone(plan))
        if lost:
            with contextlib.suppress(LibraryError), self.library() as library:
                plan = follow(plan, library)
            found = lost - len(gone(plan))
            if found:
                say(
                    f"{found} file(s) have moved since this was planned, and are taken from where they are now"
                )
        return plan


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Our errors as sentences, with their exit codes."""
    try:
        yield
    except PlaylistkitError as error:
        fail(str(error), exit_code(error))
    except KeyboardInterrupt:
        fail("Stopped. What was finished is kept.", STOPPED)
    except BrokenPipeError:  # `playlistkit tracks | head`
        _let_go_of_output()
        raise SystemExit(0) from None
    except OSError as error:
        if error.filename is not None or error.errno not in OUTPUT_ERRORS:
            raise
        # what we write ourselves is told where it is written, so this was standard output
        _let_go_of_output()
        fail(f"standard output can't be written: {error.strerror}; nothing more can be shown")


def _let_go_of_output() -> None:
    """Send what standard output couldn't take to nowhere, else Python tries again at its end and tells of it."""
    with contextlib.suppress(OSError):  # no file, as within a test
        descriptor = sys.stdout.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


class Commands(click.Group):
    """A group whose commands tell our errors in sentences. A bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _told():
            return super().invoke(ctx)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the arguments; `--help` already writes."""
        with _told():
            return super().make_context(*args, **options)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """The commands in the order in which one meets them."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, each with its whole first sentence: click would cut it off at the line's end."""
        rows = []
        for name in self.list_commands(ctx):
            words = inspect.cleandoc(self.commands[name].help or "").split("\n\n")[0]
            rows.append((name, " ".join(words.split())))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

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


PLAYER: Callable[[Any], Any] = click.option(
    "--for",
    "player",
    type=click.Choice(get_args(Player)),
    default="files",
    show_default=True,
    help="What will play it: any player, Spotify, or our own render and play.",
)

AS_JSON: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output and nothing else."
)


def name_variables(command: click.Command, prefix: str) -> None:
    """Let every option come from a variable called like the option: `PLAYLISTKIT_BUILD_SEED` for `build --seed`.

    Click would call them after the parameters in the code, which nobody can know.
    """
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.expose_value:
            longest = max(parameter.opts, key=len)
            parameter.envvar = f"{prefix}_{longest.lstrip('-')}".replace("-", "_").upper()
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            name_variables(inner, f"{prefix}_{name}")


def show_any_name() -> None:
    """Let no title or file name that standard output can't hold end the program; it is shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def end_tidily() -> None:
    """Let a closed terminal and a polite kill end the program as Ctrl-C does, so that no half file stays."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        # not in a thread, and not against `nohup`
        with contextlib.suppress(ValueError):
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, _end)


def _end(number: int, frame: object) -> NoReturn:  # noqa: ARG001 -- the signature that signal calls
    raise SystemExit(128 + number)


def print_json(value: object) -> None:
    """One JSON document on standard output; what that can't hold, and bytes that are no text, escaped."""
    click.echo(_as_json(value, indent=1))


def print_json_list(values: Iterable[object]) -> None:
    """A list as one JSON document, a line each as it comes: that of a large library is hundreds of megabytes."""
    before = "["
    for value in values:
        click.echo(f"{before}\n{_as_json(value)}", nl=False)
        before = ","
    click.echo("[]" if before == "[" else "\n]")


def _as_json(value: object, indent: int | None = None) -> str:
    plain = "utf" not in (sys.stdout.encoding or "").lower()
    return json.dumps(value, ensure_ascii=plain, indent=indent).encode("utf-8", "backslashreplace").decode()


def plain(text: str) -> str:
    """Text without what a terminal would obey: control characters and undecodable bytes are shown escaped.

    Anybody may have written the tags and names of a file.
    """
    return OBEYED.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def on_one_line(text: str) -> str:
    """A sentence that names a file, whose name may hold line ends."""
    return text.replace("\r", r"\r").replace("\n", r"\n")


def say(message: str) -> None:
    """A message on standard error."""
    with contextlib.suppress(OSError):  # a full disk under a log must not end the work that it tells of
        click.echo(plain(message), err=True)


def tell_missing(library: Library) -> int:
    """Say which tracks are left out because their files are not where they were; how many."""
    gone = library.missing()
    if gone:
        say(
            f"{len(gone)} track(s) are left out, because their files are not where they were, such as "
            f"{on_one_line(gone[0].track.path or '')}: plug in their disk, or scan the folder where it is now."
        )
    return len(gone)


def fail(message: str, code: int = 1) -> NoReturn:
    """Tell why it could not be done, and leave with the exit code."""
    say(message)
    raise click.exceptions.Exit(code)


def _no_bar(done: int, total: int, current: str) -> None:
    """Show nothing: standard error is no terminal."""


@contextmanager
def waiting(doing: str) -> Iterator[None]:
    """A line on standard error that lives while something of unknown length lasts, from its second second on."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True)
    progress.add_task(doing, total=None)
    late = threading.Timer(PATIENCE, progress.start)
    late.start()
    try:
        yield
    finally:
        late.cancel()
        late.join()
        progress.stop()


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
