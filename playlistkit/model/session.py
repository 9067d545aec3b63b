"""The session: a template with today's choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from playlistkit.figures import counted, number
from playlistkit.model.template import Template

__all__ = [
    "Pin",
    "Player",
    "Session",
]

Player = Literal["files", "spotify", "render"]
"""What will play the session (`--for`); decides gain and overlap, and so what is heard."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A track that the plan must hold.

    Without phase or time, it may play anywhere the rules allow.
    """

    track: str
    """The track's id."""
    phase: str | None = None
    place: Literal["first", "last"] | None = None
    """First or last of its phase."""
    time: float | None = None
    """Seconds from the session's start at which it should be playing."""


@dataclass(frozen=True, slots=True)
class Session:
    """A template with today's choices."""

    template: Template
    """As planned: variants and minutes are already applied."""
    name: str = ""
    variants: tuple[str, ...] = ()
    """The variants applied, for the record."""
    minutes: Mapping[str, float] = field(default_factory=dict, hash=False)
    """The minutes asked for, by phase, for the record."""
    pins: tuple[Pin, ...] = ()
    excluded_tracks: frozenset[str] = frozenset()
    """Ids excluded today."""
    excluded_artists: frozenset[str] = frozenset()
    """Names of people, compared without case, accents and typographic signs; joint credits count."""
    used_tracks: frozenset[str] = frozenset()
    """Ids of the client's earlier plans, not to be repeated. Never written into a plan."""
    last_session: tuple[str, ...] = ()
    """Ids of the client's last session, in order. Never written into a plan."""
    player: Player = "files"
    overlap: float | None = None
    """Seconds of crossfade; `None` for the template's."""
    seed: int | None = None
    """Chooses among plans within 1 % of the best; `None` gives the best."""
    strict: bool = False
    """Where voice is restricted, refuse tracks whose voice is unknown."""
    best_effort: bool = False
    """If the library can't fill the template, break the fewest and mildest rules, and mark where."""

    def __repr__(self) -> str:
        chosen = "".join(f", {each}" for each in self.variants)
        pins = f", {counted(len(self.pins), 'pin')}" if self.pins else ""
        minutes = f"{number(self.template.minutes)} min"
        return f"<Session {(self.name or self.template.name)!r}: {minutes}{chosen}{pins}, for {self.player}>"
