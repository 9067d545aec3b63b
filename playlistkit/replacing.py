"""Files that are there whole or not at all.

What is written grows in a hidden part beside its final name and is moved there once it is on the disk. Whoever writes
holds a lock on the part, which the system takes back when a process ends, however it ends: so a part without a lock
was left by a kill or a power cut, and whoever writes into that folder next removes it.
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
ABANDONED = 3600.0  # s without a byte, where a drive knows no locks


@contextmanager
def replacing(final: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """A new, empty file to write to, which becomes `final` when the block ends without an exception.

    Parameters
    ----------
    final : Path
        With links resolved, if they shall stay.
    mode : int
        Of the new file, less the umask.

    Yields
    ------
    Path
        Of the part, in the same folder.

    Raises
    ------
    OSError
        If the folder isn't there, the disk is full, or anything else forbids it; then `final` is as it was.
    """
    sweep(final.parent)
    part, lock = _locked(final.parent, mode)
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        if sys.platform == "win32":  # which moves no file that is open
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
    """Remove the parts in a folder that nobody writes any more."""
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
        if part.exists():  # not swept away between the two
            return part, descriptor
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Lock a file if nobody has; `None` where that can't be done."""
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
    """Bring the new name to the disk too, where the system can."""
    with contextlib.suppress(OSError):  # not on Windows, and not on every network drive
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
