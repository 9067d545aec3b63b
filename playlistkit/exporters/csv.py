"""CSV for spreadsheets: one row a slot, the tail at the end, UTF-8 with a byte-order mark.

A text that a spreadsheet would take for a formula gets an apostrophe in front. A file whose name is not plain
text is written as a `file://` URI.
"""

from __future__ import annotations

import csv
import io

from playlistkit.exporters.naming import UNPRINTABLE, Naming, file_uri, line
from playlistkit.model import Plan, Slot

__all__ = ["COLUMNS", "FORMULA", "OF_PARTS", "render"]

COLUMNS = (
    "phase", "start", "plays", "overlap", "gain", "title", "artist", "album", "duration", "tempo",
    "pulse_clarity", "energy", "loudness", "loudness_range", "brightness", "percussiveness", "key", "mode",
    "vocals", "isrc", "path", "uri", "id", "reason"
)  # fmt: skip
"""The header; times in seconds from the session's start, `plays` and `duration` in seconds, gain in dB."""

OF_PARTS = ("file_start", "file_end")
"""Extra columns: a track's place in its file, in seconds; only for albums in one file."""

FORMULA = ("=", "+", "-", "@")
"""First characters of texts that get an apostrophe."""


def render(plan: Plan, naming: Naming) -> bytes:
    """The plan as a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    slots = (*plan.slots, *plan.tail)
    parts = any(slot.track.is_part for slot in slots)
    writer.writerow((*COLUMNS, *OF_PARTS) if parts else COLUMNS)
    for slot in slots:
        where = (slot.track.start or None, slot.track.end) if parts else ()
        writer.writerow([_cell(value) for value in (*_row(slot, naming), *where)])
    return text.getvalue().encode("utf-8-sig")


def _row(slot: Slot, naming: Naming) -> tuple[str | float | None, ...]:
    track, features = slot.track, slot.features
    path = track.path
    if path is not None:
        path = naming.path(path) if path == line(path) else file_uri(path)
        # a blank would be trimmed when it is read
        path = f"./{path}" if path.startswith((" ", *FORMULA)) else path
    return (
        slot.phase, slot.start, slot.duration, slot.overlap, slot.gain, track.title, track.artist, track.album,
        track.duration, features.tempo, features.pulse_clarity, features.energy, features.loudness,
        features.loudness_range, features.brightness, features.percussiveness, features.key, features.mode,
        features.vocals, track.isrc, path, track.uri, track.id, slot.reason,
    )  # fmt: skip


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = line(value) if UNPRINTABLE.search(value) else value
        return f"'{text}" if text.lstrip().startswith(FORMULA) else text
    return str(round(float(value), 4)).removesuffix(".0")
