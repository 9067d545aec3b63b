"""Write files atomically: whole or not at all.

Data goes to a hidden part file beside the final name, which is renamed once it is on the disk. The writer
holds a lock on the part, which the system releases when the process ends, however it ends. So a part without a lock
was left by a kill or a power cut, and the next writer in that folder removes it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing", "sweep"]

PREFIX, SUFFIX = ".playlistkit-", ".part"
ABANDONED = 3600.0  # s without a write, on drives without locks


@contextmanager
def replacing(final: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """A new, empty file to write to, which becomes `final` when the block ends without an exception.

    Parameters
    ----------
    final : Path
        Resolve links beforehand if they must stay.
    mode : int
        Mode of the new file, less the umask.

    Yields
    ------
    Path
        The part file, in the same folder.

    Raises
    ------
    OSError
        If the folder is missing, the disk is full, or the like; then `final` is unchanged.
    """
    sweep(final.parent)
    part, lock = _locked(final.parent, mode)
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        if sys.platform == "win32":  # which can't rename an open file
            os.close(lock)
            lock = -1
        part.replace(final)
        _sync_folder(final.parent)
    finally:
        if lock >= 0:
            os.close(lock)
        with contextlib.suppress(OSError):
            part.unlink()


def sweep(folder: Path) -> None:
    """Remove abandoned part files from a folder."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        parts = [each.path for each in entries if each.name.startswith(PREFIX) and each.name.endswith(SUFFIX)]
        for part in parts:
            with contextlib.suppress(OSError):
                _remove_abandoned(part)


def _remove_abandoned(part: str) -> None:
    descriptor = os.open(part, os.O_RDWR)
    try:
        locked = _lock(descriptor)
        old = time.time() - os.fstat(descriptor).st_mtime > ABANDONED
    finally:
        if sys.platform == "win32":
            os.close(descriptor)
    try:
        if sys.platform == "win32" or locked or (locked is None and old):
            os.unlink(part)  # noqa: PTH108 - on Windows this fails while somebody has it open
    finally:
        if sys.platform != "win32":
            os.close(descriptor)


def _locked(folder: Path, mode: int) -> tuple[Path, int]:
    """A new part and the descriptor that holds its lock."""
    while True:
        part = folder / f"{PREFIX}{secrets.token_hex(6)}{SUFFIX}"
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        _lock(descriptor)
        if part.exists():  # not swept away in between
            return part, descriptor
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Try to lock a file; `None` if locks are not supported."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _sync_folder(folder: Path) -> None:
    """Flush the new name to the disk too, if the system can."""
    with contextlib.suppress(OSError):  # unsupported on Windows and some network drives
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
