"""Short excerpts to hear at once: a place in a track, or a join as planned."""

from __future__ import annotations

import io
import os
import wave
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from playlistkit import render as sound
from playlistkit.audio import open_audio
from playlistkit.audio.excerpt import Excerpt
from playlistkit.errors import AudioError, InputError
from playlistkit.library import Library
from playlistkit.model import Plan

__all__ = ["PLAYED_BY_BROWSERS", "TrackSound", "excerpt_wav", "join_wav", "track_sound"]

PLAYED_BY_BROWSERS = {
    ".flac": "audio/flac", ".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".oga": "audio/ogg", ".ogg": "audio/ogg",
    ".opus": "audio/ogg", ".wav": "audio/wav",
}  # fmt: skip
"""Suffixes that all current browsers play, with their media types."""

MOST_SECONDS = 600.0  # of an excerpt


@dataclass(frozen=True, slots=True)
class TrackSound:
    """Where to find a track's sound."""

    path: str
    media_type: str | None
    """`None` if browsers can't play the file, or the track is part of it: use `excerpt_wav`."""
    duration: float
    """Seconds."""
    start: float = 0.0
    """Seconds into the file at which the track begins."""


def track_sound(library: Library, track: str) -> TrackSound:
    """The file of the track with this id.

    Raises
    ------
    InputError
        If there is no such track, or none of its files is there now.
    """
    known = library.get(track).track
    if known.path is None:
        raise InputError(f"“{known.title or track}” has no file on this machine to play")
    if not os.path.isfile(known.path):  # noqa: PTH113 -- keeps odd names
        raise InputError(
            f"{known.path}: the file is gone; plug in its disk, or scan the folder in its new place"
        )
    suffix = os.path.splitext(known.path)[1].lower()  # noqa: PTH122
    media_type = None if known.is_part else PLAYED_BY_BROWSERS.get(suffix)
    return TrackSound(known.path, media_type, known.duration, known.start)


def excerpt_wav(path: str, start: float, seconds: float) -> bytes:
    """An excerpt of a file as WAV: 16 bit, stereo.

    Raises
    ------
    AudioError
        If it can't be decoded there.
    """
    return _wav([sound.Part(path, max(0.0, start), min(max(seconds, 1.0), MOST_SECONDS))])


def join_wav(plan: Plan, number: int, *, around: float = 20.0) -> bytes:
    """The join between slots `number` and `number` + 1, as WAV: levelled and overlapping as planned.

    Parameters
    ----------
    plan : Plan
    number : int
        0 for the join between the first slot and the second.
    around : float
        Seconds before the overlap and after it.

    Raises
    ------
    InputError
        If there is no such join.
    ExportError, AudioError
        If a track has no file, or it can't be decoded there.
    """
    if not 0 <= number < len((*plan.slots, *plan.tail)) - 1:
        raise InputError(f"this plan has no join {number + 1}; choose one of its joins")
    parts = sound.join_parts(plan, [number], before=around, after=around, pause=0.0)
    for part in parts:
        if not os.path.isfile(part.path):  # noqa: PTH113
            raise AudioError(
                f"{part.path}: the file is gone; plug in its disk, or scan the folder in its new place"
            )
    return _wav(parts)


def _wav(parts: Sequence[sound.Part]) -> bytes:
    """Parts as WAV. Decodes only what is heard of each file, where its format allows that."""
    import numpy as np

    sources: dict[str, AbstractContextManager[sound.AudioSource]] = {}
    named = []
    for number, part in enumerate(parts):
        try:
            sources[str(number)] = Excerpt(part.path, part.offset, part.duration + 1.0)
            named.append(replace(part, path=str(number), offset=0.0))
        except AudioError:  # FFmpeg refuses it or can't seek in it
            sources[str(number)] = open_audio(part.path)
            named.append(replace(part, path=str(number)))
    blocks = [*sound.mix(named, sources.__getitem__)]
    samples = np.concatenate(blocks) if blocks else np.zeros((0, 2), np.float32)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(sound.RATE)
        written.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()
