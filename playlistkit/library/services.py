"""What was asked of services that give features, when, and the result."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass

from playlistkit.library.tracks import Library

__all__ = ["Answer", "ServiceMemory"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's answer about a track."""

    day: datetime.date
    names: tuple[str, ...]
    """The features taken; empty if it does not know the track."""


class ServiceMemory:
    """The answers of one service.

    Parameters
    ----------
    library : Library
        An open one.
    service : str
    """

    def __init__(self, library: Library, service: str) -> None:
        self._database = library._database
        self.service = service

    def answers(self) -> dict[str, Answer]:
        """By the id of the track."""
        return {
            str(track): Answer(datetime.date.fromisoformat(day), tuple(json.loads(names)))
            for track, day, names in self._database.rows(
                "SELECT track, day, names FROM service_answer WHERE service = ?", (self.service,)
            )
        }

    def keep(self, track: str, day: datetime.date, names: Sequence[str]) -> None:
        """Store the result of asking for a track."""
        self._database.run(
            "INSERT OR REPLACE INTO service_answer VALUES (?, ?, ?, ?)",
            (track, self.service, day.isoformat(), json.dumps(list(names))),
        )
