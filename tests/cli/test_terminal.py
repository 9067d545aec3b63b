"""What a terminal shows: a narrow one keeps its columns, and no file name moves the cursor."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from playlistkit.cli import main
from playlistkit.cli.library import HEADER, NARROW_HEADER, is_narrow, row
from playlistkit.model import Candidate, Features, Track

pty = pytest.importorskip("pty", reason="no terminals of our own on this system")


class Terminal(io.StringIO):
    """Standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


def listed(title: str, columns: int) -> str:
    known = Features(energy=0.2, loudness=-20.0, tempo=60.0)
    return row(Candidate(Track("0" * 12, title=title, artist="A", duration=63.0), known), columns)


@pytest.mark.parametrize("columns", [40, 60, 80, 81, 82, 83, 100])
def test_all_rows_of_a_list_and_its_header_have_the_same_columns(columns: int) -> None:
    header = NARROW_HEADER if is_narrow(columns) else HEADER
    for title in ("T", "Title " * 40, "\u202e\x1b" * 40, "two\nlines"):
        line = listed(title, columns)
        assert len(line) <= columns
        assert line.index(listed(title, 400)[HEADER.index("title") :][:4]) == header.index("title")


@pytest.mark.parametrize(
    "words",
    [
        ("templates",),
        ("templates", "show", "phases"),
        ("check", "session.m3u8"),
        ("swap", "session.json", "2"),
    ],
)
def test_what_is_listed_is_wrapped_between_words_in_a_narrow_terminal(
    words: tuple[str, ...], demo_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo_folder)

    def shown(columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        with contextlib.redirect_stdout(Terminal()) as terminal, contextlib.suppress(SystemExit):
            main(["--library", "library.db", *words])
        return terminal.getvalue()

    whole, narrow = shown(1000), shown(40)
    assert max(map(len, whole.splitlines())) > 60
    assert max(map(len, narrow.splitlines())) <= 40
    assert narrow.split() == whole.split()


def test_a_file_name_in_a_progress_bar_moves_no_cursor() -> None:
    script = (
        "from playlistkit.cli.run import progress_bar\n"
        "with progress_bar('Listening') as update:\n"
        "    update(1, 2, '/music/two\\nlines\\x1b[31m.mp3')\n"
    )
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "120", "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", script], stderr=theirs, check=True, env=environment)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert r"two\nlines\x1b[31m.mp3" in shown
