"""Write files whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from playlistkit.errors import ExportError
from playlistkit.exporters.naming import shown
from playlistkit.replacing import replacing

__all__ = ["write_bytes"]


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file whole: beside its final name, to the disk, then moved there.

    A link stays a link, and its target is replaced; an existing file keeps its mode.

    Raises
    ------
    ExportError
        If the folder is missing, the disk is full, or the like. An earlier file is
        intact then.
    """
    asked = os.fspath(path)
    final = Path(os.path.realpath(asked))
    try:
        mode = _mode_of(final, asked)
        with replacing(final) as part:
            part.write_bytes(data)
            if mode is not None:
                part.chmod(mode)
    except OSError as error:
        raise ExportError(f"{shown(asked)}: can't be written: {_why(error, final)}") from error


def _mode_of(final: Path, asked: str) -> int | None:
    """The mode of an existing file; `None` if there is none."""
    try:
        status = final.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise ExportError(f"{shown(asked)}: is a folder; name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise ExportError(f"{shown(asked)}: is not an ordinary file, so it is left alone; name another")
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise ExportError(f"{shown(asked)}: is write-protected; allow writing to it or name another file")
    return stat.S_IMODE(status.st_mode)


def _why(error: OSError, final: Path) -> str:
    """What prevented it, and what to do."""
    folder = shown(str(final.parent))
    if error.errno == errno.ENOENT:
        return f"there is no folder {folder}; make it first"
    if error.errno == errno.ENOTDIR:
        return f"{folder} is not a folder"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"you may not write to the folder {folder}; choose another"
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG):
        return "there is no space left; free some or choose another disk"
    if error.errno == errno.ENAMETOOLONG:
        return "the name is too long; choose a shorter one"
    return error.strerror or str(error)
