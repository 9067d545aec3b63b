"""Audio files: their samples, their tags, and both at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playlistkit.audio.content import digest
from playlistkit.audio.embedded import cue_sheet
from playlistkit.audio.opening import AudioStream, open_audio
from playlistkit.audio.stream import SUFFIXES
from playlistkit.audio.tags import Tags, read_tags
from playlistkit.model import Features

if TYPE_CHECKING:
    from playlistkit.analysis.lowlevel import LowLevel

__all__ = [
    "SUFFIXES",
    "AudioStream",
    "Listened",
    "Tags",
    "cue_sheet",
    "digest",
    "listen",
    "open_audio",
    "read_tags",
]


@dataclass(frozen=True, slots=True)
class Listened:
    """Everything learned from a file: the result of `listen`, small enough to send between processes."""

    tags: Tags
    duration: float
    """Seconds, as decoded."""
    features: Features
    low_level: LowLevel
    """What the features were computed from, to be kept for `analysis.interpret`."""
    whole: str | None = None
    """A digest of all bytes of the file (`digest`)."""


def listen(
    path: str | os.PathLike[str],
    *,
    voice: bool = True,
    start: float = 0.0,
    end: float | None = None,
    title: str | None = None,
) -> Listened:
    """Read a file once: its tags, its duration and every feature.

    Meant to run in a worker process: it keeps no state, its memory is bounded whatever the file's length, and
    what it returns or raises pickles.

    Parameters
    ----------
    path : path-like
        Audio file.
    voice : bool
        Also run the network that hears voices.
    start, end : float
        Seconds into the file, if the track is only that part of it.
    title : str, optional
        Title of that part, since the file's own title and lyrics don't describe it.

    Raises
    ------
    AudioError
        If the file can't be decoded to its end.
    """
    from playlistkit import analysis

    with open_audio(path, start, end) as stream:
        tags = read_tags(path, stream.written, title=title)
        heard = analysis.hear(stream.blocks(), stream.rate, voice=voice, hint=tags.vocals)
        # after listening, while the system still holds what was just read
        return Listened(tags, stream.decoded, heard.features, heard.low_level, digest(path))
