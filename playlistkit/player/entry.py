"""A cue in the mixer, and the state to which `undo` returns."""

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
    """The coming cues that it used up."""
    begin: int | None = None
    """Sample at which it begins to sound, once known."""
    part: Part | None = None
    stopgap: bool = False
    """Whether it replaces files that may come back."""
    fade_in: float | None = None
    """Seconds of crossfade if an order led to it; `None` if it comes in its turn."""
    fade_out: float | None = None
    """Seconds in which it fades, if its file broke off; else its overlap applies."""

    @property
    def played(self) -> Cue:
        """The cue from the point at which it begins."""
        if not self.skip:
            return self.cue
        return replace(self.cue, offset=self.cue.offset + self.skip, duration=self.cue.duration - self.skip)


@dataclass(frozen=True, slots=True)
class Before:
    """The state to which `undo` returns."""

    name: Name
    coming: tuple[Cue, ...]
    reserves: Mapping[str, tuple[Cue, ...]]
    held: bool
    grounding: bool
    left: Entry | None
    """The cue that was playing, if the order left it, with the seconds into it as `skip`."""
    setlist: Setlist
