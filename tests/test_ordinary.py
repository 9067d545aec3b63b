"""Files that somebody names are read if they are ordinary; whatever else has a name is refused at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from playlistkit import load_plan
from playlistkit.errors import InputError, LibraryError
from playlistkit.library import Library
from playlistkit.ordinary import read_ordinary
from playlistkit.sources import table
from playlistkit.sources.playlist import read_playlist
from playlistkit.workflow.aftercare import aftercare
from playlistkit.workflow.session.played import read_record

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
READERS = (
    read_playlist,
    table.read,
    load_plan,
    read_record,
    lambda path: aftercare(path.parent / "sheet.html", words=path),
)


def test_an_ordinary_file_is_read_whole_or_up_to_a_size(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"music")
    assert (read_ordinary(tmp_path / "a"), read_ordinary(tmp_path / "a", 2)) == (b"music", b"mu")
    with pytest.raises(IsADirectoryError):
        read_ordinary(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_ordinary(tmp_path / "b")


@posix
@pytest.mark.parametrize("read", READERS)
def test_a_pipe_is_refused_and_not_waited_for(read, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.m3u")
    with pytest.raises(InputError, match=r"pipe.m3u: .*not an ordinary file; save it as one"):
        read(tmp_path / "pipe.m3u")


@posix
def test_a_pipe_is_no_library(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    with pytest.raises(
        LibraryError, match=r"pipe.db: .*not an ordinary file\); choose another file as the library"
    ):
        Library(tmp_path / "pipe.db")
