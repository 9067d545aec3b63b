"""What a program does outside itself, as strace sees it: sockets, programs started, files written."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

__all__ = ["Home", "Trace", "needs_strace", "trace"]

STRACE = shutil.which("strace")
needs_strace = pytest.mark.skipif(
    STRACE is None and "CI" not in os.environ, reason="strace is not installed: sudo apt install strace"
)
"""For tests that trace. In CI they fail without strace: a promise that nobody looks at is none."""

MARK = "/dev/null/"  # as `run_marked.py` leaves it
MAKING = (
    "open", "openat", "creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
    "symlinkat",
)  # fmt: skip
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ADDRESS = re.compile(
    r'sa_family=(AF_\w+)(?:, sun_path=@?"(?P<path>[^"]*)")?(?:, sin6?_port=htons\((?P<port>\d+)\))?'
    r'(?:.*?inet_(?:addr\(|pton\(AF_INET6, )"(?P<host>[^"]*)")?'
)


@dataclass
class Trace:
    """What was done between two marks."""

    sockets: set[str] = field(default_factory=set)
    """Families of sockets, and whom they were bound to or sent to: "AF_INET", "AF_INET 127.0.0.1", "AF_UNIX /path".
    Pairs of sockets that are joined to each other reach nobody and don't count."""
    programs: list[str] = field(default_factory=list)
    """Command lines, as a list of processes would show them."""
    written: set[str] = field(default_factory=set)
    """Paths that were opened for writing or made."""


class Home:
    """A user who has never started anything: where their files would go.

    Parameters
    ----------
    folder : Path
        Empty; everything goes below it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data, self.state = folder / "data", folder / "state"
        self.cache, self.config = folder / "cache", folder / "config"
        places = {
            "HOME": folder / "home",
            "XDG_DATA_HOME": self.data,
            "XDG_CACHE_HOME": self.cache,
            "XDG_CONFIG_HOME": self.config,
            "XDG_STATE_HOME": self.state,
            "XDG_RUNTIME_DIR": folder / "run",
            "TMPDIR": folder / "tmp",
        }
        for place in places.values():
            place.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(Path(__file__).parent),
            **{name: str(place) for name, place in places.items()},
        }
        self.work = folder / "work"
        """The folder that the user is in, and where they ask for files."""
        self.work.mkdir()

    def files(self) -> set[Path]:
        """All files there are, but those that the user asked for."""
        return {
            path.relative_to(self.folder)
            for path in self.folder.rglob("*")
            if path.is_file() and self.work not in path.parents
        }

    def strays(self, written: set[str], allowed: Sequence[Path]) -> set[str]:
        """What was written outside the folders that are allowed and that the user is in."""
        folders = [self.work, *allowed]
        paths = {path: Path(self.work, path) for path in written}
        return {
            name
            for name, path in paths.items()
            if not any(
                folder == path or folder in path.parents or path in folder.parents for folder in folders
            )
            and not name.startswith(("/dev/null", "/dev/tty", "/proc/self/"))
        }


def trace(
    program: Sequence[str], home: Home, more: Mapping[str, str] | None = None, *, until: str | None = None
) -> tuple[dict[str, Trace], str]:
    """Run a program to its end, or until it has said something.

    Parameters
    ----------
    program : sequence of str
    home : Home
        Whose it is: all of the environment, and the working folder.
    more : mapping, optional
        Further variables.
    until : str, optional
        What is waited for on standard error; then the program is told to end, as by Ctrl-C.

    Returns
    -------
    dict of Trace
        By the mark of `run_marked.py` that came before, "" for what came before the first.
    str
        What was written on standard output and error.
    """
    assert STRACE is not None, "strace is not installed, and CI must hold the promise: apt-get install strace"
    log = home.folder / "strace.log"
    calls = ",".join(f"?{name}" for name in MAKING)
    tracing = [
        STRACE,
        "-f",
        "-qq",
        "-s",
        "4096",
        "--seccomp-bpf",
        "-e",
        f"trace=network,execve,{calls}",
        "-o",
        str(log),
    ]
    with subprocess.Popen(
        [*tracing, *program],
        cwd=home.work,
        env=home.environment | dict(more or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        said = ""
        for line in running.stdout:
            said += line
            if until is not None and until in line:
                os.killpg(running.pid, signal.SIGINT)
                _end_those_left(running, log)
    traces = read(log.read_text(encoding="utf-8", errors="replace"))
    log.unlink()
    return traces, said


def _end_those_left(running: subprocess.Popen[str], log: Path) -> None:
    """What outlives the program that started it, such as the player, is ended after five minutes."""
    try:
        running.wait(300)
    except subprocess.TimeoutExpired:
        for number in set(re.findall(r"^\d+", log.read_text(errors="replace"), re.MULTILINE)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)


def read(log: str) -> dict[str, Trace]:
    """What strace wrote, by marks."""
    now = Trace()
    traces = {"": now}
    for line in log.splitlines():
        called = re.match(r"\d+ +(\w+)\((.*)", line)
        if called is None:
            continue
        name, rest = called.groups()
        if name in MAKING:
            paths = QUOTED.findall(rest)
            if paths and paths[0].startswith(MARK):
                now = traces.setdefault(paths[0].removeprefix(MARK), Trace())
            elif paths and ("open" not in name or re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE", rest)):
                now.written.add(paths[-1])
        elif name == "execve":
            if not re.search(r"= -1 E\w+", rest):
                now.programs.append(" ".join(QUOTED.findall(rest)[1:]))
        elif name == "socket":
            now.sockets.add(rest.split(",")[0])
        else:
            now.sockets |= {_told(found) for found in ADDRESS.finditer(rest) if name != "getsockname"}
    return traces


def _told(found: re.Match[str]) -> str:
    whom = found["host"] or found["path"] or ""
    question = " port 53, a name looked up" if found["port"] == "53" else ""
    return f"{found[1]} {whom}{question}".strip()
