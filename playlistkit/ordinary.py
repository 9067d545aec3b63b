"""Read a file that somebody named: an ordinary one, whole, up to a size.

A pipe would wait for its writer, for ever if none comes; a device may have no end.
"""

from __future__ import annotations

import errno
import os
import stat

__all__ = ["read_ordinary"]

NOT_ORDINARY = "it is not an ordinary file; save it as one"


def read_ordinary(path: str | os.PathLike[str], most: int = -1) -> bytes:
    """The file's bytes.

    Parameters
    ----------
    path : str or path
    most : int
        Bytes to read at most; by default all.

    Raises
    ------
    OSError
        If it can't be read, or is a folder, a pipe, a device or a socket; `strerror` says which.
    """
    with open(path, "rb", opener=_open) as file:
        return file.read(most)


def _open(name: str, flags: int) -> int:
    number = os.open(name, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe isn't waited for
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        return number
    os.close(number)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    raise OSError(errno.EINVAL, NOT_ORDINARY, name)
