"""What this machine stores about a client: an alias, the tracks of earlier plans, marks, ratings.

Nothing else: no name, no date, nothing about the client's experience. The alias is free text that
enters no plan or exported file, and forgetting it leaves no byte of it in the library's folder.
"""

from __future__ import annotations

import builtins
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from playlistkit.arguments import checks_arguments
from playlistkit.errors import InputError
from playlistkit.library.database import Database
from playlistkit.names import fold

__all__ = ["Client", "ClientSession", "Clients"]


@dataclass(frozen=True, slots=True)
class ClientSession:
    """One session of a client."""

    number: int
    """1 for the first."""
    tracks: tuple[str, ...] = ()
    """Ids in the order of the plan."""
    liking: float | None = None
    """0 to 10."""
    resonance: float | None = None
    """0 to 10."""
    openness: float | None = None
    """0 to 10."""


@dataclass(frozen=True, slots=True)
class Client:
    """An alias and how much is remembered for it."""

    alias: str
    sessions: int
    tracks: int
    """Different tracks in all sessions."""
    keep: int
    """Tracks marked `keep` for this client."""
    avoid: int


@checks_arguments
class Clients:
    """The clients of a library, `Library.clients`.

    Methods that need an existing client raise `InputError` if there is none.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> list[Client]:
        """All clients by alias."""
        rows = self._database.rows(
            """
            SELECT alias,
                (SELECT count(*) FROM client_session WHERE client = key),
                (SELECT count(DISTINCT track) FROM client_track WHERE client = key),
                (SELECT count(*) FROM client_mark WHERE client = key AND mark = 'keep'),
                (SELECT count(*) FROM client_mark WHERE client = key AND mark = 'avoid')
            FROM client ORDER BY alias
            """
        )
        return [Client(*row) for row in rows]

    def add(self, alias: str) -> None:
        """Add an alias; an existing one stays as it is."""
        with self._database.transaction():
            self._key(alias, make=True)

    def remember(self, alias: str, tracks: Sequence[str], *, session: int | None = None) -> int:
        """Remember the tracks of a plan.

        Parameters
        ----------
        alias : str
            A new alias is created.
        tracks : sequence of str
            Ids in the order of the plan.
        session : int, optional
            The session to replace, if it was planned again; by default a new one.

        Returns
        -------
        int
            The session's number.
        """
        with self._database.transaction():
            key = self._key(alias, make=True)
            if session is None:
                session = self._next(key)
                self._database.run(
                    "INSERT INTO client_session (client, number) VALUES (?, ?)", (key, session)
                )
            else:
                self._number(alias, key, session)
                self._database.run("DELETE FROM client_track WHERE client = ? AND number = ?", (key, session))
            self._database.run_many(
                "INSERT INTO client_track VALUES (?, ?, ?, ?)",
                [(key, session, position, track) for position, track in enumerate(tracks)],
            )
            return session

    def keep_record(self, alias: str, session: int, text: bytes) -> None:
        """Store the record of a session as played, replacing an earlier one."""
        with self._database.transaction():
            key = self._key(alias)
            self._number(alias, key, session)
            self._database.run(
                "INSERT OR REPLACE INTO client_record VALUES (?, ?, ?)", (key, session, zlib.compress(text))
            )

    def record(self, alias: str, session: int | None = None) -> bytes | None:
        """The record of a session as played, by default the last one stored; None if there is none."""
        found = self._database.rows(
            "SELECT packed FROM client_record WHERE client = ? AND number = coalesce(?, number) "
            "ORDER BY number DESC LIMIT 1",
            (self._key(alias), session),
        )
        return zlib.decompress(found[0][0]) if found else None

    def sessions(self, alias: str) -> builtins.list[ClientSession]:
        """The sessions of a client, first to last."""
        key = self._key(alias)
        tracks: dict[int, builtins.list[str]] = {}
        for number, track in self._database.rows(
            "SELECT number, track FROM client_track WHERE client = ? ORDER BY number, position", (key,)
        ):
            tracks.setdefault(number, []).append(track)
        return [
            ClientSession(number, tuple(tracks.get(number, ())), *ratings)
            for number, *ratings in self._database.rows(
                "SELECT number, liking, resonance, openness FROM client_session WHERE client = ? "
                "ORDER BY number",
                (key,),
            )
        ]

    def used(self, alias: str) -> set[str]:
        """Ids of all tracks in a client's earlier plans; none for a new alias."""
        return {
            str(track)
            for (track,) in self._database.rows(
                "SELECT DISTINCT track FROM client_track JOIN client ON key = client WHERE alias = ?",
                (_checked(alias),),
            )
        }

    def mark(self, alias: str, track: str, mark: Literal["keep", "avoid"] | None) -> None:
        """Mark a track keep or avoid for one client; `None` removes the mark. A new alias is created.

        Raises
        ------
        InputError
            If it is no such mark, a new alias is invalid, or there is no client whose mark to remove.
        """
        with self._database.transaction():
            key = self._key(alias, make=mark is not None)
            self._database.run("DELETE FROM client_mark WHERE client = ? AND track = ?", (key, track))
            if mark is not None:
                self._database.run("INSERT INTO client_mark VALUES (?, ?, ?)", (key, track, mark))

    def kept(self, alias: str) -> set[str]:
        """Ids of the tracks marked `keep` for a client; none for a new alias."""
        return self._marked(alias, "keep")

    def avoided(self, alias: str) -> set[str]:
        """Ids of the tracks marked `avoid` for a client; none for a new alias."""
        return self._marked(alias, "avoid")

    def rate(
        self,
        alias: str,
        *,
        session: int | None = None,
        liking: float | None = None,
        resonance: float | None = None,
        openness: float | None = None,
    ) -> ClientSession:
        """Store ratings from 0 to 10 for a session; ratings not given stay as they are.

        Parameters
        ----------
        alias : str
        session : int, optional
            Its number; by default the last.
        liking, resonance, openness : float, optional
            0 to 10.

        Returns
        -------
        ClientSession
            The session as it is now.

        Raises
        ------
        InputError
            If there is no such client or session, or a rating lies outside 0 to 10.
        """
        given = {"liking": liking, "resonance": resonance, "openness": openness}
        for name, value in given.items():
            if value is not None and not (math.isfinite(value) and 0 <= value <= 10):
                raise InputError(f"{name} {value:g}: give a rating from 0 to 10")
        with self._database.transaction():
            key = self._key(alias)
            number = self._number(alias, key, session)
            self._database.run(
                "UPDATE client_session SET liking = coalesce(?, liking), resonance = coalesce(?, resonance), "
                "openness = coalesce(?, openness) WHERE client = ? AND number = ?",
                (*given.values(), key, number),
            )
        return next(each for each in self.sessions(alias) if each.number == number)

    def rename(self, alias: str, new: str) -> None:
        """Rename a client; nothing of the old alias remains in the library's folder.

        Raises
        ------
        InputError
            If there is no such client, or the new alias is taken or empty.
        LibraryError
            If another program is using the library, so that traces of the old alias remain for now.
        """
        new = _checked(new)
        with self._database.transaction():
            key = self._key(alias)
            if self._database.rows("SELECT 1 FROM client WHERE alias = ? AND key <> ?", (new, key)):
                raise InputError(f"there is already a client {new!r}; choose another alias")
            self._database.run("UPDATE client SET alias = ? WHERE key = ?", (new, key))
        self._database.scrub()

    def forget(self, alias: str) -> None:
        """Delete a client and everything stored about them, so that nothing remains on the disk.

        Forgetting an unknown alias is an error, but still clears traces that an earlier try had to leave.

        Raises
        ------
        InputError
            If there is no such client.
        LibraryError
            If another program is using the library, so that traces remain for now.
        """
        deleted = self._database.run("DELETE FROM client WHERE alias = ?", (_checked(alias),))
        self._database.scrub()
        if not deleted:
            self._key(alias)

    def forget_session(self, alias: str, session: int) -> None:
        """Delete one session of a client, such as a plan that was not played; its tracks may be used again."""
        with self._database.transaction():
            key = self._key(alias)
            number = self._number(alias, key, session)
            self._database.run("DELETE FROM client_session WHERE client = ? AND number = ?", (key, number))
        self._database.scrub()

    def _marked(self, alias: str, mark: str) -> set[str]:
        return {
            str(track)
            for (track,) in self._database.rows(
                "SELECT track FROM client_mark JOIN client ON key = client WHERE alias = ? AND mark = ?",
                (_checked(alias), mark),
            )
        }

    def check(self, alias: str) -> None:
        """Refuse an alias that looks like a typo of another, since that would split a client's sessions.

        Raises
        ------
        InputError
            If there is a client of nearly that name, or the alias is invalid.
        """
        alias = _checked(alias)
        for each in self.list():
            if each.alias != alias and fold(each.alias) == fold(alias):
                raise InputError(
                    f"there is a client {each.alias!r}; write it like that, or choose an alias less like it than {alias!r}"
                )

    def _key(self, alias: str, *, make: bool = False) -> int:
        alias = _checked(alias)
        if make:
            self.check(alias)
            self._database.run("INSERT OR IGNORE INTO client (alias) VALUES (?)", (alias,))
        for (key,) in self._database.rows("SELECT key FROM client WHERE alias = ?", (alias,)):
            return int(key)
        aliases = [each.alias for each in self.list()]
        known = f"; there are {', '.join(map(repr, aliases))}" if aliases else "; there are none yet"
        raise InputError(f"there is no client {alias!r}{known}")

    def _next(self, key: int) -> int:
        number: int
        ((number,),) = self._database.rows(
            "SELECT coalesce(max(number), 0) + 1 FROM client_session WHERE client = ?", (key,)
        )
        return number

    def _number(self, alias: str, key: int, session: int | None) -> int:
        rows = self._database.rows(
            "SELECT number FROM client_session WHERE client = ? ORDER BY number", (key,)
        )
        numbers: builtins.list[int] = [number for (number,) in rows]
        if not numbers or session not in (None, *numbers):
            wanted = "no session" if session is None else f"no session {session}"
            raise InputError(f"client {alias!r} has {wanted} yet; there are {len(numbers)}")
        return numbers[-1] if session is None else session


def _checked(alias: str) -> str:
    alias = alias.strip()
    if not alias or not alias.isprintable():
        raise InputError(f"the alias {alias!r} is empty or can't be printed; choose a word of your own")
    return alias
