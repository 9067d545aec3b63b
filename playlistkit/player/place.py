"""Where a session's state is stored: one folder that only this user can open, with one session at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.player.values import VERSION, Point, Snapshot, from_json, to_json

__all__ = ["LOOKED_AT", "STAND_BY", "Lock", "Place", "Run"]

STAND_BY = "stand-by"
LOOKED_AT = 0.5  # s after which whoever only checked whether a lock is free has released it


@dataclass(frozen=True, slots=True)
class Run:
    """How to reach a player; the content of the run file."""

    pid: int
    address: str
    key: str
    """Hexadecimal; proves that whoever connects may read this folder."""
    version: int = VERSION


class Place:
    """The folder of the running session.

    Parameters
    ----------
    folder : path, optional
        By default `PLAYLISTKIT_SESSION`, or the user's folder for state.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        if folder is None:
            folder = os.environ.get("PLAYLISTKIT_SESSION")
        if folder is None:
            import platformdirs

            folder = os.path.join(platformdirs.user_state_dir("playlistkit", appauthor=False), "session")
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 -- a player works in another folder
        self.run_file = self.folder / "run.json"
        self.state_file = self.folder / "state.json"
        self.point_file = self.folder / "point.json"
        self.options_file = self.folder / "options.json"
        self.record_file = self.folder / "record.jsonl"
        self.log_file = self.folder / "faults.log"
        self._mate_file = self.folder / STAND_BY

    def make(self) -> None:
        """Make the folder, readable only by this user.

        Raises
        ------
        PlaylistkitError
            If it can't be made or written to.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise self.unwritable(error) from error

    def unwritable(self, error: OSError) -> PlaylistkitError:
        """The message if a session can't begin here."""
        return PlaylistkitError(
            f"{self.folder}: the session's state can't be stored there: {error.strerror}; "
            "PLAYLISTKIT_SESSION names another folder"
        )

    def write(self, file: Path, text: str) -> None:
        """Replace a file so that it is complete whenever the power fails, and readable only by this user.

        Raises
        ------
        OSError
            If it can't be written; the old one stays.
        """
        part = file.with_name(file.name + ".part")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(file)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()  # don't spend the little space left on half a file
            raise

    def options(self) -> dict[str, Any]:
        """What the session was started with; empty if there is none."""
        return _json(self.options_file)

    def runs(self) -> list[Run]:
        """How to reach the player that last began here, from the run files, latest first."""
        found = []
        for file in (
            self.run_file,
            *(spare / self.run_file.name for spare in self._spares() if _private(spare)),
        ):
            with contextlib.suppress(OSError):
                found.append((file.stat().st_mtime, from_json(Run, file.read_bytes())))
        return [run for _, run in sorted(found, key=lambda each: each[0], reverse=True)]

    def run(self) -> Run | None:
        """The latest of `runs`."""
        return next(iter(self.runs()), None)

    def announced(self, run: Run) -> bool:
        """Whether the folder itself says how to reach this one."""
        with contextlib.suppress(OSError, InputError):
            return from_json(Run, self.run_file.read_bytes()) == run
        return False

    def announce(self, run: Run) -> None:
        """Write down how to reach a player; if the folder can't be written, in a spare one, so that it can still be steered.

        Raises
        ------
        OSError
            If neither can be written.
        """
        text = to_json(run)
        try:
            self.write(self.run_file, text)
        except OSError:
            spare = self._spare()
            if spare is None:
                raise
            self.write(spare / self.run_file.name, text)
        else:
            self._drop_spares()

    def withdraw(self) -> None:
        """Note that nobody can be reached here any more."""
        with contextlib.suppress(OSError):
            self.run_file.unlink(missing_ok=True)
        self._drop_spares()

    def _spares(self) -> list[Path]:
        """Where a run file may be if not in the folder."""
        if sys.platform == "win32":
            return []
        name = f"playlistkit-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]}"
        return [
            Path(top, name) for top in dict.fromkeys((os.environ.get("XDG_RUNTIME_DIR"), _temporary())) if top
        ]

    def _spare(self) -> Path | None:
        """A writable spare folder, made if necessary."""
        for spare in self._spares():
            with contextlib.suppress(OSError):
                spare.mkdir(mode=0o700, exist_ok=True)
                if _private(spare) and os.access(spare, os.W_OK):
                    return spare
        return None

    def _drop_spares(self) -> None:
        for spare in self._spares():
            if _private(spare):
                with contextlib.suppress(OSError):
                    (spare / self.run_file.name).unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # a player may be listening in it
                    spare.rmdir()

    def snapshot(self) -> Snapshot | None:
        """Where the session stood when last written down; `None` if there is none or it had ended.

        Raises
        ------
        InputError
            If it was written by another version.
        """
        try:
            saved = from_json(Snapshot, self.state_file.read_bytes())
        except OSError:
            return None
        except InputError as error:
            if "version" in str(error):
                raise
            return None
        with contextlib.suppress(OSError, InputError):
            saved = saved.at(from_json(Point, self.point_file.read_bytes()))
        return None if saved.mode == "ended" else saved

    def clear(self, *, collected: bool = True) -> None:
        """Delete everything kept of the session except its record and, until that is collected, its options."""
        kept = (self.options_file,) if collected else ()
        self.withdraw()
        for file in (self.run_file, self.state_file, self.point_file, *kept, self.log_file, self._mate_file):
            for each in (file, file.with_name(file.name + ".part")):
                with contextlib.suppress(OSError):
                    each.unlink()

    def addresses(self) -> Iterator[str]:
        """New addresses for a player to listen at; it takes the next one if one fails."""
        name = f"p{secrets.token_hex(4)}"
        if sys.platform == "win32":
            yield rf"\\.\pipe\playlistkit-{name}"
            return
        path = str(self.folder / name)
        if len(os.fsencode(path)) < 100:
            yield path
        with contextlib.suppress(OSError):
            yield str(
                Path(tempfile.mkdtemp(prefix="playlistkit-", dir=_temporary())) / name
            )  # only its owner can open it
        spare = self._spare()
        if spare is not None:
            yield str(spare / name)

    def leave(self, address: str) -> None:
        """Delete what listening at an address has made: a socket, and a folder for it if the session's had too long a name."""
        if sys.platform == "win32" or not address:
            return
        socket = Path(address)
        with contextlib.suppress(OSError):
            socket.unlink()
        if socket.parent != self.folder:
            with contextlib.suppress(OSError):
                socket.parent.rmdir()


class Lock:
    """Held by the player that plays; the system releases it when the process dies.

    Parameters
    ----------
    place : Place
    name : str
        `STAND_BY` for the lock held by the stand-by.
    """

    def __init__(self, place: Place, name: str = "lock") -> None:
        self._path = place.folder / name
        self._file: Any = None

    def take(self, patience: float = 0.0) -> bool:
        """Whether it could be taken within so many seconds."""
        end = time.monotonic() + patience
        while not self._take():
            if time.monotonic() >= end:
                return False
            time.sleep(0.01)
        return True

    def keep(self) -> bool:
        """Whether it is held; it is taken again if its file was deleted meanwhile, as with its folder, or if the disk gave
        none before.

        Raises
        ------
        OSError
            If it can't be made.
        """
        held = self._file
        if held is not None:
            if sys.platform == "win32":  # on systems where an open file can't be deleted
                return True
            with contextlib.suppress(OSError):
                if os.path.samestat(os.fstat(held.fileno()), self._path.stat()):
                    return True
        if not self.take(LOOKED_AT):
            return False
        if held is not None:
            held.close()
        return True

    def _take(self, *, shared: bool = False) -> bool:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            descriptor = os.open(self._path, os.O_RDONLY)  # on a read-only disk
        file = os.fdopen(descriptor, "rb")
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def free(self) -> bool:
        """Whether nobody holds it. To find out it is taken for a moment, if possible together with others who check.

        Raises
        ------
        PlaylistkitError
            If it can't be opened.
        """
        try:
            if not self._take(shared=True):
                return False
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError as error:
            raise PlaylistkitError(f"{self._path}: can't be opened: {error.strerror}") from error
        self.release()
        return True

    def release(self) -> None:
        """Release it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _temporary() -> str:
    """The system's temporary folder. `tempfile` looks for one by writing, and finds none if the disk is full."""
    return os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 -- only a folder of our own in it is used


def _private(folder: Path) -> bool:
    """Whether a folder is this user's, and nobody else's."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
