"""The plans being worked on, each with its whole history, so that any change can be undone.

A plan is stored as its JSON text, which this module doesn't read. Its client is stored beside it, and deleted
when the client is forgotten. No date or time is stored.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from playlistkit.arguments import checks_arguments
from playlistkit.errors import InputError
from playlistkit.library.database import Database

__all__ = ["DeletedPlan", "JoinMark", "KeptPlan", "PlanName", "Plans"]

MOST = 300  # revisions of one plan
REVISION = "number, what, locked, packed"
JOIN = "one, two, mark"

JoinMark = Literal["good", "change"]
"""The mark of a join that was listened to."""


@dataclass(frozen=True, slots=True)
class PlanName:
    """A plan in the list of plans."""

    id: str
    name: str
    what: str
    """The last change."""


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan as it is now."""

    id: str
    name: str
    text: str
    """Its JSON."""
    revision: int
    """1 for the first; each change adds one."""
    what: str
    """The last change."""
    locked: tuple[str, ...]
    """Ids of the locked tracks."""
    client: str | None
    """The alias for whom it was planned."""
    undo: str | None
    """The change that undo would undo; `None` if none."""
    redo: str | None
    """The change that redo would redo; `None` if none."""
    marks: Mapping[tuple[str, str], JoinMark]
    """Marks of joins, by the ids of both tracks."""


@dataclass(frozen=True, slots=True)
class DeletedPlan:
    """All that was stored of a plan that was deleted, so that it can be put back."""

    id: str
    name: str
    position: int
    client: str | None
    revisions: tuple[tuple[object, ...], ...]
    joins: tuple[tuple[object, ...], ...]


@checks_arguments
class Plans:
    """The plans of a library, `Library.plans`.

    Every method that takes the id of a plan raises `InputError` if there is none.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> list[PlanName]:
        """All plans, latest first."""
        return [
            PlanName(*row)
            for row in self._database.rows(
                "SELECT id, name, what FROM plan JOIN plan_revision ON plan = id AND number = position "
                "ORDER BY plan.rowid DESC"
            )
        ]

    def keep(self, text: str, *, name: str, what: str, client: str | None = None) -> str:
        """Keep a new plan.

        Parameters
        ----------
        text : str
            Its JSON.
        name, what : str
            Its name; the change, such as "Planned".
        client : str, optional
            An alias that the library knows.

        Returns
        -------
        str
            Its id.
        """
        key = secrets.token_hex(6)
        with self._database.transaction():
            self._database.run(
                "INSERT INTO plan (id, name, position, client) "
                "VALUES (?, ?, 1, (SELECT key FROM client WHERE alias = ?))",
                (key, name, client),
            )
            self._write(key, 1, text, what, ())
        return key

    def revise(self, plan: str, text: str, *, what: str, locked: Sequence[str]) -> int:
        """Store a change of a plan, dropping undone changes; returns the new revision."""
        with self._database.transaction():
            number = self._position(plan) + 1
            self._database.run("DELETE FROM plan_revision WHERE plan = ? AND number >= ?", (plan, number))
            self._database.run(
                "DELETE FROM plan_revision WHERE plan = ? AND number <= ?", (plan, number - MOST)
            )
            self._write(plan, number, text, what, locked)
            self._database.run("UPDATE plan SET position = ? WHERE id = ?", (number, plan))
        return number

    def get(self, plan: str) -> KeptPlan:
        """A plan as it is now."""
        position = self._position(plan)
        name, alias = self._database.rows(
            "SELECT name, alias FROM plan LEFT JOIN client ON key = client WHERE id = ?", (plan,)
        )[0]
        said: dict[int, str] = dict(
            self._database.rows(
                "SELECT number, what FROM plan_revision WHERE plan = ? AND number BETWEEN ? AND ?",
                (plan, position - 1, position + 1),
            )
        )
        packed, locked = self._database.rows(
            "SELECT packed, locked FROM plan_revision WHERE plan = ? AND number = ?", (plan, position)
        )[0]
        marks = {
            (one, two): mark
            for one, two, mark in self._database.rows(
                "SELECT one, two, mark FROM plan_join WHERE plan = ?", (plan,)
            )
        }
        return KeptPlan(
            id=plan,
            name=name,
            text=zlib.decompress(packed).decode(),
            revision=position,
            what=said[position],
            locked=tuple(json.loads(locked)),
            client=alias,
            undo=said[position] if position - 1 in said else None,
            redo=said.get(position + 1),
            marks=marks,
        )

    def step(self, plan: str, steps: Literal[-1, 1]) -> None:
        """Undo the last change (-1), or redo an undone one (1).

        Raises
        ------
        InputError
            If there is nothing to undo or redo.
        """
        with self._database.transaction():
            number = self._position(plan) + steps
            if not self._database.rows(
                "SELECT 1 FROM plan_revision WHERE plan = ? AND number = ?", (plan, number)
            ):
                raise InputError("there is nothing more to undo" if steps < 0 else "there is nothing to redo")
            self._database.run("UPDATE plan SET position = ? WHERE id = ?", (number, plan))

    def mark_join(self, plan: str, one: str, two: str, mark: JoinMark | None) -> None:
        """Mark how a join sounds, by the ids of its tracks; `None` removes the mark."""
        with self._database.transaction():
            self._position(plan)
            self._database.run(
                "DELETE FROM plan_join WHERE plan = ? AND one = ? AND two = ?", (plan, one, two)
            )
            if mark is not None:
                self._database.run("INSERT INTO plan_join VALUES (?, ?, ?, ?)", (plan, one, two, mark))

    def rename(self, plan: str, name: str) -> None:
        """Rename a plan; a name that can't be printed is refused."""
        if not name.strip() or not name.isprintable():
            raise InputError("a plan needs a name that can be read; give one")
        self._position(plan)
        self._database.run("UPDATE plan SET name = ? WHERE id = ?", (name.strip(), plan))

    def delete(self, plans: Iterable[str]) -> tuple[DeletedPlan, ...]:
        """Delete plans with their history; returns what `put_back` needs."""
        with self._database.transaction():
            deleted = tuple(self._whole(plan) for plan in plans)
            for each in deleted:
                self._database.run("DELETE FROM plan WHERE id = ?", (each.id,))
        return deleted

    def put_back(self, deleted: DeletedPlan) -> None:
        """Store a deleted plan again, with its history; without its client, if that was forgotten meanwhile."""
        with self._database.transaction():
            self._database.run(
                "INSERT INTO plan (id, name, position, client) "
                "VALUES (?, ?, ?, (SELECT key FROM client WHERE alias = ?))",
                (deleted.id, deleted.name, deleted.position, deleted.client),
            )
            for rows, table, columns in (
                (deleted.revisions, "plan_revision", REVISION),
                (deleted.joins, "plan_join", JOIN),
            ):
                marks = ", ".join("?" * (columns.count(",") + 2))
                sql = f"INSERT INTO {table} (plan, {columns}) VALUES ({marks})"  # noqa: S608 - our own names
                self._database.run_many(sql, ((deleted.id, *row) for row in rows))

    def _whole(self, plan: str) -> DeletedPlan:
        position = self._position(plan)
        name, client = self._database.rows(
            "SELECT name, alias FROM plan LEFT JOIN client ON key = client WHERE id = ?", (plan,)
        )[0]
        revisions = self._database.rows(f"SELECT {REVISION} FROM plan_revision WHERE plan = ?", (plan,))  # noqa: S608
        joins = self._database.rows(f"SELECT {JOIN} FROM plan_join WHERE plan = ?", (plan,))  # noqa: S608
        return DeletedPlan(plan, name, position, client, tuple(revisions), tuple(joins))

    def _position(self, plan: str) -> int:
        rows = self._database.rows("SELECT position FROM plan WHERE id = ?", (plan,))
        if not rows:
            raise InputError("this plan is no longer here; it was deleted, or is in another library")
        return int(rows[0][0])

    def _write(self, plan: str, number: int, text: str, what: str, locked: Sequence[str]) -> None:
        self._database.run(
            "INSERT INTO plan_revision (plan, number, what, locked, packed) VALUES (?, ?, ?, ?, ?)",
            (plan, number, what, json.dumps(list(locked)), zlib.compress(text.encode(), 3)),
        )
