"""A command that is interrupted, asks in vain, or stands in a folder that is gone, ends in one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import playlistkit
from playlistkit.cli.run import Commands

PACKAGE = Path(playlistkit.__file__).parent
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that a program stands in")


@POSIX
def test_a_second_ctrl_c_while_a_command_ends_is_no_traceback() -> None:
    script = (
        "import atexit, os, signal\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGINT)\n"
        "from playlistkit.__main__ import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script, "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


@POSIX
@pytest.mark.parametrize(
    "asked", [("scan", "."), ("templates", "new", "-o", "mine.yaml"), ("--library", "m.db", "tracks")]
)
def test_a_folder_that_went_under_one_s_feet_is_told(tmp_path: Path, asked: tuple[str, ...]) -> None:
    script = (
        "import os, sys\n"
        "os.rmdir(os.getcwd())\n"
        f"sys.path.insert(0, {str(PACKAGE.parent)!r})\n"
        "from playlistkit.__main__ import main; main()\n"
    )
    stands = tmp_path / "drive"
    stands.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script, *asked],
        capture_output=True, text=True, cwd=stands, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    told = "the folder that this command was given in is gone; go to one that is there (cd ~) and try again"
    assert (done.returncode, done.stderr.splitlines()) == (1, [told])


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ("", 1, "the question got no answer, as standard input has ended; answer it in a terminal"),
        ("n\n", 1, "Nothing was done."),
    ],
)
def test_a_question_without_an_answer_and_a_no_end_in_a_sentence(given: str, code: int, told: str) -> None:
    group = Commands(
        "asking", commands=[click.Command("ask", callback=lambda: click.confirm("Sure?", abort=True))]
    )
    done = CliRunner().invoke(group, ["ask"], input=given)
    assert done.exit_code == code
    assert done.stderr.splitlines()[-1] == told


def test_ctrl_c_at_a_question_is_ctrl_c() -> None:
    def ask() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:  # as click itself does
            raise click.Abort from None

    group = Commands("asking", commands=[click.Command("ask", callback=ask)])
    assert CliRunner().invoke(group, ["ask"]).exit_code == 130
