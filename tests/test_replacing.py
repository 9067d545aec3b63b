"""Files that are there whole or not at all, and what a kill leaves of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from playlistkit.replacing import replacing

WRITER = """
import sys
from pathlib import Path
from playlistkit.replacing import replacing

with replacing(Path(sys.argv[1])) as part:
    part.write_bytes(b"half")
    print("writing", flush=True)
    sys.stdin.read()
"""


def writer(target: Path) -> subprocess.Popen[str]:
    """A process that is in the middle of writing."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    return process


def write(target: Path, content: bytes) -> None:
    with replacing(target) as part:
        part.write_bytes(content)


def test_what_a_killed_writer_left_goes_with_the_next_file_in_its_folder(tmp_path: Path) -> None:
    with writer(tmp_path / "a.flac") as process:
        process.kill()
    assert len(list(tmp_path.iterdir())) == 1
    write(tmp_path / "b.m3u8", b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["b.m3u8"]


def test_what_another_process_is_writing_stays(tmp_path: Path) -> None:
    with writer(tmp_path / "a.flac") as process:
        write(tmp_path / "b.m3u8", b"new")
        process.communicate("")
    assert process.returncode == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.flac", "b.m3u8"]
    assert (tmp_path / "a.flac").read_bytes() == b"half"


def test_a_failure_in_between_leaves_what_was_there_and_nothing_beside(tmp_path: Path) -> None:
    write(tmp_path / "a", b"old")

    def stopped() -> None:
        with replacing(tmp_path / "a") as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"old")]
