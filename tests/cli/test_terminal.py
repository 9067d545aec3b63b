"""What a terminal shows: a narrow one keeps its columns, and no file name moves the cursor."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from playlistkit.cli.library import HEADER, NARROW_HEADER, is_narrow, row
from playlistkit.model import Candidate, Features, Track

pty = pytest.importorskip("pty", reason="no terminals of our own on this system")


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
