"""The CUE sheet embedded in a file: in its tags, where players and rippers write it, or in FLAC's own block."""

from __future__ import annotations

import contextlib
import os
import re
from typing import Any

from playlistkit.audio.tags import values_of
from playlistkit.figures import CD_FRAMES

__all__ = ["cue_sheet"]

NAMES = ("cuesheet", "txxx:cuesheet", "----:com.apple.itunes:cuesheet")
INDEX = re.compile(r"\bINDEX\s+0?1\b", re.IGNORECASE)
LEAD_OUT = 170  # FLAC's number of what follows the last track


def cue_sheet(path: str | os.PathLike[str]) -> str | None:
    """The text of a file's own CUE sheet; `None` if it has none, or one of fewer than two tracks."""
    import mutagen

    with contextlib.suppress(Exception):  # mutagen raises whatever a crafted tag provokes
        file: Any = mutagen.File(path)
        for text in (*_tags(file), _block(file)):
            if len(INDEX.findall(text)) > 1:
                return text
    return None


def _tags(file: Any) -> list[str]:
    tags = file.tags or {}
    found: list[str] = []
    for key in list(tags.keys()):
        if str(key).lower() in NAMES:
            value = tags[key]
            found += values_of(value, lines=True)
    return found


def _block(file: Any) -> str:
    """FLAC's block, which has no titles, as the text of a sheet."""
    block = getattr(file, "cuesheet", None)
    if block is None:
        return ""
    rate = file.info.sample_rate
    lines = [f'FILE "{file.filename}" WAVE']
    for track in block.tracks:
        if track.track_number == LEAD_OUT:
            continue
        lines.append(f"TRACK {track.track_number:02} {'AUDIO' if track.type == 0 else 'MODE1'}")
        isrc = track.isrc.decode("ascii", "replace").strip("\0") if track.isrc else ""
        if isrc:
            lines.append(f"ISRC {isrc}")
        for index in track.indexes:
            if index.index_number == 1:
                frames = round((track.start_offset + index.index_offset) * CD_FRAMES / rate)
                minutes, rest = divmod(frames, 60 * CD_FRAMES)
                lines.append(f"INDEX 01 {minutes:02}:{rest // CD_FRAMES:02}:{rest % CD_FRAMES:02}")
    return "\n".join(lines)
