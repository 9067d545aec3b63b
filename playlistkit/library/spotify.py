"""What is remembered about Spotify: how far each playlist was pulled, and the decision on each local track."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from playlistkit.library.tracks import Library

__all__ = ["Decision", "SpotifyMemory"]

State = Literal["taken", "chosen", "open", "none", "skipped"]


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision about a local track."""

    asked: str
    """The search used."""
    state: State
    """Taken automatically, chosen by the therapist, left open, not found, or skipped by the therapist."""
    uri: str | None = None
    candidates: tuple[Mapping[str, Any], ...] = ()
    """The candidates as stored, best first."""


class SpotifyMemory:
    """The memory of a library.

    Parameters
    ----------
    library : Library
        An open one.
    """

    def __init__(self, library: Library) -> None:
        self._database = library._database

    def place(self, playlist: str, snapshot: str) -> int | None:
        """Where to continue with a playlist in this state: 0 if new or changed, `None` if complete."""
        for kept, place in self._database.rows(
            "SELECT snapshot, place FROM spotify_playlist WHERE id = ?", (playlist,)
        ):
            if kept == snapshot:
                return None if place is None else int(place)
        return 0

    def keep_place(self, playlist: str, snapshot: str, place: int | None) -> None:
        """Store how far a playlist was pulled; `None` if completely."""
        self._database.run(
            "INSERT OR REPLACE INTO spotify_playlist VALUES (?, ?, ?)", (playlist, snapshot, place)
        )

    def decisions(self) -> dict[str, Decision]:
        """All decisions, by the local track's id."""
        return {
            str(track): Decision(str(asked), state, uri, tuple(json.loads(str(candidates))))
            for track, asked, state, uri, candidates in self._database.rows(
                "SELECT track, asked, state, uri, candidates FROM spotify_match"
            )
        }

    def keep_decision(self, track: str, decision: Decision) -> None:
        """Store the decision about a track."""
        self._database.run(
            "INSERT OR REPLACE INTO spotify_match VALUES (?, ?, ?, ?, ?)",
            (
                track,
                decision.asked,
                decision.state,
                decision.uri,
                json.dumps([dict(each) for each in decision.candidates], ensure_ascii=False),
            ),
        )
