"""Where a session's state lies on disk: one folder that only this user can open, one session at a time in it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.player.values import VERSION, Point, Snapshot, from_json

__all__ = ["Lock", "Place", "Run"]


@dataclass(frozen=True, slots=True)
class Run:
    """How to reach a player: what the run file holds."""

    pid: int
    address: str
    key: str
    """Hexadecimal; proves that who connects may read this folder."""
    version: int = VERSION


class Place:
    """The folder of the running session.

    Parameters
    ----------
    folder : path, optional
        By default `PLAYLISTKIT_SESSION`, or the user's own folder for state.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        if folder is None:
            folder = os.environ.get("PLAYLISTKIT_SESSION")
        if folder is None:
            import platformdirs

            folder = os.path.join(platformdirs.user_state_dir("playlistkit", appauthor=False), "session")
        self.folder = Path(folder)
        self.run_file = self.folder / "run.json"
        self.state_file = self.folder / "state.json"
        self.point_file = self.folder / "point.json"
        self.options_file = self.folder / "options.json"
        self.record_file = self.folder / "record.jsonl"
        self.log_file = self.folder / "faults.log"

    def make(self) -> None:
        """Make the folder, for this user alone.

        Raises
        ------
        PlaylistkitError
            If it can't be made or written.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise PlaylistkitError(
                f"{self.folder}: the session's state can't be kept there: {error.strerror}; "
                "PLAYLISTKIT_SESSION names another folder"
            ) from error

    def write(self, file: Path, text: str) -> None:
        """Replace a file so that it is whole whenever the power goes, and readable by this user alone."""
        part = file.with_name(file.name + ".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)

    def options(self) -> dict[str, Any]:
        """What the session was started with; empty where there is none."""
        return _json(self.options_file)

    def run(self) -> Run | None:
        """How to reach the player that last began here."""
        try:
            return from_json(Run, self.run_file.read_bytes())
        except OSError:
            return None

    def snapshot(self) -> Snapshot | None:
        """Where the session stood when it was last written down; None where there is none, or it had ended.

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
        """Delete all that was kept of the session but its record, and, until that is collected, its options."""
        kept = (self.options_file,) if collected else ()
        for file in (self.run_file, self.state_file, self.point_file, *kept, self.log_file):
            for each in (file, file.with_name(file.name + ".part")):
                with contextlib.suppress(OSError):
                    each.unlink()

    def address(self) -> str:
        """A new address for a player to listen at."""
        name = f"p{secrets.token_hex(4)}"
        if sys.platform == "win32":
            return rf"\\.\pipe\playlistkit-{name}"
        path = str(self.folder / name)
        if len(os.fsencode(path)) < 100:
            return path
        return str(Path(tempfile.mkdtemp(prefix="playlistkit-")) / name)  # only its owner can open that


class Lock:
    """Held by the one player that plays; the system lets go of it when the process dies."""

    def __init__(self, place: Place) -> None:
        self._path = place.folder / "lock"
        self._file: Any = None

    def take(self, patience: float = 0.0) -> bool:
        """Whether it could be had, within so many seconds."""
        end = time.monotonic() + patience
        while not self._take():
            if time.monotonic() >= end:
                return False
            time.sleep(0.01)
        return True

    def _take(self) -> bool:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        file = os.fdopen(descriptor, "r+b")
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def free(self) -> bool:
        """Whether nobody holds it; it is had for a moment to see."""
        if not self.take():
            return False
        self.release()
        return True

    def release(self) -> None:
        """Let another have it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
