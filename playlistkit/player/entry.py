"""A cue on its way to the ear, and what `undo` goes back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from playlistkit.player.values import Cue, Name, Rung, Setlist
from playlistkit.render import Part

__all__ = ["Before", "Entry"]


@dataclass(slots=True, eq=False)
class Entry:
    """A cue in the mixer's hands."""

    cue: Cue
    rung: Rung
    skip: float = 0.0
    """Seconds into the cue at which it begins."""
    used: list[Cue] = field(default_factory=list)
    """What it took from the coming cues."""
    begin: int | None = None
    """Sample at which it begins to sound, once known."""
    part: Part | None = None
    stopgap: bool = False
    """Whether it stands in for files that may come back."""
    fade_in: float | None = None
    """Seconds of crossfade by which an order led to it; None where it comes in its turn."""
    fade_out: float | None = None
    """Seconds in which it fades, where that is not its overlap: its file broke off."""

    @property
    def played(self) -> Cue:
        """The cue from where it begins."""
        if not self.skip:
            return self.cue
        return replace(self.cue, offset=self.cue.offset + self.skip, duration=self.cue.duration - self.skip)


@dataclass(frozen=True, slots=True)
class Before:
    """What `undo` goes back to."""

    name: Name
    coming: tuple[Cue, ...]
    reserves: Mapping[str, tuple[Cue, ...]]
    held: bool
    grounding: bool
    left: Entry | None
    """What played, if the order left it; with the seconds into it as `skip`."""
    setlist: Setlist
