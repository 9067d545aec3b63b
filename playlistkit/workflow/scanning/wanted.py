"""Which tracks each file holds: one, or the parts into which a CUE sheet cuts it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from playlistkit.audio import Tags
from playlistkit.model import Track
from playlistkit.sources.cue import Stretch
from playlistkit.sources.folder import Found

__all__ = ["Request", "Wanted", "part_digest"]


@dataclass(frozen=True, slots=True)
class Request:
    """What a worker should listen to."""

    path: str
    start: float = 0.0
    end: float | None = None
    title: str | None = None
    """Title of the part."""
    look: bool = False
    """Whether to return the sheet embedded in the file, if there is one, instead of listening."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file, or a part of one, that should be in the library."""

    file: Found
    part: Stretch | None = None
    within: int | None = None
    """How many tracks the sheet in the file's own tags has, if that sheet cuts it."""
    look: bool = False
    """Whether a sheet embedded in the file may still cut it."""

    @property
    def start(self) -> float:
        """Seconds into the file."""
        return self.part.start if self.part is not None else 0.0

    @property
    def end(self) -> float | None:
        """Seconds into the file; `None` for the end of the file."""
        return self.part.end if self.part is not None else None

    @property
    def request(self) -> Request:
        """The worker's task."""
        title = self.part.title if self.part is not None else None
        return Request(self.file.path, self.start, self.end, title, self.look)

    def digest(self, of_file: str) -> str:
        """The id derived from its content and the file's."""
        return of_file if self.part is None else part_digest(of_file, self.start, self.end)

    def track(self, digest: str, tags: Tags | None = None, duration: float = 0.0) -> Track:
        """The track as the sheet describes it, completed from the file's tags."""
        part, told = self.part, tags or Tags()
        if part is None:
            return Track(
                digest,
                path=self.file.path,
                title=told.title,
                artist=told.artist,
                album=told.album,
                isrc=told.isrc,
                genre=told.genre,
                duration=duration,
                album_artist=told.album_artist,
                people=told.people,
                work=told.work,
                movement=told.movement,
            )
        return Track(
            digest,
            path=self.file.path,
            title=part.title,
            artist=part.artist or told.artist,
            album=part.album or told.album or told.title,
            isrc=part.isrc,
            genre=part.genre or told.genre,
            duration=duration,
            album_artist=part.album_artist or told.album_artist,
            people=() if part.artist else told.people,
            start=self.start,
            end=self.end,
        )


def part_digest(of_file: str, start: float, end: float | None) -> str:
    """The id derived from a part's content: the same wherever the file is, another if the part is cut differently."""
    told = f"{of_file} {start:.4f} {'' if end is None else f'{end:.4f}'}"
    return hashlib.blake2b(told.encode(), digest_size=6).hexdigest()
