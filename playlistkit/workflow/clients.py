"""Aliases: what is stored for them, and how it is deleted."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.figures import counted
from playlistkit.library import Client, ClientSession, Library, default_path
from playlistkit.model import Candidate, Plan
from playlistkit.workflow.session import played

__all__ = [
    "RATINGS", "Heard", "Kept", "client_line", "everything", "forget", "known_aliases", "look_back", "marks", "rename",
    "session_line",
]  # fmt: skip

RATINGS = ("liking", "resonance", "openness")
"""The ratings of a session's music, each from 0 to 10."""

Mark = Literal["keep", "avoid"]


def known_aliases(library: str | os.PathLike[str] | None = None) -> list[str]:
    """The aliases in a library file; none if the file is missing or unreadable."""
    path = default_path() if library is None else Path(library)
    with contextlib.suppress(PlaylistkitError):
        if path.exists():
            with Library(path) as opened:
                return [each.alias for each in opened.clients.list()]
    return []


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything stored for one alias."""

    client: Client
    sessions: tuple[ClientSession, ...]
    marks: tuple[tuple[Mark, Candidate], ...]
    """Marked tracks that the library still knows."""


def everything(library: Library) -> list[Kept]:
    """Everything stored, alias by alias."""
    return [
        Kept(client, tuple(library.clients.sessions(client.alias)), tuple(marks(library, client.alias)))
        for client in library.clients.list()
    ]


def marks(library: Library, alias: str) -> list[tuple[Mark, Candidate]]:
    """The tracks that are marked for an alias."""
    marked: tuple[tuple[Mark, set[str]], ...] = (
        ("keep", library.clients.kept(alias)),
        ("avoid", library.clients.avoided(alias)),
    )
    return [(mark, candidate) for mark, ids in marked for candidate in library.load(sorted(ids))]


@dataclass(frozen=True, slots=True)
class Heard:
    """A past session."""

    session: ClientSession
    played: Plan | None
    """As played; `None` if no record is stored."""
    tracks: list[Candidate]
    """The tracks heard; the tracks planned if no record is stored."""
    keep: set[str]
    """Ids of the tracks with this mark for the client, whichever session played them."""
    avoid: set[str]


def look_back(library: Library, alias: str, number: int) -> Heard:
    """A past session of a client, as heard.

    Raises
    ------
    InputError
        If there is none.
    """
    session = next((each for each in library.clients.sessions(alias) if each.number == number), None)
    if session is None:
        raise InputError(f"session {number} of this client is no longer stored; choose another")
    as_played = None
    if library.clients.record(alias, number) is not None:
        as_played = played.played(played.record_of(library, alias, number))
    return Heard(
        session,
        as_played,
        library.load(session.tracks),
        library.clients.kept(alias),
        library.clients.avoided(alias),
    )


def forget(library: Library, alias: str) -> None:
    """Delete an alias and everything stored for it, in the library and in the player's folder.

    Raises
    ------
    InputError
        If there is none.
    LibraryError
        If their session is playing, or another program uses the library.
    """
    played.drop(alias)
    library.clients.forget(alias)


def rename(library: Library, alias: str, new: str) -> None:
    """Give an alias another name; the old one is erased."""
    played.renamed(library, alias, new)
    library.clients.rename(alias, new)


def client_line(client: Client) -> str:
    """How much is stored for an alias, on one line."""
    heard = f"{counted(client.sessions, 'session')}, {counted(client.tracks, 'track')}"
    return f"{heard}, {client.keep} marked keep, {client.avoid} avoid"


def session_line(session: ClientSession) -> str:
    """A session's number of tracks and ratings, on one line."""
    ratings = [f"{name} {value:g}" for name in RATINGS if (value := getattr(session, name)) is not None]
    return ", ".join([counted(len(session.tracks), "track"), *ratings])
