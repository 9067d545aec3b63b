"""Walk folders of music, and find the files that may be audio."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from playlistkit.errors import InputError
from playlistkit.sources.left_out import is_left_out

__all__ = ["Found", "LeftOut", "PassedOver", "fingerprint", "walk"]

PIECE = 64 * 1024  # bytes read at the beginning, in the middle and at the end of a file


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file that may hold audio."""

    path: str
    """Absolute, links not resolved. Undecodable bytes are surrogate escapes (`os.fsdecode`)."""
    size: int
    """Bytes."""
    mtime_ns: int
    """Time of its last change, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something that is skipped."""

    path: str
    error: str | None = None
    """Why, if it should have been read; `None` for a suffix that is not audio."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A folder that is not entered: hidden, a recycle bin, or a system's own."""

    path: str


Walked = Found | PassedOver | LeftOut


def walk(*paths: str | os.PathLike[str], suffixes: Collection[str]) -> Iterator[Walked]:
    """Files under folders, in the order of their names.

    Hidden files and folders are left out, and so are recycle bins and what systems and network drives keep for
    themselves, unless they are named. Links are followed, and each folder is entered once, so that circular links
    end. A link to nothing is passed over with the reason. Files that vanish meanwhile are left out.

    Parameters
    ----------
    *paths : str or path
        Folders to walk, and files, which are taken whatever their suffix.
    suffixes : collection of str
        Suffixes of audio files, in lower case with their dot.

    Returns
    -------
    iterator of Found, PassedOver or LeftOut

    Raises
    ------
    InputError
        At once, if one of the paths doesn't exist.
    """
    if any(os.fspath(path) == "" for path in paths):  # an unset variable, say; the current folder is "."
        raise InputError("an empty path can't be scanned; give audio files or folders, . for the current one")
    absolute = [os.path.abspath(os.path.expanduser(path)) for path in paths]  # noqa: PTH100, PTH111
    for path in absolute:
        try:
            os.stat(path)  # noqa: PTH116
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: can't be scanned: {_reason(error)}") from error
    return _walk(absolute, suffixes)


def _walk(paths: list[str], suffixes: Collection[str]) -> Iterator[Walked]:
    # compare resolved names: some network drives give all folders one inode number, or none
    entered: set[str] = set()
    given: set[str] = set()
    for path in paths:
        if path in given:
            continue
        given.add(path)
        status = _status(path)
        if isinstance(status, PassedOver):
            yield status
        elif status is not None:
            if stat.S_ISDIR(status.st_mode):
                yield from _folder(path, suffixes, entered)
            elif stat.S_ISREG(status.st_mode):
                yield Found(path, status.st_size, status.st_mtime_ns)
            else:
                yield PassedOver(path, "is not a regular file; give audio files or folders")


def _folder(path: str, suffixes: Collection[str], entered: set[str]) -> Iterator[Walked]:
    # an explicit stack: a tree may be deeper than Python's recursion limit
    folders = [path]
    while folders:
        path = folders.pop()
        real = os.path.realpath(path)
        if real in entered:
            continue
        entered.add(real)
        try:
            names = sorted(os.listdir(path))  # noqa: PTH208
        except FileNotFoundError:
            continue
        except OSError as error:
            yield PassedOver(path, f"this folder can't be read: {_reason(error)}")
            continue
        inner = []
        for name in names:
            each = os.path.join(path, name)
            inside = _status(each)
            if inside is None:
                continue
            hidden = is_left_out(name, None if isinstance(inside, PassedOver) else inside)
            if isinstance(inside, PassedOver):
                if not hidden:
                    yield inside
            elif stat.S_ISDIR(inside.st_mode):
                if hidden:
                    yield LeftOut(each)
                else:
                    inner.append(each)
            elif hidden:
                pass
            elif os.path.splitext(name)[1].lower() not in suffixes:  # noqa: PTH122
                yield PassedOver(each)
            elif stat.S_ISREG(inside.st_mode):
                yield Found(each, inside.st_size, inside.st_mtime_ns)
            else:
                yield PassedOver(each, "is not a regular file")
        folders.extend(reversed(inner))


def _status(path: str) -> os.stat_result | PassedOver | None:
    """The status of a path, with links followed; `None` if it is gone."""
    try:
        return os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        try:
            target = os.readlink(path)  # noqa: PTH115
        except OSError:
            return None
        return PassedOver(
            path, f"is a link to {target}, which is not there; plug in its drive, or make the link anew"
        )
    except OSError as error:
        return PassedOver(path, f"can't be read: {_reason(error)}")


def fingerprint(path: str) -> str:
    """The id suggested by a file's content.

    Parameters
    ----------
    path : str
        A regular file.

    Returns
    -------
    str
        12 hexadecimal digits of BLAKE2b over the size and the first, middle and last 64 KiB: the same under
        every name, but different after a change of tags.

    Raises
    ------
    OSError
        If it can't be read.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 -- takes names in any encoding
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=6)
        for start in sorted({0, max(0, size // 2 - PIECE // 2), max(0, size - PIECE)}):
            file.seek(start)
            digest.update(file.read(PIECE))
    return digest.hexdigest()


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
