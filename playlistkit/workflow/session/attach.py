"""Find the session that plays, or the one that was interrupted. Imports no planner, so the first page has it at once."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from playlistkit import player
from playlistkit.errors import PlaylistkitError
from playlistkit.player import NAMES, Answer, Name, NoPlayerError, Remote, Snapshot, State
from playlistkit.player.place import Place

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
    "to_store",
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


def to_store(folder: str | os.PathLike[str] | None = None) -> bool:
    """Whether the last session's record waits to be stored under its client (`played.collect` does so)."""
    place = Place(folder)
    options = place.options()
    return options.get("client") is not None and Path(options.get("record") or place.record_file).exists()


def attach(folder: str | os.PathLike[str] | None = None) -> Remote:
    """The session that plays; as `player.attach`."""
    return player.attach(folder)


def interrupted(folder: str | os.PathLike[str] | None = None) -> Snapshot | None:
    """The interrupted session, if there is one; as `player.interrupted`."""
    return player.interrupted(folder)


def go_on(folder: str | os.PathLike[str] | None = None) -> Remote:
    """Continue the interrupted session; as `player.go_on`."""
    return player.go_on(folder)
