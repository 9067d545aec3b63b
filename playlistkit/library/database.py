"""The SQLite file: opens, migrates and locks it, and turns its failures into sentences.

Private by default: only its owner can read the file (0600, in a folder of 0700), and deleted data is
overwritten (`secure_delete`). A commit is on the disk when it returns (`synchronous=FULL`), so that a power
cut loses only what was in flight. Several processes may write: they wait for each other (WAL, 30 s).
A read-only file, as on a write-protected disk, can still be read, and so can one on a full disk.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playlistkit.errors import InputError, LibraryError
from playlistkit.library.migrations import MIGRATIONS

__all__ = ["MIGRATIONS", "Database"]

APPLICATION_ID = 0x504C4B54  # "PLKT"; tells our files from other programs' databases
BUSY_SECONDS = 30.0
LEAST_ROOM = 128 * 1024  # bytes; SQLite's shared memory takes 32 KiB, a change of any size a few pages


class Database:
    """An open library file.

    Parameters
    ----------
    path : Path
        Created if missing. A read-only file can be read; every change raises.

    Raises
    ------
    LibraryError
        If it can't be created or opened, is not a library, or was written by a newer playlistkit.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._depth = 0
        self._writable = _make(path)
        try:
            self._open(os.fspath(path) if self._writable else _read_only(path))
        except LibraryError:
            if not (self._writable and _is_full(path)) or _has_journal(path):
                raise
            self._writable = False
            self._open(_unchanging(path))

    def _open(self, name: str) -> None:
        with self._told():
            self._connection = sqlite3.connect(
                name, timeout=BUSY_SECONDS, isolation_level=None, uri=not self._writable
            )
        try:
            with self._told():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file. Everything written is already on the disk."""
        with self._told():
            self._connection.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._told():
            return self._connection.execute(sql, values).fetchall()

    def stream(self, sql: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one after the other."""
        with self._told():
            yield from self._connection.execute(sql, values)

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """Execute a statement; returns the number of changed rows."""
        with self._told():
            return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, values: Iterable[Sequence[object]]) -> None:
        """Execute a statement for each of `values`."""
        with self._told():
            self._connection.executemany(sql, values)

    def define(self, name: str, function: Callable[[str | None], str]) -> None:
        """Let statements call a deterministic function of one text."""
        self._connection.create_function(name, 1, function, deterministic=True)

    def state(self) -> tuple[int, int] | None:
        """A value that changes whenever anything may have been written, here or elsewhere; `None` during a transaction."""
        if self._depth:
            return None
        ((others,),) = self.rows("PRAGMA data_version")
        return int(others), self._connection.total_changes

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all or nothing; an inner transaction is part of the outer one."""
        if self._depth == 0:
            self.run("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0 and self._connection.in_transaction:
                self._connection.rollback()
            raise
        self._depth -= 1
        if self._depth == 0:
            try:
                self.run("COMMIT")
            except LibraryError:  # a full disk: don't leave the transaction open
                if self._connection.in_transaction:
                    self._connection.rollback()
                raise

    def scrub(self) -> None:
        """Rewrite the file without deleted data, and empty its journal.

        Raises
        ------
        LibraryError
            If another program is using the library; the deletion itself stands.
        """
        self.run("VACUUM")  # a rebalanced page may hold stale bytes that secure_delete missed
        ((busy, *_),) = self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise LibraryError(
                f"{self.path}: deleted, but the journal beside the library still holds traces while another "
                "program is using it; close that and run the same command again"
            )

    def _prepare(self) -> None:
        version, ours, empty = self._identity()
        if not ours and not empty:
            raise LibraryError(f"{self.path}: a database of another program, not a playlistkit library")
        if version > len(MIGRATIONS):
            raise LibraryError(
                f"{self.path}: written by a newer playlistkit (schema {version}, this one knows "
                f"{len(MIGRATIONS)}); update playlistkit or choose another library"
            )
        if not self._writable:
            if version < len(MIGRATIONS):
                raise LibraryError(
                    f"{self.path}: written by an older playlistkit, and it can't be updated because it is read-only; "
                    "copy it to a folder where you may write, and use the copy as the library"
                )
            return
        # On a file system without shared memory SQLite stays with its rollback journal, which works too.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA secure_delete = ON")
        # VACUUM would leave a copy in the temporary folder
        self._connection.execute("PRAGMA temp_store = MEMORY")
        if version < len(MIGRATIONS):
            with self.transaction():  # the version is read again: another process may have been first
                version, *_ = self._identity()
                for number in range(version, len(MIGRATIONS)):
                    for statement in MIGRATIONS[number]:
                        self._connection.execute(statement)
                self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version = {max(version, len(MIGRATIONS))}")

    def _identity(self) -> tuple[int, bool, bool]:
        """Schema version, whether the file is ours, whether it is empty."""
        ((version,),) = self._connection.execute("PRAGMA user_version")
        ((application,),) = self._connection.execute("PRAGMA application_id")
        ((tables,),) = self._connection.execute("SELECT count(*) FROM sqlite_master")
        return version, application == APPLICATION_ID, tables == 0

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn failures of the disk, the file or other processes into sentences; bugs stay bugs."""
        try:
            yield
        except sqlite3.ProgrammingError as error:
            if "closed" in str(error):
                raise LibraryError(f"{self.path}: the library is closed; open it again") from error
            if "thread" in str(error):
                told = (
                    "the library is used in another thread than the one that opened it; open it there as well"
                )
                raise LibraryError(f"{self.path}: {told}") from error
            raise
        except (OverflowError, UnicodeEncodeError) as error:
            raise InputError(f"{self.path}: a value can't be stored: {error}") from error
        except sqlite3.DatabaseError as error:
            primary = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits only refine it
            if primary not in SENTENCES:
                raise
            if primary in FOR_LACK_OF_ROOM and _is_full(self.path):
                primary = sqlite3.SQLITE_FULL
            raise LibraryError(f"{self.path}: {SENTENCES[primary]}") from error


SENTENCES = {
    sqlite3.SQLITE_BUSY: "another program has been writing to the library for half a minute; try again",
    sqlite3.SQLITE_LOCKED: "another program has locked the library; try again",
    sqlite3.SQLITE_FULL: "the disk is full; nothing was lost. Free some space and run the same command again",
    sqlite3.SQLITE_READONLY: "the library or its folder is read-only; allow writing, or choose another library",
    sqlite3.SQLITE_PERM: "no permission to use the library; allow it, or choose another library",
    sqlite3.SQLITE_AUTH: "no permission to use the library; allow it, or choose another library",
    sqlite3.SQLITE_CANTOPEN: "the library can't be opened; is its folder there, and may you write in it?",
    sqlite3.SQLITE_IOERR: "the disk reports an error for the library; check the disk and its free space",
    sqlite3.SQLITE_CORRUPT: "the library is damaged; restore it from a copy, or move it away and scan again",
    sqlite3.SQLITE_NOTADB: "not a playlistkit library; choose another file as the library",
}
"""Sentences for SQLite's result codes."""

FOR_LACK_OF_ROOM = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
"""What a full disk may be reported as: its files beside the library can't grow, or it was opened to be read only."""


def _make(path: Path) -> bool:
    """Create the file, for its owner only, if missing; returns whether it may be written."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        elif path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        elif not path.is_file():  # SQLite would call it a fault of the disk
            raise OSError(errno.EINVAL, "it is not an ordinary file")
        # Never open an existing file here: closing it would drop the locks that SQLite holds on it for other
        # connections of this process (POSIX), and another process could remove the journal they are using.
        # SQLite makes its journal beside the file
        elif not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) and os.access(path, os.R_OK):
            return False
        reason = (error.strerror or str(error)).lower()
        raise LibraryError(
            f"{path}: the library can't be opened ({reason}); choose another file as the library"
        ) from error
    return True


def _read_only(path: Path) -> str:
    """The URI with which SQLite opens a read-only file."""
    # Without a journal nobody is writing, so SQLite need not create its own files there, which it couldn't.
    # With one, SQLite must see it: a write that another program left unfinished would otherwise be read half done.
    if any(each.exists() for each in _journals(path)):
        return f"{path.absolute().as_uri()}?mode=ro"
    return _unchanging(path)


def _unchanging(path: Path) -> str:
    """The URI with which SQLite opens a file that nobody is writing."""
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


def _journals(path: Path) -> list[Path]:
    return [path.with_name(f"{path.name}{end}") for end in ("-wal", "-journal")]


def _has_journal(path: Path) -> bool:
    """Whether a write that isn't in the file yet lies beside it."""
    return any(each.exists() and each.stat().st_size for each in _journals(path))


def _is_full(path: Path) -> bool:
    """Whether the library's disk has too little room for any change."""
    try:
        return shutil.disk_usage(path.parent).free < LEAST_ROOM
    except OSError:
        return False
