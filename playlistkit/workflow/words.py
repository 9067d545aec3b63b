"""The words for people that `report` makes, for the command line and the page."""

from __future__ import annotations

from playlistkit.report.words import (
    artist_of,
    certified,
    clock,
    finding_line,
    flagged_joins,
    length,
    pinned,
    plain,
    players,
    remarks,
    source,
    template_lines,
    tempo,
    title_of,
    voice,
)

__all__ = [
    "artist_of",
    "certified",
    "clock",
    "finding_line",
    "flagged_joins",
    "length",
    "pinned",
    "plain",
    "players",
    "remarks",
    "source",
    "template_lines",
    "tempo",
    "title_of",
    "voice",
]
