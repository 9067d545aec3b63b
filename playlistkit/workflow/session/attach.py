"""Find the session that plays, or the one that was interrupted. Imports no planner, so the first page has it at once."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass

from playlistkit import player
from playlistkit.errors import PlaylistkitError
from playlistkit.player import NAMES, Answer, Name, NoPlayerError, Remote, Snapshot, State

__all__ = [
    "NAMES",
    "Answer",
    "Name",
    "NoPlayerError",
    "Remote",
    "Snapshot",
    "Standing",
    "State",
    "attach",
    "go_on",
    "interrupted",
    "standing",
]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a session plays or was interrupted."""

    plays: bool = False
    left: Snapshot | None = None
    """The interrupted session."""


def standing(folder: str | os.PathLike[str] | None = None) -> Standing:
    """Whether a session plays or was interrupted; neither if that can't be found out."""
    with contextlib.suppress(PlaylistkitError):
        left = interrupted(folder)
        return (
            Standing(left=left)
            if left is not None
            else Standing(plays=attach(folder).state().mode != "ended")
        )
    return Standing()


def attach(folder: str | os.PathLike[str] | None = None) -> Remote:
    """The session that plays; as `player.attach`."""
    return player.attach(folder)


def interrupted(folder: str | os.PathLike[str] | None = None) -> Snapshot | None:
    """The interrupted session, if there is one; as `player.interrupted`."""
    return player.interrupted(folder)


def go_on(folder: str | os.PathLike[str] | None = None) -> Remote:
    """Continue the interrupted session; as `player.go_on`."""
    return player.go_on(folder)
