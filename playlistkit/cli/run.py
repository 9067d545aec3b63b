"""How every command runs: the library at hand, progress, errors as sentences with the agreed exit codes."""

from __future__ import annotations

import contextlib
import errno
import inspect
import io
import json
import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, get_args

import click

from playlistkit.errors import InputError, LibraryError, PlaylistkitError, ShortfallError, TemplateError
from playlistkit.figures import counted
from playlistkit.model import Player

if TYPE_CHECKING:
    from playlistkit.model import Plan
    from playlistkit.workflow.library import Library

__all__ = [
    "AS_JSON",
    "MAY_BE_LEFT_OUT",
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
    "show_line",
    "tell_missing",
    "waiting",
    "width",
]

STOPPED = 130  # the shells' code for Ctrl-C
PATIENCE = 1.0  # s before a spinner shows
LEAST = 20  # columns to wrap at
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What moves the cursor, turns the writing round, or can't be encoded."""
OUTPUT_ERRORS = (errno.ENOSPC, errno.EIO, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Context:
    """The values of the options before the command."""

    library_path: str | None
    verbose: int

    def library(self) -> Library:
        """The library this command works on; a new one at a named path is told, as the name may be mistyped."""
        from playlistkit.workflow.library import Library

        path = self.library_path
        is_new = path is not None and not Path(path).expanduser().exists()
        library = Library(path)
        if is_new:
            say(f"{path}: no library was there; this is a new one")
        return library

    def plan(self, path: str) -> Plan:
        """A saved plan, with moved files taken from where the library now finds them."""
        from playlistkit.workflow.output.export import follow, gone, load_plan

        plan = load_plan(path)
        lost = len(gone(plan))
        if lost:
            with contextlib.suppress(LibraryError), self.library() as library:
                plan = follow(plan, library)
            found = lost - len(gone(plan))
            if found:
                have = "file has" if found == 1 else "files have"
                say(
                    f"{found} {have} moved since this was planned; {'it plays' if found == 1 else 'they play'} from the new place"
                )
        return plan


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn our errors into sentences and exit codes."""
    try:
        yield
    except PlaylistkitError as error:
        fail(str(error), exit_code(error))
    except KeyboardInterrupt:
        fail("Stopped. What was finished is kept.", STOPPED)
    except click.Abort as error:  # click tells of a question without an answer by this alone
        if error.__context__ is not None:
            click.echo(err=True)  # the question stands on the line
        if isinstance(error.__context__, KeyboardInterrupt):
            fail("Stopped. What was finished is kept.", STOPPED)
        if isinstance(error.__context__, EOFError):
            fail("the question got no answer, as standard input has ended; answer it in a terminal")
        fail("Nothing was done.")
    except BrokenPipeError:  # `playlistkit tracks | head`
        _let_go_of_output()
        raise SystemExit(0) from None
    except OSError as error:
        if isinstance(error, FileNotFoundError) and _is_nowhere():
            fail(
                "the folder that this command was given in is gone; go to one that is there (cd ~) and try again"
            )
        if error.filename is not None or error.errno not in OUTPUT_ERRORS:
            raise
        # faults of files we write are reported where we write them; this was standard output
        _let_go_of_output()
        fail(f"standard output can't be written: {error.strerror}; nothing more can be shown")


def _is_nowhere() -> bool:
    """Whether the folder that a relative path begins in is gone, as after its drive was unplugged."""
    try:
        os.getcwd()  # noqa: PTH109 -- pathlib's asks the same
    except OSError:
        return True
    return False


def _let_go_of_output() -> None:
    """Discard what standard output couldn't take; else Python retries at exit and complains."""
    with contextlib.suppress(OSError):  # no file, as within a test
        descriptor = sys.stdout.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


MAY_BE_LEFT_OUT = "[COMMAND] [ARGS]..."
"""How the usage line shows the commands of a group that does something without one; newer versions of click say so by themselves."""


class Commands(click.Group):
    """A group whose commands report our errors as sentences. A bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _told():
            return super().invoke(ctx)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the arguments; under `--help` this already prints."""
        with _told():
            return super().make_context(*args, **options)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """The commands in the order people need them."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its whole first sentence, which click would cut at the line's end."""
        rows = []
        for name in self.list_commands(ctx):
            words = inspect.cleandoc(self.commands[name].help or "").split("\n\n")[0]
            rows.append((name, " ".join(words.split())))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest the nearest name in the error."""
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

    Click would name them after the parameters in the code, which users don't know.
    """
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.expose_value:
            longest = max(parameter.opts, key=len)
            parameter.envvar = f"{prefix}_{longest.lstrip('-')}".replace("-", "_").upper()
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            name_variables(inner, f"{prefix}_{name}")


def show_any_name() -> None:
    """Escape names that standard output can't encode, instead of failing on them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def end_tidily() -> None:
    """Treat SIGHUP and SIGTERM like Ctrl-C, so that no half-written file stays behind."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        # not in a thread, and not against `nohup`
        with contextlib.suppress(ValueError):
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, _end)


def _end(number: int, frame: object) -> NoReturn:  # noqa: ARG001 -- the signature that signal calls
    raise SystemExit(128 + number)


def print_json(value: object) -> None:
    """Print one JSON document, escaping what standard output can't encode and bytes that are not text."""
    click.echo(_as_json(value, indent=1))


def print_json_list(values: Iterable[object]) -> None:
    """Print a list as one JSON document, item by item: a large library's is hundreds of megabytes."""
    before = "["
    for value in values:
        click.echo(f"{before}\n{_as_json(value)}", nl=False)
        before = ","
    click.echo("[]" if before == "[" else "\n]")


def _as_json(value: object, indent: int | None = None) -> str:
    plain = "utf" not in (sys.stdout.encoding or "").lower()
    return json.dumps(value, ensure_ascii=plain, indent=indent).encode("utf-8", "backslashreplace").decode()


def plain(text: str) -> str:
    """The text with control characters and undecodable bytes escaped, so that a terminal obeys none of it.

    The tags and names of a file may have been written by anybody.
    """
    return OBEYED.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def on_one_line(text: str) -> str:
    """A message on one line, even if a file name in it holds line breaks."""
    return text.replace("\r", r"\r").replace("\n", r"\n")


def width() -> int | None:
    """Columns of the terminal, or `None` if standard output is a pipe, which gets whole lines."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def show_line(line: str) -> None:
    """Print a line on standard output; where that is a terminal, wrapped between words, and as far indented."""
    from playlistkit.workflow.words import wide, wrapped

    text, columns = plain(line), width()
    if columns is None or wide(text) <= columns:
        click.echo(text)
        return
    bare = text.lstrip(" ")
    for part in wrapped(bare, max(columns, LEAST), indent=len(text) - len(bare)):
        click.echo(part)


def say(message: str) -> None:
    """Print a message on standard error."""
    with contextlib.suppress(OSError):  # a log on a full disk must not stop the work
        click.echo(plain(message), err=True)


def tell_missing(library: Library, among: Container[str] | None = None) -> int:
    """Say which tracks can't be used because their files are gone; return how many.

    Parameters
    ----------
    library : Library
    among : container of str, optional
        Ids of tracks that were listed all the same; only these are told of.
    """
    gone = [each for each in library.missing() if among is None or each.track.id in among]
    if gone:
        one = len(gone) == 1
        left_out = ("is left out" if one else "are left out") if among is None else "of these can't be played"
        files = (
            "its file is no longer where it was"
            if one
            else "their files are no longer where they were, such as"
        )
        say(
            f"{counted(len(gone), 'track')} {left_out} because {files}{':' if one else ''} "
            f"{on_one_line(gone[0].track.path or '')}{';' if one else ':'} plug in {'its' if one else 'their'} disk, or scan "
            "the folder in its new place."
        )
    return len(gone)


def fail(message: str, code: int = 1) -> NoReturn:
    """Say why it could not be done, and exit with the code."""
    say(message)
    raise click.exceptions.Exit(code)


def _no_bar(done: int, total: int, current: str) -> None:
    """Show nothing: standard error is not a terminal."""


@contextmanager
def waiting(doing: str) -> Iterator[None]:
    """Show a spinner on standard error, after one second, while work of unknown length runs."""
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
    """Show a progress bar on standard error, with rate and time left; nothing if that is not a terminal.

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
            name = on_one_line(plain(current.replace("\\", "/").rpartition("/")[2]))
            progress.update(
                task,
                completed=done,
                total=total,
                current=name[:40].replace("[", r"\["),
                rate=f"{speed:.1f}/s" if speed else "",
            )

        yield update
