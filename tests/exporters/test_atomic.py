"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from playlistkit.errors import ExportError
from playlistkit.exporters import write_bytes
from playlistkit.exporters.atomic import _mode_of, _why

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and limits of POSIX")


def test_the_bytes_are_written_and_nothing_is_left_beside(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a.m3u8", b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a.m3u8", b"new")]


@posix
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    import resource

    target = tmp_path / "a.m3u8"
    target.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(ExportError, match="no space left"):
            write_bytes(target, b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@posix
def test_the_mode_of_the_old_file_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.m3u8"
    target.touch(0o600)
    write_bytes(target, b"new")
    assert target.stat().st_mode & 0o777 == 0o600


@posix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.m3u8"
    target.touch()
    (tmp_path / "a.m3u8").symlink_to(target)
    write_bytes(tmp_path / "a.m3u8", b"new")
    assert (tmp_path / "a.m3u8").is_symlink()
    assert target.read_bytes() == b"new"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"there is no folder .*nowhere; make it first"):
        write_bytes(tmp_path / "nowhere" / "a.m3u8", b"")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is a folder"):
        write_bytes(tmp_path, b"")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=r"is not a folder|no folder"):
        write_bytes(tmp_path / "file" / "a.m3u8", b"")


@posix
def test_a_write_protected_file_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "a.m3u8"
    target.write_bytes(b"old")
    target.chmod(0o444)
    with pytest.raises(ExportError, match="write-protected"):
        write_bytes(target, b"new")
    assert target.read_bytes() == b"old"


@posix
def test_a_device_is_left_alone() -> None:
    with pytest.raises(ExportError, match="not an ordinary file"):
        write_bytes("/dev/null", b"")


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="too long"):
        write_bytes(tmp_path / ("n" * 300), b"")


@posix
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOENT, "there is no folder /f; make it first"),
        (errno.ENOTDIR, "/f is not a folder"),
        (errno.EACCES, "you may not write to the folder /f; choose another"),
        (errno.EPERM, "you may not write to the folder /f; choose another"),
        (errno.EROFS, "you may not write to the folder /f; choose another"),
        (errno.ENOSPC, "there is no space left; free some or choose another disk"),
        (errno.EDQUOT, "there is no space left; free some or choose another disk"),
        (errno.EFBIG, "there is no space left; free some or choose another disk"),
        (errno.ENAMETOOLONG, "the name is too long; choose a shorter one"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_each_failure_of_the_system_is_told_with_what_to_do(code: int, sentence: str) -> None:
    assert _why(OSError(code, os.strerror(code)), Path("/f/a.m3u8")) == sentence
    assert _why(OSError("odd"), Path("/f/a.m3u8")) == "odd"


@posix
@pytest.mark.parametrize("mode", [0o400, 0o555, 0o444])
def test_what_nobody_may_write_is_protected(mode: int, tmp_path: Path) -> None:
    target = tmp_path / "a.m3u8"
    target.touch()
    target.chmod(mode)
    with pytest.raises(ExportError, match="is write-protected; allow writing to it or name another file"):
        _mode_of(target, str(target))
    for writable in (0o200, 0o020, 0o002):
        target.chmod(mode | writable)
        assert _mode_of(target, str(target)) == mode | writable
